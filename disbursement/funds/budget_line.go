package funds

import (
	"fenlu/disbursement/terms"
	"fenlu/ledger"
	"fenlu/money"
)

// BudgetLine is where money of a lot stands (指标行). It never changes its lot.
type BudgetLine struct {
	ID           ledger.BudgetLineID
	Lot          ledger.LotID
	Parent       ledger.BudgetLineID // the line it was split from; 0 for the line of a bring
	DocumentLine LineID              // that made it
	Purpose      Purpose
	Number       string // 文号
	Year         int
	FunctionCode string
	EconomicCode string
	Office       string
}

// Source is a place that may pay (资金来源): the available account of a benefit
// line, with whose money it is and which paper brought it.
type Source struct {
	Lot        ledger.LotID
	BudgetLine ledger.BudgetLineID
	Account    ledger.AccountID // available
	Level      terms.Level
	Fund       string
	Document   string // 文号 that brought the lot
	LineNo     int
	Balance    money.Fen
}
