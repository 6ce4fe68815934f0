package xmlscan

import (
	"bytes"
	"strings"

	"fenlu/bankfiles/record"
)

// markup takes what begins with '<'. done is false for what is passed over.
func (s *Scanner) markup() (kind Token, done bool, err error) {
	if s.w-s.r < 2 {
		ok, err := s.need(2)
		if err != nil {
			return 0, false, err
		}
		if !ok {
			return 0, false, s.truncated("<")
		}
	}
	switch s.buf[s.r+1] {
	case '/':
		return TokenEnd, true, s.endTag()
	case '?':
		return 0, false, s.instruction()
	case '!':
		return s.declaration()
	default:
		return TokenStart, true, s.startTag()
	}
}

func (s *Scanner) truncated(what string) error {
	return s.Here().Fault("BANKFILE_XML_TRUNCATED", "element", what)
}

func (s *Scanner) malformed(found string) error {
	if r := []rune(found); len(r) > 20 {
		found = string(r[:20]) + "…"
	}
	return s.Here().Fault("BANKFILE_XML_MALFORMED", "found", strings.ToValidUTF8(found, "?"))
}

// declaration takes a comment or a CDATA section and refuses all else that
// begins with "<!": a document type could define entities.
func (s *Scanner) declaration() (Token, bool, error) {
	if ok, err := s.hasPrefix("<!--"); err != nil {
		return 0, false, err
	} else if ok {
		return 0, false, s.comment()
	}
	if ok, err := s.hasPrefix("<![CDATA["); err != nil {
		return 0, false, err
	} else if !ok {
		return 0, false, s.Here().Fault("BANKFILE_XML_DOCTYPE")
	}
	if len(s.stack) == 0 {
		return 0, false, s.malformed("<![CDATA[")
	}
	n, err := s.until(len("<![CDATA["), "]]>")
	if err != nil {
		return 0, false, err
	}
	if n < 0 {
		return 0, false, s.truncated("<![CDATA[")
	}
	raw := s.take(n)
	if err := s.decode(raw[len("<![CDATA["):n-len("]]>")], inCDATA); err != nil {
		return 0, false, err
	}
	return TokenText, true, s.passed()
}

func (s *Scanner) hasPrefix(p string) (bool, error) {
	ok, err := s.need(len(p))
	return ok && bytes.HasPrefix(s.buf[s.r:s.w], []byte(p)), err
}

func (s *Scanner) comment() error {
	n, err := s.until(len("<!--"), "--")
	if err != nil {
		return err
	}
	if n < 0 {
		return s.truncated("<!--")
	}
	if ok, err := s.need(n + 1); err != nil {
		return err
	} else if !ok {
		return s.truncated("<!--")
	}
	if s.buf[s.r+n] != '>' {
		return s.malformed("--")
	}
	s.take(n + 1)
	return nil
}

// instruction passes over a processing instruction. The declaration <?xml …?>
// was taken at the beginning; a second one means two files in one.
func (s *Scanner) instruction() error {
	n, err := s.until(2, "?>")
	if err != nil {
		return err
	}
	if n < 0 {
		return s.truncated("<?")
	}
	target := s.buf[s.r+2 : s.r+n-2]
	if i := bytes.IndexAny(target, " \t\r\n"); i >= 0 {
		target = target[:i]
	}
	if bytes.EqualFold(target, []byte("xml")) {
		if s.rootSeen && len(s.stack) == 0 {
			return s.Here().Fault("BANKFILE_XML_AFTER_ROOT")
		}
		return s.malformed("<?xml")
	}
	if !isName(target) {
		return s.malformed("<?")
	}
	s.take(n)
	return nil
}

// closes is the length of the end tag of that element, if it stands at the
// beginning of b with nothing else in it; 0 otherwise.
func (c *shape) closes(b []byte) int {
	n := len(c.full) + len("</>")
	if len(b) < n || b[0] != '<' || b[1] != '/' || b[n-1] != '>' || string(b[2:n-1]) != c.full {
		return 0
	}
	return n
}

func (s *Scanner) endTag() error {
	if len(s.stack) > 0 {
		if n := s.top().closes(s.buf[s.r:s.w]); n > 0 {
			s.r += n
			s.pop()
			return nil
		}
	}
	n, err := s.until(2, ">")
	if err != nil {
		return err
	}
	if n < 0 {
		return s.truncated("</")
	}
	name := bytes.TrimRight(s.buf[s.r+2:s.r+n-1], " \t\r\n")
	if len(s.stack) == 0 {
		return s.malformed("</" + string(name))
	}
	if open := s.top().full; open != string(name) {
		return s.Here().Fault("BANKFILE_XML_TAG_MISMATCH", "open", open, "close", record.Clip(string(name)))
	}
	s.take(n)
	s.pop()
	return nil
}

// startTag opens an element and reads its attributes.
func (s *Scanner) startTag() error {
	s.attrs = nil
	if c, n := s.parent().seen(s.buf[s.r:s.w]); c != nil {
		s.r += n
		if n > len(c.full)+2 {
			s.attrs = c.attrs
		}
		if err := s.push(c); err != nil {
			return err
		}
		return s.opened()
	}
	if err := s.newTag(); err != nil {
		return err
	}
	return s.opened()
}

// newTag opens an element by a tag that was not read before just so.
func (s *Scanner) newTag() error {
	n, err := s.tagEnd()
	if err != nil {
		return err
	}
	tag := s.take(n)
	body := tag[1 : n-1]
	if len(body) > 0 && body[len(body)-1] == '/' {
		s.closing = true
		body = body[:len(body)-1]
	}
	end := nameEnd(body)
	if !isName(body[:end]) {
		return s.malformed(string(tag))
	}
	c := s.shapeOf(s.parent(), body[:end])
	if err := s.push(c); err != nil || end == len(body) {
		return err
	}
	if err := s.attributes(body[end:]); err != nil {
		return err
	}
	if !s.closing && n <= maxTag {
		c.tag, c.attrs = append(c.tag[:0], tag...), append(c.attrs[:0], s.attrs...)
	}
	return nil
}

// seen is the child whose start tag begins here, and its length, if the tag
// has no attributes or those it had last; tags come in the same order again and
// again.
func (c *shape) seen(b []byte) (*shape, int) {
	for k, tried := c.likely+1, 0; tried < len(c.kids); k, tried = k+1, tried+1 {
		if k >= len(c.kids) {
			k = 0
		}
		kid := c.kids[k]
		n := len(kid.full) + 1
		if len(b) <= n || string(b[1:n]) != kid.full || nameByte(b[n]) {
			continue
		}
		c.likely = k
		switch {
		case b[n] == '>':
			return kid, n + 1
		case len(kid.tag) > 0 && bytes.HasPrefix(b, kid.tag):
			return kid, len(kid.tag)
		}
		return nil, 0
	}
	return nil, 0
}

// tagEnd is the length of the tag that begins here; a '>' between quotes does
// not end it.
func (s *Scanner) tagEnd() (int, error) {
	var quote byte
	for i := 1; ; {
		for ; i < s.w-s.r; i++ {
			switch c := s.buf[s.r+i]; {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '>':
				return i + 1, nil
			case c == '<':
				return 0, s.malformed("<")
			}
		}
		if ok, err := s.more(); err != nil {
			return 0, err
		} else if !ok {
			return 0, s.truncated("<")
		}
	}
}

func (s *Scanner) attributes(b []byte) error {
	s.parsed = s.parsed[:0]
	defer func() { s.attrs = s.parsed }()
	for {
		rest := bytes.TrimLeft(b, " \t\r\n")
		if len(rest) == 0 {
			return nil
		}
		if len(rest) == len(b) {
			return s.malformed(string(rest)) // attributes are set apart by white space
		}
		end := nameEnd(rest)
		name := rest[:end]
		rest = bytes.TrimLeft(rest[end:], " \t\r\n")
		if !isName(name) || len(rest) == 0 || rest[0] != '=' {
			return s.malformed(string(name))
		}
		rest = bytes.TrimLeft(rest[1:], " \t\r\n")
		if len(rest) == 0 || (rest[0] != '"' && rest[0] != '\'') {
			return s.malformed(string(name) + "=")
		}
		end = bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return s.malformed(string(name) + "=")
		}
		if err := s.attribute(name, rest[1:1+end]); err != nil {
			return err
		}
		b = rest[end+2:]
	}
}

func (s *Scanner) attribute(name, raw []byte) error {
	if bytes.IndexByte(raw, '<') >= 0 {
		return s.malformed("<")
	}
	for _, a := range s.parsed {
		if a.name == string(name) {
			return s.Here().Fault("BANKFILE_XML_ATTRIBUTE_TWICE", "name", record.Clip(string(name)))
		}
	}
	if len(s.parsed) >= 256 {
		return s.malformed(string(name))
	}
	if err := s.decode(raw, inAttribute); err != nil {
		return err
	}
	s.parsed = append(s.parsed, attribute{s.intern(name), s.intern(s.text)})
	return nil
}

// attr is an attribute of the element just opened; it is gone with the next token.
func (s *Scanner) attr(name string) string {
	for _, a := range s.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

func nameEnd(b []byte) int {
	for i, c := range b {
		if !nameByte(c) {
			return i
		}
	}
	return len(b)
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == ':'
}

// isName accepts the names that the messages use: ASCII, at most one prefix.
func isName(b []byte) bool {
	first, colons := true, 0
	for _, c := range b {
		switch {
		case c == ':':
			if colons++; first || colons > 1 {
				return false
			}
			first = true
			continue
		case !nameByte(c), first && (c == '-' || c == '.' || c >= '0' && c <= '9'):
			return false
		}
		first = false
	}
	return !first
}
