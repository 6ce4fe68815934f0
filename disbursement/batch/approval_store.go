package batch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

func insertApproval(ctx context.Context, tx pgx.Tx, a Approval) error {
	_, err := tx.Exec(ctx, `INSERT INTO approval (id, subject, step, decision, actor, decided_at, digest, comment)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, a.ID, a.Subject, a.Step, a.Decision, a.Actor, a.DecidedAt, []byte(a.Digest), a.Comment)
	if err != nil {
		return fmt.Errorf("record approval of %s: %w", a.Subject, err)
	}
	return nil
}

const approvalColumns = `id, subject, step, decision, actor, decided_at, digest, comment`

func scanApproval(row pgx.CollectableRow) (Approval, error) {
	var a Approval
	err := row.Scan(&a.ID, &a.Subject, &a.Step, &a.Decision, &a.Actor, &a.DecidedAt, (*[]byte)(&a.Digest), &a.Comment)
	return a, err
}

// Approvals reads everything anybody did on a subject ("batch:12", "list:3"),
// oldest first.
func Approvals(ctx context.Context, q db.Querier, subject string) ([]Approval, error) {
	rows, err := q.Query(ctx, `SELECT `+approvalColumns+` FROM approval WHERE subject = $1 ORDER BY id`, subject)
	if err != nil {
		return nil, fmt.Errorf("read approvals: %w", err)
	}
	return pgx.CollectRows(rows, scanApproval)
}

// lastApprovals is the last time each step was done since the list was last
// sent back.
func lastApprovals(ctx context.Context, q db.Querier, subject string) (map[Step]Approval, error) {
	all, err := Approvals(ctx, q, subject)
	last := map[Step]Approval{}
	for _, a := range all {
		if a.Decision == Rejected {
			clear(last)
			continue
		}
		last[a.Step] = a
	}
	return last, err
}

// reviewsOf are the signatures on the way to approval since the list was last
// sent back, as far as they are bound to the digest.
func reviewsOf(all []Approval, digest Digest) []Approval {
	var signed []Approval
	for _, a := range all {
		if a.Decision == Rejected {
			signed = nil
			continue
		}
		if a.Step == StepReview && string(a.Digest) == string(digest) {
			signed = append(signed, a)
		}
	}
	return signed
}
