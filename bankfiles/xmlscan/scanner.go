package xmlscan

import (
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding"
)

// The limits within which files are read; beyond them a file is refused.
const (
	MaxDepth = 64      // nested elements
	MaxToken = 4 << 20 // bytes of one tag, text or comment
)

// Token says what [Scanner.Next] found.
type Token int

// The tokens.
const (
	TokenStart Token = iota
	TokenEnd
	TokenText
	TokenEOF
)

// attribute is one attribute of the element just opened.
type attribute struct{ name, value string }

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

	line    int // line of buf[counted]: lines are counted when somebody asks
	counted int
	token   int64 // offset of the token last returned

	decoder *encoding.Decoder // nil for UTF-8
	bom     bool
	names   map[string]string
	outside shape // where the root stands
	shapes  int
	stack   []frame
	path    []byte // of the first placed open elements
	placed  int
	attrs   []attribute
	parsed  []attribute // the room for attrs
	text    []byte      // decoded text of the last TokenText; good until the next read
	decoded []byte      // the room for text that is not as it stands in the file

	watcher  Watcher
	closing  bool // an empty element was opened: its end comes next
	rootSeen bool
	began    bool
}

// New reads XML from r.
func New(r io.Reader) *Scanner {
	return &Scanner{src: r, buf: make([]byte, 64<<10), line: 1, names: map[string]string{}}
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
		s.line += bytes.Count(s.buf[s.counted:s.r], newline)
		s.counted = 0
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
	return b
}

func (s *Scanner) mark() { s.token = s.base + int64(s.r) }

// Next returns the next start, end or text; comments and processing
// instructions are passed over.
func (s *Scanner) Next() (Token, error) {
	if s.closing {
		s.closing = false
		s.pop()
		return TokenEnd, nil
	}
	if !s.began {
		s.began = true
		if err := s.begin(); err != nil {
			return 0, err
		}
	}
	for {
		s.mark()
		if s.r == s.w {
			ok, err := s.need(1)
			if err != nil {
				return 0, err
			}
			if !ok {
				return s.atEnd()
			}
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

func (s *Scanner) atEnd() (Token, error) {
	if len(s.stack) > 0 {
		return 0, s.Here().Fault("BANKFILE_XML_TRUNCATED", "element", s.top().name)
	}
	if !s.rootSeen {
		return 0, s.Here().Fault("BANKFILE_XML_NO_ROOT")
	}
	return TokenEOF, nil
}

// characters takes the text up to the next markup.
func (s *Scanner) characters() (Token, bool, error) {
	n, err := s.until(0, "<")
	if err != nil {
		return 0, false, err
	}
	if n < 0 {
		n = s.w - s.r + 1
	}
	raw := s.take(n - 1)
	if len(s.stack) > 0 {
		if err := s.decode(raw, inText); err != nil {
			return 0, false, err
		}
		return TokenText, true, s.passed()
	}
	if len(bytes.TrimLeft(raw, " \t\r\n")) == 0 {
		return 0, false, nil
	}
	if s.rootSeen {
		return 0, false, s.Here().Fault("BANKFILE_XML_AFTER_ROOT")
	}
	return 0, false, s.Here().Fault("BANKFILE_XML_NO_ROOT")
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
