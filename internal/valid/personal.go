package valid

import (
	"strings"
	"unicode"

	"fenlu/internal/ident"
)

// personalDigits is the length from which on a run of digits may be a telephone
// number, an ID number or an account.
const personalDigits = 11

// NoPersonalNumber is the rule no_personal_number on free text: it holds no run
// of eleven digits or more and no ID number of eighteen characters, however it
// is spaced, dashed or widened. Empty text passes. Numbers belong in the fields
// that are encrypted and masked, never in a reason or a code.
func NoPersonalNumber(s string) bool {
	run := 0
	for _, r := range ident.Normalize(s) {
		switch {
		case unicode.IsDigit(r):
			if run++; run >= personalDigits {
				return false
			}
		case !joins(r):
			run = 0
		}
	}
	return true
}

// joins says whether people write a sign within a number.
func joins(r rune) bool { return unicode.Is(unicode.Pd, r) || strings.ContainsRune("−_·", r) }
