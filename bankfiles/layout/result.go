package layout

import (
	"strings"

	"fenlu/bankfiles/reason"
	"fenlu/bankfiles/record"
)

// result says what a row of a result means for its payment: by its code, else
// by the bank's words, else as every other code. A code that the profile does
// not name keeps the bank's text and is warned of, so that a person decides.
func (r *row) result() error {
	it := r.item
	if it.Status == "" && it.ReasonText == "" {
		return it.Fault("BANKFILE_MISSING", "name", "status")
	}
	o, known := r.p.Results.of(it.Status, it.ReasonText)
	it.Outcome = record.Outcome(o.Outcome)
	r.said = it.Outcome
	if _, named := r.p.Results.Codes[it.Status]; !named && it.Outcome == record.OutcomeFailed && o.Reason == string(reason.Unknown) {
		it.Outcome, known = record.OutcomeUnknown, false // a code that no table has, and words that the bank does not know (处理中、超时)
	}
	if it.Outcome == record.OutcomeFailed {
		it.ReasonCode = o.Reason
	}
	if it.Outcome != record.OutcomePaid && it.Reason == "" {
		it.Reason = it.Status
	}
	if it.ReasonText == "" {
		it.ReasonText = o.Text
	}
	if !known {
		if err := r.out.Warn(it.Position, "BANKFILE_WARN_CODE", "value", record.Clip(record.First(it.Status, it.ReasonText))); err != nil {
			return err
		}
	}
	return r.paidInFull()
}

// paidInFull doubts a success whose amount paid (实处理金额) is not the amount
// asked for, and a failure that paid something: what became of the money is for
// a person to find out.
func (r *row) paidInFull() error {
	it := r.item
	paid, ok := record.ParseAmount(r.paid)
	if !ok || it.Outcome == record.OutcomeUnknown {
		return nil
	}
	if want := map[record.Outcome]record.Amount{record.OutcomePaid: r.amount}[it.Outcome]; paid.Decimal().Equal(want.Decimal()) {
		return nil
	}
	it.Outcome, it.ReasonCode = record.OutcomeUnknown, ""
	return r.out.Warn(it.Position, "BANKFILE_WARN_PAID_AMOUNT", "status", it.Status, "asked", it.Amount, "paid", r.paid)
}

// cause says why money came back.
func (r *row) cause() error {
	it := r.item
	if r.p.Results == nil {
		return nil
	}
	o, known := r.p.Results.of(record.First(it.Reason, it.Status), it.ReasonText)
	it.ReasonCode = o.Reason
	if it.ReasonText == "" {
		it.ReasonText = o.Text
	}
	if known {
		return nil
	}
	return r.out.Warn(it.Position, "BANKFILE_WARN_CODE", "value", record.Clip(record.First(it.Reason, it.Status, it.ReasonText)))
}

// of is what a code with a text means; known is false where only `other` says.
func (res *Result) of(code, text string) (o Outcome, known bool) {
	o, known = res.Codes[code]
	words, named := res.byText(text)
	switch {
	case known:
		o.Reason = record.First(o.Reason, words.Reason)
		return o, true
	case named && words.Outcome != "":
		return Outcome{Outcome: words.Outcome, Reason: words.Reason}, true
	}
	return Outcome{Outcome: res.Other.Outcome, Reason: record.First(words.Reason, res.Other.Reason), Text: res.Other.Text}, named
}

// byText is the first of the texts that fits. One that means success is the
// whole text: "不成功" and "未成功" hold "成功" too.
func (res *Result) byText(text string) (TextOutcome, bool) {
	for _, t := range res.Texts {
		if strings.Contains(text, t.Contains) && (t.Outcome != string(record.OutcomePaid) || text == t.Contains) {
			return t, true
		}
	}
	if e := reason.Of("", text); e.Code != reason.Other { // one table for all banks
		return TextOutcome{Reason: string(e.Code)}, true
	}
	return TextOutcome{}, false
}
