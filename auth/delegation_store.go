package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

const delegationColumns = `d.id, d.from_login, d.to_login, d.right_code, d.valid_from, d.valid_to, d.reason, coalesce(d.ends, 0), d.recorded_at`

func scanDelegation(row pgx.CollectableRow) (Delegation, error) {
	var d Delegation
	err := row.Scan(&d.ID, &d.Giver, &d.To, &d.Right, &d.From, &d.Until, &d.Reason, &d.Ends, &d.At)
	return d, err
}

func delegations(ctx context.Context, q db.Querier, where string, args ...any) ([]Delegation, error) {
	rows, err := q.Query(ctx, `SELECT `+delegationColumns+` FROM delegation d `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read delegations: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanDelegation)
	if err != nil {
		return nil, fmt.Errorf("read delegations: %w", err)
	}
	return found, nil
}

// delegationsTo are those of rights in somebody's hands on a day or later. One
// that was taken back counts up to the day before.
func delegationsTo(ctx context.Context, q db.Querier, login string, rights []Right, day time.Time) ([]Delegation, error) {
	return delegations(ctx, q, `WHERE d.to_login = $1 AND d.right_code = ANY($2) AND d.valid_to >= $3 AND d.ends IS NULL
		AND NOT EXISTS (SELECT 1 FROM delegation e WHERE e.ends = d.id AND e.valid_from <= $3) ORDER BY d.valid_from, d.id`, login, rights, day)
}

// Delegations lists all that were ever given, newest last.
func (s *Service) Delegations(ctx context.Context, q db.Querier) ([]Delegation, error) {
	return delegations(ctx, q, `ORDER BY d.id`)
}

// ActedFor is on whose behalf somebody took a step that needs a right at a
// moment: "" where they did so for themselves.
func ActedFor(ctx context.Context, q db.Querier, login string, r Right, at time.Time) (string, error) {
	givers, err := actedFor(ctx, q, login, r, at)
	if err != nil || len(givers) == 0 {
		return "", err
	}
	return givers[0], nil
}

// actedFor is in whose place somebody had a right at a moment: by what was on
// record then, so that a delegation that is taken back later in the day still
// tells of what was done under it. At the very moment of its end it counts.
func actedFor(ctx context.Context, q db.Querier, login string, r Right, at time.Time) ([]string, error) {
	held, err := delegations(ctx, q, `WHERE d.to_login = $1 AND d.right_code = $2 AND d.valid_to >= $3 AND d.valid_from <= $3 AND d.recorded_at <= $4
		AND d.ends IS NULL AND NOT EXISTS (SELECT 1 FROM delegation e WHERE e.ends = d.id AND e.recorded_at < $4) ORDER BY d.id`, login, r, clock.Date(at), at)
	givers := make([]string, len(held))
	for i, d := range held {
		givers[i] = d.Giver
	}
	return givers, err
}

// Took is a step that somebody took by a right at a moment.
type Took struct {
	Login string
	Right Right
	At    time.Time
}

// SamePerson says whether an actor who is about to use a right is one person
// with whoever took a step: themselves, or on whose behalf either of them acts
// (promise 7). Nobody took a step without a login.
func SamePerson(ctx context.Context, q db.Querier, took Took, actor Actor, r Right) (bool, error) {
	if took.Login == "" {
		return false, nil
	}
	mine := []string{actor.Login, actor.ActsFor(r).Login}
	if slices.Contains(mine, took.Login) {
		return true, nil
	}
	givers, err := actedFor(ctx, q, took.Login, took.Right, took.At)
	return slices.ContainsFunc(givers, func(g string) bool { return slices.Contains(mine, g) }), err
}

func delegationByID(ctx context.Context, q db.Querier, id int64) (Delegation, error) {
	found, err := delegations(ctx, q, `WHERE d.id = $1 AND d.ends IS NULL`, id)
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "AUTH_DELEGATION_UNKNOWN", "id", id)
	}
	if err != nil {
		return Delegation{}, err
	}
	return found[0], nil
}

// DelegationLeafOf makes the leaf of a delegation, or of what took one back, from
// its row.
func DelegationLeafOf(ctx context.Context, q db.Querier, id int64) (*leaf.Leaf, error) {
	found, err := delegations(ctx, q, `WHERE d.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "AUTH_DELEGATION_UNKNOWN", "id", id)
	}
	if err != nil {
		return nil, err
	}
	return DelegationLeaf(found[0]), nil
}

func delegationEnded(ctx context.Context, q db.Querier, id int64) (bool, error) {
	var end int64
	err := q.QueryRow(ctx, `SELECT id FROM delegation WHERE ends = $1`, id).Scan(&end)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read delegation %d: %w", id, err)
	}
	return true, nil
}

// insertDelegation appends a row and its leaf.
func insertDelegation(ctx context.Context, tx pgx.Tx, d Delegation) (int64, error) {
	id, err := db.NextID(ctx, tx, "delegation_id_seq")
	if err != nil {
		return 0, err
	}
	d.ID, d.At = id, d.At.Truncate(time.Microsecond)
	_, err = tx.Exec(ctx, `INSERT INTO delegation (id, from_login, to_login, right_code, valid_from, valid_to, reason, ends, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, 0), $9)`, d.ID, d.Giver, d.To, d.Right, d.From, d.Until, d.Reason, d.Ends, d.At)
	if err != nil {
		return 0, fmt.Errorf("record delegation to %s: %w", d.To, err)
	}
	return id, proof.Append(ctx, tx, proof.ItemOf(DelegationLeaf(d), id))
}

func verifyDelegations(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+delegationColumns+`, l.digest FROM delegation d
		LEFT JOIN logged l ON l.kind = 'delegation' AND l.ref = d.id ORDER BY d.id`)
	if err != nil {
		return nil, fmt.Errorf("read delegations: %w", err)
	}
	return proof.Recheck(rows, "delegation_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var d Delegation
		var logged []byte
		err := row.Scan(&d.ID, &d.Giver, &d.To, &d.Right, &d.From, &d.Until, &d.Reason, &d.Ends, &d.At, &logged)
		return proof.Row{Name: fmt.Sprintf("delegation %d", d.ID), Leaf: DelegationLeaf(d), Logged: logged}, err
	})
}
