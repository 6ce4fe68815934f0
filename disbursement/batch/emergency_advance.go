package batch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/areas"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/money"
)

// repaidUnit finds the unit that advanced a case by its credit code: one of the
// township's own, the villages in it included. Errors: NotFound and Refused
// BATCH_DRAW_UNIT.
func (s *Service) repaidUnit(ctx context.Context, tx pgx.Tx, d *Draw) error {
	d.Unit = 0
	if d.RepayTo == "" {
		return nil // funds says where one lacks
	}
	units, err := s.parties.Units(ctx, tx, []string{d.RepayTo})
	if err != nil {
		return err
	}
	u, there := units[ident.Normalize(d.RepayTo)]
	if !there {
		return errs.New(errs.NotFound, "BATCH_DRAW_UNIT", "unit", d.RepayTo, "township", d.Township)
	}
	merged, err := areas.MapOn(ctx, tx, clock.Date(s.clock.Now()))
	if err != nil {
		return err
	}
	if u.Kind != terms.Township || merged.Township(u.AreaCode) != merged.Of(funds.Area12(d.Township)) {
		return errs.New(errs.Refused, "BATCH_DRAW_UNIT", "unit", u.Name, "township", d.Township)
	}
	d.Unit = u.ID
	return nil
}

// helpedOn is the day on which the person is helped: now, or when the township
// handed over what it advanced.
func (s *Service) helpedOn(d Draw) time.Time {
	if d.Form == funds.Advanced && !d.PaidAt.IsZero() {
		return clock.Date(d.PaidAt)
	}
	return clock.Date(s.clock.Now())
}

// learnHelped reads when the people were helped for whom a township advanced.
func (x *examiner) learnHelped(ctx context.Context, tx pgx.Tx, part []Line) error {
	x.helped = map[LineID]time.Time{}
	for i := range part {
		l := &part[i]
		if l.Role != terms.PayTownship {
			continue
		}
		number, _ := acceptanceOf(l.Occasion)
		c, err := x.svc.funds.CaseByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		x.helped[l.ID] = clock.Date(c.PaidAt)
	}
	return nil
}

// on is the day for which a line is checked: today, but of what was advanced the day
// on which the person was helped.
func (x *examiner) on(l *Line) time.Time {
	if at, advanced := x.helped[l.ID]; advanced {
		return at
	}
	return x.today
}

// TownshipAdvance is what a township advanced for a person out of its own pocket, and
// how far it is paid back (乡镇垫付归还). Only what bank evidence covers is paid back;
// what came back from the bank is owed again.
type TownshipAdvance struct {
	Number     string         `json:"case"`
	Township   string         `json:"township"`
	Unit       parties.UnitID `json:"-"`
	UnitName   string         `json:"unit"`
	Amount     money.Fen      `json:"amount"`
	PaidAt     time.Time      `json:"paid_at"` // to the person
	RecordedBy string         `json:"recorded_by"`
	Batch      string         `json:"batch"`
	Confirmed  bool           `json:"confirmed"` // by the second person
	Sent       money.Fen      `json:"sent"`      // on its way to the unit
	Repaid     money.Fen      `json:"repaid"`    // as bank evidence says
	DueOn      time.Time      `json:"due_on,omitzero"`
	Days       int            `json:"days"`    // since the person was helped, while it is owed
	Overdue    bool           `json:"overdue"` // owed, and due before today
}

// Owed is what the unit has not got back.
func (a TownshipAdvance) Owed() money.Fen { return a.Amount - a.Repaid }

// TownshipAdvances lists what townships advanced, the oldest first: what is owed them,
// with all also what is paid back. What was given up is not in it. Errors: none of its own.
func (s *Service) TownshipAdvances(ctx context.Context, q db.Querier, all bool) ([]TownshipAdvance, error) {
	rows, err := q.Query(ctx, `SELECT c.number, c.township, t.unit, c.amount_fen, t.paid_at, t.recorded_by, b.code, b.state <> 'submitted',
			coalesce(p.sent, 0)::bigint, coalesce(p.paid, 0)::bigint, t.due_on
		FROM township_advance t JOIN reserve_case c ON c.id = t.reserve_case JOIN batch b ON b.id = c.batch AND b.state <> 'cancelled'
		LEFT JOIN LATERAL (SELECT coalesce(sum(h.amount_fen) FILTER (WHERE a.kind = 'in_transit'), 0)::bigint AS sent,
				coalesce(sum(h.amount_fen) FILTER (WHERE a.kind = 'paid'), 0)::bigint AS paid
			FROM entitlement_line l JOIN leg h ON h.line = l.id JOIN account a ON a.id = h.account WHERE l.batch = b.id) p ON true
		ORDER BY t.paid_at, c.id`)
	if err != nil {
		return nil, fmt.Errorf("what townships advanced: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanTownshipAdvance)
	if err != nil {
		return nil, fmt.Errorf("what townships advanced: %w", err)
	}
	if !all {
		list = slices.DeleteFunc(list, func(a TownshipAdvance) bool { return a.Owed() <= 0 })
	}
	return list, s.ages(ctx, q, list)
}

func scanTownshipAdvance(row pgx.CollectableRow) (TownshipAdvance, error) {
	var a TownshipAdvance
	var due *time.Time
	err := row.Scan(&a.Number, &a.Township, &a.Unit, &a.Amount, &a.PaidAt, &a.RecordedBy, &a.Batch, &a.Confirmed, &a.Sent, &a.Repaid, &due)
	if due != nil {
		a.DueOn = *due
	}
	return a, err
}

// ages names the units, and says how long each has waited.
func (s *Service) ages(ctx context.Context, q db.Querier, list []TownshipAdvance) error {
	ids := make([]parties.UnitID, len(list))
	for i, a := range list {
		ids[i] = a.Unit
	}
	units, err := s.parties.UnitsByID(ctx, q, ids)
	today := clock.Date(s.clock.Now())
	for i := range list {
		a := &list[i]
		a.UnitName = units[a.Unit].Name
		if a.Owed() > 0 {
			a.Days = int(today.Sub(clock.Date(a.PaidAt)).Hours() / 24)
			a.Overdue = !a.DueOn.IsZero() && a.DueOn.Before(today)
		}
	}
	return err
}
