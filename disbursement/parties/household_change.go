package parties

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
)

// Moving is a member who enters a household, or has another relation in his own.
type Moving struct {
	IDNumber ident.Secret   `json:"id_number"`
	Relation terms.Relation `json:"relation"`
}

// SplitHousehold takes members out of a household into a new one (分户). Where the
// head leaves, Stay says who is the head of the rest.
type SplitHousehold struct {
	Household string   // 户号
	New       string   // 新户号, of no household yet
	Leave     []Moving // exactly one of them is the head of the new one
	Stay      []Moving
	Ground
}

// MergeHouseholds takes all members of a household into another (并户). Its head
// becomes Relation to the other's.
type MergeHouseholds struct {
	From, Into string
	Relation   terms.Relation
	Ground
}

// ChangeHead makes a member the head of his household (户主变更); the head before
// becomes Relation to him, unless he has died or left.
type ChangeHead struct {
	Household string
	Head      ident.Secret
	Relation  terms.Relation
	Ground
}

// placed is one membership that ends or begins with a change.
type placed struct {
	person   PersonID
	from     HouseholdID // 0: he was in none
	to       HouseholdID
	relation terms.Relation
	since    time.Time // of the membership that ends
}

// SplitHousehold records a split, from a day on; until then everybody belongs to
// the old household. Nobody is in two households on a day, nobody in none. The
// same request again is the same act. Errors: AUTH_RIGHT_MISSING, VALID_PROBLEMS,
// PARTIES_HOUSEHOLD_UNKNOWN, PARTIES_HOUSEHOLD_TAKEN, PARTIES_NOT_MEMBER,
// PARTIES_CHANGE_HEADS, PARTIES_BEFORE_MEMBERSHIP.
func (s *Service) SplitHousehold(ctx context.Context, c SplitHousehold) (Act, error) {
	c.Household, c.New = ident.Normalize(c.Household), ident.Normalize(c.New)
	asked := []string{c.Household, c.New}
	for side, all := range [][]Moving{c.Leave, c.Stay} {
		for _, m := range all {
			asked = append(asked, itoa(int64(side)), hex.EncodeToString(s.BlindID(m.IDNumber.Reveal())), string(m.Relation))
		}
	}
	return s.changeHousehold(ctx, ActSplit, &c.Ground, asked, func(ctx context.Context, tx pgx.Tx, h *houses) error {
		old, err := h.known(ctx, tx, c.Household)
		if err != nil {
			return err
		}
		made, err := h.make(ctx, tx, c.New)
		if err != nil {
			return err
		}
		h.act.Subject, h.act.Other = int64(old), int64(made)
		if len(c.Leave) == 0 {
			return errs.New(errs.Invalid, "PARTIES_NOBODY_MOVES", "household", c.Household)
		}
		for _, m := range c.Leave {
			if err := h.put(ctx, tx, old, made, m); err != nil {
				return err
			}
		}
		for _, m := range c.Stay {
			if err := h.put(ctx, tx, old, old, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// MergeHouseholds records that a household joined another. Errors as
// SplitHousehold.
func (s *Service) MergeHouseholds(ctx context.Context, c MergeHouseholds) (Act, error) {
	c.From, c.Into = ident.Normalize(c.From), ident.Normalize(c.Into)
	return s.changeHousehold(ctx, ActMergeHouseholds, &c.Ground, []string{c.From, c.Into, string(c.Relation)}, func(ctx context.Context, tx pgx.Tx, h *houses) error {
		from, err := h.known(ctx, tx, c.From)
		if err != nil {
			return err
		}
		into, err := h.known(ctx, tx, c.Into)
		if err != nil {
			return err
		}
		h.act.Subject, h.act.Other = int64(from), int64(into)
		if from == into {
			return errs.New(errs.Invalid, "PARTIES_NOBODY_MOVES", "household", c.From)
		}
		for person, m := range h.members[from] {
			relation := terms.Relation(m.Relation)
			if relation == terms.Head {
				relation = c.Relation
			} else {
				relation = terms.Other // he was that to another head
			}
			h.moves = append(h.moves, placed{person, from, into, relation, m.From})
		}
		slices.SortFunc(h.moves, func(a, b placed) int { return int(a.person - b.person) })
		return nil
	})
}

// ChangeHead records that a household has another head; its code and its members
// stay. Errors as SplitHousehold.
func (s *Service) ChangeHead(ctx context.Context, c ChangeHead) (Act, error) {
	c.Household = ident.Normalize(c.Household)
	return s.changeHousehold(ctx, ActHead, &c.Ground, []string{c.Household, string(s.BlindID(c.Head.Reveal())), string(c.Relation)},
		func(ctx context.Context, tx pgx.Tx, h *houses) error {
			house, err := h.known(ctx, tx, c.Household)
			if err != nil {
				return err
			}
			h.act.Subject = int64(house)
			if err := h.put(ctx, tx, house, house, Moving{c.Head, terms.Head}); err != nil {
				return err
			}
			for person, m := range h.members[house] {
				if m.Relation == string(terms.Head) && person != h.moves[0].person {
					h.moves = append(h.moves, placed{person, house, house, c.Relation, m.From})
				}
			}
			return nil
		})
}

// changeHousehold runs a change in a transaction of its own: the ground is
// checked, a repetition answered, and who ends up where is looked at before
// anything is written.
func (s *Service) changeHousehold(ctx context.Context, kind ActKind, g *Ground, asked []string,
	decide func(context.Context, pgx.Tx, *houses) error) (Act, error) {
	actor, err := mayChange(ctx)
	if err != nil {
		return Act{}, err
	}
	if err := s.checkGround(g); err != nil {
		return Act{}, err
	}
	a := Act{Kind: kind, Effective: g.Effective, Document: g.Document, Reason: g.Reason, Actor: actor.Login}
	key := a.key(asked...)
	var out Act
	err = s.again(ctx, s.db.Run, func(tx pgx.Tx) error {
		was, found, err := actOfKey(ctx, tx, key)
		if err != nil || found {
			out = was
			return err
		}
		h := &houses{svc: s, act: a, ids: map[string]HouseholdID{}, codes: map[HouseholdID]string{}, members: map[HouseholdID]map[PersonID]memberRecord{}}
		if err := decide(ctx, tx, h); err != nil {
			return err
		}
		if err := h.check(); err != nil {
			return err
		}
		if h.act.ID, err = nextAct(ctx, tx); err != nil {
			return err
		}
		var parts items
		for _, m := range h.moves {
			parts.member(m.person, m.from, m.to, string(m.relation))
		}
		if err := h.write(ctx, tx); err != nil {
			return err
		}
		out, err = s.record(ctx, tx, h.act, key, parts)
		return err
	})
	return out, err
}

// houses are the households of a change with their members, locked.
type houses struct {
	svc     *Service
	act     Act
	ids     map[string]HouseholdID
	codes   map[HouseholdID]string
	members map[HouseholdID]map[PersonID]memberRecord
	moves   []placed
}

// put plans that a member of a household goes into another, or has another
// relation in it.
func (h *houses) put(ctx context.Context, tx pgx.Tx, from, to HouseholdID, m Moving) error {
	found, err := h.svc.ResolvePeople(ctx, tx, []string{m.IDNumber.Reveal()})
	if err != nil {
		return err
	}
	p := found[ident.Normalize(m.IDNumber.Reveal())]
	was, member := h.members[from][p.ID]
	if !member {
		return errs.New(errs.Invalid, "PARTIES_NOT_MEMBER", "person", m.IDNumber, "household", h.codes[from])
	}
	if slices.ContainsFunc(h.moves, func(o placed) bool { return o.person == p.ID }) {
		return errs.New(errs.Invalid, "PARTIES_MOVES_TWICE", "person", m.IDNumber)
	}
	if !m.Relation.IsValid() {
		return errs.New(errs.Invalid, "PARTIES_RELATION", "person", m.IDNumber)
	}
	h.moves = append(h.moves, placed{p.ID, from, to, m.Relation, was.From})
	return nil
}

// check looks at the households as they will be: each that has members has one
// head, and no membership ends before it began.
func (h *houses) check() error {
	heads, members := map[HouseholdID]int{}, map[HouseholdID]int{}
	moved := map[PersonID]bool{}
	for _, m := range h.moves {
		moved[m.person] = true
		members[m.to]++
		if m.relation == terms.Head {
			heads[m.to]++
		}
		if h.act.Effective.Before(clock.Date(m.since)) {
			return errs.New(errs.Refused, "PARTIES_BEFORE_MEMBERSHIP", "household", h.codes[m.from], "since", m.since.Format(time.DateOnly),
				"day", h.act.Effective.Format(time.DateOnly))
		}
	}
	for house, list := range h.members {
		for person, m := range list {
			if moved[person] {
				continue
			}
			members[house]++
			if m.Relation == string(terms.Head) {
				heads[house]++
			}
		}
	}
	for house, code := range h.codes {
		if members[house] > 0 && heads[house] != 1 {
			return errs.New(errs.Refused, "PARTIES_CHANGE_HEADS", "household", code, "members", members[house], "heads", heads[house])
		}
	}
	return nil
}
