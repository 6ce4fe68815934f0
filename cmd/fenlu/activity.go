package main

import (
	"fmt"
	"io"
	"time"

	"fenlu/events"
	"fenlu/internal/clock"
)

// activityCmd shows the activity log, oldest first.
type activityCmd struct {
	Subject string `help:"help_activity_subject" placeholder:"batch:1"`
	After   int64  `help:"help_activity_after"`
	Limit   int    `default:"100" help:"help_activity_limit"`
}

// Run shows a page of the log.
func (c activityCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		if err := s.Drain(a.ctx); err != nil {
			return err
		}
		page, err := events.Activity(a.ctx, s.DB.Pool(), events.Filter{Subject: c.Subject, AfterID: c.After, Limit: c.Limit + 1})
		if err != nil {
			return err
		}
		more := len(page) > c.Limit
		if more {
			page = page[:c.Limit]
		}
		return a.Result(map[string]any{"entries": page, "more": more}, func(w io.Writer) {
			if len(page) == 0 {
				_, _ = fmt.Fprintln(w, a.T("activity.empty"))
			}
			for _, e := range page {
				_, _ = fmt.Fprintf(w, "%s  %s\n", e.HappenedAt.In(clock.Shanghai).Format(time.DateTime), e.Sentence(a.Lang))
			}
			if more {
				_, _ = fmt.Fprintln(w, a.T("activity.more", "after", page[len(page)-1].ID))
			}
		})
	})
}
