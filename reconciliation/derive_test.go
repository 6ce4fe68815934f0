package reconciliation_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"fenlu/internal/evidence"
	"fenlu/money"
	"fenlu/reconciliation"
)

// say is facts from words; a number is a return of so many fen. Bookings and
// returns have a place of their own.
func say(words ...any) []reconciliation.Fact {
	var facts []reconciliation.Fact
	for i, w := range words {
		f := reconciliation.Fact{File: 1, Pos: i + 1}
		switch w := w.(type) {
		case reconciliation.Says:
			f.Says = w
			if w == reconciliation.SaysBooked {
				f.Amount, f.Place = 100, fmt.Sprintf("a|d|%d", i)
			}
		case int:
			f.Says, f.Amount, f.Place = reconciliation.SaysReturned, money.Fen(w), fmt.Sprintf("a|s|1|%d", i)
		}
		facts = append(facts, f)
	}
	return facts
}

func TestDerive(t *testing.T) {
	t.Parallel()
	const (
		accepted, unknown, failed = reconciliation.SaysAccepted, reconciliation.SaysUnknown, reconciliation.SaysFailed
		paid, booked              = reconciliation.SaysPaid, reconciliation.SaysBooked
	)
	for name, c := range map[string]struct {
		facts []reconciliation.Fact
		want  reconciliation.Verdict
	}{
		"silence changes nothing":               {nil, reconciliation.Verdict{}},
		"accepted is not paid":                  {say(accepted, accepted), reconciliation.Verdict{}},
		"unknown":                               {say(accepted, unknown), reconciliation.Verdict{State: evidence.Unknown}},
		"a result pays":                         {say(unknown, paid), reconciliation.Verdict{State: evidence.Paid, Booked: 100}},
		"a statement pays":                      {say(booked), reconciliation.Verdict{State: evidence.Paid, Booked: 100}},
		"both pay once":                         {say(booked, paid, paid), reconciliation.Verdict{State: evidence.Paid, Booked: 100}},
		"a failure is stronger than unknown":    {say(failed, unknown), reconciliation.Verdict{State: evidence.Failed}},
		"paid after all":                        {say(failed, booked), reconciliation.Verdict{State: evidence.Paid, Booked: 100, Contradiction: true}},
		"debited twice":                         {say(booked, paid, booked), reconciliation.Verdict{State: evidence.Paid, Booked: 100, Excess: 100}},
		"debited twice, one came back":          {say(booked, booked, 100), reconciliation.Verdict{State: evidence.Returned, Booked: 100, Returned: 100, Excess: 100}},
		"debited twice, both came back":         {say(booked, 100, 100, booked), reconciliation.Verdict{State: evidence.Returned, Booked: 100, Returned: 100}},
		"failed, and debited twice":             {say(failed, booked, booked), reconciliation.Verdict{State: evidence.Paid, Booked: 100, Excess: 100, Contradiction: true}},
		"returned in full":                      {say(paid, 100), reconciliation.Verdict{State: evidence.Returned, Booked: 100, Returned: 100}},
		"a return alone implies the booking":    {say(100), reconciliation.Verdict{State: evidence.Returned, Booked: 100, Returned: 100}},
		"returned in part":                      {say(booked, 40), reconciliation.Verdict{State: evidence.PartReturned, Booked: 100, Returned: 40}},
		"parts add up":                          {say(booked, 40, 60), reconciliation.Verdict{State: evidence.Returned, Booked: 100, Returned: 100}},
		"more than was paid":                    {say(100, 30), reconciliation.Verdict{State: evidence.Returned, Booked: 100, Returned: 100, Over: 30}},
		"failed and returned whole agree":       {say(failed, 100), reconciliation.Verdict{State: evidence.Returned, Booked: 100, Returned: 100}},
		"failed, but only a part came back":     {say(failed, 40), reconciliation.Verdict{State: evidence.PartReturned, Booked: 100, Returned: 40, Contradiction: true}},
		"returns without end stay at the limit": {say(int(money.Max), int(money.Max)), reconciliation.Verdict{State: evidence.Returned, Booked: 100, Returned: 100, Over: money.Max - 100}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, reconciliation.Derive(100, c.facts)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// anyFacts are facts about an attempt of 100 fen, each return at its place.
func anyFacts() *rapid.Generator[[]reconciliation.Fact] {
	word := rapid.Custom(func(t *rapid.T) any {
		if rapid.IntRange(0, 3).Draw(t, "return") == 0 {
			return rapid.IntRange(1, 130).Draw(t, "amount")
		}
		return rapid.SampledFrom([]reconciliation.Says{
			reconciliation.SaysAccepted, reconciliation.SaysUnknown, reconciliation.SaysFailed, reconciliation.SaysPaid, reconciliation.SaysBooked,
		}).Draw(t, "says")
	})
	return rapid.Custom(func(t *rapid.T) []reconciliation.Fact {
		return say(rapid.SliceOfN(word, 0, 8).Draw(t, "words")...)
	})
}

func TestDerive_is_a_function_of_the_set(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		facts := anyFacts().Draw(t, "facts")
		want := reconciliation.Derive(100, facts)
		again := append([]reconciliation.Fact{}, facts...)
		if len(facts) > 0 {
			again = append(again, rapid.SliceOfN(rapid.SampledFrom(facts), 0, 6).Draw(t, "repeated")...)
		}
		again = rapid.Permutation(again).Draw(t, "order")
		for i := range again {
			again[i].File = reconciliation.FileID(rapid.IntRange(1, 4).Draw(t, "file"))
		}
		if diff := cmp.Diff(want, reconciliation.Derive(100, again)); diff != "" {
			t.Fatalf("another order, split or repetition (-want +got):\n%s", diff)
		}
	})
}

// rank orders the states by how far evidence has come.
var rank = map[evidence.State]int{"": 0, evidence.Unknown: 1, evidence.Failed: 2, evidence.Paid: 3, evidence.PartReturned: 4, evidence.Returned: 5}

func TestDerive_more_evidence_never_takes_back(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		facts := anyFacts().Draw(t, "facts")
		var last reconciliation.Verdict
		for i := range facts {
			v := reconciliation.Derive(100, facts[:i+1])
			if rank[v.State] < rank[last.State] || v.Booked < last.Booked || v.Returned < last.Returned || v.Excess-v.Over < last.Excess-last.Over && facts[i].Says != reconciliation.SaysReturned || last.Contradiction && !v.Contradiction {
				t.Fatalf("after %d facts %+v, before %+v", i+1, v, last)
			}
			if v.Returned > v.Booked || v.Booked > 100 || v.Excess > 0 && v.Over > 0 {
				t.Fatalf("more money than there was: %+v", v)
			}
			last = v
		}
	})
}
