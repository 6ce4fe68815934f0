package proof

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof/leaf"
)

// KindRestart is an act about giving a history up.
const KindRestart Kind = "restart"

// RestartAct says what somebody did about a restart.
type RestartAct string

// The acts: one person proposes, another confirms.
const (
	ProposeRestart RestartAct = "propose"
	ConfirmRestart RestartAct = "confirm"
)

// Restart is an act of starting the log's history again from an older state,
// after a backup was restored on purpose (重启日志). What is given up is told by
// the checkpoint that was signed last.
type Restart struct {
	ID            int64
	Act           RestartAct
	Proposal      int64 // the act it confirms; 0 for a proposal
	AbandonedSize int64 // leaves of the largest checkpoint given up
	AbandonedRoot []byte
	KeptSize      int64 // leaves of the largest checkpoint that both histories have
	Reason        string
	Actor         string
	At            time.Time
}

// Leaf is the leaf of the act (docs/proof.md).
func (r Restart) Leaf() *leaf.Leaf {
	return leaf.New(string(KindRestart), 1).Int("id", r.ID).Text("act", string(r.Act)).Int("proposal", r.Proposal).
		Int("abandoned_size", r.AbandonedSize).Hex("abandoned_root", r.AbandonedRoot).Int("kept_size", r.KeptSize).
		Text("reason", r.Reason).Text("actor", r.Actor).Time("at", r.At)
}

// AppendRestart records an act, whose number it draws, and appends its leaf.
// Errors: RESTART_NOTHING_PROPOSED (Conflict) where somebody else confirmed the
// proposal meanwhile.
func AppendRestart(ctx context.Context, tx pgx.Tx, r Restart) (Restart, error) {
	id, err := db.NextID(ctx, tx, "log_restart_id_seq")
	if err != nil {
		return r, err
	}
	r.ID, r.At = id, r.At.Truncate(time.Microsecond) // as the database keeps it
	_, err = tx.Exec(ctx, `INSERT INTO log_restart (id, act, proposal, abandoned_size, abandoned_root, kept_size, reason, actor, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		r.ID, r.Act, r.Proposal, r.AbandonedSize, r.AbandonedRoot, r.KeptSize, r.Reason, r.Actor, r.At)
	if name, _ := db.Violation(err); name == "log_restart_proposal" {
		return r, errs.Wrap(err, errs.Conflict, "RESTART_NOTHING_PROPOSED")
	}
	if err != nil {
		return r, fmt.Errorf("record restart: %w", err)
	}
	return r, Append(ctx, tx, ItemOf(r.Leaf(), r.ID))
}

// Restarts are the acts on record, in order.
func Restarts(ctx context.Context, q db.Querier) ([]Restart, error) {
	rows, err := q.Query(ctx, `SELECT id, act, proposal, abandoned_size, abandoned_root, kept_size, reason, actor, recorded_at
		FROM log_restart ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read restarts: %w", err)
	}
	acts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Restart])
	if err != nil {
		return nil, fmt.Errorf("read restarts: %w", err)
	}
	return acts, nil
}

// VerifyRestarts compares each act with its leaf, and the leaves with the acts.
func VerifyRestarts(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT r.id, r.act, r.proposal, r.abandoned_size, r.abandoned_root, r.kept_size, r.reason, r.actor, r.recorded_at, l.digest
		FROM log_restart r LEFT JOIN logged l ON l.kind = 'restart' AND l.ref = r.id ORDER BY r.id`)
	if err != nil {
		return nil, fmt.Errorf("read restarts: %w", err)
	}
	found, err := Recheck(rows, "restart_leaf", func(row pgx.CollectableRow) (Row, error) {
		var r Restart
		var logged []byte
		err := row.Scan(&r.ID, &r.Act, &r.Proposal, &r.AbandonedSize, &r.AbandonedRoot, &r.KeptSize, &r.Reason, &r.Actor, &r.At, &logged)
		return Row{Name: fmt.Sprintf("log_restart %d", r.ID), Leaf: r.Leaf(), Logged: logged}, err
	})
	gone, errGone := check.All(ctx, q, check.Jobs([]check.Query{Orphans("restart_leaf", KindRestart, "log_restart")}))
	return append(found, gone...), errors.Join(err, errGone)
}
