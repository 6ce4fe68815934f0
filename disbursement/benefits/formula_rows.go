package benefits

import (
	"strings"

	"fenlu/disbursement/benefits/calc"
	"fenlu/disbursement/rules"
	"fenlu/money"
)

// formula reads the columns that say how a row is worked out. A row that fills
// none of them has no formula and stays what it always was.
func (c policyChecker) formula(r *policyRow, catalogue Catalogue) {
	area, ok := rules.ParseArea(r.Area)
	if !ok {
		c.say("area_code", "RULE_AREA")
	}
	r.policy.Area = areaOf(area)
	if area == rules.Nation && r.Family+r.Rate+r.Base+r.Relation+r.Least+r.Greatest+r.Operations+r.Round+r.StatedRise+r.Reason == "" && r.StatedFrom == 0 {
		return
	}
	f := &Formula{StatedFrom: r.StatedFrom, StatedRise: strings.ReplaceAll(strings.TrimSpace(r.StatedRise), "％", "%"), Reason: strings.TrimSpace(r.Reason)}
	r.policy.Formula = f
	if f.Family, ok = parseFamily(r.Family); !ok {
		c.say("family", "POLICY_FAMILY", "options", familyOptions())
		return
	}
	f.Rate = c.rate("rate", r.Rate, whole())
	f.Round = c.round(r.Round)
	f.Order = calc.Order(strings.TrimSpace(r.Operations))
	if f.Base = c.base(r.Base, catalogue); f.Family.needsBase() != (len(f.Base) > 0) && f.Family != Gap {
		c.say("base", "POLICY_BASE_FAMILY", "family", r.Family)
	}
	if len(f.Base) > 1 && f.Family != Institution {
		c.say("base", "POLICY_BASE_ONE")
	}
	c.stated(f)
	c.relation(r, f)
	c.band(r, f)
	c.operations(f)
}

// stated reads the percentage as written: what cannot be read is no number.
func (c policyChecker) stated(f *Formula) {
	if f.StatedRise == "" {
		return
	}
	if _, err := money.ParseRate(strings.TrimPrefix(f.StatedRise, "-")); err != nil || !strings.HasSuffix(f.StatedRise, "%") {
		c.say("stated_rise", "POLICY_RISE")
	}
}

// relation reads how a given amount stands to the row's own ratio. Without an
// amount only an exact ratio says what is owed: "at least" is a limit.
func (c policyChecker) relation(r *policyRow, f *Formula) {
	var ok bool
	if f.Operator, ok = parseRelation(r.Relation); !ok || f.Operator == Uniform {
		c.say("relation", "POLICY_RELATION")
		return
	}
	if f.Operator != Equals && (f.Family != Ratio || strings.TrimSpace(c.row.Get("amount")) == "") {
		c.say("relation", "POLICY_RELATION_AMOUNT")
	}
}

// band reads the least and the greatest multiple.
func (c policyChecker) band(r *policyRow, f *Formula) {
	f.Least = c.rate("least", r.Least, money.Rate{})
	f.Greatest = c.rate("greatest", r.Greatest, money.Rate{})
	wants := f.Family == Multiple || f.Family == InBand || f.Operator == Within
	has := strings.TrimSpace(r.Least) != "" && strings.TrimSpace(r.Greatest) != ""
	switch {
	case wants && (!has || f.Greatest.Cmp(f.Least) < 0):
		c.say("greatest", "POLICY_BAND")
	case !wants && strings.TrimSpace(r.Least+r.Greatest) != "":
		c.say("greatest", "POLICY_BAND_ONLY")
	}
}

// operations reads the order of an institution's multiple.
func (c policyChecker) operations(f *Formula) {
	if (f.Family == Institution) != (f.Order != "") || (f.Order != "" && !f.Order.IsValid()) {
		c.say("operations", "POLICY_OPERATIONS")
	}
}
