package batch

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/areas"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/rules"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/money"
)

// Urgent is a payment that the county has to make at once (县级紧急支付), because a
// township's reserve did not cover a draw. The clock is that of the draw: the hours
// of the rule from the report on (money-rules C4). It is settled by the list that
// pays the person under the case's number: a roster of temporary aid, or the case
// drawn again on a reserve that was refilled.
type Urgent struct {
	Number     string    `json:"case"`
	Township   string    `json:"township"`
	Person     int64     `json:"-"`
	Amount     money.Fen `json:"amount"`
	Free       money.Fen `json:"free"` // what the reserve had
	Reason     string    `json:"reason"`
	ReportedAt time.Time `json:"reported_at"`
	PayDue     time.Time `json:"pay_due"`
	OpenedBy   string    `json:"opened_by"`
	OpenedAt   time.Time `json:"opened_at"`
	Batch      string    `json:"batch"`   // what settled it; empty: open
	PaidAt     time.Time `json:"-"`       // when that left
	Paid       money.Fen `json:"paid"`    // of it, what lists have paid
	Overdue    bool      `json:"overdue"` // settled too late, or due and open
}

// IsOpen says whether the county still owes it.
func (u Urgent) IsOpen() bool { return u.Batch == "" }

// askCounty opens the urgent payment of a draw that its reserve refused, in a
// transaction of its own: the refused one is gone. The same draw again opens
// nothing new. It gives the refusal, which says until when the county has to pay.
//
// Errors: BATCH_DRAW_URGENT (Insufficient); RULE_NONE; BATCH_URGENT_TAKEN
// (Conflict) for a number asked for with other content.
func (s *Service) askCounty(ctx context.Context, d Draw, refusal error) error {
	u := Urgent{Number: d.Number, Township: d.Township, Amount: d.Amount, Reason: d.Reason, ReportedAt: d.ReportedAt}
	err := s.db.Run(ctx, func(tx pgx.Tx) error {
		people, err := s.parties.ResolvePeople(ctx, tx, []string{d.IDNumber.Reveal()})
		if err != nil {
			return err
		}
		u.Person = int64(people[ident.Normalize(d.IDNumber.Reveal())].ID)
		u, err = s.openUrgent(ctx, tx, u)
		return err
	})
	return orUrgent(err, u, refusal)
}

// orAskCounty is askCounty for a case that was drawn, and whose reserve was spent
// by others before its second person came; any other error stays as it is.
func (s *Service) orAskCounty(ctx context.Context, number string, refusal error) error {
	if errs.CodeOf(refusal) != "BATCH_RESERVE_SHORT" {
		return refusal
	}
	var u Urgent
	err := s.db.Run(ctx, func(tx pgx.Tx) error {
		c, err := s.funds.CaseByNumber(ctx, tx, number)
		if err != nil || c.Form == funds.Advanced { // the person has the money; the township waits for a refill
			return err
		}
		u, err = s.openUrgent(ctx, tx, Urgent{Number: c.Number, Township: c.Township, Person: int64(c.Person), Amount: c.Amount, Reason: c.Reason,
			ReportedAt: c.ReportedAt})
		return err
	})
	if err == nil && u.Number == "" {
		return refusal
	}
	return orUrgent(err, u, refusal)
}

func orUrgent(err error, u Urgent, refusal error) error {
	if err != nil {
		return err
	}
	return errs.Wrap(refusal, errs.Insufficient, "BATCH_DRAW_URGENT", "case", u.Number, "free", u.Free.Grouped(), "asked", u.Amount.Grouped(),
		"until", u.PayDue.In(clock.Shanghai).Format("2006-01-02 15:04"))
}

func (s *Service) openUrgent(ctx context.Context, tx pgx.Tx, u Urgent) (Urgent, error) {
	actor, _ := auth.ActorFrom(ctx)
	u.OpenedBy, u.OpenedAt = actor.Login, s.clock.Now()
	today := clock.Date(u.OpenedAt)
	merged, err := areas.MapOn(ctx, tx, today)
	if err != nil {
		return u, err
	}
	u.Township = merged.Of(u.Township)
	reserve, err := s.funds.Reserve(ctx, tx, u.Township, today.Year())
	if err != nil {
		return u, err
	}
	hours, err := rules.Find(ctx, tx, rules.ReservePaymentHours, u.Township, today)
	if err != nil {
		return u, err
	}
	n, err := hours.Whole()
	if err != nil {
		return u, err
	}
	u.Free, u.PayDue = reserve.Free(), u.ReportedAt.Add(time.Duration(n)*time.Hour)
	if u.Free >= u.Amount {
		return u, errs.New(errs.Conflict, "BATCH_DRAW_AGAIN", "case", u.Number, "free", u.Free.Grouped())
	}
	known, err := insertUrgent(ctx, tx, u)
	if err == nil && (known.Person != u.Person || known.Amount != u.Amount || known.Reason != u.Reason) {
		err = errs.New(errs.Conflict, "BATCH_URGENT_TAKEN", "case", u.Number, "amount", known.Amount.Grouped(), "by", known.OpenedBy)
	}
	return known, err
}

// insertUrgent records a request once, and gives the one on record.
func insertUrgent(ctx context.Context, tx pgx.Tx, u Urgent) (Urgent, error) {
	_, err := tx.Exec(ctx, `INSERT INTO urgent_payment (number, township, person, amount_fen, free_fen, reason, reported_at, pay_due, opened_by, opened_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (number) DO NOTHING`,
		u.Number, u.Township, u.Person, u.Amount, u.Free, u.Reason, u.ReportedAt, u.PayDue, u.OpenedBy, u.OpenedAt)
	if err != nil {
		return u, fmt.Errorf("open urgent payment %s: %w", u.Number, err)
	}
	rows, err := tx.Query(ctx, `SELECT `+urgentColumns+`, '', 0::bigint, NULL::timestamptz FROM urgent_payment u WHERE u.number = $1`, u.Number)
	if err != nil {
		return u, fmt.Errorf("read urgent payment %s: %w", u.Number, err)
	}
	return pgx.CollectExactlyOneRow(rows, scanUrgent)
}

const urgentColumns = `u.number, u.township, u.person, u.amount_fen, u.free_fen, u.reason, u.reported_at, u.pay_due, u.opened_by, u.opened_at`

// UrgentOf lists the urgent payments asked for in a year, those due first on top,
// each with what settled it: the money has left the house and has not come back, or
// the township paid the person itself (乡镇垫付) and is paid back from its reserve.
func (s *Service) UrgentOf(ctx context.Context, q db.Querier, year int) ([]Urgent, error) {
	first := time.Date(year, time.January, 1, 0, 0, 0, 0, clock.Shanghai)
	rows, err := q.Query(ctx, `SELECT `+urgentColumns+`, coalesce(t.code, p.code, ''), coalesce(t.fen, p.fen, 0)::bigint, coalesce(t.paid_at, p.left_at)
		FROM urgent_payment u
		LEFT JOIN LATERAL (SELECT b.code, c.amount_fen AS fen, v.paid_at FROM reserve_case c JOIN township_advance v ON v.reserve_case = c.id
			JOIN batch b ON b.id = c.batch AND b.state <> 'cancelled' WHERE c.number = u.number AND c.person = u.person) t ON true
		LEFT JOIN LATERAL (SELECT max(b.code) AS code, sum(h.amount_fen)::bigint AS fen,
				max((SELECT min(f.created_at) FROM bank_file f WHERE f.batch = b.id)) AS left_at
			FROM entitlement_line l JOIN batch b ON b.id = l.batch JOIN leg h ON h.line = l.id
			JOIN account a ON a.id = h.account AND a.kind IN ('in_transit', 'paid')
			WHERE l.person = u.person AND l.program = $3 AND left(l.occasion, length(u.number) + 6) = 'case/' || u.number || '/') p ON true
		WHERE u.opened_at >= $1 AND u.opened_at < $2 ORDER BY u.pay_due, u.number`, first, first.AddDate(1, 0, 0), emergencyProgram)
	if err != nil {
		return nil, fmt.Errorf("read urgent payments: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanUrgent)
	if err != nil {
		return nil, fmt.Errorf("read urgent payments: %w", err)
	}
	now := s.clock.Now()
	for i := range list {
		u := &list[i]
		if u.Paid < u.Amount {
			u.Batch, u.PaidAt = "", time.Time{}
		}
		left := now
		if !u.IsOpen() {
			left = u.PaidAt
		}
		u.Overdue = left.After(u.PayDue)
	}
	return list, nil
}

func scanUrgent(row pgx.CollectableRow) (Urgent, error) {
	var u Urgent
	var paidAt *time.Time
	err := row.Scan(&u.Number, &u.Township, &u.Person, &u.Amount, &u.Free, &u.Reason, &u.ReportedAt, &u.PayDue, &u.OpenedBy, &u.OpenedAt,
		&u.Batch, &u.Paid, &paidAt)
	if paidAt != nil {
		u.PaidAt = *paidAt
	}
	return u, err
}
