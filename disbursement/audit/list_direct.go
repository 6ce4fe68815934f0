package audit

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/money"
)

// DirectFile is what the system of direct funds was told about somebody paid from a
// document (直达资金个人明细).
type DirectFile struct {
	Area     string
	Document string // 文号
	Month    string
	Program  string
	Blind    []byte
	Amount   money.Fen
	SentOn   time.Time
}

type directRow struct {
	Area     string    `sheet:"area_code"`
	Document string    `sheet:"document" validate:"max=100,no_personal_number"`
	Month    string    `sheet:"month,month"`
	Program  string    `sheet:"program"`
	Name     string    `sheet:"name" validate:"max=100"`
	IDNumber string    `sheet:"id_number"`
	Amount   money.Fen `sheet:"amount"`
	SentOn   time.Time `sheet:"sent_on"`

	file DirectFile
}

// ImportDirectFiles imports what the system of direct funds was told (直达资金个人明细;
// peers-and-audits #23). A later day for the same person, document, month and program
// replaces: what was told wrongly is told again, with 0 where nothing is right.
// Errors: SHEET_PROBLEMS, and what sheet.Open returns.
func (s *Service) ImportDirectFiles(ctx context.Context, path, actor string) (imports.Report, error) {
	return list[directRow, DirectFile]{layout: sheet.DirectFiles, column: "id_number", check: s.checkDirect, entries: s.directFiles,
		known: knownDirect, table: "direct_file", columns: strings.Split(directColumns, ", "), values: DirectFile.values}.run(ctx, s, path, actor)
}

func (s *Service) checkDirect(row sheet.Row, r *directRow, is *imports.Issues) {
	r.IDNumber = ident.Normalize(r.IDNumber)
	if r.Amount < 0 {
		is.Refuse(row.Problem("amount", "AUDIT_LIST_NEGATIVE"))
	}
	r.file = DirectFile{Area: area(row, r.Area, is), Document: strings.TrimSpace(r.Document), Month: r.Month, Blind: s.parties.BlindID(r.IDNumber),
		Amount: r.Amount, SentOn: r.SentOn}
}

func (s *Service) directFiles(ctx context.Context, tx pgx.Tx, table *imports.Sheet[directRow], is *imports.Issues) (func(sheet.Record[directRow]) (DirectFile, bool), error) {
	programs, err := programsByName(ctx, tx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(table.Rows))
	for i, r := range table.Rows {
		ids[i] = r.Value.IDNumber
	}
	people, err := s.parties.ResolvePeople(ctx, tx, ids)
	return func(r sheet.Record[directRow]) (DirectFile, bool) {
		var known bool
		f := r.Value.file
		if f.Program, known = programs[strings.TrimSpace(r.Value.Program)]; !known {
			is.Say(table.At(r.Row, "program", r.Value.Program), "AUDIT_LIST_PROGRAM")
		}
		p, there := people[r.Value.IDNumber]
		if !there {
			known = s.stranger(r.Value.IDNumber, table.At(r.Row, "id_number", r.Value.IDNumber), is) && known
		}
		tellName(p, there, r.Value.Name, table.At(r.Row, "name", r.Value.Name), is)
		return f, known
	}, err
}

func (f DirectFile) key() string {
	return strings.Join([]string{f.Month, f.Document, f.Program, string(f.Blind), f.SentOn.Format(time.DateOnly)}, "\x00")
}

func (f DirectFile) same(o DirectFile) bool { return f.Area == o.Area && f.Amount == o.Amount }

const directColumns = "area_code, number, month, program, id_blind, amount_fen, sent_on"

func (f DirectFile) values() []any {
	return []any{f.Area, f.Document, f.Month, f.Program, f.Blind, f.Amount, f.SentOn}
}

func knownDirect(ctx context.Context, tx pgx.Tx, of []DirectFile) ([]DirectFile, error) {
	months, documents := map[string]bool{}, map[string]bool{}
	for _, f := range of {
		months[f.Month], documents[f.Document] = true, true
	}
	return collect(ctx, tx, "direct files", `SELECT `+directColumns+` FROM direct_file WHERE month = ANY($1) AND number = ANY($2)`,
		func(row pgx.CollectableRow) (f DirectFile, err error) {
			err = row.Scan(&f.Area, &f.Document, &f.Month, &f.Program, &f.Blind, &f.Amount, &f.SentOn)
			return f, err
		}, slices.Collect(maps.Keys(months)), slices.Collect(maps.Keys(documents)))
}
