package batch

import (
	"context"

	"fenlu/disbursement/payment"
	"fenlu/internal/db"
)

// Status is everything about where a batch stands (批次状态).
type Status struct {
	Batch     Batch          `json:"batch"`
	Lines     []stateSum     `json:"lines"`    // by status
	Payments  []stateSum     `json:"payments"` // by the state of the last attempt
	Places    []placeSum     `json:"places"`   // where the money stands
	Files     []payment.File `json:"files"`
	Lists     []SmallList    `json:"lists"`
	Approvals []Approval     `json:"approvals"`
	Open      int            `json:"open"` // payments that keep it from closing
}

// StatusOf reads where a batch stands. Errors: BATCH_UNKNOWN.
func StatusOf(ctx context.Context, q db.Querier, code string) (Status, error) {
	b, err := ByCode(ctx, q, code)
	st := Status{Batch: b}
	if err != nil {
		return st, err
	}
	if st.Lines, err = lineStates(ctx, q, b.ID); err != nil {
		return st, err
	}
	if st.Payments, err = paymentStates(ctx, q, b.ID); err != nil {
		return st, err
	}
	if st.Places, err = placesOf(ctx, q, b.ID); err != nil {
		return st, err
	}
	if st.Files, err = payment.FilesOf(ctx, q, int64(b.ID)); err != nil {
		return st, err
	}
	if st.Lists, err = ListsOf(ctx, q, b.ID); err != nil {
		return st, err
	}
	if st.Approvals, err = Approvals(ctx, q, b.subject()); err != nil {
		return st, err
	}
	open, err := payment.OpenItems(ctx, q, int64(b.ID))
	st.Open = len(open)
	return st, err
}
