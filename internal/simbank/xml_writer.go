package simbank

// xmlWriter appends elements without blanks; values are escaped.
type xmlWriter struct{ out []byte }

func newXML(space string, size int) *xmlWriter {
	w := &xmlWriter{out: make([]byte, 0, size)}
	w.out = append(w.out, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+`<Document xmlns="`+space+`">`...)
	return w
}

func (w *xmlWriter) bytes() []byte { return append(w.out, "</Document>\n"...) }

// in writes <a><b>…, runs inside, and closes in reverse order.
func (w *xmlWriter) in(name string, inside func()) {
	w.out = append(append(append(w.out, '<'), name...), '>')
	inside()
	w.out = append(append(append(w.out, '<', '/'), name...), '>')
}

func (w *xmlWriter) leaf(name, value string) {
	w.out = append(append(append(w.out, '<'), name...), '>')
	w.text(value)
	w.out = append(append(append(w.out, '<', '/'), name...), '>')
}

func (w *xmlWriter) amount(name string, f Fen) {
	w.out = append(append(append(w.out, '<'), name...), ` Ccy="`+currencyLabel+`">`...)
	w.out = f.append(w.out)
	w.out = append(append(append(w.out, '<', '/'), name...), '>')
}

func (w *xmlWriter) text(s string) {
	for i := range len(s) {
		switch s[i] {
		case '&':
			w.out = append(w.out, "&amp;"...)
		case '<':
			w.out = append(w.out, "&lt;"...)
		case '>':
			w.out = append(w.out, "&gt;"...)
		default:
			w.out = append(w.out, s[i])
		}
	}
}
