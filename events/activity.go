package events

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/i18n"
)

// ActivityLog is the handler that writes the activity log (工作日志): one entry
// for each event.
func ActivityLog() Handler {
	return Handler{Name: "activity", Handle: func(ctx context.Context, tx pgx.Tx, m Message) error {
		return insertActivity(ctx, tx, m)
	}}
}

// Entry is a line of the activity log.
type Entry struct {
	ID         int64     `json:"id"`
	Topic      Topic     `json:"topic"`
	Subject    string    `json:"subject"`
	Facts      Facts     `json:"facts"`
	HappenedAt time.Time `json:"happened_at"`
}

// Sentence is the entry in words.
func (e Entry) Sentence(lang i18n.Lang) string { return Sentence(lang, e.Topic, e.Facts) }

// Filter says which entries are wanted.
type Filter struct {
	Subject string // one subject's story; empty: everything
	AfterID int64  // the last entry of the page before; 0: from the start
	Newest  bool   // newest first, instead of oldest first
	Limit   int    // entries on a page; 0: 100, at most 1000
}

const (
	defaultPage = 100
	largestPage = 1000
)

func (f Filter) limit() int {
	if f.Limit <= 0 {
		return defaultPage
	}
	return min(f.Limit, largestPage)
}

// Activity is a page of the activity log. The next page is the one after the
// ID of this one's last entry.
func Activity(ctx context.Context, q db.Querier, f Filter) ([]Entry, error) {
	return selectActivity(ctx, q, f)
}
