package sample

import (
	"fmt"
	"iter"
	"strconv"
	"time"

	"fenlu/internal/sheet"
	"fenlu/money"
)

// table is one file to write.
type table struct {
	file   string // base name without ending
	title  string
	layout sheet.Layout
	count  int
	rows   iter.Seq[[]string]
}

// tables are the files of the county in the order they are imported.
func (c *County) tables() []table {
	out := []table{
		{"documents", "指标文件", sheet.Documents, len(c.Documents), each(c.Documents, c.documentRow)},
		{"population", "乡镇户籍人口", sheet.Population, len(c.Townships), each(c.Townships, c.populationRow)},
		{"policies", "政策标准", sheet.Policies, len(c.Policies), each(c.Policies, c.policyRow)},
		{"rules", "规则参数", sheet.Rules, len(c.Rules), each(c.Rules, c.ruleRow)},
		{"people", "人员、户、单位和收款账户", sheet.People, len(c.Units) + len(c.People), c.peopleRows},
		{"relations", "收款关系", sheet.Relations, len(c.relations()), each(c.relations(), c.relationRow)},
		{"deaths", "死亡比对", sheet.Deaths, len(c.Deaths), each(c.Deaths, deathRow)},
	}
	for _, r := range c.Rosters {
		out = append(out, table{r.File, r.Title, sheet.Roster, len(r.Lines), each(r.Lines, c.lineRow)})
	}
	return out
}

func each[T any](list []T, row func(*T) []string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for i := range list {
			if !yield(row(&list[i])) {
				return
			}
		}
	}
}

func (c *County) documentRow(d *Document) []string {
	return []string{
		d.Number, d.Title, "下达", date(d.Issued), date(d.Received), optionalDate(d.Passed),
		strconv.Itoa(c.first.Year()), strconv.Itoa(d.Line), d.Level, d.Fund, d.Function, d.Economic, Office,
		d.TraceCode, d.Tags, d.Programs, "", "", optionalAmount(d.CashArrived), d.Amount.String(),
		"", "", "", "", "",
	}
}

func (c *County) populationRow(t *Township) []string {
	end := time.Date(c.first.Year()-1, time.December, 31, 0, 0, 0, 0, time.UTC)
	return []string{t.Code, t.Name, strconv.Itoa(t.Residents), date(end), "青禾县公安局户籍人口统计"}
}

func (c *County) policyRow(p *Policy) []string {
	limit := "固定"
	if p.Cap {
		limit = "上限"
	}
	row := make([]string, len(sheet.Policies.Columns)) // what is worked out by a formula stays empty
	copy(row, []string{
		p.Program, p.Component, p.Class, p.Period, p.Amount.String(), p.Layers, p.Rounding, limit,
		date(c.january(1)), p.Document, p.Clause, p.Quote,
	})
	return row
}

func (c *County) peopleRows(yield func([]string) bool) {
	for row := range each(c.Units, c.unitRow) {
		if !yield(row) {
			return
		}
	}
	for row := range each(c.People, c.personRow) {
		if !yield(row) {
			return
		}
	}
}

func (c *County) unitRow(u *Unit) []string {
	bank, village := c.Banks[u.Bank], c.Villages[u.Village]
	return []string{
		"单位", "", "", u.Name, "统一社会信用代码", u.Code, "", "", "", village.Code, "",
		"对公", bank.Code, bank.Name, u.Account, u.Name,
		c.Townships[village.Township].clerk, date(c.january(15)), u.Kind, "", "", "",
	}
}

func (c *County) personRow(p *Person) []string {
	residence := "农村"
	if p.Urban {
		residence = "城市"
	}
	row := []string{
		"个人", c.HouseholdCode(p), p.Relation.String(), p.Name, "居民身份证", p.ID, "", "", "",
		c.Villages[p.Village].Code, residence, "", "", "", "", "", "", "", "", "", "", "",
	}
	if p.Temporary {
		copy(row[4:], []string{"临时身份", p.ID, "身份信息待核查，无证件", "罗站长", date(c.first.AddDate(0, 6, -1))})
	}
	if p.Kind != NoAccount {
		bank := c.Banks[p.Bank]
		copy(row[11:], []string{
			p.Kind.String(), bank.Code, bank.Name, p.Account, p.Name, c.TownshipOf(p).clerk, date(c.verifiedOn(p)),
		})
	}
	return row
}

// verifiedOn is a day of the eighteen months before the month, which the
// account number fixes.
func (c *County) verifiedOn(p *Person) time.Time {
	n := 0
	for _, r := range p.Account {
		n = (n*10 + int(r-'0')) % 520
	}
	return c.first.AddDate(0, 0, -20-n)
}

func deathRow(d *Death) []string { return []string{d.Name, d.ID, date(d.On), d.Source} }

func (c *County) lineRow(l *Line) []string {
	p, policy := &c.People[l.Person], c.Policies[l.Policy]
	row := []string{
		policy.Program, policy.Component, policy.Class, c.Params.Month, c.HouseholdCode(p), p.Name, p.ID,
		l.Amount.String(), l.Payee.String(), c.payeeID(l), "", "", l.Remark,
	}
	if l.Case > 0 {
		row[10], row[11] = caseNumber("LS", c.first, l.Case), "1"
	}
	return row
}

func (c *County) payeeID(l *Line) string {
	switch l.Payee {
	case ByGuardian:
		return c.People[l.To].ID
	case ByUnit:
		return c.Units[l.To].Code
	default:
		return ""
	}
}

// caseNumber is the number of a case of 临时救助: LS-202610-0007.
func caseNumber(kind string, month time.Time, n int) string {
	return fmt.Sprintf("%s-%s-%04d", kind, month.Format("200601"), n)
}

func optionalDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return date(t)
}

func optionalAmount(f money.Fen) string {
	if f == 0 {
		return ""
	}
	return f.String()
}
