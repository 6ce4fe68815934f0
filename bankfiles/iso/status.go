package iso

import (
	"fenlu/bankfiles/record"
	"fenlu/bankfiles/xmlscan"
)

// status is a status with its reason, stated at some level.
type status struct{ code, reason, text string }

func set(it *record.Item, s status) {
	it.Status, it.Reason, it.ReasonText, it.Outcome = s.code, s.reason, s.text, isoOutcome(s.code)
}

// isoOutcome is what a status code means for the payment. Accepted is not
// paid: only settlement on the creditor's side or booking at the debtor's is.
func isoOutcome(code string) record.Outcome {
	switch code {
	case "ACSC", "ACCC":
		return record.OutcomePaid
	case "RJCT", "CANC":
		return record.OutcomeFailed
	default:
		return record.OutcomeUnknown
	}
}

// read reads StsRsnInf and its relatives; several are joined, the first code
// counts.
func (s *status) read(in *xmlscan.Scanner, out *record.Out) error {
	code, text, err := reasonInfo(in, out)
	s.reason = record.First(s.reason, code)
	s.text = joinText(s.text, text)
	return err
}

// reasonInfo reads a reason element: Rsn/Cd or Rsn/Prtry, and AddtlInf.
func reasonInfo(s *xmlscan.Scanner, out *record.Out) (code, text string, err error) {
	err = s.Children(func(name string) (err error) {
		switch name {
		case "Rsn", "StsRsn", "RtrRsn", "CxlStsRsn", "CxlRsn":
			code, err = s.Pick("Cd", "Prtry", name)
		case "AddtlInf", "AddtlStsRsnInf", "AddtlRtrRsnInf", "AddtlCxlRsnInf":
			at := s.Here()
			var t string
			if t, err = s.Leaf(); err == nil {
				err = tooLong(s, out, at, name, t, 105)
			}
			text = joinText(text, t)
		}
		return err
	})
	return code, text, err
}

// joinText joins repeated texts; past 64 KiB the rest is left out.
func joinText(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "" || len(a) > 64<<10:
		return a
	default:
		return a + " " + b
	}
}

// because gives a status without a reason the one stated above it.
func (s status) because(above status) status {
	if s.reason == "" {
		s.reason, s.text = above.reason, joinText(s.text, above.text)
	}
	return s
}

// inherited are the statuses above a payment, the nearest first.
type inherited []struct {
	level  record.Level
	status status
}

// complete is the payment's own status, or else the nearest that has a code,
// and the level that stated it. A reason of its own stays. Where nobody states
// a code, the nearest reason counts: a request has reasons only.
func (above inherited) complete(own status) (status, record.Level) {
	if own.code != "" {
		return own, ""
	}
	for _, a := range above {
		if a.status.code != "" {
			own.code = a.status.code
			return own.because(a.status), a.level
		}
	}
	for _, a := range above {
		if own.reason == "" && a.status.reason != "" {
			return own.because(a.status), a.level
		}
	}
	return own, ""
}

// originalPayment reads what an answer repeats of the payment it speaks of.
func originalPayment(in *xmlscan.Scanner, it *record.Item, name string) (err error) {
	switch name {
	case "OrgnlInstrId":
		it.InstructionID, err = in.Leaf()
	case "OrgnlEndToEndId":
		it.EndToEndID, err = in.Leaf()
	case "OrgnlTxId":
		it.TransactionID, err = in.Leaf()
	case "OrgnlIntrBkSttlmAmt", "OrgnlInstdAmt":
		it.Amount, it.Currency, err = in.Money()
	case "OrgnlTxRef":
		err = in.Children(func(name string) error { return payee(in, it, name) })
	}
	return err
}

// payee reads OrgnlTxRef: whom the original payment paid, how much and what
// for. An amount that is there already stays.
func payee(in *xmlscan.Scanner, it *record.Item, name string) (err error) {
	switch name {
	case "Amt":
		if it.Amount == "" && it.Kind != record.KindReturn {
			it.Amount, it.Currency, err = in.NestedMoney("InstdAmt", "Amt")
		}
	case "IntrBkSttlmAmt":
		if it.Amount == "" && it.Kind != record.KindReturn {
			it.Amount, it.Currency, err = in.Money()
		}
	case "Cdtr":
		it.Name, err = in.Pick("Nm")
	case "CdtrAcct":
		it.Account, err = in.Pick("IBAN", "BBAN", "Id")
	case "CdtrAgt":
		it.BankCode, err = in.Pick("MmbId", "BICFI", "BIC", "Id")
	case "RmtInf":
		it.Remark, err = in.Pick("Ustrd")
	}
	return err
}

// flag is an indicator.
func flag(in *xmlscan.Scanner) (bool, error) {
	v, err := in.Leaf()
	return v == "true" || v == "1", err
}

// day is the date of an ISO date or date-time as the file has it.
func day(s string) string {
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ' || s[10] == 'Z' || s[10] == '+') {
		return s[:10]
	}
	return s
}
