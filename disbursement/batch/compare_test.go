package batch_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/disbursement/batch"
)

// TestCompare_with_the_month_before: September paid 1 to 5; October has 6 as
// new, not 5; pays 2 another amount, 3 to another account, and 4 both.
func TestCompare_with_the_month_before(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "省", "100000.00")
	o.money("青财社〔2026〕3号", "县", "100000.00")
	for n := 1; n <= 6; n++ {
		o.people(head(n))
	}
	september := func(n int) row { return poor(n, "集中", "536.00").with("服务月份", "2026-09") }
	if _, err := o.batch.Create(o.all("maker"), batch.Create{Code: "SEP", Office: "QHMZ", Program: "TK", Period: "2026-09", Channel: "DF",
		File: o.csv(rosterHead, september(1), september(2), september(3), september(4), september(5))}); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := o.batch.Check(o.all("checker"), "SEP"); err != nil {
		t.Fatal(explain(err))
	}
	o.people(head(3).with("账号", card(1003)), head(4).with("账号", card(1004)))
	o.made("OCT", "TK", "DF", poor(1, "集中", "536.00"), poor(2, "分散", "431.50"), poor(3, "集中", "536.00"), poor(4, "分散", "431.50"), poor(6, "集中", "536.00"))

	t.Run("a_list_nobody_submitted_is_no_month_before", func(t *testing.T) {
		c := o.compared("OCT", 0)
		if len(c.With) != 0 || c.Total.New != 5 || c.Total.Stopped != 0 {
			t.Errorf("with %v: %+v", c.With, c.Total)
		}
	})
	if _, err := o.batch.Submit(o.all("maker"), "SEP", ""); err != nil {
		t.Fatal(explain(err))
	}

	c := o.compared("OCT", 0)
	got := map[string][]batch.ChangeKind{}
	for _, one := range c.Changes {
		got[one.Name] = one.Kinds
		if one.Masked == "" {
			t.Errorf("%s has no masked number", one.Name)
		}
	}
	want := map[string][]batch.ChangeKind{name(2): {batch.ChangeAmount}, name(3): {batch.ChangeAccount},
		name(4): {batch.ChangeAmount, batch.ChangeAccount}, name(5): {batch.ChangeStopped}, name(6): {batch.ChangeNew}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	total := batch.TownshipChange{LinesBefore: 5, Lines: 5, New: 1, Stopped: 1, Amounts: 2, Accounts: 2, Before: 5 * 53600, Now: 3*53600 + 2*43150}
	if diff := cmp.Diff(total, c.Total); diff != "" {
		t.Error(diff)
	}
	if len(c.Townships) != 1 || c.Townships[0].Now != total.Now {
		t.Errorf("townships: %+v", c.Townships)
	}
	if c := o.compared("OCT", 2); len(c.Changes) != 2 || !c.More || c.Total.Now != total.Now {
		t.Errorf("a page of two: %d changes, more %t", len(c.Changes), c.More)
	}
}

func (o *office) compared(code string, limit int) batch.Comparison {
	o.t.Helper()
	c, err := o.batch.Compare(o.t.Context(), o.db.Pool(), batch.CompareQuery{Code: code, Limit: limit})
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return c
}
