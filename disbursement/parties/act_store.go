package parties

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

const actColumns = `a.id, a.kind, a.subject, a.other, a.proposal, a.effective_on, a.document, a.reason, a.import_file, a.actor, a.recorded_at,
	(SELECT count(*) FROM party_act_item i WHERE i.act = a.id)`

func scanAct(row pgx.CollectableRow) (Act, error) {
	var a Act
	err := row.Scan(&a.ID, &a.Kind, &a.Subject, &a.Other, &a.Proposal, &a.Effective, &a.Document, &a.Reason, &a.ImportFile, &a.Actor, &a.At, &a.Items)
	return a, err
}

func oneAct(ctx context.Context, q db.Querier, where string, arg any) (Act, bool, error) {
	rows, err := q.Query(ctx, `SELECT `+actColumns+` FROM party_act a WHERE `+where, arg)
	if err != nil {
		return Act{}, false, fmt.Errorf("read act: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanAct)
	if errors.Is(err, pgx.ErrNoRows) {
		return Act{}, false, nil
	}
	if err != nil {
		return Act{}, false, fmt.Errorf("read act: %w", err)
	}
	return a, true, nil
}

// actOfKey finds the act that was asked for with a key.
func actOfKey(ctx context.Context, q db.Querier, key []byte) (Act, bool, error) {
	a, found, err := oneAct(ctx, q, `a.act_key = $1`, key)
	a.Replay = found
	return a, found, err
}

// ActByID is an act by its number. Errors: PARTIES_ACT_UNKNOWN (NotFound).
func ActByID(ctx context.Context, q db.Querier, id ActID) (Act, error) {
	a, found, err := oneAct(ctx, q, `a.id = $1`, int64(id))
	if err == nil && !found {
		err = errs.New(errs.NotFound, "PARTIES_ACT_UNKNOWN", "id", int64(id))
	}
	return a, err
}

// ActsOf is what happened to a person, household or unit, oldest first.
func ActsOf(ctx context.Context, q db.Querier, subject int64) ([]Act, error) {
	rows, err := q.Query(ctx, `SELECT `+actColumns+` FROM party_act a WHERE a.subject = $1 ORDER BY a.id`, subject)
	if err != nil {
		return nil, fmt.Errorf("read acts: %w", err)
	}
	return pgx.CollectRows(rows, scanAct)
}

func nextAct(ctx context.Context, tx pgx.Tx) (ActID, error) {
	id, err := db.NextID(ctx, tx, "party_act_id_seq")
	return ActID(id), err
}

// record stores an act, whose ID was drawn, with its items and its leaf.
func (s *Service) record(ctx context.Context, tx pgx.Tx, a Act, key []byte, parts items) (Act, error) {
	a.At, a.Items = s.clock.Now().Truncate(time.Microsecond), len(parts)
	_, err := tx.Exec(ctx, `INSERT INTO party_act (id, kind, act_key, subject, other, proposal, effective_on, document, reason, import_file, actor, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, int64(a.ID), string(a.Kind), key, a.Subject, a.Other, int64(a.Proposal), a.Effective,
		a.Document, a.Reason, a.ImportFile, a.Actor, a.At)
	if err != nil {
		return a, fmt.Errorf("record act: %w", err)
	}
	var tree leaf.Tree
	_, err = db.CopyIn(ctx, tx, "party_act_item", []string{"act", "no", "part"}, len(parts), func(i int) ([]any, error) {
		return []any{int64(a.ID), i + 1, parts[i]}, nil
	})
	if err != nil {
		return a, err
	}
	for _, p := range parts {
		tree.Add(p)
	}
	return a, proof.Append(ctx, tx, proof.ItemOf(ActLeaf(a, &tree), int64(a.ID)))
}

// ActLeafOf makes the leaf of an act again from what is stored and hands fn its
// parts in order. Errors: PARTIES_ACT_UNKNOWN (NotFound).
func ActLeafOf(ctx context.Context, q db.Querier, id ActID, fn func(part []byte)) (*leaf.Leaf, error) {
	a, err := ActByID(ctx, q, id)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT part FROM party_act_item WHERE act = $1 ORDER BY no`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("items of act %d: %w", id, err)
	}
	var tree leaf.Tree
	var part []byte
	if _, err := pgx.ForEachRow(rows, []any{&part}, func() error { fn(part); tree.Add(part); return nil }); err != nil {
		return nil, fmt.Errorf("items of act %d: %w", id, err)
	}
	return ActLeaf(a, &tree), nil
}

// verifyActs makes the leaf of every act again from its row and items.
func verifyActs(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	type entry struct {
		ID     int64  `db:"id"`
		Logged []byte `db:"digest"`
	}
	acts, err := query[entry](ctx, q, "acts", `SELECT a.id, coalesce(l.digest, '') AS digest
		FROM party_act a LEFT JOIN logged l ON l.kind = 'party_act' AND l.ref = a.id ORDER BY a.id`)
	var found []check.Finding
	for _, a := range acts {
		l, err := ActLeafOf(ctx, q, ActID(a.ID), func([]byte) {})
		if err != nil {
			return nil, err
		}
		r := proof.Row{Name: fmt.Sprintf("party_act %d", a.ID), Leaf: l, Logged: a.Logged}
		if f, bad := r.Finding("party_act_leaf"); bad && len(found) < check.Limit {
			found = append(found, f)
		}
	}
	return found, err
}

// verifyBound compares relations with the items that bind them.
func verifyBound(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	type bound struct {
		name string
		act  ActID
		no   int
		part []byte
	}
	var list []bound
	relations, err := loadRelations(ctx, q, `TRUE`)
	if err != nil {
		return nil, err
	}
	for _, r := range relations {
		list = append(list, bound{fmt.Sprintf("payee_relation %d", r.ID), r.act, r.no, r.part()})
	}
	type item struct {
		Act  int64  `db:"act"`
		No   int    `db:"no"`
		Part []byte `db:"part"`
	}
	stored, err := query[item](ctx, q, "items", `SELECT i.act, i.no, i.part FROM party_act_item i
		JOIN party_act a ON a.id = i.act WHERE a.kind IN ('relations', 'heir') ORDER BY i.act, i.no`)
	if err != nil {
		return nil, err
	}
	type place struct {
		act ActID
		no  int
	}
	have := make(map[place]string, len(stored))
	for _, i := range stored {
		have[place{ActID(i.Act), i.No}] = string(i.Part)
	}
	var found []check.Finding
	for _, b := range list {
		at := place{b.act, b.no}
		if have[at] != string(b.part) && len(found) < check.Limit {
			found = append(found, check.Finding{Promise: 10, Check: "party_bound", Row: b.name, Detail: fmt.Sprintf("differs from item %d/%d", b.act, b.no)})
		}
		delete(have, at)
	}
	for at := range have {
		if len(found) < check.Limit {
			found = append(found, check.Finding{Promise: 10, Check: "party_bound", Row: fmt.Sprintf("party_act_item %d/%d", at.act, at.no), Detail: "its row is gone"})
		}
	}
	return found, nil
}
