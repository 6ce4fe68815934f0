package reconciliation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// insertFile notes an evidence file; fresh is false, with the number it has,
// when the same bytes were read before. Where another import is about to note
// the same, the statement waits for that one's end.
func insertFile(ctx context.Context, tx pgx.Tx, n FileID, in inspected, actor string, at time.Time) (id FileID, fresh bool, err error) {
	tag, err := tx.Exec(ctx, `INSERT INTO evidence_file (id, kind, scope, sha256, name, profile, item_count, imported_by, imported_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (kind, scope, sha256) DO NOTHING`,
		int64(n), string(in.kind), in.scope, in.sha256, in.Name, in.profile, in.items, actor, at)
	if err != nil {
		return 0, false, fmt.Errorf("note evidence file: %w", err)
	}
	if tag.RowsAffected() == 1 {
		return n, true, nil
	}
	id, err = fileOnRecord(ctx, tx, in)
	return id, false, err
}

// fileOnRecord is the number of a file that was read before; 0 for none.
func fileOnRecord(ctx context.Context, q db.Querier, in inspected) (id FileID, err error) {
	err = q.QueryRow(ctx, `SELECT id FROM evidence_file WHERE kind = $1 AND scope = $2 AND sha256 = $3`,
		string(in.kind), in.scope, in.sha256).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("find evidence file: %w", err)
	}
	return id, nil
}

// receiptRead says whether the image of a receipt was read before.
func receiptRead(ctx context.Context, q db.Querier, sha256 []byte) (read bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM evidence_file WHERE kind = $1 AND sha256 = $2)`, string(Receipt), sha256).Scan(&read)
	if err != nil {
		return false, fmt.Errorf("find receipt: %w", err)
	}
	return read, nil
}

var lineColumns = []string{
	"file", "pos", "kind", "place", "end_to_end_id", "bank_ref", "amount_fen", "direction", "status", "reason", "reason_text", "text_salt",
	"value_date", "src_offset", "src_line", "attempt", "outcome", "says",
}

func insertLines(ctx context.Context, tx pgx.Tx, file FileID, lines []line) error {
	_, err := db.CopyIn(ctx, tx, "evidence", lineColumns, len(lines), func(i int) ([]any, error) {
		l := lines[i]
		return []any{
			int64(file), l.pos, string(l.kind), l.place, l.endToEndID, l.bankRef, int64(l.amount), string(l.direction), l.status, l.reason,
			l.reasonText, l.textSalt, l.valueDate, l.at.Offset, l.at.Line, nullable(l.attempt), string(l.match), string(l.says),
		}, nil
	})
	return err
}

func nullable(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// readBefore says which places were read before.
func readBefore(ctx context.Context, q db.Querier, places []string) (map[string]bool, error) {
	found := map[string]bool{}
	if len(places) == 0 {
		return found, nil
	}
	rows, err := q.Query(ctx, `SELECT place FROM evidence WHERE place = ANY($1) AND place <> '' AND outcome <> 'repeated'`, places)
	if err != nil {
		return nil, fmt.Errorf("read places: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read places: %w", err)
	}
	for _, place := range list {
		found[place] = true
	}
	return found, nil
}

// factsOf reads all that was ever said about attempts and matched.
func factsOf(ctx context.Context, q db.Querier, attempts []int64) (map[int64][]Fact, error) {
	rows, err := q.Query(ctx, `SELECT attempt, says, amount_fen, place, reason_text, file, pos FROM evidence
		WHERE attempt = ANY($1) AND outcome = 'matched' ORDER BY attempt, file, pos`, attempts)
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	found := make(map[int64][]Fact, len(attempts))
	var id int64
	var f Fact
	_, err = pgx.ForEachRow(rows, []any{&id, &f.Says, &f.Amount, &f.Place, &f.Text, &f.File, &f.Pos}, func() error {
		found[id] = append(found[id], f)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	return found, nil
}

// matchCount is how many lines of a file matched in one way.
type matchCount struct {
	Match     Match
	Inherited bool
	Count     int
}

func matchCounts(ctx context.Context, q db.Querier, file FileID) ([]matchCount, error) {
	rows, err := q.Query(ctx, `SELECT e.outcome, e.pos > f.item_count, count(*) FROM evidence e JOIN evidence_file f ON f.id = e.file
		WHERE e.file = $1 GROUP BY e.outcome, e.pos > f.item_count ORDER BY e.outcome`, file)
	if err != nil {
		return nil, fmt.Errorf("count evidence: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[matchCount])
}

// failureReasons are the most frequent reasons of a file's failures or returns.
func failureReasons(ctx context.Context, q db.Querier, file FileID, says Says) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT reason FROM evidence WHERE file = $1 AND says = $2 AND outcome = 'matched' AND reason <> ''
		GROUP BY reason ORDER BY count(*) DESC, reason LIMIT 3`, file, string(says))
	if err != nil {
		return nil, fmt.Errorf("read reasons: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// valueDatesOf are the days on which what a file says about our attempts
// happened.
func valueDatesOf(ctx context.Context, q db.Querier, file FileID) ([]time.Time, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT value_date FROM evidence
		WHERE file = $1 AND value_date IS NOT NULL AND attempt IS NOT NULL ORDER BY value_date`, int64(file))
	if err != nil {
		return nil, fmt.Errorf("read value dates: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[time.Time])
}
