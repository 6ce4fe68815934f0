package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
)

// publicationCmd is `fenlu publication`: lists that everybody may read.
type publicationCmd struct {
	Make   publicationMakeCmd   `cmd:"" help:"help_publication_make"`
	Object publicationObjectCmd `cmd:"" help:"help_publication_object"`
	Answer publicationAnswerCmd `cmd:"" help:"help_publication_answer"`
	Show   publicationShowCmd   `cmd:"" help:"help_publication_show"`
}

type publicationMakeCmd struct {
	Code string `arg:"" help:"help_batch_code"`
	Area string `required:"" help:"help_publication_area"`
	sheetFlag
}

// Run records the publication and prints its rows, or writes them.
func (c publicationMakeCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		p, err := s.Batch.Publish(ctx, c.Code, funds.Area12(c.Area))
		if err != nil {
			return err
		}
		names, err := s.words(ctx, s.DB.Pool(), codes(p.Rows, func(r batch.PublicRow) string { return r.Area }))
		if err != nil {
			return err
		}
		list := publicList{p, names}
		if err := c.write(a, "publication-"+c.Code, list); err != nil {
			return err
		}
		return a.show(list)
	})
}

type publicList struct {
	batch.Publication
	names words
}

var publicHeads = []string{"line", "public_area", "name", "change_component", "public_class", "public_month", ">amount"}

// Heads are the columns of Cells.
func (p publicList) Heads() []string { return publicHeads }

// Cells are the rows as everybody may read them.
func (p publicList) Cells(lang i18n.Lang) [][]string {
	rows := make([][]string, len(p.Rows))
	for i, r := range p.Rows {
		name := r.Name
		if name == "" {
			name = i18n.T(lang, "publication.hidden")
		}
		rows[i] = []string{strconv.Itoa(int(r.No)), p.names.area(r.Area), name, p.names.component(p.Batch.Program, r.Component, lang), r.Class, string(r.Month), r.Amount.Grouped()}
	}
	return rows
}

// Text prints the list with the days for which it stands.
func (p publicList) Text(w io.Writer, lang i18n.Lang) error {
	t := table.New(i18n.T(lang, "publication.title", "batch", p.Batch.Code, "id", p.ID, "from", p.PublishedOn.Format(time.DateOnly),
		"until", p.Until.Format(time.DateOnly), "count", p.Count, "hidden", p.Hidden), headed(lang, publicHeads...)...)
	for _, row := range p.Cells(lang) {
		t.Add(row...)
	}
	return t.Write(w)
}

type publicationObjectCmd struct {
	Publication int64  `arg:"" help:"help_publication_id"`
	Line        int32  `required:"" help:"help_publication_line"`
	Text        string `required:"" help:"help_publication_text"`
}

// Run records an objection.
func (c publicationObjectCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		o, err := s.Batch.Object(ctx, c.Publication, c.Line, c.Text)
		if err != nil {
			return err
		}
		return a.Result(o, func(w io.Writer) { a.say(w, false, "publication.objected", "id", o.ID, "line", o.Line) })
	})
}

type publicationAnswerCmd struct {
	Objection int64  `arg:"" help:"help_publication_objection"`
	Upheld    bool   `help:"help_publication_upheld"`
	Text      string `required:"" help:"help_publication_correction"`
}

// Run answers an objection.
func (c publicationAnswerCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		o, err := s.Batch.Answer(ctx, c.Objection, c.Upheld, c.Text)
		if err != nil {
			return err
		}
		return a.Result(o, func(w io.Writer) { a.say(w, false, "publication.answered", "id", o.ID, "correction", o.Correction) })
	})
}

type publicationShowCmd struct {
	Code string `arg:"" help:"help_batch_code"`
}

// Run lists a batch's publications with their objections.
func (c publicationShowCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		b, err := batch.ByCode(a.ctx, s.DB.Pool(), c.Code)
		if err != nil {
			return err
		}
		all, err := batch.Publications(a.ctx, s.DB.Pool(), b.ID)
		if err != nil {
			return err
		}
		objections, err := batch.Objections(a.ctx, s.DB.Pool(), b.ID)
		if err != nil {
			return err
		}
		return a.Result(map[string]any{"batch": b.Code, "publications": all, "objections": objections}, func(w io.Writer) {
			if len(all) == 0 {
				a.say(w, false, "publication.none", "batch", b.Code)
			}
			for _, p := range all {
				a.say(w, false, "publication.title", "batch", b.Code, "id", p.ID, "from", p.PublishedOn.Format(time.DateOnly),
					"until", p.Until.Format(time.DateOnly), "count", p.Count, "hidden", p.Hidden)
			}
			for _, o := range objections {
				_, _ = fmt.Fprintln(w, a.T("publication.objection."+stateOf(o), "id", o.ID, "line", o.Line, "said", o.Said, "correction", o.Correction))
			}
		})
	})
}

// stateOf is open, upheld or refused.
func stateOf(o batch.Objection) string {
	switch {
	case !o.Answered:
		return "open"
	case o.Upheld:
		return "upheld"
	}
	return "refused"
}
