package funds

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/rules"
	"fenlu/events"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// allotmentKind says why a township was given what it has.
type allotmentKind string

// The kinds.
const (
	forYear  allotmentKind = "year"   // 年初预拨
	asRefill allotmentKind = "refill" // 补足
	asCarry  allotmentKind = "carry"  // 上年结转
	asMerged allotmentKind = "merge"  // 乡镇撤并转入
)

// journal is the kind of the journal that gives.
func (k allotmentKind) journal() string {
	if k == asRefill {
		return "reserve.refill"
	}
	return "reserve.allocate"
}

// ceilings says whether residents × rate is a ceiling: each township by its own
// rule, which may differ from its county's.
type ceilings struct {
	set rules.Set
	on  time.Time
}

func ceilingsOn(ctx context.Context, q db.Querier, on time.Time) (ceilings, error) {
	set, err := rules.Load(ctx, q, rules.ReserveIsCeiling)
	return ceilings{set, on}, err
}

// at is what the rule of a township says. Errors: RULE_NONE.
func (c ceilings) at(township string) (bool, error) {
	f, err := rules.Pick(c.set, rules.ReserveIsCeiling, township, c.on)
	return f.Yes(), err
}

// lessCarried takes what townships carried over from the year before off a
// ceiling. Where residents × rate is the year's own money it stays whole.
func (s *Service) lessCarried(ctx context.Context, tx pgx.Tx, cmd AllocateReserves, due []Allotment) ([]Allotment, error) {
	sums, err := townshipSums(ctx, tx, cmd.Year)
	if err != nil {
		return nil, err
	}
	carried := map[string]money.Fen{}
	for _, sum := range sums {
		if sum.Carried > 0 {
			carried[sum.Township] = sum.Carried
		}
	}
	rule, err := ceilingsOn(ctx, tx, cmd.IssuedOn)
	if err != nil {
		return nil, err
	}
	out := make([]Allotment, 0, len(due))
	for _, a := range due {
		if carried[a.Township] > 0 {
			ceiling, err := rule.at(a.Township)
			if err != nil {
				return nil, err
			}
			if ceiling {
				a.Amount -= carried[a.Township]
			}
		}
		if a.Amount > 0 {
			out = append(out, a)
		}
	}
	return out, nil
}

// RefillReserves makes the document that refills the reserves of a year
// (补足备用金): up to residents × rate where that is a ceiling, else what of it
// the year has not given yet. It asks the same as an allotment does, and stands
// under a document of its own. Idempotent by 文号.
//
// Errors: those of AllocateReserves but RESERVE_ALLOCATED; RULE_NONE; NotFound
// RESERVE_NONE_OF_YEAR (the year is not allotted yet); Refused RESERVE_FULL, RESERVE_AT_CEILING.
func (s *Service) RefillReserves(ctx context.Context, cmd AllocateReserves) (Allocated, error) {
	who, err := auth.Require(ctx, auth.ReserveAllocate)
	if err != nil {
		return Allocated{}, err
	}
	cmd.Area, cmd.Number = Area12(cmd.Area), NormalNumber(cmd.Number)
	if cmd.PopulationOn.IsZero() {
		cmd.PopulationOn = time.Date(cmd.Year, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	if err := s.valid.Check(cmd); err != nil {
		return Allocated{}, err
	}
	var done Allocated
	err = run(ctx, s.db.RunSerializable, func(tx pgx.Tx) error {
		var err error
		done, err = s.refill(ctx, tx, cmd, who.Login)
		return err
	})
	return done, err
}

func (s *Service) refill(ctx context.Context, tx pgx.Tx, cmd AllocateReserves, actor string) (Allocated, error) {
	var err error
	if cmd.Area, err = reserveArea(ctx, tx, cmd.Area, cmd.Year); err != nil {
		return Allocated{}, err
	}
	d := Document{Number: cmd.Number, Title: cmd.Title, Type: ReserveOf, Kind: Move, Year: cmd.Year, IssuedOn: cmd.IssuedOn}
	var given []Allotment
	same := func(known Document, j ledger.Journal) (bool, error) {
		var err error
		given, err = allotmentsOf(ctx, tx, j.ID)
		low, high := span(cmd.Area)
		elsewhere := func(a Allotment) bool { return a.Township < low || a.Township > high }
		return j.Kind == asRefill.journal() && known.Year == cmd.Year && !slices.ContainsFunc(given, elsewhere), err
	}
	if moved, found, err := s.replayNumber(ctx, tx, d, same); err != nil || found {
		return Allocated{Moved: moved, Townships: given}, err
	}
	if _, found, err := allocationOf(ctx, tx, cmd.Area, cmd.Year); err != nil || !found {
		return Allocated{}, orNoneOfYear(err, cmd)
	}
	target, err := s.allotments(ctx, tx, cmd)
	if err != nil {
		return Allocated{}, err
	}
	room, err := roomOf(ctx, tx, cmd, target)
	if err != nil {
		return Allocated{}, err
	}
	return s.give(ctx, tx, cmd, room, asRefill, actor)
}

func orNoneOfYear(err error, cmd AllocateReserves) error {
	if err != nil {
		return err
	}
	return errs.New(errs.NotFound, "RESERVE_NONE_OF_YEAR", "area", cmd.Area, "year", cmd.Year)
}

// reserveArea is the area asked for, or the only one with a rule for the year.
func reserveArea(ctx context.Context, tx pgx.Tx, area string, year int) (string, error) {
	area, err := onlyArea(ctx, tx, area, `SELECT DISTINCT area_code FROM reserve_rule WHERE year = $1 ORDER BY area_code`, year)
	if err == nil && area == "" {
		err = errs.New(errs.NotFound, "RESERVE_NO_RULE", "area", "—", "year", year)
	}
	return area, err
}

// roomOf is what of each township's target may still be given.
func roomOf(ctx context.Context, tx pgx.Tx, cmd AllocateReserves, target []Allotment) ([]Allotment, error) {
	rule, err := ceilingsOn(ctx, tx, cmd.IssuedOn)
	if err != nil {
		return nil, err
	}
	sums, err := townshipSums(ctx, tx, cmd.Year)
	if err != nil {
		return nil, err
	}
	var room []Allotment
	var all money.Fen
	code := "RESERVE_FULL"
	for _, a := range target {
		ceiling, err := rule.at(a.Township)
		if err != nil {
			return nil, err
		}
		if ceiling {
			code = "RESERVE_AT_CEILING"
		}
		if all, err = money.Add(all, a.Amount); err != nil {
			return nil, errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
		if i := slices.IndexFunc(sums, func(t townshipSum) bool { return t.Township == a.Township }); i >= 0 {
			has := sums[i].Granted
			if ceiling {
				has = sums[i].Balance
			}
			a.Amount -= has
		}
		if a.Amount > 0 {
			room = append(room, a)
		}
	}
	if len(room) == 0 {
		return nil, errs.New(errs.Refused, code, "area", cmd.Area, "year", cmd.Year, "target", all.Grouped())
	}
	return room, nil
}

// ReturnReserves asks for what reserves of a year have left to go back to the
// county (交回备用金), of one township or of all, under a document.
type ReturnReserves struct {
	Area     string    `json:"area" validate:"omitempty,area12"`     // empty: the only one with a rule
	Township string    `json:"township" validate:"omitempty,area12"` // empty: all of the area
	Year     int       `json:"year" validate:"min=1990,max=2199"`
	Number   string    `json:"number" validate:"required,max=80,no_personal_number"` // 文号
	Title    string    `json:"title" validate:"required,max=200,no_personal_number"`
	IssuedOn time.Time `json:"issued_on" validate:"required"`
}

// ReturnReserves makes the document that moves what is left in reserves of a
// year to new benefit lines of the same lots, at the same addresses, in one
// journal. What is drawn and not paid yet stays with its case; what comes free
// of it later takes another document. Idempotent by 文号.
//
// Errors: VALID_PROBLEMS; RESERVE_NO_RULE; Refused RESERVE_EMPTY,
// LEDGER_PERIOD_CLOSED; Conflict FUNDS_NUMBER_USED.
func (s *Service) ReturnReserves(ctx context.Context, cmd ReturnReserves) (Moved, error) {
	who, err := auth.Require(ctx, auth.ReserveAllocate)
	if err != nil {
		return Moved{}, err
	}
	cmd.Area, cmd.Number = Area12(cmd.Area), NormalNumber(cmd.Number)
	cmd.Township = Area12(cmd.Township)
	if err := s.valid.Check(cmd); err != nil {
		return Moved{}, err
	}
	var moved Moved
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		var err error
		moved, err = s.returnReserves(ctx, tx, cmd, who.Login)
		return err
	})
	return moved, err
}

func (s *Service) returnReserves(ctx context.Context, tx pgx.Tx, cmd ReturnReserves, actor string) (Moved, error) {
	d := Document{Number: cmd.Number, Title: cmd.Title, Type: ReserveOf, Kind: Move, Year: cmd.Year, IssuedOn: cmd.IssuedOn, ReceivedOn: cmd.IssuedOn,
		RecordedBy: actor, RecordedAt: s.clock.Now()}
	area := cmd.Township
	if area == "" {
		var err error
		if area, err = reserveArea(ctx, tx, cmd.Area, cmd.Year); err != nil {
			return Moved{}, err
		}
	}
	left, err := reservesLeft(ctx, tx, area, cmd.Year)
	if err != nil {
		return Moved{}, err
	}
	same := func(known Document, j ledger.Journal) (bool, error) {
		gave, err := townshipsThatGave(ctx, tx, j.ID)
		return j.Kind == "reserve.return" && known.Year == d.Year && returnedFrom(area, gave, left), err
	}
	if moved, found, err := s.replayNumber(ctx, tx, d, same); err != nil || found {
		return moved, err
	}
	if len(left) == 0 {
		return Moved{}, errs.New(errs.Refused, "RESERVE_EMPTY", "area", area, "year", cmd.Year)
	}
	m, err := s.newMove(ctx, tx, d, "reserve.return")
	if err != nil {
		return Moved{}, err
	}
	if err := m.carry(ctx, left, toCounty); err != nil {
		return Moved{}, err
	}
	m.cash = leaving(left, "")
	return m.publish(ctx, events.ReserveReturned, events.Facts{Code: cmd.Number, Name: cmd.Title, Actor: actor, Count: len(left)})
}

// leaving is the cash that goes with what reserves have left, to a township or, for none,
// to the county.
func leaving(left []Remaining, to string) map[flow]money.Fen {
	cash := map[flow]money.Fen{}
	for _, r := range left {
		cash[flow{r.Township, to}] += r.Amount // parts of what was allotted
	}
	return cash
}

// returnedFrom says whether a return by these townships was one of all that an
// area had: none lies outside it, and no other of it has something left.
func returnedFrom(area string, gave []string, left []Remaining) bool {
	low, high := span(area)
	return !slices.ContainsFunc(gave, func(t string) bool { return t < low || t > high }) &&
		!slices.ContainsFunc(left, func(r Remaining) bool { return !slices.Contains(gave, r.Township) })
}

// reservesLeft is what reserves of a year have left in an area.
func reservesLeft(ctx context.Context, q db.Querier, area string, year int) ([]Remaining, error) {
	all, err := Unspent(ctx, q, year)
	low, high := span(area)
	return slices.DeleteFunc(all, func(r Remaining) bool {
		return r.Place != ledger.Reserve || r.Township < low || r.Township > high
	}), err
}

// carryReserves puts on record, as allotments of the next year, what reserves
// carried over (结转下年使用): the townships go on drawing on it.
func (m *making) carryReserves(ctx context.Context, year int, left []Remaining, journal ledger.JournalID) error {
	var carried []Allotment
	for _, r := range left {
		if r.Place != ledger.Reserve {
			continue
		}
		a, err := allotmentOfAccount(ctx, m.tx, r.account)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(m.lines, func(l Line) bool { return l.From == r.BudgetLine })
		account, found, err := ledger.AccountAt(ctx, m.tx, m.lines[i].Lot, ledger.Place{Kind: ledger.Reserve, BudgetLine: m.lines[i].To, Township: r.Township})
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("no reserve of %s on budget line %d", r.Township, m.lines[i].To)
		}
		a.BudgetLine, a.Account, a.Amount = m.lines[i].To, account.ID, r.Amount
		carried = append(carried, a)
	}
	return insertAllotments(ctx, m.tx, year+1, asCarry, journal, carried)
}

func allotmentOfAccount(ctx context.Context, q db.Querier, account ledger.AccountID) (Allotment, error) {
	found, err := collect(ctx, q, "allotment of an account", scanAllotment, `SELECT r.township, r.budget_line, r.account, r.residents,
		r.population_as_of, r.amount_fen FROM account a
		JOIN reserve_allotment r ON r.township = a.township AND r.account = a.id WHERE a.id = $1`, account)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("reserve account %d was never allotted", account)
	}
	if err != nil {
		return Allotment{}, err
	}
	return found[0], nil
}
