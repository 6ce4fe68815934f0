package table

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWidth(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, "abc": 3, "青禾镇": 6, "财社〔2026〕12号": 16, "１２": 4, "e\u0301": 1, "𠮷": 2, "—": 1, "元（可用）": 10} {
		if got := Width(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestWrite_aligns_by_what_a_terminal_shows(t *testing.T) {
	t.Parallel()
	table := New("备用金", Left("乡镇"), Right("余额"), Left("状态"))
	table.Add("青禾镇", "26,550.00", "正常")
	table.Add("A", "540.00")
	table.Total("合计", "27,090.00")
	var out bytes.Buffer
	if err := table.Write(&out); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"备用金",
		"乡镇         余额  状态",
		"-----------------------",
		"青禾镇  26,550.00  正常",
		"A          540.00",
		"-----------------------",
		"合计    27,090.00",
		"",
	}, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if table.Len() != 2 {
		t.Errorf("%d rows", table.Len())
	}
}

func TestWrite_ignores_cells_beyond_the_columns(t *testing.T) {
	t.Parallel()
	table := New("", Left("a"))
	table.Add("x", "no such column")
	var out bytes.Buffer
	if err := table.Write(&out); err != nil || out.String() != "a\n-\nx\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestWrite_says_when_the_output_is_gone(t *testing.T) {
	t.Parallel()
	if err := New("x", Left("a")).Write(broken{}); err == nil {
		t.Error("a lost line was not reported")
	}
}
