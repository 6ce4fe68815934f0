package simbank

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// elements is the form of XML with a head and one element for each row.
func elements() form { return form{read: readTree, write: writeTree} }

// treeReader gathers the leaves of a file by their paths below the root.
type treeReader struct {
	layout *layout
	dec    *xml.Decoder
	path   []string
	text   strings.Builder
	leaf   bool
	ended  bool // the root is closed
	head   map[string]string
	row    map[string]string
	g      grid
}

// readTree takes the elements of the layout, each exactly once, in any order;
// one that the layout does not name is refused.
func readTree(l *layout, raw []byte, r *refusals) (grid, bool) {
	text, ok := decodeGBK(raw, r)
	if !ok {
		return grid{}, false
	}
	if !strings.HasPrefix(text, `<?xml version="1.0" encoding="GBK"?>`) {
		r.add(1, refuseFormat, "XML声明的编码应为GBK")
		return grid{}, false
	}
	t := treeReader{layout: l, dec: xml.NewDecoder(strings.NewReader(text)), head: map[string]string{}}
	t.dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // decoded above
	if err := t.all(); err != nil {
		line, _ := t.dec.InputPos()
		why, deviated := errors.AsType[guideError](err)
		if !deviated {
			why = "不是完整有效的XML"
		}
		r.add(line, refuseFormat, string(why))
		return grid{}, false
	}
	var err error
	if t.g.head, err = inOrder(l.head, t.head); err != nil {
		r.add(0, refuseFormat, err.Error())
	}
	return t.g, !r.any()
}

func (t *treeReader) all() error {
	for {
		token, err := t.dec.Token()
		if errors.Is(err, io.EOF) {
			return t.between()
		}
		if err != nil {
			return err
		}
		if err := t.take(token); err != nil {
			return err
		}
	}
}

func (t *treeReader) take(token xml.Token) error {
	switch x := token.(type) {
	case xml.StartElement:
		return t.start(x)
	case xml.EndElement:
		return t.end()
	case xml.CharData:
		t.text.Write(x)
	case xml.Comment, xml.Directive:
		return deviates("不允许注释或文档类型声明")
	}
	return nil
}

func (t *treeReader) start(x xml.StartElement) error {
	if len(x.Attr) > 0 || x.Name.Space != "" {
		return deviates("%s不应有属性或命名空间", x.Name.Local)
	}
	if len(t.path) == 0 && (t.ended || x.Name.Local != t.layout.root) {
		return deviates("根元素应为一个%s", t.layout.root)
	}
	if err := t.between(); err != nil {
		return err
	}
	t.path = append(t.path, x.Name.Local)
	t.text.Reset()
	t.leaf = true
	if t.at() == t.layout.row {
		t.row = map[string]string{}
	}
	return nil
}

// at is the path below the root.
func (t *treeReader) at() string { return strings.Join(t.path[1:], "/") }

func (t *treeReader) end() error {
	at, leaf := t.at(), t.leaf
	t.path, t.leaf = t.path[:len(t.path)-1], false
	t.ended = len(t.path) == 0
	if !leaf {
		if err := t.between(); err != nil {
			return err
		}
	}
	text := t.text.String()
	t.text.Reset()
	switch {
	case at == t.layout.row:
		line, _ := t.dec.InputPos()
		row, err := inOrder(t.layout.each, t.row)
		t.g.rows, t.g.at, t.row = append(t.g.rows, row), append(t.g.at, line), nil
		return err
	case !leaf:
		return nil
	case t.row != nil:
		return put(t.row, strings.TrimPrefix(at, t.layout.row+"/"), text)
	}
	return put(t.head, at, text)
}

// between refuses text between elements.
func (t *treeReader) between() error {
	if strings.TrimSpace(t.text.String()) != "" {
		return deviates("元素之间有多余的文字")
	}
	return nil
}

func put(values map[string]string, at, value string) error {
	if _, twice := values[at]; twice {
		return deviates("%s出现两次", at)
	}
	values[at] = value
	return nil
}

// inOrder lists the values in the order of the cells.
func inOrder(want []cell, values map[string]string) ([]string, error) {
	out := make([]string, len(want))
	for i, c := range want {
		value, ok := values[c.place]
		if !ok {
			return out, deviates("缺少%s", c.place)
		}
		out[i] = value
		delete(values, c.place)
	}
	for at := range values {
		return out, deviates("不应有%s", at)
	}
	return out, nil
}

func writeTree(l *layout, charset string, g grid) string {
	w := treeWriter{}
	w.out = append(w.out, `<?xml version="1.0" encoding="`+charset+"\"?>\n<"+l.root+">"...)
	w.leaves(nil, l.head, g.head)
	at := strings.Split(l.row, "/")
	for _, row := range g.rows {
		w.to(at[:len(at)-1]) // each row is an element of its own
		w.leaves(at, l.each, row)
	}
	w.leaves(nil, l.tail, g.tail)
	w.to(nil)
	return string(w.out) + "</" + l.root + ">\n"
}

// treeWriter is an xmlWriter that knows which elements are open.
type treeWriter struct {
	xmlWriter
	open []string
}

func (w *treeWriter) leaves(below []string, layout []cell, values []string) {
	for i, c := range layout {
		path := append(append([]string{}, below...), strings.Split(c.place, "/")...)
		w.to(path[:len(path)-1])
		w.leaf(path[len(path)-1], values[i])
	}
}

// to closes what is not on the path and opens the rest of it.
func (w *treeWriter) to(path []string) {
	same := 0
	for same < min(len(path), len(w.open)) && path[same] == w.open[same] {
		same++
	}
	for i := len(w.open) - 1; i >= same; i-- {
		w.out = append(w.out, "</"+w.open[i]+">"...)
	}
	for _, name := range path[same:] {
		w.out = append(w.out, "<"+name+">"...)
	}
	w.open = append([]string{}, path...)
}
