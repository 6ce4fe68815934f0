package money

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// The codes of what can be wrong with an amount; each has a sentence in the
// message catalogue.
const (
	CodeSyntax   = "MONEY_SYNTAX"    // no amount at all: letters, exponents, signs
	CodeEmpty    = "MONEY_EMPTY"     // nothing there
	CodeStop     = "MONEY_FULL_STOP" // 。 or another mark where the decimal point belongs
	CodeGrouping = "MONEY_GROUPING"  // commas that do not stand at the thousands
	CodeDecimals = "MONEY_DECIMALS"  // parts of a fen
	CodeOverflow = "MONEY_OVERFLOW"  // more than 64 bits of fen
)

// maxText is the longest text read as an amount: the largest amount with
// separators has 26 characters, and nobody types forty zeros behind it.
const maxText = 64

// SyntaxError says what is wrong with a text that should be an amount.
type SyntaxError struct {
	Text string // what was read, shortened
	Code string // one of the codes above
}

// Error is the text for a log.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%v: %s %q", ErrSyntax, e.Code, e.Text) }

// Is makes every SyntaxError an ErrSyntax.
func (e *SyntaxError) Is(target error) bool { return target == ErrSyntax }

// Code is the catalogue code for an error of this package, or "" for any
// other; importers put it into the row report.
func Code(err error) string {
	if syntax, ok := errors.AsType[*SyntaxError](err); ok {
		return syntax.Code
	}
	switch {
	case errors.Is(err, ErrOverflow):
		return CodeOverflow
	case errors.Is(err, ErrRate):
		return CodeRate
	case errors.Is(err, ErrWeights):
		return CodeWeights
	default:
		return ""
	}
}

// Parse reads yuan with at most two decimals ("1234.5", "1,234.50", "-3")
// exactly. More decimals are an error, never rounded, unless they are zeros.
// Commas must stand at the thousands or not at all. Full-width digits, point,
// comma and minus are read as the plain ones; an ideographic full stop is not
// (a scanned "47。5" is a guess, and guesses are confirmed by people).
// Errors: *SyntaxError (ErrSyntax), ErrOverflow.
func Parse(s string) (Fen, error) {
	t := strings.Map(narrow, strings.TrimSpace(s))
	if code := check(t); code != "" {
		return 0, &SyntaxError{Text: shorten(s), Code: code}
	}
	d, err := decimal.NewFromString(strings.ReplaceAll(t, ",", ""))
	if err != nil {
		return 0, &SyntaxError{Text: shorten(s), Code: CodeSyntax}
	}
	return FromDecimal(d)
}

// narrow turns the full-width forms of an amount's characters into plain ones.
func narrow(r rune) rune {
	switch {
	case r >= '０' && r <= '９':
		return r - '０' + '0'
	case r == '．':
		return '.'
	case r == '，':
		return ','
	case r == '－' || r == '−':
		return '-'
	default:
		return r
	}
}

// check names what is wrong with a trimmed and narrowed text, or "".
func check(t string) string {
	switch {
	case t == "":
		return CodeEmpty
	case strings.ContainsAny(t, "。·、"):
		return CodeStop
	case len(t) > maxText:
		return CodeSyntax
	}
	whole, frac, point := strings.Cut(strings.TrimPrefix(t, "-"), ".")
	switch {
	case point && !digits(frac), whole == "", strings.Trim(whole, "0123456789,") != "":
		return CodeSyntax
	case strings.Contains(whole, ",") && !grouped(whole):
		return CodeGrouping
	default:
		return ""
	}
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// grouped says whether commas cut a number of digits into one to three and
// then threes, the first group not starting with a zero.
func grouped(whole string) bool {
	for i, group := range strings.Split(whole, ",") {
		switch {
		case i == 0 && (len(group) < 1 || len(group) > 3 || group[0] == '0'):
			return false
		case i > 0 && len(group) != 3:
			return false
		}
	}
	return true
}

// shorten keeps an error readable when somebody's file has a novel in a cell.
func shorten(s string) string {
	r := []rune(s)
	if len(r) <= maxText {
		return s
	}
	return string(r[:maxText]) + "…"
}
