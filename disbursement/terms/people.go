package terms

import "fenlu/internal/i18n"

// Residence is the class of an address (地址类别), which decides the function
// code that pays.
type Residence string

// The residence classes.
const (
	Urban Residence = "urban" // 城市
	Rural Residence = "rural" // 农村
)

// Residences are both classes.
func Residences() []Residence { return []Residence{Urban, Rural} }

// IsValid says whether it is one of the classes.
func (r Residence) IsValid() bool { return valid(r, Residences()) }

// Name is the word a user reads.
func (r Residence) Name(lang i18n.Lang) string { return name(lang, "residence", r) }

// ParseResidence reads 城市 or 农村; false for anything else.
func ParseResidence(s string) (Residence, bool) {
	return find(s, "residence", Residences(), map[string]Residence{"城镇": Urban, "乡村": Rural})
}

// Relation is what a member is to the head of the household (与户主关系).
type Relation string

// The relations.
const (
	Head   Relation = "head"   // 户主
	Spouse Relation = "spouse" // 配偶
	Child  Relation = "child"  // 子女
	Parent Relation = "parent" // 父母
	Other  Relation = "other"  // 其他
)

// Relations are all relations.
func Relations() []Relation { return []Relation{Head, Spouse, Child, Parent, Other} }

// IsValid says whether it is one of the relations.
func (r Relation) IsValid() bool { return valid(r, Relations()) }

// Name is the word a user reads.
func (r Relation) Name(lang i18n.Lang) string { return name(lang, "relation", r) }

// ParseRelation reads 户主, 配偶, 子女, 父母, 其他; false for anything else.
func ParseRelation(s string) (Relation, bool) {
	return find(s, "relation", Relations(), map[string]Relation{
		"本人": Head, "妻": Spouse, "夫": Spouse, "子": Child, "女": Child, "儿子": Child, "女儿": Child, "父": Parent, "母": Parent,
	})
}

// PayeeRole is who receives a payment for a beneficiary (收款方式).
type PayeeRole string

// The payee roles. Head in a payee's role is the same word as in a relation.
const (
	PaySelf        PayeeRole = "self"        // 本人
	PayHead        PayeeRole = "head"        // 户主
	PayGuardian    PayeeRole = "guardian"    // 监护人
	PayInstitution PayeeRole = "institution" // 机构
	PayCarer       PayeeRole = "carer"       // 照料人
	PayHeir        PayeeRole = "heir"        // 继承人, of somebody who died
	PayTownship    PayeeRole = "township"    // 垫付归还: the unit that paid the person before
)

// PayeeRoles are the roles that a roster may name.
func PayeeRoles() []PayeeRole {
	return []PayeeRole{PaySelf, PayHead, PayGuardian, PayInstitution, PayCarer, PayHeir}
}

// IsValid says whether it is one of the roles.
func (r PayeeRole) IsValid() bool { return valid(r, PayeeRoles()) }

// Name is the word a user reads.
func (r PayeeRole) Name(lang i18n.Lang) string { return name(lang, "payee_role", r) }

// ParsePayeeRole reads 本人, 户主, 监护人, 机构, 照料人, 继承人; false for anything else.
func ParsePayeeRole(s string) (PayeeRole, bool) {
	return find(s, "payee_role", PayeeRoles(), map[string]PayeeRole{"单位": PayInstitution})
}
