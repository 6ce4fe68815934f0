package batch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/funds"
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
)

// sourceCodes is which residence class each source of a pool pays, by position:
// empty for both. Nil where no rule tells the classes apart.
type sourceCodes []string

func (c sourceCodes) of(source int) string {
	if c == nil {
		return ""
	}
	return c[source]
}

// class is the residence class of a line, where sources are told apart by it.
func (c sourceCodes) class(l *Line) string {
	if c == nil {
		return ""
	}
	return l.Residence
}

// codesOf reads which sources pay one residence class only: those whose function
// code (功能科目) the rules name for it (rules.FunctionCodeOf), as they
// are in the batch's month for the area of its first line.
func (s *Service) codesOf(ctx context.Context, q db.Querier, b Batch, lines []Line, sources []funds.Source) (sourceCodes, error) {
	if b.Kind == Emergency || len(lines) == 0 {
		return nil, nil
	}
	var names []rules.Name
	for _, r := range terms.Residences() {
		names = append(names, rules.FunctionCodeOf(b.Program, string(r)))
	}
	figures, err := rules.Load(ctx, q, names...)
	if err != nil || len(figures) == 0 {
		return nil, err
	}
	pays := map[string]string{}
	for i, r := range terms.Residences() {
		if rule, ok := figures.At(names[i], lines[0].Township, b.Period.First()); ok {
			pays[rule.Value] = string(r)
		}
	}
	if len(pays) == 0 {
		return nil, nil
	}
	ids := make([]int32, len(sources))
	for i := range sources {
		ids[i] = int32(sources[i].BudgetLine)
	}
	rows, err := q.Query(ctx, `SELECT id, function_code FROM budget_line WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("function codes of sources: %w", err)
	}
	code := map[int32]string{}
	var id int32
	var text string
	if _, err := pgx.ForEachRow(rows, []any{&id, &text}, func() error { code[id] = text; return nil }); err != nil {
		return nil, fmt.Errorf("function codes of sources: %w", err)
	}
	out := make(sourceCodes, len(sources))
	for i := range sources {
		out[i] = pays[code[ids[i]]]
	}
	return out, nil
}
