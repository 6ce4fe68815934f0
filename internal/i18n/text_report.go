package i18n

// What reports to the authorities above say (报表).
var textReport = Texts{
	"report.title":    {"收支情况表 {from} 至 {to}", "Statement from {from} to {to}"},
	"report.sources":  {"各来源资金", "By source"},
	"report.payments": {"各项目支付", "By program, source and month"},

	"books.head.rep_level":      {"级次", "level"},
	"books.head.rep_set_aside":  {"购买服务列支", "set aside for services"},
	"books.head.rep_reserves":   {"乡镇备用金", "reserves"},
	"books.head.rep_persons":    {"发放到人", "paid to persons"},
	"books.head.rep_units":      {"支付到单位", "paid to units"},
	"books.head.rep_back":       {"退回追回", "came back"},
	"books.head.rep_gone":       {"上缴结转", "surrendered or carried over"},
	"books.head.rep_left":       {"结余", "left"},
	"books.head.rep_people":     {"人数", "people"},
	"books.head.rep_households": {"户数", "households"},

	"REPORT_PERIOD":  {"没有这样的期间：{year} 年，半年 {half}。半年写 1 或 2，全年不写。", "There is no such period: {year}, half {half}. The half is 1 or 2; without it, it is the year."},
	"REPORT_DIFFERS": {"{level} {fund}：逐笔支付合计 {paid} 与账户 {accounts} 不符。运行 fenlu verify。", "{level} {fund}: what was paid adds up to {paid}, the accounts say {accounts}. Run fenlu verify."},

	"help.report":           {"报表：收支情况、指标、来源", "Reports: statements, indicators, sources"},
	"help.report.statement": {"半年或年度收支情况表：各来源下达、列支、支付、退回、结余", "Statement of half a year or a year: what came of each source, was set aside, paid, came back and is left"},
	"help.report.year":      {"年度", "The year"},
	"help.report.half":      {"1 上半年，2 下半年；不写为全年", "1 or 2; without it the whole year"},
}
