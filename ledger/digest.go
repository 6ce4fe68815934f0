package ledger

import (
	"bytes"
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/db"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// DigestVersion is the version of the canonical bytes below (docs/proof.md).
const DigestVersion = 1

// Leaf is the leaf of a journal in the log: its header, and the count and root
// of its lines. It is proved without any line, and a line without the others.
func Leaf(j Journal, lines *leaf.Tree) *leaf.Leaf {
	return leaf.New(string(proof.KindJournal), DigestVersion).
		Int("id", int64(j.ID)).Text("kind", j.Kind).Text("key", j.Key).Hex("request", j.Request).
		Date("business_date", j.BusinessDate).Time("posted_at", j.PostedAt).
		Text("actor", j.Actor).Text("cause", j.Cause).Text("memo", j.Memo).
		Int("reverses", int64(j.Reverses)).Int("amount_fen", int64(j.Amount)).Parts(lines)
}

// Places says of accounts what they are, in words that a leaf can keep: the
// kind, the budget line and, for a reserve, the township ("paid/12",
// "reserve/7/991301001000"). An account is never moved, so a leaf that says
// where money went says it without the table of accounts.
type Places map[AccountID]string

func (p Places) add(id AccountID, at Place) {
	p[id] = string(at.Kind) + "/" + strconv.Itoa(int(at.BudgetLine))
	if at.Township != "" {
		p[id] += "/" + at.Township
	}
}

// PlacesOf reads the places of all accounts.
func PlacesOf(ctx context.Context, q db.Querier) (Places, error) {
	rows, err := q.Query(ctx, `SELECT id, kind, budget_line, township FROM account`)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	places := Places{}
	var id AccountID
	var at Place
	_, err = pgx.ForEachRow(rows, []any{&id, &at.Kind, &at.BudgetLine, &at.Township}, func() error {
		places.add(id, at)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return places, nil
}

// LinePart is a line of a journal as the part of its leaf. What it says of
// people is numbers of rows, opaque to whoever does not have the database.
func LinePart(p *leaf.Part, t Transfer, places Places) []byte {
	return p.Start().Int(int64(t.Line)).Int(int64(t.Lot)).
		Int(int64(t.Debit)).Text(places[t.Debit]).Int(int64(t.Credit)).Text(places[t.Credit]).Int(int64(t.Amount)).
		Int(t.Payment).Int(t.Party).Int(int64(t.Holding)).Bytes()
}

// digest is the record hash of the leaf of the journal in the making.
func (p *posting) digest(j Journal) []byte {
	places := Places{}
	for id, a := range p.accounts {
		places.add(id, a.Place)
	}
	var lines leaf.Tree
	var part leaf.Part
	for _, t := range p.transfers {
		lines.Add(LinePart(&part, t, places))
	}
	h := Leaf(j, &lines).Hash()
	return h[:]
}

// ProvedLine is a line of a journal: its canonical bytes, and the proof that
// they are part Line-1 under the root in the journal's leaf (leaf.CheckPart).
type ProvedLine struct {
	Line  int32
	Part  []byte
	Proof tlog.RecordProof
}

// ProveLines proves lines of a journal, in one pass over all of its lines that
// keeps no more of the others than the proofs hold.
func ProveLines(ctx context.Context, q db.Querier, j Journal, lines []int32) ([]ProvedLine, error) {
	proved := make([]ProvedLine, len(lines))
	wanted := make([]int64, len(lines))
	at := map[int32]int{}
	for i, line := range lines {
		proved[i].Line, wanted[i], at[line] = line, int64(line)-1, i
	}
	prover, err := leaf.NewProver(int64(j.Transfers), wanted...)
	if err != nil {
		return nil, fmt.Errorf("prove lines of journal %d: %w", j.ID, err)
	}
	err = eachLineOf(ctx, q, j.ID, func(line int32, part []byte) {
		prover.Add(part)
		if i, ok := at[line]; ok {
			proved[i].Part = bytes.Clone(part)
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range proved {
		if proved[i].Proof, err = prover.Proof(wanted[i]); err != nil {
			return nil, fmt.Errorf("prove line %d of journal %d: %w", proved[i].Line, j.ID, err)
		}
	}
	return proved, nil
}

// eachLine streams the transfers of the journals first … last in order, each
// with its bytes as a part, which hold until the next.
func eachLine(ctx context.Context, q db.Querier, places Places, first, last JournalID, fn func(j JournalID, t *Transfer, part []byte) error) error {
	rows, err := q.Query(ctx, `SELECT journal, line, lot, debit, credit, amount_fen, payment, party, holding
		FROM transfer WHERE journal >= $1 AND journal <= $2 ORDER BY journal, line`, first, last)
	if err != nil {
		return fmt.Errorf("read transfers: %w", err)
	}
	var t Transfer
	var part leaf.Part
	err = db.ForEachInts(rows, func(v []int64) error {
		//nolint:gosec // the columns are integer: they fit 32 bits
		t = Transfer{Line: int32(v[1]), Lot: LotID(v[2]), Debit: AccountID(v[3]), Credit: AccountID(v[4]), Amount: money.Fen(v[5]),
			Payment: v[6], Party: v[7], Holding: HoldingID(v[8])}
		return fn(JournalID(v[0]), &t, LinePart(&part, t, places))
	})
	if err != nil {
		return fmt.Errorf("read transfers: %w", err)
	}
	return nil
}

// eachLineOf streams the lines of one journal, as eachLine.
func eachLineOf(ctx context.Context, q db.Querier, j JournalID, fn func(line int32, part []byte)) error {
	places, err := PlacesOf(ctx, q)
	if err != nil {
		return err
	}
	return eachLine(ctx, q, places, j, j, func(_ JournalID, t *Transfer, part []byte) error {
		fn(t.Line, part)
		return nil
	})
}
