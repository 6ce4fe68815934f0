package batch

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
)

const chainColumns = `c.id, c.kind, c.office, c.program, c.valid_from, c.document, c.clause, c.import_file, c.recorded_by, c.recorded_at`

// Chains reads all chains with their stages, by kind, office, program and date.
func Chains(ctx context.Context, q db.Querier) ([]Chain, error) {
	return chains(ctx, q, ``)
}

func chains(ctx context.Context, q db.Querier, where string, args ...any) ([]Chain, error) {
	rows, err := q.Query(ctx, `SELECT `+chainColumns+` FROM approval_chain c `+where+` ORDER BY c.kind, c.office, c.program, c.valid_from`, args...)
	if err != nil {
		return nil, fmt.Errorf("read approval chains: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Chain, error) {
		var c Chain
		err := row.Scan(&c.ID, &c.Kind, &c.Office, &c.Program, &c.ValidFrom, &c.Document, &c.Clause, &c.ImportFile, &c.RecordedBy, &c.RecordedAt)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read approval chains: %w", err)
	}
	at := map[ChainID]*Chain{}
	ids := make([]int64, len(found))
	for i := range found {
		at[found[i].ID], ids[i] = &found[i], int64(found[i].ID)
	}
	rows, err = q.Query(ctx, `SELECT chain, ord, step, title, right_code, office, persons FROM approval_stage WHERE chain = ANY($1) ORDER BY chain, ord`, ids)
	if err != nil {
		return nil, fmt.Errorf("read stages: %w", err)
	}
	var id ChainID
	var g Stage
	_, err = pgx.ForEachRow(rows, []any{&id, &g.Order, &g.Step, &g.Title, &g.Right, &g.Office, &g.Persons}, func() error {
		at[id].Stages = append(at[id].Stages, g)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read stages: %w", err)
	}
	return found, nil
}

func chainsFor(ctx context.Context, q db.Querier, kind string, of subjectOf) ([]Chain, error) {
	return chains(ctx, q, `WHERE c.kind = $1 AND c.office IN ('', $2) AND c.program IN ('', $3) AND c.valid_from <= $4 AND c.recorded_at <= $5`,
		kind, of.office, of.program, clock.Date(of.made), of.made)
}

// generalChain is the chain that stands where no document set another.
func generalChain(ctx context.Context, q db.Querier, kind string) (Chain, error) {
	rows, err := q.Query(ctx, `SELECT ord, step, right_code FROM chain_step WHERE kind = $1 ORDER BY ord`, kind)
	if err != nil {
		return Chain{}, fmt.Errorf("read approval chain: %w", err)
	}
	c := Chain{Kind: kind}
	g := Stage{Persons: 1}
	_, err = pgx.ForEachRow(rows, []any{&g.Order, &g.Step, &g.Right}, func() error {
		c.Stages = append(c.Stages, g)
		return nil
	})
	if err != nil {
		return Chain{}, fmt.Errorf("read approval chain: %w", err)
	}
	return c, nil
}

// subjectNamed reads what a chain has to know of "batch:12" or "list:3"; of
// nothing yet, nothing.
func subjectNamed(ctx context.Context, q db.Querier, subject string) (subjectOf, error) {
	kind, id, found := strings.Cut(subject, ":")
	if !found {
		return subjectOf{}, nil
	}
	sql := `SELECT office, program, created_at, coalesce(list_digest, ''::bytea) FROM batch WHERE id = $1::text::bigint`
	if kind == "list" {
		sql = `SELECT b.office, b.program, l.made_at, l.digest FROM line_list l JOIN batch b ON b.id = l.batch WHERE l.id = $1::text::bigint`
	}
	if kind == "aid" {
		sql = `SELECT office, 'LS', made_at, digest FROM aid_plan WHERE id = $1::text::bigint`
	}
	if kind == "cut" {
		sql = `SELECT p.office, 'LS', c.made_at, c.digest FROM aid_cut c JOIN aid_plan p ON p.id = c.plan WHERE c.id = $1::text::bigint`
	}
	var of subjectOf
	err := q.QueryRow(ctx, sql, id).Scan(&of.office, &of.program, &of.made, (*[]byte)(&of.digest))
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return of, fmt.Errorf("read %s: %w", subject, err)
	}
	return of, nil
}

func insertChain(ctx context.Context, tx pgx.Tx, c Chain) error {
	id, err := db.NextID(ctx, tx, "chain_id_seq")
	if err != nil {
		return err
	}
	c.ID = ChainID(id)
	_, err = tx.Exec(ctx, `INSERT INTO approval_chain (id, kind, office, program, valid_from, document, clause, import_file, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.ID, c.Kind, c.Office, c.Program, c.ValidFrom, c.Document, c.Clause, c.ImportFile, c.RecordedBy, c.RecordedAt)
	if err != nil {
		return fmt.Errorf("record approval chain: %w", err)
	}
	_, err = db.CopyIn(ctx, tx, "approval_stage", []string{"chain", "ord", "step", "title", "right_code", "office", "persons"}, len(c.Stages),
		func(i int) ([]any, error) {
			g := c.Stages[i]
			return []any{id, g.Order, string(g.Step), g.Title, string(g.Right), g.Office, g.Persons}, nil
		})
	if err != nil {
		return err
	}
	return proof.Append(ctx, tx, proof.ItemOf(ChainLeaf(c), id))
}
