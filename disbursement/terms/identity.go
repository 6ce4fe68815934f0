package terms

import "fenlu/internal/i18n"

// IDType is what sort of number a person is known by (证件类型).
type IDType string

// The types of ID. A unit's credit code is not one of them: units are not
// persons.
const (
	ResidentID  IDType = "resident_id" // 居民身份证
	TemporaryID IDType = "temporary"   // 临时身份
)

// IDTypes are both types.
func IDTypes() []IDType { return []IDType{ResidentID, TemporaryID} }

// Name is the word a user reads.
func (t IDType) Name(lang i18n.Lang) string { return name(lang, "id_type", t) }

// ParseIDType reads 居民身份证 or 临时身份; false for anything else.
func ParseIDType(s string) (IDType, bool) {
	return find(s, "id_type", IDTypes(), map[string]IDType{"身份证": ResidentID})
}

// AccountKind is what sort of account a payee has (账户类型).
type AccountKind string

// The kinds of account.
const (
	SocialCard AccountKind = "social_card" // 社保卡
	Passbook   AccountKind = "passbook"    // 存折
	Corporate  AccountKind = "corporate"   // 对公账户
)

// AccountKinds are all kinds.
func AccountKinds() []AccountKind { return []AccountKind{SocialCard, Passbook, Corporate} }

// IsValid says whether it is one of the kinds.
func (k AccountKind) IsValid() bool { return valid(k, AccountKinds()) }

// Name is the word a user reads.
func (k AccountKind) Name(lang i18n.Lang) string { return name(lang, "account_kind", k) }

// ParseAccountKind reads 社保卡, 存折, 对公; false for anything else.
func ParseAccountKind(s string) (AccountKind, bool) {
	return find(s, "account_kind", AccountKinds(), map[string]AccountKind{"对公账户": Corporate, "银行卡": SocialCard})
}

// UnitKind is what a unit does (单位类别).
type UnitKind string

// The kinds of unit.
const (
	CareHome      UnitKind = "care_home"      // 供养机构
	ReliefStation UnitKind = "relief_station" // 救助站
	ChildrenHome  UnitKind = "children_home"  // 儿童福利机构
	Supplier      UnitKind = "supplier"       // 承接单位
	Township      UnitKind = "township"       // 乡镇
)

// UnitKinds are all kinds.
func UnitKinds() []UnitKind {
	return []UnitKind{CareHome, ReliefStation, ChildrenHome, Supplier, Township}
}

// IsValid says whether it is one of the kinds.
func (k UnitKind) IsValid() bool { return valid(k, UnitKinds()) }

// Name is the word a user reads.
func (k UnitKind) Name(lang i18n.Lang) string { return name(lang, "unit_kind", k) }

// ParseUnitKind reads 供养机构, 救助站, 儿童福利机构, 承接单位, 乡镇; false for
// anything else.
func ParseUnitKind(s string) (UnitKind, bool) {
	return find(s, "unit_kind", UnitKinds(), map[string]UnitKind{"街道": Township})
}

// Options is the words of the closed list of prefix ("level", "relation" …)
// with strokes between them, for a sentence that says what may be written.
func Options(lang i18n.Lang, prefix string) string {
	switch prefix {
	case "level":
		return options(lang, prefix, Levels())
	case "residence":
		return options(lang, prefix, Residences())
	case "relation":
		return options(lang, prefix, Relations())
	case "payee_role":
		return options(lang, prefix, PayeeRoles())
	case "id_type":
		return options(lang, prefix, IDTypes())
	case "account_kind":
		return options(lang, prefix, AccountKinds())
	case "unit_kind":
		return options(lang, prefix, UnitKinds())
	default:
		return ""
	}
}
