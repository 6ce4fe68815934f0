package bankfiles

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
	"fenlu/internal/simbank"
)

// perStyle runs a test for each style that the bank speaks.
func perStyle(t *testing.T, test func(t *testing.T, pay, extension string)) {
	t.Helper()
	for _, s := range bankStyles {
		t.Run(s.pay, func(t *testing.T) {
			t.Parallel()
			test(t, s.pay, s.extension)
		})
	}
}

// dealt reads everything that the bank has to say, in its order.
func dealt(t *testing.T, pay, extension string, faults ...simbank.Fault) *evidence {
	t.Helper()
	bank, answer := sent(t, pay, extension, faults...)
	e := newEvidence(t, pay)
	e.read(answer.Files...)
	e.query(bank)
	e.statements(bank, simbank.ProfileCamt053)
	e.agree(bank)
	return e
}

// TestSimbank_faults_of_payments: the fault changes the story of exactly one
// payment, in just that way, and the union of the evidence agrees with the books.
func TestSimbank_faults_of_payments(t *testing.T) {
	t.Parallel()
	stories := map[simbank.Fault]string{
		simbank.Omit:          "-2026-10-09",
		simbank.LateRefund:    "paid -2026-10-09 +2026-11-26",
		simbank.RefundRefund:  "paid -2026-10-09 +2026-10-12 -2026-10-13",
		simbank.PartialAmount: "unknown -2026-10-09 HALF",
		simbank.UnknownPaid:   "unknown paid -2026-10-09",
		simbank.UnknownFailed: "unknown failed",
		simbank.TwoAnswers:    "paid failed -2026-10-09",
	}
	perStyle(t, func(t *testing.T, pay, extension string) {
		t.Helper()
		honest := dealt(t, pay, extension)
		for fault, want := range stories {
			if diff := cmp.Diff([]string{want}, changed(honest, dealt(t, pay, extension, fault))); diff != "" {
				t.Errorf("%s: stories that changed (-want +got):\n%s", fault, diff)
			}
		}
	})
}

// TestSimbank_many_faults_at_once: whatever goes wrong with the payments and the
// rows of one batch, all evidence together agrees with the books.
func TestSimbank_many_faults_at_once(t *testing.T) {
	t.Parallel()
	perStyle(t, func(t *testing.T, pay, extension string) {
		t.Helper()
		dealt(t, pay, extension, simbank.Omit, simbank.LateRefund, simbank.RefundRefund, simbank.PartialAmount,
			simbank.UnknownPaid, simbank.UnknownFailed, simbank.TwoAnswers, simbank.Reorder, simbank.Duplicate, simbank.SplitFiles)
	})
}

// changed are the stories that a fault changed.
func changed(honest, spoiled *evidence) []string {
	var stories []string
	for i, p := range bankPayments() {
		id := p.EndToEndID
		if honest.byRow {
			id = rowID(i + 1)
		}
		if s := spoiled.story(id); s != honest.story(id) {
			stories = append(stories, strings.Replace(s, part(id, p.Amount-p.Amount/2), " HALF", 1))
		}
	}
	return stories
}

// told is what the first result says, row by row.
func told(t *testing.T, files []simbank.File) []string {
	t.Helper()
	var rows []string
	for _, f := range files {
		for _, it := range items(t, f.Bytes, f.Profile) {
			rows = append(rows, strings.Join([]string{it.EndToEndID, it.Account, it.Amount, it.Status, string(it.Outcome)}, " "))
		}
	}
	return rows
}

func TestSimbank_reorder(t *testing.T) {
	t.Parallel()
	perStyle(t, func(t *testing.T, pay, extension string) {
		t.Helper()
		_, honest := sent(t, pay, extension)
		_, spoiled := sent(t, pay, extension, simbank.Reorder)
		want := told(t, honest.Files)
		slices.Reverse(want)
		if diff := cmp.Diff(want, told(t, spoiled.Files)); diff != "" {
			t.Errorf("not the reverse (-want +got):\n%s", diff)
		}
		dealt(t, pay, extension, simbank.Reorder)
	})
}

func TestSimbank_duplicate(t *testing.T) {
	t.Parallel()
	perStyle(t, func(t *testing.T, pay, extension string) {
		t.Helper()
		_, honest := sent(t, pay, extension)
		_, spoiled := sent(t, pay, extension, simbank.Duplicate)
		want := told(t, honest.Files)
		if diff := cmp.Diff(append(want, want[0]), told(t, spoiled.Files)); diff != "" {
			t.Errorf("not one row more (-want +got):\n%s", diff)
		}
		dealt(t, pay, extension, simbank.Duplicate)
	})
}

func TestSimbank_split_over_files(t *testing.T) {
	t.Parallel()
	perStyle(t, func(t *testing.T, pay, extension string) {
		t.Helper()
		_, honest := sent(t, pay, extension)
		_, spoiled := sent(t, pay, extension, simbank.SplitFiles)
		if len(spoiled.Files) != 2 || spoiled.Files[0].Lines+spoiled.Files[1].Lines != honest.Files[0].Lines {
			t.Fatalf("%d files", len(spoiled.Files))
		}
		if diff := cmp.Diff(told(t, honest.Files), told(t, spoiled.Files)); diff != "" {
			t.Errorf("the parts are not the whole (-want +got):\n%s", diff)
		}
		dealt(t, pay, extension, simbank.SplitFiles)
	})
}

// TestSimbank_pain002_in_GBK: what was agreed as UTF-8 comes in GBK, and says so.
func TestSimbank_pain002_in_GBK(t *testing.T) {
	t.Parallel()
	_, honest := sent(t, "pain.001.001.09", ".xml")
	_, spoiled := sent(t, "pain.001.001.09", ".xml", simbank.InGBK)
	raw := spoiled.Files[0].Bytes
	if utf8.Valid(raw) || !bytes.HasPrefix(raw, []byte(`<?xml version="1.0" encoding="GBK"?>`)) {
		t.Errorf("not in GBK: %.60s", raw)
	}
	if diff := cmp.Diff(told(t, honest.Files), told(t, spoiled.Files)); diff != "" {
		t.Errorf("read otherwise (-want +got):\n%s", diff)
	}
	dealt(t, "pain.001.001.09", ".xml", simbank.InGBK)
}

// TestSimbank_wrong_sum: refused where the sum stands, with both numbers. The
// styles of ABC and 报盘 state none.
func TestSimbank_wrong_sum(t *testing.T) {
	t.Parallel()
	perStyle(t, func(t *testing.T, pay, extension string) {
		t.Helper()
		_, honest := sent(t, pay, extension)
		_, spoiled := sent(t, pay, extension, simbank.WrongSum)
		same, err := bytes.Equal(honest.Files[0].Bytes, spoiled.Files[0].Bytes), readError(spoiled.Files[0])
		place, states := map[string]string{
			"cn.daifa.gbk": "line=25 offset=1107 path=T", "style.psbc.pay": "line=25 offset=1025 path=19",
			"style.pingan.pay": "line=1 offset=0 path=header", "style.cmb.pay": "line=2 offset=37 path=/CMBSDKPGK",
			"style.icbc.pay": "line=2 offset=37 path=/CMS", "style.treasury.pay": "line=2 offset=37 path=/Voucher",
			"pain.001.001.09": "path=/Document/CstmrPmtStsRpt/OrgnlGrpInfAndSts",
		}[pay]
		if same != !states {
			t.Fatalf("the file states a sum: %v, it is as before: %v", states, same)
		}
		if !states {
			return
		}
		numbers := "stated=9330.30 found=9330.29" // of all
		if pay == "pain.001.001.09" {
			numbers = "stated=8926.26 found=8926.25" // of those with a status
		}
		if errs.CodeOf(err) != "BANKFILE_SUM_MISMATCH" || !strings.Contains(err.Error(), numbers) || !strings.Contains(err.Error(), place) {
			t.Errorf("want %s at %s, got %v", numbers, place, err)
		}
	})
}

func readError(f simbank.File) error {
	for _, err := range Read(bytes.NewReader(f.Bytes), f.Profile) {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestSimbank_other_encodings(t *testing.T) {
	t.Parallel()
	for fault, mark := range map[simbank.Fault]string{
		simbank.InUTF8:    "\xEF\xBB\xBF",
		simbank.InGB18030: "\x95\x34\xB2\x35", // 𠮷
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			perStyle(t, func(t *testing.T, pay, extension string) {
				t.Helper()
				_, honest := sent(t, pay, extension)
				_, spoiled := sent(t, pay, extension, fault)
				raw := spoiled.Files[0].Bytes
				if !bytes.Contains(raw, []byte(mark)) {
					t.Errorf("% x is not in the file", mark)
				}
				if diff := cmp.Diff(told(t, honest.Files), told(t, spoiled.Files)); diff != "" {
					t.Errorf("read otherwise (-want +got):\n%s", diff)
				}
				dealt(t, pay, extension, fault)
			})
		})
	}
}

func TestSimbank_statement_before_result(t *testing.T) {
	t.Parallel()
	perStyle(t, func(t *testing.T, pay, extension string) {
		t.Helper()
		bank, answer := sent(t, pay, extension, simbank.StatementFirst)
		if len(answer.Files) != 0 {
			t.Fatalf("%d files before the statement", len(answer.Files))
		}
		e := newEvidence(t, pay)
		e.statements(bank, simbank.ProfileCamt053)
		e.agree(bank)
		again := handIn(t, bank, pay, extension)
		if len(again.Files) != 1 || !again.Repeated {
			t.Fatalf("%d files after the statement", len(again.Files))
		}
		e.read(again.Files...)
		e.query(bank)
		e.agree(bank)
		if len(e.outcomes) != len(bankPayments()) || slices.Contains(e.outcomes["QH-01"], record.OutcomeUnknown) {
			t.Errorf("%d payments were named", len(e.outcomes))
		}
	})
}
