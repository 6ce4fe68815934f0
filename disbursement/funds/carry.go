package funds

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/events"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// CarryOver asks to carry what is unspent of a year over into the next (结转),
// under a document of the next year.
type CarryOver struct {
	Year     int       `json:"year" validate:"min=1990,max=2198"`                    // that ends
	Number   string    `json:"number" validate:"required,max=80,no_personal_number"` // 文号
	Title    string    `json:"title" validate:"required,max=200,no_personal_number"`
	IssuedOn time.Time `json:"issued_on" validate:"required"`
}

// CarryOver makes a document that moves everything the budget lines of a year
// have free, what is set aside and in reserve included, to new budget lines of
// the next year: of the same lots, codes and purposes, at the same addresses,
// in one journal. What is frozen, in transit or waiting for a re-issue stays with
// its line; what comes free of it later takes another document. Idempotent by
// 文号.
//
// Errors: VALID_PROBLEMS; Refused CARRY_NOTHING, LEDGER_LOT_STOPPED,
// LEDGER_PERIOD_CLOSED; Conflict FUNDS_NUMBER_USED.
func (s *Service) CarryOver(ctx context.Context, cmd CarryOver) (Moved, error) {
	who, err := auth.Require(ctx, auth.JournalCorrect)
	if err != nil {
		return Moved{}, err
	}
	cmd.Number = NormalNumber(cmd.Number)
	if err := s.valid.Check(cmd); err != nil {
		return Moved{}, err
	}
	var moved Moved
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		var err error
		moved, err = s.carryOver(ctx, tx, cmd, who.Login)
		return err
	})
	return moved, err
}

func (s *Service) carryOver(ctx context.Context, tx pgx.Tx, cmd CarryOver, actor string) (Moved, error) {
	d := Document{Number: cmd.Number, Title: cmd.Title, Type: CarryType, Kind: Move, Year: cmd.Year + 1, IssuedOn: cmd.IssuedOn, ReceivedOn: cmd.IssuedOn,
		RecordedBy: actor, RecordedAt: s.clock.Now()}
	same := func(known Document, j ledger.Journal) (bool, error) {
		return j.Kind == "document.carry_over" && known.Year == d.Year, nil
	}
	if moved, found, err := s.replayNumber(ctx, tx, d, same); err != nil || found {
		return moved, err
	}
	left, err := Unspent(ctx, tx, cmd.Year)
	if err != nil {
		return Moved{}, err
	}
	if len(left) == 0 {
		return Moved{}, errs.New(errs.Refused, "CARRY_NOTHING", "year", cmd.Year)
	}
	m, err := s.newMove(ctx, tx, d, "document.carry_over")
	if err != nil {
		return Moved{}, err
	}
	if err := m.carry(ctx, left, sameEnd); err != nil {
		return Moved{}, err
	}
	moved, err := m.publish(ctx, events.CarriedOver, events.Facts{Code: cmd.Number, Actor: actor, Count: len(m.lines), Name: cmd.Title})
	if err != nil {
		return Moved{}, err
	}
	return moved, m.carryReserves(ctx, cmd.Year, left, moved.Journal)
}

// replayNumber answers a 文号 that is on record: done where it is the same paper
// and its journal is the same, a conflict otherwise. What the paper moved is not
// asked again: of a year that is carried over, nothing is left.
func (s *Service) replayNumber(ctx context.Context, tx pgx.Tx, d Document, same func(Document, ledger.Journal) (bool, error)) (Moved, bool, error) {
	found, err := documentsByNumber(ctx, tx, []string{d.Number})
	if err != nil || len(found) == 0 {
		return Moved{}, false, err
	}
	known := found[0]
	lines, err := linesOfDocuments(ctx, tx, []DocumentID{known.ID})
	if err != nil {
		return Moved{}, false, err
	}
	moved, is := movedOf(known, lines, true), false
	if moved.Journal != 0 { // else a paper that moved nothing
		j, err := ledger.JournalByID(ctx, tx, moved.Journal)
		if err == nil {
			is, err = same(known, j)
		}
		if err != nil {
			return Moved{}, false, err
		}
	}
	if !is || known.Title != d.Title || !known.IssuedOn.Equal(d.IssuedOn) {
		return Moved{}, false, errs.New(errs.Conflict, "FUNDS_NUMBER_USED", "number", d.Number, "title", known.Title, "by", known.RecordedBy,
			"on", day(known.RecordedAt))
	}
	return moved, true, nil
}

// end says for what a new budget line is, and at which place of it what a place
// has left will stand.
type end func(from free, r Remaining) (Purpose, ledger.Place)

// sameEnd keeps purpose and place.
func sameEnd(from free, r Remaining) (Purpose, ledger.Place) {
	return from.Purpose, ledger.Place{Kind: r.Place, Township: r.Township}
}

// toCounty gives back to the county, to pay any benefit.
func toCounty(free, Remaining) (Purpose, ledger.Place) {
	return ForBenefit, ledger.Place{Kind: ledger.Available}
}

// carry adds a line for each budget line that has money left, and a step for
// each of its places.
func (m *making) carry(ctx context.Context, left []Remaining, to end) error {
	var ids []ledger.BudgetLineID
	for _, r := range left {
		ids = append(ids, r.BudgetLine)
	}
	sources, err := budgetLinesByID(ctx, m.tx, ids)
	if err != nil {
		return err
	}
	for i := 0; i < len(left); {
		from := sources[left[i].BudgetLine]
		l := from.line()
		end := i
		for ; end < len(left) && left[end].BudgetLine == from.BudgetLine; end++ {
			if l.Amount, err = money.Add(l.Amount, left[end].Amount); err != nil {
				return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
			}
		}
		purpose, _ := to(from, left[i])
		if l, err = m.open(ctx, l, from.BudgetLine, purpose); err != nil {
			return err
		}
		m.lines = append(m.lines, l)
		for _, r := range left[i:end] {
			_, place := to(from, r)
			place.BudgetLine = l.To
			m.steps = append(m.steps, ledger.Shift{From: r.account, Amount: r.Amount, To: place})
		}
		i = end
	}
	return nil
}
