package events_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/events"
	"fenlu/internal/pgtest"
)

func TestActivityPages(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	for _, code := range []string{"1a", "2a", "1b", "2b", "1c"} {
		publish(t, d, "batch:"+code[:1], code)
	}
	drain(t, relay(t, d, quick, events.ActivityLog()), 5)
	for name, c := range map[string]struct {
		filter events.Filter
		want   []string // pages, joined
	}{
		"everything, oldest first":   {events.Filter{Limit: 2}, []string{"1a 2a", "1b 2b", "1c"}},
		"everything, newest first":   {events.Filter{Limit: 2, Newest: true}, []string{"1c 2b", "1b 2a", "1a"}},
		"one subject, oldest first":  {events.Filter{Subject: "batch:1", Limit: 2}, []string{"1a 1b", "1c"}},
		"one subject, newest first":  {events.Filter{Subject: "batch:1", Limit: 2, Newest: true}, []string{"1c 1b", "1a"}},
		"a subject without a story":  {events.Filter{Subject: "batch:9"}, nil},
		"all on one page by default": {events.Filter{}, []string{"1a 2a 1b 2b 1c"}},
	} {
		t.Run(name, func(t *testing.T) {
			var pages []string
			for f := c.filter; ; {
				entries, err := events.Activity(t.Context(), d.Pool(), f)
				must(t, err)
				if len(entries) == 0 {
					break
				}
				var codes []string
				for _, e := range entries {
					codes = append(codes, e.Facts.Code)
				}
				pages = append(pages, strings.Join(codes, " "))
				f.AfterID = entries[len(entries)-1].ID
			}
			if diff := cmp.Diff(c.want, pages); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheLogCannotBeEditedOrDeleted(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	publish(t, d, "batch:1", "a")
	drain(t, relay(t, d, quick, events.ActivityLog()), 1)
	for _, sql := range []string{
		`UPDATE activity SET subject = ''`, `DELETE FROM activity`, `UPDATE inbox SET handler = ''`, `DELETE FROM inbox`,
		`UPDATE outbox SET topic = ''`,
	} {
		if _, err := d.Pool().Exec(t.Context(), sql); err == nil {
			t.Errorf("the application may %s", sql)
		}
	}
}
