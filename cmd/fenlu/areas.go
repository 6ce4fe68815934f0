package main

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/areas"
	"fenlu/disbursement/funds"
	"fenlu/internal/i18n"
	"fenlu/ledger"
)

// areasCmd is `fenlu areas`: how areas change, and what their offices have.
type areasCmd struct {
	Changes areasChangesCmd `cmd:"" help:"help_areas_changes"`
	Offices areasOfficesCmd `cmd:"" help:"help_areas_offices"`
	Sums    areasSumsCmd    `cmd:"" help:"help_areas_sums"`
	Merge   areasMergeCmd   `cmd:"" help:"help_areas_merge"`
}

// areasChangesCmd lists changes of areas.
type areasChangesCmd struct{ sheetFlag }

// Run lists them.
func (c areasChangesCmd) Run(a *app) error {
	return c.listing(a, "areas", func(s *services, tx pgx.Tx) (fundList, error) {
		found, err := areas.Changes(a.ctx, tx)
		if err != nil {
			return fundList{}, err
		}
		codes := []string{}
		for _, x := range found {
			codes = append(codes, x.Code, x.Successor)
		}
		names, err := s.Parties.Areas(a.ctx, tx, codes)
		named := func(code string) string { return townshipName(names[code].Name, code) }
		return fundList{"areas.changes.title", map[string]any{"changes": orNone(found)},
			[]string{"from_on", "area", "area_change", "area_now", "doc", "area_by"}, func(lang i18n.Lang) [][]string {
				rows := make([][]string, len(found))
				for i, x := range found {
					now := x.Name
					if x.Successor != "" {
						now = named(x.Successor)
					}
					rows[i] = []string{dayText(x.From), named(x.Code), i18n.Term(lang, "area.kind", string(x.Kind)), now, x.Document, x.By}
				}
				return rows
			}}, err
	})
}

// areasOfficesCmd lists the offices as of a day.
type areasOfficesCmd struct {
	On string `placeholder:"2026-10-09" help:"help_areas_on"`
	sheetFlag
}

// Run lists them.
func (c areasOfficesCmd) Run(a *app) error {
	on, err := a.dayOr(c.On)
	if err != nil {
		return err
	}
	return c.listing(a, "offices", func(_ *services, tx pgx.Tx) (fundList, error) {
		found, err := areas.Offices(a.ctx, tx, on)
		return fundList{"areas.offices.title", map[string]any{"offices": orNone(found)}, []string{"office_code", "office_name", "area", "from_on", "doc"},
			func(i18n.Lang) [][]string {
				rows := make([][]string, len(found))
				for i, o := range found {
					rows[i] = []string{o.Code, o.Name, o.Area, dayText(o.From), o.Document}
				}
				return rows
			}}, err
	})
}

// areasSumsCmd shows what each county of an area has.
type areasSumsCmd struct {
	Area string `arg:"" optional:"" help:"help_areas_area"`
	Year int    `help:"help_areas_year"`
	sheetFlag
}

// sumKinds are the columns of the sums.
var sumKinds = []ledger.AccountKind{ledger.Appropriated, ledger.Available, ledger.Carveout, ledger.Reserve, ledger.Frozen, ledger.InTransit, ledger.Paid,
	ledger.Returned, ledger.Suspense, ledger.Withdrawn, ledger.Surrendered, ledger.CarriedOver, ledger.Shortfall}

// Run shows them, with the sum of all.
func (c areasSumsCmd) Run(a *app) error {
	return c.listing(a, "area-sums", func(s *services, tx pgx.Tx) (fundList, error) {
		sums, err := s.Funds.AreaSums(a.ctx, tx, c.Area, c.Year)
		heads := []string{"area", "area_offices"}
		for _, k := range sumKinds {
			heads = append(heads, ">place_"+string(k))
		}
		return fundList{"areas.sums.title", sums, heads, func(lang i18n.Lang) [][]string {
			var rows [][]string
			for _, county := range sums.Counties {
				name := townshipName(county.Name, county.Area)
				if county.Area == "" {
					name = i18n.T(lang, "areas.sums.none")
				}
				rows = append(rows, sumRow(name, strings.Join(county.Offices, "、"), county))
			}
			return append(rows, sumRow(i18n.T(lang, "areas.sums.total"), "", sums.Total))
		}}, err
	})
}

func sumRow(name, offices string, of funds.AreaSum) []string {
	row := []string{name, offices}
	for _, k := range sumKinds {
		row = append(row, of.Fen[k].Grouped())
	}
	return row
}

// areasMergeCmd makes townships part of another.
type areasMergeCmd struct {
	Townships []string `arg:"" help:"help_areas_townships"`
	Into      string   `required:"" help:"help_areas_into"`
	On        string   `required:"" placeholder:"2026-10-09" help:"help_areas_effective"`
	Number    string   `required:"" help:"help_reserve_number"`
	Title     string   `required:"" help:"help_reserve_title"`
	IssuedOn  string   `required:"" name:"issued-on" placeholder:"2026-10-08" help:"help_reserve_issued_on"`
}

// Run merges them and says what moved.
func (c areasMergeCmd) Run(a *app) error {
	cmd := funds.MergeTownships{Townships: c.Townships, Successor: c.Into, Number: c.Number, Title: c.Title}
	for _, d := range []struct {
		to   *time.Time
		text string
	}{{&cmd.Effective, c.On}, {&cmd.IssuedOn, c.IssuedOn}} {
		var err error
		if *d.to, err = parseDay(d.text); err != nil {
			return err
		}
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := s.Funds.MergeTownships(ctx, cmd)
		if err != nil {
			return err
		}
		return a.Result(done, func(w io.Writer) {
			a.say(w, done.Replay, "areas.merged", "number", done.Number, "townships", len(cmd.Townships), "amount", done.Amount.Grouped())
		})
	})
}
