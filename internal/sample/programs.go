package sample

import "fenlu/money"

// minimumLiving makes one household in 低保: a line for each covered person,
// all paid to the head's account. In one of twenty only others than the head
// are covered (单人保).
func (c *County) minimumLiving(r *Roster, _ int) {
	urban := c.dice.percent(9)
	policy := dbRuralA
	if urban {
		policy = dbUrbanA
	}
	policy += c.dice.weighted([]int{14, 42, 44})
	head := c.newHead(c.village(urban), 32, 84)
	c.giveAccount(head)
	c.heads = append(c.heads, head)
	others := c.dice.weighted([]int{68, 21, 8, 3})
	alone := c.dice.percent(5)
	if alone {
		others = max(others, 1)
	} else {
		c.entitle(r, policy, head, ByHead, 0)
	}
	for i := range others {
		member := c.relative(head, i == 0)
		c.entitle(r, policy, member, ByHead, 0)
		if !alone {
			c.covered = append(c.covered, member)
		}
	}
}

// relative makes a further person of a household, of an age that fits the
// head's.
func (c *County) relative(head int32, mayMarry bool) int32 {
	household, age := c.People[head].Household, c.age(head)
	switch c.dice.weighted([]int{45, 40, 15}) {
	case 1:
		if mayMarry {
			return c.newPerson(household, Spouse, max(22, age-6), age+6)
		}
	case 2:
		if age <= 68 {
			return c.newPerson(household, Parent, age+20, min(age+34, 95))
		}
	}
	return c.newPerson(household, Child, max(2, age-44), age-21)
}

// atHome makes one person in 特困 at home: basic living and, for those who
// cannot look after themselves, care, to the own account. Of a hundred, 28
// manage alone (全自理), 54 are in half care (半护理), 18 in full care (全护理).
func (c *County) atHome(r *Roster, _ int) {
	p := c.newHead(c.village(c.dice.percent(6)), 58, 92)
	c.giveAccount(p)
	c.entitle(r, tkHome, p, Self, 0)
	switch c.dice.weighted([]int{18, 54, 28}) {
	case 0:
		c.entitle(r, tkCareFull, p, Self, 0)
	case 1:
		c.entitle(r, tkCareHalf, p, Self, 0)
	}
}

// inHome makes one institution: a line for each resident, one payment.
func (c *County) inHome(r *Roster, i int) {
	unit := c.homes[i]
	residents := min(6+c.Params.Payments/160, 400)
	residents += c.dice.below(residents/5 + 1)
	for range residents {
		p := c.newHead(c.Units[unit].Village, 60, 94)
		c.People[p].Urban = false // they come from the villages
		c.entitle(r, tkInstitution, p, ByUnit, unit)
	}
}

// orphan makes one guardian of one or two children, or an elder child with an
// account of its own. Most children have parents who cannot care for them
// (事实无人抚养).
func (c *County) orphan(r *Roster, i int) {
	policy := etHome
	if c.dice.percent(78) {
		policy = etWithoutCare
	}
	if i > 0 && c.dice.percent(10) {
		child := c.newHead(c.village(false), 16, 17)
		c.giveAccount(child)
		c.entitle(r, policy, child, Self, 0)
		return
	}
	guardian := c.newHead(c.village(c.dice.percent(20)), 46, 74)
	c.giveAccount(guardian)
	children := 1
	if c.dice.percent(16) {
		children = 2
	}
	for range children {
		child := c.newPerson(c.People[guardian].Household, Other, 2, 16)
		c.entitle(r, policy, child, ByGuardian, guardian)
	}
}

// orphanageRoster adds the children of the orphanage, one payment more.
func (c *County) orphanageRoster(r *Roster) {
	for range min(4+c.Params.Payments/6_000, 60) {
		child := c.newHead(c.Units[c.orphanage].Village, 1, 16)
		c.entitle(r, etInstitution, child, ByUnit, c.orphanage)
	}
	r.Payments++
}

var hardships = []string{"重病自负医疗费用", "慢性病长期用药", "子女就学自负费用", "意外伤害治疗费用", "重度残疾康复费用"}

// expenses is what twenty cases of 临时救助 get, in hundreds of yuan: 885 yuan on
// average, far below the cap. They are dealt in turn, so that the few cases of a
// small county come to that too.
var expenses = [...]int{8, 5, 12, 6, 10, 11, 9, 7, 10, 5, 10, 6, 8, 4, 15, 7, 4, 6, 5, 29}

// expense makes one case of 临时救助, a hundred more or less than what is dealt.
// Two of five cases are heads of households in 低保.
func (c *County) expense(r *Roster, i int) {
	var p int32
	if i%5 < 2 && i < len(c.heads) {
		p = c.heads[i]
	} else {
		p = c.newHead(c.village(c.dice.percent(25)), 28, 76)
		c.giveAccount(p)
	}
	r.Lines = append(r.Lines, Line{
		Person: p, Payee: Self, Policy: lsExpense, Case: i + 1,
		Amount: money.Fen(expenses[i%len(expenses)]+c.dice.between(-1, 1)) * 100_00, Remark: pick(c.dice, hardships),
	})
}

// inStation makes the people in the station, who have no ID at hand.
func (c *County) inStation(r *Roster, _ int) {
	for range min(3+c.Params.Payments/2_000, 40) {
		p := c.newHead(c.Units[c.station].Village, 19, 70)
		c.People[p].ID, c.People[p].Temporary = c.temporaryID(), true
		c.entitle(r, llStation, p, ByUnit, c.station)
	}
}

// disabled makes one payee of 残疾人两项补贴: three of ten are heads of
// households in 低保, some with both components; of the others some are
// children, paid to a parent.
func (c *County) disabled(r *Roster, i int) {
	if i%10 < 3 && c.linked < len(c.heads) {
		c.linked++
		c.disabledHead(r, c.heads[len(c.heads)-c.linked])
		return
	}
	if c.dice.percent(12) {
		parent := c.newHead(c.village(c.dice.percent(15)), 30, 48)
		c.giveAccount(parent)
		child := c.newPerson(c.People[parent].Household, Child, 3, 9)
		c.entitle(r, c.careClass(), child, ByGuardian, parent)
		return
	}
	p := c.newHead(c.village(c.dice.percent(15)), 25, 82)
	c.giveAccount(p)
	policy := c.careClass()
	if c.dice.percent(25) {
		policy = cjLiving
	}
	c.entitle(r, policy, p, Self, 0)
}

func (c *County) disabledHead(r *Roster, head int32) {
	c.entitle(r, cjLiving, head, Self, 0)
	if c.dice.percent(30) {
		c.entitle(r, c.careClass(), head, Self, 0)
	}
}

func (c *County) careClass() int {
	if c.dice.percent(45) {
		return cjCareSecond
	}
	return cjCareFirst
}
