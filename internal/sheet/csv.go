package sheet

import (
	"bufio"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strings"
	"unicode/utf8"

	"fenlu/internal/errs"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// csvSource reads a CSV file and tells spreadsheet rows from lines: blank
// lines count, lines inside a quoted cell do not.
type csvSource struct {
	file   *File
	reader *csv.Reader
	digest hash.Hash
	tee    io.Reader // everything read through it is in digest
	inside int       // line ends inside quoted cells so far
}

var utf8Mark = []byte("\ufeff")

// openCSV reads the file through once for digest and encoding, then from the
// start again for its rows.
func (f *File) openCSV() error {
	digest := newDigest()
	isUTF8, err := scanUTF8(io.TeeReader(f.handle, digest))
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "SHEET_OPEN", "file", f.Name)
	}
	f.seal(digest)
	if _, err := f.handle.Seek(0, io.SeekStart); err != nil {
		return errs.Wrap(err, errs.Invalid, "SHEET_OPEN", "file", f.Name)
	}
	s := &csvSource{file: f, digest: newDigest()}
	s.tee = io.TeeReader(f.handle, s.digest)
	var text io.Reader = &lineLimit{r: s.tee, max: f.opt.MaxLine}
	if isUTF8 {
		text = skipMark(text)
	} else {
		text = transform.NewReader(text, simplifiedchinese.GB18030.NewDecoder())
	}
	s.reader = csv.NewReader(text)
	s.reader.FieldsPerRecord = -1
	s.reader.ReuseRecord = true
	f.src = s
	return nil
}

func (s *csvSource) next() (int, []string, error) {
	cells, err := s.reader.Read()
	if errors.Is(err, io.EOF) {
		return 0, nil, s.end()
	}
	if err != nil {
		return 0, nil, s.failed(err)
	}
	line, _ := s.reader.FieldPos(0)
	row := line - s.inside
	for _, c := range cells {
		s.inside += strings.Count(c, "\n")
		if strings.ContainsRune(c, utf8.RuneError) || strings.ContainsRune(c, 0) {
			return 0, nil, errs.New(errs.Invalid, "SHEET_ENCODING", "file", s.file.Name, "row", row)
		}
	}
	return row, cells, nil
}

// end makes sure that the rows came from the bytes whose digest is known.
func (s *csvSource) end() error {
	if _, err := io.Copy(io.Discard, s.tee); err != nil {
		return errs.Wrap(err, errs.Invalid, "SHEET_OPEN", "file", s.file.Name)
	}
	if hex.EncodeToString(s.digest.Sum(nil)) != s.file.SHA256 {
		return errs.New(errs.Invalid, "SHEET_CHANGED", "file", s.file.Name)
	}
	return io.EOF
}

func (s *csvSource) failed(err error) error {
	if over, ok := errors.AsType[*lineTooLong](err); ok {
		return errs.New(errs.Invalid, "SHEET_LINE_LIMIT", "file", s.file.Name, "line", over.line, "limit", s.file.opt.MaxLine)
	}
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		return errs.New(errs.Invalid, "SHEET_CSV", "file", s.file.Name, "row", p.StartLine-s.inside, "line", p.Line)
	}
	return errs.Wrap(err, errs.Invalid, "SHEET_OPEN", "file", s.file.Name)
}

func (s *csvSource) close() error { return nil }

func skipMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if head, _ := b.Peek(len(utf8Mark)); string(head) == string(utf8Mark) {
		_, _ = b.Discard(len(utf8Mark)) // just peeked, so it is there
	}
	return b
}

// scanUTF8 reads to the end and says whether all of it is UTF-8. GB18030 text
// is practically never valid UTF-8.
func scanUTF8(r io.Reader) (bool, error) {
	buf := make([]byte, 64<<10)
	valid, kept := true, 0
	for {
		n, err := r.Read(buf[kept:])
		n += kept
		kept = 0
		if valid {
			done := wholeRunes(buf[:n])
			valid = utf8.Valid(buf[:done])
			kept = copy(buf, buf[done:n])
		}
		if errors.Is(err, io.EOF) {
			return valid && kept == 0, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// wholeRunes is the length of b without a character cut off at its end.
func wholeRunes(b []byte) int {
	for back := 1; back < utf8.UTFMax && back <= len(b); back++ {
		if i := len(b) - back; utf8.RuneStart(b[i]) {
			if utf8.FullRune(b[i:]) {
				return len(b)
			}
			return i
		}
	}
	return len(b)
}

type lineTooLong struct{ line int }

func (e *lineTooLong) Error() string { return "line too long" }

// lineLimit fails where a line is longer than max bytes, so that a file
// without line ends cannot fill the memory.
type lineLimit struct {
	r         io.Reader
	max       int
	run, line int
}

func (l *lineLimit) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for _, b := range p[:n] {
		l.run++
		if b == '\n' {
			l.run, l.line = 0, l.line+1
		}
		if l.run > l.max {
			return 0, &lineTooLong{line: l.line + 1}
		}
	}
	return n, err
}
