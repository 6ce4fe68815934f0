package funds_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/disbursement/funds"
	"fenlu/money"
)

// TestUnused: what was unused on 31 December is that for ever, whenever it is
// carried over; what another year was allotted is no part of it.
func TestUnused(t *testing.T) {
	t.Parallel()
	for _, issued := range []string{"2026-12-30", "2027-01-05"} {
		t.Run(issued, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.imports(row{amount: "1000.00"}, row{number: "县财预〔2026〕7号", level: "县", fund: work, amount: "500.00"})
			unused := func() map[string]money.Fen {
				got, err := funds.Unused{}.UnusedOf(o.ctx, o.db.Pool(), 2026)
				if err != nil {
					t.Fatal(err)
				}
				return got
			}
			before := unused()
			var sum money.Fen
			for _, fen := range before {
				sum += fen
			}
			if sum != yuan(1500) {
				t.Errorf("unused before: %v", before)
			}
			if _, err := o.funds.CarryOver(o.as("zheng"), funds.CarryOver{Year: 2026, Number: "县财预[2027]1号", Title: "关于结转上年结余的通知", IssuedOn: date(issued)}); err != nil {
				t.Fatal(explain(err))
			}
			if diff := cmp.Diff(before, unused()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
