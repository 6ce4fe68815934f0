package layout

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"fenlu/bankfiles/record"
)

// MaxLine is the longest line that is read, in bytes.
const MaxLine = 64 << 10

// lineReader reads the records of a Chinese text file: GBK (decoded as its
// superset GB18030), one record a line, fields set apart by '|'. A line is
// decoded before it is split, since '|' is also the second byte of some
// characters.
type lineReader struct {
	src     *bufio.Reader
	out     *record.Out
	decoder *encoding.Decoder // nil for UTF-8
	offset  int64
	line    int
	at      record.Position // of the last line
	seen    map[string]int
	began   bool
	warned  bool // of line ends
}

func newLineReader(r io.Reader, out *record.Out) *lineReader {
	return &lineReader{
		src: bufio.NewReaderSize(r, MaxLine), out: out,
		decoder: simplifiedchinese.GB18030.NewDecoder(), seen: map[string]int{},
	}
}

// next returns the fields of the next line that is not blank, or io.EOF.
func (lr *lineReader) next() ([]string, error) {
	if !lr.began {
		lr.began = true
		if err := lr.begin(); err != nil {
			return nil, err
		}
	}
	for {
		raw, err := lr.rawLine()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(raw)) > 0 {
			return lr.split(raw)
		}
		if err := lr.out.Warn(lr.at, "BANKFILE_WARN_BLANK_LINE"); err != nil {
			return nil, err
		}
	}
}

// begin passes over a UTF-8 mark: some banks convert their files.
func (lr *lineReader) begin() error {
	head, err := lr.src.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if string(head) != "\xef\xbb\xbf" {
		return nil
	}
	lr.decoder, lr.offset = nil, 3
	_, err = lr.src.Discard(3)
	return err
}

// rawLine reads one line without its end.
func (lr *lineReader) rawLine() ([]byte, error) {
	raw, err := lr.src.ReadSlice('\n')
	lr.at = record.Position{Offset: lr.offset, Line: lr.line + 1, Path: "?"}
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, lr.at.Fault("BANKFILE_LINE_LONG", "limit", MaxLine)
	case errors.Is(err, io.EOF) && len(raw) == 0:
		return nil, io.EOF
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	}
	lr.offset += int64(len(raw))
	lr.line++
	return lr.lineEnd(raw)
}

// lineEnd takes off CRLF; any other end is told once.
func (lr *lineReader) lineEnd(raw []byte) ([]byte, error) {
	body, ok := bytes.CutSuffix(raw, []byte("\r\n"))
	if ok {
		return body, nil
	}
	if !lr.warned {
		lr.warned = true
		if err := lr.out.Warn(lr.at, "BANKFILE_WARN_LINE_END"); err != nil {
			return nil, err
		}
	}
	return bytes.TrimSuffix(raw, []byte("\n")), nil
}

// split decodes a line and cuts it at '|'. The path is the record mark with
// the number of lines of that mark: "L[3]".
func (lr *lineReader) split(raw []byte) ([]string, error) {
	text := string(raw)
	if lr.decoder != nil && !record.ASCII(raw) {
		decoded, err := lr.decoder.Bytes(raw)
		if err != nil {
			return nil, lr.at.Fault("BANKFILE_BAD_BYTES")
		}
		text = string(decoded)
	}
	if !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError) {
		return nil, lr.at.Fault("BANKFILE_BAD_BYTES")
	}
	if i := strings.IndexFunc(text, unicode.IsControl); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return nil, lr.at.Fault("BANKFILE_BAD_CHARACTER", "char", record.CodePoint(r))
	}
	fields := strings.Split(text, "|")
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	lr.number(fields[0])
	return fields, nil
}

func (lr *lineReader) number(mark string) {
	if len(mark) != 1 {
		return
	}
	lr.seen[mark]++
	if lr.seen[mark] == 1 && mark != "D" && mark != "L" {
		lr.at.Path = mark
		return
	}
	lr.at.Path = mark + "[" + itoa(lr.seen[mark]) + "]"
}

// expect says that a line has a mark and a number of fields.
func (lr *lineReader) expect(fields []string, mark string, n int) error {
	if fields[0] != mark {
		return lr.at.Fault("BANKFILE_LINE_MARK", "want", mark, "got", record.Clip(fields[0]))
	}
	if len(fields) != n {
		return lr.at.Fault("BANKFILE_FIELD_COUNT", "want", n, "got", len(fields))
	}
	return nil
}

// only says that nothing follows the trailer.
func (lr *lineReader) only() error {
	_, err := lr.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return lr.at.Fault("BANKFILE_AFTER_TRAILER")
	}
	return err
}
