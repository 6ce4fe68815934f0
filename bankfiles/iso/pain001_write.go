package iso

import (
	"strconv"
	"time"

	"fenlu/bankfiles/order"
)

// Pain001Form is what a version of pain.001 asks of payments: the fields with
// the lengths of its schema, in characters. The ID number is not part of the
// message: the bank pays by account and name.
func Pain001Form(name string) order.Form {
	return order.Form{Name: name, Fields: painFields, Heads: painHeads}
}

var painFields = []order.Field{
	{Rule: order.Rule{Column: "end_to_end_id", Class: order.ClassID, Required: true, Max: 35}, Value: func(p *order.Instruction) string { return p.EndToEndID }},
	{Rule: order.Rule{Column: "name", Required: true, Max: 140}, Value: func(p *order.Instruction) string { return p.Name }},
	{Rule: order.Rule{Column: "account", Class: order.ClassAccount, Required: true, Max: 34}, Value: func(p *order.Instruction) string { return p.Account }},
	{Rule: order.Rule{Column: "bank_code", Class: order.ClassBank, Max: 12}, Value: func(p *order.Instruction) string { return p.BankCode }},
	{Rule: order.Rule{Column: "remark", Max: 140}, Value: func(p *order.Instruction) string { return p.Remark }},
}

var painHeads = []order.HeadField{
	{Rule: order.Rule{Column: "message_id", Class: order.ClassID, Required: true, Max: 35}, Value: func(b *order.Batch) string { return b.MessageID }},
	{Rule: order.Rule{Column: "debtor_name", Required: true, Max: 140}, Value: func(b *order.Batch) string { return b.DebtorName }},
	{Rule: order.Rule{Column: "debtor_account", Class: order.ClassAccount, Required: true, Max: 34}, Value: func(b *order.Batch) string { return b.DebtorAccount }},
	{Rule: order.Rule{Column: "debtor_agent", Class: order.ClassBank, Required: true, Max: 12}, Value: func(b *order.Batch) string { return b.DebtorAgent }},
}

// xmlBuffer appends XML by hand: encoding/xml can neither choose prefixes nor
// keep flat memory, and costs four times as much.
type xmlBuffer []byte

func (x *xmlBuffer) raw(s string) { *x = append(*x, s...) }

// leaf appends an element with text. The text has no control characters
// (Validate); '>' is escaped so that no "]]>" can stand in it.
func (x *xmlBuffer) leaf(name, text string) {
	b := append(append(append(*x, '<'), name...), '>')
	from := 0
	for i := range len(text) {
		var entity string
		switch text[i] {
		case '&':
			entity = "&amp;"
		case '<':
			entity = "&lt;"
		case '>':
			entity = "&gt;"
		default:
			continue
		}
		b = append(append(b, text[from:i]...), entity...)
		from = i + 1
	}
	b = append(b, text[from:]...)
	*x = append(append(append(b, "</"...), name...), '>')
}

func (x *xmlBuffer) account(tag, account string) {
	x.open(tag)
	x.raw("<Id><Othr>")
	x.leaf("Id", account)
	x.raw("</Othr></Id>")
	x.shut(tag)
}

func (x *xmlBuffer) agent(tag, bank string) {
	x.open(tag)
	x.raw("<FinInstnId><ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId>")
	x.leaf("MmbId", bank)
	x.raw("</ClrSysMmbId></FinInstnId>")
	x.shut(tag)
}

func (x *xmlBuffer) open(tag string) { *x = append(append(append(*x, '<'), tag...), '>') }

func (x *xmlBuffer) shut(tag string) { *x = append(append(append(*x, "</"...), tag...), '>') }

func (x *xmlBuffer) totals(t order.Totals) {
	x.leaf("NbOfTxs", strconv.FormatInt(t.Count, 10))
	x.leaf("CtrlSum", t.Sum.String())
}

// WritePain001v09 writes pain.001.001.09.
func WritePain001v09(out *order.Output, b order.Batch, t order.Totals, src order.Source) error {
	return writePain001(out, "pain.001.001.09", func(x *xmlBuffer) { x.leaf("Dt", b.ExecutionDate) }, b, t, src)
}

// WritePain001v03 writes pain.001.001.03, which some banks still ask for: the
// execution date is a plain one there. Of what else changed (BIC, BICOrBEI, the
// town of an address) nothing is written: banks are named by their CNAPS code.
func WritePain001v03(out *order.Output, b order.Batch, t order.Totals, src order.Source) error {
	return writePain001(out, "pain.001.001.03", func(x *xmlBuffer) { x.raw(b.ExecutionDate) }, b, t, src)
}

// writePain001 writes one message with one PmtInf: some banks take no more.
func writePain001(out *order.Output, version string, date func(*xmlBuffer), b order.Batch, t order.Totals, src order.Source) error {
	var x xmlBuffer
	x.raw(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:` + version + `"><CstmrCdtTrfInitn>` + "\n<GrpHdr>")
	x.leaf("MsgId", b.MessageID)
	x.leaf("CreDtTm", b.Created.Format(time.RFC3339))
	x.totals(t)
	x.raw("<InitgPty>")
	x.leaf("Nm", b.DebtorName)
	x.raw("</InitgPty></GrpHdr>\n<PmtInf>")
	x.leaf("PmtInfId", b.MessageID)
	x.raw("<PmtMtd>TRF</PmtMtd>")
	x.totals(t)
	x.raw("<ReqdExctnDt>")
	date(&x)
	x.raw("</ReqdExctnDt><Dbtr>")
	x.leaf("Nm", b.DebtorName)
	x.raw("</Dbtr>")
	x.account("DbtrAcct", b.DebtorAccount)
	x.agent("DbtrAgt", b.DebtorAgent)
	x.raw("\n")
	if err := out.Write(x); err != nil {
		return err
	}
	for p, err := range src() {
		if err != nil {
			return err
		}
		x = x[:0]
		x.payment(&p)
		if err := out.Write(x); err != nil {
			return err
		}
		if err := out.Count(&p); err != nil {
			return err
		}
	}
	return out.Write([]byte("</PmtInf>\n</CstmrCdtTrfInitn></Document>\n"))
}

func (x *xmlBuffer) payment(p *order.Instruction) {
	x.raw("<CdtTrfTxInf><PmtId>")
	x.leaf("InstrId", p.EndToEndID)
	x.leaf("EndToEndId", p.EndToEndID)
	x.raw(`</PmtId><Amt><InstdAmt Ccy="CNY">`)
	*x = order.Yuan(*x, p.Amount)
	x.raw("</InstdAmt></Amt>")
	if p.BankCode != "" {
		x.agent("CdtrAgt", p.BankCode)
	}
	x.raw("<Cdtr>")
	x.leaf("Nm", p.Name)
	x.raw("</Cdtr>")
	x.account("CdtrAcct", p.Account)
	if p.Remark != "" {
		x.raw("<RmtInf>")
		x.leaf("Ustrd", p.Remark)
		x.raw("</RmtInf>")
	}
	x.raw("</CdtTrfTxInf>\n")
}
