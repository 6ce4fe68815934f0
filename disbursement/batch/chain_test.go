package batch_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

// TestChain tries every step with the right that it needs taken away, and with
// every person who took another step of the chain.
func TestChain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1))
	file := o.csv(rosterHead, due(1))
	var digest batch.Digest
	steps := []struct {
		login string
		right auth.Right
		do    func(login string, rights ...auth.Right) error
	}{
		{"maker", auth.BatchMake, func(login string, rights ...auth.Right) error {
			_, err := o.batch.Create(as(t.Context(), login, rights...), batch.Create{Code: "DB-1", Office: "QHMZ", Program: "DB", Period: "2026-10", Channel: "DF", File: file})
			return err
		}},
		{"checker", auth.BatchCheck, func(login string, rights ...auth.Right) error {
			_, err := o.batch.Check(as(t.Context(), login, rights...), "DB-1")
			return err
		}},
		{"maker", auth.BatchMake, func(login string, rights ...auth.Right) error {
			s, err := o.batch.Submit(as(t.Context(), login, rights...), "DB-1", "")
			digest = s.Digest
			return err
		}},
		{"approver", auth.BatchApprove, func(login string, rights ...auth.Right) error {
			_, err := o.batch.Approve(as(t.Context(), login, rights...), "DB-1", digest)
			return err
		}},
		{"releaser", auth.BatchRelease, func(login string, rights ...auth.Right) error {
			_, err := o.batch.Release(as(t.Context(), login, rights...), "DB-1", day)
			return err
		}},
	}
	took := map[string]bool{}
	for _, s := range steps {
		if code := errs.CodeOf(s.do(s.login, without(s.right)...)); code != "AUTH_RIGHT_MISSING" {
			t.Errorf("%s without %s: %s", s.login, s.right, code)
		}
		for other := range took {
			code := errs.CodeOf(s.do(other, auth.All()...))
			if other != s.login && code != "BATCH_SAME_PERSON" && code != "BATCH_NOT_MAKER" {
				t.Errorf("%s does the step of %s: %s", other, s.login, code)
			}
			if other == s.login && s.right == auth.BatchMake {
				took = map[string]bool{s.login: true, "checker": true} // the maker submits
				break
			}
		}
		if err := s.do(s.login, s.right); err != nil {
			t.Fatalf("%s: %s", s.login, explain(err))
		}
		took[s.login] = true
	}
	o.sound()
}

func without(right auth.Right) []auth.Right {
	var out []auth.Right
	for _, r := range auth.All() {
		if r != right {
			out = append(out, r)
		}
	}
	return out
}

func TestTransitions_every_state_is_reached_and_left(t *testing.T) {
	t.Parallel()
	to, from := map[batch.State]bool{}, map[batch.State]bool{}
	for _, tr := range batch.Transitions() {
		if !tr.To.IsValid() || (tr.From != batch.None && !tr.From.IsValid()) || !tr.Right.IsValid() {
			t.Errorf("%+v", tr)
		}
		to[tr.To], from[tr.From] = true, true
	}
	for _, s := range batch.States() {
		ends := s == batch.Closed || s == batch.Cancelled
		if !to[s] || from[s] == ends {
			t.Errorf("%s: reached %v, left %v", s, to[s], from[s])
		}
	}
	for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
		if md := batch.TransitionsMarkdown(lang); strings.Count(md, "\n") != len(batch.Transitions())+2 || strings.Contains(md, "batch.") && strings.Contains(md, "batch.state") {
			t.Errorf("%s", md)
		}
	}
}

func TestApprove_is_bound_to_the_digest(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1), head(2))
	digest := o.submitted("DB-1", "DB", "DF", due(1), due(2))
	other := append(batch.Digest{}, digest...)
	other[0] ^= 1
	o.refused(second(o.batch.Approve(o.all("approver"), "DB-1", other)), "BATCH_LIST_CHANGED")
	owner := o.env.Owner(t)
	if _, err := owner.Exec(t.Context(), `UPDATE entitlement_line SET amount_fen = amount_fen + 1 WHERE no = 2`); err != nil {
		t.Fatal(err)
	}
	if _, err := o.batch.Approve(o.all("approver"), "DB-1", digest); errs.CodeOf(err) != "BATCH_LIST_CHANGED" {
		t.Errorf("an amount was raised behind our back: %s", explain(err))
	}
	found, err := batch.Verify(t.Context(), o.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	var checks []string
	for _, f := range found {
		checks = append(checks, f.Check)
		if !i18n.Has("check." + f.Check) {
			t.Errorf("check %s has no text", f.Check)
		}
	}
	slices.Sort(checks)
	if diff := cmp.Diff([]string{"batch_sums", "list_digest"}, checks); diff != "" {
		t.Error(diff)
	}
}

func TestReject_frees_the_keys_and_the_list_goes_round_again(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1), head(2))
	o.submitted("DB-1", "DB", "DF", due(1), due(2))
	o.refused(second(o.batch.Reject(o.all("maker"), "DB-1", "不对")), "BATCH_SAME_PERSON")
	o.refused(second(o.batch.Reject(o.all("approver"), "DB-1", " ")), "BATCH_REASON_EMPTY")
	b, err := o.batch.Reject(o.all("approver"), "DB-1", "第二人已迁出")
	if err != nil || b.State != batch.Draft {
		t.Fatalf("%+v, %s", b, explain(err))
	}
	o.sound()
	b, err = o.batch.Remove(o.all("maker"), "DB-1", []int32{2}, "已迁出")
	if err != nil || b.Lines != 1 || b.Amount != 420_00 {
		t.Fatalf("%+v, %s", b, explain(err))
	}
	o.sound()
	digest := o.resubmit("DB-1")
	if _, err := o.batch.Approve(o.all("approver"), "DB-1", digest); err != nil {
		t.Error(explain(err))
	}
	o.submitted("DB-2", "DB", "DF", due(2)) // its key is free
	o.sound()
}

func TestRemove_makes_a_checked_list_a_draft(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1), head(2))
	o.made("DB-1", "DB", "DF", due(1), due(2))
	o.check("DB-1")
	if b, err := o.batch.Remove(o.all("maker"), "DB-1", []int32{1}, "重复"); err != nil || b.State != batch.Draft {
		t.Fatalf("%+v, %s", b, explain(err))
	}
	o.refused(second(o.batch.Submit(o.all("maker"), "DB-1", "")), "BATCH_STATE")
	o.refused(second(o.batch.Remove(o.all("maker"), "DB-1", []int32{7}, "重复")), "BATCH_LINES_UNKNOWN")
	o.resubmit("DB-1")
	o.sound()
}

func TestOnceKey(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2), head(3))
	o.made("DB-1", "DB", "DF", due(1), due(2))
	o.made("DB-2", "DB", "DF", due(3), due(2))
	o.check("DB-1")
	o.check("DB-2")
	if _, err := o.batch.Submit(o.all("maker"), "DB-1", ""); err != nil {
		t.Fatal(explain(err))
	}
	_, err := o.batch.Submit(o.all("maker"), "DB-2", "")
	o.refused(err, "BATCH_ONCE_KEY")
	if f := fields(err); len(f) != 1 || f[0].Row != 2 || !strings.Contains(i18n.Field(i18n.ZH, f[0]), "批次 DB-1 第 2 行") || strings.Contains(f[0].Value, id(2)[4:14]) {
		t.Errorf("%s", explain(err))
	}
	o.made("DB-3", "DB", "DF", due(1), due(1), due(3))
	r, err := o.batch.Check(o.all("checker"), "DB-3")
	o.refused(err, "BATCH_BLOCKED")
	var got []string
	for _, f := range r.Findings {
		got = append(got, fmt.Sprintf("%d %s %s", f.LineNo, f.Severity, f.Code))
	}
	if diff := cmp.Diff([]string{"2 block twice", "1 block once_key", "2 block once_key"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestOnceKey_of_racing_submissions_one_wins(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "50000.00")
	o.people(head(1), head(2), head(3), head(4))
	const racers = 6
	for i := range racers {
		code := fmt.Sprintf("DB-%d", i)
		rows := []row{due(1), due(2), due(3), due(4).with("备注", code)}
		if i%2 == 1 {
			rows[0], rows[2] = rows[2], rows[0]
		}
		o.made(code, "DB", "DF", rows...)
		o.check(code)
	}
	errors := make([]error, racers)
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() { _, errors[i] = o.batch.Submit(o.all("maker"), fmt.Sprintf("DB-%d", i), "") })
	}
	wg.Wait()
	won := 0
	for _, err := range errors {
		switch errs.CodeOf(err) {
		case "BATCH_ONCE_KEY":
		default:
			if err != nil {
				t.Error(explain(err))
			}
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d of %d submissions won", won, racers)
	}
	o.sound()
}
