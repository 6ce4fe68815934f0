package funds

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/areas"
	"fenlu/disbursement/funds/carveout"
	"fenlu/disbursement/parties"
	"fenlu/events"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/ledger"
	"fenlu/money"
)

// AllocateReserves asks for a year's reserves (核拨临时救助备用金): to each
// township of the area its registered residents × the rule's rate, under a
// document that moves the money.
type AllocateReserves struct {
	Area         string                `json:"area" validate:"omitempty,area12"` // empty: the only one with a rule
	Year         int                   `json:"year" validate:"min=1990,max=2199"`
	Number       string                `json:"number" validate:"required,max=80,no_personal_number"` // 文号
	Title        string                `json:"title" validate:"required,max=200,no_personal_number"`
	IssuedOn     time.Time             `json:"issued_on" validate:"required"`
	PopulationOn time.Time             `json:"population_on"` // the latest figures on or before it; zero: 1 January of the year
	From         []ledger.BudgetLineID `json:"from"`          // benefit lines in the order in which they give; empty: the pool of LS, the county's own money first
}

// Allotment is what a township was given on one budget line (备用金核拨).
type Allotment struct {
	Township     string              `json:"township"`
	BudgetLine   ledger.BudgetLineID `json:"budget_line"`
	Account      ledger.AccountID    `json:"account"`
	Residents    int64               `json:"residents"`
	PopulationAt time.Time           `json:"population_as_of"`
	Amount       money.Fen           `json:"amount"`
}

// Allocated is what AllocateReserves did.
type Allocated struct {
	Moved
	Townships []Allotment `json:"townships"`
}

// emergencyProgram is the program that pays emergencies (临时救助).
const emergencyProgram = "LS"

// AllocateReserves makes the document that moves a year's reserves from
// available of benefit lines to each township's reserve, in one journal.
//
// It runs SERIALIZABLE, because a year is allotted once. Idempotent by year
// and 文号. Errors: VALID_PROBLEMS; RESERVE_NO_RULE; NotFound
// RESERVE_NO_POPULATION; Refused RESERVE_SOURCE (a line that may not pay
// emergencies); Insufficient RESERVE_INSUFFICIENT with the missing amount
// (nothing is allotted then); Conflict RESERVE_ALLOCATED (the year is allotted
// by another document) and FUNDS_NUMBER_USED.
func (s *Service) AllocateReserves(ctx context.Context, cmd AllocateReserves) (Allocated, error) {
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
		done, err = s.allocate(ctx, tx, cmd, who.Login)
		return err
	})
	return done, err
}

func (s *Service) allocate(ctx context.Context, tx pgx.Tx, cmd AllocateReserves, actor string) (Allocated, error) {
	var err error
	cmd.Area, err = onlyArea(ctx, tx, cmd.Area, `SELECT DISTINCT area_code FROM reserve_rule WHERE year = $1 ORDER BY area_code`, cmd.Year)
	if err != nil {
		return Allocated{}, err
	}
	if cmd.Area == "" {
		return Allocated{}, errs.New(errs.NotFound, "RESERVE_NO_RULE", "area", "—", "year", cmd.Year)
	}
	if done, replay, err := s.replayAllocation(ctx, tx, cmd); replay || err != nil {
		return done, err
	}
	allotments, err := s.allotments(ctx, tx, cmd)
	if err != nil {
		return Allocated{}, err
	}
	if allotments, err = s.lessCarried(ctx, tx, cmd, allotments); err != nil {
		return Allocated{}, err
	}
	return s.give(ctx, tx, cmd, allotments, forYear, actor)
}

// give moves what townships are due from the sources to their reserves, under
// the document of the command.
func (s *Service) give(ctx context.Context, tx pgx.Tx, cmd AllocateReserves, allotments []Allotment, kind allotmentKind, actor string) (Allocated, error) {
	sources, err := s.reserveSources(ctx, tx, cmd.From)
	if err != nil {
		return Allocated{}, err
	}
	shares, err := shareOut(allotments, sources)
	if err != nil {
		return Allocated{}, err
	}
	m, err := s.newMove(ctx, tx, Document{Number: cmd.Number, Title: cmd.Title, Type: ReserveOf, Kind: Move, Year: cmd.Year, IssuedOn: cmd.IssuedOn,
		ReceivedOn: cmd.IssuedOn, RecordedBy: actor, RecordedAt: s.clock.Now()}, kind.journal())
	if err != nil {
		return Allocated{}, err
	}
	for _, f := range sources {
		if len(shares[f.BudgetLine]) == 0 {
			continue
		}
		if err := m.move(ctx, f, ForReserve, f.EconomicCode, shares[f.BudgetLine]...); err != nil {
			return Allocated{}, err
		}
	}
	m.cash = map[flow]money.Fen{}
	for _, a := range allotments {
		m.cash[flow{to: a.Township}] += a.Amount // what was summed with a check when it was shared out
	}
	moved, err := m.publish(ctx, events.ReserveAllocated, events.Facts{Code: cmd.Number, Name: cmd.Title, Actor: actor, Count: len(allotments)})
	if err != nil {
		return Allocated{}, err
	}
	given, err := given(ctx, tx, m.lines, shares, allotments)
	if err != nil {
		return Allocated{}, err
	}
	if err := insertAllotments(ctx, tx, cmd.Year, kind, moved.Journal, given); err != nil {
		return Allocated{}, err
	}
	return Allocated{Moved: moved, Townships: given}, nil
}

// replayAllocation answers a year that is allotted already.
func (s *Service) replayAllocation(ctx context.Context, tx pgx.Tx, cmd AllocateReserves) (Allocated, bool, error) {
	first, found, err := allocationOf(ctx, tx, cmd.Area, cmd.Year)
	if err != nil {
		return Allocated{}, false, err
	}
	if !found {
		used, err := documentsByNumber(ctx, tx, []string{cmd.Number})
		if err == nil && len(used) > 0 {
			err = errs.New(errs.Conflict, "FUNDS_NUMBER_USED", "number", cmd.Number, "title", used[0].Title, "by", used[0].RecordedBy, "on", day(used[0].RecordedAt))
		}
		return Allocated{}, false, err
	}
	if first.Number != cmd.Number || first.Title != cmd.Title || !first.IssuedOn.Equal(cmd.IssuedOn) {
		return Allocated{}, false, errs.New(errs.Conflict, "RESERVE_ALLOCATED", "year", cmd.Year, "number", first.Number, "by", first.RecordedBy,
			"on", day(first.RecordedAt))
	}
	lines, err := linesOfDocuments(ctx, tx, []DocumentID{first.ID})
	if err != nil {
		return Allocated{}, false, err
	}
	moved := movedOf(first, lines, true)
	given, err := allotmentsOf(ctx, tx, moved.Journal)
	return Allocated{Moved: moved, Townships: given}, true, err
}

// allotments works out what each township is due from its population.
func (s *Service) allotments(ctx context.Context, tx pgx.Tx, cmd AllocateReserves) ([]Allotment, error) {
	rule, err := reserveRule(ctx, tx, cmd.Area, cmd.Year)
	if err != nil {
		return nil, err
	}
	area, _ := ident.CheckArea(cmd.Area)
	figures, err := s.parties.Population(ctx, tx, area.Prefix(), cmd.PopulationOn)
	if err != nil {
		return nil, err
	}
	merged, err := areas.MapOn(ctx, tx, cmd.IssuedOn)
	if err != nil {
		return nil, err
	}
	var out []Allotment
	for _, f := range joined(slices.DeleteFunc(figures, notTownship), merged) {
		amount, err := carveout.Reserve(f.Residents, rule.PerResident)
		if err != nil {
			return nil, err
		}
		if amount > 0 {
			out = append(out, Allotment{Township: f.AreaCode, Residents: f.Residents, PopulationAt: f.AsOf, Amount: amount})
		}
	}
	if len(out) == 0 {
		return nil, errs.New(errs.NotFound, "RESERVE_NO_POPULATION", "area", cmd.Area, "date", day(cmd.PopulationOn))
	}
	return out, nil
}

// joined adds the residents of merged townships to their successor's, where its
// own figure is older than the merger: a later one counts them already.
func joined(figures []parties.Population, merged areas.Map) []parties.Population {
	var out []parties.Population
	for _, f := range figures {
		if merged.Of(f.AreaCode) == f.AreaCode {
			out = append(out, f)
		}
	}
	for _, f := range figures {
		now := merged.Of(f.AreaCode)
		i := slices.IndexFunc(out, func(o parties.Population) bool { return o.AreaCode == now })
		switch {
		case now == f.AreaCode:
		case i < 0:
			f.AreaCode = now
			out = append(out, f)
		case out[i].AsOf.Before(merged.Since(f.AreaCode)):
			out[i].Residents += f.Residents
		}
	}
	return out
}

func notTownship(p parties.Population) bool {
	area, _ := ident.CheckArea(p.AreaCode)
	return area.Level() != ident.Township
}

// reserveSources are the lines that give, in order: those named, or the pool
// of the emergency program from the county's own money up, because advances
// are the county's to make and money from above should not lie idle in them. A
// line that may not pay emergencies is refused.
func (s *Service) reserveSources(ctx context.Context, tx pgx.Tx, from []ledger.BudgetLineID) ([]free, error) {
	pool, err := s.Pool(ctx, tx, emergencyProgram)
	if err != nil {
		return nil, err
	}
	if len(from) == 0 {
		upward := slices.Clone(pool)
		slices.SortStableFunc(upward, func(a, b Source) int { return rank(b.Level) - rank(a.Level) })
		for _, p := range upward {
			from = append(from, p.BudgetLine)
		}
	}
	lines, err := freeOf(ctx, tx, from)
	if err != nil {
		return nil, err
	}
	out := make([]free, 0, len(from))
	for _, id := range from {
		f := lines[id]
		if !slices.ContainsFunc(pool, func(p Source) bool { return p.BudgetLine == id }) {
			return nil, errs.New(errs.Refused, "RESERVE_SOURCE", "budget_line", id, "document", f.Document, "line", f.LineNo, "fund", f.Fund)
		}
		if !slices.ContainsFunc(out, func(o free) bool { return o.BudgetLine == id }) {
			out = append(out, f)
		}
	}
	return out, nil
}

// shareOut takes the townships' amounts from the sources in order; the one at
// which a source ends is given from two. Refused whole when money lacks.
func shareOut(allotments []Allotment, sources []free) (map[ledger.BudgetLineID][]part, error) {
	shares := map[ledger.BudgetLineID][]part{}
	var needed, missing money.Fen
	next, left := 0, money.Fen(0)
	if len(sources) > 0 {
		left = sources[0].Balance
	}
	for _, a := range allotments {
		var err error
		if needed, err = money.Add(needed, a.Amount); err != nil {
			return nil, errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
		due := a.Amount
		for due > 0 && next < len(sources) {
			if left == 0 {
				if next++; next < len(sources) {
					left = sources[next].Balance
				}
				continue
			}
			id, amount := sources[next].BudgetLine, min(due, left)
			shares[id] = append(shares[id], part{kind: ledger.Reserve, township: a.Township, amount: amount})
			due, left = due-amount, left-amount
		}
		missing += due // not more than what is needed
	}
	if missing > 0 {
		return nil, errs.New(errs.Insufficient, "RESERVE_INSUFFICIENT", "needed", needed.Grouped(), "free", (needed - missing).Grouped(),
			"missing", missing.Grouped(), "townships", len(allotments))
	}
	return shares, nil
}

// given is the allotments as they were posted: one for each township and line.
func given(ctx context.Context, tx pgx.Tx, lines []Line, shares map[ledger.BudgetLineID][]part, due []Allotment) ([]Allotment, error) {
	byTownship := map[string]Allotment{}
	for _, a := range due {
		byTownship[a.Township] = a
	}
	var out []Allotment
	for _, l := range lines {
		for _, p := range shares[l.From] {
			account, found, err := ledger.AccountAt(ctx, tx, l.Lot, ledger.Place{Kind: ledger.Reserve, BudgetLine: l.To, Township: p.township})
			if err != nil {
				return nil, err
			}
			if !found {
				return nil, fmt.Errorf("no reserve of %s on budget line %d", p.township, l.To)
			}
			a := byTownship[p.township]
			a.BudgetLine, a.Account, a.Amount = l.To, account.ID, p.amount
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b Allotment) int { return cmp.Compare(a.Township, b.Township) })
	return out, nil
}
