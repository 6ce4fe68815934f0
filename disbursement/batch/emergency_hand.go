package batch

import (
	"bytes"
	"context"
	"encoding/hex"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/payment"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
)

// The channels of cases that are paid out of the township's hand (migration 34).
const (
	cashChannel  = "XJ" // 现金
	goodsChannel = "SW" // 实物
)

// byHand says whether the batch is a case whose money goes to no account.
func (b Batch) byHand() bool { return b.Channel == cashChannel || b.Channel == goodsChannel }

// Receipts reads receipts as the evidence of what was handed over: no payment is
// paid without evidence (promise 9), and the bank says nothing about this one.
type Receipts interface {
	// HandedOverTx puts the receipt on record and moves the payment to paid.
	HandedOverTx(ctx context.Context, tx pgx.Tx, h evidence.HandedOver) error
}

// WithReceipts gives the service who reads receipts, and returns it.
func (s *Service) WithReceipts(r Receipts) *Service {
	s.receipts = r
	return s
}

// ConfirmHandover is ConfirmDraw of a case that was paid in cash or in kind: the
// second person has seen the same receipt. The money goes from the reserve to paid
// in the one transaction, with the receipt as the evidence; no bank file is made.
// receipt is the SHA-256 of its image.
//
// Errors: as ConfirmDraw; BATCH_RECEIPT_DIFFERS (Refused).
func (s *Service) ConfirmHandover(ctx context.Context, number string, digest Digest, receipt []byte) (ReleasedFiles, error) {
	return s.confirmDraw(ctx, number, confirmation{digest: digest, on: s.clock.Now(), receipt: receipt})
}

// ConfirmAdvance is ConfirmDraw of a case that a township advanced (垫付归还): the second
// person has seen the receipt of what the person was given, and the money goes to the
// unit's account, once.
//
// Errors: as ConfirmDraw; BATCH_RECEIPT_DIFFERS (Refused).
func (s *Service) ConfirmAdvance(ctx context.Context, number string, digest Digest, receipt []byte, executeOn time.Time) (ReleasedFiles, error) {
	return s.confirmDraw(ctx, number, confirmation{digest: digest, on: executeOn, receipt: receipt})
}

// sawReceipt refuses a second person who saw another receipt than the first, or
// none where there is one.
func sawReceipt(c funds.Case, seen []byte) error {
	if bytes.Equal(c.ReceiptSHA256, seen) {
		return nil
	}
	return errs.New(errs.Refused, "BATCH_RECEIPT_DIFFERS", "case", c.Number, "receipt", orDash(c.ReceiptName), "drawn", orDash(hex.EncodeToString(c.ReceiptSHA256)),
		"seen", orDash(hex.EncodeToString(seen)))
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// releaseCase releases a case: in a bank file, or by its receipt.
func (s *Service) releaseCase(ctx context.Context, tx pgx.Tx, b Batch, c funds.Case, on time.Time, actor auth.Actor) ([]payment.File, error) {
	if !c.ByHand() {
		return s.releaseFiles(ctx, tx, b, on, actor)
	}
	if s.receipts == nil {
		return nil, errs.New(errs.Unavailable, "BATCH_NO_RECEIPTS", "case", c.Number)
	}
	r, err := s.releaseOf(b, on, actor)
	if err != nil {
		return nil, err
	}
	if r.Payments, err = toPay(ctx, tx, b.ID); err != nil {
		return nil, err
	}
	f, paid, err := s.payment.HandOverTx(ctx, tx, r, c.Person, evidence.Receipt{SHA256: c.ReceiptSHA256, Name: c.ReceiptName, Text: c.Text()})
	if err != nil {
		return nil, err
	}
	return []payment.File{f}, s.receipts.HandedOverTx(ctx, tx, paid)
}
