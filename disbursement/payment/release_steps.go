package payment

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// Steps is a release in the making that one transaction cannot carry (ADR 28):
// what is left of it, cut. BeginStepsTx makes it, StepTx does one step of it,
// SealTx ends it: until then no file is on record, and none can be written.
type Steps struct {
	release Release
	channel Channel
	cuts    []cut
	at      []openFile // where each step begins; one more than steps
}

// cut is the payments of one step, all for one file.
type cut struct {
	payments []ToPay
	opens    bool // a file of its own
}

// openFile is a file that is being filled.
type openFile struct {
	id      FileID
	ordinal int
	lines   int // so far
}

// Len is how many steps are left before the sealing.
func (st *Steps) Len() int { return len(st.cuts) }

// BeginStepsTx looks whether all that is left of a release can be released, as
// ReleaseTx does and with the same errors, and cuts it into steps of at most
// rows legs (one payment's are never parted). It changes nothing but the record
// of who looked at the numbers.
func (s *Service) BeginStepsTx(ctx context.Context, tx pgx.Tx, r Release, rows int) (*Steps, error) {
	channel, err := ChannelByCode(ctx, tx, r.Channel)
	if err != nil {
		return nil, err
	}
	list, err := s.instructions(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	at, err := fileInTheMaking(ctx, tx, r.Batch)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 && at.id == 0 {
		return nil, errs.New(errs.Refused, "PAYMENT_NOTHING_TO_RELEASE", "batch", r.BatchCode)
	}
	if at.id == 0 {
		if at.ordinal, err = lastOrdinal(ctx, tx, r.Batch); err != nil {
			return nil, err
		}
	}
	st := &Steps{release: r, channel: channel, cuts: cutSteps(list, at, channel.MaxRows, rows)}
	st.at = make([]openFile, len(st.cuts)+1)
	st.at[0] = at
	return st, s.writable(ctx, tx, r, channel, list)
}

// writable refuses what a bank's file cannot say, all rows at once, before the
// first step.
func (s *Service) writable(ctx context.Context, tx pgx.Tx, r Release, c Channel, list []instruction) error {
	if len(list) == 0 {
		return nil
	}
	attempts := make([]Attempt, len(list))
	accounts := make([]parties.AccountID, len(list))
	for i := range list {
		attempts[i], accounts[i] = list[i].Attempt, list[i].Account
	}
	payTo, err := s.parties.UnmaskTx(ctx, tx, accounts, parties.Unmasking{Purpose: parties.ForRelease, Subject: r.cause(), Actor: r.Actor})
	if err != nil {
		return err
	}
	f := File{Ref: FileRef(r.Office, r.BatchNo, 1), Remark: r.Remark, ExecuteOn: r.ExecuteOn, CreatedAt: s.clock.Now()}
	for part := range slices.Chunk(attempts, c.MaxRows) {
		if _, err := encode(io.Discard, f, c, part, payTo); err != nil {
			return err
		}
	}
	return nil
}

// cutSteps cuts instructions into steps of at most rows legs, and of what the
// file that is open still takes.
func cutSteps(list []instruction, at openFile, maxRows, rows int) []cut {
	var cuts []cut
	lines, legs := at.lines, 0
	if at.id == 0 {
		lines = maxRows // none is open: the first opens one
	}
	for _, in := range list {
		full := lines == maxRows
		if full {
			lines = 0
		}
		if full || len(cuts) == 0 || legs+len(in.legs) > rows {
			cuts, legs = append(cuts, cut{opens: full}), 0
		}
		c := &cuts[len(cuts)-1]
		c.payments = append(c.payments, ToPay{Payment: ID(in.Payment), Account: in.Account})
		legs, lines = legs+len(in.legs), lines+1
	}
	return cuts
}

// StepTx does step i, in the caller's transaction, which holds the lock of the
// batch and has seen that no other step was done meanwhile. number tells the
// batch's steps apart for ever: a release given back and begun again has other
// ones. Errors: as ReleaseTx.
func (s *Service) StepTx(ctx context.Context, tx pgx.Tx, st *Steps, i, number int) error {
	r, c, at := st.release, st.cuts[i], st.at[i]
	if c.opens {
		id, err := db.NextID(ctx, tx, "bank_file_id_seq")
		if err != nil {
			return err
		}
		at = openFile{id: FileID(id), ordinal: at.ordinal + 1}
	}
	r.Payments = c.payments
	list, err := s.instructions(ctx, tx, r)
	if err != nil {
		return err
	}
	if len(list) != len(c.payments) {
		return errs.New(errs.Conflict, "PAYMENT_STEP_MOVED", "batch", r.BatchCode)
	}
	attempts := make([]Attempt, len(list))
	for i := range list {
		list[i].Line = at.lines + i + 1
		attempts[i] = list[i].Attempt
	}
	f, err := s.newFile(r, st.channel, at.id, at.ordinal)
	if err != nil {
		return err
	}
	journal, err := s.sendStep(ctx, tx, r, f, list, attempts, number)
	if err != nil {
		return err
	}
	last := at.lines + len(list)
	_, err = tx.Exec(ctx, `INSERT INTO release_step (file, first_line, last_line, batch, ordinal, journal) VALUES ($1, $2, $3, $4, $5, $6)`,
		at.id, at.lines+1, last, r.Batch, at.ordinal, int64(journal))
	if err != nil {
		return fmt.Errorf("record step of file %d: %w", at.id, err)
	}
	at.lines = last
	st.at[i+1] = at
	return nil
}

// sendStep stores the attempts of a step and books their money in transit.
func (s *Service) sendStep(ctx context.Context, tx pgx.Tx, r Release, f File, list []instruction, attempts []Attempt, number int) (ledger.JournalID, error) {
	ids, err := insertAttempts(ctx, tx, f.ID, attempts)
	if err != nil {
		return 0, err
	}
	if err := keepLegs(ctx, tx, list, ids); err != nil {
		return 0, err
	}
	for i := range attempts {
		f.Sum += attempts[i].Amount
	}
	journal, err := s.bookRelease(ctx, tx, r, f, list, fmt.Sprintf("%s/%d", releaseKey(f), number))
	if err != nil {
		return 0, err
	}
	payTo, err := s.unmask(ctx, tx, f, attempts, parties.ForRelease, r.Actor)
	if err != nil {
		return 0, err
	}
	_, err = s.commit(ctx, tx, attempts, ids, payTo)
	return journal, err
}

// SealTx ends a release in steps: every file that its steps filled is sealed,
// and is on record from now on. Errors: PAYMENT_NOTHING_TO_RELEASE; as ReleaseTx.
func (s *Service) SealTx(ctx context.Context, tx pgx.Tx, r Release) ([]File, error) {
	channel, err := ChannelByCode(ctx, tx, r.Channel)
	if err != nil {
		return nil, err
	}
	open, err := filesInTheMaking(ctx, tx, r.Batch)
	if err != nil {
		return nil, err
	}
	if len(open) == 0 {
		return nil, errs.New(errs.Refused, "PAYMENT_NOTHING_TO_RELEASE", "batch", r.BatchCode)
	}
	out := make([]File, len(open))
	for i, o := range open {
		if out[i], err = s.seal(ctx, tx, r, channel, o); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) seal(ctx context.Context, tx pgx.Tx, r Release, c Channel, o openFile) (File, error) {
	f, err := s.newFile(r, c, o.id, o.ordinal)
	if err != nil {
		return File{}, err
	}
	attempts, err := AttemptsOfFile(ctx, tx, o.id)
	if err != nil {
		return File{}, err
	}
	payTo, err := s.unmask(ctx, tx, f, attempts, parties.ForRelease, r.Actor)
	if err != nil {
		return File{}, err
	}
	side, err := encode(io.Discard, f, c, attempts, payTo)
	if err != nil {
		return File{}, err
	}
	if f.SHA256, err = hex.DecodeString(side.SHA256); err != nil {
		return File{}, fmt.Errorf("digest of %s: %w", f.Name, err)
	}
	f.Count, f.Sum = int(side.Count), side.Sum
	if f.Count != o.lines {
		return File{}, errs.New(errs.Conflict, "PAYMENT_STEP_MOVED", "batch", r.BatchCode)
	}
	if err := insertFile(ctx, tx, f); err != nil {
		return File{}, err
	}
	var parts leaf.Tree
	if err := eachPart(ctx, tx, func(_ Attempt, part []byte) { parts.Add(part) }, `WHERE a.file = $1`, f.ID); err != nil {
		return File{}, err
	}
	return f, proof.Append(ctx, tx, proof.ItemOf(ReleaseLeaf(f, &parts), int64(f.ID)))
}

// UnsendTx gives back some of what the steps of a release sent whose files are
// not sealed, from the last on and at most rows attempts: the money is frozen
// again, the attempts are stopped, their ids are used up. more is false when
// there was nothing. Errors: as ledger.PostTx.
func (s *Service) UnsendTx(ctx context.Context, tx pgx.Tx, r Release, rows int, key string) (more bool, err error) {
	open, err := filesInTheMaking(ctx, tx, r.Batch)
	if err != nil || len(open) == 0 {
		return false, err
	}
	f := open[len(open)-1].id
	list, err := attempts(ctx, tx, `SELECT `+attemptColumns+` FROM attempt WHERE file = $1 AND state = 'written' ORDER BY file_line DESC LIMIT $2`, f, rows)
	if err != nil {
		return false, err
	}
	payments := make([]int64, len(list))
	for i, a := range list {
		payments[i] = a.Payment
	}
	legs, err := legsStanding(ctx, tx, payments, ledger.InTransit)
	if err != nil {
		return false, err
	}
	var ids []ledger.HoldingID
	changes := make([]change, len(list))
	for i, a := range list {
		for _, h := range legs[ID(a.Payment)] {
			ids = append(ids, h.ID)
		}
		changes[i] = change{Attempt: a, from: a.State, out: evidence.Outcome{Attempt: a.ID, State: evidence.Stopped}}
	}
	posted, err := s.ledger.PostTx(ctx, tx, ledger.Command{
		Key: key, Kind: "unsend", Actor: r.Actor, Cause: r.cause(), Memo: r.BatchCode, BusinessDate: clock.Date(s.clock.Now()),
		Steps: []ledger.Step{ledger.Move{Holdings: ids, From: ledger.InTransit, To: ledger.Frozen}},
	})
	if err != nil {
		return false, err
	}
	return true, saveChanges(ctx, tx, changes, int64(posted.Journal), s.clock.Now())
}

// cause names the batch to the journals that its release causes.
func (r Release) cause() string { return fmt.Sprintf("batch:%d", r.Batch) }

// GoesOn says whether a release in steps can go on as one of an execution date:
// its steps so far were booked on that day, and giving them back was not begun.
func GoesOn(ctx context.Context, q db.Querier, batch int64, executeOn time.Time) (bool, error) {
	at, err := fileInTheMaking(ctx, q, batch)
	if err != nil || at.id == 0 {
		return err == nil, err
	}
	var on time.Time
	var torn bool
	err = q.QueryRow(ctx, `SELECT j.business_date, EXISTS (SELECT 1 FROM attempt a WHERE a.file = s.file AND a.state = 'stopped')
		FROM release_step s JOIN journal j ON j.id = s.journal
		WHERE s.file = $1 ORDER BY s.first_line LIMIT 1`, at.id).Scan(&on, &torn)
	if err != nil {
		return false, fmt.Errorf("read how the release began: %w", err)
	}
	return !torn && clock.Date(on).Equal(clock.Date(executeOn)), nil
}

const openFiles = `SELECT s.file, s.ordinal, max(s.last_line) FROM release_step s
	WHERE s.batch = $1 AND NOT EXISTS (SELECT 1 FROM bank_file f WHERE f.id = s.file)
		AND EXISTS (SELECT 1 FROM attempt a WHERE a.file = s.file AND a.state = 'written')
	GROUP BY s.file, s.ordinal ORDER BY s.ordinal`

// filesInTheMaking are the files that steps filled and nobody sealed, in order.
func filesInTheMaking(ctx context.Context, q db.Querier, batch int64) ([]openFile, error) {
	rows, err := q.Query(ctx, openFiles, batch)
	if err != nil {
		return nil, fmt.Errorf("read steps of batch %d: %w", batch, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (openFile, error) {
		var o openFile
		err := row.Scan(&o.id, &o.ordinal, &o.lines)
		return o, err
	})
}

// fileInTheMaking is the last of them, the one that is open; its id is 0 where
// there is none.
func fileInTheMaking(ctx context.Context, q db.Querier, batch int64) (openFile, error) {
	var o openFile
	err := q.QueryRow(ctx, openFiles+` DESC LIMIT 1`, batch).Scan(&o.id, &o.ordinal, &o.lines)
	if errors.Is(err, pgx.ErrNoRows) {
		return openFile{}, nil
	}
	if err != nil {
		return o, fmt.Errorf("read steps of batch %d: %w", batch, err)
	}
	return o, nil
}
