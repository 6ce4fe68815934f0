package events_test

import (
	"slices"
	"testing"

	"fenlu/events"
	"fenlu/internal/check"
	"fenlu/internal/i18n"
	"fenlu/internal/pgtest"
)

func TestVerify_names_the_entry_that_is_gone(t *testing.T) {
	t.Parallel()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	publish(t, d, "batch:1", "a")
	publish(t, d, "batch:2", "b")
	drain(t, relay(t, d, quick, events.ActivityLog()), 2)
	publish(t, d, "batch:3", "c") // waits
	if found, err := events.Verify(t.Context(), d.Pool()); err != nil || len(found) != 0 {
		t.Fatalf("before: %+v, %v", found, err)
	}
	owner := env.Owner(t)
	for sql, row := range map[string]string{
		`DELETE FROM activity WHERE subject = 'batch:1'`:                                                     "activity ?",
		`DELETE FROM inbox WHERE message = (SELECT message FROM activity WHERE id = 2)`:                      "activity 2",
		`UPDATE activity SET message = 99 WHERE id = 1`:                                                      "activity 1",
		`INSERT INTO activity SELECT 9, 77, topic, subject, payload, happened_at FROM activity WHERE id = 1`: "activity 9",
	} {
		tx, err := owner.Begin(t.Context())
		must(t, err)
		tag, err := tx.Exec(t.Context(), sql)
		must(t, err)
		found, err := events.Verify(t.Context(), tx)
		must(t, err)
		named := slices.ContainsFunc(found, func(f check.Finding) bool { return f.Check == "activity_inbox" && f.Row == row })
		if tag.RowsAffected() != 1 || !named {
			t.Errorf("%s: %s is not among %+v", sql, row, found)
		}
		must(t, tx.Rollback(t.Context()))
	}
	if !i18n.Has("check.activity_inbox") {
		t.Error("check.activity_inbox has no text")
	}
}
