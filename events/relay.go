package events

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
)

// Options say how a relay works; the zero value is good.
type Options struct {
	Retries   int           // tries of a failing handler after the first, in one drain; 0: 3, negative: none
	RetryWait time.Duration // before the first of them, growing; 0: 20 ms
	Page      int           // events read and cleared at a time; 0: 100
	Logger    *slog.Logger  // nil: silent
}

func (o Options) withDefaults() Options {
	if o.Retries == 0 {
		o.Retries = 3
	}
	o.Retries = max(o.Retries, 0)
	if o.RetryWait <= 0 {
		o.RetryWait = 20 * time.Millisecond
	}
	if o.Page <= 0 {
		o.Page = 100
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Relay carries events from the outbox to the handlers.
type Relay struct {
	db       *db.DB
	options  Options
	handlers []Handler
	router   *router
	turn     chan struct{} // holds one token: who drains, or closes
	closed   bool          // under turn
}

// NewRelay is a relay to the handlers given, with its router running. The
// caller closes it. It needs two connections of the pool: one holds the relays'
// lock while handlers work on the other.
func NewRelay(d *db.DB, o Options, handlers ...Handler) (*Relay, error) {
	if err := checkHandlers(handlers); err != nil {
		return nil, err
	}
	r := &Relay{db: d, options: o.withDefaults(), handlers: handlers, turn: make(chan struct{}, 1)}
	var err error
	if r.router, err = startRouter(d, r.options, handlers); err != nil {
		return nil, err
	}
	return r, nil
}

// ErrClosed is returned by Drain after Close.
var ErrClosed = errors.New("events: the relay is closed")

// Drain tells every handler what is in the outbox, and returns when all of it
// is handled: how many events left the outbox. Everything committed before the
// call is told, by this drain or by another that was at it. Errors:
// EVENTS_NOT_DELIVERED (Unavailable) when a handler refused some, which stay
// for the next drain, while all others were told; ErrClosed; what the database
// or ctx says.
func (r *Relay) Drain(ctx context.Context) (int, error) {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if r.closed {
		return 0, ErrClosed
	}
	told := 0
	err := r.alone(ctx, func() (err error) {
		told, err = r.drain(ctx)
		return err
	})
	return told, err
}

// errRelease ends the transaction that holds the lock, by rolling it back.
var errRelease = errors.New("events: lock released")

// alone runs fn while no other relay on this database drains.
func (r *Relay) alone(ctx context.Context, fn func() error) error {
	var result error
	err := r.db.Run(ctx, func(tx pgx.Tx) error {
		if err := takeLock(ctx, tx); err != nil {
			return err
		}
		result = fn()
		return errRelease
	})
	if errors.Is(err, errRelease) {
		return result
	}
	return errors.Join(result, err)
}

// drain goes on, page by page, until a page is not full. A page starts from
// the beginning again, since what was told is gone: an event that was committed
// meanwhile under a low number is not passed over.
func (r *Relay) drain(ctx context.Context) (told int, err error) {
	blocked := map[string]error{}
	for {
		taken, done, err := r.page(ctx, blocked)
		told += done
		if err != nil || taken < r.options.Page {
			return told, errors.Join(err, notDelivered(blocked))
		}
	}
}

// page tells the first events that are not blocked and clears those that
// everybody has handled. What was handled when ctx ends is told again next
// time, and then found in the inboxes.
func (r *Relay) page(ctx context.Context, blocked map[string]error) (taken, told int, err error) {
	rows, err := selectPending(ctx, r.db.Pool(), slices.AppendSeq([]string{}, maps.Keys(blocked)), r.options.Page)
	if err != nil {
		return 0, 0, err
	}
	done, err := r.tell(ctx, rows, blocked)
	if err != nil {
		return 0, 0, err
	}
	err = r.db.Run(ctx, func(tx pgx.Tx) error { return deletePending(ctx, tx, done) })
	if err != nil {
		return 0, 0, err
	}
	return len(rows), len(done), nil
}

// tell delivers events in order, leaving out those behind a refused one, whose
// subject it adds to blocked. It gives the events that everybody has handled.
func (r *Relay) tell(ctx context.Context, rows []pending, blocked map[string]error) (done []int64, err error) {
	for _, row := range rows {
		if blocked[row.Subject] != nil {
			continue
		}
		refusal := r.router.deliver(ctx, row, r.handlers)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if refusal == nil {
			done = append(done, row.ID)
			continue
		}
		r.options.Logger.Error("event not delivered", "event", row.ID, "topic", row.Topic, "subject", row.Subject, "err", refusal)
		blocked[row.Subject] = refusal
	}
	return done, nil
}

func notDelivered(blocked map[string]error) error {
	if len(blocked) == 0 {
		return nil
	}
	first := slices.Min(slices.Collect(maps.Keys(blocked)))
	return errs.Wrap(blocked[first], errs.Unavailable, "EVENTS_NOT_DELIVERED", "subjects", len(blocked), "subject", first)
}

// Close waits for a drain that is under way, then ends the router and its
// goroutines. Closing again does nothing.
func (r *Relay) Close() error {
	r.turn <- struct{}{}
	defer func() { <-r.turn }()
	if r.closed {
		return nil
	}
	r.closed = true
	return r.router.close()
}
