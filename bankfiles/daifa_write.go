package bankfiles

import (
	"strconv"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// The fields of cn.daifa.gbk with their lengths in GBK bytes, as
// docs/formats/cn-daifa.md publishes them.
var daifaFields = []field{
	{rule{column: "end_to_end_id", class: classID, required: true, max: 35}, func(p *Instruction) string { return p.EndToEndID }},
	{rule{column: "account", class: classAccount, required: true, max: 34}, func(p *Instruction) string { return p.Account }},
	{rule{column: "name", required: true, max: 280}, func(p *Instruction) string { return p.Name }},
	{rule{column: "bank_code", class: classBank, max: 12}, func(p *Instruction) string { return p.BankCode }},
	{rule{column: "id_number", class: classAccount, max: 35}, func(p *Instruction) string { return p.IDNumber }},
	{rule{column: "remark", max: 280}, func(p *Instruction) string { return p.Remark }},
}

var daifaHeads = []headField{
	{rule{column: "message_id", class: classID, required: true, max: 35}, func(b *Batch) string { return b.MessageID }},
	{rule{column: "debtor_account", class: classAccount, required: true, max: 34}, func(b *Batch) string { return b.DebtorAccount }},
	{rule{column: "debtor_name", required: true, max: 280}, func(b *Batch) string { return b.DebtorName }},
}

// gbkLine builds one line and writes it in GBK with CRLF.
type gbkLine struct {
	out     *output
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
	if !ascii(line) {
		encoded, err := l.encoder.Bytes(line)
		if err != nil {
			return err
		}
		line = encoded
	}
	l.line = l.line[:0]
	return l.out.write(line)
}

// writeDaifa writes header, one line for each payment, trailer.
func writeDaifa(out *output, b Batch, t Totals, src Source) error {
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
		if err := out.count(&p); err != nil {
			return err
		}
		if err := l.payment(&p); err != nil {
			return err
		}
	}
	for _, s := range []string{"T", strconv.FormatInt(out.totals.Count, 10), out.totals.Sum.String()} {
		l.field(s)
	}
	return l.end()
}

func (l *gbkLine) payment(p *Instruction) error {
	l.field("D")
	l.line = append(l.line, '|')
	l.line = strconv.AppendInt(l.line, l.out.totals.Count, 10)
	for _, s := range []string{p.EndToEndID, p.Account, p.Name, p.BankCode, p.IDNumber} {
		l.field(s)
	}
	l.line = append(l.line, '|')
	l.line = yuan(l.line, p.Amount)
	l.field(p.Remark)
	return l.end()
}
