package batch

import (
	"context"
	"time"

	"fenlu/disbursement/funds"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/money"
)

// Owed is what a level owes for what was advanced under a decision (垫付清单).
type Owed struct {
	Number   string      `json:"number"` // 文号 of the decision
	Program  string      `json:"program"`
	Payer    terms.Level `json:"payer"`
	Owing    terms.Level `json:"owing"`
	Limit    money.Fen   `json:"limit"`
	Until    time.Time   `json:"until"`
	Advanced money.Fen   `json:"advanced"` // owed and repaid
	Repaid   money.Fen   `json:"repaid"`   // by corrections
	Owed     money.Fen   `json:"owed"`
	Since    time.Time   `json:"since"` // when the oldest leg that is still owed was frozen
	Days     int         `json:"days"`  // since then
	DueOn    time.Time   `json:"due_on"`
	Overdue  bool        `json:"overdue"`
}

// OwedList is the advances with the term that ages them.
type OwedList struct {
	AsOf  time.Time    `json:"as_of"`
	Term  rules.Figure `json:"term"`
	Items []Owed       `json:"items"`
	Total money.Fen    `json:"total"` // owed
}

// Advances lists what is owed under every decision that was used, by the order in
// which decisions were recorded; with all, also what is repaid, and decisions
// nobody used. Unrepaid money is overdue once it is older than the days of
// rules.FundsAdvanceDays. Errors: NotFound RULE_NONE.
func Advances(ctx context.Context, q db.Querier, area string, asOf time.Time, all bool) (OwedList, error) {
	out := OwedList{AsOf: asOf, Items: []Owed{}}
	var err error
	if out.Term, err = rules.Find(ctx, q, rules.FundsAdvanceDays, funds.Area12(area), asOf); err != nil {
		return out, err
	}
	days, err := out.Term.Whole()
	if err != nil {
		return out, err
	}
	list, err := advances(ctx, q, `ORDER BY a.id`)
	if err != nil {
		return out, err
	}
	for _, a := range list {
		o, err := owedUnder(ctx, q, a, asOf, days)
		if err != nil {
			return out, err
		}
		if o.Owed == 0 && !all {
			continue
		}
		out.Items = append(out.Items, o)
		if err := grow(&out.Total, o.Owed); err != nil {
			return out, err
		}
	}
	return out, nil
}

const oneDay = 24 * time.Hour

func owedUnder(ctx context.Context, q db.Querier, a Advance, asOf time.Time, days int) (Owed, error) {
	o := Owed{Number: a.Number, Program: a.Program, Payer: a.Payer, Owing: a.Owing, Limit: a.Amount, Until: a.Until}
	st, err := standingOf(ctx, q, a.ID)
	if err != nil {
		return o, err
	}
	o.Owed, o.Repaid = st.owed, st.repaid
	if o.Advanced, err = money.Add(st.owed, st.repaid); err != nil || len(st.legs) == 0 {
		return o, err
	}
	if o.Since, err = advancedSince(ctx, q, st.legs); err != nil {
		return o, err
	}
	o.Days, o.DueOn = int(asOf.Sub(o.Since)/oneDay), o.Since.AddDate(0, 0, days)
	o.Overdue = asOf.After(o.DueOn)
	return o, nil
}
