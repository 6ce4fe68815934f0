package trace

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// ChainStep is one document on the way of money from its root to the budget
// line it stands on (来龙): the budget line that the document opened, and what
// kind of move that was.
type ChainStep struct {
	BudgetLine   int64  `json:"budget_line"`
	Document     string `json:"document"`  // 文号
	Kind         string `json:"kind"`      // of its journal: document.bring, carveout.set_aside, reserve.allocate, document.carry_over …
	IssuedOn     string `json:"issued_on"` // of the document
	BookedOn     string `json:"booked_on"` // business date of the journal
	Year         int    `json:"year"`
	Purpose      string `json:"purpose"`
	FunctionCode string `json:"function_code"`
	EconomicCode string `json:"economic_code"`
	Office       string `json:"office"`
	Journal      int64  `json:"journal"`
}

// chains are the steps to each of some budget lines, from the root on.
type chains map[int64][]ChainStep

// of is never nil: programs read [] and not null.
func (c chains) of(budgetLine int64) []ChainStep { return orEmpty(c[budgetLine]) }

// number is the 文号 of a budget line.
func (c chains) number(budgetLine int64) string {
	if list := c[budgetLine]; len(list) > 0 {
		return list[len(list)-1].Document
	}
	return ""
}

// chainsOf reads the way to each budget line, in one statement: up from parent
// to parent by the primary key. A parent has the smaller number.
func chainsOf(ctx context.Context, q db.Querier, budgetLines []int64) (chains, error) {
	out, to := chains{}, int64(0)
	_, err := collect(ctx, q, "chains", func(row pgx.CollectableRow) (ChainStep, error) {
		var s ChainStep
		err := row.Scan(&to, &s.BudgetLine, &s.Document, &s.Kind, &s.IssuedOn, &s.BookedOn, &s.Year, &s.Purpose, &s.FunctionCode,
			&s.EconomicCode, &s.Office, &s.Journal)
		out[to] = append(out[to], s)
		return s, err
	}, `WITH RECURSIVE up (line, step, id, parent) AS (
			SELECT b.id, 0, b.id, b.parent FROM budget_line b WHERE b.id = ANY($1)
			UNION ALL
			SELECT u.line, u.step + 1, b.id, b.parent FROM up u JOIN budget_line b ON b.id = u.parent AND b.id < u.id)
		SELECT u.line, b.id, b.number, j.kind, d.issued_on::text, j.business_date::text, b.year, b.purpose, b.function_code,
			b.economic_code, b.office, j.id
		FROM up u
		JOIN budget_line b ON b.id = u.id
		JOIN document_line dl ON dl.id = b.document_line
		JOIN document d ON d.id = dl.document
		JOIN journal j ON j.id = dl.journal
		ORDER BY u.line, u.step DESC`, distinct(budgetLines))
	return out, err
}
