package valid

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"

	"github.com/go-playground/validator/v10"
)

// Validator checks structs by their tags. It is safe for concurrent use.
type Validator struct {
	engine *validator.Validate
	own    map[string]bool // rules that have a text of their own
}

// Option adjusts a Validator.
type Option func(*Validator)

// WithTag adds a rule on strings, or replaces one of ours. Its message is the
// catalogue's VALID_<TAG>, or VALID_OTHER where there is none.
func WithTag(name string, ok func(value string) bool) Option {
	return func(v *Validator) { v.register(name, ok) }
}

// New makes a Validator. A rule whose name validator/v10 refuses is a fault
// of the program and panics.
func New(opts ...Option) *Validator {
	v := &Validator{engine: validator.New(validator.WithRequiredStructEnabled()), own: map[string]bool{}}
	v.engine.RegisterTagNameFunc(fieldName)
	for name, ok := range stringRules() {
		v.register(name, ok)
	}
	for name, ok := range numberRules() {
		must(v.engine.RegisterValidation(name, func(fl validator.FieldLevel) bool {
			return fl.Field().CanInt() && ok(fl.Field().Int())
		}))
	}
	for _, o := range opts {
		o(v)
	}
	return v
}

func (v *Validator) register(name string, ok func(string) bool) {
	must(v.engine.RegisterValidation(name, func(fl validator.FieldLevel) bool {
		return fl.Field().Kind() == reflect.String && ok(fl.Field().String())
	}))
}

func must(err error) {
	if err != nil {
		panic("valid: " + err.Error())
	}
}

// Struct reports every problem of a struct or pointer to one; none is nil.
// Columns are named by the field's sheet, name or json tag, else by its Go
// name with dashes, as on the command line. Fields tagged `mask:"true"`, and
// all whose rule or name is an ID's or an account's, are shown masked.
func (v *Validator) Struct(value any) []errs.Field {
	var out []errs.Field
	for _, bad := range v.failures(value) {
		out = append(out, errs.Field{
			Column: bad.Field(), Value: shownValue(bad, value), Code: code(bad), Args: args(bad),
		})
	}
	return out
}

// Row is Struct for a decoded row of a table: problems carry file, row and the
// Chinese column name, and are masked as the layout
// says; free text with a number in it always is.
func (v *Validator) Row(row sheet.Row, value any) []errs.Field {
	var out []errs.Field
	for _, bad := range v.failures(value) {
		f := row.Problem(bad.Field(), code(bad))
		f.Args = args(bad)
		if bad.Tag() == "no_personal_number" { // the layout takes the column for free of them
			f.Value = shownValue(bad, value)
		}
		out = append(out, f)
	}
	return out
}

// Check is Struct as one error, VALID_PROBLEMS with a Field for each problem.
func (v *Validator) Check(value any) error {
	fields := v.Struct(value)
	if len(fields) == 0 {
		return nil
	}
	return errs.WithFields("VALID_PROBLEMS", fields, "count", len(fields))
}

// failures panics where value is no struct or a tag names no rule: both are
// faults of the program and appear on its first run.
func (v *Validator) failures(value any) validator.ValidationErrors {
	err := v.engine.Struct(value)
	if err == nil {
		return nil
	}
	bad, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok {
		panic(fmt.Sprintf("valid: cannot check a %T: %v", value, err))
	}
	return bad
}

// fieldName is what a user calls a field.
func fieldName(f reflect.StructField) string {
	for _, tag := range []string{"sheet", "name", "json"} {
		if name, _, _ := strings.Cut(f.Tag.Get(tag), ","); name != "" && name != "-" {
			return name
		}
	}
	return dashed(f.Name)
}

// dashed turns HouseholdID into household-id.
func dashed(name string) string {
	var b strings.Builder
	upper := func(i int) bool { return i >= 0 && i < len(name) && name[i] >= 'A' && name[i] <= 'Z' }
	for i := range len(name) {
		endsAcronym := upper(i) && i+1 < len(name) && !upper(i+1)
		if i > 0 && upper(i) && (!upper(i-1) || endsAcronym) {
			b.WriteByte('-')
		}
		b.WriteByte(name[i])
	}
	return strings.ToLower(b.String())
}

func shownValue(bad validator.FieldError, value any) string {
	text := plain(bad.Value())
	if personal(bad, value) {
		return ident.Mask(text)
	}
	return text
}

func personal(bad validator.FieldError, value any) bool {
	switch bad.Tag() {
	case "residentid", "creditcode", "no_personal_number":
		return true
	}
	for _, part := range []string{"id_number", "id-number", "account", "payee_id", "payee-id"} {
		if strings.Contains(bad.Field(), part) {
			return true
		}
	}
	t := reflect.TypeOf(value)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	f, ok := t.FieldByName(bad.StructField())
	return ok && f.Tag.Get("mask") == "true"
}
