package batch

import (
	"context"
	"fmt"
	"strings"

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
		if out, err = splitBefore(ctx, tx, b, into, numbers); err != nil || out.Replay {
			return err
		}
		out, err = s.split(ctx, tx, b, into, numbers, strings.TrimSpace(reason))
		return err
	})
	return out, err
}

// splitBefore answers a split that was made: the other list is there, of the
// same roster, with these lines.
func splitBefore(ctx context.Context, tx pgx.Tx, b Batch, into string, numbers []int32) (Split, error) {
	other, err := ByCode(ctx, tx, into)
	if errs.CodeOf(err) == "BATCH_UNKNOWN" {
		return Split{}, nil
	}
	if err != nil {
		return Split{}, err
	}
	lines, err := linesByNo(ctx, tx, other.ID, numbers)
	if err != nil {
		return Split{}, err
	}
	if other.ImportFile != b.ImportFile || other.ImportFile == 0 || len(lines) != len(numbers) || other.Office != b.Office {
		return Split{}, errs.New(errs.Conflict, "BATCH_CODE_TAKEN", "batch", into)
	}
	return Split{Batch: b, Parted: other, Replay: true}, nil
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
	made := Approval{Subject: parted.subject(), Step: StepMake, Actor: b.Maker, Digest: digest, Comment: fmt.Sprintf("split:%d", b.ID)}
	if err := s.approve(ctx, tx, made); err != nil {
		return Split{}, err
	}
	return Split{Batch: b, Parted: parted}, s.publish(ctx, tx, b, events.BatchSplit,
		events.Facts{Name: into, Actor: actor.Name, Count: parted.Lines, Amount: parted.Amount, Reason: reason})
}
