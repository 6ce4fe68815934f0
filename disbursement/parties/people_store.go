package parties

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/money"
)

// lostRace says whether another transaction made the same row first.
func lostRace(err error) bool {
	switch constraint, _ := db.Violation(err); constraint {
	case "identity_pkey", "household_code", "household_member_now", "household_head_now", "household_member_pkey", "unit_credit_code",
		"party_act_key", "payee_relation_person", "death_version_pkey", "payee_account_owner", "person_version_pkey", "unit_version_pkey", "death_pkey", "population_pkey", "area_pkey":
		return true
	}
	return false
}

// personRecord is a person and his current version as stored.
type personRecord struct {
	ID           PersonID   `db:"id"`
	Blind        []byte     `db:"id_blind"`
	Version      int        `db:"version"`
	Name         string     `db:"name"`
	IDType       string     `db:"id_type"`
	AreaCode     string     `db:"area_code"`
	Residence    string     `db:"residence"`
	TempReason   string     `db:"temp_reason"`
	TempApprover string     `db:"temp_approver"`
	TempUntil    *time.Time `db:"temp_until"`
	Current      []byte     `db:"current_blind"` // of the number that counts
	Cipher       []byte     `db:"id_cipher"`
	KeyVersion   int        `db:"key_version"`

	number string // the number that counts, where the file names another of his
}

type unitRecord struct {
	ID         UnitID `db:"id"`
	CreditCode string `db:"credit_code"`
	Version    int    `db:"version"`
	Name       string `db:"name"`
	Kind       string `db:"kind"`
	AreaCode   string `db:"area_code"`
}

// accountRecord is the current account of an owner as stored.
type accountRecord struct {
	ID            AccountID  `db:"id"`
	Owner         int64      `db:"owner"`
	Version       int        `db:"version"`
	Kind          string     `db:"kind"`
	BankCode      string     `db:"bank_code"`
	BankName      string     `db:"bank_name"`
	HolderName    string     `db:"holder_name"`
	AccountCipher []byte     `db:"account_cipher"`
	AccountBlind  []byte     `db:"account_blind"`
	KeyVersion    int        `db:"key_version"`
	VerifiedBy    string     `db:"verified_by"`
	VerifiedOn    *time.Time `db:"verified_on"`
	Class         string     `db:"bank_class"`
	Limit         money.Fen  `db:"limit_fen"`
	Activation    string     `db:"activation"`
}

// query runs a statement and collects its rows by column name.
func query[T any](ctx context.Context, q db.Querier, what, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return out, nil
}

// loadKnown reads and locks what is on record of the parties of a file.
func (s *Service) loadKnown(ctx context.Context, tx pgx.Tx, table *peopleSheet) (known, error) {
	k := known{
		blinds: map[string]string{}, persons: map[string]personRecord{}, units: map[string]unitRecord{},
		households: map[string]HouseholdID{}, members: map[PersonID]membership{}, accounts: map[int64]accountRecord{},
	}
	var codes []string
	houses := map[string]bool{}
	for i := range table.Rows {
		row := &table.Rows[i].Value
		if row.account != nil {
			k.blinds[accountKey(row.account.number)] = string(s.blindAccount(row.account.number))
		}
		if row.Household != "" {
			houses[row.Household] = true
		}
		if row.isUnit {
			codes = append(codes, row.IDNumber)
			continue
		}
		k.blinds[row.IDNumber] = string(s.vault.Blind(row.IDNumber, blindID))
	}
	if err := k.loadPersons(ctx, tx, table); err != nil {
		return k, err
	}
	if err := s.openCurrent(k.persons); err != nil {
		return k, err
	}
	if err := k.loadUnits(ctx, tx, codes); err != nil {
		return k, err
	}
	if err := k.loadHouseholds(ctx, tx, slices.Sorted(maps.Keys(houses))); err != nil {
		return k, err
	}
	return k, k.loadAccounts(ctx, tx)
}

func (k *known) loadPersons(ctx context.Context, tx pgx.Tx, table *peopleSheet) error {
	byBlind := map[string]string{}
	var blinds [][]byte
	for i := range table.Rows {
		if row := &table.Rows[i].Value; !row.isUnit && byBlind[k.blinds[row.IDNumber]] == "" {
			byBlind[k.blinds[row.IDNumber]] = row.IDNumber
			blinds = append(blinds, []byte(k.blinds[row.IDNumber]))
		}
	}
	// first the lock, then the versions: a statement sees what was committed
	// before it began, and the lock may have been waited for
	if _, err := tx.Exec(ctx, `
		SELECT id FROM person
		WHERE id IN (SELECT coalesce(r.merged_into, r.id) FROM identity i JOIN unnest($1::bytea[]) AS b (id_blind) ON i.id_blind = b.id_blind
			JOIN person r ON r.id = i.person)
		ORDER BY id FOR UPDATE`, blinds); err != nil {
		return fmt.Errorf("lock persons: %w", err)
	}
	found, err := query[personRecord](ctx, tx, "known persons", `
		SELECT p.id, i.id_blind, p.version, v.name, v.id_type, v.area_code, v.residence, v.temp_reason, v.temp_approver, v.temp_until,
			v.id_blind AS current_blind, v.id_cipher, v.key_version
		FROM unnest($1::bytea[]) AS b (id_blind)
		JOIN identity i ON i.id_blind = b.id_blind
		JOIN person r ON r.id = i.person
		JOIN person p ON p.id = coalesce(r.merged_into, r.id)
		JOIN person_version v ON v.person = p.id AND v.version = p.version`, blinds)
	for _, p := range found {
		k.persons[byBlind[string(p.Blind)]] = p
	}
	return err
}

// openCurrent opens the number that counts of those whom the file names by another:
// one that was corrected, or a duplicate's. A list must not bring that one back.
func (s *Service) openCurrent(persons map[string]personRecord) (err error) {
	for by, p := range persons {
		if bytes.Equal(p.Blind, p.Current) {
			continue
		}
		if p.number, err = s.vault.Open(p.Cipher, p.KeyVersion, idAAD(p.ID, p.Version)); err != nil {
			return fmt.Errorf("number of person %d: %w", p.ID, err)
		}
		persons[by] = p
	}
	return nil
}

func (k *known) loadUnits(ctx context.Context, tx pgx.Tx, codes []string) error {
	if _, err := tx.Exec(ctx, `SELECT id FROM unit WHERE credit_code = ANY($1) ORDER BY id FOR UPDATE`, codes); err != nil {
		return fmt.Errorf("lock units: %w", err)
	}
	found, err := query[unitRecord](ctx, tx, "known units", selectUnit+` WHERE u.credit_code = ANY($1)`, codes)
	for _, u := range found {
		k.units[u.CreditCode] = u
	}
	return err
}

const selectUnit = `
	SELECT u.id, u.credit_code, u.version, v.name, v.kind, v.area_code
	FROM unit u
	JOIN unit_version v ON v.unit = u.id AND v.version = u.version`

// loadHouseholds reads the households that the file names and those that its
// people come from, with all their members.
func (k *known) loadHouseholds(ctx context.Context, tx pgx.Tx, codes []string) error {
	var persons []int64
	for _, p := range k.persons {
		persons = append(persons, int64(p.ID))
	}
	type house struct {
		ID   HouseholdID `db:"id"`
		Code string      `db:"code"`
	}
	found, err := query[house](ctx, tx, "known households", `
		SELECT id, code FROM household WHERE code = ANY($1)
		UNION
		SELECT h.id, h.code FROM household_member m JOIN household h ON h.id = m.household
		WHERE m.person = ANY($2) AND m.valid_to IS NULL`, codes, persons)
	if err != nil {
		return err
	}
	var ids []int64
	for _, h := range found {
		k.households[h.Code] = h.ID
		ids = append(ids, int64(h.ID))
	}
	slices.Sort(ids)
	members, err := query[membership](ctx, tx, "known members", `
		SELECT m.household, m.person, m.relation, h.code
		FROM household_member m JOIN household h ON h.id = m.household
		WHERE m.household = ANY($1) AND m.valid_to IS NULL
		ORDER BY m.household, m.person FOR UPDATE OF m`, ids)
	for _, m := range members {
		k.members[m.Person] = m
	}
	return err
}

func (k *known) loadAccounts(ctx context.Context, tx pgx.Tx) error {
	var owners []int64
	for _, p := range k.persons {
		owners = append(owners, int64(p.ID))
	}
	for _, u := range k.units {
		owners = append(owners, int64(u.ID))
	}
	found, err := currentAccounts(ctx, tx, owners)
	for _, a := range found {
		k.accounts[a.Owner] = a
	}
	return err
}

func currentAccounts(ctx context.Context, q db.Querier, owners []int64) ([]accountRecord, error) {
	return query[accountRecord](ctx, q, "current accounts", `
		SELECT DISTINCT ON (owner) id, owner, version, kind, bank_code, bank_name, holder_name, account_cipher, account_blind, key_version, verified_by, verified_on, bank_class, limit_fen, activation
		FROM payee_account WHERE owner = ANY($1)
		ORDER BY owner, version DESC`, owners)
}
