package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fenlu/bankfiles"
	"fenlu/bankfiles/order"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// bankfileWriteCmd is `fenlu bankfile write`.
type bankfileWriteCmd struct {
	Profile       string   `help:"help_bankfile_profile"`
	ProfileFile   string   `help:"help_bankfile_profile_file"`
	In            string   `required:"" help:"help_bankfile_in"`
	Out           string   `required:"" type:"path" help:"help_bankfile_out"`
	DebtorName    string   `default:"青禾县财政局社会保障资金专户" help:"help_bankfile_debtor_name"`
	DebtorAccount string   `default:"9913010000000018" help:"help_bankfile_debtor_account"`
	DebtorAgent   string   `default:"313991300012" help:"help_bankfile_debtor_agent"`
	Date          string   `default:"2026-10-09" help:"help_bankfile_date"`
	Created       string   `default:"2026-10-09T00:00:00+08:00" help:"help_bankfile_created"`
	MessageID     string   `name:"message-id" help:"help_bankfile_message_id"`
	MaxRows       int      `help:"help_bankfile_max_rows"`
	MaxBytes      int64    `help:"help_bankfile_max_bytes"`
	MaxAmount     string   `help:"help_bankfile_max_amount"`
	SplitByBank   bool     `help:"help_bankfile_split_by_bank"`
	SignKey       string   `type:"path" help:"help_bankfile_sign_key"`
	EncryptTo     []string `help:"help_bankfile_encrypt_to"`
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

// write writes all parts under temporary names, reads each back, and gives
// them their names together at the end: a failure leaves nothing behind.
func (c *bankfileWriteCmd) write(ctx context.Context, stdin io.Reader) ([]bankfiles.Sidecar, error) {
	batch, err := c.batch()
	if err != nil {
		return nil, err
	}
	limits, err := c.limits()
	if err != nil {
		return nil, err
	}
	profile, err := namedFormat{c.Profile, c.ProfileFile}.profile()
	if err != nil {
		return nil, err
	}
	seal, err := openSeal(profile, c.SignKey, c.EncryptTo)
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
	parts, whole, err := c.parts(in, profile, batch, limits)
	if err != nil {
		return nil, named(err, in.name)
	}
	batch.Whole = whole
	written, err := c.writeParts(ctx, profile, batch, parts, seal)
	return written, named(err, in.name)
}

func (c *bankfileWriteCmd) batch() (order.Batch, error) {
	created, err := time.Parse(time.RFC3339, c.Created)
	if err != nil {
		return order.Batch{}, errs.New(errs.Invalid, "BANKFILE_CREATED", "value", c.Created)
	}
	return order.Batch{
		MessageID: c.MessageID, DebtorName: c.DebtorName, DebtorAccount: c.DebtorAccount,
		DebtorAgent: c.DebtorAgent, ExecutionDate: c.Date, Created: created,
	}, nil
}

func (c *bankfileWriteCmd) limits() (order.Limits, error) {
	l := order.Limits{Rows: c.MaxRows, Bytes: c.MaxBytes, ByBank: c.SplitByBank}
	if c.MaxAmount != "" {
		amount, err := money.Parse(c.MaxAmount)
		if err != nil || amount <= 0 {
			return l, errs.New(errs.Invalid, "BANKFILE_LIMIT", "name", "--max-amount", "value", c.MaxAmount)
		}
		l.Amount = amount
	}
	if l.Rows < 0 {
		return l, errs.New(errs.Invalid, "BANKFILE_LIMIT", "name", "--max-rows", "value", c.MaxRows)
	}
	if l.Bytes < 0 {
		return l, errs.New(errs.Invalid, "BANKFILE_LIMIT", "name", "--max-bytes", "value", c.MaxBytes)
	}
	return l, nil
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

// partID is the message id of one file of several.
func partID(base string, n int) string { return fmt.Sprintf("%s-%04d", base, n) }

// parts opens the payments. Several files are validated together first, so
// that an id is unique over all of them and all problems are told at once.
func (c *bankfileWriteCmd) parts(in *input, profile bankfiles.Profile, batch order.Batch, limits order.Limits) ([]order.Source, order.Totals, error) {
	payments, err := order.OpenCSV(in, in.name)
	if err != nil {
		return nil, order.Totals{}, err
	}
	if most := profile.MaxRows; most > 0 && (limits.Rows == 0 || limits.Rows > most) {
		limits.Rows = most
	}
	if limits.None() {
		return []order.Source{payments.Source()}, order.Totals{}, nil
	}
	whole, err := profile.Validate(batch, payments.Source())
	if err != nil {
		return nil, whole, err
	}
	batch.MessageID = partID(batch.MessageID, 1)
	parts, err := profile.Split(batch, whole, payments.Source(), limits)
	if err != nil {
		return nil, whole, err
	}
	sources, err := payments.Parts(parts)
	return sources, whole, err
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

func (c *bankfileWriteCmd) writeParts(ctx context.Context, profile bankfiles.Profile, batch order.Batch, parts []order.Source, seal sealing) ([]bankfiles.Sidecar, error) {
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
			batch.MessageID = partID(base, i+1)
			batch.Part, batch.Parts = i+1, len(parts)
		}
		path := filepath.Join(work, strconv.Itoa(i))
		s, err := writeBankfile(path, profile, batch, part)
		if err != nil {
			return nil, err
		}
		s.Name = profile.FileName(batch, order.Totals{Count: s.Count, Sum: s.Sum}) // the id is known to be sound only now
		if err := seal.encrypt(path); err != nil {
			return nil, fileError(err, s.Name)
		}
		written = append(written, s)
	}
	return written, publish(work, c.Out, written, seal)
}

// writeBankfile writes one file, to the disk, and reads it back from there.
func writeBankfile(path string, profile bankfiles.Profile, batch order.Batch, src order.Source) (bankfiles.Sidecar, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600) // names and accounts are in it
	if err != nil {
		return bankfiles.Sidecar{}, fileError(err, path)
	}
	defer func() { _ = f.Close() }() // it is on the disk by then
	s, err := profile.Write(f, batch, src)
	if err != nil {
		return bankfiles.Sidecar{}, err
	}
	if err := f.Sync(); err != nil {
		return bankfiles.Sidecar{}, fileError(err, path)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return bankfiles.Sidecar{}, fileError(err, path)
	}
	return profile.ReadBack(f, s, batch, src)
}
