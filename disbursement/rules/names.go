package rules

import (
	"maps"
	"slices"
	"strings"

	"fenlu/disbursement/terms"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// Name is what a figure is called, "room.what".
type Name string

// Unit is what a figure counts.
type Unit string

// The units.
const (
	Days        Unit = "days"   // 天
	Hours       Unit = "hours"  // 小时
	Months      Unit = "months" // 个月
	Years       Unit = "years"  // 周岁, 年
	DayOfMonth  Unit = "day"    // 每月几日, 1 to 28
	Count       Unit = "count"  // 个
	Amount      Unit = "amount" // 元
	AmountMonth Unit = "month"  // 元/月: an amount for a month
	AmountYear  Unit = "year"   // 元/年: an amount for a year
	Rate        Unit = "rate"   // 比例: 5%, 1/3
	YesNo       Unit = "yes_no" // 是, 否
	Code        Unit = "code"   // 功能科目, 7 digits
)

// Definition says what a figure is: its unit, and the range beyond which a
// value is taken for a slip of the pen. Of amounts and rates no range is known.
type Definition struct {
	Unit     Unit
	Min, Max int64
}

// The names, by room.
const (
	// PaymentDueDay is the day of the month by which aid is in people's accounts
	// (每月 10 日前发放到户).
	PaymentDueDay Name = "payment.due_day"
	// PublicationDays is how long a published list stands for objections (公示期).
	PublicationDays Name = "publication.days"
	// PublicationChildAge is the age below which a person's name is not published.
	PublicationChildAge Name = "publication.child_age"

	// AuditAccountOwners is how many people may have one account (一户多人).
	AuditAccountOwners Name = "audit.account_owners"
	// AuditAccountChanges is how many accounts one person may change within
	// AuditWindowDays before it is looked at.
	AuditAccountChanges Name = "audit.account_changes"
	AuditWindowDays     Name = "audit.window_days"
	// AuditAgeingDays is how long money may stand without moving (资金滞留).
	AuditAgeingDays Name = "audit.ageing_days"
	// AuditReturnDays is how long a return may wait for its re-issue (退回未发).
	AuditReturnDays Name = "audit.return_days"
	// AuditLateMonths is how many months after its service month a line may be paid.
	AuditLateMonths Name = "audit.late_months"
	// AuditCaseAmount is from what sum on a case of temporary aid is watched
	// (大额临时救助, money-rules D12).
	AuditCaseAmount Name = "audit.case_amount"
	// AuditRecoveryDays is how long a claim may stand without an instalment (追回未跟进).
	AuditRecoveryDays Name = "audit.recovery_days"
	// AuditSameTaken is from how many people in a township on, who all had the same
	// amount taken back from them, it is a case of its own (等额收回).
	AuditSameTaken Name = "audit.same_taken"
	// AuditHandOverDays is how long after a payment to a unit the person whose money it
	// is may be without having said that he got it (代领转交核实).
	AuditHandOverDays Name = "audit.hand_over_days"
	// AuditCashShare is what share of a township's aid may be paid in cash (现金发放占比).
	AuditCashShare Name = "audit.cash_share"
	// RecoveryAgeFirst, RecoveryAgeSecond and RecoveryAgeThird are the last days of
	// the age classes of claims (追回款账龄).
	RecoveryAgeFirst  Name = "recovery.age_first"
	RecoveryAgeSecond Name = "recovery.age_second"
	RecoveryAgeThird  Name = "recovery.age_third"
	// FundsPassOnDays is within how many days of its receipt a document from above
	// is passed on (转下达; 预算法 art. 52).
	FundsPassOnDays Name = "funds.pass_on_days"
	// FundsIdleMonths is how long after its arrival unspent money is idle (闲置).
	FundsIdleMonths Name = "funds.idle_months"
	// FundsLongIdleMonths is how long after its arrival it is idle for long (长期闲置).
	FundsLongIdleMonths Name = "funds.long_idle_months"
	// FundsGiveBackYears is at the end of which year after its document's budget
	// year unspent money is given back (收回); 0 is the year itself.
	FundsGiveBackYears Name = "funds.give_back_years"
	// FundsRemitDays is within how many days a receipt is remitted (应缴财政款).
	FundsRemitDays Name = "funds.remit_days"
	// FundsAdvanceDays is within how many days what one level advanced for another is
	// repaid by a correction (垫付清偿期限).
	FundsAdvanceDays Name = "funds.advance_days"
	// RelationAdultAge is the age in years from which a guardian is paid no longer
	// (监护到期年龄).
	RelationAdultAge Name = "relation.adult_age"
	// DeathToHousehold and DeathToHeir say whether what somebody was owed who died may
	// be paid to the household, and to an heir (亡故人员应发款). Where both are no it is
	// stopped.
	DeathToHousehold Name = "death.to_household"
	DeathToHeir      Name = "death.to_heir"
	// ReserveDocumentDays is how long after a draw the write-up of an emergency
	// may take (事后补充说明期限, money-rules C3).
	ReserveDocumentDays Name = "reserve.document_days"
	// ReservePaymentHours is how long after the report the money of an emergency
	// is to be on its way (24小时先行救助, money-rules C4).
	ReservePaymentHours Name = "reserve.payment_hours"
	// ReserveConfirmHours is how long after a draw the second person may confirm it.
	ReserveConfirmHours Name = "reserve.confirm_hours"
	// ReserveIsCeiling says whether residents × rate is a ceiling up to which a
	// reserve is refilled (备用金定额), or all that a year gets (money-rules C7).
	ReserveIsCeiling Name = "reserve.is_ceiling"
	// ReserveIdleShare flags a reserve of which less is used than this share of
	// what the time passed would allow (备用金闲置).
	ReserveIdleShare Name = "reserve.idle_share"
	// ReserveCashAdvanced says whether a township's reserve is cash on an account of its
	// own (预拨现金到乡镇账户), or a quota that the county's channel pays from (切块额度).
	ReserveCashAdvanced Name = "reserve.cash_advanced"
	// ReserveRepayDays is within how many days after it was recorded a township is paid
	// back what it advanced out of its own pocket (乡镇垫付归还期限).
	ReserveRepayDays Name = "reserve.repay_days"
	// ServiceStationWorkers is how many social workers a station is to have
	// (社工站驻站社工, money-rules B4).
	ServiceStationWorkers Name = "service.station_workers"
	// ServiceRecipientsPerWorker is for how many recipients one worker is to be there
	// (经办服务人员配备, money-rules B15).
	ServiceRecipientsPerWorker Name = "service.recipients_per_worker"
	// ServiceBandMiddle and ServiceBandUpper are the registered residents of a
	// township from which the middle band begins and where it ends (户籍人口分档,
	// money-rules B15); the workers of each band are figures of their own.
	ServiceBandMiddle        Name = "service.band_middle"
	ServiceBandUpper         Name = "service.band_upper"
	ServiceBandLowerWorkers  Name = "service.band_lower_workers"
	ServiceBandMiddleWorkers Name = "service.band_middle_workers"
	ServiceBandUpperWorkers  Name = "service.band_upper_workers"
	// ServiceCareSelf, ServiceCareHalf and ServiceCareFull are for how many people in
	// care one carer is to be there (护理人员配比, money-rules B15: 1:10, 1:6, 1:3).
	ServiceCareSelf Name = "service.care_self"
	ServiceCareHalf Name = "service.care_half"
	ServiceCareFull Name = "service.care_full"
	// AidCaseLimit is the hard cap of a case that is decided by itself
	// (一事一议每案上限, money-rules A23).
	AidCaseLimit Name = "aid.case_limit"

	// EntitlementRequired says whether nobody is paid without an approval on record
	// (peers-and-audits #4).
	EntitlementRequired Name = "entitlement.required"
	// ReviewMonthsStable and ReviewMonthsChanging are after how many months an
	// entitlement is reviewed whose household's means change little, and one whose do
	// (每年, 每半年核查; money-rules C11).
	ReviewMonthsStable   Name = "entitlement.review_months_stable"
	ReviewMonthsChanging Name = "entitlement.review_months_changing"
	// ReviewHolds says whether a line waits while its review is overdue; no warns.
	ReviewHolds Name = "entitlement.review_holds"
	// EntitlementStartsNext says whether aid begins in the month after the approval
	// (次月起发), EntitlementStopsNext whether it ends with the month of the stop (次月停发).
	EntitlementStartsNext Name = "entitlement.starts_next_month"
	EntitlementStopsNext  Name = "entitlement.stops_next_month"
	// EntitlementGraceMonths is how many months a stopped entitlement is paid on for
	// that was given grace (渐退期).
	EntitlementGraceMonths Name = "entitlement.grace_months"
	// ExitTest says whether a household leaves whose income, without the allowance
	// itself, is above the province's guide for the year (money-rules A28).
	ExitTest Name = "entitlement.exit_test"
	// LowIncomeMultiple is up to which multiple of the standard a household is at the
	// border of low income (低收入边缘), LowIncomeLimit up to where an area may widen it
	// (money-rules A29: 1.5, at most 2).
	LowIncomeMultiple Name = "low_income.multiple"
	LowIncomeLimit    Name = "low_income.multiple_limit"
	// IndicatorGrowth is by how much averages are to grow on the year before
	// (同比增长, money-rules A34).
	IndicatorGrowth Name = "indicator.growth"
	// IndicatorWageShare is what the average standard is to be of the minimum wage from
	// a date on: a row for each year's target, with the quote as it reads (money-rules
	// A2, A4).
	IndicatorWageShare Name = "indicator.wage_share"
	// LotteryServicesYear is what of the lottery money (福彩公益金) is for purchased
	// services in a year (money-rules B9).
	LotteryServicesYear Name = "lottery.services_year"
	// LotteryUnitsShare is what share of the lottery money is for units (支持社会组织,
	// money-rules B11).
	LotteryUnitsShare Name = "lottery.units_share"
	// BackPayMonths is within how many months, counted from the one in which a
	// raised standard takes effect, its back-pay is done (补发完成期限): 6 from
	// January is the end of June (money-rules C1).
	BackPayMonths Name = "backpay.months"
)

// UpliftOf names the share of the standard that a member gets on top of the
// household's gap for a reason (分类施保增发比例, money-rules A31): "uplift.elderly".
func UpliftOf(reason string) Name { return Name("uplift." + reason) }

// FunctionCodeOf names the function code (功能科目) that pays a program for a
// residence class: "function.db.urban".
func FunctionCodeOf(program, residence string) Name {
	return Name("function." + strings.ToLower(program) + "." + residence)
}

// IndicatorAverageOf names the average that people of a program are to be paid, such
// as the province's (全省平均补助水平, money-rules G1).
func IndicatorAverageOf(program string) Name {
	return Name("indicator.average." + strings.ToLower(program))
}

// ShareLocalOf names the least that prefecture and county pay for a person of a
// program in a year (州县年人均补助, money-rules B6).
func ShareLocalOf(program string) Name { return Name("share.local_year." + strings.ToLower(program)) }

// ShareOfLevel names what share of all that is paid a level bears (分级负担, money-rules
// B7).
func ShareOfLevel(level terms.Level) Name { return Name("share.level." + string(level)) }

// Function codes are seven digits that begin with 2 (支出功能分类).
const firstCode, lastCode = 2000000, 2999999

// The reference figures (参照数) that standards are worked out from and checked
// with, money-rules part A. The unit says the period, for every figure needs
// one (part F). A figure of the year before is the same row at a date a year
// earlier.
const (
	// MinimumWage is the minimum wage of a month (最低工资标准, A1–A4, A15, A16).
	MinimumWage Name = "reference.minimum_wage"
	// SpendingUrban is what a resident of a town spent in a year (城镇居民人均消费支出, A5, A6, A14).
	SpendingUrban Name = "reference.spending_urban"
	// SpendingRural is the same of the villages (农村居民人均消费支出, A5, A14).
	SpendingRural Name = "reference.spending_rural"
	// PovertyLine is the state's line for a year (国家扶贫标准, A7).
	PovertyLine Name = "reference.poverty_line"
	// GuideUrban is the province's guide for a month in towns (省城市低保指导标准).
	GuideUrban Name = "reference.guide_urban"
	// GuideRural is the province's guide for a year in villages (省农村低保指导标准, A10, A28).
	GuideRural Name = "reference.guide_rural"
	// PriceRise is by how much prices rose within a year (居民消费价格同比涨幅, A32).
	PriceRise Name = "reference.price_rise"
)

// names are all figures that some rule asks for.
var names = map[Name]Definition{
	MinimumWage:         {Unit: AmountMonth},
	SpendingUrban:       {Unit: AmountYear},
	SpendingRural:       {Unit: AmountYear},
	PovertyLine:         {Unit: AmountYear},
	GuideUrban:          {Unit: AmountMonth},
	GuideRural:          {Unit: AmountYear},
	PriceRise:           {Unit: Rate},
	PaymentDueDay:       {Unit: DayOfMonth, Min: 1, Max: 28},
	PublicationDays:     {Unit: Days, Min: 1, Max: 90},
	PublicationChildAge: {Unit: Years, Min: 1, Max: 30},
	AuditAccountOwners:  {Unit: Count, Min: 1, Max: 20},
	AuditAccountChanges: {Unit: Count, Min: 1, Max: 10000},
	AuditWindowDays:     {Unit: Days, Min: 1, Max: 366},
	AuditAgeingDays:     {Unit: Days, Min: 1, Max: 3660},
	AuditReturnDays:     {Unit: Days, Min: 1, Max: 366},
	AuditCaseAmount:     {Unit: Amount},
	AuditLateMonths:     {Unit: Months, Min: 0, Max: 120},
	AuditRecoveryDays:   {Unit: Days, Min: 1, Max: 3660},
	AuditSameTaken:      {Unit: Count, Min: 2, Max: 10000},
	AuditHandOverDays:   {Unit: Days, Min: 1, Max: 366},
	AuditCashShare:      {Unit: Rate},
	RecoveryAgeFirst:    {Unit: Days, Min: 1, Max: 3660},
	RecoveryAgeSecond:   {Unit: Days, Min: 2, Max: 7320},
	RecoveryAgeThird:    {Unit: Days, Min: 3, Max: 36600},
	FundsPassOnDays:     {Unit: Days, Min: 1, Max: 366},
	FundsIdleMonths:     {Unit: Months, Min: 1, Max: 120},
	FundsLongIdleMonths: {Unit: Months, Min: 1, Max: 120},
	FundsGiveBackYears:  {Unit: Count, Min: 0, Max: 10},
	FundsRemitDays:      {Unit: Days, Min: 0, Max: 366},
	FundsAdvanceDays:    {Unit: Days, Min: 1, Max: 1098},
	RelationAdultAge:    {Unit: Years, Min: 1, Max: 150},
	DeathToHousehold:    {Unit: YesNo},
	DeathToHeir:         {Unit: YesNo},

	FunctionCodeOf("db", "urban"):  {Unit: Code, Min: firstCode, Max: lastCode},
	FunctionCodeOf("db", "rural"):  {Unit: Code, Min: firstCode, Max: lastCode},
	FunctionCodeOf("tk", "urban"):  {Unit: Code, Min: firstCode, Max: lastCode},
	FunctionCodeOf("tk", "rural"):  {Unit: Code, Min: firstCode, Max: lastCode},
	ReserveDocumentDays:            {Unit: Days, Min: 1, Max: 365},
	ReservePaymentHours:            {Unit: Hours, Min: 1, Max: 720},
	ReserveConfirmHours:            {Unit: Hours, Min: 1, Max: 720},
	ReserveIsCeiling:               {Unit: YesNo},
	ReserveIdleShare:               {Unit: Rate},
	ReserveRepayDays:               {Days, 0, 366},
	ReserveCashAdvanced:            {Unit: YesNo},
	AidCaseLimit:                   {Unit: Amount},
	EntitlementRequired:            {Unit: YesNo},
	ReviewMonthsStable:             {Unit: Months, Min: 1, Max: 60},
	ReviewMonthsChanging:           {Unit: Months, Min: 1, Max: 60},
	ReviewHolds:                    {Unit: YesNo},
	EntitlementStartsNext:          {Unit: YesNo},
	EntitlementStopsNext:           {Unit: YesNo},
	EntitlementGraceMonths:         {Unit: Months, Min: 0, Max: 60},
	BackPayMonths:                  {Unit: Months, Min: 1, Max: 60},
	ExitTest:                       {Unit: YesNo},
	LowIncomeMultiple:              {Unit: Rate},
	LowIncomeLimit:                 {Unit: Rate},
	UpliftOf("elderly"):            {Unit: Rate},
	UpliftOf("minor"):              {Unit: Rate},
	UpliftOf("disabled"):           {Unit: Rate},
	UpliftOf("ill"):                {Unit: Rate},
	IndicatorAverageOf("db"):       {Unit: Amount},
	IndicatorAverageOf("tk"):       {Unit: Amount},
	IndicatorAverageOf("ls"):       {Unit: Amount},
	IndicatorAverageOf("et"):       {Unit: Amount},
	ShareLocalOf("db"):             {Unit: AmountYear},
	ShareLocalOf("tk"):             {Unit: AmountYear},
	ShareLocalOf("et"):             {Unit: AmountYear},
	ShareOfLevel(terms.Province):   {Unit: Rate},
	ShareOfLevel(terms.Prefecture): {Unit: Rate},
	ShareOfLevel(terms.County):     {Unit: Rate},
	IndicatorGrowth:                {Unit: Rate},
	IndicatorWageShare:             {Unit: Rate},
	LotteryServicesYear:            {Unit: AmountYear},
	LotteryUnitsShare:              {Unit: Rate},

	ServiceStationWorkers:      {Unit: Count, Min: 1, Max: 100},
	ServiceRecipientsPerWorker: {Unit: Count, Min: 1, Max: 100000},
	ServiceBandMiddle:          {Unit: Count, Min: 1, Max: 10000000},
	ServiceBandUpper:           {Unit: Count, Min: 1, Max: 10000000},
	ServiceBandLowerWorkers:    {Unit: Count, Min: 1, Max: 100},
	ServiceBandMiddleWorkers:   {Unit: Count, Min: 1, Max: 100},
	ServiceBandUpperWorkers:    {Unit: Count, Min: 1, Max: 100},
	ServiceCareSelf:            {Unit: Count, Min: 1, Max: 1000},
	ServiceCareHalf:            {Unit: Count, Min: 1, Max: 1000},
	ServiceCareFull:            {Unit: Count, Min: 1, Max: 1000},
}

// DefinitionOf says what a figure is; false where no rule asks for it.
func DefinitionOf(n Name) (Definition, bool) {
	d, ok := names[n]
	return d, ok
}

// Names are all figures that some rule asks for, in order.
func Names() []Name { return slices.Sorted(maps.Keys(names)) }

// Title is the name as a user reads it.
func (n Name) Title(lang i18n.Lang) string { return i18n.Term(lang, "rule", string(n)) }

// Name is the unit as a user reads it.
func (u Unit) Name(lang i18n.Lang) string { return i18n.Term(lang, "rule.unit", string(u)) }

// check says whether a value is one of the figure's, in its one form.
func (d Definition) check(value string) (string, bool) {
	switch d.Unit {
	case Amount, AmountMonth, AmountYear:
		f, err := money.Parse(value)
		return f.String(), err == nil && f > 0
	case Rate:
		r, err := money.ParseRate(value)
		return r.String(), err == nil && r.Sign() >= 0
	case YesNo:
		return yesNo(value)
	default:
		n, ok := whole(value)
		return value, ok && n >= d.Min && n <= d.Max
	}
}
