package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// chunk is how many rows one statement with arrays carries.
const chunk = 20_000

// page is how many free segments are read at a time.
const page = 1_000

const journalColumns = `id, kind, key, request, business_date, posted_at, actor, cause, memo, coalesce(reverses, 0), transfers, amount_fen, digest`

func scanJournal(row pgx.CollectableRow) (Journal, error) {
	var j Journal
	err := row.Scan(&j.ID, &j.Kind, &j.Key, &j.Request, &j.BusinessDate, &j.PostedAt, &j.Actor, &j.Cause, &j.Memo,
		&j.Reverses, &j.Transfers, &j.Amount, &j.Digest)
	return j, err
}

func journalByKey(ctx context.Context, q db.Querier, key string) (Journal, bool, error) {
	return oneJournal(ctx, q, `SELECT `+journalColumns+` FROM journal WHERE key = $1`, key)
}

func oneJournal(ctx context.Context, q db.Querier, sql string, args ...any) (Journal, bool, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return Journal{}, false, fmt.Errorf("read journal: %w", err)
	}
	j, err := pgx.CollectExactlyOneRow(rows, scanJournal)
	if errors.Is(err, pgx.ErrNoRows) {
		return Journal{}, false, nil
	}
	if err != nil {
		return Journal{}, false, fmt.Errorf("read journal: %w", err)
	}
	return j, true, nil
}

// lotsOf finds the lots a command touches. An account's and a holding's lot
// never change, so this may run before the locks.
func lotsOf(ctx context.Context, q db.Querier, n named) ([]LotID, error) {
	lots := slices.Clone(n.lots)
	more, err := idsOf(ctx, q, `SELECT DISTINCT lot FROM account WHERE id = ANY($1)`, n.accounts)
	if err != nil {
		return nil, err
	}
	lots = append(lots, more...)
	more, err = lotsOfHoldings(ctx, q, n.holdings)
	if err != nil {
		return nil, err
	}
	lots = append(lots, more...)
	slices.Sort(lots)
	lots = slices.Compact(lots)
	if len(lots) == 0 {
		return nil, errs.New(errs.NotFound, "LEDGER_NOTHING_NAMED")
	}
	return lots, nil
}

func idsOf[T any](ctx context.Context, q db.Querier, sql string, ids []T) ([]LotID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := q.Query(ctx, sql, ids)
	if err != nil {
		return nil, fmt.Errorf("find lots: %w", err)
	}
	lots, err := pgx.CollectRows(rows, pgx.RowTo[LotID])
	if err != nil {
		return nil, fmt.Errorf("find lots: %w", err)
	}
	return lots, nil
}

// lotsOfHoldings finds the lots of legs.
func lotsOfHoldings(ctx context.Context, q db.Querier, ids []HoldingID) ([]LotID, error) {
	parcels, last := []int64{}, int64(0)
	for _, some := range spansOf(ids) {
		rows, err := q.Query(ctx, `SELECT h.id, h.parcel FROM holding h WHERE `+some.condition(), some.args()...)
		if err != nil {
			return nil, fmt.Errorf("find lots of legs: %w", err)
		}
		var id, parcel int64
		_, err = pgx.ForEachRow(rows, []any{&id, &parcel}, func() error {
			if parcel != last && some.has(HoldingID(id)) {
				parcels, last = append(parcels, parcel), parcel
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("find lots of legs: %w", err)
		}
	}
	slices.Sort(parcels)
	return idsOf(ctx, q, `SELECT DISTINCT lot FROM parcel WHERE id = ANY($1)`, slices.Compact(parcels))
}

func scanLot(row pgx.CollectableRow) (Lot, error) {
	var l Lot
	err := row.Scan(&l.ID, &l.Kind, &l.Size, &l.Seq, &l.Stopped)
	return l, err
}

// lockLots is the first statement that locks anything: lots in id order, so
// that two postings never wait for each other in a circle.
func lockLots(ctx context.Context, tx pgx.Tx, ids []LotID) (map[LotID]*Lot, error) {
	rows, err := tx.Query(ctx, `SELECT id, kind, size_fen, seq, stopped FROM lot WHERE id = ANY($1) ORDER BY id FOR UPDATE`, ids)
	if err != nil {
		return nil, fmt.Errorf("lock lots: %w", err)
	}
	lots, err := pgx.CollectRows(rows, scanLot)
	if err != nil {
		return nil, fmt.Errorf("lock lots: %w", err)
	}
	locked := make(map[LotID]*Lot, len(lots))
	for i := range lots {
		locked[lots[i].ID] = &lots[i]
	}
	for _, id := range ids {
		if locked[id] == nil {
			return nil, errs.New(errs.NotFound, "LEDGER_LOT_UNKNOWN", "lot", id)
		}
	}
	return locked, nil
}

func scanAccount(row pgx.CollectableRow) (Account, error) {
	var a Account
	err := row.Scan(&a.ID, &a.Lot, &a.Place.Kind, &a.Place.BudgetLine, &a.Place.Township, &a.Balance)
	return a, err
}

func accountsOfLots(ctx context.Context, tx pgx.Tx, lots []LotID) ([]Account, error) {
	rows, err := tx.Query(ctx, `SELECT id, lot, kind, budget_line, township, balance_fen
		FROM account WHERE lot = ANY($1) ORDER BY id`, lots)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	accounts, err := pgx.CollectRows(rows, scanAccount)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return accounts, nil
}

func openAccount(ctx context.Context, tx pgx.Tx, lot LotID, place Place) (*Account, error) {
	id, err := db.NextID(ctx, tx, "account_id_seq")
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO account (id, lot, kind, budget_line, township) VALUES ($1, $2, $3, $4, $5)`,
		id, lot, place.Kind, place.BudgetLine, place.Township)
	if err != nil {
		return nil, fmt.Errorf("open account: %w", err)
	}
	return &Account{ID: AccountID(id), Lot: lot, Place: place}, nil //nolint:gosec // account ids fit 31 bits
}

// freeSegments reads free segments of an account from its low (or high) end
// until they hold amount.
func freeSegments(ctx context.Context, tx pgx.Tx, account AccountID, amount money.Fen, highest bool) ([]Piece, error) {
	sql := `SELECT lot, offset_fen, amount_fen, opened_seq, account, 0::bigint FROM piece
		WHERE account = $1 AND offset_fen > $2 ORDER BY offset_fen LIMIT $3`
	edge := money.Fen(-1)
	if highest {
		sql = `SELECT lot, offset_fen, amount_fen, opened_seq, account, 0::bigint FROM piece
			WHERE account = $1 AND offset_fen < $2 ORDER BY offset_fen DESC LIMIT $3`
		edge = money.Max
	}
	var found []Piece
	for {
		segments, err := pieces(ctx, tx, sql, account, edge, page)
		if err != nil {
			return nil, err
		}
		for _, s := range segments {
			found = append(found, s)
			if amount -= s.Amount; amount <= 0 {
				return found, nil
			}
		}
		if len(segments) < page {
			return found, nil
		}
		edge = segments[len(segments)-1].Offset
	}
}

func scanPiece(row pgx.CollectableRow) (Piece, error) {
	var p Piece
	err := row.Scan((*int32)(&p.Lot), (*int64)(&p.Offset), (*int64)(&p.Amount), &p.Opened, (*int32)(&p.Account), (*int64)(&p.Holding))
	return p, err
}

func pieces(ctx context.Context, q db.Querier, sql string, args ...any) ([]Piece, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read pieces: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanPiece)
	if err != nil {
		return nil, fmt.Errorf("read pieces: %w", err)
	}
	return found, nil
}

func piecesOfHolding(ctx context.Context, q db.Querier, id HoldingID) ([]Piece, error) {
	return pieces(ctx, q, `SELECT lot, offset_fen, amount_fen, opened_seq, 0, holding FROM piece
		WHERE holding = $1 ORDER BY offset_fen`, id)
}

// closeSegments takes segments out of the current map and keeps what was
// closed of them in the history. A part that this same journal opened was
// never anybody's between two journals and leaves no trace.
func closeSegments(ctx context.Context, tx pgx.Tx, segments, closed []Piece, seq int64) error {
	if len(segments) == 0 {
		return nil
	}
	offsets := make([]int64, len(segments))
	for i, s := range segments {
		offsets[i] = int64(s.Offset)
	}
	for part := range slices.Chunk(offsets, chunk) {
		if _, err := tx.Exec(ctx, `DELETE FROM piece WHERE lot = $1 AND offset_fen = ANY($2)`, segments[0].Lot, part); err != nil {
			return fmt.Errorf("close pieces: %w", err)
		}
	}
	old := slices.DeleteFunc(slices.Clone(closed), func(p Piece) bool { return p.Opened == seq })
	_, err := db.CopyIn(ctx, tx, "piece_history",
		[]string{"lot", "offset_fen", "amount_fen", "opened_seq", "closed_seq", "account", "holding"}, len(old),
		func(i int) ([]any, error) {
			p := old[i]
			return []any{p.Lot, int64(p.Offset), int64(p.Amount), p.Opened, seq, orNull(p.Account), orNull(p.Holding)}, nil
		})
	return err
}

func insertPieces(ctx context.Context, tx pgx.Tx, list []Piece) error {
	_, err := db.CopyIn(ctx, tx, "piece", []string{"lot", "offset_fen", "amount_fen", "opened_seq", "account", "holding"}, len(list),
		func(i int) ([]any, error) {
			p := list[i]
			return []any{p.Lot, int64(p.Offset), int64(p.Amount), p.Opened, orNull(p.Account), orNull(p.Holding)}, nil
		})
	return err
}

func copyHoldings(ctx context.Context, tx pgx.Tx, list []Holding) error {
	_, err := db.CopyIn(ctx, tx, "holding", []string{"id", "line", "payment", "party", "amount_fen", "parcel"}, len(list),
		func(i int) ([]any, error) {
			h := list[i]
			return []any{h.ID, h.Line, h.Payment, h.Party, int64(h.Amount), h.parcel}, nil
		})
	return err
}

func shrinkHolding(ctx context.Context, tx pgx.Tx, id HoldingID, left money.Fen) error {
	if _, err := tx.Exec(ctx, `UPDATE holding SET amount_fen = $2 WHERE id = $1`, id, left); err != nil {
		return fmt.Errorf("split holding: %w", err)
	}
	return nil
}

// freePieces closes the holdings' segments, lot by lot, and opens them again
// as free segments of the accounts they were drawn from.
func freePieces(ctx context.Context, tx pgx.Tx, ids []HoldingID, lots map[LotID]*Lot) error {
	for part := range slices.Chunk(ids, chunk) {
		for _, lot := range sortedLots(lots) {
			if err := freePiecesOfLot(ctx, tx, part, lot); err != nil {
				return err
			}
		}
	}
	return nil
}

func freePiecesOfLot(ctx context.Context, tx pgx.Tx, ids []HoldingID, lot *Lot) error {
	_, err := tx.Exec(ctx, `INSERT INTO piece_history (lot, offset_fen, amount_fen, opened_seq, closed_seq, holding)
		SELECT p.lot, p.offset_fen, p.amount_fen, p.opened_seq, $3, p.holding
		FROM piece p WHERE p.holding = ANY($1) AND p.lot = $2 AND p.opened_seq <> $3`, ids, lot.ID, lot.Seq)
	if err != nil {
		return fmt.Errorf("close pieces: %w", err)
	}
	_, err = tx.Exec(ctx, `UPDATE piece SET account = h.origin, holding = NULL, opened_seq = $3
		FROM leg h WHERE piece.holding = ANY($1) AND piece.lot = $2 AND h.id = piece.holding`, ids, lot.ID, lot.Seq)
	if err != nil {
		return fmt.Errorf("free pieces: %w", err)
	}
	return nil
}

func insertClaim(ctx context.Context, tx pgx.Tx, lot *Lot, account AccountID, amount money.Fen, journal JournalID) (int64, error) {
	id, err := db.NextID(ctx, tx, "claim_id_seq")
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO claim (id, lot, account, amount_fen, journal, seq) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, lot.ID, account, amount, journal, lot.Seq)
	if err != nil {
		return 0, fmt.Errorf("book claim: %w", err)
	}
	return id, nil
}

// openClaims reads the open claims of a lot, oldest first. A claim's shortfall
// is of the budget line that lacked the money, which need not be the claim's:
// the n-th claim of a journal on an account is its n-th transfer from shortfall.
func openClaims(ctx context.Context, tx pgx.Tx, lot LotID) ([]*openClaim, error) {
	rows, err := tx.Query(ctx, `SELECT o.id, o.account, o.open_fen, b.credit FROM (
			SELECT c.id, c.account, c.journal, row_number() OVER (PARTITION BY c.journal, c.account ORDER BY c.id) AS n,
				c.amount_fen - coalesce((SELECT sum(v.amount_fen)::bigint FROM claim_cover v WHERE v.claim = c.id), 0) AS open_fen
			FROM claim c WHERE c.lot = $1) o
		JOIN (SELECT t.journal, t.debit, t.credit, row_number() OVER (PARTITION BY t.journal, t.debit ORDER BY t.line) AS n
			FROM transfer t JOIN account s ON s.id = t.credit
			WHERE t.journal IN (SELECT c.journal FROM claim c WHERE c.lot = $1) AND s.lot = $1 AND s.kind = 'shortfall') b
			ON b.journal = o.journal AND b.debit = o.account AND b.n = o.n
		WHERE o.open_fen > 0 ORDER BY o.id`, lot)
	if err != nil {
		return nil, fmt.Errorf("read claims: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*openClaim, error) {
		var c openClaim
		err := row.Scan(&c.id, &c.account, &c.open, &c.short)
		return &c, err
	})
}

func insertCover(ctx context.Context, tx pgx.Tx, claim int64, journal JournalID, amount money.Fen) error {
	_, err := tx.Exec(ctx, `INSERT INTO claim_cover (claim, journal, amount_fen) VALUES ($1, $2, $3)`, claim, journal, amount)
	if err != nil {
		return fmt.Errorf("cover claim: %w", err)
	}
	return nil
}

// change is what a journal changes in one account, net.
type change struct {
	account AccountID
	seq     int64
	delta   money.Fen
	balance money.Fen // after it
}

// applyBalances changes each touched account once, whatever the number of
// transfers, and keeps the balance after, by journal and by business date. The
// condition and the CHECK behind it refuse an overdraft even if everything above
// were wrong.
func (p *posting) applyBalances() error {
	var changes []change
	for _, id := range sortedKeys(p.deltas) {
		a, delta := p.accounts[id], p.deltas[id]
		if delta == 0 {
			continue
		}
		c := change{account: id, seq: p.lots[a.Lot].Seq, delta: delta}
		err := p.tx.QueryRow(p.ctx, `UPDATE account SET balance_fen = balance_fen + $2
			WHERE id = $1 AND (balance_fen + $2 >= 0 OR kind IN ('appropriated', 'shortfall')) RETURNING balance_fen`,
			id, delta).Scan(&c.balance)
		if errors.Is(err, pgx.ErrNoRows) {
			return errs.New(errs.Insufficient, "LEDGER_INSUFFICIENT", "account", id, "lot", a.Lot,
				"asked", (-delta).Grouped(), "free", a.Balance.Grouped(), "missing", (-delta - a.Balance).Grouped())
		}
		if err != nil {
			return fmt.Errorf("change balance of account %d: %w", id, err)
		}
		changes = append(changes, c)
	}
	if err := insertEntries(p.ctx, p.tx, p.id, p.cmd.BusinessDate, changes); err != nil {
		return err
	}
	return closeDay(p.ctx, p.tx, p.cmd.BusinessDate, changes)
}

// columns are the changes as arrays for one statement.
func columns(changes []change) (accounts []int32, seqs, deltas, balances []int64) {
	for _, c := range changes {
		accounts, seqs = append(accounts, int32(c.account)), append(seqs, c.seq)
		deltas, balances = append(deltas, int64(c.delta)), append(balances, int64(c.balance))
	}
	return accounts, seqs, deltas, balances
}

func insertEntries(ctx context.Context, tx pgx.Tx, journal JournalID, day time.Time, changes []change) error {
	accounts, seqs, deltas, balances := columns(changes)
	_, err := tx.Exec(ctx, `INSERT INTO account_entry (account, business_date, seq, journal, delta_fen, balance_fen, debited_fen)
		SELECT c.account, $1, c.seq, $2, c.delta, c.balance, greatest(c.delta, 0) + coalesce((SELECT e.debited_fen FROM account_entry e
			WHERE e.account = c.account AND e.seq < c.seq ORDER BY e.seq DESC LIMIT 1), 0)
		FROM unnest($3::int[], $4::bigint[], $5::bigint[], $6::bigint[]) AS c (account, seq, delta, balance)`,
		day, journal, accounts, seqs, deltas, balances)
	if err != nil {
		return fmt.Errorf("record balances: %w", err)
	}
	return nil
}

// closeDay keeps where each account stands at the end of the journal's business
// date; what was booked for later dates stands that much higher now.
func closeDay(ctx context.Context, tx pgx.Tx, day time.Time, changes []change) error {
	accounts, _, deltas, _ := columns(changes)
	_, err := tx.Exec(ctx, `UPDATE account_day SET closing_fen = account_day.closing_fen + c.delta, debited_fen = account_day.debited_fen + greatest(c.delta, 0)
		FROM unnest($2::int[], $3::bigint[]) AS c (account, delta) WHERE account_day.account = c.account AND account_day.day > $1`,
		day, accounts, deltas)
	if err != nil {
		return fmt.Errorf("raise later days: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO account_day (account, day, closing_fen, debited_fen)
		SELECT c.account, $1, c.delta + coalesce(d.closing_fen, 0), greatest(c.delta, 0) + coalesce(d.debited_fen, 0)
		FROM unnest($2::int[], $3::bigint[]) AS c (account, delta)
		LEFT JOIN LATERAL (SELECT x.closing_fen, x.debited_fen FROM account_day x
			WHERE x.account = c.account AND x.day <= $1 ORDER BY x.day DESC LIMIT 1) d ON true
		ON CONFLICT (account, day) DO UPDATE SET closing_fen = excluded.closing_fen, debited_fen = excluded.debited_fen`,
		day, accounts, deltas)
	if err != nil {
		return fmt.Errorf("close day: %w", err)
	}
	return nil
}

func insertJournal(ctx context.Context, tx pgx.Tx, j Journal) error {
	_, err := tx.Exec(ctx, `INSERT INTO journal
		(id, kind, key, request, business_date, posted_at, actor, cause, memo, reverses, transfers, amount_fen, digest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		j.ID, j.Kind, j.Key, j.Request, j.BusinessDate, j.PostedAt, j.Actor, j.Cause, j.Memo, orNull(j.Reverses),
		j.Transfers, j.Amount, j.Digest)
	switch name, _ := db.Violation(err); name {
	case "journal_key":
		return errs.Wrap(err, errs.Conflict, "LEDGER_KEY_REUSED", "key", j.Key, "journal", 0)
	}
	if err != nil {
		return fmt.Errorf("insert journal: %w", err)
	}
	return nil
}

func copyTransfers(ctx context.Context, tx pgx.Tx, journal JournalID, list []Transfer) error {
	_, err := db.CopyIn(ctx, tx, "transfer",
		[]string{"journal", "line", "lot", "debit", "credit", "amount_fen", "payment", "party", "holding"}, len(list),
		func(i int) ([]any, error) {
			t := list[i]
			return []any{journal, t.Line, t.Lot, t.Debit, t.Credit, int64(t.Amount), orNull(t.Payment), orNull(t.Party), orNull(t.Holding)}, nil
		})
	return err
}

func saveLots(ctx context.Context, tx pgx.Tx, journal JournalID, lots map[LotID]*Lot) error {
	for _, l := range sortedLots(lots) {
		_, err := tx.Exec(ctx, `UPDATE lot SET size_fen = $2, seq = $3, stopped = $4 WHERE id = $1`, l.ID, l.Size, l.Seq, l.Stopped)
		if err != nil {
			return fmt.Errorf("save lot: %w", err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO journal_lot (lot, seq, journal) VALUES ($1, $2, $3)`, l.ID, l.Seq, journal); err != nil {
			return fmt.Errorf("number journal in lot: %w", err)
		}
	}
	return nil
}

func sortedLots(lots map[LotID]*Lot) []*Lot {
	out := make([]*Lot, 0, len(lots))
	for _, id := range sortedKeys(lots) {
		out = append(out, lots[id])
	}
	return out
}

func sortedKeys[K ~int32, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func orNull[T ~int32 | ~int64](v T) any {
	if v == 0 {
		return nil
	}
	return v
}
