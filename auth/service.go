package auth

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/valid"
)

// Service keeps users and their rights.
type Service struct {
	db    *db.DB
	clock clock.Clock
	valid *valid.Validator
}

// New is a Service on a database.
func New(d *db.DB, c clock.Clock) *Service {
	return &Service{db: d, clock: c, valid: newValidator()}
}

// AddUser adds a user without rights. The actor needs users.manage. Errors:
// AUTH_NO_ACTOR, AUTH_RIGHT_MISSING; VALID_PROBLEMS with every field that
// is wrong; AUTH_USER_EXISTS (Conflict).
func (s *Service) AddUser(ctx context.Context, u NewUser) error {
	return s.db.Run(ctx, func(tx pgx.Tx) error { return s.AddUserTx(ctx, tx, u) })
}

// AddUserTx is AddUser in the caller's transaction.
func (s *Service) AddUserTx(ctx context.Context, tx pgx.Tx, u NewUser) error {
	by, err := Require(ctx, UsersManage)
	if err != nil {
		return err
	}
	return s.insert(ctx, tx, u, by.Login)
}

// NewBootstrapUser adds the first user of a database, who needs nobody's
// leave, and gives them users.manage and the rights named. There is one such
// user at most, even if two callers try at the same moment. Errors:
// VALID_PROBLEMS, AUTH_RIGHT_UNKNOWN; AUTH_NOT_FIRST (Refused) when the
// database has users.
func (s *Service) NewBootstrapUser(ctx context.Context, tx pgx.Tx, u NewUser, rights ...Right) error {
	if err := s.valid.Check(u); err != nil {
		return err
	}
	none, err := noUsers(ctx, tx)
	if err != nil {
		return err
	}
	first := false
	if none {
		if first, err = insertFact(ctx, tx, factFirstUser, u.Login, s.clock.Now()); err != nil {
			return err
		}
	}
	if !first {
		return errs.New(errs.Refused, "AUTH_NOT_FIRST", "login", u.Login)
	}
	if err := s.insert(ctx, tx, u, u.Login); err != nil {
		return err
	}
	for _, r := range append([]Right{UsersManage}, rights...) {
		if err := s.give(ctx, tx, u.Login, r, true, u.Login); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) insert(ctx context.Context, tx pgx.Tx, u NewUser, by string) error {
	if err := s.valid.Check(u); err != nil {
		return err
	}
	added, err := insertUser(ctx, tx, u, s.clock.Now())
	if err == nil && !added {
		err = errs.New(errs.Conflict, "AUTH_USER_EXISTS", "login", u.Login)
	}
	if err != nil {
		return err
	}
	return s.append(ctx, tx, u.Login, beingUser, true, by)
}

// Grant gives a user a right; one they hold already is left as it is. The
// actor needs users.manage and is somebody else. Errors: AUTH_NO_ACTOR,
// AUTH_RIGHT_MISSING, AUTH_SELF_GRANT (Refused), AUTH_RIGHT_UNKNOWN (Invalid),
// AUTH_USER_UNKNOWN (NotFound).
func (s *Service) Grant(ctx context.Context, login string, r Right) error {
	return s.db.Run(ctx, func(tx pgx.Tx) error { return s.GrantTx(ctx, tx, login, r) })
}

// GrantTx is Grant in the caller's transaction.
func (s *Service) GrantTx(ctx context.Context, tx pgx.Tx, login string, r Right) error {
	by, err := Require(ctx, UsersManage)
	if err != nil {
		return err
	}
	if by.Login == login {
		return errs.New(errs.Refused, "AUTH_SELF_GRANT", "name", by.Name, "login", login, "right", r)
	}
	return s.give(ctx, tx, login, r, true, by.Login)
}

// Revoke takes a right back; one they do not hold is left as it is. The actor
// needs users.manage. Errors: as Grant, without AUTH_SELF_GRANT.
func (s *Service) Revoke(ctx context.Context, login string, r Right) error {
	return s.db.Run(ctx, func(tx pgx.Tx) error { return s.RevokeTx(ctx, tx, login, r) })
}

// RevokeTx is Revoke in the caller's transaction.
func (s *Service) RevokeTx(ctx context.Context, tx pgx.Tx, login string, r Right) error {
	by, err := Require(ctx, UsersManage)
	if err != nil {
		return err
	}
	return s.give(ctx, tx, login, r, false, by.Login)
}

// give gives or takes one of the rights that users know.
func (s *Service) give(ctx context.Context, tx pgx.Tx, user string, r Right, give bool, by string) error {
	if !r.IsValid() {
		return errs.New(errs.Invalid, "AUTH_RIGHT_UNKNOWN", "right", r)
	}
	return s.append(ctx, tx, user, r, give, by)
}

// append adds the row that gives or takes a right, if it changes anything.
// The user's row is locked, and no row bears a time that is not after the one
// before it, so that "the last row counts" has one meaning even while the
// clock stands still.
func (s *Service) append(ctx context.Context, tx pgx.Tx, user string, r Right, give bool, by string) error {
	name, office, err := lockUser(ctx, tx, user)
	if err != nil {
		return err
	}
	last, given, err := lastRight(ctx, tx, user, r)
	if err != nil || given == give {
		return err
	}
	at := s.clock.Now().Truncate(time.Microsecond)
	if !last.IsZero() && !at.After(last) {
		at = last.Add(time.Microsecond)
	}
	return insertRight(ctx, tx, Change{Login: user, Name: name, Office: office, Right: r, At: at, By: by, Given: give})
}

// Disable stops a user from acting, for good; doing it again changes nothing.
// The actor needs users.manage. Errors: AUTH_NO_ACTOR, AUTH_RIGHT_MISSING,
// AUTH_USER_UNKNOWN (NotFound).
func (s *Service) Disable(ctx context.Context, user string) error {
	by, err := Require(ctx, UsersManage)
	if err != nil {
		return err
	}
	return s.db.Run(ctx, func(tx pgx.Tx) error {
		if err := s.append(ctx, tx, user, beingUser, false, by.Login); err != nil {
			return err
		}
		return disableUser(ctx, tx, user, s.clock.Now())
	})
}

// Load is the user as an actor, with the rights they hold now and those that are
// in their hands today. Errors:
// AUTH_USER_UNKNOWN (NotFound); AUTH_USER_DISABLED (Refused).
func (s *Service) Load(ctx context.Context, q db.Querier, login string) (Actor, error) {
	u, err := selectUser(ctx, q, login)
	if err != nil {
		return Actor{}, err
	}
	if u.DisabledAt != nil {
		return Actor{}, errs.New(errs.Refused, "AUTH_USER_DISABLED", "name", u.Name, "login", login)
	}
	return s.actsFor(ctx, q, Actor{Login: u.Login, Name: u.Name, Office: u.Office, Rights: NewRights(u.Rights...)})
}

// Users lists every user with the rights they hold now, by office and login.
// An office has dozens of users, a county hundreds: the list is not paged.
func (s *Service) Users(ctx context.Context, q db.Querier) ([]User, error) {
	return selectUsers(ctx, q)
}
