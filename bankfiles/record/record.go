package record

import (
	"encoding/json"

	"fenlu/internal/errs"
	"fenlu/money"
)

// RecordType says which part of a [Record] is filled.
type RecordType string

// The record types, in the order they usually come.
const (
	TypeHeader  RecordType = "header"
	TypeItem    RecordType = "item"
	TypeWarning RecordType = "warning"
	TypeTrailer RecordType = "trailer"
)

// Record is one thing read from a file; exactly one pointer is set, the one
// that Type names. Records are not reused: they may be kept.
type Record struct {
	Type    RecordType
	Header  *Header
	Item    *Item
	Warning *Warning
	Trailer *Trailer
}

// MarshalJSON writes the record as one flat object with its type first, as
// `fenlu bankfile read` prints it.
func (r Record) MarshalJSON() ([]byte, error) {
	switch r.Type {
	case TypeHeader:
		return json.Marshal(struct {
			Type RecordType `json:"type"`
			*Header
		}{r.Type, r.Header})
	case TypeWarning:
		return json.Marshal(struct {
			Type RecordType `json:"type"`
			*Warning
		}{r.Type, r.Warning})
	case TypeTrailer:
		return json.Marshal(struct {
			Type RecordType `json:"type"`
			*Trailer
		}{r.Type, r.Trailer})
	default:
		return json.Marshal(struct {
			Type RecordType `json:"type"`
			*Item
		}{r.Type, r.Item})
	}
}

// Position is the place of a record in the original bytes, before any
// decoding: what a later decision points at as its evidence (凭据位置).
type Position struct {
	Offset int64  `json:"offset"` // bytes from the start of the file
	Line   int    `json:"line"`   // 1-based
	Path   string `json:"path"`   // XML path, or the record mark of a text line: "L[3]"
}

// Kind says what an item is.
type Kind string

// The kinds of items.
const (
	KindInstruction Kind = "instruction" // a payment asked for (支付指令), from our own files
	KindStatus      Kind = "status"      // what the bank says about an instruction (处理结果)
	KindEntry       Kind = "entry"       // a booking in a statement (对账单分录)
	KindReturn      Kind = "return"      // money that came back (退汇)
)

// Direction is the side of a booking as seen by the account's owner.
type Direction string

// The two directions, by their ISO 20022 names.
const (
	Credit Direction = "CRDT" // 收
	Debit  Direction = "DBIT" // 付
)

// Outcome is what a status means for the payment. Acceptance by the bank is
// not payment: only "credited" is OutcomePaid, silence and "in process" are
// OutcomeUnknown.
type Outcome string

// The three outcomes; entries and instructions have none.
const (
	OutcomePaid    Outcome = "paid"    // 成功
	OutcomeFailed  Outcome = "failed"  // 失败
	OutcomeUnknown Outcome = "unknown" // 处理中、结果未知
)

// Level says how much of a file a header or status speaks of.
type Level string

// The levels.
const (
	LevelFile      Level = "file"
	LevelBatch     Level = "batch"
	LevelStatement Level = "statement"
	LevelPayment   Level = "payment"
)

// Item is one payment, status, booking or return. Texts are as the file has
// them, decoded and without white space at the ends. Names, accounts and ID
// numbers are for matching and stay out of the JSON form.
type Item struct {
	Kind       Kind      `json:"kind"`
	EndToEndID string    `json:"end_to_end_id"`
	BankRef    string    `json:"bank_ref"`
	Amount     string    `json:"amount"` // decimal digits as written; empty where the file has none
	Currency   string    `json:"currency"`
	Direction  Direction `json:"direction"`
	Status     string    `json:"status"` // the code as written: ACSC, RJCT, BOOK, 0000
	Reason     string    `json:"reason"` // the reason code as written: AC01, 1001
	Position

	ReasonCode     string  `json:"reason_code,omitempty"` // ours (package reason), of what failed or came back
	ReasonText     string  `json:"reason_text,omitempty"`
	Outcome        Outcome `json:"outcome,omitempty"`
	Level          Level   `json:"level,omitempty"`          // of a status: what it was said about
	InheritedFrom  Level   `json:"inherited_from,omitempty"` // of a status: the level that stated it, where not its own
	ValueDate      string  `json:"value_date,omitempty"`     // 2026-10-09
	BookingDate    string  `json:"booking_date,omitempty"`
	BatchID        string  `json:"batch_id,omitempty"` // the batch or original file it belongs to
	InstructionID  string  `json:"instruction_id,omitempty"`
	TransactionID  string  `json:"transaction_id,omitempty"`
	Sequence       int     `json:"sequence,omitempty"`  // number of the row in the batch it speaks of
	Statement      string  `json:"statement,omitempty"` // id of the statement
	Entry          int     `json:"entry,omitempty"`     // 1-based entry of the statement
	Detail         int     `json:"detail,omitempty"`    // 1-based detail of the entry, 0 for an entry without
	Reversal       bool    `json:"reversal,omitempty"`  // the bank's mark; Direction alone moves the balance
	AdditionalInfo string  `json:"-"`

	AmountFen money.Fen `json:"-"` // the amount in fen; only where IsCNY
	IsCNY     bool      `json:"-"` // the currency is the yuan and the amount is there
	Name      string    `json:"-"` // the other party's name; the payee of an instruction or status
	Account   string    `json:"-"` // the other party's account
	BankCode  string    `json:"-"` // the other party's bank (联行号)
	IDNumber  string    `json:"-"`
	Remark    string    `json:"-"`
}

// Header says what a file, or a batch or statement within it, states about
// itself. A status stated at this level stands here even where items follow,
// because payments that are not listed inherit it.
type Header struct {
	Level      Level  `json:"level"`
	Profile    string `json:"profile"`               // the profile that read it
	Message    string `json:"message"`               // as the file names itself: camt.053.001.08
	MessageID  string `json:"message_id"`            // of this file, batch or statement
	OriginalID string `json:"original_id,omitempty"` // of the file or batch it answers
	Created    string `json:"created,omitempty"`
	Date       string `json:"date,omitempty"` // execution date
	Position

	Currency    string `json:"currency,omitempty"`
	Count       string `json:"count,omitempty"` // as stated, not as counted
	Sum         string `json:"sum,omitempty"`
	OKCount     string `json:"ok_count,omitempty"`
	OKSum       string `json:"ok_sum,omitempty"`
	FailedCount string `json:"failed_count,omitempty"`
	FailedSum   string `json:"failed_sum,omitempty"`
	ResultNo    string `json:"result_no,omitempty"` // 回盘序号
	Status      string `json:"status,omitempty"`
	Reason      string `json:"reason,omitempty"`
	ReasonText  string `json:"reason_text,omitempty"`
	Opening     string `json:"opening,omitempty"` // signed balance, where stated before the entries
	Closing     string `json:"closing,omitempty"`
	StatementNo string `json:"statement_no,omitempty"` // electronic sequence number
	Page        string `json:"page,omitempty"`

	Account     string `json:"-"` // the debtor's or the statement's account
	AccountName string `json:"-"`
	Agent       string `json:"-"` // the bank that holds it
}

// Trailer is what the reader counted, after everything else agreed.
type Trailer struct {
	Count     int64  `json:"count"`      // items
	Sum       string `json:"sum"`        // control total: amounts as written, whatever their direction or currency
	CreditSum string `json:"credit_sum"` // of items that are CRDT
	DebitSum  string `json:"debit_sum"`  // of items that are DBIT
	Warnings  int64  `json:"warnings"`
	Position
}

// Warning is something odd that does not put the money in doubt. Its code has
// a sentence in the message catalogue.
type Warning struct {
	Code string     `json:"code"`
	Args []errs.Arg `json:"-"`
	Position
}
