package order

import (
	"testing"

	"pgregory.net/rapid"

	"fenlu/money"
)

// The short way says what the long one says.
func TestParseAmount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[+-]?[0-9,]{0,14}[.]?[0-9]{0,4}`).Draw(t, "text")
		got, err := parseAmount(s)
		want, wantErr := money.Parse(s)
		if got != want || (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %v %v, want %v %v", s, got, err, want, wantErr)
		}
	})
}
