package audit

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/rules"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/money"
)

// Usage is what a bank account is for (账户性质).
type Usage string

// The usages.
const (
	FundAccount    Usage = "fund"    // 专户: 社保资金专户, 代发专户, 乡镇备用金账户
	BasicAccount   Usage = "basic"   // 基本存款账户
	CustodyAccount Usage = "custody" // 代管资金账户
	OfficialCard   Usage = "card"    // 公务卡
	OtherAccount   Usage = "other"   // 其他
)

const prefixUsage = "account_usage"

var usages = []Usage{FundAccount, BasicAccount, CustodyAccount, OfficialCard, OtherAccount}

// HeldAccount is a bank account of an office or unit as the list of accounts has it
// (银行账户清单): its number is kept as a blind index and masked.
type HeldAccount struct {
	Blind    []byte
	Masked   string
	Holder   string
	Bank     string
	Usage    Usage
	Area     string
	Opened   time.Time
	Closed   time.Time // zero: open
	AsOf     time.Time
	Balance  money.Fen // on AsOf
	Document string
}

type accountRow struct {
	Account  string    `sheet:"account"`
	Holder   string    `sheet:"holder" validate:"max=100,no_personal_number"`
	Bank     string    `sheet:"bank" validate:"max=100,no_personal_number"`
	Usage    string    `sheet:"usage"`
	Area     string    `sheet:"area_code"`
	Opened   time.Time `sheet:"opened_on"`
	Closed   time.Time `sheet:"closed_on"`
	AsOf     time.Time `sheet:"as_of"`
	Balance  money.Fen `sheet:"balance"`
	Document string    `sheet:"document" validate:"max=100,no_personal_number"`

	held HeldAccount
}

// ImportHeldAccounts imports the bank accounts in which offices and units hold money
// of social assistance (银行账户清单; peers-and-audits #12). A later day of the same
// account counts. Errors: SHEET_PROBLEMS, and what sheet.Open returns.
func (s *Service) ImportHeldAccounts(ctx context.Context, path, actor string) (imports.Report, error) {
	return list[accountRow, HeldAccount]{layout: sheet.HeldAccounts, column: "account", check: s.checkAccount,
		entries: func(context.Context, pgx.Tx, *imports.Sheet[accountRow], *imports.Issues) (func(sheet.Record[accountRow]) (HeldAccount, bool), error) {
			return func(r sheet.Record[accountRow]) (HeldAccount, bool) { return r.Value.held, true }, nil
		},
		known: knownAccounts, table: "held_account", columns: strings.Split(accountColumns, ", "), values: HeldAccount.values}.run(ctx, s, path, actor)
}

func (s *Service) checkAccount(row sheet.Row, r *accountRow, is *imports.Issues) {
	number := ident.Normalize(r.Account)
	is.Findings(row.Problem("account", ""), ident.CheckAccount(ident.Corporate, number))
	a := HeldAccount{Blind: s.parties.BlindAccount(number), Masked: ident.Mask(number), Holder: strings.TrimSpace(r.Holder), Bank: strings.TrimSpace(r.Bank),
		Opened: r.Opened, Closed: r.Closed, AsOf: r.AsOf, Balance: r.Balance, Document: strings.TrimSpace(r.Document)}
	a.Usage = word(row, "usage", r.Usage, prefixUsage, usages, is)
	a.Area = area(row, r.Area, is)
	if !r.Closed.IsZero() && r.Closed.Before(r.Opened) {
		is.Refuse(row.Problem("closed_on", "PARTIES_RELATION_DATES"))
	}
	if r.Balance < 0 {
		is.Refuse(row.Problem("balance", "AUDIT_LIST_NEGATIVE"))
	}
	r.held = a
}

// area reads an area code of a row.
func area(row sheet.Row, text string, is *imports.Issues) string {
	code, ok := rules.ParseArea(text)
	if !ok {
		is.Refuse(row.Problem("area_code", "RULE_AREA"))
	}
	return code
}

func (a HeldAccount) key() string { return string(a.Blind) + a.AsOf.Format(time.DateOnly) }

func (a HeldAccount) same(o HeldAccount) bool {
	return a.Holder == o.Holder && a.Bank == o.Bank && a.Usage == o.Usage && a.Area == o.Area && a.Opened.Equal(o.Opened) && a.Closed.Equal(o.Closed) &&
		a.Balance == o.Balance && a.Document == o.Document
}

const accountColumns = "account_blind, masked, holder, bank, usage, area_code, opened_on, closed_on, as_of, balance_fen, document"

func (a HeldAccount) values() []any {
	return []any{a.Blind, a.Masked, a.Holder, a.Bank, string(a.Usage), a.Area, a.Opened, dayOrNull(a.Closed), a.AsOf, a.Balance, a.Document}
}

func knownAccounts(ctx context.Context, tx pgx.Tx, of []HeldAccount) ([]HeldAccount, error) {
	blinds := make([][]byte, len(of))
	for i, a := range of {
		blinds[i] = a.Blind
	}
	return collect(ctx, tx, "held accounts", `SELECT `+accountColumns+` FROM held_account WHERE account_blind = ANY($1)`,
		func(row pgx.CollectableRow) (a HeldAccount, err error) {
			var closed *time.Time
			err = row.Scan(&a.Blind, &a.Masked, &a.Holder, &a.Bank, &a.Usage, &a.Area, &a.Opened, &closed, &a.AsOf, &a.Balance, &a.Document)
			if closed != nil {
				a.Closed = *closed
			}
			return a, err
		}, blinds)
}

func dayOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
