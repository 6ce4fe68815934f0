package funds

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// serviceCodes are the economic codes of 委托业务费 (50205 of the government, 30227
// of a department): money on them pays suppliers and nobody else (domain.md §1).
var serviceCodes = []string{"50205", "30227"}

// PaysServices says whether a program pays suppliers: from what was set aside
// for services, and from nothing else.
func PaysServices(ctx context.Context, q db.Querier, program string) (bool, error) {
	var n int
	err := q.QueryRow(ctx, `SELECT count(*) FROM service_program WHERE program = $1`, program).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("programs that pay services: %w", err)
	}
	return n > 0, nil
}

// ServicePrograms are the programs that pay suppliers.
func ServicePrograms(ctx context.Context, q db.Querier) ([]string, error) {
	return collect(ctx, q, "programs that pay services", pgx.RowTo[string], `SELECT program FROM service_program ORDER BY program`)
}

// ServiceCharge is a line of a list that pays a supplier for an acceptance.
type ServiceCharge struct {
	Line       int32
	CreditCode string // of the beneficiary; empty: a person
	Acceptance string // the case number of the occasion
	Instalment string
	Month      terms.Month
	Amount     money.Fen
}

// ServiceProblem is why a list of charges cannot be paid; Line is 0 for the list
// as a whole. Its sentence is finding.<Code>.
type ServiceProblem struct {
	Line int32
	Code string
	Args []string
}

// The codes of problems.
const (
	ServicePerson     = "service_person"     // 受益人不是单位
	ServiceAcceptance = "service_acceptance" // 没有验收
	ServiceInstalment = "service_instalment" // an acceptance is paid once
	ServiceSupplier   = "service_supplier"   // accepted from another supplier
	ServiceMonth      = "service_month"      // an acceptance belongs to one month
	ServiceAbove      = "service_above"      // above what was accepted
	ServiceMixed      = "service_mixed"      // two funds or years in one list
	ServiceCap        = "service_cap"        // above the cap of the fund
)

// ServicePayment is a list of charges that may be paid, or why not, and what
// pays it: the money set aside from one fund in one budget year.
type ServicePayment struct {
	Problems []ServiceProblem
	Sources  []Source
}

// ServicesTx compares a list of charges with acceptances and contracts, tests
// the cap, and finds the money set aside that pays it, levels that the rule bars
// left out (money-rules B2, B5). With lock it first takes the gate of the year,
// so that until the transaction ends no other payment for services is tested:
// the freezing transaction posts what was tested. Errors: CARVEOUT_NO_RULE.
func (s *Service) ServicesTx(ctx context.Context, tx pgx.Tx, charges []ServiceCharge, lock bool) (ServicePayment, error) {
	numbers := make([]string, len(charges))
	for i, c := range charges {
		numbers[i] = c.Acceptance
	}
	known, err := acceptancesByNumber(ctx, tx, numbers)
	if err == nil && lock {
		known, err = behindGates(ctx, tx, known, numbers)
	}
	if err != nil {
		return ServicePayment{}, err
	}
	var out ServicePayment
	var first *accepted
	var asked money.Fen
	for _, c := range charges {
		a, there := known[c.Acceptance]
		if p := c.problem(a, there, first); p.Code != "" {
			out.Problems = append(out.Problems, p)
		}
		if there && !a.void && first == nil {
			first = &a
		}
		if asked, err = money.Add(asked, c.Amount); err != nil {
			return out, errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
	}
	if first == nil {
		return out, nil
	}
	p, err := readPosition(ctx, tx, first.year, first.county())
	if err != nil {
		return out, err
	}
	if problem, over := p.aboveCap(first.fund, asked); over {
		out.Problems = append(out.Problems, problem)
	}
	out.Sources, err = serviceSources(ctx, tx, p.rule, first.fund)
	return out, err
}

// behindGates takes the gates of the years that acceptances belong to, and reads
// them again: what was voided until then pays nothing.
func behindGates(ctx context.Context, tx pgx.Tx, known map[string]accepted, numbers []string) (map[string]accepted, error) {
	gates := map[string]accepted{}
	for _, a := range known {
		gates[fmt.Sprint(a.county(), a.year)] = a
	}
	for _, g := range slices.Sorted(maps.Keys(gates)) {
		if err := gates[g].gate(ctx, tx); err != nil {
			return nil, err
		}
	}
	return acceptancesByNumber(ctx, tx, numbers)
}

// county is the county under whose rule the acceptance is paid.
func (a accepted) county() string { return Contract{Township: a.township}.County() }

// gate makes whoever pays for services of the county and year wait for this
// transaction, and this one for theirs.
func (a accepted) gate(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO carveout_gate (area_code, year, tests) VALUES ($1, $2, 1)
		ON CONFLICT (area_code, year) DO UPDATE SET tests = carveout_gate.tests + 1`, a.county(), a.year)
	if err != nil {
		return fmt.Errorf("gate of services %s/%d: %w", a.county(), a.year, err)
	}
	return nil
}

// problem is what is wrong with a charge by itself, or beside the first of the
// list.
func (c ServiceCharge) problem(a accepted, there bool, first *accepted) ServiceProblem {
	say := func(code string, args ...string) ServiceProblem { return ServiceProblem{c.Line, code, args} }
	switch {
	case c.CreditCode == "":
		return say(ServicePerson)
	case !there || a.void:
		return say(ServiceAcceptance, "acceptance", c.Acceptance)
	case c.Instalment != "1":
		return say(ServiceInstalment, "acceptance", c.Acceptance)
	case a.creditCode != c.CreditCode:
		return say(ServiceSupplier, "acceptance", c.Acceptance, "contract", a.Contract)
	case terms.MonthOf(a.AcceptedOn) != c.Month:
		return say(ServiceMonth, "acceptance", c.Acceptance, "month", string(terms.MonthOf(a.AcceptedOn)))
	case c.Amount > a.Amount:
		return say(ServiceAbove, "acceptance", c.Acceptance, "accepted", a.Amount.Grouped(), "amount", c.Amount.Grouped(), "contract", a.Contract)
	case first != nil && (a.fund != first.fund || a.year != first.year || a.township[:6] != first.township[:6]):
		return say(ServiceMixed, "acceptance", c.Acceptance, "fund", a.fund, "year", fmt.Sprint(a.year), "first", first.fund)
	}
	return ServiceProblem{}
}

// aboveCap says by how much a payment out of a fund would pass its cap, with
// what is frozen, under way and paid already.
func (p *position) aboveCap(fund string, asked money.Fen) (ServiceProblem, bool) {
	if fund != p.rule.CapFund {
		return ServiceProblem{}, false
	}
	var spent money.Fen
	for _, l := range p.setAside {
		if l.Fund == fund {
			spent += l.Spent // of the fund, whose sum the ledger checked
		}
	}
	over := asked - (p.result.Cap - spent) // both at most a fund
	return ServiceProblem{Code: ServiceCap, Args: []string{"fund", fund, "cap", p.result.Cap.Grouped(), "rate", p.rule.CapRate.String(),
		"document", p.rule.Document, "spent", spent.Grouped(), "asked", asked.Grouped(), "over", over.Grouped()}}, over > 0
}

// serviceSources are the accounts that hold what was set aside from a fund in the
// rule's year, carried over or not, in document order.
func serviceSources(ctx context.Context, q db.Querier, rule CarveoutRule, fund string) ([]Source, error) {
	found, err := collect(ctx, q, "money set aside from "+fund, scanSource, asideLines+`
		SELECT `+sourceColumns+`
		FROM aside x JOIN budget_line b ON b.id = x.id
		JOIN lot l ON l.id = b.lot AND NOT l.stopped
		JOIN document_line dl ON dl.lot = b.lot AND dl.kind = 'bring' AND dl.fund = $2
		JOIN document d ON d.id = dl.document
		JOIN account a ON a.lot = b.lot AND a.kind = 'carveout' AND a.budget_line = b.id
		WHERE b.economic_code = ANY($3)
		ORDER BY d.issued_on, d.id, dl.line_no, b.id`, rule.Year, fund, serviceCodes)
	return slices.DeleteFunc(found, func(s Source) bool { return rule.barred(s.Level) }), err
}

// CapRefusal is the problem of the cap as the error of a refused payment, nil
// where there is none. Its code is CARVEOUT_CAP_PAYMENT.
func (p ServicePayment) CapRefusal() error {
	for _, x := range p.Problems {
		if x.Code == ServiceCap {
			args := make([]any, len(x.Args))
			for i, a := range x.Args {
				args[i] = a
			}
			return errs.New(errs.Refused, "CARVEOUT_CAP_PAYMENT", args...)
		}
	}
	return nil
}
