package i18n

// textCheckpoint holds the texts of checkpoints, keys of the log and witnesses.
var textCheckpoint = join(textCheckpointErrors)

var textCheckpointErrors = Texts{
	"CHECKPOINT_DAMAGED":    {"不是完好的检查点：{what}。", "Not a sound checkpoint: {what}."},
	"CHECKPOINT_SIGN":       {"检查点没有签成。", "The checkpoint could not be signed."},
	"CHECKPOINT_UNSIGNED":   {"检查点上没有所持公钥的签名：它不是这本日志签发的，或公钥已更换而手中没有更换记录。", "No key that is held signed this checkpoint: it is not this log's, or the key was changed and the record of that is missing."},
	"CHECKPOINT_FORGED":     {"以 {signer} 名义的签名不成立：检查点被改动过。", "The signature in the name of {signer} does not hold: the checkpoint was altered."},
	"CHECKPOINT_ORIGIN":     {"检查点写的是日志 {origin}，签名的却是 {signer}。", "The checkpoint names the log {origin}, but {signer} signed it."},
	"CHECKPOINT_KEY":        {"“{value}”不是公钥：应写作 名称+编号+内容（一行）。", "\"{value}\" is no public key: NAME+ID+KEY on one line."},
	"CHECKPOINT_NAME":       {"“{value}”不能作名称：不得为空，不得有空格或加号。", "\"{value}\" cannot be a name: not empty, no space, no plus."},
	"CHECKPOINT_ALGORITHM":  {"没有签名算法“{value}”：可用 ed25519 或 sm2。", "There is no algorithm \"{value}\": ed25519 or sm2."},
	"CHECKPOINT_SECRET":     {"私钥内容不完好。请从密钥备份中恢复。", "The private key is damaged: restore it from the key backup."},
	"CHECKPOINT_ROTATION":   {"不是更换公钥的记录。", "Not a record of a change of keys."},
	"CHECKPOINT_REQUEST":    {"不是交见证的检查点：{what}。", "Not a request to a witness: {what}."},
	"CHECKPOINT_SMALLER":    {"日志 {origin} 现只有 {size} 条，早先的检查点有 {old} 条：末尾被删除，或数据库退回了旧备份。", "The log {origin} has {size} leaves, an earlier checkpoint has {old}: its tail was deleted, or the database was rolled back to an old backup."},
	"CHECKPOINT_OTHER_ROOT": {"日志 {origin} 同为 {size} 条，内容却与早先的检查点不同：这是另一份历史。", "The log {origin} has {size} leaves as the earlier checkpoint does, but others: this is another history."},
	"CHECKPOINT_PROOF":      {"日志 {origin} 的 {size} 条不是由早先检查点的 {old} 条续写而来：这是另一份历史，或证明不完好。", "The {size} leaves of the log {origin} do not go on from the {old} of the earlier checkpoint: another history, or the proof is not sound."},
}
