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

// lineReader reads a text file line by line. GBK is decoded as its superset
// GB18030; a file that begins with a UTF-8 mark is UTF-8 whatever the profile
// says, since some banks convert their files.
type lineReader struct {
	src     *bufio.Reader
	out     *record.Out
	decoder *encoding.Decoder // nil for UTF-8
	lineEnd string            // the usual one; "" for any
	offset  int64
	line    int
	at      record.Position // of the last line
	began   bool
	warned  bool // of line ends
}

func newLineReader(r io.Reader, out *record.Out, encoding, lineEnd string) *lineReader {
	lr := &lineReader{src: bufio.NewReaderSize(r, MaxLine), out: out, lineEnd: lineEnd}
	if encoding != "UTF-8" && (lineEnd != "" || !lr.looksUTF8()) {
		lr.decoder = simplifiedchinese.GB18030.NewDecoder()
	}
	return lr
}

// looksUTF8 says whether the file begins with Chinese in UTF-8. Text in GBK is
// practically never that.
func (lr *lineReader) looksUTF8() bool {
	head, _ := lr.src.Peek(4096) // an error comes again with the first line
	for n := 0; n < utf8.UTFMax && len(head) > 0 && !utf8.Valid(head); n++ {
		head = head[:len(head)-1] // a character cut off
	}
	return utf8.Valid(head) && strings.IndexFunc(string(head), func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0
}

// next returns the bytes of the next line that is not blank, or io.EOF.
func (lr *lineReader) next() ([]byte, error) {
	if !lr.began {
		lr.began = true
		if err := lr.begin(); err != nil {
			return nil, err
		}
	}
	for {
		raw, err := lr.rawLine()
		if err != nil || len(bytes.TrimSpace(raw)) > 0 {
			return raw, err
		}
		if lr.lineEnd == "" {
			continue
		}
		if err := lr.out.Warn(lr.at, "BANKFILE_WARN_BLANK_LINE"); err != nil {
			return nil, err
		}
	}
}

// begin passes over a UTF-8 mark.
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
	if errors.Is(err, io.EOF) && len(raw) == 0 {
		return nil, io.EOF
	}
	lr.at = record.Position{Offset: lr.offset, Line: lr.line + 1, Path: "?"}
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, lr.at.Fault("BANKFILE_LINE_LONG", "limit", MaxLine)
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	}
	lr.offset += int64(len(raw))
	lr.line++
	return lr.cutEnd(raw)
}

// cutEnd takes off the line end; another than the usual one is told once.
func (lr *lineReader) cutEnd(raw []byte) ([]byte, error) {
	end := "\n"
	body, crlf := bytes.CutSuffix(raw, []byte("\r\n"))
	if crlf {
		end = "\r\n"
	} else if body, crlf = bytes.CutSuffix(raw, []byte("\n")); !crlf {
		end = "" // the end of the file
	}
	want := map[string]string{"CRLF": "\r\n", "LF": "\n"}[lr.lineEnd]
	if lr.warned || end == want || lr.lineEnd == "" {
		return body, nil
	}
	lr.warned = true
	return body, lr.out.Warn(lr.at, "BANKFILE_WARN_LINE_END", "want", lr.lineEnd)
}

// decode turns bytes of a line into text.
func (lr *lineReader) decode(raw []byte) (string, error) {
	text := string(raw)
	if lr.decoder != nil && !record.ASCII(raw) {
		decoded, err := lr.decoder.Bytes(raw)
		if err != nil {
			return "", lr.at.Fault("BANKFILE_BAD_BYTES")
		}
		text = string(decoded)
	}
	if !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError) {
		return "", lr.at.Fault("BANKFILE_BAD_BYTES")
	}
	if i := strings.IndexFunc(text, unicode.IsControl); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return "", lr.at.Fault("BANKFILE_BAD_CHARACTER", "char", record.CodePoint(r))
	}
	return text, nil
}
