package terms

import (
	"slices"
	"strings"

	"fenlu/internal/i18n"
)

// word is a value of a closed list.
type word interface{ ~string }

// find reads a word of a list: its code, its Chinese or English word, or one
// of the other ways people write it.
func find[W word](text, prefix string, list []W, others map[string]W) (W, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, w := range list {
		if text == string(w) || text == strings.ToLower(name(i18n.ZH, prefix, w)) || text == strings.ToLower(name(i18n.EN, prefix, w)) {
			return w, true
		}
	}
	w, ok := others[text]
	return w, ok
}

func name[W word](lang i18n.Lang, prefix string, w W) string {
	return i18n.Term(lang, prefix, string(w))
}

func valid[W word](w W, list []W) bool { return slices.Contains(list, w) }

// options is the words of a list in a sentence, for problems.
func options[W word](lang i18n.Lang, prefix string, list []W) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = name(lang, prefix, w)
	}
	return strings.Join(words, "/")
}

// Word reads a word of a closed list of another room: its code, or its word in the
// catalogue under prefix, in either language.
func Word[W ~string](text, prefix string, list []W) (W, bool) { return find(text, prefix, list, nil) }

// Words are the words of such a list in a sentence, for problems.
func Words[W ~string](lang i18n.Lang, prefix string, list []W) string {
	return options(lang, prefix, list)
}
