package main

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/areas"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/entitlements"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/imports"
	"fenlu/disbursement/rules"
	"fenlu/events"
	"fenlu/internal/check"
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
		{Name: "log", Promises: []int{6, 10}, Jobs: proof.Checks()},
		{Name: "outside", Promises: []int{10}, Jobs: []check.Job{{Name: "outside", Run: s.verifyOutside(k)}}},
		{Name: "books", Promises: []int{1, 2, 6, 7, 10}, Jobs: books.Checks()},
		{Name: "imports", Promises: []int{10}, Jobs: imports.Checks()},
		{Name: "rules", Promises: []int{10}, Jobs: rules.Checks()},
		{Name: "areas", Promises: []int{10}, Jobs: areas.Checks()},
		{Name: "entitlements", Promises: []int{10}, Jobs: entitlements.Checks()},
		{Name: "funds", Promises: []int{2, 10}, Jobs: funds.Checks()},
		{Name: "parties", Promises: []int{4, 12}, Jobs: s.Parties.Checks()},
		{Name: "benefits", Promises: []int{4, 10}, Jobs: s.Benefits.Checks()},
		{Name: "batch", Promises: []int{4, 7, 10}, Jobs: append(batch.Checks(), check.Job{Name: "cross_policy", Run: s.Batch.VerifyWorkedOut})},
		{Name: "payment", Promises: []int{4, 8, 9, 10}, Jobs: s.Payment.Checks()},
		{Name: "auth", Promises: []int{7, 10}, Jobs: auth.Checks()},
		{Name: "events", Promises: []int{11}, Jobs: events.Checks()},
		{Name: "reconciliation", Promises: []int{8, 9, 10}, Jobs: reconciliation.Checks()},
	}
}
