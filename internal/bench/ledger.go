package bench

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// Lots is over how many lots the payments are spread.
const Lots = 10

// Phase is one part of the work.
type Phase struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// Result is what DESIGN §6.2 asks for.
type Result struct {
	Work              string  `json:"work"`
	Payments          int     `json:"payments"`
	Rows              int64   `json:"rows"`
	Seconds           float64 `json:"seconds"`
	FloorSeconds      float64 `json:"floor_seconds"`
	Ratio             float64 `json:"ratio"`
	PaymentsPerSecond float64 `json:"payments_per_second"`
	WALBytes          int64   `json:"wal_bytes"`
	BytesPerPayment   float64 `json:"bytes_per_payment"`
	Phases            []Phase `json:"phases"`
}

// run is one measurement in the making.
type run struct {
	ctx      context.Context //nolint:containedctx // lives for one measurement
	db       *db.DB
	owner    *pgx.Conn
	svc      *ledger.Service
	n        int
	lots     []ledger.LotID
	holdings [][]ledger.HoldingID
	result   Result
	floor    []time.Duration
	told     func(phase string)
}

// Ledger freezes, releases and settles n payments over ten lots, each payment
// with its own line and beneficiary, through the ledger's door, and drains log
// and outbox. told hears of each phase as it begins. The database must be
// embedded and empty: the floor's tables are made and dropped as its owner.
func Ledger(ctx context.Context, d *db.DB, n int, told func(phase string)) (Result, error) {
	if n < Lots {
		return Result{}, errs.New(errs.Invalid, "BENCH_PAYMENTS", "least", Lots)
	}
	owner, err := pgx.Connect(ctx, d.Embedded().URL(db.RoleOwner))
	if err != nil {
		return Result{}, fmt.Errorf("connect as owner: %w", err)
	}
	defer func() { _ = owner.Close(ctx) }()
	r := &run{ctx: ctx, db: d, owner: owner, n: n, told: told,
		svc: ledger.New(d, clock.System{}, slog.New(slog.DiscardHandler)), result: Result{Work: "ledger", Payments: n}}
	for _, step := range []func() error{r.open, r.measureFloor, r.freeze, r.measureFloor, r.release, r.measureFloor, r.settle,
		r.measureFloor, r.drain, r.verify, r.measureFloor} {
		if err := step(); err != nil {
			return Result{}, err
		}
	}
	return r.total(), nil
}

// phase measures one part of the work, and what it wrote ahead.
func (r *run) phase(name string, work func() error) error {
	r.told(name)
	before, err := r.wal()
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := work(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	took := time.Since(begin).Seconds()
	after, err := r.wal()
	r.result.WALBytes += after - before
	r.result.Seconds += took
	r.result.Phases = append(r.result.Phases, Phase{name, took})
	return err
}

func (r *run) wal() (int64, error) {
	var bytes int64
	err := r.owner.QueryRow(r.ctx, `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint`).Scan(&bytes)
	return bytes, err
}

// ofLot is how many payments lot i pays.
func (r *run) ofLot(i int) int { return r.n/Lots + min(1, max(0, r.n%Lots-i)) }

// amount is what payment k gets, in fen.
func amount(k int) money.Fen { return money.Fen(20_000 + k%50_000) }

// open brings the money in: it is not part of the work.
func (r *run) open() error {
	return r.db.Run(r.ctx, func(tx pgx.Tx) error {
		r.lots = nil
		for i := range Lots {
			lot, err := ledger.OpenLot(r.ctx, tx, ledger.Appropriation)
			if err != nil {
				return err
			}
			r.lots = append(r.lots, lot)
			var sum money.Fen
			for k := range r.ofLot(i) {
				sum += amount(k)
			}
			_, err = r.svc.PostTx(r.ctx, tx, r.command(fmt.Sprintf("open/%d", i), ledger.Bring{Lot: lot,
				To: ledger.Place{Kind: ledger.Available, BudgetLine: 1}, Amount: 2 * sum}))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *run) command(key string, steps ...ledger.Step) ledger.Command {
	return ledger.Command{Key: "bench/" + key, Kind: "bench", Actor: "bench", Cause: "bench:1", BusinessDate: clock.Date(time.Now()), Steps: steps}
}

// post is one journal with its event, as a business transaction does it.
func (r *run) post(c ledger.Command) (ledger.Posted, error) {
	var posted ledger.Posted
	err := r.db.Run(r.ctx, func(tx pgx.Tx) error {
		var err error
		if posted, err = r.svc.PostTx(r.ctx, tx, c); err != nil {
			return err
		}
		return events.Publish(r.ctx, tx, events.Event{Topic: events.BatchApproved, Subject: "batch:1", Facts: events.Facts{Amount: posted.Amount}}, time.Now())
	})
	return posted, err
}

func (r *run) freeze() error {
	return r.phase("freeze", func() error {
		for i, lot := range r.lots {
			from, _, err := ledger.AccountAt(r.ctx, r.db.Pool(), lot, ledger.Place{Kind: ledger.Available, BudgetLine: 1})
			if err != nil {
				return err
			}
			legs := make([]ledger.Leg, r.ofLot(i))
			for k := range legs {
				id := int64(k)*Lots + int64(i) + 1
				legs[k] = ledger.Leg{Line: id, Payment: id, Party: id, Amount: amount(k)}
			}
			posted, err := r.post(r.command(fmt.Sprintf("freeze/%d", i), ledger.Draw{From: from.ID, To: ledger.Frozen, Legs: legs}))
			if err != nil {
				return err
			}
			r.holdings = append(r.holdings, posted.Holdings)
		}
		return nil
	})
}

func (r *run) release() error { return r.moveAll("release", ledger.Frozen, ledger.InTransit, false) }

func (r *run) settle() error { return r.moveAll("settle", ledger.InTransit, ledger.Paid, true) }

func (r *run) moveAll(name string, from, to ledger.AccountKind, perLeg bool) error {
	return r.phase(name, func() error {
		for i, ids := range r.holdings {
			if _, err := r.post(r.command(fmt.Sprintf("%s/%d", name, i), ledger.Move{Holdings: ids, From: from, To: to, PerLeg: perLeg})); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *run) drain() error {
	return r.phase("log_and_outbox", func() error {
		if _, err := proof.Drain(r.ctx, r.db, clock.System{}); err != nil {
			return err
		}
		relay, err := events.NewRelay(r.db, events.Options{}, events.ActivityLog())
		if err != nil {
			return err
		}
		defer func() { _ = relay.Close() }()
		_, err = relay.Drain(r.ctx)
		return err
	})
}

// verify sees that everything was paid, before the clock stops.
func (r *run) verify() error {
	return r.phase("verify", func() error {
		accounts, err := ledger.Accounts(r.ctx, r.db.Pool())
		if err != nil {
			return err
		}
		var paid, half money.Fen
		for _, a := range accounts {
			switch a.Place.Kind {
			case ledger.Paid:
				paid += a.Balance
			case ledger.Appropriated:
				half -= a.Balance / 2
			default:
			}
		}
		if paid != half {
			return errs.New(errs.Unverified, "BENCH_NOT_PAID", "paid", paid.Grouped(), "want", half.Grouped())
		}
		return r.owner.QueryRow(r.ctx, `SELECT (SELECT count(*) FROM transfer) + (SELECT count(*) FROM holding) + (SELECT count(*) FROM piece)`).Scan(&r.result.Rows)
	})
}

// measureFloor copies 2 n plain rows into a fresh logged table.
func (r *run) measureFloor() error {
	r.told("floor")
	if _, err := r.owner.Exec(r.ctx, `CREATE TABLE bench_floor (journal bigint, line int, lot int, debit int, credit int,
		payment bigint, party bigint, off bigint, amount bigint, PRIMARY KEY (journal, line))`); err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	begin := time.Now()
	rows := pgx.CopyFromSlice(2*r.n, func(i int) ([]any, error) {
		k := int64(i / 2)
		return []any{k / 1000, int32(i % 2000), int32(k % Lots), int32(1), int32(2), k, k, k * 40_000, int64(amount(int(k)))}, nil
	})
	if _, err := r.owner.CopyFrom(r.ctx, pgx.Identifier{"bench_floor"},
		[]string{"journal", "line", "lot", "debit", "credit", "payment", "party", "off", "amount"}, rows); err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	r.floor = append(r.floor, time.Since(begin))
	_, err := r.owner.Exec(r.ctx, `DROP TABLE bench_floor`)
	return err
}

func (r *run) total() Result {
	slices.Sort(r.floor)
	r.result.FloorSeconds = r.floor[len(r.floor)/2].Seconds()
	r.result.Ratio = r.result.Seconds / r.result.FloorSeconds
	r.result.PaymentsPerSecond = float64(r.n) / r.result.Seconds
	r.result.BytesPerPayment = float64(r.result.WALBytes) / float64(r.n)
	return r.result
}
