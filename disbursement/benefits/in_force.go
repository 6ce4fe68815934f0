package benefits

import (
	"context"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
)

// InForce is policy rows with the amounts that lists are checked with: a row
// that gives its amount is as it is, one that is worked out is worked out where
// the person lives, since its base (the minimum wage of a county) may differ
// from place to place under one row of the city. A nil InForce has no rows.
type InForce struct {
	rows map[PolicyID]Policy
	book Book // filled if a row has to be worked out
	done map[worked]Policy
}

// worked is a row at a place in a month.
type worked struct {
	id    PolicyID
	area  string
	month terms.Month
}

// InForce reads policy rows by id; only where one has to be worked out are all
// standards read. Errors: as Policies.
func (s *Service) InForce(ctx context.Context, q db.Querier, ids []PolicyID) (*InForce, error) {
	rows, err := s.Policies(ctx, q, ids)
	f := &InForce{rows: rows, done: map[worked]Policy{}}
	for _, p := range rows {
		if err == nil && p.Formula != nil && f.book.Policies == nil {
			f.book, err = LoadBook(ctx, q)
		}
	}
	return f, err
}

// Row is a row as it stands on record.
func (f *InForce) Row(id PolicyID) Policy {
	if f == nil {
		return Policy{}
	}
	return f.rows[id]
}

// At is a row with its amount at a place (12 digits; where that is not known,
// the row's own area) in a month. Errors: those of [Book.InForce].
func (f *InForce) At(id PolicyID, area string, month terms.Month) (Policy, error) {
	p := f.Row(id)
	if p.Formula == nil {
		return p, nil
	}
	if area == "" {
		area = p.area()
	}
	key := worked{id, area, month}
	if known, ok := f.done[key]; ok {
		return known, nil
	}
	at, err := f.book.InForce(p, area, month)
	if err == nil {
		f.done[key] = at
	}
	return at, err
}
