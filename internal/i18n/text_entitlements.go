package i18n

// What the room of entitlements says (待遇资格).
var textEntitlements = Texts{
	"import.kind.exclusions":   {"互斥矩阵", "exclusivity matrix"},
	"import.kind.entitlements": {"待遇审批", "entitlements"},
	"import.kind.facts":        {"外部信息", "facts of other offices"},
	"check.exclusion_leaf":     {"互斥矩阵的行与日志中的条目不符", "a row of the exclusivity matrix and its leaf disagree"},

	"fact_kind.prison":        {"服刑", "in prison"},
	"fact_kind.other_benefit": {"其他部门待遇", "benefit of another department"},
	"fact_kind.income":        {"未申报收入", "undeclared income"},
	"fact_kind.vehicle":       {"车辆", "vehicle"},
	"fact_kind.property":      {"房产", "property"},
	"fact_kind.business":      {"经商办企业", "business"},
	"fact_kind.payroll":       {"财政供养人员", "on a public payroll"},

	"exclusion_effect.block":  {"拦截", "block"},
	"exclusion_effect.reason": {"需说明", "reason"},
	"exclusion_effect.note":   {"提示", "note"},
	"exclusion_effect.allow":  {"允许", "allow"},

	"exclusion_scope.person":    {"个人", "person"},
	"exclusion_scope.household": {"家庭", "household"},

	"entitlement_event.approved": {"批准", "approved"},
	"entitlement_event.reviewed": {"复核", "reviewed"},
	"entitlement_event.changed":  {"变更", "changed"},
	"entitlement_event.stopped":  {"停发", "stopped"},

	"review_class.stable":   {"变化不大", "stable"},
	"review_class.changing": {"变化较大", "changing"},

	"sheet.hint.any":               {"空白为全部", "empty is all"},
	"sheet.hint.class_pattern":     {"类别名称，末尾 * 表示以此开头的全部，空白为全部", "a class; * at its end is whatever begins so; empty is all"},
	"sheet.hint.other_program":     {"不得同时享受的项目；或在“外部信息”列填一种信息", "the program that excludes; or name a fact in its column"},
	"sheet.hint.fact_kind":         {"服刑、其他部门待遇、未申报收入、车辆、房产、经商办企业或财政供养人员", "服刑 (prison), 其他部门待遇 (other benefit), 未申报收入 (income), 车辆 (vehicle), 房产 (property), 经商办企业 (business) or 财政供养人员 (payroll)"},
	"sheet.hint.exclusion_scope":   {"个人或家庭", "个人 (person) or 家庭 (household)"},
	"sheet.hint.exclusion_effect":  {"拦截、需说明、提示或允许", "拦截 (block), 需说明 (reason), 提示 (note) or 允许 (allow)"},
	"sheet.hint.entitlement_event": {"批准、复核、变更或停发", "批准 (approved), 复核 (reviewed), 变更 (changed) or 停发 (stopped)"},
	"sheet.hint.review_class":      {"变化不大（每年复核）或变化较大（每半年复核），批准时必填", "变化不大 (stable) or 变化较大 (changing); needed where approved"},
	"sheet.hint.grace":             {"停发时填“是”为渐退期", "yes where a stop leaves months of grace"},

	"rule.entitlement.required":               {"须有待遇审批", "approval on record is needed"},
	"rule.entitlement.review_months_stable":   {"变化不大复核月数", "months to a review, stable"},
	"rule.entitlement.review_months_changing": {"变化较大复核月数", "months to a review, changing"},
	"rule.entitlement.review_holds":           {"逾期未复核停发", "overdue review holds"},
	"rule.entitlement.starts_next_month":      {"次月起发", "aid begins the month after"},
	"rule.entitlement.stops_next_month":       {"次月停发", "aid ends the month after"},
	"rule.entitlement.grace_months":           {"渐退期月数", "months of grace"},

	"ENTITLE_OTHER":        {"“互斥项目”和“外部信息”须填且只填一个", "fill in either the other program or the fact, one of them"},
	"ENTITLE_PROGRAM":      {"没有这样的项目或分项，项目应为：{options}", "no such program or component; programs are: {options}"},
	"ENTITLE_TWICE":        {"同一互斥关系、区划和日期在文件中出现两次", "the same pair, area and date stand in the file twice"},
	"ENTITLE_FACT_TWICE":   {"与第 {row} 行相同，应只填一次", "the same stands in row {row}; give it once"},
	"ENTITLE_DIFFERS":      {"已按 {document} 登记，内容不同；以后的改变请另用新的日期", "{document} is on record and says otherwise; what holds from another day is another row"},
	"ENTITLE_UNKNOWN":      {"没有编号为 {id} 的互斥矩阵行。", "The exclusivity matrix has no row {id}."},
	"ENTITLE_NAME":         {"登记的姓名为“{name}”", "the name on record is \"{name}\""},
	"ENTITLE_NO_HOUSEHOLD": {"此人没有户，范围应为“个人”", "the person is in no household; the scope should be 个人 (person)"},

	"finding.entitlement_missing": {"没有登记的待遇审批，不能发放", "there is no approval of the entitlement on record"},
	"finding.entitlement_early":   {"{approved} 批准，自 {start} 起发，本月不应发", "approved on {approved}, owed from {start} on: not this month"},
	"finding.entitlement_ended":   {"待遇自 {end} 起已终止（{document}），未续期不能发放", "the entitlement has ended from {end} on ({document}); it is not paid unless renewed"},
	"finding.entitlement_grace":   {"已停发，处于渐退期（{months} 个月），自 {end} 起不再发放（{document}）", "stopped, within its {months} months of grace; not paid from {end} on ({document})"},
	"finding.review_overdue":      {"应于 {due} 前复核，上次复核 {reviewed}，已逾期", "the review was due on {due}, the last was on {reviewed}"},
	"finding.amount_frozen":       {"复核期内金额由 {was} 元（{month}，批次 {batch} 第 {first} 行）变为 {amount} 元，{reviewed} 复核后没有登记变更", "the amount was {was} in {month} (batch {batch}, line {first}) and is {amount} now; no change is on record since the review of {reviewed}"},
	"finding.figure_missing":      {"规则参数“{rule}”没有登记，按没有此规定核对", "the figure “{rule}” is not on record; checked as if there were no such rule"},
	"finding.fact_excludes":       {"{fact}（{from} 起，{source}），按 {document} {clause} 不得同时享受", "{fact} (from {from}, {source}): excluded by {document} {clause}"},
	"finding.fact_known":          {"{fact}（{from} 起，{source}），请核实", "{fact} (from {from}, {source}): see whether the aid is due"},
	"finding.excluded_person":     {"{person} 同月已享受 {program} {class}（{office} 批次 {batch} 第 {first} 行），按 {document} {clause} 不得同时享受", "{person} is paid {program} {class} in the same month ({office}, batch {batch}, line {first}): excluded by {document} {clause}"},
	"finding.excluded_household":  {"同户 {person} 同月已享受 {program} {class}（{office} 批次 {batch} 第 {first} 行），按 {document} {clause} 不得同时享受", "{person} of the household is paid {program} {class} in the same month ({office}, batch {batch}, line {first}): excluded by {document} {clause}"},

	"books.head.month":     {"月份", "month"},
	"books.head.severity":  {"处理", "severity"},
	"books.head.finding":   {"核对结果", "finding"},
	"books.head.id_masked": {"证件号码（脱敏）", "ID number, masked"},
}
