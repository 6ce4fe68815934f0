package iso

import "fenlu/bankfiles/record"

// detailAmounts are the amounts a TxDtls may carry, by the order in which
// they are believed: its own (.04 and later), the booked one of AmtDtls, the
// instructed one.
type detailAmounts struct{ own, booked, instructed stated }

// stated is an amount as written.
type stated struct{ digits, currency string }

func (a detailAmounts) best(currency string) stated {
	for _, m := range []stated{a.own, a.booked, a.instructed} {
		if m.digits != "" && m.currency == currency {
			return m
		}
	}
	return stated{record.First(a.own.digits, a.booked.digits, a.instructed.digits),
		record.First(a.own.currency, a.booked.currency, a.instructed.currency)}
}

// detail reads one TxDtls.
func (r *statementReader) detail(e *entry) error {
	if err := r.hand(e); err != nil {
		return err
	}
	e.details++
	it := e.item
	it.Position, it.Detail, it.AdditionalInfo, it.Amount, it.Currency = r.in.Here(), int(e.details), "", "", ""
	d := &detail{r: r, it: &it, subtype: e.subtype}
	if err := r.in.Children(d.field); err != nil {
		return err
	}
	m := d.amounts.best(e.item.Currency)
	it.Amount, it.Currency = m.digits, m.currency
	d.settle()
	if _, ok := record.ParseAmount(m.digits); m.digits != "" && !ok {
		return it.Fault("BANKFILE_AMOUNT", "amount", record.Clip(it.Amount))
	}
	e.add(&it)
	e.held = &it
	return nil
}

// detail collects what the children of a TxDtls say.
type detail struct {
	r        *statementReader
	it       *record.Item
	amounts  detailAmounts
	subtype  string
	returned bool
	debtor   party
	creditor party
}

type party struct{ name, account, bank string }

func (d *detail) field(name string) (err error) {
	in, it := d.r.in, d.it
	switch name {
	case "Refs":
		return in.Children(d.reference)
	case "Amt":
		d.amounts.own.digits, d.amounts.own.currency, err = in.Money()
	case "CdtDbtInd":
		it.Direction, err = d.r.direction()
	case "AmtDtls":
		return in.Children(func(name string) (err error) {
			switch name {
			case "TxAmt":
				d.amounts.booked.digits, d.amounts.booked.currency, err = in.NestedMoney("Amt")
			case "InstdAmt":
				d.amounts.instructed.digits, d.amounts.instructed.currency, err = in.NestedMoney("Amt")
			}
			return err
		})
	case "BkTxCd":
		var code string
		code, err = in.Pick("SubFmlyCd")
		d.subtype = record.First(code, d.subtype)
	case "RltdPties":
		return in.Children(d.party)
	case "RltdAgts":
		return in.Children(d.agent)
	case "RmtInf":
		it.Remark, err = in.Pick("Ustrd")
	case "RtrInf":
		d.returned = true
		it.Reason, it.ReasonText, err = reasonInfo(in, d.r.out)
	case "AddtlTxInf":
		err = d.r.info(it)
	}
	return err
}

func (d *detail) reference(name string) (err error) {
	in, it := d.r.in, d.it
	switch name {
	case "AcctSvcrRef":
		it.BankRef, err = in.Leaf()
	case "EndToEndId":
		it.EndToEndID, err = in.Leaf()
	case "InstrId":
		it.InstructionID, err = in.Leaf()
	case "TxId":
		it.TransactionID, err = in.Leaf()
	case "PmtInfId":
		var id string
		if id, err = in.Leaf(); id != "" {
			it.BatchID = id
		}
	case "MsgId":
		var id string
		if id, err = in.Leaf(); it.BatchID == "" {
			it.BatchID = id
		}
	}
	return err
}

// side is the debtor or creditor, by the first four letters of an element.
func (d *detail) side(name string) *party {
	if name[:4] == "Dbtr" {
		return &d.debtor
	}
	return &d.creditor
}

// party reads debtor and creditor: Cdtr/Nm, or Cdtr/Pty/Nm from .08 on.
func (d *detail) party(name string) (err error) {
	in := d.r.in
	switch name {
	case "Dbtr", "Cdtr":
		d.side(name).name, err = in.Pick("Nm")
	case "DbtrAcct", "CdtrAcct":
		d.side(name).account, err = in.Pick("IBAN", "BBAN", "Id")
	}
	return err
}

func (d *detail) agent(name string) (err error) {
	switch name {
	case "DbtrAgt", "CdtrAgt":
		d.side(name).bank, err = d.r.in.Pick("MmbId", "BICFI", "BIC", "Id")
	}
	return err
}

// settle decides what the detail is, and who the other party was: the
// creditor where money went out, the debtor where it came in. Money that
// comes back keeps the parties of the original payment in many banks' files,
// so a return names the creditor if there is one.
func (d *detail) settle() {
	it := d.it
	if d.returned || returnSubtypes[d.subtype] {
		it.Kind = record.KindReturn
	}
	p := &d.debtor
	if it.Direction == record.Debit || it.Kind == record.KindReturn && d.creditor.account != "" {
		p = &d.creditor
	}
	it.Name, it.Account, it.BankCode = p.name, p.account, p.bank
}
