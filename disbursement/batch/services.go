package batch

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/money"
)

// sourcesOf is the money that may pay a list: the program's pool, or of a
// program that pays suppliers what was set aside for services. There every line
// needs its acceptance, and the cap is tested behind the gate of the year, so
// that what is frozen is what was tested. Errors: CARVEOUT_CAP_PAYMENT,
// BATCH_BLOCKED_SINCE (Refused).
func (s *Service) sourcesOf(ctx context.Context, tx pgx.Tx, b Batch, lines []Line) ([]funds.Source, error) {
	services, err := funds.PaysServices(ctx, tx, b.Program)
	if err != nil {
		return nil, err
	}
	if !services {
		return s.funds.Pool(ctx, tx, b.Program)
	}
	units, err := s.unitsOf(ctx, tx, lines)
	if err != nil {
		return nil, err
	}
	paid, err := s.funds.ServicesTx(ctx, tx, chargesOf(lines, units), true)
	if err == nil {
		err = paid.CapRefusal()
	}
	if err != nil {
		return nil, err
	}
	x := &examiner{}
	x.services(lines, paid.Problems)
	return paid.Sources, x.found.refusal("BATCH_BLOCKED_SINCE", b.Code)
}

// servicesAgain tests a step's charges in the transaction that freezes them: other
// payments for services may have come between the plan and the step.
func (s *Service) servicesAgain(ctx context.Context, tx pgx.Tx, b Batch, lines []Line) error {
	services, err := funds.PaysServices(ctx, tx, b.Program)
	if err == nil && services && len(lines) > 0 {
		_, err = s.sourcesOf(ctx, tx, b, lines)
	}
	return err
}

func (s *Service) unitsOf(ctx context.Context, tx pgx.Tx, lines []Line) (map[parties.UnitID]parties.Unit, error) {
	ids := make([]parties.UnitID, len(lines))
	for i := range lines {
		ids[i] = parties.UnitID(lines[i].Unit)
	}
	return s.parties.UnitsByID(ctx, tx, ids)
}

// chargesOf are the listed lines as charges of acceptances.
func chargesOf(lines []Line, units map[parties.UnitID]parties.Unit) []funds.ServiceCharge {
	var out []funds.ServiceCharge
	for i := range lines {
		l := &lines[i]
		if l.Status != Listed {
			continue
		}
		c := funds.ServiceCharge{Line: l.No, CreditCode: ident.Normalize(units[parties.UnitID(l.Unit)].CreditCode), Month: l.Month, Amount: l.Amount}
		c.Acceptance, c.Instalment = acceptanceOf(l.Occasion)
		out = append(out, c)
	}
	return out
}

// services says what keeps charges from being paid.
func (x *examiner) services(lines []Line, problems []funds.ServiceProblem) {
	for _, p := range problems {
		var of *Line
		for i := range lines {
			if p.Line != 0 && lines[i].No == p.Line {
				of = &lines[i]
			}
		}
		x.found.say(of, Block, p.Code, p.Args...)
	}
}

// sources is the money that may pay the list, as far as the checks found
// nothing against it.
func (x *examiner) sources(ctx context.Context, tx pgx.Tx, lines []Line) ([]funds.Source, error) {
	if !x.paysServices {
		return x.svc.funds.Pool(ctx, tx, x.batch.Program)
	}
	units, err := x.svc.unitsOf(ctx, tx, lines)
	if err != nil {
		return nil, err
	}
	paid, err := x.svc.funds.ServicesTx(ctx, tx, chargesOf(lines, units), false)
	if errs.CodeOf(err) == "CARVEOUT_NO_RULE" {
		x.found.say(nil, Block, "service_rule")
		return nil, nil
	}
	x.services(lines, paid.Problems)
	return paid.Sources, err
}

// supplied: a supplier is paid by a program for services and by no other
// (domain.md §1: the code of a benefit cannot pay a supplier, nor the reverse).
func (x *examiner) supplied(l *Line) {
	for _, id := range []int64{l.Unit, l.Payee} {
		u, isUnit := x.units[parties.UnitID(id)]
		if isUnit && u.Kind == terms.Supplier && !x.paysServices {
			x.found.say(l, Block, "supplier_benefit", "unit", u.Name, "program", x.batch.Program)
			return
		}
	}
}

// acceptanceOf is the acceptance that an occasion names, and the instalment.
func acceptanceOf(occasion string) (number, instalment string) {
	at := strings.LastIndex(occasion, "/")
	if !strings.HasPrefix(occasion, "case/") || at <= len("case/") {
		return "", ""
	}
	return occasion[len("case/"):at], occasion[at+1:]
}

// PaidServices is what units were paid for acceptances, by number: what bank
// evidence covers, net of returns.
func PaidServices(ctx context.Context, q db.Querier, programs []string, units []parties.UnitID) (map[string]money.Fen, error) {
	rows, err := q.Query(ctx, `SELECT l.occasion, sum(h.amount_fen)::bigint
		FROM entitlement_line l
		JOIN leg h ON h.line = l.id
		JOIN account a ON a.id = h.account AND a.kind = 'paid'
		WHERE l.unit = ANY($1) AND l.program = ANY($2)
		GROUP BY l.occasion`, units, programs)
	if err != nil {
		return nil, fmt.Errorf("payments for services: %w", err)
	}
	out := map[string]money.Fen{}
	var occasion string
	var amount money.Fen
	_, err = pgx.ForEachRow(rows, []any{&occasion, &amount}, func() error {
		number, _ := acceptanceOf(occasion)
		out[number] += amount // of one acceptance, never above its contract
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("payments for services: %w", err)
	}
	return out, nil
}
