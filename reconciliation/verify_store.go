package reconciliation

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
)

// checks re-derive what reconciliation promises from the rows, in words of
// their own: the first says in SQL what Derive says in Go.
var checks = []check.Query{
	{Promise: 9, Check: "evidence_state", SQL: `
		WITH said AS (
			SELECT a.id, a.end_to_end_id, a.state, a.amount_fen, a.booked_fen, a.returned_fen, a.excess_fen,
				coalesce(sum(CASE WHEN e.says = 'returned' THEN e.amount_fen ELSE 0 END), 0)::bigint AS back_fen,
				coalesce(sum(CASE WHEN e.says = 'booked' THEN e.amount_fen ELSE 0 END), 0)::bigint AS debit_fen,
				count(CASE WHEN e.says IN ('paid', 'booked') THEN 1 END) AS paid,
				count(CASE WHEN e.says = 'failed' THEN 1 END) AS failed,
				count(CASE WHEN e.says = 'unknown' THEN 1 END) AS unknown
			FROM attempt a LEFT JOIN evidence e ON e.attempt = a.id AND e.outcome = 'matched'
			GROUP BY a.id, a.end_to_end_id, a.state, a.amount_fen, a.booked_fen, a.returned_fen, a.excess_fen),
		derived AS (
			SELECT id, end_to_end_id, state, booked_fen, returned_fen, excess_fen,
				CASE WHEN back_fen >= amount_fen THEN 'returned' WHEN back_fen > 0 THEN 'part_returned' WHEN paid > 0 THEN 'paid'
					WHEN failed > 0 THEN 'failed' WHEN unknown > 0 THEN 'unknown'
					WHEN state IN ('written', 'stopped') THEN state ELSE 'sent' END AS due_state,
				CASE WHEN back_fen > 0 OR paid > 0 THEN amount_fen ELSE 0 END AS due_booked_fen,
				least(back_fen, amount_fen) AS due_returned_fen,
				greatest(greatest(debit_fen - amount_fen, 0) - greatest(back_fen - amount_fen, 0), 0) AS due_excess_fen
			FROM said)
		SELECT 'attempt ' || id::text || ' ' || end_to_end_id,
			'state ' || state || ', evidence says ' || due_state || '; booked ' || booked_fen::text || ' / ' || due_booked_fen::text ||
			'; returned ' || returned_fen::text || ' / ' || due_returned_fen::text || '; excess ' || excess_fen::text || ' / ' || due_excess_fen::text
		FROM derived
		WHERE state <> due_state OR booked_fen <> due_booked_fen OR returned_fen <> due_returned_fen OR excess_fen <> due_excess_fen
		ORDER BY id`},
	{Promise: 9, Check: "evidence_match", SQL: `
		SELECT 'evidence ' || e.file::text || '-' || e.pos::text, 'line ' || e.end_to_end_id || ' ' || e.amount_fen::text ||
			', attempt ' || coalesce(a.end_to_end_id, 'none') || ' ' || coalesce(a.amount_fen, 0)::text || ' of file ' || coalesce(b.file_ref, 'none')
		FROM evidence e JOIN evidence_file f ON f.id = e.file LEFT JOIN attempt a ON a.id = e.attempt LEFT JOIN bank_file b ON b.id = a.file
		WHERE e.outcome = 'matched' AND e.attempt IS NOT NULL
			AND (a.id IS NULL OR b.id IS NULL OR a.end_to_end_id <> e.end_to_end_id
				OR (f.kind IN ('result', 'receipt') AND f.scope <> '' AND f.scope <> b.file_ref)
				OR (e.kind = 'status' AND e.amount_fen <> 0 AND e.amount_fen <> a.amount_fen)
				OR (e.says = 'booked' AND e.amount_fen <> a.amount_fen)
				OR (e.says = 'returned' AND e.amount_fen <= 0))
		ORDER BY e.file, e.pos`},
	// What was handed over is paid by its own receipt, and a receipt pays nothing else.
	{Promise: 9, Check: "evidence_receipt", SQL: `
		SELECT 'bank_file ' || b.id::text || ' ' || b.name, 'paid by hand, evidence file ' || coalesce(f.id::text, 'none') || ' is not its receipt'
		FROM bank_file b LEFT JOIN evidence_file f ON f.kind = 'receipt' AND f.scope = b.file_ref
		WHERE b.profile LIKE 'receipt.%' AND f.sha256 IS DISTINCT FROM b.sha256
		UNION ALL SELECT 'evidence_file ' || f.id::text || ' ' || f.name, 'receipt of no payment by hand'
		FROM evidence_file f LEFT JOIN bank_file b ON b.file_ref = f.scope AND b.profile = f.profile
		WHERE f.kind = 'receipt' AND b.id IS NULL ORDER BY 1`},
	{Promise: 8, Check: "evidence_count", SQL: `
		SELECT 'evidence_file ' || f.id::text || ' ' || f.name, 'listed ' || f.item_count::text ||
			', rows ' || count(CASE WHEN e.pos <= f.item_count THEN 1 END)::text ||
			', others that inherited no refusal ' || count(CASE WHEN e.pos > f.item_count AND (e.says <> 'failed' OR e.kind <> 'status') THEN 1 END)::text
		FROM evidence_file f LEFT JOIN evidence e ON e.file = f.id
		GROUP BY f.id, f.name, f.item_count
		HAVING f.item_count <> count(CASE WHEN e.pos <= f.item_count THEN 1 END)
			OR count(CASE WHEN e.pos > f.item_count AND (e.says <> 'failed' OR e.kind <> 'status') THEN 1 END) > 0
		ORDER BY f.id`},
	proof.Orphans("evidence_leaf", proof.KindEvidence, "evidence_file"),
	{Promise: 8, Check: "evidence_place", SQL: `
		SELECT 'evidence ' || min(e.file)::text || '-' || min(e.pos)::text, 'place read ' || count(*)::text || ' times'
		FROM evidence e WHERE e.place <> '' AND e.outcome <> 'repeated'
		GROUP BY e.place HAVING count(*) > 1 ORDER BY min(e.file), min(e.pos)`},
	{Promise: 9, Check: "evidence_break", SQL: `
		SELECT 'evidence ' || e.file::text || '-' || e.pos::text, e.outcome || ' without a break'
		FROM evidence e LEFT JOIN break b ON b.file = e.file AND b.pos = e.pos AND b.kind = e.outcome
		WHERE e.outcome IN ('unmatched', 'amount_differs') AND b.id IS NULL ORDER BY e.file, e.pos`},
}

// Checks re-derives the promises of this room: the state of every attempt from
// its evidence, each line's match, each file's count and leaf, each entry
// counted once, and that nothing was left without a break.
func Checks() []check.Job {
	return check.Jobs(checks, check.Job{Name: "evidence_leaf", Run: verifyLeaves})
}

// Verify runs all Checks, one after the other.
func Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, Checks())
}

// verifyLeaves makes the leaf of every evidence file again from its row and its
// lines, which it reads once, in order. Lines of no file are of one that is
// being read in steps, as many as these stored.
func verifyLeaves(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	files, err := loggedFiles(ctx, q, ``)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]*loggedFile, len(files))
	for _, f := range files {
		byID[int64(f.id)] = f
	}
	stray := map[int64]int{}
	err = eachLine(ctx, q, func(file int64, _ *line, part []byte) {
		if f := byID[file]; f != nil {
			f.parts.Add(part)
			return
		}
		stray[file]++
	}, ``)
	if err != nil {
		return nil, err
	}
	found, err := verifyStray(ctx, q, stray)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		row := proof.Row{Name: fmt.Sprintf("evidence_file %d", f.id), Leaf: f.leaf(&f.parts), Logged: f.logged}
		if wrong, bad := row.Finding("evidence_leaf"); bad {
			found = append(found, wrong)
		}
	}
	return found, nil
}

// verifyStray compares lines of files that are not on record with the steps that
// stored them.
func verifyStray(ctx context.Context, q db.Querier, stray map[int64]int) ([]check.Finding, error) {
	if len(stray) == 0 {
		return nil, nil
	}
	rows, err := q.Query(ctx, `SELECT file, max(last_pos) FROM evidence_step GROUP BY file`)
	if err != nil {
		return nil, fmt.Errorf("read steps of evidence: %w", err)
	}
	file, last, steps := int64(0), 0, map[int64]int{}
	if _, err := pgx.ForEachRow(rows, []any{&file, &last}, func() error { steps[file] = last; return nil }); err != nil {
		return nil, fmt.Errorf("read steps of evidence: %w", err)
	}
	var found []check.Finding
	for _, file := range slices.Sorted(maps.Keys(stray)) {
		if stray[file] != steps[file] {
			found = append(found, check.Finding{Promise: 8, Check: "evidence_stray", Row: fmt.Sprintf("evidence_file %d", file),
				Detail: fmt.Sprintf("not on record: %d lines, its steps stored %d", stray[file], steps[file])})
		}
	}
	return found, nil
}
