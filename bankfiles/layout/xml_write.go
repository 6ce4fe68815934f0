package layout

import (
	"strings"

	"fenlu/bankfiles/order"
)

// xmlSink writes a head, one element for each row, and what follows. Elements
// stand in the order of the profile; paths that follow each other share the
// elements they have in common.
type xmlSink struct {
	p    *Profile
	out  *order.Output
	open []string // elements that are open, below the root
	buf  []byte
}

func (s *xmlSink) begin(w *writing) error {
	s.buf = append(s.buf, `<?xml version="1.0" encoding="`+s.p.Encoding+"\"?>\n<"+s.p.XML.Root+">"...)
	return s.section(s.p.Header, "", w)
}

func (s *xmlSink) row(w *writing) error {
	at := strings.Split(s.p.XML.Row, "/")
	s.to(at[:len(at)-1]) // each row is an element of its own
	return s.section(s.p.Rows, s.p.XML.Row, w)
}

func (s *xmlSink) end(w *writing) error {
	if err := s.section(s.p.Trailer, "", w); err != nil {
		return err
	}
	s.to(nil)
	s.buf = append(s.buf, "</"+s.p.XML.Root+">\n"...)
	return s.flush()
}

func (s *xmlSink) close() error { return nil }

func (s *xmlSink) section(fields []*Field, below string, w *writing) error {
	for _, f := range fields {
		path := strings.Split(strings.TrimPrefix(below+"/"+f.Element, "/"), "/")
		s.to(path[:len(path)-1])
		text := f.cell(nil, w)
		if f.Max > 0 {
			if encoded, err := s.p.charset.Encode(text); err == nil && len(encoded) > f.Max {
				return f.wide(w, f.Max, len(encoded))
			}
		}
		name := path[len(path)-1]
		s.buf = append(s.buf, "<"+name+">"...)
		s.buf = escape(s.buf, text)
		s.buf = append(s.buf, "</"+name+">"...)
	}
	return s.flush()
}

// to closes and opens elements until just the path is open.
func (s *xmlSink) to(path []string) {
	same := 0
	for same < len(path) && same < len(s.open) && path[same] == s.open[same] {
		same++
	}
	for i := len(s.open) - 1; i >= same; i-- {
		s.buf = append(s.buf, "</"+s.open[i]+">"...)
	}
	for _, name := range path[same:] {
		s.buf = append(s.buf, "<"+name+">"...)
	}
	s.open = append(s.open[:same], path[same:]...)
}

func (s *xmlSink) flush() error {
	line, err := s.p.charset.Encode(s.buf)
	s.buf = s.buf[:0]
	if err != nil {
		return err
	}
	return s.out.Write(line)
}

func escape(dst, text []byte) []byte {
	for _, c := range text {
		switch c {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
