package batch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/money"
)

// yearKey is whose ceiling of a year it is (年度限额): a class of a component.
type yearKey struct {
	subject          int64
	component, class string
	year             string
}

func (x *examiner) yearKey(l *Line) yearKey {
	return yearKey{x.subject(l), l.Component, l.Class, string(l.Month)[:4]}
}

// learnYears reads what people of a part of the list have in other lists of the
// year under ceilings.
func (x *examiner) learnYears(ctx context.Context, tx pgx.Tx, part []Line) error {
	if x.years == nil {
		x.years = map[yearKey]money.Fen{}
	}
	of := map[string][]int64{}
	asked := map[yearKey]bool{}
	for i := range part {
		l := &part[i]
		k := x.yearKey(l)
		_, known := x.years[k]
		if p := x.policies.Row(benefits.PolicyID(l.Policy)); p.Family() == benefits.YearCeiling && !known && !asked[k] {
			asked[k] = true
			of[k.year] = append(of[k.year], k.subject)
		}
	}
	for year, subjects := range of {
		had, err := hadInYear(ctx, tx, x.batch, year, subjects)
		if err != nil {
			return err
		}
		for k := range asked {
			if k.year == year {
				x.years[k] = had[k]
			}
		}
	}
	return nil
}

// withinYear: what a person has in a year under a ceiling, this list's lines
// included, is the ceiling or less (money-rules G4).
func (x *examiner) withinYear(l *Line, p benefits.Policy) error {
	k := x.yearKey(l)
	before := x.years[k]
	after, err := money.Add(before, l.Amount)
	if err != nil {
		return fmt.Errorf("a year of line %d: %w", l.No, err)
	}
	x.years[k] = after
	if after > p.Amount {
		x.found.say(l, Block, "amount_year", "amount", l.Amount.Grouped(), "had", before.Grouped(), "year", k.year, "due", p.Amount.Grouped(),
			"document", p.Document, "clause", p.Clause)
	}
	return nil
}

// hadInYear adds up the live lines of people in a program and year outside a batch,
// found by their once-keys.
func hadInYear(ctx context.Context, q db.Querier, b Batch, year string, subjects []int64) (map[yearKey]money.Fen, error) {
	months := make([]string, 0, monthsOfYear)
	for m, i := terms.Month(year+"-01"), 0; i < monthsOfYear; m, i = m.Add(1), i+1 {
		months = append(months, string(m))
	}
	rows, err := q.Query(ctx, `SELECT k.subject, k.component, l.class, sum(l.amount_fen)::bigint
		FROM once_key k JOIN entitlement_line l ON l.id = k.line AND l.batch <> $4
		WHERE k.subject = ANY($1) AND k.program = $2 AND k.month = ANY($3) AND k.freed IS NULL
		GROUP BY k.subject, k.component, l.class`, subjects, b.Program, months, b.ID)
	if err != nil {
		return nil, fmt.Errorf("had in %s: %w", year, err)
	}
	out := map[yearKey]money.Fen{}
	k, sum := yearKey{year: year}, money.Fen(0)
	_, err = pgx.ForEachRow(rows, []any{&k.subject, &k.component, &k.class, &sum}, func() error { out[k] = sum; return nil })
	if err != nil {
		return nil, fmt.Errorf("had in %s: %w", year, err)
	}
	return out, nil
}

const monthsOfYear = 12
