package auth

import (
	"context"
	"maps"

	"fenlu/internal/errs"
)

// Rights is the set of rights that somebody holds.
type Rights map[Right]bool

// NewRights is the set of the rights given.
func NewRights(rights ...Right) Rights {
	set := Rights{}
	for _, r := range rights {
		set[r] = true
	}
	return set
}

// Actor is the user on whose behalf a call runs (操作人).
type Actor struct {
	Login  string
	Name   string
	Office string // the office they work in (单位)
	Rights Rights // as they were when the actor was loaded

	For map[Right]Principal // rights of others that are in their hands today
}

// Principal is on whose behalf somebody acts (委托人).
type Principal struct {
	Login  string
	Name   string
	Office string
}

// Has says whether the actor holds the right, or has it in their hands.
func (a Actor) Has(r Right) bool { return a.Rights[r] || a.For[r].Login != "" }

// ActsFor is on whose behalf the actor uses a right: somebody else where they
// have it by delegation, else themselves.
func (a Actor) ActsFor(r Right) Principal {
	if p := a.For[r]; p.Login != "" && !a.Rights[r] {
		return p
	}
	return Principal{Login: a.Login, Name: a.Name, Office: a.Office}
}

type actorKey struct{}

// WithActor is a context in which a acts. The rights are copied: what the
// caller does to its set later changes nothing here.
func WithActor(ctx context.Context, a Actor) context.Context {
	a.Rights, a.For = maps.Clone(a.Rights), maps.Clone(a.For)
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom is who acts in ctx, and whether anybody does.
func ActorFrom(ctx context.Context) (Actor, bool) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	return a, ok
}

// Require is who acts in ctx, provided they hold the right. Errors, both
// Refused: AUTH_NO_ACTOR when nobody acts; AUTH_RIGHT_MISSING, which names the
// person and the right.
func Require(ctx context.Context, r Right) (Actor, error) {
	a, ok := ActorFrom(ctx)
	if !ok {
		return Actor{}, errs.New(errs.Refused, "AUTH_NO_ACTOR", "right", r)
	}
	if !a.Has(r) {
		return Actor{}, errs.New(errs.Refused, "AUTH_RIGHT_MISSING", "name", a.Name, "login", a.Login, "office", a.Office, "right", r)
	}
	return a, nil
}
