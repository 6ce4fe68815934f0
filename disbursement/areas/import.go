package areas

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/imports"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/internal/valid"
)

// Service imports changes of areas, and offices.
type Service struct {
	db    *db.DB
	clock clock.Clock
	valid *valid.Validator
}

// New is a service on a database.
func New(d *db.DB, c clock.Clock) *Service {
	return &Service{db: d, clock: c, valid: valid.New(valid.WithTag("officecode", officeCode.MatchString))}
}

var officeCode = regexp.MustCompile(`^[A-Z0-9]{2,8}$`)

// Report is what an import did.
type Report struct {
	Import int64         `json:"import"`
	File   string        `json:"file"`
	Rows   int           `json:"rows"`
	Replay bool          `json:"replay"` // the same file had been imported before: nothing was done
	New    int           `json:"new"`
	Same   int           `json:"same"` // rows that are on record as they are
	Notes  imports.Notes `json:"notes"`
}

type changeRow struct {
	Code      string    `sheet:"area_code"`
	Kind      string    `sheet:"change"`
	Name      string    `sheet:"name" validate:"max=100,no_personal_number"`
	Successor string    `sheet:"successor"`
	From      time.Time `sheet:"valid_from"`
	Document  string    `sheet:"document" validate:"max=100,no_personal_number"`

	change Change
}

type officeRow struct {
	Code     string    `sheet:"office" validate:"officecode"`
	Name     string    `sheet:"name" validate:"max=80,no_personal_number"`
	Area     string    `sheet:"area_code"`
	From     time.Time `sheet:"valid_from"`
	State    string    `sheet:"state"`
	Document string    `sheet:"document" validate:"max=100,no_personal_number"`

	office Office
}

// Import imports changes of areas (区划变更) from an XLSX or CSV file. A row that
// is on record as it is changes nothing; another one for the same area and day is
// a problem. Townships do not merge here: their reserves move with the document
// (funds.MergeTownship). Errors: AUTH_RIGHT_MISSING; SHEET_PROBLEMS with a Field
// for every problem (nothing is imported then), and what sheet.Open returns.
func (s *Service) Import(ctx context.Context, path string) (Report, error) {
	actor, err := auth.Require(ctx, auth.PolicyImport)
	if err != nil {
		return Report{}, err
	}
	table, err := imports.Read(ctx, path, "", sheet.Areas, func(row sheet.Row, r *changeRow, is *imports.Issues) {
		is.Refuse(s.valid.Row(row, r)...)
		r.check(row, is)
	})
	if err != nil {
		return Report{}, err
	}
	return run(ctx, s, table, actor, func(ctx context.Context, tx pgx.Tx, is *imports.Issues, id int64) (int, error) {
		known, err := Changes(ctx, tx)
		if err != nil {
			return 0, err
		}
		fresh := freshChanges(known, table, is)
		if err := is.Err(); err != nil {
			return 0, err
		}
		for _, c := range fresh {
			c.ImportFile, c.By, c.At = id, actor.Login, s.clock.Now().Truncate(time.Microsecond)
			if err := insertChange(ctx, tx, c); err != nil {
				return 0, err
			}
		}
		return len(fresh), nil
	})
}

// ImportOffices imports offices (单位) from an XLSX or CSV file; as Import.
func (s *Service) ImportOffices(ctx context.Context, path string) (Report, error) {
	actor, err := auth.Require(ctx, auth.PolicyImport)
	if err != nil {
		return Report{}, err
	}
	table, err := imports.Read(ctx, path, "", sheet.Offices, func(row sheet.Row, r *officeRow, is *imports.Issues) {
		is.Refuse(s.valid.Row(row, r)...)
		r.check(row, is)
	})
	if err != nil {
		return Report{}, err
	}
	return run(ctx, s, table, actor, func(ctx context.Context, tx pgx.Tx, is *imports.Issues, id int64) (int, error) {
		known, err := officeRows(ctx, tx)
		if err != nil {
			return 0, err
		}
		fresh := freshOffices(known, table, is)
		if err := is.Err(); err != nil {
			return 0, err
		}
		for _, o := range fresh {
			o.ImportFile = id
			if err := insertOffice(ctx, tx, o, s.clock.Now()); err != nil {
				return 0, err
			}
		}
		return len(fresh), nil
	})
}

// run is an import's transaction: the file is recorded, or it is a replay; then
// store decides and writes, and says how many rows were new. An import that loses a race on a row
// starts again and finds it.
func run[T any](ctx context.Context, s *Service, table *imports.Sheet[T], actor auth.Actor,
	store func(context.Context, pgx.Tx, *imports.Issues, int64) (int, error)) (Report, error) {
	for try := 1; ; try++ {
		var report Report
		err := s.db.Run(ctx, func(tx pgx.Tx) error {
			id, replay, err := imports.Record(ctx, tx, table.File, actor.Login, s.clock.Now())
			report = Report{Import: id, File: table.File.Name, Rows: table.File.Rows, Replay: replay}
			if err != nil || replay {
				return err
			}
			is := table.Issues.Copy()
			report.New, err = store(ctx, tx, is, id)
			report.Same, report.Notes = len(table.Rows)-report.New, is.Notes()
			return err
		})
		if constraint, _ := db.Violation(err); constraint != "area_change_row" && constraint != "office_row" || try == raceTries {
			return report, err
		}
	}
}

const raceTries = 8

// freshChanges are the rows of a file that are not on record.
func freshChanges(known []Change, table *imports.Sheet[changeRow], is *imports.Issues) []Change {
	stored := len(known)
	for _, r := range table.Rows {
		c := r.Value.change
		if !table.Read(r.Row, "area_code", "valid_from", "change") || c.Kind == "" {
			continue
		}
		at := table.At(r.Row, "area_code", r.Value.Code)
		i := slices.IndexFunc(known, func(k Change) bool { return k.Code == c.Code && k.From.Equal(c.From) })
		if i >= 0 {
			if i >= stored {
				is.Say(at, "AREA_TWICE")
			} else if !known[i].same(c) {
				is.Say(at, "AREA_DIFFERS", "document", known[i].Document)
			}
			continue
		}
		if c.Kind == Merged {
			if code, args := mergerFault(known, c); code != "" {
				is.Say(table.At(r.Row, "successor", r.Value.Successor), code, args...)
			}
		}
		known = append(known, c)
	}
	return known[stored:]
}

// freshOffices are the rows of a file that are not on record.
func freshOffices(known []Office, table *imports.Sheet[officeRow], is *imports.Issues) []Office {
	stored := len(known)
	for _, r := range table.Rows {
		o := r.Value.office
		if !table.Read(r.Row, "office", "valid_from") {
			continue
		}
		at := table.At(r.Row, "office", r.Value.Code)
		i := slices.IndexFunc(known, func(k Office) bool { return k.Code == o.Code && k.From.Equal(o.From) })
		switch {
		case i >= stored:
			is.Say(at, "OFFICE_TWICE")
		case i >= 0 && !known[i].same(o):
			is.Say(at, "OFFICE_DIFFERS", "name", known[i].Name, "document", known[i].Document)
		case i < 0:
			known = append(known, o)
		}
	}
	return known[stored:]
}

// check reads a row into its change.
func (r *changeRow) check(row sheet.Row, is *imports.Issues) {
	say := func(key, code string) { is.Refuse(row.Problem(key, code)) }
	c := Change{Code: ident.Normalize(r.Code), Name: strings.TrimSpace(r.Name), Successor: ident.Normalize(r.Successor), From: r.From, Document: strings.TrimSpace(r.Document)}
	area, found := ident.CheckArea(c.Code)
	is.Findings(row.Problem("area_code", ""), found)
	kind, known := kindOf(r.Kind)
	if !known {
		say("change", "AREA_KIND")
		return
	}
	c.Kind = kind
	switch names := kind == SetUp || kind == Renamed; {
	case names && c.Name == "":
		say("name", "AREA_NAME")
	case !names:
		c.Name = ""
	}
	switch {
	case kind != Merged && c.Successor != "":
		say("successor", "AREA_NO_SUCCESSOR")
	case kind == Merged && area.Level() == ident.Township:
		say("change", "AREA_MERGE_TOWNSHIP")
		return
	case kind == Merged:
		_, found := ident.CheckArea(c.Successor)
		is.Findings(row.Problem("successor", ""), found)
	}
	r.change = c
}

func (r *officeRow) check(row sheet.Row, is *imports.Issues) {
	o := Office{Code: ident.Normalize(r.Code), Name: strings.TrimSpace(r.Name), Area: ident.Normalize(r.Area), From: r.From, Document: strings.TrimSpace(r.Document)}
	_, found := ident.CheckArea(o.Area)
	is.Findings(row.Problem("area_code", ""), found)
	var known bool
	if o.Closed, known = closedOf(r.State); !known {
		is.Refuse(row.Problem("state", "OFFICE_STATE"))
	}
	r.office = o
}

// kindOf reads a kind as its code or its word in either language.
func kindOf(text string) (Kind, bool) {
	text = strings.TrimSpace(text)
	for _, k := range []Kind{SetUp, Renamed, Merged, Abolished} {
		if text == string(k) || text == i18n.Term(i18n.ZH, "area.kind", string(k)) || strings.EqualFold(text, i18n.Term(i18n.EN, "area.kind", string(k))) {
			return k, true
		}
	}
	return "", false
}

// closedOf reads whether an office is closed; empty is open.
func closedOf(text string) (closed, known bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "启用", "open":
		return false, true
	case "停用", "closed":
		return true, true
	}
	return false, false
}
