package i18n

// What computing lists from household facts says (按家庭经济状况计算).
var textComputed = Texts{
	"help.batch.computed":     {"不用花名册，按登记的家庭经济状况计算", "Compute the list from the household facts on record instead of a roster"},
	"help.batch.explain":      {"逐行说明计算出的金额", "Say line by line how a computed amount came about"},
	"help.batch.explain_line": {"只说明这一行", "This line only"},
	"CLI_COMPUTED_OR_FILE":    {"请给出花名册文件，或用 --computed 按家庭经济状况计算，二者取一。", "Name a roster, or use --computed to compute the list from household facts: one of the two."},
	"BATCH_NOT_COMPUTED":      {"批次 {batch} 没有这样的计算明细：它不是按家庭经济状况计算的，或没有这一行。", "Batch {batch} has no such computed line: it was not computed from household facts, or has no line of that number."},

	"check.computed_list": {"计算清单或其说明与登记的摘要不符", "a computed list or its explanations and the digest on record disagree"},

	"computed.nothing": {"没有应发明细，未建批次。", "Nobody is due anything: no batch was made."},
	"computed.left":    {"未列入：{count}", "Left out: {count}"},
	"computed.line":    {"第 {line} 行 {name}（{number}）{class}：{amount} 元", "Line {line} {name} ({number}) {class}: {amount} yuan"},

	"computed.step.income": {"家庭月收入 {income} − 所含低保金 {allowance} = {amount}", "income a month {income} − allowance in it {allowance} = {amount}"},
	"computed.step.share":  {"本人：全户差额 {household} 由 {covered} 人均分得 {part} + 增发 {uplift} = {amount}", "this person: of the household's {household} among {covered} people {part} + uplift {uplift} = {amount}"},

	"computed.why.dead":         {"已死亡", "has died"},
	"computed.why.no_class":     {"没有待遇类别，或该类别没有当月的标准", "no class on record that has a standard in the month"},
	"computed.why.case":         {"类别“{class}”按个案核定，不能计算", "class \"{class}\" is decided by the case and cannot be computed"},
	"computed.why.no_household": {"不在任何户中，无法按收入计算", "in no household: an income cannot be counted"},
	"computed.why.no_income":    {"没有登记家庭月收入", "no income of the household on record"},
	"computed.why.no_members":   {"没有登记共同生活人数", "nobody said how many share the income"},
	"computed.why.too_many":     {"保障 {covered} 人，多于登记的共同生活人数 {members}", "{covered} are covered, more than the {members} who share the income"},
	"computed.why.no_uplift":    {"没有登记“{rule}”", "no figure on record for \"{rule}\""},
	"computed.why.no_guide":     {"须按省指导标准退出，但没有登记“{rule}”", "the exit test applies, but no figure is on record for \"{rule}\""},
	"computed.why.exit":         {"扣除低保金后人均年收入 {head} 元，高于省指导标准 {guide} 元（{document} {clause}），应退出", "without the allowance the income a head is {head} a year, above the province's guide of {guide} ({document} {clause}): it leaves"},
	"computed.why.border":       {"人均月收入 {head} 元，不低于标准 {standard} 元，在 {times} 倍以内：低收入边缘（{document}）", "the income a head is {head} a month, not below the standard of {standard} but within {times} times of it: at the border of low income ({document})"},
	"computed.why.over":         {"人均月收入 {head} 元，不低于标准 {standard} 元", "the income a head is {head} a month, not below the standard of {standard}"},
	"computed.why.no_head":      {"户没有户主，无人收款", "the household has no head to be paid"},
	"computed.why.no_account":   {"应发 {amount} 元，收款人没有账户", "{amount} is due, but the payee has no account"},
	"computed.why.review_held":  {"应于 {due} 前复核，逾期暂停", "its review was due by {due} and holds it"},

	"finding.amount_over":  {"金额 {amount} 元，按登记的家庭经济状况应为 {due} 元，多 {difference} 元（{document} {clause}）", "the amount is {amount}; the household facts on record make {due}, {difference} less ({document} {clause})"},
	"finding.amount_under": {"金额 {amount} 元，按登记的家庭经济状况应为 {due} 元，少 {difference} 元（{document} {clause}）", "the amount is {amount}; the household facts on record make {due}, {difference} more ({document} {clause})"},

	"books.head.left_household": {"户号", "household"},
	"books.head.left_name":      {"姓名", "name"},
	"books.head.left_number":    {"证件号码", "ID number"},
	"books.head.left_township":  {"乡镇", "township"},
	"books.head.left_component": {"分项", "component"},
	"books.head.left_why":       {"未列入原因", "why it is left out"},
}
