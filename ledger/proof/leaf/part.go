package leaf

import (
	"encoding/hex"
	"strconv"
	"time"
)

// Part writes one part after another into the same buffer.
type Part struct{ b []byte }

// Start begins a new part and gives up the bytes of the one before.
func (p *Part) Start() *Part {
	p.b = p.b[:0]
	return p
}

// Text adds a field of any text. A value that is absent is "".
func (p *Part) Text(s string) *Part {
	p.b = append(escape(p.b, s), '\t')
	return p
}

// Int adds a number.
func (p *Part) Int(n int64) *Part {
	p.b = append(strconv.AppendInt(p.b, n, 10), '\t')
	return p
}

// Hex adds bytes as lower-case hexadecimal.
func (p *Part) Hex(b []byte) *Part {
	p.b = append(hex.AppendEncode(p.b, b), '\t')
	return p
}

// Time adds a moment to the microsecond, in UTC; the zero time is "".
func (p *Part) Time(t time.Time) *Part { return p.Text(formatTime(t)) }

// Bytes are the canonical bytes of the part: its fields with a TAB between
// them and LF at the end. They hold until the next Start, which must come
// before another field. A part has at least one field.
func (p *Part) Bytes() []byte {
	return append(p.b[:max(0, len(p.b)-1)], '\n')
}
