package sample

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"fenlu/internal/sheet"
	"fenlu/money"
)

// paper is one line of a document of the year.
type paper struct {
	file, number, title, kind  string
	issued, received           string
	line                       int
	level, fund, function, use string
	programs                   string
	amount                     money.Fen
	includes                   string
	cuts                       string // 文号 of the line that it cuts
	year                       int
}

// Amounts that the story names.
const (
	noticed   money.Fen = 7_000_000_00
	including money.Fen = 10_000_000_00
	wholeYuan money.Fen = 100
	tenThousd money.Fen = 10_000_00
)

// up rounds up to a multiple.
func up(f, to money.Fen) money.Fen { return (f + to - 1) / to * to }

// need is what the lines of the regular lists from one month to another come to that
// are chosen.
func (y *Year) need(from, to int, chosen func(program string, l *Line) money.Fen) money.Fen {
	var sum money.Fen
	for month := from; month <= to; month++ {
		for _, l := range y.Lists(month) {
			for i := range l.Lines {
				sum += chosen(l.Program, &l.Lines[i])
			}
		}
	}
	return sum
}

// layered says whether the levels' shares of a standard are set down.
func (y *Year) layered(l *Line) bool { return y.Policies[l.Policy].Layers != "" }

// provincial is about what the province pays of a line in a month.
func (y *Year) provincial(_ string, l *Line) money.Fen {
	if !y.layered(l) {
		return 0
	}
	const countyYear, months = 600_00, 12
	return l.Amount - countyYear/months
}

// open is what any level may pay of a line of the relief fund.
func (y *Year) open(program string, l *Line) money.Fen {
	if program == "CJ" || y.layered(l) {
		return 0
	}
	return l.Amount
}

func (y *Year) disabled(program string, l *Line) money.Fen {
	if program != "CJ" {
		return 0
	}
	return l.Amount
}

// advancedFrom is the first month in which the province's money for 特困 is short.
const advancedFrom = 9

// papers are the documents of the year. The province's first instalment for 特困
// lasts until the middle of September, so that the county has to advance its share.
func (y *Year) papers() []paper {
	const allRelief, margin = "DB;TK;LS;ET;LL", 4
	open, disabled := y.need(1, 12, y.open), up(y.need(1, 12, y.disabled), tenThousd)
	month := y.need(advancedFrom, advancedFrom, y.provincial)
	first := y.need(1, advancedFrom-1, y.provincial) + y.raisedBefore() + month/2
	price := y.total(y.PriceList(PriceMay))
	december := y.total(y.PriceList(PriceDecember))
	out := []paper{
		{file: "00-documents", number: AdvanceNotice, title: "关于提前下达2026年困难群众救助补助资金预算的通知", kind: "提前下达", issued: "2025-11-28", received: "2025-12-10",
			level: "中央", fund: FundRelief, function: "2081902", programs: allRelief, amount: noticed},
		{file: "01-documents", number: Including, title: "关于下达2026年困难群众救助补助资金预算的通知", kind: "下达", issued: "2026-01-02", received: "2026-01-02",
			level: "中央", fund: FundRelief, function: "2081902", programs: allRelief, amount: including, includes: "含"},
		{file: "01-documents", number: ProvinceFirst, title: "关于下达困难群众救助补助资金预算（首批）的通知", kind: "下达", issued: "2026-01-02", received: "2026-01-02",
			level: "省", fund: FundRelief, function: "2082102", programs: "DB;LS;ET;LL", amount: 1_000_000_00 + up(open/margin, tenThousd)},
		{file: "01-documents", number: ProvinceFirst, line: 2, title: "关于下达困难群众救助补助资金预算（首批）的通知", kind: "下达", issued: "2026-01-02", received: "2026-01-02",
			level: "省", fund: FundRelief, function: "2082102", programs: "TK", amount: up(first, wholeYuan)},
		{file: "01-documents", number: "省财社〔2026〕44号", title: "关于下达残疾人两项补贴资金预算的通知", kind: "下达", issued: "2026-01-02", received: "2026-01-02",
			level: "省", fund: FundDisability, function: "2081107", programs: "CJ", amount: disabled},
		{file: "01-documents", number: "市财社〔2026〕18号", title: "关于下达困难群众救助补助资金预算的通知", kind: "下达", issued: "2026-01-02", received: "2026-01-02",
			level: "市", fund: FundRelief, function: "2081901", programs: "DB;LS;ET;LL", amount: 500_000_00 + up(open/margin/2, tenThousd)},
		{file: "01-documents", number: CountyBudget, title: "关于批复民生救助资金预算的通知", kind: "下达", issued: "2026-01-02", received: "2026-01-02",
			level: "县", fund: FundRelief, function: "2082001", programs: allRelief, amount: 2_000_000_00 + up(open/margin, tenThousd)},
		{file: "01-documents", number: CountyBudget, line: 2, title: "关于批复民生救助资金预算的通知", kind: "下达", issued: "2026-01-02", received: "2026-01-02",
			level: "县", fund: FundDisability, function: "2081107", programs: "CJ", amount: up(disabled/margin, tenThousd)},
	}
	out = append(out, y.paper7(out),
		paper{file: "03-documents", number: Addition, title: "关于追加困难群众救助补助资金预算的通知", kind: "追加", issued: "2026-03-05", received: "2026-03-11",
			level: "中央", fund: FundRelief, function: "2081902", programs: allRelief, amount: 1_000_000_00 + up(open, tenThousd), includes: "不含"},
		paper{file: "05-documents", number: PriceFirst, title: "关于下达价格临时补贴资金的通知", kind: "追加", issued: "2026-05-11", received: "2026-05-14",
			level: "省", fund: FundRelief, function: "2082102", programs: "JG", amount: up(price+price/margin, wholeYuan)},
		paper{file: "05-later", number: PriceLater, title: "关于补充下达价格临时补贴资金的通知", kind: "追加", issued: "2026-05-18", received: "2026-05-19",
			level: "省", fund: FundRelief, function: "2082102", programs: "JG", amount: up(december+december/margin+y.short(), wholeYuan)},
		paper{file: "11-documents", number: ProvinceLater, title: "关于追加困难群众救助补助资金预算的通知", kind: "追加", issued: "2026-10-28", received: "2026-11-02",
			level: "省", fund: FundRelief, function: "2082102", programs: "TK", amount: up(month*margin, wholeYuan)},
		paper{file: "12-documents", number: PriceNext, title: "关于提前下达2027年价格临时补贴资金的通知", kind: "提前下达", issued: "2026-12-11", received: "2026-12-16",
			level: "省", fund: FundRelief, function: "2082102", programs: "JG", amount: up(december/2+wholeYuan, wholeYuan), year: YearOf + 1})
	return append(out, y.cuts(out, price)...)
}

// cuts are the two of the year: one reaches into what is frozen of the price-linked
// subsidy; the other lowers the cap of purchased services by less than the later
// addition raises it.
func (y *Year) cuts(known []paper, price money.Fen) []paper {
	of := map[string]paper{}
	for _, p := range known {
		of[p.number] = p
	}
	cut, relief := of[PriceFirst], of[Addition]
	cut.file, cut.number, cut.title, cut.kind, cut.issued, cut.received = "05-cut", PriceCut, "关于调减价格临时补贴资金的通知", "调减", "2026-05-15", "2026-05-18"
	cut.cuts, cut.programs, cut.amount = PriceFirst, "", cut.amount-price+y.short()
	relief.file, relief.number, relief.title, relief.kind, relief.issued, relief.received = "10-cut", ReliefCut, "关于调减困难群众救助补助资金预算的通知", "调减", "2026-10-19", "2026-10-22"
	relief.cuts, relief.programs, relief.includes, relief.amount = Addition, "", "", up(of[ProvinceLater].amount/2, wholeYuan)
	return []paper{cut, relief}
}

// paper7 is the county's work fund: four per cent of the relief fund, so that floor
// and cap of purchased services can both be kept.
func (y *Year) paper7(known []paper) paper {
	var relief money.Fen
	for _, p := range known {
		if p.fund == FundRelief && p.number != AdvanceNotice {
			relief += p.amount
		}
	}
	const share = 25
	return paper{file: "01-documents", number: WorkBudget, title: "关于批复社会救助工作经费预算的通知", kind: "下达", issued: "2026-01-02", received: "2026-01-02",
		level: "县", fund: FundWork, function: "2080299", use: "50205", amount: up(relief/share, tenThousd)}
}

// short is by how much the cut of May reaches into what is frozen: three people's
// subsidy.
func (y *Year) short() money.Fen {
	const people = 3
	return people * y.priceLinked(PriceMay)
}

// Short is that amount, for the demo to compare.
func (y *Year) Short() money.Fen { return y.short() }

func (y *Year) total(l List) money.Fen { return l.Total() }

// raisedBefore is about what the raise of 特困 adds to the months paid before it.
func (y *Year) raisedBefore() money.Fen {
	var sum money.Fen
	for month := 1; month < raiseMonth; month++ {
		for _, l := range y.Lists(month) {
			for i := range l.Lines {
				if l.Lines[i].Policy == tkHome {
					sum += y.raised[tkHome].Monthly(month) - l.Lines[i].Amount
				}
			}
		}
	}
	return sum
}

func (p paper) cells() map[string]string {
	c := map[string]string{"number": p.number, "title": p.title, "kind": p.kind, "issued_on": p.issued, "received_on": p.received,
		"year": strconv.Itoa(max(p.year, YearOf)), "line_no": strconv.Itoa(max(p.line, 1)), "level": p.level, "fund": p.fund,
		"function_code": p.function, "economic_code": "50901", "office": Office, "programs": p.programs, "amount": p.amount.String(), "includes": p.includes}
	if p.use != "" {
		c["economic_code"] = p.use
	}
	if p.cuts != "" {
		c["reduces_number"], c["reduces_line"] = p.cuts, "1"
	}
	return c
}

// paperTables are the documents, standards, figures and the catalogue, by when they
// come.
func (y *Year) paperTables() []table {
	var out []table
	byFile := map[string][]map[string]string{}
	var order []string
	for _, p := range y.papers() {
		if byFile[p.file] == nil {
			order = append(order, p.file)
		}
		byFile[p.file] = append(byFile[p.file], p.cells())
	}
	for _, f := range order {
		out = append(out, rowsOf(f, "指标文件", sheet.Documents, byFile[f]...))
	}
	first := fmt.Sprintf("%d-01-01", YearOf-1)
	dated := func(p *Policy) []string {
		row := y.policyRow(p)
		row[8] = first
		return row
	}
	raised := y.Raised()
	base := y.Policies[:y.linked]
	linked := y.Policies[y.linked]
	return append(out,
		table{"policies", "政策标准", sheet.Policies, len(base), each(base, dated)},
		table{"04-policies", "提高后的标准", sheet.Policies, len(raised), each(raised, y.policyRow)},
		table{"rules", "规则参数", sheet.Rules, len(y.Rules), each(y.Rules, y.ruleRow)},
		rowsOf("01-rules", "规则参数（续）", sheet.Rules, yearFigure("垫付清偿期限（天）", "2026-01-01", "60", "≤", "县财社〔2026〕8号", "第九条", "垫付其他级次资金的，六十日内清偿。")),
		rowsOf("05-programs", "项目目录", sheet.Programs, map[string]string{"program": "JG", "program_name": "价格临时补贴", "program_name_en": "Price-linked subsidy",
			"component": "price", "component_name": "价格临时补贴", "function_urban": "2082102", "function_rural": "2082102",
			"pool": FundRelief + "=省", "valid_from": "2026-05-01", "document": linked.Document}),
		rowsOf("05-rules", "物价涨幅", sheet.Rules, priceFigure("2026-05-01", RiseText(PriceMay), "=", linked.Document, "附件", "4月居民消费价格同比上涨3.5%。")),
		rowsOf("12-rules", "物价涨幅", sheet.Rules, priceFigure("2026-12-01", RiseText(PriceDecember), "=", "县民发〔2026〕39号", "附件", "11月居民消费价格同比上涨4.0%。")),
		rowsOf("05-policies", "价格临时补贴标准", sheet.Policies, map[string]string{"program": linked.Program, "class": linked.Class, "period": linked.Period,
			"family": "价格联动", "base": "DB//农村A档", "valid_from": "2026-05-01", "document": linked.Document, "clause": linked.Clause, "quote": linked.Quote}),
		rowsOf("03-policies", "购买服务支付标准", sheet.Policies, map[string]string{"program": "FW", "class": "购买服务", "period": "次", "amount": "100000000.00",
			"cap": "上限", "valid_from": first, "document": "县民发〔2025〕18号", "clause": "第七条", "quote": "购买服务按验收金额支付。"}))
}

// RiseText is Rise as people write it: 3.5%.
func RiseText(month int) string { return fmt.Sprintf("%d.%d%%", Rise(month)/10, Rise(month)%10) }

// priceFigure is the rise of prices: of the whole country.
func priceFigure(from, value, operator, document, clause, quote string) map[string]string {
	f := yearFigure("居民消费价格同比涨幅", from, value, operator, document, clause, quote)
	f["area_code"] = ""
	return f
}

func yearFigure(name, from, value, operator, document, clause, quote string) map[string]string {
	return map[string]string{"name": name, "area_code": CountyCode, "valid_from": from, "value": value, "operator": operator,
		"document": document, "clause": clause, "quote": quote}
}

// Suppliers are the units that sell services (承接单位), in order.
func (y *Year) Suppliers() []Unit {
	var out []Unit
	for _, u := range y.Units {
		if u.Kind == "承接单位" {
			out = append(out, u)
		}
	}
	return out
}

// Contract is a contract for services whose amount follows from what was decided.
type Contract struct {
	Number, Service, Scope, Fund, Signed string
	Unit                                 Unit
	Amount                               money.Fen
}

// WriteContract writes the file of one contract.
func (y *Year) WriteContract(path, format string, c Contract) error {
	t := rowsOf("", "", sheet.Contracts, map[string]string{"number": c.Number, "credit_code": c.Unit.Code, "supplier": c.Unit.Name, "township": y.Townships[0].Code,
		"service": c.Service, "scope": c.Scope, "headcount": "8", "amount": c.Amount.String(), "fund": c.Fund, "year": strconv.Itoa(YearOf),
		"signed_on": c.Signed, "starts_on": c.Signed, "ends_on": fmt.Sprintf("%d-12-31", YearOf)})
	return sheet.WriteFile(path, format, sheet.Contracts, "zh", t.rows)
}

// WriteService writes the list that pays an acceptance.
func (y *Year) WriteService(path, format string, u Unit, month, acceptance string, amount money.Fen) error {
	t := rowsOf("", "", sheet.Roster, map[string]string{"program": "FW", "class": "购买服务", "month": month, "name": u.Name, "id_number": u.Code,
		"amount": amount.String(), "payee": "本人", "case_no": acceptance})
	return sheet.WriteFile(path, format, sheet.Roster, "zh", t.rows)
}

// MonthName is the first day of a month of the year.
func MonthName(month int) string {
	return strings.TrimSuffix(time.Date(YearOf, time.Month(month), 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), "-01")
}

// Paper is a line of a document of the year, for a reader.
type Paper struct {
	Number, Kind, Level, Fund string
	Amount                    money.Fen
}

// PapersOf are the lines of one file of documents.
func (y *Year) PapersOf(file string) []Paper {
	var out []Paper
	for _, p := range y.papers() {
		if p.file != file {
			continue
		}
		if p.includes != "" {
			p.kind += "（" + p.includes + "提前下达）"
		}
		out = append(out, Paper{p.number, p.kind, p.level, p.fund, p.amount})
	}
	return out
}

// Advanced is the most that the county advances of the province's part of 特困: what
// it comes to in three months.
func (y *Year) Advanced() money.Fen {
	return up(y.need(advancedFrom, advancedFrom+2, y.provincial), wholeYuan)
}

// SpareUnitAccount is the n-th account that no unit of the county has.
func (y *Year) SpareUnitAccount(n int64) string {
	const beyond = 5_000_000
	return y.Banks[0].corporate(beyond + n)
}
