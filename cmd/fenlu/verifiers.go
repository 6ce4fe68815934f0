package main

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/imports"
	"fenlu/events"
	"fenlu/ledger"
	"fenlu/ledger/books"
	"fenlu/ledger/proof"
	"fenlu/reconciliation"
	"fenlu/trace"
)

// verifyIn runs them in a snapshot.
func (s *services) verifyIn(ctx context.Context, tx pgx.Tx, k *kept) (*trace.Verification, error) {
	v, err := trace.VerifyIn(ctx, tx, s.verifiers(k))
	v.Compared = k.compared()
	return &v, err
}

// verifiers are the checks of every room, as fenlu verify runs them; k are the
// checkpoints that the log is compared with.
func (s *services) verifiers(k *kept) []trace.Verifier {
	return []trace.Verifier{
		{Name: "ledger", Promises: []int{1, 2, 3, 5, 6, 9}, Jobs: ledger.Checks()},
		trace.Whole("log", []int{6, 10}, proof.Verify),
		trace.Whole("outside", []int{10}, s.verifyOutside(k)),
		trace.Whole("books", []int{6, 7}, books.Verify),
		trace.Whole("imports", []int{10}, imports.Verify),
		trace.Whole("funds", []int{2, 10}, funds.Verify),
		trace.Whole("parties", []int{4, 12}, s.Parties.Verify),
		trace.Whole("benefits", []int{4, 10}, s.Benefits.Verify),
		trace.Whole("batch", []int{4, 7, 10}, batch.Verify),
		trace.Whole("payment", []int{4, 8, 9, 10}, s.Payment.Verify),
		trace.Whole("auth", []int{7, 10}, auth.Verify),
		trace.Whole("events", []int{11}, events.Verify),
		trace.Whole("reconciliation", []int{8, 9, 10}, reconciliation.Verify),
	}
}
