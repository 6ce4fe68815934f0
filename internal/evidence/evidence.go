// Package evidence holds the few values that pass between reconciliation, which
// reads what banks say, and disbursement/payment, which moves the money. The
// two rooms do not know each other.
package evidence

import (
	"time"

	"fenlu/money"
)

// State is the state of an attempt (支付指令).
type State string

// The states of an attempt.
const (
	Written      State = "written"       // 已生成: in a sealed file that has not left yet
	Sent         State = "sent"          // 已发送
	Unknown      State = "unknown"       // 结果未知
	Paid         State = "paid"          // 已支付
	PartReturned State = "part_returned" // 部分退回
	Returned     State = "returned"      // 退回
	Failed       State = "failed"        // 失败
	Stopped      State = "stopped"       // 已停: its file was given back before it was sealed
)

// Attempt is what reconciliation needs to know of an attempt to match evidence
// with it: its end-to-end id, the amount that was instructed, the file it went
// in (Ref and Line) and the account that file is paid from.
type Attempt struct {
	ID            int64
	EndToEndID    string
	Payment       int64
	Amount        money.Fen
	State         State
	Booked        money.Fen
	Returned      money.Fen
	Excess        money.Fen
	FileRef       string
	FileLine      int
	DebtorAccount string
}

// Outcome is what all the evidence about an attempt says together. File and
// Pos name the evidence that was read last.
type Outcome struct {
	Attempt  int64
	State    State
	Booked   money.Fen // credited to the payee, at most the amount instructed
	Returned money.Fen // of that, come back
	Excess   money.Fen // debited above the amount instructed: the bank paid twice
	Back     []Back    // the returns, oldest evidence first; they add up to Returned
	File     int64
	Pos      int
}

// Back is one return (退汇). Hint is the bank's own text, which may name the
// person whose money came back.
type Back struct {
	Amount money.Fen
	Hint   string
}

// Applied says what was done with outcomes.
type Applied struct {
	Journal       int64 // 0: no money moved
	Paid          Total
	Failed        Total
	Returned      Total
	Contradicting []int64 // attempts that had failed and were paid after all
	PaidTwice     []int64 // attempts whose payment is now credited with more than it owes
	WhichLine     []int64 // attempts whose part return named no line
}

// Total is a count of payments and their amount.
type Total struct {
	Count  int       `json:"count"`
	Amount money.Fen `json:"amount"`
}

// Command is the frame of one application of outcomes: Key makes it happen
// once, Cause names the evidence file ("evidence:12"), BusinessDate is the day
// it is booked on, ValueDates are those the evidence says (at least one: the
// period of BusinessDate may be closed by now).
type Command struct {
	Key          string
	Actor        string
	Cause        string
	BusinessDate time.Time
	ValueDates   []time.Time
}

// SealedFile is a bank file as it was sealed: the first of the three sides.
type SealedFile struct {
	ID    int64
	Batch int64
	Name  string
	Ref   string
	Count int
	Sum   money.Fen
	Hand  bool // paid by hand: its receipt is all that will ever be said about it
}

// Receipt is what shows that something was handed over (收据、领款单): the image's
// digest and name, what it is of, and who saw it or where it was bought.
type Receipt struct {
	SHA256  []byte
	Name    string
	Profile string // of the channel: receipt.cash, receipt.goods
	Text    string // may name somebody
}

// HandedOver is an attempt that was paid by hand, with its receipt.
type HandedOver struct {
	Attempt
	Receipt Receipt
}
