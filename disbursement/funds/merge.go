package funds

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/areas"
	"fenlu/events"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
)

// MergeTownships asks for townships to become part of another from a day on
// (乡镇撤并), under the one document that decides it.
type MergeTownships struct {
	Townships []string  `json:"townships" validate:"required,dive,area12"`
	Successor string    `json:"successor" validate:"required,area12"`
	Effective time.Time `json:"effective_on" validate:"required"`
	Number    string    `json:"number" validate:"required,max=80,no_personal_number"` // 文号
	Title     string    `json:"title" validate:"required,max=200,no_personal_number"`
	IssuedOn  time.Time `json:"issued_on" validate:"required"`
}

// reserveMerge is the kind of the journal that moves a merged township's reserve.
const reserveMerge = "reserve.merge"

// MergeTownships records that townships became part of another, and moves what
// is left of their reserves to the successor's, of the same lots, at the same
// addresses, in one journal. From that day people of the townships are the
// successor's, draw on its reserve, and their cases count there. What is drawn and
// not paid stays with its case; what comes free of it later moves when the same is
// asked under another document. Where no money is left the change is recorded and
// nothing posted. Idempotent by 文号; it takes the right to allot reserves (备用金核拨).
//
// Errors: AUTH_RIGHT_MISSING; VALID_PROBLEMS; NotFound AREA_UNKNOWN; Invalid
// AREA_LEVEL; Refused AREA_NOT_YET, AREA_CIRCLE, RESERVE_EARLIER_YEAR,
// LEDGER_PERIOD_CLOSED; Conflict AREA_MERGED, FUNDS_NUMBER_USED.
func (s *Service) MergeTownships(ctx context.Context, cmd MergeTownships) (Moved, error) {
	actor, err := auth.Require(ctx, auth.ReserveAllocate)
	if err != nil {
		return Moved{}, err
	}
	cmd.Townships = slices.Clone(cmd.Townships)
	for i, t := range cmd.Townships {
		cmd.Townships[i] = Area12(t)
	}
	slices.Sort(cmd.Townships)
	cmd.Townships = slices.Compact(cmd.Townships)
	cmd.Successor, cmd.Number = Area12(cmd.Successor), NormalNumber(cmd.Number)
	if err := s.valid.Check(cmd); err != nil {
		return Moved{}, err
	}
	if cmd.Effective.After(s.today()) {
		return Moved{}, errs.New(errs.Refused, "AREA_NOT_YET", "date", day(cmd.Effective))
	}
	var moved Moved
	err = run(ctx, s.db.RunSerializable, func(tx pgx.Tx) error {
		var err error
		moved, err = s.mergeTownships(ctx, tx, cmd, actor.Login)
		return err
	})
	return moved, err
}

func (s *Service) mergeTownships(ctx context.Context, tx pgx.Tx, cmd MergeTownships, actor string) (Moved, error) {
	d := Document{Number: cmd.Number, Title: cmd.Title, Type: ReserveOf, Kind: Move, Year: s.today().Year(), IssuedOn: cmd.IssuedOn,
		ReceivedOn: cmd.IssuedOn, RecordedBy: actor, RecordedAt: s.clock.Now().Truncate(time.Microsecond)}
	if moved, found, err := s.replayMerger(ctx, tx, d, cmd); err != nil || found {
		return moved, err
	}
	if err := s.knownTownships(ctx, tx, append(slices.Clone(cmd.Townships), cmd.Successor)); err != nil {
		return Moved{}, err
	}
	before, err := areas.Changes(ctx, tx)
	if err != nil {
		return Moved{}, err
	}
	for _, t := range cmd.Townships {
		err := areas.MergeTx(ctx, tx, areas.Change{Code: t, Successor: cmd.Successor, From: cmd.Effective, Document: cmd.Number, By: actor, At: d.RecordedAt})
		if err != nil {
			return Moved{}, err
		}
	}
	left, err := reservesOf(ctx, tx, cmd.Townships, d.Year)
	if err != nil || len(left) == 0 { // no money to move: the change of the areas says it all
		return Moved{Number: cmd.Number, Replay: cmd.saidBy(before)}, err
	}
	m, err := s.newMove(ctx, tx, d, reserveMerge)
	if err != nil {
		return Moved{}, err
	}
	if err := m.carry(ctx, left, toTownship(cmd.Successor)); err != nil {
		return Moved{}, err
	}
	m.cash = leaving(left, cmd.Successor)
	moved, err := m.publish(ctx, events.TownshipsMerged, events.Facts{Code: cmd.Number, Name: cmd.Title, Actor: actor, Count: len(cmd.Townships)})
	if err != nil {
		return Moved{}, err
	}
	return moved, m.allotMerged(ctx, cmd.Successor, left, moved.Journal)
}

// replayMerger answers a 文号 that is on record: as a merger of just these
// townships, or as a later document that moved what had come free.
func (s *Service) replayMerger(ctx context.Context, tx pgx.Tx, d Document, cmd MergeTownships) (Moved, bool, error) {
	return s.replayNumber(ctx, tx, d, func(known Document, j ledger.Journal) (bool, error) {
		changes, err := areas.Changes(ctx, tx)
		return known.Type == d.Type && j.Kind == reserveMerge && cmd.saidBy(changes), err
	})
}

// saidBy says whether changes tell of this merger: those of its document, where
// it has any, else that the townships are merged into the successor.
func (cmd MergeTownships) saidBy(changes []areas.Change) bool {
	var under, into []string
	sameDay := true
	for _, c := range changes {
		if c.Kind != areas.Merged || c.Successor != cmd.Successor {
			continue
		}
		into = append(into, c.Code)
		if c.Document == cmd.Number {
			under = append(under, c.Code)
			sameDay = sameDay && c.From.Equal(cmd.Effective)
		}
	}
	if len(under) > 0 {
		slices.Sort(under)
		return sameDay && slices.Equal(under, cmd.Townships)
	}
	return !slices.ContainsFunc(cmd.Townships, func(t string) bool { return !slices.Contains(into, t) })
}

// knownTownships refuses codes that have no name on record. Errors: AREA_UNKNOWN.
func (s *Service) knownTownships(ctx context.Context, q db.Querier, codes []string) error {
	names, err := s.parties.Areas(ctx, q, codes)
	for _, code := range codes {
		if err == nil && names[code].Name == "" {
			err = errs.New(errs.NotFound, "AREA_UNKNOWN", "area", code)
		}
	}
	return err
}

// reservesOf is what townships' reserves have left. Errors: RESERVE_EARLIER_YEAR
// where money of an earlier year stands there: it is carried over first.
func reservesOf(ctx context.Context, q db.Querier, townships []string, year int) ([]Remaining, error) {
	earlier, err := oldestReserve(ctx, q, townships)
	if err != nil {
		return nil, err
	}
	if earlier != 0 && earlier < year {
		return nil, errs.New(errs.Refused, "RESERVE_EARLIER_YEAR", "year", earlier)
	}
	all, err := Unspent(ctx, q, year)
	return slices.DeleteFunc(all, func(r Remaining) bool {
		return r.Place != ledger.Reserve || !slices.Contains(townships, r.Township)
	}), err
}

// toTownship keeps money in reserve, for another township.
func toTownship(code string) end {
	return func(from free, _ Remaining) (Purpose, ledger.Place) {
		return from.Purpose, ledger.Place{Kind: ledger.Reserve, Township: code}
	}
}

// allotMerged puts on record, as an allotment of the successor, what came from
// the reserves that were merged. Of a budget line there is one place only.
func (m *making) allotMerged(ctx context.Context, successor string, left []Remaining, journal ledger.JournalID) error {
	var given []Allotment
	for _, l := range m.lines {
		account, found, err := ledger.AccountAt(ctx, m.tx, l.Lot, ledger.Place{Kind: ledger.Reserve, BudgetLine: l.To, Township: successor})
		if err == nil && !found {
			err = fmt.Errorf("no reserve of %s on budget line %d", successor, l.To)
		}
		if err != nil {
			return err
		}
		i := slices.IndexFunc(left, func(r Remaining) bool { return r.BudgetLine == l.From })
		a, err := allotmentOfAccount(ctx, m.tx, left[i].account)
		if err != nil {
			return err
		}
		a.Township, a.Residents, a.BudgetLine, a.Account, a.Amount = successor, 0, l.To, account.ID, l.Amount
		given = append(given, a)
	}
	return insertAllotments(ctx, m.tx, m.document.Year, asMerged, journal, given)
}
