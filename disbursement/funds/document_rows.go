package funds

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/terms"
	"fenlu/internal/sheet"
	"fenlu/money"
)

// documentRow is a row of a documents file; the fields without a tag are what
// the check makes of the others.
type documentRow struct {
	Number        string    `sheet:"number" validate:"max=80,no_personal_number"`
	Title         string    `sheet:"title" validate:"max=200,no_personal_number"`
	KindWord      string    `sheet:"kind"`
	IssuedOn      time.Time `sheet:"issued_on"`
	ReceivedOn    time.Time `sheet:"received_on"`
	PassedOn      time.Time `sheet:"passed_on"`
	Year          int       `sheet:"year"`
	LineNo        int       `sheet:"line_no" validate:"min=1,max=9999"`
	LevelWord     string    `sheet:"level"`
	Fund          string    `sheet:"fund" validate:"max=60,no_personal_number"`
	FunctionCode  string    `sheet:"function_code"`
	EconomicCode  string    `sheet:"economic_code"`
	Office        string    `sheet:"office" validate:"max=100,no_personal_number"`
	TraceCode     string    `sheet:"trace_code" validate:"max=60"`
	Tags          string    `sheet:"tags" validate:"max=200,no_personal_number"`
	Programs      string    `sheet:"programs" validate:"max=100,no_personal_number"`
	ReducesNumber string    `sheet:"reduces_number" validate:"max=80,no_personal_number"`
	ReducesLine   int       `sheet:"reduces_line"`
	CashArrived   money.Fen `sheet:"cash_arrived" validate:"fen_not_negative"`
	Amount        money.Fen `sheet:"amount" validate:"fen_positive"`
	Includes      string    `sheet:"includes"`
	AdvanceNumber string    `sheet:"advance_number" validate:"max=80,no_personal_number"`
	ThisTime      money.Fen `sheet:"this_time"`
	FromAside     money.Fen `sheet:"from_set_aside" validate:"fen_not_negative"`
	FromReserve   money.Fen `sheet:"from_reserve" validate:"fen_not_negative"`

	typ           Type
	kind          Kind
	word          Word
	level         terms.Level
	cashKnown     bool
	thisTimeKnown bool
}

// documentSheet is a documents file, its rows gathered by document in the order
// of the file; rows that could not be read whole are not compared with the record.
type documentSheet struct {
	*imports.Sheet[documentRow]
	papers []*paper
}

// paper is one document of a file.
type paper struct {
	number string
	rows   []sheet.Record[documentRow]
}

func (p *paper) head() documentRow { return p.rows[0].Value }

func (s *Service) readDocuments(ctx context.Context, path string) (*documentSheet, error) {
	table, err := imports.Read(ctx, path, "", sheet.Documents, s.checkDocumentRow)
	if err != nil {
		return nil, err
	}
	d := &documentSheet{Sheet: table}
	byNumber := map[string]*paper{}
	for _, r := range table.Rows {
		if !table.Read(r.Row, "number") {
			continue
		}
		p, known := byNumber[r.Value.Number]
		if !known {
			p = &paper{number: r.Value.Number}
			byNumber[r.Value.Number] = p
			d.papers = append(d.papers, p)
		}
		p.rows = append(p.rows, r)
	}
	for _, p := range d.papers {
		d.checkPaper(p)
		p.rows = slices.DeleteFunc(p.rows, func(r sheet.Record[documentRow]) bool { return table.Bad[r.Row] })
	}
	d.papers = slices.DeleteFunc(d.papers, func(p *paper) bool { return len(p.rows) == 0 })
	return d, nil
}

var (
	functionCode = regexp.MustCompile(`^\d{3}(\d{2}){1,2}$`)
	economicCode = regexp.MustCompile(`^\d{3}(\d{2})?$`)
	programCode  = regexp.MustCompile(`^[A-Z]{2,8}$`)
	listMarks    = regexp.MustCompile(`[;；,，、\s]+`)
)

// checkDocumentRow checks what one row can say by itself and brings it into
// the form that is kept.
func (s *Service) checkDocumentRow(row sheet.Row, r *documentRow, is *imports.Issues) {
	is.Refuse(s.valid.Row(row, r)...)
	bad := func(key, code string, args ...any) { is.Refuse(row.Problem(key, code, args...)) }
	r.Number, r.ReducesNumber = NormalNumber(r.Number), NormalNumber(r.ReducesNumber)
	r.Tags = strings.Join(list(r.Tags), ";")
	r.cashKnown = row.Get("cash_arrived") != ""
	r.AdvanceNumber, r.thisTimeKnown = NormalNumber(r.AdvanceNumber), row.Get("this_time") != ""
	var ok bool
	if r.typ, r.kind, ok = parseType(r.KindWord, r.ReducesNumber != ""); !ok {
		bad("kind", "FUNDS_KIND")
	}
	if r.level, ok = terms.ParseLevel(r.LevelWord); !ok {
		bad("level", "FUNDS_LEVEL")
	}
	if !functionCode.MatchString(r.FunctionCode) {
		bad("function_code", "FUNDS_FUNCTION_CODE")
	}
	if !economicCode.MatchString(r.EconomicCode) {
		bad("economic_code", "FUNDS_ECONOMIC_CODE")
	}
	if r.cashKnown && r.CashArrived > r.Amount && r.Amount > 0 {
		bad("cash_arrived", "FUNDS_CASH_ABOVE", "amount", r.Amount.Grouped())
	}
	s.checkDates(r, bad)
	if is.Read(row, "issued_on") && is.Read(row, "year") {
		checkYear(r, bad)
	}
	checkReduces(r, bad)
	checkWords(r, bad)
	checkDecision(r, bad)
	programs := list(strings.ToUpper(r.Programs))
	for _, p := range programs {
		if !programCode.MatchString(p) {
			bad("programs", "FUNDS_PROGRAM", "program", p)
		}
	}
	r.Programs = strings.Join(programs, ";")
}

// checkDates: a paper is issued, received and passed on in this order and not
// in the future, and its budget year is the year of issue or, where money is
// announced ahead (提前下达), the next.
func (s *Service) checkDates(r *documentRow, bad func(key, code string, args ...any)) {
	if r.ReceivedOn.Before(r.IssuedOn) {
		bad("received_on", "FUNDS_RECEIVED_BEFORE", "issued", r.IssuedOn.Format(time.DateOnly))
	}
	if !r.PassedOn.IsZero() && r.PassedOn.Before(r.IssuedOn) {
		bad("passed_on", "FUNDS_PASSED_BEFORE", "issued", r.IssuedOn.Format(time.DateOnly))
	}
	if r.ReceivedOn.After(s.today()) {
		bad("received_on", "FUNDS_FUTURE", "today", s.today().Format(time.DateOnly))
	}
}

func checkReduces(r *documentRow, bad func(key, code string, args ...any)) {
	if r.kind == Cut && r.ReducesNumber != "" && r.ReducesLine < 1 {
		bad("reduces_line", "FUNDS_REDUCES_MISSING")
	}
	switch {
	case r.kind == Cut && r.ReducesNumber == "":
		bad("reduces_number", "FUNDS_REDUCES_MISSING")
	case r.kind == Bring && (r.ReducesNumber != "" || r.ReducesLine != 0):
		bad("reduces_number", "FUNDS_REDUCES_EXTRA")
	case r.kind == Cut && r.ReducesNumber == r.Number:
		bad("reduces_number", "FUNDS_REDUCES_ITSELF")
	}
}

// checkYear: a paper is of the year of issue or, where money is announced ahead
// (提前下达), of the next; what brings the next year's money and says no more is
// such a notice.
func checkYear(r *documentRow, bad func(key, code string, args ...any)) {
	issued, next := day(r.IssuedOn), r.IssuedOn.Year()+1
	switch {
	case r.typ == Advance && r.Year != next:
		bad("year", "FUNDS_ADVANCE_YEAR", "issued", issued, "year", next)
	case r.Year != next && r.Year != next-1:
		bad("year", "FUNDS_YEAR", "issued", issued)
	case r.typ == Issue && r.Year == next:
		r.typ = Advance
	}
}

// checkWords: only what brings money speaks of an advance notice, and one that
// says 扣除 also says what it brings this time, because papers that say so print
// now the whole amount and now the rest.
func checkWords(r *documentRow, bad func(key, code string, args ...any)) {
	var ok bool
	if r.word, ok = parseWord(r.Includes); !ok {
		bad("includes", "FUNDS_INCLUDES")
	}
	if r.kind == Cut && r.word != "" || (r.kind == Cut || r.typ == Advance) && (r.AdvanceNumber != "" || r.thisTimeKnown) {
		bad("includes", "FUNDS_INCLUDES_EXTRA")
	}
	switch {
	case r.kind != Bring || r.typ == Advance:
	case r.word == "" && r.AdvanceNumber != "", r.word == Apart && r.thisTimeKnown:
		bad("includes", "FUNDS_INCLUDES")
	case r.word == Deducting && !r.thisTimeKnown:
		bad("this_time", "FUNDS_THIS_TIME_MISSING")
	}
}

// checkDecision: only a cut decides what else it takes, and no more than it cuts.
func checkDecision(r *documentRow, bad func(key, code string, args ...any)) {
	if r.kind == Bring && (r.FromAside != 0 || r.FromReserve != 0) {
		bad("from_set_aside", "FUNDS_DECISION_EXTRA")
	}
	if sum, err := money.Add(r.FromAside, r.FromReserve); r.kind == Cut && (err != nil || sum > r.Amount) {
		bad("from_set_aside", "FUNDS_DECISION_ABOVE", "amount", r.Amount.Grouped())
	}
}

// list is the items of a cell that holds several, without repetitions.
func list(s string) []string {
	var out []string
	for _, item := range listMarks.Split(s, -1) {
		if item != "" && !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}

// checkPaper checks the rows of one document against its first row.
func (d *documentSheet) checkPaper(p *paper) {
	first := p.rows[0]
	lines := map[int]int{}
	for _, r := range p.rows {
		if row, twice := lines[r.Value.LineNo]; twice {
			d.say(r, "line_no", "FUNDS_LINE_TWICE", "row", row)
		}
		if d.Read(r.Row, "line_no") {
			lines[r.Value.LineNo] = r.Row
		}
		for _, c := range headDifferences(first.Value, r.Value) {
			if !d.Read(first.Row, c.key) {
				continue // nothing to compare with
			}
			d.say(r, c.key, "FUNDS_DOCUMENT_DIFFERS", "row", first.Row, "first", c.first)
		}
	}
}

// difference is a column in which two rows of one document disagree.
type difference struct{ key, first string }

func headDifferences(a, b documentRow) []difference {
	var out []difference
	differ := func(key string, same bool, first string) {
		if !same {
			out = append(out, difference{key, first})
		}
	}
	differ("title", a.Title == b.Title, a.Title)
	differ("kind", a.typ == b.typ, a.KindWord)
	differ("issued_on", a.IssuedOn.Equal(b.IssuedOn), day(a.IssuedOn))
	differ("received_on", a.ReceivedOn.Equal(b.ReceivedOn), day(a.ReceivedOn))
	differ("passed_on", a.PassedOn.Equal(b.PassedOn), day(a.PassedOn))
	differ("year", a.Year == b.Year, itoa(a.Year))
	return out
}

// say reports a problem of a row that was found after it was read.
func (d *documentSheet) say(r sheet.Record[documentRow], key, code string, args ...any) {
	say(d.Sheet, d.Issues, r, key, code, args...)
}

func say(table *imports.Sheet[documentRow], is *imports.Issues, r sheet.Record[documentRow], key, code string, args ...any) {
	is.Say(table.At(r.Row, key, shown(r.Value, key)), code, args...)
}

// shown is a cell's value as a problem shows it.
func shown(r documentRow, key string) string {
	switch key {
	case "number":
		return r.Number
	case "title":
		return r.Title
	case "kind":
		return r.KindWord
	case "issued_on":
		return day(r.IssuedOn)
	case "received_on":
		return day(r.ReceivedOn)
	case "passed_on":
		return day(r.PassedOn)
	case "year":
		return itoa(r.Year)
	case "line_no":
		return itoa(r.LineNo)
	case "level":
		return r.LevelWord
	case "fund":
		return r.Fund
	case "programs":
		return r.Programs
	case "reduces_number":
		return r.ReducesNumber
	case "reduces_line":
		return itoa(r.ReducesLine)
	case "amount":
		return r.Amount.Grouped()
	case "includes":
		return r.Includes
	case "this_time":
		return r.ThisTime.Grouped()
	}
	return ""
}
