package leaf

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// Prover is a tree that keeps the hashes that the proofs of some of its parts
// consist of, and no others.
type Prover struct {
	tree   Tree
	count  int64
	wanted []int64
	kept   map[int64]tlog.Hash // by stored hash index; zero until known
	next   int64               // stored hash index of the next hash made
}

// NewProver proves the wanted parts of count parts; it fails when one of them
// is not below count.
func NewProver(count int64, wanted ...int64) (*Prover, error) {
	p := &Prover{count: count, wanted: wanted, kept: map[int64]tlog.Hash{}}
	for _, i := range wanted {
		_, err := tlog.ProveRecord(count, i, tlog.HashReaderFunc(p.keep))
		if err != nil {
			return nil, fmt.Errorf("part %d of %d: %w", i, count, err)
		}
	}
	return p, nil
}

func (p *Prover) keep(indexes []int64) ([]tlog.Hash, error) {
	for _, at := range indexes {
		p.kept[at] = tlog.Hash{}
	}
	return make([]tlog.Hash, len(indexes)), nil
}

// Add adds the next part by its canonical bytes.
func (p *Prover) Add(part []byte) {
	p.tree.Add(part)
	for _, h := range p.tree.made {
		if _, ok := p.kept[p.next]; ok {
			p.kept[p.next] = h
		}
		p.next++
	}
}

// Root is the root over the parts that were added.
func (p *Prover) Root() tlog.Hash { return p.tree.Root() }

// Proof is the inclusion proof of part i, which was wanted, once all parts
// were added.
func (p *Prover) Proof(i int64) (tlog.RecordProof, error) {
	if p.tree.Len() != p.count {
		return nil, fmt.Errorf("%d parts were added, not %d", p.tree.Len(), p.count)
	}
	return tlog.ProveRecord(p.count, i, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for k, at := range indexes {
			h, ok := p.kept[at]
			if !ok {
				return nil, fmt.Errorf("part %d was not wanted", i)
			}
			hashes[k] = h
		}
		return hashes, nil
	}))
}

// CheckPart says whether part, by its canonical bytes, is number i of the
// count parts with that root.
func CheckPart(proof tlog.RecordProof, root tlog.Hash, count, i int64, part []byte) error {
	return tlog.CheckRecord(proof, count, root, i, tlog.RecordHash(part))
}

// PartsOf are the count and the root of the parts that a leaf commits to.
func PartsOf(l *Leaf) (count int64, root tlog.Hash, err error) {
	count, err = strconv.ParseInt(l.Value(fieldParts), 10, 64)
	if err != nil || count < 0 {
		return 0, root, errors.New("leaf has no count of parts")
	}
	b, err := hex.DecodeString(l.Value(fieldPartsRoot))
	if err != nil || len(b) != tlog.HashSize {
		return 0, root, errors.New("leaf has no root of parts")
	}
	return count, tlog.Hash(b), nil
}
