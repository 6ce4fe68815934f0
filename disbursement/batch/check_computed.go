package batch

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/money"
)

// gapKey is what lines share that make up one household's income.
type gapKey struct {
	home   int64
	policy int32
}

// learnGaps computes what the facts on record make of every household's lines under
// a row that makes an income up to a standard; nothing where a fact is missing.
func (x *examiner) learnGaps(ctx context.Context, tx pgx.Tx, lines []Line) error {
	if x.batch.Kind != Roster {
		return nil
	}
	of := map[gapKey][]*Line{}
	var persons, homes []int64
	for i := range lines {
		l := &lines[i]
		if p := x.policies.Row(benefits.PolicyID(l.Policy)); p.Family() != benefits.Gap || l.Person == 0 || l.Household == 0 || l.Occasion != Regular {
			continue
		}
		k := gapKey{l.Household, l.Policy}
		of[k] = append(of[k], l)
		persons, homes = append(persons, l.Person), append(homes, l.Household)
	}
	if len(of) == 0 {
		return nil
	}
	c, err := x.svc.newComputer(ctx, tx, benefits.Program{Code: x.batch.Program}, x.batch.Period, persons, homes)
	if err != nil {
		return err
	}
	ids := make([]parties.HouseholdID, len(homes))
	for i, h := range homes {
		ids[i] = parties.HouseholdID(h)
	}
	heads, err := x.svc.parties.Heads(ctx, tx, ids)
	if err != nil {
		return err
	}
	x.gaps = map[LineID]money.Fen{}
	for k, home := range of {
		if err := x.learnGap(c, k, x.policies.Row(benefits.PolicyID(k.policy)), home, int64(heads[parties.HouseholdID(k.home)])); err != nil {
			return err
		}
	}
	return nil
}

// learnGap computes one household, in the order in which a computed list has it.
func (x *examiner) learnGap(c *computer, k gapKey, p benefits.Policy, lines []*Line, head int64) error {
	slices.SortFunc(lines, func(a, b *Line) int {
		return cmp.Or(-boolInt(a.Person == head)+boolInt(b.Person == head), cmp.Compare(a.Person, b.Person), cmp.Compare(a.No, b.No))
	})
	h := household{id: k.home, township: lines[0].Township, residence: terms.Residence(lines[0].Residence)}
	for _, l := range lines {
		h.covered = append(h.covered, l.Person)
	}
	shares, w, err := c.gap(h, p)
	if err != nil || w.code != "" && !w.nothing() {
		return err
	}
	for i, l := range lines {
		x.gaps[l.ID] = 0
		if !w.nothing() {
			x.gaps[l.ID] = shares[i].amount
		}
	}
	return nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// computed compares a line with what the facts on record make of it (超发/少发清单):
// another amount wants a reason. It says whether the amount is the computed one,
// which with its uplift may be above the standard.
func (x *examiner) computed(l *Line, p benefits.Policy) bool {
	due, known := x.gaps[l.ID]
	if !known || due == l.Amount {
		return known
	}
	code, difference := "amount_over", l.Amount-due // both are not negative
	if difference < 0 {
		code, difference = "amount_under", -difference
	}
	x.found.say(l, Reason, code, "amount", l.Amount.Grouped(), "due", due.Grouped(), "difference", difference.Grouped(), "document", p.Document, "clause", p.Clause)
	return false
}
