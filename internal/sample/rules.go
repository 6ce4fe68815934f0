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
	watch := fmt.Sprintf("县民发〔%d〕10号", c.first.Year())
	reserve := fmt.Sprintf("县民发〔%d〕2号", c.first.Year())
	return []Rule{
		{"每月发放截止日", "10", "≤", payment, "第五条", "救助金按月发放，每月10日前发放到户。"},
		{"公示天数", "7", "≥", open, "第四条", "发放清单在村（社区）公示，公示期不少于七日。"},
		{"监护到期年龄", "18", "≥", "中华人民共和国民法典", "第十七条", "十八周岁以上的自然人为成年人。不满十八周岁的自然人为未成年人。"},
		{"公示隐名年龄", "18", "=", open, "第六条", "不满十八周岁的，不公示姓名。"},
		{"同一账户人数上限", "1", "≤", watch, "第二条", "一个账户只能发放一名收款人的救助金。"},
		{"账户变更次数上限", "200", "≤", watch, "第三条", "同一经办人三十日内变更收款账户超过二百个的，应当复查。"},
		{"账户变更观察天数", "30", "=", watch, "第三条", "同一经办人三十日内变更收款账户超过二百个的，应当复查。"},
		{"资金滞留天数", "365", "≤", watch, "第四条", "资金在各环节停留一年以上的，逐笔说明。"},
		{"退回待发天数", "30", "≤", watch, "第五条", "银行退回的资金，三十日内核实补发。"},
		{"迟发月数", "3", "≤", watch, "第六条", "救助金迟发三个月以上的，逐人说明。"},
		{"补充说明天数", "15", "≤", reserve, "第六条", "先行救助后十五日内补充说明情况。"},
		{"先行救助小时数", "24", "≤", reserve, "第五条", "急难型临时救助落实24小时先行救助。"},
		{"备用金确认小时数", "24", "≤", reserve, "第五条", "第二人应在登记后24小时内确认。"},
		{"备用金为定额", "否", "=", reserve, "第三条", "按户籍人口每人1元的标准，每年年初一次预拨。"},
		{"一事一议每案上限", "20000", "≤", reserve, "第八条", "一事一议，一次性给予不超过2万元的临时救助金。"},
		{"补发完成月数", "6", "≤", fmt.Sprintf("县民发〔%d〕4号", c.first.Year()), "第二条", "新的补助水平从1月1日起补发，6月底全面完成。"},
		{"备用金闲置界限", "50%", "≥", reserve, "第九条", "使用进度低于时间进度一半的，列为闲置。"},
	}
}

func (c *County) ruleRow(r *Rule) []string {
	return []string{r.Name, CountyCode, fmt.Sprintf("%d-01-01", c.first.Year()), r.Value, r.Operator, r.Document, r.Clause, r.Quote}
}
