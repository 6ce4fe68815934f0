package carveout

import (
	"slices"

	"fenlu/internal/errs"
	"fenlu/money"
)

// Compute works out the year's position.
// Errors: CARVEOUT_INPUT with one field for each problem (CARVEOUT_FUND,
// CARVEOUT_BASE, CARVEOUT_RATE, CARVEOUT_AMOUNT), MONEY_OVERFLOW.
func Compute(in Input) (Result, error) {
	if err := in.valid(); err != nil {
		return Result{}, err
	}
	t, err := in.totals()
	if err != nil {
		return Result{}, err
	}
	r := Result{Year: in.Year, Base: t.base, Planned: in.Planned, Contracted: in.Contracted, Accepted: in.Accepted, Paid: in.Paid}
	if err := r.rules(in, t); err != nil {
		return Result{}, err
	}
	paid, err := r.progress(in)
	if err != nil {
		return Result{}, err
	}
	r.State = r.state(paid)
	r.Missing = r.missing()
	r.Lines = explain(in, t, r, paid)
	return r, nil
}

// totals is the year's money as the rules ask for it.
type totals struct {
	fund        money.Fen // the capped fund
	fundOpen    money.Fen // of it, not barred
	base        money.Fen
	payers      money.Fen // the funds that may pay beside it
	payersOpen  money.Fen // of them, not barred
	baseOthers  money.Fen // the base without the capped fund
	fundInBase  bool
	fundSources []Source
}

func (in Input) totals() (totals, error) {
	t := totals{fundInBase: slices.Contains(in.Base, in.Fund)}
	for _, s := range in.Sources {
		capped, payer := s.Fund == in.Fund && !s.BaseOnly, slices.Contains(in.Payers, s.Fund) && !s.BaseOnly
		if capped {
			t.fundSources = append(t.fundSources, s)
		}
		inBase := slices.Contains(in.Base, s.Fund) && !s.OutOfBase
		for _, sum := range []struct {
			to   *money.Fen
			when bool
		}{
			{&t.fund, capped}, {&t.fundOpen, capped && !s.Barred},
			{&t.payers, payer}, {&t.payersOpen, payer && !s.Barred},
			{&t.base, inBase}, {&t.baseOthers, inBase && !capped},
		} {
			if err := addIf(sum.to, s.Amount, sum.when); err != nil {
				return totals{}, err
			}
		}
	}
	return t, nil
}

func addIf(to *money.Fen, amount money.Fen, when bool) error {
	if !when {
		return nil
	}
	sum, err := money.Add(*to, amount)
	if err != nil {
		return arithmetic(err)
	}
	*to = sum
	return nil
}

// rules fills in what the two rules ask and allow for the year as a whole.
func (r *Result) rules(in Input, t totals) (err error) {
	if r.Floor, err = in.Floor.Rate.Of(max(t.base, 0), money.Up); err != nil {
		return arithmetic(err)
	}
	if r.Cap, err = in.Cap.Rate.Of(max(t.fund, 0), money.Down); err != nil {
		return arithmetic(err)
	}
	r.UsableFund = max(min(r.Cap, t.fundOpen), 0)
	r.UsableOthers = max(t.payersOpen, 0)
	if r.Usable, err = money.Add(r.UsableFund, r.UsableOthers); err != nil {
		return arithmetic(err)
	}
	r.FromOthers = max(r.Floor-r.UsableFund, 0)
	r.Slack = r.Usable - r.Floor // both are 0 or more
	return nil
}

// progress fills in how far it has come and what can still be done, and
// returns what is paid in all. Amounts below are 0 or more, so differences
// cannot overflow.
func (r *Result) progress(in Input) (paid money.Fen, err error) {
	if paid, err = in.Paid.Total(); err != nil {
		return 0, err
	}
	promised := in.promised()
	r.ToFloor = max(r.Floor-paid, 0)
	r.CapSlack = r.Cap - in.Paid.Fund
	r.Over = max(max(promised.Fund, in.Booked)-r.Cap, 0)
	r.StillOthers = max(r.ToFloor-max(r.CapSlack, 0), 0)
	r.Room = Stage{
		Fund:   max(min(r.Cap-promised.Fund, in.Free.Fund-(promised.Fund-in.Paid.Fund)), 0),
		Others: max(in.Free.Others-(promised.Others-in.Paid.Others), 0),
	}
	left := max(min(r.CapSlack, in.Free.Fund), 0)
	if r.Reachable, err = money.Sum(paid, left, in.Free.Others); err != nil {
		return 0, arithmetic(err)
	}
	return paid, nil
}

// promised is the most that is bound already: contracted, accepted or paid.
// A plan binds nobody.
func (in Input) promised() Stage {
	return Stage{
		Fund:   max(in.Contracted.Fund, in.Accepted.Fund, in.Paid.Fund),
		Others: max(in.Contracted.Others, in.Accepted.Others, in.Paid.Others),
	}
}

func (r *Result) state(paid money.Fen) State {
	switch {
	case r.Over > 0:
		return OverCap
	case paid >= r.Floor:
		return Reached
	case r.Slack < 0:
		return Infeasible
	case r.Reachable < r.Floor:
		return Unreachable
	default:
		return InProgress
	}
}

// missing is by how much the floor cannot be met.
func (r *Result) missing() money.Fen {
	switch r.State {
	case Infeasible:
		return -r.Slack
	case Unreachable:
		return r.Floor - r.Reachable
	default:
		return 0
	}
}

// Reserve is a township's advance for a year (临时救助备用金): registered
// residents × the rate per head in fen; 14,280 residents at 1.00 are 14,280.00.
// Errors: RESERVE_FIGURES (negative residents, or a rate that is not above 0),
// MONEY_OVERFLOW.
func Reserve(residents int64, perHead money.Fen) (money.Fen, error) {
	if residents < 0 || perHead <= 0 {
		return 0, errs.New(errs.Invalid, "RESERVE_FIGURES", "residents", residents, "rate", perHead)
	}
	amount, err := money.Mul(perHead, residents)
	if err != nil {
		return 0, arithmetic(err)
	}
	return amount, nil
}
