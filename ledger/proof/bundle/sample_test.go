package bundle_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"fenlu/ledger/proof/bundle"
	"fenlu/ledger/proof/checkpoint"
	"fenlu/ledger/proof/checkpoint/logtest"
	"fenlu/ledger/proof/leaf"
)

// testSecret is the key whose seed is the bytes 0 to 31 (docs/proof.md).
const testSecret = "PRIVATE+KEY+fenlu/0123456789abcdef+e740f53b+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

const origin = "fenlu/0123456789abcdef"

func testSigner(t testing.TB) checkpoint.Signer {
	t.Helper()
	s, err := checkpoint.ParseSigner(testSecret)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func signWith(s checkpoint.Signer) func(string) ([]byte, error) {
	return func(text string) ([]byte, error) { return checkpoint.SignText(text, s) }
}

// payee is who the sample's payment reaches, and salt opens the commitment.
var (
	payee = leaf.Payee{Name: "赵一", IDNumber: "991301195001010011", Account: "6217000000000000011", BankCode: "102991300011"}
	salt  = []byte(strings.Repeat("s", leaf.SaltSize))
)

// entry is a leaf of the sample's log with all its parts; shown are the parts
// that the bundle has.
type entry struct {
	leaf  *leaf.Leaf
	parts [][]byte
	shown []int64
}

func entryOf(l *leaf.Leaf, shown []int64, parts ...[]byte) entry {
	var tree leaf.Tree
	for _, p := range parts {
		tree.Add(p)
	}
	if len(parts) > 0 {
		l.Parts(&tree)
	}
	return entry{l, parts, shown}
}

func partOf(values ...string) []byte {
	var p leaf.Part
	p.Start()
	for _, v := range values {
		p.Text(v)
	}
	return append([]byte(nil), p.Bytes()...)
}

// entries are the log of the sample: money is brought in, frozen, instructed
// and paid to three persons, of whom the bundle shows the second.
func entries() []entry {
	commitment := hex.EncodeToString(payee.Commit(salt))
	attempt := func(line, id, payment, amount, commitment string) []byte {
		return partOf(line, id, payment, "1", "77", amount, commitment)
	}
	paid := func(line, amount, payment, party, leg string) []byte {
		return partOf(line, "1", "4", "paid/1", "3", "in_transit/1", amount, payment, party, leg)
	}
	said := func(pos, id, amount string) []byte {
		return partOf(pos, "status", "", id, "BR"+pos, amount, "CRDT", "ACSC", "", "", "2026-10-09", "0", pos, pos, "matched", "paid")
	}
	return []entry{
		entryOf(leaf.New("installation", 1).Int("id", 1).Text("name", "demo").Text("value", "true"), nil),
		entryOf(leaf.New("document", 1).Int("id", 1).Text("number", "财社〔2026〕12号").Text("kind", "bring"), []int64{0},
			partOf("1", "1", "bring", "1", "central", "困难群众救助补助资金", "2081901", "50305", "民政局", "", "", "", "0", "0", "1", "", "900000", "1")),
		entryOf(leaf.New("journal", 1).Int("id", 2).Text("kind", "freeze").Text("key", "freeze/1").Int("amount_fen", 190000), []int64{0},
			partOf("1", "1", "2", "frozen/1", "1", "available/1", "190000", "0", "0", "0")),
		entryOf(leaf.New("release", 1).Int("id", 1).Text("name", "QH-000001.txt").Int("count", 3).Int("sum_fen", 190000), []int64{1},
			attempt("1", "QH-1", "1001", "95000", strings.Repeat("0a", 32)), attempt("2", "QH-2", "1002", "60000", commitment),
			attempt("3", "QH-3", "1003", "35000", strings.Repeat("0b", 32))),
		entryOf(leaf.New("evidence", 1).Int("id", 1).Text("kind", "result").Text("sha256", strings.Repeat("ab", 32)), []int64{1},
			said("1", "QH-1", "95000"), said("2", "QH-2", "60000"), said("3", "QH-3", "35000")),
		entryOf(leaf.New("journal", 1).Int("id", 3).Text("kind", "settle").Text("key", "settle/1").Int("amount_fen", 190000), []int64{1},
			paid("1", "95000", "1001", "501", "9001"), paid("2", "60000", "1002", "502", "9002"), paid("3", "35000", "1003", "503", "9003")),
		entryOf(leaf.New("approval", 1).Int("id", 1).Text("subject", "batch:1").Text("step", "approve").Text("actor", "li"), nil),
	}
}

// sourced is the log of the sample with where everything came from: the file
// that the document came in and that of the roster, the right of who approved,
// and the looks at numbers for the bank file and for the payee. The last four,
// from alien on, are of others.
func sourced() []entry {
	list := entries()
	document := list[1]
	list[1] = entryOf(leaf.New("document", 1).Int("id", 1).Text("number", "财社〔2026〕12号").Text("title", "下达补助资金").Text("kind", "bring").Int("import", 1),
		document.shown, document.parts...)
	act := func(step, comment string) *leaf.Leaf {
		return leaf.New("approval", 1).Int("id", 1).Text("subject", "batch:1").Text("step", step).Text("decision", "done").Text("actor", "li").
			Text("decided_at", "2026-10-09T01:00:00.000123Z").Text("comment", comment)
	}
	file := func(id int64, kind string) *leaf.Leaf {
		return leaf.New("import", 1).Int("id", id).Text("kind", kind).Text("sha256", strings.Repeat("cd", 32)).Int("rows", 3)
	}
	right := func(id int64, login, at string) *leaf.Leaf {
		return leaf.New("right", 1).Int("id", id).Text("login", login).Text("right", "batch.approve").Text("given", "true").Text("by", "admin").Text("at", at)
	}
	look := func(id int64, purpose, subject string) *leaf.Leaf {
		return leaf.New("unmasking", 1).Int("id", id).Text("purpose", purpose).Text("subject", subject).Int("accounts", 1).Text("actor", "shen")
	}
	list[6] = entryOf(act("make", "import:2"), nil)
	for _, l := range []*leaf.Leaf{act("approve", ""), file(1, "documents"), file(2, "roster"), right(1, "li", "2026-10-09T01:00:00.000123Z"),
		look(1, "release", "bank_file:1"), look(2, "payee", "attempt:QH-2"),
		file(3, "roster"), right(2, "wang", "2026-01-01T00:00:00.000000Z"), right(3, "li", "2026-10-09T01:00:00.000124Z"), look(3, "payee", "attempt:QH-3")} {
		list = append(list, entryOf(l, nil))
	}
	return list
}

// The leaves of sourced that tests take out or put in.
const (
	leafFile, leafRoster, leafRight, leafLook = 8, 9, 10, 12
	alien                                     = 13
)

// sampleLog is the sample's log in memory.
func sampleLog(t testing.TB) *logtest.Log {
	t.Helper()
	return logOf(t, entries())
}

func logOf(t testing.TB, list []entry) *logtest.Log {
	t.Helper()
	log := logtest.New(t, origin)
	for _, e := range list {
		log.Add(string(e.leaf.Bytes()))
	}
	return log
}

// sample is a bundle of one person, signed with the test key.
func sample(t testing.TB) bundle.Bundle {
	t.Helper()
	return sampleOf(t, entries(), func(i int) bool { return i > 0 }) // the first is not about the subject
}

// sourcedSample is the sample with where everything came from, but for some
// leaves, and with others.
func sourcedSample(t testing.TB, without, with int) bundle.Bundle {
	t.Helper()
	b := sampleOf(t, sourced(), func(i int) bool { return i > 0 && i < alien && i != without || with > 0 && i == with })
	b.Stated.Sources = true
	return b
}

func sampleOf(t testing.TB, list []entry, shown func(i int) bool) bundle.Bundle {
	t.Helper()
	log := logOf(t, list)
	head := log.Head()
	s := testSigner(t)
	b := bundle.Bundle{
		Asked: bundle.Asked{Kind: bundle.OfPerson, Subject: "502", Masked: false, By: "shen", At: "2026-11-02T01:00:00.000000Z"},
		Keys:  checkpoint.Public{First: s.Key}, Checkpoint: logtest.Sign(t, head, s), Stated: stated(),
	}
	for _, size := range []int64{2, 4} {
		b.Earlier = append(b.Earlier, bundle.Growth{Size: size, Root: log.At(size).Root, Proof: log.Grown(size, head.Size)})
	}
	for i, e := range list {
		if shown(i) {
			b.Leaves = append(b.Leaves, proved(t, log, head, int64(i), e))
		}
	}
	return b
}

func proved(t testing.TB, log *logtest.Log, head checkpoint.Checkpoint, index int64, e entry) bundle.Leaf {
	t.Helper()
	path, err := tlog.ProveRecord(head.Size, index, log)
	if err != nil {
		t.Fatal(err)
	}
	l := bundle.Leaf{Index: index, Bytes: e.leaf.Bytes(), Path: path}
	prover, err := leaf.NewProver(int64(len(e.parts)), e.shown...)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range e.parts {
		prover.Add(p)
	}
	for _, i := range e.shown {
		proof, err := prover.Proof(i)
		if err != nil {
			t.Fatal(err)
		}
		l.Parts = append(l.Parts, bundle.Part{Index: i, Bytes: e.parts[i], Path: proof})
	}
	return l
}

func stated() bundle.Stated {
	who := bundle.Party{ID: 502, Name: "赵*", Number: "991301********0011"}
	return bundle.Stated{
		Lines: []bundle.Line{{ID: 2002, Batch: "DB-2026-10-01", Program: "DB", Component: "basic", Month: "2026-10", Occasion: "regular",
			Policy: "民发〔2026〕1号 第二条", Beneficiary: who, Amount: 60000, State: "paid_persons",
			Legs: []bundle.Leg{{ID: 9002, Payment: 1002, Lot: 1, Document: "财社〔2026〕12号", BudgetLine: "财社〔2026〕12号", Place: "paid",
				Amount: 60000, Pieces: []bundle.Span{{Offset: 95000, Amount: 60000}}}}}},
		Payments: []bundle.Payment{{ID: 1002, Batch: "DB-2026-10-01", State: "paid", Amount: 60000, Payee: who}},
		Opened: []bundle.Opened{{EndToEndID: "QH-2", Salt: hex.EncodeToString(salt), Name: payee.Name, IDNumber: payee.IDNumber,
			Account: payee.Account, BankCode: payee.BankCode}},
	}
}

// written is the sample's bundle as bytes.
func written(t testing.TB) []byte {
	t.Helper()
	return write(t, sample(t))
}

// writtenSourced is that with where everything came from.
func writtenSourced(t testing.TB) []byte {
	t.Helper()
	return write(t, sourcedSample(t, 0, 0))
}

func write(t testing.TB, b bundle.Bundle) []byte {
	t.Helper()
	zip, err := bundle.Write(b, signWith(testSigner(t)))
	if err != nil {
		t.Fatal(err)
	}
	return zip
}
