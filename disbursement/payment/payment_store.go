package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/money"
)

const channelColumns = `code, name_zh, name_en, profile, many_budget_lines, max_rows, debtor_name, debtor_account, debtor_agent, needs_voucher`

// ChannelByCode reads a channel; errs.NotFound PAYMENT_CHANNEL otherwise.
func ChannelByCode(ctx context.Context, q db.Querier, code string) (Channel, error) {
	var c Channel
	err := q.QueryRow(ctx, `SELECT `+channelColumns+` FROM channel WHERE code = $1`, code).
		Scan(&c.Code, &c.NameZH, &c.NameEN, &c.Profile, &c.ManyBudgetLines, &c.MaxRows, &c.DebtorName, &c.DebtorAccount, &c.DebtorAgent, &c.NeedsVoucher)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, errs.New(errs.NotFound, "PAYMENT_CHANNEL", "channel", code)
	}
	return c, err
}

const paymentColumns = `id, batch, no, payee, coalesce(budget_line, 0), amount_fen, line_count`

func scanPayment(row pgx.CollectableRow) (Payment, error) {
	var p Payment
	err := row.Scan(&p.ID, &p.Batch, &p.No, &p.Payee, &p.BudgetLine, &p.Amount, &p.LineCount)
	return p, err
}

// OfBatch reads the payments of a batch in order.
func OfBatch(ctx context.Context, q db.Querier, batch int64) ([]Payment, error) {
	rows, err := q.Query(ctx, `SELECT `+paymentColumns+` FROM payment WHERE batch = $1 ORDER BY no`, batch)
	if err != nil {
		return nil, fmt.Errorf("read payments: %w", err)
	}
	return pgx.CollectRows(rows, scanPayment)
}

// ByID reads one payment.
func ByID(ctx context.Context, q db.Querier, id ID) (Payment, error) {
	found, err := paymentsByID(ctx, q, []int64{int64(id)})
	if err != nil {
		return Payment{}, err
	}
	p, ok := found[id]
	if !ok {
		return p, errs.New(errs.NotFound, "PAYMENT_UNKNOWN", "payment", int64(id))
	}
	return p, nil
}

func paymentsByID(ctx context.Context, q db.Querier, ids []int64) (map[ID]Payment, error) {
	rows, err := q.Query(ctx, `SELECT `+paymentColumns+` FROM payment WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read payments: %w", err)
	}
	found := map[ID]Payment{}
	list, err := pgx.CollectRows(rows, scanPayment)
	for _, p := range list {
		found[p.ID] = p
	}
	return found, err
}

// legsStanding groups the legs of payments that stand in accounts of a kind.
func legsStanding(ctx context.Context, q db.Querier, payments []int64, kind ledger.AccountKind) (map[ID][]ledger.Holding, error) {
	legs, err := ledger.HoldingsOfPayments(ctx, q, payments)
	if err != nil {
		return nil, err
	}
	kinds, err := accountKinds(ctx, q)
	if err != nil {
		return nil, err
	}
	found := map[ID][]ledger.Holding{}
	for _, h := range legs {
		if h.Account != 0 && kinds[h.Account].Place.Kind == kind {
			found[ID(h.Payment)] = append(found[ID(h.Payment)], h)
		}
	}
	return found, nil
}

func accountKinds(ctx context.Context, q db.Querier) (map[ledger.AccountID]ledger.Account, error) {
	all, err := ledger.Accounts(ctx, q)
	if err != nil {
		return nil, err
	}
	found := make(map[ledger.AccountID]ledger.Account, len(all))
	for _, a := range all {
		found[a.ID] = a
	}
	return found, nil
}

const attemptColumns = `id, payment, n, end_to_end_id, account, coalesce(file, 0), coalesce(file_line, 0), amount_fen, state, booked_fen, returned_fen, excess_fen`

func scanAttempt(row pgx.CollectableRow) (Attempt, error) {
	var a Attempt
	err := row.Scan(&a.ID, &a.Payment, &a.N, &a.EndToEndID, &a.Account, &a.File, &a.Line, &a.Amount, &a.State, &a.Booked, &a.Returned, &a.Excess)
	return a, err
}

func attempts(ctx context.Context, q db.Querier, sql string, args ...any) ([]Attempt, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read attempts: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanAttempt)
	if err != nil {
		return nil, fmt.Errorf("read attempts: %w", err)
	}
	return list, nil
}

// attemptsOf groups the attempts of payments, oldest first.
func attemptsOf(ctx context.Context, q db.Querier, payments []int64) (map[ID][]Attempt, error) {
	list, err := attempts(ctx, q, `SELECT `+attemptColumns+` FROM attempt WHERE payment = ANY($1) ORDER BY payment, n`, payments)
	found := map[ID][]Attempt{}
	for _, a := range list {
		found[ID(a.Payment)] = append(found[ID(a.Payment)], a)
	}
	return found, err
}

// AttemptsOf reads the attempts of one payment, oldest first.
func AttemptsOf(ctx context.Context, q db.Querier, payment ID) ([]Attempt, error) {
	found, err := attemptsOf(ctx, q, []int64{int64(payment)})
	return found[payment], err
}

// AttemptsOfFile reads the attempts that a file carries, in its order.
func AttemptsOfFile(ctx context.Context, q db.Querier, file FileID) ([]Attempt, error) {
	return attempts(ctx, q, `SELECT `+attemptColumns+` FROM attempt WHERE file = $1 ORDER BY file_line`, file)
}

// FindAttempts finds attempts by their end-to-end ids, as evidence names them,
// with the file each went in and the account it is paid from.
func (s *Service) FindAttempts(ctx context.Context, q db.Querier, endToEndIDs []string) (map[string]evidence.Attempt, error) {
	rows, err := q.Query(ctx, `SELECT a.id, a.end_to_end_id, a.payment, a.amount_fen, a.state, a.booked_fen, a.returned_fen, a.excess_fen,
			f.file_ref, a.file_line, c.debtor_account
		FROM attempt a JOIN bank_file f ON f.id = a.file JOIN channel c ON c.code = f.channel
		WHERE a.end_to_end_id = ANY($1)`, endToEndIDs)
	if err != nil {
		return nil, fmt.Errorf("find attempts: %w", err)
	}
	found, a := map[string]evidence.Attempt{}, evidence.Attempt{}
	_, err = pgx.ForEachRow(rows, []any{&a.ID, &a.EndToEndID, &a.Payment, &a.Amount, &a.State, &a.Booked, &a.Returned, &a.Excess,
		&a.FileRef, &a.FileLine, &a.DebtorAccount}, func() error { found[a.EndToEndID] = a; return nil })
	return found, err
}

// Overpaid is what payees were credited with above the legs of their payments:
// what stands in suspense for them, payments without any left out. What a person
// paid back into its lot is none.
func Overpaid(ctx context.Context, q db.Querier, payments []int64) (map[int64]money.Fen, error) {
	rows, err := q.Query(ctx, `SELECT t.payment, t.credited - coalesce(s.paid, 0) - coalesce(r.fen, 0)
		FROM (SELECT payment, sum(booked_fen - returned_fen + excess_fen)::bigint AS credited FROM attempt WHERE payment = ANY($1) GROUP BY payment) t
		LEFT JOIN (SELECT h.payment, sum(h.amount_fen)::bigint AS paid FROM leg h JOIN account a ON a.id = h.account AND a.kind = 'paid'
			WHERE h.payment = ANY($1) GROUP BY h.payment) s ON s.payment = t.payment
		LEFT JOIN (SELECT payment, sum(amount_fen)::bigint AS fen FROM recovery_settled WHERE way = 'lot' AND payment = ANY($1) GROUP BY payment) r
			ON r.payment = t.payment
		WHERE t.credited > coalesce(s.paid, 0) + coalesce(r.fen, 0)`, payments)
	if err != nil {
		return nil, fmt.Errorf("read overpayments: %w", err)
	}
	found, id, amount := map[int64]money.Fen{}, int64(0), money.Fen(0)
	_, err = pgx.ForEachRow(rows, []any{&id, &amount}, func() error { found[id] = amount; return nil })
	return found, err
}

// insertAttempts stores the attempts of a file and returns their ids.
func insertAttempts(ctx context.Context, tx pgx.Tx, file FileID, list []Attempt) ([]int64, error) {
	ids, err := db.NextIDs(ctx, tx, "attempt_id_seq", len(list))
	if err != nil {
		return nil, err
	}
	_, err = db.CopyIn(ctx, tx, "attempt",
		[]string{"id", "payment", "n", "end_to_end_id", "account", "file", "file_line", "amount_fen", "state"}, len(list),
		func(i int) ([]any, error) {
			a := list[i]
			return []any{ids[i], a.Payment, a.N, a.EndToEndID, a.Account, file, a.Line, int64(a.Amount), string(a.State)}, nil
		})
	if name, ok := db.Violation(err); ok && (name == "attempt_live" || name == "attempt_payment") {
		return nil, errs.Wrap(err, errs.Conflict, "PAYMENT_LIVE", "payment", 0, "id", "")
	}
	return ids, err
}

// assignLegs makes legs an attempt's own.
func assignLegs(ctx context.Context, tx pgx.Tx, attempts, legs []int64) error {
	if len(legs) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO attempt_leg (holding, attempt)
		SELECT u.holding, u.attempt FROM unnest($1::bigint[], $2::bigint[]) AS u (holding, attempt)
		ON CONFLICT (holding) DO UPDATE SET attempt = excluded.attempt`, legs, attempts)
	if err != nil {
		return fmt.Errorf("assign legs: %w", err)
	}
	return nil
}

// legOwners reads which attempts legs belong to, where not the first.
func legOwners(ctx context.Context, q db.Querier, legs []int64) (map[ledger.HoldingID]int64, error) {
	rows, err := q.Query(ctx, `SELECT holding, attempt FROM attempt_leg WHERE holding = ANY($1)`, legs)
	if err != nil {
		return nil, fmt.Errorf("read legs of attempts: %w", err)
	}
	owners, leg, attempt := map[ledger.HoldingID]int64{}, ledger.HoldingID(0), int64(0)
	_, err = pgx.ForEachRow(rows, []any{&leg, &attempt}, func() error { owners[leg] = attempt; return nil })
	return owners, err
}

const fileColumns = `id, batch, coalesce(list, 0), ordinal, name, file_ref, profile, channel, sha256, line_count, amount_fen, remark, execute_on, created_at, released_by`

// fields are where the columns of a file go.
func (f *File) fields() []any {
	return []any{&f.ID, &f.Batch, &f.List, &f.Ordinal, &f.Name, &f.Ref, &f.Profile, &f.Channel, &f.SHA256, &f.Count, &f.Sum,
		&f.Remark, &f.ExecuteOn, &f.CreatedAt, &f.ReleasedBy}
}

func scanFile(row pgx.CollectableRow) (File, error) {
	var f File
	err := row.Scan(f.fields()...)
	return f, err
}

func files(ctx context.Context, q db.Querier, sql string, args ...any) ([]File, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read bank files: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanFile)
	if err != nil {
		return nil, fmt.Errorf("read bank files: %w", err)
	}
	return list, nil
}

// FilesOf reads the files of a batch in order.
func FilesOf(ctx context.Context, q db.Querier, batch int64) ([]File, error) {
	return files(ctx, q, `SELECT `+fileColumns+` FROM bank_file WHERE batch = $1 ORDER BY ordinal`, batch)
}

// Files reads all bank files in order.
func Files(ctx context.Context, q db.Querier) ([]File, error) {
	return files(ctx, q, `SELECT `+fileColumns+` FROM bank_file ORDER BY id`)
}

func lastOrdinal(ctx context.Context, q db.Querier, batch int64) (int, error) {
	var n int
	err := q.QueryRow(ctx, `SELECT coalesce(max(ordinal), 0) FROM bank_file WHERE batch = $1`, batch).Scan(&n)
	return n, err
}

func insertFile(ctx context.Context, tx pgx.Tx, f File) error {
	var list any
	if f.List != 0 {
		list = f.List
	}
	_, err := tx.Exec(ctx, `INSERT INTO bank_file
		(id, batch, list, ordinal, name, file_ref, profile, channel, sha256, line_count, amount_fen, remark, execute_on, created_at, released_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		f.ID, f.Batch, list, f.Ordinal, f.Name, f.Ref, f.Profile, f.Channel, f.SHA256, f.Count, f.Sum, f.Remark, f.ExecuteOn, f.CreatedAt, f.ReleasedBy)
	if err != nil {
		return fmt.Errorf("seal bank file: %w", err)
	}
	return nil
}

// Channels lists the channels by code.
func Channels(ctx context.Context, q db.Querier) ([]Channel, error) {
	rows, err := q.Query(ctx, `SELECT `+channelColumns+` FROM channel ORDER BY code`)
	if err != nil {
		return nil, fmt.Errorf("read channels: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Channel])
}
