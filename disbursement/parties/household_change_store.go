package parties

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
)

// memberRecord is a membership that goes on.
type memberRecord struct {
	Person   PersonID  `db:"person"`
	Relation string    `db:"relation"`
	From     time.Time `db:"valid_from"`
}

// known finds a household of a change by its code and locks its members. Errors:
// PARTIES_HOUSEHOLD_UNKNOWN (NotFound).
func (h *houses) known(ctx context.Context, tx pgx.Tx, code string) (HouseholdID, error) {
	found, err := h.svc.Households(ctx, tx, []string{code})
	if err != nil {
		return 0, err
	}
	house, there := found[code]
	if !there {
		return 0, errs.New(errs.NotFound, "PARTIES_HOUSEHOLD_UNKNOWN", "household", code)
	}
	members, err := query[memberRecord](ctx, tx, "members", `SELECT person, relation, valid_from FROM household_member
		WHERE household = $1 AND valid_to IS NULL ORDER BY household, person FOR UPDATE`, house.ID)
	if err != nil {
		return 0, err
	}
	h.ids[code], h.codes[house.ID], h.members[house.ID] = house.ID, code, map[PersonID]memberRecord{}
	for _, m := range members {
		h.members[house.ID][m.Person] = m
	}
	return house.ID, nil
}

// make makes a household of a new code. Errors: PARTIES_HOUSEHOLD_TAKEN
// (Conflict).
func (h *houses) make(ctx context.Context, tx pgx.Tx, code string) (HouseholdID, error) {
	if code == "" || len([]rune(code)) > 40 {
		return 0, errs.New(errs.Invalid, "PARTIES_HOUSEHOLD_CODE", "household", code)
	}
	found, err := h.svc.Households(ctx, tx, []string{code})
	if err != nil {
		return 0, err
	}
	if _, taken := found[code]; taken {
		return 0, errs.New(errs.Conflict, "PARTIES_HOUSEHOLD_TAKEN", "household", code)
	}
	ids, err := db.NextIDs(ctx, tx, "party_id_seq", 1)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO household (id, code) VALUES ($1, $2)`, ids[0], code); err != nil {
		return 0, fmt.Errorf("new household %s: %w", code, err)
	}
	id := HouseholdID(ids[0])
	h.codes[id] = code
	return id, nil
}

// write ends the memberships that change before it begins the new ones, so that
// no household has two heads in between.
func (h *houses) write(ctx context.Context, tx pgx.Tx) error {
	households, persons := make([]int64, len(h.moves)), make([]int64, len(h.moves))
	to, relations := make([]int64, len(h.moves)), make([]string, len(h.moves))
	for i, m := range h.moves {
		households[i], persons[i], to[i], relations[i] = int64(m.from), int64(m.person), int64(m.to), string(m.relation)
	}
	return moveMembers(ctx, tx, households, persons, to, relations, h.act.Effective)
}

// moveMembers ends memberships on a day and begins others; a household of 0 in to
// begins none. Membership is dated by the day: a second change on the day
// replaces the first.
func moveMembers(ctx context.Context, tx pgx.Tx, households, persons, to []int64, relations []string, day time.Time) error {
	if _, err := tx.Exec(ctx, `
		UPDATE household_member SET valid_to = $3
		FROM unnest($1::bigint[], $2::bigint[]) AS n (household, person)
		WHERE household_member.household = n.household AND household_member.person = n.person AND household_member.valid_to IS NULL`,
		households, persons, day); err != nil {
		return fmt.Errorf("end memberships: %w", err)
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO household_member (household, person, relation, valid_from)
		SELECT n.household, n.person, n.relation, $4::date
		FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS n (household, person, relation) WHERE n.household <> 0
		ON CONFLICT (household, person, valid_from) DO UPDATE SET relation = excluded.relation, valid_to = NULL`,
		to, persons, relations, day); err != nil {
		return fmt.Errorf("start memberships: %w", err)
	}
	return nil
}

// Belonged is a household that a person belonged to within a month.
type Belonged struct {
	Household HouseholdID
	Code      string
	Head      PersonID // of the household now; 0 where it has none
}

// BelongedIn is the households that people belonged to on any day of a month
// (当月所属户), by person.
func (s *Service) BelongedIn(ctx context.Context, q db.Querier, persons []PersonID, month terms.Month) (map[PersonID][]Belonged, error) {
	type record struct {
		Person    PersonID    `db:"person"`
		Household HouseholdID `db:"household"`
		Code      string      `db:"code"`
		Head      PersonID    `db:"head"`
	}
	found, err := query[record](ctx, q, "households of a month", `
		SELECT DISTINCT m.person, m.household, h.code, coalesce((SELECT n.person FROM household_member n
			WHERE n.household = m.household AND n.valid_to IS NULL AND n.relation = 'head' LIMIT 1), 0) AS head
		FROM household_member m JOIN household h ON h.id = m.household
		WHERE m.person = ANY($1) AND m.valid_from <= $3 AND (m.valid_to IS NULL OR (m.valid_to > $2 AND m.valid_to > m.valid_from))
		ORDER BY m.person, m.household`, persons, month.First(), month.Last())
	out := map[PersonID][]Belonged{}
	for _, r := range found {
		out[r.Person] = append(out[r.Person], Belonged{r.Household, r.Code, r.Head})
	}
	return out, err
}

// Divided is a person who belonged to a household that people left within a
// month, on the day before: he must still be covered once for it.
type Divided struct {
	Household HouseholdID
	Code      string
	Person    PersonID
	On        time.Time
}

// DividedIn finds everybody of the households that were split or joined within a
// month, where a household asked about is on either side of it (当月分户、并户涉及的人).
func (s *Service) DividedIn(ctx context.Context, q db.Querier, households []HouseholdID, month terms.Month) ([]Divided, error) {
	type record struct {
		Household HouseholdID `db:"household"`
		Code      string      `db:"code"`
		Person    PersonID    `db:"person"`
		On        time.Time   `db:"on_day"`
	}
	found, err := query[record](ctx, q, "divided households", `
		WITH parted AS (
			SELECT m.household, m.valid_to AS on_day FROM household_member m
			JOIN household_member n ON n.person = m.person AND n.valid_from = m.valid_to AND n.household <> m.household
			WHERE m.household = ANY($1) AND m.valid_to > $2 AND m.valid_to <= $3 AND m.valid_to > m.valid_from
			UNION
			SELECT m.household, m.valid_to FROM household_member n
			JOIN household_member m ON m.person = n.person AND m.valid_to = n.valid_from AND m.household <> n.household
			WHERE n.household = ANY($1) AND n.valid_from > $2 AND n.valid_from <= $3 AND m.valid_to > m.valid_from)
		SELECT DISTINCT p.household, h.code, m.person, p.on_day
		FROM parted p JOIN household h ON h.id = p.household
		JOIN household_member m ON m.household = p.household AND m.valid_from < p.on_day AND (m.valid_to IS NULL OR m.valid_to >= p.on_day)
		ORDER BY p.household, m.person`, households, month.First(), month.Last())
	out := make([]Divided, len(found))
	for i, r := range found {
		out[i] = Divided(r)
	}
	return out, err
}
