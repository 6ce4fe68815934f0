package books

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/ledger"
)

// may says whether a proposal could be done now.
func (s *Service) may(ctx context.Context, tx pgx.Tx, st state, proposal Kind) error {
	closing := proposal == ProposeClose
	switch {
	case closing && st.closed:
		return errs.New(errs.Conflict, "PERIOD_CLOSED_ALREADY", "period", string(st.period))
	case closing:
		return s.mayClose(ctx, tx, st)
	case !st.closed:
		return errs.New(errs.Conflict, "PERIOD_OPEN_ALREADY", "period", string(st.period))
	}
	return mayReopen(ctx, tx, st)
}

// mayClose: the period is over, everything before it is closed and nothing in
// it is open.
func (s *Service) mayClose(ctx context.Context, tx pgx.Tx, st state) error {
	if today := clock.Date(s.clock.Now()).Format("2006-01"); st.months[len(st.months)-1] >= today {
		return errs.New(errs.Refused, "PERIOD_NOT_OVER", "period", string(st.period))
	}
	first := st.months[0]
	if st.period.IsYear() {
		first = nextOf(st.months[len(st.months)-1])
	}
	earlier, err := openBefore(ctx, tx, first)
	if err != nil {
		return err
	}
	if earlier != "" {
		return errs.New(errs.Refused, "PERIOD_EARLIER_OPEN", "period", string(st.period), "earlier", earlier)
	}
	return s.nothingOpen(ctx, tx, st)
}

func nextOf(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return t.AddDate(0, 1, 0).Format("2006-01")
}

// openBefore is the first month before another that has journals and is open.
func openBefore(ctx context.Context, tx pgx.Tx, month string) (string, error) {
	used, err := monthsWithJournals(ctx, tx, month)
	if err != nil || len(used) == 0 {
		return "", err
	}
	closed, err := ledger.ClosedPeriods(ctx, tx, used[0], used[len(used)-1])
	if err != nil {
		return "", err
	}
	is := map[string]bool{}
	for _, m := range closed {
		is[m] = true
	}
	for _, m := range used {
		if !is[m] {
			return m, nil
		}
	}
	return "", nil
}

// nothingOpen refuses with everything that is open, each as a Field.
func (s *Service) nothingOpen(ctx context.Context, tx pgx.Tx, st state) error {
	e := errs.New(errs.Refused, "PERIOD_OPEN_ITEMS", "period", string(st.period))
	for _, w := range s.work {
		found, err := w.OpenIn(ctx, tx, st.period)
		if err != nil {
			return err
		}
		for _, o := range found {
			e.Fields = append(e.Fields, errs.Field{Row: len(e.Fields) + 1, Value: o.Amount.Grouped(), Code: o.What, Args: errs.Pairs("code", o.Code)})
		}
	}
	if len(e.Fields) == 0 {
		return nil
	}
	e.Args = append(e.Args, errs.Pairs("count", len(e.Fields))...)
	return e
}

// mayReopen: periods are opened again from the last one back, so that no closed
// one stands on an open one.
func mayReopen(ctx context.Context, tx pgx.Tx, st state) error {
	if st.period.IsYear() {
		return nil
	}
	later, err := ledger.ClosedPeriods(ctx, tx, nextOf(st.months[0]), "9999-12")
	if err != nil {
		return err
	}
	if len(later) > 0 {
		return errs.New(errs.Refused, "PERIOD_LATER_CLOSED", "period", string(st.period), "later", later[len(later)-1])
	}
	year := Period(st.months[0][:4])
	acts, err := Acts(ctx, tx, year)
	if err != nil {
		return err
	}
	for i := len(acts) - 1; i >= 0; i-- {
		if acts[i].Kind == Close {
			return errs.New(errs.Refused, "PERIOD_LATER_CLOSED", "period", string(st.period), "later", string(year))
		}
		if acts[i].Kind == Reopen {
			break
		}
	}
	return nil
}
