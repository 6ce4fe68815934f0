package simbank

import (
	"bytes"
	"sort"
	"strconv"
)

// Entry is what the bank's books say of one payment.
type Entry struct {
	EndToEndID string
	// BookedFen is what was taken for it: 0 when it failed.
	BookedFen Fen
	// ReturnedFen is what came back and was not taken again, up to the last closed day.
	ReturnedFen Fen
}

// Books lists every payment of every accepted file, sorted by end-to-end id, as
// ledger.csv does.
func (b *Bank) Books() []Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.books()
}

func (b *Bank) books() []Entry {
	entries := make([]Entry, 0, len(b.payments))
	for _, o := range b.orders {
		for i := range o.lines {
			l := &o.lines[i]
			e := Entry{EndToEndID: l.endToEnd, BookedFen: l.booked()}
			if l.comesBack() && b.backOn(o, l) <= b.closed && (!l.fate.course().again || b.againOn(o, l) > b.closed) {
				e.ReturnedFen = l.amount
			}
			entries = append(entries, e)
		}
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].EndToEndID < entries[j].EndToEndID })
	return entries
}

// writeLedger brings ledger.csv up to the books.
func (b *Bank) writeLedger() error {
	var out bytes.Buffer
	out.WriteString("end_to_end_id,booked_fen,returned_fen\n")
	for _, e := range b.books() {
		out.WriteString(e.EndToEndID)
		out.WriteByte(',')
		out.WriteString(strconv.FormatInt(int64(e.BookedFen), 10))
		out.WriteByte(',')
		out.WriteString(strconv.FormatInt(int64(e.ReturnedFen), 10))
		out.WriteByte('\n')
	}
	return b.store.put(ledgerFile, out.Bytes())
}
