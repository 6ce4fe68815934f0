package parties

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
)

// WithdrawDeath proposes that a death report was wrong (撤销错误的死亡登记); another
// person confirms it with Confirm, and what was withheld because of it may be
// paid. Errors: as SplitHousehold; PARTIES_NOT_DEAD (Refused).
func (s *Service) WithdrawDeath(ctx context.Context, who ident.Secret, g Ground) (Act, error) {
	return s.proposeOf(ctx, ActNotDeadProposed, who, &g, nil, func(ctx context.Context, tx pgx.Tx, p Person, _ *Act) (items, error) {
		reported, err := deadNumbers(ctx, tx, []PersonID{p.ID})
		if err == nil && len(reported) == 0 {
			err = errs.New(errs.Refused, "PARTIES_NOT_DEAD", "person", who)
		}
		return notDead(p.ID, reported), err
	})
}

// notDead is what withdraws reported deaths, in the order of the reports: the
// proposal and its confirmation say the same.
func notDead(person PersonID, reported []deadBlind) items {
	var parts items
	for _, d := range reported {
		parts.add(func(p *leafPart) {
			p.Text("not_dead").Int(int64(person)).Text(d.death.DiedOn.Format(time.DateOnly)).Int(d.death.ImportFile)
		})
	}
	return parts
}

// NameHeir proposes who is paid what somebody was owed who died (亡故人员应发款受领人),
// with the proof as the document; another person confirms it with Confirm. Errors
// as WithdrawDeath.
func (s *Service) NameHeir(ctx context.Context, who, heir ident.Secret, g Ground) (Act, error) {
	return s.proposeOf(ctx, ActHeirProposed, who, &g, []string{string(s.BlindID(heir.Reveal()))}, func(ctx context.Context, tx pgx.Tx, p Person, a *Act) (items, error) {
		h, err := s.onePerson(ctx, tx, heir)
		if err != nil {
			return nil, err
		}
		deaths, err := s.DeathsOf(ctx, tx, []PersonID{p.ID, h.ID})
		if err != nil {
			return nil, err
		}
		if _, dead := deaths[p.ID]; !dead {
			return nil, errs.New(errs.Refused, "PARTIES_NOT_DEAD", "person", who)
		}
		if _, dead := deaths[h.ID]; dead || h.ID == p.ID {
			return nil, errs.New(errs.Refused, "PARTIES_HEIR_DEAD", "person", heir)
		}
		a.Other = int64(h.ID)
		return nil, nil
	})
}

// Recomputed records that the aid of a household was computed again after a
// member died (家庭待遇重新核算).
func (s *Service) Recomputed(ctx context.Context, who ident.Secret, g Ground) (Act, error) {
	return s.proposeOf(ctx, ActRecomputed, who, &g, nil, func(context.Context, pgx.Tx, Person, *Act) (items, error) { return nil, nil })
}

// proposeOf records an act about one person; look refuses it or adds to it, and
// says what it is about.
func (s *Service) proposeOf(ctx context.Context, kind ActKind, who ident.Secret, g *Ground, asked []string,
	look func(context.Context, pgx.Tx, Person, *Act) (items, error)) (Act, error) {
	actor, err := mayChange(ctx)
	if err != nil {
		return Act{}, err
	}
	if err := s.checkGround(g); err != nil {
		return Act{}, err
	}
	a := Act{Kind: kind, Effective: g.Effective, Document: g.Document, Reason: g.Reason, Actor: actor.Login}
	key := a.key(append(asked, string(s.BlindID(who.Reveal())))...)
	var out Act
	err = s.again(ctx, s.db.Run, func(tx pgx.Tx) error {
		was, found, err := actOfKey(ctx, tx, key)
		if err != nil || found {
			out = was
			return err
		}
		p, err := s.onePerson(ctx, tx, who)
		if err != nil {
			return err
		}
		a.Subject = int64(p.ID)
		parts, err := look(ctx, tx, p, &a)
		if err != nil {
			return err
		}
		if a.ID, err = nextAct(ctx, tx); err != nil {
			return err
		}
		out, err = s.record(ctx, tx, a, key, parts)
		return err
	})
	return out, err
}

// Confirm does what another person proposed: an heir is named, or a death report
// withdrawn. Confirming again is the same act. Errors: AUTH_RIGHT_MISSING,
// PARTIES_ACT_UNKNOWN; PARTIES_PROPOSER, PARTIES_NOT_PROPOSED (Refused);
// PARTIES_DEATH_CHANGED (Refused) where other deaths are reported than those that
// were proposed to be withdrawn.
func (s *Service) Confirm(ctx context.Context, proposal ActID) (Act, error) {
	var out Act
	err := s.again(ctx, s.db.Run, func(tx pgx.Tx) error {
		proposed, err := ActByID(ctx, tx, proposal)
		if err != nil {
			return err
		}
		actor, err := mayConfirm(ctx, proposed)
		if err != nil {
			return err
		}
		a := Act{Subject: proposed.Subject, Other: proposed.Other, Proposal: proposed.ID, Effective: proposed.Effective, Document: proposed.Document,
			Reason: proposed.Reason, Actor: actor.Login}
		switch proposed.Kind {
		case ActHeirProposed:
			a.Kind = ActHeir
		case ActNotDeadProposed:
			a.Kind = ActNotDead
		default:
			return errs.New(errs.Refused, "PARTIES_NOT_PROPOSED", "id", int64(proposal))
		}
		key := a.key("confirm", itoa(int64(proposal)))
		was, found, err := actOfKey(ctx, tx, key)
		if err != nil || found {
			out = was
			return err
		}
		out, err = s.confirm(ctx, tx, a, key)
		return err
	})
	return out, err
}

func (s *Service) confirm(ctx context.Context, tx pgx.Tx, a Act, key []byte) (out Act, err error) {
	if a.Kind == ActHeir {
		list := []Relation{{Person: PersonID(a.Subject), Payee: a.Other, Kind: terms.PayHeir, From: a.Effective, Document: a.Document}}
		err = s.writeRelations(ctx, tx, a, list, func(a Act, parts items) error {
			out, err = s.record(ctx, tx, a, key, parts)
			return err
		})
		return out, err
	}
	if a.ID, err = nextAct(ctx, tx); err != nil {
		return a, err
	}
	reported, err := deadNumbers(ctx, tx, []PersonID{PersonID(a.Subject)})
	if err != nil {
		return a, err
	}
	parts := notDead(PersonID(a.Subject), reported)
	var proposed items
	if _, err := ActLeafOf(ctx, tx, a.Proposal, func(part []byte) { proposed = append(proposed, bytes.Clone(part)) }); err != nil {
		return a, err
	}
	if len(parts) == 0 || !slices.EqualFunc(parts, proposed, bytes.Equal) {
		return a, errs.New(errs.Refused, "PARTIES_DEATH_CHANGED", "id", int64(a.Proposal), "count", len(reported))
	}
	for _, d := range reported {
		if err := s.insertDeathVersion(ctx, tx, d.blind, true, d.death, a.ID); err != nil {
			return a, err
		}
	}
	return s.record(ctx, tx, a, key, parts)
}

// Recomputation is a household whose aid is to be computed again, because a
// member died (待重新核算家庭).
type Recomputation struct {
	Household HouseholdID `json:"-"`
	Code      string      `json:"household"`
	Person    PersonID    `json:"-"`
	Name      string      `json:"name"`
	Masked    string      `json:"id_number"`
	DiedOn    time.Time   `json:"died_on"`
	Members   int         `json:"members"` // who still live in it, the dead not counted
}
