package funds

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
)

// TermName names a term of money (资金时限).
type TermName string

// The terms.
const (
	PassOnDays   TermName = "pass_on_days"   // 收到后转下达的天数 (预算法 art. 52)
	IdleMonths   TermName = "idle_months"    // 到款后多少月未用为闲置
	IdleMonths2  TermName = "idle_months_2"  // 到款后多少月未用为长期闲置
	GiveBackYear TermName = "give_back_year" // 根文件年度后第几年末未用收回 (0: the year itself)
	RemitDays    TermName = "remit_days"     // 应缴财政款的缴款天数
)

// IsValid says whether n is one of the terms.
func (n TermName) IsValid() bool {
	switch n {
	case PassOnDays, IdleMonths, IdleMonths2, GiveBackYear, RemitDays:
		return true
	}
	return false
}

// Term is a term of money as a dated policy row of an area (资金时限). Value is in
// days, months or years as its name says, whole, nothing is rounded.
type Term struct {
	Area      string    `json:"area" validate:"area12"`
	Name      TermName  `json:"name"`
	ValidFrom time.Time `json:"valid_from" validate:"required"`
	Value     int       `json:"value" validate:"min=0,max=3660"`
	Document  string    `json:"document" validate:"required,max=80,no_personal_number"`
	Clause    string    `json:"clause" validate:"required,max=200,no_personal_number"`
	Quote     string    `json:"quote" validate:"required,max=500,no_personal_number"`
}

// operator is how a value is compared: done within so many days, or idle and to
// be given back from so many months and years on.
func (n TermName) operator() string {
	if n == PassOnDays || n == RemitDays {
		return "<="
	}
	return ">="
}

// SetTerm records a term of an area from a day on; the latest record of the
// latest day is in force. The same term again changes nothing. Errors:
// VALID_PROBLEMS; Invalid FUNDS_TERM_NAME.
func (s *Service) SetTerm(ctx context.Context, t Term, actor string) error {
	t.Area = Area12(t.Area)
	if err := s.valid.Check(t); err != nil {
		return err
	}
	if !t.Name.IsValid() {
		return errs.New(errs.Invalid, "FUNDS_TERM_NAME", "name", string(t.Name))
	}
	return run(ctx, s.db.Run, func(tx pgx.Tx) error {
		now, found, err := termAt(ctx, tx, t.Area, t.Name, t.ValidFrom)
		if err != nil || found && now.same(t) {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO fund_term (area_code, name, valid_from, recorded_at, operator, value, document, clause, quote, recorded_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			t.Area, t.Name, t.ValidFrom, s.clock.Now(), t.Name.operator(), t.Value, t.Document, t.Clause, t.Quote, actor)
		if constraint, _ := db.Violation(err); constraint == "fund_term_pkey" {
			return errs.New(errs.Conflict, "FUNDS_RULE_TWICE", "area", t.Area, "year", t.ValidFrom.Year())
		}
		if err != nil {
			return fmt.Errorf("record term %s: %w", t.Name, err)
		}
		return nil
	})
}

func (t Term) same(o Term) bool {
	return t.ValidFrom.Equal(o.ValidFrom) && t.Value == o.Value && t.Document == o.Document && t.Clause == o.Clause && t.Quote == o.Quote
}

// TermOf is the term in force for an area on a day: of the area itself, or of
// the nearest above it that has one. Errors: NotFound FUNDS_NO_TERM.
func (s *Service) TermOf(ctx context.Context, q db.Querier, area string, name TermName, on time.Time) (Term, error) {
	for _, code := range upward(Area12(area)) {
		if t, found, err := termAt(ctx, q, code, name, on); err != nil || found {
			return t, err
		}
	}
	return Term{}, errs.New(errs.NotFound, "FUNDS_NO_TERM", "name", string(name), "area", area, "date", day(on))
}

// upward is an area and what stands above it: county, prefecture, province.
func upward(area string) []string {
	out := []string{area}
	if _, found := ident.CheckArea(area); found.Refused() {
		return out
	}
	for _, digits := range []int{9, 6, 4, 2} {
		if code := Area12(area[:digits]); code != out[len(out)-1] {
			out = append(out, code)
		}
	}
	return out
}

func termAt(ctx context.Context, q db.Querier, area string, name TermName, on time.Time) (Term, bool, error) {
	t := Term{Area: area, Name: name}
	err := q.QueryRow(ctx, `SELECT valid_from, value, document, clause, quote FROM fund_term
		WHERE area_code = $1 AND name = $2 AND valid_from <= $3 ORDER BY valid_from DESC, recorded_at DESC LIMIT 1`, area, name, on).
		Scan(&t.ValidFrom, &t.Value, &t.Document, &t.Clause, &t.Quote)
	if errors.Is(err, pgx.ErrNoRows) {
		return t, false, nil
	}
	if err != nil {
		return t, false, fmt.Errorf("term %s of %s: %w", name, area, err)
	}
	return t, true, nil
}
