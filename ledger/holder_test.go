package ledger_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/ledger"
	"fenlu/money"
)

// counting answers queries and adds up the shared buffers each one touched.
type counting struct {
	db.Querier
	t       *testing.T
	buffers int
	queries int
}

func (c *counting) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	var plan []byte
	if err := c.Querier.QueryRow(ctx, `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) `+sql, args...).Scan(&plan); err != nil {
		c.t.Fatalf("explain %s: %v", sql, err)
	}
	var nodes []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		}
	}
	if err := json.Unmarshal(plan, &nodes); err != nil || len(nodes) != 1 {
		c.t.Fatalf("plan of %s: %v in %s", sql, err, plan)
	}
	c.buffers += nodes[0].Plan.Hit + nodes[0].Plan.Read
	c.queries++
	return c.Querier.Query(ctx, sql, args...)
}

// TestHolder_touches_few_buffers: on a lot of 100,000 pieces whose fen changed
// hands up to five times, "who holds this fen" costs at most 10 buffers, and
// "who held it then" at most 5 more for each change since.
func TestHolder_touches_few_buffers(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	if b.db.Cockroach() {
		t.Skip("buffers are PostgreSQL's way of counting")
	}
	const payments, rounds = 100_000, 3
	lot := b.lot(payments * 3)
	from := b.account(lot, ledger.Available)
	amounts := make([]money.Fen, payments)
	for i := range amounts {
		amounts[i] = 3
	}
	for range rounds { // all of it is drawn; a third is given back and drawn again
		h := b.post(ledger.Draw{From: from, To: ledger.Frozen, Legs: legs(amounts...)}).Holdings
		var back []ledger.HoldingID
		for i := 0; i < len(h); i += 3 {
			back = append(back, h[i])
		}
		b.post(ledger.GiveBack{Holdings: back, From: ledger.Frozen})
		amounts = amounts[:len(back)]
	}
	most := 0
	for _, address := range []money.Fen{0, 1, 2, 4, 9, 27, 149_999, 150_000, 270_000, 299_997, 299_999} {
		most = max(most, b.fewBuffers(lot, address))
	}
	if most < 4 {
		t.Errorf("no fen changed hands more than %d times: nothing was tried", most)
	}
}

// fewBuffers asks for the holder of a fen now and at every earlier sequence,
// and returns how often it changed hands.
func (b *book) fewBuffers(lot ledger.LotID, address money.Fen) (changes int) {
	b.t.Helper()
	now := &counting{Querier: b.db.Pool(), t: b.t}
	if _, err := ledger.HolderNow(b.ctx, now, lot, address); err != nil {
		b.t.Fatal(err)
	}
	if now.buffers > 10 || now.queries != 1 {
		b.t.Errorf("fen %d: now in %d buffers and %d queries, want at most 10 in one", address, now.buffers, now.queries)
	}
	holders, err := ledger.Holders(b.ctx, b.db.Pool(), lot, address)
	if err != nil {
		b.t.Fatal(err)
	}
	for since, holder := range holders {
		then := &counting{Querier: b.db.Pool(), t: b.t}
		got, err := ledger.HolderAt(b.ctx, then, lot, address, holder.Opened)
		if err != nil || got != holder {
			b.t.Errorf("fen %d at %d: %+v (%v), want %+v", address, holder.Opened, got, err, holder)
		}
		if limit := 10 + 5*since; then.buffers > limit {
			b.t.Errorf("fen %d, %d changes ago: %d buffers, want at most %d", address, since, then.buffers, limit)
		}
	}
	return len(holders) - 1
}
