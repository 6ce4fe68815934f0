package funds

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
)

// digestVersion is the version of the canonical bytes of a document.
const digestVersion = 1

// digest is the SHA-256 of a document with its lines as the log keeps it: UTF-8
// text of which every field stands as its length in bytes, a colon, the field
// and a comma. First "fenlu.document.v1" and the document's fields, then those
// of each line in the order of its number; both in the order of the tables.
// Days are 2026-10-09, times microseconds since 1970 UTC, amounts fen, a field
// that is not there is empty.
func digest(d Document, lines []Line) []byte {
	h := sha256.New()
	put := func(fields ...any) {
		for _, f := range fields {
			s := fmt.Sprint(f)
			_, _ = fmt.Fprintf(h, "%d:%s,", len(s), s) // a hash never fails
		}
	}
	put("fenlu.document.v1", int64(d.ID), d.Number, d.Title, string(d.Kind), d.Year, day(d.IssuedOn), day(d.ReceivedOn), day(d.PassedOn),
		d.ImportFile, d.RecordedBy, d.RecordedAt.UnixMicro())
	lines = slices.Clone(lines)
	slices.SortFunc(lines, func(a, b Line) int { return cmp.Compare(a.LineNo, b.LineNo) })
	for _, l := range lines {
		cash := ""
		if l.CashArrived != nil {
			cash = fmt.Sprint(int64(*l.CashArrived))
		}
		put(int64(l.ID), l.LineNo, string(l.Kind), int64(l.Lot), string(l.Level), l.Fund, l.FunctionCode, l.EconomicCode, l.Office, l.TraceCode, l.Tags,
			l.Programs, int64(l.CutsLine), int64(l.From), int64(l.To), cash, int64(l.Amount), int64(l.Journal))
	}
	return h.Sum(nil)
}
