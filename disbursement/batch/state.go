package batch

import (
	"fmt"
	"strings"

	"fenlu/auth"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

// State is where a batch stands (批次状态).
type State string

// The states, in the order of a batch's life; cancelled is beside them.
const (
	None       State = ""
	Draft      State = "draft"      // 草稿
	Checked    State = "checked"    // 已复核
	Submitted  State = "submitted"  // 已提交
	Freezing   State = "freezing"   // 冻结中: approved in steps, under way; nobody else may act on it
	Approved   State = "approved"   // 已审批: its money is frozen
	Releasing  State = "releasing"  // 放款中: released in steps, under way; nobody may do anything but release it
	Released   State = "released"   // 已放款
	Reconciled State = "reconciled" // 已对平
	Closed     State = "closed"     // 已关闭
	Cancelled  State = "cancelled"  // 已作废
)

var lifeOf = []State{None, Draft, Checked, Submitted, Freezing, Approved, Releasing, Released, Reconciled, Closed}

// States are all states a stored batch can be in.
func States() []State { return append(lifeOf[1:len(lifeOf):len(lifeOf)], Cancelled) }

// IsValid says whether it is one of the states.
func (s State) IsValid() bool {
	for _, known := range States() {
		if s == known {
			return true
		}
	}
	return false
}

// Name is the word a user reads.
func (s State) Name(lang i18n.Lang) string { return i18n.Term(lang, "batch.state", string(s)) }

// Reached says whether a batch in state s has been in state other on its way.
func (s State) Reached(other State) bool { return s.order() >= other.order() && s != Cancelled }

func (s State) order() int {
	for i, known := range lifeOf {
		if s == known {
			return i
		}
	}
	return -1
}

// Step is an act on a batch or list that is recorded as an approval row.
type Step string

// The steps. Make, check, approve, release and close are those of the chain;
// whoever closes reconciles.
const (
	StepMake      Step = "make"
	StepCheck     Step = "check"
	StepSubmit    Step = "submit"
	StepFreeze    Step = "freeze"   // of an approval that takes several transactions: the first of them
	StepUnfreeze  Step = "unfreeze" // the money went elsewhere meanwhile: all that was frozen is back
	StepReview    Step = "review"   // a signature that the chain wants before the approval (会签)
	StepApprove   Step = "approve"
	StepSend      Step = "send"   // of a release that takes several transactions: the first of them
	StepUnsend    Step = "unsend" // something speaks against it by now: all that was sent is frozen again
	StepRelease   Step = "release"
	StepReconcile Step = "reconcile"
	StepClose     Step = "close"
	StepRemove    Step = "remove"
	StepCancel    Step = "cancel"
)

// Transition is one way from a state to another: which step takes it, and the
// right that needs. Apart says that the person must differ from those of the
// other steps of the chain.
type Transition struct {
	Step  Step
	Kind  Kind
	From  State
	To    State
	Right auth.Right
	Apart bool
}

// rejection is the step of somebody who sends a list back: he would have
// checked or approved it.
const rejection Step = "reject"

// Transitions is the one table of a batch's life: the commands, the tests and
// the documents read it. What is not in it is refused.
func Transitions() []Transition {
	return []Transition{
		{StepMake, Roster, None, Draft, auth.BatchMake, false},
		{StepRemove, Roster, Draft, Draft, auth.BatchMake, false},
		{StepRemove, Roster, Checked, Draft, auth.BatchMake, false},
		{StepCheck, Roster, Draft, Checked, auth.BatchCheck, true},
		{StepSubmit, Roster, Checked, Submitted, auth.BatchMake, false},
		{rejection, Roster, Checked, Draft, auth.BatchCheck, true},
		{rejection, Roster, Submitted, Draft, auth.BatchApprove, true},
		{StepReview, Roster, Submitted, Submitted, auth.BatchReview, true},
		{StepApprove, Roster, Submitted, Approved, auth.BatchApprove, true},
		{StepFreeze, Roster, Submitted, Freezing, auth.BatchApprove, true},
		{StepUnfreeze, Roster, Freezing, Submitted, auth.BatchApprove, true},
		{StepApprove, Roster, Freezing, Approved, auth.BatchApprove, true},
		{StepRelease, Roster, Approved, Released, auth.BatchRelease, true},
		{StepSend, Roster, Approved, Releasing, auth.BatchRelease, true},
		{StepUnsend, Roster, Releasing, Approved, auth.BatchRelease, true},
		{StepRelease, Roster, Releasing, Released, auth.BatchRelease, true},
		{StepReconcile, Roster, Released, Reconciled, auth.BatchClose, true},
		{StepClose, Roster, Reconciled, Closed, auth.BatchClose, true},
		{StepClose, Roster, Approved, Closed, auth.BatchClose, true}, // every line withheld or withdrawn
		{StepCancel, Roster, Draft, Cancelled, auth.BatchMake, false},
		{StepCancel, Roster, Checked, Cancelled, auth.BatchMake, false},
		{StepCancel, Roster, Submitted, Cancelled, auth.BatchMake, false},
		{StepCancel, Roster, Approved, Cancelled, auth.BatchApprove, false},

		{StepMake, Emergency, None, Submitted, auth.ReserveDraw, false},
		{StepApprove, Emergency, Submitted, Released, auth.ReserveConfirm, true},
		{StepReconcile, Emergency, Released, Reconciled, auth.BatchClose, true},
		{StepClose, Emergency, Reconciled, Closed, auth.BatchClose, true},
		{StepCancel, Emergency, Submitted, Cancelled, auth.ReserveDraw, false},
	}
}

// life is the kind whose transitions a kind takes: a back-pay list is a roster
// that the program made itself.
func (k Kind) life() Kind {
	if k == BackPay {
		return Roster
	}
	return k
}

// transition finds the way a step takes from a state. Errors: BATCH_STATE
// (Refused) where there is none.
func transition(b Batch, step Step) (Transition, error) {
	var from []string
	for _, t := range Transitions() {
		if t.Step != step || t.Kind != b.Kind.life() {
			continue
		}
		if t.From == b.State {
			return t, nil
		}
		from = append(from, t.From.Name(i18n.ZH))
	}
	return Transition{}, errs.New(errs.Refused, "BATCH_STATE", "batch", b.Code, "state", b.State.Name(i18n.ZH),
		"step", i18n.Term(i18n.ZH, "batch.step", string(step)), "from", strings.Join(from, "、"))
}

// TransitionsMarkdown is the table as the documents show it.
func TransitionsMarkdown(lang i18n.Lang) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|---|---|---|---|---|---|\n", i18n.T(lang, "batch.transitions.head"))
	for _, t := range Transitions() {
		apart := i18n.T(lang, "batch.transitions.any")
		if t.Apart {
			apart = i18n.T(lang, "batch.transitions.apart")
		}
		from := "—"
		if t.From != None {
			from = t.From.Name(lang)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | `%s` | %s |\n", i18n.Term(lang, "batch.kind", string(t.Kind)),
			i18n.Term(lang, "batch.step", string(t.Step)), from, t.To.Name(lang), t.Right, apart)
	}
	return b.String()
}
