package simbank

import (
	"math"
	"strconv"
	"strings"
)

// Fen is an amount in fen (分). The bank has its own type on purpose: it shares
// no code with the product.
type Fen int64

// maxFen bounds one amount in a file: a hundred thousand billion yuan.
const maxFen Fen = 10_000_000_000_000_000

// String is the amount in yuan with two decimals, as files carry it.
func (f Fen) String() string { return string(f.append(nil)) }

func (f Fen) append(b []byte) []byte {
	whole, cents := int64(f/100), int64(f%100)
	if f < 0 {
		b, whole, cents = append(b, '-'), -whole, -cents
	}
	b = append(strconv.AppendInt(b, whole, 10), '.')
	if cents < 10 {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, cents, 10)
}

// add is a + b; false when it does not fit.
func (f Fen) add(g Fen) (Fen, bool) {
	if g > 0 && f > math.MaxInt64-g {
		return 0, false
	}
	return f + g, true
}

// parseYuan reads digits, a point and exactly two decimals: "1234.50".
func parseYuan(s string) (Fen, bool) {
	whole, frac, ok := strings.Cut(s, ".")
	if !ok || len(frac) != 2 || len(whole) > 1 && whole[0] == '0' {
		return 0, false
	}
	return fenOf(whole, frac)
}

// parseDecimal reads an XML decimal as ISO 20022 files carry it: up to two
// decimals, no sign, no exponent.
func parseDecimal(s string) (Fen, bool) {
	whole, frac, point := strings.Cut(s, ".")
	if point && frac == "" || len(frac) > 2 {
		return 0, false
	}
	return fenOf(whole, (frac + "00")[:2])
}

func fenOf(whole, frac string) (Fen, bool) {
	if whole == "" || len(whole) > 15 {
		return 0, false
	}
	var n Fen
	for _, digits := range []string{whole, frac} {
		for i := range len(digits) {
			c := digits[i]
			if c < '0' || c > '9' {
				return 0, false
			}
			n = n*10 + Fen(c-'0')
		}
	}
	return n, n <= maxFen
}

// parseCount reads a count without sign or leading zeros.
func parseCount(s string) (int, bool) {
	if s == "" || len(s) > 9 || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// parseFen reads whole fen: digits without a leading zero.
func parseFen(s string) (Fen, bool) {
	if len(s) < 1 || len(s) > 15 || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	return fenOf("0", s)
}
