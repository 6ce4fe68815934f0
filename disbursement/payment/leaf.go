package payment

import (
	"context"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// ReleaseLeaf is the leaf of a released file; parts are its attempts in order.
func ReleaseLeaf(f File, parts *leaf.Tree) *leaf.Leaf {
	return leaf.New(string(proof.KindRelease), 1).Int("id", int64(f.ID)).Int("batch", f.Batch).Int("list", f.List).Text("name", f.Name).
		Text("ref", f.Ref).Text("profile", f.Profile).Text("channel", f.Channel).Hex("sha256", f.SHA256).Int("count", int64(f.Count)).
		Int("sum_fen", int64(f.Sum)).Text("remark", f.Remark).Date("execute_on", f.ExecuteOn).Time("created_at", f.CreatedAt).
		Text("released_by", f.ReleasedBy).Parts(parts)
}

// part is the attempt as a part of its file's leaf, with the commitment to who
// is paid.
func (a Attempt) part(p *leaf.Part, commitment []byte) []byte {
	return p.Start().Int(int64(a.Line)).Text(a.EndToEndID).Int(a.Payment).Int(int64(a.N)).Int(int64(a.Account)).Int(int64(a.Amount)).
		Hex(commitment).Bytes()
}

// LeafOf makes the leaf of a file from what is stored and hands each of its
// parts to fn, in order: the bytes hold until the next. Errors: errs.NotFound
// PAYMENT_FILE_UNKNOWN.
func LeafOf(ctx context.Context, q db.Querier, file FileID, fn func(a Attempt, part []byte)) (*leaf.Leaf, error) {
	found, err := files(ctx, q, `SELECT `+fileColumns+` FROM bank_file WHERE id = $1`, file)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errs.New(errs.NotFound, "PAYMENT_FILE_UNKNOWN", "file", int64(file))
	}
	var parts leaf.Tree
	err = eachPart(ctx, q, func(a Attempt, part []byte) {
		parts.Add(part)
		fn(a, part)
	}, `WHERE a.file = $1`, file)
	return ReleaseLeaf(found[0], &parts), err
}
