package xmlscan

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"fenlu/bankfiles/record"
)

type textPlace int

const (
	inText textPlace = iota
	inCDATA
	inAttribute
)

// begin takes the byte order mark and the XML declaration, which together say
// how the text is encoded.
func (s *Scanner) begin() error {
	s.mark()
	if _, err := s.need(4); err != nil {
		return err
	}
	head := s.buf[s.r:s.w]
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		s.r, s.bom = 3, true
	case len(head) >= 2 && (head[0] == 0 || head[1] == 0 || head[0] == 0xfe && head[1] == 0xff || head[0] == 0xff && head[1] == 0xfe):
		return s.Here().Fault("BANKFILE_XML_ENCODING", "encoding", "UTF-16/UTF-32")
	}
	s.mark()
	if ok, err := s.hasPrefix("<?xml"); err != nil || !ok {
		return err
	}
	n, err := s.until(5, "?>")
	if err != nil {
		return err
	}
	if n < 0 {
		return s.truncated("<?xml")
	}
	if c := s.buf[s.r+5]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
		return nil // <?xml-stylesheet and the like: an ordinary instruction
	}
	return s.declared(s.take(n)[5 : n-2])
}

// declared reads version and encoding from the XML declaration.
func (s *Scanner) declared(body []byte) error {
	if err := s.attributes(body); err != nil {
		return err
	}
	if v := s.attr("version"); v != "1.0" {
		return s.malformed("version " + v)
	}
	name := s.attr("encoding")
	enc, ok := encodings[strings.ToUpper(name)]
	if !ok {
		return s.Here().Fault("BANKFILE_XML_ENCODING", "encoding", record.Clip(name))
	}
	if enc != nil && !s.bom { // the mark is in the bytes, the declaration only says so
		s.decoder = enc.NewDecoder()
	}
	s.attrs = nil
	return nil
}

// encodings are those that banks declare. GB2312 and GBK are read as GB18030,
// their superset. In all of them the bytes of XML's marks never stand inside
// a character, so markup can be found before decoding.
var encodings = map[string]encoding.Encoding{
	"": nil, "UTF-8": nil, "UTF8": nil, "US-ASCII": nil, "ASCII": nil,
	"ISO-8859-1": charmap.ISO8859_1, "LATIN1": charmap.ISO8859_1, "ISO-8859-15": charmap.ISO8859_15,
	"WINDOWS-1252": charmap.Windows1252, "CP1252": charmap.Windows1252,
	"GB2312": simplifiedchinese.GB18030, "GBK": simplifiedchinese.GB18030, "CP936": simplifiedchinese.GB18030,
	"GB18030": simplifiedchinese.GB18030,
}

// plain marks the bytes that stand for themselves.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = c != '&' && c != ']'
	}
	t['\t'], t['\n'] = true, true
	return t
}()

// decode puts the characters of raw into s.text: encoding, entities and line
// ends resolved, every character one that XML allows.
func (s *Scanner) decode(raw []byte, place textPlace) error {
	if s.decoder != nil && !record.ASCII(raw) {
		decoded, err := s.decoder.Bytes(raw)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return s.Here().Fault("BANKFILE_BAD_BYTES")
		}
		raw = decoded
	}
	n, err := s.verbatim(raw)
	if err != nil || n == len(raw) {
		s.text = raw
		return err
	}
	s.decoded = append(s.decoded[:0], raw[:n]...)
	for n < len(raw) {
		took, err := s.special(raw[n:], place)
		if err != nil {
			return err
		}
		n += took
		run, err := s.verbatim(raw[n:])
		if err != nil {
			return err
		}
		s.decoded = append(s.decoded, raw[n:n+run]...)
		n += run
	}
	s.text = s.decoded
	return nil
}

// verbatim is how many bytes of raw stand for themselves: plain ones, and
// characters beyond ASCII that XML allows.
func (s *Scanner) verbatim(raw []byte) (int, error) {
	for i := 0; i < len(raw); {
		if plain[raw[i]] {
			i++
			continue
		}
		if raw[i] < utf8.RuneSelf {
			return i, nil
		}
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n <= 1 {
			return 0, s.Here().Fault("BANKFILE_BAD_BYTES")
		}
		if !xmlChar(r) {
			return 0, s.Here().Fault("BANKFILE_BAD_CHARACTER", "char", record.CodePoint(r))
		}
		i += n
	}
	return len(raw), nil
}

// special takes one ASCII character that does not stand for itself and says
// how long it was.
func (s *Scanner) special(b []byte, place textPlace) (int, error) {
	switch c := b[0]; {
	case c == '&' && place != inCDATA:
		return s.entity(b)
	case c == ']':
		if place == inText && bytes.HasPrefix(b, []byte("]]>")) {
			return 0, s.malformed("]]>")
		}
		s.decoded = append(s.decoded, c)
		return 1, nil
	case c == '\r':
		s.decoded = append(s.decoded, '\n')
		if len(b) > 1 && b[1] == '\n' {
			return 2, nil
		}
		return 1, nil
	case c >= 0x20 && c < utf8.RuneSelf: // '&' in CDATA
		s.decoded = append(s.decoded, c)
		return 1, nil
	}
	return 0, s.Here().Fault("BANKFILE_BAD_CHARACTER", "char", record.CodePoint(rune(b[0])))
}

func (s *Scanner) entity(b []byte) (int, error) {
	end := bytes.IndexByte(b[:min(len(b), 16)], ';')
	if end < 0 {
		return 0, s.Here().Fault("BANKFILE_XML_ENTITY", "entity", record.Clip(string(b[:min(len(b), 8)])))
	}
	r, ok := entityRune(string(b[1:end]))
	if !ok {
		return 0, s.Here().Fault("BANKFILE_XML_ENTITY", "entity", record.Clip(string(b[:end+1])))
	}
	s.decoded = utf8.AppendRune(s.decoded, r)
	return end + 1, nil
}

func entityRune(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "apos":
		return '\'', true
	case "quot":
		return '"', true
	}
	digits, base := strings.TrimPrefix(name, "#"), 10
	if len(digits) == len(name) {
		return 0, false
	}
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseInt(digits, base, 32)
	if err != nil || !utf8.ValidRune(rune(n)) || !xmlChar(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

// xmlChar is the production Char of XML 1.0.
func xmlChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= 0x10ffff
}
