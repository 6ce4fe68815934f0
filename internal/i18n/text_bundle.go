package i18n

// textBundle holds the texts of audit bundles. What stands in a bundle itself
// belongs to its format and is in ledger/proof/bundle.
var textBundle = Texts{
	"BUNDLE_ALTERED":            {"审计包被改动或不完好：{place}（{what}）。请以原件为准，向出具单位索取。", "The bundle was altered or is not sound: {place} ({what}). Ask whoever made it for the original."},
	"BUNDLE_UNTIED":             {"审计包所述与日志所证不符：{what} {id}。", "What the bundle states does not tie out with what the log proves: {what} {id}."},
	"BUNDLE_WITNESS":            {"见证人 {witness} 没有在审计包的检查点上签名。", "The witness {witness} has not cosigned the bundle's checkpoint."},
	"BUNDLE_KEY":                {"审计包的公钥（指纹 {fingerprint}）不是所信的公钥（{trusted}），也不是由它更换而来。", "The bundle's key ({fingerprint}) is not the trusted one ({trusted}) and does not follow from it."},
	"BUNDLE_CHECKPOINT_OTHER":   {"所给的检查点不是本审计包日志的公钥签发的。", "The checkpoint given was not signed by a key of the bundle's log."},
	"BUNDLE_CHECKPOINT_UNKNOWN": {"审计包里没有从 {old} 条到 {size} 条的证明，无法与所给检查点核对。请索取包含该检查点的新审计包。", "The bundle has no proof from {old} leaves to its {size}, so that it cannot be compared with the checkpoint given. Ask for a new bundle that includes it."},
	"BUNDLE_CHECKPOINT_LATER":   {"所给检查点有 {old} 条，审计包只到 {size} 条：包比检查点早，无法核对。请索取新审计包。", "The checkpoint given has {old} leaves, the bundle stops at {size}: it is older and cannot be compared. Ask for a new bundle."},
	"BUNDLE_SUBJECT":            {"请指明审计包的对象：--document、--batch、--person、--household 或 --period。", "Say what the bundle is about: --document, --batch, --person, --household or --period."},
	"TRACE_BATCH_UNKNOWN":       {"没有批次 {text}。", "There is no batch {text}."},
	"TRACE_PERIOD":              {"期间 {text} 没有批次。期间写作 2026-10。", "There is no batch of the period {text}. A period is written 2026-10."},
	"TRACE_AUDIT_EMPTY":         {"{subject} 没有应发明细，无可打包。", "{subject} has no entitlement line: there is nothing to bundle."},
	"TRACE_AUDIT_LEAF":          {"{kind} {ref} 现在的内容与日志第 {leaf} 条不符，未作审计包。请运行 fenlu verify --full。", "{kind} {ref} is not what leaf {leaf} of the log says; no bundle was made. Run fenlu verify --full."},
	"TRACE_AUDIT_MOVED":         {"打包时又有新的记账（检查点 {size}）。请再运行一次。", "Something was posted while the bundle was being made (checkpoint {size}). Run it again."},
	"BATCH_APPROVAL_UNKNOWN":    {"没有审批 {approval}。", "There is no approval {approval}."},

	"help.audit.bundle":            {"制作审计包：一个可离线核验的 zip", "Make an audit bundle: a zip that is verified offline"},
	"help.audit.bundle.document":   {"指标文件的文号", "Number of a document"},
	"help.audit.bundle.batch":      {"批次号", "Code of a batch"},
	"help.audit.bundle.person":     {"人员编号、证件号码或姓名", "A person's id, ID number or name"},
	"help.audit.bundle.household":  {"户号", "Code of a household"},
	"help.audit.bundle.period":     {"批次所属月份", "The period of batches"},
	"help.audit.bundle.unmask":     {"写明收款人及账号（须有“查看完整号码”权限，每次留记录）", "Say who was paid, in clear (needs people.unmask; each look is recorded)"},
	"help.audit.bundle.out":        {"写到此文件", "Write to this file"},
	"help.audit.verify":            {"核验审计包（不需要数据库）", "Verify an audit bundle, without a database"},
	"help.audit.verify.file":       {"审计包", "The bundle"},
	"help.audit.verify.key":        {"所信的公钥，或公钥文件", "The key that is trusted, or a file of public keys"},
	"help.audit.verify.witness":    {"见证人的公钥，其签名必须在检查点上（可多次给出）", "Key of a witness who must have cosigned the checkpoint (may be given more than once)"},
	"help.audit.verify.checkpoint": {"手中的检查点文件", "A file with a checkpoint that is held"},
	"audit.progress":               {"收集日志条目", "gathering leaves"},
	"audit.out.bundle":             {"已写出审计包 {file}：应发明细 {lines} 条，已付 {paid}；日志 {leaves} 条、明细 {parts} 条", "Wrote the bundle {file}: {lines} entitlement lines, {paid} paid; {leaves} leaves of the log with {parts} parts"},
	"audit.out.verified":           {"审计包 {file} 核验无误：应发明细 {lines} 条，已付 {paid}；日志 {leaves} 条、明细 {parts} 条", "The bundle {file} holds: {lines} entitlement lines, {paid} paid; {leaves} leaves of the log with {parts} parts"},
	"audit.out.bundle_log":         {"日志 {origin}，{size} 条，根 {root}", "Log {origin}, {size} leaves, root {root}"},
	"audit.out.bundle_trust":       {"公钥指纹 {fingerprint}\ntrust: {trust}", "Key fingerprint {fingerprint}\ntrust: {trust}"},
}
