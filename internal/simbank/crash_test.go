package simbank

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var errKilled = errors.New("killed")

// month is what a customer does with the bank; it returns all the bank said.
func month(t *testing.T, b *Bank) (said []string, err error) {
	t.Helper()
	if err := b.Fund(debtor, 2_000_000, "2026-10-08", "CZ-1"); err != nil {
		return nil, err
	}
	say := func(f File) { said = append(said, f.Name+"\n"+string(f.Bytes)) }
	duplicate := sampleLines("ZZ", 2)
	duplicate[0].endToEnd = "DB-000001"
	for _, raw := range [][]byte{
		daifaFile(t, "F1", sampleLines("DB", 12)),
		painFile("F2", sampleLines("TK", 12)),
		painFile("F3", duplicate),
	} {
		a, err := b.Receive("f", raw, day1)
		if err != nil {
			return nil, err
		}
		for _, f := range a.Files {
			say(f)
		}
	}
	for _, day := range b.Dates(debtor) {
		f, err := b.Statement(debtor, day)
		if err != nil {
			return nil, err
		}
		say(f)
	}
	f, err := b.QueryResult("F1")
	say(f)
	return said, err
}

// TestKilled_anywhere stops the bank before each change of its directory in turn,
// opens it again and repeats the month: the same books, the same bytes.
func TestKilled_anywhere(t *testing.T) {
	t.Parallel()
	clean := t.TempDir()
	want, err := month(t, openBank(t, clean, DefaultOptions(7)))
	if err != nil {
		t.Fatal(err)
	}
	wantTree := tree(t, clean)
	killedAt := 0
	for stop := 1; ; stop++ {
		dir := t.TempDir()
		step := 0
		killed := func() error {
			if step++; step >= stop {
				return errKilled
			}
			return nil
		}
		b, err := open(dir, DefaultOptions(7), killed)
		if err == nil {
			_, err = month(t, b)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		killedAt++
		got, err := month(t, openBank(t, dir, DefaultOptions(7)))
		if err != nil {
			t.Fatalf("killed at change %d: %v", stop, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("killed at change %d, the answers differ:\n%s", stop, diff)
		}
		if diff := cmp.Diff(wantTree, tree(t, dir)); diff != "" {
			t.Fatalf("killed at change %d, the directory differs:\n%s", stop, diff)
		}
	}
	if killedAt < 30 {
		t.Errorf("killed at %d moments only", killedAt)
	}
}

func TestOpen_derives_the_books_from_the_files(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := openBank(t, dir, DefaultOptions(7))
	if _, err := month(t, b); err != nil {
		t.Fatal(err)
	}
	want := tree(t, dir)
	if err := b.store.put(ledgerFile, []byte("gone")); err != nil {
		t.Fatal(err)
	}
	again := openBank(t, dir, DefaultOptions(7))
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Errorf("the directory differs:\n%s", diff)
	}
	if diff := cmp.Diff(b.Books(), again.Books()); diff != "" {
		t.Errorf("the books differ:\n%s", diff)
	}
}
