package books

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/valid"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// Period is a month (2026-10) or a year (2026).
type Period string

// Months are the months of a period, in order. Errors: PERIOD_NAME (Invalid).
func (p Period) Months() ([]string, error) {
	if t, err := time.Parse("2006-01", string(p)); err == nil {
		return []string{t.Format("2006-01")}, nil
	}
	t, err := time.Parse("2006", string(p))
	if err != nil {
		return nil, errs.New(errs.Invalid, "PERIOD_NAME", "period", string(p))
	}
	var months []string
	for m := range 12 {
		months = append(months, t.AddDate(0, m, 0).Format("2006-01"))
	}
	return months, nil
}

// IsYear says whether the period is a year.
func (p Period) IsYear() bool { return len(p) == len("2006") }

// Kind is what somebody did to a period.
type Kind string

// The kinds of acts.
const (
	ProposeClose  Kind = "propose_close"  // 申请结账
	Close         Kind = "close"          // 结账
	ProposeReopen Kind = "propose_reopen" // 申请重开
	Reopen        Kind = "reopen"         // 重开
	Reject        Kind = "reject"         // 不同意
)

// confirmed is what confirming a proposal does.
var confirmed = map[Kind]Kind{ProposeClose: Close, ProposeReopen: Reopen}

// Act is one row of a period's story. Journals and Amount are what the period
// held when it was closed.
type Act struct {
	ID        int64     `json:"id"`
	Period    Period    `json:"period"`
	Kind      Kind      `json:"act"`
	Proposal  int64     `json:"proposal,omitempty"` // the act it decides
	Actor     string    `json:"actor"`
	Reason    string    `json:"reason"`
	DecidedAt time.Time `json:"decided_at"`
	Journals  int64     `json:"journals,omitempty"`
	Amount    money.Fen `json:"amount,omitempty"`
}

// Open is work that keeps a period from closing.
type Open struct {
	What   string    `json:"what"` // code of its name in the catalogue
	Code   string    `json:"code"` // which one
	Amount money.Fen `json:"amount"`
}

// Work finds what is open in a period.
type Work interface {
	OpenIn(ctx context.Context, q db.Querier, p Period) ([]Open, error)
}

// Service is the door of the periods.
type Service struct {
	db    *db.DB
	work  []Work
	clock clock.Clock
	log   *slog.Logger
	quota Quota
}

// New makes the service; work says what else is open.
func New(d *db.DB, c clock.Clock, log *slog.Logger, work ...Work) *Service {
	return &Service{db: d, work: append([]Work{openVouchers{}}, work...), clock: c, log: log}
}

// ProposeClose asks another person to close a period. Errors: PERIOD_NAME;
// AUTH_NO_ACTOR, AUTH_RIGHT_MISSING; Refused PERIOD_NOT_OVER, PERIOD_EARLIER_OPEN,
// PERIOD_OPEN_ITEMS (a Field each); Conflict PERIOD_CLOSED_ALREADY,
// PERIOD_OPEN_ALREADY, PERIOD_PENDING.
func (s *Service) ProposeClose(ctx context.Context, p Period, reason string) (Act, error) {
	return s.propose(ctx, p, ProposeClose, reason)
}

// ProposeReopen asks another person to open a closed period again. Errors: as
// ProposeClose, and PERIOD_LATER_CLOSED (Refused) while a later period is closed.
func (s *Service) ProposeReopen(ctx context.Context, p Period, reason string) (Act, error) {
	return s.propose(ctx, p, ProposeReopen, reason)
}

func (s *Service) propose(ctx context.Context, p Period, kind Kind, reason string) (Act, error) {
	return s.act(ctx, p, func(tx pgx.Tx, st state, actor auth.Actor) (Act, error) {
		if reason == "" {
			return Act{}, errs.New(errs.Invalid, "PERIOD_REASON")
		}
		if err := plain(reason); err != nil {
			return Act{}, err
		}
		if st.last.is(kind, actor, reason) {
			return st.last, nil
		}
		if st.pending.ID != 0 {
			return Act{}, errs.New(errs.Conflict, "PERIOD_PENDING", "period", string(p), "actor", st.pending.Actor)
		}
		if err := s.may(ctx, tx, st, kind); err != nil {
			return Act{}, err
		}
		return Act{Period: p, Kind: kind, Actor: actor.Login, Reason: reason}, nil
	})
}

// Confirm does what was proposed. It is for another person than the one who
// proposed. Errors: as ProposeClose, and PERIOD_NOTHING_PROPOSED (Conflict),
// PERIOD_SAME_PERSON (Refused).
func (s *Service) Confirm(ctx context.Context, p Period) (Act, error) {
	return s.act(ctx, p, func(tx pgx.Tx, st state, actor auth.Actor) (Act, error) {
		switch {
		case st.last.is(Close, actor, st.last.Reason) || st.last.is(Reopen, actor, st.last.Reason):
			return st.last, nil
		case st.pending.ID == 0:
			return Act{}, errs.New(errs.Conflict, "PERIOD_NOTHING_PROPOSED", "period", string(p))
		case st.pending.Actor == actor.Login:
			return Act{}, errs.New(errs.Refused, "PERIOD_SAME_PERSON", "name", actor.Name, "login", actor.Login, "period", string(p))
		}
		if err := s.may(ctx, tx, st, st.pending.Kind); err != nil {
			return Act{}, err
		}
		a := Act{Period: p, Kind: confirmed[st.pending.Kind], Proposal: st.pending.ID, Actor: actor.Login, Reason: st.pending.Reason}
		err := carryOut(ctx, tx, st, &a)
		return a, err
	})
}

// carryOut closes or opens a month in the ledger. The months of a year are
// closed one by one before it, and stay so when it is opened again.
func carryOut(ctx context.Context, tx pgx.Tx, st state, a *Act) (err error) {
	if a.Kind == Close {
		if a.Journals, a.Amount, err = heldIn(ctx, tx, st.months); err != nil {
			return err
		}
	}
	if st.period.IsYear() {
		return nil
	}
	return ledger.SetPeriod(ctx, tx, st.months[0], a.Kind == Close)
}

// RejectProposal ends a proposal without doing it; whoever made it may take it
// back that way. Errors: PERIOD_NAME, PERIOD_NOTHING_PROPOSED, AUTH_RIGHT_MISSING.
func (s *Service) RejectProposal(ctx context.Context, p Period, reason string) (Act, error) {
	return s.act(ctx, p, func(_ pgx.Tx, st state, actor auth.Actor) (Act, error) {
		if st.last.is(Reject, actor, reason) {
			return st.last, nil
		}
		if st.pending.ID == 0 {
			return Act{}, errs.New(errs.Conflict, "PERIOD_NOTHING_PROPOSED", "period", string(p))
		}
		return Act{Period: p, Kind: Reject, Proposal: st.pending.ID, Actor: actor.Login, Reason: reason}, plain(reason)
	})
}

// plain refuses a reason that is too long or holds what may be an ID number, an
// account or a telephone number (VALID_PROBLEMS): it stands in the log.
func plain(reason string) error {
	return valid.New().Check(struct {
		Reason string `name:"reason" validate:"max=200,no_personal_number"`
	}{reason})
}

// state is a period under its locks.
type state struct {
	period  Period
	months  []string
	closed  bool // the period itself: a year is closed by its own act
	pending Act  // proposed and not decided; ID 0: nothing
	last    Act  // ID 0: nothing was ever done
}

// is says whether an act is what somebody asks for again: a command that died
// after it had done its work is told what it did.
func (a Act) is(kind Kind, actor auth.Actor, reason string) bool {
	return a.ID != 0 && a.Kind == kind && a.Actor == actor.Login && a.Reason == reason
}

// act locks a period, does something to it and keeps the act. What is asked for
// again is not done again.
func (s *Service) act(ctx context.Context, p Period, do func(pgx.Tx, state, auth.Actor) (Act, error)) (Act, error) {
	var a Act
	err := s.db.Run(ctx, func(tx pgx.Tx) error {
		actor, err := auth.Require(ctx, auth.PeriodClose)
		if err != nil {
			return err
		}
		st, err := lock(ctx, tx, p)
		if err != nil {
			return err
		}
		if a, err = do(tx, st, actor); err != nil || a.ID != 0 {
			return err
		}
		return s.keep(ctx, tx, &a)
	})
	return a, err
}

// lock reads a period and lets nobody post into its months, or decide about
// them, until tx ends.
func lock(ctx context.Context, tx pgx.Tx, p Period) (state, error) {
	months, err := p.Months()
	if err != nil {
		return state{}, err
	}
	st := state{period: p, months: months}
	for _, m := range months {
		if _, err := ledger.LockPeriod(ctx, tx, m); err != nil {
			return st, err
		}
	}
	acts, err := Acts(ctx, tx, p)
	if err != nil {
		return st, err
	}
	for _, a := range acts {
		st.last = a
		switch a.Kind {
		case ProposeClose, ProposeReopen:
			st.pending = a
		case Close, Reopen:
			st.closed, st.pending = a.Kind == Close, Act{}
		case Reject:
			st.pending = Act{}
		}
	}
	return st, nil
}

// keep stores an act and gives it its leaf.
func (s *Service) keep(ctx context.Context, tx pgx.Tx, a *Act) error {
	id, err := db.NextID(ctx, tx, "period_act_id_seq")
	if err != nil {
		return err
	}
	a.ID, a.DecidedAt = id, s.clock.Now()
	if err := insertAct(ctx, tx, *a); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "period", "period", string(a.Period), "act", string(a.Kind), "actor", a.Actor)
	return proof.Append(ctx, tx, proof.ItemOf(Leaf(*a), a.ID))
}

// Leaf is the leaf of an act in the log (docs/proof.md).
func Leaf(a Act) *leaf.Leaf {
	return leaf.New(string(proof.KindPeriod), 1).Int("id", a.ID).Text("period", string(a.Period)).Text("act", string(a.Kind)).
		Int("proposal", a.Proposal).Text("actor", a.Actor).Text("reason", a.Reason).Time("decided_at", a.DecidedAt).
		Int("journals", a.Journals).Int("amount_fen", int64(a.Amount))
}
