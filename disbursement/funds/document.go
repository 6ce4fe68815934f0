package funds

import (
	"time"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/terms"
	"fenlu/ledger"
	"fenlu/money"
)

// DocumentID is a document's number inside (指标文件).
type DocumentID int32

// LineID is the number of a document line (指标文件的行).
type LineID int32

// Kind is what a document, or a line of one, does with money.
type Kind string

// The kinds.
const (
	Bring Kind = "bring" // 下达、追加: opens a lot
	Cut   Kind = "cut"   // 调减: withdraws from the lot of the line it names
	Move  Kind = "move"  // 调剂: between budget lines of the same lot
)

// Purpose is what a budget line is for (用途).
type Purpose string

// The purposes.
const (
	ForBenefit  Purpose = "benefit"  // pays beneficiaries
	ForCarveout Purpose = "carveout" // pays suppliers of services
	ForReserve  Purpose = "reserve"  // a township's advance
	ForReceipt  Purpose = "receipt"  // money without a document, to be remitted
)

// Document is a document as it is on record (指标文件).
type Document struct {
	ID         DocumentID
	Number     string // 文号
	Title      string
	Type       Type
	Kind       Kind // of a correction that does both, and of one that settles an advance: of its first line
	Year       int
	IssuedOn   time.Time
	ReceivedOn time.Time
	PassedOn   time.Time // 转下达; zero where the paper says nothing
	ImportFile int64     // 0 for a document made here
	RecordedBy string
	RecordedAt time.Time
	Inclusions []Inclusion // of advance notices
}

// Line is one line of a document as it is on record. Amount is what the paper
// says, in fen, always more than 0.
type Line struct {
	ID           LineID
	Document     DocumentID
	LineNo       int
	Kind         Kind
	Lot          ledger.LotID
	Level        terms.Level
	Fund         string
	FunctionCode string
	EconomicCode string
	Office       string
	TraceCode    string
	Tags         string
	Programs     string              // codes with semicolons; empty: any program of the fund
	CutsLine     LineID              // of a Cut: the line it cuts
	From         ledger.BudgetLineID // of a Move
	To           ledger.BudgetLineID // of a Bring the line it opened, of a Move where the money went
	CashArrived  *money.Fen          // 已到款; nil where unknown
	Amount       money.Fen
	Journal      ledger.JournalID

	settled Word // while it is compared with a paper
}

// Change is how many documents a file made and how many were there already,
// with the same content.
type Change struct {
	New  int `json:"new"`
	Same int `json:"same"`
}

// Recorded is a document that an import recorded.
type Recorded struct {
	ID      DocumentID       `json:"id"`
	Number  string           `json:"number"`
	Title   string           `json:"title"`
	Type    Type             `json:"type"`
	Kind    Kind             `json:"kind"`
	Lines   int              `json:"lines"`
	Amount  money.Fen        `json:"amount"`
	Brought money.Fen        `json:"brought_in"`
	Cut     money.Fen        `json:"cut"`
	Short   money.Fen        `json:"short"` // of a cut, what was not free and stands in shortfall
	Journal ledger.JournalID `json:"journal"`
}

// Report is what an import did (导入结果). A replay did nothing: the same bytes
// had been imported before.
type Report struct {
	Import    int64         `json:"import"`
	File      string        `json:"file"`
	SHA256    string        `json:"sha256"`
	Rows      int           `json:"rows"`
	Replay    bool          `json:"replay"`
	Documents Change        `json:"documents"`
	BroughtIn money.Fen     `json:"brought_in"`
	Cut       money.Fen     `json:"cut"`
	Short     money.Fen     `json:"short"`
	Recorded  []Recorded    `json:"recorded"`
	Notes     imports.Notes `json:"notes"`
}
