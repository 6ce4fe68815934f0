package carveout

import (
	"fmt"
	"strings"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// State is where the year stands.
type State string

// The states, the most pressing first.
const (
	OverCap     State = "over_cap"    // the capped fund has paid or promised more than the cap
	Reached     State = "reached"     // what is paid has reached the floor
	Infeasible  State = "infeasible"  // the year's money cannot keep both rules together
	Unreachable State = "unreachable" // it could have, but what is left now cannot
	InProgress  State = "in_progress" // not there yet, and it can be done
)

// Line is one line of the calculation.
type Line struct {
	No     int        `json:"no"`     // from 1, as other lines refer to it
	Code   string     `json:"code"`   // of the label in the catalogue
	Args   []errs.Arg `json:"args"`   // the figures and line numbers that the label names
	Amount money.Fen  `json:"amount"` // may be negative: what is missing or over
	Source string     `json:"source"` // the document or decision behind it, or empty
}

// Text is the line's label in a reader's language, without the amount.
func (l Line) Text(lang i18n.Lang) string {
	values := make([]any, 0, 2*len(l.Args))
	for _, a := range l.Args {
		value := a.Value
		if f, ok := value.(money.Fen); ok {
			value = f.Grouped()
		}
		values = append(values, a.Name, value)
	}
	return i18n.T(lang, l.Code, values...)
}

// Result is the year's position (购买服务列支情况).
type Result struct {
	Year  int       `json:"year"`
	Base  money.Fen `json:"base"`
	Floor money.Fen `json:"floor"` // at least this for services
	Cap   money.Fen `json:"cap"`   // at most this of it from the capped fund

	UsableFund   money.Fen `json:"usable_fund"`   // min(cap, sources of the fund that are not barred)
	UsableOthers money.Fen `json:"usable_others"` // the payers' sources that are not barred
	Usable       money.Fen `json:"usable"`
	FromOthers   money.Fen `json:"from_others"` // the part of the floor that the fund cannot bear
	Missing      money.Fen `json:"missing"`     // by how much the floor cannot be met: of the year's money, or of what is left

	Planned    Stage `json:"planned"`
	Contracted Stage `json:"contracted"`
	Accepted   Stage `json:"accepted"`
	Paid       Stage `json:"paid"`

	ToFloor     money.Fen `json:"to_floor"`     // still to be paid to reach the floor, not below 0
	CapSlack    money.Fen `json:"cap_slack"`    // cap − paid from the fund; negative is too much
	Over        money.Fen `json:"over"`         // what the fund has paid or promised beyond the cap, not below 0
	StillOthers money.Fen `json:"still_others"` // of ToFloor, what the cap leaves to the other funds
	Slack       money.Fen `json:"slack"`        // usable − floor: the margin of both rules together; negative is missing
	Reachable   money.Fen `json:"reachable"`    // paid + what is left and may be used within the cap
	Room        Stage     `json:"room"`         // what may still be promised
	State       State     `json:"state"`
	Lines       []Line    `json:"lines"`

	Fund  string   `json:"fund,omitempty"`  // of a part: the fund it is about
	Parts []Result `json:"parts,omitempty"` // of the variant Each: every fund alone
}

// Reason is why the state is what it is, in a reader's language, by how many
// yuan; of several parts, of each.
func (r Result) Reason(lang i18n.Lang) string {
	if len(r.Parts) > 0 {
		reasons := make([]string, len(r.Parts))
		for i, p := range r.Parts {
			reasons[i] = i18n.T(lang, "carveout.part.reason", "fund", p.Fund, "reason", p.Reason(lang))
		}
		return strings.Join(reasons, " ")
	}
	return i18n.T(lang, fmt.Sprintf("carveout.state.%s.reason", r.State),
		"floor", r.Floor.Grouped(), "cap", r.Cap.Grouped(), "to_floor", r.ToFloor.Grouped(),
		"missing", r.Missing.Grouped(), "over", r.Over.Grouped(), "slack", r.Slack.Grouped(),
		"usable", r.Usable.Grouped(), "reachable", r.Reachable.Grouped(), "year", r.Year)
}

// Total is both parts of a stage.
// Errors: MONEY_OVERFLOW.
func (s Stage) Total() (money.Fen, error) {
	sum, err := money.Add(s.Fund, s.Others)
	if err != nil {
		return 0, arithmetic(err)
	}
	return sum, nil
}

// arithmetic is an error of package money under its own code.
func arithmetic(err error) error { return errs.New(errs.Invalid, money.Code(err)) }
