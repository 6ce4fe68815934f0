package ledger

import (
	"context"
	"fmt"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// HolderNow is the piece that holds one fen of a lot now: one probe of the
// primary key, the greatest offset at or below the address.
func HolderNow(ctx context.Context, q db.Querier, lot LotID, address money.Fen) (Piece, error) {
	found, err := pieces(ctx, q, `SELECT lot, offset_fen, amount_fen, opened_seq, coalesce(account, 0), coalesce(holding, 0)
		FROM piece WHERE lot = $1 AND offset_fen <= $2 ORDER BY offset_fen DESC LIMIT 1`, lot, address)
	if err != nil {
		return Piece{}, err
	}
	if len(found) == 0 || address >= found[0].End() {
		return Piece{}, errs.New(errs.NotFound, "LEDGER_NO_SUCH_FEN", "lot", lot, "address", int64(address))
	}
	return found[0], nil
}

// HolderBefore is the piece that held a fen until sequence opened, or false at
// the fen's beginning: one probe of the history's primary key.
func HolderBefore(ctx context.Context, q db.Querier, lot LotID, address money.Fen, opened int64) (Piece, bool, error) {
	found, err := pieces(ctx, q, `SELECT lot, offset_fen, amount_fen, opened_seq, coalesce(account, 0), coalesce(holding, 0)
		FROM piece_history WHERE lot = $1 AND closed_seq = $2 AND offset_fen <= $3 ORDER BY offset_fen DESC LIMIT 1`,
		lot, opened, address)
	if err != nil || len(found) == 0 || address >= found[0].End() {
		return Piece{}, false, err
	}
	return found[0], true, nil
}

// HolderAt is the piece that held a fen when its lot stood at sequence seq:
// one probe, and one more per change of holder of that fen since.
func HolderAt(ctx context.Context, q db.Querier, lot LotID, address money.Fen, seq int64) (Piece, error) {
	p, err := HolderNow(ctx, q, lot, address)
	for err == nil && p.Opened > seq {
		var found bool
		if p, found, err = HolderBefore(ctx, q, lot, address, p.Opened); err == nil && !found {
			err = errs.New(errs.NotFound, "LEDGER_NO_SUCH_FEN", "lot", lot, "address", int64(address))
		}
	}
	return p, err
}

// Holders lists everybody who held a fen, newest first.
func Holders(ctx context.Context, q db.Querier, lot LotID, address money.Fen) ([]Piece, error) {
	p, err := HolderNow(ctx, q, lot, address)
	if err != nil {
		return nil, err
	}
	all := []Piece{p}
	for {
		before, found, err := HolderBefore(ctx, q, lot, address, p.Opened)
		if err != nil {
			return nil, err
		}
		if !found {
			return all, nil
		}
		all, p = append(all, before), before
	}
}

// JournalAt is the journal that is number seq of a lot.
func JournalAt(ctx context.Context, q db.Querier, lot LotID, seq int64) (Journal, error) {
	j, found, err := oneJournal(ctx, q, `SELECT `+qualified("j")+` FROM journal j
		JOIN journal_lot l ON l.journal = j.id WHERE l.lot = $1 AND l.seq = $2`, lot, seq)
	if err == nil && !found {
		err = fmt.Errorf("lot %d has no journal number %d", lot, seq)
	}
	return j, err
}

func qualified(alias string) string {
	a := alias + "."
	return a + `id, ` + a + `kind, ` + a + `key, ` + a + `request, ` + a + `business_date, ` + a + `posted_at, ` + a + `actor, ` +
		a + `cause, ` + a + `memo, coalesce(` + a + `reverses, 0), ` + a + `transfers, ` + a + `amount_fen, ` + a + `digest`
}
