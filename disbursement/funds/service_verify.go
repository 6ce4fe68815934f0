package funds

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
)

// serviceChecks are the checks of contracts, acceptances and decisions.
var serviceChecks = []check.Query{
	{Promise: 2, Check: "contract_accepted", SQL: `
		SELECT 'service_contract ' || c.id::text, 'over ' || c.amount_fen::text || ', accepted ' || sum(a.amount_fen)::bigint::text
		FROM service_contract c JOIN service_acceptance a ON a.contract = c.id LEFT JOIN` + acceptanceVoid + `WHERE v.id IS NULL
		GROUP BY c.id, c.amount_fen HAVING sum(a.amount_fen) > c.amount_fen ORDER BY c.id`},
	proof.Orphans("carveout_base_leaf", proof.KindCarveoutBase, "carveout_base"),
	proof.Orphans("contract_leaf", proof.KindContract, "service_contract"),
	proof.Orphans("acceptance_leaf", proof.KindAcceptance, "service_acceptance"),
}

// serviceJobs are the checks that make leaves again, and those above.
func serviceJobs() []check.Job {
	return check.Jobs(slices.Concat(serviceChecks, voidChecks), check.Job{Name: "carveout_base_leaf", Run: verifyBases}, check.Job{Name: "contract_leaf", Run: verifyContracts},
		check.Job{Name: "acceptance_leaf", Run: verifyAcceptances}, check.Job{Name: "service_void_leaf", Run: verifyVoids})
}

func verifyBases(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+carveoutBaseColumns+`, l.digest
		FROM carveout_base c LEFT JOIN logged l ON l.kind = 'carveout_base' AND l.ref = c.id ORDER BY c.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of decisions: %w", err)
	}
	return proof.Recheck(rows, "carveout_base_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var logged []byte
		b, err := scanCarveoutBase(row, &logged)
		return proof.Row{Name: fmt.Sprintf("carveout_base %d", b.ID), Leaf: CarveoutBaseLeaf(b), Logged: logged}, err
	})
}

func verifyContracts(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+contractColumns+`, l.digest
		FROM service_contract c LEFT JOIN logged l ON l.kind = 'contract' AND l.ref = c.id ORDER BY c.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of contracts: %w", err)
	}
	return proof.Recheck(rows, "contract_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var logged []byte
		c, err := scanContract(row, &logged)
		return proof.Row{Name: fmt.Sprintf("service_contract %d", c.ID), Leaf: ContractLeaf(c), Logged: logged}, err
	})
}

func verifyAcceptances(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+acceptanceColumns+`, l.digest
		FROM service_acceptance a JOIN service_contract c ON c.id = a.contract
		LEFT JOIN logged l ON l.kind = 'acceptance' AND l.ref = a.id ORDER BY a.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of acceptances: %w", err)
	}
	return proof.Recheck(rows, "acceptance_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var logged []byte
		a, err := scanAcceptance(row, &logged)
		return proof.Row{Name: fmt.Sprintf("service_acceptance %d", a.ID), Leaf: AcceptanceLeaf(a), Logged: logged}, err
	})
}
