package ident

import "fenlu/internal/errs"

// Level says how much a finding weighs.
type Level int

// The levels.
const (
	Note    Level = iota // worth knowing (提示)
	Warning              // look at it; nothing is refused (警告)
	Fault                // cannot be used (错误)
)

// Finding is one thing that a check found.
type Finding struct {
	Level Level
	Code  string // of the sentence in the catalogue
	Args  []errs.Arg
}

// Findings is what a check has to say; empty means nothing at all.
type Findings []Finding

// Refused says whether there is a fault among them.
func (fs Findings) Refused() bool { return len(fs.Only(Fault)) > 0 }

// Only is the findings of one level.
func (fs Findings) Only(level Level) Findings {
	var out Findings
	for _, f := range fs {
		if f.Level == level {
			out = append(out, f)
		}
	}
	return out
}

// Fields is the findings of one level as problems of a row report. at says
// where the value stands (file, row, column) and what it looks like masked.
func (fs Findings) Fields(level Level, at errs.Field) []errs.Field {
	var out []errs.Field
	for _, f := range fs.Only(level) {
		field := at
		field.Code, field.Args = f.Code, f.Args
		out = append(out, field)
	}
	return out
}

func fault(code string, args ...any) Findings {
	return Findings{{Fault, code, errs.Pairs(args...)}}
}

func (fs Findings) with(level Level, code string, args ...any) Findings {
	return append(fs, Finding{level, code, errs.Pairs(args...)})
}
