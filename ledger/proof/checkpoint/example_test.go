package checkpoint_test

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/errs"
	"fenlu/ledger/proof/checkpoint"
)

// An auditor kept a checkpoint of three leaves. The log of five extends it; one
// in which the second leaf is another does not.
func ExampleExtends() {
	kept, _, err := grown(3, "opened", "brought in", "frozen")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, second := range []string{"brought in", "brought in twice"} {
		now, proof, err := grown(3, "opened", second, "frozen", "released", "paid")
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := checkpoint.Extends(kept, now, proof); err != nil {
			fmt.Println(second, "-", errs.CodeOf(err))
			continue
		}
		fmt.Println(second, "- extends")
	}
	// Output:
	// brought in - extends
	// brought in twice - CHECKPOINT_PROOF
}

// hashes are those of a log that is held whole.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		out[i] = h[at]
	}
	return out, nil
}

// grown is the checkpoint of a log of leaves, and the proof that it grew from so
// many.
func grown(from int64, leaves ...string) (checkpoint.Checkpoint, tlog.TreeProof, error) {
	var log hashes
	for i, text := range leaves {
		more, err := tlog.StoredHashes(int64(i), []byte(text), log)
		if err != nil {
			return checkpoint.Checkpoint{}, nil, err
		}
		log = append(log, more...)
	}
	size := int64(len(leaves))
	root, err := tlog.TreeHash(size, log)
	if err != nil {
		return checkpoint.Checkpoint{}, nil, err
	}
	proof, err := tlog.ProveTree(size, from, log)
	return checkpoint.Checkpoint{Origin: origin, Size: size, Root: root}, proof, err
}
