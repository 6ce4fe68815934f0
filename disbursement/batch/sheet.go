package batch

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/money"
)

// Sheet is what an approval sheet (审批单) says of a batch, for people who sign
// on paper.
type Sheet struct {
	Batch      Batch       `json:"batch"`
	Components []SheetSum  `json:"components"`
	Layers     []SheetSum  `json:"layers"` // empty until approval freezes the money
	Steps      []SheetStep `json:"steps"`
	Names      []SheetName `json:"names"`
}

// SheetName is what people call the code of the program, the channel or a
// component.
type SheetName struct {
	Code string `json:"code"`
	ZH   string `json:"zh"`
	EN   string `json:"en"`
}

// SheetSum is a part of the batch's amount: of a component and class, or of a
// fund, level and document.
type SheetSum struct {
	What   []string  `json:"what"`
	Lines  int       `json:"lines"`
	Amount money.Fen `json:"amount"`
}

// SheetStep is a step of the approval chain with who took it; Name is empty
// where nobody has.
type SheetStep struct {
	Step   Step      `json:"step"`
	Title  string    `json:"title,omitempty"` // as the chain calls the stage
	Login  string    `json:"login,omitempty"`
	Name   string    `json:"name,omitempty"`
	Office string    `json:"office,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// SheetOf reads the sheet of a batch. Errors: BATCH_UNKNOWN (NotFound).
func SheetOf(ctx context.Context, q db.Querier, code string) (Sheet, error) {
	b, err := ByCode(ctx, q, code)
	s := Sheet{Batch: b}
	if err != nil {
		return s, err
	}
	s.Components, err = sheetSums(ctx, q, `SELECT ARRAY[component, class], count(*), sum(amount_fen)::bigint
		FROM entitlement_line WHERE batch = $1 AND status = 'listed' GROUP BY component, class ORDER BY component, class`, b.ID)
	if err != nil {
		return s, err
	}
	s.Layers, err = sheetSums(ctx, q, `SELECT ARRAY[dl.fund, dl.level, d.number], count(DISTINCT h.line), sum(h.amount_fen)::bigint
		FROM payment p JOIN leg h ON h.payment = p.id JOIN account a ON a.id = h.account
		JOIN document_line dl ON dl.lot = a.lot AND dl.kind = 'bring' JOIN document d ON d.id = dl.document
		WHERE p.batch = $1 GROUP BY dl.fund, dl.level, d.number ORDER BY dl.fund, dl.level, d.number`, b.ID)
	if err != nil {
		return s, err
	}
	if s.Names, err = sheetNames(ctx, q, b); err != nil {
		return s, err
	}
	s.Steps, err = sheetSteps(ctx, q, b)
	return s, err
}

func sheetNames(ctx context.Context, q db.Querier, b Batch) ([]SheetName, error) {
	rows, err := q.Query(ctx, `SELECT code, name_zh, name_en FROM program WHERE code = $1
		UNION ALL SELECT code, name_zh, name_en FROM component WHERE program = $1
		UNION ALL SELECT code, name_zh, name_en FROM channel WHERE code = $2`, b.Program, b.Channel)
	if err != nil {
		return nil, fmt.Errorf("names of batch %d: %w", b.ID, err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SheetName])
	if err != nil {
		return nil, fmt.Errorf("names of batch %d: %w", b.ID, err)
	}
	return names, nil
}

func sheetSums(ctx context.Context, q db.Querier, sql string, id ID) ([]SheetSum, error) {
	rows, err := q.Query(ctx, sql, id)
	if err != nil {
		return nil, fmt.Errorf("sums of batch %d: %w", id, err)
	}
	sums, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SheetSum])
	if err != nil {
		return nil, fmt.Errorf("sums of batch %d: %w", id, err)
	}
	return sums, nil
}

// sheetSteps are the stages of the batch's chain, each with who took it; of a
// review there is one for each person that it wants.
func sheetSteps(ctx context.Context, q db.Querier, b Batch) ([]SheetStep, error) {
	chain, err := chainOf(ctx, q, b.Kind.chain(), subjectOf{office: b.Office, program: b.Program, made: b.CreatedAt})
	if err != nil {
		return nil, err
	}
	all, err := Approvals(ctx, q, b.subject())
	if err != nil {
		return nil, err
	}
	took := map[Step][]Approval{StepReview: reviewsOf(all, b.Digest)}
	for _, a := range (taken{all: all}).since() {
		if a.Step != StepReview && a.Actor != "" {
			took[a.Step] = []Approval{a}
		}
	}
	for _, a := range all {
		if a.Step == StepMake && a.Decision == Done {
			took[StepMake] = []Approval{a}
		}
	}
	var steps []SheetStep
	for _, g := range chain.Stages {
		for range g.Persons {
			step := SheetStep{Step: g.Step, Title: g.Title}
			if done := took[g.Step]; len(done) > 0 {
				step.Login, step.At, took[g.Step] = done[0].Actor, done[0].DecidedAt, done[1:]
				err := q.QueryRow(ctx, `SELECT name, office FROM app_user WHERE login = $1`, step.Login).Scan(&step.Name, &step.Office)
				if err != nil {
					return nil, fmt.Errorf("who took step %s: %w", g.Step, err)
				}
			}
			steps = append(steps, step)
		}
	}
	return steps, nil
}
