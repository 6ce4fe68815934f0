package main

import (
	"context"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/errs"
	"fenlu/internal/sheet"
	"fenlu/ledger/books"
)

// vouchersCmd is `fenlu vouchers`: the vouchers of government accounting.
type vouchersCmd struct {
	Make     vouchersMakeCmd     `cmd:"" help:"help_vouchers_make"`
	List     vouchersListCmd     `cmd:"" help:"help_vouchers_list"`
	Show     vouchersShowCmd     `cmd:"" help:"help_vouchers_show"`
	Export   vouchersExportCmd   `cmd:"" help:"help_vouchers_export"`
	Rules    vouchersRulesCmd    `cmd:"" help:"help_vouchers_rules"`
	Accounts vouchersAccountsCmd `cmd:"" help:"help_vouchers_accounts"`
	Set      vouchersSetCmd      `cmd:"" help:"help_vouchers_set"`
	Close    vouchersCloseCmd    `cmd:"" name:"close-year" help:"help_vouchers_close_year"`
}

type vouchersMakeCmd struct {
	Month string `arg:"" placeholder:"2026-10" help:"help_vouchers_month"`
}

// Run makes the vouchers of a month that are missing.
func (c vouchersMakeCmd) Run(a *app) error {
	return a.makingVouchers(func(ctx context.Context, s *services) (books.Made, error) {
		return s.Books.MakeVouchers(ctx, books.Period(c.Month))
	})
}

type vouchersCloseCmd struct {
	Year int `arg:"" help:"help_vouchers_year"`
}

// Run makes the closing vouchers of a year.
func (c vouchersCloseCmd) Run(a *app) error {
	return a.makingVouchers(func(ctx context.Context, s *services) (books.Made, error) { return s.Books.CloseYear(ctx, c.Year) })
}

func (a *app) makingVouchers(do func(context.Context, *services) (books.Made, error)) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := do(ctx, s)
		if err != nil {
			return err
		}
		return a.Result(done, func(w io.Writer) {
			code := "voucher.made"
			if done.Vouchers == 0 && done.Journals == 0 {
				code = "voucher.made_none"
			}
			a.say(w, false, code, "period", done.Period, "journals", done.Journals, "vouchers", done.Vouchers, "amount", done.Amount.Grouped())
		})
	})
}

// voucherFlags say which vouchers.
type voucherFlags struct {
	Period string `arg:"" placeholder:"2026-10" help:"help_vouchers_period"`
	Book   string `enum:",financial,budget" default:"" help:"help_vouchers_book"`
	Office string `help:"help_vouchers_office"`
}

func (f voucherFlags) query() books.VoucherQuery {
	return books.VoucherQuery{Period: books.Period(f.Period), Book: books.Book(f.Book), Office: f.Office, Limit: everyVoucher}
}

// everyVoucher is more than a year of a prefecture has.
const everyVoucher = 1_000_000

type vouchersListCmd struct {
	voucherFlags
	After int64 `help:"help_vouchers_after"`
	Limit int   `default:"200" help:"help_vouchers_limit"`
}

// Run lists vouchers.
func (c vouchersListCmd) Run(a *app) error {
	ask := c.query()
	ask.After, ask.Limit = c.After, c.Limit
	var list []books.Voucher
	err := a.reading(func(tx pgx.Tx) (err error) {
		list, err = books.Vouchers(a.ctx, tx, ask)
		return err
	})
	if err != nil {
		return err
	}
	view := struct {
		Period   string     `json:"period"`
		Vouchers []numbered `json:"vouchers"`
	}{c.Period, numbers(list)}
	return a.Result(view, func(w io.Writer) {
		if len(list) == 0 {
			a.say(w, false, "voucher.none", "period", c.Period)
			return
		}
		a.print(w, a.voucherList(list))
	})
}

// numbered is a voucher with its number as it is filed.
type numbered struct {
	Number string `json:"number"`
	books.Voucher
}

func numbers(list []books.Voucher) []numbered {
	out := []numbered{}
	for _, v := range list {
		out = append(out, numbered{v.VoucherNo(), v})
	}
	return out
}

// reading asks in one snapshot.
func (a *app) reading(ask func(pgx.Tx) error) error {
	return a.with(func(s *services) error { return s.DB.Read(a.ctx, ask) })
}

// wholeVouchers are vouchers with their lines, and the names of what these are about.
func (s *services) wholeVouchers(ctx context.Context, tx pgx.Tx, list []books.Voucher) ([]books.Voucher, words, error) {
	list, err := books.WithLines(ctx, tx, list)
	if err != nil {
		return list, words{}, err
	}
	var towns []string
	for _, v := range list {
		towns = append(towns, codes(v.Lines, func(l books.VoucherLine) string { return l.Township })...)
	}
	names, err := s.words(ctx, tx, towns)
	return list, names, err
}

type vouchersShowCmd struct {
	Number string `arg:"" placeholder:"2026-10-f-0001" help:"help_vouchers_number"`
	Office string `help:"help_vouchers_office"`
}

// Run shows a voucher with the journals that it is made from.
func (c vouchersShowCmd) Run(a *app) error {
	var list []books.Voucher
	var names words
	err := a.with(func(s *services) error {
		return s.DB.Read(a.ctx, func(tx pgx.Tx) (err error) {
			if list, err = books.VouchersOfNumber(a.ctx, tx, c.Number, c.Office); err == nil {
				list, names, err = s.wholeVouchers(a.ctx, tx, list)
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	view := struct {
		Vouchers []numbered `json:"vouchers"`
	}{numbers(list)}
	return a.Result(view, func(w io.Writer) { a.print(w, a.voucherPages(list, names)) })
}

// bookFiles are the files that a table of the books is written to.
type bookFiles struct {
	XLSX string `name:"xlsx" type:"path" placeholder:"FILE" help:"help_vouchers_xlsx"`
	HTML string `name:"html" type:"path" placeholder:"FILE" help:"help_vouchers_html"`
}

type vouchersExportCmd struct {
	voucherFlags
	bookFiles
}

// Run writes vouchers to files.
func (c vouchersExportCmd) Run(a *app) error {
	if c.XLSX == "" && c.HTML == "" {
		return errs.New(errs.Invalid, "VOUCHER_FORMAT")
	}
	var list []books.Voucher
	var names words
	err := a.with(func(s *services) error {
		return s.DB.Read(a.ctx, func(tx pgx.Tx) (err error) {
			if list, err = books.Vouchers(a.ctx, tx, c.query()); err == nil {
				list, names, err = s.wholeVouchers(a.ctx, tx, list)
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	if err := c.write(a, a.voucherRows(list, names), a.voucherPages(list, names)); err != nil {
		return err
	}
	view := map[string]any{"period": c.Period, "vouchers": len(list), "xlsx": c.XLSX, "html": c.HTML}
	return a.Result(view, func(w io.Writer) {
		if len(list) == 0 {
			a.say(w, false, "voucher.none", "period", c.Period)
		}
		c.tell(a, w)
	})
}

func (f bookFiles) tell(a *app, w io.Writer) {
	for _, file := range []string{f.XLSX, f.HTML} {
		if file != "" {
			a.say(w, false, "voucher.written", "file", file)
		}
	}
}

type vouchersRulesCmd struct {
	Year   int    `arg:"" help:"help_vouchers_year"`
	Import string `type:"path" placeholder:"FILE" help:"help_vouchers_import"`
	errorsFlag
	bookFiles
}

// Run shows the mapping table of a year, writes it to a file, or imports one.
func (c vouchersRulesCmd) Run(a *app) error {
	if c.Import != "" {
		return c.load(a)
	}
	var list []books.Rule
	err := a.reading(func(tx pgx.Tx) (err error) {
		list, err = books.Rules(a.ctx, tx, c.Year)
		return err
	})
	if err != nil {
		return err
	}
	t, page := a.ruleTable(c.Year, list), a.rulePage(c.Year, list)
	if err := c.write(a, t, []bookPage{page}); err != nil {
		return err
	}
	view := struct {
		Rules []books.Rule `json:"rules"`
	}{append([]books.Rule{}, list...)}
	return a.Result(view, func(w io.Writer) {
		if c.tell(a, w); c.XLSX == "" && c.HTML == "" {
			a.print(w, []bookPage{page})
		}
	})
}

// load imports rules, all or none.
func (c vouchersRulesCmd) load(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		rules, rows, err := readRules(ctx, c.Import)
		n := 0
		if err == nil {
			n, err = s.Books.ImportRules(ctx, filepath.Base(c.Import), rules, rows)
		}
		if err != nil {
			return c.copied(a, c.Import, sheet.VoucherRules, err)
		}
		return a.Result(map[string]any{"rules": n, "file": c.Import}, func(w io.Writer) {
			code := "voucher.rules_imported"
			if n == 0 {
				code = "voucher.rules_same"
			}
			a.say(w, false, code, "count", n, "file", c.Import)
		})
	})
}

// readRules reads a file as ruleTable writes it.
func readRules(ctx context.Context, path string) (rules []books.Rule, at []int, err error) {
	type raw struct {
		Year      int64  `sheet:"year"`
		Area      string `sheet:"area"`
		Event     string `sheet:"event"`
		Condition string `sheet:"condition"`
		Purpose   string `sheet:"purpose"`
		Payee     string `sheet:"payee"`
		Setting   string `sheet:"setting"`
		Book      string `sheet:"book"`
		Ord       int64  `sheet:"ord"`
		Debit     string `sheet:"debit"`
		Credit    string `sheet:"credit"`
		Red       bool   `sheet:"red"`
		Status    string `sheet:"status"`
		Source    string `sheet:"source"`
	}
	t, err := sheet.Read[raw](ctx, path, sheet.VoucherRules, sheet.Options{}, nil)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range t.Rows {
		v := r.Value
		rules = append(rules, books.Rule{Area: v.Area, Year: int(v.Year), Event: books.Event(v.Event), Condition: books.Condition(v.Condition), Purpose: v.Purpose,
			Payee: v.Payee, Setting: v.Setting, Book: books.Book(v.Book), Ord: int(v.Ord), Debit: v.Debit, Credit: v.Credit, Red: v.Red,
			Status: books.Status(v.Status), Source: v.Source})
		at = append(at, r.Row)
	}
	return rules, at, nil
}

type vouchersAccountsCmd struct {
	Year int `arg:"" help:"help_vouchers_year"`
	bookFiles
}

// Run shows the table of accounts of a year.
func (c vouchersAccountsCmd) Run(a *app) error {
	var list []books.Account
	err := a.reading(func(tx pgx.Tx) (err error) {
		list, err = books.AccountsOf(a.ctx, tx, c.Year)
		return err
	})
	if err != nil {
		return err
	}
	t := a.accountTable(c.Year, list)
	if err := c.write(a, t, []bookPage{t}); err != nil {
		return err
	}
	view := struct {
		Accounts []books.Account `json:"accounts"`
	}{append([]books.Account{}, list...)}
	return a.Result(view, func(w io.Writer) { a.print(w, []bookPage{t}) })
}

type vouchersSetCmd struct {
	Name     string `arg:"" help:"help_vouchers_name"`
	Value    string `arg:"" help:"help_vouchers_value"`
	Year     int    `required:"" help:"help_vouchers_year"`
	Office   string `help:"help_vouchers_office"`
	Document string `required:"" help:"help_vouchers_document"`
}

// Run records a setting of the books.
func (c vouchersSetCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		set := books.Setting{Area: c.Office, Year: c.Year, Name: c.Name, Value: c.Value, Document: c.Document}
		if err := s.Books.Set(ctx, set); err != nil {
			return err
		}
		return a.Result(set, func(w io.Writer) {
			area := c.Office
			if area == "" {
				area = a.T("voucher.everywhere")
			}
			a.say(w, false, "voucher.set", "setting", a.setting(c.Name, c.Value), "year", c.Year, "area", area)
		})
	})
}

// booksCmd is `fenlu books`: the accounts of the vouchers.
type booksCmd struct {
	Trial  booksTrialCmd  `cmd:"" name:"trial-balance" help:"help_books_trial_balance"`
	Ledger booksLedgerCmd `cmd:"" name:"ledger" help:"help_books_ledger"`
}

// days are the first and last day of a period.
func days(p books.Period) (from, to time.Time, err error) {
	months, err := p.Months()
	if err != nil {
		return from, to, err
	}
	if from, err = time.Parse("2006-01", months[0]); err == nil {
		to, err = time.Parse("2006-01", months[len(months)-1])
	}
	return from, to.AddDate(0, 1, -1), err
}

func (f voucherFlags) balances() (books.BalanceQuery, error) {
	from, to, err := days(books.Period(f.Period))
	return books.BalanceQuery{From: from, To: to, Book: books.Book(f.Book), Office: f.Office}, err
}

type booksTrialCmd struct {
	voucherFlags
	bookFiles
}

// Run shows the trial balance of the books.
func (c booksTrialCmd) Run(a *app) error {
	ask, err := c.balances()
	if err != nil {
		return err
	}
	var list []books.BalanceRow
	err = a.reading(func(tx pgx.Tx) (err error) {
		list, err = books.Balances(a.ctx, tx, ask)
		return err
	})
	if err != nil {
		return err
	}
	pages := a.balancePages(c.Period, list)
	if err := c.write(a, joined(pages), pages); err != nil {
		return err
	}
	view := struct {
		Period   string             `json:"period"`
		Accounts []books.BalanceRow `json:"accounts"`
	}{c.Period, append([]books.BalanceRow{}, list...)}
	return a.Result(view, func(w io.Writer) {
		if len(list) == 0 {
			a.say(w, false, "voucher.none", "period", c.Period)
			return
		}
		a.print(w, pages)
	})
}

type booksLedgerCmd struct {
	Account string `arg:"" placeholder:"4001" help:"help_books_code"`
	voucherFlags
	bookFiles
}

// Run shows the detail ledger of an account.
func (c booksLedgerCmd) Run(a *app) error {
	ask, err := c.balances()
	if err != nil {
		return err
	}
	var d books.Detail
	var names words
	err = a.with(func(s *services) error {
		return s.DB.Read(a.ctx, func(tx pgx.Tx) (err error) {
			if d, err = books.DetailOf(a.ctx, tx, c.Account, ask); err == nil {
				names, err = s.words(a.ctx, tx, codes(d.Rows, func(r books.DetailRow) string { return r.Township }))
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	t := a.detailTable(c.Period, d, names)
	if err := c.write(a, t, []bookPage{t}); err != nil {
		return err
	}
	return a.Result(d, func(w io.Writer) { a.print(w, []bookPage{t}) })
}

// journalsOf is how many journals a voucher is made from.
func journalsOf(v books.Voucher) int {
	seen := map[int64]bool{}
	for _, l := range v.Lines {
		for _, s := range l.Sources {
			seen[s.Journal] = true
		}
	}
	return len(seen)
}

func sourcesOf(l books.VoucherLine) string {
	var out []string
	for _, s := range l.Sources {
		out = append(out, strconv.FormatInt(s.Journal, 10))
	}
	return strings.Join(out, " ")
}
