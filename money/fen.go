package money

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/shopspring/decimal"
)

// Fen is an amount of money in fen (分), the hundredth part of a yuan. It is
// an int64 everywhere: in Go, in the database, in files. There is no float.
type Fen int64

// Max and Min are the largest and smallest amounts.
const (
	Max Fen = math.MaxInt64
	Min Fen = math.MinInt64
)

// ErrOverflow is returned where a sum or product does not fit an int64.
var ErrOverflow = errors.New("money: amount does not fit 64 bits")

// ErrSyntax is found (errors.Is) in every error about text that is not an
// amount of yuan with at most two decimals; the error itself is a *SyntaxError.
var ErrSyntax = errors.New("money: not an amount in yuan with at most two decimals")

// FromDecimal turns yuan into fen; a value that is no whole number of fen is
// ErrSyntax, one that does not fit is ErrOverflow.
func FromDecimal(d decimal.Decimal) (Fen, error) {
	f := d.Shift(2)
	if !f.IsInteger() {
		return 0, &SyntaxError{Text: shorten(d.String()), Code: CodeDecimals}
	}
	b := f.BigInt()
	if !b.IsInt64() {
		return 0, fmt.Errorf("%w: %s", ErrOverflow, d)
	}
	return Fen(b.Int64()), nil
}

// Decimal is the amount in yuan.
func (f Fen) Decimal() decimal.Decimal { return decimal.New(int64(f), -2) }

// String is the amount in yuan with two decimals and no separators: "1234.50".
func (f Fen) String() string { return f.Decimal().StringFixed(2) }

// Grouped is the amount in yuan for people: "1,234,567.50".
func (f Fen) Grouped() string {
	s, sign := f.String(), ""
	if s[0] == '-' {
		s, sign = s[1:], "-"
	}
	whole, frac, _ := strings.Cut(s, ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return sign + b.String() + "." + frac
}

// MarshalJSON writes the amount as a string with two decimals (DESIGN §6).
func (f Fen) MarshalJSON() ([]byte, error) { return []byte(`"` + f.String() + `"`), nil }

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *Fen) UnmarshalJSON(b []byte) error {
	s := string(b)
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return fmt.Errorf("%w: %s is not a string", ErrSyntax, s)
	}
	v, err := Parse(s[1 : len(s)-1])
	if err != nil {
		return err
	}
	*f = v
	return nil
}
