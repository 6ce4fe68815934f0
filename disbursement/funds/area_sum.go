package funds

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/areas"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/ledger"
	"fenlu/money"
)

// AreaSum is the money of a county (县级汇总): of the offices that work for it, or
// of offices that no area is on record for (Area empty).
type AreaSum struct {
	Area    string                           `json:"area_code"` // 12 digits
	Name    string                           `json:"name"`
	Offices []string                         `json:"offices"`
	Fen     map[ledger.AccountKind]money.Fen `json:"sums"` // appropriated counts upward
}

// AreaSums is the money of each county of an area, and all of it.
type AreaSums struct {
	Area     string    `json:"area_code"`
	Year     int       `json:"year"` // 0: of all years
	Counties []AreaSum `json:"counties"`
	Total    AreaSum   `json:"total"`
}

// AreaSums adds up where the money of each county of an area stands (a
// prefecture sees its counties): by the offices on the budget lines and the areas
// that these work for today. An area of "" is everywhere; offices without an area
// are in a row of their own there. year 0 is all years. Errors: Invalid
// AREA_CODE_FORMAT.
func (s *Service) AreaSums(ctx context.Context, q db.Querier, area string, year int) (AreaSums, error) {
	out := AreaSums{Area: Area12(area), Year: year, Counties: []AreaSum{}, Total: AreaSum{Offices: []string{}, Fen: map[ledger.AccountKind]money.Fen{}}}
	within, faults := ident.CheckArea(out.Area)
	if area != "" && faults.Refused() {
		return out, errs.New(errs.Invalid, "AREA_CODE_FORMAT", "length", len(area))
	}
	offices, err := areas.Offices(ctx, q, s.today())
	if err != nil {
		return out, err
	}
	places := map[string]string{}
	for _, o := range offices {
		a, _ := ident.CheckArea(o.Area)
		places[o.Name] = string(a.Of(ident.County))
	}
	sums, err := officeSums(ctx, q, year)
	if err != nil {
		return out, err
	}
	counties := map[string]*AreaSum{}
	for _, sum := range sums {
		county := places[sum.office]
		if county == "" && area != "" || county != "" && area != "" && !strings.HasPrefix(county, within.Prefix()) {
			continue
		}
		if counties[county] == nil {
			counties[county] = &AreaSum{Area: county, Fen: map[ledger.AccountKind]money.Fen{}}
		}
		for _, to := range []*AreaSum{counties[county], &out.Total} {
			if err := to.add(sum); err != nil {
				return out, err
			}
		}
	}
	names, err := s.parties.Areas(ctx, q, slices.Collect(maps.Keys(counties)))
	for code, c := range counties {
		c.Name = names[code].Name
		out.Counties = append(out.Counties, *c)
	}
	slices.SortFunc(out.Counties, func(a, b AreaSum) int { return cmp.Compare(a.Area, b.Area) })
	return out, err
}

func (a *AreaSum) add(sum officeSum) error {
	if !slices.Contains(a.Offices, sum.office) {
		a.Offices = append(a.Offices, sum.office)
	}
	fen := sum.fen
	if sum.kind == ledger.Appropriated || sum.kind == ledger.Shortfall {
		fen = -fen
	}
	all, err := money.Add(a.Fen[sum.kind], fen)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
	}
	a.Fen[sum.kind] = all
	return nil
}

// officeSum is what an office's budget lines have in accounts of a kind.
type officeSum struct {
	office string
	kind   ledger.AccountKind
	fen    money.Fen
}

func officeSums(ctx context.Context, q db.Querier, year int) ([]officeSum, error) {
	rows, err := q.Query(ctx, `SELECT b.office, a.kind, sum(a.balance_fen)::bigint FROM budget_line b
		JOIN account a ON a.lot = b.lot AND a.budget_line = b.id
		WHERE $1 = 0 OR b.year = $1 GROUP BY b.office, a.kind HAVING sum(a.balance_fen) <> 0 ORDER BY b.office, a.kind`, year)
	if err != nil {
		return nil, fmt.Errorf("sums of offices: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (officeSum, error) {
		var s officeSum
		err := row.Scan(&s.office, &s.kind, &s.fen)
		return s, err
	})
}
