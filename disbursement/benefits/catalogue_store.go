package benefits

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/i18n"
)

// Program is a kind of assistance (项目).
type Program struct {
	Code       string // DB, TK, LS …
	NameZH     string
	NameEN     string
	Components []Component
	From       time.Time // the first day on which it is paid
	Until      time.Time // the last; zero: it goes on
	Document   string    // 文号
}

// In says whether the program is paid for a service month: the month in which it
// begins and that in which it ends are paid.
func (p Program) In(month terms.Month) bool {
	return !p.From.After(month.Last()) && (p.Until.IsZero() || !p.Until.Before(month.First()))
}

// Component is a part of a program with a standard of its own (分项). Its function
// codes are what the catalogue of the finance office says; which money pays whom the
// rules decide (rules.FunctionCodeOf, money-rules A9).
type Component struct {
	Code          string // basic, care …
	NameZH        string
	NameEN        string
	ItemCode      string // 一卡通项目编码
	FunctionUrban string // 功能科目 of people in towns
	FunctionRural string // 功能科目 of people in villages
}

// Pool is one entry of a program's pool (资金池): lots of this fund and level may
// pay it, lower Order first.
type Pool struct {
	Program string
	Fund    string
	Level   terms.Level
	Order   int
}

// Catalogue is the programs with their components, and the pools.
type Catalogue struct {
	Programs []Program // in the order of the catalogue
	Pools    []Pool    // by program and order
}

// Name is the program's name in the language.
func (p Program) Name(lang i18n.Lang) string { return pick(lang, p.NameZH, p.NameEN) }

// Name is the component's name in the language.
func (c Component) Name(lang i18n.Lang) string { return pick(lang, c.NameZH, c.NameEN) }

func pick(lang i18n.Lang, zh, en string) string {
	if lang == i18n.EN {
		return en
	}
	return zh
}

// Program finds a program by code or name in either language.
func (c Catalogue) Program(text string) (Program, bool) {
	for _, p := range c.Programs {
		if called(text, p.Code, p.NameZH, p.NameEN) {
			return p, true
		}
	}
	return Program{}, false
}

// Component finds a component of a program by code or name. Empty text is the
// only component of a program that has one. 基本生活 is the basic component of
// any program, whatever the catalogue calls it.
func (p Program) Component(text string) (Component, bool) {
	if strings.TrimSpace(text) == "" {
		if len(p.Components) == 1 {
			return p.Components[0], true
		}
		return Component{}, false
	}
	for _, c := range p.Components {
		if called(text, c.Code, c.NameZH, c.NameEN) || (c.Code == "basic" && called(text, "基本生活", "基本保障")) {
			return c, true
		}
	}
	return Component{}, false
}

// ComponentOf finds the component of a row of a file, which may leave it out
// where the class says it: 临时救助's class 支出型 is its component of that name.
func (p Program) ComponentOf(component, class string) (Component, bool) {
	c, ok := p.Component(component)
	if !ok && strings.TrimSpace(component) == "" && strings.TrimSpace(class) != "" {
		return p.Component(class)
	}
	return c, ok
}

// Pool is a program's pool in its order.
func (c Catalogue) Pool(program string) []Pool {
	var out []Pool
	for _, p := range c.Pools {
		if p.Program == program {
			out = append(out, p)
		}
	}
	return out
}

// ProgramOptions is the programs in a sentence that says what may be written.
func (c Catalogue) ProgramOptions() string {
	words := make([]string, len(c.Programs))
	for i, p := range c.Programs {
		words[i] = p.Code + " " + p.NameZH
	}
	return strings.Join(words, "/")
}

// ComponentOptions is a program's components in such a sentence.
func (p Program) ComponentOptions() string {
	words := make([]string, len(p.Components))
	for i, c := range p.Components {
		words[i] = c.NameZH
	}
	return strings.Join(words, "/")
}

func called(text string, names ...string) bool {
	for _, n := range names {
		if strings.EqualFold(strings.TrimSpace(text), n) {
			return true
		}
	}
	return false
}

// LoadCatalogue reads the catalogue.
func LoadCatalogue(ctx context.Context, q db.Querier) (Catalogue, error) {
	type record struct {
		Program, ProgramZH, ProgramEN string
		From                          time.Time
		Until                         *time.Time
		Document                      string
		Code, NameZH, NameEN          string
		ItemCode, Urban, Rural        string
	}
	rows, err := q.Query(ctx, `
		SELECT p.code, p.name_zh, p.name_en, p.valid_from, p.valid_until, p.document,
			coalesce(c.code, ''), coalesce(c.name_zh, ''), coalesce(c.name_en, ''),
			coalesce(c.item_code, ''), coalesce(c.function_urban, ''), coalesce(c.function_rural, '')
		FROM program p LEFT JOIN component c ON c.program = p.code
		ORDER BY p.ord, p.code, c.code`)
	if err != nil {
		return Catalogue{}, fmt.Errorf("catalogue: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[record])
	if err != nil {
		return Catalogue{}, fmt.Errorf("catalogue: %w", err)
	}
	var c Catalogue
	for _, r := range found {
		if n := len(c.Programs); n == 0 || c.Programs[n-1].Code != r.Program {
			p := Program{Code: r.Program, NameZH: r.ProgramZH, NameEN: r.ProgramEN, From: r.From, Document: r.Document}
			if r.Until != nil {
				p.Until = *r.Until
			}
			c.Programs = append(c.Programs, p)
		}
		if last := &c.Programs[len(c.Programs)-1]; r.Code != "" {
			last.Components = append(last.Components, Component{r.Code, r.NameZH, r.NameEN, r.ItemCode, r.Urban, r.Rural})
		}
	}
	c.Pools, err = loadPools(ctx, q)
	return c, err
}

func loadPools(ctx context.Context, q db.Querier) ([]Pool, error) {
	rows, err := q.Query(ctx, `SELECT program, fund, level, ord FROM pool ORDER BY program, ord, fund, level`)
	if err != nil {
		return nil, fmt.Errorf("pools: %w", err)
	}
	pools, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Pool])
	if err != nil {
		return nil, fmt.Errorf("pools: %w", err)
	}
	return pools, nil
}
