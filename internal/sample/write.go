package sample

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"fenlu/internal/durable"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/sheet"
)

// Written is a file that was written.
type Written struct {
	Name  string `json:"name"` // base name
	Title string `json:"title"`
	Rows  int    `json:"rows"` // without the header
}

const indexFile = "README.txt"

// IsSample says whether dir holds files that Write wrote: its index begins as
// ours do.
func IsSample(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, indexFile))
	head, _, _ := strings.Cut(i18n.T(i18n.ZH, "sample.readme.head"), "{month}")
	return err == nil && strings.HasPrefix(string(text), strings.ReplaceAll(head, "{county}", CountyName))
}

// Write writes the county's files into dir, which it makes, with Chinese
// headers and an index README.txt, and lists them in the order they are
// imported. format is "xlsx" or "csv". The same county gives the same bytes.
// Errors: SAMPLE_FORMAT, SHEET_WRITE, SHEET_XLSX_ROWS.
func (c *County) Write(ctx context.Context, dir, format string) ([]Written, error) {
	if format != sheet.XLSX && format != sheet.CSV {
		return nil, errs.New(errs.Invalid, "SAMPLE_FORMAT", "format", format)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "SHEET_WRITE", "file", dir)
	}
	var out []Written
	for _, t := range c.tables() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		name := t.file + "." + format
		if err := sheet.WriteFile(filepath.Join(dir, name), format, t.layout, i18n.ZH, t.rows); err != nil {
			return nil, err
		}
		out = append(out, Written{Name: name, Title: t.title, Rows: t.count})
	}
	index := filepath.Join(dir, indexFile)
	err := durable.Replace("index", index, func(f *os.File) error {
		_, err := f.WriteString(c.index(out))
		return err
	})
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "SHEET_WRITE", "file", index)
	}
	return append(out, Written{Name: indexFile, Title: i18n.T(i18n.ZH, "sample.readme.title")}), nil
}

// index is the text of README.txt.
func (c *County) index(files []Written) string {
	var b strings.Builder
	b.WriteString(i18n.T(i18n.ZH, "sample.readme.head",
		"county", CountyName, "month", c.Params.Month, "seed", c.Params.Seed,
		"payments", c.Params.Payments, "lines", c.Lines(), "total", c.Total().Grouped(),
		"persons", len(c.People), "households", len(c.Households), "units", len(c.Units)))
	for _, f := range files {
		b.WriteString(i18n.T(i18n.ZH, "sample.readme.file", "name", f.Name, "title", f.Title, "rows", f.Rows))
	}
	b.WriteString(i18n.T(i18n.ZH, "sample.readme.rosters"))
	for _, r := range c.Rosters {
		b.WriteString(i18n.T(i18n.ZH, "sample.readme.roster", "title", r.Title, "lines", len(r.Lines),
			"payments", r.Payments, "total", r.Total().Grouped(), "channel", i18n.Term(i18n.ZH, "sample.channel", string(r.Channel))))
	}
	b.WriteString(i18n.T(i18n.ZH, "sample.readme.emergencies"))
	for _, e := range c.Emergencies {
		p := &c.People[e.Person]
		b.WriteString(i18n.T(i18n.ZH, "sample.readme.emergency", "case", e.Case, "township", c.TownshipOf(p).Name,
			"name", p.Name, "reason", e.Reason, "amount", e.Amount.Grouped()))
	}
	return b.String()
}
