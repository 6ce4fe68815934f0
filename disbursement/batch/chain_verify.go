package batch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
)

// verifyChains makes the leaf of every approval chain again; there are dozens.
func verifyChains(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	all, err := Chains(ctx, q)
	if err != nil {
		return nil, err
	}
	byID := map[ChainID]Chain{}
	for _, c := range all {
		byID[c.ID] = c
	}
	rows, err := q.Query(ctx, `SELECT c.id, l.digest FROM approval_chain c LEFT JOIN logged l ON l.kind = 'chain' AND l.ref = c.id ORDER BY c.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of chains: %w", err)
	}
	return proof.Recheck(rows, "chain_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var id ChainID
		var logged []byte
		err := row.Scan(&id, &logged)
		return proof.Row{Name: fmt.Sprintf("approval_chain %d", id), Leaf: ChainLeaf(byID[id]), Logged: logged}, err
	})
}

// verifyReviews finds approved batches whose chain wanted signatures that are
// not there, each of another person.
func verifyReviews(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	all, err := Chains(ctx, q)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var found []check.Finding
	for after := ID(0); ; {
		page, err := List(ctx, q, after, 0)
		if err != nil || len(page) == 0 {
			return found, err
		}
		for _, b := range page {
			wrong, err := verifyReviewsOf(ctx, q, b)
			if err != nil {
				return nil, err
			}
			found = append(found, wrong...)
		}
		after = page[len(page)-1].ID
	}
}

func verifyReviewsOf(ctx context.Context, q db.Querier, b Batch) ([]check.Finding, error) {
	if b.Kind == Emergency || !b.State.Reached(Approved) {
		return nil, nil
	}
	chain, err := chainOf(ctx, q, b.Kind.chain(), subjectOf{office: b.Office, program: b.Program, made: b.CreatedAt})
	if err != nil || len(chain.reviews()) == 0 {
		return nil, err
	}
	approvals, err := Approvals(ctx, q, b.subject())
	if err != nil {
		return nil, err
	}
	persons := map[string]bool{}
	for _, a := range reviewsOf(approvals, b.Digest) {
		persons[a.Actor] = true
	}
	if next, have, whole := chain.reviewed(len(persons)); !whole {
		return []check.Finding{{Promise: 7, Check: "batch_reviews", Row: fmt.Sprintf("batch %d", b.ID),
			Detail: fmt.Sprintf("%s is %s: %s has %d of %d persons", b.Code, b.State, next.name(), have, next.Persons)}}, nil
	}
	return nil, nil
}
