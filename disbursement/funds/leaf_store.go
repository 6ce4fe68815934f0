package funds

import (
	"context"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof/leaf"
)

// LeafOf makes the leaf of a document from what is stored and hands each of its
// lines, as a part, to fn in order: the bytes hold until the next. Errors:
// errs.NotFound FUNDS_DOCUMENT_UNKNOWN.
func LeafOf(ctx context.Context, q db.Querier, id DocumentID, fn func(part []byte)) (*leaf.Leaf, error) {
	found, err := collect(ctx, q, "document", scanDocument, `SELECT `+documentColumns+` FROM document d WHERE d.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "FUNDS_DOCUMENT_UNKNOWN", "number", int64(id))
	}
	if err != nil {
		return nil, err
	}
	lines, err := collect(ctx, q, "lines of a document", scanLine, `SELECT `+lineColumns+` FROM document_line dl WHERE dl.document = $1 ORDER BY dl.line_no`, id)
	if err != nil {
		return nil, err
	}
	inclusions, err := inclusionsOf(ctx, q, []DocumentID{id})
	if err != nil {
		return nil, err
	}
	found[0].Inclusions = inclusions[id]
	var part leaf.Part
	for _, l := range lines {
		fn(l.part(&part))
	}
	return DocumentLeaf(found[0], lines), nil
}
