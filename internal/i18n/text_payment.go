package i18n

var textPayment = Texts{
	"check.release_leaf":  {"放款文件或其支付指令与日志中的条目不符", "a released file or its attempts and its leaf disagree"},
	"check.attempt_payee": {"支付指令的收款人与放款时的承诺不符", "an attempt pays somebody else than it is committed to"},

	"PAYMENT_CHANNEL":            {"没有支付渠道“{channel}”。", "There is no channel \"{channel}\"."},
	"PAYMENT_UNKNOWN":            {"没有支付 {payment}。", "There is no payment {payment}."},
	"PAYMENT_INSTRUCTED":         {"支付 {payment} 已经发出指令，不能再减少明细；请等银行结果。", "Payment {payment} has an instruction already; wait for the bank's result."},
	"PAYMENT_LIVE":               {"支付 {payment} 还有在途指令 {id}，不能再发。等银行结果后再试。", "Payment {payment} has a live instruction {id}; nothing may be sent before the bank has answered."},
	"PAYMENT_NOTHING_TO_RELEASE": {"批次 {batch} 没有可以放款的支付。", "Batch {batch} has no payment to release."},
	"PAYMENT_FILE_UNWRITTEN":     {"文件 {file} 已封存但还没有写出。请先写出并交给银行，再发新的指令。", "File {file} is sealed but not written yet. Write it and hand it to the bank before a new instruction is made."},
	"PAYMENT_ACCOUNT":            {"支付 {payment} 没有可用的收款账户。", "Payment {payment} has no payee account."},
	"PAYMENT_STEP_MOVED":         {"批次 {batch} 分步放款时，有支付的资金已不在原处，本步未办理。请运行 fenlu verify。", "While batch {batch} was released in steps, money of a payment was no longer where it stood; this step was not done. Run fenlu verify."},
	"PAYMENT_FILE_SUM":           {"文件 {file} 合计 {sum} 元，账上移动 {booked} 元，二者必须相等。未放款。", "File {file} adds up to {sum} yuan, the books moved {booked}; they must be equal. Nothing was released."},
	"PAYMENT_FILE_CHANGED":       {"文件 {file} 重新生成的内容与封存摘要不符，未写出。", "File {file} would not give the digest it was sealed with; nothing was written."},
	"PAYMENT_FILE_UNKNOWN":       {"没有放款文件 {file}。", "There is no bank file {file}."},
	"PAYMENT_FILE_WRITE":         {"不能写 {file}。", "Cannot write {file}."},
	"PAYMENT_ATTEMPT_UNKNOWN":    {"没有支付指令 {attempt}。", "There is no attempt {attempt}."},
	"PAYMENT_TRANSITION":         {"指令 {id} 不能从“{from}”变为“{to}”。", "Attempt {id} cannot go from \"{from}\" to \"{to}\"."},
	"PAYMENT_LEGS":               {"指令 {id} 的资金不在“{place}”，无法入账；请运行 fenlu verify。", "The money of attempt {id} does not stand in \"{place}\"; run fenlu verify."},

	"attempt.written":       {"已生成", "written"},
	"attempt.sent":          {"已发送", "sent"},
	"attempt.unknown":       {"结果未知", "unknown"},
	"attempt.paid":          {"已支付", "paid"},
	"attempt.part_returned": {"部分退回", "part returned"},
	"attempt.returned":      {"退回", "returned"},
	"attempt.failed":        {"失败", "failed"},
	"attempt.stopped":       {"停止", "stopped"},
	"attempt.formed":        {"待放款", "formed"},

	"check.attempt_amount":       {"支付指令的状态与金额矛盾", "an attempt's state and amounts contradict"},
	"check.payment_legs":         {"支付金额与其资金分段不符", "a payment and its legs disagree"},
	"check.payment_place":        {"支付资金的位置与指令状态不符", "where a payment's money stands and what its attempts say disagree"},
	"check.overpayment_suspense": {"待查余额与多付金额不符", "suspense is not what payees were overpaid"},
	"check.release_steps":        {"分步放款各步首尾相接，覆盖文件全部行", "the steps of a release cover every line of its file, one after the other"},
	"check.file_attempts":        {"银行文件与其指令不符", "a bank file and its attempts disagree"},
}
