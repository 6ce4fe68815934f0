package benefits

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/terms"
	"fenlu/internal/i18n"
	"fenlu/internal/sheet"
)

// programRow is a row of a programs file: a component, with its program and the
// program's pool.
type programRow struct {
	Program     string    `sheet:"program" validate:"max=10"`
	ProgramZH   string    `sheet:"program_name" validate:"max=60,no_personal_number"`
	ProgramEN   string    `sheet:"program_name_en" validate:"max=80,no_personal_number"`
	Component   string    `sheet:"component" validate:"max=30"`
	ComponentZH string    `sheet:"component_name" validate:"max=60,no_personal_number"`
	ComponentEN string    `sheet:"component_name_en" validate:"max=80,no_personal_number"`
	ItemCode    string    `sheet:"item_code" validate:"max=40"`
	Urban       string    `sheet:"function_urban"`
	Rural       string    `sheet:"function_rural"`
	Pool        string    `sheet:"pool" validate:"max=300"`
	ValidFrom   time.Time `sheet:"valid_from"`
	ValidUntil  time.Time `sheet:"valid_until"`
	Document    string    `sheet:"document" validate:"max=100,no_personal_number"`

	program   Program
	component Component
	pool      []Pool
}

var (
	programCode   = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,9}$`)
	componentCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)
	functionCode  = regexp.MustCompile(`^[0-9]{7}$`)
)

// ProgramReport is what an import of programs did.
type ProgramReport struct {
	Import     int64         `json:"import"`
	File       string        `json:"file"`
	Rows       int           `json:"rows"`
	Replay     bool          `json:"replay"`   // the same file had been imported before: nothing was done
	Programs   int           `json:"programs"` // new or changed
	Components int           `json:"components"`
	Notes      imports.Notes `json:"notes"`
}

// ImportPrograms imports the catalogue (项目目录): programs with their components,
// codes and pools, so that a new program needs no code (money-rules A37). The
// codes of a program and its components are for ever; names, item and function
// codes and the day it ends may be said anew. Errors: SHEET_PROBLEMS with a
// Field for every problem (nothing is imported then), and what sheet.Open returns.
func (s *Service) ImportPrograms(ctx context.Context, path, actor string) (ProgramReport, error) {
	table, err := imports.Read(ctx, path, "", sheet.Programs, func(row sheet.Row, r *programRow, is *imports.Issues) {
		is.Refuse(s.valid.Row(row, r)...)
		policyChecker{row, is}.program(r)
	})
	if err != nil {
		return ProgramReport{}, err
	}
	checkPrograms(table)
	var report ProgramReport
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		report, err = s.storePrograms(ctx, tx, table, actor)
		return err
	})
	return report, err
}

func (s *Service) storePrograms(ctx context.Context, tx pgx.Tx, table *imports.Sheet[programRow], actor string) (ProgramReport, error) {
	id, replay, err := imports.Record(ctx, tx, table.File, actor, s.clock.Now())
	report := ProgramReport{Import: id, File: table.File.Name, Rows: table.File.Rows, Replay: replay}
	if err != nil || replay {
		return report, err
	}
	is := table.Issues.Copy()
	if err := is.Err(); err != nil {
		return ProgramReport{}, err
	}
	known, err := LoadCatalogue(ctx, tx)
	if err != nil {
		return ProgramReport{}, err
	}
	seen := map[string]bool{}
	for _, r := range table.Rows {
		if p := r.Value.program; !seen[p.Code] {
			seen[p.Code] = true
			report.Programs++
			if err := storeProgram(ctx, tx, p, placeOf(known, p.Code, len(seen)), r.Value.pool); err != nil {
				return ProgramReport{}, err
			}
		}
		report.Components++
		if err := storeComponent(ctx, tx, r.Value.program.Code, r.Value.component); err != nil {
			return ProgramReport{}, err
		}
	}
	report.Notes = is.Notes()
	return report, nil
}

// placeOf is where a program stands in the catalogue: where it was, or behind all.
func placeOf(known Catalogue, code string, nth int) int {
	if i := slices.IndexFunc(known.Programs, func(p Program) bool { return p.Code == code }); i >= 0 {
		return i + 1
	}
	return len(known.Programs) + nth
}

func storeProgram(ctx context.Context, tx pgx.Tx, p Program, place int, pool []Pool) error {
	var until *time.Time
	if !p.Until.IsZero() {
		until = &p.Until
	}
	_, err := tx.Exec(ctx, `INSERT INTO program (code, name_zh, name_en, ord, valid_from, valid_until, document) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (code) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, valid_from = excluded.valid_from,
			valid_until = excluded.valid_until, document = excluded.document`, p.Code, p.NameZH, p.NameEN, place, p.From, until, p.Document)
	if err != nil {
		return fmt.Errorf("store program %s: %w", p.Code, err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM pool WHERE program = $1`, p.Code); err != nil {
		return fmt.Errorf("take down pool of %s: %w", p.Code, err)
	}
	for _, entry := range pool {
		_, err := tx.Exec(ctx, `INSERT INTO pool (program, fund, level, ord) VALUES ($1, $2, $3, $4)
			ON CONFLICT (program, fund, level) DO UPDATE SET ord = excluded.ord`, p.Code, entry.Fund, string(entry.Level), entry.Order)
		if err != nil {
			return fmt.Errorf("store pool of %s: %w", p.Code, err)
		}
	}
	return nil
}

func storeComponent(ctx context.Context, tx pgx.Tx, program string, c Component) error {
	_, err := tx.Exec(ctx, `INSERT INTO component (program, code, name_zh, name_en, item_code, function_urban, function_rural)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (program, code) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, item_code = excluded.item_code,
			function_urban = excluded.function_urban, function_rural = excluded.function_rural`,
		program, c.Code, c.NameZH, c.NameEN, c.ItemCode, c.FunctionUrban, c.FunctionRural)
	if err != nil {
		return fmt.Errorf("store component %s/%s: %w", program, c.Code, err)
	}
	return nil
}

// program reads a row of the catalogue.
func (c policyChecker) program(r *programRow) {
	r.program = Program{Code: strings.TrimSpace(r.Program), NameZH: strings.TrimSpace(r.ProgramZH), NameEN: or(r.ProgramEN, r.ProgramZH),
		From: r.ValidFrom, Until: r.ValidUntil, Document: strings.TrimSpace(r.Document)}
	r.component = Component{Code: strings.TrimSpace(r.Component), NameZH: strings.TrimSpace(r.ComponentZH), NameEN: or(r.ComponentEN, r.ComponentZH),
		ItemCode: strings.TrimSpace(r.ItemCode), FunctionUrban: strings.TrimSpace(r.Urban), FunctionRural: strings.TrimSpace(r.Rural)}
	if !programCode.MatchString(r.program.Code) {
		c.say("program", "PROGRAM_CODE")
	}
	if !componentCode.MatchString(r.component.Code) {
		c.say("component", "PROGRAM_COMPONENT_CODE")
	}
	for key, code := range map[string]string{"function_urban": r.component.FunctionUrban, "function_rural": r.component.FunctionRural} {
		if code != "" && !functionCode.MatchString(code) {
			c.say(key, "FUNDS_FUNCTION_CODE")
		}
	}
	if !r.ValidUntil.IsZero() && r.ValidUntil.Before(r.ValidFrom) {
		c.say("valid_until", "PROGRAM_UNTIL")
	}
	c.pool(r)
}

func or(text, otherwise string) string {
	if text = strings.TrimSpace(text); text != "" {
		return text
	}
	return strings.TrimSpace(otherwise)
}

// pool reads "困难群众救助补助资金=中央,省,市,县;福彩公益金=福彩": which money pays the
// program, in this order.
func (c policyChecker) pool(r *programRow) {
	text := strings.NewReplacer("；", ";", "＝", "=", "，", ",", "、", ",").Replace(r.Pool)
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		fund, levels, ok := strings.Cut(part, "=")
		if fund = strings.TrimSpace(fund); !ok || fund == "" {
			c.say("pool", "PROGRAM_POOL", "part", part)
			continue
		}
		for word := range strings.SplitSeq(levels, ",") {
			level, ok := terms.ParseLevel(strings.TrimSpace(word))
			twice := slices.ContainsFunc(r.pool, func(p Pool) bool { return p.Fund == fund && p.Level == level })
			if !ok || twice {
				c.say("pool", "PROGRAM_POOL_LEVEL", "part", strings.TrimSpace(word), "options", terms.Options(i18n.ZH, "level"))
				continue
			}
			r.pool = append(r.pool, Pool{Program: r.program.Code, Fund: fund, Level: level, Order: len(r.pool) + 1})
		}
	}
}

// checkPrograms compares the rows of a file with one another: what rows say of
// their common program is the same, and a component stands once.
func checkPrograms(table *imports.Sheet[programRow]) {
	first := map[string]programRow{}
	components := map[string]int{}
	for _, r := range table.Rows {
		v := r.Value
		key := v.program.Code + "/" + v.component.Code
		if row, twice := components[key]; twice {
			table.Issues.Say(table.At(r.Row, "component", v.component.Code), "PROGRAM_TWICE", "row", row)
		}
		components[key] = r.Row
		known, again := first[v.program.Code]
		if !again {
			first[v.program.Code] = v
			if len(v.pool) == 0 {
				table.Issues.Say(table.At(r.Row, "pool", v.Pool), "PROGRAM_NO_POOL")
			}
			continue
		}
		if !known.program.same(v.program) || (v.Pool != "" && !slices.Equal(known.pool, v.pool)) {
			table.Issues.Say(table.At(r.Row, "program_name", v.ProgramZH), "PROGRAM_DIFFERS", "program", v.program.Code)
		}
	}
}

// same says whether two rows say the same of their program.
func (p Program) same(o Program) bool {
	return p.NameZH == o.NameZH && p.NameEN == o.NameEN && p.From.Equal(o.From) && p.Until.Equal(o.Until) && p.Document == o.Document
}
