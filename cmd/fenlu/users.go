package main

import (
	"fmt"
	"io"
	"strings"

	"fenlu/internal/i18n"
)

// usersCmd is `fenlu users`: who may do what, and for whom.
type usersCmd struct {
	List        usersListCmd        `cmd:"" default:"1" help:"help_users_list"`
	Delegate    usersDelegateCmd    `cmd:"" help:"help_users_delegate"`
	End         usersEndCmd         `cmd:"" name:"end-delegation" help:"help_users_end"`
	Delegations usersDelegationsCmd `cmd:"" help:"help_users_delegations"`
}

// usersListCmd lists the users and what they may do.
type usersListCmd struct{}

// Run lists the users.
func (usersListCmd) Run(a *app) error {
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
