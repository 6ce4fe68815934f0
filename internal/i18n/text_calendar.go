package i18n

// What a month's calendar says (发放日历).
var textCalendar = Texts{
	"batch.due.open":    {"待发放", "open"},
	"batch.due.on_time": {"按时发放", "on time"},
	"batch.due.late":    {"逾期", "late"},

	"batch.calendar.title": {"{month} 发放日历：{day} 前发放到户（{document}{clause}）", "Calendar of {month}: in people's accounts by {day} ({document}, {clause})"},

	"books.head.due_program":  {"项目", "program"},
	"books.head.due_state":    {"状态", "state"},
	"books.head.due_days":     {"距截止日（天）", "days left"},
	"books.head.due_lists":    {"清单", "lists"},
	"books.head.due_released": {"已发放", "released"},
	"books.head.due_lines":    {"行数", "lines"},
	"books.head.due_paid_on":  {"付款日期", "paid on"},

	"help.batch.calendar":       {"发放日历：各项目本月清单到了哪一步，是否逾期", "The month's calendar: where each program's lists stand, and what is late"},
	"help.batch.calendar_month": {"月份，默认本月", "The month, this one by default"},
	"help.batch.calendar_area":  {"区划代码：按当地规定的截止日", "Area code: the day that its documents set"},
}
