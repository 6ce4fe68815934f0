package bankfiles

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"iter"

	"github.com/emmansun/gmsm/sm3"

	"fenlu/bankfiles/order"
	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
)

// ReadBack reads a written file with our own reader and compares every field
// of every payment, the head, the totals and the digest with what was to be
// written; it completes the sidecar with the SM3 of the bytes read. No file is
// sealed before. Error: BANKFILE_READ_BACK (Internal) with the row, 0 for the
// head, and the field that differs.
func ReadBack(r io.Reader, side Sidecar, b order.Batch, src order.Source) (Sidecar, error) {
	p, err := writer(side.Profile)
	if err != nil {
		return Sidecar{}, err
	}
	return p.ReadBack(r, side, b, src)
}

// ReadBack is [ReadBack] with the profile at hand.
func (p Profile) ReadBack(r io.Reader, side Sidecar, b order.Batch, src order.Source) (Sidecar, error) {
	back := newBackReader(p, b)
	if err := back.read(r, src); err != nil {
		return Sidecar{}, err
	}
	return back.end(side)
}

// WriteSealed is [Write] with [ReadBack] of the bytes as they go out. It takes
// src twice at the same time.
func WriteSealed(w io.Writer, profile string, b order.Batch, src order.Source) (Sidecar, error) {
	p, err := writer(profile)
	if err != nil {
		return Sidecar{}, err
	}
	back := newBackReader(p, b)
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := back.read(out, src)
		_ = out.CloseWithError(err) // cannot fail; the writer hears of it
		done <- err
	}()
	side, err := Write(io.MultiWriter(w, in), profile, b, src)
	_ = in.CloseWithError(err) // cannot fail; nil is the end of the file
	if read := <-done; err == nil {
		err = read
	}
	if err != nil {
		return Sidecar{}, err
	}
	return back.end(side)
}

// backReader compares a file, as it is read, with what was to be written.
type backReader struct {
	profile Profile
	want    order.Batch
	got     order.Batch
	row     int
	next    func() (order.Instruction, error, bool)
	count   int64
	sum     string
	sha     hash.Hash
	sm      hash.Hash
}

func newBackReader(p Profile, b order.Batch) *backReader {
	return &backReader{profile: p, want: b, sha: sha256.New(), sm: sm3.New()}
}

func (r *backReader) read(file io.Reader, src order.Source) error {
	next, stop := iter.Pull2(src())
	defer stop()
	r.next = next
	in := io.TeeReader(file, io.MultiWriter(r.sha, r.sm))
	for rec, err := range r.profile.Read(in) {
		if err == nil {
			err = r.record(rec)
		}
		if err != nil {
			return r.failed(err)
		}
	}
	_, err, more := next()
	if err == nil && more {
		err = r.differs("count")
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in) // the digest is of all the bytes
	return err
}

// failed is what the reader found; a fault of the file is ours, not a user's.
func (r *backReader) failed(err error) error {
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind == errs.Invalid {
		return errs.Wrap(err, errs.Internal, "BANKFILE_READ_BACK", "file", r.want.MessageID, "row", r.row, "column", e.Code)
	}
	return err
}

func (r *backReader) differs(column string) error {
	return errs.New(errs.Internal, "BANKFILE_READ_BACK", "file", r.want.MessageID, "row", r.row, "column", column)
}

func (r *backReader) record(rec record.Record) error {
	switch rec.Type {
	case record.TypeHeader:
		return r.header(rec.Header)
	case record.TypeItem:
		return r.item(rec.Item)
	case record.TypeTrailer:
		r.count, r.sum = rec.Trailer.Count, rec.Trailer.Sum
	case record.TypeWarning:
		return r.differs(rec.Warning.Code)
	}
	return nil
}

// header compares what each level of the file says of itself, and keeps it: that
// something was not said at all is known at the end.
func (r *backReader) header(h *record.Header) error {
	for _, f := range []struct {
		column    string
		got       *string
		read, ask string
	}{
		{"message_id", &r.got.MessageID, h.MessageID, r.want.MessageID},
		{"debtor_name", &r.got.DebtorName, h.AccountName, r.want.DebtorName},
		{"debtor_account", &r.got.DebtorAccount, h.Account, r.want.DebtorAccount},
		{"debtor_agent", &r.got.DebtorAgent, h.Agent, r.want.DebtorAgent},
		{"date", &r.got.ExecutionDate, h.Date, r.want.ExecutionDate},
	} {
		if f.read != "" && f.read != f.ask {
			return r.differs(f.column)
		}
		*f.got = record.First(f.read, *f.got)
	}
	return nil
}

func (r *backReader) item(it *record.Item) error {
	want, err, ok := r.next()
	if r.row++; err != nil {
		return err
	}
	got := order.Instruction{
		EndToEndID: it.EndToEndID, Name: it.Name, Account: it.Account, BankCode: it.BankCode, IDNumber: it.IDNumber, Remark: it.Remark,
	}
	if !ok || !it.IsCNY || it.AmountFen != want.Amount {
		return r.differs("amount")
	}
	for _, f := range r.profile.form.Fields {
		if f.Value(&got) != f.Value(&want) {
			return r.differs(f.Column)
		}
	}
	return nil
}

// end compares the head and the totals, which are known only now, and seals.
func (r *backReader) end(side Sidecar) (Sidecar, error) {
	r.row = 0
	switch {
	case r.count != side.Count:
		return Sidecar{}, r.differs("count")
	case r.sum != side.Sum.String():
		return Sidecar{}, r.differs("sum")
	case r.got.ExecutionDate != r.want.ExecutionDate && (r.profile.Layout == nil || r.got.ExecutionDate != ""): // not every bank's layout has one
		return Sidecar{}, r.differs("date")
	case hex.EncodeToString(r.sha.Sum(nil)) != side.SHA256:
		return Sidecar{}, r.differs("sha256")
	}
	for _, h := range r.profile.form.Heads {
		if h.Value(&r.got) != h.Value(&r.want) {
			return Sidecar{}, r.differs(h.Column)
		}
	}
	side.SM3 = hex.EncodeToString(r.sm.Sum(nil))
	return side, nil
}
