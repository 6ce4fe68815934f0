package batch

import "testing"

// TestDigestOfComputed: the digest of a fixed list is the one of docs/proof.md.
func TestDigestOfComputed(t *testing.T) {
	t.Parallel()
	l := madeLine{Line: Line{No: 1, Person: 7, Household: 3, Payee: 7, Role: "self", Component: "basic", Class: "农村补差", Policy: 5, Amount: 250_00},
		zh: "（标准 600.00 − …）= 250.00"}
	got := digestOfComputed(Create{Office: "QHMZ", Program: "DB", Period: "2026-10"}, []madeLine{l})
	if want := "ec4dbd02f5ecca444165d32a9bed17df7246d8101befa34b803f630abbdaced8"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
