package reason

import (
	"strings"
	"unicode"
)

// lookup is the table by what leads to it.
type lookup struct {
	own, iso, bank map[string]*Entry
	texts          []phrase // in the order of the table
}

type phrase struct {
	text  string
	entry *Entry
}

var byName = index(table)

func index(table []Entry) lookup {
	l := lookup{own: map[string]*Entry{}, iso: map[string]*Entry{}, bank: map[string]*Entry{}}
	for i := range table {
		e := &table[i]
		l.own[string(e.Code)] = e
		for _, c := range strings.Fields(e.iso) {
			l.iso[c] = e
		}
		for _, c := range strings.Fields(e.bank) {
			l.bank[c] = e
		}
		for _, t := range strings.Fields(e.texts) {
			l.texts = append(l.texts, phrase{t, e})
		}
	}
	return l
}

// Of is the entry for what a bank said, by code and in words; either may be
// empty. A code of ours (a profile's mapping) and one of the ISO sets mean the
// same everywhere and decide. Numbers do not: the words beside them come
// first. Codes that say nothing (NARR, MS03, 1099) leave it to the words, too.
// Nothing known is [Other].
func Of(code, text string) Entry {
	code = strings.ToUpper(strings.TrimSpace(code))
	for _, table := range []map[string]*Entry{byName.own, byName.iso} {
		if e := table[code]; e != nil && e.Code != Other {
			return *e
		}
	}
	if e := byText(text); e != nil {
		return *e
	}
	if e := byName.bank[code]; e != nil {
		return *e
	}
	return *byName.own[string(Other)]
}

// byText finds the first phrase of the table that the text holds, whatever
// spaces and signs stand in it.
func byText(text string) *Entry {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
	for _, p := range byName.texts {
		if strings.Contains(plain, p.text) {
			return p.entry
		}
	}
	return nil
}
