package layout

import (
	"errors"

	"fenlu/internal/errs"
)

func problems(err error) []errs.Field {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e.Fields
	}
	return nil
}
