package sample

import (
	"time"

	"fenlu/internal/errs"
	"fenlu/money"
)

// Params say which county to make.
type Params struct {
	Seed     int64
	Payments int    // bank credits of the month (支付笔数), 1 to MaxPayments
	Month    string // service month, 2026-10
}

// MaxPayments is the largest county.
const MaxPayments = 1_000_000

// DefaultMonth is the month of the examples.
const DefaultMonth = "2026-10"

// Size is a named number of payments.
type Size string

// The sizes (DESIGN §6).
const (
	Small      Size = "small"  // some two hundred payments
	CountySize Size = "county" // about 15,000 lines
	City       Size = "city"   // three hundred thousand payments
)

// Payments is the number of payments of a size, 0 for an unknown one.
func (s Size) Payments() int {
	switch s {
	case Small:
		return 200
	case CountySize:
		return 11_000
	case City:
		return 300_000
	default:
		return 0
	}
}

// Format is the file format that suits a number of payments: workbooks as
// people use them, CSV where a workbook would be slow.
func Format(payments int) string {
	const workbooksUpTo = 30_000
	if payments > workbooksUpTo {
		return "csv"
	}
	return "xlsx"
}

// Death is a row of the list of deaths (死亡比对).
type Death struct {
	Name, ID string
	On       time.Time
	Source   string
	InRoster bool // covered by 低保 this month: to be withheld
}

// Emergency is somebody to be helped from a township's reserve (急难型临时救助).
type Emergency struct {
	Case     string // 案号
	Township string // twelve-digit code
	Person   int32  // position in County.People; has an account
	Reason   string
	Amount   money.Fen // at most 1,000 yuan
	On       time.Time
}

// County is everything made for one Params.
type County struct {
	Params      Params
	Townships   []Township
	Villages    []Village
	Banks       []Bank
	Units       []Unit
	Households  []Household
	People      []Person
	Documents   []Document
	Policies    []Policy
	Rules       []Rule
	Rosters     []Roster
	Deaths      []Death
	Emergencies []Emergency

	dice               *dice
	register           *register
	first              time.Time // of the month
	urban, rural       []int32   // villages
	homes              []int32   // units
	station, orphanage int32
	heads, covered     []int32 // of 低保: heads of household; members beside a covered head
	linked             int     // heads that are in 残疾人两项补贴 too
}

// Generate makes a county. Errors: SAMPLE_PAYMENTS and SAMPLE_MONTH where a
// parameter is out of range.
func Generate(p Params) (*County, error) {
	if p.Payments < 1 || p.Payments > MaxPayments {
		return nil, errs.New(errs.Invalid, "SAMPLE_PAYMENTS", "payments", p.Payments, "limit", MaxPayments)
	}
	first, err := time.Parse("2006-01", p.Month)
	if err != nil || first.Year() < 2000 || first.Year() > 2099 {
		return nil, errs.New(errs.Invalid, "SAMPLE_MONTH", "month", p.Month)
	}
	c := &County{Params: p, Banks: banks(), dice: newDice(p.Seed), register: newRegister(first), first: first}
	c.settle()
	c.found()
	c.Policies = c.standards()
	c.Rules = c.figures()
	c.Documents = c.appropriations()
	c.enrol()
	c.emergencies()
	c.deaths()
	return c, nil
}

// Lines is the number of entitlement lines.
func (c *County) Lines() int {
	n := 0
	for _, r := range c.Rosters {
		n += len(r.Lines)
	}
	return n
}

// Total is what all rosters owe.
func (c *County) Total() money.Fen {
	var sum money.Fen
	for _, r := range c.Rosters {
		sum += r.Total()
	}
	return sum
}

// emergencies are five people of five townships who are in no roster.
func (c *County) emergencies() {
	for i, e := range []struct {
		township int
		reason   string
		amount   money.Fen
		day      int
	}{
		{10, "突发疾病住院", 960_00, 8},
		{2, "房屋火灾过渡生活", 1_000_00, 9},
		{2, "交通事故护理", 800_00, 12},
		{11, "子女意外身故", 700_00, 13},
		{0, "煤气中毒抢救", 850_00, 15},
	} {
		town := &c.Townships[e.township]
		p := c.newHead(pick(c.dice, town.villages), 30, 72)
		c.giveAccount(p)
		c.Emergencies = append(c.Emergencies, Emergency{
			Case: caseNumber("LJ", c.first, i+1), Township: town.Code, Person: p,
			Reason: e.reason, Amount: e.amount, On: c.first.AddDate(0, 0, e.day-1),
		})
	}
}

// deaths are people who are in no roster any more, and from thirty payments on
// some who still are: members of households in 低保, never the head, so that
// withholding them takes no payment away.
func (c *County) deaths() {
	const gone, paymentsOfOne = 3, 5_000
	source := "县殡葬服务中心"
	last := func() time.Time { return c.first.AddDate(0, -1, c.dice.below(28)) }
	if c.Params.Payments >= 30 && len(c.covered) > 0 {
		n := min(1+c.Params.Payments/paymentsOfOne, len(c.covered))
		for i := range n {
			p := c.People[c.covered[i*(len(c.covered)/n)]]
			c.Deaths = append(c.Deaths, Death{Name: p.Name, ID: p.ID, On: last(), Source: source, InRoster: true})
		}
	}
	for range gone {
		male := c.dice.percent(50)
		age := c.dice.between(70, 95)
		c.Deaths = append(c.Deaths, Death{Name: c.name(male, age), ID: c.residentID(male, age), On: last(), Source: source})
	}
}
