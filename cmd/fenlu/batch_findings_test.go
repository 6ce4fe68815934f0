package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/parties"
)

// TestFindingList has one row for each finding, with its line, and one without a
// line for what concerns the list as a whole.
func TestFindingList(t *testing.T) {
	t.Parallel()
	l := findingList{
		found: []batch.Finding{
			{No: 1, LineNo: 3, Code: "amount_differs", Severity: batch.Block, Args: map[string]string{"amount": "419.99", "due": "420.00", "document": "文", "clause": "条"}},
			{No: 2, Code: "empty", Severity: batch.Block},
		},
		lines:  map[int32]batch.Line{3: {No: 3, Person: 7, Component: "basic", Class: "农村A档", Month: "2026-10", Amount: 419_99}},
		batch:  batch.Batch{Program: "DB"},
		names:  words{programs: benefits.Catalogue{Programs: []benefits.Program{{Code: "DB", Components: []benefits.Component{{Code: "basic", NameZH: "基本生活"}}}}}},
		people: map[parties.PersonID]parties.Person{7: {Name: "柳禾", Masked: "9913**********0022"}},
	}
	want := [][]string{
		{"3", "柳禾", "9913**********0022", "基本生活", "农村A档", "2026-10", "419.99", "拦截", "金额 419.99 元，标准为 420.00 元（文 条）"},
		{"", "", "", "", "", "", "", "拦截", "清单没有明细"},
	}
	if diff := cmp.Diff(want, l.Cells("zh")); diff != "" || len(l.Heads()) != len(want[0]) {
		t.Error(diff)
	}
}
