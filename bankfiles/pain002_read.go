package bankfiles

import "strconv"

// statusReader reads pain.002 of any version. Every level may be the only one
// that states a status: one item comes out for each payment listed, or for a
// batch without payments, or for a file without either. Statuses of file and
// batch stand in their headers too, since payments not listed inherit them.
type statusReader struct {
	in    *xmlScanner
	out   *sink
	file  status
	group Header
	items int64
	count int64 // payments listed
}

// status is a status with its reason, stated at some level.
type status struct{ code, reason, text string }

func readPain002(in *xmlScanner, out *sink) error {
	r := &statusReader{in: in, out: out}
	at := in.here()
	err := in.children(func(name string) (err error) {
		switch name {
		case "GrpHdr":
			r.group = Header{Level: LevelFile, Position: in.here()}
			return in.children(func(name string) (err error) {
				switch name {
				case "MsgId":
					r.group.MessageID, err = in.leaf()
				case "CreDtTm":
					r.group.Created, err = in.leaf()
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
func (r *statusReader) end(at Position) error {
	if err := notMore(r.group.Position, LevelFile, r.group.Count, r.count); err != nil {
		return err
	}
	if r.items > 0 {
		return nil
	}
	if r.file.code == "" {
		return r.out.warn(at, "BANKFILE_WARN_NO_STATUS")
	}
	it := &Item{Kind: KindStatus, Level: LevelFile, BatchID: r.group.OriginalID, Position: r.group.Position}
	it.set(r.file)
	return r.out.item(it)
}

func (it *Item) set(s status) {
	it.Status, it.Reason, it.ReasonText, it.Outcome = s.code, s.reason, s.text, isoOutcome(s.code)
}

// isoOutcome is what a status code means for the payment. Accepted is not
// paid: only settlement on the creditor's side or booking at the debtor's is.
func isoOutcome(code string) Outcome {
	switch code {
	case "ACSC", "ACCC":
		return OutcomePaid
	case "RJCT", "CANC":
		return OutcomeFailed
	default:
		return OutcomeUnknown
	}
}

func (r *statusReader) original() error {
	h := r.group
	h.Position = r.in.here()
	err := r.in.children(func(name string) (err error) {
		switch name {
		case "OrgnlMsgId":
			h.OriginalID, err = r.in.leaf()
		case "OrgnlNbOfTxs":
			h.Count, err = r.in.leaf()
		case "OrgnlCtrlSum":
			h.Sum, err = r.in.leaf()
		case "GrpSts":
			r.file.code, err = r.in.leaf()
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
	return r.out.header(h)
}

// reason reads StsRsnInf; several are joined, the first code counts.
func (r *statusReader) reason(s *status) error {
	code, text, err := r.in.reasonInfo(r.out)
	if s.reason == "" {
		s.reason = code
	}
	s.text = joinText(s.text, text)
	return err
}

// reasonInfo reads a reason element: Rsn/Cd or Rsn/Prtry, and AddtlInf.
func (s *xmlScanner) reasonInfo(out *sink) (code, text string, err error) {
	err = s.children(func(name string) (err error) {
		switch name {
		case "Rsn", "StsRsn", "RtrRsn":
			code, err = s.pick("Cd", "Prtry", name)
		case "AddtlInf", "AddtlStsRsnInf":
			at := s.here()
			var t string
			if t, err = s.leaf(); err == nil {
				err = out.tooLong(at, name, t, 105)
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
	h := Header{Level: LevelBatch, Position: r.in.here()}
	var own status
	listed := int64(0)
	err := r.in.children(func(name string) (err error) {
		switch name {
		case "OrgnlPmtInfId":
			h.OriginalID, err = r.in.leaf()
		case "OrgnlNbOfTxs":
			h.Count, err = r.in.leaf()
		case "OrgnlCtrlSum":
			h.Sum, err = r.in.leaf()
		case "PmtInfSts":
			own.code, err = r.in.leaf()
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
	if err := notMore(h.Position, LevelBatch, h.Count, listed); err != nil || listed > 0 {
		return err
	}
	return r.batchOnly(h, own)
}

func (r *statusReader) batchHeader(h *Header, own status) error {
	h.Status, h.Reason, h.ReasonText = own.code, own.reason, own.text
	return r.out.header(*h)
}

func (r *statusReader) batchOnly(h Header, own status) error {
	if err := r.batchHeader(&h, own); err != nil || own.code == "" {
		return err
	}
	it := &Item{Kind: KindStatus, Level: LevelBatch, BatchID: h.OriginalID, Position: h.Position}
	it.set(own)
	r.items++
	return r.out.item(it)
}

// payment reads one TxInfAndSts. Without a status of its own it has the
// batch's, else the file's.
func (r *statusReader) payment(batch string, above status) error {
	it := &Item{Kind: KindStatus, Level: LevelPayment, BatchID: batch, Position: r.in.here()}
	var own status
	err := r.in.children(func(name string) (err error) {
		switch name {
		case "OrgnlInstrId":
			it.InstructionID, err = r.in.leaf()
		case "OrgnlEndToEndId":
			it.EndToEndID, err = r.in.leaf()
		case "OrgnlTxId":
			it.TransactionID, err = r.in.leaf()
		case "TxSts":
			own.code, err = r.in.leaf()
		case "StsRsnInf":
			err = r.reason(&own)
		case "AcctSvcrRef":
			it.BankRef, err = r.in.leaf()
		case "AccptncDtTm":
			it.BookingDate, err = r.in.leaf()
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
	return r.out.item(it)
}

func (r *statusReader) inherit(it *Item, own, above status) {
	switch {
	case own.code != "":
		it.set(own)
	case above.code != "":
		it.InheritedFrom = LevelBatch
		it.set(status{above.code, first(own.reason, above.reason), joinText(own.text, above.text)})
	case r.file.code != "":
		it.InheritedFrom = LevelFile
		it.set(status{r.file.code, first(own.reason, r.file.reason), joinText(own.text, r.file.text)})
	default:
		it.set(own)
	}
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func (r *statusReader) reference(it *Item) error {
	return r.in.children(func(name string) (err error) {
		switch name {
		case "Amt":
			it.Amount, it.Currency, err = r.in.nestedMoney("InstdAmt", "Amt")
		case "IntrBkSttlmAmt":
			if it.Amount == "" {
				it.Amount, it.Currency, err = r.in.money()
			}
		case "Cdtr":
			it.Name, err = r.in.pick("Nm")
		case "CdtrAcct":
			it.Account, err = r.in.pick("IBAN", "Id")
		}
		return err
	})
}

// notMore refuses a report that lists more payments than the original had;
// fewer are usual, since many banks list rejected ones only.
func notMore(at Position, level Level, stated string, listed int64) error {
	if stated == "" {
		return nil
	}
	n, err := strconv.ParseInt(stated, 10, 64)
	if err != nil {
		return at.fault("BANKFILE_NUMBER", "value", clip(stated))
	}
	if listed > n {
		return at.fault("BANKFILE_COUNT_MISMATCH", "level", string(level), "stated", n, "found", listed)
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
