package trace

import (
	"time"

	"fenlu/money"
)

// Party is a person, household or unit as it is shown.
type Party struct {
	Kind   string `json:"kind"` // person, household, unit
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Number string `json:"number"` // masked ID number, household code, credit code
}

// The kinds of parties.
const (
	KindPerson    = "person"
	KindHousehold = "household"
	KindUnit      = "unit"
)

// DocumentRef names a document (指标文件).
type DocumentRef struct {
	ID         int64  `json:"id"`
	Number     string `json:"number"`
	Title      string `json:"title"`
	Kind       string `json:"kind"` // bring, cut, move
	Year       int    `json:"year"`
	IssuedOn   string `json:"issued_on"` // 2026-10-09, as all business dates here
	ReceivedOn string `json:"received_on"`
}

// Line is an entitlement line (应发明细) with the legs that pay it.
type Line struct {
	ID            int64     `json:"id"`
	Batch         int64     `json:"batch"`
	BatchCode     string    `json:"batch_code"`
	No            int       `json:"no"`
	Program       string    `json:"program"`
	ProgramZH     string    `json:"program_name"`
	ProgramEN     string    `json:"-"`
	Component     string    `json:"component"`
	ComponentZH   string    `json:"component_name"`
	ComponentEN   string    `json:"-"`
	Class         string    `json:"class"`
	Month         string    `json:"month"`
	Occasion      string    `json:"occasion"`
	Amount        money.Fen `json:"amount"`
	Beneficiary   Party     `json:"beneficiary"`
	HouseholdCode string    `json:"household,omitempty"`
	Payee         Party     `json:"payee"`
	PayeeRole     string    `json:"payee_role"`
	Township      string    `json:"township"`
	Policy        Policy    `json:"policy"`
	State         string    `json:"state"` // see lineState
	Legs          []Leg     `json:"legs"`

	status    string
	person    int64
	unit      int64
	household int64
	payee     int64
}

// Policy is the policy row (政策标准) that a line stands on.
type Policy struct {
	Document string    `json:"document"`
	Clause   string    `json:"clause"`
	Amount   money.Fen `json:"amount"`
}

// Leg is what one budget line pays of an entitlement line (资金分段), and which
// fen of the lot these are.
type Leg struct {
	ID         int64     `json:"id"`
	Line       int64     `json:"line"`
	Payment    int64     `json:"payment"`
	Lot        int64     `json:"lot"`
	Document   string    `json:"document"` // 文号 that brought the lot
	BudgetLine string    `json:"budget_line"`
	Level      string    `json:"level"`
	Fund       string    `json:"fund"`
	Amount     money.Fen `json:"amount"`
	Place      string    `json:"place"` // where it stands now; given_back once it was
	Pieces     []Span    `json:"pieces"`

	// Chain leads from the document that brought the lot to the budget line that
	// pays the leg.
	Chain []ChainStep `json:"chain"`

	document   int64
	opened     int64
	budgetLine int64
}

// Span is a run of addresses of a lot: offset … offset+amount−1, in fen.
type Span struct {
	Offset money.Fen `json:"offset"`
	Amount money.Fen `json:"amount"`
}

// Places beyond the account kinds of the ledger.
const (
	placePaidPersons = "paid_persons"
	placePaidUnits   = "paid_units"
	placeGivenBack   = "given_back"
)

// Payment is one bank credit to one payee (支付) with its instructions.
type Payment struct {
	ID        int64     `json:"id"`
	Batch     int64     `json:"batch"`
	BatchCode string    `json:"batch_code"`
	No        int       `json:"no"`
	State     string    `json:"state"`
	Amount    money.Fen `json:"amount"`
	Lines     int       `json:"lines"`
	Payee     Party     `json:"payee"`
	Attempts  []Attempt `json:"attempts"`

	payee int64
}

// Attempt is one instruction to a bank (支付指令) and what is known of it.
type Attempt struct {
	ID         int64      `json:"id"`
	N          int        `json:"n"`
	EndToEndID string     `json:"end_to_end_id"`
	State      string     `json:"state"`
	Amount     money.Fen  `json:"amount"`
	Booked     money.Fen  `json:"booked"`
	Returned   money.Fen  `json:"returned"`
	Account    Account    `json:"account"`
	File       string     `json:"file,omitempty"`
	FileLine   int        `json:"file_line,omitempty"`
	ExecuteOn  string     `json:"execute_on,omitempty"`
	Events     []Event    `json:"events"`
	Evidence   []Evidence `json:"evidence"`

	payment int64
	account int64
	fileRef string

	releasedBy int64 // the journal of the step that released it; 0: its file has one of its own
}

// Account is a payee account version (收款账户), its number masked.
type Account struct {
	ID     int64  `json:"id"`
	Holder string `json:"holder"`
	Number string `json:"number"`
	Bank   string `json:"bank"`
}

// Event is a change of an attempt's state that evidence made.
type Event struct {
	From    string    `json:"from"`
	To      string    `json:"to"`
	Journal int64     `json:"journal,omitempty"`
	At      time.Time `json:"at"`

	attempt int64
}

// Evidence is one line of a bank's file about an attempt (凭据).
type Evidence struct {
	File       string    `json:"file"`
	FileID     int64     `json:"file_id"`
	SHA256     string    `json:"sha256"`
	Pos        int       `json:"pos"`
	SourceLine int       `json:"source_line"`
	Kind       string    `json:"kind"`
	Amount     money.Fen `json:"amount"`
	Direction  string    `json:"direction"`
	Status     string    `json:"status"`
	Reason     string    `json:"reason"`
	ReasonText string    `json:"reason_text"`
	ValueDate  string    `json:"value_date,omitempty"`
	Outcome    string    `json:"outcome"`
	Says       string    `json:"says"`
	EndToEndID string    `json:"end_to_end_id"`
	Payment    int64     `json:"payment,omitempty"`

	attempt int64
}

// JournalRef names a journal (分录).
type JournalRef struct {
	ID           int64     `json:"id"`
	Kind         string    `json:"kind"`
	Cause        string    `json:"cause"`
	About        string    `json:"about"` // the cause as people call it: batch code, 文号, file name
	Actor        string    `json:"actor"`
	BusinessDate string    `json:"business_date"`
	PostedAt     time.Time `json:"posted_at"`
	Amount       money.Fen `json:"amount"`
}
