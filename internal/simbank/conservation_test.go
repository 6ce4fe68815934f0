package simbank

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// camt is a statement read back with encoding/xml, which the writer does not use.
type camt struct {
	Balances []struct {
		Code   string `xml:"Tp>CdOrPrtry>Cd"`
		Amount string `xml:"Amt"`
		Sign   string `xml:"CdtDbtInd"`
	} `xml:"BkToCstmrStmt>Stmt>Bal"`
	Entries []struct {
		Amount  string `xml:"Amt"`
		Sign    string `xml:"CdtDbtInd"`
		Ref     string `xml:"AcctSvcrRef"`
		Details []struct {
			ID     string `xml:"Refs>EndToEndId"`
			Amount string `xml:"Amt"`
			Sign   string `xml:"CdtDbtInd"`
			Reason string `xml:"RtrInf>Rsn>Cd"`
		} `xml:"NtryDtls>TxDtls"`
	} `xml:"BkToCstmrStmt>Stmt>Ntry"`
}

func fenOfText(t *testing.T, amount, sign string) Fen {
	t.Helper()
	f, ok := parseYuan(amount)
	if !ok {
		t.Fatalf("amount %q", amount)
	}
	if sign == "DBIT" {
		return -f
	}
	return f
}

// booked is what statements say of one payment.
type booked struct{ taken, back Fen }

type reader struct {
	t        *testing.T
	closing  Fen
	refs     map[string]bool
	payments map[string]booked
}

// read checks one statement after another of one account.
func (r *reader) read(raw []byte) {
	r.t.Helper()
	var s camt
	if err := xml.Unmarshal(raw, &s); err != nil {
		r.t.Fatal(err)
	}
	opening := fenOfText(r.t, s.Balances[0].Amount, s.Balances[0].Sign)
	if s.Balances[0].Code != "OPBD" || opening != r.closing {
		r.t.Errorf("opening %s, last closing %s", opening, r.closing)
	}
	sum := opening
	for _, e := range s.Entries {
		if r.refs[e.Ref] {
			r.t.Errorf("reference %s twice", e.Ref)
		}
		r.refs[e.Ref] = true
		amount := fenOfText(r.t, e.Amount, e.Sign)
		sum += amount
		var details Fen
		for _, d := range e.Details {
			f := fenOfText(r.t, d.Amount, d.Sign)
			details += f
			p := r.payments[d.ID]
			if f < 0 {
				p.taken -= f
			} else {
				p.back += f
			}
			if (f > 0) != (d.Reason != "") {
				r.t.Errorf("%s of %s has reason %q", d.ID, f, d.Reason)
			}
			r.payments[d.ID] = p
		}
		if len(e.Details) > 0 && details != amount {
			r.t.Errorf("entry of %s has details of %s", amount, details)
		}
	}
	r.closing = fenOfText(r.t, s.Balances[1].Amount, s.Balances[1].Sign)
	if s.Balances[1].Code != "CLBD" || r.closing != sum {
		r.t.Errorf("closing %s, entries say %s", r.closing, sum)
	}
}

// TestConservation reads all statements of an account and compares their totals
// with the ledger.csv on disk.
func TestConservation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	opt := DefaultOptions(5)
	opt.FailRate, opt.ForgetRate, opt.ReturnRate = 500, 300, 400
	b := openBank(t, dir, opt)
	if err := b.Fund(debtor, 10_000_000, "2026-10-08", "CZ-1"); err != nil {
		t.Fatal(err)
	}
	accepted(t, b, daifaFile(t, "F1", sampleLines("DB", 500)), day1)
	accepted(t, b, painFile("F2", sampleLines("TK", 300)), day1)
	accepted(t, b, painFile("F3", sampleLines("LS", 200)), day1.Add(3))
	if err := b.Fund(debtor, 123, day1.Add(3), "CZ-2"); err != nil {
		t.Fatal(err)
	}
	r := reader{t: t, refs: map[string]bool{}, payments: map[string]booked{}}
	returns := 0
	for _, day := range b.Dates(debtor) {
		r.read(statement(t, b, day).Bytes)
		returns += len(b.ReturnsDue(day))
		compareLedger(t, dir, r.payments)
	}
	if len(b.Accounts()) != 1 || returns < 20 {
		t.Errorf("accounts %v, %d returns", b.Accounts(), returns)
	}
	var taken, back Fen
	for _, p := range r.payments {
		taken, back = taken+p.taken, back+p.back
	}
	if want := 10_000_123 - taken + back; r.closing != want {
		t.Errorf("closing %s, want %s", r.closing, want)
	}
	if entries := len(b.Books()); entries != 1000 {
		t.Errorf("%d payments in the books, want 1000", entries)
	}
}

// compareLedger holds ledger.csv against the statements of the days closed so
// far; a payment of a later day is in the ledger already.
func compareLedger(t *testing.T, dir string, seen map[string]booked) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, ledgerFile))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]booked{}
	last := ""
	for _, row := range rows[1:] {
		if row[0] <= last {
			t.Fatalf("%s stands after %s", row[0], last)
		}
		last = row[0]
		taken, err1 := strconv.ParseInt(row[1], 10, 64)
		back, err2 := strconv.ParseInt(row[2], 10, 64)
		if err1 != nil || err2 != nil {
			t.Fatalf("row %v", row)
		}
		known[row[0]] = booked{Fen(taken), Fen(back)}
	}
	for id, p := range seen {
		if known[id] != p {
			t.Errorf("%s: statements %+v, ledger %+v", id, p, known[id])
		}
	}
	for id, p := range known {
		if p.back > 0 && seen[id] != p {
			t.Errorf("%s: the ledger says %+v, the statements %+v", id, p, seen[id])
		}
	}
}

func TestStatement_of_an_overdrawn_account_is_valid(t *testing.T) {
	t.Parallel()
	b := openBank(t, t.TempDir(), Options{})
	accepted(t, b, daifaFile(t, "F1", sampleLines("DB", 2)), day1)
	validate(t, statement(t, b, day1))
	f := statement(t, b, day1.Add(1))
	validate(t, f)
	var s camt
	if err := xml.Unmarshal(f.Bytes, &s); err != nil {
		t.Fatal(err)
	}
	if got := fenOfText(t, s.Balances[0].Amount, s.Balances[0].Sign); got != -91_510 {
		t.Errorf("opening %s, want -915.10", got)
	}
}

func BenchmarkReceive(b *testing.B) {
	lines := sampleLines("DB", 100_000)
	for name, raw := range map[string][]byte{"daifa": daifaFile(b, "F1", lines), "pain001": painFile("F1", lines)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				bank := openBank(b, b.TempDir(), DefaultOptions(7))
				accepted(b, bank, raw, day1)
				if _, err := bank.Statement(debtor, day1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
