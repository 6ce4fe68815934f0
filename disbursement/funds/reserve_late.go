package funds

import (
	"context"
	"slices"

	"fenlu/internal/clock"
	"fenlu/internal/db"
)

// LateKind says what of a case was late.
type LateKind string

// What of a case is late.
const (
	PaidLate   LateKind = "paid"   // paid after it was due (超时支付)
	DueStill   LateKind = "due"    // due and not paid (到期未付)
	PapersLate LateKind = "papers" // written up too late, or not yet (资料逾期)
)

// LateCase is a case of a year that was late.
type LateCase struct {
	Kind LateKind
	Case
}

// LateOf is the report of a year (先行救助超时和资料逾期): the cases whose money left
// after it was due or has not left, and those of the year whose write-up is
// overdue.
func (s *Service) LateOf(ctx context.Context, q db.Querier, year int) ([]LateCase, error) {
	late, err := s.LateCases(ctx, q, year)
	if err != nil {
		return nil, err
	}
	overdue, err := s.OverdueCases(ctx, q)
	if err != nil {
		return nil, err
	}
	all := make([]LateCase, 0, len(late))
	for _, c := range late {
		kind := PaidLate
		if c.ReleasedAt.IsZero() && c.PaidAt.IsZero() {
			kind = DueStill
		}
		all = append(all, LateCase{kind, c})
	}
	overdue = slices.DeleteFunc(overdue, func(c Case) bool { return c.DrawnAt.In(clock.Shanghai).Year() != year })
	for _, c := range overdue {
		all = append(all, LateCase{PapersLate, c})
	}
	return all, nil
}
