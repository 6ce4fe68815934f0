package trace

import (
	"context"
	"strconv"
	"strings"

	"fenlu/internal/db"
	"fenlu/internal/errs"
)

// Credit is one payment with all it is made of: its lines and their legs, the
// instructions with the evidence about them, the documents the money came
// from, and the journals that moved it.
type Credit struct {
	Payment   Payment       `json:"payment"`
	Lines     []Line        `json:"lines"`
	Documents []DocumentRef `json:"documents"`
	Journals  []JournalRef  `json:"journals"`
	Rest                    // of the lines
}

// Payment traces a payment by its number or by an end-to-end id of one of its
// instructions. Errors: TRACE_PAYMENT_UNKNOWN (NotFound).
func (s *Service) Payment(ctx context.Context, q db.Querier, text string, p Page) (Credit, error) {
	id, err := paymentID(ctx, q, strings.TrimSpace(text))
	if err != nil {
		return Credit{}, err
	}
	found, err := s.payments(ctx, q, []int64{id})
	if err != nil {
		return Credit{}, err
	}
	if len(found) == 0 {
		return Credit{}, errs.New(errs.NotFound, "TRACE_PAYMENT_UNKNOWN", "text", text)
	}
	c := Credit{Payment: found[0]}
	return c, s.linesOfCredit(ctx, q, &c, p)
}

func paymentID(ctx context.Context, q db.Querier, text string) (int64, error) {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		return id, nil
	}
	found, err := numbers(ctx, q, "attempt", `SELECT payment FROM attempt WHERE end_to_end_id = $1`, strings.ToUpper(text))
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "TRACE_PAYMENT_UNKNOWN", "text", text)
	}
	if err != nil {
		return 0, err
	}
	return found[0], nil
}

// linesOfPayment are the lines that have or had a leg in a payment ($1), with
// an id above $2, at most $3.
const linesOfPayment = `SELECT DISTINCT line FROM leg WHERE payment = $1 AND line > $2 ORDER BY line LIMIT $3`

func (s *Service) linesOfCredit(ctx context.Context, q db.Querier, c *Credit, p Page) error {
	ids, err := numbers(ctx, q, "lines of a payment", linesOfPayment, c.Payment.ID, p.After, p.limit())
	if err != nil {
		return err
	}
	if len(ids) == p.limit() {
		if c.Rest, err = rest(ctx, q, linesOfPayment, c.Payment.ID, ids[len(ids)-1]); err != nil {
			return err
		}
	}
	if c.Lines, err = s.lines(ctx, q, ids); err != nil {
		return err
	}
	var lots []int64
	var legs []legSpan
	for _, l := range c.Lines {
		for _, g := range l.Legs {
			if g.Payment == c.Payment.ID {
				lots, legs = append(lots, g.Lot), append(legs, legSpan{g.Lot, g.opened})
			}
		}
	}
	if c.Documents, err = rootsOfLots(ctx, q, lots); err != nil {
		return err
	}
	c.Journals, err = journalsOfPayment(ctx, q, c.Payment, legs)
	c.Lines, c.Documents, c.Journals = orEmpty(c.Lines), orEmpty(c.Documents), orEmpty(c.Journals)
	return err
}
