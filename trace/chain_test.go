package trace_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/money"
	"fenlu/trace"
)

const carryNumber = "青财〔2027〕1号"

func (o *county) account(lot ledger.LotID, place ledger.Place) ledger.AccountID {
	o.t.Helper()
	a, found, err := ledger.AccountAt(o.ctx, o.db.Pool(), lot, place)
	if err != nil || !found {
		o.t.Fatalf("lot %d has no %+v: %v", lot, place, err)
	}
	return a.ID
}

// carried moves 20.00 of lot 1 and 4.00 of 柳溪镇's reserve to budget lines of the
// next year, and freezes payments from both and from the carve-out.
func (o *county) carried() {
	reserve := ledger.Place{Kind: ledger.Reserve, BudgetLine: 4, Township: "991301001000"}
	posted := o.post("", "document.carry_over", "document:4",
		ledger.Shift{From: o.available(1, 1), Amount: 20_00, To: ledger.Place{Kind: ledger.Available, BudgetLine: 5}},
		ledger.Shift{From: o.account(2, reserve), Amount: 4_00, To: ledger.Place{Kind: ledger.Reserve, BudgetLine: 6, Township: reserve.Township}})
	o.document(4, carryNumber, "关于结转上年资金的通知", "move")
	o.paper(5, 4, 1, "move", 1, 1, 5, 20_00, posted.Journal)
	o.paper(6, 4, 2, "move", 2, 4, 6, 4_00, posted.Journal)
	o.do(`UPDATE document SET year = 2027, issued_on = '2027-01-04' WHERE id = 4`)
	o.do(`UPDATE budget_line SET year = 2027 WHERE id IN (5, 6)`)
	o.do(`UPDATE budget_line SET purpose = 'reserve' WHERE id = 6`)
	o.batch(7, "PC-DB-202701-01", "approved")
	reserve.BudgetLine = 6
	for i, from := range []ledger.AccountID{o.available(1, 5), o.account(2, reserve), o.account(1, ledger.Place{Kind: ledger.Carveout, BudgetLine: 3})} {
		id, amount, person, unit := int64(71+i), money.Fen(3_00), int64(1001), int64(0)
		if i == 2 {
			person, unit = 0, 1003
		}
		o.line(id, 7, i+1, person, unit, amount)
		o.do(`UPDATE once_key SET freed = 'stopped' WHERE line = $1`, id) // the next is of the same month
		o.payment(id, 7, i+1, max(person, unit), amount)
		o.post("", "freeze", "batch:7", ledger.Draw{From: from, To: ledger.Frozen,
			Legs: []ledger.Leg{{Line: id, Payment: id, Party: max(person, unit), Amount: amount}}})
	}
}

// steps is a chain in words.
func steps(chain []trace.ChainStep) []string {
	out := []string{}
	for _, s := range chain {
		out = append(out, s.Document+" "+s.Kind+" "+s.IssuedOn[:4])
	}
	return out
}

func TestChain_every_leg_shows_the_documents_its_money_came_by(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	o.carried()
	root, carry := bringNumber+" document.bring 2026", carryNumber+" document.carry_over 2027"
	for payment, want := range map[string][]string{
		"11": {root},
		"71": {root, carry},
		"72": {root, reserveNumber + " reserve.allocate 2026", carry},
		"73": {root, carveNumber + " carveout.set_aside 2026"},
	} {
		c, err := o.trace.Payment(o.ctx, o.db.Pool(), payment, trace.Page{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, steps(c.Lines[0].Legs[0].Chain)); diff != "" {
			t.Errorf("payment %s (-want +got)\n%s", payment, diff)
		}
		for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			var out bytes.Buffer
			if err := c.Text(&out, lang); err != nil {
				t.Fatal(err)
			}
			last := c.Lines[0].Legs[0].Chain[len(want)-1]
			if !strings.Contains(out.String(), last.Document) || !strings.Contains(out.String(), i18n.Term(lang, "trace.kind", last.Kind)) {
				t.Errorf("payment %s in %s does not name %+v:\n%s", payment, lang, last, out.String())
			}
		}
		person, err := o.trace.Person(o.ctx, o.db.Pool(), "1001", trace.Page{})
		if err != nil || payment != "73" && !slices.ContainsFunc(person.Lines, func(l trace.Line) bool { return cmp.Equal(want, steps(l.Legs[0].Chain)) }) {
			t.Errorf("no line of the person came by %v: %v", want, err)
		}
	}
	differences, err := trace.Unaccounted(o.ctx, o.db.Pool())
	if err != nil || len(differences) != 0 {
		t.Errorf("unaccounted %+v, %v", differences, err)
	}
}

func TestChain_of_a_yuan_a_lot_and_a_moving_document(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	o.carried()
	carried := []string{bringNumber + " document.bring 2026", reserveNumber + " reserve.allocate 2026", carryNumber + " document.carry_over 2027"}
	if y := o.yuan(trace.YuanQuery{Lot: 2, Nth: 1}); cmp.Diff(carried, steps(y.Parts[0].Chain)) != "" || y.Parts[0].Document != carryNumber {
		t.Errorf("a drawn yuan of the reserve came by %v", steps(y.Parts[0].Chain))
	}
	if y := o.yuan(trace.YuanQuery{Lot: 2, Nth: 4}); cmp.Diff(carried, steps(y.Parts[0].Chain)) != "" {
		t.Errorf("a free yuan of the reserve came by %v", steps(y.Parts[0].Chain))
	}
	lot, err := o.trace.Lot(o.ctx, o.db.Pool(), 2)
	if err != nil || len(lot.BudgetLines) != 3 || cmp.Diff(carried, steps(lot.BudgetLines[2].Chain)) != "" {
		t.Errorf("lot %+v, %v", lot.BudgetLines, err)
	}
	d, err := o.trace.Document(o.ctx, o.db.Pool(), carryNumber)
	if err != nil {
		t.Fatal(err)
	}
	second := d.Lines[1]
	if second.From == nil || second.From.Document != reserveNumber || second.To.BudgetLine != 6 || second.To.Year != 2027 || len(d.Roots) != 1 {
		t.Errorf("line of a moving document: from %+v to %+v, roots %v", second.From, second.To, d.Roots)
	}
	var out bytes.Buffer
	if err := d.Text(&out, i18n.ZH); err != nil || !strings.Contains(out.String(), "第 2 行：4.00 元，由 "+reserveNumber+" 备用金") {
		t.Errorf("%v in\n%s", err, out.String())
	}
	text, err := json.Marshal(d)
	if err != nil || !bytes.Contains(text, []byte(`"chain":[{"budget_line":2,"document":"`+bringNumber)) {
		t.Errorf("%v in %s", err, text)
	}
}
