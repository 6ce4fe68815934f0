package benefits

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits/calc"
	"fenlu/disbursement/rules"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// formulaRecord is a row of policy_formula.
type formulaRecord struct {
	Policy               PolicyID
	Family               string
	Rate, Base, Operator string
	Least, Greatest      string
	Operations, Round    string
	StatedFrom           int64
	StatedRise, Reason   string
}

func (r formulaRecord) formula() (*Formula, error) {
	f := &Formula{Family: Family(r.Family), Operator: Relation(r.Operator), Order: calc.Order(r.Operations), StatedFrom: money.Fen(r.StatedFrom),
		StatedRise: r.StatedRise, Reason: r.Reason}
	wrong := errors.Join(storedRate(r.Rate, &f.Rate), storedRate(r.Least, &f.Least), storedRate(r.Greatest, &f.Greatest))
	var err error
	if f.Round, err = money.ParseRound(r.Round); err != nil {
		wrong = errors.Join(wrong, err)
	}
	if f.Base, err = storedTerms(r.Base); err != nil {
		wrong = errors.Join(wrong, err)
	}
	if wrong != nil {
		return nil, fmt.Errorf("formula of policy %d: %w", r.Policy, wrong)
	}
	return f, nil
}

func storedRate(text string, to *money.Rate) (err error) {
	*to, err = money.ParseRate(text)
	return err
}

// storedTerms reads what termsText wrote.
func storedTerms(text string) ([]Term, error) {
	if text == "" {
		return nil, nil
	}
	var out []Term
	for part := range strings.SplitSeq(text, "+") {
		t := Term{Rate: whole()}
		rate, ref, has := strings.Cut(part, "*")
		if !has {
			ref = part
		} else if err := storedRate(rate, &t.Rate); err != nil {
			return nil, err
		}
		ref, t.Prior = strings.CutSuffix(ref, priorMark)
		switch words := strings.SplitN(ref, "/", 3); len(words) {
		case 1:
			t.Figure = rules.Name(ref)
		case 3:
			t.Program, t.Component, t.Class = words[0], words[1], words[2]
		default:
			return nil, errs.New(errs.Internal, "POLICY_BASE", "part", part)
		}
		out = append(out, t)
	}
	return out, nil
}

func loadFormulas(ctx context.Context, q db.Querier, policies []PolicyID) (map[PolicyID]*Formula, error) {
	rows, err := q.Query(ctx, `SELECT policy, family, rate, base, operator, least, greatest, operations, round, stated_from_fen, stated_rise, reason
		FROM policy_formula WHERE policy = ANY($1)`, policies)
	if err != nil {
		return nil, fmt.Errorf("formulas of policies: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[formulaRecord])
	if err != nil {
		return nil, fmt.Errorf("formulas of policies: %w", err)
	}
	out := map[PolicyID]*Formula{}
	for _, r := range found {
		if out[r.Policy], err = r.formula(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func insertFormulas(ctx context.Context, tx pgx.Tx, policies []Policy, ids []PolicyID) error {
	for i, p := range policies {
		f := p.Formula
		if f == nil {
			continue
		}
		_, err := tx.Exec(ctx, `INSERT INTO policy_formula (policy, family, rate, base, operator, least, greatest, operations, round, stated_from_fen,
			stated_rise, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			int64(ids[i]), string(f.Family), f.Rate.String(), termsText(f.Base), string(f.Operator), f.Least.String(), f.Greatest.String(),
			string(f.Order), f.Round.String(), int64(f.StatedFrom), f.StatedRise, f.Reason)
		if err != nil {
			return fmt.Errorf("record formula of policy %d: %w", ids[i], err)
		}
	}
	return nil
}
