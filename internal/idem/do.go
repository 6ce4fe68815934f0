package idem

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/errs"
)

// Do does a command once, in the caller's transaction: it runs fn and records
// its result, or, if the command was done before, leaves fn alone and says
// replay. Either way the result, as it was recorded, is read into out (nil:
// not wanted). When Do returns an error the transaction must be rolled back.
//
// Make it the first thing in the transaction: a caller that holds locks while
// it waits here for a rival may make a deadlock (which db.Run resolves by
// trying again). fn must not do the same key again.
//
// Errors: IDEM_KEY_INVALID; IDEM_KEY_REUSED (Conflict), which says what the
// key was first used for, by whom and when; what fn returned.
func Do(ctx context.Context, tx pgx.Tx, c Command, actor string, at time.Time, fn func() (any, error), out any) (replay bool, err error) {
	if err := c.check(); err != nil {
		return false, err
	}
	digest, err := c.digest()
	if err != nil {
		return false, err
	}
	mine, err := insertRecord(ctx, tx, record{Key: claimPrefix + c.Key, Kind: kindClaim, Request: digest, Result: []byte{}, Actor: actor, DoneAt: at})
	if err != nil {
		return false, err
	}
	if !mine {
		return true, recall(ctx, tx, c, digest, actor, out)
	}
	return false, perform(ctx, tx, record{Key: c.Key, Kind: c.Kind, Request: digest, Actor: actor, DoneAt: at}, fn, out)
}

// perform runs fn and records what came of it.
func perform(ctx context.Context, tx pgx.Tx, r record, fn func() (any, error), out any) error {
	result, err := fn()
	if err != nil {
		return err
	}
	if r.Result, err = json.Marshal(result); err != nil {
		return fmt.Errorf("result of %s %s: %w", r.Kind, r.Key, err)
	}
	recorded, err := insertRecord(ctx, tx, r)
	if err != nil {
		return err
	}
	if !recorded {
		return fmt.Errorf("command %s has a record without a claim", r.Key)
	}
	return read(r, out)
}

// recall gives the recorded result of a command that is the same in everything.
func recall(ctx context.Context, tx pgx.Tx, c Command, digest []byte, actor string, out any) error {
	r, err := selectRecord(ctx, tx, c.Key)
	if err != nil {
		return err
	}
	if r.Kind != c.Kind || r.Actor != actor || !bytes.Equal(r.Request, digest) {
		return errs.New(errs.Conflict, "IDEM_KEY_REUSED", "key", c.Key, "kind", r.Kind, "actor", r.Actor,
			"time", r.DoneAt.In(clock.Shanghai).Format("2006-01-02 15:04:05"))
	}
	return read(r, out)
}

func read(r record, out any) error {
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(r.Result, out); err != nil {
		return fmt.Errorf("result of %s %s: %w", r.Kind, r.Key, err)
	}
	return nil
}

// Runner begins a transaction and commits it: a *db.DB.
type Runner interface {
	Run(ctx context.Context, fn func(pgx.Tx) error) error
}

// settleTries is how often Run asks again when it cannot know whether a COMMIT
// was stored: a server that fails over answers within a few.
const settleTries = 3

// Run is Do in a transaction of its own. A COMMIT whose outcome is unknown is
// settled through the key: the command is sent again, and replays if it was
// stored after all. Errors: as Do and db.Run; DB_OUTCOME_UNKNOWN only if the
// outcome stayed unknown each time.
func Run(ctx context.Context, d Runner, c Command, actor string, at time.Time, fn func(pgx.Tx) (any, error), out any) (replay bool, err error) {
	for try := 1; ; try++ {
		err = d.Run(ctx, func(tx pgx.Tx) error {
			var err error
			replay, err = Do(ctx, tx, c, actor, at, func() (any, error) { return fn(tx) }, out)
			return err
		})
		if err == nil || errs.CodeOf(err) != "DB_OUTCOME_UNKNOWN" || try == settleTries {
			return replay && err == nil, err
		}
	}
}
