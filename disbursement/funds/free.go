package funds

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// free is a budget line with what it has left in available, as a move takes
// from it.
type free struct {
	BudgetLine   ledger.BudgetLineID
	Lot          ledger.LotID
	Account      ledger.AccountID // available
	Purpose      Purpose
	Year         int
	Level        terms.Level
	Fund         string
	Document     string
	LineNo       int
	FunctionCode string
	EconomicCode string
	Office       string
	TraceCode    string
	Stopped      bool
	Balance      money.Fen
}

const freeColumns = `b.id, b.lot, a.id, b.purpose, b.year, dl.level, dl.fund, d.number, dl.line_no, b.function_code, b.economic_code,
	b.office, dl.trace_code, l.stopped, a.balance_fen`

const freeTables = `budget_line b
	JOIN lot l ON l.id = b.lot
	JOIN document_line dl ON dl.lot = b.lot AND dl.kind = 'bring'
	JOIN document d ON d.id = dl.document
	JOIN account a ON a.lot = b.lot AND a.kind = 'available' AND a.budget_line = b.id`

func scanFree(row pgx.CollectableRow) (free, error) {
	var f free
	err := row.Scan(&f.BudgetLine, &f.Lot, &f.Account, &f.Purpose, &f.Year, &f.Level, &f.Fund, &f.Document, &f.LineNo, &f.FunctionCode,
		&f.EconomicCode, &f.Office, &f.TraceCode, &f.Stopped, &f.Balance)
	return f, err
}

// freeOf finds budget lines by id. Errors: FUNDS_BUDGET_LINE_UNKNOWN (NotFound).
func freeOf(ctx context.Context, q db.Querier, ids []ledger.BudgetLineID) (map[ledger.BudgetLineID]free, error) {
	found, err := collect(ctx, q, "budget lines", scanFree, `SELECT `+freeColumns+` FROM `+freeTables+` WHERE b.id = ANY($1) ORDER BY b.id`, ids)
	if err != nil {
		return nil, err
	}
	out := map[ledger.BudgetLineID]free{}
	for _, f := range found {
		out[f.BudgetLine] = f
	}
	for _, id := range ids {
		if _, there := out[id]; !there {
			return nil, errs.New(errs.NotFound, "FUNDS_BUDGET_LINE_UNKNOWN", "budget_line", id)
		}
	}
	return out, nil
}

// freeOfYear finds the benefit lines of a budget year, in document order.
func freeOfYear(ctx context.Context, q db.Querier, year int) ([]free, error) {
	return collect(ctx, q, "benefit lines of the year", scanFree, `SELECT `+freeColumns+` FROM `+freeTables+`
		WHERE b.purpose = 'benefit' AND b.year = $1 ORDER BY d.issued_on, d.id, dl.line_no, b.id`, year)
}
