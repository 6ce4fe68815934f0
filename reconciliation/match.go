package reconciliation

import (
	"slices"
	"strings"
	"time"

	"fenlu/bankfiles/reason"
	"fenlu/bankfiles/record"

	"fenlu/internal/evidence"
)

// reported is an item with what stands around it in its file.
type reported struct {
	*record.Item
	place     string
	account   string // of the statement, as it is compared
	message   string // the file that a result answers
	duplicate bool   // the bank refused its file or batch as one that it has already
}

// answers is the file that a status speaks of.
func (r reported) answers() string {
	if r.message != "" {
		return r.message
	}
	return r.BatchID
}

// mayMove says whether the item comes from where it would have to come from to
// speak of an attempt: the account that it was paid from, or the answer to its
// file, and there to its row.
func (r reported) mayMove(a evidence.Attempt) bool {
	if r.Kind != record.KindStatus {
		return r.account != "" && r.account == accountKey(a.DebtorAccount)
	}
	return r.answers() == a.FileRef && (r.Sequence == 0 || r.Sequence == a.FileLine)
}

// booked says whether an entry moved the account; pending ones and notices do
// not.
func (r reported) booked() bool {
	return r.Kind != record.KindStatus && (r.Status == "BOOK" || r.Status == "")
}

// id is the id to match by: the end-to-end id, or where the bank has dropped
// it the instruction's or transaction's own.
func (r reported) id() string {
	for _, id := range []string{r.EndToEndID, r.InstructionID, r.TransactionID} {
		if id != "" && id != "NOTPROVIDED" {
			return id
		}
	}
	return ""
}

// isDuplicate says whether a bank means "I have this already": DU01 a file,
// AM05 a payment, 重复 in words. The one that it has stands as it was.
func isDuplicate(code, text string) bool { return reason.Of(code, text).Code == reason.Duplicate }

// matcher decides what lines of evidence mean.
type matcher struct {
	attempts map[string]evidence.Attempt // by end-to-end id
	places   map[string]bool             // statement entries read before
	funding  []string
}

// match makes an item a line of evidence, with the break it opens (kind empty:
// none).
func (m matcher) match(r reported, pos int) (line, gap) {
	l := r.line(pos)
	b := gap{pos: pos, amount: l.amount}
	a, known := m.attempts[l.endToEndID]
	ours := known && r.mayMove(a)
	if ours {
		l.attempt, b.attempt = a.ID, a.ID
	}
	switch {
	case r.Kind == record.KindStatus && r.Level != record.LevelPayment:
		b.kind = m.whole(r, &l)
	case r.Kind == record.KindStatus:
		b.kind = m.status(r, &l, a, ours)
	default:
		b.kind = m.entry(r, &l, a, ours)
	}
	if b.kind == BreakAmountDiffers && ours {
		b.amount = l.amount - a.Amount
	}
	if !known {
		l.endToEndID = maskID(l.endToEndID)
	}
	return l, b
}

// whole is a status said about a whole file or batch: whom it moves is decided
// when the file was read to its end.
func (m matcher) whole(r reported, l *line) BreakKind {
	l.match, l.says = Matched, SaysAccepted
	switch {
	case r.BatchID != r.answers():
		l.match, l.says = Unmatched, SaysNothing
		return BreakUnmatched
	case r.duplicate || isDuplicate(r.Reason, r.ReasonText):
		l.match, l.says = Repeated, SaysNothing
	case r.Outcome == record.OutcomeFailed:
		l.says = SaysFailed
	}
	return ""
}

// status is what a result says about one payment. Where it names an amount it
// must be the instructed one, to the fen.
func (m matcher) status(r reported, l *line, a evidence.Attempt, ours bool) BreakKind {
	switch {
	case !ours:
		l.match = Unmatched
		return BreakUnmatched
	case r.Amount != "" && (!r.IsCNY || r.AmountFen != a.Amount):
		l.match = AmountDiffers
		return BreakAmountDiffers
	case r.Outcome == record.OutcomeFailed && (r.duplicate || isDuplicate(r.Reason, r.ReasonText)):
		l.match = Repeated
		return ""
	}
	l.match, l.says = Matched, statusSays(r.Item)
	return ""
}

// accepting are the status codes of ISO 20022 that only say how far the bank
// has come with a payment that it took (已受理).
var accepting = []string{"RCVD", "PRES", "PATC", "ACTC", "ACCP", "ACFC", "ACWC", "ACWP", "ACIS", "ACPT", "ACSP", "PART"}

// statusSays is what a status means: what its format says about it. Of the
// results that say neither, those of ISO 20022 that accept and silence change
// nothing; all others, whatever a bank calls them, are unknown.
func statusSays(it *record.Item) Says {
	silent := it.Status == "" && it.ReasonText == ""
	switch {
	case it.Outcome == record.OutcomePaid:
		return SaysPaid
	case it.Outcome == record.OutcomeFailed:
		return SaysFailed
	case silent || slices.Contains(accepting, it.Status):
		return SaysAccepted
	}
	return SaysUnknown
}

// entry is a booking in a statement.
func (m matcher) entry(r reported, l *line, a evidence.Attempt, ours bool) BreakKind {
	switch {
	case m.places[l.place]:
		l.match = Repeated
		return ""
	case !r.booked():
		l.match, l.says = Matched, SaysAccepted
		if !ours {
			l.match = OtherMoney
		}
		return ""
	case ours:
		return m.ourEntry(r, l, a)
	case r.Direction == record.Credit && l.endToEndID == "" && r.Kind == record.KindEntry:
		l.match = OtherMoney
		if m.isFunding(r.Item) {
			return ""
		}
		return BreakOtherMoney
	}
	l.match = Unmatched
	return BreakUnmatched
}

// ourEntry is a booking that names an attempt: a debit pays it if it is the
// full amount; a credit is money that came back, whole or in part.
func (m matcher) ourEntry(r reported, l *line, a evidence.Attempt) BreakKind {
	switch {
	case r.Direction == record.Credit && r.IsCNY && r.AmountFen > 0:
		l.kind, l.match, l.says = record.KindReturn, Matched, SaysReturned
		return ""
	case r.Direction == record.Debit && r.Kind == record.KindReturn:
		l.match = Unmatched
		return BreakUnmatched
	case r.Direction == record.Debit && r.IsCNY && r.AmountFen == a.Amount:
		l.match, l.says = Matched, SaysBooked
		return ""
	}
	l.match = AmountDiffers
	return BreakAmountDiffers
}

func (m matcher) isFunding(it *record.Item) bool {
	return slices.ContainsFunc(m.funding, func(word string) bool {
		return strings.Contains(it.AdditionalInfo, word) || strings.Contains(it.Remark, word)
	})
}

// line is the item as it is stored, not matched yet.
func (r reported) line(pos int) line {
	l := line{
		pos: pos, kind: r.Kind, place: r.place, endToEndID: clip(r.id(), 64), bankRef: clip(maskRef(r.BankRef), 64), amount: r.AmountFen,
		direction: r.Direction, status: clip(maskText(r.Status), 35), reason: clip(maskText(r.Reason), 35), at: r.Position,
	}
	text := r.ReasonText
	if text == "" {
		text = r.AdditionalInfo
	}
	l.reasonText = clip(maskText(text), 500)
	for _, d := range []string{r.ValueDate, r.BookingDate} {
		if t, err := time.Parse(time.DateOnly, d); err == nil {
			l.valueDate = &t
			break
		}
	}
	return l
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
