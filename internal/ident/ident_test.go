package ident

import (
	"strings"
	"testing"
	"time"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// asOf is the day of the demo county's October batch.
var asOf = time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC)

// codes is what a check found, as level and code.
func codes(fs Findings) []string {
	var out []string
	for _, f := range fs {
		out = append(out, [...]string{"note ", "warning ", "fault "}[f.Level]+f.Code)
	}
	return out
}

// want checks a check's findings and that each has its sentence, with every
// argument filled in and nothing of the number in it.
func want(t *testing.T, number string, fs Findings, expected ...string) {
	t.Helper()
	if diff := cmp.Diff(expected, codes(fs)); diff != "" {
		t.Errorf("%s: %s", number, diff)
	}
	for _, found := range fs {
		f := errs.Field{Value: Mask(number), Code: found.Code, Args: found.Args}
		for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			text := i18n.Field(lang, f)
			if !i18n.Has(f.Code) || strings.Contains(text, "{") || len(number) > 12 && strings.Contains(text, number) {
				t.Errorf("%s: the sentence for %s reads %q", number, f.Code, text)
			}
		}
	}
}

func TestCheckResident(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		id   string
		want []string
	}{
		{"11010519491231002X", nil},
		{"440524188001010014", nil},
		{"991301195003044021", []string{"note ID_AREA_UNKNOWN"}},
		{"110105194912310021", []string{"fault ID_CHECK_DIGIT"}},
		{"110105194902310026", []string{"fault ID_DATE"}},        // the 31st of February
		{"110105190002290025", []string{"fault ID_DATE"}},        // 1900 was no leap year
		{"991301200002290021", []string{"note ID_AREA_UNKNOWN"}}, // 2000 was
		{"110105202613010019", []string{"fault ID_DATE", "fault ID_CHECK_DIGIT"}},
		{"991301202610100024", []string{"fault ID_DATE_FUTURE", "note ID_AREA_UNKNOWN"}},
		{"110105491231002", []string{"fault ID_OLD_15"}},
		{"", []string{"fault ID_EMPTY"}},
		{"11010519491231002", []string{"fault ID_FORMAT"}},
		{"11010519491231002x", []string{"fault ID_FORMAT"}}, // not normalised
		{"1101051949123100X2", []string{"fault ID_FORMAT"}},
		{"LS9913012610090013", []string{"fault ID_FORMAT"}},
		{"一一〇一〇五一九四九一二三一〇〇二X", []string{"fault ID_FORMAT"}},
	} {
		_, found := CheckResident(c.id, asOf)
		want(t, c.id, found, c.want...)
	}
}

func TestCheckResident_reads_birth_and_sex(t *testing.T) {
	t.Parallel()
	got, _ := CheckResident(Normalize(" １１０１０５19491231002ｘ "), time.Time{})
	if diff := cmp.Diff(Resident{Area: "110105", Birth: time.Date(1949, 12, 31, 0, 0, 0, 0, time.UTC)}, got); diff != "" {
		t.Error(diff)
	}
	if got, _ := CheckResident("440524188001010014", asOf); !got.Male {
		t.Error("an odd 17th digit is a man's")
	}
	if got, found := CheckResident("991301202610100024", time.Time{}); found.Refused() || got.Birth.Year() != 2026 {
		t.Errorf("without a date to compare, a birth date in the future passes: %v %v", got, found)
	}
}

func TestCheckCredit(t *testing.T) {
	t.Parallel()
	for code, expected := range map[string][]string{
		"91350100M000100Y43":  nil,
		"91512081MA62K0260E":  nil,
		"91350100M000100Y44":  {"warning CREDIT_CODE_CHECK"},
		"":                    {"fault CREDIT_CODE_EMPTY"},
		"91350100M000100Y4":   {"fault CREDIT_CODE_FORMAT"},
		"91350100M000100Y433": {"fault CREDIT_CODE_FORMAT"},
		"91350100M000100S43":  {"fault CREDIT_CODE_FORMAT"}, // S is no character of it
		"9135O100M000100Y43":  {"fault CREDIT_CODE_FORMAT"}, // the letter O
		"9135A100M000100Y43":  {"fault CREDIT_CODE_FORMAT"}, // area must be digits
	} {
		want(t, code, CheckCredit(code), expected...)
	}
}

func TestTemporary(t *testing.T) {
	t.Parallel()
	id := NewTemporary("991301", asOf, 7)
	if !strings.HasPrefix(id, "LS991301261009007") || len(id) != 18 {
		t.Fatalf("NewTemporary = %q", id)
	}
	want(t, id, CheckTemporary(id))
	for _, bad := range []string{NewTemporary("9913", asOf, 1), NewTemporary("991301", asOf, 0), NewTemporary("991301", asOf, 1000)} {
		if bad != "" {
			t.Errorf("made %q of numbers out of range", bad)
		}
	}
	wrongDay := "LS991301261332007"
	for number, expected := range map[string]string{
		"":                            "fault TEMP_ID_EMPTY",
		"LS99130126100900":            "fault TEMP_ID_FORMAT",
		"TS" + id[2:]:                 "fault TEMP_ID_FORMAT",
		"LS991301261009000" + id[17:]: "fault TEMP_ID_FORMAT",
		wrongDay + string(TemporaryCheck(wrongDay)): "fault TEMP_ID_DATE",
		id[:16] + "8" + id[17:]:                     "fault TEMP_ID_CHECK",
	} {
		want(t, number, CheckTemporary(number), expected)
	}
}

// TestTemporaryCheck_finds_slips: every single wrong digit and every two
// different digits exchanged.
func TestTemporaryCheck_finds_slips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`LS[0-9]{15}`).Draw(t, "body")
		check := TemporaryCheck(body)
		i := rapid.IntRange(2, 16).Draw(t, "place")
		wrong := []byte(body)
		wrong[i] = byte('0' + (int(wrong[i]-'0')+rapid.IntRange(1, 9).Draw(t, "off by"))%10)
		if TemporaryCheck(string(wrong)) == check {
			t.Fatalf("%s and %s have the same check character", body, wrong)
		}
		swapped := []byte(body)
		j := rapid.IntRange(2, 16).Draw(t, "other place")
		swapped[j], swapped[i] = swapped[i], swapped[j]
		if string(swapped) != body && TemporaryCheck(string(swapped)) == check {
			t.Fatalf("%s and %s have the same check character", body, swapped)
		}
	})
}

func TestCheckDigits_of_anything_else_are_none(t *testing.T) {
	t.Parallel()
	for name, got := range map[string]byte{
		"a short ID":                ResidentCheck("1101051949123100"),
		"an ID with a letter":       ResidentCheck("1101051949123100A"),
		"a short credit code":       CreditCheck("91350100M000100Y"),
		"a credit code with an I":   CreditCheck("91350100M000100YI"),
		"a short temporary number":  TemporaryCheck("LS"),
		"a temporary in lower case": TemporaryCheck("ls991301261009007"),
		"an empty card":             LuhnCheck(""),
		"a card with a letter":      LuhnCheck("62a"),
	} {
		if got != 0 {
			t.Errorf("%s has check %q", name, got)
		}
	}
}

func TestCheckResident_accepts_what_ResidentCheck_made(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(1930, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 34000).Draw(t, "day"))
		body := "991301" + day.Format("20060102") + rapid.StringMatching(`[0-9]{3}`).Draw(t, "serial")
		id := body + string(ResidentCheck(body))
		got, found := CheckResident(id, asOf)
		if found.Refused() || !got.Birth.Equal(day) {
			t.Fatalf("%s: %v %v", id, got, found)
		}
		other := '0' + (id[16]-'0'+1)%10
		if _, found := CheckResident(id[:16]+string(other)+id[17:], asOf); !found.Refused() {
			t.Fatalf("%s with another 17th digit passes", id)
		}
	})
}
