package funds

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/rules"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
)

// setClocks sets the three due times of a case from the rules of its township
// on the day it is drawn (money-rules C3, C4). Errors: RULE_NONE.
func (c *Case) setClocks(ctx context.Context, q db.Querier, drawn time.Time) error {
	var days, pay, confirm int
	for _, f := range []struct {
		name rules.Name
		to   *int
	}{{rules.ReserveDocumentDays, &days}, {rules.ReservePaymentHours, &pay}, {rules.ReserveConfirmHours, &confirm}} {
		figure, err := rules.Find(ctx, q, f.name, c.Township, drawn)
		if err != nil {
			return err
		}
		if *f.to, err = figure.Whole(); err != nil {
			return err
		}
	}
	c.DocumentDue = drawn.AddDate(0, 0, days)
	c.PayDue = c.ReportedAt.Add(time.Duration(pay) * time.Hour)
	if c.Form != Advanced { // the person was helped already: paying the township back may wait for a refill
		c.ConfirmDue = c.DrawnAt.Add(time.Duration(confirm) * time.Hour)
	}
	return nil
}

// ReleaseCase stops the clock of a case whose money leaves now, in the
// transaction that releases it. A case whose second person comes too late is
// refused: what was true at the draw may no longer be, and is drawn again.
//
// Errors: NotFound RESERVE_CASE_UNKNOWN; Refused RESERVE_CONFIRM_LATE.
func (s *Service) ReleaseCase(ctx context.Context, tx pgx.Tx, number string) (Case, error) {
	c, err := s.CaseByNumber(ctx, tx, number)
	if err != nil {
		return Case{}, err
	}
	now := s.clock.Now()
	if !c.ConfirmDue.IsZero() && now.After(c.ConfirmDue) {
		return Case{}, errs.New(errs.Refused, "RESERVE_CONFIRM_LATE", "number", number, "until", minute(c.ConfirmDue), "now", minute(now))
	}
	if _, err := tx.Exec(ctx, `UPDATE reserve_case SET released_at = $2 WHERE number = $1 AND released_at IS NULL`, number, now); err != nil {
		return Case{}, fmt.Errorf("release case %s: %w", number, err)
	}
	return s.CaseByNumber(ctx, tx, number)
}

// minute is a time as a person reads it.
func minute(t time.Time) string { return t.In(clock.Shanghai).Format("2006-01-02 15:04") }

// leftAt is when a case's person had the money, as far as one knows: what a township
// advanced was there before; $3 is now.
const leftAt = `coalesce((SELECT t.paid_at FROM township_advance t WHERE t.reserve_case = reserve_case.id), released_at, $3)`

// LateCases lists the cases of a year whose money left after it was due, or is
// due and has not left, the earliest due first (先行救助超时). What ended before
// it was paid is not late.
func (s *Service) LateCases(ctx context.Context, q db.Querier, year int) ([]Case, error) {
	first := time.Date(year, time.January, 1, 0, 0, 0, 0, clock.Shanghai)
	return collect(ctx, q, "late cases", scanCase, `SELECT `+caseColumns+` FROM reserve_case
		WHERE drawn_at >= $1 AND drawn_at < $2 AND `+leftAt+` > pay_due AND`+notCancelled+` ORDER BY pay_due, id`,
		first, first.AddDate(1, 0, 0), s.clock.Now())
}
