package sample

import "fmt"

// Rule is a figure of a rule with the document that sets it (规则参数).
type Rule struct {
	Name, Value, Operator   string
	Document, Clause, Quote string
}

func (c *County) figures() []Rule {
	payment := fmt.Sprintf("县财社〔%d〕8号", c.first.Year())
	open := fmt.Sprintf("县民发〔%d〕9号", c.first.Year())
	return []Rule{
		{"每月发放截止日", "10", "≤", payment, "第五条", "救助金按月发放，每月10日前发放到户。"},
		{"公示天数", "7", "≥", open, "第四条", "发放清单在村（社区）公示，公示期不少于七日。"},
		{"公示隐名年龄", "18", "=", open, "第六条", "不满十八周岁的，不公示姓名。"},
	}
}

func (c *County) ruleRow(r *Rule) []string {
	return []string{r.Name, CountyCode, fmt.Sprintf("%d-01-01", c.first.Year()), r.Value, r.Operator, r.Document, r.Clause, r.Quote}
}
