package main

import (
	"context"
	"io"
	"strconv"
	"time"

	"fenlu/auth"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
)

// usersDelegateCmd hands a right on for some days.
type usersDelegateCmd struct {
	To     string `arg:"" help:"help_users_to"`
	Right  string `required:"" help:"help_users_right"`
	From   string `placeholder:"2026-10-09" help:"help_users_from"`
	Until  string `required:"" placeholder:"2026-10-20" help:"help_users_until"`
	Reason string `required:"" help:"help_batch_reason"`
}

// Run records the delegation.
func (c usersDelegateCmd) Run(a *app) error {
	from, err := a.dayOr(c.From)
	if err != nil {
		return err
	}
	until, err := parseDay(c.Until)
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		d, replay, err := s.Auth.Delegate(ctx, auth.NewDelegation{To: c.To, Right: auth.Right(c.Right), From: from, Until: until, Reason: c.Reason})
		if err != nil {
			return err
		}
		return a.Result(map[string]any{"delegation": d, "replay": replay}, func(w io.Writer) {
			a.say(w, replay, "users.delegated", "from", d.Giver, "to", d.To, "right", i18n.Term(a.Lang, "auth.right", string(d.Right)),
				"first", d.From.Format(time.DateOnly), "last", d.Until.Format(time.DateOnly), "id", d.ID)
		})
	})
}

// usersEndCmd takes a delegation back.
type usersEndCmd struct {
	ID     int64  `arg:"" help:"help_users_delegation"`
	Reason string `required:"" help:"help_batch_reason"`
}

// Run takes the delegation back from today on.
func (c usersEndCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		if err := s.Auth.EndDelegation(ctx, c.ID, c.Reason); err != nil {
			return err
		}
		return a.Result(map[string]any{"delegation": c.ID}, func(w io.Writer) { a.say(w, false, "users.delegation_ended", "id", c.ID) })
	})
}

// usersDelegationsCmd lists all delegations.
type usersDelegationsCmd struct{}

// Run lists them, with what was taken back.
func (usersDelegationsCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		all, err := s.Auth.Delegations(a.ctx, s.DB.Pool())
		if err != nil {
			return err
		}
		var failed error
		return firstError(a.Result(map[string]any{"delegations": all}, func(w io.Writer) {
			if len(all) == 0 {
				a.say(w, false, "users.no_delegations")
				return
			}
			t := table.New("", headed(a.Lang, ">delegation_id", "delegation_from", "delegation_to", "delegation_right", "from_on", "delegation_until", "about")...)
			for _, d := range all {
				about := d.Reason
				if d.Ends != 0 {
					about = a.T("users.takes_back", "id", d.Ends) + about
				}
				t.Add(strconv.FormatInt(d.ID, 10), d.Giver, d.To, i18n.Term(a.Lang, "auth.right", string(d.Right)), d.From.Format(time.DateOnly), d.Until.Format(time.DateOnly), about)
			}
			failed = t.Write(w)
		}), &failed)
	})
}
