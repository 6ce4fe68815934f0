package batch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/payment"
	"fenlu/internal/db"
	"fenlu/money"
)

// countPayments counts the payments of a batch that pay something.
func countPayments(ctx context.Context, q db.Querier, id ID) (int, error) {
	var n int
	if err := q.QueryRow(ctx, `SELECT count(*) FROM payment WHERE batch = $1 AND amount_fen > 0`, id).Scan(&n); err != nil {
		return 0, fmt.Errorf("count payments of batch %d: %w", id, err)
	}
	return n, nil
}

// toPay is the payments of a batch with money frozen, in order, each with the
// account version that its lines were approved with.
func toPay(ctx context.Context, q db.Querier, id ID) ([]payment.ToPay, error) {
	rows, err := q.Query(ctx, `SELECT p.id, coalesce(min(l.account), 0)
		FROM payment p
		JOIN leg h ON h.payment = p.id
		JOIN account a ON a.id = h.account AND a.kind = 'frozen'
		JOIN entitlement_line l ON l.id = h.line
		WHERE p.batch = $1
		GROUP BY p.id, p.no ORDER BY p.no`, id)
	if err != nil {
		return nil, fmt.Errorf("read payments of batch %d: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[payment.ToPay])
}

// unfrozen is a listed line whose frozen legs are not its amount.
type unfrozen struct {
	No     int32
	Amount money.Fen
	Frozen money.Fen
}

// notFrozen is notStanding in accounts for frozen money.
func notFrozen(ctx context.Context, q db.Querier, b Batch) ([]unfrozen, error) {
	return notStanding(ctx, q, b, "frozen")
}

// standsIn are the kinds of accounts in which the money of a batch stands before
// its release is done.
func standsIn(b Batch) []string {
	if b.State == Releasing {
		return []string{"frozen", "in_transit"}
	}
	return []string{"frozen"}
}

// notStanding compares every line of an approved batch with its legs: listed
// lines stand whole in accounts of these kinds, others not at all. The
// comparison is made here and not by a join, whose plan a database without
// statistics gets wrong.
func notStanding(ctx context.Context, q db.Querier, b Batch, kinds ...string) ([]unfrozen, error) {
	frozen, err := linesStanding(ctx, q, b, kinds...)
	if err != nil {
		return nil, err
	}
	var wrong []unfrozen
	err = eachLine(ctx, q, `SELECT `+lineColumns+` FROM entitlement_line l WHERE l.batch = $1 ORDER BY l.no`, []any{b.ID}, func(l *Line) error {
		due := l.Amount
		if l.Status != Listed {
			due = 0
		}
		if frozen[l.ID] != due && len(wrong) < shownFindings {
			wrong = append(wrong, unfrozen{l.No, due, frozen[l.ID]})
		}
		return nil
	})
	return wrong, err
}

// frozenLines is how much of each line of a batch stands frozen.
func frozenLines(ctx context.Context, q db.Querier, b Batch) (map[LineID]money.Fen, error) {
	return linesStanding(ctx, q, b, "frozen")
}

// linesStanding is how much of each line of a batch stands in accounts of these
// kinds.
func linesStanding(ctx context.Context, q db.Querier, b Batch, kinds ...string) (map[LineID]money.Fen, error) {
	rows, err := q.Query(ctx, `SELECT h.line, sum(h.amount_fen)::bigint
		FROM payment p JOIN leg h ON h.payment = p.id JOIN account a ON a.id = h.account AND a.kind = ANY($2)
		WHERE p.batch = $1 GROUP BY h.line`, b.ID, kinds)
	if err != nil {
		return nil, fmt.Errorf("read legs of batch %d: %w", b.ID, err)
	}
	frozen, line, fen := make(map[LineID]money.Fen, b.Lines), LineID(0), money.Fen(0)
	if _, err := pgx.ForEachRow(rows, []any{&line, &fen}, func() error { frozen[line] = fen; return nil }); err != nil {
		return nil, fmt.Errorf("read legs of batch %d: %w", b.ID, err)
	}
	return frozen, nil
}

// frozenSome is the lines of the first n frozen legs of a batch.
func frozenSome(ctx context.Context, q db.Querier, b Batch, n int) ([]LineID, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT s.line FROM (SELECT h.line
		FROM payment p JOIN leg h ON h.payment = p.id JOIN account a ON a.id = h.account AND a.kind = 'frozen'
		WHERE p.batch = $1 ORDER BY h.line LIMIT $2) s ORDER BY s.line`, b.ID, n)
	if err != nil {
		return nil, fmt.Errorf("read legs of batch %d: %w", b.ID, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[LineID])
}

// stepsDone counts the journals that froze a batch in steps or gave back what
// they froze, and its payments: where the next step goes on.
func stepsDone(ctx context.Context, q db.Querier, b Batch) (journals, payments int, err error) {
	err = q.QueryRow(ctx, `SELECT (SELECT count(*) FROM journal WHERE cause = $1 AND kind IN ('freeze', 'unfreeze')),
		(SELECT count(*) FROM payment WHERE batch = $2)`, b.subject(), b.ID).Scan(&journals, &payments)
	if err != nil {
		return 0, 0, fmt.Errorf("steps of batch %s: %w", b.Code, err)
	}
	return journals, payments, nil
}

// sendingsDone counts the journals that released a batch in steps or gave back
// what they sent.
func sendingsDone(ctx context.Context, q db.Querier, b Batch) (n int, err error) {
	err = q.QueryRow(ctx, `SELECT count(*) FROM journal WHERE cause = $1 AND kind IN ('release', 'unsend')`, b.subject()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("steps of batch %s: %w", b.Code, err)
	}
	return n, nil
}

// standingIn is how much of each payment stands in accounts of a kind.
func standingIn(ctx context.Context, q db.Querier, payments []int64, kind string) (map[int64]money.Fen, error) {
	rows, err := q.Query(ctx, `SELECT h.payment, sum(h.amount_fen)::bigint
		FROM leg h JOIN account a ON a.id = h.account AND a.kind = $2
		WHERE h.payment = ANY($1) GROUP BY h.payment`, payments, kind)
	if err != nil {
		return nil, fmt.Errorf("read legs: %w", err)
	}
	sums, id, fen := map[int64]money.Fen{}, int64(0), money.Fen(0)
	_, err = pgx.ForEachRow(rows, []any{&id, &fen}, func() error { sums[id] = fen; return nil })
	return sums, err
}

// returnedLines reads, for each payment, the lines with money that came back,
// in list order.
func returnedLines(ctx context.Context, q db.Querier, payments []int64) (map[int64][]Line, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT h.payment, h.line
		FROM leg h JOIN account a ON a.id = h.account AND a.kind = 'returned'
		WHERE h.payment = ANY($1) ORDER BY h.payment, h.line`, payments)
	if err != nil {
		return nil, fmt.Errorf("read legs: %w", err)
	}
	of, ids, p, line := map[LineID][]int64{}, []int64{}, int64(0), LineID(0)
	if _, err := pgx.ForEachRow(rows, []any{&p, &line}, func() error {
		of[line], ids = append(of[line], p), append(ids, int64(line))
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read legs: %w", err)
	}
	found := map[int64][]Line{}
	err = eachLine(ctx, q, `SELECT `+lineColumns+` FROM entitlement_line l WHERE l.id = ANY($1) ORDER BY l.no`, []any{ids}, func(l *Line) error {
		for _, p := range of[l.ID] {
			found[p] = append(found[p], *l)
		}
		return nil
	})
	return found, err
}

// placeSum is what of a batch stands in one kind of place.
type placeSum struct {
	Place    string    `json:"place"`
	Lines    int       `json:"lines"`
	Payments int       `json:"payments"`
	Amount   money.Fen `json:"amount"`
}

// placesOf sums the legs of a batch by where they stand.
func placesOf(ctx context.Context, q db.Querier, id ID) ([]placeSum, error) {
	rows, err := q.Query(ctx, `SELECT a.kind, count(DISTINCT h.line), count(DISTINCT h.payment), sum(h.amount_fen)::bigint
		FROM payment p JOIN leg h ON h.payment = p.id JOIN account a ON a.id = h.account
		WHERE p.batch = $1 GROUP BY a.kind ORDER BY a.kind`, id)
	if err != nil {
		return nil, fmt.Errorf("sum legs of batch %d: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[placeSum])
}

// stateSum counts what is in one state.
type stateSum struct {
	State  string    `json:"state"`
	Count  int       `json:"count"`
	Amount money.Fen `json:"amount"`
}

// paymentStates counts the payments of a batch by the state of their last
// attempt: formed before the first, stopped when every line was taken out.
func paymentStates(ctx context.Context, q db.Querier, id ID) ([]stateSum, error) {
	rows, err := q.Query(ctx, `SELECT s.state, count(*), sum(s.amount_fen)::bigint FROM (
			SELECT p.amount_fen, CASE WHEN p.amount_fen = 0 THEN 'stopped' ELSE coalesce(t.state, 'formed') END AS state
			FROM payment p LEFT JOIN attempt t ON t.payment = p.id AND t.n = (SELECT max(u.n) FROM attempt u WHERE u.payment = p.id AND u.state <> 'stopped')
			WHERE p.batch = $1) s
		GROUP BY s.state ORDER BY s.state`, id)
	if err != nil {
		return nil, fmt.Errorf("count payments of batch %d: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[stateSum])
}

// lineStates counts the lines of a batch by status.
func lineStates(ctx context.Context, q db.Querier, id ID) ([]stateSum, error) {
	rows, err := q.Query(ctx, `SELECT status, count(*), sum(amount_fen)::bigint FROM entitlement_line WHERE batch = $1 GROUP BY status ORDER BY status`, id)
	if err != nil {
		return nil, fmt.Errorf("count lines of batch %d: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[stateSum])
}
