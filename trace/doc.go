// Package trace answers where money came from and where it went, and proves
// that none of it is unaccounted for. It only reads.
//
// From a payment, person, household, unit, document, lot, bank file or single
// yuan it goes both ways: down the documents (指标文件) to the legs (资金分段),
// payments and bank evidence, and back up to the root documents. Balance
// (余额) is the county on one page; Verify runs the checks of every domain in
// one snapshot together with the ones that no domain can make alone.
//
//	svc := trace.New(labels)
//	answer, err := svc.Yuan(ctx, q, trace.YuanQuery{Document: "财社〔2026〕12号", Nth: 1_234_567})
//	answer.Text(os.Stdout, i18n.ZH)
//
// Invariants: every yuan of a document has an answer; every list is cut at a
// limit, goes on from a key and says how much is left; every statement stands
// on an index, except those of Balance and Verify, which read everything once;
// unaccounted (不明) is a sum of largest differences between sources that do
// not derive from each other, so that errors never cancel.
//
// It does not decrypt: names, masked numbers and the search for a person come
// through the Labels that its caller hands it. It does not write, and it does
// not know the rules by which the domains made their rows.
package trace
