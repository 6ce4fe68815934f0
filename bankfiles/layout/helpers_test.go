package layout

import (
	"errors"
	"strings"
	"testing"

	"fenlu/internal/errs"
)

func problems(err error) []errs.Field {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e.Fields
	}
	return nil
}

// profileOf is a profile of instructions with the keys given.
func profileOf(t testing.TB, parts ...string) *Profile {
	t.Helper()
	text := "profile: x\nversion: \"1\"\nkind: instruction\ntitle: {zh: x, en: x}\n" + strings.Join(parts, "\n")
	p, err := Load(strings.NewReader(text), "x.yaml")
	if err != nil {
		t.Fatalf("%v %+v", err, problems(err))
	}
	return p
}
