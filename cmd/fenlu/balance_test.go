package main

import (
	"testing"
	"time"

	"fenlu/internal/errs"
)

func TestParseMoment_means_the_end_of_what_was_written_in_Shanghai(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-10-09":                "2026-10-09T15:59:59.999999Z",
		"2026-10-09 15:04":          "2026-10-09T07:04:59.999999Z",
		"2026-10-09T15:04":          "2026-10-09T07:04:59.999999Z",
		"2026-10-09 15:04:05":       "2026-10-09T07:04:05.999999Z",
		"2026-10-09T15:04:05+08:00": "2026-10-09T07:04:05Z",
	} {
		got, err := parseMoment(text)
		if err != nil || got.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%s: %s, %v, want %s", text, got.UTC().Format(time.RFC3339Nano), err, want)
		}
	}
	for _, text := range []string{"", "昨天", "2026-13-01", "10-09"} {
		if _, err := parseMoment(text); errs.CodeOf(err) != "BALANCE_AT" {
			t.Errorf("%q: %v", text, err)
		}
	}
}
