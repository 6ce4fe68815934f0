package entitlements

import (
	"fenlu/disbursement/terms"
	"fenlu/internal/i18n"
)

// Kind is what a fact of another office is about.
type Kind string

// The kinds.
const (
	Prison       Kind = "prison"        // 服刑
	OtherBenefit Kind = "other_benefit" // 其他部门待遇: 租金补贴, 教育资助 (money-rules G6), 医疗救助 (B14)
	Income       Kind = "income"        // 未申报收入
	Vehicle      Kind = "vehicle"       // 车辆
	Property     Kind = "property"      // 房产
	Business     Kind = "business"      // 经商办企业
	Payroll      Kind = "payroll"       // 财政供养人员
)

// Effect is what a row of the matrix does to a line.
type Effect string

// The effects. Allow ends an older row of the same pair.
const (
	Block  Effect = "block"  // 拦截
	Reason Effect = "reason" // 需说明
	Note   Effect = "note"   // 提示
	Allow  Effect = "allow"  // 允许同时享受
)

// Scope says between whom aid excludes other aid.
type Scope string

// The scopes. A household's row counts for its members, each for himself too.
const (
	OfPerson    Scope = "person"    // 同一人
	OfHousehold Scope = "household" // 同一户
)

// EventKind is what was decided about an entitlement.
type EventKind string

// The kinds of events.
const (
	Approved EventKind = "approved" // 批准, renewal included
	Reviewed EventKind = "reviewed" // 复核
	Changed  EventKind = "changed"  // 变更: what justifies another amount within a review period
	Stopped  EventKind = "stopped"  // 停发
)

// ReviewClass says how often an entitlement is reviewed (money-rules C11).
type ReviewClass string

// The classes; their months are figures of rules.
const (
	Stable   ReviewClass = "stable"   // 变化不大
	Changing ReviewClass = "changing" // 收入不固定或有劳动能力
)

var (
	kinds      = []Kind{Prison, OtherBenefit, Income, Vehicle, Property, Business, Payroll}
	effects    = []Effect{Block, Reason, Note, Allow}
	scopes     = []Scope{OfPerson, OfHousehold}
	eventKinds = []EventKind{Approved, Reviewed, Changed, Stopped}
	classes    = []ReviewClass{Stable, Changing}

	meansKinds    = []MeansKind{IncomeMonth, WorkCosts, Allowance, MemberCount, PaidClass, UpliftFor, Disability, Care}
	upliftReasons = []UpliftReason{Elderly, Minor, Disabled, Ill}
)

// Name is the kind as a user reads it.
func (k Kind) Name(lang i18n.Lang) string { return i18n.Term(lang, prefixKind, string(k)) }

// Name is the reason as a user reads it.
func (u UpliftReason) Name(lang i18n.Lang) string { return i18n.Term(lang, prefixUplift, string(u)) }

const (
	prefixKind   = "fact_kind"
	prefixEffect = "exclusion_effect"
	prefixScope  = "exclusion_scope"
	prefixEvent  = "entitlement_event"
	prefixClass  = "review_class"
	prefixMeans  = "means_kind"
	prefixUplift = "uplift_reason"
)

// word reads a word of a list, as its code or in either language.
func word[W ~string](text, prefix string, list []W) (W, bool) { return terms.Word(text, prefix, list) }

// options are the words of a list, for a problem.
func options[W ~string](prefix string, list []W) string { return terms.Words(i18n.ZH, prefix, list) }
