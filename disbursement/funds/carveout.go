package funds

import (
	"cmp"
	"context"
	"slices"

	"fenlu/disbursement/funds/carveout"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/money"
)

// CarveoutLine is a budget line that holds money for services.
type CarveoutLine struct {
	BudgetLine   ledger.BudgetLineID `json:"budget_line"`
	Lot          ledger.LotID        `json:"lot"`
	Number       string              `json:"number"`   // 文号 that set it aside
	Document     string              `json:"document"` // 文号 that brought the lot
	Level        terms.Level         `json:"level"`
	Fund         string              `json:"fund"`
	EconomicCode string              `json:"economic_code"`
	Balance      money.Fen           `json:"balance"` // set aside, not yet spent
	Spent        money.Fen           `json:"spent"`   // frozen, in transit, paid, returned
	Paid         money.Fen           `json:"paid"`
}

// CarveoutStatus is where the purchased-service share of a year stands
// (购买服务列支情况): the rule, the calculation, and the lines set aside.
type CarveoutStatus struct {
	Area     string          `json:"area"`
	Rule     CarveoutRule    `json:"rule"`
	Result   carveout.Result `json:"result"`
	OverCap  money.Fen       `json:"over_cap"` // what the capped fund has set aside above the cap, since it was cut
	SetAside []CarveoutLine  `json:"set_aside"`

	Decision  *CarveoutBase `json:"decision"` // on the base; null: none yet
	Readings  []Reading     `json:"readings"` // the variant decided, or all of them
	OverSince *OverSince    `json:"over_since"`
	Advice    Advice        `json:"advice"`
}

// position is everything the rule speaks about, read at one moment.
type position struct {
	rule     CarveoutRule
	input    carveout.Input
	result   carveout.Result
	free     []free
	setAside []CarveoutLine

	decision  *CarveoutBase
	readings  []Reading
	contracts []contracted // of the year, in the order they came
}

// CarveoutStatus computes the position of a year from the rows: the base from
// document lines net of cuts, what is planned from what was set aside. An empty
// area means the only one that has a rule for the year. Errors:
// CARVEOUT_NO_RULE, FUNDS_AREA (several have one), those of carveout.Compute.
func (s *Service) CarveoutStatus(ctx context.Context, q db.Querier, year int, area string) (CarveoutStatus, error) {
	p, err := readPosition(ctx, q, year, Area12(area))
	if err != nil {
		return CarveoutStatus{}, err
	}
	since, err := p.overSince(ctx, q)
	if err != nil {
		return CarveoutStatus{}, err
	}
	plan, err := p.plan()
	if err != nil {
		return CarveoutStatus{}, err
	}
	return CarveoutStatus{Area: p.rule.Area, Rule: p.rule, Result: p.result, SetAside: p.setAside,
		OverCap: max(p.input.Planned.Fund-p.result.Cap, 0), Decision: p.decision, Readings: p.readings, OverSince: since, Advice: p.advice(plan)}, nil
}

func readPosition(ctx context.Context, q db.Querier, year int, area string) (*position, error) {
	area, err := onlyArea(ctx, q, area, `SELECT DISTINCT area_code FROM carveout_rule WHERE year = $1 ORDER BY area_code`, year)
	if err != nil {
		return nil, err
	}
	rule, err := carveoutRule(ctx, q, area, year)
	if err != nil {
		return nil, err
	}
	p := &position{rule: rule, input: carveout.Input{Year: year, Fund: rule.CapFund, Payers: rule.payers(), Base: rule.BaseFunds,
		Decision: rule.Document + " " + rule.Clause,
		Floor:    carveout.Rule{Rate: rule.FloorRate, Document: rule.Document}, Cap: carveout.Rule{Rate: rule.CapRate, Document: rule.Document}}}
	sums, err := lineSums(ctx, q, year)
	if err != nil {
		return nil, err
	}
	for _, l := range sums {
		if l.Fund == rule.CapFund || slices.Contains(rule.BaseFunds, l.Fund) {
			p.input.Sources = append(p.input.Sources, carveout.Source{Fund: l.Fund, Level: l.Level.Name(i18n.ZH), Document: l.Document, Amount: l.Amount,
				Barred: rule.barred(l.Level)})
		}
	}
	if p.free, err = freeOfYear(ctx, q, year); err != nil {
		return nil, err
	}
	if p.setAside, err = carveoutLines(ctx, q, year); err != nil {
		return nil, err
	}
	if p.contracts, err = contractsOfYear(ctx, q, year); err != nil {
		return nil, err
	}
	if err := p.stages(); err != nil {
		return nil, err
	}
	if err := p.base(ctx, q); err != nil {
		return nil, err
	}
	return p, p.compute()
}

// stages adds up what is free, set aside, contracted, accepted and paid, by
// capped fund and others, and by fund.
func (p *position) stages() error {
	p.input.Shares = map[string]carveout.Share{}
	in := &p.input
	for _, f := range p.free {
		if f.Stopped || p.rule.barred(f.Level) {
			continue
		}
		if err := p.count(f.Fund, &in.Free, func(s *carveout.Share) *money.Fen { return &s.Free }, f.Balance); err != nil {
			return err
		}
	}
	for _, l := range p.setAside {
		for _, x := range []struct {
			to     *carveout.Stage
			of     func(*carveout.Share) *money.Fen
			amount money.Fen
		}{
			{&in.Planned, func(s *carveout.Share) *money.Fen { return &s.Planned }, l.Balance + l.Spent},
			{&in.Paid, func(s *carveout.Share) *money.Fen { return &s.Paid }, l.Paid},
			{&in.Free, func(s *carveout.Share) *money.Fen { return &s.Free }, l.Balance},
		} {
			if err := p.count(l.Fund, x.to, x.of, x.amount); err != nil {
				return err
			}
		}
	}
	for _, c := range p.contracts {
		if err := p.count(c.Fund, &in.Contracted, func(s *carveout.Share) *money.Fen { return &s.Contracted }, c.Amount); err != nil {
			return err
		}
		if err := p.count(c.Fund, &in.Accepted, func(s *carveout.Share) *money.Fen { return &s.Accepted }, c.Accepted); err != nil {
			return err
		}
	}
	in.Booked = in.Planned.Fund
	return nil
}

// count adds an amount of a fund that the rule speaks about.
func (p *position) count(fund string, to *carveout.Stage, of func(*carveout.Share) *money.Fen, amount money.Fen) error {
	sum := &to.Others
	if fund == p.rule.CapFund {
		sum = &to.Fund
	} else if !slices.Contains(p.rule.BaseFunds, fund) {
		return nil
	}
	total, err := money.Add(*sum, amount)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
	}
	*sum = total
	share := p.input.Shares[fund]
	*of(&share) += amount // not more than the sum above
	p.input.Shares[fund] = share
	return nil
}

// SetAsideItem takes Amount from available of a benefit line for services.
type SetAsideItem struct {
	BudgetLine   ledger.BudgetLineID `json:"budget_line" validate:"min=1"`
	Amount       money.Fen           `json:"amount" validate:"fen_positive"`
	EconomicCode string              `json:"economic_code" validate:"oneof=50205 30227"` // 委托业务费
}

// Plan proposes what to set aside to reach the floor within the cap. Missing is
// more than 0 where it cannot be reached; the items then go as far as they may.
type Plan struct {
	Items   []SetAsideItem `json:"items"`
	Total   money.Fen      `json:"total"`
	Missing money.Fen      `json:"missing"`
	State   carveout.State `json:"state"`
}

// governmentServices is the government economic code of 委托业务费.
const governmentServices = "50205"

// PlanSetAside proposes items for what the floor still asks for beyond what is
// set aside. The other funds come first, because relief money is for people;
// then the capped fund up to its cap, the county's own money before that of
// the levels above. Errors: as CarveoutStatus.
func (s *Service) PlanSetAside(ctx context.Context, q db.Querier, year int, area string) (Plan, error) {
	p, err := readPosition(ctx, q, year, Area12(area))
	if err != nil {
		return Plan{}, err
	}
	return p.plan()
}

// plan is what a set-aside would be made of. Where each fund has a floor of its
// own, none pays for another.
func (p *position) plan() (Plan, error) {
	planned, err := p.input.Planned.Total()
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{Items: []SetAsideItem{}, Missing: max(p.result.Floor-planned, 0), State: p.result.State}
	needs := map[string]money.Fen{}
	if len(p.result.Parts) > 0 {
		plan.Missing = 0
	}
	for _, part := range p.result.Parts {
		needs[part.Fund] = max(part.Floor-p.input.Shares[part.Fund].Planned, 0)
		plan.Missing += needs[part.Fund] // floors, which were summed with a check
	}
	room := max(p.result.Cap-p.input.Planned.Fund, 0)
	for _, f := range p.candidates() {
		amount := min(f.Balance, plan.Missing)
		if len(p.result.Parts) > 0 {
			amount = min(amount, needs[f.Fund])
		}
		if f.Fund == p.rule.CapFund {
			amount = min(amount, room)
			room -= amount
		}
		if amount <= 0 {
			continue
		}
		plan.Items = append(plan.Items, SetAsideItem{BudgetLine: f.BudgetLine, Amount: amount, EconomicCode: governmentServices})
		plan.Total += amount // not more than the floor
		plan.Missing -= amount
		needs[f.Fund] -= amount
	}
	return plan, nil
}

// candidates are the lines that may pay, in the order in which a plan uses them.
func (p *position) candidates() []free {
	usable := slices.DeleteFunc(slices.Clone(p.free), func(f free) bool {
		inRule := f.Fund == p.rule.CapFund || slices.Contains(p.rule.BaseFunds, f.Fund)
		return f.Stopped || f.Balance <= 0 || !inRule || p.rule.barred(f.Level)
	})
	capped := func(f free) int {
		if f.Fund == p.rule.CapFund {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(usable, func(a, b free) int {
		return cmp.Or(cmp.Compare(capped(a), capped(b)), -cmp.Compare(rank(a.Level), rank(b.Level)))
	})
	return usable
}

// rank orders the levels from the top of the state down.
func rank(l terms.Level) int { return slices.Index(terms.Levels(), l) }
