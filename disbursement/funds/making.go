package funds

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// making is a document in the making: its lines, the budget lines they open
// and the steps of its one journal.
type making struct {
	svc         *Service
	tx          pgx.Tx
	document    Document
	kind        string // of the journal
	lines       []Line
	budgetLines []BudgetLine
	steps       []ledger.Step
	taken       map[ledger.AccountID]money.Fen // by the cuts of this document
	cash        map[flow]money.Fen             // of reserves, between townships and the county
}

// bring adds a line that opens a lot.
func (m *making) bring(ctx context.Context, l Line) error {
	l, err := m.open(ctx, l, 0, ForBenefit)
	if err != nil {
		return err
	}
	m.lines = append(m.lines, l)
	m.steps = append(m.steps, ledger.Bring{Lot: l.Lot, To: ledger.Place{Kind: ledger.Available, BudgetLine: l.To}, Amount: l.Amount})
	return nil
}

// part is a share of a moving line that goes to one place of its new budget
// line.
type part struct {
	kind     ledger.AccountKind
	township string
	amount   money.Fen
}

// move adds a line that takes money from available of a budget line to a new
// budget line of the same lot, and there to one or several places.
func (m *making) move(ctx context.Context, from free, purpose Purpose, economicCode string, parts ...part) error {
	to := from.line()
	to.EconomicCode = economicCode
	return m.moveTo(ctx, from, to, purpose, parts...)
}

// line is a line that moves money of f and changes nothing else.
func (f free) line() Line {
	return Line{Kind: Move, Lot: f.Lot, Level: f.Level, Fund: f.Fund, FunctionCode: f.FunctionCode, EconomicCode: f.EconomicCode,
		Office: f.Office, TraceCode: f.TraceCode, From: f.BudgetLine}
}

// moveTo is move onto a line with codes and an office of its own.
func (m *making) moveTo(ctx context.Context, from free, l Line, purpose Purpose, parts ...part) error {
	for _, p := range parts {
		sum, err := money.Add(l.Amount, p.amount)
		if err != nil {
			return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
		l.Amount = sum
	}
	l, err := m.open(ctx, l, from.BudgetLine, purpose)
	if err != nil {
		return err
	}
	m.lines = append(m.lines, l)
	for _, p := range parts {
		m.steps = append(m.steps, ledger.Shift{From: from.Account, Amount: p.amount,
			To: ledger.Place{Kind: p.kind, BudgetLine: l.To, Township: p.township}})
	}
	return nil
}

// open numbers a line and makes the budget line that it opens.
func (m *making) open(ctx context.Context, l Line, parent ledger.BudgetLineID, purpose Purpose) (_ Line, err error) {
	if l.ID, err = nextID[LineID](ctx, m.tx, "document_line_id_seq"); err != nil {
		return l, err
	}
	if l.To, err = nextID[ledger.BudgetLineID](ctx, m.tx, "budget_line_id_seq"); err != nil {
		return l, err
	}
	if l.LineNo == 0 {
		l.LineNo = len(m.lines) + 1
	}
	// Money of a coming year stands on the books, but nobody draws on it before.
	if first := firstDay(m.document.Year); m.svc.today().Before(first) {
		if err := ledger.OpenFrom(ctx, m.tx, l.Lot, l.To, first); err != nil {
			return l, err
		}
	}
	m.budgetLines = append(m.budgetLines, BudgetLine{ID: l.To, Lot: l.Lot, Parent: parent, DocumentLine: l.ID, Purpose: purpose,
		Number: m.document.Number, Year: m.document.Year, FunctionCode: l.FunctionCode, EconomicCode: l.EconomicCode, Office: l.Office})
	return l, nil
}

// finish posts the journal and puts the document on record. Its row comes
// first: its unique number stops a rival before anything is posted.
func (m *making) finish(ctx context.Context) (ledger.Posted, error) {
	if err := insertDocument(ctx, m.tx, m.document); err != nil {
		return ledger.Posted{}, err
	}
	if len(m.steps) == 0 { // what came before it says it all: only on record
		return ledger.Posted{}, m.record(ctx, 0)
	}
	posted, err := m.svc.ledger.PostTx(ctx, m.tx, ledger.Command{
		Key: m.key(), Kind: m.kind, Actor: m.document.RecordedBy, Cause: m.cause(),
		Memo: m.document.Number, BusinessDate: m.svc.today(), Steps: m.steps,
	})
	if err != nil {
		return ledger.Posted{}, err
	}
	if err := m.record(ctx, posted.Journal); err != nil {
		return ledger.Posted{}, err
	}
	return posted, m.svc.transfers(ctx, m.tx, m.document, posted.Journal, m.cash)
}

// firstDay is 1 January of a budget year.
func firstDay(year int) time.Time { return time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC) }

func (m *making) key() string { return "document/" + m.document.Number }

func (m *making) cause() string { return fmt.Sprintf("document:%d", m.document.ID) }

// record writes the document's lines, of the journal that moved them, and the
// budget lines they open, and appends the document to the log.
func (m *making) record(ctx context.Context, journal ledger.JournalID) error {
	for i := range m.lines {
		m.lines[i].Document, m.lines[i].Journal = m.document.ID, journal
	}
	if err := insertLines(ctx, m.tx, m.lines); err != nil {
		return err
	}
	if err := insertBudgetLines(ctx, m.tx, m.budgetLines); err != nil {
		return err
	}
	if err := insertInclusions(ctx, m.tx, m.document.ID, m.document.Inclusions); err != nil {
		return err
	}
	return proof.Append(ctx, m.tx, proof.ItemOf(DocumentLeaf(m.document, m.lines), int64(m.document.ID)))
}
