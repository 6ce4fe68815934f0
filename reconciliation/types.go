package reconciliation

import (
	"context"
	"io"
	"time"

	"fenlu/bankfiles/record"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/evidence"
	"fenlu/money"
)

// Payments is what reconciliation needs of the room that holds attempts.
type Payments interface {
	// FindAttempts finds attempts by their end-to-end ids; ids that are not
	// ours are left out.
	FindAttempts(ctx context.Context, q db.Querier, endToEndIDs []string) (map[string]evidence.Attempt, error)
	// LockAttempts locks attempts in id order and reads where they stand.
	LockAttempts(ctx context.Context, tx pgx.Tx, ids []int64) (map[int64]evidence.Attempt, error)
	// ApplyTx moves attempts, and their money, to what the evidence says.
	ApplyTx(ctx context.Context, tx pgx.Tx, outcomes []evidence.Outcome, cmd evidence.Command) (evidence.Applied, error)
	// Sealed lists the sealed files of a batch, of all batches for 0.
	Sealed(ctx context.Context, q db.Querier, batch int64) ([]evidence.SealedFile, error)
}

// FileID names an evidence file.
type FileID int64

// FileKind says what sort of evidence a file brings.
type FileKind string

// The kinds of evidence files.
const (
	Result    FileKind = "result"    // 回盘: what the bank did with the payments of one file
	Statement FileKind = "statement" // 对账单: what it booked on an account
	Receipt   FileKind = "receipt"   // 收据: what was handed over, in cash or in kind
)

// Says is what a line of evidence means for its attempt.
type Says string

// The meanings, from the weakest on.
const (
	SaysNothing  Says = ""
	SaysAccepted Says = "accepted" // 已受理: not paid
	SaysUnknown  Says = "unknown"  // 处理中、结果未知
	SaysFailed   Says = "failed"   // 失败
	SaysPaid     Says = "paid"     // 成功, as a result says
	SaysBooked   Says = "booked"   // 已记账, as a statement says
	SaysReturned Says = "returned" // 退汇
)

// Match says what a line was matched with (匹配结果).
type Match string

// The matches.
const (
	Matched       Match = "matched"        // 相符
	Unmatched     Match = "unmatched"      // 无对应指令: the id is not ours, or there is none
	AmountDiffers Match = "amount_differs" // 金额不符
	OtherMoney    Match = "other_money"    // 其他款项: funding, interest, somebody else's money
	Repeated      Match = "repeated"       // 重复: said before, or a duplicate that the bank refused
)

// BreakKind says what did not match.
type BreakKind string

// The kinds of breaks (差异).
const (
	BreakUnmatched     BreakKind = "unmatched"
	BreakAmountDiffers BreakKind = "amount_differs"
	BreakContradiction BreakKind = "contradiction" // 成功与失败并存
	BreakPaidTwice     BreakKind = "paid_twice"    // 重复支付
	BreakWhichLine     BreakKind = "which_line"    // 部分退回，未说明是谁的
	BreakOtherMoney    BreakKind = "other_money"
)

// File is an evidence file to import. Content is read several times.
type File struct {
	Name    string
	Content io.ReadSeeker
	Profile string // of bankfiles; empty: recognised
}

// Imported says what an import did.
type Imported struct {
	File          FileID           `json:"file"`
	Name          string           `json:"name"`
	Kind          FileKind         `json:"kind"`
	Profile       string           `json:"profile"`
	SHA256        string           `json:"sha256"`
	Replay        bool             `json:"replay"` // the same bytes were there: nothing was done
	Items         int              `json:"items"`
	Matched       int              `json:"matched"`
	Unmatched     int              `json:"unmatched"`
	AmountDiffers int              `json:"amount_differs"`
	OtherMoney    int              `json:"other_money"`
	Repeated      int              `json:"repeated"`
	Inherited     int              `json:"inherited"` // payments not listed that a rejection of the whole file was said about
	Breaks        int              `json:"breaks"`    // opened
	Paid          evidence.Total   `json:"paid"`
	Failed        evidence.Total   `json:"failed"`
	Returned      evidence.Total   `json:"returned"`
	Journal       int64            `json:"journal"` // 0: no money moved
	Warnings      []record.Warning `json:"-"`
}

// line is a line of evidence as it is stored.
type line struct {
	pos        int
	kind       record.Kind
	place      string
	endToEndID string
	bankRef    string
	amount     money.Fen
	direction  record.Direction
	status     string
	reason     string
	reasonText string
	textSalt   []byte // of the leaf's commitment to reasonText
	valueDate  *time.Time
	at         record.Position
	attempt    int64
	says       Says
	match      Match
}

// gap is a break about to be opened.
type gap struct {
	kind    BreakKind
	pos     int
	attempt int64
	amount  money.Fen
}
