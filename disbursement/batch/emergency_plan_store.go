package batch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

func insertPlan(ctx context.Context, tx pgx.Tx, p *Plan) (err error) {
	if p.ID, err = db.NextID(ctx, tx, "aid_plan_id_seq"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO aid_plan (id, number, kind, office, person, reason, minutes, approved_fen, maker, made_at, digest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		p.ID, p.Number, string(p.Kind), p.Office, p.Person, p.Reason, p.Minutes, p.Approved, p.Maker, p.MadeAt, []byte(p.Digest))
	if constraint, _ := db.Violation(err); constraint == "aid_plan_number" {
		return errs.New(errs.Conflict, "AID_TAKEN", "number", p.Number, "by", "—")
	}
	if err != nil {
		return fmt.Errorf("record plan of case %s: %w", p.Number, err)
	}
	_, err = db.CopyIn(ctx, tx, "aid_instalment", []string{"plan", "no", "change", "due_on", "amount_fen", "reason", "decided_by", "decided_at"},
		len(p.Instalments), func(i int) ([]any, error) {
			in := p.Instalments[i]
			return []any{p.ID, in.No, 0, in.DueOn, in.Amount, "", p.Maker, p.MadeAt}, nil
		})
	return err
}

// cutInstalment appends what an instalment becomes.
func cutInstalment(ctx context.Context, tx pgx.Tx, id int64, in Instalment, actor string, at time.Time) error {
	var change int
	if err := tx.QueryRow(ctx, `UPDATE aid_plan SET changes = changes + 1 WHERE id = $1 RETURNING changes`, id).Scan(&change); err != nil {
		return fmt.Errorf("change plan %d: %w", id, err)
	}
	_, err := tx.Exec(ctx, `INSERT INTO aid_instalment (plan, no, change, due_on, amount_fen, reason, decided_by, decided_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, in.No, change, in.DueOn, in.Amount, in.Reason, actor, at)
	if err != nil {
		return fmt.Errorf("cut instalment %d of plan %d: %w", in.No, id, err)
	}
	return nil
}

// lockPlans holds the plans of cases, in order, until the transaction ends.
func lockPlans(ctx context.Context, tx pgx.Tx, numbers []string) error {
	rows, err := tx.Query(ctx, `SELECT id FROM aid_plan WHERE number = ANY($1) ORDER BY id FOR UPDATE`, numbers)
	if err != nil {
		return fmt.Errorf("hold plans: %w", err)
	}
	rows.Close()
	return rows.Err()
}

func planByNumber(ctx context.Context, q db.Querier, number string) (Plan, error) {
	found, err := plansByNumber(ctx, q, []string{number})
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "AID_UNKNOWN", "number", number)
	}
	if err != nil {
		return Plan{}, err
	}
	return found[0], nil
}

// plansByNumber reads plans with their instalments as they are now, and says
// which of them a list has.
func plansByNumber(ctx context.Context, q db.Querier, numbers []string) ([]Plan, error) {
	rows, err := q.Query(ctx, `SELECT p.id, p.number, p.kind, p.office, p.person, p.reason, p.minutes, p.approved_fen, p.maker, p.made_at, p.digest,
			EXISTS (SELECT 1 FROM approval a WHERE a.subject = 'aid:' || p.id::text AND a.step = 'approve' AND a.decision = 'done' AND a.digest = p.digest)
		FROM aid_plan p WHERE p.number = ANY($1) ORDER BY p.id`, numbers)
	if err != nil {
		return nil, fmt.Errorf("read plans: %w", err)
	}
	plans, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Plan, error) {
		var p Plan
		err := row.Scan(&p.ID, &p.Number, &p.Kind, &p.Office, &p.Person, &p.Reason, &p.Minutes, &p.Approved, &p.Maker, &p.MadeAt, (*[]byte)(&p.Digest), &p.IsApproved)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read plans: %w", err)
	}
	for i := range plans {
		if err := plans[i].readInstalments(ctx, q); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

func (p *Plan) readInstalments(ctx context.Context, q db.Querier) error {
	keys, err := q.Query(ctx, `SELECT k.occasion, k.month, k.line FROM once_key k
		WHERE k.subject = $1 AND k.program = 'LS' AND k.freed IS NULL ORDER BY k.line DESC`, p.Person)
	if err != nil {
		return fmt.Errorf("read once-keys of plan %d: %w", p.ID, err)
	}
	type holding struct {
		month string
		line  LineID
	}
	held := map[string]holding{} // the first line that has it
	var occasion string
	var h holding
	if _, err := pgx.ForEachRow(keys, []any{&occasion, &h.month, &h.line}, func() error { held[occasion] = h; return nil }); err != nil {
		return fmt.Errorf("read once-keys of plan %d: %w", p.ID, err)
	}
	rows, err := q.Query(ctx, `SELECT no, due_on, amount_fen, reason FROM aid_instalment WHERE plan = $1 ORDER BY no, change`, p.ID)
	if err != nil {
		return fmt.Errorf("read instalments of plan %d: %w", p.ID, err)
	}
	var in Instalment
	_, err = pgx.ForEachRow(rows, []any{&in.No, &in.DueOn, &in.Amount, &in.Reason}, func() error {
		by := held[CaseOccasion(p.Number, int64(in.No))]
		in.Month, in.line = by.month, by.line
		if at := slices.IndexFunc(p.Instalments, func(o Instalment) bool { return o.No == in.No }); at >= 0 {
			p.Instalments[at] = in
		} else {
			p.Instalments = append(p.Instalments, in)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read instalments of plan %d: %w", p.ID, err)
	}
	for _, in := range p.Instalments {
		to := &p.Remaining
		if in.Month != "" {
			to = &p.InLists
		}
		if *to, err = money.Add(*to, in.Amount); err != nil {
			return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
	}
	return nil
}
