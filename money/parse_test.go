package money

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Fen{
		"0": 0, "-0": 0, "3": 300, "-3": -300, "1234.5": 123450, "1,234.50": 123450,
		" 12.34 ": 1234, "1,234,567.89": 123456789, "0.05": 5, "007": 700, "12.3400": 1234,
		"１２３４．５０": 123450, "－１，２３４": -123400,
		"92233720368547758.07":       Max,
		"-92,233,720,368,547,758.08": Min,
	} {
		got, err := Parse(text)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	for text, code := range map[string]string{
		"":                       CodeEmpty,
		"　 ":                     CodeEmpty,
		"47。5":                   CodeStop,
		"47·5":                   CodeStop,
		"1,23.5":                 CodeGrouping,
		"1234,567":               CodeGrouping,
		",123":                   CodeGrouping,
		"0,123":                  CodeGrouping,
		"1,234,":                 CodeGrouping,
		"1,,234":                 CodeGrouping,
		"1e3":                    CodeSyntax,
		"NaN":                    CodeSyntax,
		"Inf":                    CodeSyntax,
		"0x10":                   CodeSyntax,
		"+3":                     CodeSyntax,
		"--3":                    CodeSyntax,
		"1 234":                  CodeSyntax,
		"1_000":                  CodeSyntax,
		".5":                     CodeSyntax,
		"5.":                     CodeSyntax,
		"1.2.3":                  CodeSyntax,
		"12元":                    CodeSyntax,
		"¥12":                    CodeSyntax,
		"1.2,3":                  CodeSyntax,
		"-":                      CodeSyntax,
		"1.005":                  CodeDecimals,
		"0.001":                  CodeDecimals,
		"92233720368547758.08":   CodeOverflow,
		strings.Repeat("9", 60):  CodeOverflow,
		strings.Repeat("1", 999): CodeSyntax,
	} {
		got, err := Parse(text)
		if err == nil || Code(err) != code {
			t.Errorf("Parse(%.70q) = %d, %v; want code %s", text, got, err, code)
		}
		if err != nil && errors.Is(err, ErrSyntax) == errors.Is(err, ErrOverflow) {
			t.Errorf("Parse(%.70q): %v is not exactly one of ErrSyntax and ErrOverflow", text, err)
		}
		if err != nil && len(err.Error()) > 400 {
			t.Errorf("Parse(%.70q): the error repeats the whole text", text)
		}
	}
}

func TestCode_of_another_error_is_empty(t *testing.T) {
	t.Parallel()
	if c := Code(errors.New("something else")); c != "" {
		t.Errorf("Code = %q", c)
	}
}

func TestFen_text_and_back(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := Fen(rapid.Int64().Draw(t, "fen"))
		for _, text := range []string{f.String(), f.Grouped(), wide(f.String())} {
			back, err := Parse(text)
			if err != nil || back != f {
				t.Fatalf("Parse(%q) = %d, %v; want %d", text, back, err, f)
			}
		}
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var back Fen
		if err := json.Unmarshal(b, &back); err != nil || back != f {
			t.Fatalf("JSON %s came back as %d, %v", b, back, err)
		}
	})
}

func TestFen_JSON_refuses_numbers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`12.5`, `null`, `""`, `"1e3"`, `{}`} {
		var f Fen
		if err := json.Unmarshal([]byte(text), &f); err == nil {
			t.Errorf("%s was read as %s", text, f)
		}
	}
}

func wide(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r - '0' + '０'
		case r == '.':
			return '．'
		default:
			return r
		}
	}, s)
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "0", "1,234.50", "-3", "47。5", "1e3", "NaN", "92233720368547758.07", "１２．５", "1.0000000000000000001"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := Parse(s)
		if err != nil {
			if Code(err) == "" {
				t.Fatalf("Parse(%q): %v has no code", s, err)
			}
			return
		}
		if back, err := Parse(v.String()); err != nil || back != v {
			t.Fatalf("Parse(%q) = %d prints as %q, read as %d, %v", s, v, v, back, err)
		}
		if strings.ContainsAny(s, "eEnN。_ xX+") && strings.TrimSpace(s) == s {
			t.Fatalf("Parse(%q) was accepted as %s", s, v)
		}
	})
}
