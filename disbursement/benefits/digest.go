package benefits

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"
)

// digestVersion is the version of the canonical bytes of a policy row.
const digestVersion = 1

// digest is the SHA-256 of a policy row as the log keeps it: UTF-8 text of
// which every field stands as its length in bytes, a colon, the field and a
// comma. First "fenlu.policy.v1", then id, program, component, class, first
// day, period, amount in fen, rounding, operator, document, clause, quote and
// import, then level and amount of each layer from the top level down.
func (p Policy) digest() []byte {
	h := sha256.New()
	put := func(fields ...any) {
		for _, f := range fields {
			s := fmt.Sprint(f)
			_, _ = fmt.Fprintf(h, "%d:%s,", len(s), s) // a hash never fails
		}
	}
	put("fenlu.policy.v1", int64(p.ID), p.Program, p.Component, p.Class, p.ValidFrom.Format(time.DateOnly), string(p.Period), int64(p.Amount),
		string(p.Rounding), string(p.Operator), p.Document, p.Clause, p.Quote, p.ImportFile)
	layers := slices.Clone(p.Layers)
	slices.SortFunc(layers, func(a, b Layer) int { return cmp.Compare(rank(a.Level), rank(b.Level)) })
	for _, l := range layers {
		put(string(l.Level), int64(l.Amount))
	}
	return h.Sum(nil)
}
