package parties

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
)

// checks re-derive what the rows of this room promise.
var checks = []check.Query{
	{Promise: 4, Check: "person_versions", SQL: `
		SELECT 'person ' || p.id::text, 'version ' || p.version::text || ', ' || count(v.version)::text || ' rows, last ' || coalesce(max(v.version), 0)::text
		FROM person p LEFT JOIN person_version v ON v.person = p.id
		GROUP BY p.id, p.version
		HAVING count(v.version) <> p.version OR coalesce(max(v.version), 0) <> p.version OR min(v.version) <> 1`},
	{Promise: 4, Check: "person_missing", SQL: `
		SELECT 'person_version ' || v.person::text || '/' || v.version::text, 'no such person'
		FROM person_version v LEFT JOIN person p ON p.id = v.person WHERE p.id IS NULL`},
	{Promise: 4, Check: "identity", SQL: `
		SELECT 'person_version ' || v.person::text || '/' || v.version::text, 'identity names person ' || coalesce(i.person, 0)::text
		FROM person_version v JOIN person p ON p.id = v.person LEFT JOIN identity i ON i.id_blind = v.id_blind LEFT JOIN person n ON n.id = i.person
		WHERE i.person IS NULL OR coalesce(n.merged_into, i.person) <> coalesce(p.merged_into, p.id)`},
	{Promise: 4, Check: "unit_versions", SQL: `
		SELECT 'unit ' || u.id::text, 'version ' || u.version::text || ', ' || count(v.version)::text || ' rows, last ' || coalesce(max(v.version), 0)::text
		FROM unit u LEFT JOIN unit_version v ON v.unit = u.id
		GROUP BY u.id, u.version
		HAVING count(v.version) <> u.version OR coalesce(max(v.version), 0) <> u.version OR min(v.version) <> 1`},
	{Promise: 4, Check: "unit_missing", SQL: `
		SELECT 'unit_version ' || v.unit::text || '/' || v.version::text, 'no such unit'
		FROM unit_version v LEFT JOIN unit u ON u.id = v.unit WHERE u.id IS NULL`},
	{Promise: 4, Check: "account_versions", SQL: `
		SELECT 'payee_account of ' || owner::text, count(*)::text || ' rows, last ' || max(version)::text
		FROM payee_account GROUP BY owner HAVING count(*) <> max(version) OR min(version) <> 1`},
	{Promise: 4, Check: "account_owner", SQL: `
		SELECT 'payee_account ' || a.id::text, 'owner ' || a.owner::text || ' is neither a person nor a unit'
		FROM payee_account a LEFT JOIN person p ON p.id = a.owner LEFT JOIN unit u ON u.id = a.owner
		WHERE p.id IS NULL AND u.id IS NULL`},
	{Promise: 4, Check: "household_head", SQL: `
		SELECT 'household ' || household::text, count(*)::text || ' members, ' || (count(*) FILTER (WHERE relation = 'head'))::text || ' heads'
		FROM household_member WHERE valid_to IS NULL
		GROUP BY household HAVING count(*) FILTER (WHERE relation = 'head') <> 1`},
	{Promise: 4, Check: "member_missing", SQL: `
		SELECT 'household_member ' || m.household::text || '/' || m.person::text, 'no such household or person'
		FROM household_member m LEFT JOIN household h ON h.id = m.household LEFT JOIN person p ON p.id = m.person
		WHERE h.id IS NULL OR p.id IS NULL`},
	{Promise: 4, Check: "member_dates", SQL: `
		SELECT 'household_member ' || household::text || '/' || person::text, 'ends before it begins'
		FROM household_member WHERE valid_to < valid_from`},
	proof.Orphans("unmasking_leaf", proof.KindUnmasking, "unmasking"),
	proof.Orphans("party_act_leaf", KindAct, "party_act"),
	{Promise: 7, Check: "party_act_same_person", SQL: `
		SELECT 'party_act ' || c.id::text, c.actor || ' proposed and confirmed'
		FROM party_act c LEFT JOIN party_act p ON p.id = c.proposal
		WHERE c.proposal > 0 AND (p.id IS NULL OR p.actor = c.actor) ORDER BY c.id`},
	{Promise: 4, Check: "member_twice", SQL: `
		SELECT 'household_member ' || a.household::text || '/' || a.person::text, 'also in household ' || b.household::text
		FROM household_member a JOIN household_member b ON b.person = a.person AND (b.household, b.valid_from) > (a.household, a.valid_from)
			AND b.valid_from < coalesce(a.valid_to, DATE '9999-12-31') AND a.valid_from < coalesce(b.valid_to, DATE '9999-12-31')
		WHERE a.valid_to IS DISTINCT FROM a.valid_from AND b.valid_to IS DISTINCT FROM b.valid_from ORDER BY a.person`},
}

// Checks re-derive what this domain promises from its rows: versions without
// gaps, an identity for every ID number, one head for each household, owners
// that exist, and every ciphertext opening under its key to the value that its
// blind index was made of, and the leaf of every unmasking. No finding means all
// of it holds.
func (s *Service) Checks() []check.Job {
	return check.Jobs(checks, check.Job{Name: "person_version", Run: s.verifyNumbers}, check.Job{Name: "payee_account", Run: s.verifyAccounts},
		check.Job{Name: "unmasking_leaf", Run: verifyUnmaskings}, check.Job{Name: "party_act_leaf", Run: verifyActs},
		check.Job{Name: "party_bound", Run: verifyBound})
}

// Verify runs all Checks, one after the other.
func (s *Service) Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, s.Checks())
}

func (s *Service) verifyNumbers(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return s.verifySealed(ctx, q, "person_version", `
		SELECT person, version, id_cipher, id_blind, key_version FROM person_version ORDER BY person, version`, blindID,
		func(person int64, version int) string { return idAAD(PersonID(person), version) })
}

func (s *Service) verifyAccounts(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return s.verifySealed(ctx, q, "payee_account", `
		SELECT id, version, account_cipher, account_blind, key_version FROM payee_account ORDER BY id`, blindAccount,
		func(id int64, _ int) string { return accountAAD(AccountID(id)) })
}

// verifySealed opens every sealed field of a table and compares it with its
// blind index.
func (s *Service) verifySealed(ctx context.Context, q db.Querier, table, sql, purpose string, aad func(int64, int) string) ([]check.Finding, error) {
	rows, err := q.Query(ctx, sql)
	if err != nil {
		return nil, fmt.Errorf("sealed fields of %s: %w", table, err)
	}
	var out []check.Finding
	var id int64
	var version, keyVersion int
	var sealed, blind []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &version, &sealed, &blind, &keyVersion}, func() error {
		var detail string
		plain, err := s.vault.Open(sealed, keyVersion, aad(id, version))
		switch {
		case err != nil:
			detail = "does not open: " + errs.CodeOf(err)
		case !bytes.Equal(s.vault.Blind(plain, purpose), blind):
			detail = "its blind index is of another value"
		default:
			return nil
		}
		out = append(out, check.Finding{Promise: 12, Check: "sealed", Row: fmt.Sprintf("%s %d/%d", table, id, version), Detail: detail})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("sealed fields of %s: %w", table, err)
	}
	return out, nil
}

// checkKeys refuses to go on with keys other than those the database was sealed
// with: other blind indexes would make everybody a second time. Errors:
// PARTIES_OTHER_KEYS (Refused).
func (s *Service) checkKeys(ctx context.Context, q db.Querier) error {
	var person int64
	var version, keyVersion int
	var sealed, blind []byte
	err := q.QueryRow(ctx, `
		SELECT person, version, id_cipher, id_blind, key_version FROM person_version
		ORDER BY person DESC, version DESC LIMIT 1`).Scan(&person, &version, &sealed, &blind, &keyVersion)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keys of the database: %w", err)
	}
	number, err := s.vault.Open(sealed, keyVersion, idAAD(PersonID(person), version))
	if err == nil && !bytes.Equal(s.vault.Blind(number, blindID), blind) {
		err = errs.New(errs.Unverified, "VAULT_NOT_OURS", "field", idAAD(PersonID(person), version))
	}
	if err != nil {
		return errs.Wrap(err, errs.Refused, "PARTIES_OTHER_KEYS")
	}
	return nil
}

// HasData says whether the database holds fields that only its own keys open:
// then a missing key file must not be replaced by a new one.
func HasData(ctx context.Context, q db.Querier) (there bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM person_version) OR EXISTS (SELECT 1 FROM payee_account) OR EXISTS (SELECT 1 FROM death)`).Scan(&there)
	return there, err
}
