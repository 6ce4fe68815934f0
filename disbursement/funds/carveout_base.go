package funds

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/funds/carveout"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// Basis says which figures of the funds make the base.
type Basis string

// The bases.
const (
	Budgeted Basis = "budgeted" // 预算数: what documents brought, net of cuts
	Executed Basis = "executed" // 执行数: what was paid
)

// CarveoutBase is a decision on the base of the floor (基数口径决定), which no
// paper defines (money-rules B1, F). Without one both variants are shown.
type CarveoutBase struct {
	ID        int64            `json:"id"`
	Area      string           `json:"area" validate:"area12"`
	Year      int              `json:"year" validate:"min=1990,max=2199"`
	Variant   carveout.Variant `json:"variant" validate:"oneof=together each"`
	Levels    []terms.Level    `json:"levels"`   // that count; none: all
	CarryIn   bool             `json:"carry_in"` // money carried into the year counts
	Basis     Basis            `json:"basis" validate:"oneof=budgeted executed"`
	AsOf      *time.Time       `json:"as_of"` // documents received after it do not count; nil: all
	Document  string           `json:"document" validate:"required,max=80,no_personal_number"`
	Clause    string           `json:"clause" validate:"required,max=200,no_personal_number"`
	DecidedBy string           `json:"decided_by" validate:"required,max=80,no_personal_number"`
	DecidedOn time.Time        `json:"decided_on" validate:"required"`

	RecordedBy string    `json:"recorded_by"`
	RecordedAt time.Time `json:"recorded_at"`
}

// same says whether two decisions say the same.
func (b CarveoutBase) same(o CarveoutBase) bool {
	o.ID, o.RecordedBy, o.RecordedAt = b.ID, b.RecordedBy, b.RecordedAt
	return bytes.Equal(CarveoutBaseLeaf(b).Bytes(), CarveoutBaseLeaf(o).Bytes())
}

func asOfText(t *time.Time) string {
	if t == nil {
		return ""
	}
	return day(*t)
}

// plain says whether the base is the budget of the year as it stands, which
// is also what the cap is of.
func (b CarveoutBase) plain() bool {
	return len(b.Levels) == 0 && !b.CarryIn && b.Basis == Budgeted && b.AsOf == nil
}

// CarveoutBaseLeaf is the leaf of a decision.
func CarveoutBaseLeaf(b CarveoutBase) *leaf.Leaf {
	carry := "no"
	if b.CarryIn {
		carry = "yes"
	}
	return leaf.New(string(proof.KindCarveoutBase), 1).Int("id", b.ID).Text("area", b.Area).Int("year", int64(b.Year)).Text("variant", string(b.Variant)).
		Text("levels", joinList(b.Levels)).Text("carry_in", carry).Text("basis", string(b.Basis)).Text("as_of", asOfText(b.AsOf)).
		Text("document", b.Document).Text("clause", b.Clause).Text("decided_by", b.DecidedBy).Date("decided_on", b.DecidedOn).
		Text("recorded_by", b.RecordedBy).Time("recorded_at", b.RecordedAt)
}

// DecideCarveoutBase records a decision; the newest one is in force, and the
// one in force again changes nothing. Errors: VALID_PROBLEMS; CARVEOUT_INPUT with
// FUNDS_LEVEL; Invalid CARVEOUT_BASE_AS_OF (paid sums are known as they are, not
// as of a date).
func (s *Service) DecideCarveoutBase(ctx context.Context, b CarveoutBase) (CarveoutBase, error) {
	who, err := auth.Require(ctx, auth.PolicyImport)
	if err != nil {
		return CarveoutBase{}, err
	}
	b.Area = Area12(b.Area)
	if err := s.valid.Check(b); err != nil {
		return b, err
	}
	if err := b.check(); err != nil {
		return b, err
	}
	var out CarveoutBase
	err = run(ctx, s.db.RunSerializable, func(tx pgx.Tx) error {
		now, found, err := carveoutBase(ctx, tx, b.Area, b.Year)
		if err != nil {
			return err
		}
		if found && now.same(b) {
			out = now
			return nil
		}
		out = b
		out.RecordedBy, out.RecordedAt = who.Login, s.clock.Now()
		return insertCarveoutBase(ctx, tx, &out)
	})
	return out, err
}

func (b CarveoutBase) check() error {
	for _, l := range b.Levels {
		if !l.IsValid() {
			return errs.WithFields("CARVEOUT_INPUT", []errs.Field{{Column: "levels", Value: string(l), Code: "FUNDS_LEVEL"}})
		}
	}
	if b.Basis == Executed && b.AsOf != nil {
		return errs.New(errs.Invalid, "CARVEOUT_BASE_AS_OF", "as_of", asOfText(b.AsOf))
	}
	return nil
}

const carveoutBaseColumns = `c.id, c.area_code, c.year, c.variant, c.levels, c.carry_in, c.basis, c.as_of, c.document, c.clause, c.decided_by, c.decided_on,
	c.recorded_by, c.recorded_at`

func scanCarveoutBase(row pgx.Row, more ...any) (CarveoutBase, error) {
	var b CarveoutBase
	var levels string
	err := row.Scan(append([]any{&b.ID, &b.Area, &b.Year, &b.Variant, &levels, &b.CarryIn, &b.Basis, &b.AsOf, &b.Document, &b.Clause, &b.DecidedBy, &b.DecidedOn,
		&b.RecordedBy, &b.RecordedAt}, more...)...)
	for _, l := range splitList(levels) {
		b.Levels = append(b.Levels, terms.Level(l))
	}
	return b, err
}

// carveoutBase is the decision in force; false where there is none.
func carveoutBase(ctx context.Context, q db.Querier, area string, year int) (CarveoutBase, bool, error) {
	found, err := collect(ctx, q, "decision on the base", func(row pgx.CollectableRow) (CarveoutBase, error) { return scanCarveoutBase(row) },
		`SELECT `+carveoutBaseColumns+` FROM carveout_base c WHERE c.area_code = $1 AND c.year = $2 ORDER BY c.id DESC LIMIT 1`, area, year)
	if err != nil || len(found) == 0 {
		return CarveoutBase{}, false, err
	}
	return found[0], true, nil
}

func insertCarveoutBase(ctx context.Context, tx pgx.Tx, b *CarveoutBase) (err error) {
	if b.ID, err = db.NextID(ctx, tx, "carveout_base_id_seq"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO carveout_base (id, area_code, year, variant, levels, carry_in, basis, as_of, document, clause, decided_by, decided_on,
			recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`, b.ID, b.Area, b.Year, b.Variant, joinList(b.Levels), b.CarryIn, b.Basis, b.AsOf,
		b.Document, b.Clause, b.DecidedBy, b.DecidedOn, b.RecordedBy, b.RecordedAt)
	if err != nil {
		return fmt.Errorf("record decision on the base: %w", err)
	}
	return proof.Append(ctx, tx, proof.ItemOf(CarveoutBaseLeaf(*b), b.ID))
}

// baseSources are the figures that make the base where the decision wants
// others than the year's budget as it stands.
func baseSources(ctx context.Context, q db.Querier, b CarveoutBase) ([]lineSum, error) {
	if b.Basis == Executed {
		return sumsOf(ctx, q, b, "paid from the year's lines", `
			SELECT dl.fund, dl.level, d.number, sum(a.balance_fen)::bigint AS amount_fen
			FROM budget_line b
			JOIN account a ON a.lot = b.lot AND a.budget_line = b.id AND a.kind = 'paid'
			JOIN document_line dl ON dl.lot = b.lot AND dl.kind = 'bring'
			JOIN document d ON d.id = dl.document
			WHERE b.year = $1 AND ($2 OR d.year = $1)
			GROUP BY dl.fund, dl.level, d.number, d.issued_on, d.id
			ORDER BY d.issued_on, d.id`, b.Year, b.CarryIn)
	}
	sums, err := sumsOf(ctx, q, b, "lines of the year as of a date", `
		SELECT dl.fund, dl.level, d.number,
			dl.amount_fen - coalesce((SELECT sum(c.amount_fen)::bigint FROM document_line c JOIN document e ON e.id = c.document
				WHERE c.lot = dl.lot AND c.kind = 'cut' AND ($2::date IS NULL OR e.received_on <= $2)), 0) AS amount_fen
		FROM document_line dl JOIN document d ON d.id = dl.document
		WHERE dl.kind = 'bring' AND d.year = $1 AND ($2::date IS NULL OR d.received_on <= $2)
		ORDER BY d.issued_on, d.id, dl.line_no`, b.Year, b.AsOf)
	if err != nil || !b.CarryIn {
		return sums, err
	}
	carried, err := sumsOf(ctx, q, b, "carried into the year", `
		SELECT dl.fund, dl.level, d.number, m.amount_fen - coalesce((SELECT sum(r.amount_fen)::bigint
				FROM journal k JOIN document_line r ON r.journal = k.id AND r.from_budget_line = m.to_budget_line AND r.to_budget_line = m.from_budget_line
				JOIN document e ON e.id = r.document WHERE k.reverses = m.journal AND ($2::date IS NULL OR e.received_on <= $2)), 0) AS amount_fen
		FROM document_line m JOIN document d ON d.id = m.document
		JOIN journal j ON j.id = m.journal AND j.kind = 'document.carry_over'
		JOIN document_line dl ON dl.lot = m.lot AND dl.kind = 'bring'
		WHERE d.year = $1 AND m.kind = 'move' AND ($2::date IS NULL OR d.received_on <= $2)
		ORDER BY d.issued_on, d.id, m.line_no`, b.Year, b.AsOf)
	return append(sums, carried...), err
}

// sumsOf reads sums and keeps those of the levels that count.
func sumsOf(ctx context.Context, q db.Querier, b CarveoutBase, what, sql string, args ...any) ([]lineSum, error) {
	sums, err := query[lineSum](ctx, q, what, sql, args...)
	if len(b.Levels) > 0 {
		sums = slices.DeleteFunc(sums, func(s lineSum) bool { return !slices.Contains(b.Levels, s.Level) })
	}
	return sums, err
}

// base puts the figures of the base into the input as the decision says.
func (p *position) base(ctx context.Context, q db.Querier) error {
	b, found, err := carveoutBase(ctx, q, p.rule.Area, p.rule.Year)
	if err != nil || !found {
		return err
	}
	p.decision = &b
	p.input.Decision = i18n.T(i18n.ZH, "carveout.decision", "document", b.Document, "clause", b.Clause, "by", b.DecidedBy, "on", day(b.DecidedOn))
	if b.plain() {
		return nil
	}
	sums, err := baseSources(ctx, q, b)
	if err != nil {
		return err
	}
	for i := range p.input.Sources {
		p.input.Sources[i].OutOfBase = true
	}
	for _, l := range sums {
		if slices.Contains(p.rule.BaseFunds, l.Fund) {
			p.input.Sources = append(p.input.Sources, carveout.Source{Fund: l.Fund, Level: l.Level.Name(i18n.ZH), Document: l.Document, Amount: l.Amount, BaseOnly: true})
		}
	}
	return nil
}

// Reading is the position in one variant.
type Reading struct {
	Variant carveout.Variant `json:"variant"`
	Result  carveout.Result  `json:"result"`
}

// compute works out the position as the decision reads the base; without one,
// in every variant, the first of which stands for the result.
func (p *position) compute() error {
	variants := carveout.Variants()
	if p.decision != nil {
		variants = []carveout.Variant{p.decision.Variant}
	}
	for _, v := range variants {
		r, err := carveout.ComputeAs(v, p.input)
		if err != nil {
			return err
		}
		p.readings = append(p.readings, Reading{v, r})
	}
	p.result = p.readings[0].Result
	return nil
}

// Advice says what is still to be set aside to reach the floor: how much, from
// which fund, and how much that fund may give at most.
type Advice struct {
	More    money.Fen    `json:"more"`
	Missing money.Fen    `json:"missing"` // of More, what no fund can give
	By      time.Time    `json:"by"`      // the last day of the year
	Funds   []FundAdvice `json:"funds"`
}

// FundAdvice is the part of one fund.
type FundAdvice struct {
	Fund   string    `json:"fund"`
	Amount money.Fen `json:"amount"`  // advised
	AtMost money.Fen `json:"at_most"` // free in levels that are not barred, of the capped fund within its cap
}

// advice sums up a plan by fund.
func (p *position) advice(plan Plan) Advice {
	a := Advice{More: plan.Total + plan.Missing, Missing: plan.Missing, By: firstDay(p.rule.Year+1).AddDate(0, 0, -1), Funds: []FundAdvice{}}
	at := map[string]int{}
	fundOf := map[int64]string{}
	for _, f := range p.candidates() {
		fundOf[int64(f.BudgetLine)] = f.Fund
		i, there := at[f.Fund]
		if !there {
			i = len(a.Funds)
			at[f.Fund] = i
			a.Funds = append(a.Funds, FundAdvice{Fund: f.Fund})
		}
		a.Funds[i].AtMost += f.Balance // balances of a fund; the ledger checked their sum
	}
	for i, f := range a.Funds {
		if f.Fund == p.rule.CapFund {
			a.Funds[i].AtMost = min(f.AtMost, max(p.result.Cap-p.input.Planned.Fund, 0))
		}
	}
	for _, item := range plan.Items {
		a.Funds[at[fundOf[int64(item.BudgetLine)]]].Amount += item.Amount
	}
	return a
}

// OverSince is the paper that put the capped fund over its cap (超上限起于): a cut
// of the fund, or a contract.
type OverSince struct {
	Number string    `json:"number"`
	On     time.Time `json:"on"`
	Cap    money.Fen `json:"cap"`  // after it
	Over   money.Fen `json:"over"` // then, of what is charged now
}

// overSince re-tests the cap after every document of the capped fund and finds
// the one since which what is charged now has been above it, without a break.
// Where the cap never sufficed, it is the contract that went above it.
func (p *position) overSince(ctx context.Context, q db.Querier) (*OverSince, error) {
	charged := p.result.Cap + p.result.Over
	if p.result.Over == 0 {
		return nil, nil //nolint:nilnil // nothing is over
	}
	type change struct {
		Number string    `db:"number"`
		On     time.Time `db:"received_on"`
		Amount money.Fen `db:"amount_fen"`
	}
	changes, err := query[change](ctx, q, "budget changes of the capped fund", `
		SELECT e.number, e.received_on, sum(CASE dl.kind WHEN 'cut' THEN -dl.amount_fen ELSE dl.amount_fen END)::bigint AS amount_fen
		FROM document d
		JOIN document_line b ON b.document = d.id AND b.kind = 'bring'
		JOIN document_line dl ON dl.lot = b.lot AND dl.kind IN ('bring', 'cut')
		JOIN document e ON e.id = dl.document
		WHERE d.year = $1 AND b.fund = $2
		GROUP BY e.id, e.number, e.received_on ORDER BY e.id`, p.rule.Year, p.rule.CapFund)
	if err != nil {
		return nil, err
	}
	var total money.Fen
	var since *OverSince
	kept := false // the cap sufficed before
	for _, c := range changes {
		total += c.Amount // a part of what the ledger holds
		limit, err := p.rule.CapRate.Of(max(total, 0), money.Down)
		if err != nil {
			return nil, errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
		switch {
		case limit >= charged:
			since, kept = nil, true
		case since == nil && kept:
			since = &OverSince{Number: c.Number, On: c.On, Cap: limit, Over: charged - limit}
		}
	}
	if since == nil {
		since = p.overByContract()
	}
	return since, nil
}

// overByContract is the contract of the capped fund that went above the cap.
func (p *position) overByContract() *OverSince {
	var sum money.Fen
	for _, c := range p.contracts {
		if c.Fund != p.rule.CapFund {
			continue
		}
		if sum += c.Amount; sum > p.result.Cap {
			return &OverSince{Number: c.Number, On: c.SignedOn, Cap: p.result.Cap, Over: sum - p.result.Cap}
		}
	}
	return nil
}
