package simbank

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func fatesOf(b *Bank, fileID string) map[fate]int {
	n := map[fate]int{}
	for _, l := range b.orders[fileID].lines {
		n[l.fate]++
	}
	return n
}

func TestReceive_same_bytes_change_nothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := openBank(t, dir, DefaultOptions(7))
	raw := daifaFile(t, "F1", sampleLines("DB", 12))
	first := accepted(t, b, raw, day1)
	statement(t, b, day1)
	before := tree(t, dir)
	again := accepted(t, b, raw, day1.Add(5))
	if !again.Repeated {
		t.Error("the second answer does not say that it is one")
	}
	again.Repeated = false
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("answers differ (-first +again):\n%s", diff)
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Errorf("the directory changed:\n%s", diff)
	}
}

func TestReceive_refuses_used_ids(t *testing.T) {
	t.Parallel()
	b := openBank(t, t.TempDir(), Options{})
	accepted(t, b, daifaFile(t, "F1", sampleLines("DB", 12)), day1)
	sameFile := receive(t, b, painFile("F1", sampleLines("TK", 3)), day1)
	if diff := cmp.Diff([]string{"0:DU01"}, codes(sameFile)); diff != "" {
		t.Errorf("same file id (-want +got):\n%s", diff)
	}
	lines := sampleLines("TK", 3)
	lines[1].endToEnd = "DB-000012"
	samePayment := receive(t, b, daifaFile(t, "F2", lines), day1)
	if diff := cmp.Diff([]string{"3:AM05"}, codes(samePayment)); diff != "" {
		t.Errorf("same end-to-end id (-want +got):\n%s", diff)
	}
	if again := receive(t, b, daifaFile(t, "F2", lines), day1); !again.Repeated || again.Accepted {
		t.Errorf("a refused file was not refused again: %+v", again)
	}
	accepted(t, b, daifaFile(t, "F2", sampleLines("TK", 3)), day1)
}

func TestFate_depends_on_seed_and_content_only(t *testing.T) {
	t.Parallel()
	db, tk := daifaFile(t, "F1", sampleLines("DB", 400)), painFile("F2", sampleLines("TK", 400))
	one, other := openBank(t, t.TempDir(), DefaultOptions(7)), openBank(t, t.TempDir(), DefaultOptions(7))
	a1, a2 := accepted(t, one, db, day1), accepted(t, one, tk, day1)
	b2, b1 := accepted(t, other, tk, day1), accepted(t, other, db, day1)
	if diff := cmp.Diff([]Answer{a1, a2}, []Answer{b1, b2}); diff != "" {
		t.Errorf("the order of the files matters:\n%s", diff)
	}
	for _, day := range one.Dates(debtor) {
		if !bytes.Equal(statement(t, one, day).Bytes, statement(t, other, day).Bytes) {
			t.Errorf("the statements of %s differ", day)
		}
	}
	later := openBank(t, t.TempDir(), DefaultOptions(7))
	accepted(t, later, db, day1.Add(30))
	if diff := cmp.Diff(lineFates(one), lineFates(later)); diff != "" {
		t.Errorf("the day matters:\n%s", diff)
	}
	seeded := openBank(t, t.TempDir(), DefaultOptions(8))
	accepted(t, seeded, db, day1)
	if cmp.Equal(lineFates(one), lineFates(seeded)) {
		t.Error("another seed gives the same fates")
	}
}

// lineFates are the fates of file F1, line by line.
func lineFates(b *Bank) []fate {
	var list []fate
	for _, l := range b.orders["F1"].lines {
		list = append(list, l.fate)
	}
	return list
}

func TestFate_default_rates(t *testing.T) {
	t.Parallel()
	r := refusals{}
	o := readDaifa(daifaFile(t, "F1", sampleLines("DB", 15_000)), &r)
	for seed := range int64(20) {
		decide(o, DefaultOptions(seed))
		n := map[fate]int{}
		for _, l := range o.lines {
			n[l.fate]++
		}
		if f := n[fateFailed]; f < 45 || f > 300 {
			t.Errorf("seed %d: %d of 15,000 fail, want 0.3%% to 2%%", seed, f)
		}
		if n[fateForgotten] < 1 || n[fateReturned] < 1 {
			t.Errorf("seed %d: %d forgotten, %d returned, want at least one each", seed, n[fateForgotten], n[fateReturned])
		}
	}
}

func TestFate_minima(t *testing.T) {
	t.Parallel()
	for seed := range int64(50) {
		o := &order{lines: make([]instruction, 10)}
		opt := DefaultOptions(seed)
		opt.FailRate, opt.ForgetRate, opt.ReturnRate = 0, 0, 0
		for i := range o.lines {
			o.lines[i] = instruction{endToEnd: decimal(i), account: "62", amount: 100}
		}
		decide(o, opt)
		n := map[fate]int{}
		for _, l := range o.lines {
			n[l.fate]++
		}
		want := map[fate]int{fateFailed: 1, fateForgotten: 1, fateReturned: 1, fateCredited: 7}
		if diff := cmp.Diff(want, n); diff != "" {
			t.Errorf("seed %d, ten lines (-want +got):\n%s", seed, diff)
		}
		o.lines = o.lines[:9]
		decide(o, opt)
		for _, l := range o.lines {
			if l.fate != fateCredited {
				t.Errorf("seed %d: the minima hold below MinLines", seed)
			}
		}
	}
}

func TestFate_uses_every_reason(t *testing.T) {
	t.Parallel()
	opt := Options{Seed: 3, FailRate: 5_000, ReturnRate: rateBase, ReturnAfterDays: 1}
	b := openBank(t, t.TempDir(), opt)
	accepted(t, b, daifaFile(t, "F1", sampleLines("DB", 2_000)), day1)
	seen := map[string]bool{}
	for _, l := range b.orders["F1"].lines {
		seen[l.reason.text] = true
	}
	if want := len(failureReasons()) + len(returnReasons()); len(seen) != want {
		t.Errorf("%d reasons seen, want %d: %v", len(seen), want, seen)
	}
}

func TestResults_name_every_payment_once(t *testing.T) {
	t.Parallel()
	opt := DefaultOptions(1)
	opt.ForgetRate = 1_000
	b := openBank(t, t.TempDir(), opt)
	first := accepted(t, b, daifaFile(t, "F1", sampleLines("DB", 300)), day1).Files[0]
	second, err := b.QueryResult("F1")
	if err != nil {
		t.Fatal(err)
	}
	forgotten := fatesOf(b, "F1")[fateForgotten]
	if forgotten < 10 || second.Lines != forgotten || first.Lines != 300-forgotten {
		t.Errorf("%d forgotten; results name %d and %d of 300", forgotten, first.Lines, second.Lines)
	}
	if ok := bytes.Count(second.Bytes, []byte("|0000|")); ok != forgotten {
		t.Errorf("the query result credits %d payments, want %d", ok, forgotten)
	}
	if _, err := b.QueryResult("F9"); !errors.Is(err, ErrUnknown) {
		t.Errorf("query of an unknown file: %v", err)
	}
}

func TestQueryResult_of_nothing_forgotten_is_empty(t *testing.T) {
	t.Parallel()
	b := openBank(t, t.TempDir(), Options{})
	accepted(t, b, daifaFile(t, "F1", sampleLines("DB", 2)), day1)
	f, err := b.QueryResult("F1")
	if err != nil {
		t.Fatal(err)
	}
	if want := "R|1.0|F1|2|0|0.00|0|0.00|0|0.00|20261009\r\nT|0|0.00\r\n"; string(f.Bytes) != want || f.Lines != 0 {
		t.Errorf("got %q", f.Bytes)
	}
}

func TestFund(t *testing.T) {
	t.Parallel()
	b := openBank(t, t.TempDir(), Options{})
	for range 2 {
		if err := b.Fund(debtor, 100, day1, "CZ-1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Fund(debtor, 101, day1, "CZ-1"); err == nil {
		t.Error("the same reference with another amount was taken")
	}
	for name, err := range map[string]error{
		"no amount": b.Fund(debtor, 0, day1, "CZ-2"), "no reference": b.Fund(debtor, 1, day1, ""),
		"no account": b.Fund("", 1, day1, "CZ-2"), "no date": b.Fund(debtor, 1, "9.10.2026", "CZ-2"),
	} {
		if err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if len(b.funding) != 1 {
		t.Errorf("%d credits, want 1", len(b.funding))
	}
}

func TestClosed_days_do_not_change(t *testing.T) {
	t.Parallel()
	b := openBank(t, t.TempDir(), Options{})
	if err := b.Fund(debtor, 100, day1, "CZ-1"); err != nil {
		t.Fatal(err)
	}
	before := statement(t, b, day1)
	if a := accepted(t, b, daifaFile(t, "F1", sampleLines("DB", 2)), day1); a.BookedOn != day1.Add(1) {
		t.Errorf("booked on %s, want the day after the closed %s", a.BookedOn, day1)
	}
	if err := b.Fund(debtor, 100, day1, "CZ-2"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, statement(t, b, day1)); diff != "" {
		t.Errorf("the statement changed:\n%s", diff)
	}
	if got := b.ClosedThrough(); got != day1 {
		t.Errorf("closed through %s", got)
	}
	if _, err := b.Statement("999", day1); !errors.Is(err, ErrUnknown) {
		t.Errorf("statement of an unknown account: %v", err)
	}
}

func TestOpen_refuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := openBank(t, dir, DefaultOptions(7))
	accepted(t, b, daifaFile(t, "F1", sampleLines("DB", 12)), day1)
	if _, err := Open(dir, DefaultOptions(8)); err == nil {
		t.Error("other options were taken")
	}
	for _, opt := range []Options{
		{FailRate: -1}, {FailRate: 10_001}, {ReturnRate: 1}, {MinFailures: 2, MinLines: 1}, {ReturnAfterDays: 400},
	} {
		if _, err := Open(t.TempDir(), opt); err == nil {
			t.Errorf("options %+v were taken", opt)
		}
	}
	path := filepath.Join(dir, receivedDir, b.orders["F1"].digest)
	if err := os.WriteFile(path, []byte("H|"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, DefaultOptions(7)); err == nil {
		t.Error("an altered received file was taken")
	}
}

func TestOpen_two_processes_do_not_overwrite_each_other(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, two := openBank(t, dir, Options{}), openBank(t, dir, Options{})
	accepted(t, one, daifaFile(t, "F1", sampleLines("DB", 2)), day1)
	if _, err := two.Receive("F2", daifaFile(t, "F2", sampleLines("TK", 2)), day1); err == nil {
		t.Error("the second process wrote over the first one's event")
	}
	if again := openBank(t, dir, Options{}); len(again.Books()) != 2 {
		t.Errorf("%d payments in the books, want 2", len(again.Books()))
	}
}

func TestFen(t *testing.T) {
	t.Parallel()
	for f, want := range map[Fen]string{0: "0.00", 5: "0.05", 123_450: "1234.50", -7: "-0.07"} {
		if f.String() != want {
			t.Errorf("%d prints %s, want %s", int64(f), f, want)
		}
	}
	for _, s := range []string{"", ".00", "1", "1.0", "1.000", "01.00", "+1.00", "-1.00", "1e2.00", " 1.00", "1234567890123456.00"} {
		if f, ok := parseYuan(s); ok {
			t.Errorf("%q was read as %s", s, f)
		}
	}
	for s, want := range map[string]Fen{"1": 100, "1.5": 150, "01.50": 150, "0.05": 5} {
		if f, ok := parseDecimal(s); !ok || f != want {
			t.Errorf("%q was read as %s, want %s", s, f, want)
		}
	}
}

func TestDay(t *testing.T) {
	t.Parallel()
	if got := DayOf(time.Date(2026, 2, 27, 23, 0, 0, 0, time.UTC)).Add(2); got != "2026-03-01" {
		t.Errorf("two days after 2026-02-27 is %s", got)
	}
	for _, bad := range []Day{"", "2026-13-01", "2026-2-1", "20261009"} {
		if bad.check() == nil {
			t.Errorf("%q is taken as a date", bad)
		}
	}
}

// TestTexts_are_in_GBK: of the bank's own texts nothing is substituted.
func TestTexts_are_in_GBK(t *testing.T) {
	t.Parallel()
	for _, r := range append(failureReasons(), returnReasons()...) {
		gbk(t, r.text)
	}
	for a := answerPaid; a <= answerPartly; a++ {
		gbk(t, textOf(&said{&instruction{reason: &failureReasons()[0]}, a}))
	}
}

// tree is every file of a directory with its content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		files[path[len(dir):]] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
