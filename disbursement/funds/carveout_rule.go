package funds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/money"
)

// CarveoutRule is the purchased-service rule (购买服务列支规则) of an area for a
// year: at least FloorRate of BaseFunds' totals, at most CapRate of CapFund's.
// The base's other funds may pay beside the capped one; money of BarredLevels
// may not pay for services at all.
type CarveoutRule struct {
	Area         string        `json:"area" validate:"area12"`
	Year         int           `json:"year" validate:"min=1990,max=2199"`
	FloorRate    money.Rate    `json:"floor_rate"`
	BaseFunds    []string      `json:"base_funds" validate:"min=1,dive,required,excludesall=;"`
	CapRate      money.Rate    `json:"cap_rate"`
	CapFund      string        `json:"cap_fund" validate:"required,max=60"`
	BarredLevels []terms.Level `json:"barred_levels"`
	Document     string        `json:"document" validate:"required,max=80,no_personal_number"`
	Clause       string        `json:"clause" validate:"required,max=200,no_personal_number"`
}

// payers are the funds that may pay beside the capped one.
func (r CarveoutRule) payers() []string {
	return slices.DeleteFunc(slices.Clone(r.BaseFunds), func(f string) bool { return f == r.CapFund })
}

func (r CarveoutRule) barred(l terms.Level) bool { return slices.Contains(r.BarredLevels, l) }

func (r CarveoutRule) equal(o CarveoutRule) bool {
	return r.FloorRate == o.FloorRate && r.CapRate == o.CapRate && r.CapFund == o.CapFund && r.Document == o.Document && r.Clause == o.Clause &&
		slices.Equal(r.BaseFunds, o.BaseFunds) && slices.Equal(r.BarredLevels, o.BarredLevels)
}

// Area12 is an area code in its 12 digits: a shorter code of a province, city,
// county or township is filled up with zeros.
func Area12(code string) string {
	code = ident.Normalize(code)
	if n := len(code); n == 2 || n == 4 || n == 6 || n == 9 {
		code += strings.Repeat("0", 12-n)
	}
	return code
}

// SetCarveoutRule records the rule of an area and year; the latest one is in
// force. The same rule again changes nothing. Errors: VALID_PROBLEMS,
// CARVEOUT_RATE (a rate that is not above 0 and at most the whole).
func (s *Service) SetCarveoutRule(ctx context.Context, rule CarveoutRule) error {
	who, err := auth.Require(ctx, auth.PolicyImport)
	if err != nil {
		return err
	}
	rule.Area = Area12(rule.Area)
	if err := s.valid.Check(rule); err != nil {
		return err
	}
	if err := rule.checkRates(); err != nil {
		return err
	}
	return run(ctx, s.db.Run, func(tx pgx.Tx) error {
		now, err := carveoutRule(ctx, tx, rule.Area, rule.Year)
		if err == nil && now.equal(rule) {
			return nil
		}
		if err != nil && errs.CodeOf(err) != "CARVEOUT_NO_RULE" {
			return err
		}
		return insertCarveoutRule(ctx, tx, rule, who.Login, s.clock.Now())
	})
}

func (r CarveoutRule) checkRates() error {
	var fields []errs.Field
	whole, err := money.NewRate(1, 1)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "CARVEOUT_INPUT")
	}
	for _, x := range []struct {
		name string
		rate money.Rate
	}{{"floor_rate", r.FloorRate}, {"cap_rate", r.CapRate}} {
		if x.rate.Sign() <= 0 || x.rate.Cmp(whole) > 0 {
			fields = append(fields, errs.Field{Column: x.name, Value: x.rate.String(), Code: "CARVEOUT_RATE"})
		}
	}
	for _, l := range r.BarredLevels {
		if !l.IsValid() {
			fields = append(fields, errs.Field{Column: "barred_levels", Value: string(l), Code: "FUNDS_LEVEL"})
		}
	}
	if len(fields) > 0 {
		return errs.WithFields("CARVEOUT_INPUT", fields)
	}
	return nil
}

// CarveoutRuleOf is the rule in force. Errors: CARVEOUT_NO_RULE (NotFound).
func (s *Service) CarveoutRuleOf(ctx context.Context, q db.Querier, area string, year int) (CarveoutRule, error) {
	return carveoutRule(ctx, q, Area12(area), year)
}

func carveoutRule(ctx context.Context, q db.Querier, area string, year int) (CarveoutRule, error) {
	r := CarveoutRule{Area: area, Year: year}
	var floor, ceiling, base, barred string
	err := q.QueryRow(ctx, `SELECT floor_rate, base_funds, cap_rate, cap_fund, barred_levels, document, clause
		FROM carveout_rule WHERE area_code = $1 AND year = $2 ORDER BY recorded_at DESC LIMIT 1`, area, year).
		Scan(&floor, &base, &ceiling, &r.CapFund, &barred, &r.Document, &r.Clause)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, errs.New(errs.NotFound, "CARVEOUT_NO_RULE", "area", area, "year", year)
	}
	if err != nil {
		return r, fmt.Errorf("carve-out rule: %w", err)
	}
	r.BaseFunds = splitList(base)
	for _, l := range splitList(barred) {
		r.BarredLevels = append(r.BarredLevels, terms.Level(l))
	}
	if r.FloorRate, err = money.ParseRate(floor); err != nil {
		return r, fmt.Errorf("carve-out rule: floor: %w", err)
	}
	if r.CapRate, err = money.ParseRate(ceiling); err != nil {
		return r, fmt.Errorf("carve-out rule: cap: %w", err)
	}
	return r, nil
}

// splitList reads what joinList wrote.
func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ";")
}

func joinList[T ~string](items []T) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = string(item)
	}
	return strings.Join(texts, ";")
}

func insertCarveoutRule(ctx context.Context, tx pgx.Tx, r CarveoutRule, actor string, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO carveout_rule (area_code, year, recorded_at, floor_rate, base_funds, cap_rate, cap_fund, barred_levels, document, clause, recorded_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r.Area, r.Year, at, r.FloorRate.String(), joinList(r.BaseFunds), r.CapRate.String(), r.CapFund, joinList(r.BarredLevels), r.Document, r.Clause, actor)
	if constraint, _ := db.Violation(err); constraint == "carveout_rule_pkey" {
		return errs.New(errs.Conflict, "FUNDS_RULE_TWICE", "area", r.Area, "year", r.Year)
	}
	if err != nil {
		return fmt.Errorf("record carve-out rule: %w", err)
	}
	return nil
}

// onlyArea is the area given or, where none is, the only one that sql finds
// for the year. Errors: FUNDS_AREA (Invalid) where there are several.
func onlyArea(ctx context.Context, q db.Querier, area, sql string, year int) (string, error) {
	if area != "" {
		return area, nil
	}
	areas, err := collect(ctx, q, "areas with a rule", pgx.RowTo[string], sql, year)
	if err != nil || len(areas) == 0 {
		return "", err
	}
	if len(areas) > 1 {
		return "", errs.New(errs.Invalid, "FUNDS_AREA", "year", year, "areas", strings.Join(areas, "、"))
	}
	return areas[0], nil
}
