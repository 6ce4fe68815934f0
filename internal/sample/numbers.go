package sample

import (
	"fmt"
	"time"

	"fenlu/internal/ident"
)

// register gives out numbers, each once.
type register struct {
	births   []uint64 // a bit for each day and serial that has been given
	accounts int64
	temps    int
	units    int
}

const (
	firstBirthYear = 1920
	serialsOfDay   = 1_000
)

func newRegister(first time.Time) *register {
	days := dayNumber(first) + 1
	return &register{births: make([]uint64, days*serialsOfDay/64+1)}
}

func dayNumber(t time.Time) int {
	start := time.Date(firstBirthYear, 1, 1, 0, 0, 0, 0, time.UTC)
	return int(t.Sub(start).Hours()) / 24
}

// claim marks a day and serial as given and says whether it was free.
func (r *register) claim(day, serial int) bool {
	at := day*serialsOfDay + serial
	if at >= len(r.births)*64 || r.births[at/64]&(1<<(at%64)) != 0 {
		return false
	}
	r.births[at/64] |= 1 << (at % 64)
	return true
}

// residentID makes an ID number for somebody of the sex and age. The area
// prefix is 9913, which is nowhere; day and serial together stand once.
func (c *County) residentID(male bool, age int) string {
	born := c.first.AddDate(-age, 0, -1-c.dice.below(364))
	serial := 2 * c.dice.below(serialsOfDay/2)
	if male {
		serial++
	}
	for tries := 0; !c.register.claim(dayNumber(born), serial); tries++ {
		serial = (serial + 2) % serialsOfDay
		if tries%(serialsOfDay/2) == serialsOfDay/2-1 {
			born = born.AddDate(0, 0, -1)
		}
	}
	area := area6
	if c.dice.percent(8) {
		area = fmt.Sprintf("9913%02d", c.dice.between(2, 6)) // registered in a neighbouring county
	}
	first17 := fmt.Sprintf("%s%s%03d", area, born.Format("20060102"), serial)
	return first17 + string(ident.ResidentCheck(first17))
}

// Bank is a bank that keeps accounts (开户银行).
type Bank struct {
	Code string // 联行号, twelve digits, invented
	Name string
	bin  string // the first digits of its cards
}

// banks are the two banks of the county.
func banks() []Bank {
	return []Bank{
		{Code: "402991300018", Name: "青禾农商行", bin: "62290913"},
		{Code: "313991300025", Name: "安禾银行", bin: "62290926"},
	}
}

const (
	accountStep  = 7_368_787_031 // without a common factor with accountRange: no serial twice
	accountRange = 10_000_000_000
)

// card is the n-th card number of a bank: nineteen digits, the last by Luhn.
func (b Bank) card(n int64) string {
	// n stays below 2^22, so the product fits 64 bits
	digits := fmt.Sprintf("%s%010d", b.bin, (n*accountStep+5_091_301)%accountRange)
	return digits + string(ident.LuhnCheck(digits))
}

// passbook is the n-th passbook number: seventeen digits without a check digit.
func (b Bank) passbook(n int64) string {
	return fmt.Sprintf("80%s%09d", b.Code[3:9], n)
}

// corporate is the n-th account of a unit.
func (b Bank) corporate(n int64) string {
	return fmt.Sprintf("20%s%s%07d", b.Code[:3], b.Code[3:9], n)
}

// SpareAccount is the n-th (0, 1, …) card that nobody in the county has: what
// somebody brings after a bank has sent the money back. n must be below
// 1,000,000.
func (c *County) SpareAccount(n int) (bank Bank, number string) {
	b := c.Banks[0]
	return b, b.card(c.register.accounts + 1 + int64(n))
}

// temporaryID is the number of somebody without an ID.
func (c *County) temporaryID() string {
	c.register.temps++
	return ident.NewTemporary(area6, c.first.AddDate(0, -1, 2), c.register.temps)
}

// creditCode makes a unified social credit code. kind is its first two
// characters: 11 office, 12 institution, 52 social organisation, 91 company.
func (c *County) creditCode(kind string) string {
	c.register.units++
	body := fmt.Sprintf("MB%06d", c.register.units*7_919%1_000_000)
	first17 := kind + area6 + body + string(organisationCheck(body))
	return first17 + string(ident.CreditCheck(first17))
}

// organisationCheck is the check character of the nine-character organisation
// code (GB 11714) that a credit code holds.
func organisationCheck(body string) byte {
	sum := 0
	for i, w := range [...]int{3, 7, 9, 10, 5, 8, 4, 2} {
		v := int(body[i] - '0')
		if body[i] >= 'A' {
			v = int(body[i]-'A') + 10
		}
		sum += w * v
	}
	return "0X987654321"[sum%11]
}
