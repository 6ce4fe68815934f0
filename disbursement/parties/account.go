package parties

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/money"
)

// NewAccount is a newer verified account of a payee, as used before a failed
// payment is issued again (更换收款账户).
type NewAccount struct {
	Owner      int64             `name:"owner" validate:"required"` // a PersonID or UnitID
	Kind       terms.AccountKind `name:"account_kind" validate:"oneof=social_card passbook corporate"`
	BankCode   string            `name:"bank_code" validate:"bankcode12"`
	BankName   string            `name:"bank_name" validate:"required,max=100"`
	Holder     string            `name:"account_name" validate:"required,max=100"`
	Account    ident.Secret      `name:"account" validate:"required" mask:"true"`
	VerifiedBy string            `name:"verified_by" validate:"required,max=50"`
	VerifiedOn time.Time         `name:"verified_on" validate:"required"`
	Class      string            `name:"account_class" validate:"omitempty,oneof=I II III"`
	Limit      money.Fen         `name:"account_limit" validate:"min=0"`
	Activation Activation        `name:"activated" validate:"omitempty,oneof=yes no"`
}

// AddAccountVersion records the account as the owner's next version, in a
// transaction of its own. The same account with the same verification again
// returns the version that is there. Errors: VALID_PROBLEMS with a Field for
// each problem, PARTIES_OWNER_UNKNOWN.
func (s *Service) AddAccountVersion(ctx context.Context, a NewAccount, actor string) (id AccountID, err error) {
	err = s.again(ctx, s.db.Run, func(tx pgx.Tx) error {
		id, err = s.AddAccountVersionTx(ctx, tx, a, actor)
		return err
	})
	return id, err
}

// AddAccountVersionTx is AddAccountVersion in the caller's transaction.
func (s *Service) AddAccountVersionTx(ctx context.Context, tx pgx.Tx, a NewAccount, actor string) (AccountID, error) {
	a.BankCode, a.Holder = ident.Normalize(a.BankCode), cleanName(a.Holder)
	a.Account = ident.Secret(ident.Normalize(a.Account.Reveal()))
	problems := s.checkNewAccount(a)
	if len(problems) > 0 {
		return 0, errs.WithFields("VALID_PROBLEMS", problems, "count", len(problems))
	}
	isUnit, err := ownerKind(ctx, tx, a.Owner)
	if err != nil {
		return 0, err
	}
	if isUnit != (a.Kind == terms.Corporate) {
		field := errs.Field{Column: "account_kind", Value: string(a.Kind), Code: "PARTIES_ACCOUNT_KIND"}
		return 0, errs.WithFields("VALID_PROBLEMS", []errs.Field{field}, "count", 1)
	}
	row := a.row()
	current, err := currentAccounts(ctx, tx, []int64{a.Owner})
	if err != nil {
		return 0, err
	}
	var was accountRecord
	if len(current) > 0 {
		was = current[0]
	}
	was.complete(&row, string(s.blindAccount(row.number)))
	if was.same(&row, string(s.blindAccount(row.number))) {
		return was.ID, nil
	}
	at := s.clock.Now()
	return s.insertAccount(ctx, tx, a.Owner, was.Version+1, row, stamp{day: clock.Date(at), at: at, actor: actor})
}

func (a NewAccount) row() accountRow {
	return accountRow{
		kind: a.Kind, number: a.Account.Reveal(), bankCode: a.BankCode, bankName: a.BankName, holder: a.Holder,
		verifiedBy: a.VerifiedBy, verifiedOn: clock.Date(a.VerifiedOn), class: a.Class, limit: a.Limit, activation: a.Activation,
	}
}

func (s *Service) checkNewAccount(a NewAccount) []errs.Field {
	problems := s.valid.Struct(a)
	if a.Kind.IsValid() && a.Account != "" {
		at := errs.Field{Column: "account", Value: a.Account.String()}
		problems = append(problems, ident.CheckAccount(identKind(a.Kind), a.Account.Reveal()).Fields(ident.Fault, at)...)
	}
	if unwritable(a.Holder) {
		problems = append(problems, errs.Field{Column: "account_name", Value: a.Holder, Code: "PARTIES_NAME"})
	}
	if clock.Date(a.VerifiedOn).After(s.today()) {
		problems = append(problems, errs.Field{
			Column: "verified_on", Value: a.VerifiedOn.Format(time.DateOnly),
			Code: "PARTIES_FUTURE", Args: errs.Pairs("today", s.today().Format(time.DateOnly)),
		})
	}
	return problems
}
