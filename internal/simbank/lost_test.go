package simbank

import (
	"bytes"
	"testing"
)

// TestLoseOn: of each file of a day the bank loses one instruction, which it neither
// books nor names, whatever it is asked; on other days it loses none.
func TestLoseOn(t *testing.T) {
	t.Parallel()
	options := DefaultOptions(7)
	options.LoseOn = day1
	b := openBank(t, t.TempDir(), options)
	first := accepted(t, b, daifaFile(t, "F1", sampleLines("DB", 12)), day1)
	if n := fatesOf(b, "F1"); n[fateLost] != 1 || n[fateFailed] != 1 || n[fateForgotten] != 1 || n[fateReturned] != 1 {
		t.Fatalf("fates %v", n)
	}
	query, err := b.QueryResult("F1")
	if err != nil {
		t.Fatal(err)
	}
	day, err := b.Statement(b.Accounts()[0], day1)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range b.orders["F1"].lines {
		named := 0
		for _, f := range [][]byte{first.Files[0].Bytes, query.Bytes, day.Bytes} {
			if bytes.Contains(f, []byte(l.endToEnd)) {
				named++
			}
		}
		if lost := l.fate == fateLost; lost != (named == 0) || lost && l.booked() != 0 {
			t.Errorf("%s, fate %d, is named %d times, booked %d", l.endToEnd, l.fate, named, l.booked())
		}
	}
	accepted(t, b, daifaFile(t, "F2", sampleLines("TK", 12)), day1.Add(1))
	if n := fatesOf(b, "F2"); n[fateLost] != 0 {
		t.Errorf("another day: %v", n)
	}
}
