package parties

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

func nextUnmasking(ctx context.Context, tx pgx.Tx) (int64, error) {
	return db.NextID(ctx, tx, "unmasking_id_seq")
}

// Unmaskings are the records after a number, in order, at most limit.
func Unmaskings(ctx context.Context, q db.Querier, after int64, limit int) ([]Unmasking, error) {
	rows, err := q.Query(ctx, `SELECT id, purpose, subject, owner, account, accounts, actor, unmasked_at
		FROM unmasking WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read unmaskings: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Unmasking])
	if err != nil {
		return nil, fmt.Errorf("read unmaskings: %w", err)
	}
	return list, nil
}

// UnmaskingLeafOf makes the leaf of an unmasking (查看完整号码记录) from what is
// stored. Errors: errs.NotFound PARTIES_UNMASKING_UNKNOWN.
func UnmaskingLeafOf(ctx context.Context, q db.Querier, id int64) (*leaf.Leaf, error) {
	list, err := Unmaskings(ctx, q, id-1, 1)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || list[0].ID != id {
		return nil, errs.New(errs.NotFound, "PARTIES_UNMASKING_UNKNOWN", "id", id)
	}
	return UnmaskingLeaf(list[0]), nil
}

// payeeRecord is an account with its owner: a person's sealed number or a
// unit's credit code.
type payeeRecord struct {
	Want         int       `db:"want"` // which of those asked for
	ID           AccountID `db:"id"`
	Owner        int64     `db:"owner"`
	Bank         string    `db:"bank_code"`
	BankName     string    `db:"bank_name"`
	Holder       string    `db:"holder_name"`
	Cipher       []byte    `db:"account_cipher"`
	KeyVersion   int       `db:"key_version"`
	Version      int       `db:"owner_version"`
	CreditCode   string    `db:"credit_code"`
	IDCipher     []byte    `db:"id_cipher"`
	IDKeyVersion int       `db:"id_key_version"`
}

// payees reads accounts with their owners: the number as of the version asked
// for, the current one for 0. Accounts that are none are left out.
func payees(ctx context.Context, q db.Querier, ids []AccountID, versions []int) ([]payeeRecord, error) {
	order := make([]int, len(ids))
	for i := range order {
		order[i] = i
	}
	return query[payeeRecord](ctx, q, "payees", `
		SELECT w.want, a.id, a.owner, a.bank_code, a.bank_name, a.holder_name, a.account_cipher, a.key_version,
			coalesce(v.version, u.version, 0) AS owner_version, coalesce(u.credit_code, '') AS credit_code,
			coalesce(v.id_cipher, '') AS id_cipher, coalesce(v.key_version, 0) AS id_key_version
		FROM unnest($1::bigint[], $2::integer[], $3::integer[]) AS w (account, version, want)
		JOIN payee_account a ON a.id = w.account
		LEFT JOIN person p ON p.id = a.owner
		LEFT JOIN person_version v ON v.person = p.id AND v.version = CASE WHEN w.version = 0 THEN p.version ELSE w.version END
		LEFT JOIN unit u ON u.id = a.owner`, ids, versions, order)
}

// peoplePayees reads people who are paid without an account, as payees does.
func peoplePayees(ctx context.Context, q db.Querier, ids []PersonID, versions []int) ([]payeeRecord, error) {
	order := make([]int, len(ids))
	for i := range order {
		order[i] = i
	}
	return query[payeeRecord](ctx, q, "people who are paid", `
		SELECT w.want, 0::bigint AS id, p.id AS owner, '' AS bank_code, '' AS bank_name, v.name AS holder_name, ''::bytea AS account_cipher,
			0::integer AS key_version, v.version AS owner_version, '' AS credit_code, v.id_cipher, v.key_version AS id_key_version
		FROM unnest($1::bigint[], $2::integer[], $3::integer[]) AS w (person, version, want)
		JOIN person p ON p.id = w.person
		JOIN person_version v ON v.person = p.id AND v.version = CASE WHEN w.version = 0 THEN p.version ELSE w.version END`, ids, versions, order)
}

func (s *Service) inClear(r payeeRecord) (PayTo, error) {
	number, err := "", error(nil)
	if r.ID != 0 {
		number, err = s.vault.Open(r.Cipher, r.KeyVersion, accountAAD(r.ID))
	}
	if err != nil {
		return PayTo{}, err
	}
	id := r.CreditCode
	if id == "" {
		if id, err = s.vault.Open(r.IDCipher, r.IDKeyVersion, idAAD(PersonID(r.Owner), r.Version)); err != nil {
			return PayTo{}, err
		}
	}
	return PayTo{
		ID: r.ID, Owner: r.Owner, Version: r.Version, IDNumber: ident.Secret(id),
		Holder: r.Holder, Account: ident.Secret(number), BankCode: r.Bank, BankName: r.BankName,
	}, nil
}

// verifyUnmaskings makes the leaf of every unmasking again.
func verifyUnmaskings(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT u.id, u.purpose, u.subject, u.owner, u.account, u.accounts, u.actor, u.unmasked_at, l.digest
		FROM unmasking u LEFT JOIN logged l ON l.kind = 'unmasking' AND l.ref = u.id ORDER BY u.id`)
	if err != nil {
		return nil, fmt.Errorf("read unmaskings: %w", err)
	}
	return proof.Recheck(rows, "unmasking_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var u Unmasking
		var logged []byte
		err := row.Scan(&u.ID, &u.Purpose, &u.Subject, &u.Owner, &u.Account, &u.Accounts, &u.Actor, &u.At, &logged)
		return proof.Row{Name: fmt.Sprintf("unmasking %d", u.ID), Leaf: UnmaskingLeaf(u), Logged: logged}, err
	})
}
