package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
)

type userRow struct {
	Login      string
	Name       string
	Office     string
	CreatedAt  time.Time
	DisabledAt *time.Time
}

type heldRow struct {
	Login     string
	RightCode string
}

func insertUser(ctx context.Context, tx pgx.Tx, u NewUser, at time.Time) (added bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO app_user (login, name, office, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (login) DO NOTHING`, u.Login, u.Name, u.Office, at)
	if err != nil {
		return false, fmt.Errorf("add user %s: %w", u.Login, err)
	}
	return tag.RowsAffected() == 1, nil
}

func noUsers(ctx context.Context, q db.Querier) (bool, error) {
	var none bool
	if err := q.QueryRow(ctx, `SELECT NOT EXISTS (SELECT login FROM app_user)`).Scan(&none); err != nil {
		return false, fmt.Errorf("look for users: %w", err)
	}
	return none, nil
}

// lockUser locks a user and reads their name and office.
func lockUser(ctx context.Context, tx pgx.Tx, login string) (name, office string, err error) {
	err = tx.QueryRow(ctx, `SELECT name, office FROM app_user WHERE login = $1 FOR UPDATE`, login).Scan(&name, &office)
	return name, office, unknownUser(err, login)
}

// unknownUser turns "no row" into the error that a reader understands.
func unknownUser(err error, login string) error {
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return errs.New(errs.NotFound, "AUTH_USER_UNKNOWN", "login", login)
	case err != nil:
		return fmt.Errorf("user %s: %w", login, err)
	}
	return nil
}

func disableUser(ctx context.Context, tx pgx.Tx, login string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE app_user SET disabled_at = $2 WHERE login = $1 AND disabled_at IS NULL`, login, at)
	if err != nil {
		return fmt.Errorf("disable user %s: %w", login, err)
	}
	return nil
}

// lastRight is when the right was last given or taken, and whether it is held;
// the zero time if neither ever happened.
func lastRight(ctx context.Context, tx pgx.Tx, login string, r Right) (at time.Time, given bool, err error) {
	err = tx.QueryRow(ctx, `
		SELECT given_at, given FROM user_right WHERE login = $1 AND right_code = $2
		ORDER BY given_at DESC LIMIT 1`, login, r).Scan(&at, &given)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("right %s of %s: %w", r, login, err)
	}
	return at, given, nil
}

// insertRight appends a row and its leaf.
func insertRight(ctx context.Context, tx pgx.Tx, c Change) error {
	id, err := db.NextID(ctx, tx, "user_right_id_seq")
	if err != nil {
		return err
	}
	c.ID = id
	_, err = tx.Exec(ctx, `
		INSERT INTO user_right (id, login, right_code, given_at, given_by, given) VALUES ($1, $2, $3, $4, $5, $6)`,
		c.ID, c.Login, c.Right, c.At, c.By, c.Given)
	if err != nil {
		return fmt.Errorf("right %s of %s: %w", c.Right, c.Login, err)
	}
	return proof.Append(ctx, tx, proof.ItemOf(RightLeaf(c), c.ID))
}

func selectUser(ctx context.Context, q db.Querier, login string) (User, error) {
	rows, err := q.Query(ctx, `
		SELECT login, name, office, created_at, disabled_at FROM app_user WHERE login = $1`, login)
	if err != nil {
		return User{}, unknownUser(err, login)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[userRow])
	if err != nil {
		return User{}, unknownUser(err, login)
	}
	held, err := selectHeld(ctx, q, `
		SELECT r.login, r.right_code FROM user_right r
		WHERE r.login = $1 AND r.right_code <> 'login' AND r.given AND r.given_at = (
			SELECT max(l.given_at) FROM user_right l WHERE l.login = r.login AND l.right_code = r.right_code)
		ORDER BY r.right_code`, login)
	if err != nil {
		return User{}, err
	}
	return row.user(held[login]), nil
}

func selectUsers(ctx context.Context, q db.Querier) ([]User, error) {
	held, err := selectHeld(ctx, q, `
		SELECT r.login, r.right_code FROM user_right r
		WHERE r.right_code <> 'login' AND r.given AND r.given_at = (
			SELECT max(l.given_at) FROM user_right l WHERE l.login = r.login AND l.right_code = r.right_code)
		ORDER BY r.login, r.right_code`)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `
		SELECT login, name, office, created_at, disabled_at FROM app_user ORDER BY office, login`)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[userRow])
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	users := make([]User, 0, len(found))
	for _, row := range found {
		users = append(users, row.user(held[row.Login]))
	}
	return users, nil
}

// selectHeld is the rights held now, by login.
func selectHeld(ctx context.Context, q db.Querier, sql string, args ...any) (map[string][]Right, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("list rights: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[heldRow])
	if err != nil {
		return nil, fmt.Errorf("list rights: %w", err)
	}
	held := map[string][]Right{}
	for _, h := range found {
		held[h.Login] = append(held[h.Login], Right(h.RightCode))
	}
	return held, nil
}

func (r userRow) user(rights []Right) User {
	return User{Login: r.Login, Name: r.Name, Office: r.Office, CreatedAt: r.CreatedAt, DisabledAt: r.DisabledAt, Rights: rights}
}
