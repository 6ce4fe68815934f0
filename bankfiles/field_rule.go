package bankfiles

import (
	"strings"
	"unicode/utf8"

	"fenlu/internal/errs"
)

// class says which characters a field may hold.
type class int

const (
	classText    class = iota // anything that can be seen
	classID                   // A-Z a-z 0-9 -
	classAccount              // the same; masked in messages
	classBank                 // exactly 12 digits
)

// rule says what one field of a format may hold. Lengths are in characters,
// or in bytes where the format is GBK.
type rule struct {
	column   string
	class    class
	required bool
	max      int
}

// field is a column of an instruction; headField one of the batch.
type field struct {
	rule
	value func(*Instruction) string
}

type headField struct {
	rule
	value func(*Batch) string
}

// problems is what is wrong with a value, all of it; nil if nothing is.
func (r rule) problems(value string, gbk bool) []errs.Field {
	if value == "" {
		if r.required {
			return []errs.Field{r.problem("", "BANKFILE_FIELD_REQUIRED")}
		}
		return nil
	}
	if r.class != classText {
		return r.codeProblems(value)
	}
	return r.textProblems(value, gbk)
}

func (r rule) problem(value, code string, args ...any) errs.Field {
	return errs.Field{Column: r.column, Value: value, Code: code, Args: errs.Pairs(args...)}
}

func (r rule) codeProblems(value string) []errs.Field {
	shown := value
	if r.class == classAccount {
		shown = masked(value)
	}
	switch {
	case r.class == classBank && (len(value) != 12 || !allDigits(value)):
		return []errs.Field{r.problem(clip(shown), "BANKFILE_BANK_CODE")}
	case r.class != classBank && !restricted(value):
		return []errs.Field{r.problem(clip(shown), "BANKFILE_ID_CHARACTERS")}
	case len(value) > r.max:
		return []errs.Field{r.problem(clip(shown), "BANKFILE_FIELD_LONG", "max", r.max, "got", len(value))}
	}
	return nil
}

func restricted(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-':
		default:
			return false
		}
	}
	return true
}

func (r rule) textProblems(value string, gbk bool) []errs.Field {
	if code, char, ok := badCharacter(value); !ok {
		return []errs.Field{r.problem(codePoint(char), code)}
	}
	var found []errs.Field
	if value[0] == ' ' || value[len(value)-1] == ' ' {
		found = append(found, r.problem(" ", "BANKFILE_SPACE"))
	}
	var length int
	if gbk {
		if strings.Contains(value, "|") {
			found = append(found, r.problem("|", "BANKFILE_SEPARATOR"))
		}
		var lacking []rune
		if lacking, length = gbkLacks(value); len(lacking) > 0 {
			found = append(found, r.problem(codePoints(lacking), "BANKFILE_NOT_IN_GBK"))
		}
	} else {
		length = utf8.RuneCountInString(value)
	}
	if length > r.max {
		found = append(found, r.problem("", "BANKFILE_FIELD_LONG", "max", r.max, "got", length))
	}
	return found
}
