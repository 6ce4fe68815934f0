package batch

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/payment"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// CorrectionID names a correction of payments (支付更正).
type CorrectionID int64

// NewCorrection is a correction of payments (支付更正) about to be made: money of the
// document Arrived pays what the decision Advance let another level pay. With
// Undoes it takes an earlier correction back instead.
type NewCorrection struct {
	Number   string    `json:"number" validate:"required,max=80,no_personal_number"` // 文号
	Title    string    `json:"title" validate:"required,max=200,no_personal_number"`
	IssuedOn time.Time `json:"issued_on" validate:"required"`
	Advance  string    `json:"advance" validate:"max=80"` // 文号 of the decision
	Arrived  string    `json:"arrived" validate:"max=80"` // 文号 of the money that has arrived
	Undoes   string    `json:"undoes" validate:"max=80"`  // 文号 of an earlier correction
	Amount   money.Fen `json:"amount"`                    // 0: as much as is owed and has arrived
}

// Correction is one on record. Legs are what it moved, in the order in which they
// were advanced.
type Correction struct {
	ID         CorrectionID     `json:"id"`
	Number     string           `json:"number"`
	Title      string           `json:"title"`
	IssuedOn   time.Time        `json:"issued_on"`
	Advance    AdvanceID        `json:"-"` // 0: it repays none
	Arrived    string           `json:"arrived"`
	Undoes     CorrectionID     `json:"undoes"` // 0: none
	Asked      money.Fen        `json:"-"`      // 0: as much as possible
	Amount     money.Fen        `json:"amount"`
	Journal    ledger.JournalID `json:"journal"`
	RecordedBy string           `json:"recorded_by"`
	RecordedAt time.Time        `json:"recorded_at"`
	Legs       []CorrectedLeg   `json:"-"`
	Lines      int              `json:"lines"`
	Owed       money.Fen        `json:"owed"` // under the decision, after it
	Replay     bool             `json:"replay"`
}

// CorrectedLeg is so much of a leg that now another leg of the same line pays.
type CorrectedLeg struct {
	Root, From, To ledger.HoldingID
	Amount         money.Fen
}

// CorrectionLeaf is the leaf of a correction; its parts are what it moved.
func CorrectionLeaf(c Correction) *leaf.Leaf {
	var parts leaf.Tree
	var part leaf.Part
	for i, g := range c.Legs {
		parts.Add(part.Start().Int(int64(i + 1)).Int(int64(g.Root)).Int(int64(g.From)).Int(int64(g.To)).Int(int64(g.Amount)).Bytes())
	}
	return leaf.New(string(proof.KindCorrection), 1).Int("id", int64(c.ID)).Text("number", c.Number).Text("title", c.Title).Date("issued_on", c.IssuedOn).
		Int("advance", int64(c.Advance)).Text("arrived", c.Arrived).Int("undoes", int64(c.Undoes)).Int("asked_fen", int64(c.Asked)).
		Int("amount_fen", int64(c.Amount)).Int("journal", int64(c.Journal)).Text("recorded_by", c.RecordedBy).Time("recorded_at", c.RecordedAt).Parts(&parts)
}

// kindCorrection is the kind of the journals of corrections.
const kindCorrection = "correction"

// Correct lets money that has arrived pay what another level advanced for it, in
// one journal: exactly the legs that are owed, sent, paid or come back, in the
// order in which they were advanced, the last one in part where the money ends.
// What is frozen and not sent yet waits for the next correction. It is for another
// person than the one who recorded the decision. Idempotent by 文号.
//
// Errors: AUTH_RIGHT_MISSING; VALID_PROBLEMS; NotFound BATCH_ADVANCE_UNKNOWN,
// BATCH_CORRECTION_UNKNOWN; Invalid BATCH_CORRECT_WHAT; Refused BATCH_CORRECT_OWN,
// BATCH_CORRECT_MONEY (no money of the level owing in that document),
// BATCH_CORRECT_ABOVE (more than is owed), BATCH_CORRECT_NOTHING,
// BATCH_CORRECT_STANDS_NOT; Insufficient
// BATCH_CORRECT_SHORT; Conflict BATCH_NUMBER_USED, BATCH_CORRECT_UNDONE;
// LEDGER_LOT_STOPPED, LEDGER_PERIOD_CLOSED.
func (s *Service) Correct(ctx context.Context, n NewCorrection) (Correction, error) {
	actor, err := auth.Require(ctx, auth.JournalCorrect)
	if err != nil {
		return Correction{}, err
	}
	n.Number, n.Advance = funds.NormalNumber(n.Number), funds.NormalNumber(n.Advance)
	n.Arrived, n.Undoes, n.IssuedOn = funds.NormalNumber(n.Arrived), funds.NormalNumber(n.Undoes), clock.Date(n.IssuedOn)
	if err := s.valid.Check(n); err != nil {
		return Correction{}, err
	}
	if (n.Undoes == "") == (n.Advance == "" || n.Arrived == "") || n.Undoes != "" && n.Advance+n.Arrived != "" || n.Amount < 0 || n.Undoes != "" && n.Amount != 0 {
		return Correction{}, errs.New(errs.Invalid, "BATCH_CORRECT_WHAT")
	}
	for try := 1; ; try++ {
		var out Correction
		err := s.db.Run(ctx, func(tx pgx.Tx) error {
			var err error
			out, err = s.correct(ctx, tx, n, actor)
			return err
		})
		constraint, _ := db.Violation(err)
		again := constraint == "correction_number" || constraint == "journal_key" || errs.CodeOf(err) == "LEDGER_INSUFFICIENT" || errs.CodeOf(err) == "LEDGER_HOLDING_MOVED"
		if !again || try == freezeTries {
			return out, err
		}
	}
}

func (s *Service) correct(ctx context.Context, tx pgx.Tx, n NewCorrection, actor auth.Actor) (Correction, error) {
	a, undone, err := s.aboutTx(ctx, tx, n)
	if err != nil {
		return Correction{}, err
	}
	if done, found, err := s.correctedBefore(ctx, tx, n, a, undone); found || err != nil {
		return done, err
	}
	did := auth.Took{Login: a.RecordedBy, Right: auth.FundsImport, At: a.RecordedAt}
	if same, err := auth.SamePerson(ctx, tx, did, actor, auth.JournalCorrect); err != nil || same {
		return Correction{}, orErr(err, errs.New(errs.Refused, "BATCH_CORRECT_OWN", "number", a.Number, "name", actor.Name))
	}
	if err := s.numberFree(ctx, tx, n.Number); err != nil {
		return Correction{}, err
	}
	c := Correction{Number: n.Number, Title: n.Title, IssuedOn: n.IssuedOn, Advance: a.ID, Arrived: n.Arrived, Undoes: undone.ID, Asked: n.Amount,
		RecordedBy: actor.Login, RecordedAt: s.clock.Now().Truncate(time.Microsecond)}
	var m moving
	if undone.ID != 0 {
		c.Arrived = undone.Arrived
		m, err = takeBack(ctx, tx, undone)
	} else {
		m, err = s.plan(ctx, tx, a, n)
	}
	if err != nil {
		return Correction{}, err
	}
	return s.post(ctx, tx, a, c, m, actor)
}

// aboutTx finds and locks the decision that a correction is about, and the earlier
// correction that it takes back.
func (s *Service) aboutTx(ctx context.Context, tx pgx.Tx, n NewCorrection) (Advance, Correction, error) {
	var undone Correction
	var list []Advance
	var err error
	if n.Undoes != "" {
		found, err := corrections(ctx, tx, `WHERE c.number = $1`, n.Undoes)
		if err == nil && len(found) == 0 {
			err = errs.New(errs.NotFound, "BATCH_CORRECTION_UNKNOWN", "number", n.Undoes)
		}
		if err == nil && found[0].Undoes != 0 {
			err = errs.New(errs.Refused, "BATCH_CORRECT_UNDO", "number", n.Undoes)
		}
		if err != nil {
			return Advance{}, undone, err
		}
		undone = found[0]
		list, err = advances(ctx, tx, `WHERE a.id = $1`, undone.Advance)
		if err != nil {
			return Advance{}, undone, err
		}
	} else if list, err = advances(ctx, tx, `WHERE a.number = $1`, n.Advance); err != nil {
		return Advance{}, undone, err
	}
	if len(list) == 0 {
		return Advance{}, undone, errs.New(errs.NotFound, "BATCH_ADVANCE_UNKNOWN", "number", n.Advance)
	}
	return list[0], undone, lockAdvance(ctx, tx, list[0].ID)
}

// correctedBefore answers a correction that is on record.
func (s *Service) correctedBefore(ctx context.Context, tx pgx.Tx, n NewCorrection, a Advance, undone Correction) (Correction, bool, error) {
	found, err := corrections(ctx, tx, `WHERE c.number = $1 OR ($2::bigint <> 0 AND c.undoes = $2)`, n.Number, int64(undone.ID))
	if err != nil || len(found) == 0 {
		return Correction{}, false, err
	}
	c := found[0]
	switch {
	case c.Number != n.Number:
		return c, true, errs.New(errs.Conflict, "BATCH_CORRECT_UNDONE", "number", n.Undoes, "by", c.Number)
	case c.Advance != a.ID || c.Undoes != undone.ID || c.Title != n.Title || !c.IssuedOn.Equal(n.IssuedOn) || c.Asked != n.Amount ||
		n.Undoes == "" && c.Arrived != n.Arrived:
		return c, true, numberUsed(n.Number)
	}
	c.Replay = true
	st, err := standingOf(ctx, tx, a.ID)
	c.Owed = st.owed
	return c, true, err
}

// moving is what a correction is about to do: steps, and the leg that each is of.
type moving struct {
	steps  []ledger.Step
	legs   []CorrectedLeg // To is known once it is posted
	lines  map[int64]bool
	amount money.Fen
}

func (m *moving) add(g owedLeg, from ledger.AccountKind, to ledger.AccountID, amount money.Fen) error {
	if m.lines == nil {
		m.lines = map[int64]bool{}
	}
	m.lines[g.Line] = true
	m.steps = append(m.steps, ledger.Reclassify{Holding: g.ID, From: from, To: to, Amount: amount})
	m.legs = append(m.legs, CorrectedLeg{Root: g.root, From: g.ID, Amount: amount})
	return grow(&m.amount, amount)
}

// plan matches what is owed and has left the house with the money that arrived.
func (s *Service) plan(ctx context.Context, tx pgx.Tx, a Advance, n NewCorrection) (moving, error) {
	var m moving
	sources, free, err := s.arrived(ctx, tx, a, n.Arrived)
	if err != nil {
		return m, err
	}
	st, err := standingOf(ctx, tx, a.ID)
	if err != nil {
		return m, err
	}
	legs, kinds, ripe, err := sentOnly(ctx, tx, st.legs)
	if err != nil {
		return m, err
	}
	payers, err := s.payersOf(ctx, tx, legs, sources)
	if err != nil {
		return m, err
	}
	amount := n.Amount
	switch {
	case n.Amount > ripe:
		return m, errs.New(errs.Refused, "BATCH_CORRECT_ABOVE", "number", a.Number, "asked", n.Amount.Grouped(), "owed", st.owed.Grouped(), "sent", ripe.Grouped())
	case amount == 0:
		amount = min(ripe, free)
	}
	if err := m.fill(legs, kinds, sources, payers, amount); err != nil {
		return m, err
	}
	switch {
	case m.amount == 0 && n.Amount == 0:
		return m, errs.New(errs.Refused, "BATCH_CORRECT_NOTHING", "number", a.Number, "owed", st.owed.Grouped(), "sent", ripe.Grouped(), "free", free.Grouped())
	case m.amount < n.Amount:
		return m, errs.New(errs.Insufficient, "BATCH_CORRECT_SHORT", "document", n.Arrived, "asked", n.Amount.Grouped(), "free", m.amount.Grouped())
	}
	return m, nil
}

// fill lets sources pay legs, in their order, up to an amount: each leg those that
// may pay its line, in the order that payers says.
func (m *moving) fill(legs []owedLeg, kinds map[ledger.AccountID]ledger.AccountKind, sources []funds.Source, payers map[int64][]int, amount money.Fen) error {
	for _, g := range legs {
		left := min(g.Amount, amount)
		for _, at := range payers[g.Line] {
			part := min(left, sources[at].Balance)
			if part == 0 {
				continue
			}
			if err := m.add(g, kinds[g.Account], sources[at].Account, part); err != nil {
				return err
			}
			left, amount, sources[at].Balance = left-part, amount-part, sources[at].Balance-part
		}
	}
	return nil
}

// payersOf is which sources may pay the line of each leg, in order: where the rules
// tell town from country by function code, a source of the other pays nothing of
// it, as when the batch was approved.
func (s *Service) payersOf(ctx context.Context, q db.Querier, legs []owedLeg, sources []funds.Source) (map[int64][]int, error) {
	ids := make([]int64, len(legs))
	for i, g := range legs {
		ids[i] = g.Line
	}
	byBatch, err := residencesOf(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	payers := map[int64][]int{}
	for id, lines := range byBatch {
		b, err := ByID(ctx, q, id)
		if err != nil {
			return nil, err
		}
		codes, err := s.codesOf(ctx, q, b, lines, sources)
		if err != nil {
			return nil, err
		}
		a := allocator{sources: sources, codes: codes}
		for i := range lines {
			payers[int64(lines[i].ID)] = a.from("", codes.class(&lines[i]))
		}
	}
	return payers, nil
}

// arrived is the money of a document that may pay what a decision advanced: of
// the level owing, in the program's pool, in its order.
func (s *Service) arrived(ctx context.Context, tx pgx.Tx, a Advance, document string) ([]funds.Source, money.Fen, error) {
	pool, err := s.funds.Pool(ctx, tx, a.Program)
	if err != nil {
		return nil, 0, err
	}
	var of []funds.Source
	var free money.Fen
	for _, source := range pool {
		if source.Document == document && source.Level == a.Owing {
			of = append(of, source)
			if err := grow(&free, source.Balance); err != nil {
				return nil, 0, err
			}
		}
	}
	if len(of) == 0 {
		return nil, 0, errs.New(errs.Refused, "BATCH_CORRECT_MONEY", "document", document, "level", a.Owing.Name(i18n.ZH), "program", a.Program)
	}
	return of, free, nil
}

// sentOnly keeps the legs that have been sent, with the kinds of places where they
// stand and their sum.
func sentOnly(ctx context.Context, q db.Querier, legs []owedLeg) ([]owedLeg, map[ledger.AccountID]ledger.AccountKind, money.Fen, error) {
	all, err := ledger.Accounts(ctx, q)
	if err != nil {
		return nil, nil, 0, err
	}
	kinds := map[ledger.AccountID]ledger.AccountKind{}
	for _, a := range all {
		kinds[a.ID] = a.Place.Kind
	}
	var out []owedLeg
	var sum money.Fen
	for _, g := range legs {
		if kinds[g.Account] == ledger.Frozen {
			continue
		}
		out = append(out, g)
		if err := grow(&sum, g.Amount); err != nil {
			return nil, nil, 0, err
		}
	}
	return out, kinds, sum, nil
}

// takeBack lets the money that was advanced pay again what a correction moved, as
// far as it stands. Errors: Refused BATCH_CORRECT_STANDS_NOT.
func takeBack(ctx context.Context, tx pgx.Tx, c Correction) (moving, error) {
	var m moving
	roots, origins := make([]ledger.HoldingID, len(c.Legs)), make([]ledger.HoldingID, len(c.Legs))
	for i, g := range c.Legs {
		roots[i], origins[i] = g.To, g.From
	}
	families, err := ledger.Families(ctx, tx, roots)
	if err != nil {
		return m, err
	}
	before, err := ledger.Holdings(ctx, tx, origins)
	if err != nil {
		return m, err
	}
	from := map[ledger.HoldingID]ledger.AccountID{}
	for _, h := range before {
		from[h.ID] = h.Origin
	}
	var legs []owedLeg
	to := map[ledger.HoldingID]ledger.AccountID{}
	for i, f := range families {
		for _, h := range f.Members {
			if h.Account != 0 {
				legs = append(legs, owedLeg{c.Legs[i].Root, h})
				to[h.ID] = from[c.Legs[i].From]
			}
		}
	}
	legs, kinds, _, err := sentOnly(ctx, tx, legs)
	if err != nil {
		return m, err
	}
	for _, g := range legs {
		if err := m.add(g, kinds[g.Account], to[g.ID], g.Amount); err != nil {
			return m, err
		}
	}
	if m.amount == 0 {
		return m, errs.New(errs.Refused, "BATCH_CORRECT_STANDS_NOT", "number", c.Number)
	}
	return m, nil
}

// post moves the money in one journal and puts the correction on record.
func (s *Service) post(ctx context.Context, tx pgx.Tx, a Advance, c Correction, m moving, actor auth.Actor) (Correction, error) {
	c, err := s.postMoves(ctx, tx, c, m)
	if err != nil {
		return Correction{}, err
	}
	st, err := standingOf(ctx, tx, a.ID)
	if err != nil {
		return Correction{}, err
	}
	c.Owed = st.owed
	return c, events.Publish(ctx, tx, events.Event{Topic: events.PaymentsCorrected, Subject: a.subject(),
		Facts: events.Facts{Code: c.Number, Actor: actor.Name, Name: c.Title, Count: c.Lines, Amount: c.Amount}}, s.clock.Now())
}

// postMoves moves the money of a correction and puts it on record.
func (s *Service) postMoves(ctx context.Context, tx pgx.Tx, c Correction, m moving) (Correction, error) {
	id, err := db.NextID(ctx, tx, "correction_id_seq")
	if err != nil {
		return Correction{}, err
	}
	c.ID, c.Amount, c.Lines = CorrectionID(id), m.amount, len(m.lines)
	posted, err := s.ledger.PostTx(ctx, tx, ledger.Command{Key: "correction/" + c.Number, Kind: kindCorrection, Actor: c.RecordedBy,
		Cause: "correction:" + itoa(id), Memo: c.Number, BusinessDate: clock.Date(s.clock.Now()), Steps: m.steps})
	if err != nil {
		return Correction{}, err
	}
	c.Journal, c.Legs = posted.Journal, m.legs
	follows := make([]payment.Follow, len(c.Legs))
	for i := range c.Legs {
		c.Legs[i].To = posted.Holdings[i]
		follows[i] = payment.Follow{From: c.Legs[i].From, To: c.Legs[i].To}
	}
	if err := s.payment.FollowTx(ctx, tx, follows); err != nil {
		return Correction{}, err
	}
	return c, insertCorrection(ctx, tx, c)
}
