package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
)

// householdCmd is `fenlu household`: what changes about households.
type householdCmd struct {
	Split      householdSplitCmd      `cmd:"" help:"help_household_split"`
	Merge      householdMergeCmd      `cmd:"" help:"help_household_merge"`
	Head       householdHeadCmd       `cmd:"" help:"help_household_head"`
	Recompute  householdRecomputeCmd  `cmd:"" help:"help_household_recompute"`
	Recomputed householdRecomputedCmd `cmd:"" help:"help_household_recomputed"`
}

// personCmd is `fenlu person`: what changes about people.
type personCmd struct {
	Rename    personRenameCmd    `cmd:"" help:"help_person_rename"`
	Correct   personCorrectCmd   `cmd:"" name:"correct-id" help:"help_person_correct"`
	Residence personResidenceCmd `cmd:"" help:"help_person_residence"`
	Merge     personMergeCmd     `cmd:"" help:"help_person_merge"`
	Alive     personAliveCmd     `cmd:"" help:"help_person_alive"`
	Heir      personHeirCmd      `cmd:"" help:"help_person_heir"`
	Confirm   personConfirmCmd   `cmd:"" help:"help_person_confirm"`
	Conflicts personConflictsCmd `cmd:"" help:"help_person_conflicts"`
	Offices   personOfficesCmd   `cmd:"" help:"help_person_offices"`
}

// payeeCmd is `fenlu payee`: who is paid, and where to.
type payeeCmd struct {
	End   payeeEndCmd   `cmd:"" help:"help_payee_end"`
	Cards payeeCardsCmd `cmd:"" help:"help_payee_cards"`
}

// groundFlags say by what a change is.
type groundFlags struct {
	Effective string `required:"" placeholder:"2026-10-12" help:"help_change_effective"`
	Document  string `required:"" help:"help_change_document"`
	Reason    string `required:"" help:"help_change_reason"`
}

func (f groundFlags) ground() (parties.Ground, error) {
	day, err := parseDay(f.Effective)
	return parties.Ground{Effective: day, Document: f.Document, Reason: f.Reason}, err
}

// personArg names somebody by the ID number.
type personArg struct {
	ID string `arg:"" help:"help_person_id"`
}

// change runs what a user changes, and tells of the act.
func (a *app) change(f groundFlags, do func(context.Context, *services, parties.Ground) (parties.Act, error)) error {
	g, err := f.ground()
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		act, err := do(ctx, s, g)
		if err != nil {
			return err
		}
		return a.Result(act, func(w io.Writer) { a.printAct(w, act) })
	})
}

func (a *app) printAct(w io.Writer, act parties.Act) {
	code := "change.done"
	if act.Replay {
		code = "change.replay"
	}
	_, _ = fmt.Fprintln(w, a.T(code, "kind", i18n.Term(a.Lang, "party_act", string(act.Kind)), "id", int64(act.ID),
		"day", act.Effective.Format(time.DateOnly), "document", act.Document))
}

// movings reads ID=relation.
func movings(texts []string) ([]parties.Moving, error) {
	out := make([]parties.Moving, len(texts))
	for i, text := range texts {
		number, word, ok := strings.Cut(text, "=")
		relation, known := terms.ParseRelation(word)
		if !ok || !known {
			return nil, errs.New(errs.Invalid, "CLI_MEMBER", "value", ident.Mask(number)+"="+word)
		}
		out[i] = parties.Moving{IDNumber: ident.Secret(number), Relation: relation}
	}
	return out, nil
}

type householdSplitCmd struct {
	Code  string   `arg:"" help:"help_household_code"`
	New   string   `required:"" help:"help_household_new"`
	Leave []string `required:"" placeholder:"ID=户主" help:"help_household_leave"`
	Stay  []string `placeholder:"ID=户主" help:"help_household_stay"`
	groundFlags
}

// Run splits a household.
func (c householdSplitCmd) Run(a *app) error {
	leave, err := movings(c.Leave)
	if err != nil {
		return err
	}
	stay, err := movings(c.Stay)
	if err != nil {
		return err
	}
	return a.change(c.groundFlags, func(ctx context.Context, s *services, g parties.Ground) (parties.Act, error) {
		return s.Parties.SplitHousehold(ctx, parties.SplitHousehold{Household: c.Code, New: c.New, Leave: leave, Stay: stay, Ground: g})
	})
}

type householdMergeCmd struct {
	Code     string `arg:"" help:"help_household_code"`
	Into     string `required:"" help:"help_household_into"`
	Relation string `required:"" placeholder:"父母" help:"help_household_relation"`
	groundFlags
}

// Run joins a household to another.
func (c householdMergeCmd) Run(a *app) error {
	return a.change(c.groundFlags, func(ctx context.Context, s *services, g parties.Ground) (parties.Act, error) {
		relation, _ := terms.ParseRelation(c.Relation)
		return s.Parties.MergeHouseholds(ctx, parties.MergeHouseholds{From: c.Code, Into: c.Into, Relation: relation, Ground: g})
	})
}

type householdHeadCmd struct {
	Code     string `arg:"" help:"help_household_code"`
	Head     string `required:"" help:"help_household_who"`
	Relation string `default:"其他" help:"help_household_relation"`
	groundFlags
}

// Run makes another member the head.
func (c householdHeadCmd) Run(a *app) error {
	return a.change(c.groundFlags, func(ctx context.Context, s *services, g parties.Ground) (parties.Act, error) {
		relation, _ := terms.ParseRelation(c.Relation)
		return s.Parties.ChangeHead(ctx, parties.ChangeHead{Household: c.Code, Head: ident.Secret(c.Head), Relation: relation, Ground: g})
	})
}

type householdRecomputedCmd struct {
	personArg
	groundFlags
}

// Run records that the aid was computed again.
func (c householdRecomputedCmd) Run(a *app) error {
	return a.change(c.groundFlags, func(ctx context.Context, s *services, g parties.Ground) (parties.Act, error) {
		return s.Parties.Recomputed(ctx, ident.Secret(c.ID), g)
	})
}

type personRenameCmd struct {
	personArg
	Name string `required:"" help:"help_person_name"`
	groundFlags
}

// Run records a new name.
func (c personRenameCmd) Run(a *app) error {
	return a.change(c.groundFlags, func(ctx context.Context, s *services, g parties.Ground) (parties.Act, error) {
		return s.Parties.Rename(ctx, ident.Secret(c.ID), c.Name, g)
	})
}

type personCorrectCmd struct {
	personArg
	Number string `required:"" help:"help_person_number"`
	groundFlags
}

// Run corrects an ID number.
func (c personCorrectCmd) Run(a *app) error {
	return a.change(c.groundFlags, func(ctx context.Context, s *services, g parties.Ground) (parties.Act, error) {
		return s.Parties.CorrectIDNumber(ctx, ident.Secret(c.ID), ident.Secret(c.Number), g)
	})
}

type personResidenceCmd struct {
	personArg
	Class string `required:"" placeholder:"城市" help:"help_person_class"`
	Area  string `help:"help_person_area"`
	groundFlags
}

// Run records another residence class.
func (c personResidenceCmd) Run(a *app) error {
	return a.change(c.groundFlags, func(ctx context.Context, s *services, g parties.Ground) (parties.Act, error) {
		class, _ := terms.ParseResidence(c.Class)
		return s.Parties.ChangeResidence(ctx, ident.Secret(c.ID), class, c.Area, g)
	})
}

type personAliveCmd struct {
	personArg
	groundFlags
}

// Run proposes that a death report was wrong.
func (c personAliveCmd) Run(a *app) error {
	return a.change(c.groundFlags, func(ctx context.Context, s *services, g parties.Ground) (parties.Act, error) {
		return s.Parties.WithdrawDeath(ctx, ident.Secret(c.ID), g)
	})
}

type personHeirCmd struct {
	personArg
	Heir string `required:"" help:"help_person_receiver"`
	groundFlags
}

// Run proposes who receives what somebody was owed who died.
func (c personHeirCmd) Run(a *app) error {
	return a.change(c.groundFlags, func(ctx context.Context, s *services, g parties.Ground) (parties.Act, error) {
		return s.Parties.NameHeir(ctx, ident.Secret(c.ID), ident.Secret(c.Heir), g)
	})
}

type payeeEndCmd struct {
	personArg
	Payee string `required:"" help:"help_payee_payee"`
	groundFlags
}

// Run ends a payee relation.
func (c payeeEndCmd) Run(a *app) error {
	return a.change(c.groundFlags, func(ctx context.Context, s *services, g parties.Ground) (parties.Act, error) {
		return s.Parties.EndRelation(ctx, ident.Secret(c.ID), ident.Secret(c.Payee), g)
	})
}

type personConfirmCmd struct {
	Act int64 `arg:"" help:"help_person_act"`
}

// confirmed is a confirmed act, and what may be paid because of it.
type confirmed struct {
	parties.Act
	Payable []batch.WithheldLine `json:"payable"`
}

// Run confirms what another person proposed.
func (c personConfirmCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		act, err := s.Parties.Confirm(ctx, parties.ActID(c.Act))
		if err != nil {
			return err
		}
		out := confirmed{act, []batch.WithheldLine{}}
		if act.Kind == parties.ActNotDead {
			if out.Payable, err = batch.WithheldOf(ctx, s.DB.Pool(), act.Subject); err != nil {
				return err
			}
		}
		return a.Result(out, func(w io.Writer) {
			a.printAct(w, act)
			for _, l := range out.Payable {
				_, _ = fmt.Fprintln(w, a.T("change.payable", "batch", l.Batch, "line", l.Line, "month", l.Month, "amount", l.Amount.Grouped()))
			}
		})
	})
}

type personMergeCmd struct {
	Duplicate string `arg:"" help:"help_person_duplicate"`
	Kept      string `arg:"" help:"help_person_kept"`
	groundFlags
}

// Run merges two records of one person.
func (c personMergeCmd) Run(a *app) error {
	g, err := c.ground()
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := s.Parties.MergePersons(ctx, ident.Secret(c.Duplicate), ident.Secret(c.Kept), g)
		if err != nil {
			return err
		}
		return a.Result(done, func(w io.Writer) {
			a.printAct(w, done.Act)
			if len(done.Conflicts) > 0 {
				_, _ = fmt.Fprintln(w, a.T("change.conflicts", "count", len(done.Conflicts)))
			}
			for _, k := range done.Conflicts {
				_, _ = fmt.Fprintln(w, "  "+a.T("change.conflict", "month", k.Month, "program", k.Program, "component", k.Component, "batch", k.Batch,
					"line", k.Line, "other", k.OtherBatch, "other_line", k.OtherLine))
			}
		})
	})
}
