package funds

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// StatementEntry is an entry of a township's statement that no instruction explains: it
// is what somebody says it is, or stands as a difference (银行已记、账上未记).
type StatementEntry struct {
	File     int64      `json:"file" db:"file"`
	Pos      int        `json:"pos" db:"pos"`
	Name     string     `json:"name" db:"name"` // of the file
	Line     int        `json:"line" db:"src_line"`
	Credit   bool       `json:"credit" db:"credit"`
	Amount   money.Fen  `json:"amount" db:"amount_fen"`
	BookedOn *time.Time `json:"booked_on" db:"value_date"`
	Text     string     `json:"text" db:"reason_text"`
	Settled  bool       `json:"settled" db:"settled"` // its break was resolved with a note
}

// Place is the entry as a command names it.
func (e StatementEntry) Place() string { return fmt.Sprintf("%d:%d", e.File, e.Pos) }

// on is the day of the booking; a statement that names none is of the day it was read.
func (e StatementEntry) on(today time.Time) time.Time {
	if e.BookedOn != nil {
		return *e.BookedOn
	}
	return today
}

// entriesSQL is what banks booked on an account ($1) in statements of it alone, each
// entry once, whatever file it came in.
const entriesSQL = ` FROM evidence_file f JOIN evidence e ON e.file = f.id
		WHERE f.kind = 'statement' AND replace(replace(f.scope, ' ', ''), '-', '') = $1 AND e.place <> '' AND e.outcome <> 'repeated'`

// unexplained are the entries of an account that are of no instruction and that nobody
// has said anything of.
func unexplained(ctx context.Context, q db.Querier, a TownshipAccount) ([]StatementEntry, error) {
	return query[StatementEntry](ctx, q, "entries of a statement", `SELECT e.file, e.pos, f.name, e.src_line, e.direction = 'CRDT' AS credit, e.amount_fen, e.value_date,
			e.reason_text, EXISTS (SELECT 1 FROM break b WHERE b.file = e.file AND b.pos = e.pos AND b.resolved_on IS NOT NULL) AS settled`+entriesSQL+`
			AND e.attempt IS NULL AND NOT EXISTS (SELECT 1 FROM township_entry t WHERE t.file = e.file AND t.pos = e.pos) ORDER BY e.file, e.pos`, a.Account)
}

// ConfirmTransfer asks to settle a transfer by what a township's statement says: that it
// arrived there, or left from there.
type ConfirmTransfer struct {
	Number   string `json:"number" validate:"required,max=80"` // 文号
	Township string `json:"township" validate:"area12"`        // whose statement
	Entry    string `json:"entry" validate:"max=40"`           // file:place; empty: the only one that fits
}

// SettledTransfer is a transfer with the entry that shows it.
type SettledTransfer struct {
	CashTransfer
	Entry  StatementEntry `json:"entry"`
	Replay bool           `json:"replay"`
}

// ConfirmTransfer puts on record which entry of a township's statement shows a transfer.
// The amount must be its own to the fen, and an entry shows one thing. Until then the
// money is in transit and is not drawn (promise 9). Settled before, it changes nothing.
//
// Errors: AUTH_RIGHT_MISSING; VALID_PROBLEMS; NotFound RESERVE_TRANSFER_UNKNOWN,
// RESERVE_ENTRY_UNKNOWN; Refused RESERVE_NOT_ARRIVED (no entry fits), RESERVE_NO_ACCOUNT;
// Conflict RESERVE_ENTRY_WHICH (several do).
func (s *Service) ConfirmTransfer(ctx context.Context, cmd ConfirmTransfer) (SettledTransfer, error) {
	who, err := auth.Require(ctx, auth.Reconcile)
	if err != nil {
		return SettledTransfer{}, err
	}
	cmd.Number, cmd.Township = NormalNumber(cmd.Number), Area12(cmd.Township)
	if err := s.valid.Check(cmd); err != nil {
		return SettledTransfer{}, err
	}
	var done SettledTransfer
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		done, err = s.confirmTransfer(ctx, tx, cmd, who.Login)
		return err
	})
	return done, err
}

func (s *Service) confirmTransfer(ctx context.Context, tx pgx.Tx, cmd ConfirmTransfer, actor string) (SettledTransfer, error) {
	var done SettledTransfer
	all, err := transfersOf(ctx, tx, cmd.Township)
	if err != nil {
		return done, err
	}
	all = slices.DeleteFunc(all, func(t CashTransfer) bool { return t.Number != cmd.Number })
	if len(all) == 0 {
		return done, errs.New(errs.NotFound, "RESERVE_TRANSFER_UNKNOWN", "number", cmd.Number, "township", cmd.Township)
	}
	i := max(0, slices.IndexFunc(all, func(t CashTransfer) bool { return t.awaits(cmd.Township) }))
	done.CashTransfer = all[i]
	kind, credit := "arrived", true
	if done.From == cmd.Township {
		kind, credit = "left", false
	}
	if !done.awaits(cmd.Township) {
		done.Replay = true
		done.Entry, err = shownBy(ctx, tx, kind, done.ID)
		return done, err
	}
	if done.Entry, err = s.entryFor(ctx, tx, cmd, done.Amount, credit); err != nil {
		return done, err
	}
	on := done.Entry.on(s.today())
	if kind == "left" {
		done.LeftOn = &on
	} else {
		done.ArrivedOn = &on
	}
	return done, s.explain(ctx, tx, townshipEntry{Township: cmd.Township, Kind: kind, Ref: done.ID, entry: done.Entry, By: actor})
}

// shownBy is the entry that shows a transfer or a receipt.
func shownBy(ctx context.Context, q db.Querier, kind string, ref int64) (StatementEntry, error) {
	found, err := query[StatementEntry](ctx, q, "entry of a transfer", `SELECT e.file, e.pos, f.name, e.src_line, e.direction = 'CRDT' AS credit, e.amount_fen, e.value_date,
			e.reason_text, true AS settled FROM township_entry t JOIN evidence e ON e.file = t.file AND e.pos = t.pos JOIN evidence_file f ON f.id = e.file
		WHERE t.kind = $1 AND t.ref = $2`, kind, ref)
	if err != nil || len(found) == 0 {
		return StatementEntry{}, err
	}
	return found[0], nil
}

// entryFor finds the entry that shows so much money coming or going: the one named, or
// the only one.
func (s *Service) entryFor(ctx context.Context, tx pgx.Tx, cmd ConfirmTransfer, amount money.Fen, credit bool) (StatementEntry, error) {
	a, err := townshipAccount(ctx, tx, cmd.Township)
	if err != nil {
		return StatementEntry{}, err
	}
	fit, err := unexplained(ctx, tx, a)
	if err != nil {
		return StatementEntry{}, err
	}
	fit = slices.DeleteFunc(fit, func(e StatementEntry) bool {
		return e.Credit != credit || e.Amount != amount || cmd.Entry != "" && e.Place() != cmd.Entry
	})
	switch len(fit) {
	case 0:
		return StatementEntry{}, errs.New(errs.Refused, "RESERVE_NOT_ARRIVED", "number", cmd.Number, "township", cmd.Township, "amount", amount.Grouped())
	case 1:
		return fit[0], nil
	}
	places := make([]string, len(fit))
	for i, e := range fit {
		places[i] = e.Place()
	}
	return StatementEntry{}, errs.New(errs.Conflict, "RESERVE_ENTRY_WHICH", "number", cmd.Number, "entries", strings.Join(places, " "))
}

func townshipAccount(ctx context.Context, q db.Querier, township string) (TownshipAccount, error) {
	found, err := query[TownshipAccount](ctx, q, "township account", townshipAccountSQL+` WHERE t.township = $1`, township)
	if err == nil && len(found) == 0 {
		err = errs.New(errs.Refused, "RESERVE_NO_ACCOUNT", "township", township, "date", "—")
	}
	if err != nil {
		return TownshipAccount{}, err
	}
	return found[0], nil
}

// townshipEntry is what an entry is said to be.
type townshipEntry struct {
	Township string
	Kind     string
	Ref      int64
	By       string
	entry    StatementEntry
}

// explain puts on record what an entry is.
func (s *Service) explain(ctx context.Context, tx pgx.Tx, t townshipEntry) error {
	id, err := db.NextID(ctx, tx, "township_entry_id_seq")
	if err != nil {
		return err
	}
	at, on := s.clock.Now().Truncate(time.Microsecond), t.entry.on(s.today())
	_, err = tx.Exec(ctx, `INSERT INTO township_entry (id, township, kind, ref, file, pos, booked_on, amount_fen, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, id, t.Township, t.Kind, t.Ref, t.entry.File, t.entry.Pos, on, t.entry.Amount, t.By, at)
	if name, _ := db.Violation(err); name == "township_entry_place" || name == "township_entry_once" {
		return errs.Wrap(err, errs.Conflict, "RESERVE_ENTRY_USED", "entry", t.entry.Place())
	}
	if err != nil {
		return fmt.Errorf("record entry %s: %w", t.entry.Place(), err)
	}
	return CashFact{Kind: proof.KindTownshipEntry, Ref: id, Number: t.entry.Place(), Of: t.Ref, What: t.Kind + " " + t.Township, On: on, Amount: t.entry.Amount,
		RecordedBy: t.By, RecordedAt: at}.log(ctx, tx)
}

// ReserveInterest asks to register what a township's account earned (备用金账户利息) by the
// entry of its statement.
type ReserveInterest struct {
	Township string `json:"township" validate:"area12"`
	Number   string `json:"number" validate:"required,max=80,no_personal_number"` // 凭证号
	Entry    string `json:"entry" validate:"required,max=40"`                     // file:place
}

// RegisterReserveInterest registers interest on a township's account as a receipt, a lot
// of its own that pays nobody and is remitted to the treasury (应缴财政款).
//
// Errors: those of RegisterReceipt; NotFound RESERVE_ENTRY_UNKNOWN; Refused
// RESERVE_NO_ACCOUNT; Conflict RESERVE_ENTRY_USED.
func (s *Service) RegisterReserveInterest(ctx context.Context, cmd ReserveInterest) (ReceiptView, error) {
	who, err := auth.Require(ctx, auth.FundsImport)
	if err != nil {
		return ReceiptView{}, err
	}
	cmd.Township = Area12(cmd.Township)
	if err := s.valid.Check(cmd); err != nil {
		return ReceiptView{}, err
	}
	var out ReceiptView
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		out, err = s.reserveInterest(ctx, tx, cmd, who.Login)
		return err
	})
	return out, err
}

func (s *Service) reserveInterest(ctx context.Context, tx pgx.Tx, cmd ReserveInterest, actor string) (ReceiptView, error) {
	known, found, err := receiptByNumber(ctx, tx, cmd.Number, s.today())
	if err != nil {
		return known, err
	}
	if found {
		return sameInterest(ctx, tx, cmd, known)
	}
	a, err := townshipAccount(ctx, tx, cmd.Township)
	if err != nil {
		return known, err
	}
	open, err := unexplained(ctx, tx, a)
	if err != nil {
		return known, err
	}
	i := slices.IndexFunc(open, func(e StatementEntry) bool { return e.Credit && e.Place() == cmd.Entry })
	if i < 0 {
		return known, errs.New(errs.NotFound, "RESERVE_ENTRY_UNKNOWN", "entry", cmd.Entry, "township", cmd.Township)
	}
	r := Receipt{Number: cmd.Number, Kind: Interest, ReceivedOn: open[i].on(s.today()), Payer: a.Holder, Amount: open[i].Amount, Area: cmd.Township}
	if err := s.registerReceipt(ctx, tx, r, actor); err != nil {
		return known, err
	}
	known, _, err = receiptByNumber(ctx, tx, cmd.Number, s.today())
	if err != nil {
		return known, err
	}
	return known, s.explain(ctx, tx, townshipEntry{Township: cmd.Township, Kind: "interest", Ref: int64(known.ID), entry: open[i], By: actor})
}

// sameInterest answers a number that is on record: of the same entry, or taken.
func sameInterest(ctx context.Context, tx pgx.Tx, cmd ReserveInterest, known ReceiptView) (ReceiptView, error) {
	first, err := shownBy(ctx, tx, "interest", int64(known.ID))
	if err == nil && first.Place() != cmd.Entry {
		err = errs.New(errs.Conflict, "FUNDS_RECEIPT_USED", "number", cmd.Number, "amount", known.Amount.Grouped(), "date", day(known.ReceivedOn))
	}
	if err != nil {
		return known, err
	}
	known.Replay = true
	return known, nil
}

// ParsePlace checks a place as people type it, file:place.
func ParsePlace(s string) (string, error) {
	file, pos, ok := strings.Cut(strings.TrimSpace(s), ":")
	f, err1 := strconv.ParseInt(file, 10, 64)
	p, err2 := strconv.Atoi(pos)
	if !ok || err1 != nil || err2 != nil {
		return "", errs.New(errs.Invalid, "RESERVE_ENTRY_PLACE", "value", s)
	}
	return StatementEntry{File: f, Pos: p}.Place(), nil
}
