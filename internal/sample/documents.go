package sample

import (
	"fmt"
	"time"

	"fenlu/money"
)

// Document is one line of an appropriation document (指标文件的一行).
type Document struct {
	Number, Title                 string
	Issued, Received, Passed      time.Time // Passed (转下达) is zero for the county's own money
	Line                          int
	Level, Fund                   string
	Function, Economic            string
	TraceCode, Tags, Programs     string
	CashArrived, Amount           money.Fen // CashArrived is 0 where unknown
	issueDay, receiveDay, passDay int
}

// The funds of the county's documents (资金).
const (
	FundRelief     = "困难群众救助补助资金"
	FundDisability = "残疾人两项补贴资金"
	FundWork       = "社会救助工作经费"
	FundLottery    = "福彩公益金"
)

// paymentsOfOneYear is how many monthly payments the documents of one year's
// plan carry comfortably; a larger county gets whole multiples of them.
const paymentsOfOneYear = 12_000

// appropriations are eight lines in seven documents, 68.64 million yuan.
func (c *County) appropriations() []Document {
	y := c.first.Year()
	relief := "下达困难群众救助补助资金预算的通知"
	const all = "DB;TK;LS;ET;LL"
	lines := []Document{
		{Number: "财社〔%d〕12号", Title: "关于" + relief, Level: "中央", Fund: FundRelief, Function: "2081902", Economic: "50901",
			TraceCode: "17Z175080010001", Tags: "01中央直达资金;A0302-困难群众救助", Programs: all, Amount: 34_860_000_00, issueDay: 6, receiveDay: 12, passDay: 20},
		{Number: "省财社〔%d〕31号", Title: "关于" + relief, Level: "省", Fund: FundRelief, Function: "2082102", Economic: "50901",
			TraceCode: "17Z175080010001", Tags: "03省级直达资金;A0302-困难群众救助", Programs: all, Amount: 11_480_000_00, issueDay: 13, receiveDay: 19, passDay: 26},
		{Number: "省财社〔%d〕44号", Title: "关于下达残疾人两项补贴资金预算的通知", Level: "省", Fund: FundDisability, Function: "2081107", Economic: "50901",
			Programs: "CJ", Amount: 2_610_000_00, issueDay: 15, receiveDay: 21, passDay: 28},
		{Number: "省财社〔%d〕52号", Title: "关于下达福利彩票公益金的通知", Level: "福彩", Fund: FundLottery, Function: "2296002", Economic: "50901",
			Programs: "ET", Amount: 1_440_000_00, issueDay: 16, receiveDay: 22, passDay: 28},
		{Number: "市财社〔%d〕18号", Title: "关于" + relief, Level: "市", Fund: FundRelief, Function: "2081901", Economic: "50901",
			Programs: all, Amount: 4_200_000_00, issueDay: 20, receiveDay: 23},
		{Number: "县财预〔%d〕6号", Title: "关于批复民生救助资金预算的通知", Level: "县", Fund: FundRelief, Function: "2082001", Economic: "50901",
			Programs: all, Amount: 10_860_000_00, issueDay: 26, receiveDay: 27},
		{Number: "县财预〔%d〕6号", Title: "关于批复民生救助资金预算的通知", Line: 2, Level: "县", Fund: FundDisability, Function: "2081107", Economic: "50901",
			Programs: "CJ", Amount: 1_390_000_00, issueDay: 26, receiveDay: 27},
		{Number: "县财预〔%d〕7号", Title: "关于批复社会救助工作经费预算的通知", Level: "县", Fund: FundWork, Function: "2080299", Economic: "50205",
			Amount: 1_800_000_00, issueDay: 26, receiveDay: 27},
	}
	times := money.Fen(1 + (c.Params.Payments-1)/paymentsOfOneYear)
	for i := range lines {
		c.complete(&lines[i], y, times)
	}
	return lines
}

func (c *County) complete(d *Document, year int, times money.Fen) {
	d.Number = fmt.Sprintf(d.Number, year)
	d.Line = max(d.Line, 1)
	d.Amount *= times
	d.Issued, d.Received = c.january(d.issueDay), c.january(d.receiveDay)
	if d.passDay > 0 {
		d.Passed = c.january(d.passDay)
		d.CashArrived = d.Amount
	}
}
