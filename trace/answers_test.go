package trace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/trace"
)

// linesOf is a story's lines in a word each: id, state and the places of legs.
func linesOf(list []trace.Line) []string {
	out := []string{}
	for _, l := range list {
		s := fmt.Sprintf("%d %s %s", l.ID, l.Beneficiary.Name, l.State)
		for _, g := range l.Legs {
			s += fmt.Sprintf(" [%s %s %s %v]", g.Document, g.Amount, g.Place, g.Pieces)
		}
		out = append(out, s)
	}
	return out
}

func TestPerson(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	for _, text := range []string{"1001", idNumber, "蒋玉兰", " 蒋玉兰 "} {
		s, err := o.trace.Person(o.ctx, o.db.Pool(), text, trace.Page{})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if diff := cmp.Diff([]string{"1 蒋玉兰 paid_persons [" + bringNumber + " 30.33 paid_persons [{10.00 30.33}]]"}, linesOf(s.Lines)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
		if s.Subject.Number != "9913**********1234" || s.Members[0].Household != "LX-0312-0147" {
			t.Errorf("subject %+v, members %+v", s.Subject, s.Members)
		}
		if len(s.Documents) != 1 || s.Documents[0].Number != bringNumber {
			t.Errorf("the money does not lead back to its document: %+v", s.Documents)
		}
		a := s.Payments[0].Attempts[0]
		if a.File != "QH-000001-F01.txt" || a.Account.Number != "6229**********7302" || a.Evidence[0].File != "R-20261010.txt" || a.Evidence[0].SourceLine != 2 {
			t.Errorf("attempt %+v", a)
		}
	}
	_, err := o.trace.Person(o.ctx, o.db.Pool(), "周立群", trace.Page{})
	if e, ok := errors.AsType[*errs.Error](err); !ok || e.Code != "TRACE_PERSON_MANY" || len(e.Fields) != 2 {
		t.Errorf("a name of two people: %v", err)
	}
	for _, text := range []string{"77", "991301199001019999", "无此人"} {
		if _, err := o.trace.Person(o.ctx, o.db.Pool(), text, trace.Page{}); errs.CodeOf(err) != "TRACE_PERSON_UNKNOWN" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestHousehold_has_its_lines_and_its_members_page_by_page(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	o.batch(3, "PC-DB-202611-01", "draft")
	o.line(31, 3, 1, 1005, 0, 8_00) // a member's, made when the person was in no household
	o.line(32, 3, 2, 1001, 0, 9_00)
	first, err := o.trace.Household(o.ctx, o.db.Pool(), "LX-0312-0147", trace.Page{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"32 蒋玉兰 due", "31 蒋小满 due"}, linesOf(first.Lines)); diff != "" {
		t.Errorf("first page (-want +got)\n%s", diff)
	}
	if first.Rest != (trace.Rest{More: 1, After: 31}) || first.Subject.Name != "蒋玉兰" || len(first.Members) != 2 {
		t.Errorf("rest %+v, subject %+v", first.Rest, first.Subject)
	}
	second, err := o.trace.Household(o.ctx, o.db.Pool(), "LX-0312-0147", trace.Page{Limit: 2, After: first.After})
	if err != nil || len(second.Lines) != 1 || second.Lines[0].ID != 1 || second.More != 0 {
		t.Errorf("second page %v, %v", linesOf(second.Lines), err)
	}
	if _, err := o.trace.Household(o.ctx, o.db.Pool(), "X", trace.Page{}); errs.CodeOf(err) != "TRACE_HOUSEHOLD_UNKNOWN" {
		t.Error(err)
	}
}

func TestUnit(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	for _, text := range []string{"12991301MB0000001X", "青禾县救助管理站"} {
		s, err := o.trace.Unit(o.ctx, o.db.Pool(), text, trace.Page{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"3 青禾县救助管理站 paid_units [" + bringNumber + " 12.00 paid_units [{60.33 12.00}]]"}, linesOf(s.Lines)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
	if _, err := o.trace.Unit(o.ctx, o.db.Pool(), "没有", trace.Page{}); errs.CodeOf(err) != "TRACE_UNIT_UNKNOWN" {
		t.Error(err)
	}
}

func TestPayment(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	for _, text := range []string{"21", "qh-000021-1"} {
		c, err := o.trace.Payment(o.ctx, o.db.Pool(), text, trace.Page{})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"4 周立群 part_returned [" + bringNumber + " 10.00 paid_persons [{40.33 10.00}]] [" + bringNumber + " 5.00 returned [{50.33 5.00}]]"}
		if diff := cmp.Diff(want, linesOf(c.Lines)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		var moved []string
		for _, j := range c.Journals {
			moved = append(moved, j.Kind+" "+j.About)
		}
		want = []string{"freeze PC-DB-202610-02", "release PC-DB-202610-02", "settlement R-20261011.txt", "settlement S-20261014.xml"}
		if diff := cmp.Diff(want, moved); diff != "" {
			t.Errorf("journals (-want +got)\n%s", diff)
		}
		if c.Payment.State != "part_returned" || len(c.Payment.Attempts[0].Evidence) != 2 || c.Payment.Attempts[0].Returned != 5_00 {
			t.Errorf("payment %+v", c.Payment)
		}
	}
	given, err := o.trace.Payment(o.ctx, o.db.Pool(), "12", trace.Page{})
	if err != nil || given.Lines[0].State != "withdrawn" || given.Lines[0].Legs[0].Place != "given_back" || given.Lines[0].Legs[0].Pieces[0].Offset != 40_33 {
		t.Errorf("a payment whose line was withdrawn: %v, %v", linesOf(given.Lines), err)
	}
	for _, text := range []string{"9", "QH-X"} {
		if _, err := o.trace.Payment(o.ctx, o.db.Pool(), text, trace.Page{}); errs.CodeOf(err) != "TRACE_PAYMENT_UNKNOWN" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func placesOf(list []trace.PlaceSum) []string {
	out := []string{}
	for _, p := range list {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s%s %s %s", p.Place, p.Township, p.Amount, p.Document)))
	}
	return out
}

func TestDocument(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	d, err := o.trace.Document(o.ctx, o.db.Pool(), "财社(2026)12号")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"available 78.17", "carveout 10.00", "paid_persons 40.33", "paid_units 12.00", "returned 5.00", "reserve柳溪镇 5.00"}
	if diff := cmp.Diff(sorted(want), sorted(trimmed(placesOf(d.Places)))); diff != "" {
		t.Errorf("places (-want +got)\n%s", diff)
	}
	if d.Amount != 150_50 || d.Yuan != 151 || d.Lines[1].FirstYuan != 101 || d.Lines[1].LastYuan != 151 || d.Lines[0].LastYuan != 101 {
		t.Errorf("%+v", d)
	}
	now := d.Lines[0].Now
	if err := now.CountReach(o.ctx, o.db.Pool()); err != nil || *now.Reach != (trace.Reach{Payments: 3, Persons: 2, Units: 1}) {
		t.Errorf("reached %+v, %v", now.Reach, err)
	}
	if len(now.BudgetLines) != 2 || now.BudgetLines[1].Parent != 1 {
		t.Errorf("lot 1 %+v", now)
	}
	moving, err := o.trace.Document(o.ctx, o.db.Pool(), reserveNumber)
	if err != nil || len(moving.Roots) != 1 || moving.Roots[0].Number != bringNumber || moving.Yuan != 0 {
		t.Errorf("a document that moves money: %+v, %v", moving, err)
	}
	lot, err := o.trace.Lot(o.ctx, o.db.Pool(), 2)
	if err != nil || len(lot.Documents) != 2 || lot.Documents[1].Number != reserveNumber {
		t.Errorf("lot 2: %+v, %v", lot, err)
	}
	if diff := cmp.Diff([]string{"available 45.00 " + bringNumber, "reserve柳溪镇 5.00 " + reserveNumber}, placesOf(lot.Places)); diff != "" {
		t.Errorf("lot 2 (-want +got)\n%s", diff)
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	out, err := o.trace.File(o.ctx, o.db.Pool(), "QH-000001-F01.txt", trace.Page{Limit: 2})
	if err != nil || out.Direction != trace.FileOut || len(out.Payments) != 2 || out.Payments[1].ID != 12 || out.Rest != (trace.Rest{More: 1, After: 2}) {
		t.Errorf("%+v, %v", out, err)
	}
	in, err := o.trace.File(o.ctx, o.db.Pool(), "R-20261010.txt", trace.Page{})
	if err != nil || in.Direction != trace.FileIn || len(in.Evidence) != 3 || in.Evidence[1].Payment != 12 || in.On != "2026-10-10" {
		t.Errorf("%+v, %v", in, err)
	}
	if _, err := o.trace.File(o.ctx, o.db.Pool(), "x", trace.Page{}); errs.CodeOf(err) != "TRACE_FILE_UNKNOWN" {
		t.Error(err)
	}
}

// every is every answer of a county, by name.
func (o *county) every() map[string]interface {
	Text(w io.Writer, lang i18n.Lang) error
} {
	o.t.Helper()
	q := o.db.Pool()
	out := map[string]interface {
		Text(w io.Writer, lang i18n.Lang) error
	}{}
	add := func(name string, a interface {
		Text(w io.Writer, lang i18n.Lang) error
	}, err error) {
		if err != nil {
			o.t.Fatalf("%s: %v", name, err)
		}
		out[name] = a
	}
	credit, err := o.trace.Payment(o.ctx, q, "21", trace.Page{})
	add("payment", credit, err)
	person, err := o.trace.Person(o.ctx, q, "1001", trace.Page{})
	add("person", person, err)
	household, err := o.trace.Household(o.ctx, q, "LX-0312-0147", trace.Page{})
	add("household", household, err)
	unit, err := o.trace.Unit(o.ctx, q, "青禾县救助管理站", trace.Page{})
	add("unit", unit, err)
	document, err := o.trace.Document(o.ctx, q, bringNumber)
	add("document", document, err)
	moving, err := o.trace.Document(o.ctx, q, carveNumber)
	add("moving document", moving, err)
	lot, err := o.trace.Lot(o.ctx, q, 1)
	add("lot", lot, err)
	sent, err := o.trace.File(o.ctx, q, "QH-000001-F01.txt", trace.Page{Limit: 1})
	add("file", sent, err)
	read, err := o.trace.File(o.ctx, q, "S-20261014.xml", trace.Page{})
	add("evidence file", read, err)
	yuan, err := o.trace.Yuan(o.ctx, q, trace.YuanQuery{Document: bringNumber, Nth: 41})
	add("yuan", yuan, err)
	balance, err := trace.Balance(o.ctx, q)
	add("balance", balance, err)
	past, err := trace.BalanceAt(o.ctx, q, 3)
	add("balance then", past, err)
	found, err := trace.Verify(o.ctx, o.db, domains(), nil)
	add("verify", found, err)
	return out
}

// TestAnswers_read_well sees that no code of the catalogue is missing, that
// nothing is unmasked, and that every answer is JSON.
func TestAnswers_read_well(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	for name, a := range o.every() {
		for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			var b bytes.Buffer
			if err := a.Text(&b, lang); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			for _, bad := range []string{"trace.", "place.", "attempt.", "{", "}", "promise.", idNumber} {
				if strings.Contains(text, bad) {
					t.Errorf("%s in %s: %q in\n%s", name, lang, bad, text)
				}
			}
			if lang == i18n.ZH {
				t.Logf("%s\n%s", name, text)
			}
		}
		if _, err := json.Marshal(a); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
