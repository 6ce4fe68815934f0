package parties

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
)

// Finding is something that verification found wrong in this domain's rows.
type Finding struct {
	Check  string // code of the check, with a text: "parties.check.identity"
	Row    string // table and key of the row
	Detail string // what is wrong with it, without personal data
}

// check is a query whose every row (row, detail) is a finding.
type check struct{ code, sql string }

var checks = []check{
	{"parties.check.person_versions", `
		SELECT 'person ' || p.id::text AS row, 'version ' || p.version::text || ', ' || count(v.version)::text || ' rows, last ' || coalesce(max(v.version), 0)::text AS detail
		FROM person p LEFT JOIN person_version v ON v.person = p.id
		GROUP BY p.id, p.version
		HAVING count(v.version) <> p.version OR coalesce(max(v.version), 0) <> p.version OR min(v.version) <> 1`},
	{"parties.check.person_missing", `
		SELECT 'person_version ' || v.person::text || '/' || v.version::text AS row, 'no such person' AS detail
		FROM person_version v LEFT JOIN person p ON p.id = v.person WHERE p.id IS NULL`},
	{"parties.check.identity", `
		SELECT 'person_version ' || v.person::text || '/' || v.version::text AS row, 'identity names person ' || coalesce(i.person, 0)::text AS detail
		FROM person_version v LEFT JOIN identity i ON i.id_blind = v.id_blind
		WHERE i.person IS NULL OR i.person <> v.person`},
	{"parties.check.unit_versions", `
		SELECT 'unit ' || u.id::text AS row, 'version ' || u.version::text || ', ' || count(v.version)::text || ' rows, last ' || coalesce(max(v.version), 0)::text AS detail
		FROM unit u LEFT JOIN unit_version v ON v.unit = u.id
		GROUP BY u.id, u.version
		HAVING count(v.version) <> u.version OR coalesce(max(v.version), 0) <> u.version OR min(v.version) <> 1`},
	{"parties.check.unit_missing", `
		SELECT 'unit_version ' || v.unit::text || '/' || v.version::text AS row, 'no such unit' AS detail
		FROM unit_version v LEFT JOIN unit u ON u.id = v.unit WHERE u.id IS NULL`},
	{"parties.check.account_versions", `
		SELECT 'payee_account of ' || owner::text AS row, count(*)::text || ' rows, last ' || max(version)::text AS detail
		FROM payee_account GROUP BY owner HAVING count(*) <> max(version) OR min(version) <> 1`},
	{"parties.check.account_owner", `
		SELECT 'payee_account ' || a.id::text AS row, 'owner ' || a.owner::text || ' is neither a person nor a unit' AS detail
		FROM payee_account a LEFT JOIN person p ON p.id = a.owner LEFT JOIN unit u ON u.id = a.owner
		WHERE p.id IS NULL AND u.id IS NULL`},
	{"parties.check.household_head", `
		SELECT 'household ' || household::text AS row, count(*)::text || ' members, ' || (count(*) FILTER (WHERE relation = 'head'))::text || ' heads' AS detail
		FROM household_member WHERE valid_to IS NULL
		GROUP BY household HAVING count(*) FILTER (WHERE relation = 'head') <> 1`},
	{"parties.check.member_missing", `
		SELECT 'household_member ' || m.household::text || '/' || m.person::text AS row, 'no such household or person' AS detail
		FROM household_member m LEFT JOIN household h ON h.id = m.household LEFT JOIN person p ON p.id = m.person
		WHERE h.id IS NULL OR p.id IS NULL`},
	{"parties.check.member_dates", `
		SELECT 'household_member ' || household::text || '/' || person::text AS row, 'ends before it begins' AS detail
		FROM household_member WHERE valid_to < valid_from`},
}

// Verify re-derives what this domain promises from its rows: versions without
// gaps, an identity for every ID number, one head for each household, owners
// that exist, and every ciphertext opening under its key to the value that its
// blind index was made of. No finding means all of it holds.
func (s *Service) Verify(ctx context.Context, q db.Querier) ([]Finding, error) {
	var out []Finding
	for _, c := range checks {
		type row struct {
			Row    string `db:"row"`
			Detail string `db:"detail"`
		}
		found, err := query[row](ctx, q, c.code, c.sql+` ORDER BY 1`)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			out = append(out, Finding{c.code, f.Row, f.Detail})
		}
	}
	numbers, err := s.verifySealed(ctx, q, "person_version", `
		SELECT person, version, id_cipher, id_blind, key_version FROM person_version ORDER BY person, version`, blindID,
		func(person int64, version int) string { return idAAD(PersonID(person), version) })
	if err != nil {
		return nil, err
	}
	accounts, err := s.verifySealed(ctx, q, "payee_account", `
		SELECT id, version, account_cipher, account_blind, key_version FROM payee_account ORDER BY id`, blindAccount,
		func(id int64, _ int) string { return accountAAD(AccountID(id)) })
	return append(append(out, numbers...), accounts...), err
}

// verifySealed opens every sealed field of a table and compares it with its
// blind index.
func (s *Service) verifySealed(ctx context.Context, q db.Querier, table, sql, purpose string, aad func(int64, int) string) ([]Finding, error) {
	rows, err := q.Query(ctx, sql)
	if err != nil {
		return nil, fmt.Errorf("sealed fields of %s: %w", table, err)
	}
	var out []Finding
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
		out = append(out, Finding{"parties.check.sealed", fmt.Sprintf("%s %d/%d", table, id, version), detail})
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
