package leaf

import (
	"crypto/sha256"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Tree is the RFC 6962 tree over what was added so far. It keeps the roots of
// its complete subtrees only, the largest first: one for each bit of the count.
// The zero value is the empty tree.
type Tree struct {
	n     int64
	stack []tlog.Hash
	buf   []byte
	made  []tlog.Hash
}

// Resume is the tree of the first n records, of which r has the stored hashes.
func Resume(n int64, r tlog.HashReader) (*Tree, error) {
	t := &Tree{n: n}
	_, err := tlog.TreeHash(n, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes, err := r.ReadHashes(indexes)
		t.stack = append(t.stack, hashes...)
		return hashes, err
	}))
	if err != nil {
		return nil, fmt.Errorf("read the tree of %d: %w", n, err)
	}
	return t, nil
}

// Add adds a part by its canonical bytes.
func (t *Tree) Add(part []byte) {
	t.buf = append(append(t.buf[:0], 0), part...)
	t.made = t.Append(sha256.Sum256(t.buf), t.made[:0])
}

// Append adds a record by its hash, and appends to made the hashes that are to
// be stored for it, in the order of tlog.StoredHashIndex.
func (t *Tree) Append(record tlog.Hash, made []tlog.Hash) []tlog.Hash {
	made = append(made, record)
	for bits := t.n; bits&1 == 1; bits >>= 1 {
		record = tlog.NodeHash(t.stack[len(t.stack)-1], record)
		t.stack = t.stack[:len(t.stack)-1]
		made = append(made, record)
	}
	t.stack = append(t.stack, record)
	t.n++
	return made
}

// Len is the number of records.
func (t *Tree) Len() int64 { return t.n }

// Root is the RFC 6962 tree hash; that of the empty tree is SHA-256 of nothing.
func (t *Tree) Root() tlog.Hash {
	if t.n == 0 {
		return sha256.Sum256(nil)
	}
	last := len(t.stack) - 1
	root := t.stack[last]
	for i := last - 1; i >= 0; i-- {
		root = tlog.NodeHash(t.stack[i], root)
	}
	return root
}
