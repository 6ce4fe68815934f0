package funds

import (
	"context"
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
	same, err := auth.SamePerson(ctx, q, auth.Took{Login: first.by, Right: first.right, At: first.at}, who, right)
	if err == nil && same {
		err = refusal
	}
	return err
}
