package iso

import (
	"strconv"

	"fenlu/bankfiles/record"
	"fenlu/bankfiles/xmlscan"
)

// statusReader reads pain.002 of any version. Every level may be the only one
// that states a status: one item comes out for each payment listed, or for a
// batch without payments, or for a file without either. Statuses of file and
// batch stand in their headers too, since payments not listed inherit them.
type statusReader struct {
	in    *xmlscan.Scanner
	out   *record.Out
	file  status
	group record.Header
	items int64
	count int64 // payments listed
}

// status is a status with its reason, stated at some level.
type status struct{ code, reason, text string }

func readPain002(in *xmlscan.Scanner, out *record.Out) error {
	r := &statusReader{in: in, out: out}
	at := in.Here()
	err := in.Children(func(name string) (err error) {
		switch name {
		case "GrpHdr":
			r.group = record.Header{Level: record.LevelFile, Position: in.Here()}
			return in.Children(func(name string) (err error) {
				switch name {
				case "MsgId":
					r.group.MessageID, err = in.Leaf()
				case "CreDtTm":
					r.group.Created, err = in.Leaf()
				}
				return err
			})
		case "OrgnlGrpInfAndSts":
			return r.original()
		case "OrgnlPmtInfAndSts":
			return r.batch()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.end(at)
}

// end gives the file's own status as the item where no level below has one.
func (r *statusReader) end(at record.Position) error {
	if err := notMore(r.group.Position, record.LevelFile, r.group.Count, r.count); err != nil {
		return err
	}
	if r.items > 0 {
		return nil
	}
	if r.file.code == "" {
		return r.out.Warn(at, "BANKFILE_WARN_NO_STATUS")
	}
	it := &record.Item{Kind: record.KindStatus, Level: record.LevelFile, BatchID: r.group.OriginalID, Position: r.group.Position}
	set(it, r.file)
	return r.out.Item(it)
}

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

func (r *statusReader) original() error {
	h := r.group
	h.Position = r.in.Here()
	err := r.in.Children(func(name string) (err error) {
		switch name {
		case "OrgnlMsgId":
			h.OriginalID, err = r.in.Leaf()
		case "OrgnlNbOfTxs":
			h.Count, err = r.in.Leaf()
		case "OrgnlCtrlSum":
			h.Sum, err = r.in.Leaf()
		case "GrpSts":
			r.file.code, err = r.in.Leaf()
		case "StsRsnInf":
			err = r.reason(&r.file)
		}
		return err
	})
	if err != nil {
		return err
	}
	h.Status, h.Reason, h.ReasonText = r.file.code, r.file.reason, r.file.text
	r.group = h
	return r.out.Header(h)
}

// reason reads StsRsnInf; several are joined, the first code counts.
func (r *statusReader) reason(s *status) error {
	code, text, err := reasonInfo(r.in, r.out)
	if s.reason == "" {
		s.reason = code
	}
	s.text = joinText(s.text, text)
	return err
}

// reasonInfo reads a reason element: Rsn/Cd or Rsn/Prtry, and AddtlInf.
func reasonInfo(s *xmlscan.Scanner, out *record.Out) (code, text string, err error) {
	err = s.Children(func(name string) (err error) {
		switch name {
		case "Rsn", "StsRsn", "RtrRsn":
			code, err = s.Pick("Cd", "Prtry", name)
		case "AddtlInf", "AddtlStsRsnInf":
			at := s.Here()
			var t string
			if t, err = s.Leaf(); err == nil {
				err = tooLong(out, at, name, t, 105)
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

func (r *statusReader) batch() error {
	h := record.Header{Level: record.LevelBatch, Position: r.in.Here()}
	var own status
	listed := int64(0)
	err := r.in.Children(func(name string) (err error) {
		switch name {
		case "OrgnlPmtInfId":
			h.OriginalID, err = r.in.Leaf()
		case "OrgnlNbOfTxs":
			h.Count, err = r.in.Leaf()
		case "OrgnlCtrlSum":
			h.Sum, err = r.in.Leaf()
		case "PmtInfSts":
			own.code, err = r.in.Leaf()
		case "StsRsnInf":
			err = r.reason(&own)
		case "TxInfAndSts":
			if listed++; listed == 1 {
				if err = r.batchHeader(&h, own); err != nil {
					return err
				}
			}
			err = r.payment(h.OriginalID, own)
		}
		return err
	})
	if err != nil {
		return err
	}
	r.count += listed
	if err := notMore(h.Position, record.LevelBatch, h.Count, listed); err != nil || listed > 0 {
		return err
	}
	return r.batchOnly(h, own)
}

func (r *statusReader) batchHeader(h *record.Header, own status) error {
	h.Status, h.Reason, h.ReasonText = own.code, own.reason, own.text
	return r.out.Header(*h)
}

func (r *statusReader) batchOnly(h record.Header, own status) error {
	if err := r.batchHeader(&h, own); err != nil || own.code == "" {
		return err
	}
	it := &record.Item{Kind: record.KindStatus, Level: record.LevelBatch, BatchID: h.OriginalID, Position: h.Position}
	set(it, own)
	r.items++
	return r.out.Item(it)
}

// payment reads one TxInfAndSts. Without a status of its own it has the
// batch's, else the file's.
func (r *statusReader) payment(batch string, above status) error {
	it := &record.Item{Kind: record.KindStatus, Level: record.LevelPayment, BatchID: batch, Position: r.in.Here()}
	var own status
	err := r.in.Children(func(name string) (err error) {
		switch name {
		case "OrgnlInstrId":
			it.InstructionID, err = r.in.Leaf()
		case "OrgnlEndToEndId":
			it.EndToEndID, err = r.in.Leaf()
		case "OrgnlTxId":
			it.TransactionID, err = r.in.Leaf()
		case "TxSts":
			own.code, err = r.in.Leaf()
		case "StsRsnInf":
			err = r.reason(&own)
		case "AcctSvcrRef":
			it.BankRef, err = r.in.Leaf()
		case "AccptncDtTm":
			it.BookingDate, err = r.in.Leaf()
			it.BookingDate = day(it.BookingDate)
		case "OrgnlTxRef":
			err = r.reference(it)
		}
		return err
	})
	if err != nil {
		return err
	}
	r.inherit(it, own, above)
	r.items++
	return r.out.Item(it)
}

func (r *statusReader) inherit(it *record.Item, own, above status) {
	switch {
	case own.code != "":
		set(it, own)
	case above.code != "":
		it.InheritedFrom = record.LevelBatch
		set(it, status{above.code, record.First(own.reason, above.reason), joinText(own.text, above.text)})
	case r.file.code != "":
		it.InheritedFrom = record.LevelFile
		set(it, status{r.file.code, record.First(own.reason, r.file.reason), joinText(own.text, r.file.text)})
	default:
		set(it, own)
	}
}

func (r *statusReader) reference(it *record.Item) error {
	return r.in.Children(func(name string) (err error) {
		switch name {
		case "Amt":
			it.Amount, it.Currency, err = r.in.NestedMoney("InstdAmt", "Amt")
		case "IntrBkSttlmAmt":
			if it.Amount == "" {
				it.Amount, it.Currency, err = r.in.Money()
			}
		case "Cdtr":
			it.Name, err = r.in.Pick("Nm")
		case "CdtrAcct":
			it.Account, err = r.in.Pick("IBAN", "Id")
		}
		return err
	})
}

// notMore refuses a report that lists more payments than the original had;
// fewer are usual, since many banks list rejected ones only.
func notMore(at record.Position, level record.Level, stated string, listed int64) error {
	if stated == "" {
		return nil
	}
	n, err := strconv.ParseInt(stated, 10, 64)
	if err != nil {
		return at.Fault("BANKFILE_NUMBER", "value", record.Clip(stated))
	}
	if listed > n {
		return at.Fault("BANKFILE_COUNT_MISMATCH", "level", string(level), "stated", n, "found", listed)
	}
	return nil
}

// day is the date of an ISO date or date-time as the file has it.
func day(s string) string {
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ' || s[10] == 'Z' || s[10] == '+') {
		return s[:10]
	}
	return s
}
