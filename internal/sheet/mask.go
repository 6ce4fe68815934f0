package sheet

import (
	"unicode/utf8"

	"fenlu/internal/ident"
)

const (
	shownRunes  = 40 // the longest value repeated in a problem
	personalRun = 15 // this many digits in a row are taken for an ID or account
)

// shown is a value as a problem may repeat it: masked in a personal column
// and wherever a long run of digits looks personal, since a shifted column
// brings ID numbers where nobody expects them.
func shown(c Column, value string) string {
	if c.Masked || looksPersonal(value) {
		value = ident.Mask(value)
	}
	if utf8.RuneCountInString(value) > shownRunes {
		value = string([]rune(value)[:shownRunes]) + "…"
	}
	return value
}

func looksPersonal(s string) bool {
	run := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			run = 0
			continue
		}
		if run++; run >= personalRun {
			return true
		}
	}
	return false
}
