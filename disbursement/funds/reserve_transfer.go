package funds

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// CashTransfer is cash that a document sent to a township's account, back to the county
// (交回), or from a township's to another's (撤并). The lots do not move by it: the money
// is in reserve all along, an advance and no expenditure (money-rules C7). It is in
// transit until the township's statement shows it: silence is not success.
type CashTransfer struct {
	ID         int64            `json:"id" db:"id"`
	Number     string           `json:"number" db:"number"` // 文号
	Journal    ledger.JournalID `json:"journal" db:"journal"`
	From       string           `json:"from_township" db:"from_township"` // empty: the county
	To         string           `json:"to_township" db:"to_township"`     // empty: the county
	IssuedOn   time.Time        `json:"issued_on" db:"issued_on"`
	Amount     money.Fen        `json:"amount" db:"amount_fen"`
	LeftOn     *time.Time       `json:"left_on" db:"left_on"`       // as the statement of From says
	ArrivedOn  *time.Time       `json:"arrived_on" db:"arrived_on"` // as the statement of To says
	RecordedBy string           `json:"recorded_by" db:"recorded_by"`
	RecordedAt time.Time        `json:"-" db:"recorded_at"`
}

// Open says whether a statement has to show something of it yet.
func (t CashTransfer) Open() bool { return t.awaits(t.From) || t.awaits(t.To) }

// awaits says whether the statement of a township has to show it.
func (t CashTransfer) awaits(township string) bool {
	return township != "" && (township == t.From && t.LeftOn == nil || township == t.To && t.ArrivedOn == nil)
}

// flow is cash between two ends in the making.
type flow struct{ from, to string }

// transfers sends the cash that goes with a journal about reserves: of each pair of ends
// whose reserve is cash, what was moved between them. Quotas have none.
func (s *Service) transfers(ctx context.Context, tx pgx.Tx, d Document, journal ledger.JournalID, moved map[flow]money.Fen) error {
	if len(moved) == 0 {
		return nil
	}
	forms, err := cashFormsOn(ctx, tx, d.IssuedOn)
	if err != nil {
		return err
	}
	sums := map[flow]money.Fen{}
	var order []flow
	for between, amount := range moved {
		at, err := forms.ends(between)
		if err != nil {
			return err
		}
		if at.from == at.to || amount == 0 {
			continue
		}
		if sums[at] == 0 {
			order = append(order, at)
		}
		if sums[at], err = money.Add(sums[at], amount); err != nil {
			return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
	}
	slices.SortFunc(order, func(a, b flow) int { return slices.Compare([]string{a.from, a.to}, []string{b.from, b.to}) })
	for _, at := range order {
		t := CashTransfer{Number: d.Number, Journal: journal, From: at.from, To: at.to, IssuedOn: d.IssuedOn, Amount: sums[at], RecordedBy: d.RecordedBy,
			RecordedAt: s.clock.Now().Truncate(time.Microsecond)}
		if err := insertTransfer(ctx, tx, t); err != nil {
			return err
		}
	}
	return nil
}

// ends are where the cash of a flow is: with a township only where its reserve is cash.
// From one without an account none can come, so that a cut is never refused for it.
// Errors: RESERVE_NO_ACCOUNT of the one that it goes to.
func (f cashForms) ends(between flow) (flow, error) {
	var at flow
	if _, cash, err := f.of(between.from); err == nil && cash {
		at.from = between.from
	}
	_, cash, err := f.of(between.to)
	if cash {
		at.to = between.to
	}
	return at, err
}

func insertTransfer(ctx context.Context, tx pgx.Tx, t CashTransfer) error {
	var err error
	if t.ID, err = db.NextID(ctx, tx, "reserve_transfer_id_seq"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO reserve_transfer (id, number, journal, from_township, to_township, issued_on, amount_fen, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, t.ID, t.Number, t.Journal, t.From, t.To, t.IssuedOn, t.Amount, t.RecordedBy, t.RecordedAt)
	if err != nil {
		return fmt.Errorf("record cash of %s: %w", t.Number, err)
	}
	return CashFact{Kind: proof.KindTransfer, Ref: t.ID, Number: t.Number, What: t.From + ">" + t.To, On: t.IssuedOn, Amount: t.Amount, Journal: t.Journal,
		RecordedBy: t.RecordedBy, RecordedAt: t.RecordedAt}.log(ctx, tx)
}

const transferSQL = `SELECT t.id, t.number, t.journal, t.from_township, t.to_township, t.issued_on, t.amount_fen, t.recorded_by, t.recorded_at,
		(SELECT e.booked_on FROM township_entry e WHERE e.kind = 'left' AND e.ref = t.id) AS left_on,
		(SELECT e.booked_on FROM township_entry e WHERE e.kind = 'arrived' AND e.ref = t.id) AS arrived_on
	FROM reserve_transfer t`

// transfersOf are the transfers from and to a township.
func transfersOf(ctx context.Context, q db.Querier, township string) ([]CashTransfer, error) {
	return query[CashTransfer](ctx, q, "transfers of a township", transferSQL+` WHERE t.from_township = $1 OR t.to_township = $1 ORDER BY t.id`, township)
}

// Transfers lists what is in transit, the oldest first; with all also what arrived.
// Errors: none of its own.
func (s *Service) Transfers(ctx context.Context, q db.Querier, all bool) ([]CashTransfer, error) {
	found, err := query[CashTransfer](ctx, q, "transfers", transferSQL+` ORDER BY t.issued_on, t.id`)
	if !all {
		found = slices.DeleteFunc(found, func(t CashTransfer) bool { return !t.Open() })
	}
	return found, err
}

// arriving is what is on its way to a township and cannot be drawn yet.
func arriving(ctx context.Context, q db.Querier, township string) (money.Fen, error) {
	var sum money.Fen
	err := q.QueryRow(ctx, `SELECT coalesce(sum(t.amount_fen), 0)::bigint FROM reserve_transfer t
		WHERE t.to_township = $1 AND NOT EXISTS (SELECT 1 FROM township_entry e WHERE e.kind = 'arrived' AND e.ref = t.id)`, township).Scan(&sum)
	if err != nil {
		return 0, fmt.Errorf("cash on its way to %s: %w", township, err)
	}
	return sum, nil
}
