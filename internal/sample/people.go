package sample

import (
	"fmt"
	"time"
)

// Relation is a person's relation to the head of the household (与户主关系).
type Relation uint8

// The relations.
const (
	Head Relation = iota
	Spouse
	Child
	Parent
	Other
)

func (r Relation) String() string {
	return [...]string{"户主", "配偶", "子女", "父母", "其他"}[r]
}

// AccountKind is the kind of a person's account (账户类型).
type AccountKind uint8

// The kinds of account.
const (
	NoAccount AccountKind = iota
	Card
	Passbook
)

func (k AccountKind) String() string { return [...]string{"", "社保卡", "存折"}[k] }

// Person is somebody of the county, with the account aid is paid to.
type Person struct {
	Name      string
	ID        string // ID number, or temporary number where Temporary
	Account   string // number, empty without one
	Household int32  // position in County.Households
	Village   int32  // position in County.Villages
	Kind      AccountKind
	Bank      uint8 // position in County.Banks
	Relation  Relation
	Urban     bool
	Temporary bool
}

// Household is a household (户).
type Household struct {
	Village int32
	Serial  int32 // in its village, from 1
}

// Unit is an institution, supplier or township with an account (单位).
type Unit struct {
	Kind    string // 供养机构, 救助站, 儿童福利机构, 承接单位, 乡镇
	Name    string
	Code    string // unified social credit code
	Bank    uint8
	Account string
	Village int32
}

// HouseholdCode is the code of a person's household: LX-0312-0147.
func (c *County) HouseholdCode(p *Person) string {
	h := c.Households[p.Household]
	return fmt.Sprintf("%s-%04d", c.Villages[h.Village].label, h.Serial)
}

// TownshipOf is the township a person lives in.
func (c *County) TownshipOf(p *Person) *Township {
	return &c.Townships[c.Villages[p.Village].Township]
}

func (c *County) newHousehold(village int32) int32 {
	c.Villages[village].serial++
	c.Households = append(c.Households, Household{Village: village, Serial: c.Villages[village].serial})
	return at(len(c.Households) - 1)
}

// newHead makes the first person of a new household and returns the position.
func (c *County) newHead(village int32, low, high int) int32 {
	return c.newPerson(c.newHousehold(village), Head, low, high)
}

func (c *County) newPerson(household int32, relation Relation, low, high int) int32 {
	age, male := c.dice.between(low, high), c.dice.percent(55)
	village := c.Households[household].Village
	c.People = append(c.People, Person{
		Name: c.name(male, age), ID: c.residentID(male, age),
		Household: household, Village: village, Relation: relation, Urban: c.Villages[village].Urban,
	})
	return at(len(c.People) - 1)
}

// age is a person's age in years at the beginning of the month, as the ID
// number says it.
func (c *County) age(person int32) int {
	born, err := time.Parse("20060102", c.People[person].ID[6:14])
	if err != nil {
		return 0 // only temporary identities have no date, and no relatives
	}
	years := c.first.Year() - born.Year()
	if born.AddDate(years, 0, 0).After(c.first) {
		years--
	}
	return years
}

const (
	secondBankPercent = 15
	passbookPercent   = 2
)

// giveAccount opens an account for a person: a card, seldom a passbook.
func (c *County) giveAccount(person int32) {
	p := &c.People[person]
	if p.Kind != NoAccount {
		return
	}
	c.register.accounts++
	if c.dice.percent(secondBankPercent) {
		p.Bank = 1
	}
	bank := c.Banks[p.Bank]
	p.Kind, p.Account = Card, bank.card(c.register.accounts)
	if c.dice.percent(passbookPercent) {
		p.Kind, p.Account = Passbook, bank.passbook(c.register.accounts)
	}
}

// found makes the units: the homes, the station, the orphanage, the suppliers
// of purchased services, the township offices.
func (c *County) found() {
	for _, t := range []int{0, 1, 5, 7, 15, 3} {
		name := c.Townships[t].Name + "敬老院"
		if t == 0 {
			name = CountyName + "中心敬老院"
		}
		c.homes = append(c.homes, c.newUnit("供养机构", name, "12", t))
	}
	c.station = c.newUnit("救助站", CountyName+"救助管理站", "12", 0)
	c.orphanage = c.newUnit("儿童福利机构", CountyName+"儿童福利院", "12", 0)
	for _, s := range []struct{ name, kind string }{
		{"青禾益民社工服务中心", "52"}, {"安禾养老服务有限公司", "91"}, {"禾邻公共服务中心", "52"},
		{"明澈信息服务有限公司", "91"}, {"衡远评估事务所", "52"},
	} {
		c.newUnit("承接单位", s.name, s.kind, 0)
	}
	for t, town := range c.Townships {
		c.newUnit("乡镇", town.Name+"人民政府", "11", t)
	}
}

func (c *County) newUnit(kind, name, codeKind string, township int) int32 {
	code := c.creditCode(codeKind)
	c.Units = append(c.Units, Unit{
		Kind: kind, Name: name, Code: code, Village: c.Townships[township].villages[0],
		Account: c.Banks[0].corporate(int64(c.register.units)),
	})
	return at(len(c.Units) - 1)
}
