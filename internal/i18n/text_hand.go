package i18n

// Texts of what is paid by hand out of a reserve, and of urgent payments of the county.
var textHand = Texts{
	"help.reserve.form":        {"支用形式：transfer 转账、cash 现金、goods 实物", "How it is paid: transfer, cash, goods"},
	"help.reserve.receipt":     {"领款单或收据的影像文件（现金、实物）", "Image of the receipt (cash, goods)"},
	"help.reserve.witness":     {"见证人（现金、实物）", "Who saw it handed over (cash, goods)"},
	"help.reserve.goods":       {"发放的物品（实物）", "What was handed over (goods)"},
	"help.reserve.supplier":    {"供货单位（实物）", "Where it was bought (goods)"},
	"help.reserve.saw_receipt": {"第二人所见的领款单或收据影像（现金、实物）", "Image of the receipt that the second person saw (cash, goods)"},
	"help.reserve.urgent":      {"备用金不足、转由县级紧急支付的案件", "Emergencies that a reserve did not cover and the county has to pay at once"},
	"help.reserve.urgent_all":  {"已结清的一并列出", "List the settled ones too"},

	"reserve.out.handed_over": {"案件 {case} 已确认，按收据记为已付：{amount} 元，不生成银行文件。收据摘要 {receipt}", "Case {case} confirmed and paid by its receipt: {amount} yuan; no bank file is made. Digest of the receipt {receipt}"},
	"reserve.urgent.title":    {"县级紧急支付", "Urgent payments of the county"},
	"reserve.urgent.open":     {"待支付", "open"},
	"reserve.urgent.overdue":  {"超时", "overdue"},

	"books.head.urgent_free":  {"备用金余额", "reserve had"},
	"books.head.urgent_batch": {"支付批次", "paid by"},

	"recon.kind.receipt": {"收据", "receipt"},

	"RESERVE_HANDOVER":         {"案件 {number} 的支用形式与所附凭据不符；现金须有收据影像和见证人，实物另须写明物品和供货单位，转账均不填。未登记。", "What case {number} brings does not go with its form: cash needs the image of a receipt and a witness, goods also what and from whom, a transfer none of it. Nothing was recorded."},
	"RESERVE_HANDOVER_MISSING": {"缺少，请补上", "is missing"},
	"RESERVE_HANDOVER_EXTRA":   {"此形式不填，请去掉", "does not belong to this form; leave it out"},
	"RESERVE_RECEIPT_USED":     {"收据 {receipt} 已用于另一案件，案件 {number} 未登记：一张收据只付一案。", "The receipt {receipt} belongs to another case, case {number} was not recorded: a receipt pays one case."},
	"BATCH_RECEIPT_DIFFERS":    {"案件 {case} 的收据（{receipt}）摘要为 {drawn}，第二人所见为 {seen}，不是同一影像；未付。现金、实物请用 --receipt 给出所见影像，转账不填。", "The receipt of case {case} ({receipt}) has the digest {drawn}, the second person saw {seen}: not the same image. Nothing was paid; give what you saw with --receipt, and none for a transfer."},
	"BATCH_NO_RECEIPTS":        {"案件 {case}：收据无人读入，现金、实物不能支付。", "Case {case}: nobody reads receipts here, so nothing can be paid by hand."},
	"BATCH_DRAW_URGENT":        {"备用金余额 {free} 元，案件 {case} 要用 {asked} 元，未支用；已登记县级紧急支付，应于 {until} 前付出。以同一案号列入临时救助批次（已登记的支用先撤销其批次）。", "The reserve has {free} yuan, case {case} asked for {asked}: nothing was drawn, and an urgent payment of the county is open, due by {until}. List the case by its number in a batch of temporary aid (cancel the batch of a draw that is on record first)."},
	"BATCH_DRAW_AGAIN":         {"备用金余额已有 {free} 元，案件 {case} 请重新支用。", "The reserve has {free} yuan by now: draw case {case} again."},
	"BATCH_URGENT_TAKEN":       {"案号 {case} 的县级紧急支付已由 {by} 登记（{amount} 元），内容不同，未执行。", "An urgent payment of case {case} is on record ({amount} yuan, by {by}) with other content; nothing was done."},
	"PAYMENT_CHANNEL_HAND":     {"渠道“{channel}”只用于备用金的现金、实物支用，批次请选银行渠道。", "The channel {channel} is for what a reserve pays by hand; choose a bank's channel."},
	"RECON_RECEIPT_USED":       {"摘要为 {sha256} 的收据此前已读入，不能再付一次。", "The receipt with the digest {sha256} was read before and pays nothing again."},

	"check.evidence_receipt":      {"现金、实物支付与其收据不符", "what was paid by hand and its receipt disagree"},
	"check.cross_reserve_receipt": {"备用金案件与其支付形式或收据不符", "a reserve case and how it was paid disagree"},
}
