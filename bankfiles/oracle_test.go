package bankfiles

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
	"fenlu/internal/filetest"
)

// node is any element, as encoding/xml reads it: the other way to the same
// fields.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Kids    []node     `xml:",any"`
}

// all are the elements at a path of names.
func (n *node) all(path string) []*node {
	if n == nil {
		return nil
	}
	name, rest, deeper := strings.Cut(path, "/")
	var out []*node
	for i := range n.Kids {
		if n.Kids[i].XMLName.Local != name {
			continue
		}
		if deeper {
			out = append(out, n.Kids[i].all(rest)...)
		} else {
			out = append(out, &n.Kids[i])
		}
	}
	return out
}

// get is the text of the first element with text at one of the paths.
func (n *node) get(paths ...string) string {
	for _, p := range paths {
		for _, m := range n.all(p) {
			if t := strings.TrimSpace(m.Text); t != "" {
				return t
			}
		}
	}
	return ""
}

func (n *node) money(path string) (digits, currency string) {
	if found := n.all(path); len(found) > 0 {
		for _, a := range found[0].Attrs {
			if a.Name.Local == "Ccy" {
				currency = a.Value
			}
		}
		return strings.TrimSpace(found[0].Text), currency
	}
	return "", ""
}

func parseTree(t *testing.T, data []byte) *node {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	d.CharsetReader = func(name string, r io.Reader) (io.Reader, error) {
		switch strings.ToLower(name) {
		case "gb2312", "gbk", "gb18030":
			return simplifiedchinese.GB18030.NewDecoder().Reader(r), nil
		case "iso-8859-1":
			return charmap.ISO8859_1.NewDecoder().Reader(r), nil
		}
		return nil, fmt.Errorf("encoding %s", name)
	}
	var root node
	if err := d.Decode(&root); err != nil {
		t.Fatal(err)
	}
	return &root
}

// said is what both readers must agree on.
type said struct {
	Kind                                          record.Kind
	EndToEndID, BankRef, InstructionID, TxID      string
	Amount, Currency, Direction, Status           string
	Reason, ReasonText, ValueDate, BookingDate    string
	Batch, Statement, Name, Account, Bank, Remark string
	Entry, Detail                                 int
	Reversal                                      bool
	Inherited                                     record.Level
}

func saidBy(it *record.Item) said {
	return said{
		it.Kind, it.EndToEndID, it.BankRef, it.InstructionID, it.TransactionID, it.Amount, it.Currency, string(it.Direction), it.Status,
		it.Reason, it.ReasonText, it.ValueDate, it.BookingDate, it.BatchID, it.Statement, it.Name, it.Account, it.BankCode, it.Remark,
		it.Entry, it.Detail, it.Reversal, it.InheritedFrom,
	}
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func texts(ns []*node) string {
	var out []string
	for _, n := range ns {
		if t := strings.TrimSpace(n.Text); t != "" {
			out = append(out, t)
		}
	}
	return strings.Join(out, " ")
}

func dated(s string) string { return s[:min(len(s), 10)] }

// oracle reads a message by its tree; nil for one that it does not know.
func oracle(root *node) []said {
	for i := range root.Kids {
		m := &root.Kids[i]
		switch m.XMLName.Local {
		case "BkToCstmrAcctRpt", "BkToCstmrAcctRptV01":
			return statementOracle(m.all("Rpt"))
		case "BkToCstmrStmt":
			return statementOracle(m.all("Stmt"))
		case "BkToCstmrDbtCdtNtfctn":
			return statementOracle(m.all("Ntfctn"))
		case "CstmrPmtStsRpt":
			return statusOracle(m)
		case "PmtRtr":
			return returnOracle(m)
		}
	}
	return nil
}

func statementOracle(statements []*node) (out []said) {
	for _, st := range statements {
		for i, e := range st.all("Ntry") {
			base := said{
				Kind: record.KindEntry, Statement: st.get("Id"), Entry: i + 1, BankRef: e.get("AcctSvcrRef", "NtryRef"),
				Direction: e.get("CdtDbtInd"), Status: e.get("Sts", "Sts/Cd", "Sts/Prtry"), Reversal: e.get("RvslInd") == "true",
				BookingDate: dated(e.get("BookgDt", "BookgDt/Dt", "BookgDt/DtTm")), ValueDate: dated(e.get("ValDt", "ValDt/Dt", "ValDt/DtTm")),
			}
			family := e.get("BkTxCd/Domn/Fmly/SubFmlyCd")
			details := append(e.all("NtryDtls/TxDtls"), e.all("TxDtls")...)
			if len(details) == 0 {
				base.Amount, base.Currency = e.money("Amt")
				base.ReasonText = texts(e.all("AddtlNtryInf"))
				base.Kind = kindBy(family, false)
				out = append(out, base)
			}
			for k, d := range details {
				it := base
				it.Detail = k + 1
				detailOracle(e, d, &it, family, len(details) == 1)
				out = append(out, it)
			}
		}
	}
	return out
}

func kindBy(family string, returned bool) record.Kind {
	if returned || family == "RRTN" || family == "ARET" {
		return record.KindReturn
	}
	return record.KindEntry
}

func detailOracle(e, d *node, it *said, family string, only bool) {
	_, account := e.money("Amt")
	for _, wanted := range []string{account, ""} {
		for _, path := range []string{"Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"} {
			digits, currency := d.money(path)
			if it.Amount == "" && (currency == wanted || wanted == "") {
				it.Amount, it.Currency = digits, currency
			}
		}
	}
	it.Direction = first(d.get("CdtDbtInd"), it.Direction)
	if n := e.get("NtryDtls/Btch/NbOfTxs", "Btch/NbOfTxs"); only && it.Amount == "" && (n == "" || n == "1") {
		it.Amount, it.Currency = e.money("Amt")
		it.Direction = e.get("CdtDbtInd")
	}
	it.BankRef = first(d.get("Refs/AcctSvcrRef"), it.BankRef)
	it.EndToEndID, it.InstructionID, it.TxID = d.get("Refs/EndToEndId"), d.get("Refs/InstrId"), d.get("Refs/TxId")
	it.Batch, it.Remark = d.get("Refs/PmtInfId", "Refs/MsgId"), d.get("RmtInf/Ustrd")
	it.Reason, it.ReasonText = d.get("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"), texts(d.all("RtrInf/AddtlInf"))
	it.Kind = kindBy(first(d.get("BkTxCd/Domn/Fmly/SubFmlyCd"), family), len(d.all("RtrInf")) > 0)
	side := "Dbtr"
	if it.Direction == "DBIT" || it.Kind == record.KindReturn && accountOf(d, "RltdPties/Cdtr") != "" {
		side = "Cdtr"
	}
	it.Name, it.Account, it.Bank = nameOf(d, "RltdPties/"+side), accountOf(d, "RltdPties/"+side), bankOf(d, "RltdAgts/"+side)
}

func nameOf(n *node, party string) string {
	return n.get(party+"/Nm", party+"/Pty/Nm", party+"/Agt/FinInstnId/Nm")
}

func accountOf(n *node, party string) string {
	return n.get(party+"Acct/Id/IBAN", party+"Acct/Id/Othr/Id", party+"Acct/Id/BBAN", party+"Acct/Id/PrtryAcct/Id")
}

func bankOf(n *node, party string) string {
	agent := party + "Agt/FinInstnId/"
	return n.get(agent+"BICFI", agent+"BIC", agent+"ClrSysMmbId/MmbId", agent+"ClrSysMmbId/Id", agent+"Othr/Id", agent+"CmbndId/BIC")
}

func reasonsOf(n *node, element, reason string) (code, text string) {
	return n.get(element+"/"+reason+"/Cd", element+"/"+reason+"/Prtry"), texts(n.all(element + "/AddtlInf"))
}

// statusOracle: a payment's own status, else its batch's, else the file's; a
// batch or file without payments speaks for itself.
func statusOracle(m *node) (out []said) {
	type level struct {
		name               record.Level
		code, reason, text string
	}
	at := func(n *node, name record.Level, code string) level {
		l := level{name: name, code: n.get(code)}
		l.reason, l.text = reasonsOf(n, "StsRsnInf", "Rsn")
		return l
	}
	var file level
	var group *node
	for _, g := range m.all("OrgnlGrpInfAndSts") {
		group, file = g, at(g, record.LevelFile, "GrpSts")
	}
	for _, b := range m.all("OrgnlPmtInfAndSts") {
		batch := at(b, record.LevelBatch, "PmtInfSts")
		listed := b.all("TxInfAndSts")
		for _, p := range listed {
			own := at(p, "", "TxSts")
			for _, above := range []level{batch, file} {
				if own.code != "" || above.code == "" {
					continue
				}
				own.code, own.name = above.code, above.name
				if own.reason == "" {
					own.reason, own.text = above.reason, strings.TrimSpace(own.text+" "+above.text)
				}
			}
			it := said{
				Kind: record.KindStatus, EndToEndID: p.get("OrgnlEndToEndId"), InstructionID: p.get("OrgnlInstrId"), TxID: p.get("OrgnlTxId"),
				BankRef: p.get("AcctSvcrRef"), Status: own.code, Reason: own.reason, ReasonText: own.text, Inherited: own.name,
				Batch: b.get("OrgnlPmtInfId"), BookingDate: dated(p.get("AccptncDtTm")),
			}
			ref := (&node{Kids: []node{*p}}).all(p.XMLName.Local + "/OrgnlTxRef")
			for _, r := range ref {
				it.Name, it.Account, it.Bank, it.Remark = nameOf(r, "Cdtr"), accountOf(r, "Cdtr"), bankOf(r, "Cdtr"), r.get("RmtInf/Ustrd")
				for _, path := range []string{"Amt/InstdAmt", "Amt/EqvtAmt/Amt", "IntrBkSttlmAmt"} {
					if it.Amount == "" {
						it.Amount, it.Currency = r.money(path)
					}
				}
			}
			out = append(out, it)
		}
		if len(listed) == 0 && batch.code != "" {
			out = append(out, said{Kind: record.KindStatus, Status: batch.code, Reason: batch.reason, ReasonText: batch.text, Batch: b.get("OrgnlPmtInfId")})
		}
	}
	if len(out) == 0 && file.code != "" {
		out = append(out, said{Kind: record.KindStatus, Status: file.code, Reason: file.reason, ReasonText: file.text, Batch: group.get("OrgnlMsgId")})
	}
	return out
}

func returnOracle(m *node) (out []said) {
	all, allText := reasonsOf(m, "OrgnlGrpInf/RtrRsnInf", "Rsn")
	for _, p := range m.all("TxInf") {
		it := said{
			Kind: record.KindReturn, Direction: "CRDT", EndToEndID: p.get("OrgnlEndToEndId"), InstructionID: p.get("OrgnlInstrId"), TxID: p.get("OrgnlTxId"),
			BankRef: p.get("RtrId", "ClrSysRef"), Batch: first(p.get("OrgnlGrpInf/OrgnlMsgId"), m.get("OrgnlGrpInf/OrgnlMsgId")),
			ValueDate: first(p.get("IntrBkSttlmDt"), m.get("GrpHdr/IntrBkSttlmDt")),
			Name:      nameOf(p, "OrgnlTxRef/Cdtr"), Account: accountOf(p, "OrgnlTxRef/Cdtr"), Bank: bankOf(p, "OrgnlTxRef/Cdtr"), Remark: p.get("OrgnlTxRef/RmtInf/Ustrd"),
		}
		it.Amount, it.Currency = p.money("RtrdIntrBkSttlmAmt")
		it.Reason, it.ReasonText = reasonsOf(p, "RtrRsnInf", "Rsn")
		if it.Reason == "" {
			it.Reason, it.ReasonText = all, allText
		}
		out = append(out, it)
	}
	if len(out) == 0 && m.get("GrpHdr/GrpRtr") == "true" {
		it := said{Kind: record.KindReturn, Direction: "CRDT", BankRef: m.get("GrpHdr/MsgId"), Batch: m.get("OrgnlGrpInf/OrgnlMsgId"), ValueDate: m.get("GrpHdr/IntrBkSttlmDt"), Reason: all, ReasonText: allText}
		it.Amount, it.Currency = m.money("GrpHdr/TtlRtrdIntrBkSttlmAmt")
		out = append(out, it)
	}
	return out
}

// Whatever file we read, encoding/xml finds the same fields in it, and the
// places are those of its bytes.
func TestRead_agrees_with_encoding_xml(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/read/*.xml")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, path := range append(paths, filetest.SamplePaths(t, ".xml")...) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var got []said
		var refused *errs.Error
		for rec, err := range Read(bytes.NewReader(data), Auto) {
			if err != nil && !errors.As(err, &refused) {
				t.Fatal(err)
			}
			if rec.Type == record.TypeItem {
				got = append(got, saidBy(rec.Item))
				atPlace(t, path, data, rec.Item.Position)
			}
		}
		if refused != nil && !strings.HasSuffix(refused.Code, "_MISMATCH") {
			continue
		}
		want := oracle(parseTree(t, data))
		if want == nil {
			continue
		}
		compared++
		if refused != nil { // in the middle, by its numbers
			want = want[:min(len(got), len(want))]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-encoding/xml +ours):\n%s", filepath.Base(path), diff)
		}
	}
	if compared < 10 || filetest.SamplesDir(t) != "" && compared < 60 {
		t.Errorf("only %d files compared", compared)
	}
}

// atPlace: offset, line and the last name of the path are one place.
func atPlace(t *testing.T, path string, data []byte, p record.Position) {
	t.Helper()
	name, _, _ := strings.Cut(p.Path[strings.LastIndexByte(p.Path, '/')+1:], "[")
	tag, _, _ := bytes.Cut(data[p.Offset:], []byte(">"))
	tag, _, _ = bytes.Cut(tag, []byte(" "))
	if line := bytes.Count(data[:p.Offset], []byte("\n")) + 1; line != p.Line || !strings.HasSuffix(string(tag), name) || data[p.Offset] != '<' {
		t.Errorf("%s: %+v is %q in line %d", filepath.Base(path), p, tag, line)
	}
}

// Of every entry, its details and the difference that is reported with them
// are together what the entry moved: no money of a statement is lost.
func TestRead_items_and_difference_are_the_entry(t *testing.T) {
	t.Parallel()
	paths, _ := filepath.Glob("testdata/read/camt*.xml")
	checked := 0
	for _, path := range append(paths, filetest.SamplePaths(t, ".xml")...) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sums := map[string]*record.Total{} // by entry and currency
		differences := map[string]string{} // by entry
		if !movements(data, sums, differences) {
			continue
		}
		root := parseTree(t, data)
		for m := range root.Kids {
			count := map[string]int{}
			for s := range root.Kids[m].Kids {
				st := &root.Kids[m].Kids[s]
				count[st.XMLName.Local]++
				for i, e := range st.all("Ntry") {
					digits, currency := e.money("Amt")
					at := fmt.Sprintf("/Document/%s/%s[%d]/Ntry[%d]", root.Kids[m].XMLName.Local, st.XMLName.Local, count[st.XMLName.Local], i+1)
					want := signed(digits, e.get("CdtDbtInd"))
					got := sums[at+" "+currency]
					if got == nil {
						got = &record.Total{}
					}
					if d, ok := record.ParseAmount(differences[at]); ok {
						got.Add(d)
					}
					if checked++; !got.Equals(want) {
						t.Errorf("%s %s: %s, want %s", filepath.Base(path), at, got.String(), digits)
					}
				}
			}
		}
	}
	if checked < 10 || filetest.SamplesDir(t) != "" && checked < 100 {
		t.Errorf("only %d entries", checked)
	}
}

func signed(digits, direction string) record.Amount {
	a, _ := record.ParseAmount(digits)
	if direction == "DBIT" {
		return a.Negated()
	}
	return a
}

// movements adds up the items of a file by entry; false if it is refused.
func movements(data []byte, sums map[string]*record.Total, differences map[string]string) bool {
	for rec, err := range Read(bytes.NewReader(data), Auto) {
		switch {
		case err != nil:
			return false
		case rec.Warning != nil && rec.Warning.Difference != "":
			differences[rec.Warning.Path] = rec.Warning.Difference
		case rec.Item != nil && rec.Item.Entry > 0:
			entry, _, _ := strings.Cut(rec.Item.Path, "/NtryDtls")
			entry, _, _ = strings.Cut(entry, "/TxDtls")
			key := entry + " " + rec.Item.Currency
			if sums[key] == nil {
				sums[key] = &record.Total{}
			}
			sums[key].Add(signed(rec.Item.Amount, string(rec.Item.Direction)))
		}
	}
	return true
}
