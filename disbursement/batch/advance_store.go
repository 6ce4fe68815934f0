package batch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
)

const advanceColumns = `a.id, a.number, a.title, a.issued_on, a.program, a.payer, a.owing, a.amount_fen, a.until, a.recorded_by, a.recorded_at`

func scanAdvance(row pgx.CollectableRow) (Advance, error) { return scanAdvanceAnd(row) }

func scanAdvanceAnd(row pgx.CollectableRow, more ...any) (Advance, error) {
	var a Advance
	err := row.Scan(append([]any{&a.ID, &a.Number, &a.Title, &a.IssuedOn, &a.Program, &a.Payer, &a.Owing, &a.Amount, &a.Until,
		&a.RecordedBy, &a.RecordedAt}, more...)...)
	return a, err
}

func advances(ctx context.Context, q db.Querier, where string, args ...any) ([]Advance, error) {
	rows, err := q.Query(ctx, `SELECT `+advanceColumns+` FROM advance a `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read decisions to advance: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanAdvance)
	if err != nil {
		return nil, fmt.Errorf("read decisions to advance: %w", err)
	}
	return found, nil
}

func advanceByNumber(ctx context.Context, q db.Querier, number string) (Advance, bool, error) {
	found, err := advances(ctx, q, `WHERE a.number = $1`, number)
	if err != nil || len(found) == 0 {
		return Advance{}, false, err
	}
	return found[0], true, nil
}

// advancesOpen are the decisions of a program that hold on a day.
func advancesOpen(ctx context.Context, q db.Querier, program string, on time.Time) ([]Advance, error) {
	return advances(ctx, q, `WHERE a.program = $1 AND a.issued_on <= $2 AND a.until >= $2 ORDER BY a.id`, program, on)
}

// numberTaken says whether a decision or a correction has a 文号.
func numberTaken(ctx context.Context, q db.Querier, number string) (taken bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM advance WHERE number = $1) OR EXISTS (SELECT 1 FROM correction WHERE number = $1)`, number).Scan(&taken)
	if err != nil {
		return false, fmt.Errorf("who has %s: %w", number, err)
	}
	return taken, nil
}

func insertAdvance(ctx context.Context, tx pgx.Tx, a Advance) (AdvanceID, error) {
	id, err := db.NextID(ctx, tx, "advance_id_seq")
	if err != nil {
		return 0, err
	}
	a.ID = AdvanceID(id)
	_, err = tx.Exec(ctx, `INSERT INTO advance (id, number, title, issued_on, program, payer, owing, amount_fen, until, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		a.ID, a.Number, a.Title, a.IssuedOn, a.Program, a.Payer, a.Owing, a.Amount, a.Until, a.RecordedBy, a.RecordedAt)
	if err != nil {
		return 0, fmt.Errorf("record decision %s: %w", a.Number, err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO advance_lock (advance, bound_fen) VALUES ($1, 0)`, a.ID); err != nil {
		return 0, fmt.Errorf("record decision %s: %w", a.Number, err)
	}
	return a.ID, proof.Append(ctx, tx, proof.ItemOf(AdvanceLeaf(a), id))
}

// raiseBound adds to what is at most used of a decision, and says what it is then;
// false where it was never counted. Until the transaction ends others wait to use the
// decision, or to correct what it paid.
func raiseBound(ctx context.Context, tx pgx.Tx, id AdvanceID, more money.Fen) (bound money.Fen, known bool, err error) {
	var now *money.Fen
	err = tx.QueryRow(ctx, `UPDATE advance_lock SET bound_fen = bound_fen + $2 WHERE advance = $1 RETURNING bound_fen`, id, more).Scan(&now)
	if err != nil {
		return 0, false, fmt.Errorf("use decision %d: %w", id, err)
	}
	if now == nil {
		return 0, false, nil
	}
	return *now, true, nil
}

// boundOf is what is at most used of a decision; where it was never counted, there is
// no bound.
func boundOf(ctx context.Context, q db.Querier, id AdvanceID) (bound money.Fen, err error) {
	err = q.QueryRow(ctx, `SELECT coalesce(bound_fen, 9223372036854775807) FROM advance_lock WHERE advance = $1`, id).Scan(&bound)
	if err != nil {
		return 0, fmt.Errorf("bound of decision %d: %w", id, err)
	}
	return bound, nil
}

// setBound keeps what is used of a decision, which was counted.
func setBound(ctx context.Context, tx pgx.Tx, id AdvanceID, used money.Fen) error {
	if _, err := tx.Exec(ctx, `UPDATE advance_lock SET bound_fen = $2 WHERE advance = $1`, id, used); err != nil {
		return fmt.Errorf("count decision %d: %w", id, err)
	}
	return nil
}

// lockAdvance keeps others from using a decision, or correcting what it paid,
// meanwhile.
func lockAdvance(ctx context.Context, tx pgx.Tx, id AdvanceID) error {
	if err := tx.QueryRow(ctx, `SELECT advance FROM advance_lock WHERE advance = $1 FOR UPDATE`, id).Scan(&id); err != nil {
		return fmt.Errorf("lock decision %d: %w", id, err)
	}
	return nil
}

func sortLegs(legs []AdvancedLeg) {
	slices.SortFunc(legs, func(a, b AdvancedLeg) int { return cmp.Compare(a.Holding, b.Holding) })
}

func insertAdvanced(ctx context.Context, tx pgx.Tx, legs []AdvancedLeg) error {
	_, err := db.CopyIn(ctx, tx, "advance_leg", []string{"holding", "advance", "line", "amount_fen", "journal"}, len(legs), func(i int) ([]any, error) {
		g := legs[i]
		return []any{g.Holding, g.Advance, g.Line, g.Amount, g.Journal}, nil
	})
	return err
}

func advancedLegs(ctx context.Context, q db.Querier, where string, args ...any) ([]AdvancedLeg, error) {
	rows, err := q.Query(ctx, `SELECT holding, advance, line, amount_fen, journal FROM advance_leg `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read advanced legs: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[AdvancedLeg])
	if err != nil {
		return nil, fmt.Errorf("read advanced legs: %w", err)
	}
	return found, nil
}

// standing is where the legs of a decision stand.
type standing struct {
	legs   []owedLeg // in stable order: as they were advanced
	owed   money.Fen
	repaid money.Fen
}

// owedLeg is a leg, or what was parted from one, that the payer's money still
// pays. root is the leg that was advanced.
type owedLeg struct {
	root ledger.HoldingID
	ledger.Holding
}

// standingOf follows the legs of a decision.
func standingOf(ctx context.Context, q db.Querier, id AdvanceID) (standing, error) {
	var st standing
	roots, err := rootsOf(ctx, q, id)
	if err != nil {
		return st, err
	}
	families, err := ledger.Families(ctx, q, slices.Sorted(maps.Keys(roots)))
	if err != nil {
		return st, err
	}
	for _, f := range families {
		for _, h := range f.Members {
			if h.Account == 0 {
				continue
			}
			st.legs = append(st.legs, owedLeg{roots[f.Root], h})
			if err := grow(&st.owed, h.Amount); err != nil {
				return st, err
			}
		}
	}
	st.repaid, err = repaidOf(ctx, q, id)
	return st, err
}

// rootsOf are the legs of a decision, and those that corrections brought back to
// the payer's money, each with the leg that was advanced.
func rootsOf(ctx context.Context, q db.Querier, id AdvanceID) (map[ledger.HoldingID]ledger.HoldingID, error) {
	rows, err := q.Query(ctx, `SELECT holding, holding FROM advance_leg WHERE advance = $1
		UNION ALL
		SELECT g.to_leg, g.root FROM correction c JOIN correction_leg g ON g.correction = c.id WHERE c.advance = $1 AND c.undoes IS NOT NULL`, id)
	if err != nil {
		return nil, fmt.Errorf("legs of decision %d: %w", id, err)
	}
	out := map[ledger.HoldingID]ledger.HoldingID{}
	var leg, root ledger.HoldingID
	if _, err := pgx.ForEachRow(rows, []any{&leg, &root}, func() error { out[leg] = root; return nil }); err != nil {
		return nil, fmt.Errorf("legs of decision %d: %w", id, err)
	}
	return out, nil
}

// repaidOf is what corrections have repaid of a decision.
func repaidOf(ctx context.Context, q db.Querier, id AdvanceID) (sum money.Fen, err error) {
	err = q.QueryRow(ctx, `SELECT coalesce(sum(CASE WHEN undoes IS NULL THEN amount_fen ELSE -amount_fen END)::bigint, 0) FROM correction WHERE advance = $1`, id).Scan(&sum)
	if err != nil {
		return 0, fmt.Errorf("what was repaid of decision %d: %w", id, err)
	}
	return sum, nil
}

// advancedSince is the business date of the oldest journal that advanced one of
// some legs.
func advancedSince(ctx context.Context, q db.Querier, legs []owedLeg) (since time.Time, err error) {
	roots := make([]ledger.HoldingID, len(legs))
	for i, g := range legs {
		roots[i] = g.root
	}
	err = q.QueryRow(ctx, `SELECT min(j.business_date) FROM advance_leg g JOIN journal j ON j.id = g.journal WHERE g.holding = ANY($1)`, roots).Scan(&since)
	if err != nil {
		return since, fmt.Errorf("since when money is advanced: %w", err)
	}
	return since, nil
}
