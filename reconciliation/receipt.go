package reconciliation

import (
	"context"
	"encoding/hex"
	"path/filepath"

	"fenlu/bankfiles/record"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger/proof"
)

// HandedOverTx reads a receipt (收据、领款单) as the evidence of what was handed
// over, in the transaction that pays it: an evidence file of one line that says
// paid, and its money moves as a bank's result would move it. The file is known by
// the image's digest; who saw it is in the line's text, which the leaf commits to.
// The actor in ctx has confirmed the draw.
//
// Errors: AUTH_NO_ACTOR; RECON_RECEIPT_USED (Conflict) where the image was read
// before; what the payments return.
func (s *Service) HandedOverTx(ctx context.Context, tx pgx.Tx, h evidence.HandedOver) error {
	actor, ok := auth.ActorFrom(ctx)
	if !ok {
		return errs.New(errs.Refused, "AUTH_NO_ACTOR", "right", auth.ReserveConfirm)
	}
	in := inspected{File: File{Name: filepath.Base(h.Receipt.Name), Profile: h.Receipt.Profile}, kind: Receipt, profile: h.Receipt.Profile,
		scope: h.FileRef, shown: h.FileRef, sha256: h.Receipt.SHA256, items: 1}
	r := s.newReading(ctx, tx, in, actor)
	n, err := db.NextID(ctx, tx, "evidence_file_id_seq")
	if err != nil {
		return err
	}
	used, err := receiptRead(ctx, tx, h.Receipt.SHA256)
	if err != nil {
		return err
	}
	var fresh bool
	if r.done.File, fresh, err = insertFile(ctx, tx, FileID(n), in, actor.Login, r.at); err != nil {
		return err
	}
	if used || !fresh {
		return errs.New(errs.Conflict, "RECON_RECEIPT_USED", "sha256", hex.EncodeToString(h.Receipt.SHA256))
	}
	if err := r.handedOver(h); err != nil {
		return err
	}
	for _, step := range []func() error{r.settle, r.openBreaks, r.publishMoved} {
		if err := step(); err != nil {
			return err
		}
	}
	l := r.evidenceFile().leaf(&r.parts)
	return proof.Append(ctx, tx, proof.ItemOf(l, int64(r.done.File)))
}

// handedOver stores the one line of a receipt.
func (r *reading) handedOver(h evidence.HandedOver) error {
	r.pos = 1
	day := r.today()
	r.touched[h.ID] = r.pos
	r.done.count(Matched, 1, false)
	r.volume(h.Amount)
	return r.store([]line{{pos: r.pos, kind: record.KindStatus, endToEndID: h.EndToEndID, amount: h.Amount, status: "HAND", reasonText: clip(h.Receipt.Text, 500),
		valueDate: &day, attempt: h.ID, match: Matched, says: SaysPaid}})
}
