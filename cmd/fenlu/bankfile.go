package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fenlu/bankfiles/order"
	"fenlu/bankfiles/record"

	"fenlu/bankfiles"
	"fenlu/internal/durable"
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
}

type bankfileProfilesCmd struct{}

// bankfileWriteCmd is `fenlu bankfile write`.
type bankfileWriteCmd struct {
	Profile       string `help:"help_bankfile_profile"`
	ProfileFile   string `help:"help_bankfile_profile_file"`
	In            string `required:"" help:"help_bankfile_in"`
	Out           string `required:"" type:"path" help:"help_bankfile_out"`
	DebtorName    string `default:"青禾县财政局社会保障资金专户" help:"help_bankfile_debtor_name"`
	DebtorAccount string `default:"9913010000000018" help:"help_bankfile_debtor_account"`
	DebtorAgent   string `default:"313991300012" help:"help_bankfile_debtor_agent"`
	Date          string `default:"2026-10-09" help:"help_bankfile_date"`
	Created       string `default:"2026-10-09T00:00:00+08:00" help:"help_bankfile_created"`
	MessageID     string `name:"message-id" help:"help_bankfile_message_id"`
	MaxRows       int    `help:"help_bankfile_max_rows"`
}

type bankfileReadCmd struct {
	Profile     string `default:"auto" help:"help_bankfile_profile"`
	ProfileFile string `help:"help_bankfile_profile_file"`
	File        string `arg:"" help:"help_bankfile_file"`
}

type bankfileCheckCmd struct {
	Profile     string `default:"auto" help:"help_bankfile_profile"`
	ProfileFile string `help:"help_bankfile_profile_file"`
	File        string `arg:"" help:"help_bankfile_file"`
}

// Run lists the profiles.
func (c *bankfileProfilesCmd) Run(app *app) error {
	return listBankfileProfiles(app.Stdout, app.Lang, app.JSON)
}

// Run writes the files and tells what was written.
func (c *bankfileWriteCmd) Run(app *app) error {
	written, err := c.write(app.Context(), app.Stdin)
	if err != nil {
		return err
	}
	if app.JSON {
		return jsonLine(app.Stdout, map[string]any{"files": written})
	}
	for _, s := range written {
		if _, err := fmt.Fprintln(app.Stdout, i18n.T(app.Lang, "bankfile.written",
			"name", s.Name, "profile", s.Profile, "count", s.Count, "sum", s.Sum.Grouped(), "sha256", s.SHA256)); err != nil {
			return err
		}
	}
	return nil
}

// Run prints the records of a file as JSON Lines, or nothing if it is refused.
func (c *bankfileReadCmd) Run(app *app) error {
	app.lines = true // standard output carries records or nothing
	return readBankfile(app.Context(), app.Stdout, app.Lang, namedFormat{c.Profile, c.ProfileFile}, c.File, app.Stdin)
}

// Run says what a file is and whether its numbers agree.
func (c *bankfileCheckCmd) Run(app *app) error {
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

// readBankfile reads twice: the first pass validates, so that standard output
// stays empty when the file is refused.
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
	if err := drain(ctx, read(in)); err != nil {
		return err
	}
	if err := in.rewind(); err != nil {
		return fileError(err, in.name)
	}
	out := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for rec, err := range read(in) {
		if err != nil {
			return err
		}
		if err := enc.Encode(recordLine(lang, rec)); err != nil {
			return err
		}
	}
	return out.Flush()
}

func drain(ctx context.Context, records iter.Seq2[record.Record, error]) error {
	for _, err := range records {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// recordLine is a record as one JSON object; a warning says what it means.
func recordLine(lang i18n.Lang, rec record.Record) any {
	if rec.Type != record.TypeWarning {
		return rec
	}
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

// write writes all parts under temporary names, reads each back, and gives
// them their names together at the end: a failure leaves nothing behind.
func (c *bankfileWriteCmd) write(ctx context.Context, stdin io.Reader) ([]bankfiles.Sidecar, error) {
	batch, err := c.batch()
	if err != nil {
		return nil, err
	}
	in, err := openInput(c.In, stdin)
	if err != nil {
		return nil, err
	}
	defer in.close()
	if batch.MessageID == "" {
		if batch.MessageID, err = derivedID(in); err != nil {
			return nil, fileError(err, in.name)
		}
	}
	profile, err := namedFormat{c.Profile, c.ProfileFile}.profile()
	if err != nil {
		return nil, err
	}
	parts, whole, err := c.parts(in, profile, batch)
	if err != nil {
		return nil, named(err, in.name)
	}
	batch.Whole = whole
	written, err := c.writeParts(ctx, profile, batch, parts)
	return written, named(err, in.name)
}

func (c *bankfileWriteCmd) batch() (order.Batch, error) {
	created, err := time.Parse(time.RFC3339, c.Created)
	if err != nil {
		return order.Batch{}, errs.New(errs.Invalid, "BANKFILE_CREATED", "value", c.Created)
	}
	if c.MaxRows < 0 {
		return order.Batch{}, errs.New(errs.Invalid, "BANKFILE_MAX_ROWS", "value", c.MaxRows)
	}
	return order.Batch{
		MessageID: c.MessageID, DebtorName: c.DebtorName, DebtorAccount: c.DebtorAccount,
		DebtorAgent: c.DebtorAgent, ExecutionDate: c.Date, Created: created,
	}, nil
}

// derivedID is a message id from the input's own bytes: the same payments
// give the same file.
func derivedID(in *input) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, in); err != nil {
		return "", err
	}
	return "FL-" + strings.ToUpper(hex.EncodeToString(h.Sum(nil)[:12])), in.rewind()
}

// parts opens the payments. Several files are validated together first, so
// that an id is unique over all of them and all problems are told at once.
func (c *bankfileWriteCmd) parts(in *input, profile bankfiles.Profile, batch order.Batch) ([]order.Source, order.Totals, error) {
	payments, err := order.OpenCSV(in, in.name)
	if err != nil {
		return nil, order.Totals{}, err
	}
	size := c.MaxRows
	if most := profile.MaxRows; most > 0 && (size == 0 || size > most) {
		size = most
	}
	if size == 0 {
		return []order.Source{payments.Source()}, order.Totals{}, nil
	}
	whole, err := profile.Validate(batch, payments.Source())
	if err != nil {
		return nil, whole, err
	}
	parts, err := payments.Parts(size)
	return parts, whole, err
}

// named puts the input's name on the problems of its rows.
func named(err error, file string) error {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		for i := range e.Fields {
			if e.Fields[i].Row > 0 && e.Fields[i].File == "" {
				e.Fields[i].File = file
			}
		}
	}
	return err
}

func (c *bankfileWriteCmd) writeParts(ctx context.Context, profile bankfiles.Profile, batch order.Batch, parts []order.Source) ([]bankfiles.Sidecar, error) {
	if err := os.MkdirAll(c.Out, 0o750); err != nil {
		return nil, fileError(err, c.Out)
	}
	work, err := os.MkdirTemp(c.Out, ".bankfile-*")
	if err != nil {
		return nil, fileError(err, c.Out)
	}
	defer func() { _ = os.RemoveAll(work) }() // empty by then, or of no use
	base := batch.MessageID
	var written []bankfiles.Sidecar
	for i, part := range parts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(parts) > 1 {
			batch.MessageID = fmt.Sprintf("%s-%04d", base, i+1)
			batch.Part, batch.Parts = i+1, len(parts)
		}
		s, err := writeBankfile(filepath.Join(work, strconv.Itoa(i)), profile, batch, part)
		if err != nil {
			return nil, err
		}
		s.Name = profile.FileName(batch, order.Totals{Count: s.Count, Sum: s.Sum}) // the id is known to be sound only now
		written = append(written, s)
	}
	return written, publish(work, c.Out, written)
}

// writeBankfile writes one file, to the disk, and reads it back.
func writeBankfile(path string, profile bankfiles.Profile, batch order.Batch, src order.Source) (bankfiles.Sidecar, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600) // names and accounts are in it
	if err != nil {
		return bankfiles.Sidecar{}, fileError(err, path)
	}
	s, err := profile.Write(f, batch, src)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return bankfiles.Sidecar{}, err
	}
	return s, readBack(path, profile, s)
}

// readBack reads what was written and compares count and sum.
func readBack(path string, profile bankfiles.Profile, want bankfiles.Sidecar) error {
	f, err := os.Open(path)
	if err != nil {
		return fileError(err, path)
	}
	defer func() { _ = f.Close() }() // only read from
	sum, err := profile.Check(f)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "BANKFILE_READ_BACK", "file", want.MessageID)
	}
	if sum.Trailer.Count != want.Count || sum.Trailer.Sum != want.Sum.String() {
		return errs.New(errs.Internal, "BANKFILE_READ_BACK", "file", want.MessageID)
	}
	return nil
}

// publish gives the files their names, each with its sidecar before it, so
// that no file stands without one. A file of that name with other content is
// never overwritten: it may have gone to a bank.
func publish(work, out string, written []bankfiles.Sidecar) error {
	for _, s := range written {
		same, err := sameOrAbsent(filepath.Join(out, s.Name), s.SHA256)
		if err != nil {
			return fileError(err, s.Name)
		}
		if !same {
			return errs.New(errs.Conflict, "BANKFILE_EXISTS", "file", s.Name)
		}
	}
	for i, s := range written {
		target := filepath.Join(out, s.Name)
		if err := durable.Replace("sidecar", target+".json", func(f *os.File) error { return json.NewEncoder(f).Encode(s) }); err != nil {
			return fileError(err, s.Name)
		}
		if err := durable.Move("bankfile", filepath.Join(work, strconv.Itoa(i)), target); err != nil {
			return fileError(err, s.Name)
		}
	}
	return nil
}

func sameOrAbsent(path, digest string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // only read from
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return false, err
	}
	return hex.EncodeToString(h.Sum(nil)) == digest, nil
}
