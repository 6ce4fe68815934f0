// Package auth says who may do what, and where.
//
// The nouns: a user (用户) is a person with a login in an office (单位); a
// right (权限) is the code of something a user may do; an Actor (操作人) is the
// user on whose behalf a call runs, with the rights they hold, carried in the
// context; the demo mark (演示库标记) is a row that only an empty database can
// get, and that alone makes acting as somebody by name possible.
//
// Invariants kept here:
//
//   - Rights are given and taken by appending rows: the last row of a user and
//     right counts, and the earlier ones stay to be read.
//   - Nobody gives a right to themselves, and nobody without the right
//     users.manage adds users or changes rights; the first user of an empty
//     database is the one exception, and there is only one first user.
//   - A disabled user does nothing any more; their past stays.
//   - A database that has users or books is never marked as a demo.
//   - Acting as somebody by name is refused in every database without the mark.
//
// Use:
//
//	ctx, err := users.ActAs(ctx, "wang.min")        // demo databases only
//	…
//	actor, err := auth.Require(ctx, auth.BatchApprove) // in the service that approves
//
// It does not know what a batch or a document is: a right is a code to it, an
// office a name.
package auth
