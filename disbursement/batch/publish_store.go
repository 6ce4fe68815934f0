package batch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
)

const publicationColumns = `p.id, p.batch, p.published_on, p.until_on, p.digest, p.row_count, p.hidden, p.published_by, p.recorded_at`

func scanPublication(row pgx.Row, more ...any) (Publication, error) {
	var p Publication
	err := row.Scan(append([]any{&p.ID, &p.Batch.ID, &p.PublishedOn, &p.Until, (*[]byte)(&p.Digest), &p.Count, &p.Hidden, &p.By, &p.At}, more...)...)
	return p, err
}

// publicationOf is the publication of a list on a day, or none.
func publicationOf(ctx context.Context, q db.Querier, b Batch, on time.Time, digest Digest) (Publication, error) {
	p, err := scanPublication(q.QueryRow(ctx, `SELECT `+publicationColumns+` FROM publication p
		WHERE p.batch = $1 AND p.published_on = $2 AND p.digest = $3`, b.ID, on, []byte(digest)))
	if errors.Is(err, pgx.ErrNoRows) {
		return Publication{}, nil
	}
	if err != nil {
		return p, fmt.Errorf("read publication of batch %d: %w", b.ID, err)
	}
	p.Batch = b
	return p, nil
}

// lockPublication locks the batch of a publication, under which objections are
// recorded, and reads it.
func lockPublication(ctx context.Context, tx pgx.Tx, id int64) (Publication, error) {
	p, err := scanPublication(tx.QueryRow(ctx, `SELECT `+publicationColumns+` FROM publication p WHERE p.id = $1`, id))
	if errors.Is(err, pgx.ErrNoRows) {
		return p, errs.New(errs.NotFound, "BATCH_PUBLICATION", "publication", id)
	}
	if err != nil {
		return p, fmt.Errorf("read publication %d: %w", id, err)
	}
	p.Batch, err = lockBatchByID(ctx, tx, p.Batch.ID)
	return p, err
}

func insertPublication(ctx context.Context, tx pgx.Tx, p Publication) (int64, error) {
	id, err := db.NextID(ctx, tx, "publication_id_seq")
	if err != nil {
		return 0, err
	}
	p.ID = id
	_, err = tx.Exec(ctx, `INSERT INTO publication (id, batch, published_on, until_on, digest, row_count, hidden, published_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, p.ID, p.Batch.ID, p.PublishedOn, p.Until, []byte(p.Digest), p.Count, p.Hidden, p.By, p.At)
	if err != nil {
		return 0, fmt.Errorf("record publication: %w", err)
	}
	return id, proof.Append(ctx, tx, proof.ItemOf(PublicationLeaf(p), id))
}

// Publications are those of a batch, in order, without their rows.
func Publications(ctx context.Context, q db.Querier, id ID) ([]Publication, error) {
	rows, err := q.Query(ctx, `SELECT `+publicationColumns+` FROM publication p WHERE p.batch = $1 ORDER BY p.published_on, p.id`, id)
	if err != nil {
		return nil, fmt.Errorf("publications of batch %d: %w", id, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Publication, error) { return scanPublication(row) })
}

const objectionColumns = `o.id, o.publication, o.line_no, o.said, o.raised_on, o.recorded_by, o.recorded_at, a.objection IS NOT NULL,
	coalesce(a.upheld, false), coalesce(a.correction, ''), coalesce(a.answered_by, '')`

func scanObjection(row pgx.CollectableRow) (Objection, error) {
	var o Objection
	err := row.Scan(&o.ID, &o.Publication, &o.Line, &o.Said, &o.RaisedOn, &o.By, &o.At, &o.Answered, &o.Upheld, &o.Correction, &o.AnsweredBy)
	return o, err
}

func objections(ctx context.Context, q db.Querier, where string, args ...any) ([]Objection, error) {
	rows, err := q.Query(ctx, `SELECT `+objectionColumns+` FROM objection o LEFT JOIN objection_answer a ON a.objection = o.id `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read objections: %w", err)
	}
	return pgx.CollectRows(rows, scanObjection)
}

func objectionsOf(ctx context.Context, q db.Querier, publication int64) ([]Objection, error) {
	return objections(ctx, q, `WHERE o.publication = $1 ORDER BY o.line_no, o.id`, publication)
}

// Objections are those to the lists of a batch, in order.
func Objections(ctx context.Context, q db.Querier, id ID) ([]Objection, error) {
	return objections(ctx, q, `JOIN publication p ON p.id = o.publication WHERE p.batch = $1 ORDER BY o.publication, o.line_no, o.id`, id)
}

func lockObjection(ctx context.Context, tx pgx.Tx, id int64) (Objection, error) {
	found, err := objections(ctx, tx, `WHERE o.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "BATCH_OBJECTION", "objection", id)
	}
	if err != nil {
		return Objection{}, err
	}
	if _, err := lockPublication(ctx, tx, found[0].Publication); err != nil {
		return Objection{}, err
	}
	found, err = objections(ctx, tx, `WHERE o.id = $1`, id) // again, under the lock
	if err != nil {
		return Objection{}, err
	}
	return found[0], nil
}

func insertObjection(ctx context.Context, tx pgx.Tx, o Objection) (int64, error) {
	id, err := db.NextID(ctx, tx, "objection_id_seq")
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO objection (id, publication, line_no, said, raised_on, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, o.Publication, o.Line, o.Said, o.RaisedOn, o.By, o.At)
	if err != nil {
		return 0, fmt.Errorf("record objection: %w", err)
	}
	return id, nil
}

func insertAnswer(ctx context.Context, tx pgx.Tx, o Objection, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO objection_answer (objection, upheld, correction, answered_by, recorded_at) VALUES ($1, $2, $3, $4, $5)`,
		o.ID, o.Upheld, o.Correction, o.AnsweredBy, at)
	if err != nil {
		return fmt.Errorf("record answer to objection %d: %w", o.ID, err)
	}
	return nil
}

// verifyPublications makes the leaf of every publication again.
func verifyPublications(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+publicationColumns+`, l.digest FROM publication p
		LEFT JOIN logged l ON l.kind = 'publication' AND l.ref = p.id ORDER BY p.id`)
	if err != nil {
		return nil, fmt.Errorf("read publications: %w", err)
	}
	return proof.Recheck(rows, "publication_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var logged []byte
		p, err := scanPublication(row, &logged)
		return proof.Row{Name: fmt.Sprintf("publication %d", p.ID), Leaf: PublicationLeaf(p), Logged: logged}, err
	})
}
