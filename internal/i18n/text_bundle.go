package i18n

// textBundle holds the texts of audit bundles. What stands in a bundle itself
// belongs to its format and is in ledger/proof/bundle.
var textBundle = Texts{
	"BUNDLE_ALTERED":            {"审计包被改动或不完好：{place}（{what}）。请以原件为准，向出具单位索取。", "The bundle was altered or is not sound: {place} ({what}). Ask whoever made it for the original."},
	"BUNDLE_UNTIED":             {"审计包所述与日志所证不符：{what} {id}。", "What the bundle states does not tie out with what the log proves: {what} {id}."},
	"BUNDLE_KEY":                {"审计包的公钥（指纹 {fingerprint}）不是所信的公钥（{trusted}），也不是由它更换而来。", "The bundle's key ({fingerprint}) is not the trusted one ({trusted}) and does not follow from it."},
	"BUNDLE_CHECKPOINT_OTHER":   {"所给的检查点不是本审计包日志的公钥签发的。", "The checkpoint given was not signed by a key of the bundle's log."},
	"BUNDLE_CHECKPOINT_UNKNOWN": {"审计包里没有从 {old} 条到 {size} 条的证明，无法与所给检查点核对。请索取包含该检查点的新审计包。", "The bundle has no proof from {old} leaves to its {size}, so that it cannot be compared with the checkpoint given. Ask for a new bundle that includes it."},
}
