package batch

import (
	"context"

	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// ChangeKind is how a line differs from the month before's.
type ChangeKind string

// The kinds of changes.
const (
	ChangeNew     ChangeKind = "new"     // 新增: nobody paid it the month before
	ChangeStopped ChangeKind = "stopped" // 停发: paid the month before, not on this list
	ChangeAmount  ChangeKind = "amount"  // 金额变动
	ChangeAccount ChangeKind = "account" // 收款账户变动: another payee, or another account of his
)

// Name is the word a user reads.
func (k ChangeKind) Name(lang i18n.Lang) string { return i18n.Term(lang, "batch.change", string(k)) }

// Change is one entitlement that is not as it was the month before: whose, and
// by how much. A line can differ in amount and in account.
type Change struct {
	Kinds     []ChangeKind    `json:"kinds"`
	No        int32           `json:"line"`     // in this list; 0: stopped
	Subject   int64           `json:"subject"`  // the person, or the unit
	Unit      bool            `json:"unit"`     // the subject is a unit
	Name      string          `json:"name"`     //
	Masked    string          `json:"masked"`   // the ID number or credit code, masked
	Township  string          `json:"township"` // 12-digit code
	Component string          `json:"component"`
	Before    money.Fen       `json:"before"` // 0: new
	Now       money.Fen       `json:"now"`    // 0: stopped
	Role      terms.PayeeRole `json:"payee_role"`
}

// TownshipChange is how a township's part of the list differs.
type TownshipChange struct {
	Township    string    `json:"township"`
	LinesBefore int       `json:"lines_before"`
	Lines       int       `json:"lines"`
	New         int       `json:"new"`
	Stopped     int       `json:"stopped"`
	Amounts     int       `json:"amounts"`
	Accounts    int       `json:"accounts"`
	Before      money.Fen `json:"before"`
	Now         money.Fen `json:"now"`
}

// Comparison is a batch beside what the same office paid under the same program
// the month before (与上月比对): the regular lines of the list's month with
// those of the month before in lists that were submitted and not cancelled.
// Back-pay and single payments have no month before and are left out.
type Comparison struct {
	Batch     Batch            `json:"batch"`
	Month     terms.Month      `json:"month_before"`
	With      []string         `json:"with"` // codes of the lists of the month before; none: all is new
	Townships []TownshipChange `json:"townships"`
	Total     TownshipChange   `json:"total"`
	Changes   []Change         `json:"changes"`
	More      bool             `json:"more"` // there are more changes than were asked for
}

// CompareQuery asks for a comparison; Limit bounds the changes (0: all).
type CompareQuery struct {
	Code  string
	Limit int
}

// Compare sets a batch beside the month before, by township, then line by line
// in order of township and list. Errors: BATCH_UNKNOWN (NotFound).
func (s *Service) Compare(ctx context.Context, q db.Querier, ask CompareQuery) (Comparison, error) {
	b, err := ByCode(ctx, q, ask.Code)
	if err != nil {
		return Comparison{}, err
	}
	c := Comparison{Batch: b, Month: b.Period.Add(-1)}
	before, err := listsOfMonth(ctx, q, b, c.Month)
	if err != nil {
		return c, err
	}
	ids := make([]ID, len(before))
	for i, o := range before {
		ids[i], c.With = o.ID, append(c.With, o.Code)
	}
	if c.Townships, err = townshipChanges(ctx, q, b, ids, c.Month); err != nil {
		return c, err
	}
	for _, t := range c.Townships {
		if err := c.Total.add(t); err != nil {
			return c, err
		}
	}
	if c.Changes, err = changes(ctx, q, b, ids, c.Month, ask.Limit); err != nil {
		return c, err
	}
	if ask.Limit > 0 && len(c.Changes) > ask.Limit {
		c.Changes, c.More = c.Changes[:ask.Limit], true
	}
	return c, s.nameChanges(ctx, q, c.Changes)
}

func (t *TownshipChange) add(o TownshipChange) (err error) {
	t.LinesBefore, t.Lines, t.New, t.Stopped = t.LinesBefore+o.LinesBefore, t.Lines+o.Lines, t.New+o.New, t.Stopped+o.Stopped
	t.Amounts, t.Accounts = t.Amounts+o.Amounts, t.Accounts+o.Accounts
	if t.Before, err = money.Add(t.Before, o.Before); err != nil {
		return err
	}
	t.Now, err = money.Add(t.Now, o.Now)
	return err
}

// nameChanges says who the changes are about, a page of subjects at a time.
func (s *Service) nameChanges(ctx context.Context, q db.Querier, all []Change) error {
	for from := 0; from < len(all); from += chunkRows {
		page := all[from:min(from+chunkRows, len(all))]
		var people []parties.PersonID
		var units []parties.UnitID
		for _, c := range page {
			if c.Unit {
				units = append(units, parties.UnitID(c.Subject))
			} else {
				people = append(people, parties.PersonID(c.Subject))
			}
		}
		persons, err := s.parties.People(ctx, q, people)
		if err != nil {
			return err
		}
		homes, err := s.parties.UnitsByID(ctx, q, units)
		if err != nil {
			return err
		}
		for i := range page {
			if c := &page[i]; c.Unit {
				c.Name, c.Masked = homes[parties.UnitID(c.Subject)].Name, homes[parties.UnitID(c.Subject)].CreditCode
			} else {
				c.Name, c.Masked = persons[parties.PersonID(c.Subject)].Name, persons[parties.PersonID(c.Subject)].Masked
			}
		}
	}
	return nil
}
