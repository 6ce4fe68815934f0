package restart_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"fenlu/auth"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/pgtest"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/checkpoint"
	"fenlu/ledger/proof/checkpoint/logtest"
	"fenlu/ledger/proof/restart"
)

const origin = "fenlu/0123456789abcdef"

// file is the file outside, in memory: what it holds is signed.
type file struct {
	t      *testing.T
	db     *db.DB
	signer checkpoint.Signer
	notes  [][]byte
	broken bool // cannot be written
}

func (f *file) Kept() (checkpoint.Kept, error) {
	k := checkpoint.NewKept(f.signer.Key)
	for _, n := range f.notes {
		if err := k.Add(n); err != nil {
			return k, err
		}
	}
	return k, nil
}

func (f *file) Contradicted(ctx context.Context, kept []checkpoint.Signed) ([]checkpoint.Checkpoint, error) {
	size, err := proof.Size(ctx, f.db.Pool())
	var out []checkpoint.Checkpoint
	for _, c := range kept {
		if c.Size > size {
			out = append(out, c.Checkpoint)
		}
	}
	return out, err
}

func (f *file) Restart(r checkpoint.Restart) error {
	if f.broken {
		return errs.New(errs.Refused, "NOTARY_OUTSIDE", "path", "checkpoints.log")
	}
	kept, err := f.Kept()
	if err != nil || kept.Restarted(r.Leaf) {
		return err
	}
	r.Abandoned.Origin = origin
	if r, err = checkpoint.SignRestart(r, f.signer); err == nil {
		f.notes = append(f.notes, r.Note)
	}
	return err
}

// sign adds a checkpoint of a log that the database no longer has.
func (f *file) sign(size int64) {
	root := tlog.RecordHash([]byte{byte(size)})
	f.notes = append(f.notes, logtest.Sign(f.t, checkpoint.Checkpoint{Origin: origin, Size: size, Root: root}, f.signer))
}

// desk is an empty log beside a file that has checkpoints of 5 and 9 leaves.
func desk(t *testing.T) (*restart.Service, *file, *db.DB) {
	t.Helper()
	d := pgtest.NewEnv(t).Open(t)
	f := &file{t: t, db: d, signer: logtest.Signer(t, origin, checkpoint.Ed25519)}
	f.sign(5)
	f.sign(9)
	return restart.New(d, clock.NewManual(time.Date(2026, 11, 6, 9, 0, 0, 0, clock.Shanghai)), f), f, d
}

func as(t *testing.T, login string, rights ...auth.Right) context.Context {
	t.Helper()
	return auth.WithActor(t.Context(), auth.Actor{Login: login, Name: login, Rights: auth.NewRights(rights...)})
}

func wantCode(t *testing.T, err error, kind errs.Kind, code string) {
	t.Helper()
	if errs.KindOf(err) != kind || errs.CodeOf(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

// One proposes, another confirms; each asked for again is the same act.
func TestRestart(t *testing.T) {
	t.Parallel()
	s, f, d := desk(t)
	lin, admin := as(t, "lin", auth.PeriodClose), as(t, "admin", auth.PeriodClose)
	_, err := s.Confirm(admin)
	wantCode(t, err, errs.Conflict, "RESTART_NOTHING_PROPOSED")
	_, err = s.Propose(as(t, "zhou", auth.BatchMake), "磁盘损坏")
	wantCode(t, err, errs.Refused, "AUTH_RIGHT_MISSING")
	_, err = s.Confirm(as(t, "zhou", auth.BatchMake))
	wantCode(t, err, errs.Refused, "AUTH_RIGHT_MISSING")
	_, err = s.Propose(lin, "")
	wantCode(t, err, errs.Invalid, "VALID_PROBLEMS")
	first, err := s.Propose(lin, "磁盘损坏")
	if err != nil || first.AbandonedSize != 9 || first.KeptSize != 0 {
		t.Fatalf("%+v, %v", first, err)
	}
	if again, err := s.Propose(lin, "磁盘损坏"); err != nil || again.ID != first.ID {
		t.Errorf("asked for again: %+v, %v", again, err)
	}
	_, err = s.Confirm(lin)
	wantCode(t, err, errs.Refused, "RESTART_SAME_PERSON")

	f.broken = true // killed between the database and the file
	_, err = s.Confirm(admin)
	wantCode(t, err, errs.Refused, "NOTARY_OUTSIDE")
	f.broken = false
	done, err := s.Confirm(admin)
	if err != nil || done.Proposal != first.ID || done.Actor != "admin" || done.Reason != "磁盘损坏" {
		t.Fatalf("%+v, %v", done, err)
	}
	if again, err := s.Confirm(admin); err != nil || again.ID != done.ID {
		t.Errorf("asked for again: %+v, %v", again, err)
	}
	_, err = s.Confirm(lin)
	wantCode(t, err, errs.Refused, "RESTART_NOT_NEEDED")
	if acts, err := proof.Restarts(t.Context(), d.Pool()); err != nil || len(acts) != 2 {
		t.Errorf("%d acts, %v", len(acts), err)
	}
	kept, err := f.Kept()
	if err != nil || len(kept.Checkpoints) != 0 || len(kept.Restarts) != 1 {
		t.Errorf("outside: %+v, %v", kept, err)
	}
}

// A proposal is for what was to be given up then: with more outside it is made
// anew.
func TestConfirm_only_what_was_proposed(t *testing.T) {
	t.Parallel()
	s, f, _ := desk(t)
	if _, err := s.Propose(as(t, "lin", auth.PeriodClose), "磁盘损坏"); err != nil {
		t.Fatal(err)
	}
	f.sign(11)
	_, err := s.Confirm(as(t, "admin", auth.PeriodClose))
	wantCode(t, err, errs.Conflict, "RESTART_NOTHING_PROPOSED")
}

func TestPropose_with_nothing_to_give_up(t *testing.T) {
	t.Parallel()
	s, f, _ := desk(t)
	f.notes = nil
	_, err := s.Propose(as(t, "lin", auth.PeriodClose), "磁盘损坏")
	wantCode(t, err, errs.Refused, "RESTART_NOT_NEEDED")
}

// A restart counts where both the log and the file outside have it.
func TestVerify_a_restart_in_one_place_only(t *testing.T) {
	t.Parallel()
	s, f, d := desk(t)
	if _, err := s.Propose(as(t, "lin", auth.PeriodClose), "磁盘损坏"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Confirm(as(t, "admin", auth.PeriodClose)); err != nil {
		t.Fatal(err)
	}
	if _, err := proof.Drain(t.Context(), d, clock.System{}); err != nil {
		t.Fatal(err)
	}
	rows := func(kept checkpoint.Kept) []string {
		found, told, err := restart.Verify(t.Context(), d.Pool(), kept)
		if err != nil || len(told) != 1 || told[0].ProposedBy != "lin" || told[0].Actor != "admin" {
			t.Fatalf("told %+v, %v", told, err)
		}
		var out []string
		for _, x := range found {
			out = append(out, x.Check+" "+x.Row)
		}
		return out
	}
	kept, err := f.Kept()
	if err != nil {
		t.Fatal(err)
	}
	if got := rows(kept); len(got) != 0 {
		t.Errorf("both have it: %v", got)
	}
	if got := rows(checkpoint.NewKept(f.signer.Key)); len(got) != 1 || !strings.HasPrefix(got[0], "restart_alone log_restart ") {
		t.Errorf("not in the file: %v", got)
	}
	kept.Restarts = append(slices.Clone(kept.Restarts), checkpoint.Restart{Abandoned: checkpoint.Checkpoint{Size: 7}, Leaf: "another"})
	if got := rows(kept); !slices.Equal(got, []string{"restart_alone checkpoint 7"}) {
		t.Errorf("in the file alone: %v", got)
	}
}
