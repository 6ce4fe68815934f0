package i18n

import (
	"regexp"
	"slices"
	"testing"
)

var argument = regexp.MustCompile(`\{[a-z_]+\}`)

func TestCatalogue(t *testing.T) {
	t.Parallel()
	for code, text := range catalogue {
		if text.ZH == "" || text.EN == "" {
			t.Errorf("%s: a language is missing: %+v", code, text)
		}
		zh, en := argument.FindAllString(text.ZH, -1), argument.FindAllString(text.EN, -1)
		slices.Sort(zh)
		slices.Sort(en)
		if !slices.Equal(slices.Compact(zh), slices.Compact(en)) {
			t.Errorf("%s: the languages name different arguments: %v and %v", code, zh, en)
		}
	}
}
