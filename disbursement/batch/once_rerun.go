package batch

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/internal/db"
)

// RerunTx keeps the once-keys of a record of a person that was merged away under
// the one kept, and gives every pair of live keys that then stand for the same
// entitlement: both stay, and each is on record until one is freed (重跑唯一键). It
// makes the service parties.Keys. Batches with lines of the record are locked:
// whoever submits one at the moment is waited for, and whoever does later claims
// under the record kept.
func (s *Service) RerunTx(ctx context.Context, tx pgx.Tx, from, to parties.PersonID, act parties.ActID) ([]parties.KeyConflict, error) {
	for _, step := range []string{
		`SELECT id FROM batch WHERE id IN (SELECT l.batch FROM entitlement_line l WHERE l.person = $1 OR l.person = $2) ORDER BY id FOR UPDATE`,
		`INSERT INTO once_alias (subject, now) VALUES ($1, $2) ON CONFLICT (subject) DO UPDATE SET now = excluded.now`,
		`UPDATE once_alias SET now = $2 WHERE now = $1`,
	} {
		if _, err := tx.Exec(ctx, step, int64(from), int64(to)); err != nil {
			return nil, fmt.Errorf("run once-keys again: %w", err)
		}
	}
	found, err := keysTwice(ctx, tx, int64(from), int64(to))
	if err != nil {
		return nil, err
	}
	for _, c := range found {
		id, err := db.NextID(ctx, tx, "once_conflict_id_seq")
		if err != nil {
			return nil, err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO once_conflict (id, line, other, subject, act, found_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, c.line, c.other, int64(to), int64(act), s.clock.Now()); err != nil {
			return nil, fmt.Errorf("record once-keys that collide: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE once_key SET subject = $2 WHERE subject = $1 AND freed IS NULL
		AND NOT EXISTS (SELECT 1 FROM once_conflict c WHERE c.line = once_key.line)`, int64(from), int64(to)); err != nil {
		return nil, fmt.Errorf("move once-keys: %w", err)
	}
	out := []parties.KeyConflict{}
	for _, c := range found {
		out = append(out, c.KeyConflict)
	}
	return out, nil
}

type keyTwice struct {
	line, other int64
	parties.KeyConflict
}

const selectTwice = `SELECT k.line, o.line, b.code, l.no, c.code, m.no, k.program, k.component, k.month, k.occasion
	FROM once_key k
	JOIN once_key o ON o.subject = $2 AND o.program = k.program AND o.component = k.component AND o.month = k.month AND o.occasion = k.occasion
		AND o.freed IS NULL
	JOIN entitlement_line l ON l.id = k.line JOIN batch b ON b.id = l.batch
	JOIN entitlement_line m ON m.id = o.line JOIN batch c ON c.id = m.batch
	WHERE k.subject = $1 AND k.freed IS NULL ORDER BY k.month, k.line`

// keysTwice finds the live keys of one record that collide with another's.
func keysTwice(ctx context.Context, q db.Querier, from, to int64) ([]keyTwice, error) {
	rows, err := q.Query(ctx, selectTwice, from, to)
	if err != nil {
		return nil, fmt.Errorf("once-keys that collide: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (keyTwice, error) {
		var c keyTwice
		err := row.Scan(&c.line, &c.other, &c.Batch, &c.Line, &c.OtherBatch, &c.OtherLine, &c.Program, &c.Component, &c.Month, &c.Occasion)
		return c, err
	})
}

// ConflictsOfTx is the pairs of lines that an act of merging found, in order.
func (s *Service) ConflictsOfTx(ctx context.Context, tx pgx.Tx, act parties.ActID) ([]parties.KeyConflict, error) {
	rows, err := tx.Query(ctx, `SELECT b.code, l.no, c.code, m.no, l.program, l.component, l.month, l.occasion
		FROM once_conflict x
		JOIN entitlement_line l ON l.id = x.line JOIN batch b ON b.id = l.batch
		JOIN entitlement_line m ON m.id = x.other JOIN batch c ON c.id = m.batch
		WHERE x.act = $1 ORDER BY x.id`, int64(act))
	if err != nil {
		return nil, fmt.Errorf("once-keys that collided: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[parties.KeyConflict])
}

// Conflict is a pair of lines whose once-keys stand for the same entitlement of
// one person, found when two records of the person became one (同月重复).
type Conflict struct {
	ID      int64            `json:"id"`
	Act     int64            `json:"act"`
	Person  parties.PersonID `json:"-"`
	Name    string           `json:"name"`
	Masked  string           `json:"id_number"`
	FoundAt time.Time        `json:"found_at"`
	parties.KeyConflict
}

// Conflicts is the open pairs after a number, in order; one is settled when the
// key of one of its lines is freed.
func (s *Service) Conflicts(ctx context.Context, q db.Querier, after int64, limit int) ([]Conflict, error) {
	rows, err := q.Query(ctx, `SELECT x.id, x.act, x.subject, x.found_at, b.code, l.no, c.code, m.no, k.program, k.component, k.month, k.occasion
		FROM once_conflict x
		JOIN once_key k ON k.line = x.line AND k.freed IS NULL
		JOIN once_key o ON o.line = x.other AND o.freed IS NULL
		JOIN entitlement_line l ON l.id = x.line JOIN batch b ON b.id = l.batch
		JOIN entitlement_line m ON m.id = x.other JOIN batch c ON c.id = m.batch
		WHERE x.id > $1 ORDER BY x.id LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("once-keys that collide: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Conflict, error) {
		var c Conflict
		err := row.Scan(&c.ID, &c.Act, &c.Person, &c.FoundAt, &c.Batch, &c.Line, &c.OtherBatch, &c.OtherLine, &c.Program, &c.Component, &c.Month, &c.Occasion)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("once-keys that collide: %w", err)
	}
	ids := make([]parties.PersonID, len(list))
	for i, c := range list {
		ids[i] = c.Person
	}
	people, err := s.parties.People(ctx, q, ids)
	for i := range list {
		list[i].Name, list[i].Masked = people[list[i].Person].Name, people[list[i].Person].Masked
	}
	return list, err
}

// conflict is the line that another's once-key collides with.
type conflict struct {
	Line  LineID
	Batch string
	No    int32
}

// conflictsOf finds the lines whose once-key collides with another live one.
func conflictsOf(ctx context.Context, q db.Querier, lines []LineID) (map[LineID]conflict, error) {
	rows, err := q.Query(ctx, `SELECT p.line, b.code, m.no
		FROM (SELECT x.line, x.other FROM once_conflict x WHERE x.line = ANY($1)
			UNION ALL SELECT x.other, x.line FROM once_conflict x WHERE x.other = ANY($1)) p
		JOIN once_key k ON k.line = p.line AND k.freed IS NULL
		JOIN once_key o ON o.line = p.other AND o.freed IS NULL
		JOIN entitlement_line m ON m.id = p.other JOIN batch b ON b.id = m.batch`, lines)
	if err != nil {
		return nil, fmt.Errorf("once-keys that collide: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[conflict])
	out := map[LineID]conflict{}
	for _, c := range list {
		out[c.Line] = c
	}
	return out, err
}

// aliases is under which numbers the once-keys of merged records are kept, of
// those that a batch names.
func aliases(ctx context.Context, q db.Querier, id ID) (map[int64]int64, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT a.subject, a.now FROM entitlement_line l JOIN once_alias a ON a.subject = l.person WHERE l.batch = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("once-keys of merged records: %w", err)
	}
	out := map[int64]int64{}
	var subject, now int64
	_, err = pgx.ForEachRow(rows, []any{&subject, &now}, func() error { out[subject] = now; return nil })
	return out, err
}

// otherOffice is a line of a person whom another office pays in the same month.
type otherOffice struct {
	Line    LineID
	No      int32
	Person  int64
	Office  string
	Batch   string
	OtherNo int32
	Program string
}

// otherOffices finds people of a list whom another office pays in the same month,
// for anything.
func otherOffices(ctx context.Context, q db.Querier, b Batch) ([]otherOffice, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT l.id, l.no, coalesce(a.now, l.person), c.office, c.code, m.no, k.program
		FROM entitlement_line l
		LEFT JOIN once_alias a ON a.subject = l.person
		JOIN once_key k ON k.subject = coalesce(a.now, l.person) AND k.month = l.month AND k.freed IS NULL
		JOIN entitlement_line m ON m.id = k.line
		JOIN batch c ON c.id = m.batch AND c.office <> $2
		WHERE l.batch = $1 AND l.status = 'listed' ORDER BY l.no, c.code, m.no`, b.ID, b.Office)
	if err != nil {
		return nil, fmt.Errorf("people of other offices: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[otherOffice])
}

// coveredElsewhere says which people another list covers in the batch's program
// and month.
func coveredElsewhere(ctx context.Context, q db.Querier, b Batch, persons []parties.PersonID) (map[int64]bool, error) {
	out := map[int64]bool{}
	if len(persons) == 0 {
		return out, nil
	}
	rows, err := q.Query(ctx, `SELECT DISTINCT k.subject FROM once_key k WHERE k.subject = ANY($1) AND k.program = $2 AND k.month = $3 AND k.freed IS NULL`,
		persons, b.Program, string(b.Period))
	if err != nil {
		return nil, fmt.Errorf("people covered elsewhere: %w", err)
	}
	var subject int64
	_, err = pgx.ForEachRow(rows, []any{&subject}, func() error { out[subject] = true; return nil })
	return out, err
}
