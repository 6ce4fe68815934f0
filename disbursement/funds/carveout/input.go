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

	// The base of the floor may be made of other figures than the cap and what may
	// pay (carried in, executed, as of a date): OutOfBase is a source that the
	// decision leaves out of it, BaseOnly one that is counted there alone.
	OutOfBase, BaseOnly bool
}

// Variant is how the base of the floor is read (口径) where no paper defines it
// (money-rules B1, F).
type Variant string

// The variants.
const (
	Together Variant = "together" // 合并计算: one floor over all named funds
	Each     Variant = "each"     // 分别计算: each named fund a floor of its own
)

// Variants are the variants that are computed and shown until one is decided.
func Variants() []Variant { return []Variant{Together, Each} }

// IsValid says whether v is one of the variants.
func (v Variant) IsValid() bool { return slices.Contains(Variants(), v) }

// Share is how far the purchases out of one fund have come, and what it has free.
type Share struct {
	Free, Planned, Contracted, Accepted, Paid money.Fen
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

	// Booked is what was set aside from the capped fund by document: a charge on it,
	// and no mere plan, so that a cut of the fund may leave it above the cap.
	Booked money.Fen

	// Shares are the stages by fund, for the variant that reads each fund alone.
	Shares map[string]Share

	after int // lines of the calculation before this one
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
