package reconciliation

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/db"
	"fenlu/internal/evidence"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// importsInSteps says whether a file is read in steps: the database cannot carry
// any number of rows in a transaction, or it was begun so.
func (s *Service) importsInSteps(ctx context.Context, in inspected) (bool, error) {
	if s.db.BulkRows() > 0 {
		return true, nil
	}
	begun, err := lastStep(ctx, s.db.Pool(), in)
	if err != nil || begun.step == 0 {
		return false, err
	}
	id, err := fileOnRecord(ctx, s.db.Pool(), in)
	return id == 0, err
}

// importInSteps reads a file in several transactions of at most db.BulkRows
// lines each (ADR 28). Every step stores its lines and settles what they are
// about, as if the bank had sent them as a file of their own: the order, the
// splitting and the repetition of evidence make no difference (promise 9). The
// last puts the file on record, with the leaf over all its lines. Killed in
// between and called again with the same bytes, it goes on behind the last line
// that is stored.
//
// The bytes are read whole before the first step; errors as Import. What became
// of the payments (Paid, Failed, Returned) is told of the steps of this call.
func (s *Service) importInSteps(ctx context.Context, in inspected, actor auth.Actor) (Imported, error) {
	whole, err := s.readWhole(ctx, in, actor)
	if err != nil {
		return Imported{}, err
	}
	var sums Imported
	for {
		var r *reading
		var ended bool
		if err := s.runFirst(ctx, func(tx pgx.Tx) (err error) {
			r, ended, err = s.importStep(ctx, tx, whole)
			return err
		}); err != nil {
			return Imported{}, err
		}
		for _, t := range []struct{ all, step *evidence.Total }{
			{&sums.Paid, &r.done.Paid}, {&sums.Failed, &r.done.Failed}, {&sums.Returned, &r.done.Returned},
		} {
			t.all.Count, t.all.Amount = t.all.Count+t.step.Count, plus(t.all.Amount, t.step.Amount)
		}
		if r.done.Journal != 0 {
			sums.Journal = r.done.Journal
		}
		if ended {
			done := r.done
			done.Paid, done.Failed, done.Returned, done.Journal = sums.Paid, sums.Failed, sums.Returned, sums.Journal
			return done, nil
		}
	}
}

// readWhole reads all lines of a file, with what stands around each, and stores
// nothing.
func (s *Service) readWhole(ctx context.Context, in inspected, actor auth.Actor) (*reading, error) {
	r := s.newReading(ctx, nil, in, actor)
	r.most = math.MaxInt
	digest := sha256.New()
	if err := r.lines(digest); err != nil {
		return nil, err
	}
	return r, r.unchanged(digest)
}

// importStep does what is to be done next of a file; ended says that nothing is
// left.
func (s *Service) importStep(ctx context.Context, tx pgx.Tx, whole *reading) (r *reading, ended bool, err error) {
	r = s.newReading(ctx, tx, whole.in, whole.actor)
	if r.done.File, err = fileOnRecord(ctx, tx, r.in); err != nil {
		return nil, false, err
	}
	if r.done.File != 0 {
		r.done, err = s.replay(ctx, tx, r.done)
		return r, true, err
	}
	begun, err := lastStep(ctx, tx, r.in)
	if err != nil {
		return nil, false, err
	}
	if begun.step == 0 {
		n, err := db.NextID(ctx, tx, "evidence_file_id_seq")
		if err != nil {
			return nil, false, err
		}
		begun.file = FileID(n)
	}
	r.done.File, r.from, r.pos = begun.file, begun.pos, begun.pos
	r.key = fmt.Sprintf("/%d", begun.step+1)
	if err := r.take(whole, s.stepLines()); err != nil {
		return nil, false, err
	}
	if r.pos == r.from {
		return r, true, r.end()
	}
	for _, step := range []func() error{r.settle, r.openBreaks, r.publishMoved} {
		if err := step(); err != nil {
			return nil, false, err
		}
	}
	return r, false, insertStep(ctx, tx, r.in, readStep{step: begun.step + 1, file: begun.file, pos: r.pos})
}

// stepLines is how many lines a step stores; where no step needs an end, what was
// begun elsewhere is ended as any file is read.
func (s *Service) stepLines() int {
	if rows := s.db.BulkRows(); rows > 0 {
		return rows
	}
	return chunkLines
}

// take stores the next rows lines of a file, or, when all are, lines for the next
// payments of a file that was refused whole.
func (r *reading) take(whole *reading, rows int) error {
	if left := whole.waiting[min(r.from, len(whole.waiting)):]; len(left) > 0 {
		r.waiting = append(r.waiting, left[:min(rows, len(left))]...)
		if err := r.flush(); err != nil {
			return err
		}
		return r.checkWholes()
	}
	r.open = rows
	for _, h := range whole.refused {
		if err := r.failOpen(h); err != nil || r.pos > r.from {
			return err
		}
	}
	return nil
}

// end puts a file on record whose lines are all stored.
func (r *reading) end() error {
	_, first, err := insertFile(r.ctx, r.tx, r.done.File, r.in, r.actor.Login, r.at)
	if err != nil {
		return err
	}
	if !first { // somebody else ended it meanwhile
		r.done, err = r.service.replay(r.ctx, r.tx, r.done)
		return err
	}
	var parts leaf.Tree
	if err := eachLine(r.ctx, r.tx, func(_ int64, l *line, part []byte) {
		parts.Add(part)
		r.volume(l.amount)
	}, `WHERE file = $1`, r.done.File); err != nil {
		return err
	}
	if err := r.publishFile(); err != nil {
		return err
	}
	counts, err := matchCounts(r.ctx, r.tx, r.done.File)
	if err != nil {
		return err
	}
	for _, c := range counts {
		r.done.count(c.Match, c.Count, c.Inherited)
	}
	if r.done.Breaks, err = countBreaks(r.ctx, r.tx, r.done.File); err != nil {
		return err
	}
	return proof.Append(r.ctx, r.tx, proof.ItemOf(r.evidenceFile().leaf(&parts), int64(r.done.File)))
}

// readStep is how far a file was read: up to the line pos, under the number file.
type readStep struct {
	step int // 0: not begun
	file FileID
	pos  int
}

func lastStep(ctx context.Context, q db.Querier, in inspected) (readStep, error) {
	var s readStep
	err := q.QueryRow(ctx, `SELECT step, file, last_pos FROM evidence_step WHERE kind = $1 AND scope = $2 AND sha256 = $3 ORDER BY step DESC LIMIT 1`,
		string(in.kind), in.scope, in.sha256).Scan(&s.step, &s.file, &s.pos)
	if errors.Is(err, pgx.ErrNoRows) {
		return readStep{}, nil
	}
	if err != nil {
		return s, fmt.Errorf("read steps of evidence: %w", err)
	}
	return s, nil
}

func insertStep(ctx context.Context, tx pgx.Tx, in inspected, s readStep) error {
	_, err := tx.Exec(ctx, `INSERT INTO evidence_step (kind, scope, sha256, step, file, last_pos) VALUES ($1, $2, $3, $4, $5, $6)`,
		string(in.kind), in.scope, in.sha256, s.step, int64(s.file), s.pos)
	if err != nil {
		return fmt.Errorf("record step of evidence: %w", err)
	}
	return nil
}

func countBreaks(ctx context.Context, q db.Querier, file FileID) (n int, err error) {
	if err := q.QueryRow(ctx, `SELECT count(*) FROM break WHERE file = $1`, int64(file)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count breaks: %w", err)
	}
	return n, nil
}
