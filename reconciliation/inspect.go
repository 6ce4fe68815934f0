package reconciliation

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"fenlu/bankfiles/record"

	"fenlu/bankfiles"
	"fenlu/internal/errs"
)

// inspected is what the first pass over a file found: everything in it agrees.
type inspected struct {
	File
	kind     FileKind
	profile  string
	scope    string // the file that a result answers, or the accounts of a statement
	shown    string // the same for people, without account numbers
	sha256   []byte
	items    int
	warnings []record.Warning
}

// kindOf says which profiles bring evidence; empty for the others. Results of
// any bank's layout do. Their statements and refund notices do not yet: the
// place of a booking must be the same in whatever file it comes.
func kindOf(profile string) FileKind {
	switch p, err := bankfiles.Lookup(profile); {
	case err != nil:
		return ""
	case p.Name == bankfiles.Pain002, p.IsResult():
		return Result
	case p.Name == bankfiles.Camt053, p.Name == bankfiles.MT940:
		return Statement
	}
	return ""
}

// inspect reads the whole file once. Errors: what bankfiles finds wrong, with
// its place; RECON_NOT_EVIDENCE for a file that no bank sends.
func inspect(f File) (inspected, error) {
	f.Name = filepath.Base(f.Name)
	if f.Profile == "" {
		f.Profile = bankfiles.Auto
	}
	in := inspected{File: f}
	digest := sha256.New()
	var headers []record.Header
	for rec, err := range f.records(digest) {
		if err != nil {
			return inspected{}, named(err, f.Name)
		}
		switch rec.Type {
		case record.TypeHeader:
			headers = append(headers, *rec.Header)
		case record.TypeItem:
			in.items++
		case record.TypeWarning:
			in.warnings = append(in.warnings, *rec.Warning)
		case record.TypeTrailer:
		}
	}
	if len(headers) == 0 || kindOf(headers[0].Profile) == "" {
		return inspected{}, errs.New(errs.Invalid, "RECON_NOT_EVIDENCE", "file", f.Name)
	}
	in.profile, in.kind, in.sha256 = headers[0].Profile, kindOf(headers[0].Profile), digest.Sum(nil)
	in.scope, in.shown = in.purpose(headers)
	return in, nil
}

// purpose is the scope within which the file's digest is known.
func (in inspected) purpose(headers []record.Header) (scope, shown string) {
	if in.kind == Result {
		return headers[0].OriginalID, headers[0].OriginalID
	}
	var accounts, statements []string
	for _, h := range headers {
		if h.Level == record.LevelStatement {
			accounts, statements = append(accounts, h.Account), append(statements, h.MessageID)
		}
	}
	slices.Sort(accounts)
	return strings.Join(slices.Compact(accounts), " "), strings.Join(statements, " ")
}

// records reads the file from its beginning, and all its bytes into digest.
func (f File) records(digest hash.Hash) iter.Seq2[record.Record, error] {
	return func(yield func(record.Record, error) bool) {
		if _, err := f.Content.Seek(0, io.SeekStart); err != nil {
			yield(record.Record{}, fmt.Errorf("rewind %s: %w", f.Name, err))
			return
		}
		bytes := io.TeeReader(f.Content, digest)
		for rec, err := range bankfiles.Read(bytes, f.Profile) {
			if !yield(rec, err) || err != nil {
				return
			}
		}
		if _, err := io.Copy(io.Discard, bytes); err != nil {
			yield(record.Record{}, fmt.Errorf("read %s: %w", f.Name, err))
		}
	}
}

// named says which file a fault of bankfiles is in.
func named(err error, file string) error {
	if errs.CodeOf(err) == "INTERNAL" {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return errs.Wrap(err, errs.KindOf(err), "RECON_FILE_REFUSED", "file", file)
}
