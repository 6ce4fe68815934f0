package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/db"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
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

// LinePart is a line of a journal as the part of its leaf. Every field is a
// number of a row, opaque to whoever does not have the database.
func LinePart(p *leaf.Part, t Transfer) []byte {
	return p.Start().Int(int64(t.Line)).Int(int64(t.Lot)).Int(int64(t.Debit)).Int(int64(t.Credit)).Int(int64(t.Amount)).
		Int(t.Payment).Int(t.Party).Int(int64(t.Holding)).Bytes()
}

// digest is the record hash of a journal's leaf.
func digest(j Journal, transfers []Transfer) []byte {
	var lines leaf.Tree
	var part leaf.Part
	for _, t := range transfers {
		lines.Add(LinePart(&part, t))
	}
	h := Leaf(j, &lines).Hash()
	return h[:]
}

// ProvedLine is a line of a journal with the proof that it stands under the
// root in the journal's leaf, as leaf.CheckPart checks it for part Line-1.
type ProvedLine struct {
	Transfer
	Proof tlog.RecordProof
}

// ProveLines proves lines of a journal, in one pass over all of its lines that
// keeps no more of the others than the proofs hold.
func ProveLines(ctx context.Context, q db.Querier, j Journal, lines []int32) ([]ProvedLine, error) {
	wanted := make([]int64, len(lines))
	for i, line := range lines {
		wanted[i] = int64(line) - 1
	}
	prover, err := leaf.NewProver(int64(j.Transfers), wanted...)
	if err != nil {
		return nil, fmt.Errorf("prove lines of journal %d: %w", j.ID, err)
	}
	var part leaf.Part
	at := map[int32]Transfer{}
	for _, line := range lines {
		at[line] = Transfer{}
	}
	err = eachTransfer(ctx, q, j.ID, j.ID, func(_ JournalID, t Transfer) {
		prover.Add(LinePart(&part, t))
		if _, ok := at[t.Line]; ok {
			at[t.Line] = t
		}
	})
	if err != nil {
		return nil, err
	}
	out := make([]ProvedLine, len(lines))
	for i, line := range lines {
		out[i].Transfer = at[line]
		if out[i].Proof, err = prover.Proof(int64(line) - 1); err != nil {
			return nil, fmt.Errorf("prove line %d of journal %d: %w", line, j.ID, err)
		}
	}
	return out, nil
}

// eachTransfer streams the lines of the journals first … last in order.
func eachTransfer(ctx context.Context, q db.Querier, first, last JournalID, fn func(JournalID, Transfer)) error {
	rows, err := q.Query(ctx, `SELECT journal, line, lot, debit, credit, amount_fen, coalesce(payment, 0), coalesce(party, 0), coalesce(holding, 0)
		FROM transfer WHERE journal >= $1 AND journal <= $2 ORDER BY journal, line`, first, last)
	if err != nil {
		return fmt.Errorf("read transfers: %w", err)
	}
	var journal JournalID
	var t Transfer
	_, err = pgx.ForEachRow(rows, []any{&journal, &t.Line, &t.Lot, &t.Debit, &t.Credit, &t.Amount, &t.Payment, &t.Party, &t.Holding},
		func() error {
			fn(journal, t)
			return nil
		})
	if err != nil {
		return fmt.Errorf("read transfers: %w", err)
	}
	return nil
}
