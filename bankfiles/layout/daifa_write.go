package layout

import (
	"strconv"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"fenlu/bankfiles/order"
	"fenlu/bankfiles/record"
)

// DaifaForm is what cn.daifa.gbk asks of payments.
var DaifaForm = order.Form{Name: "cn.daifa.gbk", GBK: true, Fields: daifaFields, Heads: daifaHeads}

// The fields of cn.daifa.gbk with their lengths in GBK bytes, as
// docs/formats/cn-daifa.md publishes them.
var daifaFields = []order.Field{
	{Rule: order.Rule{Column: "end_to_end_id", Class: order.ClassID, Required: true, Max: 35}, Value: func(p *order.Instruction) string { return p.EndToEndID }},
	{Rule: order.Rule{Column: "account", Class: order.ClassAccount, Required: true, Max: 34}, Value: func(p *order.Instruction) string { return p.Account }},
	{Rule: order.Rule{Column: "name", Required: true, Max: 280}, Value: func(p *order.Instruction) string { return p.Name }},
	{Rule: order.Rule{Column: "bank_code", Class: order.ClassBank, Max: 12}, Value: func(p *order.Instruction) string { return p.BankCode }},
	{Rule: order.Rule{Column: "id_number", Class: order.ClassAccount, Max: 35}, Value: func(p *order.Instruction) string { return p.IDNumber }},
	{Rule: order.Rule{Column: "remark", Max: 280}, Value: func(p *order.Instruction) string { return p.Remark }},
}

var daifaHeads = []order.HeadField{
	{Rule: order.Rule{Column: "message_id", Class: order.ClassID, Required: true, Max: 35}, Value: func(b *order.Batch) string { return b.MessageID }},
	{Rule: order.Rule{Column: "debtor_account", Class: order.ClassAccount, Required: true, Max: 34}, Value: func(b *order.Batch) string { return b.DebtorAccount }},
	{Rule: order.Rule{Column: "debtor_name", Required: true, Max: 280}, Value: func(b *order.Batch) string { return b.DebtorName }},
}

// gbkLine builds one line and writes it in GBK with CRLF.
type gbkLine struct {
	out     *order.Output
	encoder *encoding.Encoder
	line    []byte
}

func (l *gbkLine) field(s string) {
	if len(l.line) > 0 {
		l.line = append(l.line, '|')
	}
	l.line = append(l.line, s...)
}

// end writes the line. The encoder refuses what GBK lacks; Validate has
// listed such characters before.
func (l *gbkLine) end() error {
	l.line = append(l.line, "\r\n"...)
	line := l.line
	if !record.ASCII(line) {
		encoded, err := l.encoder.Bytes(line)
		if err != nil {
			return err
		}
		line = encoded
	}
	l.line = l.line[:0]
	return l.out.Write(line)
}

// WriteDaifa writes header, one line for each payment, trailer.
func WriteDaifa(out *order.Output, b order.Batch, t order.Totals, src order.Source) error {
	l := &gbkLine{out: out, encoder: simplifiedchinese.GBK.NewEncoder()}
	for _, s := range []string{
		"H", "1.0", b.MessageID, b.DebtorAccount, b.DebtorName,
		strconv.FormatInt(t.Count, 10), t.Sum.String(), strings.ReplaceAll(b.ExecutionDate, "-", ""),
	} {
		l.field(s)
	}
	if err := l.end(); err != nil {
		return err
	}
	for p, err := range src() {
		if err != nil {
			return err
		}
		if err := out.Count(&p); err != nil {
			return err
		}
		if err := l.payment(&p); err != nil {
			return err
		}
	}
	for _, s := range []string{"T", strconv.FormatInt(out.Totals.Count, 10), out.Totals.Sum.String()} {
		l.field(s)
	}
	return l.end()
}

func (l *gbkLine) payment(p *order.Instruction) error {
	l.field("D")
	l.line = append(l.line, '|')
	l.line = strconv.AppendInt(l.line, l.out.Totals.Count, 10)
	for _, s := range []string{p.EndToEndID, p.Account, p.Name, p.BankCode, p.IDNumber} {
		l.field(s)
	}
	l.line = append(l.line, '|')
	l.line = order.Yuan(l.line, p.Amount)
	l.field(p.Remark)
	return l.end()
}
