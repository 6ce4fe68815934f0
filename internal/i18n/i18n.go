// Package i18n is the one message catalogue: everything a user reads, in
// Chinese first and in English by choice.
//
// A text is found by its code. Errors use their error code; labels use codes
// in lower case with dots ("demo.step.freeze"). Each domain keeps its texts
// in a file of its own here (text_<domain>.go), and the list in catalogue
// joins them. A test checks that no code stands twice, that both languages are
// there, and that both name the same arguments.
package i18n

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"fenlu/internal/errs"
)

// Lang is a language a user can choose.
type Lang string

// The languages.
const (
	ZH Lang = "zh"
	EN Lang = "en"
)

// Text is one message in both languages; {name} stands for an argument.
type Text struct{ ZH, EN string }

// Texts maps codes to texts.
type Texts map[string]Text

var catalogue = join(
	textAudit,
	textBankfiles,
	textBackPay,
	textBatch,
	textBenefits,
	textBooks,
	textBundle,
	textCLI,
	textCalendar,
	textCarveout,
	textChain,
	textAdvance,
	textCheckpoint,
	textCommon,
	textCompare,
	textDB,
	textDemo, textDemoYear,
	textEntitlements, textComputed,
	textEvents,
	textFunds,
	textLedger,
	textParties,
	textPayment,
	textPublication,
	textReason,
	textRecon,
	textReport,
	textRules,
	textAreas, textHand, textReserveBank,
	textSheet,
	textStandards,
	textTrace,
	textVouchers,
)

func join(parts ...Texts) Texts {
	all := Texts{}
	for _, p := range parts {
		for code, text := range p {
			if _, twice := all[code]; twice {
				panic("i18n: code stands twice: " + code)
			}
			all[code] = text
		}
	}
	return all
}

// T is the text of a code with name, value argument pairs put in. An unknown
// code comes back as it is, so that a missing text is seen and not a crash.
func T(lang Lang, code string, args ...any) string {
	return render(lang, code, errs.Pairs(args...))
}

// Has says whether the catalogue knows the code.
func Has(code string) bool { _, ok := catalogue[code]; return ok }

// Codes lists the codes with a prefix, sorted.
func Codes(prefix string) []string {
	var codes []string
	for code := range catalogue {
		if strings.HasPrefix(code, prefix) {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

// Term is the catalogue's word for a value of a closed list, such as a state
// or an account kind: code prefix + "." + value, or the value itself.
func Term(lang Lang, prefix, value string) string {
	if code := prefix + "." + value; Has(code) {
		return T(lang, code)
	}
	return value
}

func render(lang Lang, code string, args []errs.Arg) string {
	text, ok := catalogue[code]
	if !ok {
		return fallback(code, args)
	}
	s := text.ZH
	if lang == EN {
		s = text.EN
	}
	for _, a := range args {
		s = strings.ReplaceAll(s, "{"+a.Name+"}", fmt.Sprint(a.Value))
	}
	return s
}

func fallback(code string, args []errs.Arg) string {
	var b strings.Builder
	b.WriteString(code)
	for _, a := range args {
		fmt.Fprintf(&b, " %s=%v", a.Name, a.Value)
	}
	return b.String()
}

// Error is the sentence a user reads for an error. The causes behind one of
// ours are added in brackets only where they say more (an operating system's
// or database's own words).
func Error(lang Lang, err error) string {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return T(lang, "INTERNAL", "cause", err.Error())
	}
	s := render(lang, e.Code, e.Args)
	if e.Err != nil {
		s += " (" + causeText(lang, e.Err) + ")"
	}
	return s
}

func causeText(lang Lang, err error) string {
	if _, ok := errors.AsType[*errs.Error](err); ok {
		return Error(lang, err)
	}
	return err.Error()
}

// Field is the sentence for one problem in bad input, with its place.
func Field(lang Lang, f errs.Field) string {
	msg := render(lang, f.Code, f.Args)
	return T(lang, "common.field", "place", place(lang, f), "value", f.Value, "problem", msg)
}

func place(lang Lang, f errs.Field) string {
	var parts []string
	if f.File != "" {
		parts = append(parts, f.File)
	}
	if f.Row > 0 {
		parts = append(parts, T(lang, "common.row", "row", f.Row))
	}
	if f.Column != "" {
		parts = append(parts, T(lang, "common.column", "column", f.Column))
	}
	return strings.Join(parts, " ")
}
