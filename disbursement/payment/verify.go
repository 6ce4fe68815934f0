package payment

import (
	"context"
	"fmt"
	"slices"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// checks re-derive what payments promise from the rows.
var checks = []check.Query{
	{Promise: 4, Check: "attempt_amount", SQL: `
		SELECT 'attempt ' || a.id::text, 'state ' || a.state || ', amount ' || a.amount_fen::text || ', booked ' || a.booked_fen::text || ', returned ' || a.returned_fen::text
		FROM attempt a
		WHERE a.booked_fen > a.amount_fen OR a.returned_fen > a.booked_fen
			OR (a.state = 'paid' AND (a.booked_fen <> a.amount_fen OR a.returned_fen <> 0))
			OR (a.state IN ('written', 'sent', 'unknown', 'failed', 'stopped') AND a.booked_fen <> 0)
			OR (a.state = 'returned' AND a.returned_fen <> a.booked_fen)
		ORDER BY a.id`},
	{Promise: 4, Check: "payment_legs", SQL: `
		SELECT 'payment ' || p.id::text, 'amount ' || p.amount_fen::text || ', legs ' || coalesce(s.fen, 0)::text
		FROM payment p LEFT JOIN (SELECT payment, sum(amount_fen)::bigint AS fen FROM leg WHERE account IS NOT NULL GROUP BY payment) s ON s.payment = p.id
		WHERE coalesce(s.fen, 0) > p.amount_fen ORDER BY p.id`},
	{Promise: 9, Check: "payment_place", SQL: `
		SELECT 'payment ' || p.id::text, 'paid legs ' || coalesce(s.paid, 0)::text || ', returned ' || coalesce(s.back, 0)::text || ', attempts credited ' || coalesce(t.credited, 0)::text ||
			'; in transit ' || coalesce(s.transit, 0)::text || ', live attempts say ' || coalesce(t.live, 0)::text
		FROM payment p
		LEFT JOIN (SELECT h.payment, sum(CASE WHEN a.kind = 'paid' THEN h.amount_fen ELSE 0 END)::bigint AS paid,
				sum(CASE WHEN a.kind = 'returned' THEN h.amount_fen ELSE 0 END)::bigint AS back,
				sum(CASE WHEN a.kind = 'in_transit' THEN h.amount_fen ELSE 0 END)::bigint AS transit
			FROM leg h JOIN account a ON a.id = h.account GROUP BY h.payment) s ON s.payment = p.id
		LEFT JOIN (SELECT payment, sum(booked_fen - returned_fen + excess_fen)::bigint AS credited,
				sum(CASE WHEN state IN ('written', 'sent', 'unknown') THEN amount_fen ELSE 0 END)::bigint AS live
			FROM attempt GROUP BY payment) t ON t.payment = p.id
		LEFT JOIN (SELECT payment, sum(amount_fen)::bigint AS fen FROM recovery_settled WHERE way = 'lot' GROUP BY payment) r ON r.payment = p.id
		WHERE coalesce(s.transit, 0) <> coalesce(t.live, 0) OR coalesce(s.paid, 0) > coalesce(t.credited, 0)
			OR (coalesce(s.paid, 0) + coalesce(r.fen, 0) < coalesce(t.credited, 0) AND coalesce(s.back, 0) > 0)
		ORDER BY p.id`},
	{Promise: 5, Check: "overpayment_suspense", SQL: `
		SELECT 'suspense', 'payees were credited with ' || c.fen::text || ' fen above their legs, suspense holds ' || b.fen::text
		FROM (SELECT coalesce(sum(a.balance_fen), 0)::bigint AS fen FROM account a JOIN lot l ON l.id = a.lot AND l.kind = 'appropriation' WHERE a.kind = 'suspense') b,
			(SELECT coalesce(sum(t.credited - coalesce(s.paid, 0) - coalesce(r.back, 0)), 0)::bigint AS fen
				FROM (SELECT payment, sum(booked_fen - returned_fen + excess_fen)::bigint AS credited FROM attempt GROUP BY payment) t
				LEFT JOIN (SELECT h.payment, sum(h.amount_fen)::bigint AS paid FROM leg h JOIN account a ON a.id = h.account AND a.kind = 'paid' GROUP BY h.payment) s
					ON s.payment = t.payment
				LEFT JOIN (SELECT payment, sum(amount_fen)::bigint AS back FROM recovery_settled WHERE way = 'lot' GROUP BY payment) r ON r.payment = t.payment) c
		WHERE b.fen <> c.fen`},
	{Promise: 8, Check: "file_attempts", SQL: `
		SELECT 'bank_file ' || f.id::text, f.name || ': sealed ' || f.line_count::text || ' / ' || f.amount_fen::text || ', attempts ' || coalesce(s.n, 0)::text || ' / ' || coalesce(s.fen, 0)::text
		FROM bank_file f LEFT JOIN (SELECT file, count(*) AS n, sum(amount_fen)::bigint AS fen FROM attempt GROUP BY file) s ON s.file = f.id
		WHERE f.line_count <> coalesce(s.n, 0) OR f.amount_fen <> coalesce(s.fen, 0) ORDER BY f.id`},
	{Promise: 8, Check: "release_steps", SQL: `
		SELECT 'bank_file ' || f.id::text, f.name || ': ' || f.line_count::text || ' lines, steps have ' || s.n::text || ' from ' || s.lowest::text || ' to ' || s.highest::text
		FROM (SELECT file, min(first_line) AS lowest, max(last_line) AS highest, sum(last_line - first_line + 1)::bigint AS n
			FROM release_step GROUP BY file) s
		JOIN bank_file f ON f.id = s.file
		WHERE s.lowest <> 1 OR s.highest <> f.line_count OR s.n <> f.line_count ORDER BY f.id`},
	proof.Orphans("release_leaf", proof.KindRelease, "bank_file"),
}

// Checks re-derives the promises of this room, the leaf of every file, and that
// every attempt pays whom it is committed to.
func (s *Service) Checks() []check.Job {
	return check.Jobs(slices.Concat(checks, voucherNeedChecks), check.Job{Name: "channel_leaf", Run: verifyVoucherNeeds}, check.Job{Name: "attempt_payee", Run: s.verifyPayees}, check.Job{Name: "release_leaf", Run: verifyReleases})
}

// Verify runs all Checks, one after the other.
func (s *Service) Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, s.Checks())
}

// loggedFile is a file with its parts as its attempts give them, and the digest
// of its leaf.
type loggedFile struct {
	File
	parts  leaf.Tree
	logged []byte
}

// verifyReleases makes the leaf of every file again from its row and its
// attempts, which it reads once, in order.
func verifyReleases(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	files, err := loggedFiles(ctx, q)
	if err != nil {
		return nil, err
	}
	byID := make(map[FileID]*loggedFile, len(files))
	for _, f := range files {
		byID[f.ID] = f
	}
	err = eachPart(ctx, q, func(a Attempt, part []byte) {
		if f := byID[a.File]; f != nil {
			f.parts.Add(part)
		}
	}, `WHERE a.file IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	var found []check.Finding
	for _, f := range files {
		row := proof.Row{Name: fmt.Sprintf("bank_file %d", f.ID), Leaf: ReleaseLeaf(f.File, &f.parts), Logged: f.logged}
		if wrong, bad := row.Finding("release_leaf"); bad {
			found = append(found, wrong)
		}
	}
	return found, nil
}

// chunk is how many commitments are opened at a time.
const chunk = 5000

// verifyPayees opens every commitment and compares it with the account and the
// number on record.
func (s *Service) verifyPayees(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	var found []check.Finding
	for after := int64(0); len(found) < check.Limit; {
		list, err := payeesAfter(ctx, q, after, chunk)
		if err != nil || len(list) == 0 {
			return found, err
		}
		holds, err := s.parties.Hold(ctx, q, list)
		if err != nil {
			return nil, err
		}
		for i, c := range list {
			if !holds[i] {
				found = append(found, check.Finding{Promise: 10, Check: "attempt_payee", Row: fmt.Sprintf("attempt %d", c.Attempt),
					Detail: fmt.Sprintf("not committed to account %d as it is on record", c.Account)})
			}
		}
		after = list[len(list)-1].Attempt
	}
	return found, nil
}
