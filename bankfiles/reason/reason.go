// Package reason is one table of why a payment failed or came back (失败原因):
// our own codes, who has to act on each, until when, and whether the payment
// may be tried again. Every code that a bank uses, of ISO 20022, of MT940 or of
// a Chinese result file, and the texts that Chinese banks write, lead to one of
// them with [Of]. What leads to none is [Other]: it keeps the bank's text and
// goes to a person.
//
// The sentences to each code are in the message catalogue, under
// "reason.CODE" (what it means) and "reason.CODE.step" (what to do next).
package reason

// Code is our own code for a reason.
type Code string

// The codes.
const (
	NotFound     Code = "ACCT_NOT_FOUND" // 账号不存在
	NameMismatch Code = "NAME_MISMATCH"  // 户名不符
	Closed       Code = "ACCT_CLOSED"    // 已销户
	Frozen       Code = "ACCT_FROZEN"    // 冻结或账户状态异常
	StopPay      Code = "STOP_PAY"       // 止付、挂失、介质状态异常
	Dormant      Code = "DORMANT"        // 不动户、久悬户
	NotActivated Code = "NOT_ACTIVATED"  // 未激活
	AccountType  Code = "ACCT_TYPE"      // 非结算户
	IDMismatch   Code = "ID_MISMATCH"    // 证件号码不符
	KYC          Code = "KYC"            // 证件过期、身份待核实
	Limit        Code = "LIMIT"          // 超限额
	Deceased     Code = "DECEASED"       // 死亡
	Refused      Code = "PAYEE_REFUSED"  // 收款人拒收
	Recalled     Code = "RECALLED"       // 付款方撤回
	Duplicate    Code = "DUPLICATE"      // 重复
	Cutoff       Code = "CUTOFF"         // 超过截止时间
	BankCode     Code = "BANK_CODE"      // 行号有误
	Insufficient Code = "INSUFFICIENT"   // 付款账户余额不足
	Agreement    Code = "AGREEMENT"      // 代发协议问题
	Format       Code = "FORMAT"         // 报文格式有误
	BankError    Code = "BANK_ERROR"     // 银行处理失败
	Unknown      Code = "UNKNOWN"        // 结果未知
	Other        Code = "OTHER"          // 其他，由人判断
)

// Owner is who has to act (责任方).
type Owner string

// The owners.
const (
	Township Owner = "township" // 乡镇（街道）民政
	Civil    Owner = "civil"    // 县民政局
	Finance  Owner = "finance"  // 县财政局
	Bank     Owner = "bank"     // 代发银行
)

// Retry says whether the payment may be tried again (重发规则).
type Retry string

// The rules of trying again.
const (
	SameAccount Retry = "same_account" // once the cause is gone, to the same account
	NewAccount  Retry = "new_account"  // only to another account, or a corrected one
	Stop        Retry = "stop"         // never again for this reason
	Wait        Retry = "wait"         // it may have been paid: wait for the bank
	Decide      Retry = "decide"       // a person decides
)

// Entry is one row of the table. Days is the time that the owner has, in
// calendar days from when the money came back: returned money is verified and
// paid again within the month it came back in (审计常见问题 8: 退票资金未及时清理).
type Entry struct {
	Code  Code  `json:"code"`
	Owner Owner `json:"owner"`
	Retry Retry `json:"retry"`
	Days  int   `json:"days"`

	iso   string // external codes of pain.002, camt, pacs.004; R.. of the American list
	bank  string // of MT940 (9..) and of cn.daifa.result
	texts string // what Chinese banks write
}

// All is the table, in its order.
func All() []Entry { return append([]Entry(nil), table...) }
