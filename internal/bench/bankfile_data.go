package bench

import (
	"bufio"
	"fmt"
	"io"
	"iter"

	"fenlu/bankfiles/order"
	"fenlu/money"
)

// samplePayments are n payments that differ in id, account, name and amount,
// made as they are asked for and with little effort, which is measured with the
// writing.
func samplePayments(n int) order.Source {
	names := []string{"倈泑", "阿卜杜拉·买买提", "欧阳春兰", "王小二", "青禾县社会福利院"}
	return func() iter.Seq2[order.Instruction, error] {
		return func(yield func(order.Instruction, error) bool) {
			text := []byte("QH202610-DB-1-00000000-1" + "622900000000000000")
			for i := range n {
				figures(text[14:22], i)
				figures(text[32:42], i)
				both := string(text)
				p := order.Instruction{
					EndToEndID: both[:24], Name: names[i%len(names)], Account: both[24:],
					BankCode: "102991301234", Amount: sampleAmount(i), Remark: "10月低保金",
				}
				if !yield(p, nil) {
					return
				}
			}
		}
	}
}

// figures writes n into b, with zeros before it.
func figures(b []byte, n int) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i], n = byte('0'+n%10), n/10
	}
}

func sampleAmount(i int) money.Fen { return money.Fen(30000 + i%700*50) }

const (
	statementHead = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>STMT-20261010</MsgId><CreDtTm>2026-10-10T18:00:00+08:00</CreDtTm></GrpHdr>
<Stmt><Id>QH-20261010</Id><CreDtTm>2026-10-10T18:00:00+08:00</CreDtTm><Acct><Id><Othr><Id>9913010000000018</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-10</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-10</Dt></Dt></Bal>
`
	statementEntry = `<Ntry><NtryRef>%[1]d</NtryRef><Amt Ccy="CNY">%[2]s</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-10-10</Dt></BookgDt><ValDt><Dt>2026-10-10</Dt></ValDt><AcctSvcrRef>B%09[1]d</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>` +
		`<NtryDtls><TxDtls><Refs><EndToEndId>QH202610-DB-1-%08[1]d-1</EndToEndId></Refs><Amt Ccy="CNY">%[2]s</Amt><CdtDbtInd>DBIT</CdtDbtInd><RltdPties><Cdtr><Pty><Nm>张三%[1]d</Nm></Pty></Cdtr><CdtrAcct><Id><Othr><Id>62290000%010[1]d</Id></Othr></Id></CdtrAcct></RltdPties><RmtInf><Ustrd>10月低保金</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
`
	statementFoot = "</Stmt></BkToCstmrStmt></Document>\n"
)

// writeStatement writes the statement in which those payments are booked.
func writeStatement(path string, n int) (size int64, err error) {
	var sum money.Fen
	for i := range n {
		if sum, err = money.Add(sum, sampleAmount(i)); err != nil {
			return 0, err
		}
	}
	count := &counter{}
	err = intoFile(path, func(w io.Writer) error {
		out := bufio.NewWriterSize(io.MultiWriter(w, count), 64<<10)
		_, _ = fmt.Fprintf(out, statementHead, sum) // the error is kept for Flush
		for i := range n {
			_, _ = fmt.Fprintf(out, statementEntry, i, sampleAmount(i))
		}
		_, _ = out.WriteString(statementFoot)
		return out.Flush()
	})
	return count.bytes, err
}

type counter struct{ bytes int64 }

// Write counts.
func (c *counter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return len(p), nil
}
