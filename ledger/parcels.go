package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// parcel (成组资金) is the legs of one draw that have stood together since. Most
// of a file is released and paid as one; so moving a parcel is one row, however
// many legs it has.
type parcel struct {
	id          int64
	first, last HoldingID // the numbers of its legs lie between them
	lot         LotID
	account     AccountID // 0: given back
	origin      AccountID
	legs        int
	parent      int64 // that it parted from, 0: made by a draw
}

// stand puts holdings, as read under the locks, into the accounts that to
// names; 0 gives them back. Legs that leave the rest of their parcel, or the
// rest they leave, whichever are fewer, get a parcel of their own.
func (p *posting) stand(list []Holding, to func(Holding) AccountID) error {
	type move struct {
		parcel int64
		target AccountID
	}
	legs, order := map[move][]HoldingID{}, []move{}
	for _, h := range list {
		m := move{h.parcel, to(h)}
		if legs[m] == nil {
			order = append(order, m)
		}
		legs[m] = append(legs[m], h.ID)
	}
	ids := make([]int64, len(order))
	for i, m := range order {
		ids[i] = m.parcel
	}
	parcels, err := parcelsByID(p.ctx, p.tx, ids)
	if err != nil {
		return err
	}
	for _, m := range order {
		if err := p.regroup(parcels[m.parcel], legs[m], m.target); err != nil {
			return err
		}
	}
	return nil
}

// moveParcels moves holdings that are whole parcels, all standing where the step
// says, without reading a leg: the server counts and sums them. It does nothing,
// and says so, where the legs must be looked at one by one.
func (p *posting) moveParcels(s Move) (done bool, err error) {
	sums, err := sumParcels(p.ctx, p.tx, s.Holdings)
	if err != nil {
		return false, err
	}
	parcels, err := parcelsByID(p.ctx, p.tx, slices.Sorted(maps.Keys(sums)))
	if err != nil {
		return false, err
	}
	var whole []Holding // a parcel as if it were one leg
	legs := 0
	for _, id := range slices.Sorted(maps.Keys(sums)) {
		c := parcels[id]
		if c == nil || sums[id].legs != c.legs || c.account == 0 || p.accounts[c.account].Place.Kind != s.From {
			return false, nil
		}
		legs += c.legs
		whole = append(whole, Holding{Lot: c.lot, Account: c.account, Amount: sums[id].amount, parcel: id})
	}
	if legs != len(s.Holdings) {
		return false, nil
	}
	to := map[AccountID]AccountID{}
	for _, h := range whole {
		if to[h.Account], err = p.sibling(p.accounts[h.Account], s.To); err != nil {
			return false, err
		}
		if err := p.moveParcel(parcels[h.parcel], to[h.Account]); err != nil {
			return false, err
		}
	}
	return true, p.transferHoldings(whole, false, func(h Holding) AccountID { return to[h.Account] })
}

// parcelSum is how many of some legs are of a parcel, and their fen.
type parcelSum struct {
	legs   int
	amount money.Fen
}

// sumParcels counts and sums legs by parcel; unknown ones are left out.
func sumParcels(ctx context.Context, q db.Querier, ids []HoldingID) (map[int64]parcelSum, error) {
	sums := map[int64]parcelSum{}
	for _, some := range spansOf(ids) {
		where, args := `h.id = ANY($1)`, []any{[]HoldingID(some)}
		if some.all() {
			where, args = some.condition(), some.args()
		}
		rows, err := q.Query(ctx, `SELECT h.parcel, count(*), sum(h.amount_fen)::bigint FROM holding h WHERE `+where+` GROUP BY h.parcel`, args...)
		if err != nil {
			return nil, fmt.Errorf("sum legs: %w", err)
		}
		var id int64
		var one parcelSum
		_, err = pgx.ForEachRow(rows, []any{&id, &one.legs, &one.amount}, func() (err error) {
			sum := sums[id]
			sum.legs += one.legs
			sum.amount, err = money.Add(sum.amount, one.amount)
			sums[id] = sum
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("sum legs: %w", err)
		}
	}
	return sums, nil
}

// regroup puts some legs of a parcel into an account.
func (p *posting) regroup(from *parcel, ids []HoldingID, target AccountID) error {
	switch stay := from.legs - len(ids); {
	case stay == 0:
		return p.moveParcel(from, target)
	case stay < len(ids):
		rest, err := othersOf(p.ctx, p.tx, from, ids)
		if err != nil {
			return err
		}
		if err := p.part(from, rest, from.account); err != nil {
			return err
		}
		return p.moveParcel(from, target)
	default:
		if err := p.part(from, ids, target); err != nil {
			return err
		}
		return saveParcel(p.ctx, p.tx, from)
	}
}

// part gives legs of a parcel a parcel of their own in an account.
func (p *posting) part(from *parcel, ids []HoldingID, account AccountID) error {
	own := parcel{first: slices.Min(ids), last: slices.Max(ids), lot: from.lot, account: account, origin: from.origin, legs: len(ids), parent: from.id}
	if err := p.openParcel(&own); err != nil {
		return err
	}
	from.legs -= own.legs
	for some := range slices.Chunk(ids, chunk) {
		tag, err := p.tx.Exec(p.ctx, `UPDATE holding SET parcel = $1 WHERE id = ANY($2) AND parcel = $3`, own.id, some, from.id)
		if err != nil {
			return fmt.Errorf("part parcel: %w", err)
		}
		if tag.RowsAffected() != int64(len(some)) {
			return errs.New(errs.Conflict, "LEDGER_HOLDING_MOVED", "holding", some[0], "kind", "?")
		}
	}
	return nil
}

// openParcel stores a new parcel and numbers it.
func (p *posting) openParcel(c *parcel) error {
	id, err := db.NextID(p.ctx, p.tx, "parcel_id_seq")
	if err != nil {
		return err
	}
	c.id = id
	_, err = p.tx.Exec(p.ctx, `INSERT INTO parcel (id, first_holding, last_holding, lot, account, origin, legs, parent)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, c.id, c.first, c.last, c.lot, orNull(c.account), c.origin, c.legs, orNull(c.parent))
	if err != nil {
		return fmt.Errorf("open parcel: %w", err)
	}
	p.stands[c.id] = c
	return nil
}

// moveParcel puts a parcel into an account.
func (p *posting) moveParcel(c *parcel, account AccountID) error {
	c.account, p.stands[c.id] = account, c
	return saveParcel(p.ctx, p.tx, c)
}

// keepStands stores where the journal left the parcels that it made or moved.
func (p *posting) keepStands() error {
	ids := slices.Sorted(maps.Keys(p.stands))
	_, err := db.CopyIn(p.ctx, p.tx, "parcel_stand", []string{"parcel", "seq", "account"}, len(ids), func(i int) ([]any, error) {
		c := p.stands[ids[i]]
		return []any{c.id, p.lots[c.lot].Seq, orNull(c.account)}, nil
	})
	return err
}

func saveParcel(ctx context.Context, tx pgx.Tx, c *parcel) error {
	if _, err := tx.Exec(ctx, `UPDATE parcel SET account = $2, legs = $3 WHERE id = $1`, c.id, orNull(c.account), c.legs); err != nil {
		return fmt.Errorf("move parcel: %w", err)
	}
	return nil
}

func parcelsByID(ctx context.Context, q db.Querier, ids []int64) (map[int64]*parcel, error) {
	found := make(map[int64]*parcel, len(ids))
	for some := range slices.Chunk(ids, chunk) {
		rows, err := q.Query(ctx, `SELECT id, first_holding, last_holding, lot, coalesce(account, 0), origin, legs FROM parcel WHERE id = ANY($1)`, some)
		if err != nil {
			return nil, fmt.Errorf("read parcels: %w", err)
		}
		var c parcel
		_, err = pgx.ForEachRow(rows, []any{&c.id, &c.first, &c.last, &c.lot, &c.account, &c.origin, &c.legs}, func() error {
			one := c
			found[c.id] = &one
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read parcels: %w", err)
		}
	}
	return found, nil
}

// othersOf are the legs of a parcel besides those given.
func othersOf(ctx context.Context, q db.Querier, c *parcel, ids []HoldingID) ([]HoldingID, error) {
	rows, err := q.Query(ctx, `SELECT id FROM holding WHERE id BETWEEN $1 AND $2 AND parcel = $3 ORDER BY id`, c.first, c.last, c.id)
	if err != nil {
		return nil, fmt.Errorf("read legs of parcel: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[HoldingID])
	if err != nil {
		return nil, fmt.Errorf("read legs of parcel: %w", err)
	}
	named := slices.Sorted(slices.Values(ids))
	others := slices.DeleteFunc(all, func(id HoldingID) bool { _, found := slices.BinarySearch(named, id); return found })
	if len(others) != c.legs-len(ids) {
		return nil, errs.New(errs.Conflict, "LEDGER_HOLDING_MOVED", "holding", ids[0], "kind", "?")
	}
	return others, nil
}
