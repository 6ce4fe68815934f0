package events

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

type activityRow struct {
	ID         int64
	Topic      string
	Subject    string
	Payload    []byte
	HappenedAt time.Time
}

func insertActivity(ctx context.Context, tx pgx.Tx, m Message) error {
	payload, err := json.Marshal(m.Facts)
	if err != nil {
		return fmt.Errorf("activity: %w", err)
	}
	id, err := db.NextID(ctx, tx, "activity_id_seq")
	if err != nil {
		return fmt.Errorf("activity: %w", err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO activity (id, message, topic, subject, payload, happened_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, m.ID, string(m.Topic), m.Subject, payload, m.At)
	if err != nil {
		return fmt.Errorf("activity: %w", err)
	}
	return nil
}

// The four ways through the log, each on an index: the primary key, or
// activity_subject.
const (
	activityOldest = `
		SELECT id, topic, subject, payload, happened_at FROM activity
		WHERE id > $1 ORDER BY id LIMIT $2`
	activityNewest = `
		SELECT id, topic, subject, payload, happened_at FROM activity
		WHERE id < $1 ORDER BY id DESC LIMIT $2`
	activityOfOldest = `
		SELECT id, topic, subject, payload, happened_at FROM activity
		WHERE id > $1 AND subject = $3 ORDER BY id LIMIT $2`
	activityOfNewest = `
		SELECT id, topic, subject, payload, happened_at FROM activity
		WHERE id < $1 AND subject = $3 ORDER BY id DESC LIMIT $2`
)

// query is the statement for the filter and its arguments.
func (f Filter) query() (string, []any) {
	after := f.AfterID
	if f.Newest && after == 0 {
		after = math.MaxInt64
	}
	args := []any{after, f.limit()}
	switch {
	case f.Subject == "" && f.Newest:
		return activityNewest, args
	case f.Subject == "":
		return activityOldest, args
	case f.Newest:
		return activityOfNewest, append(args, f.Subject)
	default:
		return activityOfOldest, append(args, f.Subject)
	}
}

func selectActivity(ctx context.Context, q db.Querier, f Filter) ([]Entry, error) {
	sql, args := f.query()
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("activity: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[activityRow])
	if err != nil {
		return nil, fmt.Errorf("activity: %w", err)
	}
	entries := make([]Entry, 0, len(found))
	for _, row := range found {
		facts, err := decodeFacts(row.Payload)
		if err != nil {
			return nil, fmt.Errorf("activity %d: %w", row.ID, err)
		}
		entries = append(entries, Entry{ID: row.ID, Topic: Topic(row.Topic), Subject: row.Subject, Facts: facts, HappenedAt: row.HappenedAt})
	}
	return entries, nil
}
