package ledger

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// Part (部分冲销) is how much of one line of a journal is reversed. A line
// between free places can be reversed in any part: its highest fen that still
// stand where it put them go back. A line that moved one leg is reversed whole.
type Part struct {
	Line   int32
	Amount money.Fen // 0: all that is left of the line
}

// digest is the fingerprint of what a reversal asks for.
func (r Reversal) digest(c Command) []byte {
	h := sha256.New()
	hashInts(h, int64(r.Journal))
	for _, part := range r.Parts {
		hashInts(h, int64(part.Line), int64(part.Amount))
	}
	return h.Sum(c.requestDigest())
}

// complete reports parts that the journal does not have, or has once.
func (r Reversal) complete(transfers []Transfer) error {
	named := map[int32]bool{}
	for _, part := range r.Parts {
		switch {
		case part.Line < 1 || int(part.Line) > len(transfers) || named[part.Line]:
			return errs.New(errs.Invalid, "LEDGER_PART_UNKNOWN", "journal", r.Journal, "line", part.Line, "lines", len(transfers))
		case part.Amount < 0:
			return errs.New(errs.Invalid, "LEDGER_AMOUNT_NOT_POSITIVE", "amount", part.Amount)
		}
		named[part.Line] = true
	}
	return nil
}

// lots are those of the journal's lots that the reversal touches.
func (r Reversal) lots(all map[LotID]int64, transfers []Transfer) map[LotID]int64 {
	if len(r.Parts) == 0 {
		return all
	}
	touched := map[LotID]int64{}
	for _, part := range r.Parts {
		lot := transfers[part.Line-1].Lot
		touched[lot] = all[lot]
	}
	return touched
}

// way is where a line of a journal moved money, and of which leg.
type way struct {
	debit, credit AccountID
	holding       HoldingID
}

// remainder is what is not reversed yet of a journal: in all, and by the way
// its lines went. Lines of the same way are not told apart.
type remainder struct {
	amount money.Fen
	of     map[way]money.Fen
}

// unreversed reads what reversals have left of a journal.
func unreversed(ctx context.Context, q db.Querier, j Journal, transfers []Transfer) (remainder, error) {
	left := remainder{amount: j.Amount, of: map[way]money.Fen{}}
	for _, t := range transfers {
		left.of[way{t.Debit, t.Credit, t.Holding}] += t.Amount // their sum is the journal's, with a check
	}
	rows, err := q.Query(ctx, `SELECT t.credit, t.debit, coalesce(t.holding, 0), t.amount_fen
		FROM journal j JOIN transfer t ON t.journal = j.id WHERE j.reverses = $1`, j.ID)
	if err != nil {
		return left, fmt.Errorf("read reversals of journal %d: %w", j.ID, err)
	}
	var w way
	var amount money.Fen
	_, err = pgx.ForEachRow(rows, []any{&w.debit, &w.credit, &w.holding, &amount}, func() error {
		left.of[w] -= amount
		left.amount -= amount
		return nil
	})
	if err != nil {
		return left, fmt.Errorf("read reversals of journal %d: %w", j.ID, err)
	}
	return left, nil
}

func (p *posting) undoParts(original Journal, parts []Part, left remainder, seqs map[LotID]int64, transfers []Transfer) error {
	if original.Reverses != 0 {
		return cannotReverse(original, "LEDGER_REVERSES_A_REVERSAL")
	}
	for _, part := range parts {
		t := transfers[part.Line-1]
		w := way{t.Debit, t.Credit, t.Holding}
		open := min(t.Amount, left.of[w])
		amount := part.Amount
		if amount == 0 {
			amount = open
		}
		switch {
		case open == 0:
			return errs.New(errs.Conflict, "LEDGER_REVERSED_ALREADY", "journal", original.ID)
		case amount > open:
			return errs.New(errs.Invalid, "LEDGER_PART_TOO_MUCH", "journal", original.ID, "line", t.Line,
				"asked", amount.Grouped(), "left", open.Grouped())
		}
		left.of[w] -= amount
		if err := p.undoPart(original, t, seqs[t.Lot], amount); err != nil {
			return err
		}
	}
	return nil
}

func (p *posting) undoPart(original Journal, t Transfer, seq int64, amount money.Fen) error {
	debit, credit := p.accounts[t.Debit].Place.Kind, p.accounts[t.Credit].Place.Kind
	switch {
	case credit == Appropriated:
		return cannotReverse(original, "LEDGER_REVERSES_A_BRING")
	case debit == Shortfall || credit == Shortfall:
		return cannotReverse(original, "LEDGER_REVERSES_A_CLAIM")
	case debit.Free() && credit.Free() && t.Holding == 0:
		return p.undoShift(original, t, seq, amount)
	case t.Holding != 0 && debit.Held() && credit.Held():
		return p.undoMove(original, t, amount)
	}
	return cannotReverse(original, "LEDGER_REVERSES_LEGS_IN_PART")
}

// undoShift gives fen that a line moved between free places back: the highest
// of those that still stand where it put them.
func (p *posting) undoShift(original Journal, t Transfer, seq int64, amount money.Fen) error {
	stand, err := p.putThere(t, seq)
	if err != nil {
		return err
	}
	slices.Reverse(stand)
	taken, rest := trim(stand, amount, true)
	if amountOf(taken) < amount {
		return cannotReverse(original, "LEDGER_MOVED_SINCE")
	}
	now := p.lots[t.Lot].Seq
	if err := closeSegments(p.ctx, p.tx, stand[:len(taken)], taken, now); err != nil {
		return err
	}
	slices.Reverse(taken)
	back := merge(taken)
	for i := range back {
		back[i].Opened, back[i].Account = now, t.Credit
	}
	if err := insertPieces(p.ctx, p.tx, append(rest, back...)); err != nil {
		return err
	}
	return p.transfer(Transfer{Lot: t.Lot, Debit: t.Credit, Credit: t.Debit, Amount: amount})
}

// putThere are the segments, ascending, that a line took from its credit account
// and that have stood in its debit account since.
func (p *posting) putThere(t Transfer, seq int64) ([]Piece, error) {
	closed, err := pieces(p.ctx, p.tx, `SELECT lot, offset_fen, amount_fen, opened_seq, account, 0::bigint
		FROM piece_history WHERE lot = $1 AND closed_seq = $2 AND account = $3 ORDER BY offset_fen`, t.Lot, seq, t.Credit)
	if err != nil {
		return nil, err
	}
	stand, err := pieces(p.ctx, p.tx, `SELECT lot, offset_fen, amount_fen, opened_seq, account, 0::bigint
		FROM piece WHERE account = $1 AND opened_seq = $2 ORDER BY offset_fen`, t.Debit, seq)
	if err != nil {
		return nil, err
	}
	from := merge(closed)
	return slices.DeleteFunc(stand, func(s Piece) bool {
		return !slices.ContainsFunc(from, func(c Piece) bool { return c.Offset <= s.Offset && s.End() <= c.End() })
	}), nil
}

// undoMove puts a leg that a line moved back where it stood before.
func (p *posting) undoMove(original Journal, t Transfer, amount money.Fen) error {
	found, err := Holdings(p.ctx, p.tx, []HoldingID{t.Holding})
	if err != nil {
		return err
	}
	switch {
	case amount != t.Amount:
		return cannotReverse(original, "LEDGER_REVERSES_LEGS_IN_PART")
	case len(found) != 1 || found[0].Account != t.Debit || found[0].Amount != t.Amount:
		return cannotReverse(original, "LEDGER_MOVED_SINCE")
	}
	if err := p.stand(found, func(Holding) AccountID { return t.Credit }); err != nil {
		return err
	}
	t.Debit, t.Credit = t.Credit, t.Debit
	return p.transfer(t)
}
