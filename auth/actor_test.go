package auth_test

import (
	"errors"
	"testing"

	"fenlu/auth"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

func TestRequire(t *testing.T) {
	t.Parallel()
	checker := auth.Actor{Login: "liu.fang", Name: "刘芳", Office: "青禾县民政局", Rights: auth.NewRights(auth.BatchCheck)}
	t.Run("gives the actor who has the right", func(t *testing.T) {
		t.Parallel()
		got, err := auth.Require(auth.WithActor(t.Context(), checker), auth.BatchCheck)
		if err != nil || got.Login != checker.Login {
			t.Fatalf("got %+v, %v", got, err)
		}
	})
	t.Run("refuses, naming the person and the right", func(t *testing.T) {
		t.Parallel()
		_, err := auth.Require(auth.WithActor(t.Context(), checker), auth.BatchApprove)
		wantCode(t, err, errs.Refused, "AUTH_RIGHT_MISSING")
		want := "青禾县民政局 刘芳（liu.fang）没有权限 batch.approve，操作未执行。请由有此权限的人办理，或请用户管理员授权。"
		if got := i18n.Error(i18n.ZH, err); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
	t.Run("refuses where nobody acts", func(t *testing.T) {
		t.Parallel()
		_, err := auth.Require(t.Context(), auth.BatchCheck)
		wantCode(t, err, errs.Refused, "AUTH_NO_ACTOR")
	})
	t.Run("goes by the rights as they were put into the context", func(t *testing.T) {
		t.Parallel()
		rights := auth.NewRights(auth.BatchCheck)
		ctx := auth.WithActor(t.Context(), auth.Actor{Login: "a1", Rights: rights})
		rights[auth.BatchApprove] = true
		_, err := auth.Require(ctx, auth.BatchApprove)
		wantCode(t, err, errs.Refused, "AUTH_RIGHT_MISSING")
	})
}

func TestRightsHaveNames(t *testing.T) {
	t.Parallel()
	for _, r := range auth.All() {
		if code := "auth.right." + string(r); !i18n.Has(code) {
			t.Errorf("no text %s", code)
		}
	}
}

// wantCode fails unless err has the kind and the code.
func wantCode(t *testing.T, err error, kind errs.Kind, code string) {
	t.Helper()
	if _, ok := errors.AsType[*errs.Error](err); !ok || errs.KindOf(err) != kind || errs.CodeOf(err) != code {
		t.Fatalf("got error %v, want kind %d code %s", err, kind, code)
	}
	if !i18n.Has(code) {
		t.Errorf("no text %s", code)
	}
}
