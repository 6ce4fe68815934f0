package i18n

// textBenefits holds the texts of what is pure: amounts (money), identifiers
// (internal/ident), calculators (calc.*) and the carve-out's arithmetic
// (carveout.line.*, carveout.state.*). The MONEY_*, ID_* … sentences stand
// behind the value in a row report, so they do not repeat it.
var textBenefits = join(textMoney, textIdent, textCalc, textCarveoutLines)

var textMoney = Texts{
	"MONEY_EMPTY":     {"没有金额，请填写以元为单位的数字", "no amount; write a number of yuan"},
	"MONEY_SYNTAX":    {"不是金额：只用数字、一个小数点和千分位逗号，例如 1,234.50；不要写单位、空格、加号或科学计数", "is not an amount: use digits, one decimal point and commas at the thousands, such as 1,234.50; no unit, space, plus sign or exponent"},
	"MONEY_FULL_STOP": {"小数点不明：用了“。”“·”或“、”，可能是扫描识别错误，请对照原文改为“.”", "has an unclear decimal point (。, · or 、), perhaps misread by a scanner; compare with the original and write \".\""},
	"MONEY_GROUPING":  {"千分位逗号位置不对，请改为 1,234.50 这样的写法，或者不用逗号", "has commas in the wrong places; write 1,234.50 or use no commas"},
	"MONEY_DECIMALS":  {"金额精确到分，小数最多两位；系统不替您四舍五入", "has parts of a fen; give at most two decimals, nothing is rounded for you"},
	"MONEY_OVERFLOW":  {"金额太大，超出可记账的范围", "is larger than can be booked"},
	"MONEY_RATE":      {"不是比例：请写成 5%、0.05、1.3 或 1/3", "is not a rate: write 5%, 0.05, 1.3 or 1/3"},
	"MONEY_WEIGHTS":   {"无法按这些份额分摊：份额不能为负，也不能全部为零", "cannot be shared by these weights: none may be negative and not all may be zero"},
}

var textIdent = Texts{
	"ID_EMPTY":        {"没有证件号码；没有身份证的人员请办理临时身份", "no ID number; give a person without one a temporary identity"},
	"ID_OLD_15":       {"是 15 位旧身份证号，已停止使用；请按现用身份证填写 18 位号码，系统不自动换算", "is an old ID number of 15 digits, no longer valid; take the 18 characters from the present card, they are not guessed"},
	"ID_FORMAT":       {"不是身份证号码：应为 18 位，前 17 位是数字，末位是数字或 X", "is not an ID number: 18 characters, 17 digits and then a digit or X"},
	"ID_DATE":         {"第 7 至 14 位不是真实存在的出生日期，请对照证件核对", "has no real date of birth in places 7 to 14; compare with the card"},
	"ID_DATE_FUTURE":  {"第 7 至 14 位的出生日期晚于今天，请对照证件核对", "has a date of birth after today in places 7 to 14; compare with the card"},
	"ID_CHECK_DIGIT":  {"校验码不对，多半有一位录错，请对照证件逐位核对", "has a wrong check character, most likely one mistyped digit; compare with the card digit by digit"},
	"ID_AREA_UNKNOWN": {"前两位 {province} 不是现行省级代码，仅作提示，不影响办理", "begins with {province}, which is no province at present; a note only, nothing is refused"},

	"CREDIT_CODE_EMPTY":  {"没有统一社会信用代码", "no unified social credit code"},
	"CREDIT_CODE_FORMAT": {"不是统一社会信用代码：应为 18 位数字和大写字母（不含 I、O、S、V、Z），第 3 至 8 位是数字", "is not a unified social credit code: 18 digits and capitals (never I, O, S, V, Z), digits in places 3 to 8"},
	"CREDIT_CODE_CHECK":  {"校验码不符；个别在用代码确有此情况，请对照证书核对后继续", "has a check character that does not fit; a few codes in use are like that, compare with the certificate and go on"},

	"TEMP_ID_EMPTY":  {"没有临时身份编号", "no temporary identity number"},
	"TEMP_ID_FORMAT": {"不是临时身份编号：应为 LS 加 6 位区划、6 位日期、3 位序号和 1 位校验码，共 18 位", "is not a temporary identity number: LS, 6 digits of area, 6 of date, 3 of serial and a check character, 18 in all"},
	"TEMP_ID_DATE":   {"第 9 至 14 位不是真实存在的日期", "has no real date in places 9 to 14"},
	"TEMP_ID_CHECK":  {"校验码不对，请核对临时身份编号", "has a wrong check character; compare with the record"},

	"AREA_CODE_EMPTY":   {"没有区划代码", "no area code"},
	"AREA_CODE_FORMAT":  {"不是区划代码：应为 12 位数字（省 2、市 2、县 2、乡镇 3、村 3），现为 {length} 位", "is not an area code: 12 digits (province 2, city 2, county 2, township 3, village 3), this has {length}"},
	"AREA_CODE_LEVEL":   {"区划代码 {code} 缺少上级：下级有编号而上级为 0", "area code {code} lacks a level: there is a number beneath a level that is 0"},
	"AREA_CODE_UNKNOWN": {"前两位 {province} 不是现行省级代码，仅作提示；地方自编代码可以使用", "begins with {province}, which is no province at present; a note only, local codes may be used"},

	"ACCOUNT_EMPTY":        {"没有账号", "no account number"},
	"ACCOUNT_CARD_FORMAT":  {"不是银行卡号：应为 16 至 19 位数字，现为 {length} 位；表格里的卡号请设为文本格式", "is not a card number: 16 to 19 digits, this has {length} characters; format the spreadsheet column as text"},
	"ACCOUNT_FORMAT":       {"不是账号：存折为 6 至 34 位数字，对公账户为 6 至 34 位数字或大写字母，现为 {length} 位", "is not an account number: 6 to 34 digits for a passbook, digits or capitals for a corporate account; this has {length} characters"},
	"ACCOUNT_KIND_UNKNOWN": {"账户类型“{kind}”不认识：应为社保卡、存折或对公", "unknown kind of account \"{kind}\": card, passbook or corporate"},
	"ACCOUNT_LUHN":         {"卡号校验位不符，可能录错，请核对；是否有效以银行为准", "has a card check digit that does not fit, perhaps mistyped; compare it, the bank decides"},
	"BANK_CODE_EMPTY":      {"没有银行行号", "no bank code"},
	"BANK_CODE_FORMAT":     {"不是银行行号（联行号）：应为 12 位数字，现为 {length} 位", "is not a bank code: 12 digits, this has {length} characters"},
}

var textCalc = Texts{
	"CALC_STANDARD":    {"标准或基数不合理：{value}，应大于零", "the standard or base {value} makes no sense: it must be more than zero"},
	"CALC_COUNT":       {"人数或月数不合理：{value}", "the number of people or months {value} makes no sense"},
	"CALC_RATE":        {"比例不能为负：{value}", "a rate may not be negative: {value}"},
	"CALC_INCOME":      {"收入和扣减不能为负：{value}", "income and deductions may not be negative: {value}"},
	"CALC_UPLIFT":      {"分类施保增发不合理：{value}；须写明本人，比例大于零", "the uplift {value} makes no sense: it needs a person and a rate above zero"},
	"CALC_DUE":         {"应发金额不能为负：{value}", "an amount due may not be negative: {value}"},
	"CALC_LAYERS":      {"分担层级不合理：{value}；至少一层，级次不重复，金额不为负", "the layers make no sense: {value}; at least one, each level once, no negative amount"},
	"CALC_METHOD":      {"没有这种按月计发方法：{method}", "no method of that name: {method}"},
	"CALC_MONTH":       {"月份不存在：{month}，请写成 2026-10", "no such month: {month}; write 2026-10"},
	"CALC_PERIOD":      {"起止月份颠倒：{value}", "the first month stands after the last: {value}"},
	"CALC_BAND":        {"倍数 {times} 不在规定的 {least} 至 {greatest} 之间", "the multiple {times} is outside {least} to {greatest}"},
	"CALC_BAND_AMOUNT": {"金额 {amount} 不在规定的 {least} 至 {greatest} 元之间", "the amount {amount} is outside {least} to {greatest}"},
	"CALC_CEILING":     {"金额 {amount} 超过限额 {ceiling}，多 {over} 元", "the amount {amount} is above the ceiling {ceiling} by {over}"},

	"calc.stated.month":      {"年标准 {annual} ÷ 12 = {amount}", "{annual} a year ÷ 12 = {amount}"},
	"calc.stated.year":       {"文件所列月标准 {month} × 12 = {amount}", "{month} a month as stated × 12 = {amount}"},
	"calc.stated.difference": {"十二个月合计与年标准相差 {amount}", "twelve months differ from the year by {amount}"},
	"calc.layer.month":       {"{level}：年标准 {annual}，{month} 月（{method}）= {amount}", "{level}: {annual} a year, month {month} ({method}) = {amount}"},
	"calc.layer.share":       {"{level}：{of} 按 {weight} 的份额 = {amount}", "{level}: {of} by a weight of {weight} = {amount}"},
	"calc.layer.total":       {"各级合计 = {amount}", "all layers = {amount}"},
	"calc.backpay.month":     {"{month} {level}：应发 {due} − 已发 {paid}，补 {amount}", "{month} {level}: due {due} − paid {paid}, to pay {amount}"},
	"calc.backpay.total":     {"补发合计（应发按“{method}”确定）= {amount}", "back-pay in all (due fixed by {method}) = {amount}"},
	"calc.heads.group":       {"{label}：{count} 人 × {standard} = {amount}", "{label}: {count} people × {standard} = {amount}"},
	"calc.heads.total":       {"合计 {people} 人 = {amount}", "{people} people in all = {amount}"},
	"calc.person_months":     {"标准 {standard} × {persons} 人 × {months} 个月 = {amount}", "standard {standard} × {persons} people × {months} months = {amount}"},
	"calc.proportion":        {"{base} × {rate}（{round}）= {amount}", "{base} × {rate} ({round}) = {amount}"},
	"calc.gap.none":          {"人均收入不低于标准 {standard}（年收入 {income}，扣减 {deductions}，{members} 人），无差额", "income per head is not below the standard {standard} (year {income}, deductions {deductions}, {members} members): no gap"},
	"calc.gap.household":     {"（标准 {standard} −（年收入 {income} − 扣减 {deductions}）÷ 12 ÷ {members} 人）× {covered} 人（{round}）= {amount}", "(standard {standard} − (income {income} − deductions {deductions}) ÷ 12 ÷ {members}) × {covered} people ({round}) = {amount}"},
	"calc.gap.uplift":        {"增发（{reason}）：标准 {standard} × {rate} = {amount}", "uplift ({reason}): standard {standard} × {rate} = {amount}"},
	"calc.gap.total":         {"全户每月 = {amount}", "the household a month = {amount}"},

	"calc.method.annual":      {"累计差额法，全年等于年标准", "cumulative, the year comes out exactly"},
	"calc.method.fen":         {"每月四舍五入到分", "each month to the nearest fen"},
	"calc.method.up_jiao":     {"每月进到角", "each month up to the jiao"},
	"calc.method.up_yuan":     {"每月进到元", "each month up to the yuan"},
	"calc.method.near_yuan":   {"每月四舍五入到元", "each month to the nearest yuan"},
	"calc.round.half_up":      {"四舍五入到分", "half up to the fen"},
	"calc.round.half_even":    {"四舍六入五成双到分", "half to even, to the fen"},
	"calc.round.up":           {"进到分", "up to the fen"},
	"calc.round.down":         {"舍到分", "down to the fen"},
	"calc.round.half_up_jiao": {"四舍五入到角", "half up to the jiao"},
	"calc.round.up_jiao":      {"进到角", "up to the jiao"},
	"calc.round.down_jiao":    {"舍到角", "down to the jiao"},
	"calc.round.half_up_yuan": {"四舍五入到元", "half up to the yuan"},
	"calc.round.up_yuan":      {"进到元", "up to the yuan"},
	"calc.round.down_yuan":    {"舍到元", "down to the yuan"},
}

var textCarveoutLines = Texts{}
