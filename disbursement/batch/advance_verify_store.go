package batch

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
)

var advanceChecks = []check.Query{
	proof.Orphans("advance_leaf", proof.KindAdvance, "advance"),
	proof.OrphansBy("advanced_leaf", proof.KindAdvanced, "advance_leg", "journal"),
	proof.Orphans("correction_leaf", proof.KindCorrection, "correction"),
	{Promise: 2, Check: "correction_journal", SQL: `
		SELECT 'journal ' || j.id::text, 'corrects payments by ' || j.cause || ', which is not on record'
		FROM journal j LEFT JOIN correction c ON c.journal = j.id AND 'correction:' || c.id::text = j.cause
		WHERE j.kind = 'correction' AND c.id IS NULL ORDER BY j.id`},
}

// verifyAdvances follows what every decision advanced through the ledger: each leg
// was drawn with what is on record, and at the number of each correction the legs
// lost what the correction says it repaid. So what is owed is what was advanced,
// less what corrections repaid and what went back to the payer's money.
func verifyAdvances(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	list, err := advances(ctx, q, `ORDER BY a.id`)
	if err != nil {
		return nil, err
	}
	var found []check.Finding
	for _, a := range list {
		wrong, err := verifyAdvance(ctx, q, a)
		if err != nil {
			return nil, err
		}
		found = append(found, wrong...)
	}
	wrong, err := verifyPaymentCorrections(ctx, q)
	return append(found, wrong...), err
}

// verifyPaymentCorrections does so for corrections that repay no advance: what they
// moved is what the legs of the money that was freed lost at their number.
func verifyPaymentCorrections(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	made, err := corrections(ctx, q, `WHERE c.advance IS NULL`)
	if err != nil {
		return nil, err
	}
	var found []check.Finding
	for _, c := range made {
		from, drawn := map[ledger.HoldingID]bool{}, map[ledger.HoldingID]money.Fen{}
		for _, g := range c.Legs {
			from[g.From], drawn[g.To] = true, g.Amount
		}
		families, err := ledger.Families(ctx, q, slices.Sorted(maps.Keys(from)))
		if err != nil {
			return nil, err
		}
		wrong, err := verifyRepaid(ctx, q, c, families)
		if err != nil {
			return nil, err
		}
		found = append(found, wrong...)
		if families, err = ledger.Families(ctx, q, slices.Sorted(maps.Keys(drawn))); err != nil {
			return nil, err
		}
		found = append(found, verifyDrawn(Advance{NewAdvance: NewAdvance{Number: c.Number}}, drawn, families)...)
	}
	return found, nil
}

func verifyAdvance(ctx context.Context, q db.Querier, a Advance) ([]check.Finding, error) {
	legs, err := advancedLegs(ctx, q, `WHERE advance = $1 ORDER BY holding`, a.ID)
	if err != nil {
		return nil, err
	}
	made, err := corrections(ctx, q, `WHERE c.advance = $1`, a.ID)
	if err != nil {
		return nil, err
	}
	drawn := map[ledger.HoldingID]money.Fen{}
	for _, g := range legs {
		drawn[g.Holding] = g.Amount
	}
	for _, c := range made {
		for _, g := range c.Legs {
			drawn[g.To] = g.Amount
		}
	}
	families, err := ledger.Families(ctx, q, slices.Sorted(maps.Keys(drawn)))
	if err != nil {
		return nil, err
	}
	found, err := verifyBound(ctx, q, a)
	if err != nil {
		return nil, err
	}
	found = append(found, verifyDrawn(a, drawn, families)...)
	for _, c := range made {
		wrong, err := verifyRepaid(ctx, q, c, families)
		if err != nil {
			return nil, err
		}
		found = append(found, wrong...)
	}
	return found, nil
}

// verifyBound names a decision of which more is used than its bound says, and one of
// which more is used than it allows.
func verifyBound(ctx context.Context, q db.Querier, a Advance) ([]check.Finding, error) {
	bound, err := boundOf(ctx, q, a.ID)
	if err != nil {
		return nil, err
	}
	used, err := usedOf(ctx, q, a.ID)
	if err != nil || used <= bound && used <= a.Amount {
		return nil, err
	}
	return []check.Finding{{Promise: 2, Check: "advance_bound", Row: fmt.Sprintf("advance %d", a.ID),
		Detail: fmt.Sprintf("used %d, at most %d on record, %d allowed", used, bound, a.Amount)}}, nil
}

func verifyDrawn(a Advance, drawn map[ledger.HoldingID]money.Fen, families []ledger.Family) []check.Finding {
	var found []check.Finding
	for _, f := range families {
		if f.Drawn != drawn[f.Root] {
			found = append(found, check.Finding{Promise: 2, Check: "advance_owed", Row: fmt.Sprintf("holding %d", f.Root),
				Detail: fmt.Sprintf("decision %s: on record %d, drawn %d", a.Number, drawn[f.Root], f.Drawn)})
		}
		delete(drawn, f.Root)
	}
	for _, id := range slices.Sorted(maps.Keys(drawn)) {
		found = append(found, check.Finding{Promise: 2, Check: "advance_owed", Row: fmt.Sprintf("holding %d", id),
			Detail: fmt.Sprintf("decision %s: on record %d, no such leg", a.Number, drawn[id])})
	}
	return found
}

// verifyRepaid compares what a correction says with what the legs lost.
func verifyRepaid(ctx context.Context, q db.Querier, c Correction, families []ledger.Family) ([]check.Finding, error) {
	numbers, err := ledger.NumbersOf(ctx, q, c.Journal)
	if err != nil {
		return nil, err
	}
	said := map[ledger.HoldingID]money.Fen{}
	var sum money.Fen
	for _, g := range c.Legs {
		said[g.From] += g.Amount
		sum += g.Amount // compared with a sum that was checked
	}
	var found []check.Finding
	say := func(row string, said, is money.Fen) {
		found = append(found, check.Finding{Promise: 2, Check: "correction_legs", Row: row,
			Detail: fmt.Sprintf("correction %s says %d, it was %d", c.Number, said, is)})
	}
	if sum != c.Amount {
		say(fmt.Sprintf("correction %d", c.ID), c.Amount, sum)
	}
	for _, f := range families {
		var of money.Fen
		for _, m := range f.Members {
			of += said[m.ID]
			delete(said, m.ID)
		}
		lost := f.Freed[numbers[f.Members[0].Lot]].Amount
		if of != lost {
			say(fmt.Sprintf("holding %d", f.Root), of, lost)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(said)) {
		say(fmt.Sprintf("holding %d", id), said[id], 0)
	}
	return found, nil
}

// verifyAdvanceLeaves makes the leaf of every decision again.
func verifyAdvanceLeaves(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+advanceColumns+`, l.digest FROM advance a LEFT JOIN logged l ON l.kind = 'advance' AND l.ref = a.id ORDER BY a.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of decisions to advance: %w", err)
	}
	return proof.Recheck(rows, "advance_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var logged []byte
		a, err := scanAdvanceAnd(row, &logged)
		return proof.Row{Name: fmt.Sprintf("advance %d", a.ID), Leaf: AdvanceLeaf(a), Logged: logged}, err
	})
}

// verifyAdvancedLeaves makes the leaves of the legs that journals advanced again.
func verifyAdvancedLeaves(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	legs, err := advancedLegs(ctx, q, `ORDER BY journal, holding`)
	if err != nil {
		return nil, err
	}
	of := map[ledger.JournalID][]AdvancedLeg{}
	for _, g := range legs {
		of[g.Journal] = append(of[g.Journal], g)
	}
	rows, err := q.Query(ctx, `SELECT g.journal, l.digest FROM (SELECT DISTINCT journal FROM advance_leg) g
		LEFT JOIN logged l ON l.kind = 'advanced' AND l.ref = g.journal ORDER BY g.journal`)
	if err != nil {
		return nil, fmt.Errorf("leaves of advanced legs: %w", err)
	}
	return proof.Recheck(rows, "advanced_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var journal ledger.JournalID
		var logged []byte
		err := row.Scan(&journal, &logged)
		return proof.Row{Name: fmt.Sprintf("advance_leg of journal %d", journal), Leaf: AdvancedLeaf(journal, of[journal]), Logged: logged}, err
	})
}

// verifyCorrectionLeaves makes the leaf of every correction again.
func verifyCorrectionLeaves(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	all, err := corrections(ctx, q, ``)
	if err != nil {
		return nil, err
	}
	byID := map[CorrectionID]Correction{}
	for _, c := range all {
		byID[c.ID] = c
	}
	rows, err := q.Query(ctx, `SELECT c.id, l.digest FROM correction c LEFT JOIN logged l ON l.kind = 'correction' AND l.ref = c.id ORDER BY c.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of corrections: %w", err)
	}
	return proof.Recheck(rows, "correction_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var id CorrectionID
		var logged []byte
		err := row.Scan(&id, &logged)
		return proof.Row{Name: fmt.Sprintf("correction %d", id), Leaf: CorrectionLeaf(byID[id]), Logged: logged}, err
	})
}
