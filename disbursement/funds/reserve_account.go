package funds

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/rules"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
)

// TownshipAccount is the bank account on which a township's reserve stands as cash
// (乡镇备用金账户), and the channel that pays from it. It is the township's own: what a
// statement of it says proves what left it (ADR 30).
type TownshipAccount struct {
	ID         int64     `json:"id" db:"id"`
	Township   string    `json:"township" db:"township"`
	Channel    string    `json:"channel" db:"channel"`
	Account    string    `json:"-" db:"account"`
	Holder     string    `json:"holder" db:"holder"`
	Agent      string    `json:"agent" db:"agent"` // 联行号
	Document   string    `json:"document" db:"document"`
	OpenedOn   time.Time `json:"opened_on" db:"opened_on"`
	RecordedBy string    `json:"recorded_by" db:"recorded_by"`
	RecordedAt time.Time `json:"-" db:"recorded_at"`
}

// RecordTownshipAccountTx puts an account on record in the transaction that opens its
// channel; the same again changes nothing. Errors: Conflict RESERVE_ACCOUNT_TAKEN, where
// the township has another, or another township this one.
func (s *Service) RecordTownshipAccountTx(ctx context.Context, tx pgx.Tx, a TownshipAccount) (TownshipAccount, bool, error) {
	found, err := query[TownshipAccount](ctx, tx, "township accounts", townshipAccountSQL+` WHERE t.township = $1 OR t.account = $2 ORDER BY t.id`, a.Township, a.Account)
	if err != nil {
		return a, false, err
	}
	if len(found) > 0 {
		known := found[0]
		if !known.same(a) {
			return known, false, errs.New(errs.Conflict, "RESERVE_ACCOUNT_TAKEN", "township", known.Township, "holder", known.Holder, "by", known.RecordedBy,
				"on", day(clock.Date(known.RecordedAt)))
		}
		return known, true, nil
	}
	if a.ID, err = db.NextID(ctx, tx, "township_account_id_seq"); err != nil {
		return a, false, err
	}
	a.RecordedAt = s.clock.Now().Truncate(time.Microsecond)
	_, err = tx.Exec(ctx, `INSERT INTO township_account (id, township, channel, account, holder, agent, document, opened_on, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, a.ID, a.Township, a.Channel, a.Account, a.Holder, a.Agent, a.Document, a.OpenedOn, a.RecordedBy, a.RecordedAt)
	if err != nil {
		return a, false, fmt.Errorf("record account of %s: %w", a.Township, err)
	}
	return a, false, CashFact{Kind: proof.KindTownshipAccount, Ref: a.ID, Number: a.Township + " " + a.Channel, What: a.Holder + " " + a.Agent + " " + a.Account,
		On: a.OpenedOn, RecordedBy: a.RecordedBy, RecordedAt: a.RecordedAt}.log(ctx, tx)
}

// same says whether b asks for what is on record, whoever asks.
func (a TownshipAccount) same(b TownshipAccount) bool {
	return a.Township == b.Township && a.Account == b.Account && a.Holder == b.Holder && a.Agent == b.Agent && a.Document == b.Document && a.OpenedOn.Equal(b.OpenedOn)
}

const townshipAccountSQL = `SELECT t.id, t.township, t.channel, t.account, t.holder, t.agent, t.document, t.opened_on, t.recorded_by, t.recorded_at FROM township_account t`

// cashForms says of townships whether their reserve is cash on an account of their own
// (form a), or a quota (form b): a dated row of the area says which.
type cashForms struct {
	set      rules.Set
	on       time.Time
	accounts map[string]TownshipAccount
}

func cashFormsOn(ctx context.Context, q db.Querier, on time.Time) (cashForms, error) {
	f := cashForms{on: on, accounts: map[string]TownshipAccount{}}
	found, err := query[TownshipAccount](ctx, q, "township accounts", townshipAccountSQL+` ORDER BY t.id`)
	for _, a := range found {
		f.accounts[a.Township] = a
	}
	if err == nil {
		f.set, err = rules.Load(ctx, q, rules.ReserveCashAdvanced)
	}
	return f, err
}

// isCash says whether a township's reserve is cash; where no row says, it is a quota.
func (f cashForms) isCash(township string) bool {
	row, there := f.set.At(rules.ReserveCashAdvanced, township, f.on)
	return there && row.Yes()
}

// of is the account of a township whose reserve is cash; none of a quota. Errors:
// RESERVE_NO_ACCOUNT (Refused).
func (f cashForms) of(township string) (TownshipAccount, bool, error) {
	if township == "" || !f.isCash(township) {
		return TownshipAccount{}, false, nil
	}
	a, known := f.accounts[township]
	if !known {
		return a, false, errs.New(errs.Refused, "RESERVE_NO_ACCOUNT", "township", township, "date", day(f.on))
	}
	return a, true, nil
}

// CashAccount is the account that pays the emergencies of a township on a day, where its
// reserve is cash; false where it is a quota. Errors: RESERVE_NO_ACCOUNT.
func (s *Service) CashAccount(ctx context.Context, q db.Querier, township string, on time.Time) (TownshipAccount, bool, error) {
	f, err := cashFormsOn(ctx, q, on)
	if err != nil {
		return TownshipAccount{}, false, err
	}
	return f.of(Area12(township))
}
