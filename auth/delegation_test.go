package auth_test

import (
	"strings"
	"testing"
	"time"

	"fenlu/auth"
	"fenlu/internal/errs"
)

var second = auth.NewUser{Login: "li.hua", Name: "李华", Office: "青禾县财政局"}

// handed is managed with a clerk who may check, and a second user.
func handed(t *testing.T) house {
	t.Helper()
	h, ctx := managed(t)
	must(t, h.AddUser(ctx, second))
	must(t, h.Grant(ctx, clerk.Login, auth.BatchCheck))
	return h
}

func (h house) hand(t *testing.T, from, to, until string, r auth.Right) (auth.Delegation, bool, error) {
	t.Helper()
	return h.handFrom(t, "2026-10-09", from, to, until, r)
}

func (h house) handFrom(t *testing.T, day, from, to, until string, r auth.Right) (auth.Delegation, bool, error) {
	t.Helper()
	first, last := parse(t, day), parse(t, until)
	return h.Delegate(h.as(t, from), auth.NewDelegation{To: to, Right: r, From: first, Until: last, Reason: "年休"})
}

func parse(t *testing.T, day string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, day)
	must(t, err)
	return d
}

func TestDelegate_for_some_days(t *testing.T) {
	t.Parallel()
	h := handed(t)
	if _, err := auth.Require(h.as(t, second.Login), auth.BatchCheck); errs.CodeOf(err) != "AUTH_RIGHT_MISSING" {
		t.Fatalf("before: %v", err)
	}
	d, _, err := h.hand(t, clerk.Login, second.Login, "2026-10-20", auth.BatchCheck)
	must(t, err)
	again, replay, err := h.hand(t, clerk.Login, second.Login, "2026-10-20", auth.BatchCheck)
	if err != nil || !replay || again.ID != d.ID {
		t.Errorf("the same again: %+v, %v, %v", again, replay, err)
	}
	actor, err := auth.Require(h.as(t, second.Login), auth.BatchCheck)
	if err != nil || actor.Login != second.Login || actor.ActsFor(auth.BatchCheck).Login != clerk.Login || actor.ActsFor(auth.BatchCheck).Office != clerk.Office {
		t.Errorf("%+v, %v", actor, err)
	}
	if who := actor.ActsFor(auth.BatchMake); who.Login != second.Login {
		t.Errorf("for another right acts for %s", who.Login)
	}
	for at, want := range map[string]string{"2026-10-08T12:00:00Z": "", "2026-10-09T12:00:00Z": clerk.Login, "2026-10-20T12:00:00Z": clerk.Login, "2026-10-21T12:00:00Z": ""} {
		moment, errTime := time.Parse(time.RFC3339, at)
		must(t, errTime)
		if got, err := auth.ActedFor(t.Context(), h.db.Pool(), second.Login, auth.BatchCheck, moment); err != nil || got != want {
			t.Errorf("at %s acted for %q, %v", at, got, err)
		}
	}
	h.clock.Set(start.AddDate(0, 0, 12))
	if _, err := auth.Require(h.as(t, second.Login), auth.BatchCheck); errs.CodeOf(err) != "AUTH_RIGHT_MISSING" {
		t.Errorf("after the last day: %v", err)
	}
}

func TestDelegate_refuses(t *testing.T) {
	t.Parallel()
	h := handed(t)
	for _, tt := range []struct {
		name, from, to, until, code string
		right                       auth.Right
	}{
		{"a right that one does not have", second.Login, manager.Login, "2026-10-20", "AUTH_RIGHT_MISSING", auth.BatchCheck},
		{"managing users", manager.Login, second.Login, "2026-10-20", "AUTH_DELEGATION_RIGHT", auth.UsersManage},
		{"to oneself", clerk.Login, clerk.Login, "2026-10-20", "AUTH_DELEGATION_SELF", auth.BatchCheck},
		{"to nobody", clerk.Login, "nobody", "2026-10-20", "AUTH_USER_UNKNOWN", auth.BatchCheck},
		{"until yesterday", clerk.Login, second.Login, "2026-10-08", "AUTH_DELEGATION_DAYS", auth.BatchCheck},
	} {
		if _, _, err := h.hand(t, tt.from, tt.to, tt.until, tt.right); errs.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	_, _, err := h.hand(t, clerk.Login, second.Login, "2026-10-20", auth.BatchCheck)
	must(t, err)
	if _, _, err := h.hand(t, second.Login, manager.Login, "2026-10-20", auth.BatchCheck); errs.CodeOf(err) != "AUTH_RIGHT_MISSING" {
		t.Errorf("what one has by delegation is handed on: %v", err)
	}
	must(t, h.Grant(h.as(t, manager.Login), manager2(t, h), auth.BatchCheck))
	if _, _, err := h.hand(t, "zhao.yi", second.Login, "2026-10-12", auth.BatchCheck); errs.CodeOf(err) != "AUTH_DELEGATION_OVERLAP" {
		t.Errorf("for two persons at once: %v", err)
	}
	if _, _, err := h.hand(t, "zhao.yi", clerk.Login, "2026-10-12", auth.BatchCheck); errs.CodeOf(err) != "AUTH_DELEGATION_HELD" {
		t.Errorf("to somebody who has it: %v", err)
	}
}

// manager2 is one more user.
func manager2(t *testing.T, h house) string {
	t.Helper()
	must(t, h.AddUser(h.as(t, manager.Login), auth.NewUser{Login: "zhao.yi", Name: "赵一", Office: "青禾县民政局"}))
	return "zhao.yi"
}

func TestEndDelegation(t *testing.T) {
	t.Parallel()
	h := handed(t)
	d, _, err := h.hand(t, clerk.Login, second.Login, "2026-10-20", auth.BatchCheck)
	must(t, err)
	if err := h.EndDelegation(h.as(t, second.Login), d.ID, "回岗"); errs.CodeOf(err) != "AUTH_RIGHT_MISSING" {
		t.Errorf("by who has it: %v", err)
	}
	for _, reason := range []string{" ", "身份证991301194912310022", strings.Repeat("长", 201)} {
		if err := h.EndDelegation(h.as(t, clerk.Login), d.ID, reason); errs.CodeOf(err) != "VALID_PROBLEMS" {
			t.Errorf("reason %q: %v", reason, err)
		}
	}
	must(t, h.EndDelegation(h.as(t, clerk.Login), d.ID, "回岗"))
	must(t, h.EndDelegation(h.as(t, clerk.Login), d.ID, "回岗"))
	if _, err := auth.Require(h.as(t, second.Login), auth.BatchCheck); errs.CodeOf(err) != "AUTH_RIGHT_MISSING" {
		t.Errorf("taken back, and yet: %v", err)
	}
	if err := h.EndDelegation(h.as(t, manager.Login), d.ID+5, "回岗"); errs.CodeOf(err) != "AUTH_DELEGATION_UNKNOWN" {
		t.Errorf("one that never was: %v", err)
	}
	all, err := h.Delegations(t.Context(), h.db.Pool())
	if err != nil || len(all) != 2 || all[1].Ends != d.ID {
		t.Errorf("%+v, %v", all, err)
	}
	owner := h.env.Owner(t)
	for _, sql := range []string{`UPDATE delegation SET to_login = 'zhao.yi' WHERE ends IS NULL`, `UPDATE delegation SET valid_to = '2030-01-01' WHERE ends IS NULL`} {
		tx, err := owner.Begin(t.Context())
		must(t, err)
		_, err = tx.Exec(t.Context(), sql)
		must(t, err)
		found, err := auth.Verify(t.Context(), tx)
		if err != nil || len(found) != 1 || found[0].Check != "delegation_leaf" {
			t.Errorf("%s: %+v, %v", sql, found, err)
		}
		must(t, tx.Rollback(t.Context()))
	}
}

// TestSamePerson_goes_by_the_moment: what was done under a delegation stays done
// for its giver when it is taken back the same day.
func TestSamePerson_goes_by_the_moment(t *testing.T) {
	t.Parallel()
	h := handed(t)
	acting := func(login string) auth.Actor {
		a, err := h.Load(t.Context(), h.db.Pool(), login)
		must(t, err)
		return a
	}
	same := func(at time.Time, login string) bool {
		is, err := auth.SamePerson(t.Context(), h.db.Pool(), auth.Took{Login: second.Login, Right: auth.BatchCheck, At: at}, acting(login), auth.BatchApprove)
		must(t, err)
		return is
	}
	before := start.Add(-time.Minute)
	d, _, err := h.hand(t, clerk.Login, second.Login, "2026-10-20", auth.BatchCheck)
	must(t, err)
	h.clock.Set(start.Add(time.Hour))
	must(t, h.EndDelegation(h.as(t, clerk.Login), d.ID, "回岗"))
	h.clock.Set(start.Add(2 * time.Hour))
	for at, want := range map[time.Time]bool{before: false, start: true, start.Add(time.Minute): true, start.Add(time.Hour): true, start.Add(61 * time.Minute): false} {
		if got := same(at, clerk.Login); got != want {
			t.Errorf("%s: the giver is the same person: %v", at, got)
		}
	}
	if !same(before, second.Login) || same(start, manager.Login) {
		t.Error("somebody is not who they are")
	}
	if is, err := auth.SamePerson(t.Context(), h.db.Pool(), auth.Took{}, auth.Actor{}, auth.BatchApprove); err != nil || is {
		t.Errorf("nobody is somebody: %v", err)
	}
	if _, _, err := h.handFrom(t, "2026-10-08", clerk.Login, second.Login, "2026-10-20", auth.BatchCheck); errs.CodeOf(err) != "AUTH_DELEGATION_DAYS" {
		t.Errorf("from yesterday on: %v", err)
	}
}
