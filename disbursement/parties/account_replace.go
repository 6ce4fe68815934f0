package parties

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/money"
)

// replaceRow is a row of a bank's list of accounts that got other numbers. What
// it leaves out stays as it was.
type replaceRow struct {
	Old        string    `sheet:"old_account"`
	Account    string    `sheet:"account"`
	Holder     string    `sheet:"account_name" validate:"max=100"`
	Kind       string    `sheet:"account_kind"`
	BankCode   string    `sheet:"bank_code"`
	BankName   string    `sheet:"bank_name" validate:"max=100,no_personal_number"`
	VerifiedBy string    `sheet:"verified_by" validate:"max=50,no_personal_number"`
	VerifiedOn time.Time `sheet:"verified_on"`
	Class      string    `sheet:"account_class"`
	Limit      money.Fen `sheet:"account_limit"`
	Activated  string    `sheet:"activated"`

	kind       terms.AccountKind
	class      string
	activation Activation
}

func (s *Service) checkReplaceRow(row sheet.Row, r *replaceRow, is *imports.Issues) {
	c := checker{row, is, s.today()}
	is.Refuse(s.valid.Row(row, r)...)
	r.Old, r.Account, r.BankCode, r.Holder = ident.Normalize(r.Old), ident.Normalize(r.Account), ident.Normalize(r.BankCode), cleanName(r.Holder)
	if r.Kind != "" {
		r.kind = choose(c, "account_kind", r.Kind, "account_kind", terms.ParseAccountKind)
	}
	if r.BankCode != "" {
		is.Findings(row.Problem("bank_code", ""), ident.CheckBankCode(r.BankCode))
	}
	c.checkName("account_name", r.Holder)
	if (r.VerifiedBy == "") != r.VerifiedOn.IsZero() {
		c.say("verified_by", "PARTIES_VERIFIED_HALF")
	}
	if r.VerifiedOn.After(c.today) {
		c.say("verified_on", "PARTIES_FUTURE", "today", c.today.Format(time.DateOnly))
	}
	r.class, r.activation = c.class(r.Class), c.activation(r.Activated)
	if r.Limit < 0 {
		c.say("account_limit", "PARTIES_ACCOUNT_LIMIT")
	}
	if r.Old == r.Account && r.Old != "" {
		c.say("account", "PARTIES_SAME_ACCOUNT")
	}
}

// ReplaceAccounts imports a bank's list of accounts that got other numbers
// (批量换号): whoever is paid to the old one gets a new version with the new one. The
// holder's name must be the one on record. All rows or none; instructions that
// were made keep the version they were made with. A row whose owners have the new
// account already is left alone. Errors as ImportPeople.
func (s *Service) ReplaceAccounts(ctx context.Context, path, actor string) (Report, error) {
	table, err := imports.Read(ctx, path, "", sheet.Accounts, s.checkReplaceRow)
	if err != nil {
		return Report{}, err
	}
	first := map[string]int{}
	for _, r := range table.Rows {
		if row, twice := first[r.Value.Old]; twice && r.Value.Old != "" {
			table.Issues.Say(table.At(r.Row, "old_account", r.Value.Old), "PARTIES_ACCOUNT_TWICE", "row", row)
			continue
		}
		first[r.Value.Old] = r.Row
	}
	return importSheet(ctx, s, table, actor, s.replaceAccounts)
}

// replacement is a new version of an account under way.
type replacement struct {
	was accountRecord
	now accountRow
	id  AccountID
}

func (s *Service) replaceAccounts(ctx context.Context, tx pgx.Tx, table *imports.Sheet[replaceRow], is *imports.Issues, by stamp, report *Report) error {
	inUse, err := s.accountsInUse(ctx, tx, table)
	if err != nil {
		return err
	}
	var list []replacement
	same := 0
	for _, row := range table.Rows {
		r := row.Value
		in := inUse[string(s.blindAccount(r.Old))]
		if len(in) == 0 {
			s.replacedBefore(r, table.At(row.Row, "old_account", r.Old), inUse[replacedKey(s.blindAccount(r.Old), s.blindAccount(r.Account))], is)
			same++
			continue
		}
		for _, was := range in {
			now := r.over(was)
			if was.HolderName != r.Holder {
				is.Say(table.At(row.Row, "account_name", r.Holder), "PARTIES_HOLDER_ON_RECORD", "name", was.HolderName)
				continue
			}
			is.Findings(table.At(row.Row, "account", r.Account), ident.CheckAccount(identKind(now.kind), r.Account))
			if now.verifiedBy == "" {
				is.Tell(table.At(row.Row, "verified_by", ""), "PARTIES_UNVERIFIED")
			}
			list = append(list, replacement{was: was, now: now})
		}
	}
	report.Accounts = Change{Changed: len(list), Same: same}
	if err := is.Err(); err != nil || len(list) == 0 {
		return err
	}
	return s.writeReplacements(ctx, tx, table.File, by, list)
}

// replacedBefore compares a row whose old number nobody has any more with the
// accounts that took its place: there are none, or they say something else.
func (s *Service) replacedBefore(r replaceRow, at errs.Field, now []accountRecord, is *imports.Issues) {
	if len(now) == 0 {
		is.Say(at, "PARTIES_ACCOUNT_NOT_IN_USE")
	}
	for _, a := range now {
		if as := r.over(a); !a.same(&as, string(s.blindAccount(r.Account))) {
			is.Say(at, "PARTIES_REPLACED_DIFFERS", "name", a.HolderName, "bank", a.BankName)
			return
		}
	}
}

// replacedKey is where accountsInUse keeps the accounts with a new number whose
// owner had the old one.
func replacedKey(old, now []byte) string { return string(old) + "→" + string(now) }

// over is the new version of an account: what the row leaves out stays.
func (r replaceRow) over(was accountRecord) accountRow {
	now := accountRow{kind: terms.AccountKind(was.Kind), number: r.Account, bankCode: was.BankCode, bankName: was.BankName, holder: r.Holder,
		verifiedBy: r.VerifiedBy, verifiedOn: clock.Date(r.VerifiedOn), class: was.Class, limit: was.Limit, activation: r.activation}
	if r.VerifiedOn.IsZero() {
		now.verifiedOn = time.Time{}
	}
	if r.kind != "" {
		now.kind = r.kind
	}
	if r.BankCode != "" {
		now.bankCode = r.BankCode
	}
	if r.BankName != "" {
		now.bankName = r.BankName
	}
	if r.class != "" {
		now.class = r.class
	}
	if r.Limit != 0 {
		now.limit = r.Limit
	}
	return now
}

// accountsInUse is the current accounts with the old and with the new numbers of
// a file, by blind index, and by replacedKey; their owners are locked.
func (s *Service) accountsInUse(ctx context.Context, tx pgx.Tx, table *imports.Sheet[replaceRow]) (map[string][]accountRecord, error) {
	inUse := map[string][]accountRecord{}
	blinds := make([][]byte, 0, 2*len(table.Rows))
	for _, r := range table.Rows {
		blinds = append(blinds, s.blindAccount(r.Value.Old), s.blindAccount(r.Value.Account))
	}
	type owner struct {
		Owner int64  `db:"owner"`
		Blind []byte `db:"account_blind"`
	}
	owners, err := query[owner](ctx, tx, "owners of accounts", `SELECT DISTINCT owner, account_blind FROM payee_account WHERE account_blind = ANY($1) ORDER BY owner`, blinds)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(owners))
	had := map[int64][][]byte{}
	for i, o := range owners {
		ids[i] = o.Owner
		had[o.Owner] = append(had[o.Owner], o.Blind)
	}
	for _, lock := range []string{`SELECT id FROM person WHERE id = ANY($1) ORDER BY id FOR UPDATE`, `SELECT id FROM unit WHERE id = ANY($1) ORDER BY id FOR UPDATE`} {
		if _, err := tx.Exec(ctx, lock, ids); err != nil {
			return nil, err
		}
	}
	current, err := currentAccounts(ctx, tx, ids)
	for _, a := range current {
		inUse[string(a.AccountBlind)] = append(inUse[string(a.AccountBlind)], a)
		for _, old := range had[a.Owner] {
			key := replacedKey(old, a.AccountBlind)
			inUse[key] = append(inUse[key], a)
		}
	}
	return inUse, err
}

func (s *Service) writeReplacements(ctx context.Context, tx pgx.Tx, f imports.File, by stamp, list []replacement) error {
	ids, err := db.NextIDs(ctx, tx, "payee_account_id_seq", len(list))
	if err != nil {
		return err
	}
	act, err := nextAct(ctx, tx)
	if err != nil {
		return err
	}
	var parts items
	_, err = db.CopyIn(ctx, tx, "payee_account", accountColumns, len(list), func(i int) ([]any, error) {
		r := &list[i]
		r.id = AccountID(ids[i])
		return s.accountValues(r.id, r.was.Owner, r.was.Version+1, r.now, by), nil
	})
	if err != nil {
		return err
	}
	for i, r := range list {
		parts.add(func(p *leafPart) { p.Text("account").Int(r.was.Owner).Int(int64(r.was.ID)).Int(ids[i]) })
	}
	return s.recordImport(ctx, tx, Act{ID: act, Kind: ActAccounts}, f, by, parts)
}

// AccountKinds is the kind of account versions (账户类型), by id.
func (s *Service) AccountKinds(ctx context.Context, q db.Querier, ids []AccountID) (map[AccountID]terms.AccountKind, error) {
	type record struct {
		ID   AccountID `db:"id"`
		Kind string    `db:"kind"`
	}
	found, err := query[record](ctx, q, "kinds of accounts", `SELECT id, kind FROM payee_account WHERE id = ANY($1)`, ids)
	out := make(map[AccountID]terms.AccountKind, len(found))
	for _, r := range found {
		out[r.ID] = terms.AccountKind(r.Kind)
	}
	return out, err
}
