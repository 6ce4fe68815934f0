package batch

import (
	"encoding/json"

	"fenlu/internal/i18n"
)

// Severity says what a finding does to a batch.
type Severity string

// The severities.
const (
	Block  Severity = "block"  // 拦截: the line must be cured or removed first
	Reason Severity = "reason" // 需说明: the maker gives a reason when submitting
	Note   Severity = "note"   // 提示
)

// Finding is one result of the checks (核对结果). LineNo is 0 for what concerns
// the list as a whole. Args never carry an ID number or an account.
type Finding struct {
	No       int               `json:"no"`
	Line     LineID            `json:"-"`
	LineNo   int32             `json:"line,omitempty"`
	Code     string            `json:"code"` // its sentence is in the catalogue as finding.<code>
	Severity Severity          `json:"severity"`
	Args     map[string]string `json:"args,omitempty"`
}

// Sentence is the finding as a user reads it.
func (f Finding) Sentence(lang i18n.Lang) string {
	args := make([]any, 0, 2*len(f.Args))
	for name, value := range f.Args {
		args = append(args, name, value)
	}
	return i18n.T(lang, "finding."+f.Code, args...)
}

// findings collects what the checks find, in the order of the lines.
type findings []Finding

func (fs *findings) say(l *Line, severity Severity, code string, args ...string) {
	f := Finding{No: len(*fs) + 1, Code: code, Severity: severity}
	if l != nil {
		f.Line, f.LineNo = l.ID, l.No
	}
	if len(args) > 0 {
		f.Args = make(map[string]string, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			f.Args[args[i]] = args[i+1]
		}
	}
	*fs = append(*fs, f)
}

func (fs findings) count(s Severity) int {
	n := 0
	for i := range fs {
		if fs[i].Severity == s {
			n++
		}
	}
	return n
}

func (f Finding) detail() ([]byte, error) {
	if f.Args == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(f.Args)
}
