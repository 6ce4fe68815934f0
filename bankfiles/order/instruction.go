package order

import (
	"iter"
	"slices"
	"time"

	"fenlu/money"
)

// Instruction is one payment as asked for (支付指令). Row is where it stands
// in the caller's list, for messages; 0 means its place in the sequence.
type Instruction struct {
	Row        int
	EndToEndID string // ≤ 35 of A-Z a-z 0-9 -, unique for ever (端到端标识)
	Name       string // payee's name (户名)
	Account    string // payee's account (账号)
	BankCode   string // 12 digits (联行号); empty: the payee banks with the debtor's bank
	IDNumber   string // may be empty (证件号码)
	Amount     money.Fen
	Currency   string // empty means CNY
	Remark     string // may be empty (附言)
}

// Batch is the head of a file: who pays, from which account, when.
type Batch struct {
	MessageID     string // ≤ 35 of A-Z a-z 0-9 - (文件标识)
	DebtorName    string // 付款人名称
	DebtorAccount string // 付款账号
	DebtorAgent   string // 12 digits (付款行联行号)
	ExecutionDate string // 2026-10-09
	Created       time.Time
	Expect        *Totals // what the ledger says; a difference is refused
	Part, Parts   int     // of a batch in several files (1, 2 … of n); 0 for one file
	Whole         Totals  // of all parts, where there are several
}

// Totals is a count of payments and their sum.
type Totals struct {
	Count int64
	Sum   money.Fen
}

// Source gives the payments of a file in order, from the first one again each
// time it is called: counts come before rows in every format, so a file takes
// two passes. A row that cannot be read is an *errs.Error of kind Invalid
// with Fields; it is listed with the others. Any other error ends the pass.
type Source func() iter.Seq2[Instruction, error]

// FromSlice is a Source over payments in memory.
func FromSlice(payments []Instruction) Source {
	return func() iter.Seq2[Instruction, error] {
		return func(yield func(Instruction, error) bool) {
			for p := range slices.Values(payments) {
				if !yield(p, nil) {
					return
				}
			}
		}
	}
}
