package trace_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/trace"
)

// A file that was released in steps has a journal for each of them: a payment
// and a yuan name the one that has their line (ADR 28).
func TestTrace_of_a_release_in_steps(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	answers := func() []string {
		t.Helper()
		credit, err := o.trace.Payment(o.ctx, o.db.Pool(), "11", trace.Page{})
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, answer := range []any{credit, o.yuan(trace.YuanQuery{Document: bringNumber, Nth: 12})} {
			text, err := json.MarshalIndent(answer, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(text))
		}
		return out
	}
	want := answers()
	o.do(`INSERT INTO release_step (file, first_line, last_line, batch, ordinal, journal)
		SELECT 1, 1, 2, 1, 1, id FROM journal WHERE key = 'release/QH-000001-F01'`)
	o.do(`INSERT INTO release_step (file, first_line, last_line, batch, ordinal, journal)
		SELECT 1, 3, 3, 1, 1, id FROM journal WHERE key = 'freeze/1'`)
	o.do(`UPDATE journal SET key = 'release/QH-000001-F01/1' WHERE key = 'release/QH-000001-F01'`)
	if diff := cmp.Diff(want, answers()); diff != "" {
		t.Errorf("one journal against steps:\n%s", diff)
	}
}

// What is sent in steps is no instruction before its file is on record.
func TestTrace_shows_no_attempt_of_a_file_that_is_not_sealed(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	o.do(`INSERT INTO attempt (id, payment, n, end_to_end_id, account, file, file_line, amount_fen, state)
		VALUES (999, 12, 9, 'QH-999999-9', 2002, 777, 1, 2000, 'written')`)
	credit, err := o.trace.Payment(o.ctx, o.db.Pool(), "12", trace.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range credit.Payment.Attempts {
		if a.ID == 999 {
			t.Errorf("%+v", a)
		}
	}
}
