package mt

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"fenlu/bankfiles/record"
)

// lines reads the lines of a file, decoded.
type lines struct {
	src    *bufio.Reader
	out    *record.Out
	offset int64
	number int
	path   string          // of what is being read
	at     record.Position // of the last line
	told   map[string]bool // warnings that are told once a file
}

func newLines(r io.Reader, out *record.Out) *lines {
	return &lines{src: bufio.NewReaderSize(r, MaxField), out: out, path: "/", told: map[string]bool{}}
}

// once warns of what is the same all through a file.
func (l *lines) once(code string, args ...any) error {
	if l.told[code] {
		return nil
	}
	l.told[code] = true
	return l.out.Warn(l.at, code, args...)
}

// next is the next line that is not blank, without its end, or io.EOF.
func (l *lines) next() (string, error) {
	for {
		raw, err := l.src.ReadSlice('\n')
		l.at = record.Position{Offset: l.offset, Line: l.number + 1, Path: l.path}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return "", l.at.Fault("BANKFILE_LINE_LONG", "limit", MaxField)
		case errors.Is(err, io.EOF) && len(raw) == 0:
			return "", io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return "", err
		}
		l.offset += int64(len(raw))
		l.number++
		text, err := l.text(l.body(raw))
		if err != nil || text != "" {
			return text, err
		}
	}
}

// frame are the bytes that lines of old transmissions are framed by.
const frame = "\r\n\x00\x01\x03\x1a"

// body is a line without what surrounds it: a UTF-8 mark, the line's end, the
// marks of a transmission.
func (l *lines) body(raw []byte) []byte {
	if l.number == 1 {
		raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	}
	return bytes.TrimRight(bytes.Trim(raw, frame), " ")
}

// text decodes a line: UTF-8 where it is, else what [decode] takes it for.
func (l *lines) text(raw []byte) (string, error) {
	text := string(raw)
	if !utf8.ValidString(text) {
		var encoding string
		if text, encoding = decode(raw); text == "" {
			return "", l.at.Fault("BANKFILE_BAD_BYTES")
		}
		if err := l.once("BANKFILE_WARN_MT_ENCODING", "encoding", encoding); err != nil {
			return "", err
		}
	}
	text = strings.ReplaceAll(text, "\t", " ")
	if i := strings.IndexFunc(text, forbidden); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return "", l.at.Fault("BANKFILE_BAD_CHARACTER", "char", record.CodePoint(r))
	}
	return text, nil
}

func forbidden(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) }

// decode takes bytes that are not UTF-8 for Chinese where all of them come in
// pairs and two characters stand side by side, otherwise for Windows-1252,
// which says of every letter what ISO 8859-1 says. The text is empty where
// neither has the bytes.
func decode(raw []byte) (text, encoding string) {
	if chinese(raw) {
		if b, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw); err == nil && !bytes.ContainsRune(b, utf8.RuneError) {
			return string(b), "GB18030"
		}
	}
	b, err := charmap.Windows1252.NewDecoder().Bytes(raw)
	if err != nil {
		return "", ""
	}
	return string(b), "Windows-1252"
}

// chinese says whether the bytes above ASCII stand in runs of even length, and
// one of them is at least two characters long: "Grüße" is not Chinese.
func chinese(raw []byte) bool {
	longest, run := 0, 0
	for _, c := range append(raw, 0) {
		switch {
		case c >= utf8.RuneSelf:
			run++
		case run%2 != 0:
			return false
		default:
			longest, run = max(longest, run), 0
		}
	}
	return longest >= 4
}
