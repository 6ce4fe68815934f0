package xmlscan

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/encoding"

	"fenlu/bankfiles/record"
)

// The limits within which files are read; beyond them a file is refused.
const (
	MaxDepth = 64      // nested elements
	MaxToken = 4 << 20 // bytes of one tag, text or comment
)

type tokenKind int

const (
	TokenStart tokenKind = iota
	tokenEnd
	tokenText
	tokenEOF
)

// attribute is one attribute of the element just opened.
type attribute struct{ name, value string }

// frame is one open element: its name, its number among its siblings of that
// name, and how many children of each name it had so far.
type frame struct {
	full string // with its prefix, to match the end tag
	name string
	nth  int
	kids []kid
}

type kid struct {
	name string
	n    int
}

// Scanner is a strict pull scanner for the XML that banks exchange: one
// root, nothing after it, no document type, no entities but the five, bounded
// depth and tokens. It looks for markup in the original bytes (which is safe
// in every encoding accepted here), so that positions are those of the file,
// and decodes text afterwards.
type Scanner struct {
	src  io.Reader
	buf  []byte
	r, w int // the window buf[r:w] is not yet consumed
	full bool
	base int64 // offset of buf[0]
	line int   // line of buf[r]

	decoder *encoding.Decoder // nil for UTF-8
	bom     bool
	names   map[string]string
	stack   []frame
	attrs   []attribute
	text    []byte // decoded text of the last tokenText

	closing  bool // an empty element was opened: its end comes next
	rootSeen bool
	began    bool
	at       record.Position // of the token last returned, without the path
}

// New reads XML from r.
func New(r io.Reader) *Scanner {
	return &Scanner{src: r, buf: make([]byte, 64<<10), line: 1, names: map[string]string{}}
}

// Here is the position of the last token, with the path to the open element.
func (s *Scanner) Here() record.Position {
	p := s.at
	p.Path = s.path()
	return p
}

func (s *Scanner) path() string {
	var b strings.Builder
	for _, f := range s.stack {
		b.WriteByte('/')
		b.WriteString(f.name)
		if f.nth > 1 || repeats[f.name] {
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(f.nth))
			b.WriteByte(']')
		}
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}

// repeats are the elements that are numbered in a path even when first, so
// that the path names one element and no other.
var repeats = map[string]bool{
	"PmtInf": true, "CdtTrfTxInf": true, "OrgnlPmtInfAndSts": true, "TxInfAndSts": true,
	"Stmt": true, "Rpt": true, "Ntfctn": true, "Bal": true, "Ntry": true, "NtryDtls": true, "TxDtls": true,
}

// more reads further bytes into the window; false at the end of the file.
func (s *Scanner) more() (bool, error) {
	if s.full {
		return false, nil
	}
	if s.w-s.r > MaxToken {
		return false, s.Here().Fault("BANKFILE_XML_TOKEN_SIZE", "limit", MaxToken)
	}
	if s.r > 0 && s.w == len(s.buf) {
		s.base += int64(s.r)
		s.w = copy(s.buf, s.buf[s.r:s.w])
		s.r = 0
	}
	if s.w == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for tries := 0; ; tries++ {
		n, err := s.src.Read(s.buf[s.w:])
		s.w += n
		switch {
		case errors.Is(err, io.EOF):
			s.full = true
			return n > 0, nil
		case err != nil:
			return false, err
		case n > 0:
			return true, nil
		case tries > 100:
			return false, io.ErrNoProgress
		}
	}
}

// need makes at least n bytes of the window available.
func (s *Scanner) need(n int) (bool, error) {
	for s.w-s.r < n {
		if ok, err := s.more(); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// until is the length of the window up to and with sep, looking from byte
// from on; -1 if the file ends first.
func (s *Scanner) until(from int, sep string) (int, error) {
	for {
		if from < s.w-s.r {
			if i := bytes.Index(s.buf[s.r+from:s.w], []byte(sep)); i >= 0 {
				return from + i + len(sep), nil
			}
		}
		from = max(from, s.w-s.r-len(sep)+1)
		if ok, err := s.more(); err != nil {
			return 0, err
		} else if !ok {
			return -1, nil
		}
	}
}

// take consumes n bytes; the slice is good until the next read.
func (s *Scanner) take(n int) []byte {
	b := s.buf[s.r : s.r+n]
	s.r += n
	s.line += bytes.Count(b, newline)
	return b
}

var newline = []byte{'\n'}

func (s *Scanner) mark() {
	s.at = record.Position{Offset: s.base + int64(s.r), Line: s.line}
}

// Next returns the next start, end or text; comments and processing
// instructions are passed over.
func (s *Scanner) Next() (tokenKind, error) {
	if s.closing {
		s.closing = false
		s.pop()
		return tokenEnd, nil
	}
	if !s.began {
		s.began = true
		if err := s.begin(); err != nil {
			return 0, err
		}
	}
	for {
		s.mark()
		ok, err := s.need(1)
		if err != nil {
			return 0, err
		}
		if !ok {
			return s.atEnd()
		}
		if s.buf[s.r] != '<' {
			if kind, done, err := s.characters(); done || err != nil {
				return kind, err
			}
			continue
		}
		if kind, done, err := s.markup(); done || err != nil {
			return kind, err
		}
	}
}

func (s *Scanner) atEnd() (tokenKind, error) {
	if len(s.stack) > 0 {
		return 0, s.Here().Fault("BANKFILE_XML_TRUNCATED", "element", s.stack[len(s.stack)-1].name)
	}
	if !s.rootSeen {
		return 0, s.Here().Fault("BANKFILE_XML_NO_ROOT")
	}
	return tokenEOF, nil
}

// characters takes the text up to the next markup.
func (s *Scanner) characters() (tokenKind, bool, error) {
	n, err := s.until(0, "<")
	if err != nil {
		return 0, false, err
	}
	if n < 0 {
		n = s.w - s.r + 1
	}
	raw := s.take(n - 1)
	if len(s.stack) > 0 {
		return tokenText, true, s.decode(raw, inText)
	}
	if len(bytes.TrimLeft(raw, " \t\r\n")) == 0 {
		return 0, false, nil
	}
	if s.rootSeen {
		return 0, false, s.Here().Fault("BANKFILE_XML_AFTER_ROOT")
	}
	return 0, false, s.Here().Fault("BANKFILE_XML_NO_ROOT")
}

func (s *Scanner) push(full string) error {
	if len(s.stack) == 0 && s.rootSeen {
		return s.Here().Fault("BANKFILE_XML_AFTER_ROOT")
	}
	if len(s.stack) >= MaxDepth {
		return s.Here().Fault("BANKFILE_XML_DEPTH", "limit", MaxDepth)
	}
	name := full[strings.IndexByte(full, ':')+1:]
	nth := 1
	if len(s.stack) > 0 {
		nth = s.stack[len(s.stack)-1].count(name)
	}
	s.rootSeen = true
	if len(s.stack) < cap(s.stack) { // keep the room for children of the frame that stood here before
		s.stack = s.stack[:len(s.stack)+1]
		f := &s.stack[len(s.stack)-1]
		f.full, f.name, f.nth, f.kids = full, name, nth, f.kids[:0]
		return nil
	}
	s.stack = append(s.stack, frame{full: full, name: name, nth: nth})
	return nil
}

func (s *Scanner) pop() { s.stack = s.stack[:len(s.stack)-1] }

// count is the number of a further child of that name. Schemas know at most a
// few dozen different children; past 64 names siblings are no longer counted.
func (f *frame) count(name string) int {
	for i := len(f.kids) - 1; i >= 0; i-- {
		if f.kids[i].name == name {
			f.kids[i].n++
			return f.kids[i].n
		}
	}
	if len(f.kids) < 64 {
		f.kids = append(f.kids, kid{name, 1})
	}
	return 1
}

// intern returns one string for equal names; the table is bounded, because
// names come from outside.
func (s *Scanner) intern(b []byte) string {
	if name, ok := s.names[string(b)]; ok {
		return name
	}
	name := string(b)
	if len(s.names) < 1024 {
		s.names[name] = name
	}
	return name
}
