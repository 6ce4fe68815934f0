package auth_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/pgtest"
)

var (
	start   = time.Date(2026, 10, 9, 1, 0, 0, 0, time.UTC)
	manager = auth.NewUser{Login: "guan.li", Name: "管理", Office: "青禾县民政局"}
	clerk   = auth.NewUser{Login: "wang.min", Name: "王敏", Office: "青禾县民政局"}
)

type house struct {
	*auth.Service
	db    *db.DB
	clock *clock.Manual
	env   *pgtest.Env
}

// setup is an empty database with the service on it; the clock stands still.
func setup(t *testing.T) house {
	t.Helper()
	env := pgtest.NewEnv(t)
	h := house{db: env.Open(t), clock: clock.NewManual(start), env: env}
	h.Service = auth.New(h.db, h.clock)
	return h
}

func (h house) bootstrap(ctx context.Context, u auth.NewUser, rights ...auth.Right) error {
	return h.db.Run(ctx, func(tx pgx.Tx) error { return h.NewBootstrapUser(ctx, tx, u, rights...) })
}

// as is a context in which the user acts, without the way through ActAs.
func (h house) as(t *testing.T, login string) context.Context {
	t.Helper()
	a, err := h.Load(t.Context(), h.db.Pool(), login)
	if err != nil {
		t.Fatal(err)
	}
	return auth.WithActor(t.Context(), a)
}

// managed is setup with a first user and a clerk; the context is the first user's.
func managed(t *testing.T) (house, context.Context) {
	t.Helper()
	h := setup(t)
	must(t, h.bootstrap(t.Context(), manager))
	ctx := h.as(t, manager.Login)
	must(t, h.AddUser(ctx, clerk))
	return h, ctx
}

func TestRightsAreAppendedAndTheLastCounts(t *testing.T) {
	t.Parallel()
	h, ctx := managed(t)
	// The clock stands still all the while.
	must(t, h.Grant(ctx, clerk.Login, auth.BatchMake))
	must(t, h.Grant(ctx, clerk.Login, auth.BatchMake))
	must(t, h.Grant(ctx, clerk.Login, auth.Reconcile))
	must(t, h.Revoke(ctx, clerk.Login, auth.BatchMake))
	must(t, h.Revoke(ctx, clerk.Login, auth.AuditRead))
	wantRights(t, h, auth.Reconcile)
	must(t, h.Grant(ctx, clerk.Login, auth.BatchMake))
	wantRights(t, h, auth.Reconcile, auth.BatchMake)

	type row struct {
		Code  string
		Given bool
		By    string
	}
	rows, err := h.db.Pool().Query(ctx, `
		SELECT right_code AS code, given, given_by AS by FROM user_right WHERE login = $1 ORDER BY right_code, given_at`, clerk.Login)
	must(t, err)
	got, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	must(t, err)
	by := manager.Login
	want := []row{{"batch.make", true, by}, {"batch.make", false, by}, {"batch.make", true, by}, {"login", true, by}, {"reconcile", true, by}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func wantRights(t *testing.T, h house, want ...auth.Right) {
	t.Helper()
	a, err := h.Load(t.Context(), h.db.Pool(), clerk.Login)
	must(t, err)
	if d := cmp.Diff(auth.NewRights(want...), a.Rights); d != "" {
		t.Error(d)
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	h, ctx := managed(t)
	must(t, h.AddUser(ctx, auth.NewUser{Login: "zhao.lei", Name: "赵磊", Office: "柳河镇"}))
	must(t, h.Grant(ctx, "zhao.lei", auth.ReserveDraw))
	h.clock.Set(start.Add(time.Hour))
	must(t, h.Disable(ctx, clerk.Login))
	h.clock.Set(start.Add(2 * time.Hour))
	must(t, h.Disable(ctx, clerk.Login))
	got, err := h.Users(ctx, h.db.Pool())
	must(t, err)
	later := start.Add(time.Hour)
	want := []auth.User{
		{Login: "zhao.lei", Name: "赵磊", Office: "柳河镇", CreatedAt: start, Rights: []auth.Right{auth.ReserveDraw}},
		{Login: "guan.li", Name: "管理", Office: "青禾县民政局", CreatedAt: start, Rights: []auth.Right{auth.UsersManage}},
		{Login: "wang.min", Name: "王敏", Office: "青禾县民政局", CreatedAt: start, DisabledAt: &later},
	}
	byLogin := func(users []auth.User) map[string]auth.User {
		m := map[string]auth.User{}
		for _, u := range users {
			m[u.Login] = u
		}
		return m
	}
	if d := cmp.Diff(byLogin(want), byLogin(got)); d != "" || len(got) != len(want) {
		t.Error(len(got), d)
	}
	_, err = h.Load(ctx, h.db.Pool(), clerk.Login)
	wantCode(t, err, errs.Refused, "AUTH_USER_DISABLED")
}

func TestUserManagementRefuses(t *testing.T) {
	t.Parallel()
	h, ctx := managed(t)
	plain := h.as(t, clerk.Login)
	for name, c := range map[string]struct {
		err  error
		kind errs.Kind
		code string
	}{
		"adding without the right":         {h.AddUser(plain, auth.NewUser{Login: "x1", Name: "某", Office: "某"}), errs.Refused, "AUTH_RIGHT_MISSING"},
		"adding as nobody":                 {h.AddUser(t.Context(), auth.NewUser{Login: "x1", Name: "某", Office: "某"}), errs.Refused, "AUTH_NO_ACTOR"},
		"granting without the right":       {h.Grant(plain, manager.Login, auth.BatchMake), errs.Refused, "AUTH_RIGHT_MISSING"},
		"revoking without the right":       {h.Revoke(plain, manager.Login, auth.UsersManage), errs.Refused, "AUTH_RIGHT_MISSING"},
		"disabling without the right":      {h.Disable(plain, manager.Login), errs.Refused, "AUTH_RIGHT_MISSING"},
		"granting to oneself":              {h.Grant(ctx, manager.Login, auth.BatchMake), errs.Refused, "AUTH_SELF_GRANT"},
		"granting an unknown right":        {h.Grant(ctx, clerk.Login, "batch.everything"), errs.Invalid, "AUTH_RIGHT_UNKNOWN"},
		"granting to be a user":            {h.Grant(ctx, clerk.Login, "login"), errs.Invalid, "AUTH_RIGHT_UNKNOWN"},
		"granting to an unknown user":      {h.Grant(ctx, "nobody", auth.BatchMake), errs.NotFound, "AUTH_USER_UNKNOWN"},
		"disabling an unknown user":        {h.Disable(ctx, "nobody"), errs.NotFound, "AUTH_USER_UNKNOWN"},
		"a login that is taken":            {h.AddUser(ctx, clerk), errs.Conflict, "AUTH_USER_EXISTS"},
		"a second first user":              {h.bootstrap(ctx, auth.NewUser{Login: "x1", Name: "某", Office: "某"}), errs.Refused, "AUTH_NOT_FIRST"},
		"a first user with a wrong right":  {setup(t).bootstrap(ctx, manager, "all"), errs.Invalid, "AUTH_RIGHT_UNKNOWN"},
		"a user with nothing filled in":    {h.AddUser(ctx, auth.NewUser{}), errs.Invalid, "VALID_PROBLEMS"},
		"a login with blanks and capitals": {h.AddUser(ctx, auth.NewUser{Login: "Wang Min", Name: "某", Office: "某"}), errs.Invalid, "VALID_PROBLEMS"},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, c.err, c.kind, c.code) })
	}
	users, err := h.Users(t.Context(), h.db.Pool())
	if err != nil || len(users) != 2 {
		t.Errorf("%d users, %v: something refused was stored", len(users), err)
	}
}

func TestAddUserReportsAllProblems(t *testing.T) {
	t.Parallel()
	h, ctx := managed(t)
	err := h.AddUser(ctx, auth.NewUser{Login: "W", Name: "", Office: " 民政局"})
	e, _ := errors.AsType[*errs.Error](err)
	if e == nil || len(e.Fields) != 3 {
		t.Fatalf("got %v, want three fields", err)
	}
	for i, want := range []errs.Field{{Column: "login", Code: "VALID_LOGIN"}, {Column: "name", Code: "VALID_REQUIRED"}, {Column: "office", Code: "VALID_LABEL"}} {
		if e.Fields[i].Column != want.Column || e.Fields[i].Code != want.Code {
			t.Errorf("field %d: got %+v, want %+v", i, e.Fields[i], want)
		}
	}
}

func TestOnlyOneFirstUserUnderARace(t *testing.T) {
	t.Parallel()
	h := setup(t)
	logins := []string{"a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"}
	results := make([]error, len(logins))
	var wg sync.WaitGroup
	for i, login := range logins {
		wg.Go(func() {
			results[i] = h.bootstrap(t.Context(), auth.NewUser{Login: login, Name: "某", Office: "某"})
		})
	}
	wg.Wait()
	done := 0
	for _, err := range results {
		if err == nil {
			done++
			continue
		}
		wantCode(t, err, errs.Refused, "AUTH_NOT_FIRST")
	}
	users, err := h.Users(t.Context(), h.db.Pool())
	if done != 1 || err != nil || len(users) != 1 {
		t.Errorf("%d were first, %d users, %v", done, len(users), err)
	}
}

func TestRightsCannotBeEditedOrDeleted(t *testing.T) {
	t.Parallel()
	h, ctx := managed(t)
	must(t, h.Grant(ctx, clerk.Login, auth.BatchMake))
	for _, sql := range []string{
		`UPDATE user_right SET given = false`, `DELETE FROM user_right`,
		`UPDATE installation SET value = ''`, `DELETE FROM installation`, `DELETE FROM app_user`,
	} {
		if _, err := h.db.Pool().Exec(ctx, sql); err == nil {
			t.Errorf("the application may %s", sql)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
