package carveout

import (
	"slices"

	"fenlu/internal/errs"
	"fenlu/money"
)

// Source is one line of the year's money (a document line, or several summed).
type Source struct {
	Fund     string    // 困难群众救助补助资金 …
	Level    string    // 中央, 省 …
	Document string    // 文号, or how many documents
	Amount   money.Fen // the year's total of this line; a cut is negative
	Barred   bool      // may not pay for services
}

// Rule is a rate and the document that sets it.
type Rule struct {
	Rate     money.Rate
	Document string
}

// Stage is how much has come so far, out of the capped fund and out of others.
type Stage struct {
	Fund   money.Fen `json:"fund"`
	Others money.Fen `json:"others"`
}

// Input is everything the calculation needs.
type Input struct {
	Year     int
	Fund     string   // the capped fund
	Payers   []string // the other funds that may pay for services
	Base     []string // the funds whose totals make the base of the floor
	Decision string   // who decided that this is the base, and when (口径决定)
	Sources  []Source
	Floor    Rule
	Cap      Rule

	// Free is what the sources that are not barred still have for services:
	// not yet paid, not promised to a benefit, whether set aside or not.
	Free Stage

	Planned, Contracted, Accepted, Paid Stage
}

// valid names everything that is wrong with the input at once.
func (in Input) valid() error {
	var fields []errs.Field
	bad := func(column, value, code string) {
		fields = append(fields, errs.Field{Column: column, Value: value, Code: code})
	}
	if in.Fund == "" || slices.Contains(in.Payers, in.Fund) {
		bad("fund", in.Fund, "CARVEOUT_FUND")
	}
	if len(in.Base) == 0 {
		bad("base", in.Decision, "CARVEOUT_BASE")
	}
	for _, r := range []struct {
		name string
		rule Rule
	}{{"floor", in.Floor}, {"cap", in.Cap}} {
		if !proper(r.rule.Rate) {
			bad(r.name, r.rule.Rate.String(), "CARVEOUT_RATE")
		}
	}
	for _, s := range []struct {
		name  string
		stage Stage
	}{{"free", in.Free}, {"planned", in.Planned}, {"contracted", in.Contracted}, {"accepted", in.Accepted}, {"paid", in.Paid}} {
		if least := min(s.stage.Fund, s.stage.Others); least < 0 {
			bad(s.name, least.String(), "CARVEOUT_AMOUNT")
		}
	}
	if len(fields) > 0 {
		return errs.WithFields("CARVEOUT_INPUT", fields)
	}
	return nil
}

// proper says whether a rate is more than nothing and at most the whole.
func proper(r money.Rate) bool {
	whole, err := money.NewRate(1, 1)
	return err == nil && r.Sign() > 0 && r.Cmp(whole) <= 0
}
