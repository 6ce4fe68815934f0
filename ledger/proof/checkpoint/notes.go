package checkpoint

import (
	"bytes"
	"fmt"

	"fenlu/internal/errs"
)

// noteEnd ends a note in a file of notes: the line end of its last signature
// and an empty line.
var noteEnd = []byte("\n\n")

// signatureLine begins every signature of a note.
var signatureLine = []byte("— ")

// JoinNotes writes notes one after the other, an empty line behind each.
func JoinNotes(notes ...[]byte) []byte {
	var out []byte
	for _, n := range notes {
		out = append(append(out, n...), '\n')
	}
	return out
}

// SplitNotes reads what JoinNotes wrote. whole is how many bytes the complete
// notes have; what follows was not written to its end.
func SplitNotes(b []byte) (notes [][]byte, whole int) {
	for {
		end := endOfNote(b[whole:])
		if end < 0 {
			return notes, whole
		}
		notes = append(notes, b[whole:whole+end])
		whole += end + 1
	}
}

// endOfNote is the length of the first note in b, -1 where it is not complete:
// a text, an empty line, signature lines, an empty line.
func endOfNote(b []byte) int {
	text := bytes.Index(b, noteEnd)
	if text < 0 || !bytes.HasPrefix(b[text+2:], signatureLine) {
		return -1
	}
	signatures := bytes.Index(b[text+2:], noteEnd)
	if signatures < 0 {
		return -1
	}
	return text + 2 + signatures + 1
}

// Public is what a log publishes of its keys: the first, how each led to the
// next, and so the one it signs with now.
type Public struct {
	First     Key
	Rotations []Rotation
}

// Keys are all the keys of the log, the current one last.
func (p Public) Keys() []Key { return Follow(p.First, p.Rotations) }

// Current is the key that signs now.
func (p Public) Current() Key { k := p.Keys(); return k[len(k)-1] }

// Bytes are the content of a file of public keys: the first vkey, an empty
// line, the rotations.
func (p Public) Bytes() []byte {
	notes := make([][]byte, len(p.Rotations))
	for i, r := range p.Rotations {
		notes[i] = r.Note
	}
	return fmt.Appendf(nil, "%s\n\n%s", p.First, JoinNotes(notes...))
}

// ParsePublic reads a file of public keys, or a vkey alone. Every rotation must
// lead on from the key before it. Errors: CHECKPOINT_KEY, CHECKPOINT_ROTATION
// (Invalid), CHECKPOINT_FORGED, CHECKPOINT_UNSIGNED (Unverified).
func ParsePublic(b []byte) (Public, error) {
	vkey, rest, _ := bytes.Cut(b, noteEnd)
	first, err := ParseKey(string(vkey))
	if err != nil {
		return Public{}, err
	}
	p := Public{First: first}
	notes, whole := SplitNotes(rest)
	if whole != len(rest) {
		return Public{}, errs.New(errs.Invalid, "CHECKPOINT_ROTATION")
	}
	for _, n := range notes {
		r, err := OpenRotation(n)
		if err != nil {
			return Public{}, err
		}
		if !r.Old.Equal(p.Current()) {
			return Public{}, errs.New(errs.Invalid, "CHECKPOINT_ROTATION")
		}
		p.Rotations = append(p.Rotations, r)
	}
	return p, nil
}
