package leaf

import (
	"encoding/hex"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// TimeLayout is how a time is written: UTC, always six digits of a second.
const TimeLayout = "2006-01-02T15:04:05.000000Z"

// The fields that stand for the parts of a leaf.
const (
	fieldParts     = "parts"
	fieldPartsRoot = "parts_root"
)

// Leaf is one leaf of the log: what it is about, the version of its layout and
// its fields in order.
type Leaf struct {
	Kind    string
	Version int
	Fields  []Field
}

// Field is one line of a leaf; Value is as it was before escaping.
type Field struct{ Name, Value string }

// New begins a leaf. Kind and the names of fields are words of lower-case
// letters, digits and underscores, each name once; Parse accepts nothing else.
func New(kind string, version int) *Leaf { return &Leaf{Kind: kind, Version: version} }

// Text adds a field of any text. A value that is absent is "".
func (l *Leaf) Text(name, value string) *Leaf {
	l.Fields = append(l.Fields, Field{name, value})
	return l
}

// Int adds a number: an amount in fen, a count, or what names a row; 0 is none.
func (l *Leaf) Int(name string, n int64) *Leaf {
	return l.Text(name, strconv.FormatInt(n, 10))
}

// Hex adds bytes as lower-case hexadecimal.
func (l *Leaf) Hex(name string, b []byte) *Leaf { return l.Text(name, hex.EncodeToString(b)) }

// Time adds a moment to the microsecond, in UTC; the zero time is "".
func (l *Leaf) Time(name string, t time.Time) *Leaf { return l.Text(name, formatTime(t)) }

// Date adds a business date as 2026-10-09; the zero time is "".
func (l *Leaf) Date(name string, t time.Time) *Leaf {
	if t.IsZero() {
		return l.Text(name, "")
	}
	return l.Text(name, t.Format(time.DateOnly))
}

// Parts adds the count and the root of the parts; it comes last.
func (l *Leaf) Parts(t *Tree) *Leaf {
	root := t.Root()
	return l.Int(fieldParts, t.Len()).Hex(fieldPartsRoot, root[:])
}

// Bytes are the canonical bytes.
func (l *Leaf) Bytes() []byte {
	b := append([]byte(nil), "fenlu "...)
	b = escape(b, l.Kind)
	b = append(b, " v"...)
	b = strconv.AppendInt(b, int64(l.Version), 10)
	b = append(b, '\n')
	for _, f := range l.Fields {
		b = append(escape(b, f.Name), '\t')
		b = append(escape(b, f.Value), '\n')
	}
	return b
}

// Hash is the RFC 6962 record hash of the canonical bytes: SHA-256 of a zero
// byte and the bytes.
func (l *Leaf) Hash() tlog.Hash { return tlog.RecordHash(l.Bytes()) }

// Value is the value of a field, "" if there is none of that name.
func (l *Leaf) Value(name string) string {
	for _, f := range l.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(TimeLayout)
}

// escape appends a value so that it holds no TAB, LF or CR.
func escape(b []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; c {
		case '\t':
			b = append(b, `\t`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\\':
			b = append(b, `\\`...)
		default:
			b = append(b, c)
		}
	}
	return b
}
