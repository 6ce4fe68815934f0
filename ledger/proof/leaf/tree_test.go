package leaf_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/rfc6962"
	"fenlu/ledger/proof/leaf"
)

func records(n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = fmt.Appendf(nil, "record %d\n", i)
	}
	return out
}

// stored is a tree's stored hashes in memory.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		if at >= int64(len(s)) {
			return nil, errors.New("not stored")
		}
		out[i] = s[at]
	}
	return out, nil
}

func TestTree_is_the_tree_of_RFC_6962(t *testing.T) {
	t.Parallel()
	all := records(130)
	var tree leaf.Tree
	var hashes, theirs stored
	for n := range len(all) + 1 {
		if tree.Len() != int64(n) || tree.Root() != rfc6962.Root(all[:n]) {
			t.Fatalf("root of %d records differs from the definition", n)
		}
		resumed, err := leaf.Resume(int64(n), hashes)
		if err != nil || resumed.Root() != tree.Root() {
			t.Fatalf("resumed at %d: %v", n, err)
		}
		if n == len(all) {
			break
		}
		made, err := tlog.StoredHashes(int64(n), all[n], theirs)
		if err != nil {
			t.Fatal(err)
		}
		theirs = append(theirs, made...)
		hashes = resumed.Append(tlog.RecordHash(all[n]), hashes)
		if len(hashes) != len(theirs) || hashes[len(hashes)-1] != theirs[len(theirs)-1] {
			t.Fatalf("hashes stored for record %d differ from tlog's", n)
		}
		tree.Add(all[n])
	}
}

func TestResume_fails_without_its_hashes(t *testing.T) {
	t.Parallel()
	if _, err := leaf.Resume(5, stored{}); err == nil {
		t.Error("a tree of 5 out of nothing")
	}
}

func TestProver(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 7, 8, 100} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			all := records(n)
			wanted := make([]int64, n)
			for i := range wanted {
				wanted[i] = int64(i)
			}
			p := prover(t, all, wanted...)
			if p.Root() != rfc6962.Root(all) {
				t.Error("root differs")
			}
			for i := range wanted {
				checkProof(t, p, all, i)
			}
		})
	}
}

func prover(t *testing.T, all [][]byte, wanted ...int64) *leaf.Prover {
	t.Helper()
	p, err := leaf.NewProver(int64(len(all)), wanted...)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		p.Add(r)
	}
	return p
}

// checkProof proves part i, and that the proof is for it alone.
func checkProof(t *testing.T, p *leaf.Prover, all [][]byte, i int) {
	t.Helper()
	n, at := int64(len(all)), int64(i)
	proof, err := p.Proof(at)
	if err != nil {
		t.Fatal(err)
	}
	if err := leaf.CheckPart(proof, p.Root(), n, at, all[i]); err != nil {
		t.Errorf("part %d: %v", i, err)
	}
	if leaf.CheckPart(proof, p.Root(), n, at, append(bytes.Clone(all[i]), ' ')) == nil {
		t.Errorf("part %d altered: accepted", i)
	}
	if n > 1 && leaf.CheckPart(proof, p.Root(), n, (at+1)%n, all[i]) == nil {
		t.Errorf("part %d at another place: accepted", i)
	}
	for k := range proof {
		proof[k][0] ^= 1
		if leaf.CheckPart(proof, p.Root(), n, at, all[i]) == nil {
			t.Errorf("part %d, hash %d of the proof altered: accepted", i, k)
		}
		proof[k][0] ^= 1
	}
}

func TestProver_refuses(t *testing.T) {
	t.Parallel()
	if _, err := leaf.NewProver(3, 3); err == nil {
		t.Error("part 3 of 3 proved")
	}
	p := prover(t, records(9), 4)
	if _, err := p.Proof(8); err == nil {
		t.Error("a part was proved that was not wanted")
	}
	short, err := leaf.NewProver(9, 4)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := short.Proof(4); err == nil {
		t.Error("proved before its parts were added")
	}
}

func TestPartsOf(t *testing.T) {
	t.Parallel()
	n, root, err := leaf.PartsOf(example())
	if err != nil || n != 5 || root != rfc6962.Root(exampleParts()) {
		t.Errorf("%d %s %v", n, root, err)
	}
	for _, l := range []*leaf.Leaf{
		leaf.New("a", 1),
		leaf.New("a", 1).Int("parts", -1).Hex("parts_root", make([]byte, 32)),
		leaf.New("a", 1).Int("parts", 1).Hex("parts_root", make([]byte, 31)),
		leaf.New("a", 1).Int("parts", 1).Text("parts_root", "x"),
	} {
		if _, _, err := leaf.PartsOf(l); err == nil {
			t.Errorf("parts of %q", l.Bytes())
		}
	}
}
