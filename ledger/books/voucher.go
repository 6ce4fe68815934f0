package books

import (
	"time"

	"fenlu/money"
)

// Book is one of the two books of government accounting (平行记账).
type Book string

// The two books.
const (
	Financial Book = "financial" // 财务会计
	Budget    Book = "budget"    // 预算会计
)

// Side is debit or credit.
type Side string

// The sides of a line.
const (
	Debit  Side = "debit"  // 借
	Credit Side = "credit" // 贷
)

// Event is what a movement of the fund ledger means to an accountant
// (domain.md §6, Event → voucher map).
type Event string

// The events that the ledger knows of.
const (
	Due            Event = "due"             // 应发: approved and frozen; of purchased services: accepted
	DueUndone      Event = "due_undone"      // 应发冲回: withdrawn, cancelled, stopped
	PaidOut        Event = "paid"            // 支付: the bank's evidence says so
	ReturnedBack   Event = "returned"        // 被动退回: the bank sent it back
	ReserveAdvance Event = "reserve_advance" // 备用金预拨
	ReserveBack    Event = "reserve_back"    // 备用金收回
	Overpaid       Event = "overpaid"        // 银行多付
	OverpaidBack   Event = "overpaid_back"   // 多付收回
	CorrectionOut  Event = "correction_out"  // 支付更正调出
	CorrectionIn   Event = "correction_in"   // 支付更正调入
	RecoveredBack  Event = "recovered"       // 追回: the person paid it back in the year of the payment
	ReceiptFound   Event = "receipt"         // 收到无指标来源的款项
	ReceiptGone    Event = "receipt_gone"    // 上缴或退还无指标来源的款项
	QuotaUnused    Event = "quota_unused"    // 年末未用指标
	YearClose      Event = "year_close"      // 年末结转
)

// Condition tells a return of a payment of this year from one of an earlier.
type Condition string

// The conditions of an event; most have none.
const (
	SameYear  Condition = "same_year"  // 当年
	PriorYear Condition = "prior_year" // 以前年度
)

// Voucher is a voucher (记账凭证) of one book. There is one for each office,
// business date, event, condition and batch (or other cause): what an accountant
// files as one piece, with the bank's receipts of that day behind it. Those of
// both books for the same thing share their Group. Numbers are without gaps in
// an office, book and period.
type Voucher struct {
	ID        int64         `json:"id"`
	Group     int64         `json:"group"`
	Office    string        `json:"office"`
	Book      Book          `json:"book"`
	Period    Period        `json:"period"`
	No        int64         `json:"no"`
	Date      time.Time     `json:"date"`
	Event     Event         `json:"event"`
	Condition Condition     `json:"condition,omitempty"`
	Cause     string        `json:"cause"`
	About     string        `json:"about"`
	Amount    money.Fen     `json:"amount"` // sum of its debits, negative in a red entry
	MadeBy    string        `json:"made_by"`
	MadeAt    time.Time     `json:"made_at"`
	Lines     []VoucherLine `json:"lines,omitempty"`
	lineCount int
}

// VoucherLine is a line of a voucher with what it is about (辅助核算): functional
// and economic code, source layer, program, kind of payee, township.
type VoucherLine struct {
	Line     int       `json:"line"`
	Account  string    `json:"account"`
	Side     Side      `json:"side"`
	Amount   money.Fen `json:"amount"` // negative: red (红字)
	Function string    `json:"function_code,omitempty"`
	Economic string    `json:"economic_code,omitempty"`
	Level    string    `json:"level,omitempty"`
	Program  string    `json:"program,omitempty"`
	Payee    string    `json:"payee,omitempty"`
	Township string    `json:"township,omitempty"`
	NameZH   string    `json:"name_zh,omitempty"`
	NameEN   string    `json:"name_en,omitempty"`
	Sources  []Source  `json:"sources,omitempty"`
}

// Source is how much of a line one journal gave.
type Source struct {
	Journal int64     `json:"journal"`
	Amount  money.Fen `json:"amount"`
}

// dims are what a line is about.
type dims struct{ function, economic, level, program, payee, township string }

// movement is all one journal moved between two kinds of places that is about
// the same.
type movement struct {
	journal   int64
	day       time.Time // the voucher's
	office    string
	event     Event
	condition Condition
	cause     string
	about     string
	purpose   string
	dims      dims
	amount    money.Fen
	accrual   string // whether what was owed was accrued, "" where nothing was read of it yet
}

// key says which voucher a movement belongs to.
type key struct {
	office    string
	day       time.Time
	event     Event
	condition Condition
	cause     string
	about     string
}

func (m movement) key() key { return key{m.office, m.day, m.event, m.condition, m.cause, m.about} }

// draft is a voucher in the making, of one book.
type draft struct {
	Voucher
	at    map[lineKey]int // where in Lines
	whole map[int]map[int64]money.Fen
}

type lineKey struct {
	account string
	side    Side
	red     bool
	dims    dims
}

// add enters an amount on both sides of a draft.
func (d *draft) add(r Rule, m movement) error {
	amount := m.amount
	if r.Red {
		amount = -amount
	}
	for _, e := range []struct {
		account string
		side    Side
	}{{r.Debit, Debit}, {r.Credit, Credit}} {
		if err := d.enter(lineKey{e.account, e.side, r.Red, m.dims}, m.journal, amount); err != nil {
			return err
		}
	}
	var err error
	d.Amount, err = money.Add(d.Amount, amount)
	return err
}

func (d *draft) enter(k lineKey, journal int64, amount money.Fen) error {
	i, ok := d.at[k]
	if !ok {
		i = len(d.Lines)
		d.at[k] = i
		d.whole[i] = map[int64]money.Fen{}
		d.Lines = append(d.Lines, VoucherLine{Account: k.account, Side: k.side, Function: k.dims.function, Economic: k.dims.economic,
			Level: k.dims.level, Program: k.dims.program, Payee: k.dims.payee, Township: k.dims.township})
	}
	sum, err := money.Add(d.Lines[i].Amount, amount)
	if err != nil {
		return err
	}
	d.Lines[i].Amount = sum
	d.whole[i][journal] += amount // no more than the line's sum
	return nil
}
