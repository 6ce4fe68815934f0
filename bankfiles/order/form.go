package order

import (
	"strings"

	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
	"fenlu/money"
)

// Class says which characters a field may hold.
type Class int

// The classes.
const (
	ClassText    Class = iota // anything that can be seen
	ClassID                   // A-Z a-z 0-9 -
	ClassAccount              // the same; masked in messages
	ClassBank                 // exactly 12 digits
)

// Rule says what one field of a format may hold. Lengths are in characters,
// or in bytes of the form's charset.
type Rule struct {
	Column   string
	Class    Class
	Required bool
	Max      int
}

// Form is what a format asks of the payments and of the head of its files.
type Form struct {
	Name      string // of the format, for messages
	Charset   Charset
	Separator string    // what no text may hold
	MaxAmount money.Fen // of one payment; 0: [MaxAmount]
	MaxSum    money.Fen // of a file; 0: what ISO 20022 can hold
	Fields    []Field
	Heads     []HeadField
}

// Field is a column of an instruction.
type Field struct {
	Rule
	Value func(*Instruction) string
}

// HeadField is a field of the batch, such as the debtor's name.
type HeadField struct {
	Rule
	Value func(*Batch) string
}

// problems is what is wrong with a value, all of it; nil if nothing is.
func (r *Rule) problems(value string, f *Form) []errs.Field {
	if value == "" {
		if r.Required {
			return []errs.Field{r.problem("", "BANKFILE_FIELD_REQUIRED")}
		}
		return nil
	}
	if r.Class != ClassText {
		return r.codeProblems(value)
	}
	return r.textProblems(value, f)
}

func (r *Rule) problem(value, code string, args ...any) errs.Field {
	return errs.Field{Column: r.Column, Value: value, Code: code, Args: errs.Pairs(args...)}
}

func (r *Rule) codeProblems(value string) []errs.Field {
	switch {
	case r.Class == ClassBank && (len(value) != 12 || !record.AllDigits(value)):
		return []errs.Field{r.problem(r.shown(value), "BANKFILE_BANK_CODE")}
	case r.Class != ClassBank && !restricted(value):
		return []errs.Field{r.problem(r.shown(value), "BANKFILE_ID_CHARACTERS")}
	case len(value) > r.Max:
		return []errs.Field{r.problem(r.shown(value), "BANKFILE_FIELD_LONG", "max", r.Max, "got", len(value))}
	}
	return nil
}

// shown is a value as a message may show it.
func (r *Rule) shown(value string) string {
	if r.Class == ClassAccount {
		value = masked(value)
	}
	return record.Clip(value)
}

// plain are the characters of ids and accounts.
var plain = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'
	}
	return t
}()

func restricted(s string) bool {
	for i := range len(s) {
		if !plain[s[i]] {
			return false
		}
	}
	return true
}

func (r *Rule) textProblems(value string, f *Form) []errs.Field {
	if code, char, ok := BadCharacter(value); !ok {
		return []errs.Field{r.problem(record.CodePoint(char), code)}
	}
	var found []errs.Field
	if value[0] == ' ' || value[len(value)-1] == ' ' {
		found = append(found, r.problem(" ", "BANKFILE_SPACE"))
	}
	if f.Separator != "" && strings.Contains(value, f.Separator) {
		found = append(found, r.problem(f.Separator, "BANKFILE_SEPARATOR"))
	}
	lacking, length := f.Charset.measure(value)
	if len(lacking) > 0 {
		found = append(found, r.problem(codePoints(lacking), "BANKFILE_NOT_IN_GBK"))
	}
	if length > r.Max {
		found = append(found, r.problem("", "BANKFILE_FIELD_LONG", "max", r.Max, "got", length))
	}
	return found
}
