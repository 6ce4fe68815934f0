package rules

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/internal/valid"
)

// Service imports figures.
type Service struct {
	db    *db.DB
	clock clock.Clock
	valid *valid.Validator
}

// New is a service on a database.
func New(d *db.DB, c clock.Clock) *Service { return &Service{db: d, clock: c, valid: valid.New()} }

// Report is what an import did.
type Report = imports.Report

// figureRow is a row of a rules file.
type figureRow struct {
	Name      string    `sheet:"name" validate:"max=60"`
	Area      string    `sheet:"area_code"`
	ValidFrom time.Time `sheet:"valid_from"`
	Value     string    `sheet:"value" validate:"max=40"`
	Operator  string    `sheet:"operator"`
	Document  string    `sheet:"document" validate:"max=100,no_personal_number"`
	Clause    string    `sheet:"clause" validate:"max=200,no_personal_number"`
	Quote     string    `sheet:"quote" validate:"max=2000,no_personal_number"`

	figure Figure
}

// Import imports figures (规则参数) from an XLSX or CSV file. A row that is on
// record as it is changes nothing; one that differs from the record for the
// same name, area and date is a problem (RULE_DIFFERS): what holds from another
// day is another row. Errors: SHEET_PROBLEMS with a Field for every problem
// (nothing is imported then), and what sheet.Open returns.
func (s *Service) Import(ctx context.Context, path, actor string) (Report, error) {
	return imports.Importer[figureRow, Figure]{
		Layout: sheet.Rules,
		Check: func(row sheet.Row, r *figureRow, is *imports.Issues) {
			is.Refuse(s.valid.Row(row, r)...)
			r.check(row, is)
		},
		Fresh: fresh,
		Write: func(ctx context.Context, tx pgx.Tx, fresh []Figure, file int64) error {
			for _, f := range fresh {
				f.ImportFile = file
				if err := insertFigure(ctx, tx, f, s.clock.Now()); err != nil {
					return err
				}
			}
			return nil
		},
	}.Run(ctx, s.db, s.clock, path, actor)
}

// fresh are the rows of a file that are not on record; figures are hundreds.
func fresh(ctx context.Context, tx pgx.Tx, table *imports.Sheet[figureRow], is *imports.Issues) ([]Figure, error) {
	known, err := List(ctx, tx, "")
	if err != nil {
		return nil, err
	}
	stored := len(known)
	for _, r := range table.Rows {
		f := r.Value.figure
		i := slices.IndexFunc(known, func(k Figure) bool { return k.Name == f.Name && k.Area == f.Area && k.ValidFrom.Equal(f.ValidFrom) })
		switch {
		case i < 0:
			known = append(known, f)
		case i >= stored:
			is.Say(table.At(r.Row, "name", string(f.Name)), "RULE_TWICE")
		case !known[i].same(f):
			is.Say(table.At(r.Row, "value", f.Value), "RULE_DIFFERS", "known", known[i].Value, "document", known[i].Document)
		}
	}
	return known[stored:], nil
}

// check reads a row into its figure.
func (r *figureRow) check(row sheet.Row, is *imports.Issues) {
	r.figure = Figure{Name: NameOf(r.Name), ValidFrom: r.ValidFrom, Document: strings.TrimSpace(r.Document), Clause: strings.TrimSpace(r.Clause), Quote: r.Quote}
	say := func(key, code string, args ...any) { is.Refuse(row.Problem(key, code, args...)) }
	def, ok := DefinitionOf(r.figure.Name)
	if !ok {
		say("name", "RULE_NAME", "known", titles())
		return
	}
	if r.figure.Value, ok = def.check(ident.Normalize(r.Value)); !ok {
		say("value", "RULE_VALUE_"+strings.ToUpper(string(def.Unit)), "min", def.Min, "max", def.Max)
	}
	if r.figure.Area, ok = ParseArea(r.Area); !ok {
		say("area_code", "RULE_AREA")
	}
	if r.figure.Operator, ok = operators[strings.TrimSpace(r.Operator)]; !ok {
		say("operator", "RULE_OPERATOR")
	}
}

// operators are the words of the column.
var operators = map[string]Operator{"": Equal, "=": Equal, "等于": Equal, "≥": AtLeast, ">=": AtLeast, "不低于": AtLeast, "≤": AtMost, "<=": AtMost, "不超过": AtMost}

// NameOf reads a name as the code or the title in either language.
func NameOf(text string) Name {
	text = strings.TrimSpace(text)
	for _, n := range Names() {
		if text == n.Title(i18n.ZH) || strings.EqualFold(text, n.Title(i18n.EN)) {
			return n
		}
	}
	return Name(text)
}

func titles() string {
	var out []string
	for _, n := range Names() {
		out = append(out, n.Title(i18n.ZH))
	}
	return strings.Join(out, "、")
}

// ParseArea fills a code of a province, city, county or township up to 12
// digits; empty and 全国 are the nation. False where it is no code.
func ParseArea(code string) (string, bool) {
	code = ident.Normalize(code)
	if code == "" || code == "全国" {
		return Nation, true
	}
	code += strings.Repeat("0", max(0, 12-len(code)))
	return code, len(code) == 12 && strings.Trim(code, "0123456789") == ""
}
