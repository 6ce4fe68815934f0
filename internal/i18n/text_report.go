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

	"report.indicators": {"绩效指标", "Indicators"},

	"audit.indicator.people":           {"发放人数", "people paid"},
	"audit.indicator.households":       {"发放户数", "households paid"},
	"audit.indicator.amount":           {"发放金额", "amount paid"},
	"audit.indicator.average":          {"人均（人月、人次）补助水平", "average a person and month or case"},
	"audit.indicator.local_person":     {"市县人均补助", "local money a person"},
	"audit.indicator.growth":           {"人均补助同比增长", "growth of the average on the year before"},
	"audit.indicator.timely":           {"按时发放率", "paid in time"},
	"audit.indicator.returned":         {"退回率", "share that came back"},
	"audit.indicator.services_share":   {"购买服务占比", "share of purchased services"},
	"audit.indicator.level_arrived":    {"分级负担：已到位（目标为应配套）", "borne by the level: arrived (target: due)"},
	"audit.indicator.lottery_services": {"福彩公益金购买服务列支", "lottery money set aside for services"},
	"audit.indicator.lottery_units":    {"福彩公益金支持单位占比", "share of lottery money paid to units"},
	"audit.indicator.standard":         {"平均标准", "average standard"},
	"audit.indicator.wage_share":       {"平均标准占最低工资标准", "average standard over minimum wage"},
	"audit.met.yes":                    {"达到", "met"},
	"audit.met.no":                     {"未达到", "not met"},

	"books.head.ind_name":   {"指标", "indicator"},
	"books.head.ind_of":     {"项目、级次", "of"},
	"books.head.ind_target": {"目标", "target"},
	"books.head.ind_met":    {"结果", "result"},
	"books.head.ind_quote":  {"原文", "quote"},

	"help.report.indicators": {"绩效指标：人数、金额、人均、及时率、退回率、分级负担，与文件目标对照", "Indicators from the ledger, beside the targets that documents set"},
	"help.report.area":       {"区划代码：用哪里的目标，查哪里的乡镇", "Area code: whose targets count, whose townships are looked at"},
	"help.report.until":      {"只算到这一天", "Count up to this day only"},

	"help.report":           {"报表：收支情况、指标、来源", "Reports: statements, indicators, sources"},
	"help.report.statement": {"半年或年度收支情况表：各来源下达、列支、支付、退回、结余", "Statement of half a year or a year: what came of each source, was set aside, paid, came back and is left"},
	"help.report.year":      {"年度", "The year"},
	"help.report.half":      {"1 上半年，2 下半年；不写为全年", "1 or 2; without it the whole year"},
}
