package iso

import (
	"fenlu/bankfiles/record"
	"fenlu/bankfiles/xmlscan"
)

// painReader reads pain.001 of any version: our own files back, to compare
// them with what was asked.
type painReader struct {
	in    *xmlscan.Scanner
	out   *record.Out
	file  record.Header
	count int64
	sum   record.Total
}

func readPain001(in *xmlscan.Scanner, out *record.Out) error {
	r := &painReader{in: in, out: out}
	at := in.Here()
	batches := 0
	err := in.Children(func(name string) error {
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
		return at.Fault("BANKFILE_MISSING", "name", "PmtInf")
	}
	return record.Agree(at, record.LevelFile, r.file.Count, r.file.Sum, r.count, &r.sum)
}

func (r *painReader) groupHeader() error {
	h := record.Header{Level: record.LevelFile, Position: r.in.Here()}
	err := r.in.Children(func(name string) (err error) {
		switch name {
		case "NbOfTxs":
			h.Count, err = r.in.Leaf()
		case "CtrlSum":
			h.Sum, err = r.in.Leaf()
		case "InitgPty":
			h.AccountName, err = r.in.Pick("Nm")
		default:
			err = identity(r.in, &h, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	r.file = h
	return r.out.Header(h)
}

// batch reads one PmtInf. Its header goes out before its first payment.
func (r *painReader) batch() error {
	h := record.Header{Level: record.LevelBatch, Position: r.in.Here()}
	var count int64
	var sum record.Total
	err := r.in.Children(func(name string) (err error) {
		switch name {
		case "PmtInfId":
			h.MessageID, err = r.in.Leaf()
		case "NbOfTxs":
			h.Count, err = r.in.Leaf()
		case "CtrlSum":
			h.Sum, err = r.in.Leaf()
		case "ReqdExctnDt":
			h.Date, err = r.in.Pick("Dt", "DtTm", "ReqdExctnDt")
		case "Dbtr":
			h.AccountName, err = r.in.Pick("Nm")
		case "DbtrAcct":
			h.Account, err = r.in.Pick("IBAN", "BBAN", "Id")
		case "DbtrAgt":
			h.Agent, err = r.in.Pick("BICFI", "BIC", "MmbId", "Id")
		case "CdtTrfTxInf":
			if count++; count == 1 {
				if err := r.out.Header(h); err != nil {
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
	r.sum.Add(record.Amount(sum))
	return record.Agree(h.Position, record.LevelBatch, h.Count, h.Sum, count, &sum)
}

func (r *painReader) payment(batch string, sum *record.Total) error {
	it := &record.Item{Kind: record.KindInstruction, Position: r.in.Here(), BatchID: batch}
	err := r.in.Children(func(name string) (err error) {
		switch name {
		case "PmtId":
			err = r.in.Children(func(name string) (err error) {
				switch name {
				case "InstrId":
					it.InstructionID, err = r.in.Leaf()
				case "EndToEndId":
					it.EndToEndID, err = r.in.Leaf()
				}
				return err
			})
		case "Amt":
			it.Amount, it.Currency, err = r.in.NestedMoney("InstdAmt", "Amt")
		case "CdtrAgt":
			it.BankCode, err = r.in.Pick("MmbId", "BICFI", "BIC", "Id")
		case "Cdtr":
			it.Name, err = r.in.Pick("Nm")
		case "CdtrAcct":
			it.Account, err = r.in.Pick("IBAN", "BBAN", "Id")
		case "RmtInf":
			it.Remark, err = r.in.Pick("Ustrd")
		}
		return err
	})
	if err != nil {
		return err
	}
	a, ok := record.ParseAmount(it.Amount)
	if !ok {
		return it.Fault("BANKFILE_AMOUNT", "amount", record.Clip(it.Amount))
	}
	sum.Add(a)
	return r.out.Item(it)
}
