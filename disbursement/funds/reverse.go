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

// ReverseMove asks to undo a journal that moved money between budget lines
// (冲销), all of it or the lines that are named, under a document of its own.
type ReverseMove struct {
	Journal  ledger.JournalID `json:"journal" validate:"min=1"`
	Parts    []ledger.Part    `json:"parts"`
	Number   string           `json:"number" validate:"required,max=80,no_personal_number"` // 文号
	Title    string           `json:"title" validate:"required,max=200,no_personal_number"`
	IssuedOn time.Time        `json:"issued_on" validate:"required"`
}

// reversibleKinds are the journals that a person may reverse. A document from
// outside is answered by another document, a reserve and a batch by their own
// commands.
var reversibleKinds = map[string]bool{"carveout.set_aside": true, "document.carry_over": true,
	"document.transfer": true, "document.recoding": true, "document.allocation": true, "document.correction": true}

// Reverse makes a document that moves what a set-aside, a carry-over or a move
// (调剂, 科目更正, 分配, 更正) moved, or lines of it, back to the budget lines it came from, in one journal linked with
// the first. It is for another person than the one who moved the money.
// Idempotent by 文号.
//
// Errors: VALID_PROBLEMS; LEDGER_JOURNAL_UNKNOWN; Refused FUNDS_NOT_REVERSIBLE,
// FUNDS_OWN_JOURNAL, LEDGER_PERIOD_CLOSED; Conflict FUNDS_NUMBER_USED; those of
// ledger.ReverseTx.
func (s *Service) Reverse(ctx context.Context, cmd ReverseMove) (Moved, error) {
	who, err := auth.Require(ctx, auth.JournalCorrect)
	if err != nil {
		return Moved{}, err
	}
	cmd.Number = NormalNumber(cmd.Number)
	if err := s.valid.Check(cmd); err != nil {
		return Moved{}, err
	}
	var done Moved
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		var err error
		done, err = s.reverse(ctx, tx, cmd, who)
		return err
	})
	return done, err
}

func (s *Service) reverse(ctx context.Context, tx pgx.Tx, cmd ReverseMove, who auth.Actor) (Moved, error) {
	original, err := ledger.JournalByID(ctx, tx, cmd.Journal)
	switch {
	case err != nil:
		return Moved{}, err
	case !reversibleKinds[original.Kind]:
		return Moved{}, errs.New(errs.Refused, "FUNDS_NOT_REVERSIBLE", "journal", original.ID, "kind", original.Kind)
	}
	moved := step{original.Actor, movedBy(original.Kind), original.PostedAt}
	if err := secondPerson(ctx, tx, moved, who, auth.JournalCorrect, errs.New(errs.Refused, "FUNDS_OWN_JOURNAL", "journal", original.ID, "actor", original.Actor)); err != nil {
		return Moved{}, err
	}
	d := Document{Number: cmd.Number, Title: cmd.Title, Type: ReversalOf, Kind: Move, Year: s.today().Year(), IssuedOn: cmd.IssuedOn,
		ReceivedOn: cmd.IssuedOn, RecordedBy: who.Login, RecordedAt: s.clock.Now()}
	same := func(_ Document, j ledger.Journal) (bool, error) { return j.Reverses == cmd.Journal, nil }
	if moved, found, err := s.replayNumber(ctx, tx, d, same); err != nil || found {
		return moved, err
	}
	m, err := s.newMove(ctx, tx, d, "")
	if err != nil {
		return Moved{}, err
	}
	posted, err := m.moveBack(ctx, cmd)
	if err != nil {
		return Moved{}, err
	}
	return m.tell(ctx, events.MoveReversed, events.Facts{Code: original.Memo, Actor: who.Login, Count: len(m.lines), Name: cmd.Number}, posted)
}

// movedBy is the right by which a kind of journal is posted.
func movedBy(kind string) auth.Right {
	switch kind {
	case "carveout.set_aside":
		return auth.Carveout
	case "document.carry_over":
		return auth.JournalCorrect
	}
	return auth.FundsImport
}

// moveBack posts the reversal; the document's lines are what it moved, by lot
// and pair of budget lines.
func (m *making) moveBack(ctx context.Context, cmd ReverseMove) (ledger.Posted, error) {
	if err := insertDocument(ctx, m.tx, m.document); err != nil {
		return ledger.Posted{}, err
	}
	posted, err := m.svc.ledger.ReverseTx(ctx, m.tx, ledger.Reversal{Journal: cmd.Journal, Parts: cmd.Parts, Key: m.key(),
		Actor: m.document.RecordedBy, Cause: m.cause(), Memo: m.document.Number, BusinessDate: m.svc.today()})
	if err != nil {
		return posted, err
	}
	moves, err := movesOf(ctx, m.tx, posted.Journal)
	if err != nil {
		return posted, err
	}
	var to []ledger.BudgetLineID
	for _, v := range moves {
		to = append(to, v.To)
	}
	targets, err := budgetLinesByID(ctx, m.tx, to)
	if err != nil {
		return posted, err
	}
	for _, v := range moves {
		t := targets[v.To]
		id, err := nextID[LineID](ctx, m.tx, "document_line_id_seq")
		if err != nil {
			return posted, err
		}
		m.lines = append(m.lines, Line{ID: id, LineNo: len(m.lines) + 1, Kind: Move, Lot: v.Lot, Level: t.Level, Fund: t.Fund,
			FunctionCode: t.FunctionCode, EconomicCode: t.EconomicCode, Office: t.Office, TraceCode: t.TraceCode, From: v.From, To: v.To, Amount: v.Amount})
	}
	return posted, m.record(ctx, posted.Journal)
}

// move is what a journal moved between two budget lines of a lot.
type move struct {
	Lot    ledger.LotID        `db:"lot"`
	From   ledger.BudgetLineID `db:"from_line"`
	To     ledger.BudgetLineID `db:"to_line"`
	Amount money.Fen           `db:"amount_fen"`
}

func movesOf(ctx context.Context, tx pgx.Tx, journal ledger.JournalID) ([]move, error) {
	return query[move](ctx, tx, "what a journal moved", `
		SELECT t.lot, c.budget_line AS from_line, d.budget_line AS to_line, sum(t.amount_fen)::bigint AS amount_fen
		FROM transfer t JOIN account c ON c.id = t.credit JOIN account d ON d.id = t.debit
		WHERE t.journal = $1 GROUP BY t.lot, c.budget_line, d.budget_line ORDER BY min(t.line)`, journal)
}
