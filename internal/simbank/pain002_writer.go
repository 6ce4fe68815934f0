package simbank

import "strconv"

const (
	pain002Space  = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
	statusOK      = "ACSC" // accepted, settlement completed on the debtor's account
	statusRefused = "RJCT"
	statusPart    = "PART"
	statusPending = "PDNG"
	endOfDay      = "T18:00:00+08:00"
	xmlPerLine    = 420

	maxReasonRunes = 105
)

// statusReport writes a pain.002.001.10 for the listed payments. The batch never
// has a status that an unlisted payment could inherit: PART unless all are listed
// and credited.
func statusReport(s *report) []byte {
	o, t := s.order, s.totals()
	status := statusPart
	if t[answerPaid].count == o.count && len(s.rows) == o.count {
		status = statusOK
	}
	w := reportHeader(reference("R"+strconv.Itoa(s.no), s.day, o.digest), s.day, len(s.rows))
	w.originalGroup(o, func() {
		w.leaf("GrpSts", status)
		w.perStatus(t, s.off)
	})
	w.in("OrgnlPmtInfAndSts", func() {
		w.leaf("OrgnlPmtInfId", o.pmtInfID)
		w.leaf("OrgnlNbOfTxs", strconv.Itoa(o.count))
		w.leaf("OrgnlCtrlSum", o.sum.String())
		w.leaf("PmtInfSts", status)
		for _, l := range s.rows {
			w.transactionStatus(l, s.aside)
		}
	})
	return w.reportEnd()
}

// refusalReport tells that a whole pain.001 was refused, and why.
func refusalReport(a *answered) File {
	o := a.order
	w := reportHeader(reference("R0", a.on, o.digest), a.on, 0)
	w.originalGroup(o, func() {
		w.leaf("GrpSts", statusRefused)
		for _, r := range a.refusals {
			text := r.Text
			if r.Line > 0 {
				text = "第" + strconv.Itoa(r.Line) + "行：" + text
			}
			w.statusReason(r.Code, clip(text))
		}
	})
	return File{Name: o.fileID + ".R0.xml", Profile: ProfilePain002, Bytes: w.reportEnd()}
}

// clip keeps to the 105 characters of AddtlInf.
func clip(s string) string {
	if r := []rune(s); len(r) > maxReasonRunes {
		return string(r[:maxReasonRunes])
	}
	return s
}

func reportHeader(id string, day Day, lines int) *xmlWriter {
	w := newXML(pain002Space, 2048+lines*xmlPerLine)
	w.out = append(w.out, "<CstmrPmtStsRpt>"...)
	w.in("GrpHdr", func() {
		w.leaf("MsgId", id)
		w.leaf("CreDtTm", string(day)+endOfDay)
	})
	return w
}

func (w *xmlWriter) reportEnd() []byte {
	w.out = append(w.out, "</CstmrPmtStsRpt>"...)
	return w.bytes()
}

func (w *xmlWriter) originalGroup(o *order, inside func()) {
	w.in("OrgnlGrpInfAndSts", func() {
		w.leaf("OrgnlMsgId", o.fileID)
		w.leaf("OrgnlMsgNmId", ProfilePain001)
		if o.created != "" {
			w.leaf("OrgnlCreDtTm", o.created)
		}
		if o.count > 0 {
			w.leaf("OrgnlNbOfTxs", strconv.Itoa(o.count))
			w.leaf("OrgnlCtrlSum", o.sum.String())
		}
		inside()
	})
}

// isoStatus is what ISO 20022 calls an answer. It has no word for a part: that is pending.
func isoStatus(a answer) string {
	switch a {
	case answerPaid:
		return statusOK
	case answerFailed:
		return statusRefused
	case answerSilent, answerUnknown, answerPartly:
	}
	return statusPending
}

func (w *xmlWriter) perStatus(t totals, off Fen) {
	for _, s := range []struct {
		status string
		total  total
	}{{statusOK, t[answerPaid]}, {statusRefused, t[answerFailed]}, {statusPending, t.open()}} {
		if s.total.count == 0 {
			continue
		}
		w.in("NbOfTxsPerSts", func() {
			w.leaf("DtldNbOfTxs", strconv.Itoa(s.total.count))
			w.leaf("DtldSts", s.status)
			w.leaf("DtldCtrlSum", (s.total.sum + off).String())
		})
	}
}

func (w *xmlWriter) transactionStatus(l said, aside string) {
	w.in("TxInfAndSts", func() {
		w.leaf("OrgnlInstrId", l.endToEnd)
		w.leaf("OrgnlEndToEndId", l.endToEnd)
		w.leaf("TxSts", isoStatus(l.answer))
		if l.answer == answerFailed {
			w.statusReason(l.reason.iso, l.reason.text+aside)
		}
		w.in("OrgnlTxRef", func() {
			w.in("Amt", func() { w.amount("InstdAmt", l.amount) })
		})
	})
}

func (w *xmlWriter) statusReason(code, text string) {
	w.in("StsRsnInf", func() {
		w.in("Rsn", func() { w.leaf("Cd", code) })
		w.leaf("AddtlInf", text)
	})
}
