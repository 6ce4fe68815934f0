package mt

import (
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"fenlu/bankfiles/record"
)

// MaxField is the most bytes of one field or line: the standard has 390
// characters for the longest, banks have been seen to write 800.
const MaxField = 64 << 10

// field is one field of a message, or a mark between messages.
type field struct {
	kind  kind
	tag   string // "61", "60F"
	lines []string
	at    record.Position
}

// value is the first line: all there is of most fields.
func (f *field) value() string { return strings.TrimSpace(f.lines[0]) }

// kind is what a line begins.
type kind int

const (
	isText    kind = iota // goes on with the field before
	isField               // :61:
	isBlock               // {1: to {4:, the head of a message
	isEnd                 // - or -}, the end of a message
	isUnknown             // looks like a tag and is none that may stand here
)

var block = regexp.MustCompile(`^\{[1-5]:`)

// tagOf is the tag that a line begins with, ":61:" or ":NSF:", and the rest.
func tagOf(line string) (tag, rest string, ok bool) {
	if !strings.HasPrefix(line, ":") {
		return "", "", false
	}
	tag, rest, ok = strings.Cut(line[1:], ":")
	odd := func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') }
	return tag, rest, ok && (len(tag) == 2 || len(tag) == 3) && strings.IndexFunc(tag, odd) < 0
}

// part is where in a message a field stands; it decides which tags may follow.
type part int

const (
	outside part = iota
	inHead
	inEntries
	inTail
)

// mayFollow are the tags that may stand in each part, by the rules of MT940
// and MT942 and what banks add to them.
var mayFollow = map[part][]string{
	outside:   {"20", "940", "942"},
	inHead:    {"13", "13D", "20", "21", "25", "25P", "28", "28C", "34F", "60F", "60M", "61", "62F", "62M", "86", "90D", "90C"},
	inEntries: {"20", "61", "62F", "62M", "86", "90D", "90C"},
	inTail:    {"20", "61", "62F", "62M", "64", "65", "86", "90D", "90C", "940", "942"},
}

// partOf is the part that a tag begins; "86" stands in all of them.
var partOf = map[string]part{"20": inHead, "61": inEntries, "62F": inTail, "62M": inTail, "90D": inTail, "90C": inTail, "940": outside, "942": outside}

// fields gathers the lines of a file into fields.
type fields struct {
	*lines
	part    part
	pending *field // the one whose first line was read already
}

// next is the next field or mark, or io.EOF.
func (f *fields) next() (*field, error) {
	cur := f.pending
	f.pending = nil
	f.enter(cur)
	for size := 0; cur == nil || cur.kind == isField || cur.kind == isText; {
		text, err := f.lines.next()
		if errors.Is(err, io.EOF) && cur != nil {
			return cur, nil
		}
		if err != nil {
			return nil, err
		}
		got := f.classify(text)
		if cur == nil {
			cur = got
			f.enter(cur)
			continue
		}
		if got.kind != isText && (got.kind != isUnknown || cur.kind != isField) {
			f.pending = got
			return cur, nil
		}
		if size += len(text); size > MaxField {
			return nil, cur.at.Fault("BANKFILE_LINE_LONG", "limit", MaxField)
		}
		if err := f.goOn(cur, got, text); err != nil {
			return nil, err
		}
	}
	return cur, nil
}

// enter notes the part that a field begins.
func (f *fields) enter(cur *field) {
	switch {
	case cur == nil:
	case cur.kind == isBlock || cur.kind == isEnd:
		f.part = outside
	case cur.kind == isField:
		if p, ok := partOf[cur.tag]; ok {
			f.part = p
		}
	}
}

func (f *fields) goOn(cur, got *field, text string) error {
	cur.lines = append(cur.lines, text)
	if got.kind == isUnknown {
		return f.out.Warn(f.at, "BANKFILE_WARN_MT_TAG", "tag", got.tag)
	}
	return nil
}

// classify says what a line begins.
func (f *fields) classify(text string) *field {
	got := &field{lines: []string{text}, at: f.at}
	switch tag, rest, ok := tagOf(text); {
	case ok && slices.Contains(mayFollow[f.part], tag):
		got.kind, got.tag, got.lines[0] = isField, tag, rest
	case ok:
		got.kind, got.tag = isUnknown, tag
	case text[0] == '{' && block.MatchString(text):
		got.kind = isBlock
	case text == "-" || strings.HasPrefix(text, "-}"):
		got.kind = isEnd
	}
	return got
}
