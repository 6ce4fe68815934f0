package xmlscan

import (
	"bytes"
	"slices"
	"strings"
)

// Children calls fn for each child of the element just opened and returns
// after its end. What fn leaves unread of a child is passed over. The name is
// without prefix.
func (s *Scanner) Children(fn func(name string) error) error {
	depth := len(s.stack)
	for {
		kind, err := s.Next()
		if err != nil {
			return err
		}
		switch kind {
		case TokenStart:
			if err := fn(s.top().name); err != nil {
				return err
			}
			if err := s.leave(depth); err != nil {
				return err
			}
		case TokenEnd:
			if len(s.stack) < depth {
				return nil
			}
		}
	}
}

// leave passes over everything until the element at that depth is on top again.
func (s *Scanner) leave(depth int) error {
	for len(s.stack) > depth {
		if _, err := s.Next(); err != nil {
			return err
		}
	}
	return nil
}

// Leaf is the text of the element just opened, without white space at its
// ends; it returns after the element's end.
func (s *Scanner) Leaf() (string, error) {
	if text, ok, err := s.plainLeaf(); ok || err != nil {
		return text, err
	}
	depth, first := len(s.stack), ""
	var rest []byte
	for {
		kind, err := s.Next()
		if err != nil {
			return "", err
		}
		switch {
		case kind == TokenEnd && len(s.stack) < depth:
			if rest == nil {
				return strings.TrimSpace(first), nil
			}
			return strings.TrimSpace(first + string(rest)), nil
		case kind != TokenText || len(s.stack) != depth:
		case first == "":
			first = s.shared(bytes.TrimLeft(s.text, " \t\r\n"))
		case len(rest)+len(s.text) > MaxToken:
			return "", s.Here().Fault("BANKFILE_XML_TOKEN_SIZE", "limit", MaxToken)
		default:
			rest = append(rest, s.text...)
		}
	}
}

// plainLeaf is [Scanner.Leaf] for text with nothing but the end tag after it,
// as long as both are in the window; otherwise it takes nothing.
func (s *Scanner) plainLeaf() (string, bool, error) {
	if s.closing {
		return "", false, nil
	}
	window, c := s.buf[s.r:s.w], s.top().shape
	n := bytes.IndexByte(window, '<')
	if n < 0 {
		return "", false, nil
	}
	end := c.closes(window[n:])
	if end == 0 {
		return "", false, nil
	}
	s.mark()
	if err := s.decode(window[:n], inText); err != nil {
		return "", false, err
	}
	if err := s.passed(); err != nil {
		return "", false, err
	}
	text := c.remember(s, bytes.TrimSpace(s.text))
	s.r += n + end
	s.pop()
	return text, true, nil
}

// remember makes a string. Codes, currencies and dates repeat in every row, so
// short texts are shared.
func (c *shape) remember(s *Scanner, t []byte) string {
	switch {
	case c.value == string(t):
	case len(t) <= 4:
		c.value = s.intern(t)
	case len(t) <= 10:
		c.value = string(t)
	default:
		return string(t)
	}
	return c.value
}

func (s *Scanner) trimmed() string { return s.shared(bytes.TrimSpace(s.text)) }

func (s *Scanner) shared(t []byte) string {
	if len(t) <= 4 {
		return s.intern(t)
	}
	return string(t)
}

// Pick is the text of the first element with one of the names in the element
// just opened, itself included, whose text is not blank; it returns after the
// end of the element just opened. It copes with the ways in which versions
// wrap a value: Sts or Sts/Cd, Dt or DtTm, IBAN or Othr/Id.
func (s *Scanner) Pick(names ...string) (string, error) {
	depth, p := len(s.stack), picking{Scanner: s}
	var err error
	for kind := TokenStart; ; {
		switch kind {
		case TokenStart:
			err = p.start(names)
		case TokenText:
			p.chars(names)
		case TokenEnd:
			p.end()
		}
		if err != nil || len(s.stack) < depth {
			return p.found, err
		}
		if kind, err = s.Next(); err != nil {
			return "", err
		}
	}
}

// picking is one run of [Scanner.Pick].
type picking struct {
	*Scanner
	found string
	in    int // depth of the element whose text is being taken; -1 when it is complete
}

// wanted says whether the open element has one of the names, which are handed
// on so that they need no room of their own.
func (p *picking) wanted(names []string) bool {
	return p.in == 0 && slices.Contains(names, p.top().name)
}

func (p *picking) start(names []string) error {
	if !p.wanted(names) {
		return nil
	}
	text, ok, err := p.plainLeaf()
	if ok && text != "" {
		p.found, p.in = text, -1
	}
	return err
}

func (p *picking) chars(names []string) {
	switch {
	case p.wanted(names):
		if t := p.trimmed(); t != "" {
			p.found, p.in = t, len(p.stack)
		}
	case p.in == len(p.stack) && len(p.found) < MaxToken:
		p.found = strings.TrimSpace(p.found + string(p.text))
	}
}

func (p *picking) end() {
	if p.in > 0 && len(p.stack) < p.in {
		p.in = -1
	}
}

// Money is an amount element: its digits and its currency.
func (s *Scanner) Money() (digits, currency string, err error) {
	currency = s.attr("Ccy")
	digits, err = s.Leaf()
	return digits, currency, err
}

// NestedMoney is the first amount element with one of the names within the
// element just opened.
func (s *Scanner) NestedMoney(names ...string) (digits, currency string, err error) {
	err = s.Children(func(child string) error {
		if digits != "" {
			return nil
		}
		for _, name := range names {
			if name == child {
				digits, currency, err = s.Money()
				return err
			}
		}
		digits, currency, err = s.NestedMoney(names...)
		return err
	})
	return digits, currency, err
}

// Namespace is the namespace of the element just opened, as far as it is
// declared on it: the default one, else the first of a schema.
func (s *Scanner) Namespace() string {
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
