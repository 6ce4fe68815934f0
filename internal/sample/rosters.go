package sample

import "fenlu/money"

// Channel says through what sort of payment channel a roster suits (支付渠道).
type Channel string

// The channels: an agency account may carry several budget lines in one
// credit, the treasury makes a payment for each.
const (
	Daifa    Channel = "daifa"    // 代发专户: one credit, several budget lines
	Treasury Channel = "treasury" // 国库集中支付: one payment for each budget line
)

// Payee says whom a line is paid to (收款方式).
type Payee uint8

// The payees.
const (
	Self Payee = iota
	ByHead
	ByGuardian
	ByUnit
)

func (p Payee) String() string { return [...]string{"本人", "户主", "监护人", "机构"}[p] }

// Line is what one person is owed for one component (应发明细).
type Line struct {
	Person int32 // position in County.People
	Payee  Payee
	To     int32 // ByGuardian: position in People; ByUnit: in Units
	Policy int   // position in County.Policies
	Case   int   // number of the case of 临时救助, 0 otherwise
	Amount money.Fen
	Remark string
}

// Roster is one file of entitlement lines (花名册).
type Roster struct {
	File     string // base name without ending: roster-TK-home
	Title    string // 特困人员救助供养（分散）
	Program  string
	Channel  Channel
	Payments int // bank credits it forms: payees, before a channel splits them
	Lines    []Line
}

// Total is the sum of the roster.
func (r Roster) Total() money.Fen {
	var sum money.Fen
	for _, l := range r.Lines {
		sum += l.Amount
	}
	return sum
}

// shares is how many payments each kind of aid gets.
type shares struct{ db, tkHome, homes, cj, etHome, etUnit, ls, ll int }

// minFull is from how many payments on every kind of aid occurs.
const minFull = 12

// share spreads n payments as a county does: 57% 低保, 32% 残疾人两项补贴, 8%
// 特困 at home, few of the rest.
func share(n int) shares {
	var s shares
	if n < minFull {
		s.tkHome, s.cj = n/6, n/3
		s.db = n - s.tkHome - s.cj
		return s
	}
	s = shares{homes: homes(n), ll: 1, ls: max(1, n*25/10_000), etHome: max(1, n*8/1_000), tkHome: max(1, n*8/100), cj: n * 32 / 100}
	if n >= 30 {
		s.etUnit = 1
	}
	s.db = n - s.tkHome - s.homes - s.cj - s.etHome - s.etUnit - s.ls - s.ll
	return s
}

func homes(n int) int {
	switch {
	case n < 200:
		return 1
	case n < 2_000:
		return 4
	case n < 20_000:
		return 5
	default:
		return 6
	}
}

// enrol makes the people and rosters. 低保 comes first, because others draw
// on its heads of household.
func (c *County) enrol() {
	s := share(c.Params.Payments)
	c.add(Roster{File: "roster-DB", Title: "最低生活保障", Program: "DB", Channel: Daifa}, s.db, c.minimumLiving)
	c.add(Roster{File: "roster-TK-home", Title: "特困人员救助供养（分散）", Program: "TK", Channel: Daifa}, s.tkHome, c.atHome)
	c.add(Roster{File: "roster-TK-institution", Title: "特困人员救助供养（集中）", Program: "TK", Channel: Treasury}, s.homes, c.inHome)
	c.add(Roster{File: "roster-ET", Title: "孤儿和事实无人抚养儿童", Program: "ET", Channel: Daifa}, s.etHome, c.orphan)
	if s.etUnit > 0 {
		c.orphanageRoster(&c.Rosters[len(c.Rosters)-1])
	}
	c.add(Roster{File: "roster-LS", Title: "临时救助（支出型）", Program: "LS", Channel: Daifa}, s.ls, c.expense)
	c.add(Roster{File: "roster-LL", Title: "流浪乞讨人员救助", Program: "LL", Channel: Treasury}, s.ll, c.inStation)
	c.add(Roster{File: "roster-CJ", Title: "残疾人两项补贴", Program: "CJ", Channel: Daifa}, s.cj, c.disabled)
}

// add makes a roster of n payments, the i-th by enter; none is no roster.
func (c *County) add(r Roster, n int, enter func(r *Roster, i int)) {
	if n == 0 {
		return
	}
	for i := range n {
		enter(&r, i)
	}
	r.Payments = n
	c.Rosters = append(c.Rosters, r)
}

// entitle adds a line at the amount of its standard for the month.
func (c *County) entitle(r *Roster, policy int, person int32, payee Payee, to int32) {
	r.Lines = append(r.Lines, Line{
		Person: person, Payee: payee, To: to, Policy: policy,
		Amount: c.Policies[policy].Monthly(int(c.first.Month())),
	})
}
