package main

import (
	"fmt"
	"io"
	"strings"

	"fenlu/internal/i18n"
)

// usersCmd lists the users and what they may do.
type usersCmd struct{}

// Run lists the users.
func (usersCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		users, err := s.Auth.Users(a.ctx, s.DB.Pool())
		if err != nil {
			return err
		}
		return a.Result(map[string]any{"users": users}, func(w io.Writer) {
			if len(users) == 0 {
				_, _ = fmt.Fprintln(w, a.T("users.empty"))
			}
			for _, u := range users {
				var rights []string
				for _, r := range u.Rights {
					rights = append(rights, i18n.Term(a.Lang, "auth.right", string(r)))
				}
				_, _ = fmt.Fprintf(w, "%-10s %s  %s  %s\n", u.Login, u.Name, u.Office, strings.Join(rights, "、"))
			}
		})
	})
}
