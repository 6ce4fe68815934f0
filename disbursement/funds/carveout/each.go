package carveout

import (
	"slices"

	"fenlu/internal/errs"
	"fenlu/money"
)

// severity orders the states, the most pressing first: several funds together
// stand where the worst of them stands.
var severity = []State{OverCap, Infeasible, Unreachable, InProgress, Reached}

// ComputeAs works out the year's position in a variant. Errors: as Compute;
// CARVEOUT_VARIANT.
func ComputeAs(v Variant, in Input) (Result, error) {
	switch v {
	case Together:
		return Compute(in)
	case Each:
		return computeEach(in)
	}
	return Result{}, errs.New(errs.Invalid, "CARVEOUT_VARIANT", "variant", string(v))
}

// computeEach reads every fund of the base alone: its own floor, to be reached
// with its own money. Sums are of the parts; the cap is the capped fund's.
func computeEach(in Input) (Result, error) {
	if err := in.valid(); err != nil {
		return Result{}, err
	}
	whole := Result{Year: in.Year, Planned: in.Planned, Contracted: in.Contracted, Accepted: in.Accepted, Paid: in.Paid, State: Reached}
	for _, fund := range in.Base {
		sub := in.alone(fund)
		sub.after = len(whole.Lines)
		part, err := Compute(sub)
		if err != nil {
			return Result{}, err
		}
		part.Fund = fund
		if err := whole.join(part); err != nil {
			return Result{}, err
		}
	}
	if !slices.Contains(in.Base, in.Fund) {
		return whole, whole.capOf(in)
	}
	return whole, nil
}

// alone is the input of one fund by itself.
func (in Input) alone(fund string) Input {
	sub, share := in, in.Shares[fund]
	sub.Base, sub.Payers = []string{fund}, nil
	sub.Sources = slices.DeleteFunc(slices.Clone(in.Sources), func(s Source) bool { return s.Fund != fund })
	stage := func(amount money.Fen) Stage {
		if fund == in.Fund {
			return Stage{Fund: amount}
		}
		return Stage{Others: amount}
	}
	sub.Free, sub.Planned, sub.Contracted = stage(share.Free), stage(share.Planned), stage(share.Contracted)
	sub.Accepted, sub.Paid = stage(share.Accepted), stage(share.Paid)
	if fund != in.Fund {
		sub.Payers, sub.Booked = []string{fund}, 0
	}
	return sub
}

// join adds a part to the whole.
func (r *Result) join(p Result) error {
	for _, sum := range []struct {
		to *money.Fen
		by money.Fen
	}{
		{&r.Base, p.Base}, {&r.Floor, p.Floor}, {&r.Cap, p.Cap}, {&r.UsableFund, p.UsableFund}, {&r.UsableOthers, p.UsableOthers},
		{&r.Usable, p.Usable}, {&r.FromOthers, p.FromOthers}, {&r.Missing, p.Missing}, {&r.ToFloor, p.ToFloor}, {&r.CapSlack, p.CapSlack},
		{&r.Over, p.Over}, {&r.StillOthers, p.StillOthers}, {&r.Slack, p.Slack}, {&r.Reachable, p.Reachable},
		{&r.Room.Fund, p.Room.Fund}, {&r.Room.Others, p.Room.Others},
	} {
		if err := addIf(sum.to, sum.by, true); err != nil {
			return err
		}
	}
	if slices.Index(severity, p.State) < slices.Index(severity, r.State) {
		r.State = p.State
	}
	r.Lines, p.Lines = append(r.Lines, p.Lines...), []Line{} // told once
	r.Parts = append(r.Parts, p)
	return nil
}

// capOf tests the cap of a capped fund that has no floor of its own.
func (r *Result) capOf(in Input) error {
	t, err := in.totals()
	if err != nil {
		return err
	}
	if r.Cap, err = in.Cap.Rate.Of(max(t.fund, 0), money.Down); err != nil {
		return arithmetic(err)
	}
	r.CapSlack = r.Cap - in.Paid.Fund
	if r.Over = max(max(in.promised().Fund, in.Booked)-r.Cap, 0); r.Over > 0 {
		r.State = OverCap
	}
	return nil
}
