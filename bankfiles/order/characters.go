package order

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"fenlu/bankfiles/record"
)

// BadCharacter is the first character that no file may hold: what cannot be
// seen, what has no agreed meaning, or what is left of a broken conversion.
// Characters newer than our tables are let through. ok is false if there is one.
func BadCharacter(s string) (code string, r rune, ok bool) {
	for i, r := range s {
		if r >= 0x20 && r < 0x7f || r >= 0x3400 && r <= 0x9fff { // ASCII and Chinese characters, nearly all there is
			continue
		}
		switch {
		case r == utf8.RuneError:
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return "BANKFILE_NOT_UTF8", r, false
			}
			return "BANKFILE_REPLACEMENT", r, false
		case unicode.Is(unicode.Co, r):
			return "BANKFILE_PRIVATE_USE", r, false
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Zs), r&0xfffe == 0xfffe:
			return "BANKFILE_CONTROL", r, false
		}
	}
	return "", 0, true
}

// Charset is what the texts of a format are written in. The zero value is
// UTF-8 with lengths in characters; in the others lengths are in bytes.
type Charset struct {
	Name     string
	encoding encoding.Encoding // nil: UTF-8
}

// The charsets of Chinese formats.
var (
	GBK       = Charset{"GBK", simplifiedchinese.GBK}
	GB18030   = Charset{"GB18030", simplifiedchinese.GB18030}
	UTF8Bytes = Charset{"UTF-8", nil}
)

// Encode writes a text in the charset. What it lacks is an error, never
// replaced; [Validate] has listed such characters before.
func (c Charset) Encode(text []byte) ([]byte, error) {
	if c.encoding == nil || record.ASCII(text) {
		return text, nil
	}
	return c.encoding.NewEncoder().Bytes(text)
}

// measure lists the characters of s that the charset does not have, each
// once, and the length of s if there is none.
func (c Charset) measure(s string) (lacking []rune, length int) {
	switch {
	case c.Name == "":
		return nil, utf8.RuneCountInString(s)
	case c.encoding == nil || record.ASCIIString(s):
		return nil, len(s)
	}
	encoder := c.encoding.NewEncoder()
	if b, err := encoder.String(s); err == nil {
		return nil, len(b)
	}
	for _, r := range s {
		if _, err := encoder.String(string(r)); err != nil && !strings.ContainsRune(string(lacking), r) {
			lacking = append(lacking, r)
		}
		encoder.Reset()
	}
	return lacking, 0
}

func codePoints(rs []rune) string {
	parts := make([]string, len(rs))
	for i, r := range rs {
		parts[i] = record.CodePoint(r)
	}
	return strings.Join(parts, ", ")
}

// masked shows the first and last four characters of an account or number.
func masked(s string) string {
	r := []rune(s)
	if len(r) <= 8 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:4]) + strings.Repeat("*", len(r)-8) + string(r[len(r)-4:])
}
