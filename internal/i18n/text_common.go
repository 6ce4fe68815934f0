package i18n

var textCommon = Texts{
	"INTERNAL":      {"程序故障，账未受影响：{cause}。请保留现场并联系运维。", "Internal fault, nothing was posted: {cause}. Keep the evidence and call the operator."},
	"common.field":  {"{place}：“{value}” {problem}", "{place}: \"{value}\" {problem}"},
	"common.row":    {"第 {row} 行", "row {row}"},
	"common.more":   {"还有 {count} 处问题未列出。", "{count} more problems are not shown."},
	"common.column": {"“{column}”列", "column \"{column}\""},
}
