package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/sample"
)

// sampleCmd is `fenlu sample`: the input files of a fictional county's month,
// with no database.
type sampleCmd struct {
	Seed   int64  `default:"1" help:"help_sample_seed"`
	Size   string `default:"county" enum:"small,county,city" help:"help_sample_size"`
	Out    string `required:"" type:"path" help:"help_sample_out"`
	Format string `default:"auto" enum:"auto,xlsx,csv" help:"help_sample_format"`
}

// sampleResult is the JSON of `fenlu sample --json`.
type sampleResult struct {
	Seed     int64            `json:"seed"`
	Month    string           `json:"month"`
	Payments int              `json:"payments"`
	Lines    int              `json:"lines"`
	Total    string           `json:"total"`
	Out      string           `json:"out"`
	Files    []sample.Written `json:"files"`
}

// Run writes the files.
func (c *sampleCmd) Run(app *app) error {
	if err := freeDir(c.Out); err != nil {
		return err
	}
	payments := sample.Size(c.Size).Payments()
	county, err := sample.Generate(sample.Params{Seed: c.Seed, Payments: payments, Month: sample.DefaultMonth})
	if err != nil {
		return err
	}
	format := c.Format
	if format == "auto" {
		format = sample.Format(payments)
	}
	files, err := county.Write(app.Context(), c.Out, format)
	if err != nil {
		return err
	}
	result := sampleResult{
		Seed: c.Seed, Month: county.Params.Month, Payments: payments, Lines: county.Lines(),
		Total: county.Total().String(), Out: c.Out, Files: files,
	}
	return app.Result(result, func(w io.Writer) { result.print(w, app.Lang, county.Total().Grouped()) })
}

func (r sampleResult) print(w io.Writer, lang i18n.Lang, total string) {
	_, _ = fmt.Fprintln(w, i18n.T(lang, "sample.done", "files", len(r.Files), "dir", r.Out,
		"payments", r.Payments, "lines", r.Lines, "total", total))
	for _, f := range r.Files {
		_, _ = fmt.Fprintln(w, i18n.T(lang, "sample.file", "name", f.Name, "title", f.Title, "rows", f.Rows))
	}
}

// freeDir refuses a directory that holds something other than an earlier
// sample: what is there may be somebody's real files.
func freeDir(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return errs.Wrap(err, errs.Invalid, "SHEET_OPEN", "file", dir)
	case len(entries) > 0 && !sample.IsSample(dir):
		return errs.New(errs.Refused, "SAMPLE_DIR_NOT_EMPTY", "dir", dir)
	}
	return nil
}
