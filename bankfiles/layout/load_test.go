package layout

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/internal/errs"
	"fenlu/internal/filetest"
)

// Everything wrong with a profile is told at once, each with its line.
func TestLoad_lists_every_problem_by_line(t *testing.T) {
	t.Parallel()
	_, err := Load(strings.NewReader(`profile: My Bank
version: "1"
kind: payment
title: {zh: 某银行, en: some bank}
form: fixed
encoding: BIG5
delimiter: "|"
max_rows: many
colour: red
max_rows: 5
header:
  - {text: H, value: count, width: 5}
rows:
  - {value: account, witdh: 30}
  - {value: name, width: 60, pad: "--"}
  - {value: amount, width: 18, unit: jiao, pad: "0", align: left}
  - {value: opening, width: 3}
  - {value: strange, width: 3}
  - {value: account, width: 3, dates: yyyymmdd}
`), "bank.yaml")
	filetest.WantCode(t, err, "BANKFILE_PROFILE_BAD")
	var got []string
	for _, f := range problems(err) {
		got = append(got, fmt.Sprint(f.Row, " ", f.Column, " ", strings.TrimPrefix(f.Code, "BANKFILE_YAML_")))
		if !filetest.HasSentence(f.Code) || f.File != "bank.yaml" {
			t.Errorf("%s has no sentence or no file", f.Code)
		}
	}
	want := []string{
		"1 profile NAME", "3 kind ONE_OF", "6 encoding ONE_OF", "7 delimiter NOT_WITH", "8 max_rows TYPE", "9 colour KEY",
		"10 max_rows TWICE", "12 header[1] VALUE_OR_TEXT", "14 rows[1].width POSITIVE", "14 rows[1].witdh KEY", "15 rows[2].pad PAD",
		"16 rows[3].pad PAD_ZERO", "16 rows[3].unit ONE_OF", "17 rows[4].value PLACE", "18 rows[5].value VALUE", "19 rows[6].dates NOT_WITH", "19 rows[6].value TWICE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// good is a profile from which each case below takes one thing.
const good = `profile: my.bank
version: "1"
kind: result
title: {zh: 某银行, en: some bank}
form: delimited
delimiter: "|"
encoding: GBK
header: [{text: H}, {value: count}]
rows: [{text: D}, {value: end_to_end_id}, {value: amount}, {value: status}]
trailer: [{text: T}, {value: sum}]
results:
  codes: {"0000": {outcome: paid}}
  other: {outcome: unknown}
`

func TestLoad_refuses(t *testing.T) {
	t.Parallel()
	if _, err := Load(strings.NewReader(good), "x"); err != nil {
		t.Fatal(err, problems(err))
	}
	for _, c := range []struct {
		old, new, code string
		line           int
	}{
		{"kind: result", "kind: [result]", "TYPE", 3},
		{"kind: result", "kind: statement", "NOT_WITH", 11},
		{"kind: result", "kind: instruction", "NOT_WITH", 9},
		{`version: "1"`, "version:", "TYPE", 2},
		{`version: "1"`, "", "MISSING", 1},
		{"title: {zh: 某银行, en: some bank}", "title: {zh: 某银行}", "MISSING", 4},
		{`"|"`, `""`, "DELIMITER", 6},
		{"form: delimited", "form: delimited\nquote: yes", "TYPE", 6},
		{"form: delimited", "form: delimited\nmax_rows: 5", "NOT_WITH", 6},
		{"form: delimited", "form: delimited\nmax_amount: \"5.00\"", "NOT_WITH", 6},
		{"form: delimited", "form: delimited\ndates: dd.mm", "", 0}, // used by no cell
		{"{value: count}", "{value: count}, {value: date, dates: dd.mm}", "DATES", 8},
		{"form: delimited", "form: delimited\nfile_name: x", "NOT_WITH", 6},
		{"form: delimited", "form: delimited\nsignature: sm2", "NOT_WITH", 6},
		{"form: delimited", "form: delimited\nencrypt_to: []", "NOT_WITH", 6},
		{"form: delimited", "form: delimited\nextension: ../x", "FILE_NAME", 6},
		{"form: delimited", "form: delimited\nxml: {root: A, row: B}", "NOT_WITH", 6},
		{"form: delimited", "form: delimited\ntotal: 合计", "NOT_WITH", 6},
		{`"0000": {outcome: paid}`, `"": {outcome: paid}`, "CODE", 12}, // silence is not success
		{`"0000": {outcome: paid}`, `" 0000": {outcome: paid}`, "CODE", 12},
		{"{text: T}", "{text: D}", "MARK", 10},
		{"{text: T}", "{text: H}", "MARK", 10},
		{"{value: status}", "{value: none}", "NEEDS", 9},
		{"{value: end_to_end_id}", "{value: name}", "NEEDS", 9},
		{"{outcome: unknown}", "{outcome: paid}", "ONE_OF", 13}, // silence is not success
		{"  other: {outcome: unknown}\n", "", "ONE_OF", 11},
		{`"0000": {outcome: paid}`, `"0000": {outcome: maybe}`, "ONE_OF", 12},
		{`"0000": {outcome: paid}`, `"0000": {outcome: paid}, "0000": {outcome: failed}`, "TWICE", 12},
		{`{outcome: paid}`, `{outcome: failed, reason: closed}`, "REASON", 12},
		{`{outcome: paid}`, `{outcome: failed, reason: ACCT_CLOSD}`, "REASON", 12},
		{"rows: [", "rows: &a [", "ALIAS", 9},
		{"rows: [{text: D}", "rows: [{text: D, max: -2}", "POSITIVE", 9},
		{"{value: amount}", "{value: amount, width: 5}", "NOT_WITH", 9},
		{"{value: amount}", "{value: amount, title: x}", "NOT_WITH", 9},
		{"results:", "results: {}\nx:", "KEY", 12},
		{"kind: result", "kind: result\n---", "TWO", 4},
		{"kind: result", "kind: result\n  - x: [", "SYNTAX", 0},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Errorf("%q does not stand there", c.old)
		}
		_, err := Load(strings.NewReader(text), "x.yaml")
		if c.code == "" {
			if err != nil {
				t.Errorf("%q: %v", c.new, problems(err))
			}
			continue
		}
		found := false
		for _, f := range problems(err) {
			found = found || f.Code == "BANKFILE_YAML_"+c.code && (c.line == 0 || f.Row == c.line)
		}
		if !found {
			t.Errorf("%q: want %s in line %d, got %+v", c.new, c.code, c.line, problems(err))
		}
	}
	for key, code := range map[string]string{
		"max_rows: -1": "POSITIVE", "max_amount: lots": "POSITIVE", "max_amount: \"0\"": "POSITIVE",
		"file_name: ../{message_id}": "FILE_NAME", "file_name: x": "FILE_NAME", "file_name: \"{message_id}{x}\"": "FILE_NAME", "file_name: .{message_id}": "FILE_NAME",
		"signature: rsa": "ONE_OF", "encrypt_to: age1x": "TYPE",
		"negative: allowed": "NOT_WITH", "answers: x": "NOT_WITH",
	} {
		text := "profile: x\nversion: \"1\"\nkind: instruction\ntitle: {zh: x, en: x}\nform: delimited\ndelimiter: \"|\"\nencoding: GBK\n" +
			"rows: [{value: row}, {value: account}, {value: name}, {value: amount}]\n" + key + "\n"
		_, err := Load(strings.NewReader(text), "x.yaml")
		if f := problems(err); len(f) != 1 || f[0].Code != "BANKFILE_YAML_"+code || f[0].Row != 9 {
			t.Errorf("%s: got %+v", key, f)
		}
	}
	sealed := strings.Replace(good, "kind: result", "kind: instruction\nencrypt_to: [age1x]", 1)
	if _, err := Load(strings.NewReader(sealed), "x.yaml"); !slices.ContainsFunc(problems(err), func(f errs.Field) bool { return f.Code == "BANKFILE_RECIPIENT" && f.Row == 4 }) {
		t.Errorf("got %+v", problems(err))
	}
	wide := "profile: x\nform: fixed\nrows:\n  - {value: name, width: 40000}\n  - {value: account, width: 40000}\n"
	if _, err := Load(strings.NewReader(wide), "x.yaml"); !slices.ContainsFunc(problems(err), func(f errs.Field) bool { return f.Code == "BANKFILE_YAML_LINE_LONG" }) {
		t.Errorf("got %+v", problems(err))
	}
	_, err := Load(strings.NewReader("x: "+strings.Repeat("1", MaxProfile)), "x.yaml")
	if f := problems(err); len(f) == 0 || f[0].Code != "BANKFILE_YAML_LARGE" {
		t.Errorf("got %+v", f)
	}
}

// Two profiles that come with the program never claim the same file.
func TestRecognise_is_unique(t *testing.T) {
	t.Parallel()
	for _, p := range All() {
		for _, o := range All() {
			if p != o && len(p.Recognise) > 0 && o.Recognises([]byte(strings.Join(p.Recognise, ""))) {
				t.Errorf("%s and %s", p.Name, o.Name)
			}
		}
		if p.Answers != "" && byName(t, p.Answers).Kind != Instructions {
			t.Errorf("%s answers %s, which asks for nothing", p.Name, p.Answers)
		}
	}
}
