package reconciliation

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fenlu/bankfiles/record"

	"github.com/google/go-cmp/cmp"

	"fenlu/bankfiles"
	"fenlu/internal/clock"
	"fenlu/internal/ident"
	"fenlu/ledger/proof/leaf"
)

// The leaf of a fixed evidence file is that of docs/proof.md.
func TestEvidenceLeaf_vector(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC)
	f := evidenceFile{id: 2, kind: Statement, scope: "955800991301000018", sha256: bytes.Repeat([]byte{10}, 32), profile: bankfiles.Camt053,
		items: 2, by: "he", at: time.Date(2026, 10, 10, 9, 0, 0, 0, clock.Shanghai)}
	lines := []line{
		{pos: 1, kind: record.KindEntry, place: "4f8d2a6c-1", endToEndID: "QHMZ-000001-0000002-01-7", bankRef: "2026100900017", amount: 580_00,
			direction: record.Debit, status: "BOOK", valueDate: &day, at: record.Position{Offset: 1024, Line: 31}, attempt: 2, match: Matched, says: SaysBooked},
		{pos: 2, kind: record.KindReturn, place: "90b1e7d3-1", endToEndID: "QHMZ-000001-0000003-01-5", bankRef: "2026100900018", amount: 580_00,
			direction: record.Credit, status: "BOOK", reason: "AC04", reasonText: "户名不符 王小明", textSalt: bytes.Repeat([]byte{7}, leaf.SaltSize),
			valueDate: &day, at: record.Position{Offset: 2048, Line: 58}, attempt: 3, match: Matched, says: SaysReturned},
	}
	var tree leaf.Tree
	var part leaf.Part
	var parts []byte
	for i := range lines {
		b := lines[i].part(&part)
		tree.Add(b)
		parts = append(parts, b...)
	}
	l := f.leaf(&tree)
	h := l.Hash()
	for name, got := range map[string][]byte{"evidence.leaf": l.Bytes(), "evidence.parts": parts, "evidence.hash": []byte(hex.EncodeToString(h[:]) + "\n")} {
		want, err := os.ReadFile(filepath.Join("..", "ledger", "proof", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What tells a booking from others is kept under the keys of the house only.
func TestPlace_is_a_blind_index(t *testing.T) {
	t.Parallel()
	var told []string
	s := statement{account: "955800991301000018", seen: map[string]int{}, blind: func(value, purpose string) []byte {
		told = append(told, purpose+" "+value)
		return []byte{1, 2}
	}}
	r := reported{Item: &record.Item{EndToEndID: "991301199003074021", Amount: "1.00", Currency: "CNY", BookingDate: "2026-10-09"}}
	if got := s.place(r); got != "0102-1" || len(told) != 1 {
		t.Errorf("%s, blinded %q", got, told)
	}
}

func TestMaskRef_hides_the_numbers_of_people(t *testing.T) {
	t.Parallel()
	id := "99130119900307402"
	id += string(ident.ResidentCheck(id))
	for ref, want := range map[string]string{
		"2026100900017": "2026100900017", "6222021234567890128": "62***************28", id: maskRun(id),
	} {
		if got := maskRef(ref); got != want {
			t.Errorf("%s is kept as %s, want %s", ref, got, want)
		}
	}
}
