package proof_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/pgtest"
	"fenlu/ledger/proof"
)

func recordKey(t *testing.T, d *db.DB, k proof.Key) (added bool) {
	t.Helper()
	err := d.Run(t.Context(), func(tx pgx.Tx) (err error) {
		added, err = proof.AppendKey(t.Context(), tx, k)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return added
}

func TestAppendKey_is_a_leaf_once(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	first := proof.Key{ID: 1, VKey: "fenlu/1+00000000+AQ==", RecordedAt: nine}
	second := proof.Key{ID: 2, VKey: "fenlu/1+00000001+AQ==", Rotation: "note\n", RecordedAt: nine}
	for i, k := range []proof.Key{first, first, second} {
		if added := recordKey(t, d, k); added != (i != 1) {
			t.Errorf("%d: added %v", i, added)
		}
	}
	if found, err := proof.VerifyKeys(t.Context(), d.Pool()); err != nil || len(found) != 0 {
		t.Errorf("before the drain: %+v, %v", found, err)
	}
	drain(t, d, nine)
	place, err := proof.LastOf(t.Context(), d.Pool(), proof.KindKey, []int64{1, 2, 3})
	if err != nil || place.Last != 1 || place.Waiting != 1 {
		t.Errorf("place %+v, %v", place, err)
	}
	if keys, err := proof.Keys(t.Context(), d.Pool()); err != nil || len(keys) != 2 || keys[1].Rotation != "note\n" {
		t.Errorf("keys %+v, %v", keys, err)
	}
	if _, err := env.Owner(t).Exec(t.Context(), `UPDATE log_key SET vkey = 'fenlu/1+00000002+AQ==' WHERE id = 2`); err != nil {
		t.Fatal(err)
	}
	found, err := proof.VerifyKeys(t.Context(), d.Pool())
	if err != nil || len(found) != 1 || !strings.Contains(found[0].Row, "log_key 2") {
		t.Errorf("after a key was changed: %+v, %v", found, err)
	}
}
