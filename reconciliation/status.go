package reconciliation

import (
	"context"
	"time"

	"fenlu/internal/db"
	"fenlu/internal/evidence"
	"fenlu/money"
)

// FileStatus is the three sides of one sealed file (三方核对), and our books.
// What a side says is derived from the evidence it brought, never from ours.
type FileStatus struct {
	File        int64          `json:"file"`
	Batch       int64          `json:"batch"`
	Name        string         `json:"name"`
	Ref         string         `json:"ref"`
	Sealed      evidence.Total `json:"sealed"`
	Result      ResultSide     `json:"result"`
	Statement   StatementSide  `json:"statement"`
	Books       BooksSide      `json:"books"`
	Differences []Difference   `json:"differences"`
	listed      evidence.Total // attempts of the file
	hand        bool           // no bank was told of it
}

// ResultSide is what result files say. Unmentioned payments are unconfirmed.
type ResultSide struct {
	OK          evidence.Total `json:"ok"`
	Failed      evidence.Total `json:"failed"`
	Unknown     evidence.Total `json:"unknown"`
	Unmentioned evidence.Total `json:"unmentioned"`
}

// StatementSide is what statements say. Booked counts each payment once, as it
// was instructed; Excess is what the bank debited above that (重复支付).
type StatementSide struct {
	Booked   evidence.Total `json:"booked"`
	Excess   evidence.Total `json:"excess"`
	Returned evidence.Total `json:"returned"`
}

// BooksSide is where the attempts stand in our books. Paid counts what was ever
// credited, Returned what of it came back.
type BooksSide struct {
	Paid      evidence.Total `json:"paid"`
	Failed    evidence.Total `json:"failed"`
	Returned  evidence.Total `json:"returned"`
	InTransit evidence.Total `json:"in_transit"`
}

// Difference is what two sides do not have in common: first minus second.
type Difference struct {
	Kind   string    `json:"kind"` // has a sentence in the catalogue: recon.difference.<kind>
	Count  int       `json:"count"`
	Amount money.Fen `json:"amount"`
}

// The differences.
const (
	DiffSealed    = "sealed"    // sealed file − attempts on record: never
	DiffResult    = "result"    // sealed − (ok + failed): unmentioned or unknown
	DiffExcess    = "excess"    // debited by statements above what was instructed
	DiffStatement = "statement" // booked by statements − paid by results
	DiffBooks     = "books"     // paid in the books − booked by statements
	DiffReturned  = "returned"  // returned in the books − returned by statements
)

// Status compares the sides of a batch's files, of all files for an empty code.
// Errors: RECON_BATCH for a code that no batch has.
func (s *Service) Status(ctx context.Context, q db.Querier, batchCode string) ([]FileStatus, error) {
	batch, err := batchByCode(ctx, q, batchCode)
	if err != nil {
		return nil, err
	}
	sealed, err := s.payments.Sealed(ctx, q, batch)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(sealed))
	for i, f := range sealed {
		ids[i] = f.ID
	}
	sides, err := sidesOf(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	list := make([]FileStatus, len(sealed))
	for i, f := range sealed {
		st := sides[f.ID]
		st.File, st.Batch, st.Name, st.Ref = f.ID, f.Batch, f.Name, f.Ref
		st.hand = f.Hand
		st.Sealed = evidence.Total{Count: f.Count, Amount: f.Sum}
		st.Differences = st.differences()
		list[i] = st
	}
	return list, nil
}

// differences lists what does not agree; nothing when all sides do. What was paid
// by hand is in no statement: its receipt is the other side.
func (st FileStatus) differences() []Difference {
	list := []Difference{}
	booked := st.Statement.Booked
	if st.hand {
		booked = st.Result.OK
	}
	for _, d := range []struct {
		kind string
		a, b evidence.Total
	}{
		{DiffSealed, st.Sealed, st.listed},
		{DiffResult, st.Sealed, add(st.Result.OK, st.Result.Failed)},
		{DiffStatement, booked, st.Result.OK},
		{DiffExcess, st.Statement.Excess, evidence.Total{}},
		{DiffBooks, st.Books.Paid, booked},
		{DiffReturned, st.Books.Returned, st.Statement.Returned},
	} {
		if d.a != d.b {
			list = append(list, Difference{d.kind, d.a.Count - d.b.Count, d.a.Amount - d.b.Amount})
		}
	}
	return list
}

func add(a, b evidence.Total) evidence.Total {
	return evidence.Total{Count: a.Count + b.Count, Amount: a.Amount + b.Amount}
}

// Unconfirmed is an attempt that no evidence has settled (未达账项): it stays in
// transit and is never issued again on silence.
type Unconfirmed struct {
	Payment    int64          `json:"payment"`
	Attempt    int64          `json:"attempt"`
	EndToEndID string         `json:"end_to_end_id"`
	FileName   string         `json:"file_name"`
	Batch      int64          `json:"batch"`
	Amount     money.Fen      `json:"amount"`
	State      evidence.State `json:"state"` // sent: nobody mentioned it; unknown: the bank does not know
	Since      time.Time      `json:"since"` // when its file was sealed
}

// UnconfirmedFilter chooses unconfirmed attempts of a batch (0: all), in the
// order of payments. After is the last payment of the page before, Limit at
// most 1000 (100 for 0).
type UnconfirmedFilter struct {
	Batch int64
	After int64
	Limit int
}

// ListUnconfirmed lists a page of unconfirmed attempts.
func ListUnconfirmed(ctx context.Context, q db.Querier, f UnconfirmedFilter) ([]Unconfirmed, error) {
	return selectUnconfirmed(ctx, q, f.Batch, f.After, BreakFilter{Limit: f.Limit}.limit())
}
