package valid

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/money"

	"github.com/go-playground/validator/v10"
)

var programCode = regexp.MustCompile(`^[A-Z]{2,8}$`)

// stringRules are the rules on text. Empty text passes none of them but
// no_personal_number: put omitempty before a rule on an optional field.
func stringRules() map[string]func(string) bool {
	return map[string]func(string) bool{
		"month":       isMonth,
		"day":         isDay,
		"programcode": programCode.MatchString,
		"area12":      func(s string) bool { _, found := ident.CheckArea(s); return !found.Refused() },
		"bankcode12":  func(s string) bool { return !ident.CheckBankCode(s).Refused() },
		"residentid":  func(s string) bool { _, found := ident.CheckResident(s, time.Time{}); return !found.Refused() },
		"creditcode":  func(s string) bool { return !ident.CheckCredit(s).Refused() },
		"temporaryid": func(s string) bool { return !ident.CheckTemporary(s).Refused() },

		"no_personal_number": NoPersonalNumber,
	}
}

// numberRules are the rules on amounts and counts.
func numberRules() map[string]func(int64) bool {
	return map[string]func(int64) bool{
		"fen_positive":     func(n int64) bool { return n > 0 },
		"fen_not_negative": func(n int64) bool { return n >= 0 },
	}
}

// isMonth says whether s is a service month (2026-10).
func isMonth(s string) bool {
	_, err := time.Parse("2006-01", s)
	return err == nil
}

// isDay says whether s is a date (2026-10-09).
func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// code is the catalogue's code for a broken rule. Length rules on text and
// bounds on numbers read differently, so they have different codes.
func code(bad validator.FieldError) string {
	tag := bad.Tag()
	switch {
	case strings.HasPrefix(tag, "required"):
		return "VALID_REQUIRED"
	case strings.HasPrefix(tag, "excluded"):
		return "VALID_EXCLUDED"
	}
	if bound, ok := boundCodes[tag]; ok {
		if counted(bad.Kind()) {
			return "VALID_LENGTH_" + bound
		}
		return "VALID_" + bound
	}
	if c := "VALID_" + strings.ToUpper(tag); i18n.Has(c) {
		return c
	}
	return "VALID_OTHER"
}

var boundCodes = map[string]string{
	"min": "MIN", "gte": "MIN", "max": "MAX", "lte": "MAX", "gt": "GT", "lt": "LT", "len": "LEN", "eq": "LEN",
}

func counted(k reflect.Kind) bool {
	return k == reflect.String || k == reflect.Slice || k == reflect.Map || k == reflect.Array
}

func args(bad validator.FieldError) []errs.Arg {
	param := bad.Param()
	switch {
	case bad.Tag() == "oneof":
		param = strings.Join(strings.Fields(param), "、")
	case bad.Type() == reflect.TypeFor[money.Fen]():
		param = yuan(param)
	}
	return errs.Pairs("limit", param, "rule", bad.Tag())
}

// yuan is a bound on an amount, which the tag writes in fen, as people read it.
func yuan(param string) string {
	n, err := strconv.ParseInt(param, 10, 64)
	if err != nil {
		return param
	}
	return money.Fen(n).String()
}

// plain is a value as a user wrote it: yuan, dates and text, not Go's forms.
func plain(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case time.Time:
		if x.IsZero() {
			return ""
		}
		return x.Format(time.DateOnly)
	case []string:
		return strings.Join(x, ", ")
	default:
		return fmt.Sprint(v)
	}
}
