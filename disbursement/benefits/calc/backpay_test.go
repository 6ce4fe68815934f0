package calc

import (
	"fmt"
	"testing"

	"fenlu/money"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestComputeBackPay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		due, paid []Owed
		pay       []Owed
		review    []Review
		amount    money.Fen
	}{
		{
			name: "nothing was paid for a month",
			due:  []Owed{{"2018-02", "省", 500}, {"2018-01", "省", 500}},
			paid: []Owed{{"2018-01", "省", 500}},
			pay:  []Owed{{"2018-02", "省", 500}}, amount: 500,
		},
		{
			name: "an overpaid month is looked at and no other month pays for it",
			due:  []Owed{{"2018-01", "省", 500}, {"2018-02", "省", 500}},
			paid: []Owed{{"2018-01", "省", 600}, {"2018-02", "省", 450}},
			pay:  []Owed{{"2018-02", "省", 50}}, review: []Review{{Overpaid, "2018-01", "省", 100}}, amount: 50,
		},
		{
			name:   "a month paid though nothing was due",
			paid:   []Owed{{"2018-03", "县", 50}},
			review: []Review{{Overpaid, "2018-03", "县", 50}},
		},
		{
			name:   "a layer that paid another's part pays the person nothing",
			due:    []Owed{{"2018-01", "省", 500}, {"2018-01", "县", 0}},
			paid:   []Owed{{"2018-01", "省", 450}, {"2018-01", "县", 50}},
			review: []Review{{WrongLayer, "2018-01", "县", 50}},
		},
		{
			name: "only the month's own difference is paid",
			due:  []Owed{{"2018-01", "省", 580}, {"2018-01", "县", 30}},
			paid: []Owed{{"2018-01", "省", 500}, {"2018-01", "县", 50}},
			pay:  []Owed{{"2018-01", "省", 60}}, review: []Review{{WrongLayer, "2018-01", "县", 20}}, amount: 60,
		},
		{
			name:   "an overpaid month with a layer that paid too little",
			due:    []Owed{{"2018-01", "省", 500}, {"2018-01", "县", 50}},
			paid:   []Owed{{"2018-01", "省", 490}, {"2018-01", "县", 100}},
			review: []Review{{Overpaid, "2018-01", "县", 40}, {WrongLayer, "2018-01", "县", 10}},
		},
		{
			name: "a returned payment counts as not paid",
			due:  []Owed{{"2018-01", "省", 500}},
			paid: []Owed{{"2018-01", "省", 450}, {"2018-01", "省", -450}},
			pay:  []Owed{{"2018-01", "省", 500}}, amount: 500,
		},
		{
			name: "months go by time and layers as they are named",
			due:  []Owed{{"2018-11", "省", 5}, {"2018-11", "县", 1}, {"2018-02", "县", 2}, {"2018-02", "省", 3}},
			pay:  []Owed{{"2018-02", "省", 3}, {"2018-02", "县", 2}, {"2018-11", "省", 5}, {"2018-11", "县", 1}}, amount: 11,
		},
		{name: "nothing at all"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, err := ComputeBackPay(EachFen, c.due, c.paid)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.pay, b.Pay); diff != "" {
				t.Errorf("pay: %s", diff)
			}
			if diff := cmp.Diff(c.review, b.Review); diff != "" {
				t.Errorf("review: %s", diff)
			}
			if b.Amount != c.amount {
				t.Errorf("amount is %s, want %s", b.Amount, c.amount)
			}
			readable(t, b.Result)
		})
	}
}

func TestComputeBackPay_refuses(t *testing.T) {
	t.Parallel()
	_, err := ComputeBackPay("", nil, nil)
	refused(t, err, "CALC_METHOD")
	_, err = ComputeBackPay(EachFen, []Owed{{"2018-01", "省", -1}}, nil)
	refused(t, err, "CALC_DUE")
	_, err = ComputeBackPay(EachFen, []Owed{{"2018-13", "省", 1}}, nil)
	refused(t, err, "CALC_MONTH")
	_, err = ComputeBackPay(EachFen, nil, []Owed{{"2018", "省", 1}})
	refused(t, err, "CALC_MONTH")
	_, err = ComputeBackPay(EachFen, []Owed{{"2018-01", "省", money.Max}, {"2018-02", "省", 1}}, nil)
	refused(t, err, "MONEY_OVERFLOW")
	_, err = DueMonths([]Layer{{"省", 1}}, Annual, []string{"January"})
	refused(t, err, "CALC_MONTH")
	_, err = DueMonths(nil, Annual, firstHalf)
	refused(t, err, "CALC_LAYERS")
}

// TestComputeBackPay_once: whatever the history, the back-pay is never
// negative, no month is paid more than it lacks, what is paid and what is
// reviewed explain every difference, and a second run finds nothing to pay.
func TestComputeBackPay_once(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		due, paid := history(t, "due"), history(t, "paid")
		b, err := ComputeBackPay(Annual, due, paid)
		if err != nil {
			t.Fatal(err)
		}
		lacks := byMonth(due)
		for month, amount := range byMonth(paid) {
			lacks[month] -= amount
		}
		pays := byMonth(b.Pay)
		var total money.Fen
		for month, lack := range lacks {
			if pays[month] != max(lack, 0) {
				t.Fatalf("%s lacks %s and gets %s", month, lack, pays[month])
			}
			total += pays[month]
			if over := reviewed(b.Review, month); over != max(-lack, 0) {
				t.Fatalf("%s is overpaid by %s, reviewed are %s", month, -lack, over)
			}
		}
		if total != b.Amount {
			t.Fatalf("months make %s of %s", total, b.Amount)
		}
		again, err := ComputeBackPay(Annual, due, append(paid, b.Pay...))
		if err != nil || again.Amount != 0 || len(again.Pay) != 0 {
			t.Fatalf("a second run pays %v, %v", again.Pay, err)
		}
	})
}

func history(t *rapid.T, name string) []Owed {
	var all []Owed
	for i := range rapid.IntRange(0, 12).Draw(t, name) {
		all = append(all, Owed{
			Month:  fmt.Sprintf("2018-%02d", rapid.IntRange(1, 4).Draw(t, fmt.Sprint("month ", i))),
			Level:  rapid.SampledFrom([]string{"省", "市", "县"}).Draw(t, fmt.Sprint("level ", i)),
			Amount: money.Fen(rapid.Int64Range(0, 1000).Draw(t, fmt.Sprint("amount ", i))),
		})
	}
	return all
}

func byMonth(all []Owed) map[string]money.Fen {
	sums := map[string]money.Fen{}
	for _, o := range all {
		sums[o.Month] += o.Amount
	}
	return sums
}

func reviewed(all []Review, month string) (sum money.Fen) {
	for _, r := range all {
		if r.Month == month && r.Kind == Overpaid {
			sum += r.Amount
		}
	}
	return sum
}
