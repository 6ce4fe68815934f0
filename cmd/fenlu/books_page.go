package main

import (
	_ "embed"
	"html/template"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"fenlu/disbursement/terms"
	"fenlu/internal/durable"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/sheet"
	"fenlu/internal/table"
	"fenlu/ledger/books"
	"fenlu/money"
)

// bookPage is a table of the books as it is printed and written: words are in the
// reader's language, amounts grouped.
type bookPage struct {
	Name    string // of the file's layout
	Title   string
	Facts   [][2]string
	Columns []bookColumn
	Rows    [][]string
	Total   []string
	Signs   []string
}

// bookColumn is a column by its key; Number columns stand on the right.
type bookColumn struct {
	Key, Head string
	Number    bool
}

//go:embed books.html
var booksHTML string

// columns makes columns of their keys; ">" marks amounts.
func (a *app) columns(keys ...string) []bookColumn {
	var out []bookColumn
	for _, k := range keys {
		name, number := strings.CutPrefix(k, ">")
		out = append(out, bookColumn{Key: name, Head: a.T("voucher.head." + name), Number: number})
	}
	return out
}

// print writes pages to a terminal.
func (a *app) print(w io.Writer, pages []bookPage) {
	for i, p := range pages {
		if i > 0 {
			_, _ = io.WriteString(w, "\n")
		}
		title := p.Title
		for _, f := range p.Facts {
			title += "　" + f[0] + " " + f[1]
		}
		var heads []table.Column
		for _, c := range p.Columns {
			if c.Number {
				heads = append(heads, table.Right(c.Head))
			} else {
				heads = append(heads, table.Left(c.Head))
			}
		}
		t := table.New(title, heads...)
		for _, r := range p.Rows {
			t.Add(r...)
		}
		if p.Total != nil {
			t.Add(p.Total...)
		}
		_ = t.Write(w)
	}
}

// write writes a table to the spreadsheet, and pages to the printable file, that
// were asked for.
func (f bookFiles) write(a *app, t bookPage, pages []bookPage) error {
	if f.XLSX != "" {
		l := sheet.Layout{Name: t.Name}
		for _, c := range t.Columns {
			code := "voucher.head." + c.Key
			l.Columns = append(l.Columns, sheet.Column{Key: c.Key, ZH: i18n.T(i18n.ZH, code), EN: i18n.T(i18n.EN, code)})
		}
		rows := make([][]string, len(t.Rows))
		for i, r := range t.Rows {
			rows[i] = append(rows[i], r...)
			for j, c := range t.Columns {
				if c.Number {
					rows[i][j] = strings.ReplaceAll(rows[i][j], ",", "")
				}
			}
		}
		if err := sheet.WriteFile(f.XLSX, sheet.XLSX, l, a.Lang, sheet.FromSlice(rows)); err != nil {
			return err
		}
	}
	if f.HTML == "" {
		return nil
	}
	tmpl, err := template.New("books").Parse(booksHTML)
	if err != nil {
		return err
	}
	view := struct {
		Lang  string
		Title string
		Colon string
		Pages []bookPage
	}{string(a.Lang), t.Title, a.T("voucher.colon"), pages}
	err = durable.Replace("carried", f.HTML, func(out *os.File) error { return tmpl.Execute(out, view) })
	if err != nil {
		return errs.Wrap(err, errs.Refused, "NOTARY_WRITE", "path", f.HTML)
	}
	return nil
}

// joined is pages of one kind as one table.
func joined(pages []bookPage) bookPage {
	var all bookPage
	for i, p := range pages {
		if i == 0 {
			all = p
			all.Rows = nil
		}
		all.Rows = append(all.Rows, p.Rows...)
	}
	return all
}

// summary says what a voucher is about.
func (a *app) summary(event books.Event, condition books.Condition, about string) string {
	text := i18n.Term(a.Lang, "voucher.event", string(event))
	if condition != "" {
		text += "（" + i18n.Term(a.Lang, "voucher.condition", string(condition)) + "）"
	}
	return strings.TrimSpace(text + " " + about)
}

// voucherNo is a voucher's number as people file it: 2026-10-财-0001.
func (a *app) voucherNo(number string) string {
	return strings.NewReplacer("-f-", a.T("voucher.no.financial"), "-b-", a.T("voucher.no.budget")).Replace(number)
}

func (a *app) book(b books.Book) string { return i18n.Term(a.Lang, "voucher.book", string(b)) }

func (a *app) payee(kind string) string {
	if kind == "" {
		return ""
	}
	return i18n.Term(a.Lang, "voucher.payee", kind)
}

func (a *app) level(code string) string {
	if code == "" {
		return ""
	}
	return terms.Level(code).Name(a.Lang)
}

func (a *app) accountName(zh, en string) string {
	if a.Lang == i18n.EN {
		return en
	}
	return zh
}

// fen shows an amount, and nothing for none.
func fen(f money.Fen) string {
	if f == 0 {
		return ""
	}
	return f.Grouped()
}

// sides are an amount on its side.
func sides(l books.VoucherLine) (debit, credit string) {
	if l.Side == books.Debit {
		return l.Amount.Grouped(), ""
	}
	return "", l.Amount.Grouped()
}

func (a *app) voucherList(list []books.Voucher) []bookPage {
	p := bookPage{Name: "vouchers", Title: a.T("voucher.title.list"), Columns: a.columns("number", "date", "office", "book", "summary", ">amount", "maker")}
	for _, v := range list {
		p.Rows = append(p.Rows, []string{a.voucherNo(v.VoucherNo()), v.Date.Format(time.DateOnly), v.Office, a.book(v.Book), a.summary(v.Event, v.Condition, v.About),
			v.Amount.Grouped(), v.MadeBy})
	}
	return []bookPage{p}
}

// voucherRows is one row for each line of vouchers.
func (a *app) voucherRows(list []books.Voucher, names words) bookPage {
	p := bookPage{Name: "vouchers", Title: a.T("voucher.title.list"), Columns: a.columns("number", "date", "office", "book", "summary", "account", "name", ">debit", ">credit",
		"function", "economic", "level", "program", "payee", "township", "journals", "maker")}
	for _, v := range list {
		for _, l := range v.Lines {
			debit, credit := sides(l)
			p.Rows = append(p.Rows, []string{a.voucherNo(v.VoucherNo()), v.Date.Format(time.DateOnly), v.Office, a.book(v.Book), a.summary(v.Event, v.Condition, v.About), l.Account,
				a.accountName(l.NameZH, l.NameEN), debit, credit, l.Function, l.Economic, a.level(l.Level), names.program(l.Program, a.Lang), a.payee(l.Payee), names.area(l.Township),
				sourcesOf(l), v.MadeBy})
		}
	}
	return p
}

// voucherPages is a page for each voucher.
func (a *app) voucherPages(list []books.Voucher, names words) []bookPage {
	var pages []bookPage
	for _, v := range list {
		p := bookPage{Name: "vouchers", Title: a.T("voucher.title") + "　" + a.book(v.Book), Signs: strings.Split(a.T("voucher.sign"), "|"),
			Facts: [][2]string{{a.T("voucher.head.number"), a.voucherNo(v.VoucherNo())}, {a.T("voucher.head.date"), v.Date.Format(time.DateOnly)}, {a.T("voucher.head.office"), v.Office},
				{a.T("voucher.head.summary"), a.summary(v.Event, v.Condition, v.About)}, {a.T("voucher.head.maker"), v.MadeBy},
				{a.T("voucher.head.journals"), a.T("voucher.attached", "journals", journalsOf(v))}},
			Columns: a.columns("account", "name", "function", "economic", "level", "program", "payee", "township", ">debit", ">credit", "journals")}
		for _, l := range v.Lines {
			debit, credit := sides(l)
			p.Rows = append(p.Rows, []string{l.Account, a.accountName(l.NameZH, l.NameEN), l.Function, l.Economic, a.level(l.Level), names.program(l.Program, a.Lang),
				a.payee(l.Payee), names.area(l.Township), debit, credit, sourcesOf(l)})
		}
		p.Total = []string{a.T("voucher.total"), "", "", "", "", "", "", "", v.Amount.Grouped(), v.Amount.Grouped(), ""}
		pages = append(pages, p)
	}
	return pages
}

// balancePages is a page for each office and book.
func (a *app) balancePages(period string, list []books.BalanceRow) []bookPage {
	type set struct {
		office string
		book   books.Book
	}
	at, sums := map[set]int{}, map[set]*[4]money.Fen{}
	var pages []bookPage
	for _, r := range list {
		k := set{r.Office, r.Book}
		if sums[k] == nil {
			at[k], sums[k] = len(pages), &[4]money.Fen{}
			pages = append(pages, bookPage{Name: "trial-balance", Title: a.T("voucher.title.balance"),
				Facts:   [][2]string{{a.T("voucher.head.office"), r.Office}, {a.T("voucher.head.book"), a.book(r.Book)}, {a.T("voucher.head.period"), period}},
				Columns: a.columns("office", "book", "account", "name", ">opening", ">debit", ">credit", ">closing")})
		}
		p, s := &pages[at[k]], sums[k]
		p.Rows = append(p.Rows, []string{r.Office, a.book(r.Book), r.Account, a.accountName(r.NameZH, r.NameEN), r.Opening.Grouped(), r.Debits.Grouped(), r.Credits.Grouped(), r.Closing.Grouped()})
		s[0], s[1], s[2], s[3] = s[0]+r.Opening, s[1]+r.Debits, s[2]+r.Credits, s[3]+r.Closing
		p.Total = []string{a.T("voucher.total"), "", "", "", s[0].Grouped(), s[1].Grouped(), s[2].Grouped(), s[3].Grouped()}
	}
	return pages
}

func (a *app) detailTable(period string, d books.Detail, names words) bookPage {
	p := bookPage{Name: "ledger", Title: a.T("voucher.title.detail"),
		Facts:   [][2]string{{a.T("voucher.head.account"), d.Account + " " + a.accountName(d.NameZH, d.NameEN)}, {a.T("voucher.head.period"), period}},
		Columns: a.columns("date", "number", "office", "summary", "function", "economic", "level", "program", "township", ">debit", ">credit", ">balance")}
	p.Rows = append(p.Rows, []string{"", "", "", a.T("voucher.opening"), "", "", "", "", "", "", "", d.Opening.Grouped()})
	for _, r := range d.Rows {
		p.Rows = append(p.Rows, []string{r.Date.Format(time.DateOnly), a.voucherNo(r.Number), r.Office, a.summary(r.Event, r.Condition, r.About), r.Function, r.Economic, a.level(r.Level),
			names.program(r.Program, a.Lang), names.area(r.Township), fen(r.Debit), fen(r.Credit), r.Balance.Grouped()})
	}
	p.Total = []string{a.T("voucher.total"), "", "", "", "", "", "", "", "", d.Debits.Grouped(), d.Credits.Grouped(), d.Closing.Grouped()}
	return p
}

// ruleTable is the mapping table as it is imported: codes, not words.
func (a *app) ruleTable(year int, list []books.Rule) bookPage {
	p := a.ruleHeads(year)
	for _, r := range list {
		p.Rows = append(p.Rows, []string{strconv.Itoa(r.Year), r.Area, string(r.Event), string(r.Condition), r.Purpose, r.Payee, r.Setting, string(r.Book),
			strconv.Itoa(r.Ord), r.Debit, r.Credit, a.yes(r.Red), string(r.Status), r.Source})
	}
	return p
}

// rulePage is the mapping table as people read it.
func (a *app) rulePage(year int, list []books.Rule) bookPage {
	p := a.ruleHeads(year)
	for _, r := range list {
		p.Rows = append(p.Rows, []string{strconv.Itoa(r.Year), r.Area, a.word("voucher.event", string(r.Event)), a.word("voucher.condition", string(r.Condition)),
			a.word("voucher.purpose", r.Purpose), a.payee(r.Payee), a.settings(r.Setting), a.book(r.Book), strconv.Itoa(r.Ord), r.Debit, r.Credit, a.yes(r.Red),
			a.word("voucher.status", string(r.Status)), r.Source})
	}
	return p
}

func (a *app) ruleHeads(year int) bookPage {
	p := bookPage{Name: sheet.VoucherRules.Name, Title: a.T("voucher.title.rules", "year", year)}
	for _, c := range sheet.VoucherRules.Columns {
		p.Columns = append(p.Columns, a.columns(c.Key)...)
	}
	return p
}

func (a *app) yes(is bool) string {
	if is {
		return a.T("voucher.yes")
	}
	return ""
}

// word is a code's word, nothing for none.
func (a *app) word(set, code string) string {
	if code == "" {
		return ""
	}
	return i18n.Term(a.Lang, set, code)
}

// settings are the settings a rule asks for, in words.
func (a *app) settings(text string) string {
	var out []string
	for _, one := range strings.Split(text, ",") {
		if name, value, some := strings.Cut(one, "="); some {
			out = append(out, a.setting(name, value))
		}
	}
	return strings.Join(out, a.T("sheet.reason.separator"))
}

func (a *app) setting(name, value string) string {
	return i18n.Term(a.Lang, "voucher.setting", name) + "=" + i18n.Term(a.Lang, "voucher.value", value)
}

func (a *app) accountTable(year int, list []books.Account) bookPage {
	p := bookPage{Name: "accounts", Title: a.T("voucher.title.accounts", "year", year), Columns: a.columns("account", "book", "name", "normal", "status", "source")}
	for _, c := range list {
		p.Rows = append(p.Rows, []string{c.Code, a.book(c.Book), a.accountName(c.NameZH, c.NameEN), a.T("voucher.head." + string(c.Normal)),
			i18n.Term(a.Lang, "voucher.status", string(c.Status)), c.Source})
	}
	return p
}
