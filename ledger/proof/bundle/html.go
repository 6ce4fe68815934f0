package bundle

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"fenlu/money"
)

// The page and its words belong to the format: a later binary makes the same
// page of the same bundle, or it could not verify it. So they are here and not
// in the catalogue of texts; a change is a new version of the format.
//
//go:embed v1
var v1 embed.FS

// render makes the page that people read.
func render(r Report) ([]byte, error) {
	words, err := readWords()
	if err != nil {
		return nil, err
	}
	page, err := template.New("index.html").Funcs(template.FuncMap{"w": words.both, "cell": cell, "span": span}).ParseFS(v1, "v1/index.html")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", indexName, err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, r); err != nil {
		return nil, fmt.Errorf("%s: %w", indexName, err)
	}
	return out.Bytes(), nil
}

// words are the texts of the page: Chinese and English by name.
type words map[string][2]string

func readWords() (words, error) {
	text, err := v1.ReadFile("v1/words.txt")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", indexName, err)
	}
	out := words{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 3 {
			out[f[0]] = [2]string{f[1], f[2]}
		}
	}
	return out, nil
}

// both is a word in both languages, or itself where it has no translation.
func (w words) both(name string) string {
	if t, ok := w[name]; ok {
		return t[0] + " " + t[1]
	}
	return name
}

// cell is a value as people read it: amounts in yuan.
func cell(column, value string) string {
	if fen, err := strconv.ParseInt(value, 10, 64); err == nil && strings.HasSuffix(column, "_fen") {
		return money.Fen(fen).Grouped()
	}
	return value
}

// span is a run of addresses: the first and the last fen, from 0.
func span(s Span) string {
	return fmt.Sprintf("%d–%d", int64(s.Offset), int64(s.Offset+s.Amount)-1)
}
