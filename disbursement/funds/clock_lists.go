package funds

import (
	"context"
	"slices"
	"time"

	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/ledger"
	"fenlu/money"
)

// Due is a lot on one of the lists that a term makes: to be passed on, idle, to
// be given back. Days is how far it is past the day, negative before it.
type Due struct {
	Lot      ledger.LotID `json:"lot"`
	Document string       `json:"document"`
	LineNo   int          `json:"line"`
	Year     int          `json:"year"`
	Level    terms.Level  `json:"level"`
	Fund     string       `json:"fund"`
	Since    time.Time    `json:"since"`     // received, arrived, or the end of the root document's year
	DueOn    time.Time    `json:"due_on"`    // the last day of its time
	Days     int          `json:"days_over"` // of what was passed on late, until it was
	Flag     string       `json:"flag"`      // overdue, late, idle, idle_long, give_back, coming
	Amount   money.Fen    `json:"amount"`
}

// DueList is such a list with the terms that make it.
type DueList struct {
	AsOf  time.Time      `json:"as_of"`
	Terms []rules.Figure `json:"terms"`
	Items []Due          `json:"items"`
	Total money.Fen      `json:"total"`

	values []int // of the terms
}

// The flags of a list.
const (
	FlagOverdue  = "overdue"   // not passed on, and the days are over
	FlagLate     = "late"      // passed on after the days were over
	FlagIdle     = "idle"      // unspent past the first term
	FlagIdleLong = "idle_long" // unspent past the second
	FlagGiveBack = "give_back" // unspent when its time was over
	FlagComing   = "coming"    // will be, if it stays unspent
)

func (l *DueList) add(c Cash, flag string, since, due time.Time, amount money.Fen) error {
	return l.addOn(l.AsOf, c, flag, since, due, amount)
}

// addOn counts the days until a day before that of the list.
func (l *DueList) addOn(on time.Time, c Cash, flag string, since, due time.Time, amount money.Fen) (err error) {
	l.Items = append(l.Items, Due{Lot: c.Lot, Document: c.Document, LineNo: c.LineNo, Year: c.Year, Level: terms.Level(c.Level), Fund: c.Fund,
		Since: since, DueOn: due, Days: daysBetween(due, on), Flag: flag, Amount: amount})
	l.Total, err = money.Add(l.Total, amount)
	return err
}

// newList reads the terms of a list that are in force on its day.
func (s *Service) newList(ctx context.Context, q db.Querier, area string, asOf time.Time, names ...rules.Name) (*DueList, error) {
	l := &DueList{AsOf: asOf, Items: []Due{}}
	for _, n := range names {
		f, err := rules.Find(ctx, q, n, Area12(area), asOf)
		if err != nil {
			return nil, err
		}
		value, err := f.Whole()
		if err != nil {
			return nil, err
		}
		l.Terms, l.values = append(l.Terms, f), append(l.values, value)
	}
	return l, nil
}

// PassOnList is the lots from a level above whose document was not passed on
// within the days of the term (30 in 预算法 art. 52), or later. Money of the
// county itself and gifts have nobody above that set the clock.
// Errors: NotFound RULE_NONE.
func (s *Service) PassOnList(ctx context.Context, q db.Querier, area string, asOf time.Time) (*DueList, error) {
	l, err := s.newList(ctx, q, area, asOf, rules.FundsPassOnDays)
	if err != nil {
		return nil, err
	}
	lots, err := cashOfLots(ctx, q, 0)
	if err != nil {
		return nil, err
	}
	for _, c := range lots {
		if level := terms.Level(c.Level); level == terms.County || level == terms.Donation {
			continue
		}
		due := c.ReceivedOn.AddDate(0, 0, l.values[0])
		switch {
		case c.PassedOn == nil && asOf.After(due):
			err = l.add(c, FlagOverdue, c.ReceivedOn, due, c.BroughtIn)
		case c.PassedOn != nil && c.PassedOn.After(due):
			err = l.addOn(*c.PassedOn, c, FlagLate, c.ReceivedOn, due, c.BroughtIn)
		}
		if err != nil {
			return nil, err
		}
	}
	return l, nil
}

// IdleList is what of each lot is unspent and arrived longer ago than the first
// and the second term (12 and 24 months in most places). What is spent is taken
// from the cash that arrived first. A lot of whose cash nothing is known counts
// from the day its document was received. Errors: NotFound RULE_NONE.
func (s *Service) IdleList(ctx context.Context, q db.Querier, area string, asOf time.Time) (*DueList, error) {
	l, err := s.newList(ctx, q, area, asOf, rules.FundsIdleMonths, rules.FundsLongIdleMonths)
	if err != nil {
		return nil, err
	}
	lots, err := cashOfLots(ctx, q, 0)
	if err != nil {
		return nil, err
	}
	all, err := query[instalment](ctx, q, "cash of lots", instalmentSQL+` ORDER BY lot, arrived_on, voucher`)
	if err != nil {
		return nil, err
	}
	of := map[ledger.LotID][]instalment{}
	for _, i := range all {
		of[i.Lot] = append(of[i.Lot], i)
	}
	for _, c := range lots {
		arrived := of[c.Lot]
		if !c.Known {
			arrived = []instalment{{Lot: c.Lot, ArrivedOn: c.ReceivedOn, Amount: c.BroughtIn}}
		}
		for _, i := range idleOf(c, arrived) {
			first, second := i.ArrivedOn.AddDate(0, l.values[0], -1), i.ArrivedOn.AddDate(0, l.values[1], -1) // the last days of the terms
			switch {
			case asOf.After(second):
				err = l.add(c, FlagIdleLong, i.ArrivedOn, second, i.Amount)
			case asOf.After(first):
				err = l.add(c, FlagIdle, i.ArrivedOn, first, i.Amount)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

// idleOf is what is left of each instalment when what is unspent is counted back
// from the last one.
func idleOf(c Cash, arrived []instalment) []instalment {
	var out []instalment
	left := min(c.Unspent, max(c.BroughtIn-c.Withdrawn, 0))
	if c.Known {
		left -= max(c.Unfunded, 0) // quota without cash is not idle cash
	}
	for _, i := range slices.Backward(arrived) {
		if i.Amount = min(i.Amount, left); i.Amount <= 0 {
			break
		}
		left -= i.Amount
		out = append(out, i)
	}
	slices.Reverse(out)
	return out
}

// GiveBackList is what is unspent of each lot at the end of the year that the
// term counts from the budget year of the document that brought it (N+1 in most
// places, earlier by a local rule). Carry-over moves money to another budget
// line of the same lot and does not start the clock again. What is due in the
// year of the list is coming. Errors: NotFound RULE_NONE.
func (s *Service) GiveBackList(ctx context.Context, q db.Querier, area string, asOf time.Time) (*DueList, error) {
	l, err := s.newList(ctx, q, area, asOf, rules.FundsGiveBackYears)
	if err != nil {
		return nil, err
	}
	lots, err := cashOfLots(ctx, q, 0)
	if err != nil {
		return nil, err
	}
	for _, c := range lots {
		due := firstDay(c.Year+l.values[0]+1).AddDate(0, 0, -1)
		switch {
		case c.Unspent == 0:
		case asOf.After(due):
			err = l.add(c, FlagGiveBack, firstDay(c.Year+1).AddDate(0, 0, -1), due, c.Unspent)
		case asOf.Year() == due.Year():
			err = l.add(c, FlagComing, firstDay(c.Year+1).AddDate(0, 0, -1), due, c.Unspent)
		}
		if err != nil {
			return nil, err
		}
	}
	return l, nil
}
