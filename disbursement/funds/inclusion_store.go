package funds

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/ledger"
	"fenlu/money"
)

// openAdvances finds the lines of advance notices of budget years that no later
// document has settled, oldest first, with what is left of them after cuts.
func openAdvances(ctx context.Context, tx pgx.Tx, years []int) ([]*advance, error) {
	return collect(ctx, tx, "open advance notices", func(row pgx.CollectableRow) (*advance, error) {
		a := &advance{}
		l := &a.line
		err := row.Scan(&a.number, &a.year, &a.left, &l.ID, &l.LineNo, &l.Lot, &l.Level, &l.Fund, &l.Programs, &l.To, &l.Amount, &l.FunctionCode)
		l.Kind = Bring
		return a, err
	}, `SELECT d.number, d.year, dl.amount_fen - coalesce((SELECT sum(c.amount_fen)::bigint FROM document_line c WHERE c.lot = dl.lot AND c.kind = 'cut'), 0),
			dl.id, dl.line_no, dl.lot, dl.level, dl.fund, dl.programs, dl.to_budget_line, dl.amount_fen, dl.function_code
		FROM document d JOIN document_line dl ON dl.document = d.id AND dl.kind = 'bring'
		WHERE d.type = 'advance' AND d.year = ANY($1)
			AND NOT EXISTS (SELECT 1 FROM document_inclusion i WHERE i.advance_line = dl.id)
		ORDER BY d.id, dl.line_no`, years)
}

// mainLines finds the lines of budget years that brought money by other documents
// than advance notices, oldest first, with what of each no late advance notice
// says is its own.
func mainLines(ctx context.Context, tx pgx.Tx, years []int) ([]*advance, error) {
	if len(years) == 0 {
		return nil, nil
	}
	return collect(ctx, tx, "lines that brought money", func(row pgx.CollectableRow) (*advance, error) {
		a := &advance{}
		l := &a.line
		err := row.Scan(&a.number, &a.year, &a.left, &l.ID, &l.LineNo, &l.Level, &l.Fund, &l.Programs, &l.FunctionCode)
		return a, err
	}, `SELECT d.number, d.year, dl.amount_fen - coalesce((SELECT sum(i.included_fen)::bigint FROM document_inclusion i WHERE i.advance_line = dl.id AND i.word = 'within'), 0),
			dl.id, dl.line_no, dl.level, dl.fund, dl.programs, dl.function_code
		FROM document d JOIN document_line dl ON dl.document = d.id AND dl.kind = 'bring'
		WHERE d.year = ANY($1) AND d.type <> 'advance' ORDER BY d.id, dl.line_no`, years)
}

func insertInclusions(ctx context.Context, tx pgx.Tx, document DocumentID, inclusions []Inclusion) error {
	if len(inclusions) == 0 {
		return nil
	}
	_, err := db.CopyIn(ctx, tx, "document_inclusion", []string{"document", "line_no", "advance_line", "word", "paper_fen", "included_fen"},
		len(inclusions), func(n int) ([]any, error) {
			i := inclusions[n]
			return []any{document, i.LineNo, i.AdvanceLine, string(i.Word), i.Paper, i.Included}, nil
		})
	return err
}

// inclusionsOf finds what documents settled, by document.
func inclusionsOf(ctx context.Context, q db.Querier, documents []DocumentID) (map[DocumentID][]Inclusion, error) {
	rows, err := q.Query(ctx, `SELECT document, line_no, advance_line, word, paper_fen, included_fen FROM document_inclusion
		WHERE document = ANY($1) ORDER BY document, line_no, advance_line`, documents)
	if err != nil {
		return nil, fmt.Errorf("what documents include: %w", err)
	}
	out := map[DocumentID][]Inclusion{}
	var id DocumentID
	var i Inclusion
	_, err = pgx.ForEachRow(rows, []any{&id, &i.LineNo, &i.AdvanceLine, &i.Word, &i.Paper, &i.Included}, func() error {
		out[id] = append(out[id], i)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what documents include: %w", err)
	}
	return out, nil
}

// freePlace is an account of a lot with free money in it.
type freePlace struct {
	Account    ledger.AccountID    `db:"id"`
	Kind       ledger.AccountKind  `db:"kind"`
	BudgetLine ledger.BudgetLineID `db:"budget_line"`
	Township   string              `db:"township"` // of a reserve
	Balance    money.Fen           `db:"balance_fen"`
}

// freePlacesOf finds where money of a lot stands free, in the order in which a
// cut takes it: what is available, the newest budget line first, then what is
// set aside, then the reserves.
func freePlacesOf(ctx context.Context, q db.Querier, lot ledger.LotID) ([]freePlace, error) {
	return query[freePlace](ctx, q, "free money of a lot", `SELECT id, kind, budget_line, township, balance_fen FROM account
		WHERE lot = $1 AND kind IN ('available', 'carveout', 'reserve') AND balance_fen > 0
		ORDER BY kind, budget_line DESC, id`, lot)
}
