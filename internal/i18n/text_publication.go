package i18n

// What published lists say (公示).
var textPublication = Texts{
	"publication.title":             {"公示 {id}：批次 {batch}，{from} 至 {until}，{count} 行，其中隐名 {hidden} 行", "Publication {id}: batch {batch}, {from} to {until}, {count} rows, {hidden} without a name"},
	"publication.hidden":            {"（不公示姓名）", "(name not published)"},
	"publication.objected":          {"已登记异议 {id}：第 {line} 行。由另一人核实答复。", "Objection {id} recorded: line {line}. Another person looks into it and answers."},
	"publication.answered":          {"异议 {id} 已答复：{correction}", "Objection {id} answered: {correction}"},
	"publication.none":              {"批次 {batch} 还没有公示。用 publication make 生成公示清单。", "Batch {batch} has not been published. Make its list with publication make."},
	"publication.objection.open":    {"异议 {id}（第 {line} 行）：{said}，待答复", "Objection {id} (line {line}): {said}; not answered yet"},
	"publication.objection.upheld":  {"异议 {id}（第 {line} 行）：{said}；成立，更正：{correction}", "Objection {id} (line {line}): {said}; it holds, correct is: {correction}"},
	"publication.objection.refused": {"异议 {id}（第 {line} 行）：{said}；不成立：{correction}", "Objection {id} (line {line}): {said}; it does not hold: {correction}"},

	"batch.objection":          {"登记异议", "record an objection"},
	"batch.answer":             {"答复异议", "answer it"},
	"BATCH_PUBLISH_STATE":      {"批次 {batch} 当前为“{state}”：提交之后才能公示。", "Batch {batch} is {state}: it is published after submission."},
	"BATCH_PUBLICATION":        {"没有编号为 {publication} 的公示。", "There is no publication with number {publication}."},
	"BATCH_OBJECTION":          {"没有编号为 {objection} 的异议。", "There is no objection with number {objection}."},
	"BATCH_OBJECTION_LINE":     {"公示 {publication} 没有第 {line} 行。", "Publication {publication} has no line {line}."},
	"BATCH_OBJECTION_LATE":     {"公示期到 {until} 为止，异议请按信访程序办理。", "The list stood until {until}; take the complaint elsewhere."},
	"BATCH_OBJECTION_ANSWERED": {"异议 {objection} 已由 {by} 答复，内容不同。", "Objection {objection} was answered by {by}, in another way."},
	"event.batch.published.v1": {"批次 {code} 已公示至 {name}：{count} 笔 {amount} 元，公示人 {actor}", "Batch {code} published until {name}: {count} lines, {amount} yuan, by {actor}"},
	"check.publication_leaf":   {"公示与日志中的条目不符", "a publication and its leaf disagree"},

	"books.head.public_area":  {"村（社区）", "village"},
	"books.head.public_class": {"类别", "class"},
	"books.head.public_month": {"服务月份", "month"},

	"help.publication":            {"公示：生成公示清单，登记和答复异议", "Lists that everybody may read, objections to them, and answers"},
	"help.publication.make":       {"生成公示清单：姓名部分隐去，未成年人不公示姓名", "Make the list: names in part, no name of a child"},
	"help.publication.area":       {"区划代码：公示天数和隐名年龄按当地规定", "Area code: the days and the age that its documents set"},
	"help.publication.object":     {"登记对某一行的异议", "Record an objection to a row"},
	"help.publication.id":         {"公示编号", "Number of the publication"},
	"help.publication.line":       {"第几行", "Which line"},
	"help.publication.text":       {"异议内容，不写证件号和账号", "What is objected to, without ID or account numbers"},
	"help.publication.answer":     {"答复异议；由另一人办理，原公示保留", "Answer an objection; another person does, and the published row stays"},
	"help.publication.objection":  {"异议编号", "Number of the objection"},
	"help.publication.upheld":     {"异议成立", "The objection holds"},
	"help.publication.correction": {"更正内容或不成立的理由", "What is right instead, or why it does not hold"},
	"help.publication.show":       {"一个批次的公示和异议", "A batch's publications and objections"},
}
