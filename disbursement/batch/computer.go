package batch

import (
	"context"
	"slices"
	"time"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/benefits/calc"
	"fenlu/disbursement/entitlements"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// computeFigures are the figures of rules that amounts are computed with.
var computeFigures = []rules.Name{rules.ExitTest, rules.GuideRural, rules.GuideUrban, rules.LowIncomeMultiple, rules.LowIncomeLimit,
	rules.UpliftOf(string(entitlements.Elderly)), rules.UpliftOf(string(entitlements.Minor)), rules.UpliftOf(string(entitlements.Disabled)),
	rules.UpliftOf(string(entitlements.Ill))}

// The reasons for which nothing is computed, or nothing is due (未列入原因).
const (
	whyDead      = "dead"
	whyClass     = "no_class"
	whyCase      = "case"
	whyIncome    = "no_income"
	whyMembers   = "no_members"
	whyTooMany   = "too_many"
	whyUplift    = "no_uplift"
	whyGuide     = "no_guide"
	whyExit      = "exit"
	whyBorder    = "border"
	whyOver      = "over"
	whyHead      = "no_head"
	whyAccount   = "no_account"
	whyReview    = "review_held"
	whyHousehold = "no_household"
)

// why is a reason with what its sentence names; its code is empty where there is
// none.
type why struct {
	code string
	args []errs.Arg
}

func because(code string, args ...any) why { return why{code, errs.Pairs(args...)} }

// nothing says whether the reason is that nothing is due, rather than that a fact
// is missing.
func (w why) nothing() bool { return w.code == whyExit || w.code == whyBorder || w.code == whyOver }

// computer works out what is due in one month from the facts on record (按家庭经济状
// 况计算). It reads everything beforehand and changes nothing.
type computer struct {
	program benefits.Program
	month   terms.Month
	book    benefits.Book
	rows    benefits.Index // the standards of the month
	rules   rules.Set
	means   entitlements.Means
}

func (s *Service) newComputer(ctx context.Context, q db.Querier, program benefits.Program, month terms.Month, persons, households []int64) (*computer, error) {
	c := &computer{program: program, month: month}
	var err error
	if c.book, err = benefits.LoadBook(ctx, q); err != nil {
		return nil, err
	}
	if c.rows, err = s.benefits.PoliciesAt(ctx, q, month); err != nil {
		return nil, err
	}
	if c.rules, err = rules.Load(ctx, q, append(slices.Clone(computeFigures), entitlements.Figures...)...); err != nil {
		return nil, err
	}
	c.means, err = entitlements.MeansIn(ctx, q, persons, households, month)
	return c, err
}

// household is who is covered for a household, and where it lives.
type household struct {
	id        int64
	township  string
	residence terms.Residence
	covered   []int64 // head first
}

// share is what one covered person gets, and why.
type share struct {
	person int64
	amount money.Fen
	steps  []calc.Line
}

// gap shares what a household is short of among those covered: equal parts by
// largest remainder, and each one's uplift to himself (money-rules A27, A28, A31).
func (c *computer) gap(h household, p benefits.Policy) ([]share, why, error) {
	k, steps, w, err := c.caseOf(h)
	if err != nil || w.code != "" {
		return nil, w, err
	}
	if w, err = c.leaves(h, k); err != nil || w.code != "" {
		return nil, w, err
	}
	g, err := c.book.OwedGap(p, h.township, c.month, k)
	if err != nil {
		return nil, why{}, err
	}
	if g.Amount == 0 {
		w, err = c.above(h, p, k)
		return nil, w, err
	}
	parts, err := money.Share(g.Household, slices.Repeat([]int64{1}, len(h.covered)))
	if err != nil {
		return nil, why{}, errs.New(errs.Invalid, money.Code(err))
	}
	steps = append(steps, g.Lines...)
	shares := make([]share, len(h.covered))
	for i, person := range h.covered {
		uplift := upliftOf(g, person)
		amount, err := money.Add(parts[i], uplift)
		if err != nil {
			return nil, why{}, errs.New(errs.Invalid, money.Code(err))
		}
		last := calc.Line{Code: "computed.step.share", Amount: amount, Args: errs.Pairs("household", g.Household, "covered", len(h.covered), "part", parts[i], "uplift", uplift)}
		shares[i] = share{person, amount, append(slices.Clone(steps), last)}
	}
	return shares, why{}, nil
}

func upliftOf(g calc.GapResult, person int64) money.Fen {
	for _, u := range g.Uplifts {
		if u.Person == itoa(person) {
			return u.Amount
		}
	}
	return 0
}

// caseOf is a household's year: twelve times the month's income without the
// allowance itself, twelve times its costs of employment.
func (c *computer) caseOf(h household) (benefits.Case, []calc.Line, why, error) {
	var k benefits.Case
	if h.id == 0 {
		return k, nil, because(whyHousehold), nil
	}
	income, there, err := c.means.Amount(h.id, entitlements.IncomeMonth)
	if err != nil || !there {
		return k, nil, because(whyIncome), err
	}
	if k.Members, there, err = c.means.Members(h.id); err != nil || !there {
		return k, nil, because(whyMembers), err
	}
	if k.Covered = int64(len(h.covered)); k.Covered > k.Members {
		return k, nil, because(whyTooMany, "covered", k.Covered, "members", k.Members), nil
	}
	allowance, _, errAllowance := c.means.Amount(h.id, entitlements.Allowance)
	costs, _, err := c.means.Amount(h.id, entitlements.WorkCosts)
	if err != nil || errAllowance != nil {
		return k, nil, why{}, orErr(errAllowance, err)
	}
	own := max(0, income-allowance) // neither is negative
	var steps []calc.Line
	if allowance > 0 {
		steps = append(steps, calc.Line{Code: "computed.step.income", Args: errs.Pairs("income", income, "allowance", allowance), Amount: own})
	}
	if k.Income, err = money.Mul(own, monthsOfYear); err == nil {
		k.Expenses, err = money.Mul(costs, monthsOfYear)
	}
	if err != nil {
		return k, nil, why{}, errs.New(errs.Invalid, money.Code(err))
	}
	w, err := c.uplifts(h, &k)
	return k, steps, w, err
}

// uplifts finds the rate of each reason for which a member gets more.
func (c *computer) uplifts(h household, k *benefits.Case) (why, error) {
	for _, person := range h.covered {
		for _, reason := range c.means.Uplifts(person) {
			name := rules.UpliftOf(string(reason))
			f, ok := c.rules.At(name, h.township, c.month.First())
			if !ok {
				return because(whyUplift, "rule", string(name)), nil
			}
			rate, err := f.Rate()
			if err != nil {
				return why{}, err
			}
			if rate.Sign() > 0 {
				k.Uplifts = append(k.Uplifts, calc.Uplift{Person: itoa(person), Reason: reason.Name(i18n.ZH), Rate: rate})
			}
		}
	}
	return why{}, nil
}

// leaves: where an area has the exit test, a household leaves whose income a head,
// without the allowance itself, is above the province's guide of the year
// (money-rules A28).
func (c *computer) leaves(h household, k benefits.Case) (why, error) {
	on := c.month.First()
	if test, ok := c.rules.At(rules.ExitTest, h.township, on); !ok || !test.Yes() {
		return why{}, nil
	}
	name, months := rules.GuideRural, int64(1)
	if h.residence == terms.Urban {
		name, months = rules.GuideUrban, monthsOfYear // the guide of towns is for a month
	}
	f, ok := c.rules.At(name, h.township, on)
	if !ok {
		return because(whyGuide, "rule", string(name)), nil
	}
	guide, err := f.Amount()
	if err != nil {
		return why{}, err
	}
	head, year := money.ExactOf(k.Income).Per(k.Members), money.ExactOf(guide).TimesInt(months)
	if head.Cmp(year) <= 0 {
		return why{}, nil
	}
	a, err := head.Round(money.HalfUp)
	b, errGuide := year.Round(money.HalfUp)
	if err != nil || errGuide != nil {
		return why{}, errs.New(errs.Invalid, money.Code(orErr(err, errGuide)))
	}
	return because(whyExit, "head", a, "guide", b, "document", f.Document, "clause", f.Clause), nil
}

// above says that a household earns too much, and whether it is at the border of
// low income: up to a multiple of the standard, which an area may widen up to the
// limit (money-rules A29).
func (c *computer) above(h household, p benefits.Policy, k benefits.Case) (why, error) {
	standard, err := c.book.GapStandard(p, h.township, c.month)
	if err != nil {
		return why{}, err
	}
	head := money.ExactOf(max(0, k.Income-k.Expenses)).Per(monthsOfYear).Per(k.Members) // neither is negative
	shown, err := head.Round(money.HalfUp)
	if err != nil {
		return why{}, errs.New(errs.Invalid, money.Code(err))
	}
	f, ok := c.rules.At(rules.LowIncomeMultiple, h.township, c.month.First())
	if !ok {
		return because(whyOver, "head", shown, "standard", standard), nil
	}
	times, err := f.Rate()
	if err != nil {
		return why{}, err
	}
	if most, ok := c.rules.At(rules.LowIncomeLimit, h.township, c.month.First()); ok {
		limit, err := most.Rate()
		if err != nil {
			return why{}, err
		}
		if times.Cmp(limit) > 0 {
			times = limit
		}
	}
	code := whyOver
	if head.Cmp(money.ExactOf(standard).Times(times)) <= 0 {
		code = whyBorder
	}
	return because(code, "head", shown, "standard", standard, "times", times, "document", f.Document), nil
}

// standard is the class that somebody is paid under by a component, and its row;
// false where no fact names one that has a standard.
func (c *computer) standard(person, home int64, township, component string) (benefits.Policy, bool) {
	for _, class := range c.means.Classes(person, home, c.program.Code, component) {
		if p, ok := c.rows.GetIn(c.program.Code, component, class, township); ok {
			return p, true
		}
	}
	return benefits.Policy{}, false
}

// flat is what one person is owed by a row that needs no case.
func (c *computer) flat(person int64, township string, p benefits.Policy) (share, why, error) {
	if decided(p) {
		return share{}, because(whyCase, "class", p.Class), nil
	}
	owed, err := c.book.Owed(p, township, c.month, benefits.Case{})
	return share{person, owed.Amount, owed.Lines}, why{}, err
}

// decided says whether only a case says what is due by a row.
func decided(p benefits.Policy) bool {
	switch p.Family() {
	case benefits.Flat, benefits.Ratio, benefits.Institution, benefits.Indexed, benefits.Gap:
		return p.Period == benefits.Once || p.Family() == benefits.Flat && p.Operator == benefits.AtMost
	default:
		return true
	}
}

// term says whether an entitlement is owed in the month: false without an approval
// that holds; a reason where its review is overdue and holds it (money-rules C10, C11).
func (c *computer) term(events []entitlements.Event, township string, today time.Time) (bool, why) {
	r := entitlements.Reader{Rules: c.rules, Area: township, On: c.month.First()}
	t := entitlements.TermOf(events, c.month)
	if t.First.IsZero() || c.month < r.Start(t) {
		return false, why{}
	}
	if end, _ := r.End(t); end != "" && c.month >= end {
		return false, why{}
	}
	if due := r.Due(t); !due.IsZero() && today.After(due) && r.Holds() {
		return true, because(whyReview, "due", due.Format(time.DateOnly))
	}
	return true, why{}
}
