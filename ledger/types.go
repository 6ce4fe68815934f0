package ledger

import (
	"time"

	"fenlu/money"
)

// LotID names a lot (来源).
type LotID int32

// AccountID names an account (账户).
type AccountID int32

// BudgetLineID is a budget line (指标行), a number of disbursement/funds.
type BudgetLineID int32

// JournalID names a journal (分录). Numbers are drawn after the locks are
// held, so they order the journals of each lot.
type JournalID int64

// HoldingID names a holding, the ledger's word for a leg (资金分段).
type HoldingID int64

// AccountKind is a kind of place (DESIGN §3, Accounts).
type AccountKind string

// The kinds of places.
const (
	Appropriated AccountKind = "appropriated" // 拨入: the outside; its balance is minus what was brought in
	Available    AccountKind = "available"    // 可用
	Carveout     AccountKind = "carveout"     // 购买服务预留
	Reserve      AccountKind = "reserve"      // 乡镇备用金
	Frozen       AccountKind = "frozen"       // 冻结
	InTransit    AccountKind = "in_transit"   // 在途
	Paid         AccountKind = "paid"         // 已支付
	Returned     AccountKind = "returned"     // 退回待处理
	Recovered    AccountKind = "recovered"    // 追回
	Surrendered  AccountKind = "surrendered"  // 上缴
	Withdrawn    AccountKind = "withdrawn"    // 调减收回
	CarriedOver  AccountKind = "carried_over" // 结转
	Shortfall    AccountKind = "shortfall"    // 缺口: minus what facts took above what was free
	Suspense     AccountKind = "suspense"     // 待查
)

// Held says whether money in such a place belongs to an entitlement line (it
// stands there as holdings) rather than being free.
func (k AccountKind) Held() bool {
	return k == Frozen || k == InTransit || k == Paid || k == Returned
}

// Free says whether free money may stand in such a place: it is neither of
// legs nor one of the two contra accounts.
func (k AccountKind) Free() bool {
	return !k.Held() && k != Appropriated && k != Shortfall
}

// Place names an account of a lot without its number.
type Place struct {
	Kind       AccountKind
	BudgetLine BudgetLineID
	Township   string // 12-digit area code, for reserves only
}

// Account is one place of one lot with its balance in fen.
type Account struct {
	ID      AccountID
	Lot     LotID
	Place   Place
	Balance money.Fen
}

// LotKind says what a lot is.
type LotKind string

// The kinds of lots.
const (
	Appropriation LotKind = "appropriation" // 指标来源
	Receipt       LotKind = "receipt"       // 其他收款: interest, other people's money; never drawn
)

// Lot is a lot with the number of its fen and of its journals.
type Lot struct {
	ID      LotID
	Kind    LotKind
	Size    money.Fen
	Seq     int64
	Stopped bool
}

// Holding is a leg: Amount fen of a lot for one line in one payment. Account
// is 0 once it was given back.
type Holding struct {
	ID      HoldingID
	Line    int64
	Payment int64
	Party   int64
	Amount  money.Fen
	Lot     LotID
	Account AccountID
	Origin  AccountID

	parcel int64
}

// Piece is a run of addresses with one holder: exactly one of Account (free)
// and Holding is set.
type Piece struct {
	Lot     LotID
	Offset  money.Fen // address of its first fen
	Amount  money.Fen
	Opened  int64 // lot sequence that put it there
	Account AccountID
	Holding HoldingID
}

// End is the address after the last fen of the piece.
func (p Piece) End() money.Fen { return p.Offset + p.Amount }

// Transfer is one movement inside one lot.
type Transfer struct {
	Line    int32
	Lot     LotID
	Debit   AccountID
	Credit  AccountID
	Amount  money.Fen
	Payment int64     // 0: none
	Party   int64     // 0: none
	Holding HoldingID // 0: a bulk movement
}

// Journal is the header of a journal.
type Journal struct {
	ID           JournalID
	Kind         string
	Key          string
	Request      []byte
	BusinessDate time.Time
	PostedAt     time.Time
	Actor        string
	Cause        string
	Memo         string
	Reverses     JournalID // 0: reverses nothing
	Transfers    int32
	Amount       money.Fen // sum of the transfers
	Digest       []byte
}
