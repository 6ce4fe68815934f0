package sample

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"fenlu/internal/durable"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/sheet"
	"fenlu/money"
)

// Year is a county with the papers and lists of its twelve months. Its standards
// are those of the year before until April raises some of them from January on.
type Year struct {
	*County
	Family [4]int32 // the household that splits: head, spouse, son, daughter-in-law
	Apart  string   // code of the household that the last two make
	Dead   int32    // who dies in July, after that month's list was approved

	raised map[int]Policy // by position in County.Policies
	linked int            // position of the price-linked subsidy
}

// The documents of the year that more than one paper or step names.
const (
	AdvanceNotice = "财社〔2025〕188号"  // 提前下达 7,000,000
	Including     = "财社〔2026〕15号"   // 10,000,000, 含
	Addition      = "财社〔2026〕47号"   // 追加
	ProvinceFirst = "省财社〔2026〕31号"  // 首批; its second line is 特困's
	ProvinceLater = "省财社〔2026〕118号" // 追加 for 特困
	CountyBudget  = "县财预〔2026〕6号"
	WorkBudget    = "县财预〔2026〕7号"
	PriceFirst    = "省财社〔2026〕66号"  // 追加 for 价格临时补贴
	PriceCut      = "省财社〔2026〕71号"  // 调减 of it
	PriceLater    = "省财社〔2026〕88号"  // 追加
	PriceNext     = "省财社〔2026〕160号" // 提前下达 for the next year
	ReliefCut     = "财社〔2026〕96号"   // 调减 of the addition
)

// YearOf is the year of the papers.
const YearOf = 2026

// The months in which something happens to the lists.
const (
	raiseMonth = 4 // the raised standards are paid from here on
	splitMonth = 7 // the first list with both households
	aliveUntil = 7 // the last list that names who dies in it
	stationEnd = 6 // temporary identities end with June
)

// Months in which prices rose enough (价格联动).
const (
	PriceMay      = 5
	PriceDecember = 12
)

// leastOfYear is from how many payments on each of the year's stories has people.
const leastOfYear = 20

// GenerateYear makes the county of a year; payments is how many bank credits each
// of its months forms, about. Errors: as Generate.
func GenerateYear(seed int64, payments int) (*Year, error) {
	if payments < leastOfYear {
		return nil, errs.New(errs.Invalid, "SAMPLE_YEAR", "payments", payments, "least", leastOfYear)
	}
	c, err := Generate(Params{Seed: seed, Payments: payments, Month: fmt.Sprintf("%d-01", YearOf)})
	if err != nil {
		return nil, err
	}
	y := &Year{County: c, raised: map[int]Policy{}}
	y.raise()
	y.families()
	return y, nil
}

// raise dates the county's standards a year back, raises four of them, and adds
// the price-linked subsidy.
func (y *Year) raise() {
	for i := range y.Policies {
		y.Policies[i].Document = olderNumber(y.Policies[i].Document)
	}
	for at, monthly := range map[int]money.Fen{dbRuralA: 440_00, dbRuralB: 300_00, dbRuralC: 185_00} {
		p := y.Policies[at]
		p.Amount, p.Document, p.Clause = monthly, "县民发〔2026〕14号", "第二条"
		p.Quote = fmt.Sprintf("从2026年1月起，%s提高到每人每月%s元，已发月份的差额予以补发。", p.Class, monthly)
		y.raised[at] = p
	}
	p := y.Policies[tkHome]
	p.Amount, p.Layers, p.Document, p.Clause = 5358_00, "省=4758.00;县=600.00", "县民发〔2026〕15号", "第二条"
	p.Quote = "从2026年1月起，分散供养基本生活标准提高到每人每年5358元，提高部分由省级补助，已发月份的差额予以补发。"
	y.raised[tkHome] = p
	y.linked = len(y.Policies)
	y.Policies = append(y.Policies, Policy{"JG", "", "低保对象", "月", 0, "", "fen", false, "县民发〔2026〕21号", "第三条",
		"价格临时补贴按农村低保A档标准乘以居民消费价格同比涨幅，按月发放。"})
}

// olderNumber puts a paper of the year into the year before.
func olderNumber(number string) string {
	out := []rune(number)
	for i := range out {
		if i+4 < len(out) && out[i] == '〔' {
			copy(out[i+1:], []rune(strconv.Itoa(YearOf-1)))
		}
	}
	return string(out)
}

// families adds a household of four that will split, and a head with a parent who
// will die.
func (y *Year) families() {
	roster := &y.Rosters[0]
	village := y.village(false)
	head := y.newHead(village, 50, 58)
	y.giveAccount(head)
	at := y.People[head].Household
	y.Family = [4]int32{head, y.newPerson(at, Spouse, 48, 56), y.newPerson(at, Child, 26, 29), y.newPerson(at, Other, 24, 28)}
	y.giveAccount(y.Family[2]) // the son has a card of his own: he will be a head
	for _, p := range y.Family {
		y.entitle(roster, dbRuralB, p, ByHead, 0)
	}
	y.Apart = y.code(y.newHousehold(village))
	y.Households = y.Households[:len(y.Households)-1] // its number is taken, nobody is in it yet
	alone := y.newHead(village, 52, 60)
	y.giveAccount(alone)
	y.entitle(roster, dbRuralC, alone, ByHead, 0)
	y.Dead = y.newPerson(y.People[alone].Household, Parent, 76, 84)
	y.entitle(roster, dbRuralC, y.Dead, ByHead, 0)
	roster.Payments += 2
}

func (y *Year) code(household int32) string {
	return y.HouseholdCode(&Person{Household: household})
}

// Rise is by how much prices have risen in a month (居民消费价格同比涨幅), in tenths
// of a per cent.
func Rise(month int) int64 {
	const may, december = 35, 40
	if month < PriceDecember {
		return may
	}
	return december
}

// owed is what a line of January's lists comes to in a month.
func (y *Year) owed(l *Line, month int) money.Fen {
	if l.Case > 0 {
		return l.Amount
	}
	if p, raised := y.raised[l.Policy]; raised && month >= raiseMonth {
		return p.Monthly(month)
	}
	return y.Policies[l.Policy].Monthly(month)
}

// List is a roster of a month, with the rows of its file.
type List struct {
	Roster
	Month int
}

// Code is the code of its batch: PC-TK-HOME-202603.
func (l List) Code() string { return fmt.Sprintf("%s-%d%02d", batchWord(l.File), YearOf, l.Month) }

// Lists are the regular lists of a month (1 to 12), in order: who is alive and
// entitled, at what the standards say then.
func (y *Year) Lists(month int) []List {
	var out []List
	for _, r := range y.Rosters {
		l := List{Roster: r, Month: month}
		l.Lines = nil
		for i := range r.Lines {
			line := r.Lines[i]
			if y.leaves(r.Program, &line, i, month) {
				continue
			}
			line.Amount = y.owed(&line, month)
			l.Lines = append(l.Lines, line)
		}
		if len(l.Lines) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// leaves says whether a line of January's lists is none of a month: the dead, whose
// identity has ended, and cases of other months, which are paid once.
func (y *Year) leaves(program string, l *Line, at, month int) bool {
	const year = 12
	switch {
	case l.Person == y.Dead:
		return month > aliveUntil
	case program == "LL":
		return month > stationEnd
	case l.Case > 0:
		return at%year != month-1
	}
	return false
}

// PriceList is the list of the price-linked subsidy of a month: everybody in 低保.
func (y *Year) PriceList(month int) List {
	l := List{Roster: Roster{File: "roster-JG", Title: "价格临时补贴", Program: "JG", Channel: Daifa}, Month: month}
	for _, line := range y.Lists(month)[0].Lines {
		line.Policy, line.Amount = y.linked, y.priceLinked(month)
		l.Lines = append(l.Lines, line)
	}
	return l
}

// priceLinked is the subsidy of a month, rounded half up.
func (y *Year) priceLinked(month int) money.Fen {
	const thousandths, half = 1_000, 500
	return (y.raised[dbRuralA].Amount*money.Fen(Rise(month)) + half) / thousandths
}

// SplitList is what somebody might think of after the split: the young household on
// a list of its own for the month that was paid already.
func (y *Year) SplitList(month int) List {
	l := List{Roster: Roster{File: "roster-DB-split", Title: "最低生活保障（分户补单）", Program: "DB", Channel: Daifa}, Month: month}
	for _, p := range y.Family[2:] {
		line := Line{Person: p, Payee: ByHead, Policy: dbRuralB}
		line.Amount = y.owed(&line, month)
		l.Lines = append(l.Lines, line)
	}
	return l
}

// row is a row of a list's file.
func (y *Year) row(l *Line, month int, split bool) []string {
	row := y.lineRow(l)
	row[3] = fmt.Sprintf("%d-%02d", YearOf, month)
	if split && (l.Person == y.Family[2] || l.Person == y.Family[3]) {
		row[4] = y.Apart
	}
	if l.Case > 0 {
		row[10] = caseNumber("LS", time.Date(YearOf, time.Month(month), 1, 0, 0, 0, 0, time.UTC), l.Case)
	}
	return row
}

// Name is the file of a list without its ending: 03-roster-DB.
func (l List) Name() string { return fmt.Sprintf("%02d-%s", l.Month, l.File) }

func (y *Year) listTable(l List) table {
	split := l.Month >= splitMonth || l.File == "roster-DB-split"
	return table{l.Name(), l.Title, sheet.Roster, len(l.Lines), func(yield func([]string) bool) {
		for i := range l.Lines {
			if !yield(y.row(&l.Lines[i], l.Month, split)) {
				return
			}
		}
	}}
}

// batchWord is the code of a roster's batches without the month: PC-TK-HOME.
func batchWord(file string) string {
	return "PC-" + upper(file[len("roster-"):])
}

func upper(s string) string {
	out := []byte(s)
	for i, b := range out {
		if 'a' <= b && b <= 'z' {
			out[i] = b - 'a' + 'A'
		}
	}
	return string(out)
}

// Write writes every file of the year into dir, an index last, as County.Write does.
// Errors: SAMPLE_FORMAT, SHEET_WRITE, SHEET_XLSX_ROWS.
func (y *Year) Write(ctx context.Context, dir, format string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	for _, t := range y.tables() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := sheet.WriteFile(filepath.Join(dir, t.file+"."+format), format, t.layout, i18n.ZH, t.rows); err != nil {
			return err
		}
	}
	return durable.Replace("index", filepath.Join(dir, indexFile), func(f *os.File) error {
		_, err := f.WriteString(y.index(nil))
		return err
	})
}

func (y *Year) tables() []table {
	out := []table{
		{"population", "乡镇户籍人口", sheet.Population, len(y.Townships), each(y.Townships, y.populationRow)},
		{"people", "人员、户、单位和收款账户", sheet.People, len(y.Units) + len(y.People), y.verifiedBefore},
		{"relations", "收款关系", sheet.Relations, len(y.relations()), each(y.relations(), y.relationRow)},
		{"07-deaths", "死亡比对", sheet.Deaths, 1, each([]Death{y.Death()}, deathRow)},
	}
	out = append(out, y.paperTables()...)
	for month := 1; month <= 12; month++ {
		for _, l := range y.Lists(month) {
			out = append(out, y.listTable(l))
		}
	}
	for _, l := range []List{y.PriceList(PriceMay), y.PriceList(PriceDecember), y.SplitList(splitMonth - 1)} {
		out = append(out, y.listTable(l))
	}
	return out
}

// verifiedBefore are the rows of people and units with every account verified before
// the year begins.
func (y *Year) verifiedBefore(yield func([]string) bool) {
	const verifiedOn = 17 // its column
	day := date(y.january(15))
	for row := range y.peopleRows {
		if row[verifiedOn] == day {
			row[verifiedOn] = date(y.january(15).AddDate(-1, 0, 0))
		}
		if !yield(row) {
			return
		}
	}
}

// Death is the row of July's list of deaths.
func (y *Year) Death() Death {
	const day = 8
	p := &y.People[y.Dead]
	return Death{Name: p.Name, ID: p.ID, On: time.Date(YearOf, time.July, day, 0, 0, 0, 0, time.UTC), Source: "县殡葬服务中心", InRoster: true}
}

// record is a row of a layout by its keys; what is not named stays empty.
func record(l sheet.Layout, cells map[string]string) []string {
	row := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		row[i] = cells[c.Key]
	}
	return row
}

func rowsOf(file, title string, l sheet.Layout, cells ...map[string]string) table {
	return table{file, title, l, len(cells), func(yield func([]string) bool) {
		for _, c := range cells {
			if !yield(record(l, c)) {
				return
			}
		}
	}}
}

// sorted are the positions of the raised standards.
func (y *Year) sorted() []int {
	var out []int
	for at := range y.raised {
		out = append(out, at)
	}
	slices.Sort(out)
	return out
}

// Raised are the standards that April raises, in order.
func (y *Year) Raised() []Policy {
	var out []Policy
	for _, at := range y.sorted() {
		out = append(out, y.raised[at])
	}
	return out
}
