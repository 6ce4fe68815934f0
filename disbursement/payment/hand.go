package payment

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// byHand begins the profiles of what no bank is told of: the receipt is the file.
const byHand = "receipt."

// ByHand says whether the channel hands money or goods over (现金、实物发放).
func (c Channel) ByHand() bool { return strings.HasPrefix(c.Profile, byHand) }

// ByHand says whether the file is a receipt, which goes to no bank.
func (f File) ByHand() bool { return strings.HasPrefix(f.Profile, byHand) }

// BankChannel is ChannelByCode of a channel that a list may be paid through.
// Errors: PAYMENT_CHANNEL, PAYMENT_CHANNEL_HAND (Refused).
func BankChannel(ctx context.Context, q db.Querier, code string) (Channel, error) {
	c, err := ChannelByCode(ctx, q, code)
	if err == nil && c.ByHand() {
		err = errs.New(errs.Refused, "PAYMENT_CHANNEL_HAND", "channel", c.NameZH)
	}
	return c, err
}

// HandOverTx is ReleaseTx of one payment that was handed over to the person
// payee: its receipt is sealed where a bank file would be, under its own digest,
// and the money is in transit until the receipt is read as evidence. Nothing is
// written and no account is pinned; the leaf is committed to name and number.
//
// Errors: those of ReleaseTx; PAYMENT_NOTHING_TO_RELEASE for other than one payment.
func (s *Service) HandOverTx(ctx context.Context, tx pgx.Tx, r Release, payee parties.PersonID, receipt evidence.Receipt) (File, evidence.HandedOver, error) {
	list, err := s.instructions(ctx, tx, r)
	if err != nil {
		return File{}, evidence.HandedOver{}, err
	}
	if len(list) != 1 {
		return File{}, evidence.HandedOver{}, errs.New(errs.Refused, "PAYMENT_NOTHING_TO_RELEASE", "batch", r.BatchCode)
	}
	f, err := s.newReceipt(ctx, tx, r, receipt)
	if err != nil {
		return File{}, evidence.HandedOver{}, err
	}
	in := &list[0]
	in.Line, in.State = 1, evidence.Sent
	f.Count, f.Sum = 1, in.Amount
	if err := insertFile(ctx, tx, f); err != nil {
		return File{}, evidence.HandedOver{}, err
	}
	ids, err := insertAttempts(ctx, tx, f.ID, []Attempt{in.Attempt})
	if err != nil {
		return File{}, evidence.HandedOver{}, err
	}
	if _, err := s.bookRelease(ctx, tx, r, f, list, releaseKey(f)); err != nil {
		return File{}, evidence.HandedOver{}, err
	}
	in.ID = ids[0]
	receipt.Profile = f.Profile
	out := evidence.HandedOver{Attempt: in.Attempt.Attempt, Receipt: receipt}
	out.FileRef, out.FileLine = f.Ref, in.Line
	return f, out, s.sealReceipt(ctx, tx, f, in.Attempt, payee)
}

// newReceipt is the file of what is handed over, without its sums.
func (s *Service) newReceipt(ctx context.Context, tx pgx.Tx, r Release, receipt evidence.Receipt) (File, error) {
	c, err := ChannelByCode(ctx, tx, r.Channel)
	if err != nil {
		return File{}, err
	}
	id, err := db.NextID(ctx, tx, "bank_file_id_seq")
	if err != nil {
		return File{}, err
	}
	ordinal, err := lastOrdinal(ctx, tx, r.Batch)
	if err != nil {
		return File{}, err
	}
	ref := FileRef(r.Office, r.BatchNo, ordinal+1)
	return File{ID: FileID(id), Batch: r.Batch, Ordinal: ordinal + 1, Name: ref + ".receipt", Ref: ref, Profile: c.Profile, Channel: c.Code,
		SHA256: receipt.SHA256, Remark: r.Remark, ExecuteOn: r.ExecuteOn, CreatedAt: s.clock.Now().Truncate(time.Microsecond), ReleasedBy: r.Actor}, nil
}

// sealReceipt commits the attempt to whom it paid and gives the file its leaf.
func (s *Service) sealReceipt(ctx context.Context, tx pgx.Tx, f File, a Attempt, payee parties.PersonID) error {
	to, err := s.parties.UnmaskPersonTx(ctx, tx, payee, parties.Unmasking{Purpose: parties.ForRelease, Subject: fmt.Sprintf("bank_file:%d", f.ID), Actor: f.ReleasedBy})
	if err != nil {
		return err
	}
	c := s.parties.Commit(a.ID, to)
	var parts leaf.Tree
	var part leaf.Part
	parts.Add(a.part(&part, c.Value))
	if err := insertPayees(ctx, tx, []parties.Commitment{c}); err != nil {
		return err
	}
	return proof.Append(ctx, tx, proof.ItemOf(ReleaseLeaf(f, &parts), int64(f.ID)))
}
