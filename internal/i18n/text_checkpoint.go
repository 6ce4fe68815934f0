package i18n

// textCheckpoint holds the texts of checkpoints, keys of the log and witnesses.
var textCheckpoint = join(textCheckpointErrors, textWitness, textNotary, textKept, textKeyCommands, textWitnessCommands, textSheetOfBatch)

var textCheckpointErrors = Texts{
	"CHECKPOINT_DAMAGED":    {"不是完好的检查点：{what}。", "Not a sound checkpoint: {what}."},
	"CHECKPOINT_FILE":       {"读不了 {file}。", "Cannot read {file}."},
	"CHECKPOINT_EMPTY":      {"日志还是空的，没有检查点。", "The log is empty: there is no checkpoint yet."},
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

var textWitness = Texts{
	"WITNESS_EXISTS":      {"目录 {dir} 里已经有见证人的密钥，不会覆盖。", "Directory {dir} has a witness's key already; it is never overwritten."},
	"WITNESS_DIR":         {"见证目录 {dir} 不可用：请先用 fenlu witness init 建立，并检查权限和磁盘空间。", "The witness's directory {dir} cannot be used: make it with fenlu witness init, and check the rights and the free space."},
	"WITNESS_DAMAGED":     {"见证记录 {path} 已损坏：不会自行从头开始。请从备份恢复。", "The witness's record {path} is damaged; it does not start anew by itself. Restore it from a backup."},
	"WITNESS_UNKNOWN":     {"本见证人不认识日志 {origin}：请先用 fenlu witness trust 登记其公钥。", "This witness does not know the log {origin}: record its public key with fenlu witness trust."},
	"WITNESS_OTHER_KEY":   {"日志 {origin} 的公钥不是由所信的公钥（{fingerprint}）更换而来，未予接受。", "The key of the log {origin} does not follow from the one that is trusted ({fingerprint}); it was not accepted."},
	"WITNESS_OLD":         {"日志 {origin}：见证人记得 {size} 条，交来的证明从 {old} 条起。请从 {size} 条起另作（fenlu audit checkpoint --since {size}）。", "The log {origin}: the witness knows {size} leaves, the proof starts at {old}. Make one from {size} (fenlu audit checkpoint --since {size})."},
	"WITNESS_AWAY":        {"见证人 {witness}（{url}）没有签。付款不受影响；下次生成检查点时会再请它签。", "The witness {witness} ({url}) did not sign. Payments are not held up; it is asked again at the next checkpoint."},
	"WITNESS_CONTRADICTS": {"见证人 {witness} 见过的日志与现在的不同：末尾被删除、退回了旧备份，或有另一份历史。请保留现场，立即查明。", "The witness {witness} has seen another log than the present one: its tail was deleted, it was rolled back, or there is another history. Keep the evidence and clear this up at once."},
	"WITNESS_OLD_GREATER": {"起点 {old} 条大于检查点的 {size} 条。", "The proof starts at {old} leaves, which is more than the checkpoint's {size}."},
}

var textNotary = Texts{
	"NOTARY_KEYS_MISSING":    {"找不到日志签名密钥 {path}：本库的日志已由它签名，不会另造。请从密钥备份中恢复。", "The log's signing key {path} is missing: this database's log is signed with it, and no other is made. Restore it from the key backup."},
	"NOTARY_KEYS_DAMAGED":    {"日志签名密钥 {path} 不完好：请从密钥备份中恢复。", "The log's signing key {path} is damaged: restore it from the key backup."},
	"NOTARY_KEYS_EXIST":      {"已有日志签名密钥 {path}，不会覆盖。更换请用 fenlu key rotate。", "There is a signing key of the log already: {path}. It is never overwritten; change it with fenlu key rotate."},
	"NOTARY_KEYS_OTHER":      {"密钥目录中的签名密钥是日志 {origin} 的，不是本库的日志 {log}。请指定本库的密钥目录（--key-dir）。", "The signing key in the key directory is of the log {origin}, not of this database's log {log}. Name its key directory (--key-dir)."},
	"NOTARY_WRITE":           {"写不出 {path}：请检查目录、权限和磁盘空间。", "Cannot write {path}: check the directory, the rights and the free space."},
	"NOTARY_OUTSIDE":         {"库外检查点文件 {path} 不可用：请检查目录、权限和磁盘空间，或用 --checkpoints 另指一处。", "The file of checkpoints outside the database, {path}, cannot be used: check the directory, the rights and the free space, or name another with --checkpoints."},
	"NOTARY_OUTSIDE_DAMAGED": {"库外检查点文件 {path} 被改动过或已损坏。请保留现场，与见证人和审计所存的检查点核对。", "The file of checkpoints outside the database, {path}, was altered or is damaged. Keep it, and compare with what the witness and the auditor hold."},
	"NOTARY_PEERS":           {"见证人名单 {path} 不完好：应为 [{\"url\":\"http://…\",\"key\":\"公钥\"}]。", "The list of witnesses {path} is not sound: [{\"url\":\"http://…\",\"key\":\"VKEY\"}]."},
	"NOTARY_NO_WITNESS":      {"没有名单上的见证人在这个检查点上签名。名单在密钥目录的 witnesses.json。", "No witness of the list has signed this checkpoint. The list is witnesses.json in the key directory."},
}

var textKept = Texts{
	"cli.warning":             {"注意：{text}", "Warning: {text}"},
	"help.global.checkpoints": {"库外检查点文件，默认在密钥目录中", "the file of checkpoints outside the database, in the key directory by default"},
	"help.verify.checkpoint":  {"另与此文件中留存的检查点比对（审计人员手中的、银行文件旁的）", "also compare with the checkpoints kept in this file (an auditor's, or one beside a bank file)"},
	"key.out.made":            {"已生成日志签名密钥，公钥指纹 {fingerprint}（日志 {origin}）。公钥在 {dir}/fenlu-log.pub，请抄录指纹并把公钥交给审计和见证人；密钥目录要另行备份。", "The log's signing key was made, fingerprint {fingerprint} (log {origin}). The public key is {dir}/fenlu-log.pub: write the fingerprint down, give the key to the auditor and the witness, and back the key directory up by itself."},
	"trace.compared":          {"        日志与库外 {count} 个检查点逐一比对：最大 {largest} 条，日志现 {leaves} 条；{cosigned} 个有见证人签名", "        the log was compared with {count} checkpoints outside: the largest has {largest} leaves, the log {leaves}; {cosigned} are cosigned"},
	"check.log_cut":           {"日志比库外检查点短：末尾被删除，或数据库退回了旧备份", "the log is shorter than a checkpoint outside: its tail was deleted, or it was rolled back to an old backup"},
	"check.log_forked":        {"日志与库外检查点不是同一份历史", "the log is not the history that a checkpoint outside was signed for"},
	"check.log_rootless":      {"日志树不完整，无法与库外检查点比对", "the log's tree is not whole and cannot be compared with a checkpoint outside"},
	"check.log_key":           {"签名公钥与其日志条目不符", "a key of the log is not what its leaf says"},
	"check.outside_damaged":   {"库外检查点文件被改动过或已损坏", "the file of checkpoints outside was altered or is damaged"},
}

var textKeyCommands = Texts{
	"help.key":                 {"日志签名密钥：查看、更换", "the key that signs the log: show, change"},
	"help.key.show":            {"显示公钥和指纹（不需要数据库）", "show the public key and its fingerprint (no database)"},
	"help.key.new":             {"在建库之前生成密钥（不生成则第一条命令自动生成 Ed25519 密钥）", "make the key before the database is set up (otherwise the first command makes an Ed25519 key)"},
	"help.key.rotate":          {"更换密钥：旧钥签认新钥，记入日志", "change the key: the old one names the new, which is a leaf of the log"},
	"help.key.sm2":             {"用国密 SM2，而不是 Ed25519", "use SM2 instead of Ed25519"},
	"key.out.origin":           {"日志 {origin}", "Log {origin}"},
	"key.out.current":          {"现用公钥（{algorithm}），指纹 {fingerprint}", "Present key ({algorithm}), fingerprint {fingerprint}"},
	"key.out.earlier":          {"曾用公钥（{algorithm}），指纹 {fingerprint}", "Earlier key ({algorithm}), fingerprint {fingerprint}"},
	"key.out.file":             {"公钥文件 {file}：交给审计和见证人", "File of public keys {file}: give it to the auditor and the witness"},
	"help.audit":               {"交给审计和见证人的材料", "what auditors and witnesses are given"},
	"help.audit.checkpoint":    {"写出现在的检查点及其续接证明，带给见证人", "write the present checkpoint with the proof that it extends an earlier one, for a witness"},
	"help.audit.cosigned":      {"收回见证人签过的检查点", "take back a checkpoint that a witness cosigned"},
	"help.audit.since":         {"见证人记得的条数，或存有其检查点的文件（默认：名单上见证人最近签过的）", "the size the witness knows, or a file with its checkpoint (by default the last that a known witness cosigned)"},
	"help.audit.out":           {"写到此文件（默认标准输出）", "write to this file (standard output by default)"},
	"help.audit.cosigned.file": {"见证人签过的检查点文件", "the file that the witness wrote"},
	"audit.out.request":        {"已写出 {size} 条的检查点（从 {old} 条起的证明）：{file}", "Wrote the checkpoint of {size} leaves (proof from {old}): {file}"},
	"audit.out.cosigned":       {"{size} 条的检查点已由 {witness} 于 {time} 签名，已存入库外文件", "The checkpoint of {size} leaves was cosigned by {witness} at {time}; it is stored outside the database"},
}

var textWitnessCommands = Texts{
	"help.witness":         {"见证人（另一台机器，不需要数据库）", "a witness (another machine, no database)"},
	"help.witness.init":    {"建立见证人，生成其密钥", "set a witness up and make its key"},
	"help.witness.trust":   {"登记一本日志的公钥（先核对指纹）", "record the public key of a log (compare the fingerprint first)"},
	"help.witness.add":     {"核对带来的检查点，签名", "check a checkpoint that was brought, and cosign it"},
	"help.witness.serve":   {"在网络上应答（C2SP tlog-witness）", "answer on the network (C2SP tlog-witness)"},
	"help.witness.show":    {"显示见证人记得的检查点", "show what the witness knows"},
	"help.witness.dir":     {"见证人的目录", "the witness's directory"},
	"help.witness.name":    {"见证人的名称，不含空格", "the witness's name, without spaces"},
	"help.witness.pub":     {"日志的公钥文件 fenlu-log.pub", "the log's file of public keys, fenlu-log.pub"},
	"help.witness.request": {"audit checkpoint 写出的文件", "the file that audit checkpoint wrote"},
	"help.witness.addr":    {"应答的地址", "the address to answer on"},
	"witness.out.key":      {"见证人 {name}，公钥指纹 {fingerprint}", "Witness {name}, fingerprint {fingerprint}"},
	"witness.out.trusted":  {"已登记日志 {origin}，公钥指纹 {fingerprint}：请与对方当面或电话核对", "Recorded the log {origin}, fingerprint {fingerprint}: compare it with them in person or by telephone"},
	"witness.out.cosigned": {"已签名（{name}），请带回：{file}", "Cosigned by {name}; take it back: {file}"},
	"witness.out.serving":  {"见证人 {name} 在 {url} 应答", "Witness {name} answers at {url}"},
	"witness.out.log":      {"日志 {origin}：{size} 条，{time}，根 {root}，公钥指纹 {fingerprint}", "Log {origin}: {size} leaves, {time}, root {root}, fingerprint {fingerprint}"},
}

// textSheetOfBatch is the approval sheet; columns are parted by bars.
var textSheetOfBatch = Texts{
	"help.batch.sheet":               {"审批单：供纸面签字，带公钥指纹和检查点", "the approval sheet, to be signed on paper, with the key's fingerprint and a checkpoint"},
	"help.batch.sheet_html":          {"输出可打印的 A4 网页", "as a page of A4 to print"},
	"batch.sheet.title":              {"社会救助资金发放审批单 {code}", "Approval sheet for {code}"},
	"batch.sheet.office":             {"经办单位", "Office"},
	"batch.sheet.program":            {"项目", "Program"},
	"batch.sheet.period":             {"所属月份", "Period"},
	"batch.sheet.channel":            {"支付渠道", "Channel"},
	"batch.sheet.state":              {"状态", "State"},
	"batch.sheet.lines":              {"应发明细", "Lines"},
	"batch.sheet.amount":             {"金额（元）", "Amount (yuan)"},
	"batch.sheet.digest":             {"清单摘要", "Digest of the list"},
	"batch.sheet.count":              {"{count} 行", "{count} lines"},
	"batch.sheet.components":         {"分项合计", "By component"},
	"batch.sheet.components.columns": {"分项|类别|明细|金额（元）", "Component|Class|Lines|Amount (yuan)"},
	"batch.sheet.layers":             {"资金来源合计", "By source of money"},
	"batch.sheet.layers.columns":     {"资金|级次|文号|明细|金额（元）", "Fund|Level|Document|Lines|Amount (yuan)"},
	"batch.sheet.steps":              {"步骤|办理人|单位|时间|签字", "Step|By|Office|Time|Signature"},
	"batch.sheet.fingerprint":        {"日志公钥指纹", "Fingerprint of the log's key"},
	"batch.sheet.log":                {"日志", "Log"},
	"batch.sheet.note":               {"纸面留存的检查点可用 fenlu verify --checkpoint 与账比对。打印于", "Keep this sheet: fenlu verify --checkpoint compares the log with it. Printed"},
	"batch.sheet.written":            {"审批单已写到 {file}", "The approval sheet was written to {file}"},
}
