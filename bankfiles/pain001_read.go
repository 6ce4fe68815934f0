package bankfiles

import "strconv"

// painReader reads pain.001 of any version: our own files back, to compare
// them with what was asked.
type painReader struct {
	in    *xmlScanner
	out   *sink
	file  Header
	count int64
	sum   total
}

func readPain001(in *xmlScanner, out *sink) error {
	r := &painReader{in: in, out: out}
	at := in.here()
	batches := 0
	err := in.children(func(name string) error {
		switch name {
		case "GrpHdr":
			return r.groupHeader()
		case "PmtInf":
			batches++
			return r.batch()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if batches == 0 {
		return at.fault("BANKFILE_MISSING", "name", "PmtInf")
	}
	return agree(at, LevelFile, r.file.Count, r.file.Sum, r.count, &r.sum)
}

func (r *painReader) groupHeader() error {
	h := Header{Level: LevelFile, Position: r.in.here()}
	err := r.in.children(func(name string) (err error) {
		switch name {
		case "MsgId":
			h.MessageID, err = r.in.leaf()
		case "CreDtTm":
			h.Created, err = r.in.leaf()
		case "NbOfTxs":
			h.Count, err = r.in.leaf()
		case "CtrlSum":
			h.Sum, err = r.in.leaf()
		case "InitgPty":
			h.AccountName, err = r.in.pick("Nm")
		}
		return err
	})
	if err != nil {
		return err
	}
	r.file = h
	return r.out.header(h)
}

// batch reads one PmtInf. Its header goes out before its first payment.
func (r *painReader) batch() error {
	h := Header{Level: LevelBatch, Position: r.in.here()}
	var count int64
	var sum total
	err := r.in.children(func(name string) (err error) {
		switch name {
		case "PmtInfId":
			h.MessageID, err = r.in.leaf()
		case "NbOfTxs":
			h.Count, err = r.in.leaf()
		case "CtrlSum":
			h.Sum, err = r.in.leaf()
		case "ReqdExctnDt":
			h.Date, err = r.in.pick("Dt", "DtTm", "ReqdExctnDt")
		case "Dbtr":
			h.AccountName, err = r.in.pick("Nm")
		case "DbtrAcct":
			h.Account, err = r.in.pick("IBAN", "Id")
		case "DbtrAgt":
			h.Agent, err = r.in.pick("BICFI", "BIC", "MmbId", "Id")
		case "CdtTrfTxInf":
			if count++; count == 1 {
				if err := r.out.header(h); err != nil {
					return err
				}
			}
			err = r.payment(h.MessageID, &sum)
		}
		return err
	})
	if err != nil {
		return err
	}
	r.count += count
	r.sum.add(amount(sum))
	return agree(h.Position, LevelBatch, h.Count, h.Sum, count, &sum)
}

func (r *painReader) payment(batch string, sum *total) error {
	it := &Item{Kind: KindInstruction, Position: r.in.here(), BatchID: batch}
	err := r.in.children(func(name string) (err error) {
		switch name {
		case "PmtId":
			err = r.in.children(func(name string) (err error) {
				switch name {
				case "InstrId":
					it.InstructionID, err = r.in.leaf()
				case "EndToEndId":
					it.EndToEndID, err = r.in.leaf()
				}
				return err
			})
		case "Amt":
			it.Amount, it.Currency, err = r.in.nestedMoney("InstdAmt", "Amt")
		case "CdtrAgt":
			it.BankCode, err = r.in.pick("MmbId", "BICFI", "BIC", "Id")
		case "Cdtr":
			it.Name, err = r.in.pick("Nm")
		case "CdtrAcct":
			it.Account, err = r.in.pick("IBAN", "Id")
		case "RmtInf":
			it.Remark, err = r.in.pick("Ustrd")
		}
		return err
	})
	if err != nil {
		return err
	}
	a, ok := parseAmount(it.Amount)
	if !ok {
		return it.fault("BANKFILE_AMOUNT", "amount", clip(it.Amount))
	}
	sum.add(a)
	return r.out.item(it)
}

// nestedMoney is the first amount element with one of the names within the
// element just opened.
func (s *xmlScanner) nestedMoney(names ...string) (digits, currency string, err error) {
	err = s.children(func(child string) error {
		if digits != "" {
			return nil
		}
		for _, name := range names {
			if name == child {
				digits, currency, err = s.money()
				return err
			}
		}
		digits, currency, err = s.nestedMoney(names...)
		return err
	})
	return digits, currency, err
}

// agree compares a stated count and sum, either of which may be missing, with
// what was found. A difference is an error that says both.
func agree(at Position, level Level, statedCount, statedSum string, count int64, sum *total) error {
	if statedCount != "" {
		n, err := strconv.ParseInt(statedCount, 10, 64)
		if err != nil {
			return at.fault("BANKFILE_NUMBER", "value", clip(statedCount))
		}
		if n != count {
			return at.fault("BANKFILE_COUNT_MISMATCH", "level", string(level), "stated", n, "found", count)
		}
	}
	if statedSum != "" {
		a, ok := parseAmount(statedSum)
		if !ok {
			return at.fault("BANKFILE_AMOUNT", "amount", clip(statedSum))
		}
		if !sum.equals(a) {
			return at.fault("BANKFILE_SUM_MISMATCH", "level", string(level), "stated", decimalString(a.decimal()), "found", sum.String())
		}
	}
	return nil
}
