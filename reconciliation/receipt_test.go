package reconciliation_test

import (
	"crypto/sha256"
	"testing"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/reconciliation"
)

// byHand is a payment that was handed over, with its receipt where a bank file
// would be.
func (d *desk) byHand(image string) evidence.HandedOver {
	d.t.Helper()
	f := d.seal(800_00)
	sum := sha256.Sum256([]byte(image))
	d.tamper(`UPDATE bank_file SET profile = 'receipt.cash', channel = 'XJ', sha256 = $2 WHERE id = $1`, f.id, sum[:])
	return evidence.HandedOver{
		Attempt: evidence.Attempt{ID: d.id, EndToEndID: f.ids[0], Amount: 800_00, FileRef: f.ref},
		Receipt: evidence.Receipt{SHA256: sum[:], Name: image + ".jpg", Profile: "receipt.cash", Text: "见证人：村干部甲"},
	}
}

// tamper changes what the application may not.
func (d *desk) tamper(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.env.Owner(d.t).Exec(d.ctx, sql, args...); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) handedOver(h evidence.HandedOver) error {
	return d.db.Run(d.ctx, func(tx pgx.Tx) error { return d.svc.HandedOverTx(d.ctx, tx, h) })
}

func (d *desk) found() []check.Finding {
	d.t.Helper()
	found, err := reconciliation.Verify(d.ctx, d.db.Pool())
	if err != nil {
		d.t.Fatal(err)
	}
	return found
}

// TestHandedOver: a receipt is the evidence of what was handed over, once, and
// what is paid by hand without its own receipt is found.
func TestHandedOver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	h := d.byHand("领款单1")
	if found := d.found(); len(found) != 1 || found[0].Check != "evidence_receipt" {
		t.Errorf("paid by hand without a receipt: %+v", found)
	}
	if err := d.handedOver(h); err != nil {
		t.Fatal(err)
	}
	if found := d.found(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	var state, text string
	err := d.db.Pool().QueryRow(d.ctx, `SELECT a.state, e.reason_text FROM attempt a JOIN evidence e ON e.attempt = a.id WHERE a.id = $1`, h.ID).Scan(&state, &text)
	if err != nil || state != "paid" || text != "见证人：村干部甲" {
		t.Errorf("%s, %s, %v", state, text, err)
	}
	again := d.byHand("领款单1")
	if err := d.handedOver(again); errs.CodeOf(err) != "RECON_RECEIPT_USED" {
		t.Errorf("the same image pays another payment: %v", err)
	}
	d.tamper(`UPDATE bank_file SET sha256 = '\x02' WHERE file_ref = $1`, h.FileRef)
	if found := d.found(); len(found) != 2 || found[0].Check != "evidence_receipt" {
		t.Errorf("a receipt under another payment's digest: %+v", found)
	}
}
