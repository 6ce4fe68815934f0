package layout

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"fenlu/bankfiles/record"
)

// fileOfLines is a file of lines, one after the other.
type fileOfLines struct {
	*body
	lines *lineReader
	seen  map[section]int
}

func readLines(b *body, r io.Reader) error {
	f := &fileOfLines{body: b, lines: newLineReader(r, b.out, b.p.Encoding, b.p.LineEnd), seen: map[section]int{}}
	b.cells.grouped = b.p.Quote
	if len(b.p.Trailer) > 0 && (b.p.mark(rows) == "" || b.p.mark(trailer) == "") {
		return f.byPlace()
	}
	return f.byMark()
}

// line is one line, decoded where its cells have no width in bytes.
type line struct {
	at   record.Position
	raw  []byte // of a fixed form
	text string // of a delimited one
}

func (f *fileOfLines) next() (line, error) {
	raw, err := f.lines.next()
	if err != nil {
		return line{}, err
	}
	if f.p.Form == Fixed {
		return line{f.lines.at, bytes.Clone(raw), ""}, nil
	}
	text, err := f.lines.decode(raw)
	return line{f.lines.at, nil, text}, err
}

// byMark reads lines as they come: the first is the header, and the mark, if
// lines have one, tells the trailer.
func (f *fileOfLines) byMark() error {
	for want := f.first(); ; {
		l, err := f.next()
		if errors.Is(err, io.EOF) {
			return f.end(want)
		}
		if err != nil {
			return err
		}
		if want == rows && f.isTrailer(l) {
			want = trailer
		}
		if want == "" {
			f.number(trailer, &l)
			return l.at.Fault("BANKFILE_AFTER_TRAILER")
		}
		if err := f.take(want, l); err != nil {
			return err
		}
		want = map[section]section{header: rows, rows: rows}[want]
	}
}

// byPlace reads lines without marks: the last one is the trailer.
func (f *fileOfLines) byPlace() error {
	want := f.first()
	held, err := f.next()
	for err == nil {
		var following line
		if following, err = f.next(); err == nil {
			if e := f.take(want, held); e != nil {
				return e
			}
			held, want = following, rows
		}
	}
	switch {
	case !errors.Is(err, io.EOF):
		return err
	case held.at.Line == 0 || want == header:
		return f.end(header)
	}
	return f.take(trailer, held)
}

func (f *fileOfLines) first() section {
	if len(f.p.Header) > 0 {
		return header
	}
	return rows
}

// end is the end of the file, where a part may still be missing.
func (f *fileOfLines) end(want section) error {
	switch {
	case want == header || f.lines.line == 0:
		return record.Position{Line: 1, Path: "/"}.Fault("BANKFILE_NO_BYTES")
	case want == rows && len(f.p.Trailer) > 0:
		return f.lines.at.Fault("BANKFILE_TRAILER_MISSING")
	}
	return nil
}

// isTrailer says whether a line begins with the mark of the trailer.
func (f *fileOfLines) isTrailer(l line) bool {
	m := f.p.mark(trailer)
	if m == "" {
		return false
	}
	if f.p.Form == Fixed {
		encoded, err := f.p.charset.Encode([]byte(m))
		return err == nil && bytes.HasPrefix(l.raw, encoded)
	}
	first, _, _ := strings.Cut(l.text, f.p.Delimiter)
	return strings.TrimSpace(first) == m
}

// take hands the cells of a line on, after a look at their number.
func (f *fileOfLines) take(s section, l line) error {
	cells, err := f.split(s, l)
	if err != nil {
		return err
	}
	f.number(s, &l)
	fields := f.p.fields(s)
	if m := f.p.mark(s); m != "" && cells[0] != m {
		return l.at.Fault("BANKFILE_LINE_MARK", "want", m, "got", record.Clip(cells[0]))
	}
	if len(cells) != len(fields) {
		err := l.at.Fault("BANKFILE_FIELD_COUNT", "want", len(fields), "got", len(cells))
		if s == rows {
			f.count++
			return f.keep(err)
		}
		return err
	}
	if s == rows {
		return f.row(l.at, cells)
	}
	return f.section(s, l.at, cells)
}

// number gives a line its path: the mark, or what it is, with the number of
// lines of that mark: "L[3]", "row[3]".
func (f *fileOfLines) number(s section, l *line) {
	f.seen[s]++
	l.at.Path = record.First(f.p.mark(s), map[section]string{header: "header", rows: "row", trailer: "trailer"}[s])
	if s == rows || f.seen[s] > 1 {
		l.at.Path += "[" + strconv.Itoa(f.seen[s]) + "]"
	}
}

// split cuts a line into cells without white space at their ends.
func (f *fileOfLines) split(s section, l line) (cells []string, err error) {
	switch {
	case f.p.Form == Fixed:
		return f.cut(s, l)
	case f.p.Quote:
		if cells, err = unquote(l.text, f.p.Delimiter); err != nil {
			return nil, l.at.Fault("BANKFILE_QUOTE", "found", record.Clip(l.text))
		}
	default:
		cells = strings.Split(l.text, f.p.Delimiter)
	}
	if f.p.AtEnd && len(cells) > 1 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells, nil
}

// cut cuts a line at its bytes, before they are decoded.
func (f *fileOfLines) cut(s section, l line) ([]string, error) {
	width := 0
	for _, c := range f.p.fields(s) {
		width += c.Width
	}
	if len(l.raw) != width {
		return nil, l.at.Fault("BANKFILE_LINE_WIDTH", "want", width, "got", len(l.raw))
	}
	var cells []string
	for _, c := range f.p.fields(s) {
		text, err := f.lines.decode(l.raw[:c.Width])
		if err != nil {
			return nil, err
		}
		cells, l.raw = append(cells, strings.TrimSpace(text)), l.raw[c.Width:]
	}
	return cells, nil
}
