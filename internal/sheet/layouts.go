package sheet

// The tables that `fenlu import` reads. Keys, headers and their order are the
// published contract of the import files: columns may be added, never renamed.

// Documents is the appropriation documents (指标文件), one row per line of a
// document. Amounts are positive; a 调减 row names the line it cuts.
var Documents = Layout{Name: "documents", Columns: []Column{
	{Key: "number", ZH: "文号", EN: "number", Required: true, Hint: "sheet.hint.number"},
	{Key: "title", ZH: "标题", EN: "title", Required: true},
	{Key: "kind", ZH: "类别", EN: "kind", Required: true, Hint: "sheet.hint.document_kind"},
	{Key: "issued_on", ZH: "签发日期", EN: "issued_on", Required: true, Hint: "sheet.hint.date"},
	{Key: "received_on", ZH: "收到日期", EN: "received_on", Required: true, Hint: "sheet.hint.date"},
	{Key: "passed_on", ZH: "转下达日期", EN: "passed_on", Hint: "sheet.hint.date"},
	{Key: "year", ZH: "年度", EN: "year", Required: true, Hint: "sheet.hint.year"},
	{Key: "line_no", ZH: "行号", EN: "line_no", Required: true, Hint: "sheet.hint.line_no"},
	{Key: "level", ZH: "级次", EN: "level", Required: true, Hint: "sheet.hint.level"},
	{Key: "fund", ZH: "资金", EN: "fund", Required: true, Hint: "sheet.hint.fund"},
	{Key: "function_code", ZH: "功能科目", EN: "function_code", Required: true, Hint: "sheet.hint.function_code"},
	{Key: "economic_code", ZH: "经济科目", EN: "economic_code", Required: true, Hint: "sheet.hint.economic_code"},
	{Key: "office", ZH: "单位", EN: "office", Required: true},
	{Key: "trace_code", ZH: "追踪码", EN: "trace_code", Hint: "sheet.hint.trace_code"},
	{Key: "tags", ZH: "标签", EN: "tags", Hint: "sheet.hint.list"},
	{Key: "programs", ZH: "项目", EN: "programs", Hint: "sheet.hint.programs"},
	{Key: "reduces_number", ZH: "冲减文号", EN: "reduces_number", Hint: "sheet.hint.reduces"},
	{Key: "reduces_line", ZH: "冲减行号", EN: "reduces_line", Hint: "sheet.hint.reduces"},
	{Key: "cash_arrived", ZH: "已到款", EN: "cash_arrived", Hint: "sheet.hint.cash"},
	{Key: "amount", ZH: "金额", EN: "amount", Required: true, Hint: "sheet.hint.amount"},
	{Key: "includes", ZH: "含提前下达", EN: "includes", Hint: "sheet.hint.includes"},
	{Key: "advance_number", ZH: "提前下达文号", EN: "advance_number", Hint: "sheet.hint.advance_number"},
	{Key: "this_time", ZH: "本次下达", EN: "this_time", Hint: "sheet.hint.this_time"},
	{Key: "from_set_aside", ZH: "动用预留", EN: "from_set_aside", Hint: "sheet.hint.from_set_aside"},
	{Key: "from_reserve", ZH: "动用备用金", EN: "from_reserve", Hint: "sheet.hint.from_reserve"},
}}

// Population is the registered residents of each township (户籍人口), the base
// of the emergency reserves.
var Population = Layout{Name: "population", Columns: []Column{
	{Key: "area_code", ZH: "区划代码", EN: "area_code", Required: true, Hint: "sheet.hint.area_township"},
	{Key: "name", ZH: "乡镇", EN: "name", Required: true},
	{Key: "residents", ZH: "户籍人口", EN: "residents", Required: true, Hint: "sheet.hint.whole"},
	{Key: "as_of", ZH: "截至日期", EN: "as_of", Required: true, Hint: "sheet.hint.date"},
	{Key: "source", ZH: "来源", EN: "source", Required: true},
}}

// Areas is changes of areas (区划变更): set up, renamed, merged or abolished.
var Areas = Layout{Name: "areas", Columns: []Column{
	{Key: "area_code", ZH: "区划代码", EN: "area_code", Required: true, Hint: "sheet.hint.area12"},
	{Key: "change", ZH: "变更", EN: "change", Required: true, Hint: "sheet.hint.area_change"},
	{Key: "name", ZH: "名称", EN: "name", Hint: "sheet.hint.area_name"},
	{Key: "successor", ZH: "并入区划", EN: "successor", Hint: "sheet.hint.area_successor"},
	{Key: "valid_from", ZH: "生效日期", EN: "valid_from", Required: true, Hint: "sheet.hint.date"},
	{Key: "document", ZH: "文号", EN: "document", Required: true, Hint: "sheet.hint.number"},
}}

// Offices is the offices (单位) with the areas that they work for.
var Offices = Layout{Name: "offices", Columns: []Column{
	{Key: "office", ZH: "单位代码", EN: "office", Required: true, Hint: "sheet.hint.office_code"},
	{Key: "name", ZH: "单位名称", EN: "name", Required: true, Hint: "sheet.hint.office_name"},
	{Key: "area_code", ZH: "区划代码", EN: "area_code", Required: true, Hint: "sheet.hint.area12"},
	{Key: "valid_from", ZH: "生效日期", EN: "valid_from", Required: true, Hint: "sheet.hint.date"},
	{Key: "state", ZH: "状态", EN: "state", Hint: "sheet.hint.office_state"},
	{Key: "document", ZH: "文号", EN: "document", Required: true, Hint: "sheet.hint.number"},
}}

// Policies is the dated standards (政策标准), each with document, clause and
// quote.
var Policies = Layout{Name: "policies", Columns: []Column{
	{Key: "program", ZH: "项目", EN: "program", Required: true, Hint: "sheet.hint.program"},
	{Key: "component", ZH: "分项", EN: "component", Hint: "sheet.hint.component"},
	{Key: "class", ZH: "类别", EN: "class", Required: true},
	{Key: "period", ZH: "计发周期", EN: "period", Required: true, Hint: "sheet.hint.period"},
	{Key: "amount", ZH: "标准", EN: "amount", Hint: "sheet.hint.amount_or_formula"},
	{Key: "layers", ZH: "分担", EN: "layers", Hint: "sheet.hint.layers"},
	{Key: "rounding", ZH: "取整", EN: "rounding", Hint: "sheet.hint.rounding"},
	{Key: "cap", ZH: "对象上限", EN: "cap", Hint: "sheet.hint.cap"},
	{Key: "valid_from", ZH: "执行日期", EN: "valid_from", Required: true, Hint: "sheet.hint.date"},
	{Key: "document", ZH: "文号", EN: "document", Required: true, Hint: "sheet.hint.number"},
	{Key: "clause", ZH: "条款", EN: "clause", Required: true},
	{Key: "quote", ZH: "原文", EN: "quote", Required: true},
	{Key: "area_code", ZH: "区划代码", EN: "area_code", Hint: "sheet.hint.area_any"},
	{Key: "family", ZH: "计算方法", EN: "family", Hint: "sheet.hint.family"},
	{Key: "rate", ZH: "比例", EN: "rate", Hint: "sheet.hint.rate"},
	{Key: "base", ZH: "基数", EN: "base", Hint: "sheet.hint.base"},
	{Key: "relation", ZH: "关系", EN: "relation", Hint: "sheet.hint.relation_to"},
	{Key: "least", ZH: "下限倍数", EN: "least", Hint: "sheet.hint.rate"},
	{Key: "greatest", ZH: "上限倍数", EN: "greatest", Hint: "sheet.hint.rate"},
	{Key: "operations", ZH: "计算次序", EN: "operations", Hint: "sheet.hint.operations"},
	{Key: "round", ZH: "舍入", EN: "round", Hint: "sheet.hint.round"},
	{Key: "stated_from", ZH: "原标准", EN: "stated_from", Hint: "sheet.hint.amount"},
	{Key: "stated_rise", ZH: "提高幅度", EN: "stated_rise", Hint: "sheet.hint.stated_rise"},
	{Key: "reason", ZH: "说明", EN: "reason", Hint: "sheet.hint.reason"},
}}

// Limits is what standards must keep to (标准约束): a relation to a base.
var Limits = Layout{Name: "limits", Columns: []Column{
	{Key: "program", ZH: "项目", EN: "program", Required: true, Hint: "sheet.hint.program"},
	{Key: "component", ZH: "分项", EN: "component", Hint: "sheet.hint.component"},
	{Key: "class", ZH: "类别", EN: "class", Hint: "sheet.hint.class_any"},
	{Key: "area_code", ZH: "区划代码", EN: "area_code", Hint: "sheet.hint.area_any"},
	{Key: "valid_from", ZH: "执行日期", EN: "valid_from", Required: true, Hint: "sheet.hint.date"},
	{Key: "relation", ZH: "关系", EN: "relation", Required: true, Hint: "sheet.hint.limit_relation"},
	{Key: "rate", ZH: "比例", EN: "rate", Hint: "sheet.hint.rate"},
	{Key: "greatest", ZH: "上限比例", EN: "greatest", Hint: "sheet.hint.rate"},
	{Key: "base", ZH: "基数", EN: "base", Hint: "sheet.hint.base"},
	{Key: "round", ZH: "舍入", EN: "round", Hint: "sheet.hint.round"},
	{Key: "binding", ZH: "性质", EN: "binding", Hint: "sheet.hint.binding"},
	{Key: "document", ZH: "文号", EN: "document", Required: true, Hint: "sheet.hint.number"},
	{Key: "clause", ZH: "条款", EN: "clause", Required: true},
	{Key: "quote", ZH: "原文", EN: "quote", Required: true},
}}

// Programs is the catalogue (项目目录): one row for each component, with the pool
// of its program.
var Programs = Layout{Name: "programs", Columns: []Column{
	{Key: "program", ZH: "项目代码", EN: "program", Required: true, Hint: "sheet.hint.program_code"},
	{Key: "program_name", ZH: "项目名称", EN: "program_name", Required: true},
	{Key: "program_name_en", ZH: "项目英文名称", EN: "program_name_en"},
	{Key: "component", ZH: "分项代码", EN: "component", Required: true, Hint: "sheet.hint.component_code"},
	{Key: "component_name", ZH: "分项名称", EN: "component_name", Required: true},
	{Key: "component_name_en", ZH: "分项英文名称", EN: "component_name_en"},
	{Key: "item_code", ZH: "一卡通项目编码", EN: "item_code", Hint: "sheet.hint.text"},
	{Key: "function_urban", ZH: "城市功能科目", EN: "function_urban", Hint: "sheet.hint.function_code"},
	{Key: "function_rural", ZH: "农村功能科目", EN: "function_rural", Hint: "sheet.hint.function_code"},
	{Key: "pool", ZH: "资金池", EN: "pool", Hint: "sheet.hint.pool"},
	{Key: "valid_from", ZH: "执行日期", EN: "valid_from", Required: true, Hint: "sheet.hint.date"},
	{Key: "valid_until", ZH: "停止日期", EN: "valid_until", Hint: "sheet.hint.date"},
	{Key: "document", ZH: "文号", EN: "document", Required: true, Hint: "sheet.hint.number"},
}}

// Rules is the single figures of rules (规则参数), each with document, clause and
// quote.
var Rules = Layout{Name: "rules", Columns: []Column{
	{Key: "name", ZH: "参数", EN: "name", Required: true, Hint: "sheet.hint.rule"},
	{Key: "area_code", ZH: "区划代码", EN: "area_code", Hint: "sheet.hint.area_any"},
	{Key: "valid_from", ZH: "执行日期", EN: "valid_from", Required: true, Hint: "sheet.hint.date"},
	{Key: "value", ZH: "数值", EN: "value", Required: true, Hint: "sheet.hint.rule_value"},
	{Key: "operator", ZH: "关系", EN: "operator", Hint: "sheet.hint.operator"},
	{Key: "document", ZH: "文号", EN: "document", Required: true, Hint: "sheet.hint.number"},
	{Key: "clause", ZH: "条款", EN: "clause", Required: true},
	{Key: "quote", ZH: "原文", EN: "quote", Required: true},
}}

// Chains is the approval chains of offices and programs (审批链): one row for
// each stage.
var Chains = Layout{Name: "chains", Columns: []Column{
	{Key: "kind", ZH: "适用", EN: "kind", Required: true, Hint: "sheet.hint.chain_kind"},
	{Key: "office", ZH: "单位代码", EN: "office", Hint: "sheet.hint.chain_any"},
	{Key: "program", ZH: "项目", EN: "program", Hint: "sheet.hint.chain_any"},
	{Key: "valid_from", ZH: "执行日期", EN: "valid_from", Required: true, Hint: "sheet.hint.date"},
	{Key: "order", ZH: "次序", EN: "order", Required: true, Hint: "sheet.hint.whole"},
	{Key: "step", ZH: "步骤", EN: "step", Required: true, Hint: "sheet.hint.chain_step"},
	{Key: "title", ZH: "名称", EN: "title", Hint: "sheet.hint.chain_title"},
	{Key: "stage_office", ZH: "办理单位", EN: "stage_office", Hint: "sheet.hint.chain_office"},
	{Key: "persons", ZH: "最少人数", EN: "persons", Hint: "sheet.hint.chain_persons"},
	{Key: "document", ZH: "文号", EN: "document", Required: true, Hint: "sheet.hint.number"},
	{Key: "clause", ZH: "条款", EN: "clause", Required: true},
}}

// People is persons with their households and payee accounts, and units with
// theirs (人员、户、单位和收款账户).
var People = Layout{Name: "people", Columns: []Column{
	{Key: "kind", ZH: "类型", EN: "kind", Required: true, Hint: "sheet.hint.person_kind"},
	{Key: "household", ZH: "户号", EN: "household"},
	{Key: "relation", ZH: "与户主关系", EN: "relation", Hint: "sheet.hint.relation"},
	{Key: "name", ZH: "姓名", EN: "name", Required: true},
	{Key: "id_type", ZH: "证件类型", EN: "id_type", Required: true, Hint: "sheet.hint.id_type"},
	{Key: "id_number", ZH: "证件号码", EN: "id_number", Required: true, Masked: true, Hint: "sheet.hint.text"},
	{Key: "temp_reason", ZH: "临时身份原因", EN: "temp_reason", Hint: "sheet.hint.temporary"},
	{Key: "temp_approver", ZH: "临时身份批准人", EN: "temp_approver", Hint: "sheet.hint.temporary"},
	{Key: "temp_until", ZH: "临时身份有效期", EN: "temp_until", Hint: "sheet.hint.temporary"},
	{Key: "area_code", ZH: "区划代码", EN: "area_code", Required: true, Hint: "sheet.hint.area_village"},
	{Key: "residence", ZH: "地址类别", EN: "residence", Hint: "sheet.hint.residence"},
	{Key: "account_kind", ZH: "账户类型", EN: "account_kind", Hint: "sheet.hint.account_kind"},
	{Key: "bank_code", ZH: "银行行号", EN: "bank_code", Hint: "sheet.hint.bank_code"},
	{Key: "bank_name", ZH: "开户银行", EN: "bank_name"},
	{Key: "account", ZH: "账号", EN: "account", Masked: true, Hint: "sheet.hint.text"},
	{Key: "account_name", ZH: "户名", EN: "account_name"},
	{Key: "verified_by", ZH: "核实人", EN: "verified_by"},
	{Key: "verified_on", ZH: "核实日期", EN: "verified_on", Hint: "sheet.hint.date"},
	{Key: "unit_kind", ZH: "单位类别", EN: "unit_kind", Hint: "sheet.hint.unit_kind"},
	{Key: "account_class", ZH: "账户分类", EN: "account_class", Hint: "sheet.hint.account_class"},
	{Key: "account_limit", ZH: "单笔限额", EN: "account_limit", Hint: "sheet.hint.account_limit"},
	{Key: "activated", ZH: "是否激活", EN: "activated", Hint: "sheet.hint.activated"},
}}

// Relations is who may be paid for whom (收款关系), one row for a beneficiary and
// payee.
var Relations = Layout{Name: "relations", Columns: []Column{
	{Key: "name", ZH: "享受人姓名", EN: "name", Required: true},
	{Key: "id_number", ZH: "享受人证件号码", EN: "id_number", Required: true, Masked: true, Hint: "sheet.hint.text"},
	{Key: "relation", ZH: "收款关系", EN: "relation", Required: true, Hint: "sheet.hint.payee_relation"},
	{Key: "payee_name", ZH: "收款人名称", EN: "payee_name", Required: true},
	{Key: "payee_id", ZH: "收款人证件号码", EN: "payee_id", Required: true, Masked: true, Hint: "sheet.hint.payee_id"},
	{Key: "valid_from", ZH: "起始日期", EN: "valid_from", Required: true, Hint: "sheet.hint.date"},
	{Key: "valid_to", ZH: "终止日期", EN: "valid_to", Hint: "sheet.hint.date"},
	{Key: "document", ZH: "依据文件", EN: "document", Required: true},
}}

// Accounts is a bank's list of accounts that got other numbers (批量换号): the old
// one, the new one and the holder's name.
var Accounts = Layout{Name: "accounts", Columns: []Column{
	{Key: "old_account", ZH: "原账号", EN: "old_account", Required: true, Masked: true, Hint: "sheet.hint.text"},
	{Key: "account", ZH: "新账号", EN: "account", Required: true, Masked: true, Hint: "sheet.hint.text"},
	{Key: "account_name", ZH: "户名", EN: "account_name", Required: true},
	{Key: "account_kind", ZH: "账户类型", EN: "account_kind", Hint: "sheet.hint.account_kind"},
	{Key: "bank_code", ZH: "银行行号", EN: "bank_code", Hint: "sheet.hint.bank_code"},
	{Key: "bank_name", ZH: "开户银行", EN: "bank_name"},
	{Key: "verified_by", ZH: "核实人", EN: "verified_by"},
	{Key: "verified_on", ZH: "核实日期", EN: "verified_on", Hint: "sheet.hint.date"},
	{Key: "account_class", ZH: "账户分类", EN: "account_class", Hint: "sheet.hint.account_class"},
	{Key: "account_limit", ZH: "单笔限额", EN: "account_limit", Hint: "sheet.hint.account_limit"},
	{Key: "activated", ZH: "是否激活", EN: "activated", Hint: "sheet.hint.activated"},
}}

// Deaths is a list of deaths to compare rosters with (死亡比对).
var Deaths = Layout{Name: "deaths", Columns: []Column{
	{Key: "name", ZH: "姓名", EN: "name", Required: true},
	{Key: "id_number", ZH: "证件号码", EN: "id_number", Required: true, Masked: true, Hint: "sheet.hint.text"},
	{Key: "died_on", ZH: "死亡日期", EN: "died_on", Required: true, Hint: "sheet.hint.date"},
	{Key: "source", ZH: "来源", EN: "source", Required: true},
}}

// Roster is the entitlements of one month (花名册), one row per covered
// person and component.
var Roster = Layout{Name: "roster", Columns: []Column{
	{Key: "program", ZH: "项目", EN: "program", Required: true, Hint: "sheet.hint.program"},
	{Key: "component", ZH: "分项", EN: "component", Hint: "sheet.hint.component"},
	{Key: "class", ZH: "类别", EN: "class", Required: true},
	{Key: "month", ZH: "服务月份", EN: "month", Required: true, Hint: "sheet.hint.month"},
	{Key: "household", ZH: "户号", EN: "household"},
	{Key: "name", ZH: "姓名", EN: "name", Required: true},
	{Key: "id_number", ZH: "证件号码", EN: "id_number", Required: true, Masked: true, Hint: "sheet.hint.text"},
	{Key: "amount", ZH: "金额", EN: "amount", Required: true, Hint: "sheet.hint.amount"},
	{Key: "payee", ZH: "收款方式", EN: "payee", Required: true, Hint: "sheet.hint.payee"},
	{Key: "payee_id", ZH: "收款人证件号码", EN: "payee_id", Masked: true, Hint: "sheet.hint.payee_id"},
	{Key: "case_no", ZH: "案号", EN: "case_no", Hint: "sheet.hint.case_no"},
	{Key: "instalment", ZH: "期次", EN: "instalment", Hint: "sheet.hint.instalment"},
	{Key: "remark", ZH: "备注", EN: "remark"},
}}

// Exclusions is the exclusivity matrix (互斥矩阵): which aid excludes which other, or
// is excluded by a fact.
var Exclusions = Layout{Name: "exclusions", Columns: []Column{
	{Key: "area_code", ZH: "区划代码", EN: "area_code", Hint: "sheet.hint.area_any"},
	{Key: "valid_from", ZH: "执行日期", EN: "valid_from", Required: true, Hint: "sheet.hint.date"},
	{Key: "program", ZH: "项目", EN: "program", Required: true, Hint: "sheet.hint.program"},
	{Key: "component", ZH: "分项", EN: "component", Hint: "sheet.hint.any"},
	{Key: "class", ZH: "类别", EN: "class", Hint: "sheet.hint.class_pattern"},
	{Key: "other_program", ZH: "互斥项目", EN: "other_program", Hint: "sheet.hint.other_program"},
	{Key: "other_component", ZH: "互斥分项", EN: "other_component", Hint: "sheet.hint.any"},
	{Key: "other_class", ZH: "互斥类别", EN: "other_class", Hint: "sheet.hint.class_pattern"},
	{Key: "fact", ZH: "外部信息", EN: "fact", Hint: "sheet.hint.fact_kind"},
	{Key: "scope", ZH: "范围", EN: "scope", Required: true, Hint: "sheet.hint.exclusion_scope"},
	{Key: "effect", ZH: "处理", EN: "effect", Required: true, Hint: "sheet.hint.exclusion_effect"},
	{Key: "document", ZH: "文号", EN: "document", Required: true, Hint: "sheet.hint.number"},
	{Key: "clause", ZH: "条款", EN: "clause", Required: true},
	{Key: "quote", ZH: "原文", EN: "quote", Required: true},
}}

// Entitlements is what was decided about people's entitlements (待遇审批): approved,
// reviewed, changed, stopped.
var Entitlements = Layout{Name: "entitlements", Columns: []Column{
	{Key: "event", ZH: "事项", EN: "event", Required: true, Hint: "sheet.hint.entitlement_event"},
	{Key: "program", ZH: "项目", EN: "program", Required: true, Hint: "sheet.hint.program"},
	{Key: "name", ZH: "姓名", EN: "name", Required: true},
	{Key: "id_number", ZH: "证件号码", EN: "id_number", Required: true, Masked: true, Hint: "sheet.hint.text"},
	{Key: "scope", ZH: "范围", EN: "scope", Required: true, Hint: "sheet.hint.exclusion_scope"},
	{Key: "on_date", ZH: "日期", EN: "on_date", Required: true, Hint: "sheet.hint.date"},
	{Key: "review_class", ZH: "复核类别", EN: "review_class", Hint: "sheet.hint.review_class"},
	{Key: "valid_until", ZH: "有效期至", EN: "valid_until", Hint: "sheet.hint.date"},
	{Key: "next_review", ZH: "下次复核日期", EN: "next_review", Hint: "sheet.hint.date"},
	{Key: "grace", ZH: "渐退", EN: "grace", Hint: "sheet.hint.grace"},
	{Key: "document", ZH: "依据文件", EN: "document", Required: true},
}}

// Valued is aid in kind or service, and quotas of institutions, by their value (折价救助).
var Valued = Layout{Name: "valued", Columns: []Column{
	{Key: "number", ZH: "登记编号", EN: "number", Required: true},
	{Key: "form", ZH: "形式", EN: "form", Required: true, Hint: "sheet.hint.valued_form"},
	{Key: "scheme", ZH: "名目", EN: "scheme", Required: true},
	{Key: "source_level", ZH: "资金来源", EN: "source_level", Required: true},
	{Key: "name", ZH: "受助对象", EN: "name", Required: true},
	{Key: "id_number", ZH: "证件号码", EN: "id_number", Required: true, Masked: true, Hint: "sheet.hint.text"},
	{Key: "given_on", ZH: "日期", EN: "given_on", Required: true, Hint: "sheet.hint.date"},
	{Key: "what", ZH: "内容", EN: "what", Required: true},
	{Key: "quantity", ZH: "数量", EN: "quantity", Required: true},
	{Key: "value", ZH: "折价金额", EN: "value", Required: true, Hint: "sheet.hint.amount"},
	{Key: "document", ZH: "依据文件", EN: "document", Required: true},
}}

// Facts is what other offices know about people (外部信息), to compare rosters with.
var Facts = Layout{Name: "facts", Columns: []Column{
	{Key: "kind", ZH: "外部信息", EN: "kind", Required: true, Hint: "sheet.hint.fact_kind"},
	{Key: "name", ZH: "姓名", EN: "name", Required: true},
	{Key: "id_number", ZH: "证件号码", EN: "id_number", Required: true, Masked: true, Hint: "sheet.hint.text"},
	{Key: "from_on", ZH: "起始日期", EN: "from_on", Required: true, Hint: "sheet.hint.date"},
	{Key: "to_on", ZH: "终止日期", EN: "to_on", Hint: "sheet.hint.date"},
	{Key: "source", ZH: "来源", EN: "source", Required: true},
}}

// HouseholdFacts is what amounts are computed from (家庭经济状况): a fact about a
// household or a member of it from a day on.
var HouseholdFacts = Layout{Name: "household-facts", Columns: []Column{
	{Key: "kind", ZH: "事实", EN: "kind", Required: true, Hint: "sheet.hint.means_kind"},
	{Key: "name", ZH: "姓名", EN: "name", Required: true},
	{Key: "id_number", ZH: "证件号码", EN: "id_number", Required: true, Masked: true, Hint: "sheet.hint.text"},
	{Key: "scope", ZH: "范围", EN: "scope", Hint: "sheet.hint.means_scope"},
	{Key: "value", ZH: "数值", EN: "value", Required: true, Hint: "sheet.hint.means_value"},
	{Key: "program", ZH: "项目", EN: "program", Hint: "sheet.hint.means_program"},
	{Key: "component", ZH: "分项", EN: "component", Hint: "sheet.hint.component"},
	{Key: "from_on", ZH: "起始日期", EN: "from_on", Required: true, Hint: "sheet.hint.date"},
	{Key: "to_on", ZH: "终止日期", EN: "to_on", Hint: "sheet.hint.date"},
	{Key: "document", ZH: "依据文件", EN: "document", Required: true},
}}

// Contracts is the contracts for purchased services (购买服务合同).
var Contracts = Layout{Name: "contracts", Columns: []Column{
	{Key: "number", ZH: "合同编号", EN: "number", Required: true},
	{Key: "credit_code", ZH: "统一社会信用代码", EN: "credit_code", Required: true, Hint: "sheet.hint.text"},
	{Key: "supplier", ZH: "承接单位", EN: "supplier", Required: true},
	{Key: "township", ZH: "区划代码", EN: "township", Required: true, Hint: "sheet.hint.area_any"},
	{Key: "service", ZH: "服务类别", EN: "service", Required: true, Hint: "sheet.hint.service"},
	{Key: "scope", ZH: "服务内容", EN: "scope", Required: true},
	{Key: "headcount", ZH: "派驻人数", EN: "headcount", Required: true, Hint: "sheet.hint.whole"},
	{Key: "recipients", ZH: "服务对象人数", EN: "recipients", Hint: "sheet.hint.whole"},
	{Key: "amount", ZH: "合同金额", EN: "amount", Required: true, Hint: "sheet.hint.amount"},
	{Key: "fund", ZH: "列支资金", EN: "fund", Required: true, Hint: "sheet.hint.fund"},
	{Key: "year", ZH: "年度", EN: "year", Required: true, Hint: "sheet.hint.year"},
	{Key: "signed_on", ZH: "签订日期", EN: "signed_on", Required: true, Hint: "sheet.hint.date"},
	{Key: "starts_on", ZH: "起始日期", EN: "starts_on", Required: true, Hint: "sheet.hint.date"},
	{Key: "ends_on", ZH: "终止日期", EN: "ends_on", Required: true, Hint: "sheet.hint.date"},
}}

// Layouts are all tables by name, in the order they are imported.
func Layouts() []Layout {
	return []Layout{Programs, Documents, Population, Areas, Offices, Rules, Limits, Policies, Chains, People, Relations, Accounts, Deaths, Exclusions, Entitlements, Facts, HouseholdFacts, Valued,
		Contracts, HeldAccounts, Residents, Visits, DirectFiles, Roster}
}

// rowColumn and reasonColumn are the columns WriteErrors adds; reading ignores
// them, so that a corrected copy can be imported as it is.
var (
	rowColumn    = Column{Key: "_row", ZH: "原行号", EN: "input_row"}
	reasonColumn = Column{Key: "_problem", ZH: "原因", EN: "problem"}
)

// isAdded says whether a header, in its normal form, is one of these.
func isAdded(name string) bool {
	for _, c := range []Column{rowColumn, reasonColumn} {
		if name == normalHeader(c.ZH) || name == normalHeader(c.EN) {
			return true
		}
	}
	return false
}

// VoucherRules is the mapping table of vouchers (凭证规则): what an event debits and
// credits in a book. Codes, not words, as the program prints them.
var VoucherRules = Layout{Name: "voucher-rules", Columns: []Column{
	{Key: "year", ZH: "年度", EN: "year", Required: true},
	{Key: "area", ZH: "区划或单位", EN: "area"},
	{Key: "event", ZH: "事项", EN: "event", Required: true},
	{Key: "condition", ZH: "条件", EN: "condition"},
	{Key: "purpose", ZH: "资金用途", EN: "purpose"},
	{Key: "payee", ZH: "收款对象", EN: "payee"},
	{Key: "setting", ZH: "设置", EN: "setting"},
	{Key: "book", ZH: "账", EN: "book", Required: true},
	{Key: "ord", ZH: "序号", EN: "order", Required: true},
	{Key: "debit", ZH: "借方", EN: "debit"},
	{Key: "credit", ZH: "贷方", EN: "credit"},
	{Key: "red", ZH: "红字", EN: "red"},
	{Key: "status", ZH: "状态", EN: "status", Required: true},
	{Key: "source", ZH: "来源", EN: "source", Required: true},
}}
