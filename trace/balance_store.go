package trace

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
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
	return collect(ctx, q, "lots then", scan, `
		SELECT l.id, l.kind, coalesce(d.number, ''), coalesce(dl.line_no, 0), coalesce(dl.level, ''), coalesce(dl.fund, ''),
			coalesce((SELECT sum(CASE x.kind WHEN 'bring' THEN x.amount_fen WHEN 'cut' THEN -x.amount_fen ELSE 0 END)::bigint
				FROM document_line x JOIN log_leaf f ON f.kind = 'journal' AND f.ref = x.journal AND f.leaf_index <= $1
				WHERE x.lot = l.id), 0)
		FROM lot l
		LEFT JOIN document_line dl ON dl.lot = l.id AND dl.kind = 'bring'
		LEFT JOIN document d ON d.id = dl.document
		WHERE EXISTS (SELECT 1 FROM log_lot g WHERE g.lot = l.id AND g.leaf_index <= $1)
		ORDER BY l.id`, index)
}

// sequencedAt is when the leaf of an index was given its place.
func sequencedAt(ctx context.Context, q db.Querier, index int64) (time.Time, error) {
	var at time.Time
	err := q.QueryRow(ctx, `SELECT sequenced_at FROM log_leaf WHERE leaf_index = $1`, index).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) {
		return at, errs.New(errs.NotFound, "BALANCE_INDEX", "index", index)
	}
	return at, err
}

// unitsPaidNow is how much of each paid account units keep for themselves.
func unitsPaidNow(ctx context.Context, q db.Querier) (map[int64]money.Fen, error) {
	rows, err := q.Query(ctx, `SELECT h.account, sum(h.amount_fen)::bigint
		FROM entitlement_line e JOIN leg h ON h.line = e.id JOIN account a ON a.id = h.account AND a.kind = 'paid'
		WHERE e.unit IS NOT NULL GROUP BY h.account`)
	return sums(rows, err)
}

// unitsPaidAt is the same as of an index of the log, by the transfers into and
// out of paid accounts of units' payments: a leg's past places are not kept,
// its transfers are, in the journals that its instructions name.
func unitsPaidAt(ctx context.Context, q db.Querier, index int64) (map[int64]money.Fen, error) {
	rows, err := q.Query(ctx, `
		SELECT p.id, sum(CASE WHEN t.debit = p.id THEN t.amount_fen ELSE -t.amount_fen END)::bigint
		FROM (SELECT DISTINCT v.journal, h.id AS holding
			FROM entitlement_line e
			JOIN leg h ON h.line = e.id
			JOIN attempt a ON a.payment = h.payment
			JOIN attempt_event v ON v.attempt = a.id
			JOIN log_leaf f ON f.kind = 'journal' AND f.ref = v.journal AND f.leaf_index <= $1
			WHERE e.unit IS NOT NULL) m
		JOIN transfer t ON t.journal = m.journal AND t.holding = m.holding
		JOIN account p ON p.kind = 'paid' AND p.id IN (t.debit, t.credit)
		GROUP BY p.id`, index)
	return sums(rows, err)
}

func countAll(ctx context.Context, q db.Querier) (Counts, error) {
	var c Counts
	err := q.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM payment), (SELECT count(*) FROM attempt),
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
	}, `SELECT name, profile, sha256, line_count, amount_fen FROM bank_file ORDER BY id`)
	return orEmpty(list), err
}
