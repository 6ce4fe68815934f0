package calc

import (
	"fenlu/internal/errs"
	"fenlu/money"
)

// GapInput is a household whose income is made up to the standard (补差).
type GapInput struct {
	Standard   money.Fen // 低保标准, a month and person
	Income     money.Fen // of the household in twelve months: the authority, never rebuilt from months
	Deductions money.Fen // in twelve months, from that income (必要的就业成本)
	Members    int64     // who share the income
	Covered    int64     // of them entitled; 1 for 单人保, 0 = all
	Round      money.Round
	Uplifts    []Uplift
}

// Uplift is a reason for which one person gets more (分类施保).
type Uplift struct {
	Person string     // who, in the caller's own words or numbers
	Reason string     // 重残, 重病, 未成年 …
	Rate   money.Rate // of the standard
}

// GapResult is a household's month: the gap as one amount and every uplift as
// one of its own, since each is a line that is paid and stopped by itself.
type GapResult struct {
	Result
	Household money.Fen       `json:"household"`
	Uplifts   []PersonsUplift `json:"uplifts"`
}

// PersonsUplift is what one person gets on top, and why.
type PersonsUplift struct {
	Person string    `json:"person"`
	Reason string    `json:"reason"`
	Amount money.Fen `json:"amount"`
}

// Gap is (standard − income per head) × covered members, a month, exact and
// rounded once; then the uplifts, each rate × standard rounded once, one for a
// person and the highest where several reasons apply. No gap, no uplift.
// Errors: CALC_STANDARD, CALC_INCOME, CALC_COUNT, CALC_UPLIFT, CALC_METHOD,
// MONEY_OVERFLOW.
func Gap(in GapInput) (GapResult, error) {
	if in.Covered == 0 {
		in.Covered = in.Members
	}
	if err := in.valid(); err != nil {
		return GapResult{}, err
	}
	var g GapResult
	exact := in.exact()
	if exact.Sign() <= 0 {
		g.add("calc.gap.none", 0, "standard", in.Standard, "income", in.Income, "deductions", in.Deductions, "members", in.Members)
		return g, nil
	}
	household, err := exact.Round(in.Round)
	if err != nil {
		return GapResult{}, arithmetic(err)
	}
	g.Household = household
	g.add("calc.gap.household", household, "standard", in.Standard, "income", in.Income, "deductions", in.Deductions,
		"members", in.Members, "covered", in.Covered, "round", in.Round)
	for _, u := range highest(in.Uplifts) {
		if err := g.uplift(u, in); err != nil {
			return GapResult{}, err
		}
	}
	return g, g.total("calc.gap.total")
}

// exact is (standard − (income − deductions) / 12 / members) × covered.
func (in GapInput) exact() money.Exact {
	year := money.ExactOf(in.Income).Minus(money.ExactOf(in.Deductions))
	if year.Sign() < 0 {
		year = money.Exact{}
	}
	return money.ExactOf(in.Standard).Minus(year.Per(12).Per(in.Members)).TimesInt(in.Covered)
}

func (g *GapResult) uplift(u Uplift, in GapInput) error {
	amount, err := u.Rate.Of(in.Standard, in.Round)
	if err != nil {
		return arithmetic(err)
	}
	g.Uplifts = append(g.Uplifts, PersonsUplift{u.Person, u.Reason, amount})
	g.add("calc.gap.uplift", amount, "reason", u.Reason, "rate", u.Rate, "standard", in.Standard)
	return nil
}

func (in GapInput) valid() error {
	switch {
	case in.Standard <= 0:
		return input("CALC_STANDARD", in.Standard)
	case in.Income < 0 || in.Deductions < 0:
		return input("CALC_INCOME", min(in.Income, in.Deductions))
	case in.Members <= 0:
		return input("CALC_COUNT", in.Members)
	case in.Covered < 0 || in.Covered > in.Members:
		return input("CALC_COUNT", in.Covered)
	case !in.Round.IsValid():
		return errs.New(errs.Invalid, "CALC_METHOD", "method", in.Round)
	}
	for _, u := range in.Uplifts {
		if u.Rate.Sign() <= 0 || u.Person == "" {
			return input("CALC_UPLIFT", u.Reason+" "+u.Rate.String())
		}
	}
	return nil
}

// highest keeps for each person the uplift with the highest rate, the first of
// equals, in the order in which the persons appear.
func highest(all []Uplift) []Uplift {
	var kept []Uplift
	place := map[string]int{}
	for _, u := range all {
		i, known := place[u.Person]
		switch {
		case !known:
			place[u.Person] = len(kept)
			kept = append(kept, u)
		case u.Rate.Cmp(kept[i].Rate) > 0:
			kept[i] = u
		}
	}
	return kept
}
