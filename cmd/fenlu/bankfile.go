package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"fenlu/bankfiles"
	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

// bankfileCmd is `fenlu bankfile`: package bankfiles at the command line,
// with no database.
type bankfileCmd struct {
	Profiles bankfileProfilesCmd `cmd:"" help:"help_bankfile_profiles"`
	Write    bankfileWriteCmd    `cmd:"" help:"help_bankfile_write"`
	Read     bankfileReadCmd     `cmd:"" help:"help_bankfile_read"`
	Check    bankfileCheckCmd    `cmd:"" help:"help_bankfile_check"`
	Reasons  bankfileReasonsCmd  `cmd:"" help:"help_bankfile_reasons"`
	Key      bankfileKeyCmd      `cmd:"" help:"help_bankfile_key"`
}

type bankfileProfilesCmd struct{}

type bankfileReadCmd struct {
	Profile     string `default:"auto" help:"help_bankfile_profile"`
	ProfileFile string `help:"help_bankfile_profile_file"`
	File        string `arg:"" help:"help_bankfile_file"`
}

type bankfileCheckCmd struct {
	Profile     string `default:"auto" help:"help_bankfile_profile"`
	ProfileFile string `help:"help_bankfile_profile_file"`
	SignedBy    string `help:"help_bankfile_signed_by"`
	File        string `arg:"" help:"help_bankfile_file"`
}

// Run lists the profiles.
func (c *bankfileProfilesCmd) Run(app *app) error {
	return listBankfileProfiles(app.Stdout, app.Lang, app.JSON)
}

// Run prints the records of a file as JSON Lines, or nothing if it is refused.
func (c *bankfileReadCmd) Run(app *app) error {
	app.lines = true // standard output carries records or nothing
	return readBankfile(app.Context(), app.Stdout, app.Lang, namedFormat{c.Profile, c.ProfileFile}, c.File, app.Stdin)
}

// Run says what a file is and whether its numbers agree.
func (c *bankfileCheckCmd) Run(app *app) error {
	if c.SignedBy != "" {
		if err := verifyBankfile(c.File, c.SignedBy); err != nil {
			return err
		}
	}
	return checkBankfile(app.Stdout, app.Lang, app.JSON, namedFormat{c.Profile, c.ProfileFile}, c.File, app.Stdin)
}

func jsonLine(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// input is a file to be read more than once: standard input and pipes are
// spooled to a temporary file, which close removes.
type input struct {
	*os.File
	name  string
	spool bool
}

func openInput(name string, stdin io.Reader) (*input, error) {
	if name == "-" {
		return spoolInput("-", stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fileError(err, name)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, errors.Join(fileError(err, name), f.Close())
	case info.Mode().IsRegular():
		return &input{File: f, name: filepath.Base(name)}, nil
	case info.IsDir():
		_ = f.Close() // nothing was written to it
		return nil, errs.New(errs.Invalid, "BANKFILE_FILE", "file", name)
	}
	defer func() { _ = f.Close() }() // only read from
	return spoolInput(filepath.Base(name), f)
}

func spoolInput(name string, from io.Reader) (*input, error) {
	f, err := os.CreateTemp("", "fenlu-bankfile-*")
	if err != nil {
		return nil, fileError(err, name)
	}
	in := &input{File: f, name: name, spool: true}
	if _, err := io.Copy(f, from); err != nil {
		in.close()
		return nil, fileError(err, name)
	}
	if err := in.rewind(); err != nil {
		in.close()
		return nil, err
	}
	return in, nil
}

func (in *input) rewind() error {
	_, err := in.Seek(0, io.SeekStart)
	return err
}

func (in *input) close() {
	_ = in.Close() // only read from, or spooled: nothing is lost
	if in.spool {
		_ = os.Remove(in.Name())
	}
}

// fileError is a missing file (the user's) or any other trouble with one.
func fileError(err error, name string) error {
	kind := errs.Internal
	if errors.Is(err, fs.ErrNotExist) {
		kind = errs.NotFound
	}
	return errs.Wrap(err, kind, "BANKFILE_FILE", "file", name)
}

// readBankfile keeps what it read in a temporary file until the whole file is
// known to be sound, so that standard output stays empty when it is refused.
func readBankfile(ctx context.Context, w io.Writer, lang i18n.Lang, format namedFormat, name string, stdin io.Reader) error {
	in, err := openInput(name, stdin)
	if err != nil {
		return err
	}
	defer in.close()
	read, err := format.reader(in)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp("", "fenlu-records-*")
	if err != nil {
		return fileError(err, in.name)
	}
	kept := &input{File: f, name: in.name, spool: true}
	defer kept.close()
	out := bufio.NewWriterSize(kept, 256<<10)
	if err := printRecords(ctx, out, lang, read(in)); err != nil {
		return err
	}
	if err := errors.Join(out.Flush(), kept.rewind()); err != nil {
		return fileError(err, in.name)
	}
	_, err = io.Copy(w, kept.File)
	return err
}

// printRecords writes one line for each record.
func printRecords(ctx context.Context, w io.Writer, lang i18n.Lang, records iter.Seq2[record.Record, error]) error {
	var line []byte
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for rec, err := range records {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && rec.Type == record.TypeWarning {
			err = enc.Encode(warningLine(lang, rec))
		} else if err == nil {
			if line, err = rec.AppendJSON(line[:0]); err == nil {
				_, err = w.Write(append(line, '\n'))
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// warningLine is a warning that says what it means.
func warningLine(lang i18n.Lang, rec record.Record) any {
	return struct {
		Type    record.RecordType `json:"type"`
		Message string            `json:"message"`
		*record.Warning
	}{rec.Type, warningText(lang, *rec.Warning), rec.Warning}
}

func warningText(lang i18n.Lang, w record.Warning) string {
	return i18n.Error(lang, &errs.Error{Code: w.Code, Args: w.Args})
}

func checkBankfile(w io.Writer, lang i18n.Lang, asJSON bool, format namedFormat, name string, stdin io.Reader) error {
	in, err := openInput(name, stdin)
	if err != nil {
		return err
	}
	defer in.close()
	read, err := format.reader(in)
	if err != nil {
		return err
	}
	sum, err := bankfiles.Summarise(read(in))
	if err != nil {
		return err
	}
	t := sum.Trailer
	messages := make([]string, len(sum.Warnings))
	for i, warning := range sum.Warnings {
		messages[i] = warningText(lang, warning)
	}
	if asJSON {
		return jsonLine(w, map[string]any{
			"file": in.name, "profile": sum.Profile, "message": sum.Message, "count": t.Count, "sum": t.Sum,
			"credit_sum": t.CreditSum, "debit_sum": t.DebitSum, "warnings": messages, "outcomes": outcomeCounts(sum),
		})
	}
	text := i18n.T(lang, "bankfile.checked", "file", in.name, "message", sum.Message, "count", t.Count, "sum", t.Sum,
		"credit_sum", t.CreditSum, "debit_sum", t.DebitSum, "warnings", t.Warnings)
	_, err = fmt.Fprintln(w, strings.Join(append(append([]string{text}, inWords(lang, sum)...), messages...), "\n"))
	return err
}
