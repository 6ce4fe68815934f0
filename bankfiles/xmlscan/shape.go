package xmlscan

import (
	"slices"
	"strings"
)

// shape is an element by its name and the names above it. A file has few
// shapes and repeats them by the million, so that what was worked out for one
// element is known for the next of its shape.
type shape struct {
	full     string // with its prefix, to match the end tag
	name     string
	numbered bool
	slot     int      // which of its parent's names this is
	names    []string // the names of its children
	kids     []*shape
	likely   int // index of the child that came last

	tag   []byte      // the last start tag with attributes
	attrs []attribute // and what they were
	value string      // the last short text
}

// What is remembered of shapes; names come from outside.
const (
	maxShapes = 4096
	maxKids   = 64
	maxTag    = 256
)

// frame is one open element: its number among its siblings of that name, and
// how many children of each name it had so far.
type frame struct {
	*shape
	nth    int
	counts []int
	end    int // of its path
}

func (s *Scanner) top() *frame { return &s.stack[len(s.stack)-1] }

// parent is the shape under which the next element stands.
func (s *Scanner) parent() *shape {
	if len(s.stack) == 0 {
		return &s.outside
	}
	return s.top().shape
}

// shapeOf is the child of that name. Past the limits it is made anew each
// time, and its siblings are no longer counted.
func (s *Scanner) shapeOf(parent *shape, full []byte) *shape {
	for i, c := range parent.kids {
		if c.full == string(full) {
			parent.likely = i
			return c
		}
	}
	c := &shape{full: s.intern(full), slot: -1}
	c.name = c.full[strings.IndexByte(c.full, ':')+1:]
	c.numbered = repeats[c.name]
	if s.shapes < maxShapes && len(parent.kids) < maxKids {
		s.shapes++
		parent.adopt(c)
	}
	return c
}

func (p *shape) adopt(c *shape) {
	if c.slot = slices.Index(p.names, c.name); c.slot < 0 {
		c.slot = len(p.names)
		p.names = append(p.names, c.name)
	}
	p.likely = len(p.kids)
	p.kids = append(p.kids, c)
}

// count is the number of a further child of that slot.
func (f *frame) count(slot int) int {
	if slot < 0 {
		return 1
	}
	for len(f.counts) <= slot {
		f.counts = append(f.counts, 0)
	}
	f.counts[slot]++
	return f.counts[slot]
}

func (s *Scanner) push(c *shape) error {
	if len(s.stack) == 0 && s.rootSeen {
		return s.Here().Fault("BANKFILE_XML_AFTER_ROOT")
	}
	if len(s.stack) >= MaxDepth {
		return s.Here().Fault("BANKFILE_XML_DEPTH", "limit", MaxDepth)
	}
	nth := 1
	if len(s.stack) > 0 {
		nth = s.top().count(c.slot)
	}
	s.rootSeen = true
	if len(s.stack) == cap(s.stack) {
		s.stack = append(s.stack, frame{})
	} else { // keep the room for counts of the frame that stood here before
		s.stack = s.stack[:len(s.stack)+1]
	}
	f := s.top()
	f.shape, f.nth, f.counts = c, nth, f.counts[:0]
	return nil
}

func (s *Scanner) pop() {
	if s.watcher != nil {
		s.watcher.Close()
	}
	s.stack = s.stack[:len(s.stack)-1]
	s.placed = min(s.placed, len(s.stack))
}
