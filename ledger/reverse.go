package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// Reversal asks for the reversal (冲销) of a journal by a linked one: of all of
// it, or of the Parts that are named.
type Reversal struct {
	Journal      JournalID
	Parts        []Part // none: the whole journal
	Key          string
	Actor        string
	Cause        string // empty: what caused the journal
	Memo         string
	BusinessDate time.Time
}

// ReverseTx undoes a journal, whole or in part: its transfers the other way
// round, and the fen back with the holder they had. It is refused (Conflict
// LEDGER_CANNOT_REVERSE) unless what is undone is still where the journal put
// it, and always for journals that brought money in (a 调减 document takes it out
// again), for facts that opened a claim, for bulk moves of holdings (a
// released file cannot be unsent), for part moves (the part is a leg of its own
// and moves back as one), for recoveries (the money came) and for reversals (post anew). Nothing is reversed
// twice: all reversals of a journal together are at most what it moved
// (LEDGER_REVERSED_ALREADY, LEDGER_REVERSED_IN_PART, Conflict). Other errors: LEDGER_JOURNAL_UNKNOWN; for
// parts also LEDGER_PART_UNKNOWN, LEDGER_PART_TOO_MUCH (Invalid).
func (s *Service) ReverseTx(ctx context.Context, tx pgx.Tx, r Reversal) (Posted, error) {
	original, err := JournalByID(ctx, tx, r.Journal)
	if err != nil {
		return Posted{}, err
	}
	c := Command{Key: r.Key, Kind: "reversal", Actor: r.Actor, Cause: cmp.Or(r.Cause, original.Cause), Memo: r.Memo, BusinessDate: r.BusinessDate}
	if err := c.complete(); err != nil {
		return Posted{}, err
	}
	request := r.digest(c)
	if done, found, err := replay(ctx, tx, c.Key, request); err != nil || found {
		return done, err
	}
	transfers, err := Transfers(ctx, tx, original.ID, 0, int(original.Transfers))
	if err != nil {
		return Posted{}, err
	}
	if err := r.complete(transfers); err != nil {
		return Posted{}, err
	}
	places, err := placesInLots(ctx, tx, r.Journal)
	if err != nil {
		return Posted{}, err
	}
	p, err := s.beginLots(ctx, tx, c, r.lots(places, transfers))
	if err != nil {
		return Posted{}, err
	}
	// Again under the locks: a twin may have committed while we waited.
	if done, found, err := replay(ctx, tx, c.Key, request); err != nil || found {
		return done, err
	}
	left, err := unreversed(ctx, tx, original, transfers)
	if err != nil {
		return Posted{}, err
	}
	if len(r.Parts) > 0 {
		err = p.undoParts(original, r.Parts, left, places, transfers)
	} else {
		err = p.undoWhole(original, left, places, transfers)
	}
	if err != nil {
		return Posted{}, err
	}
	return p.finish(request, r.Journal)
}

// beginLots is begin for lots known beforehand.
func (s *Service) beginLots(ctx context.Context, tx pgx.Tx, c Command, seqs map[LotID]int64) (*posting, error) {
	c.Steps = nil
	for lot := range seqs {
		c.Steps = append(c.Steps, Bring{Lot: lot})
	}
	return s.begin(ctx, tx, c)
}

// placesInLots says which number the journal has in each of its lots.
func placesInLots(ctx context.Context, q db.Querier, id JournalID) (map[LotID]int64, error) {
	rows, err := q.Query(ctx, `SELECT lot, seq FROM journal_lot WHERE journal = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("read lots of journal: %w", err)
	}
	seqs, lot, seq := map[LotID]int64{}, LotID(0), int64(0)
	_, err = pgx.ForEachRow(rows, []any{&lot, &seq}, func() error { seqs[lot] = seq; return nil })
	return seqs, err
}

func (p *posting) undoWhole(original Journal, left remainder, seqs map[LotID]int64, transfers []Transfer) error {
	switch left.amount {
	case original.Amount:
	case 0:
		return errs.New(errs.Conflict, "LEDGER_REVERSED_ALREADY", "journal", original.ID)
	default:
		return errs.New(errs.Conflict, "LEDGER_REVERSED_IN_PART", "journal", original.ID, "left", left.amount.Grouped())
	}
	if err := p.reversible(original, transfers); err != nil {
		return err
	}
	put := map[AccountID]bool{}
	for _, t := range transfers {
		put[t.Debit] = true
	}
	for lot, seq := range seqs {
		if err := p.undoPieces(original, lot, seq, put, transfers); err != nil {
			return err
		}
	}
	if err := p.undoMoves(original, transfers); err != nil {
		return err
	}
	for _, t := range slices.Backward(transfers) {
		t.Debit, t.Credit = t.Credit, t.Debit
		if err := p.transfer(t); err != nil {
			return err
		}
	}
	return nil
}

// cannotReverse refuses with the reason as its cause.
func cannotReverse(j Journal, why string) error {
	return errs.Wrap(errs.New(errs.Conflict, why), errs.Conflict, "LEDGER_CANNOT_REVERSE", "journal", j.ID, "kind", j.Kind)
}

func (p *posting) reversible(j Journal, transfers []Transfer) error {
	if j.Reverses != 0 {
		return cannotReverse(j, "LEDGER_REVERSES_A_REVERSAL")
	}
	for _, t := range transfers {
		debit, credit := p.accounts[t.Debit].Place.Kind, p.accounts[t.Credit].Place.Kind
		switch {
		case credit == Appropriated:
			return cannotReverse(j, "LEDGER_REVERSES_A_BRING")
		case credit == Shortfall || debit == Shortfall:
			return cannotReverse(j, "LEDGER_REVERSES_A_CLAIM")
		case debit == Recovered || credit == Recovered:
			return cannotReverse(j, "LEDGER_REVERSES_A_RECOVERY")
		case debit.Held() && credit.Held() && t.Holding == 0:
			return cannotReverse(j, "LEDGER_REVERSES_A_RELEASE")
		}
	}
	return nil
}

// undoMoves puts moved holdings back where they stood before the journal, last
// move first; each must still stand, whole, where the journal put it.
func (p *posting) undoMoves(j Journal, transfers []Transfer) error {
	var ids []HoldingID
	for _, t := range transfers {
		if t.Holding != 0 && p.accounts[t.Debit].Place.Kind.Held() {
			ids = append(ids, t.Holding)
		}
	}
	list, err := Holdings(p.ctx, p.tx, ids)
	if err != nil {
		return err
	}
	now, amounts := map[HoldingID]AccountID{}, map[HoldingID]money.Fen{}
	for _, h := range list {
		now[h.ID], amounts[h.ID] = h.Account, h.Amount
	}
	for _, t := range slices.Backward(transfers) {
		if t.Holding == 0 || !p.accounts[t.Debit].Place.Kind.Held() {
			continue
		}
		if now[t.Holding] != t.Debit || amounts[t.Holding] != t.Amount {
			return cannotReverse(j, "LEDGER_MOVED_SINCE")
		}
		now[t.Holding] = t.Credit
	}
	return p.stand(list, func(h Holding) AccountID { return now[h.ID] })
}

// undoPieces gives every segment the journal closed in a lot back to the
// holder it had, if the journal's own segments still stand there untouched.
// put are the accounts it moved money into.
func (p *posting) undoPieces(j Journal, lot LotID, seq int64, put map[AccountID]bool, transfers []Transfer) error {
	closed, err := pieces(p.ctx, p.tx, `SELECT lot, offset_fen, amount_fen, opened_seq, coalesce(account, 0), coalesce(holding, 0)
		FROM piece_history WHERE lot = $1 AND closed_seq = $2 ORDER BY offset_fen`, lot, seq)
	if err != nil {
		return err
	}
	var opened []Piece
	for _, span := range merge(closed) {
		found, err := p.openedIn(j, span, seq)
		if err != nil {
			return err
		}
		opened = append(opened, found...)
	}
	if err := p.dropHoldings(j, opened, put); err != nil {
		return err
	}
	if err := closeSegments(p.ctx, p.tx, opened, opened, p.lots[lot].Seq); err != nil {
		return err
	}
	now := p.lots[lot].Seq
	for i := range closed {
		closed[i].Opened = now
	}
	if err := p.reviveHoldings(j, closed, transfers); err != nil {
		return err
	}
	return insertPieces(p.ctx, p.tx, closed)
}

// openedIn is what the journal opened in a span of addresses; all of it must
// still stand there.
func (p *posting) openedIn(j Journal, span Piece, seq int64) ([]Piece, error) {
	current, err := pieces(p.ctx, p.tx, `SELECT lot, offset_fen, amount_fen, opened_seq, coalesce(account, 0), coalesce(holding, 0)
		FROM piece WHERE lot = $1 AND offset_fen >= $2 AND offset_fen < $3 ORDER BY offset_fen`, span.Lot, span.Offset, span.End())
	if err != nil {
		return nil, err
	}
	moved := slices.ContainsFunc(current, func(c Piece) bool { return c.Opened != seq })
	if moved || amountOf(current) != span.Amount {
		return nil, cannotReverse(j, "LEDGER_MOVED_SINCE")
	}
	return current, nil
}

// dropHoldings gives up the holdings a draw made; they must still stand in
// an account the draw put money into.
func (p *posting) dropHoldings(j Journal, opened []Piece, put map[AccountID]bool) error {
	made := holdingsOf(opened)
	found, err := Holdings(p.ctx, p.tx, made)
	if err != nil {
		return err
	}
	for _, h := range found {
		if !put[h.Account] {
			return cannotReverse(j, "LEDGER_MOVED_SINCE")
		}
	}
	return p.stand(found, func(Holding) AccountID { return 0 })
}

// holdingsOf are the holdings that hold pieces, each once.
func holdingsOf(list []Piece) []HoldingID {
	var ids []HoldingID
	for _, p := range list {
		if p.Holding != 0 {
			ids = append(ids, p.Holding)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// reviveHoldings puts holdings that the journal gave back where they stood:
// its transfer to their origin names the account.
func (p *posting) reviveHoldings(j Journal, closed []Piece, transfers []Transfer) error {
	given, err := Holdings(p.ctx, p.tx, holdingsOf(closed))
	if err != nil {
		return err
	}
	stood := map[HoldingID]Transfer{}
	for _, t := range transfers {
		if t.Holding != 0 && !p.accounts[t.Debit].Place.Kind.Held() {
			stood[t.Holding] = t
		}
	}
	for _, h := range given {
		if t, ok := stood[h.ID]; !ok || h.Account != 0 || t.Debit != h.Origin {
			return cannotReverse(j, "LEDGER_REVERSES_A_PART")
		}
	}
	return p.stand(given, func(h Holding) AccountID { return stood[h.ID].Credit })
}
