package funds

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/rules"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// ReceiptID is the number of a receipt (其他收款).
type ReceiptID int32

// ReceiptKind is what a receipt is.
type ReceiptKind string

// The kinds.
const (
	Interest     ReceiptKind = "interest" // 利息
	Fine         ReceiptKind = "fine"     // 罚没
	OtherReceipt ReceiptKind = "other"    // 其他
)

// Receipt is money that no document brought and that has to be remitted to the
// treasury (应缴财政款). It is a lot of its own kind: in no appropriation, and it
// pays nobody.
type Receipt struct {
	Number     string      `json:"number" validate:"required,max=80,no_personal_number"` // 凭证号
	Kind       ReceiptKind `json:"kind"`
	ReceivedOn time.Time   `json:"received_on" validate:"required"`
	Payer      string      `json:"payer" validate:"max=100,no_personal_number"`
	Amount     money.Fen   `json:"amount" validate:"fen_positive"`
	Area       string      `json:"-"` // whose term sets the due date
}

// ReceiptView is a receipt as it stands.
type ReceiptView struct {
	ID         ReceiptID           `json:"id" db:"id"`
	Number     string              `json:"number" db:"number"`
	Kind       ReceiptKind         `json:"kind" db:"kind"`
	ReceivedOn time.Time           `json:"received_on" db:"received_on"`
	DueOn      time.Time           `json:"due_on" db:"due_on"`
	Payer      string              `json:"payer" db:"payer"`
	Amount     money.Fen           `json:"amount" db:"amount_fen"`
	Remitted   money.Fen           `json:"remitted" db:"remitted_fen"`
	Open       money.Fen           `json:"open" db:"open_fen"`
	Overdue    bool                `json:"overdue" db:"overdue"`
	Lot        ledger.LotID        `json:"lot" db:"lot"`
	BudgetLine ledger.BudgetLineID `json:"budget_line" db:"budget_line"`
	Journal    ledger.JournalID    `json:"journal" db:"journal"`
	Replay     bool                `json:"replay" db:"-"`
}

// RegisterReceipt books a receipt into a lot of its own, in suspense, due within
// the days of the area's term. Idempotent by number. Errors: VALID_PROBLEMS;
// Invalid FUNDS_RECEIPT_KIND, FUNDS_ARRIVED_FUTURE; NotFound RULE_NONE;
// Conflict FUNDS_RECEIPT_USED.
func (s *Service) RegisterReceipt(ctx context.Context, cmd Receipt) (ReceiptView, error) {
	who, err := auth.Require(ctx, auth.FundsImport)
	if err != nil {
		return ReceiptView{}, err
	}
	if err := s.valid.Check(cmd); err != nil {
		return ReceiptView{}, err
	}
	switch cmd.Kind {
	case Interest, Fine, OtherReceipt:
	default:
		return ReceiptView{}, errs.New(errs.Invalid, "FUNDS_RECEIPT_KIND", "kind", string(cmd.Kind))
	}
	if cmd.ReceivedOn.After(s.today()) {
		return ReceiptView{}, errs.New(errs.Invalid, "FUNDS_ARRIVED_FUTURE", "date", day(cmd.ReceivedOn), "today", day(s.today()))
	}
	var out ReceiptView
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		known, found, err := receiptByNumber(ctx, tx, cmd.Number, s.today())
		if err != nil {
			return err
		}
		if found {
			if known.Amount != cmd.Amount || known.Kind != cmd.Kind || !known.ReceivedOn.Equal(cmd.ReceivedOn) || known.Payer != cmd.Payer {
				return errs.New(errs.Conflict, "FUNDS_RECEIPT_USED", "number", cmd.Number, "amount", known.Amount.Grouped(), "date", day(known.ReceivedOn))
			}
			out, out.Replay = known, true
			return nil
		}
		if err := s.registerReceipt(ctx, tx, cmd, who.Login); err != nil {
			return err
		}
		out, _, err = receiptByNumber(ctx, tx, cmd.Number, s.today())
		return err
	})
	return out, err
}

func (s *Service) registerReceipt(ctx context.Context, tx pgx.Tx, cmd Receipt, actor string) error {
	term, err := rules.Find(ctx, tx, rules.FundsRemitDays, Area12(cmd.Area), cmd.ReceivedOn)
	if err != nil {
		return err
	}
	days, err := term.Whole()
	if err != nil {
		return err
	}
	id, err := nextID[ReceiptID](ctx, tx, "fund_receipt_id_seq")
	if err != nil {
		return err
	}
	lot, err := ledger.OpenLot(ctx, tx, ledger.Receipt)
	if err != nil {
		return err
	}
	line, err := nextID[ledger.BudgetLineID](ctx, tx, "budget_line_id_seq")
	if err != nil {
		return err
	}
	if err := insertBudgetLines(ctx, tx, []BudgetLine{{ID: line, Lot: lot, Purpose: ForReceipt, Number: cmd.Number, Year: cmd.ReceivedOn.Year()}}); err != nil {
		return err
	}
	posted, err := s.ledger.PostTx(ctx, tx, ledger.Command{Key: "receipt/" + cmd.Number, Kind: "receipt.register", Actor: actor,
		Cause: fmt.Sprintf("receipt:%d", id), Memo: cmd.Number, BusinessDate: s.today(), ValueDates: []time.Time{cmd.ReceivedOn},
		Steps: []ledger.Step{ledger.Bring{Lot: lot, To: ledger.Place{Kind: ledger.Suspense, BudgetLine: line}, Amount: cmd.Amount}}})
	if err != nil {
		return err
	}
	f := CashFact{Kind: proof.KindReceipt, Ref: int64(id), Number: cmd.Number, Of: int64(lot), What: string(cmd.Kind), On: cmd.ReceivedOn,
		DueOn: cmd.ReceivedOn.AddDate(0, 0, days), Amount: cmd.Amount, Journal: posted.Journal, RecordedBy: actor, RecordedAt: s.clock.Now()}
	_, err = tx.Exec(ctx, `INSERT INTO fund_receipt (id, number, kind, received_on, due_on, payer, amount_fen, lot, budget_line, journal, recorded_by, recorded_at, in_log)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, true)`,
		id, cmd.Number, cmd.Kind, cmd.ReceivedOn, f.DueOn, cmd.Payer, cmd.Amount, lot, line, posted.Journal, actor, f.RecordedAt)
	if err != nil {
		return fmt.Errorf("record receipt %s: %w", cmd.Number, err)
	}
	return f.log(ctx, tx)
}

// Remit asks to put on record that a receipt, or a part of it, was remitted to
// the treasury under a document (缴款书). An amount of 0 is all that is open.
type Remit struct {
	Receipt    string    `json:"receipt" validate:"required,max=80"`
	Number     string    `json:"number" validate:"required,max=80,no_personal_number"`
	RemittedOn time.Time `json:"remitted_on" validate:"required"`
	Amount     money.Fen `json:"amount" validate:"fen_not_negative"`
}

// RemitReceipt books a remittance. Idempotent by receipt and document. Errors:
// VALID_PROBLEMS; NotFound FUNDS_RECEIPT_UNKNOWN; Invalid FUNDS_ARRIVED_FUTURE;
// Conflict FUNDS_REMITTANCE_USED; Insufficient FUNDS_REMIT_ABOVE.
func (s *Service) RemitReceipt(ctx context.Context, cmd Remit) (ReceiptView, error) {
	who, err := auth.Require(ctx, auth.FundsImport)
	if err != nil {
		return ReceiptView{}, err
	}
	if err := s.valid.Check(cmd); err != nil {
		return ReceiptView{}, err
	}
	if cmd.RemittedOn.After(s.today()) {
		return ReceiptView{}, errs.New(errs.Invalid, "FUNDS_ARRIVED_FUTURE", "date", day(cmd.RemittedOn), "today", day(s.today()))
	}
	cmd.Number = NormalNumber(cmd.Number)
	var out ReceiptView
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		r, found, err := receiptByNumber(ctx, tx, cmd.Receipt, s.today())
		if err == nil && !found {
			err = errs.New(errs.NotFound, "FUNDS_RECEIPT_UNKNOWN", "number", cmd.Receipt)
		}
		if err != nil {
			return err
		}
		replay, err := s.remit(ctx, tx, r, cmd, who.Login)
		if err != nil {
			return err
		}
		out, _, err = receiptByNumber(ctx, tx, cmd.Receipt, s.today())
		out.Replay = replay
		return err
	})
	return out, err
}

// remit books a remittance, or finds that it was booked before. The lot's row
// makes two of them wait for each other.
func (s *Service) remit(ctx context.Context, tx pgx.Tx, r ReceiptView, cmd Remit, actor string) (replay bool, err error) {
	if err := tx.QueryRow(ctx, `SELECT id FROM lot WHERE id = $1 FOR UPDATE`, r.Lot).Scan(&r.Lot); err != nil {
		return false, fmt.Errorf("lock lot %d: %w", r.Lot, err)
	}
	var known money.Fen
	var on time.Time
	err = tx.QueryRow(ctx, `SELECT amount_fen, remitted_on FROM receipt_remittance WHERE receipt = $1 AND number = $2`, r.ID, cmd.Number).Scan(&known, &on)
	switch {
	case err == nil && on.Equal(cmd.RemittedOn) && (cmd.Amount == 0 || cmd.Amount == known):
		return true, nil
	case err == nil:
		return false, errs.New(errs.Conflict, "FUNDS_REMITTANCE_USED", "number", cmd.Number, "amount", known.Grouped(), "date", day(on))
	case !errors.Is(err, pgx.ErrNoRows):
		return false, fmt.Errorf("remittance %s: %w", cmd.Number, err)
	}
	from, found, err := ledger.AccountAt(ctx, tx, r.Lot, ledger.Place{Kind: ledger.Suspense, BudgetLine: r.BudgetLine})
	if err != nil {
		return false, err
	}
	amount := cmd.Amount
	if amount == 0 {
		amount = from.Balance
	}
	if !found || amount == 0 || amount > from.Balance {
		return false, errs.New(errs.Insufficient, "FUNDS_REMIT_ABOVE", "number", cmd.Receipt, "open", from.Balance.Grouped(), "asked", amount.Grouped())
	}
	posted, err := s.ledger.PostTx(ctx, tx, ledger.Command{Key: "remit/" + cmd.Receipt + "/" + cmd.Number, Kind: "receipt.remit", Actor: actor,
		Cause: fmt.Sprintf("receipt:%d", r.ID), Memo: cmd.Number, BusinessDate: s.today(), ValueDates: []time.Time{cmd.RemittedOn},
		Steps: []ledger.Step{ledger.Shift{From: from.ID, To: ledger.Place{Kind: ledger.Surrendered, BudgetLine: r.BudgetLine}, Amount: amount, Fact: true}}})
	if err != nil {
		return false, err
	}
	at := s.clock.Now()
	_, err = tx.Exec(ctx, `INSERT INTO receipt_remittance (number, receipt, remitted_on, amount_fen, journal, recorded_by, recorded_at, in_log)
		VALUES ($1, $2, $3, $4, $5, $6, $7, true)`, cmd.Number, r.ID, cmd.RemittedOn, amount, posted.Journal, actor, at)
	if err != nil {
		return false, fmt.Errorf("record remittance %s: %w", cmd.Number, err)
	}
	return false, CashFact{Kind: proof.KindRemittance, Ref: int64(posted.Journal), Number: cmd.Number, Of: int64(r.ID), On: cmd.RemittedOn, Amount: amount,
		Journal: posted.Journal, RecordedBy: actor, RecordedAt: at}.log(ctx, tx)
}

const receiptSQL = `SELECT x.id, x.number, x.kind, x.received_on, x.due_on, x.payer, x.amount_fen, x.remitted_fen, x.amount_fen - x.remitted_fen AS open_fen,
		x.amount_fen > x.remitted_fen AND x.due_on < $1 AS overdue, x.lot, x.budget_line, x.journal
	FROM (SELECT r.id, r.number, r.kind, r.received_on, r.due_on, r.payer, r.amount_fen, r.lot, r.budget_line, r.journal,
			coalesce((SELECT sum(m.amount_fen)::bigint FROM receipt_remittance m WHERE m.receipt = r.id), 0) AS remitted_fen
		FROM fund_receipt r) x`

func receiptByNumber(ctx context.Context, q db.Querier, number string, today time.Time) (ReceiptView, bool, error) {
	found, err := query[ReceiptView](ctx, q, "receipt", receiptSQL+` WHERE x.number = $2`, today, number)
	if err != nil || len(found) == 0 {
		return ReceiptView{}, false, err
	}
	return found[0], true, nil
}

// Receipts lists what has to be remitted, by due date; with all also what was.
// Errors: none of its own.
func (s *Service) Receipts(ctx context.Context, q db.Querier, asOf time.Time, all bool) ([]ReceiptView, error) {
	return query[ReceiptView](ctx, q, "receipts", receiptSQL+` WHERE $2 OR x.amount_fen > x.remitted_fen ORDER BY x.due_on, x.id`, asOf, all)
}
