package payment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/money"
)

// saveChanges stores the new states and one event for each.
func saveChanges(ctx context.Context, tx pgx.Tx, list []change, journal int64, at time.Time) error {
	var ids, booked, returned, excess []int64
	var states []string
	for _, c := range list {
		ids, states = append(ids, c.ID), append(states, string(c.out.State))
		booked, returned = append(booked, int64(c.out.Booked)), append(returned, int64(c.out.Returned))
		excess = append(excess, int64(c.out.Excess))
	}
	_, err := tx.Exec(ctx, `UPDATE attempt SET state = u.state, booked_fen = u.booked, returned_fen = u.returned, excess_fen = u.excess
		FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) AS u (id, state, booked, returned, excess)
		WHERE attempt.id = u.id`, ids, states, booked, returned, excess)
	if err != nil {
		return fmt.Errorf("save attempts: %w", err)
	}
	numbers, err := nextEventNumbers(ctx, tx, ids)
	if err != nil {
		return err
	}
	_, err = db.CopyIn(ctx, tx, "attempt_event",
		[]string{"attempt", "n", "from_state", "to_state", "evidence_file", "evidence_pos", "journal", "happened_at"}, len(list),
		func(i int) ([]any, error) {
			c := list[i]
			return []any{c.ID, numbers[c.ID] + 1, string(c.from), string(c.out.State), nullable(c.out.File), c.out.Pos, nullable(journal), at}, nil
		})
	return err
}

func nullable(v int64) any {
	if v == 0 {
		return nil
	}
	return v
}

func nextEventNumbers(ctx context.Context, tx pgx.Tx, ids []int64) (map[int64]int, error) {
	rows, err := tx.Query(ctx, `SELECT attempt, max(n) FROM attempt_event WHERE attempt = ANY($1) GROUP BY attempt`, ids)
	if err != nil {
		return nil, fmt.Errorf("read attempt events: %w", err)
	}
	numbers, id, n := map[int64]int{}, int64(0), 0
	_, err = pgx.ForEachRow(rows, []any{&id, &n}, func() error { numbers[id] = n; return nil })
	return numbers, err
}

// Event is one change of an attempt's state that evidence made.
type Event struct {
	Attempt  int64
	N        int
	From, To evidence.State
	File     int64 // evidence file, 0: none
	Pos      int
	Journal  ledger.JournalID
	At       time.Time
}

// EventsOf reads the events of attempts in order.
func EventsOf(ctx context.Context, q db.Querier, ids []int64) ([]Event, error) {
	rows, err := q.Query(ctx, `SELECT attempt, n, from_state, to_state, coalesce(evidence_file, 0), coalesce(evidence_pos, 0), coalesce(journal, 0), happened_at
		FROM attempt_event WHERE attempt = ANY($1) ORDER BY attempt, n`, ids)
	if err != nil {
		return nil, fmt.Errorf("read attempt events: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Event, error) {
		var e Event
		err := row.Scan(&e.Attempt, &e.N, &e.From, &e.To, &e.File, &e.Pos, &e.Journal, &e.At)
		return e, err
	})
}

// OpenItem is a payment of a batch that is not settled: its money is in transit
// (未达账项) or stands returned (退回待发).
type OpenItem struct {
	Payment    ID
	No         int
	Payee      int64
	EndToEndID string
	State      evidence.State
	Place      ledger.AccountKind
	Amount     money.Fen
}

// OpenItems lists what keeps a batch from closing, in payment order.
func OpenItems(ctx context.Context, q db.Querier, batch int64) ([]OpenItem, error) {
	rows, err := q.Query(ctx, `SELECT p.id, p.no, p.payee, coalesce(t.end_to_end_id, ''), coalesce(t.state, 'written'), a.kind, sum(h.amount_fen)::bigint
		FROM payment p
		JOIN leg h ON h.payment = p.id
		JOIN account a ON a.id = h.account AND a.kind IN ('frozen', 'in_transit', 'returned')
		LEFT JOIN attempt t ON t.payment = p.id AND t.n = (SELECT max(u.n) FROM attempt u WHERE u.payment = p.id)
		WHERE p.batch = $1
		GROUP BY p.id, p.no, p.payee, t.end_to_end_id, t.state, a.kind
		ORDER BY p.no, a.kind`, batch)
	if err != nil {
		return nil, fmt.Errorf("read open items: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (OpenItem, error) {
		var o OpenItem
		err := row.Scan(&o.Payment, &o.No, &o.Payee, &o.EndToEndID, &o.State, &o.Place, &o.Amount)
		return o, err
	})
}

// Sealed lists the sealed files of a batch (all batches for 0).
func (s *Service) Sealed(ctx context.Context, q db.Querier, batch int64) ([]evidence.SealedFile, error) {
	list, err := files(ctx, q, `SELECT `+fileColumns+` FROM bank_file WHERE batch = $1 OR $1 = 0 ORDER BY id`, batch)
	out := make([]evidence.SealedFile, len(list))
	for i, f := range list {
		out[i] = evidence.SealedFile{ID: int64(f.ID), Batch: f.Batch, Name: f.Name, Ref: f.Ref, Count: f.Count, Sum: f.Sum, Hand: f.ByHand()}
	}
	return out, err
}
