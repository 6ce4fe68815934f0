package ident

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Normalize is the one form in which identifiers are compared, indexed and
// stored: full-width characters made plain, spaces and invisible characters
// taken out, letters in upper case. It folds width and nothing else: a "②" or
// a footnote's "²" is no digit, and the check that follows says so.
func Normalize(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r) {
			return -1
		}
		return r
	}, width.Fold.String(s))
	return strings.ToUpper(s)
}

// The parts of an identifier that are shown, and the length from which on
// anything is: below it, what is hidden would be fewer than four characters.
const (
	shownEachEnd = 4
	shownFrom    = 3 * shownEachEnd
)

// Mask shows the first four and the last four characters and hides the rest
// ("9913**********4021"); a string of fewer than twelve is hidden wholly.
func Mask(s string) string {
	r := []rune(s)
	if len(r) < shownFrom {
		return strings.Repeat("*", len(r))
	}
	hidden := len(r) - 2*shownEachEnd
	return string(r[:shownEachEnd]) + strings.Repeat("*", hidden) + string(r[len(r)-shownEachEnd:])
}

// Secret is an ID number or an account in memory. Printing, logging and
// encoding it gives the masked form; Reveal gives what it is, and whoever
// calls it answers for it. Keep it in exported fields: fmt cannot ask an
// unexported one how it wants to be printed.
type Secret string

// ErrPlain is returned where a Secret is about to be written to a database
// as it is: seal it first.
var ErrPlain = errors.New("ident: a secret must be sealed before it is stored")

// Reveal is the number itself.
func (s Secret) Reveal() string { return string(s) }

// String is the masked form.
func (s Secret) String() string { return Mask(string(s)) }

// GoString is the masked form.
func (s Secret) GoString() string { return fmt.Sprintf("ident.Secret(%q)", Mask(string(s))) }

// Format prints the masked form whatever the verb.
func (s Secret) Format(f fmt.State, verb rune) {
	text := s.String()
	if verb == 'v' && f.Flag('#') {
		text = s.GoString()
	}
	// A printer that cannot write has nowhere to report it either.
	_, _ = io.WriteString(f, text)
}

// LogValue is the masked form.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is the masked form, for JSON and XML as well.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Value refuses: a database gets ciphertext, never this. It returns ErrPlain.
func (s Secret) Value() (driver.Value, error) { return nil, ErrPlain }
