package mt

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"fenlu/bankfiles/record"
)

// The names of the two messages, as their profiles have them.
const (
	MT940 = "mt940"
	MT942 = "mt942"
)

var looks = regexp.MustCompile(`(?m)^(\{1:|:20:|:94[02]:)`)

// Looks says whether the first bytes of a file are those of a customer
// statement: a head block or a line ":20:", perhaps after lines that a
// transmission left there.
func Looks(head []byte) bool {
	return looks.Match(bytes.ReplaceAll(bytes.TrimLeft(head, frame+" "), []byte("\r"), []byte("\n")))
}

var messageType = regexp.MustCompile(`\{2:[IO](94[02])`)

// Read reads a file of statements. Its errors are those of bankfiles.Read.
func Read(r io.Reader, out *record.Out) error {
	l := newLines(r, out)
	rd := &reader{fields: fields{lines: l}, out: out}
	if err := rd.all(); err != nil {
		return err
	}
	if rd.n == 0 {
		return rd.here().Fault("BANKFILE_MISSING", "name", ":20:")
	}
	return out.Finish(rd.here())
}

// reader goes through the messages of a file.
type reader struct {
	fields
	out     *record.Out
	stmt    *statement // the one being read; nil between two
	last    *page      // how the statement before ended
	n       int        // statements so far
	message string     // MT940 or MT942, once known
	stated  string     // by the head block of the message being read
	open    bool       // a block {4: waits for its -}
}

// here is the end of what was read.
func (r *reader) here() record.Position {
	return record.Position{Offset: r.offset, Line: max(r.number, 1), Path: r.path}
}

func (r *reader) all() error {
	for {
		f, err := r.next()
		if errors.Is(err, io.EOF) {
			return r.finish()
		}
		if err == nil {
			err = r.take(f)
		}
		if err != nil {
			return err
		}
	}
}

// finish is the end of the file. A block that is open is cut off, and so is an
// MT942 without its last totals: nothing else would tell.
func (r *reader) finish() error {
	cut := r.open
	if st := r.stmt; st != nil && st.message == MT942 && st.totals[1] == nil {
		cut = true
	}
	if err := r.end(cut); err != nil {
		return err
	}
	return r.pageAlone(r.last != nil && r.last.closing.interim, r.here())
}

// pageAlone warns where the page before or after one is in another file.
func (r *reader) pageAlone(alone bool, at record.Position) error {
	if !alone && (r.stmt == nil || r.last == nil || !r.last.closing.interim) {
		return nil
	}
	return r.out.Warn(at, "BANKFILE_WARN_MT_PAGE")
}

func (r *reader) take(f *field) error {
	switch f.kind {
	case isText:
		return r.out.Warn(f.at, "BANKFILE_WARN_MT_STRAY")
	case isUnknown:
		return f.at.Fault("BANKFILE_MT_OUTSIDE", "tag", f.tag)
	case isBlock:
		return r.block(f)
	case isEnd:
		r.open = false
		return r.end(false)
	}
	return r.field(f)
}

// block is the head of a message, which says what it is.
func (r *reader) block(f *field) error {
	if err := r.end(r.open); err != nil {
		return err
	}
	if m := messageType.FindStringSubmatch(f.lines[0]); m != nil {
		r.stated = "mt" + m[1]
	}
	r.open = strings.Contains(f.lines[0], "{4:")
	return nil
}

func (r *reader) field(f *field) error {
	if err := r.long(f); err != nil {
		return err
	}
	switch f.tag {
	case "940", "942":
		r.stated = "mt" + f.tag
		return nil
	case "20":
		return r.begin(f)
	}
	return r.stmt.field(f)
}

// long warns of a text longer than the six lines of 65 that the standard has.
func (r *reader) long(f *field) error {
	n := 0
	for _, l := range f.lines {
		n += len([]rune(l))
	}
	if f.tag != "86" || n <= 6*65 {
		return nil
	}
	return r.out.Warn(f.at, "BANKFILE_WARN_TEXT_LONG", "name", ":86:", "got", n, "limit", 6*65)
}

func (r *reader) begin(f *field) error {
	if err := r.end(false); err != nil {
		return err
	}
	r.n++
	r.path = "Stmt[" + strconv.Itoa(r.n) + "]"
	f.at.Path = r.path
	r.stmt = &statement{r: r, header: record.Header{Level: record.LevelStatement, MessageID: f.value(), Position: f.at}}
	return nil
}

// end closes the statement being read. One that was cut off is refused.
func (r *reader) end(cut bool) error {
	st := r.stmt
	r.stmt = nil
	if cut {
		return r.here().Fault("BANKFILE_MT_TRUNCATED")
	}
	if st == nil {
		return nil
	}
	return st.finish()
}

// recognise settles what the messages are: all the same.
func (r *reader) recognise(message string, at record.Position) error {
	switch {
	case r.message == message:
		return nil
	case r.message != "":
		return at.Fault("BANKFILE_TWO_MESSAGES", "name", strings.ToUpper(message))
	}
	r.message = message
	return r.out.Recognised(message, strings.ToUpper(message))
}
