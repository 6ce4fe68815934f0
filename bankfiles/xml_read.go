package bankfiles

import (
	"io"
	"strings"
	"unicode/utf8"
)

// readXML reads one of the messages in its envelope: one root, usually
// Document, with one child that says which message it is.
func readXML(r io.Reader, out *sink) error {
	in := newXMLScanner(r)
	kind, err := in.next()
	if err != nil {
		return err
	}
	if kind != tokenStart {
		return in.here().fault("BANKFILE_XML_NO_ROOT")
	}
	root, namespace := in.here(), in.namespace()
	found := 0
	err = in.children(func(name string) error {
		m, ok := messages[name]
		if !ok {
			return nil
		}
		if found++; found > 1 {
			return in.here().fault("BANKFILE_TWO_MESSAGES", "name", name)
		}
		if namespace == "" {
			namespace = in.namespace()
		}
		return in.message(m, namespace, out)
	})
	if err != nil {
		return err
	}
	if found == 0 {
		return root.fault("BANKFILE_UNRECOGNISED", "found", clip(first(schemaName(namespace), root.Path)))
	}
	if _, err := in.next(); err != nil { // nothing may follow the root
		return err
	}
	end := in.here()
	return out.finish(end)
}

// namespace is the namespace of the element just opened, as far as it is
// declared on it: the default one, else the first of a schema.
func (s *xmlScanner) namespace() string {
	if ns := s.attr("xmlns"); ns != "" {
		return ns
	}
	for _, a := range s.attrs {
		if strings.HasPrefix(a.name, "xmlns:") && strings.Contains(a.value, ":xsd:") {
			return a.value
		}
	}
	return ""
}

// schemaName is the last part of a namespace: camt.053.001.08.
func schemaName(namespace string) string {
	return namespace[strings.LastIndexAny(namespace, ":/")+1:]
}

func (s *xmlScanner) message(m message, namespace string, out *sink) error {
	name := schemaName(namespace)
	at := s.here()
	if namespace == "" {
		name = m.family
	}
	if err := out.settle(m.profile, clip(name)); err != nil {
		return err
	}
	switch {
	case namespace == "":
		if err := out.warn(at, "BANKFILE_WARN_NAMESPACE_MISSING"); err != nil {
			return err
		}
	case !strings.HasPrefix(name, m.family+"."):
		if err := out.warn(at, "BANKFILE_WARN_NAMESPACE_OTHER", "namespace", clip(namespace)); err != nil {
			return err
		}
	}
	return m.read(s, out)
}

// tooLong warns of a text that is longer than the schema allows.
func (out *sink) tooLong(at Position, name, text string, limit int) error {
	if len(text) <= limit { // bytes are at least characters
		return nil
	}
	if n := utf8.RuneCountInString(text); n > limit {
		return out.warn(at, "BANKFILE_WARN_TEXT_LONG", "name", name, "limit", limit, "got", n)
	}
	return nil
}
