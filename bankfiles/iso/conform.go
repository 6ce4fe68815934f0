package iso

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"

	"fenlu/bankfiles/record"
	"fenlu/bankfiles/xmlscan"
)

// conformity notes where a message deviates from its schema: what stands where
// it should not, what is missing, what no value of its type can be. It stops
// nothing and changes nothing; each deviation is a warning with its place.
type conformity struct {
	in    *xmlscan.Scanner
	out   *record.Out
	stack []standing
	text  []byte
	valid []string // by facets, the last value that was found right
	err   error
}

// standing is an open element: how far its parts have come.
type standing struct {
	of    *schemaType // nil: nothing is known of it
	pos   int
	count int  // of the part at pos
	stray bool // text was found between its parts
}

func (c *conformity) warn(code string, args ...any) {
	if c.err == nil {
		c.err = c.out.Warn(c.in.Here(), code, args...)
	}
}

// Open takes the next element.
func (c *conformity) Open(name string) error {
	c.text = c.text[:0]
	var of *schemaType
	if top := c.top(); top != nil && top.of != nil && !top.of.any {
		of = c.place(top, name)
	}
	c.stack = append(c.stack, standing{of: of})
	if of != nil && of.currency != nil {
		if ccy := c.in.Attr("Ccy"); !c.right(of.currency, []byte(ccy)) {
			c.warn("BANKFILE_WARN_XSD_VALUE", "name", name+"/@Ccy", "length", len(ccy))
		}
	}
	return c.err
}

func (c *conformity) top() *standing {
	if len(c.stack) == 0 {
		return nil
	}
	return &c.stack[len(c.stack)-1]
}

// place finds the element among the parts of its parent, from where they have
// come on, and says what was passed over or stands too late.
func (c *conformity) place(s *standing, name string) *schemaType {
	parts := s.of.parts
	at := -1
	for i := s.pos; i < len(parts) && at < 0; i++ {
		if parts[i].name == name {
			at = i
		}
	}
	if at < 0 || s.of.choice && s.count > 0 && at != s.pos {
		c.warn("BANKFILE_WARN_XSD_ELEMENT", "name", record.Clip(name))
		for i := range parts {
			if parts[i].name == name {
				return parts[i].of
			}
		}
		return nil
	}
	if at != s.pos {
		if !s.of.choice {
			c.missing(s, at)
		}
		s.pos, s.count = at, 0
	}
	if s.count++; s.count == parts[at].max+1 {
		c.warn("BANKFILE_WARN_XSD_ELEMENT", "name", name)
	}
	return parts[at].of
}

// missing names the parts before end that must be there and are not.
func (c *conformity) missing(s *standing, end int) {
	for i := s.pos; i < end; i++ {
		count := 0
		if i == s.pos {
			count = s.count
		}
		if count < s.of.parts[i].min {
			c.warn("BANKFILE_WARN_XSD_MISSING", "name", s.of.parts[i].name)
		}
	}
}

// Text takes text, of an element or between elements.
func (c *conformity) Text(b []byte) error {
	top := c.top()
	switch {
	case top == nil || top.of == nil:
	case top.of.value != nil:
		c.text = append(c.text, b...)
	case !top.stray && !top.of.any && len(bytes.TrimLeft(b, " \t\r\n")) > 0:
		top.stray = true
		c.warn("BANKFILE_WARN_XSD_TEXT")
	}
	return c.err
}

// Close ends the element last opened; it is still the scanner's place.
func (c *conformity) Close() {
	top := c.top()
	if top == nil {
		return
	}
	if t := top.of; t != nil {
		switch {
		case t.value != nil:
			if !c.right(t.value, c.text) {
				c.warn("BANKFILE_WARN_XSD_VALUE", "name", c.in.Name(), "length", utf8.RuneCount(c.text))
			}
		case !t.choice:
			c.missing(top, len(t.parts))
		case top.count == 0:
			c.warn("BANKFILE_WARN_XSD_MISSING", "name", t.parts[0].name)
		}
	}
	c.stack = c.stack[:len(c.stack)-1]
	c.text = c.text[:0]
}

// right says whether a value is one of its type. The same value again is known.
func (c *conformity) right(f *facets, value []byte) bool {
	for len(c.valid) <= f.id {
		c.valid = append(c.valid, "")
	}
	if len(value) > 0 && c.valid[f.id] == string(value) {
		return true
	}
	if !f.allows(value) {
		return false
	}
	if len(value) <= 10 && f.base != "xs:string" || f.pattern != nil || f.enum != nil {
		c.valid[f.id] = string(value)
	}
	return true
}

func (f *facets) allows(value []byte) bool {
	if f.base != "xs:string" {
		return f.isKind(strings.TrimSpace(string(value)))
	}
	n := len(value)
	if n > f.maxLen || n < f.minLen {
		n = utf8.RuneCount(value)
	}
	return n >= f.minLen && n <= f.maxLen && (f.enum == nil || f.enum[string(value)]) && (f.pattern == nil || f.pattern.Match(value))
}

// isKind is for values that are no text.
func (f *facets) isKind(v string) bool {
	switch f.base {
	case "xs:decimal":
		return f.isDecimal(v)
	case "xs:boolean":
		return v == "true" || v == "false" || v == "1" || v == "0"
	case "xs:date":
		return isTime(v, "2006-01-02")
	case "xs:dateTime":
		return isTime(v, "2006-01-02T15:04:05")
	case "xs:gYearMonth":
		return isTime(v, "2006-01")
	}
	return true
}

// isTime takes a time zone or none, and parts of a second.
func isTime(v, layout string) bool {
	if _, err := time.Parse(layout, v); err == nil {
		return true
	}
	_, err := time.Parse(layout+"Z07:00", v)
	return err == nil
}

func (f *facets) isDecimal(v string) bool {
	a, ok := record.ParseAmount(v)
	if !ok || f.nonNegative && a.Negative() {
		return false
	}
	whole, frac, _ := strings.Cut(strings.TrimLeft(v, "+-"), ".")
	whole, frac = strings.TrimLeft(whole, "0"), strings.TrimRight(frac, "0")
	return (f.digits < 0 || len(whole)+len(frac) <= f.digits) && (f.fraction < 0 || len(frac) <= f.fraction)
}
