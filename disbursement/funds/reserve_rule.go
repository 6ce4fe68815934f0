package funds

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// ReserveRule is the rule of the townships' emergency reserves (临时救助备用金)
// of an area for a year: so much for each registered resident, and at most so
// much for one case.
type ReserveRule struct {
	Area        string    `json:"area" validate:"area12"`
	Year        int       `json:"year" validate:"min=1990,max=2199"`
	PerResident money.Fen `json:"per_resident" validate:"fen_positive"`
	CaseLimit   money.Fen `json:"case_limit" validate:"fen_positive"`
	Document    string    `json:"document" validate:"required,max=80,no_personal_number"`
	Clause      string    `json:"clause" validate:"required,max=200,no_personal_number"`
}

// SetReserveRule records the rule of an area and year; the latest one is in
// force. The same rule again changes nothing. Errors: VALID_PROBLEMS.
func (s *Service) SetReserveRule(ctx context.Context, rule ReserveRule) error {
	who, err := auth.Require(ctx, auth.PolicyImport)
	if err != nil {
		return err
	}
	rule.Area = Area12(rule.Area)
	if err := s.valid.Check(rule); err != nil {
		return err
	}
	return run(ctx, s.db.Run, func(tx pgx.Tx) error {
		now, err := reserveRule(ctx, tx, rule.Area, rule.Year)
		if err == nil && now == rule {
			return nil
		}
		if err != nil && errs.CodeOf(err) != "RESERVE_NO_RULE" {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO reserve_rule (area_code, year, recorded_at, per_resident_fen, case_limit_fen, document, clause, recorded_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			rule.Area, rule.Year, s.clock.Now(), rule.PerResident, rule.CaseLimit, rule.Document, rule.Clause, who.Login)
		if constraint, _ := db.Violation(err); constraint == "reserve_rule_pkey" {
			return errs.New(errs.Conflict, "FUNDS_RULE_TWICE", "area", rule.Area, "year", rule.Year)
		}
		if err != nil {
			return fmt.Errorf("record reserve rule: %w", err)
		}
		return nil
	})
}

// ReserveRuleOf is the rule in force. Errors: RESERVE_NO_RULE (NotFound).
func (s *Service) ReserveRuleOf(ctx context.Context, q db.Querier, area string, year int) (ReserveRule, error) {
	return reserveRule(ctx, q, Area12(area), year)
}

func reserveRule(ctx context.Context, q db.Querier, area string, year int) (ReserveRule, error) {
	r := ReserveRule{Area: area, Year: year}
	err := q.QueryRow(ctx, `SELECT per_resident_fen, case_limit_fen, document, clause
		FROM reserve_rule WHERE area_code = $1 AND year = $2 ORDER BY recorded_at DESC LIMIT 1`, area, year).
		Scan(&r.PerResident, &r.CaseLimit, &r.Document, &r.Clause)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, errs.New(errs.NotFound, "RESERVE_NO_RULE", "area", area, "year", year)
	}
	if err != nil {
		return r, fmt.Errorf("reserve rule: %w", err)
	}
	return r, nil
}
