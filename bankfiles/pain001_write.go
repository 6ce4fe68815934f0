package bankfiles

import (
	"strconv"
	"time"

	"fenlu/money"
)

// The fields of pain.001.001.09 with the lengths of its schema, in
// characters. The ID number is not part of the message: the bank pays by
// account and name.
var painFields = []field{
	{rule{column: "end_to_end_id", class: classID, required: true, max: 35}, func(p *Instruction) string { return p.EndToEndID }},
	{rule{column: "name", required: true, max: 140}, func(p *Instruction) string { return p.Name }},
	{rule{column: "account", class: classAccount, required: true, max: 34}, func(p *Instruction) string { return p.Account }},
	{rule{column: "bank_code", class: classBank, max: 12}, func(p *Instruction) string { return p.BankCode }},
	{rule{column: "remark", max: 140}, func(p *Instruction) string { return p.Remark }},
}

var painHeads = []headField{
	{rule{column: "message_id", class: classID, required: true, max: 35}, func(b *Batch) string { return b.MessageID }},
	{rule{column: "debtor_name", required: true, max: 140}, func(b *Batch) string { return b.DebtorName }},
	{rule{column: "debtor_account", class: classAccount, required: true, max: 34}, func(b *Batch) string { return b.DebtorAccount }},
	{rule{column: "debtor_agent", class: classBank, required: true, max: 12}, func(b *Batch) string { return b.DebtorAgent }},
}

// xmlBuffer appends XML by hand: encoding/xml can neither choose prefixes nor
// keep flat memory, and costs four times as much.
type xmlBuffer []byte

func (x *xmlBuffer) raw(s string) { *x = append(*x, s...) }

// leaf appends an element with text. The text has no control characters
// (Validate); '>' is escaped so that no "]]>" can stand in it.
func (x *xmlBuffer) leaf(name, text string) {
	b := append(append(append(*x, '<'), name...), '>')
	for i := range len(text) {
		switch c := text[i]; c {
		case '&':
			b = append(b, "&amp;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		default:
			b = append(b, c)
		}
	}
	*x = append(append(append(b, "</"...), name...), '>')
}

// yuan appends an amount greater than zero with two decimals.
func yuan(b []byte, f money.Fen) []byte {
	b = strconv.AppendInt(b, int64(f/100), 10)
	return append(b, '.', byte('0'+f/10%10), byte('0'+f%10))
}

func (x *xmlBuffer) account(tag, account string) {
	x.raw("<" + tag + "><Id><Othr>")
	x.leaf("Id", account)
	x.raw("</Othr></Id></" + tag + ">")
}

func (x *xmlBuffer) agent(tag, bank string) {
	x.raw("<" + tag + "><FinInstnId><ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId>")
	x.leaf("MmbId", bank)
	x.raw("</ClrSysMmbId></FinInstnId></" + tag + ">")
}

func (x *xmlBuffer) totals(t Totals) {
	x.leaf("NbOfTxs", strconv.FormatInt(t.Count, 10))
	x.leaf("CtrlSum", t.Sum.String())
}

// writePain001 writes one message with one PmtInf: some banks take no more.
func writePain001(out *output, b Batch, t Totals, src Source) error {
	var x xmlBuffer
	x.raw(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>` + "\n<GrpHdr>")
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
	x.leaf("Dt", b.ExecutionDate)
	x.raw("</ReqdExctnDt><Dbtr>")
	x.leaf("Nm", b.DebtorName)
	x.raw("</Dbtr>")
	x.account("DbtrAcct", b.DebtorAccount)
	x.agent("DbtrAgt", b.DebtorAgent)
	x.raw("\n")
	if err := out.write(x); err != nil {
		return err
	}
	for p, err := range src() {
		if err != nil {
			return err
		}
		x = x[:0]
		x.payment(&p)
		if err := out.write(x); err != nil {
			return err
		}
		if err := out.count(&p); err != nil {
			return err
		}
	}
	return out.write([]byte("</PmtInf>\n</CstmrCdtTrfInitn></Document>\n"))
}

func (x *xmlBuffer) payment(p *Instruction) {
	x.raw("<CdtTrfTxInf><PmtId>")
	x.leaf("InstrId", p.EndToEndID)
	x.leaf("EndToEndId", p.EndToEndID)
	x.raw(`</PmtId><Amt><InstdAmt Ccy="CNY">`)
	*x = yuan(*x, p.Amount)
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
