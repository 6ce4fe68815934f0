package funds

import (
	"fenlu/disbursement/terms"
	"fenlu/ledger"
	"fenlu/money"
)

// free is a benefit line with what it has left, as a move takes from it.
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
