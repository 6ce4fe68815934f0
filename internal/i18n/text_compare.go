package i18n

// What the comparison of a batch with the month before says (与上月比对).
var textCompare = Texts{
	"batch.change.new":     {"新增", "new"},
	"batch.change.stopped": {"停发", "stopped"},
	"batch.change.amount":  {"金额变动", "amount"},
	"batch.change.account": {"账户变动", "account"},

	"batch.compare.title":   {"批次 {batch} 与 {month} 月（{with}）比对", "Batch {batch} beside {month} ({with})"},
	"batch.compare.nothing": {"批次 {batch}：{month} 月没有已提交的同项目清单，全部视为新增", "Batch {batch}: no list of {month} was submitted for this program, so all is new"},
	"batch.compare.changes": {"逐行变动", "Changes line by line"},
	"batch.compare.total":   {"合计", "total"},
	"batch.compare.more":    {"还有更多变动：加大 --limit，或用 --xlsx 写入全部。", "There are more changes: raise --limit, or have all of them written with --xlsx."},

	"books.head.change_kind":         {"变动", "change"},
	"books.head.change_township":     {"乡镇", "township"},
	"books.head.change_component":    {"分项", "component"},
	"books.head.change_before":       {"上月金额", "before"},
	"books.head.change_now":          {"本月金额", "now"},
	"books.head.change_lines_before": {"上月行数", "lines before"},
	"books.head.change_lines":        {"本月行数", "lines"},
	"books.head.change_new":          {"新增", "new"},
	"books.head.change_stopped":      {"停发", "stopped"},
	"books.head.change_amounts":      {"金额变动", "amount"},
	"books.head.change_accounts":     {"账户变动", "account"},

	"help.batch.compare":       {"与上月比对：新增、停发、金额和账户变动，分乡镇", "Beside the month before: new, stopped, amount and account, by township"},
	"help.batch.compare_limit": {"最多列出多少行变动", "How many changes are listed at most"},
}
