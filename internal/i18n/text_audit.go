package i18n

// What the checks for audit findings say (审计疑点).
var textAudit = Texts{
	"audit.check.paid_after_death":        {"死亡后仍发放", "paid after death"},
	"audit.check.paid_to_other_unit":      {"个人救助金付给非供养机构的单位", "people's money paid to a unit that is no institution"},
	"audit.check.file_differs":            {"支付文件与支付指令不符", "a bank file and its instructions differ"},
	"audit.check.one_account_many_people": {"一个账户多名收款人", "one account, many people"},
	"audit.check.account_changes":         {"同一经办人大量变更账户", "many accounts changed by one person"},
	"audit.check.balance_stands":          {"资金长期滞留", "money that stands"},
	"audit.check.large_case":              {"大额临时救助", "large cases of temporary aid"},
	"audit.check.return_waits":            {"退回资金久未补发", "returns that wait"},
	"audit.check.lot_unspent":             {"指标下达后长期未用", "money of a document that is not spent"},
	"audit.check.not_remitted":            {"追回资金久未上缴", "recovered money that is not remitted"},
	"audit.check.fact_paid":               {"有排除情形仍发放", "paid in spite of a fact that excludes"},
	"audit.check.paid_late":               {"发放逾期", "paid late"},
	"audit.check.not_the_standard":        {"未按标准发放", "not the standard"},
	"audit.check.late_start":              {"迟发", "paid for months long past"},
	"audit.check.recovery_idle":           {"追回未跟进", "recoveries that nobody follows"},
	"audit.what.recovery":                 {"追回", "recovery"},
	"audit.check.wrong_budget_line":       {"支付用途与指标行不符", "paid from the wrong budget line"},

	"audit.what.line":    {"明细", "line"},
	"audit.what.payment": {"支付", "payment"},
	"audit.what.account": {"账户", "account"},
	"audit.what.batch":   {"批次", "batch"},
	"audit.what.file":    {"文件", "file"},
	"audit.what.login":   {"用户", "user"},

	"audit.checks.line":    {"{title}：{count} 条，{amount} 元", "{title}: {count}, {amount} yuan"},
	"audit.checks.no_rule": {"{title}：没有“{rule}”的规定，未检查。用 import rules 导入后再查。", "{title}: no document sets “{rule}”, not checked. Import it with import rules."},
	"AUDIT_CHECK_UNKNOWN":  {"没有编号为 {no} 的检查。", "There is no check with number {no}."},

	"books.head.audit_check": {"检查", "check"},
	"books.head.audit_what":  {"对象", "what"},
	"books.head.audit_days":  {"天数", "days"},
	"books.head.audit_note":  {"说明", "note"},

	"help.audit.checks":       {"按审计常见问题逐项检查，可导出 Excel", "Look for what auditors find, check by check"},
	"help.audit.checks_area":  {"区划代码：用哪里的规定，查哪里的乡镇", "Area code: whose rules count, whose townships are looked at"},
	"help.audit.checks_date":  {"按哪一天计算天数，默认今天", "The day from which days are counted, today by default"},
	"help.audit.checks_since": {"从哪个服务月份查起，默认十二个月前", "The first service month, twelve months ago by default"},
	"help.audit.checks_only":  {"只查这些编号", "These numbers only"},
	"help.audit.checks_limit": {"每项最多列出多少条", "How many rows of each check are listed"},
}
