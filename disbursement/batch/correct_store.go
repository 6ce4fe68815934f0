package batch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/ledger/proof"
)

const correctionColumns = `c.id, c.number, c.title, c.issued_on, coalesce(c.advance, 0), c.arrived, coalesce(c.undoes, 0), c.asked_fen, c.amount_fen, c.journal,
	c.recorded_by, c.recorded_at`

// corrections reads corrections with what they moved.
func corrections(ctx context.Context, q db.Querier, where string, args ...any) ([]Correction, error) {
	rows, err := q.Query(ctx, `SELECT `+correctionColumns+` FROM correction c `+where+` ORDER BY c.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read corrections: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Correction, error) {
		var c Correction
		err := row.Scan(&c.ID, &c.Number, &c.Title, &c.IssuedOn, &c.Advance, &c.Arrived, &c.Undoes, &c.Asked, &c.Amount, &c.Journal,
			&c.RecordedBy, &c.RecordedAt)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read corrections: %w", err)
	}
	for i := range found {
		if err := readCorrected(ctx, q, &found[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func readCorrected(ctx context.Context, q db.Querier, c *Correction) error {
	rows, err := q.Query(ctx, `SELECT g.root, g.from_leg, g.to_leg, g.amount_fen, coalesce(h.line, 0) FROM correction_leg g
		LEFT JOIN holding h ON h.id = g.to_leg WHERE g.correction = $1 ORDER BY g.ord`, c.ID)
	if err != nil {
		return fmt.Errorf("legs of correction %d: %w", c.ID, err)
	}
	var g CorrectedLeg
	var line int64
	lines := map[int64]bool{}
	_, err = pgx.ForEachRow(rows, []any{&g.Root, &g.From, &g.To, &g.Amount, &line}, func() error {
		c.Legs, lines[line] = append(c.Legs, g), true
		return nil
	})
	if err != nil {
		return fmt.Errorf("legs of correction %d: %w", c.ID, err)
	}
	c.Lines = len(lines)
	return nil
}

func insertCorrection(ctx context.Context, tx pgx.Tx, c Correction) error {
	var undoes *CorrectionID
	if c.Undoes != 0 {
		undoes = &c.Undoes
	}
	var advance *AdvanceID
	if c.Advance != 0 {
		advance = &c.Advance
	}
	_, err := tx.Exec(ctx, `INSERT INTO correction (id, number, title, issued_on, advance, arrived, undoes, asked_fen, amount_fen, journal, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		c.ID, c.Number, c.Title, c.IssuedOn, advance, c.Arrived, undoes, c.Asked, c.Amount, c.Journal, c.RecordedBy, c.RecordedAt)
	if err != nil {
		return fmt.Errorf("record correction %s: %w", c.Number, err)
	}
	_, err = db.CopyIn(ctx, tx, "correction_leg", []string{"correction", "ord", "root", "from_leg", "to_leg", "amount_fen"}, len(c.Legs), func(i int) ([]any, error) {
		g := c.Legs[i]
		return []any{c.ID, i + 1, g.Root, g.From, g.To, g.Amount}, nil
	})
	if err != nil {
		return err
	}
	return proof.Append(ctx, tx, proof.ItemOf(CorrectionLeaf(c), int64(c.ID)))
}
