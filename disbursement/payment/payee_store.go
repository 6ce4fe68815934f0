package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof/leaf"
)

// insertPayees stores the commitments of attempts.
func insertPayees(ctx context.Context, tx pgx.Tx, list []parties.Commitment) error {
	_, err := db.CopyIn(ctx, tx, "attempt_payee", []string{"attempt", "version", "commitment", "salt_cipher", "key_version"}, len(list),
		func(i int) ([]any, error) {
			c := list[i]
			return []any{c.Attempt, c.Version, c.Value, c.Salt, c.KeyVersion}, nil
		})
	return err
}

// Each row is looked up by its key: a server without statistics would join a page
// with the whole of both tables.
const selectPayee = `SELECT a.id, a.account, coalesce(y.payee, 0), coalesce(p.version, 0), coalesce(p.commitment, ''), coalesce(p.salt_cipher, ''), coalesce(p.key_version, 0)
	FROM attempt a LEFT JOIN LATERAL (SELECT x.payee FROM payment x WHERE x.id = a.payment LIMIT 1) y ON true
	LEFT JOIN LATERAL (SELECT x.version, x.commitment, x.salt_cipher, x.key_version FROM attempt_payee x WHERE x.attempt = a.id LIMIT 1) p ON true `

// payeeOf reads the commitment of an attempt.
func payeeOf(ctx context.Context, q db.Querier, endToEndID string) (parties.Commitment, error) {
	rows, err := q.Query(ctx, selectPayee+`WHERE a.end_to_end_id = $1`, endToEndID)
	if err != nil {
		return parties.Commitment{}, fmt.Errorf("read commitment: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanPayee)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, errs.New(errs.NotFound, "PAYMENT_ATTEMPT_UNKNOWN", "attempt", endToEndID)
	}
	return c, err
}

// payeesAfter reads a page of commitments in the order of their attempts.
func payeesAfter(ctx context.Context, q db.Querier, after int64, limit int) ([]parties.Commitment, error) {
	rows, err := q.Query(ctx, selectPayee+`WHERE a.id > $1 ORDER BY a.id LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read commitments: %w", err)
	}
	return pgx.CollectRows(rows, scanPayee)
}

func scanPayee(row pgx.CollectableRow) (parties.Commitment, error) {
	var c parties.Commitment
	err := row.Scan(&c.Attempt, &c.Account, &c.Person, &c.Version, &c.Value, &c.Salt, &c.KeyVersion)
	return c, err
}

// loggedFiles reads all files with the digests of their leaves.
func loggedFiles(ctx context.Context, q db.Querier) ([]*loggedFile, error) {
	rows, err := q.Query(ctx, `SELECT `+fileColumns+`, l.digest
		FROM bank_file LEFT JOIN logged l ON l.kind = 'release' AND l.ref = bank_file.id ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read bank files: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*loggedFile, error) {
		var f loggedFile
		err := row.Scan(append(f.fields(), &f.logged)...)
		return &f, err
	})
}

const selectParts = `SELECT a.file, a.file_line, a.end_to_end_id, a.payment, a.n, a.account, a.amount_fen, coalesce(p.commitment, '')
	FROM attempt a LEFT JOIN attempt_payee p ON p.attempt = a.id `

// eachPart reads attempts in order, each with its commitment and its bytes as a
// part of its file's leaf, which hold until the next.
func eachPart(ctx context.Context, q db.Querier, fn func(a Attempt, part []byte), where string, args ...any) error {
	rows, err := q.Query(ctx, selectParts+where+` ORDER BY a.file, a.file_line`, args...)
	if err != nil {
		return fmt.Errorf("read attempts: %w", err)
	}
	var a Attempt
	var commitment []byte
	var part leaf.Part
	_, err = pgx.ForEachRow(rows, []any{&a.File, &a.Line, &a.EndToEndID, &a.Payment, &a.N, &a.Account, &a.Amount, &commitment}, func() error {
		fn(a, a.part(&part, commitment))
		return nil
	})
	if err != nil {
		return fmt.Errorf("read attempts: %w", err)
	}
	return nil
}
