package sample

import (
	"testing"

	"fenlu/internal/errs"
	"fenlu/money"
)

// TestYear_lists: everybody is in the lists of the months that are theirs, at what the
// standards say then.
func TestYear_lists(t *testing.T) {
	t.Parallel()
	y, err := GenerateYear(7, 60)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[int]int{}
	for month := 1; month <= 12; month++ {
		covered := map[int32]int{}
		for _, l := range y.Lists(month) {
			for i := range l.Lines {
				line := &l.Lines[i]
				if l.Program == "DB" {
					covered[line.Person]++
				}
				if line.Case > 0 {
					cases[line.Case]++
				}
				if want := y.owed(line, month); line.Amount != want || want <= 0 {
					t.Errorf("month %d: %s, want %s", month, line.Amount, want)
				}
				if l.Program == "LL" && month > stationEnd {
					t.Errorf("month %d pays somebody whose identity has ended", month)
				}
			}
		}
		for _, p := range y.Family {
			if covered[p] != 1 {
				t.Errorf("month %d covers one of the four %d times", month, covered[p])
			}
		}
		if alive := month <= aliveUntil; (covered[y.Dead] == 1) != alive {
			t.Errorf("month %d covers the dead %d times", month, covered[y.Dead])
		}
	}
	for n, times := range cases {
		if times != 1 {
			t.Errorf("case %d is paid %d times", n, times)
		}
	}
}

// TestYear_split: the young household stands on the lists under its own code after the
// split, and under the old one before.
func TestYear_split(t *testing.T) {
	t.Parallel()
	y, err := GenerateYear(7, 60)
	if err != nil {
		t.Fatal(err)
	}
	old := y.HouseholdCode(&y.People[y.Family[0]])
	if old == y.Apart {
		t.Fatalf("both are %s", old)
	}
	for month, want := range map[int]string{splitMonth - 1: old, splitMonth: y.Apart} {
		for row := range y.listTable(y.Lists(month)[0]).rows {
			if row[6] == y.People[y.Family[2]].ID && row[4] != want {
				t.Errorf("month %d: %s, want %s", month, row[4], want)
			}
		}
	}
}

// TestYear_papers: the amounts that the story depends on.
func TestYear_papers(t *testing.T) {
	t.Parallel()
	for _, payments := range []int{leastOfYear, 60, 2000} {
		y, err := GenerateYear(3, payments)
		if err != nil {
			t.Fatal(err)
		}
		of := map[string]money.Fen{}
		for _, p := range y.papers() {
			of[p.number] += p.amount
		}
		if of[AdvanceNotice] != 7_000_000_00 || of[Including] != 10_000_000_00 {
			t.Errorf("notice %s, then %s", of[AdvanceNotice], of[Including])
		}
		frozen := y.PriceList(PriceMay).Total()
		if free := of[PriceFirst] - frozen; of[PriceCut]-free != y.Short() || free <= 0 {
			t.Errorf("%d payments: a cut of %s where %s are free, short by %s", payments, of[PriceCut], free, y.Short())
		}
		if of[PriceLater] < y.Short()+y.PriceList(PriceDecember).Total() {
			t.Errorf("%d payments: %s is too little for December", payments, of[PriceLater])
		}
		if of[ReliefCut] >= of[ProvinceLater] {
			t.Errorf("%d payments: the cap does not rise above what it was", payments)
		}
	}
	if _, err := GenerateYear(3, leastOfYear-1); errs.CodeOf(err) != "SAMPLE_YEAR" {
		t.Errorf("too few: %v", err)
	}
}
