package layout

import (
	"errors"
	"io"

	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
)

// Read reads a file of the profile and hands its records to out: a header, an
// item for each row, a trailer. Counts, sums and balances that the file states
// are compared with its rows; a difference is an error that says both numbers.
func (p *Profile) Read(r io.Reader, out *record.Out) error {
	b := &body{p: p, out: out, cells: cellReader{out: out}}
	b.head = record.Header{Level: record.LevelFile, Currency: p.Currency}
	if p.Kind == Statement {
		b.head.Level = record.LevelStatement
	}
	read := map[Form]func(*body, io.Reader) error{Delimited: readLines, Fixed: readLines, XML: readXML, Table: readTable}[p.Form]
	err := read(b, r)
	if err == nil && b.bad == nil {
		err = b.finish()
	}
	return b.withBadRows(err)
}

// body is a file being read, whatever its form: what its head says, and what
// its rows add up to.
type body struct {
	p      *Profile
	out    *record.Out
	cells  cellReader
	head   record.Header
	begun  bool // the header was handed out
	last   record.Position
	stated []stated
	bad    []*errs.Error // rows that cannot be read
	tally
	balances
}

// stated is a number that header or trailer says about the rows.
type stated struct {
	value string
	text  string // as it is to be compared: a count, or yuan
	at    record.Position
	part  section
}

// section takes the cells of header or trailer.
func (b *body) section(s section, at record.Position, cells []string) error {
	if s == header {
		b.head.Position = at
	}
	for i, f := range b.p.fields(s) {
		if err := b.headCell(s, f, at, cells[i]); err != nil {
			return err
		}
	}
	b.last = at
	if s == trailer {
		return b.agree(trailer)
	}
	return nil
}

func (b *body) headCell(s section, f *Field, at record.Position, text string) error {
	if f.means == nil {
		return b.constant(f, at, text)
	}
	text, err := b.cells.text(f, at, text)
	if err != nil {
		return err
	}
	if f.Value == "version" && text != b.p.Version {
		if err := b.out.Warn(at, "BANKFILE_WARN_VERSION", "version", record.Clip(text)); err != nil {
			return err
		}
	}
	if f.Value == "currency" && text != "" {
		text = currencyOf(text)
	}
	if f.means.head != nil && text != "" {
		*f.means.head(&b.head) = text
	}
	if counted[f.Value] {
		b.stated = append(b.stated, stated{f.Value, text, at, s})
	}
	return b.cells.needed(f, at, text)
}

// constant compares what always stands there.
func (b *body) constant(f *Field, at record.Position, text string) error {
	if text != f.Text {
		return at.Fault("BANKFILE_LINE_MARK", "want", f.Text, "got", record.Clip(text))
	}
	return nil
}

// begin hands out the header, before the first row or at the end.
func (b *body) begin() error {
	if b.begun {
		return nil
	}
	b.begun = true
	h := &b.head
	if h.Line == 0 {
		h.Position = record.Position{Line: 1, Path: "/"}
	}
	if h.MessageID == "" && h.OriginalID != "" {
		h.MessageID = h.OriginalID
		if h.ResultNo != "" {
			h.MessageID += "/" + h.ResultNo
		}
	}
	if b.p.Kind == Statement && h.MessageID == "" {
		if h.MessageID = record.First(h.StatementNo, h.Date); h.MessageID == "" {
			return h.Fault("BANKFILE_MISSING", "name", "message_id / statement_no / date")
		}
	}
	if !b.p.NewestFirst {
		b.open(h.Opening)
	}
	return b.out.Header(*h)
}

// row takes the cells of one row. A row that cannot be read is kept for the
// end, so that all of them are told at once.
func (b *body) row(at record.Position, cells []string) error {
	if err := b.begin(); err != nil {
		return err
	}
	b.last = at
	b.count++
	return b.keep(b.cellsOf(at, cells))
}

func (b *body) cellsOf(at record.Position, cells []string) error {
	r := row{body: b, item: &record.Item{Position: at, Currency: b.head.Currency, BatchID: b.head.OriginalID}}
	for i, f := range b.p.Rows {
		if err := r.cell(f, cells[i]); err != nil {
			return err
		}
	}
	return r.done()
}

// maxBad is the number of bad rows after which reading ends.
const maxBad = 100

// keep notes what is wrong with a row; any other error ends the reading.
func (b *body) keep(err error) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid || len(b.bad) >= maxBad {
		return err
	}
	b.bad = append(b.bad, e)
	return nil
}

// withBadRows is the first bad row, with all of them and what ended the reading
// as its fields; err alone if there are none.
func (b *body) withBadRows(err error) error {
	e, ours := errors.AsType[*errs.Error](err)
	if len(b.bad) == 0 || err != nil && !ours {
		return err
	}
	if ours {
		b.bad = append(b.bad, e)
	}
	first := *b.bad[0]
	if len(b.bad) > 1 {
		for _, e := range b.bad {
			first.Fields = append(first.Fields, errs.Field{Code: e.Code, Args: e.Args})
		}
	}
	return &first
}

// finish compares what the file says with what was found.
func (b *body) finish() error {
	if err := b.begin(); err != nil {
		return err
	}
	if err := b.agree(header); err != nil {
		return err
	}
	if err := b.close(b); err != nil {
		return err
	}
	return b.out.Finish(b.last)
}
