package simbank

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// element is one element of a message guide (报文使用指南): what may stand where,
// how often and in which order. Elements that a schema allows but the guide does
// not list are refused, as banks do.
type element struct {
	name     string
	min, max int // max 0 means any number
	kids     []*element
	oneOf    bool // exactly one of kids
	attr     string
	text     func(d *draft, value string, at int)
	attrText func(d *draft, value string, at int)
	begin    func(d *draft, at int)
}

// frame is an open element during reading.
type frame struct {
	el    *element
	at    int // index of the last child seen
	count int // how often it was seen; 0 at the start
	kids  int // all children seen
	text  []byte
}

// guideReader checks a message against a guide in one pass and hands the values
// to the draft.
type guideReader struct {
	dec   *xml.Decoder
	stack []frame
	draft *draft
	space string
	root  *element
	ended bool
}

// guideError says in Chinese where a message leaves the guide.
type guideError string

func (e guideError) Error() string { return string(e) }

func deviates(format string, args ...any) error {
	return guideError(fmt.Sprintf(format, args...))
}

// read walks the whole message. The raw tokens are used because they are faster
// and hide nothing; nesting, name space and attributes are checked here.
func (g *guideReader) read(raw []byte) (line int, err error) {
	g.dec = xml.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := g.dec.RawToken()
		line, _ = g.dec.InputPos()
		switch {
		case errors.Is(err, io.EOF) && g.ended:
			return line, nil
		case errors.Is(err, io.EOF):
			return line, deviates("报文不完整")
		case err != nil:
			return line, err
		}
		if err := g.take(token, line); err != nil {
			return line, err
		}
	}
}

func (g *guideReader) take(token xml.Token, line int) error {
	switch t := token.(type) {
	case xml.StartElement:
		return g.start(t, line)
	case xml.EndElement:
		return g.end(t, line)
	case xml.CharData:
		return g.chars(t)
	case xml.ProcInst:
		if t.Target != "xml" || len(g.stack) > 0 || g.ended {
			return deviates("不允许处理指令")
		}
		return nil
	default:
		return deviates("不允许注释或文档类型声明")
	}
}

func (g *guideReader) start(t xml.StartElement, line int) error {
	el, err := g.enter(t.Name)
	if err != nil {
		return err
	}
	if len(g.stack) == 0 {
		err = g.rootAttrs(t.Attr)
	} else {
		err = g.attrs(el, t.Attr, line)
	}
	if err != nil {
		return err
	}
	if el.begin != nil {
		el.begin(g.draft, line)
	}
	g.stack = append(g.stack, frame{el: el, text: g.reuse()})
	return nil
}

// reuse takes the text buffer of the frame that was last closed at this depth.
func (g *guideReader) reuse() []byte {
	if n := len(g.stack); n < cap(g.stack) {
		return g.stack[:n+1][n].text[:0]
	}
	return nil
}

func (g *guideReader) enter(name xml.Name) (*element, error) {
	if name.Space != "" {
		return nil, deviates("不允许使用前缀%s", name.Space)
	}
	if len(g.stack) == 0 {
		if g.ended || name.Local != g.root.name {
			return nil, deviates("根元素应为一个%s", g.root.name)
		}
		return g.root, nil
	}
	return g.stack[len(g.stack)-1].child(name.Local)
}

// child moves to the named child, which must not stand before the last one seen.
func (f *frame) child(name string) (*element, error) {
	f.kids++
	if f.el.oneOf && f.kids > 1 {
		return nil, deviates("%s只能含一个子元素", f.el.name)
	}
	for i := f.at; i < len(f.el.kids); i++ {
		kid := f.el.kids[i]
		if kid.name != name {
			if err := f.leave(i); err != nil {
				return nil, err
			}
			continue
		}
		if i != f.at {
			f.at, f.count = i, 0
		}
		f.count++
		if kid.max > 0 && f.count > kid.max {
			return nil, deviates("%s多于%d个", name, kid.max)
		}
		return kid, nil
	}
	return nil, deviates("%s中不应有%s，或顺序错误", f.el.name, name)
}

// leave passes over child i for good; it must have been there if it is required.
func (f *frame) leave(i int) error {
	kid := f.el.kids[i]
	seen := 0
	if i == f.at {
		seen = f.count
	}
	if !f.el.oneOf && seen < kid.min {
		return deviates("%s缺少%s", f.el.name, kid.name)
	}
	return nil
}

func (g *guideReader) rootAttrs(attrs []xml.Attr) error {
	spaces := 0
	for _, a := range attrs {
		switch {
		case a.Name.Space == "" && a.Name.Local == "xmlns" && a.Value == g.space:
			spaces++
		case a.Name.Space == "xmlns" && a.Name.Local == "xsi":
		case a.Name.Space == "xsi" && a.Name.Local == "schemaLocation":
		default:
			return deviates("根元素的命名空间应为%s", g.space)
		}
	}
	if spaces != 1 {
		return deviates("根元素的命名空间应为%s", g.space)
	}
	return nil
}

func (g *guideReader) attrs(el *element, attrs []xml.Attr, line int) error {
	want := 0
	if el.attr != "" {
		want = 1
	}
	if len(attrs) != want || want == 1 && (attrs[0].Name.Space != "" || attrs[0].Name.Local != el.attr) {
		return deviates("%s的属性错误", el.name)
	}
	if want == 1 {
		el.attrText(g.draft, attrs[0].Value, line)
	}
	return nil
}

func (g *guideReader) end(t xml.EndElement, line int) error {
	if len(g.stack) == 0 {
		return deviates("多余的结束标签")
	}
	f := &g.stack[len(g.stack)-1]
	if t.Name.Local != f.el.name || t.Name.Space != "" {
		return deviates("%s没有结束", f.el.name)
	}
	if err := f.finish(g.draft, line); err != nil {
		return err
	}
	g.stack = g.stack[:len(g.stack)-1]
	g.ended = len(g.stack) == 0
	return nil
}

func (f *frame) finish(d *draft, line int) error {
	if f.el.kids == nil {
		value := string(f.text)
		if value == "" || strings.ContainsFunc(value, unicode.IsControl) {
			return deviates("%s为空或含有控制字符", f.el.name)
		}
		if f.el.text != nil {
			f.el.text(d, value, line)
		}
		return nil
	}
	if f.el.oneOf && f.kids == 0 {
		return deviates("%s为空", f.el.name)
	}
	for i := f.at; i < len(f.el.kids); i++ {
		if err := f.leave(i); err != nil {
			return err
		}
	}
	return nil
}

func (g *guideReader) chars(text xml.CharData) error {
	if len(g.stack) > 0 {
		if f := &g.stack[len(g.stack)-1]; f.el.kids == nil {
			f.text = append(f.text, text...)
			return nil
		}
	}
	if len(bytes.Trim(text, " \t\r\n")) > 0 {
		return deviates("元素之间有多余的文字")
	}
	return nil
}
