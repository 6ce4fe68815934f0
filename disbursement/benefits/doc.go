// Package benefits keeps the catalogue of programs, components and pools, and
// the dated policy rows (政策标准): what a class of a component is owed from a
// month on, by which document and clause, and what each level pays of it.
//
// The nouns: a Program (项目) has Components (分项); a Pool (资金池) says which
// fund's lots of which level may pay a program, in which order; a Policy is one
// standard; its layers (分担) add up to its amount.
//
// A row that gives no amount has a Formula: its Family is the calculator that
// works it out from other standards and reference figures (rules). A Limit
// (标准约束) is what a document says that standards must keep to; documents that
// contradict each other have a row each. A Book is all of them in memory.
//
// Kept here: a policy row in force is never changed, the next one starts on a
// later date; a file with a problem changes nothing; whatever is paid in a
// month has exactly one policy row that says so.
//
//	index, err := svc.PoliciesAt(ctx, tx, "2026-10")
//	policy, ok := index.Get("TK", "basic", "全自理")
//	due, err := benefits.MonthlyAmount(policy, "2026-10")
//	owed, err := book.Owed(policy, area, "2026-10", benefits.Case{}) // and why, line by line
//
// The arithmetic is in calc, which knows no table. Who is owed what is not
// decided here: rosters are.
package benefits
