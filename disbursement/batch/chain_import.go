package batch

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/imports"
	"fenlu/internal/db"
	"fenlu/internal/i18n"
	"fenlu/internal/sheet"
)

// stageRow is a row of a chains file: one stage.
type stageRow struct {
	Kind        string    `sheet:"kind"`
	Office      string    `sheet:"office" validate:"omitempty,officecode"`
	Program     string    `sheet:"program"`
	ValidFrom   time.Time `sheet:"valid_from"`
	Order       int64     `sheet:"order" validate:"min=1,max=99"`
	Step        string    `sheet:"step"`
	Title       string    `sheet:"title" validate:"max=40,no_personal_number"`
	StageOffice string    `sheet:"stage_office" validate:"max=80,no_personal_number"`
	Persons     int64     `sheet:"persons" validate:"max=20"`
	Document    string    `sheet:"document" validate:"max=100,no_personal_number"`
	Clause      string    `sheet:"clause" validate:"max=200,no_personal_number"`

	stage Stage
}

// ChainsReport is what an import of chains did.
type ChainsReport struct {
	File   string `json:"file"`
	Rows   int    `json:"rows"`
	Replay bool   `json:"replay"`
	New    int    `json:"new"`
	Same   int    `json:"same"` // chains that are on record as they are
}

// ImportChains imports approval chains (审批链) from an XLSX or CSV file, a row for
// each stage. A chain that is on record as it is changes nothing; what changes
// later is a chain from another date. Errors: AUTH_RIGHT_MISSING;
// SHEET_PROBLEMS with a Field for every problem (nothing is imported then), and
// what sheet.Open returns.
func (s *Service) ImportChains(ctx context.Context, path string) (ChainsReport, error) {
	actor, err := auth.Require(ctx, auth.PolicyImport)
	if err != nil {
		return ChainsReport{}, err
	}
	catalogue, err := benefits.LoadCatalogue(ctx, s.db.Pool())
	if err != nil {
		return ChainsReport{}, err
	}
	table, err := imports.Read(ctx, path, "", sheet.Chains, func(row sheet.Row, r *stageRow, is *imports.Issues) {
		is.Refuse(s.valid.Row(row, r)...)
		r.check(row, is, catalogue)
	})
	if err != nil {
		return ChainsReport{}, err
	}
	var report ChainsReport
	for try := 1; ; try++ {
		err = s.db.Run(ctx, func(tx pgx.Tx) error {
			report, err = s.importChains(ctx, tx, table, actor.Login)
			return err
		})
		// another import stored the same chain first: the next try compares with it
		if constraint, _ := db.Violation(err); constraint != "approval_chain_row" || try == chainTries {
			return report, err
		}
	}
}

const chainTries = 8

func (s *Service) importChains(ctx context.Context, tx pgx.Tx, table *imports.Sheet[stageRow], actor string) (ChainsReport, error) {
	at := s.clock.Now().Truncate(time.Microsecond)
	id, replay, err := imports.Record(ctx, tx, table.File, actor, at)
	report := ChainsReport{File: table.File.Name, Rows: table.File.Rows, Replay: replay}
	if err != nil || replay {
		return report, err
	}
	known, err := Chains(ctx, tx)
	if err != nil {
		return report, err
	}
	is := table.Issues.Copy()
	for _, g := range gather(table) {
		i := slices.IndexFunc(known, func(k Chain) bool { return k.key() == g.chain.key() })
		switch step, wrong := g.chain.wrong(); {
		case wrong:
			is.Say(table.At(g.row, "step", ""), "BATCH_CHAIN_ORDER", "want", stepsText(g.chain.Kind), "at", stepName(step))
		case i < 0:
			g.chain.ImportFile, g.chain.RecordedBy, g.chain.RecordedAt = id, actor, at
			if is.Err() == nil {
				if err := insertChain(ctx, tx, g.chain); err != nil {
					return ChainsReport{}, err
				}
			}
			report.New++
		case !known[i].same(g.chain):
			is.Say(table.At(g.row, "valid_from", g.chain.ValidFrom.Format(time.DateOnly)), "BATCH_CHAIN_DIFFERS", "document", known[i].Document)
		default:
			report.Same++
		}
	}
	return report, is.Err()
}

// gathered is a chain with the row in which it begins.
type gathered struct {
	chain Chain
	row   int
}

func (c Chain) key() string {
	return strings.Join([]string{c.Kind, c.Office, c.Program, c.ValidFrom.Format(time.DateOnly)}, "/")
}

// same says whether a chain is the one on record: its stages, and the document and
// clause that set it.
func (c Chain) same(o Chain) bool {
	return slices.Equal(c.Stages, o.Stages) && c.Document == o.Document && c.Clause == o.Clause
}

// gather puts the stages of a file together into chains, each in the order of
// its stages.
func gather(table *imports.Sheet[stageRow]) []gathered {
	var all []gathered
	at := map[string]int{}
	for _, r := range table.Rows {
		c := Chain{Kind: r.Value.Kind, Office: r.Value.Office, Program: r.Value.Program, ValidFrom: r.Value.ValidFrom,
			Document: strings.TrimSpace(r.Value.Document), Clause: strings.TrimSpace(r.Value.Clause)}
		i, there := at[c.key()]
		if !there {
			i = len(all)
			at[c.key()] = i
			all = append(all, gathered{c, r.Row})
		}
		all[i].chain.Stages = append(all[i].chain.Stages, r.Value.stage)
	}
	for _, g := range all {
		slices.SortStableFunc(g.chain.Stages, func(a, b Stage) int { return cmp.Compare(a.Order, b.Order) })
	}
	return all
}

// check reads a row into its stage.
func (r *stageRow) check(row sheet.Row, is *imports.Issues, catalogue benefits.Catalogue) {
	say := func(key, code string, args ...any) { is.Refuse(row.Problem(key, code, args...)) }
	kind, ok := chainWord("batch.chain", r.Kind, "batch", "list", "emergency")
	if !ok {
		say("kind", "BATCH_CHAIN_KIND")
	}
	r.Kind, r.Office = kind, strings.ToUpper(strings.TrimSpace(r.Office))
	if program := strings.TrimSpace(r.Program); program != "" {
		p, known := catalogue.Program(program)
		if !known {
			say("program", "BATCH_PROGRAM", "program", program, "options", catalogue.ProgramOptions())
		}
		r.Program = p.Code
	}
	var words []string
	for _, step := range orders[kind] {
		words = append(words, string(step))
	}
	step, ok := chainWord("batch.step", r.Step, words...)
	if !ok && kind != "" {
		say("step", "BATCH_CHAIN_ORDER", "want", stepsText(kind), "at", r.Step)
	}
	persons := max(int(r.Persons), 1)
	if persons > 1 && Step(step) != StepReview {
		say("persons", "BATCH_CHAIN_PERSONS")
	}
	r.stage = Stage{Order: int(r.Order), Step: Step(step), Title: strings.TrimSpace(r.Title), Right: rightOf(kind, Step(step)),
		Office: strings.TrimSpace(r.StageOffice), Persons: persons}
}

// chainWord reads one of some words by its code or its name in either language.
func chainWord(prefix, text string, codes ...string) (string, bool) {
	text = strings.TrimSpace(text)
	for _, code := range codes {
		if strings.EqualFold(text, code) || text == i18n.Term(i18n.ZH, prefix, code) || strings.EqualFold(text, i18n.Term(i18n.EN, prefix, code)) {
			return code, true
		}
	}
	return "", false
}

// stepsText is the steps of a kind of chain, as a user reads them.
func stepsText(kind string) string {
	var names []string
	for _, step := range orders[kind] {
		names = append(names, stepName(step))
	}
	return strings.Join(names, "→")
}
