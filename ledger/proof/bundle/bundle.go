package bundle

import (
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/ledger/proof/checkpoint"
	"fenlu/money"
)

// Bundle is what a bundle is made of. Leaves are in the order of their index,
// parts in the order of theirs.
type Bundle struct {
	Asked      Asked
	Stated     Stated
	Keys       checkpoint.Public
	Checkpoint []byte   // a signed note; it covers every leaf
	Earlier    []Growth // checkpoints that were signed before, by size
	Leaves     []Leaf
}

// Growth is an earlier checkpoint with the proof that the log grew from it.
type Growth struct {
	Size  int64
	Root  tlog.Hash
	Proof tlog.TreeProof
}

// Leaf is a leaf of the log by its canonical bytes, and its path to the root of
// the checkpoint.
type Leaf struct {
	Index int64
	Bytes []byte
	Path  tlog.RecordProof
	Parts []Part // those that are shown
}

// Part is a part of a leaf by its canonical bytes, and its path to the root in
// the leaf.
type Part struct {
	Index int64
	Bytes []byte
	Path  tlog.RecordProof
}

// The kinds of subjects.
const (
	OfDocument  = "document"
	OfBatch     = "batch"
	OfPerson    = "person"
	OfHousehold = "household"
	OfPeriod    = "period"
)

// Asked is what the bundle is about.
type Asked struct {
	Kind    string `json:"kind"`
	Subject string `json:"subject"` // a 文号, a batch, 2026-10; masked where it names a person
	Masked  bool   `json:"masked"`  // no ID number or account number in clear
	By      string `json:"by"`      // the user who made the bundle, "" where nobody was named
	At      string `json:"at"`      // when: 2026-10-09T01:00:00.000000Z
}

// Stated is what the office says and no leaf does. It is signed with the
// manifest, and tied out with the leaves.
type Stated struct {
	Lines    []Line    `json:"lines"`
	Payments []Payment `json:"payments"`
	Opened   []Opened  `json:"opened"`

	// Sources says that the import files which leaves here name, rights of all
	// who approved, and the look at each payee that is opened are here, too.
	// Bundles from before say nothing of it.
	Sources bool `json:"sources,omitempty"`
}

// Line is an entitlement line (应发明细).
type Line struct {
	ID          int64     `json:"id"`
	Batch       string    `json:"batch"`
	Program     string    `json:"program"`
	Component   string    `json:"component"`
	Month       string    `json:"month"`
	Occasion    string    `json:"occasion"`
	Policy      string    `json:"policy"` // document and clause
	Beneficiary Party     `json:"beneficiary"`
	Amount      money.Fen `json:"amount"`
	State       string    `json:"state"`
	Legs        []Leg     `json:"legs"`
}

// Party is a person or unit, masked.
type Party struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Number string `json:"number"`
}

// Leg is what one budget line pays of a line (资金分段), and which fen of the lot
// these are.
type Leg struct {
	ID         int64     `json:"id"`
	Payment    int64     `json:"payment"`
	Lot        int64     `json:"lot"`
	Document   string    `json:"document"`    // 文号 that brought the lot
	BudgetLine string    `json:"budget_line"` // 文号 of where the money stood
	Place      string    `json:"place"`
	Amount     money.Fen `json:"amount"`
	Pieces     []Span    `json:"pieces"`
}

// Span is a run of addresses of a lot: from offset on, in fen.
type Span struct {
	Offset money.Fen `json:"offset"`
	Amount money.Fen `json:"amount"`
}

// Payment is one bank credit to one payee (支付). Amount is the whole of it,
// with what it carries for others.
type Payment struct {
	ID     int64     `json:"id"`
	Batch  string    `json:"batch"`
	State  string    `json:"state"`
	Amount money.Fen `json:"amount"`
	Payee  Party     `json:"payee"`
}

// Opened is a commitment to who was paid with what it was made of.
type Opened struct {
	EndToEndID string `json:"end_to_end_id"`
	Salt       string `json:"salt"` // hexadecimal
	Name       string `json:"name"`
	IDNumber   string `json:"id_number"`
	Account    string `json:"account"`
	BankCode   string `json:"bank_code"`
}
