package reason

// table is in the order in which texts are tried: the person first, then the
// account, then the file. "账户冻结(死亡)" stops the benefit, not the account.
//
// ISO codes are those of the external code sets (return, status and
// cancellation reasons). The MT940 keys 901 to 914 are the German ones of
// subfield ?34; the others of that list are no reasons of a credit transfer.
// 1001 to 1006 are docs/formats/cn-daifa.md. Codes of other banks are in their
// profiles, which name ours.
var table = []Entry{
	{Code: Deceased, Owner: Civil, Retry: Stop, Days: 3, iso: "MD07 R14 R15", texts: "死亡 身故 已故 亡故"},
	{Code: NameMismatch, Owner: Township, Retry: NewAccount, Days: 10, iso: "BE01 BE06 BE21 BE22", bank: "1002", texts: "户名不符 户名账号不符 账号户名不符 账户名不符 姓名不符 户名不一致 户名错误 户名有误"},
	{Code: IDMismatch, Owner: Township, Retry: NewAccount, Days: 10, iso: "BE16 BE17", texts: "身份证不符 身份证号不符 身份证号码不符 证件号不符 证件号码不符 证件不符 证件号码不一致"},
	{Code: KYC, Owner: Township, Retry: SameAccount, Days: 20, iso: "RR01 RR02 RR03 RR04", texts: "证件过期 证件已过期 身份证过期 证件失效 身份待核实 身份信息不全 身份核实"},
	{Code: Closed, Owner: Township, Retry: NewAccount, Days: 10, iso: "AC04 AC07 R02", bank: "902 1003", texts: "已销户 销户 账户已注销 账号已注销 卡已注销"},
	{Code: NotFound, Owner: Township, Retry: NewAccount, Days: 10, iso: "AC01 AC03 AC15 AC16 R03 R04", bank: "901 1001", texts: "账号不存在 帐号不存在 账户不存在 帐户不存在 卡号不存在 无此账号 无此账户 无此户 查无此户 账号错误 账号有误 卡号错误"},
	{Code: NotActivated, Owner: Township, Retry: SameAccount, Days: 20, bank: "1006", texts: "未激活 未启用"},
	{Code: Dormant, Owner: Township, Retry: SameAccount, Days: 20, bank: "1005", texts: "不动户 久悬 睡眠户 休眠"},
	{Code: StopPay, Owner: Township, Retry: NewAccount, Days: 10, texts: "止付 挂失 介质状态异常 卡状态异常 折状态异常"},
	{Code: AccountType, Owner: Township, Retry: NewAccount, Days: 10, iso: "AC09 AC14 AG01 R20", texts: "非结算户 非结算账户 非活期 账户类型不符 账户性质不符"},
	{Code: Frozen, Owner: Township, Retry: NewAccount, Days: 10, iso: "AC06 R16", bank: "903 1004", texts: "冻结 账户状态异常 账号状态异常 帐户状态异常 帐号状态异常 只付不收 不收不付"},
	{Code: Limit, Owner: Township, Retry: NewAccount, Days: 10, iso: "AM02 AM06 AM14 AM21", texts: "超限额 超过限额 超出限额 余额上限 二类户限额 三类户限额"},
	{Code: Refused, Owner: Civil, Retry: Decide, Days: 10, iso: "MS02 NOAS MD06", texts: "拒收 收款人拒绝"},
	{Code: Recalled, Owner: Finance, Retry: Decide, Days: 5, iso: "CUST FOCR UPAY", texts: "付款方撤回 付款人撤回 撤销成功 已撤销"},
	{Code: Duplicate, Owner: Finance, Retry: Stop, Days: 3, iso: "AM05 DU01 DU02 DU03 DU04 DU05", texts: "记录重复 重复记录 重复支付 重复提交 重复代发 重复文件 文件重复 批次重复"},
	{Code: BankCode, Owner: Finance, Retry: SameAccount, Days: 5, iso: "RC01 RC03 RC04 RC08 RC10 CNOR DNOR AC08", texts: "行号错误 行号有误 行号不存在 联行号不存在 联行号错误 开户行不符 非本行账户"},
	{Code: Insufficient, Owner: Finance, Retry: SameAccount, Days: 1, iso: "AM04 R01", texts: "余额不足 额度不足"},
	{Code: Cutoff, Owner: Finance, Retry: SameAccount, Days: 2, iso: "TM01 DT01", texts: "超过截止时间 已过截止时间 非营业时间 已日终"},
	{Code: Agreement, Owner: Finance, Retry: SameAccount, Days: 5, iso: "BE05", texts: "代理编号不存在 协议不存在 协议已到期 未签约"},
	{Code: Format, Owner: Finance, Retry: SameAccount, Days: 2, iso: "AG02 AM01 AM03 AM09 AM10 AM12 FF01 FF02 FF03 FF04 FF05 BE04", texts: "格式错误 格式不正确 总金额不符 总笔数不符 校验失败"},
	{Code: BankError, Owner: Bank, Retry: SameAccount, Days: 3, iso: "ED05 TS01 AB01 AB02 AB03 AB04 AB05 AB06 AB07 AB08", texts: "系统异常 系统错误 通讯失败 通信失败 交易失败"},
	{Code: Unknown, Owner: Bank, Retry: Wait, Days: 3, bank: "9001", texts: "结果未知 处理中 未知状态 超时"},
	{Code: Other, Owner: Finance, Retry: Decide, Days: 5},
}
