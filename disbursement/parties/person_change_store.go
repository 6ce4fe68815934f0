package parties

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/ledger/proof/leaf"
)

// leafPart is a part of a leaf under way.
type leafPart = leaf.Part

// versionRecord is the current version of a person with the number in clear, to
// make the next one from.
type versionRecord struct {
	Person       PersonID   `db:"person"`
	Version      int        `db:"version"`
	Name         string     `db:"name"`
	IDType       string     `db:"id_type"`
	Cipher       []byte     `db:"id_cipher"`
	KeyVersion   int        `db:"key_version"`
	AreaCode     string     `db:"area_code"`
	Residence    string     `db:"residence"`
	TempReason   string     `db:"temp_reason"`
	TempApprover string     `db:"temp_approver"`
	TempUntil    *time.Time `db:"temp_until"`

	number string
}

// lockVersion locks a person and reads his current version.
func (s *Service) lockVersion(ctx context.Context, tx pgx.Tx, id PersonID) (versionRecord, error) {
	if _, err := tx.Exec(ctx, `SELECT id FROM person WHERE id = $1 FOR UPDATE`, int64(id)); err != nil {
		return versionRecord{}, fmt.Errorf("lock person: %w", err)
	}
	found, err := query[versionRecord](ctx, tx, "current version", `
		SELECT v.person, v.version, v.name, v.id_type, v.id_cipher, v.key_version, v.area_code, v.residence, v.temp_reason, v.temp_approver, v.temp_until
		FROM person p JOIN person_version v ON v.person = p.id AND v.version = p.version WHERE p.id = $1`, int64(id))
	if err != nil || len(found) != 1 {
		return versionRecord{}, fmt.Errorf("current version of person %d: %d rows, %w", id, len(found), err)
	}
	v := found[0]
	v.number, err = s.vault.Open(v.Cipher, v.KeyVersion, idAAD(id, v.Version))
	return v, err
}

// insertVersion stores the next version of a person, valid from the act's day.
func (s *Service) insertVersion(ctx context.Context, tx pgx.Tx, v versionRecord, a Act) error {
	sealed, key := s.vault.Seal(v.number, idAAD(v.Person, v.Version+1))
	_, err := tx.Exec(ctx, `INSERT INTO person_version (person, version, valid_from, name, id_type, id_cipher, id_blind, key_version, area_code, residence,
			temp_reason, temp_approver, temp_until, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		int64(v.Person), v.Version+1, a.Effective, v.Name, v.IDType, sealed, s.BlindID(v.number), key, v.AreaCode, v.Residence,
		v.TempReason, v.TempApprover, v.TempUntil, a.Actor, s.clock.Now())
	if err != nil {
		return fmt.Errorf("new version of person %d: %w", v.Person, err)
	}
	if _, err := tx.Exec(ctx, `UPDATE person SET version = $2 WHERE id = $1`, int64(v.Person), v.Version+1); err != nil {
		return fmt.Errorf("raise person %d: %w", v.Person, err)
	}
	return nil
}

// lockPair locks two people and finds them again by their numbers: another merge
// may have been waited for. It locks until both stay what they are.
func (s *Service) lockPair(ctx context.Context, tx pgx.Tx, duplicate, kept ident.Secret) (from, to Person, err error) {
	for locked := [2]PersonID{}; ; {
		if from, err = s.onePerson(ctx, tx, duplicate); err != nil {
			return from, to, err
		}
		if to, err = s.onePerson(ctx, tx, kept); err != nil {
			return from, to, err
		}
		now := [2]PersonID{from.ID, to.ID}
		if now == locked {
			return from, to, nil
		}
		if _, err := tx.Exec(ctx, `SELECT id FROM person WHERE id = $1 OR id = $2 ORDER BY id FOR UPDATE`, int64(from.ID), int64(to.ID)); err != nil {
			return from, to, fmt.Errorf("lock persons: %w", err)
		}
		locked = now
	}
}

// mergeRecords points the duplicate at the record kept, both locked, and ends its
// membership.
func mergeRecords(ctx context.Context, tx pgx.Tx, from, to Person, day time.Time) error {
	if from.Household != 0 {
		members, err := query[memberRecord](ctx, tx, "members", `SELECT person, relation, valid_from FROM household_member
			WHERE household = $1 AND valid_to IS NULL ORDER BY household, person FOR UPDATE`, int64(from.Household))
		if err != nil {
			return err
		}
		if from.Relation == terms.Head && len(members) > 1 {
			return errs.New(errs.Refused, "PARTIES_MERGE_HEAD", "person", from.Masked, "household", from.HouseholdCode)
		}
		for _, m := range members {
			if m.Person == from.ID && day.Before(m.From) {
				return errs.New(errs.Refused, "PARTIES_BEFORE_MEMBERSHIP", "household", from.HouseholdCode, "since", m.From.Format(time.DateOnly),
					"day", day.Format(time.DateOnly))
			}
		}
		if err := moveMembers(ctx, tx, []int64{int64(from.Household)}, []int64{int64(from.ID)}, []int64{0}, []string{""}, day); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE person SET merged_into = $2 WHERE id = $1 OR merged_into = $1`, int64(from.ID), int64(to.ID)); err != nil {
		return fmt.Errorf("merge persons: %w", err)
	}
	return nil
}

// ResidencesOn is the residence class and area of people on a day (按日期的城乡类别):
// the last version recorded that was valid by then, or the first of all.
func (s *Service) ResidencesOn(ctx context.Context, q db.Querier, persons []PersonID, day time.Time) (map[PersonID]terms.Residence, error) {
	type record struct {
		Person    PersonID `db:"person"`
		Residence string   `db:"residence"`
	}
	found, err := query[record](ctx, q, "residences on a day", `
		SELECT DISTINCT ON (v.person) v.person, v.residence FROM person_version v WHERE v.person = ANY($1)
		ORDER BY v.person, v.valid_from <= $2 DESC, CASE WHEN v.valid_from <= $2 THEN v.version ELSE -v.version END DESC`, persons, day)
	out := make(map[PersonID]terms.Residence, len(found))
	for _, r := range found {
		out[r.Person] = terms.Residence(r.Residence)
	}
	return out, err
}
