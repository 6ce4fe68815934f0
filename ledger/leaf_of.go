package ledger

import (
	"context"

	"fenlu/internal/db"
	"fenlu/ledger/proof/leaf"
)

// LeafOf makes the leaf of a journal from what is stored and hands each of its
// lines, as a part, to fn in order: the bytes hold until the next. Errors:
// errs.NotFound LEDGER_JOURNAL_UNKNOWN.
func LeafOf(ctx context.Context, q db.Querier, id JournalID, fn func(part []byte)) (*leaf.Leaf, error) {
	j, err := JournalByID(ctx, q, id)
	if err != nil {
		return nil, err
	}
	var lines leaf.Tree
	err = eachLineOf(ctx, q, id, func(_ int32, part []byte) {
		lines.Add(part)
		fn(part)
	})
	return Leaf(j, &lines), err
}
