package funds

import (
	"context"
	"slices"
	"time"

	"fenlu/auth"
	"fenlu/internal/db"
)

// step is what somebody did by a right at a moment.
type step struct {
	by    string // login
	right auth.Right
	at    time.Time
}

// secondPerson gives the refusal where who acts by a right is one person with
// whoever took the first step: themselves, or on whose behalf either of them acts
// (promise 7).
func secondPerson(ctx context.Context, q db.Querier, first step, who auth.Actor, right auth.Right, refusal error) error {
	mine := []string{who.Login, who.ActsFor(right).Login}
	if slices.Contains(mine, first.by) {
		return refusal
	}
	giver, err := auth.ActedFor(ctx, q, first.by, first.right, first.at)
	if err == nil && giver != "" && slices.Contains(mine, giver) {
		err = refusal
	}
	return err
}
