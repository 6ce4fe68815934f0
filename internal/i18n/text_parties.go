package i18n

// textParties holds the texts of people and policies: the key file (VAULT_*),
// imported files (IMPORTS_*), people, households, units and accounts
// (PARTIES_*), policies (POLICY_*), and the words of the closed lists. Sentences
// of row reports stand behind the value and do not repeat it.
var textParties = join(textVault, textImports, textPeople, textPolicies, textTerms, textPartiesChecks, textChanges)

var textVault = Texts{
	"VAULT_DIR":             {"密钥目录或数据目录不可用：{dir}。请检查路径。", "Key or data directory cannot be used: {dir}. Check the path."},
	"VAULT_INSIDE_DATA":     {"密钥目录 {dir} 在数据目录 {data} 之内：拷走数据的人会连钥匙一起拷走。请用 --key-dir 指定数据目录之外的位置。", "Key directory {dir} lies in data directory {data}: whoever copies the data would have the keys. Name a place outside with --key-dir."},
	"VAULT_KEYS_MISSING":    {"找不到密钥文件 {path}：没有它，已加密的证件号码和账号无法打开，也不会另造新密钥。请从密钥备份中恢复。", "Key file {path} is missing: sealed ID and account numbers cannot be opened without it, and no new one is made. Restore it from the key backup."},
	"VAULT_KEYS_UNREADABLE": {"读不了密钥文件 {path}：请检查权限。", "Cannot read key file {path}: check the rights."},
	"VAULT_KEYS_DAMAGED":    {"密钥文件 {path} 已损坏或不是分录的密钥文件：请从密钥备份中恢复。", "Key file {path} is damaged or not Fenlu's: restore it from the key backup."},
	"VAULT_PERMISSIONS":     {"{path} 的权限是 {mode}，他人可以读取：请改为 {want} 后再试（chmod）。", "{path} has mode {mode}, others can read it: set {want} with chmod and try again."},
	"VAULT_EXISTS":          {"目录 {dir} 里已经有密钥文件，不会覆盖。", "Directory {dir} already has a key file; it is never overwritten."},
	"VAULT_WRITE":           {"在 {dir} 里写不出密钥文件：请检查目录、权限和磁盘空间。", "Cannot write the key file in {dir}: check the directory, the rights and the free space."},
	"VAULT_KEY_VERSION":     {"{field} 用第 {version} 版密钥加密，密钥文件里没有这一版：请恢复完整的密钥文件。", "{field} was sealed with key version {version}, which the key file lacks: restore the whole key file."},
	"VAULT_NOT_OURS":        {"{field} 打不开：数据被改动、被挪到别的行，或者密钥文件不是这个数据库的。", "{field} does not open: it was changed or moved to another row, or the key file is another database's."},
}

var textImports = Texts{
	"IMPORTS_DIGEST":    {"文件 {file} 的摘要不是 SHA-256。", "The digest of file {file} is no SHA-256."},
	"IMPORTS_NOT_FOUND": {"没有编号为 {id} 的导入记录。", "There is no import with number {id}."},
}

var textPeople = Texts{
	// one cell or row
	"PARTIES_WORD":               {"不是可选的内容：应为 {options}。", "is none of the words allowed: write {options}."},
	"PARTIES_NAME":               {"含有竖线或控制字符，银行文件无法填写：请改正。", "has a vertical bar or a control character, which no bank file can carry: correct it."},
	"PARTIES_TEMP_MISSING":       {"临时身份必须写明原因、批准人和有效期。", "is required for a temporary identity, with reason, approver and expiry."},
	"PARTIES_TEMP_UNEXPECTED":    {"只有临时身份才填写这一列：请清空，或更正证件类型。", "is for temporary identities only: clear it, or correct the type of ID."},
	"PARTIES_TEMP_EXPIRED":       {"临时身份已过期（今天是 {today}）：请重新核实并批准。", "the temporary identity has expired (today is {today}): have it verified and approved again."},
	"PARTIES_NOT_A_UNIT":         {"个人不填单位类别：请清空，或更正类型。", "a person has no kind of unit: clear it, or correct the type."},
	"PARTIES_NOT_A_PERSON":       {"单位不填户号、关系和临时身份：请清空，或更正类型。", "a unit has no household, relation or temporary identity: clear it, or correct the type."},
	"PARTIES_HOUSEHOLD_MISSING":  {"写了与户主关系，却没有户号。", "there is a relation to the head, but no household code."},
	"PARTIES_RELATION_MISSING":   {"有户号就要写与户主关系：{options}。", "a household code needs a relation to the head: {options}."},
	"PARTIES_ACCOUNT_KIND":       {"个人应为社保卡或存折，单位应为对公账户。", "persons have a social security card or passbook, units a corporate account."},
	"PARTIES_VERIFIED_HALF":      {"核实人和核实日期要一起填写，或一起留空。", "fill both who verified the account and when, or neither."},
	"PARTIES_FUTURE":             {"晚于今天（{today}）。", "is later than today ({today})."},
	"PARTIES_DIED_BEFORE_BIRTH":  {"早于证件号码中的出生日期：请核对证件号码和死亡日期。", "is before the date of birth in the ID number: check both."},
	"PARTIES_HOLDER_DIFFERS":     {"户名与姓名“{name}”不同：银行可能因户名不符退回。", "differs from the name \"{name}\": the bank may refuse it."},
	"PARTIES_UNVERIFIED":         {"账户尚未核实：核实前不能用于发放。", "the account is not verified: nothing is paid to it before."},
	"PARTIES_OLD_NUMBER":         {"证件号码已更正或随重复人员合并为“{now}”，本行按该人登记，不改回旧号码。", "the number was corrected or merged into {now}: the row is that person's, and the old number does not come back."},
	"PARTIES_DEATH_CHANGED":      {"提出之后死亡登记有变化（现有 {count} 条）：请按现在的登记重新提出撤销（提出编号 {id}）。", "the deaths on record changed since this was proposed ({count} now): propose the withdrawal of what is reported now (proposal {id})."},
	"PARTIES_REPLACED_DIFFERS":   {"该账号此前已换号，登记的新账号为户名“{name}”、开户银行“{bank}”，与本行不符：请核对，需要改动的用人员名册登记新版本。", "this number was replaced before; the new one on record is of {name} at {bank} and differs from the row: compare them, and change it with a people file if need be."},
	"PARTIES_RENAMED":            {"与系统中的姓名“{was}”不同，已记为新版本：请确认是更名而不是证件号码填错。", "differs from the name on record, \"{was}\", and becomes a new version: make sure the person was renamed and the ID number is right."},
	"PARTIES_DEATH_NAME":         {"与系统中此证件号码的姓名“{name}”不同：请核对。", "differs from the name on record for this ID number, \"{name}\": check it."},
	"PARTIES_TWICE":              {"与第 {row} 行是同一个证件号码：一个人只能出现一次。", "is the same ID number as in row {row}: nobody may stand in a file twice."},
	"PARTIES_SAME_PERSON":        {"与第 {row} 行在系统中是同一个人：请只保留一行。", "is the same person on record as in row {row}: keep one of them."},
	"PARTIES_TWO_HEADS":          {"户 {household} 在第 {row} 行已有户主：一户只能有一个户主。", "household {household} already has a head in row {row}: a household has one."},
	"PARTIES_NO_HEAD":            {"户 {household} 没有户主：请在文件中写明谁是户主。", "household {household} has no head: say in the file who it is."},
	"PARTIES_HEAD_LEFT":          {"原户 {household} 还有成员，户主却已迁出或改变关系：请在同一文件中写明新户主。", "the head left household {household}, which still has members: name the new head in the same file."},
	"PARTIES_HEAD_ON_RECORD":     {"户 {household} 在系统中已有另一位户主：请在同一文件中写明其新的关系。", "household {household} has another head on record: give that person's new relation in the same file."},
	"PARTIES_DEATH_DIFFERS":      {"系统中已登记的死亡日期是 {known}（来源：{source}）：请与登记机关核对。", "the date of death on record is {known} (source: {source}): ask the registry."},
	"PARTIES_AREA_TWICE":         {"与第 {row} 行是同一区划、同一日期。", "is the same area and date as in row {row}."},
	"PARTIES_POPULATION_DIFFERS": {"系统中该区划同一日期的人口是 {known}（来源：{source}），已用的数字不改：请用新的截至日期。", "the figure on record for this area and date is {known} (source: {source}) and is not changed: use a new date."},

	// commands
	"PARTIES_OTHER_KEYS":      {"密钥文件不是这个数据库的：再导入会把每个人登记两遍。请用 --key-dir 指定正确的密钥目录。", "The key file is not this database's: importing would make everybody a second time. Name the right one with --key-dir."},
	"PARTIES_OWNER_UNKNOWN":   {"没有编号为 {id} 的人或单位。", "There is no person or unit with number {id}."},
	"PARTIES_ACCOUNT_UNKNOWN": {"没有编号为 {id} 的收款账户。", "There is no payee account with number {id}."},
	"PARTIES_SEARCH_EMPTY":    {"请给出证件号码、户号或姓名。", "Give an ID number, a household code or a name."},
}

var textPolicies = Texts{
	"POLICY_PROGRAM":        {"不是目录中的项目：应为 {options}。", "is no program of the catalogue: write {options}."},
	"POLICY_COMPONENT":      {"不是 {program} 的分项：应为 {options}。", "is no component of {program}: write {options}."},
	"POLICY_PERIOD":         {"不是计发周期：应为 月、年 或 次。", "is no period: write 月 (month), 年 (year) or 次 (once)."},
	"POLICY_AMOUNT":         {"标准必须大于 0。", "the standard must be greater than 0."},
	"POLICY_ROUNDING":       {"不是取整方式：应为 fen 或 annual，留空为 fen。", "is no rounding: write fen or annual; empty is fen."},
	"POLICY_ANNUAL":         {"annual 只用于按年的标准。", "annual is for yearly standards only."},
	"POLICY_CAP":            {"应为 固定 或 上限，留空为固定。", "write 固定 (exact) or 上限 (at most); empty is exact."},
	"POLICY_FIRST_OF_MONTH": {"执行日期应为某月 1 日：标准按整月计发。", "must be the first of a month: standards are paid by whole months."},
	"POLICY_LAYERS":         {"读不懂分担“{part}”：应如 省=4578.00;县=600.00。", "cannot read \"{part}\": write 省=4578.00;县=600.00."},
	"POLICY_LAYER_LEVEL":    {"分担中的“{part}”不是级次：应为 {options}。", "\"{part}\" is no level: write {options}."},
	"POLICY_LAYER_AMOUNT":   {"分担“{part}”的金额必须大于 0，最多两位小数。", "the amount of \"{part}\" must be greater than 0 with at most two decimals."},
	"POLICY_LAYER_TWICE":    {"分担中“{part}”出现了两次。", "\"{part}\" stands twice."},
	"POLICY_LAYERS_SUM":     {"分担合计 {sum} 元，与标准 {amount} 元相差 {difference} 元。", "the layers add up to {sum} yuan, the standard is {amount}: {difference} apart."},
	"POLICY_TWICE":          {"与第 {row} 行是同一项目、分项、类别和执行日期。", "is the same program, component, class and date as in row {row}."},
	"POLICY_DIFFERS":        {"系统中已有同一项目、分项、类别和执行日期的标准 {known} 元（{document}），内容不同：已执行的标准不改，请用新的执行日期。", "the record has {known} yuan ({document}) for the same program, component, class and date, and it differs: a standard in force is not changed, use a new date."},
	"POLICY_NOT_FOUND":      {"{month} 没有适用于 {program}/{component}/{class} 的标准：请先导入政策标准。", "No standard for {program}/{component}/{class} applies in {month}: import the policy first."},
	"POLICY_UNKNOWN":        {"没有编号为 {id} 的政策标准。", "There is no policy row with number {id}."},
	"TERMS_MONTH":           {"“{value}”不是月份：应为 2026-10。", "\"{value}\" is no month: write 2026-10."},
}

var textTerms = Texts{
	"level.central":            {"中央", "central"},
	"level.province":           {"省", "province"},
	"level.prefecture":         {"市", "prefecture"},
	"level.county":             {"县", "county"},
	"level.lottery":            {"福彩", "lottery"},
	"level.donation":           {"捐赠", "donation"},
	"residence.urban":          {"城市", "urban"},
	"residence.rural":          {"农村", "rural"},
	"relation.head":            {"户主", "head"},
	"relation.spouse":          {"配偶", "spouse"},
	"relation.child":           {"子女", "child"},
	"relation.parent":          {"父母", "parent"},
	"relation.other":           {"其他", "other"},
	"payee_role.self":          {"本人", "self"},
	"payee_role.head":          {"户主", "head"},
	"payee_role.guardian":      {"监护人", "guardian"},
	"payee_role.institution":   {"机构", "institution"},
	"id_type.resident_id":      {"居民身份证", "resident ID"},
	"id_type.temporary":        {"临时身份", "temporary"},
	"account_kind.social_card": {"社保卡", "social security card"},
	"account_kind.passbook":    {"存折", "passbook"},
	"account_kind.corporate":   {"对公", "corporate"},
	"unit_kind.care_home":      {"供养机构", "care home"},
	"unit_kind.relief_station": {"救助站", "relief station"},
	"unit_kind.children_home":  {"儿童福利机构", "children's home"},
	"unit_kind.supplier":       {"承接单位", "supplier"},
	"unit_kind.township":       {"乡镇", "township"},
	"period.month":             {"月", "month"},
	"period.year":              {"年", "year"},
	"period.once":              {"次", "once"},
}

var textPartiesChecks = Texts{
	"check.person_versions":  {"人员版本连续，当前版本存在", "person versions have no gaps and the current one exists"},
	"check.person_missing":   {"人员版本都有所属的人", "every person version belongs to a person"},
	"check.identity":         {"每个证件号码登记到同一个人", "every ID number is registered to its person"},
	"check.unit_versions":    {"单位版本连续，当前版本存在", "unit versions have no gaps and the current one exists"},
	"check.unit_missing":     {"单位版本都有所属的单位", "every unit version belongs to a unit"},
	"check.account_versions": {"收款账户版本连续", "account versions have no gaps"},
	"check.account_owner":    {"收款账户都有所属的人或单位", "every account has an owner"},
	"check.household_head":   {"每户恰有一个户主", "every household has exactly one head"},
	"check.member_missing":   {"户成员都有所属的户和人", "every membership has its household and person"},
	"check.member_dates":     {"户成员起止日期有序", "no membership ends before it begins"},
	"check.sealed":           {"证件号码和账号的密文能打开，且与索引一致", "sealed ID and account numbers open and agree with their index"},
	"check.policy_layers":    {"政策标准的分担合计等于标准", "the layers of every policy row add up to its amount"},
	"check.policy_catalogue": {"政策标准的项目和分项都在目录中", "program and component of every policy row are in the catalogue"},
	"check.policy_leaf":      {"政策标准与日志中的条目不符", "a policy row and its leaf disagree"},
	"check.unmasking_leaf":   {"查看完整号码的记录与日志中的条目不符", "a look at numbers in clear and its leaf disagree"},
	"check.import_leaf":      {"导入文件与日志中的条目不符", "an imported file and its leaf disagree"},
}
