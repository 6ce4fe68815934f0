// Package errs is the one vocabulary of errors that cross a package's door.
//
// An Error carries a Kind (what sort of refusal it is, which decides the exit
// code), a stable Code (which decides the sentence a user reads, from the
// message catalogue in internal/i18n), arguments for that sentence, and, for
// bad input, one Field for each problem found. It never carries an unmasked
// ID number or account.
package errs

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of error it is.
type Kind int

// The kinds, in the order of their exit codes.
const (
	Internal     Kind = iota // a fault of ours or of the machine: exit 1
	Unavailable              // something we need does not answer: exit 1
	Invalid                  // bad input or usage: exit 2
	NotFound                 // the thing named does not exist: exit 2
	Conflict                 // same key, other content; or a state that has moved on: exit 3
	Refused                  // a rule says no (maker is checker, cap reached …): exit 3
	Insufficient             // the money is not there: exit 3
	Unverified               // verification found something wrong: exit 4
)

// ExitCode is the process exit code for the kind (DESIGN §6).
func (k Kind) ExitCode() int {
	switch k {
	case Invalid, NotFound:
		return 2
	case Conflict, Refused, Insufficient:
		return 3
	case Unverified:
		return 4
	default:
		return 1
	}
}

// Arg is one named argument of a message.
type Arg struct {
	Name  string
	Value any
}

// Field is one problem in bad input: where it is, what was found (masked
// where it is personal), and the code of the sentence that says what was
// expected.
type Field struct {
	File   string `json:"file,omitempty"`
	Row    int    `json:"row,omitempty"` // 1-based, as the spreadsheet shows it
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
	Code   string `json:"code"`
	Args   []Arg  `json:"-"`
}

// Error is an error with a kind, a stable code and arguments.
type Error struct {
	Kind   Kind
	Code   string
	Args   []Arg
	Fields []Field
	Err    error
}

// New makes an Error. args are name, value pairs for the message.
func New(kind Kind, code string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Args: Pairs(args...)}
}

// Wrap is New around a cause, which errors.Is and errors.As still find.
func Wrap(err error, kind Kind, code string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Args: Pairs(args...), Err: err}
}

// WithFields makes an Invalid error that lists every problem found.
func WithFields(code string, fields []Field, args ...any) *Error {
	return &Error{Kind: Invalid, Code: code, Fields: fields, Args: Pairs(args...)}
}

// Pairs turns name, value, name, value … into arguments.
func Pairs(args ...any) []Arg {
	out := make([]Arg, 0, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		out = append(out, Arg{Name: fmt.Sprint(args[i]), Value: args[i+1]})
	}
	return out
}

// Error is the text for a log; users read the catalogue's sentence instead.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code)
	for _, a := range e.Args {
		fmt.Fprintf(&b, " %s=%v", a.Name, a.Value)
	}
	if n := len(e.Fields); n > 0 {
		fmt.Fprintf(&b, " fields=%d first=%s/%d/%s:%s", n, e.Fields[0].File, e.Fields[0].Row, e.Fields[0].Column, e.Fields[0].Code)
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf finds the kind of any error; one that is not ours is Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// CodeOf finds the stable code of any error, or "INTERNAL".
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return "INTERNAL"
}
