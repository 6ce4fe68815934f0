package bankfiles

import (
	"encoding/hex"
	"io"

	"fenlu/bankfiles/order"
	"fenlu/internal/errs"
	"fenlu/money"
)

// Sidecar says what was written, for the file beside the file (校验文件): the
// digest is of the bytes as they went out.
type Sidecar struct {
	Name      string    `json:"name"` // set by the caller, who knows it
	Profile   string    `json:"profile"`
	Version   string    `json:"version"` // of the format
	MessageID string    `json:"message_id"`
	SHA256    string    `json:"sha256"`
	SM3       string    `json:"sm3,omitempty"` // once read back
	Bytes     int64     `json:"bytes"`
	Count     int64     `json:"count"`
	Sum       money.Fen `json:"sum"`
	Date      string    `json:"date"`
}

// Write writes one file of the profile. It goes over the payments twice:
// first [Validate], whose errors it returns before a byte is written, then
// the writing, which counts and sums again. BANKFILE_SOURCE_CHANGED: the
// payments were not the same the second time, and what was written is not to
// be used; the same goes for an error of w. BANKFILE_ROWS_MANY: more than the
// profile's files may hold; split them ([Split]).
func Write(w io.Writer, profile string, b order.Batch, src order.Source) (Sidecar, error) {
	p, err := writer(profile)
	if err != nil {
		return Sidecar{}, err
	}
	return p.Write(w, b, src)
}

// Write is [Write] with the profile at hand.
func (p Profile) Write(w io.Writer, b order.Batch, src order.Source) (Sidecar, error) {
	totals, err := p.Validate(b, src)
	if err != nil {
		return Sidecar{}, err
	}
	if p.MaxRows > 0 && totals.Count > int64(p.MaxRows) {
		return Sidecar{}, errs.New(errs.Invalid, "BANKFILE_ROWS_MANY", "limit", p.MaxRows, "count", totals.Count, "profile", p.Name)
	}
	out := order.NewOutput(w)
	if err := p.write(out, b, totals, src); err != nil {
		return Sidecar{}, err
	}
	if err := out.Buffered.Flush(); err != nil {
		return Sidecar{}, err
	}
	if out.Totals != totals {
		return Sidecar{}, errs.New(errs.Conflict, "BANKFILE_SOURCE_CHANGED",
			"asked_count", totals.Count, "asked_sum", totals.Sum.String(),
			"count", out.Totals.Count, "sum", out.Totals.Sum.String())
	}
	return Sidecar{
		Profile: p.Name, Version: p.Version, MessageID: b.MessageID,
		SHA256: hex.EncodeToString(out.Digest.Sum(nil)), Bytes: out.Bytes,
		Count: totals.Count, Sum: totals.Sum, Date: b.ExecutionDate,
	}, nil
}

// Validate says whether the payments can be written under the profile, and
// their totals. The error lists every problem in every row
// (BANKFILE_ROWS_REFUSED with Fields: row, column, reason), so that a person
// decides about all of them at once; nothing is replaced or left out.
// BANKFILE_EMPTY: no payments. BANKFILE_EXPECTED: not what b.Expect asks for.
// Memory: eight bytes a payment, to find ids that stand twice.
func Validate(profile string, b order.Batch, src order.Source) (order.Totals, error) {
	p, err := writer(profile)
	if err != nil {
		return order.Totals{}, err
	}
	return p.Validate(b, src)
}

// Validate is [Validate] with the profile at hand.
func (p Profile) Validate(b order.Batch, src order.Source) (order.Totals, error) {
	if !p.Writes {
		return order.Totals{}, errs.New(errs.Invalid, "BANKFILE_NOT_WRITABLE", "profile", p.Name)
	}
	return order.Validate(p.form, b, src)
}

func writer(profile string) (Profile, error) {
	p, err := Lookup(profile)
	if err == nil && !p.Writes {
		err = errs.New(errs.Invalid, "BANKFILE_NOT_WRITABLE", "profile", profile)
	}
	return p, err
}
