package xmlscan

// Watcher is told of everything that goes by, also of what nobody reads: for a
// check beside the reading.
type Watcher interface {
	// Open tells of an element just opened, whose attributes are there.
	Open(name string) error
	// Text tells of text in the open element; it is good until the call returns.
	Text(text []byte) error
	// Close tells that the open element ends; it is still the scanner's place.
	Close()
}

// Watch tells w of everything from here on; the element now open is the first
// whose children it sees, and whose end.
func (s *Scanner) Watch(w Watcher) { s.watcher = w }

// Watched says whether somebody watches.
func (s *Scanner) Watched() bool { return s.watcher != nil }

// Name is the name of the open element, without prefix.
func (s *Scanner) Name() string { return s.top().name }

// Attr is an attribute of the element just opened.
func (s *Scanner) Attr(name string) string { return s.attr(name) }

func (s *Scanner) opened() error {
	if s.watcher == nil {
		return nil
	}
	return s.watcher.Open(s.top().name)
}

func (s *Scanner) passed() error {
	if s.watcher == nil || len(s.text) == 0 {
		return nil
	}
	return s.watcher.Text(s.text)
}
