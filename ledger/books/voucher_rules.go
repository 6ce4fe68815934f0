package books

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
)

// Status says whether a code or rule was seen in a source (domain.md).
type Status string

// The states of knowledge.
const (
	Verified      Status = "verified"        // 已核实
	ToBeConfirmed Status = "to_be_confirmed" // 待确认
)

// Rule is a line of the mapping table (凭证规则, domain.md §6): what an event
// debits and credits in a book. Empty Condition, Purpose and Payee match any;
// where several fit, those that say most count. Empty Debit and Credit: the
// event makes no entry.
type Rule struct {
	Area      string    `json:"area,omitempty"` // an office or area; empty: every one
	Year      int       `json:"year"`
	Event     Event     `json:"event"`
	Version   int       `json:"version"`
	Condition Condition `json:"condition,omitempty"`
	Purpose   string    `json:"purpose,omitempty"` // of the budget line: benefit, carveout, reserve
	Payee     string    `json:"payee,omitempty"`   // person, unit
	Setting   string    `json:"setting,omitempty"` // "accrual=on,reserve_form=cash"
	Book      Book      `json:"book"`
	Ord       int       `json:"ord"`
	Debit     string    `json:"debit"`
	Credit    string    `json:"credit"`
	Red       bool      `json:"red"`
	Status    Status    `json:"status"`
	Source    string    `json:"source"`

	ID         int64     `json:"-"` // negative: shipped with the program
	RecordedBy string    `json:"-"`
	RecordedAt time.Time `json:"-"`
}

const ruleColumns = `r.area, r.year, r.event, r.version, r.condition, r.purpose, r.payee, r.setting, r.book, r.ord, r.debit, r.credit,
	r.red, r.status, r.source, r.id, r.recorded_by, r.recorded_at`

// accrual is the setting whether what is owed is booked as a payable when it is
// approved (权责发生制, 应付政府补贴款), on or off.
const accrual = "accrual"

// Settings of the books (核算设置), with what holds until an area decides.
var defaults = map[string]string{
	accrual:          "on",         // 应发时确认应付政府补贴款
	"passive_return": "red",        // 被动退回: red entry, or "reverse"
	"prior_return":   "to_finance", // 以前年度退回: to 财政, or "quota_kept"
	"reserve_form":   "cash",       // 备用金: cash advanced, or "quota" split
	"reserve_budget": "on_use",     // 备用金预算会计确认: on use, or "on_advance"
	"quota_accrual":  "off",        // 年末未用指标: accrued "on" or not
}

// choices are the values a setting may have.
var choices = map[string][]string{
	accrual: {"on", "off"}, "passive_return": {"red", "reverse"}, "prior_return": {"to_finance", "quota_kept"},
	"reserve_form": {"cash", "quota"}, "reserve_budget": {"on_use", "on_advance"}, "quota_accrual": {"off", "on"},
}

// Account is an account of a book in a year (会计科目).
type Account struct {
	Year   int    `json:"year"`
	Code   string `json:"code"`
	Book   Book   `json:"book"`
	NameZH string `json:"name_zh"`
	NameEN string `json:"name_en"`
	Normal Side   `json:"normal"` // the side its balance stands on
	Status Status `json:"status"`
	Source string `json:"source"`
}

// plan is the mapping table of a year as it holds now.
type plan struct {
	year     int
	rules    []Rule
	settings map[string]map[string]string // by area, by name
	accounts map[string]Account
}

// loadPlan reads the rules, settings and accounts of a year.
func loadPlan(ctx context.Context, q db.Querier, year int) (plan, error) {
	p := plan{year: year, settings: map[string]map[string]string{}, accounts: map[string]Account{}}
	var err error
	if p.rules, err = Rules(ctx, q, year); err != nil {
		return p, err
	}
	accounts, err := AccountsOf(ctx, q, year)
	if err != nil {
		return p, err
	}
	for _, a := range accounts {
		p.accounts[a.Code] = a
	}
	rows, err := q.Query(ctx, `SELECT area, name, value FROM voucher_setting WHERE year <= $1 ORDER BY year, n`, year)
	if err != nil {
		return p, fmt.Errorf("read settings of the books: %w", err)
	}
	var area, name, value string
	_, err = pgx.ForEachRow(rows, []any{&area, &name, &value}, func() error {
		if p.settings[area] == nil {
			p.settings[area] = map[string]string{}
		}
		p.settings[area][name] = value
		return nil
	})
	return p, err
}

// Rules is the mapping table of a year: of each area and event its newest version.
func Rules(ctx context.Context, q db.Querier, year int) ([]Rule, error) {
	rows, err := q.Query(ctx, `SELECT `+ruleColumns+`
		FROM voucher_rule r
		JOIN (SELECT area, event, max(version) AS version FROM voucher_rule WHERE year = $1 GROUP BY area, event) l
			ON l.area = r.area AND l.event = r.event AND l.version = r.version
		WHERE r.year = $1 ORDER BY r.area, r.event, r.condition, r.purpose, r.payee, r.setting, r.book DESC, r.ord`, year)
	if err != nil {
		return nil, fmt.Errorf("read voucher rules: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Rule])
}

// AccountsOf is the table of accounts of a year, by code.
func AccountsOf(ctx context.Context, q db.Querier, year int) ([]Account, error) {
	rows, err := q.Query(ctx, `SELECT year, code, book, name_zh, name_en, normal, status, source FROM voucher_account WHERE year = $1 ORDER BY code`, year)
	if err != nil {
		return nil, fmt.Errorf("read accounts of the books: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Account])
}

// value is a setting of an office: its own, that of every one, or the default.
func (p plan) value(office, name string) string {
	for _, area := range []string{office, ""} {
		if v, ok := p.settings[area][name]; ok {
			return v
		}
	}
	return defaults[name]
}

// valueFor is a setting as it holds for a movement: what was accrued is paid from
// the payable, and what was not is expensed when paid, whatever was decided since.
func (p plan) valueFor(m movement, name string) string {
	if name == accrual && m.accrual != "" {
		return m.accrual
	}
	return p.value(m.office, name)
}

// match finds the rules for a movement, of each book by itself. None at all means
// that the table does not know the case.
func (p plan) match(m movement) []Rule {
	return append(p.matchIn(Financial, m), p.matchIn(Budget, m)...)
}

// matchIn finds the rules of a book: those of the movement's office if it has any
// of the event, otherwise those of every one; of those that fit, the ones that
// say most.
func (p plan) matchIn(book Book, m movement) []Rule {
	for _, area := range []string{m.office, ""} {
		var fit []Rule
		known, most := false, 0
		for _, r := range p.rules {
			if r.Area != area || r.Event != m.event || r.Book != book {
				continue
			}
			known = true
			said, ok := p.fits(r, m)
			if !ok || said < most {
				continue
			}
			if said > most {
				fit, most = nil, said
			}
			fit = append(fit, r)
		}
		if known || area == "" {
			return fit
		}
	}
	return nil
}

// fits says whether a rule is for a movement, and how much it says of what the
// movement is about.
func (p plan) fits(r Rule, m movement) (said int, ok bool) {
	for _, c := range []struct{ want, have string }{
		{string(r.Condition), string(m.condition)}, {r.Purpose, m.purpose}, {r.Payee, m.dims.payee},
	} {
		switch c.want {
		case "":
		case c.have:
			said++
		default:
			return 0, false
		}
	}
	if r.Setting == "" {
		return said, true
	}
	for _, s := range strings.Split(r.Setting, ",") {
		name, value, _ := strings.Cut(s, "=")
		if p.valueFor(m, name) != value {
			return 0, false
		}
	}
	return said, true
}

// Setting decides how an area keeps its books from a year on.
type Setting struct {
	Area     string `json:"area,omitempty"`
	Year     int    `json:"year"`
	Name     string `json:"name"`
	Value    string `json:"value"`
	Document string `json:"document"` // what decides it

	ID         int64     `json:"-"`
	RecordedBy string    `json:"-"`
	RecordedAt time.Time `json:"-"`
}

const settingColumns = `s.area, s.year, s.name, s.value, s.document, s.id, s.recorded_by, s.recorded_at`

// Set records a setting. What is set already is left alone. Errors:
// VOUCHER_SETTING, VOUCHER_OFFICE_UNKNOWN (Invalid).
func (s *Service) Set(ctx context.Context, c Setting) error {
	return s.db.Run(ctx, func(tx pgx.Tx) error {
		actor, err := requireKeeper(ctx)
		if err != nil {
			return err
		}
		allowed := choices[c.Name]
		if !contains(allowed, c.Value) || c.Document == "" {
			return errs.New(errs.Invalid, "VOUCHER_SETTING", "name", c.Name, "value", c.Value, "names", strings.Join(settingNames(), ", "),
				"values", strings.Join(allowed, ", "))
		}
		if err := plain(c.Document); err != nil {
			return err
		}
		if err := knownOffice(ctx, tx, c.Area); err != nil {
			return err
		}
		if err := lockMaking(ctx, tx); err != nil {
			return err
		}
		var n int
		var last string
		err = tx.QueryRow(ctx, `SELECT n, value FROM voucher_setting WHERE area = $1 AND year = $2 AND name = $3 ORDER BY n DESC LIMIT 1`,
			c.Area, c.Year, c.Name).Scan(&n, &last)
		if noRows(err) != nil {
			return fmt.Errorf("read setting %s: %w", c.Name, err)
		}
		if err == nil && last == c.Value {
			return nil
		}
		if c.ID, err = db.NextID(ctx, tx, "voucher_rule_id_seq"); err != nil {
			return err
		}
		c.RecordedBy, c.RecordedAt = actor.Login, s.clock.Now()
		_, err = tx.Exec(ctx, `INSERT INTO voucher_setting (area, year, name, n, value, document, id, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			c.Area, c.Year, c.Name, n+1, c.Value, c.Document, c.ID, c.RecordedBy, c.RecordedAt)
		if err != nil {
			return fmt.Errorf("record setting %s: %w", c.Name, err)
		}
		return proof.Append(ctx, tx, proof.ItemOf(SettingLeaf(c), c.ID))
	})
}

// ImportRules stores rules as a new version: of each area, year and event that
// they name, they take the place of all that held; where they are what holds,
// nothing is stored, so that the same file twice changes nothing. It says how many
// were stored. All or none. Errors: VOUCHER_RULES with a Field for each problem.
func (s *Service) ImportRules(ctx context.Context, file string, rules []Rule, rows []int) (int, error) {
	if bad := s.checkRules(file, rules, rows); len(bad) > 0 {
		return 0, errs.WithFields("VOUCHER_RULES", bad, "file", file, "count", len(bad))
	}
	stored := 0
	err := s.db.Run(ctx, func(tx pgx.Tx) error {
		actor, err := requireKeeper(ctx)
		if err != nil {
			return err
		}
		if err := lockMaking(ctx, tx); err != nil {
			return err
		}
		bad, err := unknownOnRecord(ctx, tx, file, rules, rows)
		if err != nil {
			return err
		}
		if len(bad) > 0 {
			return errs.WithFields("VOUCHER_RULES", bad, "file", file, "count", len(bad))
		}
		fresh, err := otherThanHolds(ctx, tx, rules)
		if err != nil || len(fresh) == 0 {
			stored = 0
			return err
		}
		stored = len(fresh)
		return insertRules(ctx, tx, fresh, actor.Login, s.clock.Now())
	})
	return stored, err
}

// otherThanHolds are the rules of those areas, years and events whose rules are
// not the ones that hold.
func otherThanHolds(ctx context.Context, tx pgx.Tx, rules []Rule) ([]Rule, error) {
	now, given := map[place][]string{}, map[place][]string{}
	read := map[int]bool{}
	for _, r := range rules {
		given[r.place()] = append(given[r.place()], r.said())
		if read[r.Year] {
			continue
		}
		read[r.Year] = true
		hold, err := Rules(ctx, tx, r.Year)
		if err != nil {
			return nil, err
		}
		for _, h := range hold {
			now[h.place()] = append(now[h.place()], h.said())
		}
	}
	var fresh []Rule
	for _, r := range rules {
		k := r.place()
		slices.Sort(now[k])
		slices.Sort(given[k])
		if !slices.Equal(now[k], given[k]) {
			fresh = append(fresh, r)
		}
	}
	return fresh, nil
}

// place is where rules hold: their newest version counts, whole.
type place struct {
	area  string
	year  int
	event Event
}

func (r Rule) place() place { return place{r.Area, r.Year, r.Event} }

// said is what a rule says, whoever recorded it when.
func (r Rule) said() string {
	return fmt.Sprintf("%q", []string{string(r.Condition), r.Purpose, r.Payee, r.Setting, string(r.Book), strconv.Itoa(r.Ord), r.Debit, r.Credit,
		strconv.FormatBool(r.Red), string(r.Status), r.Source})
}

// unknownOnRecord are the offices and accounts of rules that are not on record.
func unknownOnRecord(ctx context.Context, tx pgx.Tx, file string, rules []Rule, rows []int) ([]errs.Field, error) {
	bad, err := unknownAccounts(ctx, tx, file, rules, rows)
	if err != nil {
		return nil, err
	}
	offices, err := officesKnown(ctx, tx)
	if err != nil {
		return nil, err
	}
	for i, r := range rules {
		if r.Area != "" && !contains(offices, r.Area) {
			bad = append(bad, errs.Field{File: file, Row: rows[i], Column: "area", Value: r.Area, Code: "VOUCHER_OFFICE_UNKNOWN",
				Args: errs.Pairs("office", r.Area, "offices", strings.Join(offices, "、"))})
		}
	}
	return bad, nil
}

func (s *Service) checkRules(file string, rules []Rule, rows []int) (bad []errs.Field) {
	say := func(i int, column, value, code string) {
		bad = append(bad, errs.Field{File: file, Row: rows[i], Column: column, Value: value, Code: code})
	}
	for i, r := range rules {
		if r.Event == "" || r.Event == YearClose {
			say(i, "event", string(r.Event), "VOUCHER_RULE_EVENT")
		}
		if r.Book != Financial && r.Book != Budget {
			say(i, "book", string(r.Book), "VOUCHER_RULE_BOOK")
		}
		if !contains([]string{"", "same_year", "prior_year"}, string(r.Condition)) {
			say(i, "condition", string(r.Condition), "VOUCHER_RULE_WORD")
		}
		if !contains([]string{"", "benefit", "carveout", "reserve", "receipt"}, r.Purpose) {
			say(i, "purpose", r.Purpose, "VOUCHER_RULE_WORD")
		}
		if !contains([]string{"", "person", "unit"}, r.Payee) {
			say(i, "payee", r.Payee, "VOUCHER_RULE_WORD")
		}
		if r.Status != Verified && r.Status != ToBeConfirmed {
			say(i, "status", string(r.Status), "VOUCHER_RULE_WORD")
		}
		if (r.Debit == "") != (r.Credit == "") {
			say(i, "credit", r.Credit, "VOUCHER_RULE_SIDES")
		}
		if r.Source == "" || plain(r.Source) != nil {
			say(i, "source", "", "VOUCHER_RULE_SOURCE")
		}
		if one := wrongSetting(r.Setting); one != "" {
			say(i, "setting", one, "VOUCHER_RULE_SETTING")
		}
	}
	return bad
}

// wrongSetting is the first of a rule's settings that is none.
func wrongSetting(text string) string {
	for _, one := range strings.Split(text, ",") {
		name, value, _ := strings.Cut(one, "=")
		if one != "" && !contains(choices[name], value) {
			return one
		}
	}
	return ""
}

// unknownAccounts are the codes of rules that their year's table does not have
// in their book.
func unknownAccounts(ctx context.Context, tx pgx.Tx, file string, rules []Rule, rows []int) (bad []errs.Field, err error) {
	years := map[int]map[string]Book{}
	for i, r := range rules {
		if years[r.Year] == nil {
			list, err := AccountsOf(ctx, tx, r.Year)
			if err != nil {
				return nil, err
			}
			years[r.Year] = map[string]Book{}
			for _, a := range list {
				years[r.Year][a.Code] = a.Book
			}
		}
		for _, code := range []string{r.Debit, r.Credit} {
			if code != "" && years[r.Year][code] != r.Book {
				bad = append(bad, errs.Field{File: file, Row: rows[i], Column: "debit", Value: code, Code: "VOUCHER_RULE_ACCOUNT",
					Args: errs.Pairs("year", r.Year, "book", string(r.Book))})
			}
		}
	}
	return bad, nil
}

func insertRules(ctx context.Context, tx pgx.Tx, rules []Rule, actor string, at time.Time) error {
	versions := map[place]int{}
	for _, r := range rules {
		k := r.place()
		if versions[k] != 0 {
			continue
		}
		var last int
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(version), 0)::bigint FROM voucher_rule WHERE area = $1 AND year = $2 AND event = $3`,
			k.area, k.year, string(k.event)).Scan(&last); err != nil {
			return fmt.Errorf("read version of rules: %w", err)
		}
		versions[k] = last + 1
	}
	ids, err := db.NextIDs(ctx, tx, "voucher_rule_id_seq", len(rules))
	if err != nil {
		return err
	}
	rules = slices.Clone(rules)
	for i := range rules {
		r := &rules[i]
		r.ID, r.Version, r.RecordedBy, r.RecordedAt = ids[i], versions[r.place()], actor, at
	}
	_, err = db.CopyIn(ctx, tx, "voucher_rule", []string{"id", "area", "year", "event", "version", "condition", "purpose", "payee", "setting", "book", "ord",
		"debit", "credit", "red", "status", "source", "recorded_by", "recorded_at"}, len(rules), func(i int) ([]any, error) {
		r := rules[i]
		return []any{r.ID, r.Area, r.Year, string(r.Event), r.Version, string(r.Condition), r.Purpose, r.Payee, r.Setting,
			string(r.Book), r.Ord, r.Debit, r.Credit, r.Red, string(r.Status), r.Source, actor, at}, nil
	})
	if err != nil {
		return err
	}
	for _, r := range rules {
		if err := proof.Append(ctx, tx, proof.ItemOf(RuleLeaf(r), r.ID)); err != nil {
			return err
		}
	}
	return nil
}
