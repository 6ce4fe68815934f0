package reconciliation

import (
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"

	"fenlu/bankfiles/record"

	"fenlu/internal/ident"
)

// statement is the statement being read, and how often each of its entries has
// come so far.
type statement struct {
	account, id, page, day string
	seen                   map[string]int
	blind                  func(value, purpose string) []byte
}

// blindPlace is the purpose of the blind index of places.
const blindPlace = "evidence.place"

// next is the statement that a header begins. Another page of the same one goes
// on counting; the same page again, or another statement, begins anew.
func (s statement) next(h *record.Header) statement {
	n := statement{account: accountKey(h.Account), id: h.MessageID, page: h.Page, day: h.Date, seen: s.seen, blind: s.blind}
	if n.seen == nil || n.account != s.account || n.id != s.id || n.page == s.page {
		n.seen = map[string]int{}
	}
	return n
}

// serialNumber is a number of the entry in its statement, which some banks give
// in place of a reference of their own: another issue numbers otherwise.
var serialNumber = regexp.MustCompile(`^[0-9]{1,6}$`)

// place is what tells a booking from all others (分录标识): the account, the
// bank's reference if there is one, the day, the end-to-end id, the amount and
// the direction, and which of those in its statement that agree in all of this.
// Where a statement stands in a file, or what it is called, is no part of it:
// the same entry issued again has the same place, and another entry under a
// name that was used before has its own. It is kept as a blind index, for an id
// may be somebody's number.
func (s statement) place(r reported) string {
	ref := r.BankRef
	if serialNumber.MatchString(ref) {
		ref = ""
	}
	amount := r.Amount + " " + r.Currency
	if r.IsCNY {
		amount = strconv.FormatInt(int64(r.AmountFen), 10)
	}
	key := hex.EncodeToString(s.blind(strings.Join([]string{s.account, ref, s.dayOf(r), r.id(), amount, string(r.Direction)}, "\x1f"), blindPlace))
	s.seen[key]++
	return key + "-" + strconv.Itoa(s.seen[key])
}

// dayOf is the day of a booking; a statement that names none stands for it
// itself.
func (s statement) dayOf(r reported) string {
	for _, day := range []string{r.BookingDate, r.ValueDate, s.day} {
		if day != "" {
			return day
		}
	}
	return "statement " + s.id
}

// accountKey is an account as it is compared: banks set its figures apart.
func accountKey(account string) string {
	return strings.ReplaceAll(ident.Normalize(account), "-", "")
}
