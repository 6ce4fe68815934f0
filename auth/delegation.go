package auth

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// NewDelegation is what it takes to hand a right on.
type NewDelegation struct {
	To     string    `json:"to" validate:"login"`
	Right  Right     `json:"right"`
	From   time.Time `json:"valid_from" validate:"required"`
	Until  time.Time `json:"valid_to" validate:"required"` // the last day
	Reason string    `json:"reason" validate:"required,max=200,no_personal_number"`
}

// Delegation is a right in somebody else's hands for some days (委托代办). Who
// acts by it acts for its giver: together they take one step of a chain.
type Delegation struct {
	ID     int64     `json:"id"`
	Giver  string    `json:"from"` // a login
	To     string    `json:"to"`   // a login
	Right  Right     `json:"right"`
	From   time.Time `json:"valid_from"`
	Until  time.Time `json:"valid_to"`
	Reason string    `json:"reason"`
	Ends   int64     `json:"ends,omitempty"` // the delegation that this one takes back; 0: none
	At     time.Time `json:"recorded_at"`
}

// DelegationLeaf is the leaf of a delegation.
func DelegationLeaf(d Delegation) *leaf.Leaf {
	return leaf.New(string(proof.KindDelegation), 1).Int("id", d.ID).Text("from", d.Giver).Text("to", d.To).Text("right", string(d.Right)).
		Date("valid_from", d.From).Date("valid_to", d.Until).Text("reason", d.Reason).Int("ends", d.Ends).Time("at", d.At)
}

// Delegable are the rights that may be handed on: the steps of approval chains.
// Managing users, seeing numbers in clear and auditing stay with the person.
func Delegable() []Right {
	return []Right{BatchMake, BatchCheck, BatchReview, BatchApprove, BatchRelease, BatchClose, ReserveDraw, ReserveConfirm, ListMake, ListApprove}
}

// Delegate hands a right of the actor's to somebody else for some days. Who
// holds a right by delegation cannot hand it on. The same again changes nothing.
//
// Errors: AUTH_NO_ACTOR, AUTH_RIGHT_MISSING; VALID_PROBLEMS; Invalid
// AUTH_DELEGATION_RIGHT, AUTH_DELEGATION_DAYS; AUTH_USER_UNKNOWN,
// AUTH_USER_DISABLED; Refused AUTH_DELEGATION_SELF, AUTH_DELEGATION_HELD (they
// have the right themselves) and AUTH_DELEGATION_OVERLAP (somebody else's right
// is in their hands for one of the days).
func (s *Service) Delegate(ctx context.Context, n NewDelegation) (Delegation, bool, error) {
	n.From, n.Until = clock.Date(n.From), clock.Date(n.Until)
	if err := s.valid.Check(n); err != nil {
		return Delegation{}, false, err
	}
	if !slices.Contains(Delegable(), n.Right) {
		return Delegation{}, false, errs.New(errs.Invalid, "AUTH_DELEGATION_RIGHT", "right", n.Right)
	}
	giver, ok := ActorFrom(ctx)
	if !ok || !giver.Rights[n.Right] {
		_, err := Require(WithActor(ctx, Actor{Login: giver.Login, Name: giver.Name, Office: giver.Office}), n.Right)
		return Delegation{}, false, err
	}
	if n.Until.Before(n.From) || n.Until.Before(clock.Date(s.clock.Now())) {
		return Delegation{}, false, wrongDays(n)
	}
	var d Delegation
	var replay bool
	err := s.db.Run(ctx, func(tx pgx.Tx) (err error) {
		d, replay, err = s.delegate(ctx, tx, giver, n)
		return err
	})
	return d, replay, err
}

func wrongDays(n NewDelegation) error {
	return errs.New(errs.Invalid, "AUTH_DELEGATION_DAYS", "from", n.From.Format(time.DateOnly), "to", n.Until.Format(time.DateOnly))
}

func (s *Service) delegate(ctx context.Context, tx pgx.Tx, giver Actor, n NewDelegation) (Delegation, bool, error) {
	if giver.Login == n.To {
		return Delegation{}, false, errs.New(errs.Refused, "AUTH_DELEGATION_SELF", "name", giver.Name)
	}
	if _, _, err := lockUser(ctx, tx, n.To); err != nil {
		return Delegation{}, false, err
	}
	to, err := s.Load(ctx, tx, n.To)
	if err != nil {
		return Delegation{}, false, err
	}
	if to.Rights[n.Right] {
		return Delegation{}, false, errs.New(errs.Refused, "AUTH_DELEGATION_HELD", "name", to.Name, "right", n.Right)
	}
	held, err := delegationsTo(ctx, tx, n.To, []Right{n.Right}, n.From)
	if err != nil {
		return Delegation{}, false, err
	}
	for _, d := range held {
		if d.Giver == giver.Login && d.From.Equal(n.From) && d.Until.Equal(n.Until) {
			return d, true, nil
		}
	}
	if n.From.Before(clock.Date(s.clock.Now())) { // what was done before was not done for anybody
		return Delegation{}, false, wrongDays(n)
	}
	for _, d := range held {
		if !d.From.After(n.Until) {
			return Delegation{}, false, errs.New(errs.Refused, "AUTH_DELEGATION_OVERLAP", "name", to.Name, "right", n.Right, "giver", d.Giver,
				"from", d.From.Format(time.DateOnly), "to", d.Until.Format(time.DateOnly))
		}
	}
	d := Delegation{Giver: giver.Login, To: n.To, Right: n.Right, From: n.From, Until: n.Until, Reason: n.Reason, At: s.clock.Now()}
	d.ID, err = insertDelegation(ctx, tx, d)
	return d, false, err
}

// EndDelegation takes a delegation back from today on: its giver does, or who
// manages users. Again, it changes nothing. Errors: AUTH_NO_ACTOR,
// AUTH_RIGHT_MISSING; VALID_PROBLEMS; AUTH_DELEGATION_UNKNOWN (NotFound).
func (s *Service) EndDelegation(ctx context.Context, id int64, reason string) error {
	reason = strings.TrimSpace(reason)
	if err := s.valid.Check(struct {
		Reason string `name:"reason" validate:"required,max=200,no_personal_number"`
	}{reason}); err != nil {
		return err
	}
	by, ok := ActorFrom(ctx)
	return s.db.Run(ctx, func(tx pgx.Tx) error {
		d, err := delegationByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if !ok || by.Login != d.Giver {
			if _, err := Require(ctx, UsersManage); err != nil {
				return err
			}
		}
		if _, _, err := lockUser(ctx, tx, d.To); err != nil {
			return err
		}
		ended, err := delegationEnded(ctx, tx, id)
		if err != nil || ended {
			return err
		}
		today := clock.Date(s.clock.Now())
		end := Delegation{Giver: d.Giver, To: d.To, Right: d.Right, From: today, Until: maxDay(today, d.Until), Reason: reason, Ends: id, At: s.clock.Now()}
		_, err = insertDelegation(ctx, tx, end)
		return err
	})
}

func maxDay(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// actsFor adds to an actor what others have put into their hands today.
func (s *Service) actsFor(ctx context.Context, q db.Querier, a Actor) (Actor, error) {
	today := clock.Date(s.clock.Now())
	missing := slices.DeleteFunc(Delegable(), func(r Right) bool { return a.Rights[r] })
	held, err := delegationsTo(ctx, q, a.Login, missing, today)
	if err != nil {
		return a, err
	}
	for _, d := range held {
		if d.From.After(today) {
			continue
		}
		giver, err := selectUser(ctx, q, d.Giver)
		if err != nil {
			return a, err
		}
		if giver.DisabledAt != nil || !slices.Contains(giver.Rights, d.Right) {
			continue
		}
		if a.For == nil {
			a.For = map[Right]Principal{}
		}
		a.For[d.Right] = Principal{Login: giver.Login, Name: giver.Name, Office: giver.Office}
	}
	return a, nil
}
