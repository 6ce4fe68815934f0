package layout

import (
	"io"
	"strings"

	"fenlu/bankfiles/record"
	"fenlu/bankfiles/xmlscan"
)

// xmlFile is a file of one head and one element for each row.
type xmlFile struct {
	*body
	in    *xmlscan.Scanner
	texts map[section][]string
	at    record.Position // of the root
}

func readXML(b *body, r io.Reader) error {
	f := &xmlFile{body: b, in: xmlscan.New(r), texts: map[section][]string{}}
	f.texts[header], f.texts[trailer] = make([]string, len(b.p.Header)), make([]string, len(b.p.Trailer))
	kind, err := f.in.Next()
	if err != nil {
		return err
	}
	f.at = f.in.Here()
	if root := strings.Trim(f.at.Path, "/"); kind != xmlscan.TokenStart || root != b.p.XML.Root {
		return f.at.Fault("BANKFILE_LINE_MARK", "want", b.p.XML.Root, "got", record.Clip(root))
	}
	if err := f.children(""); err != nil {
		return err
	}
	if _, err := f.in.Next(); err != nil { // nothing may follow the root
		return err
	}
	if err := f.headDone(); err != nil {
		return err
	}
	return f.section(trailer, f.in.Here(), f.texts[trailer])
}

// children reads the elements below a path, which is "" or ends in '/'.
func (f *xmlFile) children(path string) error {
	return f.in.Children(func(name string) error {
		at := path + name
		if at == f.p.XML.Row {
			return f.element()
		}
		for _, s := range []section{header, trailer} {
			if i := elementOf(f.p.fields(s), at); i >= 0 {
				return f.headLeaf(s, i)
			}
		}
		return f.children(at + "/")
	})
}

// headLeaf reads a value of the head or of what follows the rows. One of the
// head that comes after the first row is compared all the same.
func (f *xmlFile) headLeaf(s section, i int) error {
	at, late := f.in.Here(), s == header && f.begun
	if err := f.leaf(&f.texts[s][i]); err != nil || !late {
		return err
	}
	return f.headCell(s, f.p.Header[i], at, f.texts[s][i])
}

// leaf reads a value. Two that differ are a contradiction: which one is meant
// is not for us to say.
func (f *xmlFile) leaf(to *string) error {
	at := f.in.Here()
	text, err := f.in.Leaf()
	if err != nil || text == "" {
		return err
	}
	if *to != "" && *to != text {
		return at.Fault("BANKFILE_VALUE_TWICE", "stated", record.Clip(*to), "found", record.Clip(text))
	}
	*to = text
	return nil
}

// headDone takes the head, which is complete when the first row begins.
func (f *xmlFile) headDone() error {
	if f.begun {
		return nil
	}
	if err := f.section(header, f.at, f.texts[header]); err != nil {
		return err
	}
	return f.begin()
}

// element reads one row.
func (f *xmlFile) element() error {
	if err := f.headDone(); err != nil {
		return err
	}
	at, cells := f.in.Here(), make([]string, len(f.p.Rows))
	if err := f.leaves("", cells); err != nil {
		return err
	}
	return f.row(at, cells)
}

func (f *xmlFile) leaves(path string, cells []string) error {
	return f.in.Children(func(name string) error {
		if i := elementOf(f.p.Rows, path+name); i >= 0 {
			return f.leaf(&cells[i])
		}
		return f.leaves(path+name+"/", cells)
	})
}

func elementOf(fields []*Field, path string) int {
	for i, c := range fields {
		if c.Element == path {
			return i
		}
	}
	return -1
}
