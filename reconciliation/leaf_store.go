package reconciliation

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof/leaf"
)

// LeafOf makes the leaf of an evidence file from what is stored and hands each
// of its parts to fn, with the attempt it was matched with (0: none): the bytes
// hold until the next. Errors: errs.NotFound RECON_FILE_UNKNOWN.
func LeafOf(ctx context.Context, q db.Querier, file FileID, fn func(attempt int64, part []byte)) (*leaf.Leaf, error) {
	found, err := loggedFiles(ctx, q, `WHERE f.id = $1`, file)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errs.New(errs.NotFound, "RECON_FILE_UNKNOWN", "file", int64(file))
	}
	var parts leaf.Tree
	err = eachLine(ctx, q, func(_ int64, l *line, part []byte) {
		parts.Add(part)
		fn(l.attempt, part)
	}, `WHERE file = $1`, file)
	return found[0].leaf(&parts), err
}

// loggedFile is an evidence file with its parts as its lines give them, and the
// digest of its leaf.
type loggedFile struct {
	evidenceFile
	parts  leaf.Tree
	logged []byte
}

func loggedFiles(ctx context.Context, q db.Querier, where string, args ...any) ([]*loggedFile, error) {
	rows, err := q.Query(ctx, `SELECT f.id, f.kind, f.scope, f.sha256, f.profile, f.item_count, f.imported_by, f.imported_at, l.digest
		FROM evidence_file f LEFT JOIN logged l ON l.kind = 'evidence' AND l.ref = f.id `+where+` ORDER BY f.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read evidence files: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*loggedFile, error) {
		var f loggedFile
		err := row.Scan(&f.id, &f.kind, &f.scope, &f.sha256, &f.profile, &f.items, &f.by, &f.at, &f.logged)
		return &f, err
	})
}

const selectLine = `SELECT file, pos, kind, place, end_to_end_id, bank_ref, amount_fen, direction, status, reason, reason_text, text_salt,
		value_date, src_offset, src_line, coalesce(attempt, 0), outcome, says
	FROM evidence `

// eachLine reads lines of evidence file by file in order, each with its bytes
// as a part of its file's leaf, which hold until the next.
func eachLine(ctx context.Context, q db.Querier, fn func(file int64, l *line, part []byte), where string, args ...any) error {
	rows, err := q.Query(ctx, selectLine+where+` ORDER BY file, pos`, args...)
	if err != nil {
		return fmt.Errorf("read evidence: %w", err)
	}
	var file int64
	var l line
	var part leaf.Part
	_, err = pgx.ForEachRow(rows, []any{&file, &l.pos, &l.kind, &l.place, &l.endToEndID, &l.bankRef, &l.amount, &l.direction, &l.status, &l.reason,
		&l.reasonText, &l.textSalt, &l.valueDate, &l.at.Offset, &l.at.Line, &l.attempt, &l.match, &l.says}, func() error {
		fn(file, &l, l.part(&part))
		return nil
	})
	if err != nil {
		return fmt.Errorf("read evidence: %w", err)
	}
	return nil
}
