package audit

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/disbursement/rules"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/valid"
	"fenlu/money"
)

// Check is one kind of finding.
type Check struct {
	No      int          // in the list of audit findings
	Code    string       // its title is in the catalogue under "audit.check."
	Figures []rules.Name // what it compares with, whole numbers or amounts in fen: @n1, @n2 … of its query; a rate is @n1 ÷ @d1
	List    string       // the kind of imported list that it compares with; "": none
	// SQL selects (what, person, unit, township, document, fen, days, note) for
	// each thing found; @today is the day, the @day-th of the @days of @year, @since
	// the first service month looked at, @area the prefix of the area's codes with
	// %, @own_blinds and @own_masked the bank accounts that our books know.
	SQL string
}

// Title is the check as a user reads it.
func (c Check) Title(lang i18n.Lang) string { return i18n.T(lang, "audit.check."+c.Code) }

// Rule is what the check holds to, in words.
func (c Check) Rule(lang i18n.Lang) string { return i18n.T(lang, "audit.rule."+c.Code) }

// Row is one thing found.
type Row struct {
	What     string    `json:"what"` // "line 12", "payment 3", "account 7"
	Person   int64     `json:"person,omitempty"`
	Unit     int64     `json:"unit,omitempty"`
	Name     string    `json:"name,omitempty"`
	Masked   string    `json:"masked,omitempty"`
	Township string    `json:"township,omitempty"`
	Document string    `json:"document,omitempty"` // 文号
	Amount   money.Fen `json:"amount"`
	Days     int       `json:"days"`
	Note     string    `json:"note,omitempty"`
}

// Found is what a check found.
type Found struct {
	No     int       `json:"no"`
	Code   string    `json:"code"`
	Count  int       `json:"count"`
	Amount money.Fen `json:"amount"`
	Rows   []Row     `json:"rows"`
	More   bool      `json:"more"`    // there are more rows than were asked for
	NoRule string    `json:"no_rule"` // the figure that no document sets: the check was not run
	NoList string    `json:"no_list"` // the kind of list of which none was imported: the check was not run
	On     []string  `json:"figures"` // what it compared with: "payment.due_day ≤ 10"
}

// Query asks for checks.
type Query struct {
	Area  string    // 12 digits: whose figures count, and whose townships
	On    time.Time // the day from which days are counted; zero: today
	Since string    // service month; "": twelve months before
	Only  []int     // numbers; none: all
	Limit int       // rows of each check; 0: all
}

// Service runs checks and imports the lists that they compare with.
type Service struct {
	db      *db.DB
	parties *parties.Service
	clock   clock.Clock
	valid   *valid.Validator
}

// New is a service on a database; clock says what day it is.
func New(d *db.DB, p *parties.Service, c clock.Clock) *Service {
	return &Service{db: d, parties: p, clock: c, valid: valid.New()}
}

// Run runs checks in one snapshot. Errors: AUDIT_CHECK_UNKNOWN (NotFound) for a
// number that is none.
func (s *Service) Run(ctx context.Context, q db.Querier, ask Query) ([]Found, error) {
	for _, no := range ask.Only {
		if !slices.ContainsFunc(Checks(), func(c Check) bool { return c.No == no }) {
			return nil, errs.New(errs.NotFound, "AUDIT_CHECK_UNKNOWN", "no", no)
		}
	}
	today := ask.On
	if today.IsZero() {
		today = clock.Date(s.clock.Now())
	}
	if ask.Since == "" {
		ask.Since = today.AddDate(-1, 0, 0).Format("2006-01")
	}
	args, err := s.args(ctx, q, ask, today)
	if err != nil {
		return nil, err
	}
	var all []Found
	for _, c := range Checks() {
		if len(ask.Only) > 0 && !slices.Contains(ask.Only, c.No) {
			continue
		}
		f, err := s.run(ctx, q, c, ask, today, maps.Clone(args))
		if err != nil {
			return nil, fmt.Errorf("audit check %s: %w", c.Code, err)
		}
		all = append(all, f)
	}
	return all, nil
}

// args are what every query may ask for.
func (s *Service) args(ctx context.Context, q db.Querier, ask Query, today time.Time) (pgx.NamedArgs, error) {
	numbers, err := collect(ctx, q, "own accounts", `SELECT debtor_account FROM channel WHERE debtor_account <> ''
		UNION SELECT scope FROM evidence_file WHERE kind = 'statement'`, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	blinds, masked := [][]byte{}, []string{}
	for _, n := range strings.Fields(strings.Join(numbers, " ")) { // the file of several accounts has them all in its scope
		if b := s.parties.BlindAccount(n); !slices.ContainsFunc(blinds, func(o []byte) bool { return bytes.Equal(o, b) }) {
			blinds, masked = append(blinds, b), append(masked, ident.Mask(n))
		}
	}
	last := time.Date(today.Year(), time.December, 31, 0, 0, 0, 0, time.UTC)
	return pgx.NamedArgs{"today": today, "since": ask.Since, "area": prefix(ask.Area), "year": today.Year(), "day": today.YearDay(), "days": last.YearDay(),
		"own_blinds": blinds, "own_masked": masked}, nil
}

func (s *Service) run(ctx context.Context, q db.Querier, c Check, ask Query, today time.Time, args pgx.NamedArgs) (Found, error) {
	f := Found{No: c.No, Code: c.Code, Rows: []Row{}, On: []string{}}
	if c.List != "" {
		var there bool
		if err := q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM import_file WHERE kind = $1)`, c.List).Scan(&there); err != nil || !there {
			f.NoList = c.List
			return f, err
		}
	}
	for i, name := range c.Figures {
		figure, err := rules.Find(ctx, q, name, ask.Area, today)
		if errs.CodeOf(err) == "RULE_NONE" {
			f.NoRule = string(name)
			return f, nil
		}
		if err != nil {
			return f, err
		}
		n, d, text, err := compared(figure)
		if err != nil {
			return f, err
		}
		args[fmt.Sprintf("n%d", i+1)], args[fmt.Sprintf("d%d", i+1)] = n, d
		f.On = append(f.On, fmt.Sprintf("%s %s %s", name, figure.Operator, text))
	}
	rows, err := q.Query(ctx, c.SQL, args)
	if err != nil {
		return f, err
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Row, error) {
		var r Row
		err := row.Scan(&r.What, &r.Person, &r.Unit, &r.Township, &r.Document, &r.Amount, &r.Days, &r.Note)
		return r, err
	})
	if err != nil {
		return f, err
	}
	for _, r := range all {
		if f.Amount, err = money.Add(f.Amount, r.Amount); err != nil {
			return f, err
		}
	}
	f.Count, f.Rows = len(all), all
	if ask.Limit > 0 && len(all) > ask.Limit {
		f.Rows, f.More = all[:ask.Limit], true
	}
	return f, s.name(ctx, q, f.Rows)
}

// compared is a figure as queries compare with it, n ÷ d, and as a user reads it: an
// amount in fen, a rate in lowest terms, anything else as the whole number that it is.
func compared(f rules.Figure) (n, d int64, text string, err error) {
	switch def, _ := rules.DefinitionOf(f.Name); def.Unit {
	case rules.Amount:
		amount, err := f.Amount()
		return int64(amount), 1, amount.Grouped(), err
	case rules.Rate:
		rate, err := f.Rate()
		n, d = rate.Fraction()
		return n, d, rate.String(), err
	default:
		whole, err := f.Whole()
		return int64(whole), 1, strconv.Itoa(whole), err
	}
}

// prefix is the part of an area code that its places have in common, with %.
func prefix(area string) string { return Within(area) + "%" }

// Within is the part of an area code that the codes of its places have in common.
func Within(area string) string {
	if area == rules.Nation {
		return ""
	}
	for _, n := range []int{2, 4, 6, 9} {
		if len(area) == 12 && area[n:] == "000000000000"[n:] {
			return area[:n]
		}
	}
	return area
}

// name says who the rows are about.
func (s *Service) name(ctx context.Context, q db.Querier, rows []Row) error {
	var people []parties.PersonID
	var units []parties.UnitID
	for _, r := range rows {
		if r.Person != 0 {
			people = append(people, parties.PersonID(r.Person))
		}
		if r.Unit != 0 {
			units = append(units, parties.UnitID(r.Unit))
		}
	}
	persons, err := s.parties.People(ctx, q, people)
	if err != nil {
		return err
	}
	homes, err := s.parties.UnitsByID(ctx, q, units)
	if err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		if p, ok := persons[parties.PersonID(r.Person)]; ok {
			r.Name, r.Masked = p.Name, p.Masked
		}
		if u, ok := homes[parties.UnitID(r.Unit)]; ok {
			r.Name, r.Masked = u.Name, u.CreditCode
		}
	}
	return nil
}
