package imports

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// Leaf is the leaf of an imported file. The name that somebody gave the file is
// not in it: it may be anybody's.
func Leaf(f Imported) *leaf.Leaf {
	return leaf.New(string(proof.KindImport), 1).Int("id", f.ID).Text("kind", f.Kind).Text("scope", f.Scope).Text("sha256", f.SHA256).
		Int("rows", int64(f.Rows)).Text("imported_by", f.By).Time("imported_at", f.At)
}

// LeafOf makes the leaf of an imported file from what is stored. Errors:
// IMPORTS_NOT_FOUND.
func LeafOf(ctx context.Context, q db.Querier, id int64) (*leaf.Leaf, error) {
	f, err := Get(ctx, q, id)
	if err != nil {
		return nil, err
	}
	return Leaf(f), nil
}

var checks = []check.Query{
	proof.Orphans("import_leaf", proof.KindImport, "import_file"),
}

// Checks makes the leaf of every imported file again.
func Checks() []check.Job {
	return check.Jobs(checks, check.Job{Name: "import_leaf", Run: verifyLeaves})
}

// Verify runs all Checks, one after the other.
func Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, Checks())
}

func verifyLeaves(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT f.id, f.kind, f.scope, f.sha256, f.rows, f.imported_by, f.imported_at, l.digest
		FROM import_file f LEFT JOIN logged l ON l.kind = 'import' AND l.ref = f.id ORDER BY f.id`)
	if err != nil {
		return nil, fmt.Errorf("read imports: %w", err)
	}
	return proof.Recheck(rows, "import_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var f Imported
		var sum, logged []byte
		err := row.Scan(&f.ID, &f.Kind, &f.Scope, &sum, &f.Rows, &f.By, &f.At, &logged)
		f.SHA256 = hex.EncodeToString(sum)
		return proof.Row{Name: fmt.Sprintf("import_file %d", f.ID), Leaf: Leaf(f), Logged: logged}, err
	})
}
