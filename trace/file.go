package trace

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// File is a bank file that went out, with the instructions in it, or one that
// came in, with what it says line by line.
type File struct {
	ID        int64      `json:"id"`
	Direction string     `json:"direction"` // out, in
	Name      string     `json:"name"`
	Profile   string     `json:"profile"`
	SHA256    string     `json:"sha256"`
	BatchCode string     `json:"batch_code,omitempty"`
	Count     int        `json:"count"`
	Sum       money.Fen  `json:"sum"` // of one that went out
	By        string     `json:"by"`
	On        string     `json:"on"`
	Payments  []Payment  `json:"payments"`
	Evidence  []Evidence `json:"evidence"`
	Rest                 // by the line of the file
}

// The directions of a file.
const (
	FileOut = "out"
	FileIn  = "in"
)

// File traces a bank file by its name. Errors: TRACE_FILE_UNKNOWN (NotFound).
func (s *Service) File(ctx context.Context, q db.Querier, name string, p Page) (File, error) {
	name = strings.TrimSpace(name)
	f, found, err := fileByName(ctx, q, FileOut, `SELECT f.id, f.name, f.profile, f.sha256, f.line_count, f.amount_fen, f.released_by, f.execute_on::text, b.code
		FROM bank_file f JOIN batch b ON b.id = f.batch WHERE f.name = $1 ORDER BY f.id LIMIT 1`, name)
	if err != nil {
		return File{}, err
	}
	if found {
		return f, s.attemptsOfFile(ctx, q, &f, p)
	}
	f, found, err = fileByName(ctx, q, FileIn, `SELECT f.id, f.name, f.profile, f.sha256, f.item_count, 0::bigint, f.imported_by, (f.imported_at AT TIME ZONE 'Asia/Shanghai')::date::text, ''
		FROM evidence_file f WHERE f.name = $1 ORDER BY f.id DESC LIMIT 1`, name)
	if err == nil && !found {
		err = errs.New(errs.NotFound, "TRACE_FILE_UNKNOWN", "name", name)
	}
	if err != nil {
		return File{}, err
	}
	return f, evidenceOfFile(ctx, q, &f, p)
}

func fileByName(ctx context.Context, q db.Querier, direction, sql, name string) (File, bool, error) {
	found, err := collect(ctx, q, "file", func(row pgx.CollectableRow) (File, error) {
		f := File{Direction: direction, Payments: []Payment{}, Evidence: []Evidence{}}
		var digest []byte
		err := row.Scan(&f.ID, &f.Name, &f.Profile, &digest, &f.Count, &f.Sum, &f.By, &f.On, &f.BatchCode)
		f.SHA256 = hex.EncodeToString(digest)
		return f, err
	}, sql, name)
	if err != nil || len(found) == 0 {
		return File{}, false, err
	}
	return found[0], true, nil
}

// attemptsOfFile gives an outgoing file the payments in it, in its own order.
func (s *Service) attemptsOfFile(ctx context.Context, q db.Querier, f *File, p Page) error {
	var ids []int64
	var line int64
	var payment int64
	rows, err := q.Query(ctx, `SELECT payment, file_line FROM attempt WHERE file = $1 AND file_line > $2 ORDER BY file_line LIMIT $3`,
		f.ID, p.After, p.limit())
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&payment, &line}, func() error { ids = append(ids, payment); return nil })
	}
	if err != nil {
		return err
	}
	if len(ids) == p.limit() {
		if f.Rest, err = rest(ctx, q, `SELECT file_line FROM attempt WHERE file = $1 AND file_line > $2 ORDER BY file_line LIMIT $3`, f.ID, line); err != nil {
			return err
		}
	}
	list, err := s.payments(ctx, q, ids)
	if err != nil {
		return err
	}
	byID := map[int64]Payment{}
	for _, p := range list {
		byID[p.ID] = p
	}
	for _, id := range ids {
		f.Payments = append(f.Payments, byID[id])
	}
	return nil
}

// evidenceOfFile gives an incoming file its lines.
func evidenceOfFile(ctx context.Context, q db.Querier, f *File, p Page) error {
	list, err := collect(ctx, q, "evidence of a file", scanEvidence,
		evidenceColumns+` WHERE e.file = $1 AND e.pos > $2 ORDER BY e.pos LIMIT $3`, f.ID, p.After, p.limit())
	if err != nil {
		return err
	}
	f.Evidence = orEmpty(list)
	if len(list) == p.limit() {
		f.Rest, err = rest(ctx, q, `SELECT pos FROM evidence WHERE file = $1 AND pos > $2 ORDER BY pos LIMIT $3`, f.ID, int64(list[len(list)-1].Pos))
	}
	return err
}
