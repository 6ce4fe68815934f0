package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTwentySites is the part of make test-crash that make test has time for.
func TestTwentySites(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the demo's month a few times: a minute or two")
	}
	t.Parallel()
	if err := run(t.Context(), t.Output(), options{sample: 20, workers: 2, payments: 30}); err != nil {
		t.Error(err)
	}
}

func TestSample_takes_of_every_kind(t *testing.T) {
	t.Parallel()
	var sites []string
	for _, end := range []string{"before", "after", "sent", "lost", "answered", "fsync"} {
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			sites = append(sites, "kind:"+name+":"+end)
		}
	}
	got := sample(sites, 12)
	if again := sample(sites, 12); !slices.Equal(got, again) {
		t.Errorf("another sample: %v, %v", got, again)
	}
	count := map[string]int{}
	for _, s := range got {
		count[s[strings.LastIndex(s, ":")+1:]]++
	}
	want := map[string]int{"before": 2, "after": 2, "sent": 2, "lost": 2, "answered": 2, "fsync": 2}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Error(diff)
	}
	if all := sample(sites, 1000); len(all) != len(sites) {
		t.Errorf("%d of %d", len(all), len(sites))
	}
}

func TestShares_deal_every_site_once(t *testing.T) {
	t.Parallel()
	sites := []string{"a", "b", "c", "d", "e"}
	var dealt []string
	for _, share := range shares(sites, 2) {
		dealt = append(dealt, share...)
	}
	slices.Sort(dealt)
	if diff := cmp.Diff(sites, dealt); diff != "" {
		t.Error(diff)
	}
	if got := shares(sites[:1], 3); len(got) != 1 {
		t.Errorf("%d shares of one site", len(got))
	}
}

func TestEnding_differs(t *testing.T) {
	t.Parallel()
	e := ending{closing: "{}", bank: "a,1", files: map[string]string{"f": "00"}}
	if d := e.differs(ending{closing: "{}", bank: "a,1", files: map[string]string{"f": "00"}}); d != "" {
		t.Errorf("the same differs: %s", d)
	}
	for _, other := range []ending{
		{closing: "{1}", bank: "a,1", files: e.files},
		{closing: "{}", bank: "a,2", files: e.files},
		{closing: "{}", bank: "a,1", files: map[string]string{"f": "01"}},
		{closing: "{}", bank: "a,1", files: map[string]string{"f": "00", "g": "00"}},
	} {
		if e.differs(other) == "" {
			t.Errorf("%v does not differ from %v", other, e)
		}
	}
}
