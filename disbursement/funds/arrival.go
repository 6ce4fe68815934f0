package funds

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// Arrival is cash of a lot that has arrived (到款), one instalment: the line that
// brought the lot, and the voucher that says so.
type Arrival struct {
	Number    string    `json:"number" validate:"required,max=80,no_personal_number"` // 文号
	LineNo    int       `json:"line" validate:"min=1"`
	Voucher   string    `json:"voucher" validate:"required,max=80,no_personal_number"` // 到款凭证号
	ArrivedOn time.Time `json:"arrived_on" validate:"required"`
	Amount    money.Fen `json:"amount" validate:"fen_positive"`
}

// Arrived is a lot's cash after an instalment.
type Arrived struct {
	Lot      ledger.LotID `json:"lot"`
	Arrived  money.Fen    `json:"arrived"`  // in all
	Unfunded money.Fen    `json:"unfunded"` // brought in − withdrawn − arrived; below 0 where more came than is left
	Replay   bool         `json:"replay"`
}

// RecordArrival puts an instalment of cash on record. Idempotent by line and
// voucher. Errors: VALID_PROBLEMS; FUNDS_DOCUMENT_UNKNOWN; Invalid
// FUNDS_LINE_UNKNOWN, FUNDS_ARRIVED_FUTURE; Conflict FUNDS_VOUCHER_USED (the
// same voucher with other content); Refused FUNDS_ARRIVED_ABOVE (more than the
// line brought).
func (s *Service) RecordArrival(ctx context.Context, cmd Arrival) (Arrived, error) {
	who, err := auth.Require(ctx, auth.FundsImport)
	if err != nil {
		return Arrived{}, err
	}
	cmd.Number = NormalNumber(cmd.Number)
	if err := s.valid.Check(cmd); err != nil {
		return Arrived{}, err
	}
	if cmd.ArrivedOn.After(s.today()) {
		return Arrived{}, errs.New(errs.Invalid, "FUNDS_ARRIVED_FUTURE", "date", day(cmd.ArrivedOn), "today", day(s.today()))
	}
	var done Arrived
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		var err error
		done, err = s.recordArrival(ctx, tx, cmd, who.Login)
		return err
	})
	return done, err
}

func (s *Service) recordArrival(ctx context.Context, tx pgx.Tx, cmd Arrival, actor string) (Arrived, error) {
	lot, err := s.lotOf(ctx, tx, cmd.Number, cmd.LineNo)
	if err != nil {
		return Arrived{}, err
	}
	// Two instalments of one lot are seen one after the other.
	if err := tx.QueryRow(ctx, `SELECT id FROM lot WHERE id = $1 FOR UPDATE`, lot).Scan(&lot); err != nil {
		return Arrived{}, fmt.Errorf("lock lot %d: %w", lot, err)
	}
	known, err := instalmentsOf(ctx, tx, lot)
	if err != nil {
		return Arrived{}, err
	}
	replay := false
	for _, i := range known {
		if i.Voucher == cmd.Voucher && i.Voucher != "" {
			if i.Amount != cmd.Amount || !i.ArrivedOn.Equal(cmd.ArrivedOn) {
				return Arrived{}, errs.New(errs.Conflict, "FUNDS_VOUCHER_USED", "voucher", cmd.Voucher, "amount", i.Amount.Grouped(), "date", day(i.ArrivedOn))
			}
			replay = true
		}
	}
	if !replay {
		if err := s.insertArrival(ctx, tx, lot, cmd, actor); err != nil {
			return Arrived{}, err
		}
	}
	cash, err := cashOfLots(ctx, tx, lot)
	if err != nil {
		return Arrived{}, err
	}
	c := cash[0]
	if c.Arrived > c.BroughtIn {
		return Arrived{}, errs.New(errs.Refused, "FUNDS_ARRIVED_ABOVE", "number", cmd.Number, "line", cmd.LineNo, "brought", c.BroughtIn.Grouped(),
			"arrived", (c.Arrived - cmd.Amount).Grouped(), "asked", cmd.Amount.Grouped())
	}
	return Arrived{Lot: lot, Arrived: c.Arrived, Unfunded: c.Unfunded, Replay: replay}, nil
}

func (s *Service) insertArrival(ctx context.Context, tx pgx.Tx, lot ledger.LotID, cmd Arrival, actor string) error {
	id, err := nextID[LineID](ctx, tx, "cash_arrival_id_seq")
	if err != nil {
		return err
	}
	at := s.clock.Now()
	_, err = tx.Exec(ctx, `INSERT INTO cash_arrival (id, lot, voucher, arrived_on, amount_fen, recorded_by, recorded_at, in_log) VALUES ($1, $2, $3, $4, $5, $6, $7, true)`,
		id, lot, cmd.Voucher, cmd.ArrivedOn, cmd.Amount, actor, at)
	if err != nil {
		return fmt.Errorf("record cash of lot %d: %w", lot, err)
	}
	return CashFact{Kind: proof.KindArrival, Ref: int64(id), Number: cmd.Voucher, Of: int64(lot), On: cmd.ArrivedOn, Amount: cmd.Amount, RecordedBy: actor, RecordedAt: at}.log(ctx, tx)
}

// lotOf is the lot that a line of a document brought.
func (s *Service) lotOf(ctx context.Context, q db.Querier, number string, lineNo int) (ledger.LotID, error) {
	_, lines, err := s.FindDocument(ctx, q, number)
	if err != nil {
		return 0, err
	}
	for _, l := range lines {
		if l.LineNo == lineNo && l.Kind == Bring {
			return l.Lot, nil
		}
	}
	return 0, errs.New(errs.Invalid, "FUNDS_LINE_UNKNOWN", "number", number, "line", lineNo)
}

// instalment is cash of a lot that arrived on a day. Without a voucher it is
// what the document said had arrived, counted from the day it was received.
type instalment struct {
	Lot       ledger.LotID `db:"lot"`
	Voucher   string       `db:"voucher"`
	ArrivedOn time.Time    `db:"arrived_on"`
	Amount    money.Fen    `db:"amount_fen"`
}

const instalmentSQL = `SELECT lot, voucher, arrived_on, amount_fen FROM (
		SELECT c.lot, c.voucher, c.arrived_on, c.amount_fen FROM cash_arrival c
		UNION ALL
		SELECT dl.lot, '', d.received_on, dl.cash_arrived_fen FROM document_line dl JOIN document d ON d.id = dl.document
		WHERE dl.kind = 'bring' AND dl.cash_arrived_fen > 0) x`

func instalmentsOf(ctx context.Context, q db.Querier, lot ledger.LotID) ([]instalment, error) {
	return query[instalment](ctx, q, "cash of a lot", instalmentSQL+` WHERE lot = $1 ORDER BY lot, arrived_on, voucher`, lot)
}

// Cash is a lot's money beside its cash (到款情况).
type Cash struct {
	Lot        ledger.LotID `json:"lot" db:"lot"`
	Document   string       `json:"document" db:"document"`
	LineNo     int          `json:"line" db:"line_no"`
	Year       int          `json:"year" db:"year"`
	IssuedOn   time.Time    `json:"issued_on" db:"issued_on"`
	ReceivedOn time.Time    `json:"received_on" db:"received_on"`
	PassedOn   *time.Time   `json:"passed_on" db:"passed_on"`
	Level      string       `json:"level" db:"level"`
	Fund       string       `json:"fund" db:"fund"`
	BroughtIn  money.Fen    `json:"brought_in" db:"brought_fen"`
	Withdrawn  money.Fen    `json:"withdrawn" db:"withdrawn_fen"`
	Known      bool         `json:"arrival_known" db:"known"` // whether anything was ever said about its cash
	Arrived    money.Fen    `json:"arrived" db:"arrived_fen"`
	Unfunded   money.Fen    `json:"unfunded" db:"unfunded_fen"` // 未到款指标
	Available  money.Fen    `json:"available" db:"available_fen"`
	Unspent    money.Fen    `json:"unspent" db:"unspent_fen"` // available, set aside and in reserve
	Paid       money.Fen    `json:"paid" db:"paid_fen"`
}

// CashOfLots reads every appropriated lot with its three dates, its cash and
// what of it is unfunded: brought in − withdrawn − arrived. Errors: none of its
// own.
func (s *Service) CashOfLots(ctx context.Context, q db.Querier) ([]Cash, error) {
	return cashOfLots(ctx, q, 0)
}

func cashOfLots(ctx context.Context, q db.Querier, lot ledger.LotID) ([]Cash, error) {
	return query[Cash](ctx, q, "cash of lots", `
		SELECT x.lot, x.document, x.line_no, x.year, x.issued_on, x.received_on, x.passed_on, x.level, x.fund, x.brought_fen, x.withdrawn_fen, x.known,
			x.arrived_fen, x.brought_fen - x.withdrawn_fen - x.arrived_fen AS unfunded_fen, x.available_fen, x.unspent_fen, x.paid_fen
		FROM (SELECT dl.lot, d.number AS document, dl.line_no, d.year, d.issued_on, d.received_on, coalesce(d.passed_on, p.passed_on) AS passed_on,
				dl.level, dl.fund, dl.amount_fen AS brought_fen,
				coalesce((SELECT sum(c.amount_fen)::bigint FROM document_line c WHERE c.lot = dl.lot AND c.kind = 'cut'), 0) AS withdrawn_fen,
				dl.cash_arrived_fen IS NOT NULL OR EXISTS (SELECT 1 FROM cash_arrival k WHERE k.lot = dl.lot) AS known,
				coalesce(dl.cash_arrived_fen, 0) + coalesce((SELECT sum(k.amount_fen)::bigint FROM cash_arrival k WHERE k.lot = dl.lot), 0) AS arrived_fen,
				coalesce((SELECT sum(a.balance_fen)::bigint FROM account a WHERE a.lot = dl.lot AND a.kind = 'available'), 0) AS available_fen,
				coalesce((SELECT sum(a.balance_fen)::bigint FROM account a WHERE a.lot = dl.lot AND a.kind IN ('available', 'carveout', 'reserve')), 0) AS unspent_fen,
				coalesce((SELECT sum(a.balance_fen)::bigint FROM account a WHERE a.lot = dl.lot AND a.kind = 'paid'), 0) AS paid_fen
			FROM document_line dl JOIN document d ON d.id = dl.document LEFT JOIN document_passed_on p ON p.document = d.id
			WHERE dl.kind = 'bring' AND (dl.lot = $1 OR $1 = 0)) x
		ORDER BY x.lot`, lot)
}

// insertPassedOn stores when a document was passed on, unless that is on record.
func (s *Service) insertPassedOn(ctx context.Context, tx pgx.Tx, d Document, on time.Time, actor string) error {
	at := s.clock.Now()
	tag, err := tx.Exec(ctx, `INSERT INTO document_passed_on (document, passed_on, recorded_by, recorded_at, in_log) VALUES ($1, $2, $3, $4, true)
		ON CONFLICT (document) DO NOTHING`, d.ID, on, actor, at)
	if err != nil {
		return fmt.Errorf("record that %s was passed on: %w", d.Number, err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	return CashFact{Kind: proof.KindPassedOn, Ref: int64(d.ID), On: on, RecordedBy: actor, RecordedAt: at}.log(ctx, tx)
}

// PassOn puts on record when a document was passed on (转下达), where the paper
// itself did not say. The same day again changes nothing. Errors:
// FUNDS_DOCUMENT_UNKNOWN; Invalid FUNDS_PASSED_BEFORE, FUNDS_ARRIVED_FUTURE;
// Conflict FUNDS_PASSED_ALREADY.
func (s *Service) PassOn(ctx context.Context, number string, on time.Time) error {
	who, err := auth.Require(ctx, auth.FundsImport)
	if err != nil {
		return err
	}
	if on.After(s.today()) {
		return errs.New(errs.Invalid, "FUNDS_ARRIVED_FUTURE", "date", day(on), "today", day(s.today()))
	}
	return run(ctx, s.db.Run, func(tx pgx.Tx) error {
		d, _, err := s.FindDocument(ctx, tx, number)
		if err != nil {
			return err
		}
		if on.Before(d.IssuedOn) {
			return errs.New(errs.Invalid, "FUNDS_PASSED_BEFORE", "issued", day(d.IssuedOn))
		}
		if d.PassedOn.IsZero() {
			if err := s.insertPassedOn(ctx, tx, d, on, who.Login); err != nil {
				return err
			}
			if err := tx.QueryRow(ctx, `SELECT passed_on FROM document_passed_on WHERE document = $1`, d.ID).Scan(&d.PassedOn); err != nil {
				return fmt.Errorf("when %s was passed on: %w", d.Number, err)
			}
		}
		if !d.PassedOn.Equal(on) {
			return errs.New(errs.Conflict, "FUNDS_PASSED_ALREADY", "number", d.Number, "date", day(d.PassedOn))
		}
		return nil
	})
}
