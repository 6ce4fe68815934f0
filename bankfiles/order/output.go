package order

import (
	"bufio"
	"crypto/sha256"
	"hash"
	"io"
	"strconv"

	"fenlu/money"
)

// Output counts and digests what is written.
type Output struct {
	Buffered *bufio.Writer
	Digest   hash.Hash
	Bytes    int64
	Totals   Totals
}

// NewOutput writes to w, buffered.
func NewOutput(w io.Writer) *Output {
	out := &Output{Digest: sha256.New()}
	out.Buffered = bufio.NewWriterSize(io.MultiWriter(w, out.Digest), 64<<10)
	return out
}

// Write writes the bytes as they go out.
func (out *Output) Write(b []byte) error {
	n, err := out.Buffered.Write(b)
	out.Bytes += int64(n)
	return err
}

// Count adds a payment that was written.
func (out *Output) Count(p *Instruction) (err error) {
	out.Totals.Count++
	out.Totals.Sum, err = money.Add(out.Totals.Sum, p.Amount)
	return err
}

// Yuan appends an amount greater than zero with two decimals.
func Yuan(b []byte, f money.Fen) []byte {
	b = strconv.AppendInt(b, int64(f/100), 10)
	return append(b, '.', byte('0'+f/10%10), byte('0'+f%10))
}
