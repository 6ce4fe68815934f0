package main

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits"
	"fenlu/internal/i18n"
)

// policiesLimitsCmd lists what standards must keep to.
type policiesLimitsCmd struct{ sheetFlag }

// Run lists the limits with the documents that contradict each.
func (c policiesLimitsCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (limitList, error) {
		list := limitList{Limits: []limitView{}}
		book, err := benefits.LoadBook(a.ctx, tx)
		if err != nil {
			return list, err
		}
		for _, l := range book.Limits {
			v := limitView{Limit: l, Against: []string{}}
			for _, o := range book.Against(l) {
				v.Against = append(v.Against, o.Document+" "+o.Clause)
			}
			list.Limits = append(list.Limits, v)
		}
		if list.names, err = s.words(a.ctx, tx, codes(list.Limits, func(v limitView) string { return v.Area })); err != nil {
			return list, err
		}
		return list, c.write(a, "limits", list)
	})
}

type limitView struct {
	benefits.Limit
	Against []string `json:"against"` // documents that cannot be kept together with it
}

type limitList struct {
	Limits []limitView `json:"limits"`
	names  words
}

var limitHeads = []string{"id", "program", "component", "class", "area", "from_on", "relation", "base", "doc", "clause", "against"}

// Heads are the columns of Cells.
func (l limitList) Heads() []string { return limitHeads }

// Cells are the limits as rows of a table.
func (l limitList) Cells(lang i18n.Lang) [][]string {
	rows := make([][]string, len(l.Limits))
	for i, v := range l.Limits {
		relation := v.Operator.Name(lang)
		if v.Operator != benefits.Uniform {
			relation += " " + v.Rate.String()
		}
		if v.Operator == benefits.Within {
			relation += "–" + v.Greatest.String()
		}
		rows[i] = []string{strconv.Itoa(int(v.ID)), l.names.program(v.Program, lang), l.names.component(v.Program, v.Component, lang), v.Class, l.names.area(v.Area),
			v.ValidFrom.Format(time.DateOnly), relation, l.names.terms(v.Base, lang), v.Document, v.Clause, strings.Join(v.Against, "; ")}
	}
	return rows
}

// Text prints the limits as a table.
func (l limitList) Text(w io.Writer, lang i18n.Lang) error {
	return tableOr(w, lang, len(l.Limits) == 0, limitHeads, l.Cells(lang))
}

// programsCmd lists the catalogue.
type programsCmd struct{ sheetFlag }

// Run lists programs, components and pools.
func (c programsCmd) Run(a *app) error {
	return tell(a, func(_ *services, tx pgx.Tx) (programList, error) {
		list := programList{Programs: []programView{}}
		catalogue, err := benefits.LoadCatalogue(a.ctx, tx)
		if err != nil {
			return list, err
		}
		for _, p := range catalogue.Programs {
			v := programView{Code: p.Code, NameZH: p.NameZH, NameEN: p.NameEN, ValidFrom: p.From.Format(time.DateOnly), Document: p.Document,
				Components: []componentView{}, Pool: []poolView{}}
			if !p.Until.IsZero() {
				v.ValidUntil = p.Until.Format(time.DateOnly)
			}
			for _, c := range p.Components {
				v.Components = append(v.Components, componentView{c.Code, c.NameZH, c.NameEN, c.ItemCode, c.FunctionUrban, c.FunctionRural})
			}
			for _, entry := range catalogue.Pool(p.Code) {
				v.Pool = append(v.Pool, poolView{entry.Fund, string(entry.Level), entry.Level.Name(a.Lang)})
			}
			list.Programs = append(list.Programs, v)
		}
		return list, c.write(a, "programs", list)
	})
}

type programView struct {
	Code       string          `json:"code"`
	NameZH     string          `json:"name_zh"`
	NameEN     string          `json:"name_en"`
	ValidFrom  string          `json:"valid_from"`
	ValidUntil string          `json:"valid_until"` // "": it goes on
	Document   string          `json:"document"`
	Components []componentView `json:"components"`
	Pool       []poolView      `json:"pool"`
}

type componentView struct {
	Code          string `json:"code"`
	NameZH        string `json:"name_zh"`
	NameEN        string `json:"name_en"`
	ItemCode      string `json:"item_code"`
	FunctionUrban string `json:"function_urban"`
	FunctionRural string `json:"function_rural"`
}

type poolView struct {
	Fund  string `json:"fund"`
	Level string `json:"level"`
	name  string
}

type programList struct {
	Programs []programView `json:"programs"`
}

var programHeads = []string{"program", "component", "item_code", "urban", "rural", "pool", "from_on", "until", "doc"}

// Heads are the columns of Cells.
func (l programList) Heads() []string { return programHeads }

// Cells are the components as rows of a table.
func (l programList) Cells(lang i18n.Lang) [][]string {
	var rows [][]string
	for _, p := range l.Programs {
		var pool []string
		for _, e := range p.Pool {
			pool = append(pool, e.Fund+"="+e.name)
		}
		for _, c := range p.Components {
			program, component := p.Code+" "+p.NameZH, c.Code+" "+c.NameZH
			if lang == i18n.EN {
				program, component = p.Code+" "+p.NameEN, c.Code+" "+c.NameEN
			}
			rows = append(rows, []string{program, component, c.ItemCode, c.FunctionUrban, c.FunctionRural, strings.Join(pool, ";"), p.ValidFrom, p.ValidUntil, p.Document})
		}
	}
	return rows
}

// Text prints the catalogue as a table.
func (l programList) Text(w io.Writer, lang i18n.Lang) error {
	return tableOr(w, lang, len(l.Programs) == 0, programHeads, l.Cells(lang))
}
