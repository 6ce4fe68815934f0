package audit

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/parties"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
)

// Resident is somebody who lived in an institution in a month, as it reports
// (在院名册). Person is 0 where nobody on record had the number.
type Resident struct {
	Unit   int64
	Month  string
	Blind  []byte
	Person int64
}

type residentRow struct {
	CreditCode string `sheet:"credit_code"`
	Month      string `sheet:"month,month"`
	Name       string `sheet:"name" validate:"max=100"`
	IDNumber   string `sheet:"id_number"`
}

// ImportResidents imports who lived in institutions in a month (在院名册;
// peers-and-audits #21). Errors: SHEET_PROBLEMS, and what sheet.Open returns.
func (s *Service) ImportResidents(ctx context.Context, path, actor string) (imports.Report, error) {
	return list[residentRow, Resident]{layout: sheet.Residents, column: "id_number", check: checkResident, entries: s.residents,
		known: knownResidents, table: "resident", columns: []string{"unit", "month", "id_blind", "person"}, values: Resident.values}.run(ctx, s, path, actor)
}

func checkResident(_ sheet.Row, r *residentRow, _ *imports.Issues) {
	r.CreditCode, r.IDNumber = ident.Normalize(r.CreditCode), ident.Normalize(r.IDNumber)
}

func (s *Service) residents(ctx context.Context, tx pgx.Tx, table *imports.Sheet[residentRow], is *imports.Issues) (func(sheet.Record[residentRow]) (Resident, bool), error) {
	ids, codes := make([]string, len(table.Rows)), make([]string, len(table.Rows))
	for i, r := range table.Rows {
		ids[i], codes[i] = r.Value.IDNumber, r.Value.CreditCode
	}
	people, err := s.parties.ResolvePeople(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	units, err := s.parties.Units(ctx, tx, codes)
	return func(r sheet.Record[residentRow]) (Resident, bool) {
		v := r.Value
		u, ok := units[v.CreditCode]
		if !ok {
			is.Say(table.At(r.Row, "credit_code", v.CreditCode), "AUDIT_LIST_UNIT")
		}
		p, there := people[v.IDNumber]
		if !there {
			ok = s.stranger(v.IDNumber, table.At(r.Row, "id_number", v.IDNumber), is) && ok
		}
		tellName(p, there, v.Name, table.At(r.Row, "name", v.Name), is)
		return Resident{Unit: int64(u.ID), Month: v.Month, Blind: s.parties.BlindID(v.IDNumber), Person: int64(p.ID)}, ok
	}, err
}

// stranger checks the number of somebody who is not on record: a temporary one, too,
// would be.
func (s *Service) stranger(number string, at errs.Field, is *imports.Issues) bool {
	_, found := ident.CheckResident(number, s.clock.Now())
	return is.Findings(at, found)
}

// tellName notes a name that is not the one on record.
func tellName(p parties.Person, there bool, name string, at errs.Field, is *imports.Issues) {
	if there && p.Name != strings.TrimSpace(name) {
		is.Tell(at, "ENTITLE_NAME", "name", p.Name)
	}
}

func (r Resident) key() string {
	return r.Month + " " + strconv.FormatInt(r.Unit, 10) + " " + string(r.Blind)
}
func (r Resident) same(Resident) bool { return true }
func (r Resident) values() []any      { return []any{r.Unit, r.Month, r.Blind, numberOrNull(r.Person)} }

func knownResidents(ctx context.Context, tx pgx.Tx, of []Resident) ([]Resident, error) {
	months, units, blinds := make([]string, len(of)), make([]int64, len(of)), make([][]byte, len(of))
	for i, r := range of {
		months[i], units[i], blinds[i] = r.Month, r.Unit, r.Blind
	}
	return collect(ctx, tx, "residents", `SELECT unit, month, id_blind, coalesce(person, 0) FROM resident
		WHERE month = ANY($1) AND unit = ANY($2) AND id_blind = ANY($3)`, func(row pgx.CollectableRow) (r Resident, err error) {
		err = row.Scan(&r.Unit, &r.Month, &r.Blind, &r.Person)
		return r, err
	}, months, units, blinds)
}

func numberOrNull(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}
