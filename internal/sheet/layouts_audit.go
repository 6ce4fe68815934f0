package sheet

// HeldAccounts is the bank accounts in which offices and units hold money of social
// assistance (银行账户清单), as of a day.
var HeldAccounts = Layout{Name: "held-accounts", Columns: []Column{
	{Key: "account", ZH: "账号", EN: "account", Required: true, Masked: true, Hint: "sheet.hint.text"},
	{Key: "holder", ZH: "户名", EN: "holder", Required: true},
	{Key: "bank", ZH: "开户银行", EN: "bank", Required: true},
	{Key: "usage", ZH: "账户性质", EN: "usage", Required: true, Hint: "sheet.hint.account_usage"},
	{Key: "area_code", ZH: "区划代码", EN: "area_code", Required: true, Hint: "sheet.hint.area_any"},
	{Key: "opened_on", ZH: "开户日期", EN: "opened_on", Required: true, Hint: "sheet.hint.date"},
	{Key: "closed_on", ZH: "销户日期", EN: "closed_on", Hint: "sheet.hint.date"},
	{Key: "as_of", ZH: "截止日期", EN: "as_of", Required: true, Hint: "sheet.hint.date"},
	{Key: "balance", ZH: "余额", EN: "balance", Required: true, Hint: "sheet.hint.amount"},
	{Key: "document", ZH: "依据文件", EN: "document", Required: true},
}}

// Residents is who lived in an institution in a month (在院名册).
var Residents = Layout{Name: "residents", Columns: []Column{
	{Key: "credit_code", ZH: "统一社会信用代码", EN: "credit_code", Required: true, Hint: "sheet.hint.text"},
	{Key: "month", ZH: "月份", EN: "month", Required: true, Hint: "sheet.hint.month"},
	{Key: "name", ZH: "姓名", EN: "name", Required: true},
	{Key: "id_number", ZH: "证件号码", EN: "id_number", Required: true, Masked: true, Hint: "sheet.hint.text"},
}}

// Visits is what people say they received of a month's aid (回访核实), asked or not.
var Visits = Layout{Name: "visits", Columns: []Column{
	{Key: "number", ZH: "核实编号", EN: "number", Required: true},
	{Key: "form", ZH: "核实方式", EN: "form", Required: true, Hint: "sheet.hint.visit_form"},
	{Key: "name", ZH: "姓名", EN: "name", Required: true},
	{Key: "id_number", ZH: "证件号码", EN: "id_number", Required: true, Masked: true, Hint: "sheet.hint.text"},
	{Key: "program", ZH: "项目", EN: "program", Required: true, Hint: "sheet.hint.program"},
	{Key: "month", ZH: "服务月份", EN: "month", Required: true, Hint: "sheet.hint.month"},
	{Key: "received", ZH: "实收金额", EN: "received", Required: true, Hint: "sheet.hint.amount"},
	{Key: "received_as", ZH: "领取方式", EN: "received_as", Required: true, Hint: "sheet.hint.received_as"},
	{Key: "taken", ZH: "被收回金额", EN: "taken", Hint: "sheet.hint.amount"},
	{Key: "taken_by", ZH: "收回人", EN: "taken_by"},
	{Key: "said_on", ZH: "核实日期", EN: "said_on", Required: true, Hint: "sheet.hint.date"},
	{Key: "visitor", ZH: "核实人", EN: "visitor", Required: true},
}}

// DirectFiles is what the system of direct funds was told about people
// (直达资金个人明细).
var DirectFiles = Layout{Name: "direct-files", Columns: []Column{
	{Key: "area_code", ZH: "区划代码", EN: "area_code", Required: true, Hint: "sheet.hint.area_any"},
	{Key: "document", ZH: "文号", EN: "document", Required: true, Hint: "sheet.hint.number"},
	{Key: "month", ZH: "服务月份", EN: "month", Required: true, Hint: "sheet.hint.month"},
	{Key: "program", ZH: "项目", EN: "program", Required: true, Hint: "sheet.hint.program"},
	{Key: "name", ZH: "姓名", EN: "name", Required: true},
	{Key: "id_number", ZH: "证件号码", EN: "id_number", Required: true, Masked: true, Hint: "sheet.hint.text"},
	{Key: "amount", ZH: "金额", EN: "amount", Required: true, Hint: "sheet.hint.amount"},
	{Key: "sent_on", ZH: "报送日期", EN: "sent_on", Required: true, Hint: "sheet.hint.date"},
}}
