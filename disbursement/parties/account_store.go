package parties

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
)

func (s *Service) accountNumber(r accountRecord) (string, error) {
	return s.vault.Open(r.AccountCipher, r.KeyVersion, accountAAD(r.ID))
}

func (s *Service) account(r accountRecord) (Account, error) {
	number, err := s.accountNumber(r)
	return Account{
		ID: r.ID, Owner: r.Owner, Version: r.Version, Kind: terms.AccountKind(r.Kind), BankCode: r.BankCode, BankName: r.BankName,
		Holder: r.HolderName, Masked: ident.Mask(number), Blind: r.AccountBlind, VerifiedBy: r.VerifiedBy, VerifiedOn: r.verifiedOn(),
		Class: r.Class, Limit: r.Limit, Activation: Activation(r.Activation),
	}, err
}

// CurrentAccounts is the account in use of each owner (persons and units by
// id); an owner without one is not in it.
func (s *Service) CurrentAccounts(ctx context.Context, q db.Querier, owners []int64) (map[int64]Account, error) {
	found, err := currentAccounts(ctx, q, owners)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]Account, len(found))
	for _, r := range found {
		if out[r.Owner], err = s.account(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

const selectAccount = `
	SELECT id, owner, version, kind, bank_code, bank_name, holder_name, account_cipher, account_blind, key_version, verified_by, verified_on, bank_class, limit_fen, activation
	FROM payee_account`

// Accounts is account versions by id, numbers masked.
func (s *Service) Accounts(ctx context.Context, q db.Querier, ids []AccountID) (map[AccountID]Account, error) {
	found, err := query[accountRecord](ctx, q, "accounts", selectAccount+` WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[AccountID]Account, len(found))
	for _, r := range found {
		if out[r.ID], err = s.account(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ownerKind locks the owner of accounts and says whether it is a unit. Errors:
// PARTIES_OWNER_UNKNOWN.
func ownerKind(ctx context.Context, tx pgx.Tx, owner int64) (isUnit bool, err error) {
	var id int64
	err = tx.QueryRow(ctx, `SELECT id FROM person WHERE id = $1 FOR UPDATE`, owner).Scan(&id)
	if err == nil || !errors.Is(err, pgx.ErrNoRows) {
		return false, err
	}
	err = tx.QueryRow(ctx, `SELECT id FROM unit WHERE id = $1 FOR UPDATE`, owner).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, errs.New(errs.NotFound, "PARTIES_OWNER_UNKNOWN", "id", owner)
	}
	return true, err
}

func (s *Service) insertAccount(ctx context.Context, tx pgx.Tx, owner int64, version int, a accountRow, by stamp) (AccountID, error) {
	ids, err := db.NextIDs(ctx, tx, "payee_account_id_seq", 1)
	if err != nil {
		return 0, err
	}
	id := AccountID(ids[0])
	_, err = tx.Exec(ctx, `
		INSERT INTO payee_account (id, owner, version, kind, bank_code, bank_name, holder_name, account_cipher, account_blind, key_version,
			verified_by, verified_on, valid_from, recorded_by, recorded_at, bank_class, limit_fen, activation)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`, s.accountValues(id, owner, version, a, by)...)
	if err != nil {
		return 0, fmt.Errorf("new account of %d: %w", owner, err)
	}
	return id, nil
}
