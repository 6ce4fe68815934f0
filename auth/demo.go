package auth

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
)

// MarkDemo marks a database as a demo (演示库), for good. It does so only in an
// empty database: one without users, of which isEmpty says, in the same
// transaction, that nothing else is there either (journals, documents: what
// the caller knows and auth does not). params are kept with the mark as JSON,
// for DemoParams to give back.
//
// The mark is a leaf of the log, the first of an empty database. Errors:
// AUTH_DEMO_NOT_EMPTY (Refused); AUTH_DEMO_MARKED (Conflict) when the mark is
// there, or was made meanwhile.
func (s *Service) MarkDemo(ctx context.Context, tx pgx.Tx, params any, isEmpty func(context.Context, pgx.Tx) (bool, error)) error {
	value, err := json.Marshal(params)
	if err != nil {
		return fmt.Errorf("demo parameters: %w", err)
	}
	marked, err := s.IsDemo(ctx, tx)
	if err != nil {
		return err
	}
	if marked {
		return errs.New(errs.Conflict, "AUTH_DEMO_MARKED")
	}
	if err := refuseUsed(ctx, tx, isEmpty); err != nil {
		return err
	}
	added, err := insertFact(ctx, tx, factDemo, string(value), s.clock.Now())
	if err == nil && !added {
		err = errs.New(errs.Conflict, "AUTH_DEMO_MARKED")
	}
	return err
}

func refuseUsed(ctx context.Context, tx pgx.Tx, isEmpty func(context.Context, pgx.Tx) (bool, error)) error {
	empty, err := noUsers(ctx, tx)
	if err == nil && empty {
		empty, err = isEmpty(ctx, tx)
	}
	if err == nil && !empty {
		err = errs.New(errs.Refused, "AUTH_DEMO_NOT_EMPTY")
	}
	return err
}

// IsDemo says whether the database bears the demo mark.
func (s *Service) IsDemo(ctx context.Context, q db.Querier) (bool, error) {
	_, marked, err := selectFact(ctx, q, factDemo)
	return marked, err
}

// DemoParams reads the parameters kept with the demo mark into params and says
// whether there is a mark.
func (s *Service) DemoParams(ctx context.Context, q db.Querier, params any) (bool, error) {
	value, marked, err := selectFact(ctx, q, factDemo)
	if err != nil || !marked {
		return false, err
	}
	if err := json.Unmarshal([]byte(value), params); err != nil {
		return false, fmt.Errorf("demo parameters: %w", err)
	}
	return true, nil
}

// ActAs is a context in which the user named acts: what --as does. It asks the
// database, and no flag or setting can answer in its place. Errors:
// AUTH_AS_ELSEWHERE (Refused) in a database without the demo mark, whether
// there is such a user or not; AUTH_USER_UNKNOWN; AUTH_USER_DISABLED.
func (s *Service) ActAs(ctx context.Context, login string) (context.Context, error) {
	demo, err := s.IsDemo(ctx, s.db.Pool())
	if err != nil {
		return nil, err
	}
	if !demo {
		return nil, errs.New(errs.Refused, "AUTH_AS_ELSEWHERE", "login", login)
	}
	actor, err := s.Load(ctx, s.db.Pool(), login)
	if err != nil {
		return nil, err
	}
	return WithActor(ctx, actor), nil
}
