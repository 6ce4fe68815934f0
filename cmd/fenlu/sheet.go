package main

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
	"time"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/i18n"
	"fenlu/ledger/proof/checkpoint"
)

// batchSheetCmd prints what people sign on paper.
type batchSheetCmd struct {
	Code string `arg:"" help:"help_batch_code"`
	HTML bool   `name:"html" help:"help_batch_sheet_html"`
	Out  string `type:"path" help:"help_audit_out" placeholder:"FILE"`
}

//go:embed sheet.html
var sheetHTML string

// sheetView is the sheet as it is printed: words in the reader's language.
type sheetView struct {
	Lang        string          `json:"-"`
	Sheet       batch.Sheet     `json:"sheet"`
	Key         keyView         `json:"key"`
	Origin      string          `json:"origin"`
	Size        int64           `json:"size"`
	Checkpoint  string          `json:"checkpoint"`
	PrintedAt   string          `json:"printed_at"`
	Title       string          `json:"-"`
	Facts       [][2]string     `json:"-"`
	Parts       []sheetPart     `json:"-"`
	Steps       []sheetStepView `json:"-"`
	LogFacts    [][2]string     `json:"-"`
	StepColumns []string        `json:"-"`
	Note        string          `json:"-"`
}

// sheetPart is a table of sums.
type sheetPart struct {
	Title   string
	Columns []string
	Rows    [][]string
}

type sheetStepView struct{ Step, Name, Office, At string }

// Run prints the sheet with a checkpoint that covers the batch as it is.
func (c batchSheetCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		if err := s.drainLog(a.ctx); err != nil {
			return err
		}
		now, err := s.stamp(a.ctx)
		if err != nil {
			return err
		}
		sheet, err := batch.SheetOf(a.ctx, s.DB.Pool(), c.Code)
		if err != nil {
			return err
		}
		view := a.sheetView(sheet, s.Notary.Keys.Current(), now)
		text := view.text()
		if c.HTML {
			if text, err = view.page(); err != nil {
				return err
			}
		}
		if a.JSON && c.Out == "" {
			return a.Result(view, nil)
		}
		return a.carry(c.Out, []byte(text), map[string]any{"batch": sheet.Batch.Code}, "batch.sheet.written", "file", c.Out)
	})
}

func (a *app) sheetView(s batch.Sheet, key checkpoint.Key, now checkpoint.Signed) sheetView {
	b := s.Batch
	v := sheetView{Lang: string(a.Lang), Sheet: s, Key: viewOf(key), Origin: now.Origin, Size: now.Size, Checkpoint: string(now.Note),
		PrintedAt: moment(a.clock.Now()), Title: a.T("batch.sheet.title", "code", b.Code), Note: a.T("batch.sheet.note")}
	v.Facts = [][2]string{
		{a.T("batch.sheet.office"), b.Office}, {a.T("batch.sheet.program"), a.named(s, b.Program)}, {a.T("batch.sheet.period"), string(b.Period)},
		{a.T("batch.sheet.channel"), a.named(s, b.Channel)}, {a.T("batch.sheet.state"), b.State.Name(a.Lang)},
		{a.T("batch.sheet.lines"), i18n.T(a.Lang, "batch.sheet.count", "count", b.Lines)}, {a.T("batch.sheet.amount"), b.Amount.Grouped()},
		{a.T("batch.sheet.digest"), b.Digest.String()},
	}
	v.Parts = []sheetPart{a.sheetPart("components", s.Components, func(w []string) []string {
		return []string{a.named(s, w[0]), w[1]}
	}), a.sheetPart("layers", s.Layers, func(w []string) []string {
		return []string{w[0], terms.Level(w[1]).Name(a.Lang), w[2]}
	})}
	for _, step := range s.Steps {
		v.Steps = append(v.Steps, sheetStepView{i18n.Term(a.Lang, "batch.step", string(step.Step)), step.Name, step.Office, moment(step.At)})
	}
	v.StepColumns = strings.Split(a.T("batch.sheet.steps"), "|")
	v.LogFacts = [][2]string{{a.T("batch.sheet.fingerprint"), v.Key.Fingerprint}, {a.T("batch.sheet.log"), v.Origin}}
	return v
}

// named is a code as people call it, or the code where it has no name.
func (a *app) named(s batch.Sheet, code string) string {
	for _, n := range s.Names {
		if n.Code == code && a.Lang == i18n.EN {
			return n.EN
		}
		if n.Code == code {
			return n.ZH
		}
	}
	return code
}

// sheetPart is one table; words turns what is summed into the reader's words.
func (a *app) sheetPart(code string, sums []batch.SheetSum, words func([]string) []string) sheetPart {
	p := sheetPart{Title: a.T("batch.sheet." + code), Columns: strings.Split(a.T("batch.sheet."+code+".columns"), "|")}
	for _, s := range sums {
		p.Rows = append(p.Rows, append(words(s.What), a.T("batch.sheet.count", "count", s.Lines), s.Amount.Grouped()))
	}
	return p
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.Shanghai).Format("2006-01-02 15:04")
}

// text is the sheet for a terminal or a plain printer.
func (v sheetView) text() string {
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.TrimRight(strings.Join(parts, "  "), " ") + "\n") }
	line(v.Title)
	line()
	for _, f := range v.Facts {
		line(f[0], f[1])
	}
	for _, p := range v.Parts {
		if len(p.Rows) == 0 {
			continue
		}
		line()
		line(p.Title)
		for _, r := range p.Rows {
			line(append([]string{" "}, r...)...)
		}
	}
	line()
	line(v.StepColumns...)
	for _, s := range v.Steps {
		line(s.Step, s.Name, s.Office, s.At, "____________")
	}
	line()
	for _, f := range v.LogFacts {
		line(f[0], f[1])
	}
	line(v.Key.VKey)
	line()
	b.WriteString(v.Checkpoint)
	line()
	line(v.Note, v.PrintedAt)
	return b.String()
}

// page is the sheet as a page of A4.
func (v sheetView) page() (string, error) {
	t, err := template.New("sheet").Parse(sheetHTML)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(io.Writer(&b), v)
	return b.String(), err
}
