package layout

import (
	"encoding/csv"
	"strings"

	"fenlu/bankfiles/order"
	"fenlu/internal/sheet"
)

// tableSink writes a table: labels with their values, titles, rows, a row of
// totals, labels. All cells are text, so that no account loses its digits.
type tableSink struct {
	p    *Profile
	out  *order.Output
	grid *sheet.GridWriter // nil for CSV
	line strings.Builder
	csv  *csv.Writer
}

func (s *tableSink) begin(w *writing) (err error) {
	if s.p.Sheet == "xlsx" {
		if s.grid, err = sheet.NewGrid(); err != nil {
			return err
		}
	} else {
		s.csv = csv.NewWriter(&s.line)
		s.csv.UseCRLF = true
	}
	if err := s.labels(s.p.Header, w); err != nil {
		return err
	}
	titles := make([]string, len(s.p.Rows))
	for i, f := range s.p.Rows {
		titles[i] = f.Title
	}
	return s.write(titles)
}

func (s *tableSink) labels(fields []*Field, w *writing) error {
	for _, f := range fields {
		if err := s.write([]string{f.Title, string(f.cell(nil, w))}); err != nil {
			return err
		}
	}
	return nil
}

func (s *tableSink) row(w *writing) error {
	cells := make([]string, len(s.p.Rows))
	for i, f := range s.p.Rows {
		text := f.cell(nil, w)
		if f.Max > 0 {
			encoded, err := s.p.charset.Encode(text)
			if err != nil {
				return err
			}
			if len(encoded) > f.Max {
				return f.wide(w, f.Max, len(encoded))
			}
		}
		cells[i] = string(text)
	}
	return s.write(cells)
}

func (s *tableSink) end(w *writing) error {
	if s.p.Total != "" {
		cells := make([]string, len(s.p.Rows))
		cells[0] = s.p.Total
		for i, f := range s.p.Rows {
			if f.Value == "amount" && i > 0 {
				cells[i] = string(f.fen(nil, w.totals.Sum))
			}
		}
		if err := s.write(cells); err != nil {
			return err
		}
	}
	if err := s.labels(s.p.Trailer, w); err != nil {
		return err
	}
	if s.grid == nil {
		return nil
	}
	_, err := s.grid.WriteTo(outWriter{s.out})
	return err
}

func (s *tableSink) close() error {
	if s.grid == nil {
		return nil
	}
	return s.grid.Close()
}

// write writes one row. In CSV it goes out at once.
func (s *tableSink) write(cells []string) error {
	if s.grid != nil {
		return s.grid.Row(cells)
	}
	s.line.Reset()
	if err := s.csv.Write(cells); err != nil {
		return err
	}
	s.csv.Flush()
	line, err := s.p.charset.Encode([]byte(s.line.String()))
	if err != nil {
		return err
	}
	return s.out.Write(line)
}

// outWriter is an output as an io.Writer.
type outWriter struct{ out *order.Output }

func (w outWriter) Write(b []byte) (int, error) {
	if err := w.out.Write(b); err != nil {
		return 0, err
	}
	return len(b), nil
}
