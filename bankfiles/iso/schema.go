package iso

import (
	"embed"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"fenlu/bankfiles/record"
	"fenlu/bankfiles/xmlscan"
)

// The schemas of the messages, as published: of the part of XML Schema that
// ISO 20022 uses, this file knows all.
//
//go:embed xsd/*.xsd
var published embed.FS

// schemas are read when a message of theirs comes for the first time.
var schemas = func() map[string]func() *schemaType {
	all := map[string]func() *schemaType{}
	files, _ := published.ReadDir("xsd") // embedded
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".xsd")
		all[name] = sync.OnceValue(func() *schemaType { return loadSchema(name) })
	}
	return all
}()

// schemaType is a type of elements: a sequence or choice of others, or a value,
// perhaps with a currency.
type schemaType struct {
	parts    []part
	choice   bool
	any      bool
	value    *facets
	currency *facets
	base     string // of a value with an attribute, until it is looked up
	ccy      string
}

// part is an element of a sequence or choice.
type part struct {
	name     string
	typeName string
	of       *schemaType
	min, max int
}

const unbounded = 1 << 30

// facets are what a schema asks of a value.
type facets struct {
	id               int // among those of its schema
	base             string
	minLen, maxLen   int
	pattern          *regexp.Regexp
	enum             map[string]bool
	digits, fraction int // -1 where not limited
	nonNegative      bool
}

// loadSchema is the type of Document; nil if the schema cannot be read, which a
// test excludes.
func loadSchema(name string) *schemaType {
	f, err := published.Open("xsd/" + name + ".xsd")
	if err != nil {
		return nil
	}
	in := xmlscan.New(f)
	if _, err := in.Next(); err != nil {
		return nil
	}
	l := &schemaLoader{in: in, types: map[string]*schemaType{}}
	if err := in.Children(l.declaration); err != nil {
		return nil
	}
	for _, t := range l.types {
		for i := range t.parts {
			t.parts[i].of = l.types[t.parts[i].typeName]
		}
		if t.base != "" {
			t.value = l.types[t.base].value
		}
		if t.ccy != "" {
			t.currency = l.types[t.ccy].value
		}
	}
	return l.types["Document"]
}

type schemaLoader struct {
	in    *xmlscan.Scanner
	types map[string]*schemaType
	n     int
}

func (l *schemaLoader) declaration(kind string) error {
	t := &schemaType{}
	switch kind {
	case "complexType":
		l.types[l.in.Attr("name")] = t
		return l.in.Children(func(name string) error { return l.content(t, name) })
	case "simpleType":
		l.types[l.in.Attr("name")] = t
		return l.in.Children(func(string) error { return l.restriction(t) })
	}
	return nil
}

func (l *schemaLoader) content(t *schemaType, kind string) error {
	switch kind {
	case "sequence", "choice", "simpleContent":
		t.choice = kind == "choice"
		return l.in.Children(func(name string) error { return l.content(t, name) })
	case "any":
		t.any = true
	case "element":
		t.parts = append(t.parts, part{
			name: l.in.Attr("name"), typeName: l.in.Attr("type"), min: occurs(l.in.Attr("minOccurs")), max: occurs(l.in.Attr("maxOccurs")),
		})
	case "extension":
		t.base = l.in.Attr("base")
		return l.in.Children(func(string) error {
			t.ccy = l.in.Attr("type")
			return nil
		})
	}
	return nil
}

func occurs(s string) int {
	switch s {
	case "":
		return 1
	case "unbounded":
		return unbounded
	}
	n, _ := strconv.Atoi(s) // published schemas have numbers
	return n
}

func (l *schemaLoader) restriction(t *schemaType) error {
	f := &facets{id: l.n, base: l.in.Attr("base"), maxLen: unbounded, digits: -1, fraction: -1}
	l.n++
	t.value = f
	return l.in.Children(func(name string) error {
		value := l.in.Attr("value")
		n, _ := strconv.Atoi(value) // where it is a number
		switch name {
		case "minLength":
			f.minLen = n
		case "maxLength":
			f.maxLen = n
		case "totalDigits":
			f.digits = n
		case "fractionDigits":
			f.fraction = n
		case "minInclusive":
			f.nonNegative = true
		case "pattern":
			f.pattern = regexp.MustCompile("^(?:" + value + ")$")
		case "enumeration":
			if f.enum == nil {
				f.enum = map[string]bool{}
			}
			f.enum[value] = true
		}
		return nil
	})
}

// follow has the scanner tell a conformity of everything from here on, if the
// message is of a version whose schema is known.
func follow(in *xmlscan.Scanner, out *record.Out, namespace string) {
	load, ok := schemas[schemaName(namespace)]
	if !ok {
		return
	}
	if document := load(); document != nil {
		in.Watch(&conformity{in: in, out: out, stack: []standing{{of: document}}})
	}
}
