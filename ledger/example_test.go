package ledger_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/pgtest"
	"fenlu/ledger"
	"fenlu/money"
)

// A document brings 1,000.00 yuan; two persons are paid 300.00 and 200.00 of
// it; the second comes to nothing and is undone.
func Example() {
	ctx := context.Background()
	d, done := pgtest.ForExample("ledger_example")
	defer done()
	svc := ledger.New(d, clock.NewManual(time.Date(2026, 10, 9, 9, 0, 0, 0, clock.Shanghai)), slog.New(slog.DiscardHandler))
	post := func(key string, steps ...ledger.Step) ledger.Posted {
		posted, err := svc.Post(ctx, ledger.Command{Key: key, Kind: "example", Actor: "zhou", Cause: "document:1",
			BusinessDate: time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC), Steps: steps})
		must(err)
		return posted
	}
	var lot ledger.LotID
	must(d.Run(ctx, func(tx pgx.Tx) (err error) {
		lot, err = ledger.OpenLot(ctx, tx, ledger.Appropriation)
		return err
	}))

	// Bring: the lot's fen get the addresses 0 … 99,999.
	available := ledger.Place{Kind: ledger.Available, BudgetLine: 1}
	post("bring", ledger.Bring{Lot: lot, To: available, Amount: 1000_00})
	pool, _, err := ledger.AccountAt(ctx, d.Pool(), lot, available)
	must(err)

	// Draw: the lowest free fen, in the order of the legs.
	legs := post("freeze", ledger.Draw{From: pool.ID, To: ledger.Frozen, Legs: []ledger.Leg{
		{Line: 1, Payment: 71, Party: 501, Amount: 300_00}, {Line: 2, Payment: 72, Party: 502, Amount: 200_00}}}).Holdings

	// Move: released together, in one transfer; then paid one by one.
	post("release", ledger.Move{Holdings: legs, From: ledger.Frozen, To: ledger.InTransit})
	post("paid/71", ledger.Move{Holdings: legs[:1], From: ledger.InTransit, To: ledger.Paid, PerLeg: true})
	second := post("paid/72", ledger.Move{Holdings: legs[1:], From: ledger.InTransit, To: ledger.Paid, PerLeg: true})

	// The same key again changes nothing; more than is there is refused.
	fmt.Println("again:", post("paid/71", ledger.Move{Holdings: legs[:1], From: ledger.InTransit, To: ledger.Paid, PerLeg: true}).Replay)
	_, err = svc.Post(ctx, ledger.Command{Key: "too much", Kind: "example", Actor: "zhou", Cause: "document:1",
		BusinessDate: time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC),
		Steps:        []ledger.Step{ledger.Draw{From: pool.ID, To: ledger.Frozen, Legs: []ledger.Leg{{Line: 3, Payment: 73, Party: 503, Amount: 500_01}}}}})
	fmt.Println("500.01 of 500.00:", err)

	// Who holds the 40,000th fen, and who did before?
	holders, err := ledger.Holders(ctx, d.Pool(), lot, 39_999)
	must(err)
	for _, p := range holders {
		fmt.Printf("since journal %d of the lot: fen %d to %d, leg %v\n", p.Opened, p.Offset, p.End()-1, p.Holding != 0)
	}

	// A mistake is undone by a journal that is linked to it.
	must(d.Run(ctx, func(tx pgx.Tx) error {
		_, err := svc.ReverseTx(ctx, tx, ledger.Reversal{Journal: second.Journal, Key: "undo", Actor: "li", Memo: "bank's mistake",
			BusinessDate: time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC)})
		return err
	}))
	accounts, err := ledger.Accounts(ctx, d.Pool())
	must(err)
	sum := money.Fen(0)
	for _, a := range accounts {
		sum += a.Balance
		if a.Balance != 0 {
			fmt.Println(a.Place.Kind, a.Balance)
		}
	}
	fmt.Println("debits less credits:", sum)

	// Output:
	// again: true
	// 500.01 of 500.00: LEDGER_INSUFFICIENT account=1 lot=1 asked=500.01 free=500.00 missing=0.01
	// since journal 2 of the lot: fen 30000 to 49999, leg true
	// since journal 1 of the lot: fen 0 to 49999, leg false
	// available 500.00
	// appropriated -1000.00
	// in_transit 200.00
	// paid 300.00
	// debits less credits: 0.00
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
