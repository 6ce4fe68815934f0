package restart

import (
	"context"
	"fmt"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/checkpoint"
)

// Confirmed is a restart that two persons answer for.
type Confirmed struct {
	proof.Restart        // the confirmation
	ProposedBy    string // a login
}

// Verify compares the acts with their leaves and with the file outside: a restart
// counts only where both have it. It answers with those confirmed on record, in
// order.
func Verify(ctx context.Context, q db.Querier, kept checkpoint.Kept) ([]check.Finding, []Confirmed, error) {
	found, err := proof.VerifyRestarts(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	acts, err := proof.Restarts(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	alone, told := compare(acts, kept)
	return append(found, alone...), told, nil
}

// compare says which restarts stand in one place only.
func compare(acts []proof.Restart, kept checkpoint.Kept) ([]check.Finding, []Confirmed) {
	var found []check.Finding
	var told []Confirmed
	by, confirmed := map[int64]string{}, map[string]bool{}
	for _, r := range acts {
		by[r.ID] = r.Actor
		if r.Act != proof.ConfirmRestart {
			continue
		}
		confirmed[leafOf(r)] = true
		told = append(told, Confirmed{r, by[r.Proposal]})
		if !kept.Restarted(leafOf(r)) {
			found = append(found, alone(fmt.Sprintf("log_restart %d", r.ID), "not in the file outside"))
		}
	}
	for _, r := range kept.Restarts {
		if !confirmed[r.Leaf] {
			found = append(found, alone(fmt.Sprintf("checkpoint %d", r.Abandoned.Size), "given up in the file outside, by nobody on record"))
		}
	}
	return found, told
}

func alone(row, detail string) check.Finding {
	return check.Finding{Promise: 10, Check: "restart_alone", Row: row, Detail: detail}
}
