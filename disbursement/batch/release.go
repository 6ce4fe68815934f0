package batch

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/payment"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// ReleasedFiles is what a release sealed (放款).
type ReleasedFiles struct {
	Batch  Batch          `json:"batch"`
	Files  []payment.File `json:"files"`
	Amount money.Fen      `json:"amount"`
	Replay bool           `json:"replay"`
}

// Release seals the bank files of an approved batch and books its money in
// transit. What is released is the approved list less its signed small lists,
// compared line by line over their legs. WriteFiles writes the files.
//
// Errors: AUTH_RIGHT_MISSING; BATCH_SAME_PERSON, BATCH_STATE, BATCH_LIST_OPEN
// (Refused); BATCH_LIST_CHANGED, BATCH_LEGS (Conflict); BATCH_WITHHOLD_FIRST
// (Refused) with the lines that the rules of the checks block by now;
// BATCH_EXECUTE_ON (Invalid) for a day before today or more than 30 days ahead;
// those of payment.ReleaseTx.
//
// Where one transaction cannot carry the batch, it is released in steps: see
// releaseInSteps.
func (s *Service) Release(ctx context.Context, code string, executeOn time.Time) (ReleasedFiles, error) {
	if inSteps, err := s.releasesInSteps(ctx, code); err != nil || inSteps {
		return s.releaseInSteps(ctx, code, executeOn, err)
	}
	var out ReleasedFiles
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		actor, err := s.entitled(ctx, tx, b.Kind.chain(), b.subject(), b.Maker, StepRelease)
		if err != nil {
			return err
		}
		if b.State.Reached(Released) {
			out, err = s.releasedBefore(ctx, tx, b, actor.Login)
			return err
		}
		if b.State == Releasing { // begun in steps since we looked
			return sending(b)
		}
		if _, err := transition(b, StepRelease); err != nil {
			return err
		}
		if err := s.releasable(ctx, tx, b); err != nil {
			return err
		}
		files, err := s.releaseFiles(ctx, tx, b, executeOn, actor)
		if err != nil {
			return err
		}
		out, err = s.finishRelease(ctx, tx, b, files, actor)
		return err
	})
	return out, err
}

// finishRelease records the release of a batch whose files are sealed.
func (s *Service) finishRelease(ctx context.Context, tx pgx.Tx, b Batch, files []payment.File, actor auth.Actor) (ReleasedFiles, error) {
	t, err := transition(b, StepRelease)
	if err != nil {
		return ReleasedFiles{}, err
	}
	out, err := s.filesReleased(ctx, tx, b, files, actor)
	if err != nil {
		return ReleasedFiles{}, err
	}
	out.Batch.State = t.To
	if err := setState(ctx, tx, b.ID, t.To); err != nil {
		return ReleasedFiles{}, err
	}
	return out, s.approve(ctx, tx, Approval{Subject: b.subject(), Step: StepRelease, Actor: actor.Login, Digest: b.Digest})
}

func (s *Service) releasedBefore(ctx context.Context, tx pgx.Tx, b Batch, actor string) (ReleasedFiles, error) {
	last, err := lastApprovals(ctx, tx, b.subject())
	if err != nil {
		return ReleasedFiles{}, err
	}
	if last[StepRelease].ID == 0 { // closed with nothing to release
		_, err := transition(b, StepRelease)
		return ReleasedFiles{}, err
	}
	if err := done(b, last[StepRelease], actor, nil); err != nil {
		return ReleasedFiles{}, err
	}
	files, err := payment.FilesOf(ctx, tx, int64(b.ID))
	out := ReleasedFiles{Batch: b, Replay: true}
	for _, f := range files {
		if f.List == 0 {
			out.Files, out.Amount = append(out.Files, f), out.Amount+f.Sum
		}
	}
	return out, err
}

// releasable compares what would be released with what was approved.
func (s *Service) releasable(ctx context.Context, tx pgx.Tx, b Batch) error {
	lists, err := ListsOf(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	for _, l := range lists {
		if l.State == ListProposed {
			return errs.New(errs.Refused, "BATCH_LIST_OPEN", "batch", b.Code, "list", int64(l.ID))
		}
	}
	lines, err := linesOfList(ctx, tx, b.ID, b.Lines)
	if err != nil {
		return err
	}
	now := digestOf(b, lines)
	last, err := lastApprovals(ctx, tx, b.subject())
	if err != nil {
		return err
	}
	if seen := last[StepApprove].Digest; string(now) != string(seen) {
		return errs.New(errs.Conflict, "BATCH_LIST_CHANGED", "batch", b.Code, "seen", seen, "now", now)
	}
	wrong, err := notStanding(ctx, tx, b, standsIn(b)...)
	if err == nil && len(wrong) > 0 {
		e := errs.New(errs.Conflict, "BATCH_LEGS", "batch", b.Code, "count", len(wrong))
		for _, w := range wrong {
			e.Fields = append(e.Fields, errs.Field{Row: int(w.No), Value: w.Amount.Grouped(), Code: "BATCH_LEGS_LINE", Args: errs.Pairs("frozen", w.Frozen.Grouped())})
		}
		return e
	}
	if err != nil {
		return err
	}
	if err := vouched(ctx, tx, b); err != nil {
		return err
	}
	found, err := s.recheck(ctx, tx, b, lines)
	return orErr(err, found.refusal("BATCH_WITHHOLD_FIRST", b.Code))
}

// executeWithin is how many days ahead a file may be dated.
const executeWithin = 30

// executable refuses an execution date that is past or far ahead.
func (s *Service) executable(on time.Time) error {
	first := clock.Date(s.clock.Now())
	last := first.AddDate(0, 0, executeWithin)
	if day := clock.Date(on); day.Before(first) || day.After(last) {
		return errs.New(errs.Invalid, "BATCH_EXECUTE_ON", "value", day.Format(time.DateOnly), "from", first.Format(time.DateOnly),
			"until", last.Format(time.DateOnly))
	}
	return nil
}

// releaseOf asks for the release of a batch, its payments left out. Errors:
// BATCH_EXECUTE_ON.
func (s *Service) releaseOf(b Batch, executeOn time.Time, actor auth.Actor) (payment.Release, error) {
	return payment.Release{Batch: int64(b.ID), BatchCode: b.Code, BatchNo: b.No, Office: b.Office, Channel: b.Channel,
		Remark: remark(b), ExecuteOn: executeOn, Actor: actor.Login}, s.executable(executeOn)
}

// releaseFiles makes and seals the files of a batch.
func (s *Service) releaseFiles(ctx context.Context, tx pgx.Tx, b Batch, executeOn time.Time, actor auth.Actor) ([]payment.File, error) {
	r, err := s.releaseOf(b, executeOn, actor)
	if err != nil {
		return nil, err
	}
	if r.Payments, err = toPay(ctx, tx, b.ID); err != nil {
		return nil, err
	}
	return s.payment.ReleaseTx(ctx, tx, r)
}

// filesReleased tells of the files that a release sealed.
func (s *Service) filesReleased(ctx context.Context, tx pgx.Tx, b Batch, files []payment.File, actor auth.Actor) (ReleasedFiles, error) {
	out := ReleasedFiles{Batch: b, Files: files}
	for _, f := range files {
		if err := grow(&out.Amount, f.Sum); err != nil {
			return ReleasedFiles{}, err
		}
		err := s.publish(ctx, tx, b, events.FileReleased, events.Facts{Name: f.Name, Actor: actor.Name, Count: f.Count, Amount: f.Sum})
		if err != nil {
			return ReleasedFiles{}, err
		}
	}
	return out, nil
}

// remark is what a payee reads on his statement: 低保202610.
func remark(b Batch) string {
	name := i18n.Term(i18n.ZH, "batch.remark", b.Program)
	return name + strings.ReplaceAll(string(b.Period), "-", "")
}

// WriteFiles writes the sealed files of a batch into a directory, each with its
// sidecar; the same bytes each time. It needs the right to release. Errors: as
// payment.WriteFiles.
func (s *Service) WriteFiles(ctx context.Context, code, dir string) ([]payment.File, error) {
	if err := mayWriteFiles(ctx); err != nil {
		return nil, err
	}
	b, err := ByCode(ctx, s.db.Pool(), code)
	if err != nil {
		return nil, err
	}
	return s.payment.WriteFiles(ctx, int64(b.ID), dir)
}

// mayWriteFiles: whoever may release may write what was released, for an
// emergency also its second person.
func mayWriteFiles(ctx context.Context) error {
	if _, err := auth.Require(ctx, auth.BatchRelease); err == nil {
		return nil
	}
	if _, err := auth.Require(ctx, auth.ReserveConfirm); err == nil {
		return nil
	}
	_, err := auth.Require(ctx, auth.BatchRelease)
	return err
}
