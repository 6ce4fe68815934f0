package simbank

import "strings"

// mt940File writes a statement of SWIFT without blocks (docs/formats/mt940.md):
// one :61: for each payment, with its id behind /EREF/ in :86:. The charset has no
// Chinese, so names and reasons stay away.
func mt940File(account string, day Day, opening Fen, entries []movement) File {
	list := bookings(entries)
	closing := opening
	var out strings.Builder
	line := func(parts ...string) { out.WriteString(strings.Join(parts, "") + "\r\n") }
	line(":20:", short(reference("S", day, account)))
	line(":25:", account)
	line(":28C:", day.compact()[4:], "/1")
	line(":60F:", mtBalance(opening, day))
	for _, b := range list {
		closing += b.signed()
		line(":61:", day.compact()[2:], day.compact()[4:], mtMark(b.credit), mtAmount(b.amount), b.mtType(), mtOwn, "//", short(b.ref))
		line(":86:", b.mtDetails())
	}
	line(":62F:", mtBalance(closing, day))
	line("-")
	return File{Name: "mt940-" + account + "-" + day.compact() + ".txt", Profile: ProfileMT940, Bytes: []byte(out.String()), Lines: len(list)}
}

// short is a reference in the 16 characters that SWIFT has room for.
func short(ref string) string { return ref[:1] + hashHex([]byte(ref))[:15] }

func mtBalance(f Fen, day Day) string {
	return mtMark(f >= 0) + day.compact()[2:] + currencyLabel + mtAmount(max(f, -f))
}

func mtMark(credit bool) string {
	if credit {
		return "C"
	}
	return "D"
}

// mtAmount has a comma for the point.
func mtAmount(f Fen) string { return strings.Replace(f.String(), ".", ",", 1) }

// mtType: a returned item, or a transfer.
func (b booking) mtType() string {
	if b.rank() == 2 {
		return "NRTI"
	}
	return "NTRF"
}

// mtOwn stands for the owner's reference: 16 characters are too few for our ids.
const mtOwn = "NONREF"

func (b booking) mtDetails() string {
	switch {
	case b.payment == nil:
		return "/REMI/APPROPRIATION"
	case b.rank() == 2:
		return "/EREF/" + b.endToEnd() + "/RTRN/" + b.payment.reason.iso
	}
	return "/EREF/" + b.endToEnd()
}
