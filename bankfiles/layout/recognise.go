package layout

import "bytes"

// Recognises says whether the first bytes of a file are those that the profile
// names: a text begins with the first of its marks, XML holds all of them.
func (p *Profile) Recognises(start []byte) bool {
	if len(p.Recognise) == 0 {
		return false
	}
	if p.Form != XML {
		return bytes.HasPrefix(start, []byte(p.Recognise[0]))
	}
	for _, mark := range p.Recognise {
		if !bytes.Contains(start, []byte(mark)) {
			return false
		}
	}
	return true
}
