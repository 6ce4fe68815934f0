package batch

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/events"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// Split is a list that was parted in two (部分审批前拆分): both are drafts again,
// each to be checked, submitted and approved by itself.
type Split struct {
	Batch  Batch `json:"batch"` // what stays
	Parted Batch `json:"parted"`
	Replay bool  `json:"replay"`
}

// Split parts lines of a checked or submitted list into a list of their own,
// named into, so that one of the two can be approved while the other waits.
// Whoever could send the list back may split it. Lines keep their numbers, so
// that they are found in the roster; both lists lose their checks, reviews and
// once-keys, for neither is the list that was checked.
//
// Errors: AUTH_RIGHT_MISSING; BATCH_SAME_PERSON for the maker, BATCH_STATE
// (Refused); BATCH_REASON_EMPTY, BATCH_LINES_UNKNOWN, BATCH_SPLIT_ALL,
// VALID_PROBLEMS (Invalid); BATCH_CODE_TAKEN (Conflict).
func (s *Service) Split(ctx context.Context, code, into string, numbers []int32, reason string) (Split, error) {
	if err := s.plain(freeText{Reason: reason}); err != nil {
		return Split{}, err
	}
	if err := s.valid.Check(struct {
		Into string `name:"into" validate:"batchcode"`
	}{into}); err != nil {
		return Split{}, err
	}
	var out Split
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) (err error) {
		if out, err = splitBefore(ctx, tx, b, into, numbers, strings.TrimSpace(reason)); err != nil || out.Replay {
			return err
		}
		out, err = s.split(ctx, tx, b, into, numbers, strings.TrimSpace(reason))
		return err
	})
	return out, err
}

// splitBefore answers a split that was made: the other list was parted from this
// one, for this reason, with these lines and no others; lines that had been taken
// out of the list stay where they are. Errors: BATCH_CODE_TAKEN (Conflict).
func splitBefore(ctx context.Context, tx pgx.Tx, b Batch, into string, numbers []int32, reason string) (Split, error) {
	other, err := ByCode(ctx, tx, into)
	if errs.CodeOf(err) == "BATCH_UNKNOWN" {
		return Split{}, nil
	}
	if err != nil {
		return Split{}, err
	}
	same, err := sameSplit(ctx, tx, b, other, numbers, reason)
	if err != nil {
		return Split{}, err
	}
	if !same {
		return Split{}, errs.New(errs.Conflict, "BATCH_CODE_TAKEN", "batch", into)
	}
	return Split{Batch: b, Parted: other, Replay: true}, nil
}

func sameSplit(ctx context.Context, tx pgx.Tx, b, other Batch, numbers []int32, reason string) (bool, error) {
	made, err := Approvals(ctx, tx, other.subject())
	if err != nil {
		return false, err
	}
	back, err := Approvals(ctx, tx, b.subject())
	if err != nil {
		return false, err
	}
	if !slices.ContainsFunc(made, func(a Approval) bool { return a.Step == StepMake && a.Comment == partedFrom(b.ID) }) ||
		!slices.ContainsFunc(back, func(a Approval) bool { return a.Decision == Rejected && a.Comment == reason }) {
		return false, nil
	}
	stay, err := linesByNo(ctx, tx, b.ID, numbers)
	if err != nil {
		return false, err
	}
	left := map[int32]bool{}
	for _, l := range stay {
		if l.Status == Listed {
			return false, nil
		}
		left[l.No] = true
	}
	went := map[int32]bool{}
	for _, no := range numbers {
		if !left[no] {
			went[no] = true
		}
	}
	parted, err := lineNumbers(ctx, tx, other.ID)
	return len(parted) == len(went) && !slices.ContainsFunc(parted, func(no int32) bool { return !went[no] }), err
}

// partedFrom is the comment of the making of a list that was parted from another.
func partedFrom(id ID) string { return "split:" + itoa(id) }

// partedSince finds the lists that were parted from a batch since a moment, and
// from those.
func partedSince(ctx context.Context, q db.Querier, b Batch, at time.Time) ([]ID, error) {
	links, err := splitsBeside(ctx, q, b, at)
	if err != nil {
		return nil, err
	}
	all := []ID{b.ID}
	for i := 0; i < len(all); i++ {
		all = append(all, links[partedFrom(all[i])]...)
	}
	return all[1:], nil
}

func (s *Service) split(ctx context.Context, tx pgx.Tx, b Batch, into string, numbers []int32, reason string) (Split, error) {
	t, err := transition(b, rejection)
	if err != nil {
		return Split{}, err
	}
	actor, err := auth.Require(ctx, t.Right)
	if err != nil {
		return Split{}, err
	}
	if same, err := auth.SamePerson(ctx, tx, b.made(), actor, t.Right); err != nil || same {
		return Split{}, orErr(err, samePerson(actor, stepName(StepMake), i18n.T(i18n.ZH, "batch.split")))
	}
	lines, err := linesNamed(ctx, tx, b, numbers)
	if err != nil {
		return Split{}, err
	}
	lines = withStatus(lines, Listed)
	if len(lines) == 0 || len(lines) >= b.Lines {
		return Split{}, errs.New(errs.Invalid, "BATCH_SPLIT_ALL", "batch", b.Code, "lines", b.Lines, "named", len(lines))
	}
	if b, err = s.reject(ctx, tx, b, t, actor, reason); err != nil {
		return Split{}, err
	}
	return s.part(ctx, tx, b, into, lines, actor, reason)
}

// part moves lines of a draft into a new one of the same maker.
func (s *Service) part(ctx context.Context, tx pgx.Tx, b Batch, into string, lines []Line, actor auth.Actor, reason string) (Split, error) {
	id, err := db.NextID(ctx, tx, "batch_id_seq")
	if err != nil {
		return Split{}, err
	}
	parted := b
	parted.ID, parted.Code, parted.Digest, parted.CreatedAt, parted.Lines = ID(id), into, nil, s.clock.Now(), len(lines)
	if parted.Amount, err = sumLines(lines); err != nil {
		return Split{}, err
	}
	if err := insertBatch(ctx, tx, &parted); err != nil {
		return Split{}, err
	}
	if err := moveLines(ctx, tx, lineIDs(lines), parted.ID); err != nil {
		return Split{}, err
	}
	b.Lines -= len(lines)
	if b.Amount, err = money.Sub(b.Amount, parted.Amount); err != nil {
		return Split{}, err
	}
	if err := setSums(ctx, tx, b.ID, b.Lines, b.Amount); err != nil {
		return Split{}, err
	}
	digest, err := DigestOfList(ctx, tx, parted)
	if err != nil {
		return Split{}, err
	}
	made := Approval{Subject: parted.subject(), Step: StepMake, Actor: b.Maker, Digest: digest, Comment: partedFrom(b.ID)}
	if err := s.approve(ctx, tx, made); err != nil {
		return Split{}, err
	}
	return Split{Batch: b, Parted: parted}, s.publish(ctx, tx, b, events.BatchSplit,
		events.Facts{Name: into, Actor: actor.Name, Count: parted.Lines, Amount: parted.Amount, Reason: reason})
}
