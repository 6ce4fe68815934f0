package reconciliation

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// BreakID names a break.
type BreakID int64

// Break is something that did not match (差异), until somebody resolves it.
type Break struct {
	ID         BreakID    `json:"id"`
	Kind       BreakKind  `json:"kind"`
	File       FileID     `json:"file"`
	FileName   string     `json:"file_name"`
	Pos        int        `json:"pos"`  // of the line in its file
	Line       int        `json:"line"` // where that line stands in the bytes, from 1
	EndToEndID string     `json:"end_to_end_id"`
	Attempt    int64      `json:"attempt"` // 0: none of ours
	Said       money.Fen  `json:"said"`    // the amount that the bank's line names
	Amount     money.Fen  `json:"amount"`  // what is at issue: the difference, or all of it
	Direction  string     `json:"direction"`
	Status     string     `json:"status"`
	Reason     string     `json:"reason"`
	ReasonText string     `json:"reason_text"`
	Owner      string     `json:"owner"` // login
	OpenedOn   time.Time  `json:"opened_on"`
	DueOn      time.Time  `json:"due_on"`
	ResolvedOn *time.Time `json:"resolved_on,omitempty"`
	ResolvedBy string     `json:"resolved_by,omitempty"`
	Resolution string     `json:"resolution,omitempty"`
}

// Age is how many days a break was or has been open on a date.
func (b Break) Age(today time.Time) int {
	end := today
	if b.ResolvedOn != nil {
		end = *b.ResolvedOn
	}
	return int(end.Sub(b.OpenedOn).Hours()) / 24
}

// Overdue says whether it should have been resolved by a date.
func (b Break) Overdue(today time.Time) bool { return b.ResolvedOn == nil && today.After(b.DueOn) }

// BreakFilter chooses breaks: the open ones by due date, or all as they were
// opened. After is the last one of the page before, Limit at most 1000 (100
// for 0).
type BreakFilter struct {
	OpenOnly bool
	After    BreakID
	Limit    int
}

func (f BreakFilter) limit() int {
	if f.Limit <= 0 {
		return 100
	}
	return min(f.Limit, 1000)
}

// Resolve is the command that ends a break: Resolution says how it was cleared
// up, for the auditor who asks later.
type Resolve struct {
	Break      BreakID `name:"break" validate:"required"`
	Resolution string  `name:"resolution" validate:"max=200,no_personal_number"`
}

// ResolveBreak ends a break with a note. Money that has to move does so by its
// own command; the note names it. Doing the same again changes nothing.
// Errors: AUTH_…; RECON_BREAK_UNKNOWN; RECON_BREAK_RESOLVED (Conflict) when it
// was ended otherwise; RECON_RESOLUTION_EMPTY; VALID_PROBLEMS for a resolution
// that is too long or holds an ID, account or phone number.
func (s *Service) ResolveBreak(ctx context.Context, c Resolve) (Break, error) {
	actor, err := auth.Require(ctx, auth.Reconcile)
	if err != nil {
		return Break{}, err
	}
	c.Resolution = strings.TrimSpace(c.Resolution)
	if c.Resolution == "" {
		return Break{}, errs.New(errs.Invalid, "RECON_RESOLUTION_EMPTY", "break", c.Break)
	}
	if err := s.valid.Check(c); err != nil {
		return Break{}, err
	}
	var b Break
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		b, err = s.resolve(ctx, tx, c, actor.Login)
		return err
	})
	return b, err
}

func (s *Service) resolve(ctx context.Context, tx pgx.Tx, c Resolve, login string) (Break, error) {
	b, err := lockBreak(ctx, tx, c.Break)
	if err != nil {
		return Break{}, err
	}
	if b.ResolvedOn != nil {
		if b.Resolution == c.Resolution && b.ResolvedBy == login {
			return b, nil
		}
		return Break{}, errs.New(errs.Conflict, "RECON_BREAK_RESOLVED", "break", c.Break,
			"date", b.ResolvedOn.Format(time.DateOnly), "by", b.ResolvedBy, "resolution", b.Resolution)
	}
	today := clock.Date(s.clock.Now())
	b.ResolvedOn, b.ResolvedBy, b.Resolution = &today, login, c.Resolution
	return b, updateBreak(ctx, tx, b)
}

// openBreaks stores the breaks of an import. Its owner is who imported, until
// somebody else takes it over.
func (r *reading) openBreaks() error {
	type once struct {
		pos  int
		kind BreakKind
	}
	seen := map[once]bool{}
	var list []gap
	for _, g := range r.gaps {
		if key := (once{g.pos, g.kind}); !seen[key] {
			seen[key] = true
			list = append(list, g)
		}
	}
	r.done.Breaks = len(list)
	due := r.today().AddDate(0, 0, r.service.options.DueDays)
	return insertBreaks(r.ctx, r.tx, r.done.File, list, r.actor.Login, r.today(), due)
}

// Breaks lists a page of breaks.
func Breaks(ctx context.Context, q db.Querier, f BreakFilter) ([]Break, error) {
	return selectBreaks(ctx, q, f)
}

// OpenBreaks counts, attempt by attempt, the unresolved breaks that leave open
// what became of its money: another amount, a contradiction, paid twice, a part
// return that names no line. Attempts without any are left out.
func OpenBreaks(ctx context.Context, q db.Querier, attempts []int64) (map[int64]int, error) {
	return countOpenBreaks(ctx, q, attempts)
}
