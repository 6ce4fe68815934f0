package simbank

import "strconv"

const camt053Space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"

// statementFile writes the statement of an account and day.
func statementFile(account string, day Day, opening Fen, entries []movement) File {
	lines := 0
	for _, m := range entries {
		lines += m.payments()
	}
	id := reference("S", day, account)
	w := newXML(camt053Space, 4096+lines*xmlPerLine+len(entries)*xmlPerLine*2)
	w.in("BkToCstmrStmt", func() {
		w.in("GrpHdr", func() {
			w.leaf("MsgId", id)
			w.leaf("CreDtTm", string(day)+"T23:59:59+08:00")
		})
		w.in("Stmt", func() { w.statement(id, account, day, opening, entries) })
	})
	return File{
		Name:    "camt053-" + account + "-" + day.compact() + ".xml",
		Profile: ProfileCamt053, Bytes: w.bytes(), Lines: lines,
	}
}

// payments is how many of the customer's payments an entry speaks about.
func (m movement) payments() int {
	switch m.rank() {
	case 0:
		return 0
	case 1:
		return m.order.bookedRows
	}
	return 1
}

func (w *xmlWriter) statement(id, account string, day Day, opening Fen, entries []movement) {
	w.leaf("Id", id)
	w.leaf("CreDtTm", string(day)+"T23:59:59+08:00")
	w.in("FrToDt", func() {
		w.leaf("FrDtTm", string(day)+"T00:00:00+08:00")
		w.leaf("ToDtTm", string(day)+"T23:59:59+08:00")
	})
	w.in("Acct", func() {
		w.in("Id", func() { w.in("Othr", func() { w.leaf("Id", account) }) })
		w.leaf("Ccy", currencyLabel)
	})
	closing := opening
	for _, m := range entries {
		closing += m.signed()
	}
	w.balance("OPBD", opening, day)
	w.balance("CLBD", closing, day)
	w.summary(entries, closing-opening)
	for i, m := range entries {
		w.in("Ntry", func() { w.entry(i+1, m) })
	}
}

func (w *xmlWriter) balance(code string, f Fen, day Day) {
	w.in("Bal", func() {
		w.in("Tp", func() { w.in("CdOrPrtry", func() { w.leaf("Cd", code) }) })
		w.signedAmount(f)
		w.in("Dt", func() { w.leaf("Dt", string(day)) })
	})
}

func (w *xmlWriter) signedAmount(f Fen) {
	w.amount("Amt", max(f, -f))
	w.leaf("CdtDbtInd", direction(f >= 0))
}

func direction(credit bool) string {
	if credit {
		return "CRDT"
	}
	return "DBIT"
}

func (w *xmlWriter) summary(entries []movement, net Fen) {
	var counts [2]int
	var sums [2]Fen
	for _, m := range entries {
		k := 0
		if !m.credit {
			k = 1
		}
		counts[k]++
		sums[k] += m.amount
	}
	totals := func(name string, count int, sum Fen, more func()) {
		w.in(name, func() {
			w.leaf("NbOfNtries", strconv.Itoa(count))
			w.leaf("Sum", sum.String())
			more()
		})
	}
	none := func() {}
	w.in("TxsSummry", func() {
		totals("TtlNtries", len(entries), sums[0]+sums[1], func() {
			w.in("TtlNetNtry", func() {
				w.leaf("Amt", max(net, -net).String())
				w.leaf("CdtDbtInd", direction(net >= 0))
			})
		})
		totals("TtlCdtNtries", counts[0], sums[0], none)
		totals("TtlDbtNtries", counts[1], sums[1], none)
	})
}

func (w *xmlWriter) entry(no int, m movement) {
	w.leaf("NtryRef", strconv.Itoa(no))
	w.amount("Amt", m.amount)
	w.leaf("CdtDbtInd", direction(m.credit))
	w.in("Sts", func() { w.leaf("Cd", "BOOK") })
	w.in("BookgDt", func() { w.leaf("Dt", string(m.day)) })
	w.in("ValDt", func() { w.leaf("Dt", string(m.day)) })
	w.leaf("AcctSvcrRef", m.ref)
	switch m.rank() {
	case 0:
		w.bankCode("RCDT", "DMCT") // received credit transfer, domestic
	case 1:
		w.bankCode("ICDT", "DMCT") // issued credit transfer, domestic
		w.in("NtryDtls", func() { w.batchDetails(m) })
	case 2:
		w.bankCode("ICDT", "RRTN") // issued credit transfer, returned
		w.in("NtryDtls", func() { w.returnDetails(m) })
	default:
		w.bankCode("ICDT", "DMCT")
		w.in("NtryDtls", func() { w.in("TxDtls", func() { w.details(m.single, m.amount, false) }) })
	}
	w.leaf("AddtlNtryInf", m.text)
}

func (w *xmlWriter) bankCode(family, sub string) {
	w.in("BkTxCd", func() {
		w.in("Domn", func() {
			w.leaf("Cd", "PMNT")
			w.in("Fmly", func() {
				w.leaf("Cd", family)
				w.leaf("SubFmlyCd", sub)
			})
		})
	})
}

func (w *xmlWriter) batchDetails(m movement) {
	o := m.order
	w.in("Btch", func() {
		w.leaf("MsgId", o.fileID)
		if o.pmtInfID != "" {
			w.leaf("PmtInfId", o.pmtInfID)
		}
		w.leaf("NbOfTxs", strconv.Itoa(o.bookedRows))
		w.amount("TtlAmt", o.bookedSum)
		w.leaf("CdtDbtInd", direction(false))
	})
	for i := range o.lines {
		if l := &o.lines[i]; l.isBooked() {
			w.in("TxDtls", func() { w.details(l, l.booked(), false) })
		}
	}
}

func (w *xmlWriter) details(l *instruction, f Fen, credit bool) {
	w.in("Refs", func() { w.leaf("EndToEndId", l.endToEnd) })
	w.amount("Amt", f)
	w.leaf("CdtDbtInd", direction(credit))
}

func (w *xmlWriter) returnDetails(m movement) {
	w.in("TxDtls", func() {
		w.details(m.single, m.amount, true)
		w.in("RtrInf", func() {
			w.in("Rsn", func() { w.leaf("Cd", m.single.reason.iso) })
			w.leaf("AddtlInf", m.single.reason.text)
		})
	})
}
