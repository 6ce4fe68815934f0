package funds

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/events"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/money"
)

// SetAside asks to set money aside for services (列支购买服务) under a document
// that moves it to budget lines of another economic code.
type SetAside struct {
	Area     string         `json:"area" validate:"omitempty,area12"` // empty: the only one with a rule
	Year     int            `json:"year" validate:"min=1990,max=2199"`
	Number   string         `json:"number" validate:"required,max=80,no_personal_number"` // 文号
	Title    string         `json:"title" validate:"required,max=200,no_personal_number"`
	IssuedOn time.Time      `json:"issued_on" validate:"required"`
	Items    []SetAsideItem `json:"items" validate:"min=1,dive"`
}

// Moved is what a command that moved money between budget lines did. A replay
// did nothing: the same document had been made before.
type Moved struct {
	Document DocumentID       `json:"document"`
	Number   string           `json:"number"`
	Journal  ledger.JournalID `json:"journal"`
	Lines    int              `json:"lines"`
	Amount   money.Fen        `json:"amount"`
	Replay   bool             `json:"replay"`
}

// SetAside makes a document that moves money from available of benefit lines
// to new budget lines for services, of the same lots.
//
// It runs SERIALIZABLE: the cap speaks of the whole year, which no row lock
// covers. Idempotent by 文号. Errors: VALID_PROBLEMS; CARVEOUT_NO_RULE;
// FUNDS_BUDGET_LINE_UNKNOWN; Refused CARVEOUT_SOURCE (not a benefit line of the
// year), CARVEOUT_NOT_PAYER (a fund the rule does not name), CARVEOUT_BARRED (a
// level that may not pay) and CARVEOUT_CAP (above the cap, with the amounts);
// Insufficient FUNDS_INSUFFICIENT; Refused LEDGER_LOT_STOPPED; Conflict
// FUNDS_NUMBER_USED.
func (s *Service) SetAside(ctx context.Context, cmd SetAside) (Moved, error) {
	who, err := auth.Require(ctx, auth.Carveout)
	if err != nil {
		return Moved{}, err
	}
	cmd.Area, cmd.Number = Area12(cmd.Area), NormalNumber(cmd.Number)
	if err := s.valid.Check(cmd); err != nil {
		return Moved{}, err
	}
	var moved Moved
	err = run(ctx, s.db.RunSerializable, func(tx pgx.Tx) error {
		var err error
		moved, err = s.setAside(ctx, tx, cmd, who.Login)
		return err
	})
	return moved, err
}

func (s *Service) setAside(ctx context.Context, tx pgx.Tx, cmd SetAside, actor string) (Moved, error) {
	wanted := make([]movedLine, len(cmd.Items))
	ids := make([]ledger.BudgetLineID, len(cmd.Items))
	for i, item := range cmd.Items {
		wanted[i], ids[i] = movedLine{from: item.BudgetLine, economicCode: item.EconomicCode, amount: item.Amount}, item.BudgetLine
	}
	if moved, done, err := s.replayMove(ctx, tx, cmd.document(s, actor), wanted); done || err != nil {
		return moved, err
	}
	p, err := readPosition(ctx, tx, cmd.Year, cmd.Area)
	if err != nil {
		return Moved{}, err
	}
	sources, err := freeOf(ctx, tx, ids)
	if err != nil {
		return Moved{}, err
	}
	if err := p.permits(cmd, sources); err != nil {
		return Moved{}, err
	}
	m, err := s.newMove(ctx, tx, cmd.document(s, actor), "carveout.set_aside")
	if err != nil {
		return Moved{}, err
	}
	for _, item := range cmd.Items {
		if err := m.move(ctx, sources[item.BudgetLine], ForCarveout, item.EconomicCode, part{kind: ledger.Carveout, amount: item.Amount}); err != nil {
			return Moved{}, err
		}
	}
	return m.publish(ctx, events.CarveoutSetAside, events.Facts{Code: cmd.Number, Actor: actor, Count: len(cmd.Items), Reason: cmd.Title})
}

func (cmd SetAside) document(s *Service, actor string) Document {
	return Document{Number: cmd.Number, Title: cmd.Title, Type: AsideType, Kind: Move, Year: cmd.Year, IssuedOn: cmd.IssuedOn, ReceivedOn: cmd.IssuedOn,
		RecordedBy: actor, RecordedAt: s.clock.Now()}
}

// permits refuses what the rule or the balances do not allow.
func (p *position) permits(cmd SetAside, sources map[ledger.BudgetLineID]free) error {
	capped := p.input.Planned.Fund
	left := map[ledger.BudgetLineID]money.Fen{}
	for _, item := range cmd.Items {
		f := sources[item.BudgetLine]
		if err := p.mayPay(f, cmd.Year); err != nil {
			return err
		}
		if _, seen := left[f.BudgetLine]; !seen {
			left[f.BudgetLine] = f.Balance
		}
		if left[f.BudgetLine] < item.Amount {
			return insufficient(f, left[f.BudgetLine], item.Amount)
		}
		left[f.BudgetLine] -= item.Amount
		if f.Fund == p.rule.CapFund {
			capped += item.Amount // each is at most a balance, their sum at most a fund
		}
	}
	if asked := capped - p.input.Planned.Fund; asked > 0 && capped > p.result.Cap {
		return errs.New(errs.Refused, "CARVEOUT_CAP", "fund", p.rule.CapFund, "cap", p.result.Cap.Grouped(), "rate", p.rule.CapRate,
			"planned", p.input.Planned.Fund.Grouped(), "asked", asked.Grouped(), "over", (capped - p.result.Cap).Grouped(), "document", p.rule.Document)
	}
	return nil
}

func (p *position) mayPay(f free, year int) error {
	args := []any{"budget_line", f.BudgetLine, "document", f.Document, "line", f.LineNo, "fund", f.Fund, "level", f.Level.Name(i18n.ZH)}
	switch {
	case f.Purpose != ForBenefit || f.Year != year:
		return errs.New(errs.Refused, "CARVEOUT_SOURCE", append(args, "year", year)...)
	case f.Fund != p.rule.CapFund && !slices.Contains(p.rule.BaseFunds, f.Fund):
		return errs.New(errs.Refused, "CARVEOUT_NOT_PAYER", args...)
	case p.rule.barred(f.Level):
		return errs.New(errs.Refused, "CARVEOUT_BARRED", append(args, "rule", p.rule.Document)...)
	}
	return nil
}

func insufficient(f free, left, asked money.Fen) error {
	return errs.New(errs.Insufficient, "FUNDS_INSUFFICIENT", "document", f.Document, "line", f.LineNo, "budget_line", f.BudgetLine,
		"free", left.Grouped(), "asked", asked.Grouped(), "missing", (asked - left).Grouped())
}

// movedLine is what identifies a line of a document that moves money; a code or
// an office that is empty was not asked for.
type movedLine struct {
	from         ledger.BudgetLineID
	functionCode string
	economicCode string
	office       string
	amount       money.Fen
}

func (w movedLine) is(l Line) bool {
	return l.From == w.from && l.Amount == w.amount && (w.economicCode == "" || l.EconomicCode == w.economicCode) &&
		(w.functionCode == "" || l.FunctionCode == w.functionCode) && (w.office == "" || l.Office == w.office)
}

// replayMove answers a 文号 that is on record: done where it says the same, a
// conflict otherwise.
func (s *Service) replayMove(ctx context.Context, tx pgx.Tx, d Document, wanted []movedLine) (Moved, bool, error) {
	found, err := documentsByNumber(ctx, tx, []string{d.Number})
	if err != nil || len(found) == 0 {
		return Moved{}, false, err
	}
	known := found[0]
	lines, err := linesOfDocuments(ctx, tx, []DocumentID{known.ID})
	if err != nil {
		return Moved{}, false, err
	}
	same := known.Kind == d.Kind && (known.Type == d.Type || known.Type == "") && known.Title == d.Title && known.Year == d.Year && known.IssuedOn.Equal(d.IssuedOn) &&
		slices.EqualFunc(lines, wanted, func(l Line, w movedLine) bool { return w.is(l) })
	if !same {
		return Moved{}, false, errs.New(errs.Conflict, "FUNDS_NUMBER_USED", "number", d.Number, "title", known.Title, "by", known.RecordedBy,
			"on", day(known.RecordedAt))
	}
	return movedOf(known, lines, true), true, nil
}

func movedOf(d Document, lines []Line, replay bool) Moved {
	m := Moved{Document: d.ID, Number: d.Number, Lines: len(lines), Replay: replay}
	for _, l := range lines {
		m.Journal = l.Journal
		m.Amount += l.Amount // their journal's amount was summed with a check
	}
	return m
}

// newMove begins a document that moves money.
func (s *Service) newMove(ctx context.Context, tx pgx.Tx, d Document, kind string) (*making, error) {
	id, err := nextID[DocumentID](ctx, tx, "document_id_seq")
	d.ID = id
	return &making{svc: s, tx: tx, document: d, kind: kind}, err
}

// publish posts the document and says what happened.
func (m *making) publish(ctx context.Context, topic events.Topic, facts events.Facts) (Moved, error) {
	posted, err := m.finish(ctx)
	if err != nil {
		return Moved{}, err
	}
	return m.tell(ctx, topic, facts, posted)
}

// tell says what a posted document moved.
func (m *making) tell(ctx context.Context, topic events.Topic, facts events.Facts, posted ledger.Posted) (Moved, error) {
	facts.Amount = posted.Amount
	moved := movedOf(m.document, m.lines, false)
	err := events.Publish(ctx, m.tx, events.Event{Topic: topic, Subject: m.cause(), Facts: facts}, m.document.RecordedAt)
	m.svc.log.InfoContext(ctx, "money moved", "kind", m.kind, "document", moved.Number, "lines", moved.Lines, "amount", moved.Amount, "actor", m.document.RecordedBy)
	return moved, err
}
