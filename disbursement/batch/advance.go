package batch

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/terms"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// AdvanceID names a decision to advance money (垫付决定).
type AdvanceID int64

// NewAdvance is a decision (垫付决定) about to be recorded: until a date, money of
// Payer may pay what Owing has to pay of a program and has not, up to an amount.
type NewAdvance struct {
	Number   string      `json:"number" validate:"required,max=80,no_personal_number"` // 文号
	Title    string      `json:"title" validate:"required,max=200,no_personal_number"`
	IssuedOn time.Time   `json:"issued_on" validate:"required"`
	Program  string      `json:"program" validate:"required"`
	Payer    terms.Level `json:"payer"` // 垫付级次
	Owing    terms.Level `json:"owing"` // 被垫付级次
	Amount   money.Fen   `json:"amount" validate:"fen_positive"`
	Until    time.Time   `json:"until" validate:"required"` // the last day on which money is frozen under it
}

// Advance is such a decision on record.
type Advance struct {
	ID AdvanceID `json:"id"`
	NewAdvance
	RecordedBy string    `json:"recorded_by"`
	RecordedAt time.Time `json:"recorded_at"`
	Replay     bool      `json:"replay"`
}

// AdvanceLeaf is the leaf of a decision to advance money.
func AdvanceLeaf(a Advance) *leaf.Leaf {
	return leaf.New(string(proof.KindAdvance), 1).Int("id", int64(a.ID)).Text("number", a.Number).Text("title", a.Title).Date("issued_on", a.IssuedOn).
		Text("program", a.Program).Text("payer", string(a.Payer)).Text("owing", string(a.Owing)).Int("amount_fen", int64(a.Amount)).
		Date("until", a.Until).Text("recorded_by", a.RecordedBy).Time("recorded_at", a.RecordedAt)
}

// AdvancedLeaf is the leaf of the legs that one freezing journal paid under
// decisions; its parts are the legs in order of their numbers.
func AdvancedLeaf(journal ledger.JournalID, legs []AdvancedLeg) *leaf.Leaf {
	var parts leaf.Tree
	var part leaf.Part
	for _, g := range legs {
		parts.Add(part.Start().Int(int64(g.Holding)).Int(int64(g.Advance)).Int(g.Line).Int(int64(g.Amount)).Bytes())
	}
	return leaf.New(string(proof.KindAdvanced), 1).Int("journal", int64(journal)).Parts(&parts)
}

// AdvancedLeg is a leg that was paid under a decision, with what was drawn for it.
type AdvancedLeg struct {
	Holding ledger.HoldingID
	Advance AdvanceID
	Line    int64
	Amount  money.Fen
	Journal ledger.JournalID
}

// DecideAdvance puts a decision to advance money on record. Idempotent by 文号.
// Errors: AUTH_RIGHT_MISSING; VALID_PROBLEMS; Invalid BATCH_ADVANCE_LEVELS,
// BATCH_ADVANCE_DAYS, BATCH_PROGRAM_UNKNOWN; Conflict BATCH_NUMBER_USED.
func (s *Service) DecideAdvance(ctx context.Context, n NewAdvance) (Advance, error) {
	actor, err := auth.Require(ctx, auth.FundsImport)
	if err != nil {
		return Advance{}, err
	}
	n.Number = funds.NormalNumber(n.Number)
	n.IssuedOn, n.Until = clock.Date(n.IssuedOn), clock.Date(n.Until)
	if err := s.validAdvance(ctx, n); err != nil {
		return Advance{}, err
	}
	var out Advance
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		known, found, err := advanceByNumber(ctx, tx, n.Number)
		if err != nil {
			return err
		}
		if found {
			if known.NewAdvance != n {
				return numberUsed(n.Number)
			}
			out, out.Replay = known, true
			return nil
		}
		if err := s.numberFree(ctx, tx, n.Number); err != nil {
			return err
		}
		out = Advance{NewAdvance: n, RecordedBy: actor.Login, RecordedAt: s.clock.Now().Truncate(time.Microsecond)}
		if out.ID, err = insertAdvance(ctx, tx, out); err != nil {
			return err
		}
		return events.Publish(ctx, tx, events.Event{Topic: events.AdvanceDecided, Subject: out.subject(),
			Facts: events.Facts{Code: n.Number, Actor: actor.Name, Name: n.Title, Count: 1, Amount: n.Amount}}, s.clock.Now())
	})
	if constraint, _ := db.Violation(err); constraint == "advance_number" { // a twin was first
		return s.DecideAdvance(ctx, n)
	}
	return out, err
}

func (s *Service) validAdvance(ctx context.Context, n NewAdvance) error {
	if err := s.valid.Check(n); err != nil {
		return err
	}
	switch {
	case !n.Payer.IsValid() || !n.Owing.IsValid() || n.Payer == n.Owing:
		return errs.New(errs.Invalid, "BATCH_ADVANCE_LEVELS", "payer", string(n.Payer), "owing", string(n.Owing))
	case n.Until.Before(n.IssuedOn):
		return errs.New(errs.Invalid, "BATCH_ADVANCE_DAYS", "issued", n.IssuedOn.Format(time.DateOnly), "until", n.Until.Format(time.DateOnly))
	}
	catalogue, err := benefits.LoadCatalogue(ctx, s.db.Pool())
	if err != nil {
		return err
	}
	if p, known := catalogue.Program(n.Program); !known || p.Code != n.Program {
		return errs.New(errs.Invalid, "BATCH_PROGRAM_UNKNOWN", "program", n.Program)
	}
	return nil
}

func (a Advance) subject() string { return "advance:" + itoa(int64(a.ID)) }

func numberUsed(number string) error {
	return errs.New(errs.Conflict, "BATCH_NUMBER_USED", "number", number)
}

// numberFree refuses a 文号 that another kind of document has.
func (s *Service) numberFree(ctx context.Context, q db.Querier, number string) error {
	_, _, err := s.funds.FindDocument(ctx, q, number)
	switch {
	case err == nil:
		return numberUsed(number)
	case errs.CodeOf(err) != "FUNDS_DOCUMENT_UNKNOWN":
		return err
	}
	taken, err := numberTaken(ctx, q, number)
	if err == nil && taken {
		err = numberUsed(number)
	}
	return err
}

// leave is what a decision still lets a level advance.
type leave struct {
	Advance
	left money.Fen
}

// leaves are the decisions that let money of one level of a program pay for
// another today, in the order they were recorded.
func (s *Service) leaves(ctx context.Context, q db.Querier, program string) ([]leave, error) {
	list, err := advancesOpen(ctx, q, program, clock.Date(s.clock.Now()))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	out := make([]leave, len(list))
	for i, a := range list {
		used, err := usedOf(ctx, q, a.ID)
		if err != nil {
			return nil, err
		}
		out[i] = leave{a, max(a.Amount-used, 0)}
	}
	return out, nil
}

// usedOf is what was advanced under a decision: what is owed, and what
// corrections have repaid. What was given back, or a correction took back and
// never paid, does not count.
func usedOf(ctx context.Context, q db.Querier, id AdvanceID) (money.Fen, error) {
	st, err := standingOf(ctx, q, id)
	if err != nil {
		return 0, err
	}
	return money.Add(st.owed, st.repaid)
}

// recordAdvanced puts the legs on record that a journal paid under decisions; order
// names the part that each holding is of. Errors: Refused BATCH_ADVANCE_LIMIT
// where another batch has meanwhile taken what was left of a decision.
func (s *Service) recordAdvanced(ctx context.Context, tx pgx.Tx, d draw, order []int32, posted ledger.Posted) error {
	var legs []AdvancedLeg
	more := map[AdvanceID]money.Fen{}
	touched := map[AdvanceID]leave{}
	for i, at := range order {
		p := d.parts[at]
		if p.advance == 0 {
			continue
		}
		l := d.leaves[p.advance-1]
		touched[l.ID] = l
		more[l.ID] += p.amount // of a journal, whose sum the ledger checked
		legs = append(legs, AdvancedLeg{Holding: posted.Holdings[i], Advance: l.ID, Line: int64(d.lines[p.line].ID), Amount: p.amount, Journal: posted.Journal})
	}
	if len(legs) == 0 {
		return nil
	}
	sortLegs(legs)
	if err := insertAdvanced(ctx, tx, legs); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(touched)) {
		if err := withinLimit(ctx, tx, touched[id].Advance, more[id]); err != nil {
			return err
		}
	}
	return proof.Append(ctx, tx, proof.ItemOf(AdvancedLeaf(posted.Journal, legs), int64(posted.Journal)))
}

// withinLimit locks a decision and refuses what is above it. Nothing but advancing
// makes what is used of a decision more, so what was advanced since it was last
// counted bounds it; the legs are followed, and counted anew, only where that bound
// is above the amount or unknown.
func withinLimit(ctx context.Context, tx pgx.Tx, a Advance, more money.Fen) error {
	bound, known, err := raiseBound(ctx, tx, a.ID, more)
	if err != nil || known && bound <= a.Amount {
		return err
	}
	used, err := usedOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	if used > a.Amount {
		return errs.New(errs.Refused, "BATCH_ADVANCE_LIMIT", "number", a.Number, "amount", a.Amount.Grouped(), "used", used.Grouped())
	}
	return setBound(ctx, tx, a.ID, used)
}
