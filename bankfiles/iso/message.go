package iso

import (
	"io"
	"strings"
	"unicode/utf8"

	"fenlu/bankfiles/record"
	"fenlu/bankfiles/xmlscan"
)

// message is the reader of one XML message, found by the child of the root.
type message struct {
	family string // the name without variant and version, which is the profile's
	read   func(*xmlscan.Scanner, *record.Out) error
}

var messages = map[string]message{
	"CstmrCdtTrfInitn":      {"pain.001", readPain001},
	"CstmrPmtStsRpt":        {"pain.002", readPain002},
	"BkToCstmrAcctRpt":      {"camt.052", reports.read},
	"BkToCstmrStmt":         {"camt.053", statements.read},
	"BkToCstmrDbtCdtNtfctn": {"camt.054", notices.read},
	"PmtRtr":                {"pacs.004", readPacs004},
	"RsltnOfInvstgtn":       {"camt.029", readCamt029},
	"FIToFIPmtCxlReq":       {"camt.056", readCamt056},
}

// ReadXML reads one of the messages in its envelope: one root, usually
// Document, with one child that says which message it is.
func ReadXML(r io.Reader, out *record.Out) error {
	in := xmlscan.New(r)
	kind, err := in.Next()
	if err != nil {
		return err
	}
	if kind != xmlscan.TokenStart {
		return in.Here().Fault("BANKFILE_XML_NO_ROOT")
	}
	e := &envelope{in: in, out: out, root: in.Here(), namespace: in.Namespace()}
	if in.Name() == "Document" {
		follow(in, out, e.namespace)
	}
	if err := in.Children(e.open); err != nil {
		return err
	}
	if e.found == 0 {
		return e.root.Fault("BANKFILE_UNRECOGNISED", "found", record.Clip(record.First(schemaName(e.namespace), e.root.Path)))
	}
	if _, err := in.Next(); err != nil { // nothing may follow the root
		return err
	}
	return out.Finish(in.Here())
}

// envelope is what stands round a message: Document, and round that sometimes
// another element with a business header beside it.
type envelope struct {
	in        *xmlscan.Scanner
	out       *record.Out
	root      record.Position
	namespace string
	found     int
}

func (e *envelope) open(name string) error {
	m, ok := messages[strings.TrimSuffix(name, "V01")] // as the first versions called themselves
	switch {
	case name == "Document":
		e.namespace = record.First(e.in.Namespace(), e.namespace)
		follow(e.in, e.out, e.namespace)
		return e.in.Children(e.open)
	case !ok:
		return nil
	}
	if e.found++; e.found > 1 {
		return e.in.Here().Fault("BANKFILE_TWO_MESSAGES", "name", name)
	}
	return readMessage(e.in, m, record.First(e.namespace, e.in.Namespace()), e.out)
}

// identity reads what the GrpHdr of every message has.
func identity(in *xmlscan.Scanner, h *record.Header, name string) (err error) {
	switch name {
	case "MsgId":
		h.MessageID, err = in.Leaf()
	case "CreDtTm":
		h.Created, err = in.Leaf()
	}
	return err
}

// schemaName is the last part of a namespace: camt.053.001.08.
func schemaName(namespace string) string {
	return namespace[strings.LastIndexAny(namespace, ":/")+1:]
}

func readMessage(s *xmlscan.Scanner, m message, namespace string, out *record.Out) error {
	name := schemaName(namespace)
	at := s.Here()
	if namespace == "" {
		name = m.family
	}
	if err := out.Recognised(m.family, record.Clip(name)); err != nil {
		return err
	}
	switch {
	case namespace == "":
		if err := out.Warn(at, "BANKFILE_WARN_NAMESPACE_MISSING"); err != nil {
			return err
		}
	case !strings.HasPrefix(name, m.family+"."):
		if err := out.Warn(at, "BANKFILE_WARN_NAMESPACE_OTHER", "namespace", record.Clip(namespace)); err != nil {
			return err
		}
	}
	return m.read(s, out)
}

// tooLong warns of a text that is longer than schemas allow, in a version whose
// own schema is not known.
func tooLong(in *xmlscan.Scanner, out *record.Out, at record.Position, name, text string, limit int) error {
	if len(text) <= limit || in.Watched() { // bytes are at least characters
		return nil
	}
	if n := utf8.RuneCountInString(text); n > limit {
		return out.Warn(at, "BANKFILE_WARN_TEXT_LONG", "name", name, "limit", limit, "got", n)
	}
	return nil
}
