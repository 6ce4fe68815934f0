package trace

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/ledger"
)

// lines reads entitlement lines, newest first, with their legs and everybody's
// names.
func (s *Service) lines(ctx context.Context, q db.Querier, ids []int64) ([]Line, error) {
	list, err := collect(ctx, q, "lines", scanLine, `
		SELECT e.id, e.batch, b.code, e.no, e.program, coalesce(pr.name_zh, e.program), coalesce(pr.name_en, e.program),
			e.component, coalesce(c.name_zh, e.component), coalesce(c.name_en, e.component), e.class, e.month, e.occasion, e.amount_fen,
			coalesce(e.person, 0), coalesce(e.unit, 0), coalesce(e.household, 0), coalesce(h.code, ''), e.payee, e.payee_role,
			coalesce(ar.name, e.township), coalesce(po.document, ''), coalesce(po.clause, ''), coalesce(po.amount_fen, 0), e.status
		FROM entitlement_line e
		JOIN batch b ON b.id = e.batch
		LEFT JOIN program pr ON pr.code = e.program
		LEFT JOIN component c ON c.program = e.program AND c.code = e.component
		LEFT JOIN household h ON h.id = e.household
		LEFT JOIN area ar ON ar.code = e.township
		LEFT JOIN policy po ON po.id = e.policy
		WHERE e.id = ANY($1) ORDER BY e.id DESC`, ids)
	if err != nil {
		return nil, err
	}
	legs, err := legsOfLines(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].setLegs(legs[list[i].ID])
	}
	return list, s.nameLines(ctx, q, list)
}

func scanLine(row pgx.CollectableRow) (Line, error) {
	var l Line
	err := row.Scan(&l.ID, &l.Batch, &l.BatchCode, &l.No, &l.Program, &l.ProgramZH, &l.ProgramEN, &l.Component, &l.ComponentZH, &l.ComponentEN,
		&l.Class, &l.Month, &l.Occasion, &l.Amount, &l.person, &l.unit, &l.household, &l.HouseholdCode, &l.payee, &l.PayeeRole,
		&l.Township, &l.Policy.Document, &l.Policy.Clause, &l.Policy.Amount, &l.status)
	return l, err
}

func (s *Service) nameLines(ctx context.Context, q db.Querier, list []Line) error {
	var ids []int64
	for _, l := range list {
		ids = append(ids, l.person, l.unit, l.payee)
	}
	names, err := s.parties(ctx, q, ids)
	for i, l := range list {
		list[i].Beneficiary, list[i].Payee = names[max(l.person, l.unit)], names[l.payee]
	}
	return err
}

// setLegs gives a line its legs and, with them, its state.
func (l *Line) setLegs(legs []Leg) {
	l.Legs = legs
	if l.Legs == nil {
		l.Legs = []Leg{}
	}
	for i := range l.Legs {
		if l.Legs[i].Place == string(ledger.Paid) {
			l.Legs[i].Place = l.paidPlace()
		}
	}
	l.State = lineState(*l)
}

func (l *Line) paidPlace() string {
	if l.unit != 0 {
		return placePaidUnits
	}
	return placePaidPersons
}

// lineState is where a line stands: what a person decided about it, else where
// all of its legs are; part_returned where some are paid and some came back,
// mixed for any other spread; due before it has any.
func lineState(l Line) string {
	if l.status == "withheld" || l.status == "withdrawn" {
		return l.status
	}
	places := map[string]bool{}
	for _, g := range l.Legs {
		if g.Place != placeGivenBack {
			places[g.Place] = true
		}
	}
	switch {
	case len(places) == 0:
		return "due"
	case len(places) == 2 && places[l.paidPlace()] && places[string(ledger.Returned)]:
		return "part_returned"
	case len(places) > 1:
		return "mixed"
	}
	return slices.Collect(maps.Keys(places))[0]
}

const legColumns = `h.id, h.line, h.payment, h.lot, coalesce(d.number, ''), coalesce(d.id, 0), o.budget_line, coalesce(dl.level, ''),
	coalesce(dl.fund, ''), h.amount_fen, coalesce(a.kind, '')
	FROM leg h
	JOIN account o ON o.id = h.origin
	LEFT JOIN account a ON a.id = h.account
	LEFT JOIN document_line dl ON dl.lot = h.lot AND dl.kind = 'bring'
	LEFT JOIN document d ON d.id = dl.document`

func scanLeg(row pgx.CollectableRow) (Leg, error) {
	var g Leg
	err := row.Scan(&g.ID, &g.Line, &g.Payment, &g.Lot, &g.Document, &g.document, &g.budgetLine, &g.Level, &g.Fund, &g.Amount, &g.Place)
	if g.Place == "" {
		g.Place = placeGivenBack
	}
	return g, err
}

// legsOfLines reads the legs of lines with the addresses they hold, or held
// last, and the way their money came.
func legsOfLines(ctx context.Context, q db.Querier, lines []int64) (map[int64][]Leg, error) {
	legs, err := collect(ctx, q, "legs", scanLeg, `SELECT `+legColumns+` WHERE h.line = ANY($1) ORDER BY h.id`, lines)
	if err != nil {
		return nil, err
	}
	if err := addPieces(ctx, q, legs); err != nil {
		return nil, err
	}
	if err := addChains(ctx, q, legs); err != nil {
		return nil, err
	}
	out := map[int64][]Leg{}
	for _, g := range legs {
		out[g.Line] = append(out[g.Line], g)
	}
	return out, nil
}

// addChains gives legs the way their money came.
func addChains(ctx context.Context, q db.Querier, legs []Leg) error {
	var ids []int64
	for _, g := range legs {
		ids = append(ids, g.budgetLine)
	}
	came, err := chainsOf(ctx, q, ids)
	for i, g := range legs {
		legs[i].Chain, legs[i].BudgetLine = came.of(g.budgetLine), came.number(g.budgetLine)
	}
	return err
}

// span is a run of addresses of a leg, since a lot sequence.
type span struct {
	holding, opened int64
	Span
}

func scanSpan(row pgx.CollectableRow) (span, error) {
	var s span
	err := row.Scan(&s.holding, &s.opened, &s.Offset, &s.Amount)
	return s, err
}

// addPieces gives legs their addresses: those they hold now, and for a leg
// that was given back those it held.
func addPieces(ctx context.Context, q db.Querier, legs []Leg) error {
	byID := make(map[int64]*Leg, len(legs))
	var held, past []int64
	for i := range legs {
		byID[legs[i].ID] = &legs[i]
		legs[i].Pieces = []Span{}
		if legs[i].Place == placeGivenBack {
			past = append(past, legs[i].ID)
		} else {
			held = append(held, legs[i].ID)
		}
	}
	spans, err := collect(ctx, q, "pieces", scanSpan,
		`SELECT holding, opened_seq, offset_fen, amount_fen FROM piece WHERE holding = ANY($1) ORDER BY lot, offset_fen`, held)
	if err != nil {
		return err
	}
	before, err := collect(ctx, q, "past pieces", scanSpan,
		`SELECT holding, opened_seq, offset_fen, amount_fen FROM piece_history WHERE holding = ANY($1) ORDER BY lot, closed_seq, offset_fen`, past)
	if err != nil {
		return err
	}
	for _, p := range append(spans, before...) {
		g := byID[p.holding]
		g.Pieces = append(g.Pieces, p.Span)
		if g.opened == 0 || p.opened < g.opened {
			g.opened = p.opened
		}
	}
	return nil
}
