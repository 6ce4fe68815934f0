package record

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clip shortens a text for a message: 40 characters at most.
func Clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return strings.ToValidUTF8(s, "?")
}

// ASCII says whether all bytes are below 0x80.
func ASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// ASCIIString is [ASCII] for a string.
func ASCIIString(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// AllDigits says whether a text has nothing but the digits 0 to 9.
func AllDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// CodePoint names a character for a person: 𠮷 U+20BB7, or the number alone
// where it cannot be seen.
func CodePoint(r rune) string {
	if unicode.IsPrint(r) && r != ' ' && r != utf8.RuneError {
		return fmt.Sprintf("%c U+%04X", r, r)
	}
	return fmt.Sprintf("U+%04X", r)
}

// First is the first text that is not empty.
func First(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
