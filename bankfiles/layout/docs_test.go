package layout

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

func page(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../docs/formats/profiles.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// blocks are the fenced parts of a page, of one language.
func blocks(page, language string) (out []string) {
	for _, part := range strings.Split(page, "```"+language+"\n")[1:] {
		text, _, _ := strings.Cut(part, "```")
		out = append(out, text)
	}
	return out
}

// The worked example of the page is run: its profiles load, write what it
// shows, and read what it shows.
func TestDocs_worked_example(t *testing.T) {
	t.Parallel()
	yamls, texts := blocks(page(t), "yaml"), blocks(page(t), "text")
	if len(yamls) != 2 || len(texts) != 3 {
		t.Fatalf("%d profiles, %d texts", len(yamls), len(texts))
	}
	pay, err := Load(strings.NewReader(yamls[0]), "qinghe-pay.yaml")
	if err != nil {
		t.Fatal(problems(err))
	}
	_, shown, _ := strings.Cut(texts[0], "\n") // after the command
	if got := write(t, pay, batch(), payments()); !bytes.Equal(got, inGBK(t, shown)) {
		t.Errorf("writes %s", visible(t, pay, got))
	}
	result, err := Load(strings.NewReader(yamls[1]), "qinghe-result.yaml")
	if err != nil {
		t.Fatal(problems(err))
	}
	var told strings.Builder
	for _, it := range itemsOf(mustRead(t, result, inGBK(t, texts[1]))) {
		fmt.Fprintln(&told, strings.TrimSpace(fmt.Sprint(it.EndToEndID, " ", it.Amount, " ", it.Outcome, " ", it.ReasonCode)))
	}
	if told.String() != texts[2] {
		t.Errorf("reads as\n%s", told.String())
	}
	for old, with := range map[string]string{"#100006": "#100007", "\n3#9913010000000099#青禾县社会福利院#1#QH-3#99": "", "#40000#": "#4000#"} {
		if _, err := read(result, inGBK(t, strings.Replace(texts[1], old, with, 1))); err == nil {
			t.Errorf("%q for %q is not noticed", with, old)
		}
	}
}

// The page explains every key of a profile and every word of `value`, and every
// profile that comes with the program.
func TestDocs_explain_every_key(t *testing.T) {
	t.Parallel()
	text := page(t)
	var words []string
	for _, of := range []any{Profile{}, Title{}, XMLKey{}, Field{}, Result{}, Outcome{}, TextOutcome{}} {
		typ := reflect.TypeOf(of)
		for i := range typ.NumField() {
			if tag := typ.Field(i).Tag.Get("yaml"); tag != "" {
				words = append(words, tag)
			}
		}
	}
	for word := range meanings {
		words = append(words, word)
	}
	for _, p := range All() {
		words = append(words, p.Name)
	}
	for _, w := range words {
		if !strings.Contains(text, "`"+w+"`") {
			t.Errorf("the page does not explain %s", w)
		}
	}
}
