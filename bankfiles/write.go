package bankfiles

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"

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
	Bytes     int64     `json:"bytes"`
	Count     int64     `json:"count"`
	Sum       money.Fen `json:"sum"`
	Date      string    `json:"date"`
}

// Write writes one file of the profile. It goes over the payments twice:
// first [Validate], whose errors it returns before a byte is written, then
// the writing, which counts and sums again. BANKFILE_SOURCE_CHANGED: the
// payments were not the same the second time, and what was written is not to
// be used; the same goes for an error of w.
func Write(w io.Writer, profile string, b Batch, src Source) (Sidecar, error) {
	totals, err := Validate(profile, b, src)
	if err != nil {
		return Sidecar{}, err
	}
	p, err := writer(profile)
	if err != nil {
		return Sidecar{}, err
	}
	out := newOutput(w)
	if err := p.write(out, b, totals, src); err != nil {
		return Sidecar{}, err
	}
	if err := out.buffered.Flush(); err != nil {
		return Sidecar{}, err
	}
	if out.totals != totals {
		return Sidecar{}, errs.New(errs.Conflict, "BANKFILE_SOURCE_CHANGED",
			"asked_count", totals.Count, "asked_sum", totals.Sum.String(),
			"count", out.totals.Count, "sum", out.totals.Sum.String())
	}
	return Sidecar{
		Profile: p.Name, Version: p.Version, MessageID: b.MessageID,
		SHA256: hex.EncodeToString(out.digest.Sum(nil)), Bytes: out.bytes,
		Count: totals.Count, Sum: totals.Sum, Date: b.ExecutionDate,
	}, nil
}

// output counts and digests what is written.
type output struct {
	buffered *bufio.Writer
	digest   hash.Hash
	bytes    int64
	totals   Totals
}

func newOutput(w io.Writer) *output {
	out := &output{digest: sha256.New()}
	out.buffered = bufio.NewWriterSize(io.MultiWriter(w, out.digest), 64<<10)
	return out
}

func (out *output) write(b []byte) error {
	n, err := out.buffered.Write(b)
	out.bytes += int64(n)
	return err
}

// count adds a payment that was written.
func (out *output) count(p *Instruction) (err error) {
	out.totals.Count++
	out.totals.Sum, err = money.Add(out.totals.Sum, p.Amount)
	return err
}
