package payment

import (
	"time"

	"fenlu/disbursement/parties"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/money"
)

// ID names a payment (支付).
type ID int64

// FileID names a bank file (银行文件).
type FileID int64

// Channel is a way to pay (支付渠道).
type Channel struct {
	Code            string `json:"code"`
	NameZH          string `json:"name_zh"`
	NameEN          string `json:"name_en"`
	Profile         string `json:"profile"`           // of bankfiles
	ManyBudgetLines bool   `json:"many_budget_lines"` // one credit may carry several budget lines
	MaxRows         int    `json:"max_rows"`          // payments in one file
	DebtorName      string `json:"debtor_name"`
	DebtorAccount   string `json:"-"`
	DebtorAgent     string `json:"debtor_agent"`  // 12-digit 联行号
	NeedsVoucher    bool   `json:"needs_voucher"` // nothing is released without payment vouchers (支付凭证)
}

// New is a payment to form in the freezing transaction. BudgetLine is 0 where
// the channel lets one credit carry several.
type New struct {
	No         int
	Payee      int64
	BudgetLine ledger.BudgetLineID
	Amount     money.Fen
	LineCount  int
}

// Payment is one bank credit to one payee.
type Payment struct {
	ID         ID
	Batch      int64
	No         int
	Payee      int64
	BudgetLine ledger.BudgetLineID
	Amount     money.Fen
	LineCount  int
}

// Attempt is one instruction to a bank for a payment.
type Attempt struct {
	evidence.Attempt
	N       int
	Account parties.AccountID
	File    FileID
	Line    int // its row in the file, from 1
}

// File is a bank file as it was sealed.
type File struct {
	ID         FileID
	Batch      int64
	List       int64 // the re-issue list it belongs to, or 0
	Ordinal    int
	Name       string
	Ref        string
	Profile    string
	Channel    string
	SHA256     []byte
	Count      int
	Sum        money.Fen
	Remark     string
	ExecuteOn  time.Time
	CreatedAt  time.Time
	ReleasedBy string
}

// ToPay says to which account version a payment goes in a release.
type ToPay struct {
	Payment ID
	Account parties.AccountID
}

// Release asks for the instructions of payments that stand frozen, or with
// Reissue those that stand returned.
type Release struct {
	Batch     int64
	BatchCode string
	BatchNo   int64  // of the office
	Office    string // office code in the ids, A-Z0-9
	Channel   string
	List      int64 // the re-issue list, or 0
	Reissue   bool
	Payments  []ToPay // in the order of the file
	Remark    string
	ExecuteOn time.Time
	Actor     string
}
