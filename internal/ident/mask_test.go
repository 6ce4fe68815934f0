package ident

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"fenlu/internal/errs"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	for text, expected := range map[string]string{
		"  11010519491231002x\t":     "11010519491231002X",
		"１１０１０５１９４９１２３１００２Ｘ":         "11010519491231002X",
		"6229 0000　0000 7302":        "6229000000007302",
		"\ufeff6229\u200b0000\u00a0": "62290000",
		"91512081ma62k0260e":         "91512081MA62K0260E",
		"6229²":                      "6229²", // a footnote is no digit
		"":                           "",
	} {
		if got := Normalize(text); got != expected {
			t.Errorf("Normalize(%q) = %q, want %q", text, got, expected)
		}
	}
}

func TestNormalize_twice_is_once(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once := Normalize(rapid.String().Draw(t, "text"))
		if twice := Normalize(once); twice != once {
			t.Fatalf("%q becomes %q", once, twice)
		}
	})
}

func TestMask(t *testing.T) {
	t.Parallel()
	for number, expected := range map[string]string{
		"991301195003044021": "9913**********4021",
		"6229000000007302":   "6229********7302",
		"123456789012":       "1234****9012",
		"12345678901":        "***********",
		"":                   "",
	} {
		if got := Mask(number); got != expected {
			t.Errorf("Mask(%q) = %q, want %q", number, got, expected)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		got := Mask(s)
		if utf8.RuneCountInString(got) != utf8.RuneCountInString(s) {
			t.Fatalf("Mask(%q) = %q has another length", s, got)
		}
		if s != "" && strings.Count(got, "*") < min(4, utf8.RuneCountInString(s)) {
			t.Fatalf("Mask(%q) = %q hides too little", s, got)
		}
	})
}

const number = "991301195003044021"

func TestSecret_is_masked_however_it_is_printed(t *testing.T) {
	t.Parallel()
	type person struct {
		Name string
		ID   Secret
	}
	p := person{"somebody", number}
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("seen", "id", p.ID, "person", p)
	js, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	outputs := map[string]string{"log": log.String(), "json": string(js), "error": fmt.Errorf("id %s", p.ID).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T%v"} {
		outputs[verb] = strings.ReplaceAll(fmt.Sprintf(verb, p), "%!", "") + fmt.Sprintf(verb, p.ID) + fmt.Sprintf(verb, []Secret{p.ID})
	}
	for how, text := range outputs {
		if strings.Contains(text, number) || strings.Contains(text, fmt.Sprintf("%x", number)) {
			t.Errorf("%s shows the number: %s", how, text)
		}
	}
	if !strings.Contains(outputs["json"], "9913**********4021") || !strings.Contains(outputs["log"], "9913**********4021") {
		t.Errorf("the masked form is missing: %v", outputs)
	}
	if p.ID.Reveal() != number {
		t.Error("Reveal does not give the number")
	}
}

func TestSecret_does_not_go_to_a_database(t *testing.T) {
	t.Parallel()
	if v, err := Secret(number).Value(); !errors.Is(err, ErrPlain) || v != nil {
		t.Errorf("Value = %v, %v", v, err)
	}
}

func TestFindings_as_fields(t *testing.T) {
	t.Parallel()
	_, found := CheckResident("991301195002314021", asOf)
	at := errs.Field{File: "people.csv", Row: 7, Column: "证件号码", Value: Mask("991301195002314021")}
	got := found.Fields(Fault, at)
	at.Code, at.Args = "ID_DATE", []errs.Arg{}
	second := at
	second.Code = "ID_CHECK_DIGIT"
	if diff := cmp.Diff([]errs.Field{at, second}, got); diff != "" {
		t.Error(diff)
	}
	if notes := found.Only(Note); len(notes) != 1 || notes.Refused() {
		t.Errorf("notes: %v", notes)
	}
}
