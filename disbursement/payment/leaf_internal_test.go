package payment

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fenlu/internal/clock"
	"fenlu/internal/evidence"
	"fenlu/ledger/proof/leaf"
)

// The leaf of a fixed file is that of docs/proof.md; the commitment of its
// first attempt is the one shown there.
func TestReleaseLeaf_vector(t *testing.T) {
	t.Parallel()
	first := leaf.Payee{Name: "王小明", IDNumber: "991301199003074021", Account: "6229131234567897302", BankCode: "402991300018"}
	attempts := []Attempt{
		{Attempt: evidence.Attempt{EndToEndID: "QHMZ-000001-0000001-01-9", Payment: 1001, Amount: 580_00}, N: 1, Account: 2001, Line: 1},
		{Attempt: evidence.Attempt{EndToEndID: "QHMZ-000001-0000002-02-5", Payment: 1002, Amount: 35_00}, N: 2, Account: 2002, Line: 2},
	}
	commitments := [][]byte{first.Commit(bytes.Repeat([]byte{7}, leaf.SaltSize)), bytes.Repeat([]byte{11}, 32)}
	f := File{ID: 1, Batch: 3, Ordinal: 1, Name: "QHMZ-000001-F01-E.txt", Ref: "QHMZ-000001-F01-E", Profile: "cn.daifa.gbk", Channel: "DF",
		SHA256: bytes.Repeat([]byte{10}, 32), Count: 2, Sum: 615_00, Remark: "低保202610", ExecuteOn: time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC),
		CreatedAt: time.Date(2026, 10, 9, 9, 0, 0, 0, clock.Shanghai), ReleasedBy: "sun"}
	var tree leaf.Tree
	var part leaf.Part
	var parts []byte
	for i, a := range attempts {
		b := a.part(&part, commitments[i])
		tree.Add(b)
		parts = append(parts, b...)
	}
	l := ReleaseLeaf(f, &tree)
	h := l.Hash()
	for name, got := range map[string][]byte{"release.leaf": l.Bytes(), "release.parts": parts, "release.hash": []byte(hex.EncodeToString(h[:]) + "\n")} {
		want, err := os.ReadFile(filepath.Join("..", "..", "ledger", "proof", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
