package ledger_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/clock"
	"fenlu/internal/rfc6962"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

var update = flag.Bool("update", false, "write the test vectors anew")

// The vectors of docs/proof.md: a journal with three lines, one of them bulk.
func TestLeaf_vectors(t *testing.T) {
	t.Parallel()
	nine := time.Date(2026, 10, 9, 9, 0, 0, 0, clock.Shanghai)
	j := ledger.Journal{ID: 42, Kind: "settle", Key: "settle/QH-000001", Request: []byte{0xca, 0xfe}, BusinessDate: nine, PostedAt: nine,
		Actor: "li", Cause: "batch/7", Memo: "10月低保\t第一批", Amount: 190000}
	var lines leaf.Tree
	var part leaf.Part
	var text bytes.Buffer
	places := ledger.Places{11: "reserve/9/991301001000", 14: "in_transit/8", 15: "paid/8"}
	for _, tr := range []ledger.Transfer{
		{Line: 1, Lot: 3, Debit: 15, Credit: 14, Amount: 95000, Payment: 1001, Party: 2001, Holding: 3001},
		{Line: 2, Lot: 3, Debit: 15, Credit: 14, Amount: 60000, Payment: 1002, Party: 2002, Holding: 3002},
		{Line: 3, Lot: 3, Debit: 11, Credit: 14, Amount: 35000},
	} {
		b := ledger.LinePart(&part, tr, places)
		lines.Add(b)
		text.Write(b)
	}
	l := ledger.Leaf(j, &lines)
	h := l.Hash()
	vector(t, "journal.leaf", l.Bytes())
	vector(t, "journal.parts", text.Bytes())
	vector(t, "journal.hash", []byte(hex.EncodeToString(h[:])+"\n"))
}

func vector(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("proof", "testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// Any line of a journal is proved by two paths: to the root in the journal's
// leaf, and from there to the root of the log. No other line is needed.
func TestProveLines_by_two_paths(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lot := b.lot(10_000)
	h := b.post(ledger.Draw{From: b.account(lot, ledger.Available), To: ledger.Frozen, Legs: legs(1, 2, 3, 4, 5, 6, 7)}).Holdings
	b.post(ledger.Move{Holdings: h, From: ledger.Frozen, To: ledger.InTransit})
	settled := b.post(ledger.Move{Holdings: h, From: ledger.InTransit, To: ledger.Paid, PerLeg: true})
	b.drain()
	j, err := ledger.JournalByID(b.ctx, b.db.Pool(), settled.Journal)
	if err != nil {
		t.Fatal(err)
	}
	text := b.linesAsText(j.ID)
	if len(text) != len(h) {
		t.Fatalf("%d lines, want %d", len(text), len(h))
	}
	l := b.leafInTheLog(j, text)
	count, root, err := leaf.PartsOf(l)
	if err != nil || count != int64(len(text)) || root != rfc6962.Root(text) {
		t.Fatalf("%d parts, root %v, %v; want %d, %v", count, root, err, len(text), rfc6962.Root(text))
	}
	proved, err := ledger.ProveLines(b.ctx, b.db.Pool(), j, []int32{7, 2})
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range []int64{7, 2} {
		p := proved[i]
		if int64(p.Line) != line || !bytes.Equal(p.Part, text[line-1]) {
			t.Errorf("line %d is %d %q, want %q", line, p.Line, p.Part, text[line-1])
		}
		if err := leaf.CheckPart(p.Proof, root, count, line-1, p.Part); err != nil {
			t.Errorf("line %d: %v", line, err)
		}
		if leaf.CheckPart(p.Proof, root, count, line-1, text[line-2]) == nil {
			t.Errorf("line %d is proved where line %d stands", line-1, line)
		}
	}
	for _, none := range []int32{0, 8} {
		if _, err := ledger.ProveLines(b.ctx, b.db.Pool(), j, []int32{none}); err == nil {
			t.Errorf("line %d is proved", none)
		}
	}
}

// A column that is added to a journal belongs into its leaf, or somebody could
// alter it unnoticed: a new version of the layout, and docs/proof.md.
func TestLeaf_has_every_column(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	columns := column[string](t, b.db.Pool(), `SELECT column_name::text FROM information_schema.columns WHERE table_name = 'journal'
		AND column_name NOT IN ('digest', 'transfers') ORDER BY 1`)
	var fields []string
	for _, f := range ledger.Leaf(ledger.Journal{}, &leaf.Tree{}).Fields {
		if f.Name != "parts" && f.Name != "parts_root" { // of the lines, with transfers their count
			fields = append(fields, f.Name)
		}
	}
	slices.Sort(fields)
	if diff := cmp.Diff(columns, fields); diff != "" {
		t.Errorf("journal (-columns +fields):\n%s", diff)
	}
	lines := column[string](t, b.db.Pool(), `SELECT column_name::text FROM information_schema.columns WHERE table_name = 'transfer' ORDER BY 1`)
	if diff := cmp.Diff([]string{"amount_fen", "credit", "debit", "holding", "journal", "line", "lot", "party", "payment"}, lines); diff != "" {
		t.Errorf("transfer (-in LinePart +columns):\n%s", diff)
	}
}

// leafInTheLog checks the leaf of a journal, as made here from its rows alone,
// against the root of the log.
func (b *book) leafInTheLog(j ledger.Journal, lines [][]byte) *leaf.Leaf {
	b.t.Helper()
	root := rfc6962.Root(lines)
	text := fmt.Sprintf("fenlu journal v1\nid\t%d\nkind\t%s\nkey\t%s\nrequest\t%x\nbusiness_date\t%s\nposted_at\t%s\nactor\t%s\ncause\t%s\nmemo\t%s\nreverses\t%d\namount_fen\t%d\nparts\t%d\nparts_root\t%x\n",
		j.ID, j.Kind, j.Key, j.Request, j.BusinessDate.Format("2006-01-02"), j.PostedAt.UTC().Format("2006-01-02T15:04:05.000000Z"),
		j.Actor, j.Cause, j.Memo, j.Reverses, j.Amount, len(lines), root[:])
	l, err := leaf.Parse([]byte(text))
	if err != nil {
		b.t.Fatalf("%q: %v", text, err)
	}
	tree, err := proof.Tree(b.ctx, b.db.Pool())
	if err != nil {
		b.t.Fatal(err)
	}
	index := b.leaf(j.ID)
	p, err := proof.ProveLeaf(b.ctx, b.db.Pool(), tree.N, index)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := tlog.CheckRecord(p, tree.N, tree.Hash, index, tlog.RecordHash([]byte(text))); err != nil {
		b.t.Errorf("journal %d: %v", j.ID, err)
	}
	return l
}

// linesAsText are the canonical bytes of the lines, written by the database.
func (b *book) linesAsText(id ledger.JournalID) [][]byte {
	b.t.Helper()
	rows, err := b.db.Pool().Query(b.ctx, `SELECT t.line::text || E'\t' || t.lot::text
			|| E'\t' || t.debit::text || E'\t' || d.kind || '/' || d.budget_line::text || CASE WHEN d.kind = 'reserve' THEN '/' || d.township ELSE '' END
			|| E'\t' || t.credit::text || E'\t' || c.kind || '/' || c.budget_line::text || CASE WHEN c.kind = 'reserve' THEN '/' || c.township ELSE '' END
			|| E'\t' || t.amount_fen::text || E'\t' || coalesce(t.payment, 0)::text || E'\t' || coalesce(t.party, 0)::text || E'\t' || coalesce(t.holding, 0)::text || E'\n'
		FROM transfer t JOIN account d ON d.id = t.debit JOIN account c ON c.id = t.credit WHERE t.journal = $1 ORDER BY t.line`, id)
	if err != nil {
		b.t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]byte, error) {
		var s string
		err := row.Scan(&s)
		return []byte(s), err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return lines
}
