package batch

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/parties"
	"fenlu/events"
	"fenlu/internal/errs"
)

// Submission is a list as it was submitted: Digest is what an approver binds
// himself to.
type Submission struct {
	Batch  Batch  `json:"batch"`
	Digest Digest `json:"digest"`
	Replay bool   `json:"replay"`
}

// codeKeyHeld is a once-key that somebody else holds.
const codeKeyHeld = "BATCH_ONCE_KEY"

// Submit hands a checked list in: it claims the once-key of every line and
// fixes the digest of the list. comment is the maker's reason, needed where the
// checks asked for one.
//
// Errors: AUTH_RIGHT_MISSING; BATCH_NOT_MAKER, BATCH_STATE, BATCH_REASON_NEEDED
// (Refused); BATCH_LIST_CHANGED (Conflict) where the list is not the one that
// was checked; BATCH_ONCE_KEY (Conflict) with a Field for each line whose
// entitlement another line holds, which it names; VALID_PROBLEMS.
func (s *Service) Submit(ctx context.Context, code, comment string) (Submission, error) {
	if err := s.plain(freeText{Comment: comment}); err != nil {
		return Submission{}, err
	}
	var out Submission
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		var err error
		out, err = s.submit(ctx, tx, b, strings.TrimSpace(comment))
		return err
	})
	if errs.CodeOf(err) == codeKeyHeld {
		return Submission{}, s.explainHolders(ctx, code, err)
	}
	return out, err
}

func (s *Service) submit(ctx context.Context, tx pgx.Tx, b Batch, comment string) (Submission, error) {
	actor, err := auth.Require(ctx, auth.BatchMake)
	if err != nil {
		return Submission{}, err
	}
	last, err := lastApprovals(ctx, tx, b.subject())
	if err != nil {
		return Submission{}, err
	}
	if b.State.Reached(Submitted) {
		return Submission{b, b.Digest, true}, done(b, last[StepSubmit], actor.Login, nil)
	}
	t, err := transition(b, StepSubmit)
	if err != nil {
		return Submission{}, err
	}
	if actor.Login != b.Maker {
		return Submission{}, errs.New(errs.Refused, "BATCH_NOT_MAKER", "name", actor.Name, "maker", b.Maker, "batch", b.Code)
	}
	digest, err := DigestOfList(ctx, tx, b)
	if err != nil {
		return Submission{}, err
	}
	if string(digest) != string(last[StepCheck].Digest) {
		return Submission{}, errs.New(errs.Conflict, "BATCH_LIST_CHANGED", "batch", b.Code, "seen", last[StepCheck].Digest, "now", digest)
	}
	if err := s.reasonGiven(ctx, tx, b, comment); err != nil {
		return Submission{}, err
	}
	if err := claimKeys(ctx, tx, b.ID); err != nil {
		return Submission{}, err
	}
	b.State, b.Digest = t.To, digest
	if err := setState(ctx, tx, b.ID, t.To); err != nil {
		return Submission{}, err
	}
	if err := setDigest(ctx, tx, b.ID, digest); err != nil {
		return Submission{}, err
	}
	if err := s.approve(ctx, tx, Approval{Subject: b.subject(), Step: StepSubmit, Actor: actor.Login, Digest: digest, Comment: comment}); err != nil {
		return Submission{}, err
	}
	return Submission{Batch: b, Digest: digest}, s.publish(ctx, tx, b, events.BatchSubmitted,
		events.Facts{Actor: actor.Name, Count: b.Lines, Amount: b.Amount})
}

func (s *Service) reasonGiven(ctx context.Context, tx pgx.Tx, b Batch, comment string) error {
	if comment != "" {
		return nil
	}
	round, err := lastRound(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	found, err := Findings(ctx, tx, b.ID, round)
	if n := findings(found).count(Reason); n > 0 {
		return errs.New(errs.Refused, "BATCH_REASON_NEEDED", "batch", b.Code, "count", n)
	}
	return err
}

// explainHolders names, for each line whose key is held, who holds it.
func (s *Service) explainHolders(ctx context.Context, code string, cause error) error {
	b, err := ByCode(ctx, s.db.Pool(), code)
	if err != nil {
		return err
	}
	held, err := holdersOf(ctx, s.db.Pool(), b.ID)
	if err != nil {
		return err
	}
	e := errs.Wrap(nil, errs.Conflict, codeKeyHeld, "batch", code, "count", len(held))
	if len(held) == 0 {
		e.Err = cause // it was let go a moment ago
	}
	masked, err := s.maskedIDs(ctx, b.ID, held)
	for _, h := range held {
		e.Fields = append(e.Fields, errs.Field{Row: int(h.No), Value: masked[h.No], Code: "BATCH_ONCE_KEY_HELD",
			Args: errs.Pairs("batch", h.Batch, "line", h.HolderNo, "month", h.Month, "component", h.Component, "occasion", h.Occasion)})
	}
	if err != nil {
		return err
	}
	return e
}

// maskedIDs is the ID numbers of the persons of lines, as they may be shown.
func (s *Service) maskedIDs(ctx context.Context, id ID, held []holder) (map[int32]string, error) {
	numbers := map[int32]bool{}
	for _, h := range held {
		numbers[h.No] = true
	}
	people, of := []parties.PersonID{}, map[int32]parties.PersonID{}
	for no := range numbers {
		page, err := Lines(ctx, s.db.Pool(), id, no-1, 1)
		if err != nil {
			return nil, err
		}
		for _, l := range page {
			of[l.No] = parties.PersonID(l.Person)
			people = append(people, of[l.No])
		}
	}
	found, err := s.parties.People(ctx, s.db.Pool(), people)
	masked := make(map[int32]string, len(of))
	for no, p := range of {
		masked[no] = found[p].Masked
	}
	return masked, err
}

// Reject sends a checked or submitted list back to draft, with the reason: its
// once-keys are given up and what was approved counts no more. A checked list
// is sent back by who may check, a submitted one by who may approve; not by its
// maker. Errors: AUTH_RIGHT_MISSING, BATCH_SAME_PERSON, BATCH_STATE,
// BATCH_REASON_EMPTY, VALID_PROBLEMS.
func (s *Service) Reject(ctx context.Context, code, reason string) (Batch, error) {
	var out Batch
	if err := s.plain(freeText{Reason: reason}); err != nil {
		return out, err
	}
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		t, err := transition(b, rejection)
		if err != nil {
			return err
		}
		actor, err := auth.Require(ctx, t.Right)
		if err != nil {
			return err
		}
		if err := another(ctx, tx, b.made(), StepMake, actor, t.Right, rejection); err != nil {
			return err
		}
		out, err = s.reject(ctx, tx, b, t, actor, strings.TrimSpace(reason))
		return err
	})
	return out, err
}

func (s *Service) reject(ctx context.Context, tx pgx.Tx, b Batch, t Transition, actor auth.Actor, reason string) (Batch, error) {
	if reason == "" {
		return b, errs.New(errs.Invalid, "BATCH_REASON_EMPTY", "batch", b.Code)
	}
	digest, err := DigestOfList(ctx, tx, b)
	if err != nil {
		return b, err
	}
	if err := freeKeysOfBatch(ctx, tx, b.ID, "rejected"); err != nil {
		return b, err
	}
	step := StepCheck
	if b.State == Submitted {
		step = StepApprove
	}
	b.State = t.To
	if err := setState(ctx, tx, b.ID, t.To); err != nil {
		return b, err
	}
	err = s.approve(ctx, tx, Approval{Subject: b.subject(), Step: step, Decision: Rejected, Actor: actor.Login, Digest: digest, Comment: reason})
	if err != nil {
		return b, err
	}
	return b, s.publish(ctx, tx, b, events.BatchRejected, events.Facts{Actor: actor.Name, Count: b.Lines, Amount: b.Amount, Reason: reason})
}

// Remove takes lines out of a list before it is submitted, with the reason. A
// list that was checked must be checked again. Lines that were taken out before
// are left alone. Errors: AUTH_RIGHT_MISSING, BATCH_NOT_MAKER, BATCH_STATE,
// BATCH_REASON_EMPTY, VALID_PROBLEMS, BATCH_LINES_UNKNOWN (Invalid).
func (s *Service) Remove(ctx context.Context, code string, numbers []int32, reason string) (Batch, error) {
	var out Batch
	if err := s.plain(freeText{Reason: reason}); err != nil {
		return out, err
	}
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		actor, err := auth.Require(ctx, auth.BatchMake)
		if err != nil {
			return err
		}
		lines, err := linesNamed(ctx, tx, b, numbers)
		if err != nil {
			return err
		}
		out = b
		if todo := withStatus(lines, Listed); len(todo) > 0 {
			out, err = s.remove(ctx, tx, b, todo, actor, strings.TrimSpace(reason))
		}
		return err
	})
	return out, err
}

func (s *Service) remove(ctx context.Context, tx pgx.Tx, b Batch, lines []Line, actor auth.Actor, reason string) (Batch, error) {
	t, err := transition(b, StepRemove)
	if err != nil {
		return b, err
	}
	if actor.Login != b.Maker {
		return b, errs.New(errs.Refused, "BATCH_NOT_MAKER", "name", actor.Name, "maker", b.Maker, "batch", b.Code)
	}
	if reason == "" {
		return b, errs.New(errs.Invalid, "BATCH_REASON_EMPTY", "batch", b.Code)
	}
	if err := setStatus(ctx, tx, lineIDs(lines), Withdrawn); err != nil {
		return b, err
	}
	b.State = t.To
	if err := setState(ctx, tx, b.ID, t.To); err != nil {
		return b, err
	}
	if b.Lines, b.Amount, err = listSums(ctx, tx, b.ID); err != nil {
		return b, err
	}
	if err := setSums(ctx, tx, b.ID, b.Lines, b.Amount); err != nil {
		return b, err
	}
	digest, err := DigestOfList(ctx, tx, b)
	if err != nil {
		return b, err
	}
	a := Approval{Subject: b.subject(), Step: StepRemove, Actor: actor.Login, Digest: digest, Comment: reason + " #" + numbersText(lines)}
	if err := s.approve(ctx, tx, a); err != nil {
		return b, err
	}
	amount, err := sumLines(lines)
	if err != nil {
		return b, err
	}
	return b, s.publish(ctx, tx, b, events.LineWithdrawn, events.Facts{Actor: actor.Name, Count: len(lines), Amount: amount, Reason: reason})
}

// linesNamed locks lines by number and refuses numbers that are none.
func linesNamed(ctx context.Context, tx pgx.Tx, b Batch, numbers []int32) ([]Line, error) {
	lines, err := linesByNo(ctx, tx, b.ID, numbers)
	if err != nil {
		return nil, err
	}
	there := map[int32]bool{}
	for _, l := range lines {
		there[l.No] = true
	}
	var unknown []string
	for _, no := range numbers {
		if !there[no] {
			unknown = append(unknown, itoa(no))
		}
	}
	if len(unknown) > 0 || len(numbers) == 0 {
		return nil, errs.New(errs.Invalid, "BATCH_LINES_UNKNOWN", "batch", b.Code, "lines", strings.Join(unknown, ", "))
	}
	return lines, nil
}

func withStatus(lines []Line, status LineStatus) []Line {
	var out []Line
	for _, l := range lines {
		if l.Status == status {
			out = append(out, l)
		}
	}
	return out
}

func lineIDs(lines []Line) []LineID {
	ids := make([]LineID, len(lines))
	for i := range lines {
		ids[i] = lines[i].ID
	}
	return ids
}

func numbersText(lines []Line) string {
	texts := make([]string, len(lines))
	for i := range lines {
		texts[i] = itoa(lines[i].No)
	}
	return strings.Join(texts, ",")
}

func itoa[N ~int | ~int32 | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }
