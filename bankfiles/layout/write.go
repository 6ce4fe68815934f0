package layout

import (
	"errors"

	"fenlu/bankfiles/order"
	"fenlu/internal/errs"
)

// Write writes payments that order.Validate has found fit for [Profile.Rules].
// BANKFILE_CELL_WIDE: a value has no room in its cell; nothing is cut off.
func (p *Profile) Write(out *order.Output, b order.Batch, t order.Totals, src order.Source) error {
	if !p.Writes() {
		return errs.New(errs.Invalid, "BANKFILE_NOT_WRITABLE", "profile", p.Name)
	}
	w := &writing{profile: p, batch: &b, totals: t}
	s := p.sink(out)
	return errors.Join(w.all(s, out, src), s.close())
}

// all writes header, rows and trailer.
func (w *writing) all(s sink, out *order.Output, src order.Source) error {
	if err := s.begin(w); err != nil {
		return err
	}
	for pay, err := range src() {
		if err != nil {
			return err
		}
		if err := out.Count(&pay); err != nil {
			return err
		}
		w.payment, w.row = &pay, out.Totals.Count
		if err := s.row(w); err != nil {
			return err
		}
	}
	w.payment = nil
	w.totals = out.Totals // of what was written
	return s.end(w)
}

// sink is one of the ways to write.
type sink interface {
	begin(w *writing) error
	row(w *writing) error
	end(w *writing) error
	close() error
}

func (p *Profile) sink(out *order.Output) sink {
	switch p.Form {
	case XML:
		return &xmlSink{p: p, out: out}
	case Table:
		return &tableSink{p: p, out: out}
	default:
		return &lineSink{p: p, out: out}
	}
}

// cell appends what a field holds.
func (f *Field) cell(dst []byte, w *writing) []byte {
	if f.means == nil {
		return append(dst, f.Text...)
	}
	return f.means.write(dst, f, w)
}

// wide is a value that does not fit.
func (f *Field) wide(w *writing, room, got int) error {
	return errs.New(errs.Invalid, "BANKFILE_CELL_WIDE", "name", f.label(), "row", w.row, "limit", room, "got", got)
}

// lineSink writes lines with a delimiter or of fixed width.
type lineSink struct {
	p          *Profile
	out        *order.Output
	line, text []byte
}

func (s *lineSink) begin(w *writing) error { return s.section(header, w) }
func (s *lineSink) row(w *writing) error   { return s.section(rows, w) }
func (s *lineSink) end(w *writing) error   { return s.section(trailer, w) }

func (s *lineSink) close() error { return nil }

func (s *lineSink) section(part section, w *writing) error {
	fields := s.p.fields(part)
	if len(fields) == 0 {
		return nil
	}
	s.line = s.line[:0]
	for i, f := range fields {
		if i > 0 {
			s.line = append(s.line, s.p.Delimiter...)
		}
		if err := s.cell(f, w); err != nil {
			return err
		}
	}
	if s.p.AtEnd {
		s.line = append(s.line, s.p.Delimiter...)
	}
	if s.p.LineEnd == "CRLF" {
		s.line = append(s.line, '\r')
	}
	s.line = append(s.line, '\n')
	line := s.line
	if s.p.Form == Delimited {
		var err error
		if line, err = s.p.charset.Encode(line); err != nil {
			return err
		}
	}
	return s.out.Write(line)
}

func (s *lineSink) cell(f *Field, w *writing) error {
	if s.p.Form == Delimited && !s.p.Quote && f.Max == 0 {
		s.line = f.cell(s.line, w)
		return nil
	}
	s.text = f.cell(s.text[:0], w)
	encoded, err := s.p.charset.Encode(s.text)
	switch {
	case err != nil:
		return err
	case s.p.Form == Fixed:
		return s.padded(f, w, encoded)
	case f.Max > 0 && len(encoded) > f.Max:
		return f.wide(w, f.Max, len(encoded))
	case s.p.Quote:
		s.line = quoted(s.line, s.text)
	default:
		s.line = append(s.line, s.text...)
	}
	return nil
}

// padded fills a cell up to its width, in bytes of the encoding.
func (s *lineSink) padded(f *Field, w *writing, text []byte) error {
	room := f.Width - len(text)
	if room < 0 {
		return f.wide(w, f.Width, len(text))
	}
	if f.Align == "left" {
		s.line = append(s.line, text...)
	}
	for range room {
		s.line = append(s.line, f.Pad[0])
	}
	if f.Align != "left" {
		s.line = append(s.line, text...)
	}
	return nil
}

func quoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	for _, c := range text {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}
