package auth_test

import (
	"slices"
	"testing"

	"fenlu/auth"
	"fenlu/internal/check"
	"fenlu/internal/i18n"
)

func TestVerify_names_the_right_that_was_smuggled_in(t *testing.T) {
	t.Parallel()
	h, ctx := managed(t)
	must(t, h.Grant(ctx, clerk.Login, auth.BatchMake))
	must(t, h.Grant(ctx, clerk.Login, auth.BatchClose))
	must(t, h.Revoke(ctx, clerk.Login, auth.BatchClose))
	must(t, h.AddUser(ctx, auth.NewUser{Login: "zhao.lei", Name: "赵磊", Office: "柳河镇"}))
	must(t, h.Disable(ctx, "zhao.lei"))
	if found, err := auth.Verify(t.Context(), h.db.Pool()); err != nil || len(found) != 0 {
		t.Fatalf("before: %+v, %v", found, err)
	}
	owner := h.env.Owner(t)
	for name, c := range map[string]struct{ sql, check, row string }{
		"by nobody":           {`UPDATE user_right SET given_by = 'nobody' WHERE right_code = 'batch.make'`, "right_giver", "user_right wang.min/batch.make"},
		"by a clerk":          {`UPDATE user_right SET given_by = 'wang.min' WHERE right_code = 'batch.make'`, "right_giver", "user_right wang.min/batch.make"},
		"taken by nobody":     {`UPDATE user_right SET given_by = 'nobody' WHERE right_code = 'batch.close' AND NOT given`, "right_giver", "user_right wang.min/batch.close"},
		"to oneself":          {`UPDATE user_right SET given_by = 'wang.min' WHERE right_code = 'batch.make'`, "right_self", "user_right wang.min/batch.make"},
		"another first user":  {`UPDATE installation SET value = 'wang.min' WHERE name = 'first_user'`, "right_self", "user_right guan.li/users.manage"},
		"no first user":       {`DELETE FROM installation WHERE name = 'first_user'`, "right_self", "user_right guan.li/users.manage"},
		"another day":         {`UPDATE user_right SET given_at = given_at - interval '1 day' WHERE right_code = 'batch.make'`, "right_leaf", "user_right 4"},
		"another right":       {`UPDATE user_right SET right_code = 'batch.release' WHERE right_code = 'batch.make'`, "right_leaf", "user_right 4"},
		"given back":          {`UPDATE user_right SET given = true WHERE right_code = 'batch.close' AND NOT given`, "right_leaf", "user_right 6"},
		"a row taken out":     {`DELETE FROM user_right WHERE right_code = 'batch.close' AND NOT given`, "right_leaf", "user_right 6"},
		"a row put in":        {`INSERT INTO user_right SELECT 99, login, 'batch.release', given_at, given_by, given FROM user_right WHERE right_code = 'batch.make'`, "right_leaf", "user_right 99"},
		"a user's name":       {`UPDATE app_user SET name = '王明' WHERE login = 'wang.min'`, "right_leaf", "user_right 3"},
		"who works again":     {`UPDATE app_user SET disabled_at = NULL`, "user_stopped", "app_user zhao.lei"},
		"who was stopped":     {`UPDATE app_user SET disabled_at = now()`, "user_stopped", "app_user wang.min"},
		"another first day":   {`UPDATE installation SET recorded_at = recorded_at - interval '1 day'`, "installation_leaf", "installation 2"},
		"no fact":             {`DELETE FROM installation`, "installation_leaf", "installation 2"},
		"of those who manage": {`DELETE FROM user_right WHERE right_code = 'users.manage'`, "right_giver", "user_right wang.min/batch.make"},
	} {
		tx, err := owner.Begin(t.Context())
		must(t, err)
		_, err = tx.Exec(t.Context(), c.sql)
		must(t, err)
		found, err := auth.Verify(t.Context(), tx)
		must(t, err)
		if !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Check == c.check && f.Row == c.row }) {
			t.Errorf("%s: %s of %s is not among %+v", name, c.check, c.row, found)
		}
		if !i18n.Has("check." + c.check) {
			t.Errorf("check.%s has no text", c.check)
		}
		must(t, tx.Rollback(t.Context()))
	}
}
