package funds

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fenlu/internal/db"
	"fenlu/money"
)

// BankSide is a township's reserve beside its bank account (余额调节): what the books say
// should be on the account, and what the bank's statements say is.
//
// On the account is: what the reserve has, less what is on its way to the township, with
// what was given back and has not left yet, with what was drawn and the bank has not
// debited or has brought back, and with interest that is not remitted.
type BankSide struct {
	Township   string           `json:"township"`
	Name       string           `json:"name"`
	Holder     string           `json:"holder"`
	Channel    string           `json:"channel"`
	Reserve    money.Fen        `json:"reserve"`  // of all years: the books
	Arriving   money.Fen        `json:"arriving"` // 在途拨入
	Leaving    money.Fen        `json:"leaving"`  // 在途交回
	Unsettled  money.Fen        `json:"unsettled"`
	Interest   money.Fen        `json:"interest"` // 待缴利息
	Expected   money.Fen        `json:"expected"`
	Statement  money.Fen        `json:"statement"` // all entries read so far
	ReadUntil  *time.Time       `json:"read_until"`
	Difference money.Fen        `json:"difference"` // statement − expected
	Transfers  []CashTransfer   `json:"transfers"`  // of them, what no entry shows yet
	Entries    []StatementEntry `json:"entries"`    // that nothing explains
}

// Agrees says whether the two sides are the same and nothing is unexplained.
func (b BankSide) Agrees() bool { return b.Difference == 0 && len(b.Entries) == 0 }

// ReconcileReserves compares the reserves that are cash on townships' accounts with the
// statements of these (乡镇备用金银行对账), of one township or, for none, of all. It reads
// and changes nothing. Errors: RESERVE_NO_ACCOUNT for a township that has none.
func (s *Service) ReconcileReserves(ctx context.Context, q db.Querier, township string) ([]BankSide, error) {
	township = Area12(township)
	accounts, err := query[TownshipAccount](ctx, q, "township accounts", townshipAccountSQL+` WHERE t.township = $1 OR $1 = '' ORDER BY t.township`, township)
	if err != nil {
		return nil, err
	}
	if len(accounts) == 0 && township != "" {
		_, err := townshipAccount(ctx, q, township)
		return nil, err
	}
	names, err := s.parties.Areas(ctx, q, townshipsOf(accounts))
	if err != nil {
		return nil, err
	}
	out := make([]BankSide, len(accounts))
	for i, a := range accounts {
		if out[i], err = bankSide(ctx, q, a); err != nil {
			return nil, err
		}
		out[i].Name = names[a.Township].Name
	}
	return out, nil
}

func townshipsOf(accounts []TownshipAccount) []string {
	codes := make([]string, len(accounts))
	for i, a := range accounts {
		codes[i] = a.Township
	}
	return codes
}

// bankSide compares one account.
func bankSide(ctx context.Context, q db.Querier, a TownshipAccount) (BankSide, error) {
	b := BankSide{Township: a.Township, Holder: a.Holder, Channel: a.Channel, Transfers: []CashTransfer{}}
	if err := b.books(ctx, q); err != nil {
		return b, err
	}
	transfers, err := transfersOf(ctx, q, a.Township)
	if err != nil {
		return b, err
	}
	for _, t := range transfers {
		if !t.awaits(a.Township) {
			continue
		}
		b.Transfers = append(b.Transfers, t)
		if t.To == a.Township {
			b.Arriving += t.Amount // parts of what was allotted, which was summed with a check
		} else {
			b.Leaving += t.Amount
		}
	}
	err = q.QueryRow(ctx, `SELECT coalesce(sum(CASE WHEN e.direction = 'CRDT' THEN e.amount_fen ELSE -e.amount_fen END), 0)::bigint, max(e.value_date)`+entriesSQL,
		a.Account).Scan(&b.Statement, &b.ReadUntil)
	if err != nil {
		return b, fmt.Errorf("statements of %s: %w", a.Township, err)
	}
	b.Expected = b.Reserve - b.Arriving + b.Leaving + b.Unsettled + b.Interest
	b.Difference = b.Statement - b.Expected
	b.Entries, err = unexplained(ctx, q, a)
	b.Entries = slices.DeleteFunc(b.Entries, func(e StatementEntry) bool { return e.Settled })
	return b, err
}

// sides is how a township has its reserve, and the account beside it where it has one.
func (f cashForms) sides(ctx context.Context, q db.Querier, t TownshipReserve) (Form, *BankSide, error) {
	form := AsQuota
	if f.isCash(t.Township) {
		form = AsCash
	}
	a, has := f.accounts[t.Township]
	if !has {
		return form, nil, nil
	}
	b, err := bankSide(ctx, q, a)
	b.Name = t.Name
	return form, &b, err
}

// books reads what the books say of an account: the reserve, what was drawn on it and
// has not left or has come back, and interest that is not remitted.
func (b *BankSide) books(ctx context.Context, q db.Querier) error {
	err := q.QueryRow(ctx, `SELECT
			coalesce((SELECT sum(a.balance_fen) FROM account a WHERE a.id IN (SELECT r.account FROM reserve_allotment r WHERE r.township = $1)), 0)::bigint,
			coalesce((SELECT sum(h.amount_fen) FROM batch b JOIN entitlement_line l ON l.batch = b.id JOIN leg h ON h.line = l.id
				JOIN account a ON a.id = h.account AND a.kind IN ('frozen', 'in_transit', 'returned') WHERE b.channel = $2 AND b.kind = 'emergency'), 0)::bigint,
			coalesce((SELECT sum(r.amount_fen - coalesce((SELECT sum(m.amount_fen) FROM receipt_remittance m WHERE m.receipt = r.id), 0))
				FROM township_entry e JOIN fund_receipt r ON r.id = e.ref WHERE e.kind = 'interest' AND e.township = $1), 0)::bigint`,
		b.Township, b.Channel).Scan(&b.Reserve, &b.Unsettled, &b.Interest)
	if err != nil {
		return fmt.Errorf("books of %s: %w", b.Township, err)
	}
	return nil
}
