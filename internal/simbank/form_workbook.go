package simbank

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// workbook is the form of a table under titles: read as XLSX (ECMA-376), written
// as CSV.
func workbook() form { return form{read: readWorkbook, write: writeTable} }

// maxPart bounds what a part of a workbook unpacks to.
const maxPart = 64 << 20

// sheet is what matters of xl/worksheets/sheet1.xml.
type sheet struct {
	Rows []struct {
		Cells []struct {
			Ref    string   `xml:"r,attr"`
			Type   string   `xml:"t,attr"`
			Value  string   `xml:"v"`
			Inline []string `xml:"is>t"`
		} `xml:"c"`
	} `xml:"sheetData>row"`
}

// shared is xl/sharedStrings.xml.
type shared struct {
	Texts []struct {
		Text []string `xml:"t"`
	} `xml:"si"`
}

// readWorkbook takes a first sheet of texts: the titles, then the rows, nothing else.
func readWorkbook(l *layout, raw []byte, r *refusals) (grid, bool) {
	var s sheet
	var texts shared
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err == nil {
		err = part(z, "xl/worksheets/sheet1.xml", &s)
	}
	if err != nil {
		r.add(0, refuseFormat, "不是有效的工作簿")
		return grid{}, false
	}
	if err := part(z, "xl/sharedStrings.xml", &texts); err != nil {
		texts = shared{} // a workbook of inline texts has none
	}
	var g grid
	for n, row := range s.Rows {
		values := make([]string, len(l.each))
		for i, c := range row.Cells {
			text, ok := texts.of(c.Type, c.Value, c.Inline)
			if want := fmt.Sprintf("%c%d", 'A'+i, n+1); i >= len(values) || !ok || c.Ref != want {
				r.add(n+1, refuseFormat, "多余的单元格、空行，或单元格不是文本")
				return grid{}, false
			}
			values[i] = text
		}
		if n == 0 {
			l.checkTitles(values, r)
			continue
		}
		g.rows, g.at = append(g.rows, values), append(g.at, n+1)
	}
	return g, !r.any()
}

func (l *layout) checkTitles(found []string, r *refusals) {
	for i, c := range l.each {
		if found[i] != c.place {
			r.add(1, refuseFormat, "第"+decimal(i+1)+"列的标题应为"+c.place)
		}
	}
}

// of is the text of a cell; numbers are refused, for they lose leading zeros.
func (s *shared) of(kind, value string, inline []string) (string, bool) {
	switch kind {
	case "inlineStr":
		return strings.Join(inline, ""), true
	case "s":
		if n, ok := parseCount(value); ok && n < len(s.Texts) {
			return strings.Join(s.Texts[n].Text, ""), true
		}
	case "str":
		return value, true
	}
	return "", false
}

func part(z *zip.Reader, name string, into any) error {
	f, err := z.Open(name)
	if err != nil {
		return err
	}
	return xml.NewDecoder(io.LimitReader(f, maxPart)).Decode(into)
}

// writeTable writes labels with their values, titles, rows, and labels again; no
// text of the bank holds a comma or a quote.
func writeTable(l *layout, _ string, g grid) string {
	var out lines
	label := func(cells []cell, values []string) {
		for i, c := range cells {
			out.row(c.place, values[i])
		}
	}
	label(l.head, g.head)
	titles := make([]string, len(l.each))
	for i, c := range l.each {
		titles[i] = c.place
	}
	out.row(titles...)
	for _, row := range g.rows {
		out.row(row...)
	}
	label(l.tail, g.tail)
	return out.out.String()
}
