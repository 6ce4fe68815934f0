package imports

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
)

// File is a file about to be imported (导入文件).
type File struct {
	Kind   string // what it holds: people, deaths, roster …
	Scope  string // office, period or account it is for; "" for the whole county
	SHA256 string // digest of its bytes, hex
	Name   string // base name, for people to recognise it by
	Rows   int    // rows of data
}

// Record records the file in the caller's transaction. Where the same bytes
// were imported for the same kind and scope before, replay is true, id is that
// import's and nothing is written. A file that another transaction is importing
// at the moment is waited for. A recorded file has its leaf in the log. Errors:
// IMPORTS_DIGEST (Internal) for what is no SHA-256.
func Record(ctx context.Context, tx pgx.Tx, f File, actor string, at time.Time) (id int64, replay bool, err error) {
	digest, err := hex.DecodeString(f.SHA256)
	if err != nil || len(digest) != sha256.Size {
		return 0, false, errs.New(errs.Internal, "IMPORTS_DIGEST", "file", f.Name)
	}
	if id, err = find(ctx, tx, f, digest); err == nil || !errors.Is(err, pgx.ErrNoRows) {
		return id, err == nil, err
	}
	at = at.Truncate(time.Microsecond)
	if id, err = insert(ctx, tx, f, digest, actor, at); err == nil {
		l := Leaf(Imported{ID: id, Kind: f.Kind, Scope: f.Scope, SHA256: f.SHA256, Rows: f.Rows, By: actor, At: at})
		return id, false, proof.Append(ctx, tx, proof.ItemOf(l, id))
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return 0, false, err
	}
	// somebody else imported it between the two statements
	id, err = find(ctx, tx, f, digest)
	return id, err == nil, err
}

func find(ctx context.Context, q db.Querier, f File, digest []byte) (id int64, err error) {
	err = q.QueryRow(ctx, `SELECT id FROM import_file WHERE kind = $1 AND scope = $2 AND sha256 = $3`,
		f.Kind, f.Scope, digest).Scan(&id)
	if err != nil {
		err = fmt.Errorf("find import of %s: %w", f.Name, err)
	}
	return id, err
}

func insert(ctx context.Context, tx pgx.Tx, f File, digest []byte, actor string, at time.Time) (int64, error) {
	id, err := db.NextID(ctx, tx, "import_id_seq")
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO import_file (id, kind, scope, sha256, name, rows, imported_by, imported_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (kind, scope, sha256) DO NOTHING
		RETURNING id`, id, f.Kind, f.Scope, digest, f.Name, f.Rows, actor, at).Scan(&id)
	if err != nil {
		err = fmt.Errorf("record import of %s: %w", f.Name, err)
	}
	return id, err
}

// Imported is a recorded file.
type Imported struct {
	ID     int64
	Kind   string
	Scope  string
	SHA256 string // hex
	Name   string
	Rows   int
	By     string
	At     time.Time
}

// Get is the recorded file with that id. Errors: IMPORTS_NOT_FOUND.
func Get(ctx context.Context, q db.Querier, id int64) (Imported, error) {
	var f Imported
	var digest []byte
	err := q.QueryRow(ctx, `
		SELECT id, kind, scope, sha256, name, rows, imported_by, imported_at
		FROM import_file WHERE id = $1`, id).
		Scan(&f.ID, &f.Kind, &f.Scope, &digest, &f.Name, &f.Rows, &f.By, &f.At)
	if errors.Is(err, pgx.ErrNoRows) {
		return Imported{}, errs.New(errs.NotFound, "IMPORTS_NOT_FOUND", "id", id)
	}
	if err != nil {
		return Imported{}, fmt.Errorf("import %d: %w", id, err)
	}
	f.SHA256 = hex.EncodeToString(digest)
	return f, nil
}
