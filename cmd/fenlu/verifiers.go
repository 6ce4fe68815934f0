package main

import (
	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/payment"
	"fenlu/events"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/reconciliation"
	"fenlu/trace"
)

// verifiers are the checks of every room, as fenlu verify runs them.
func (s *services) verifiers() []trace.Verifier {
	return []trace.Verifier{
		{Name: "ledger", Promises: []int{1, 2, 3, 5, 6}, Run: ledger.Verify},
		{Name: "log", Promises: []int{6, 10}, Run: proof.Verify},
		{Name: "funds", Promises: []int{2, 10}, Run: funds.Verify},
		{Name: "parties", Promises: []int{4, 12}, Run: s.Parties.Verify},
		{Name: "benefits", Promises: []int{4, 10}, Run: s.Benefits.Verify},
		{Name: "batch", Promises: []int{4, 7}, Run: batch.Verify},
		{Name: "payment", Promises: []int{4, 8, 9}, Run: payment.Verify},
		{Name: "auth", Promises: []int{7}, Run: auth.Verify},
		{Name: "events", Promises: []int{11}, Run: events.Verify},
		{Name: "reconciliation", Promises: []int{8, 9}, Run: reconciliation.Verify},
	}
}
