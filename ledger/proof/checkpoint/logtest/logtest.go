// Package logtest is a log in memory for tests: it grows, and it forks.
package logtest

import (
	"context"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"fenlu/ledger/proof/checkpoint"
)

// Log is a log of texts. It is not safe for writing by several goroutines.
type Log struct {
	tb     testing.TB
	origin string
	size   int64
	hashes []tlog.Hash
}

// New is an empty log.
func New(tb testing.TB, origin string) *Log { return &Log{tb: tb, origin: origin} }

// Add appends leaves and returns the log.
func (l *Log) Add(leaves ...string) *Log {
	l.tb.Helper()
	for _, text := range leaves {
		h, err := tlog.StoredHashes(l.size, []byte(text), l)
		if err != nil {
			l.tb.Fatal(err)
		}
		l.hashes = append(l.hashes, h...)
		l.size++
	}
	return l
}

// ReadHashes makes Log a tlog.HashReader.
func (l *Log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = l.hashes[x]
	}
	return out, nil
}

// At is the checkpoint at a size.
func (l *Log) At(size int64) checkpoint.Checkpoint {
	l.tb.Helper()
	root, err := tlog.TreeHash(size, l)
	if err != nil {
		l.tb.Fatal(err)
	}
	return checkpoint.Checkpoint{Origin: l.origin, Size: size, Root: root}
}

// Head is the checkpoint of the whole log.
func (l *Log) Head() checkpoint.Checkpoint { return l.At(l.size) }

// Grown is the proof that the log grew from one size to another.
func (l *Log) Grown(from, to int64) tlog.TreeProof {
	l.tb.Helper()
	if from == 0 || from == to {
		return nil
	}
	p, err := tlog.ProveTree(to, from, l)
	if err != nil {
		l.tb.Fatal(err)
	}
	return p
}

// Size is the number of leaves.
func (l *Log) Size(context.Context) (int64, error) { return l.size, nil }

// RootAt is the root of the first leaves.
func (l *Log) RootAt(_ context.Context, size int64) (tlog.Hash, error) { return tlog.TreeHash(size, l) }

// ProveExtends is the proof that the log grew from one size to another.
func (l *Log) ProveExtends(_ context.Context, size, old int64) (tlog.TreeProof, error) {
	return tlog.ProveTree(size, old, l)
}

// Signer is a new key, or the test ends.
func Signer(tb testing.TB, name string, a checkpoint.Algorithm) checkpoint.Signer {
	tb.Helper()
	s, err := checkpoint.NewSigner(name, a)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// Sign signs a checkpoint, or the test ends.
func Sign(tb testing.TB, c checkpoint.Checkpoint, s checkpoint.Signer) []byte {
	tb.Helper()
	msg, err := checkpoint.Sign(c, s)
	if err != nil {
		tb.Fatal(err)
	}
	return msg
}
