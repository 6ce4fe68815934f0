package layout

import (
	"errors"
	"io"
	"slices"
	"strings"

	"fenlu/bankfiles/record"
)

// The limits of tables.
const (
	MaxWorkbook = 32 << 20 // bytes of an XLSX file, which is held in memory
	maxCells    = 1024     // of a row, as in workbooks
	maxAbove    = 100      // rows above the titles
)

// tableFile is a table being read: labels with values, a row of titles, rows
// under them, perhaps a row of totals, and labels again.
type tableFile struct {
	*body
	src    tableSource
	column []int // of each field of the rows; -1 where the table has none
	texts  map[section][]string
	places map[section]record.Position
	tail   bool // the row of totals or a label of the trailer was read
	total  bool
	above  int
}

func readTable(b *body, r io.Reader) error {
	src, err := openTable(b, r)
	if err != nil {
		return err
	}
	f := &tableFile{body: b, src: src, texts: map[section][]string{}, places: map[section]record.Position{}}
	f.texts[header], f.texts[trailer] = make([]string, len(b.p.Header)), make([]string, len(b.p.Trailer))
	if err := f.read(); err != nil {
		return errors.Join(err, src.close())
	}
	return src.close()
}

func (f *tableFile) read() error {
	for {
		at, cells, err := f.src.next()
		if errors.Is(err, io.EOF) {
			return f.end(at)
		}
		if err != nil {
			return err
		}
		for i := range cells {
			cells[i] = plainCell(cells[i])
		}
		if strings.Join(cells, "") == "" {
			continue
		}
		if err := f.line(at, cells); err != nil {
			return err
		}
	}
}

// plainCell is a cell without white space at its ends, and without the mark
// that keeps a spreadsheet from taking a number for one.
func plainCell(s string) string {
	s = strings.TrimSpace(s)
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(s, "'"), "\t"))
}

func (f *tableFile) line(at record.Position, cells []string) error {
	switch {
	case f.column == nil:
		return f.aboveTitles(at, cells)
	case f.tail:
		return f.below(at, cells)
	case f.isTotal(cells):
		f.tail, f.total = true, true
		if err := f.totals(at, cells); err != nil {
			return err
		}
		f.labels(trailer, at, cells)
		return nil
	case f.isRow(f.pick(cells)) && !f.isLabel(cells[firstFilled(cells)]):
		return f.row(at, f.pick(cells)) // whatever its words: "期末余额" may stand in a summary
	case f.labels(trailer, at, cells):
		f.tail = true
		return nil
	}
	return f.row(at, f.pick(cells))
}

// firstFilled is the first cell that holds anything; one does.
func firstFilled(cells []string) int {
	return slices.IndexFunc(cells, func(s string) bool { return s != "" })
}

// aboveTitles looks for the titles, and for labels until then.
func (f *tableFile) aboveTitles(at record.Position, cells []string) error {
	column, missing := f.titles(cells)
	if len(missing) > 0 {
		f.labels(header, at, cells)
		if f.above++; f.above <= maxAbove {
			return nil
		}
		return f.noTitles(at)
	}
	f.column = column
	if err := f.section(header, f.placeOf(header, at), f.texts[header]); err != nil {
		return err
	}
	if err := f.begin(); err != nil {
		return err
	}
	return f.strays(at, cells)
}

// strays warns of columns that no field reads.
func (f *tableFile) strays(at record.Position, cells []string) error {
	var names []string
	for i, c := range cells {
		if c != "" && !slices.Contains(f.column, i) {
			names = append(names, c)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return f.out.Warn(at, "BANKFILE_WARN_COLUMNS", "names", record.Clip(strings.Join(names, ", ")))
}

func (f *tableFile) noTitles(at record.Position) error {
	var want []string
	for _, c := range f.p.Rows {
		if !c.Optional {
			want = append(want, c.Title)
		}
	}
	return at.Fault("BANKFILE_TABLE_TITLES", "want", strings.Join(want, ", "))
}

// titles finds the column of each field, and names those that are missing.
func (f *tableFile) titles(cells []string) (column []int, missing []string) {
	for _, c := range f.p.Rows {
		i := slices.IndexFunc(cells, c.called)
		if i < 0 && !c.Optional {
			missing = append(missing, c.Title)
		}
		column = append(column, i)
	}
	return column, missing
}

// called says whether a cell is the title or label of the field.
func (f *Field) called(cell string) bool {
	cell = strings.TrimRight(strings.Join(strings.Fields(cell), ""), ":：")
	return cell != "" && (cell == f.Title || slices.Contains(f.Also, cell))
}

// pick puts the cells into the order of the fields.
func (f *tableFile) pick(cells []string) []string {
	out := make([]string, len(f.column))
	for i, c := range f.column {
		if c >= 0 && c < len(cells) {
			out[i] = cells[c]
		}
	}
	return out
}

func (f *tableFile) isTotal(cells []string) bool {
	return f.p.Total != "" && (&Field{Title: f.p.Total}).called(cells[firstFilled(cells)])
}

// totals compares the row of totals with the columns above it.
func (f *tableFile) totals(at record.Position, cells []string) error {
	sums := map[string]*record.Total{"amount": &f.sum, "debit": &f.debits.sum, "credit": &f.credits.sum}
	for i, text := range f.pick(cells) {
		c := f.p.Rows[i]
		if sums[c.Value] == nil || text == "" || f.column[i] == 0 {
			continue
		}
		text, err := f.cells.text(c, at, text)
		if err != nil {
			return err
		}
		if err := record.Agree(at, f.head.Level, "", text, 0, sums[c.Value]); err != nil {
			return err
		}
	}
	return nil
}

// below takes what follows the rows: labels and notes, but no further rows.
func (f *tableFile) below(at record.Position, cells []string) error {
	if f.labels(trailer, at, cells) {
		return nil
	}
	if f.isRow(f.pick(cells)) {
		return at.Fault("BANKFILE_AFTER_TRAILER")
	}
	return nil // a note
}

// isRow says whether cells are a row and not a note: with an amount, and all
// that must be there.
func (f *tableFile) isRow(cells []string) bool {
	money := false
	for i, c := range f.p.Rows {
		if c.Required && cells[i] == "" {
			return false
		}
		money = money || cells[i] != "" && c.means != nil && c.means.nature == amount
	}
	return money
}

// end is the end of the table, where something may still be missing.
func (f *tableFile) end(at record.Position) error {
	switch {
	case at.Line == 0:
		return place.Fault("BANKFILE_NO_BYTES")
	case f.column == nil:
		return f.noTitles(at)
	case f.p.Total != "" && !f.total:
		return at.Fault("BANKFILE_TRAILER_MISSING")
	}
	return f.section(trailer, f.placeOf(trailer, at), f.texts[trailer])
}

// placeOf is where the labels of a part stand, or where it was missed.
func (f *tableFile) placeOf(s section, at record.Position) record.Position {
	if p, ok := f.places[s]; ok {
		return p
	}
	return at
}
