package parties

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
)

// written is the ids of a file's parties when all of them have one.
type written struct {
	persons    map[string]PersonID // by ID number
	units      map[string]UnitID   // by credit code
	households map[string]HouseholdID
}

// write stores the plan: a few statements for each table, whatever the number
// of rows.
func (p *plan) write(ctx context.Context, tx pgx.Tx) error {
	p.sortByBlind()
	ids, err := p.drawIDs(ctx, tx)
	if err != nil {
		return err
	}
	steps := []func(context.Context, pgx.Tx, written) error{
		p.writePersons, p.writePersonVersions, p.writeUnits, p.writeUnitVersions, p.writeHouseholds, p.endMemberships, p.startMemberships, p.writeAccounts,
	}
	for _, step := range steps {
		if err := step(ctx, tx, ids); err != nil {
			return err
		}
	}
	return nil
}

// drawIDs gives everybody new a number.
func (p *plan) drawIDs(ctx context.Context, tx pgx.Tx) (written, error) {
	w := written{persons: map[string]PersonID{}, units: map[string]UnitID{}, households: maps.Clone(p.known.households)}
	for number, was := range p.known.persons {
		w.persons[number] = was.ID
	}
	for code, was := range p.known.units {
		w.units[code] = was.ID
	}
	ids, err := db.NextIDs(ctx, tx, "party_id_seq", p.newParties())
	if err != nil {
		return w, err
	}
	next := func() int64 { id := ids[0]; ids = ids[1:]; return id }
	for i := range p.persons {
		if c := &p.persons[i]; c.id == 0 {
			c.id = PersonID(next())
			w.persons[c.row.IDNumber] = c.id
		}
	}
	for i := range p.units {
		if c := &p.units[i]; c.id == 0 {
			c.id = UnitID(next())
			w.units[c.row.IDNumber] = c.id
		}
	}
	for _, code := range p.households {
		w.households[code] = HouseholdID(next())
	}
	return w, p.drawAccountIDs(ctx, tx)
}

func (p *plan) newParties() int {
	n := len(p.households)
	for _, c := range p.persons {
		if c.id == 0 {
			n++
		}
	}
	for _, c := range p.units {
		if c.id == 0 {
			n++
		}
	}
	return n
}

func (p *plan) drawAccountIDs(ctx context.Context, tx pgx.Tx) error {
	ids, err := db.NextIDs(ctx, tx, "payee_account_id_seq", len(p.accounts))
	if err != nil {
		return err
	}
	for i := range p.accounts {
		p.accounts[i].id = AccountID(ids[i])
	}
	return nil
}

func (p *plan) writePersons(ctx context.Context, tx pgx.Tx, _ written) error {
	var fresh []personChange
	var ids []int64
	var versions []int
	for _, c := range p.persons {
		if c.was.ID == 0 {
			fresh = append(fresh, c)
			continue
		}
		ids, versions = append(ids, int64(c.id)), append(versions, c.was.Version+1)
	}
	_, err := db.CopyIn(ctx, tx, "identity", []string{"id_blind", "person"}, len(fresh), func(i int) ([]any, error) {
		return []any{[]byte(p.known.blinds[fresh[i].row.IDNumber]), int64(fresh[i].id)}, nil
	})
	if err != nil {
		return err
	}
	_, err = db.CopyIn(ctx, tx, "person", []string{"id", "version", "temporary"}, len(fresh), func(i int) ([]any, error) {
		return []any{int64(fresh[i].id), 1, fresh[i].row.idType == terms.TemporaryID}, nil
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `
		UPDATE person SET version = n.version
		FROM unnest($1::bigint[], $2::integer[]) AS n (id, version)
		WHERE person.id = n.id`, ids, versions); err != nil {
		return fmt.Errorf("raise persons: %w", err)
	}
	return nil
}

func (p *plan) writePersonVersions(ctx context.Context, tx pgx.Tx, _ written) error {
	columns := []string{
		"person", "version", "valid_from", "name", "id_type", "id_cipher", "id_blind", "key_version", "area_code", "residence",
		"temp_reason", "temp_approver", "temp_until", "recorded_by", "recorded_at", "import_file",
	}
	_, err := db.CopyIn(ctx, tx, "person_version", columns, len(p.persons), func(i int) ([]any, error) {
		c, row, version := p.persons[i], p.persons[i].row, p.persons[i].was.Version+1
		sealed, key := p.service.vault.Seal(row.IDNumber, idAAD(c.id, version))
		return []any{
			int64(c.id), version, p.stamp.day, row.Name, string(row.idType), sealed, p.service.BlindID(row.IDNumber), key, row.AreaCode, string(row.residence),
			row.TempReason, row.TempApprover, dateOrNull(row.TempUntil), p.stamp.actor, p.stamp.at, p.stamp.importFile,
		}, nil
	})
	return err
}

func (p *plan) writeUnits(ctx context.Context, tx pgx.Tx, _ written) error {
	var fresh []unitChange
	var ids []int64
	var versions []int
	for _, c := range p.units {
		if c.was.ID == 0 {
			fresh = append(fresh, c)
			continue
		}
		ids, versions = append(ids, int64(c.id)), append(versions, c.was.Version+1)
	}
	_, err := db.CopyIn(ctx, tx, "unit", []string{"id", "credit_code", "version"}, len(fresh), func(i int) ([]any, error) {
		return []any{int64(fresh[i].id), fresh[i].row.IDNumber, 1}, nil
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `
		UPDATE unit SET version = n.version
		FROM unnest($1::bigint[], $2::integer[]) AS n (id, version)
		WHERE unit.id = n.id`, ids, versions); err != nil {
		return fmt.Errorf("raise units: %w", err)
	}
	return nil
}

func (p *plan) writeUnitVersions(ctx context.Context, tx pgx.Tx, _ written) error {
	columns := []string{"unit", "version", "valid_from", "name", "kind", "area_code", "recorded_by", "recorded_at"}
	_, err := db.CopyIn(ctx, tx, "unit_version", columns, len(p.units), func(i int) ([]any, error) {
		c := p.units[i]
		return []any{
			int64(c.id), c.was.Version + 1, p.stamp.day, c.row.Name, string(c.row.unitKind), c.row.AreaCode, p.stamp.actor, p.stamp.at,
		}, nil
	})
	return err
}

func (p *plan) writeHouseholds(ctx context.Context, tx pgx.Tx, w written) error {
	_, err := db.CopyIn(ctx, tx, "household", []string{"id", "code"}, len(p.households), func(i int) ([]any, error) {
		return []any{int64(w.households[p.households[i]]), p.households[i]}, nil
	})
	return err
}

// endMemberships ends what is changed before anything new begins, so that a
// household never has two heads in between.
func (p *plan) endMemberships(ctx context.Context, tx pgx.Tx, _ written) error {
	var households, persons []int64
	for _, m := range p.moves {
		if m.was.Household != 0 {
			households, persons = append(households, int64(m.was.Household)), append(persons, int64(m.was.Person))
		}
	}
	if len(persons) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `
		UPDATE household_member SET valid_to = $3
		FROM unnest($1::bigint[], $2::bigint[]) AS n (household, person)
		WHERE household_member.household = n.household AND household_member.person = n.person AND household_member.valid_to IS NULL`,
		households, persons, p.stamp.day); err != nil {
		return fmt.Errorf("end memberships: %w", err)
	}
	return nil
}

// startMemberships begins the new ones. Membership is dated by the day, so a
// second change on the same day replaces the first.
func (p *plan) startMemberships(ctx context.Context, tx pgx.Tx, w written) error {
	households, persons, relations := make([]int64, len(p.moves)), make([]int64, len(p.moves)), make([]string, len(p.moves))
	for i, m := range p.moves {
		households[i], persons[i] = int64(w.households[m.row.Household]), int64(w.persons[m.row.IDNumber])
		relations[i] = string(m.row.relation)
	}
	if len(persons) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO household_member (household, person, relation, valid_from)
		SELECT n.household, n.person, n.relation, $4::date
		FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS n (household, person, relation)
		ON CONFLICT (household, person, valid_from) DO UPDATE SET relation = excluded.relation, valid_to = NULL`,
		households, persons, relations, p.stamp.day); err != nil {
		return fmt.Errorf("start memberships: %w", err)
	}
	return nil
}

func (p *plan) writeAccounts(ctx context.Context, tx pgx.Tx, w written) error {
	_, err := db.CopyIn(ctx, tx, "payee_account", accountColumns, len(p.accounts), func(i int) ([]any, error) {
		c := p.accounts[i]
		owner := int64(w.persons[c.row.IDNumber])
		if c.row.isUnit {
			owner = int64(w.units[c.row.IDNumber])
		}
		return p.service.accountValues(c.id, owner, c.was.Version+1, *c.row.account, p.stamp), nil
	})
	return err
}

var accountColumns = []string{
	"id", "owner", "version", "kind", "bank_code", "bank_name", "holder_name", "account_cipher", "account_blind", "key_version",
	"verified_by", "verified_on", "valid_from", "recorded_by", "recorded_at", "bank_class", "limit_fen", "activation",
}

// accountValues are the values of accountColumns, the number sealed.
func (s *Service) accountValues(id AccountID, owner int64, version int, a accountRow, by stamp) []any {
	sealed, key := s.vault.Seal(a.number, accountAAD(id))
	return []any{
		int64(id), owner, version, string(a.kind), a.bankCode, a.bankName, a.holder, sealed, s.blindAccount(a.number), key,
		a.verifiedBy, dateOrNull(a.verifiedOn), by.day, by.actor, by.at, a.class, int64(a.limit), string(a.activation),
	}
}

func dateOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
