package trace

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// brought is a lot with what the documents say it has.
type brought struct {
	LotBalance
	kind string
}

// broughtByLot reads every lot with its document, and as appropriated what
// documents brought less what they cut: all of them now, or those whose journal
// was in the log by an index.
func broughtByLot(ctx context.Context, q db.Querier, index int64) ([]brought, error) {
	scan := func(row pgx.CollectableRow) (brought, error) {
		var b brought
		err := row.Scan(&b.Lot, &b.kind, &b.Document, &b.LineNo, &b.Level, &b.Fund, &b.Appropriated)
		return b, err
	}
	if index == now {
		return collect(ctx, q, "lots", scan, `
			SELECT l.id, l.kind, coalesce(d.number, ''), coalesce(dl.line_no, 0), coalesce(dl.level, ''), coalesce(dl.fund, ''),
				coalesce((SELECT sum(CASE x.kind WHEN 'bring' THEN x.amount_fen WHEN 'cut' THEN -x.amount_fen ELSE 0 END)::bigint
					FROM document_line x WHERE x.lot = l.id), 0)
			FROM lot l
			LEFT JOIN document_line dl ON dl.lot = l.id AND dl.kind = 'bring'
			LEFT JOIN document d ON d.id = dl.document
			ORDER BY l.id`)
	}
	var out []brought
	for after := int64(0); ; after = out[len(out)-1].Lot {
		page, err := collect(ctx, q, "lots then", scan, `
		SELECT l.id, l.kind, coalesce(d.number, ''), coalesce(dl.line_no, 0), coalesce(dl.level, ''), coalesce(dl.fund, ''),
			coalesce((SELECT sum(CASE x.kind WHEN 'bring' THEN x.amount_fen WHEN 'cut' THEN -x.amount_fen ELSE 0 END)::bigint
				FROM document_line x JOIN log_leaf f ON f.kind = 'journal' AND f.ref = x.journal AND f.leaf_index <= $1
				WHERE x.lot = l.id), 0)
		FROM lot l
		LEFT JOIN document_line dl ON dl.lot = l.id AND dl.kind = 'bring'
		LEFT JOIN document d ON d.id = dl.document
		WHERE l.id > $2 AND EXISTS (SELECT 1 FROM log_lot g WHERE g.lot = l.id AND g.leaf_index <= $1)
		ORDER BY l.id LIMIT $3`, index, after, lotsPage)
		if out = append(out, page...); err != nil || len(page) < lotsPage {
			return out, err
		}
	}
}

// lotsPage is how many lots one statement about the past reads: each with its
// documents' leaves.
const lotsPage = 12

// sequencedAt is when the leaf of an index was given its place.
func sequencedAt(ctx context.Context, q db.Querier, index int64) (time.Time, error) {
	var at time.Time
	err := q.QueryRow(ctx, `SELECT sequenced_at FROM log_leaf WHERE leaf_index = $1`, index).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) {
		return at, errs.New(errs.NotFound, "BALANCE_INDEX", "index", index)
	}
	return at, err
}

// linesOfUnits are the lines whose beneficiary is a unit: few among many.
func linesOfUnits(ctx context.Context, q db.Querier) ([]int64, error) {
	return numbers(ctx, q, "lines of units", `SELECT id FROM entitlement_line WHERE unit IS NOT NULL ORDER BY unit, id`)
}

// unitsPage is how many lines of units one statement reads the legs of.
const unitsPage = 32

// unitsHold is how much of each account is money of units' own lines now.
func unitsHold(ctx context.Context, q db.Querier) (map[int64]money.Fen, error) {
	lines, err := linesOfUnits(ctx, q)
	if err != nil {
		return nil, err
	}
	out := map[int64]money.Fen{}
	for page := range slices.Chunk(lines, unitsPage) {
		legs, err := ledger.HoldingsOfLines(ctx, q, page)
		if err != nil {
			return nil, err
		}
		for _, h := range legs {
			out[int64(h.Account)] += h.Amount
		}
	}
	return out, nil
}

// unitsHeldAt is the same as of an index of the log.
func unitsHeldAt(ctx context.Context, q db.Querier, index int64) (map[int64]money.Fen, error) {
	lines, err := linesOfUnits(ctx, q)
	if err != nil {
		return nil, err
	}
	changes, err := ledger.LegChanges(ctx, q, lines)
	if err != nil {
		return nil, err
	}
	list, err := entriesOf(ctx, q, changes)
	out := map[int64]money.Fen{}
	for _, e := range list {
		if e.leaf >= 0 && e.leaf <= index {
			out[int64(e.Account)] += e.Delta
		}
	}
	return out, err
}

// countAll counts what a closing names; instructions and files are those that went
// to a bank: what was paid by hand has a receipt.
func countAll(ctx context.Context, q db.Querier) (Counts, error) {
	var c Counts
	err := q.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM payment), (SELECT count(*) FROM attempt a JOIN bank_file f ON f.id = a.file AND f.profile NOT LIKE 'receipt.%'),
			count(*), count(DISTINCT person), count(DISTINCT household), count(DISTINCT unit)
		FROM entitlement_line`).
		Scan(&c.Payments, &c.Attempts, &c.Lines, &c.Persons, &c.Households, &c.Units)
	if err != nil {
		return c, fmt.Errorf("trace counts: %w", err)
	}
	return c, nil
}

func sealedFiles(ctx context.Context, q db.Querier) ([]SealedFile, error) {
	list, err := collect(ctx, q, "sealed files", func(row pgx.CollectableRow) (SealedFile, error) {
		var f SealedFile
		var digest []byte
		err := row.Scan(&f.Name, &f.Profile, &digest, &f.Count, &f.Sum)
		f.SHA256 = hex.EncodeToString(digest)
		return f, err
	}, `SELECT name, profile, sha256, line_count, amount_fen FROM bank_file WHERE profile NOT LIKE 'receipt.%' ORDER BY id`)
	return orEmpty(list), err
}
