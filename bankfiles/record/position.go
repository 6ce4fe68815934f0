package record

import "fenlu/internal/errs"

// Fault is an error at a place: its sentence may name line, offset and path.
func (p Position) Fault(code string, args ...any) *errs.Error {
	args = append(args, "line", p.Line, "offset", p.Offset, "path", p.Path)
	return errs.New(errs.Invalid, code, args...)
}
