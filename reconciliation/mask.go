package reconciliation

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"

	"fenlu/internal/ident"
)

// ourID is the form of the ids that we give to payments and files. It has long
// numbers and names nobody.
const ourID = `[A-Z][A-Z0-9]{1,11}-[0-9]{6}-(?:[0-9]{7}-[0-9]{2}|F[0-9]{2})-[0-9A-Z]`

var (
	onlyOurID = regexp.MustCompile(`^` + ourID + `$`)
	// ourIDOrRun finds in a text our ids, which stay, and what may be an ID number
	// or an account: eight digits or more, however they are set apart.
	ourIDOrRun = regexp.MustCompile(`\b` + ourID + `\b|[0-9](?:[\s\x{a0}\x{2010}-\x{2015}\x{2212}-]*[0-9]){7,}[Xx]?`)
)

// maskText is a bank's text as it may be stored (脱敏): full-width figures made
// plain, invisible characters taken out, and of every long number only the
// first and last two figures left. Names stay.
func maskText(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1
		case width.LookupRune(r).Kind() == width.EastAsianFullwidth && !unicode.IsPunct(r):
			return width.LookupRune(r).Narrow()
		case r == '－':
			return '-'
		case r == '　':
			return ' '
		}
		return r
	}, s)
	return ourIDOrRun.ReplaceAllStringFunc(s, func(run string) string {
		if onlyOurID.MatchString(run) {
			return run
		}
		return maskRun(run)
	})
}

func maskRun(run string) string {
	figures := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == 'X' || r == 'x' {
			return r
		}
		return -1
	}, run)
	return figures[:2] + strings.Repeat("*", len(figures)-4) + figures[len(figures)-2:]
}

// maskID is an id that is not one of our attempts', as it may be stored.
func maskID(id string) string {
	if onlyOurID.MatchString(id) {
		return id
	}
	return maskText(id)
}

// maskRef is the bank's own reference, which stays unless it is a card number or
// somebody's ID number.
func maskRef(ref string) string {
	number := ident.Normalize(ref)
	if ident.CheckAccount(ident.Card, number) == nil || isResident(number) {
		return maskText(ref)
	}
	return ref
}

func isResident(number string) bool {
	_, found := ident.CheckResident(number, time.Time{})
	return !found.Refused()
}

// maskScope is what a file is about, as its leaf says it: the ids of ours that
// a result answers, or the masked accounts of a statement.
func maskScope(kind FileKind, scope string) string {
	words := strings.Fields(scope)
	for i, w := range words {
		if kind == Statement {
			words[i] = ident.Mask(w)
			continue
		}
		words[i] = maskID(w)
	}
	return strings.Join(words, " ")
}
