package batch

import (
	"bufio"
	"context"
	"crypto/sha256"
	"hash"
	"strconv"

	"fenlu/internal/db"
)

// listDigest makes the digest of a list, version 1: SHA-256 over UTF-8 text,
// one line each ended by a line feed, fields ended by a tab.
//
//	fenlu.batch.list.v1
//	code, kind, program, office, period, channel
//	for each line in the order of the list:
//	no, subject, component, class, month, occasion, policy, amount in fen, payee, role, account version
//
// Persons, units, policies and accounts are their numbers inside, so that the
// bytes carry no ID number, name or account, and a payee's new account or
// another line order is another list.
type listDigest struct {
	h   hash.Hash
	w   *bufio.Writer
	buf []byte
}

func newListDigest(b Batch) *listDigest {
	h := sha256.New()
	d := &listDigest{h: h, w: bufio.NewWriterSize(h, 1<<16)}
	d.text("fenlu.batch.list.v1")
	d.end()
	for _, s := range []string{b.Code, string(b.Kind), b.Program, b.Office, string(b.Period), b.Channel} {
		d.text(s)
	}
	d.end()
	return d
}

func (d *listDigest) text(s string)  { d.buf = append(append(d.buf, s...), '\t') }
func (d *listDigest) number(n int64) { d.buf = append(strconv.AppendInt(d.buf, n, 10), '\t') }
func (d *listDigest) end()           { _, _ = d.w.Write(append(d.buf, '\n')); d.buf = d.buf[:0] } // a hash never fails
func (d *listDigest) sum() Digest    { _ = d.w.Flush(); return d.h.Sum(nil) }
func (d *listDigest) add(l *Line) {
	d.number(int64(l.No))
	d.number(l.Subject())
	for _, s := range []string{l.Component, l.Class, string(l.Month), l.Occasion} {
		d.text(s)
	}
	for _, n := range []int64{int64(l.Policy), int64(l.Amount), l.Payee} {
		d.number(n)
	}
	d.text(string(l.Role))
	d.number(l.Account)
	d.end()
}

// digestOf is the digest of lines that are at hand.
func digestOf(b Batch, lines []Line) Digest {
	d := newListDigest(b)
	for i := range lines {
		d.add(&lines[i])
	}
	return d.sum()
}

// DigestOfList makes the digest of a batch's list again from its rows, a line
// at a time.
func DigestOfList(ctx context.Context, q db.Querier, b Batch) (Digest, error) {
	d := newListDigest(b)
	err := eachLine(ctx, q, listQuery, []any{b.ID}, func(l *Line) error { d.add(l); return nil })
	return d.sum(), err
}
