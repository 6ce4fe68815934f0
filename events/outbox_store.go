package events

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// pending is an event that has not been told to everybody yet.
type pending struct {
	ID        int64
	Topic     string
	Subject   string
	Payload   []byte
	CreatedAt time.Time
}

// Publish puts an event into the outbox, in the transaction that makes it
// true. at is when it happened (the journal's posting time). Hold the lock on
// the subject's row when calling it: that keeps its events in order. An
// unknown topic or a subject without a number is a fault of the caller.
func Publish(ctx context.Context, tx pgx.Tx, e Event, at time.Time) error {
	if err := e.check(); err != nil {
		return err
	}
	payload, err := json.Marshal(e.Facts)
	if err != nil {
		return fmt.Errorf("publish %s: %w", e.Topic, err)
	}
	id, err := db.NextID(ctx, tx, "outbox_id_seq")
	if err != nil {
		return fmt.Errorf("publish %s: %w", e.Topic, err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO outbox (id, topic, subject, payload, created_at) VALUES ($1, $2, $3, $4, $5)`,
		id, string(e.Topic), e.Subject, payload, at)
	if err != nil {
		return fmt.Errorf("publish %s: %w", e.Topic, err)
	}
	return nil
}

// selectPending is the first events of the outbox whose subject is not blocked.
func selectPending(ctx context.Context, q db.Querier, blocked []string, limit int) ([]pending, error) {
	rows, err := q.Query(ctx, `
		SELECT id, topic, subject, payload, created_at FROM outbox
		WHERE NOT (subject = ANY($1::text[]))
		ORDER BY id LIMIT $2`, blocked, limit)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[pending])
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	return found, nil
}

func deletePending(ctx context.Context, tx pgx.Tx, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `DELETE FROM outbox WHERE id = ANY($1::bigint[])`, ids); err != nil {
		return fmt.Errorf("clear the outbox: %w", err)
	}
	return nil
}

// Pending is how many events have not been told to everybody yet. After a
// drain it is 0, unless a handler refused some or others go on publishing.
func Pending(ctx context.Context, q db.Querier) (int, error) {
	var n int
	if err := q.QueryRow(ctx, `SELECT count(*) FROM outbox`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the outbox: %w", err)
	}
	return n, nil
}

// lockHandler is the inbox name under which relays keep each other out.
const lockHandler = "relay"

// takeLock waits until no other transaction holds the relays' lock, and holds
// it until this one ends. The lock is a row that is inserted and never
// committed: whoever inserts the same key waits for the holder's end, which is
// a rollback, so that the key is free again, also when the holder's process
// has died. The outbox needs no UPDATE grant for this, as FOR UPDATE would.
func takeLock(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `INSERT INTO inbox (handler, message) VALUES ($1, 0)`, lockHandler); err != nil {
		return fmt.Errorf("lock the outbox: %w", err)
	}
	return nil
}

// insertInbox notes that a handler handles a message; first is false if it had
// done so before. Where another transaction is about to note the same, the
// statement waits for that one's end.
func insertInbox(ctx context.Context, tx pgx.Tx, handler string, message int64) (first bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO inbox (handler, message) VALUES ($1, $2) ON CONFLICT (handler, message) DO NOTHING`, handler, message)
	if err != nil {
		return false, fmt.Errorf("inbox of %s: %w", handler, err)
	}
	return tag.RowsAffected() == 1, nil
}
