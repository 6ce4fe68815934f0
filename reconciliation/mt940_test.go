package reconciliation_test

import (
	"fmt"
	"strings"
	"testing"

	"fenlu/money"
	"fenlu/reconciliation"
)

// swift is the statement as an MT940.
func swift(id string, entries ...entry) string {
	var body strings.Builder
	sum := money.Fen(100000_00)
	comma := func(f money.Fen) string { return strings.Replace(f.String(), ".", ",", 1) }
	for _, e := range entries {
		mark, back := "D", ""
		if sum -= e.amount; e.side == "CRDT" {
			mark, back = "C", "/RTRN/AC04/"+e.text
			sum += 2 * e.amount
		}
		fmt.Fprintf(&body, ":61:261009%s%sNTRFNONREF\r\n:86:/EREF/%s%s/REMI/%s\r\n", mark, comma(e.amount), e.id, back, e.text)
	}
	return ":20:" + id + "\r\n:25:313991300012/955800991301000018\r\n:28C:1/1\r\n:60F:C261008CNY100000,00\r\n" + body.String() +
		":62F:C261009CNY" + comma(sum) + "\r\n-\r\n"
}

// An MT940 moves payments as a camt.053 does, and what both say counts once.
func TestImport_mt940(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := d.seal(100_00, 200_00)
	d.read("r1.txt", f.result(1, said{n: 1, code: "0000"}, said{n: 2, code: "0000"}))
	done := d.read("s1.sta", swift("S1", booked(f, 1, 2)...))
	if done.Matched != 2 || done.Kind != reconciliation.Statement {
		t.Errorf("%+v", done)
	}
	d.read("s2.sta", swift("S2", back(f, 2, 200_00)))
	d.want(f, "paid 100.00/0.00", "returned 200.00/200.00")
	d.read("s2.xml", statement("S2", back(f, 2, 200_00)))
	d.want(f, "paid 100.00/0.00", "returned 200.00/200.00")
	d.wantBreaks()
}
