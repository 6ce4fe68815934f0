package batch

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/entitlements"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/money"
)

// sides are the rows of the matrix that concern a program, seen from it: a row of
// two of its own classes is there twice. row is the place in the matrix.
type sides struct {
	row                                                                            []int32
	component, class, otherProgram, otherComponent, otherClass, area, month, scope column
}

type column []string

func sidesOf(m entitlements.Matrix, program string) sides {
	var s sides
	for i, e := range m {
		if e.Fact != "" || e.Effect == entitlements.Allow {
			continue
		}
		if e.One.Program == program {
			s.add(i, e, e.One, e.Other)
		}
		if e.Other.Program == program && e.One != e.Other {
			s.add(i, e, e.Other, e.One)
		}
	}
	return s
}

func (s *sides) add(i int, e entitlements.Exclusion, mine, other entitlements.Side) {
	s.row = append(s.row, int32(i)) //nolint:gosec // the matrix has hundreds of rows
	for _, c := range []struct {
		to    *column
		value string
	}{
		{&s.component, mine.Component}, {&s.class, mine.Class}, {&s.otherProgram, other.Program}, {&s.otherComponent, other.Component},
		{&s.otherClass, other.Class}, {&s.area, e.AreaPrefix() + "%"}, {&s.month, string(e.Month())}, {&s.scope, string(e.Scope)},
	} {
		*c.to = append(*c.to, c.value)
	}
}

// exclusion is a line of a list and another line that a row of the matrix keeps
// from being paid in the same month.
type exclusion struct {
	Row      int
	Line     LineID
	No       int32
	Township string
	Month    terms.Month
	Person   int64 // of the other line
	Program  string
	Class    string
	Office   string
	Batch    string
	OtherNo  int32
}

// The three ways in which two lines meet: one person by his live once-keys, one
// person twice in the list itself, one household by its lines.
const (
	excludedHead = `SELECT DISTINCT r.no, l.id, l.no, l.township, l.month, m.person, m.program, m.class, c.office, c.code, m.no
		FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
			AS r (no, component, class, other_program, other_component, other_class, area, month, scope)
		JOIN entitlement_line l ON l.batch = $1 AND l.status = 'listed' AND (r.component = '' OR l.component = r.component)
			AND l.class LIKE r.class AND l.township LIKE r.area AND l.month >= r.month`
	excludedOther = ` AND m.class LIKE r.other_class JOIN batch c ON c.id = m.batch`

	excludedByKey = excludedHead + `
		LEFT JOIN once_alias a ON a.subject = l.person
		JOIN once_key k ON k.subject = coalesce(a.now, l.person) AND k.program = r.other_program AND k.month = l.month AND k.freed IS NULL
			AND k.line <> l.id AND (r.other_component = '' OR k.component = r.other_component)
		JOIN entitlement_line m ON m.id = k.line AND m.batch <> l.batch` + excludedOther
	excludedInList = excludedHead + `
		JOIN entitlement_line m ON m.person = l.person AND m.batch = l.batch AND m.no < l.no AND m.month = l.month AND m.status = 'listed'
			AND m.program = r.other_program AND (r.other_component = '' OR m.component = r.other_component)` + excludedOther
	excludedAtHome = excludedHead + `
		JOIN entitlement_line m ON m.household = l.household AND m.person <> l.person AND m.month = l.month
			AND m.program = r.other_program AND (r.other_component = '' OR m.component = r.other_component)
			AND (m.batch = l.batch AND m.no < l.no AND m.status = 'listed'
				OR m.batch <> l.batch AND EXISTS (SELECT 1 FROM once_key k WHERE k.line = m.id AND k.freed IS NULL))` + excludedOther + `
		WHERE r.scope = 'household'`
)

// excluded finds the lines of a list that rows of the matrix exclude, in list
// order.
func excluded(ctx context.Context, q db.Querier, id ID, s sides) ([]exclusion, error) {
	var all []exclusion
	for _, sql := range []string{excludedByKey, excludedInList, excludedAtHome} {
		rows, err := q.Query(ctx, sql, id, s.row, s.component, s.class, s.otherProgram, s.otherComponent, s.otherClass, s.area, s.month, s.scope)
		if err != nil {
			return nil, fmt.Errorf("exclusions of batch %d: %w", id, err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[exclusion])
		if err != nil {
			return nil, fmt.Errorf("exclusions of batch %d: %w", id, err)
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(a, b exclusion) int {
		return cmp.Or(cmp.Compare(a.No, b.No), cmp.Compare(a.Batch, b.Batch), cmp.Compare(a.OtherNo, b.OtherNo))
	})
	return all, nil
}

// earlier is what the same person had for the same component the month before.
type earlier struct {
	Line   LineID
	No     int32
	Batch  string
	Month  terms.Month
	Policy int32
	Amount money.Fen
}

// earlierOf finds the lines of the month before a period that continue in it.
func earlierOf(ctx context.Context, q db.Querier, lines []LineID, period terms.Month) (map[LineID]earlier, error) {
	rows, err := q.Query(ctx, `SELECT l.id, m.no, c.code, m.month, m.policy, m.amount_fen
		FROM entitlement_line l
		JOIN LATERAL (SELECT k.line FROM once_key k WHERE k.subject = coalesce((SELECT a.now FROM once_alias a WHERE a.subject = l.person), l.person)
			AND k.program = l.program AND k.component = l.component AND k.month = $2 AND k.occasion = l.occasion AND k.freed IS NULL LIMIT 1) k ON true
		JOIN entitlement_line m ON m.id = k.line
		JOIN batch c ON c.id = m.batch
		WHERE l.id = ANY($1) AND l.month = $3 AND l.person IS NOT NULL AND l.occasion = $4`, lines, string(period.Add(-1)), string(period), Regular)
	if err != nil {
		return nil, fmt.Errorf("lines of the month before: %w", err)
	}
	out := map[LineID]earlier{}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[earlier])
	for _, e := range found {
		out[e.Line] = e
	}
	return out, err
}
