package batch

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/errs"
)

// recheck runs the rules that time may break once more on the lines still
// listed: whoever is covered lives and has a valid identity, and the account
// version that was pinned is the payee's current one, verified and in the right
// name; the entitlement holds, and neither the matrix nor what another office
// knows by now excludes it. It gives what blocks, in list order; nothing is changed.
func (s *Service) recheck(ctx context.Context, tx pgx.Tx, b Batch, lines []Line) (findings, error) {
	x := &examiner{svc: s, batch: b, today: clock.Date(s.clock.Now())}
	for from := 0; from < len(lines); from += chunkRows {
		part := withStatus(lines[from:min(from+chunkRows, len(lines))], Listed)
		if err := x.learn(ctx, tx, part); err != nil {
			return nil, err
		}
		for i := range part {
			x.again(&part[i])
		}
		if err := x.entitled(ctx, tx, part); err != nil {
			return nil, err
		}
	}
	err := x.exclusive(ctx, tx)
	return x.found.blocking(), err
}

// again is standing with the account pinned.
func (x *examiner) again(l *Line) {
	x.standing(l)
	if a, ok := x.accounts[l.Payee]; ok && !x.batch.byHand() && int64(a.ID) != l.Account {
		x.found.say(l, Block, "account_changed", "account", a.Masked)
	}
}

// blocking are the findings that block.
func (fs findings) blocking() findings {
	var out findings
	for _, f := range fs {
		if f.Severity == Block {
			out = append(out, f)
		}
	}
	return out
}

// field is a finding as a problem of an error.
func (f Finding) field(value string) errs.Field {
	args := make([]errs.Arg, 0, len(f.Args))
	for name, value := range f.Args {
		args = append(args, errs.Arg{Name: name, Value: value})
	}
	return errs.Field{Row: int(f.LineNo), Value: value, Code: "finding." + f.Code, Args: args}
}

// refusal is an error with a Field for each finding, the first shownFindings of
// them, and the numbers of all the lines.
func (fs findings) refusal(code, batch string) error {
	if len(fs) == 0 {
		return nil
	}
	e := errs.New(errs.Refused, code)
	var numbers []string
	seen := map[int32]bool{}
	for _, f := range fs {
		if len(e.Fields) < shownFindings {
			e.Fields = append(e.Fields, f.field(""))
		}
		if !seen[f.LineNo] {
			seen[f.LineNo] = true
			numbers = append(numbers, itoa(f.LineNo))
		}
	}
	e.Args = append(e.Args, errs.Pairs("batch", batch, "count", len(numbers), "lines", strings.Join(numbers, ","))...)
	return e
}
