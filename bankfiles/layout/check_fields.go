package layout

import (
	"fmt"
	"slices"
	"strings"
)

func (c *checker) section(s section) {
	if s == rows && len(c.p.Rows) == 0 {
		c.missing("rows")
	}
	seen, width := map[string]bool{}, 0
	for i, f := range c.p.fields(s) {
		path := fmt.Sprintf("%s[%d]", s, i+1)
		if f == nil { // reported as a value of another type
			c.p.fields(s)[i] = &Field{}
			continue
		}
		c.field(s, f, path)
		if f.Value != "" && f.Value != "none" && seen[f.Value] {
			c.at(path+".value", f.Value, "BANKFILE_YAML_TWICE")
		}
		seen[f.Value] = true
		width = min(width+max(f.Width, 0), 2*MaxLine)
	}
	if width > MaxLine {
		c.at(string(s), "", "BANKFILE_YAML_LINE_LONG", "limit", MaxLine)
	}
}

func (c *checker) field(s section, f *Field, path string) {
	switch m, known := meanings[f.Value]; {
	case (f.Value == "") == (f.Text == ""):
		c.at(path, "", "BANKFILE_YAML_VALUE_OR_TEXT")
	case f.Value == "":
	case !known:
		c.at(path+".value", f.Value, "BANKFILE_YAML_VALUE", "want", vocabulary(s))
	case s == rows && !m.inRow || s != rows && !m.inHead:
		c.at(path+".value", f.Value, "BANKFILE_YAML_PLACE", "section", string(s))
	case c.p.Writes() && m.write == nil:
		c.at(path+".value", f.Value, "BANKFILE_YAML_NOT_WITH", "with", "kind: instruction")
	default:
		f.means = m
	}
	f.needed = f.Required || !f.Optional && (counted[f.Value] || f.Value == "amount")
	c.units(f, path)
	c.room(f, path)
}

// vocabulary lists the words that a section knows.
func vocabulary(s section) string {
	var out []string
	for word, m := range meanings {
		if s == rows && m.inRow || s != rows && m.inHead {
			out = append(out, word)
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func (c *checker) units(f *Field, path string) {
	is := func(n nature) bool { return f.means != nil && f.means.nature == n }
	c.only(path+".unit", f.Unit != "", f.means == nil && f.Value != "" || is(amount), "value: "+f.Value)
	c.only(path+".dates", f.Dates != "", f.means == nil && f.Value != "" || is(date), "value: "+f.Value)
	c.only(path+".optional", f.Optional, is(number) || is(amount) || is(date) || c.p.Form == Table, "value: "+f.Value)
	c.oneOf(path+".unit", f.Unit, "", "yuan", "fen")
	if f.Unit == "" {
		f.Unit = c.p.Unit
	}
	from, at := f.Dates, path+".dates"
	if from == "" {
		from, at = c.p.Dates, "dates"
	}
	var ok bool
	if f.date, ok = dateLayout(from); !ok && (f.Dates != "" || is(date)) {
		c.at(at, from, "BANKFILE_YAML_DATES")
	}
}

// room checks what says where a cell stands and how much it holds.
func (c *checker) room(f *Field, path string) {
	form, with := c.p.Form, "form: "+string(c.p.Form)
	c.only(path+".width", f.Width != 0, form == Fixed, with)
	c.only(path+".align", f.Align != "", form == Fixed, with)
	c.only(path+".pad", f.Pad != "", form == Fixed, with)
	c.only(path+".max", f.Max != 0, form != Fixed, with)
	c.only(path+".title", f.Title != "", form == Table, with)
	c.only(path+".also", f.Also != nil, form == Table, with)
	c.only(path+".element", f.Element != "", form == XML, with)
	c.oneOf(path+".align", f.Align, "", "left", "right")
	switch {
	case form == Fixed && (f.Width <= 0 || f.Width > MaxLine):
		c.at(path+".width", fmt.Sprint(f.Width), "BANKFILE_YAML_POSITIVE")
	case form == Table && f.Title == "":
		c.missing(path + ".title")
	case form == XML && !elementPath.MatchString(f.Element):
		c.missing(path + ".element")
	case f.Max < 0:
		c.at(path+".max", fmt.Sprint(f.Max), "BANKFILE_YAML_POSITIVE")
	}
	if f.Pad != "" && (len(f.Pad) != 1 || f.Pad[0] < ' ' || f.Pad[0] > '~') {
		c.at(path+".pad", f.Pad, "BANKFILE_YAML_PAD")
	}
	c.pad(f, path)
}

// pad fills in how a cell of fixed width is padded: texts on the right with
// blanks, numbers and amounts on the left with zeros.
func (c *checker) pad(f *Field, path string) {
	if c.p.Form != Fixed {
		return
	}
	numeric := f.means != nil && (f.means.nature == amount || f.means.nature == number)
	if f.Align == "" {
		f.Align = map[bool]string{true: "right", false: "left"}[numeric]
	}
	if f.Pad == "" {
		f.Pad = map[bool]string{true: "0", false: " "}[numeric && f.Align == "right"]
	}
	if f.Pad == "0" && (!numeric || f.Align == "left") {
		c.at(path+".pad", f.Pad, "BANKFILE_YAML_PAD_ZERO") // who could tell which zeros are meant?
	}
	if width, err := c.p.charset.Encode([]byte(f.Text)); err != nil || len(width) > f.Width {
		c.at(path+".text", f.Text, "BANKFILE_YAML_WIDE", "width", f.Width)
	}
}
