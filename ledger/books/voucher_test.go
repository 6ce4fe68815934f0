package books_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/ledger/books"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// hall is a desk with money on three budget lines (benefit 1, carve-out 2, reserve 3)
// of an office, batch 7 and payments to a person (71) and a unit (72).
type hall struct {
	*desk
	legs map[int64]ledger.HoldingID // by payment
}

const townshipCode = "991301100000"

func newHall(t *testing.T) *hall {
	t.Helper()
	k := newDesk(t)
	h := &hall{desk: k, legs: map[int64]ledger.HoldingID{}}
	for _, sql := range []string{
		`INSERT INTO document (id, number, title, kind, year, issued_on, received_on, recorded_by, recorded_at)
			VALUES (1, '财社〔2026〕12号', '补助', 'bring', 2026, '2026-01-05', '2026-01-06', 'zhou', '2026-01-06T00:00:00Z')`,
		`INSERT INTO document_line (id, document, line_no, kind, lot, level, fund, function_code, economic_code, office, amount_fen, journal)
			VALUES (1, 1, 1, 'bring', 1, 'central', '困难群众救助补助资金', '2081902', '50901', '青禾县民政局', 100000, 1)`,
		`INSERT INTO budget_line (id, lot, document_line, purpose, number, year, function_code, economic_code, office) VALUES
			(1, 1, 1, 'benefit', '财社〔2026〕12号', 2026, '2081902', '50901', '青禾县民政局'),
			(2, 1, 1, 'carveout', '财社〔2026〕12号', 2026, '2081902', '50205', '青禾县民政局'),
			(3, 1, 1, 'reserve', '财社〔2026〕12号', 2026, '2082001', '50901', '青禾县民政局')`,
		`INSERT INTO batch (id, code, no, kind, program, office, period, channel, state, line_count, amount_fen, maker, created_at)
			VALUES (7, 'DB-2026-10', 1, 'roster', 'DB', 'QHMZ', '2026-10', 'DF', 'released', 2, 300, 'zhou', '2026-10-01T00:00:00Z')`,
		`INSERT INTO unit (id, credit_code, version) VALUES (900, '91350100M000100Y43', 1)`,
		`INSERT INTO payment (id, batch, no, payee, amount_fen, line_count) VALUES (71, 7, 1, 800, 100, 1), (72, 7, 2, 900, 200, 1)`,
	} {
		if _, err := k.owner.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	return h
}

// step posts a journal of a cause and kind.
func (h *hall) step(on, kind, cause string, steps ...ledger.Step) ledger.Posted {
	h.t.Helper()
	h.n++
	return h.must(h.ledger.Post(h.t.Context(), ledger.Command{Key: fmt.Sprint("h", h.n), Kind: kind, Actor: "zhou", Cause: cause, BusinessDate: date(on), Steps: steps}))
}

func (h *hall) account(kind ledger.AccountKind, line ledger.BudgetLineID, township string) ledger.AccountID {
	h.t.Helper()
	a, found, err := ledger.AccountAt(h.t.Context(), h.db.Pool(), h.lot, ledger.Place{Kind: kind, BudgetLine: line, Township: township})
	if err != nil || !found {
		h.t.Fatal(kind, line, err)
	}
	return a.ID
}

// freeze freezes a leg of a payment from an account.
func (h *hall) freeze(on string, from ledger.AccountID, payment int64, amount money.Fen) {
	h.t.Helper()
	p := h.step(on, "freeze", "batch:7", ledger.Draw{From: from, To: ledger.Frozen, Legs: []ledger.Leg{{Line: payment, Payment: payment, Party: 800, Amount: amount}}})
	h.legs[payment] = p.Holdings[0]
}

// move moves a payment's leg, as a settlement does; paid ones are remembered as
// evidence.
func (h *hall) move(on string, payment int64, from, to ledger.AccountKind) {
	h.t.Helper()
	p := h.step(on, "settlement", "evidence:1", ledger.Move{Holdings: []ledger.HoldingID{h.legs[payment]}, From: from, To: to, PerLeg: true})
	if to == ledger.Paid {
		h.exec(`INSERT INTO attempt (id, payment, n, end_to_end_id, account, amount_fen, state) VALUES ($1, $2, $3, $4, 1, 1, 'paid')`,
			int64(p.Journal), payment, int(p.Journal), fmt.Sprint("E", p.Journal))
		h.exec(`INSERT INTO attempt_event (attempt, n, from_state, to_state, journal, happened_at) VALUES ($1, 1, 'sent', 'paid', $2, '2026-10-09T00:00:00Z')`,
			int64(p.Journal), int64(p.Journal))
	}
}

func (h *hall) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.owner.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
}

func (h *hall) pay(on string, payment int64) {
	h.move(on, payment, ledger.Frozen, ledger.InTransit)
	h.move(on, payment, ledger.InTransit, ledger.Paid)
}

func (h *hall) make(month books.Period) books.Made {
	h.t.Helper()
	made, err := h.books.MakeVouchers(h.he, month)
	if err != nil {
		h.t.Fatal(explained(err))
	}
	h.sound()
	return made
}

func explained(err error) string {
	text := err.Error()
	if e, ok := errors.AsType[*errs.Error](err); ok {
		for _, f := range e.Fields {
			text += fmt.Sprintf("; %s %v", f.Code, f.Args)
		}
	}
	return text
}

// found are the checks that find something.
func (h *hall) found() []string {
	h.t.Helper()
	list, err := books.Verify(h.t.Context(), h.db.Pool())
	if err != nil {
		h.t.Fatal(err)
	}
	return codes(list)
}

func codes(list []check.Finding) []string {
	var out []string
	for _, f := range list {
		if strings.HasPrefix(f.Check, "voucher_") {
			out = append(out, f.Check)
		}
	}
	return out
}

func (h *hall) sound() {
	h.t.Helper()
	if found := h.found(); len(found) > 0 {
		h.t.Errorf("verification finds %v", found)
	}
}

// lines are the vouchers of a month as an accountant writes them.
func (h *hall) lines(month books.Period) []string {
	h.t.Helper()
	list, err := books.Vouchers(h.t.Context(), h.db.Pool(), books.VoucherQuery{Period: month, Limit: 100})
	if err == nil {
		list, err = books.WithLines(h.t.Context(), h.db.Pool(), list)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, v := range list {
		text := v.VoucherNo() + " " + v.Date.Format("01-02") + " " + strings.TrimSuffix(string(v.Event)+" "+string(v.Condition), " ") + ":"
		for _, l := range v.Lines {
			text += " " + string(l.Side[:1]) + " " + l.Account + " " + l.Amount.String()
		}
		out = append(out, text)
	}
	return out
}

func (h *hall) want(month books.Period, want ...string) {
	h.t.Helper()
	if diff := cmp.Diff(want, h.lines(month)); diff != "" {
		h.t.Error(diff)
	}
}

func (h *hall) set(name, value string) {
	h.t.Helper()
	if err := h.books.Set(h.he, books.Setting{Year: 2026, Name: name, Value: value, Document: "青财〔2026〕1号"}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall) setNext(name, value string) {
	h.t.Helper()
	if err := h.books.Set(h.he, books.Setting{Area: "青禾县民政局", Year: 2027, Name: name, Value: value, Document: "青财〔2027〕1号"}); err != nil {
		h.t.Fatal(err)
	}
}

// The events of domain.md §6 that the ledger can produce, each as its row says.
func TestVouchers_of_each_event(t *testing.T) {
	t.Parallel()
	benefit := func(h *hall) ledger.AccountID { return h.account(ledger.Available, 1, "") }
	for name, c := range map[string]struct {
		set  map[string]string
		do   func(*hall)
		want []string
	}{
		"paid_with_accrual": {do: func(h *hall) { h.freeze("2026-10-09", benefit(h), 71, 100); h.pay("2026-10-10", 71) }, want: []string{
			"2026-10-f-0001 10-09 due: d 5001 1.00 c 2303 1.00",
			"2026-10-f-0002 10-10 paid: d 2303 1.00 c 4001 1.00",
			"2026-10-b-0001 10-10 paid: d 7101.01 1.00 c 6001 1.00"}},
		"paid_without_accrual": {set: map[string]string{"accrual": "off"}, do: func(h *hall) { h.freeze("2026-10-09", benefit(h), 71, 100); h.pay("2026-10-10", 71) }, want: []string{
			"2026-10-f-0001 10-10 paid: d 5001 1.00 c 4001 1.00",
			"2026-10-b-0001 10-10 paid: d 7101.01 1.00 c 6001 1.00"}},
		"a_failed_line_is_not_paid": {do: func(h *hall) {
			h.freeze("2026-10-09", benefit(h), 71, 100)
			h.move("2026-10-10", 71, ledger.Frozen, ledger.InTransit)
			h.move("2026-10-10", 71, ledger.InTransit, ledger.Returned)
		}, want: []string{"2026-10-f-0001 10-09 due: d 5001 1.00 c 2303 1.00"}},
		"institution": {do: func(h *hall) { h.freeze("2026-10-09", benefit(h), 72, 200); h.pay("2026-10-10", 72) }, want: []string{
			"2026-10-f-0001 10-09 due: d 5001 2.00 c 2303 2.00",
			"2026-10-f-0002 10-10 paid: d 2303 2.00 c 4001 2.00",
			"2026-10-b-0001 10-10 paid: d 7101.01 2.00 c 6001 2.00"}},
		"returned_red_and_paid_again": {do: func(h *hall) {
			h.freeze("2026-10-09", benefit(h), 71, 100)
			h.pay("2026-10-10", 71)
			h.move("2026-10-12", 71, ledger.Paid, ledger.Returned)
			h.move("2026-10-15", 71, ledger.Returned, ledger.InTransit)
			h.move("2026-10-16", 71, ledger.InTransit, ledger.Paid)
		}, want: []string{
			"2026-10-f-0001 10-09 due: d 5001 1.00 c 2303 1.00",
			"2026-10-f-0002 10-10 paid: d 2303 1.00 c 4001 1.00",
			"2026-10-f-0003 10-12 returned same_year: d 2303 -1.00 c 4001 -1.00",
			"2026-10-f-0004 10-16 paid: d 2303 1.00 c 4001 1.00",
			"2026-10-b-0001 10-10 paid: d 7101.01 1.00 c 6001 1.00",
			"2026-10-b-0002 10-12 returned same_year: d 7101.01 -1.00 c 6001 -1.00",
			"2026-10-b-0003 10-16 paid: d 7101.01 1.00 c 6001 1.00"}},
		"returned_as_a_reverse_entry": {set: map[string]string{"passive_return": "reverse"}, do: func(h *hall) {
			h.freeze("2026-10-09", benefit(h), 71, 100)
			h.pay("2026-10-10", 71)
			h.move("2026-10-12", 71, ledger.Paid, ledger.Returned)
		}, want: []string{
			"2026-10-f-0001 10-09 due: d 5001 1.00 c 2303 1.00",
			"2026-10-f-0002 10-10 paid: d 2303 1.00 c 4001 1.00",
			"2026-10-f-0003 10-12 returned same_year: d 4001 1.00 c 2303 1.00",
			"2026-10-b-0001 10-10 paid: d 7101.01 1.00 c 6001 1.00",
			"2026-10-b-0002 10-12 returned same_year: d 6001 1.00 c 7101.01 1.00"}},
		"withdrawn": {do: func(h *hall) {
			h.freeze("2026-10-09", benefit(h), 71, 100)
			h.step("2026-10-10", "withdraw", "batch:7", ledger.GiveBack{Holdings: []ledger.HoldingID{h.legs[71]}, From: ledger.Frozen})
		}, want: []string{
			"2026-10-f-0001 10-09 due: d 5001 1.00 c 2303 1.00",
			"2026-10-f-0002 10-10 due_undone same_year: d 5001 -1.00 c 2303 -1.00"}},
		"purchased_services": {do: func(h *hall) {
			h.step("2026-10-08", "carveout.set_aside", "document:1", ledger.Shift{From: benefit(h), To: ledger.Place{Kind: ledger.Carveout, BudgetLine: 2}, Amount: 500})
			h.freeze("2026-10-09", h.account(ledger.Carveout, 2, ""), 72, 200)
			h.pay("2026-10-10", 72)
		}, want: []string{
			"2026-10-f-0001 10-09 due: d 5001 2.00 c 2302 2.00",
			"2026-10-f-0002 10-10 paid: d 2302 2.00 c 4001 2.00",
			"2026-10-b-0001 10-10 paid: d 7101.01 2.00 c 6001 2.00"}},
		"imprest_advanced_and_used": {do: reserveUsed, want: []string{
			"2026-10-f-0001 10-08 reserve_advance: d 1218.01 5.00 c 4001 5.00",
			"2026-10-f-0002 10-09 due: d 5001 1.00 c 2303 1.00",
			"2026-10-f-0003 10-10 paid: d 2303 1.00 c 1218.01 1.00",
			"2026-10-b-0001 10-10 paid: d 7101.01 1.00 c 6001 1.00"}},
		"imprest_recognised_on_advance": {set: map[string]string{"reserve_budget": "on_advance"}, do: reserveUsed, want: []string{
			"2026-10-f-0001 10-08 reserve_advance: d 1218.01 5.00 c 4001 5.00",
			"2026-10-f-0002 10-09 due: d 5001 1.00 c 2303 1.00",
			"2026-10-f-0003 10-10 paid: d 2303 1.00 c 1218.01 1.00",
			"2026-10-b-0001 10-08 reserve_advance: d 7101.01 5.00 c 6001 5.00"}},
		"quota_split_to_the_township": {set: map[string]string{"reserve_form": "quota"}, do: reserveUsed, want: []string{
			"2026-10-f-0001 10-09 due: d 5001 1.00 c 2303 1.00",
			"2026-10-f-0002 10-10 paid: d 2303 1.00 c 4001 1.00",
			"2026-10-b-0001 10-10 paid: d 7101.01 1.00 c 6001 1.00"}},
		"imprest_returned": {do: func(h *hall) {
			h.step("2026-10-08", "reserve.allocate", "document:1", ledger.Shift{From: benefit(h), To: ledger.Place{Kind: ledger.Reserve, BudgetLine: 3, Township: townshipCode}, Amount: 500})
			h.step("2026-10-20", "reversal", "document:1", ledger.Shift{From: h.account(ledger.Reserve, 3, townshipCode), To: ledger.Place{Kind: ledger.Available, BudgetLine: 1}, Amount: 200})
		}, want: []string{
			"2026-10-f-0001 10-08 reserve_advance: d 1218.01 5.00 c 4001 5.00",
			"2026-10-f-0002 10-20 reserve_back: d 1218.01 -2.00 c 4001 -2.00"}},
		"receipt_remitted": {do: func(h *hall) {
			h.step("2026-10-10", "receipt", "evidence:1", ledger.Bring{Lot: h.lot, To: ledger.Place{Kind: ledger.Suspense, BudgetLine: 1}, Amount: 50})
			h.step("2026-10-12", "receipt", "evidence:2", ledger.Shift{From: h.account(ledger.Suspense, 1, ""), To: ledger.Place{Kind: ledger.Surrendered, BudgetLine: 1}, Amount: 50, Fact: true})
		}, want: []string{
			"2026-10-f-0001 10-10 receipt: d 1002 0.50 c 2103 0.50",
			"2026-10-f-0002 10-12 receipt_gone: d 2103 0.50 c 1002 0.50"}},
		"bank_paid_twice_and_gave_it_back": {do: func(h *hall) {
			h.step("2026-10-10", "settlement", "evidence:1", ledger.Shift{From: benefit(h), To: ledger.Place{Kind: ledger.Suspense, BudgetLine: 1}, Amount: 50, Fact: true})
			h.step("2026-10-12", "settlement", "evidence:2", ledger.Shift{From: h.account(ledger.Suspense, 1, ""), To: ledger.Place{Kind: ledger.Available, BudgetLine: 1}, Amount: 50, Fact: true})
		}, want: []string{
			"2026-10-f-0001 10-10 overpaid: d 1218 0.50 c 4001 0.50",
			"2026-10-f-0002 10-12 overpaid_back: d 4001 0.50 c 1218 0.50",
			"2026-10-b-0001 10-10 overpaid: d 7101.01 0.50 c 6001 0.50",
			"2026-10-b-0002 10-12 overpaid_back: d 6001 0.50 c 7101.01 0.50"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHall(t)
			for k, v := range c.set {
				h.set(k, v)
			}
			c.do(h)
			h.make("2026-10")
			h.want("2026-10", c.want...)
			if again := h.make("2026-10"); again.Vouchers != 0 || again.Journals != 0 {
				t.Errorf("made again: %+v", again)
			}
		})
	}
}

func reserveUsed(h *hall) {
	from := h.account(ledger.Available, 1, "")
	h.step("2026-10-08", "reserve.allocate", "document:1", ledger.Shift{From: from, To: ledger.Place{Kind: ledger.Reserve, BudgetLine: 3, Township: townshipCode}, Amount: 500})
	h.freeze("2026-10-09", h.account(ledger.Reserve, 3, townshipCode), 71, 100)
	h.pay("2026-10-10", 71)
}

// A payment of December that comes back in January is no entry of this year's
// expense: the money is 财政's, or quota is kept, as the area decides.
func TestVouchers_return_of_an_earlier_year(t *testing.T) {
	t.Parallel()
	for value, want := range map[string][]string{
		"to_finance": nil,
		"quota_kept": {"2027-01-f-0001 01-05 returned prior_year: d 1201 1.00 c 2303 1.00", "2027-01-b-0001 01-05 returned prior_year: d 8001.03 1.00 c 8101.01 1.00"},
	} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			h := newHall(t)
			h.freeze("2026-12-09", h.account(ledger.Available, 1, ""), 71, 100)
			h.pay("2026-12-10", 71)
			h.make("2026-12")
			h.move("2027-01-05", 71, ledger.Paid, ledger.Returned)
			h.setNext("prior_return", value)
			h.make("2027-01")
			h.want("2027-01", want...)
		})
	}
}

// One voucher for a day, event and batch, of as many journals as there were, with a
// link to each.
func TestVouchers_are_of_a_day_event_and_batch(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	from := h.account(ledger.Available, 1, "")
	h.freeze("2026-10-09", from, 71, 100)
	h.freeze("2026-10-09", from, 72, 200)
	h.make("2026-10")
	h.want("2026-10", "2026-10-f-0001 10-09 due: d 5001 3.00 c 2303 3.00")
	list, err := books.Vouchers(t.Context(), h.db.Pool(), books.VoucherQuery{Period: "2026-10", Limit: 9})
	if err == nil {
		list, err = books.WithLines(t.Context(), h.db.Pool(), list)
	}
	if err != nil || len(list) != 1 || list[0].About != "DB-2026-10" || list[0].Office != "青禾县民政局" {
		t.Fatalf("%+v %v", list, err)
	}
	l := list[0].Lines[0]
	if len(l.Sources) != 2 || l.Function != "2081902" || l.Level != "central" || l.Program != "DB" || l.NameZH != "业务活动费用" {
		t.Errorf("%+v", l)
	}
}

// What no rule fits is named, all of it, and nothing is left behind; with the rule
// imported it is made.
func TestVouchers_without_a_rule(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.freeze("2026-10-09", h.account(ledger.Available, 1, ""), 71, 100)
	h.exec(`DELETE FROM voucher_rule WHERE event = 'due' AND purpose = 'benefit'`)
	h.exec(`DELETE FROM voucher_account WHERE code = '6001'`)
	h.pay("2026-10-10", 71)
	_, err := h.books.MakeVouchers(h.he, "2026-10")
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Code != "VOUCHER_NO_RULE" || len(e.Fields) != 2 || e.Fields[0].Code != "VOUCHER_EVENT_UNKNOWN" || e.Fields[1].Value != "6001" {
		t.Fatalf("%v %+v", err, e)
	}
	for _, table := range []string{"voucher", "voucher_line", "voucher_source", "voucher_journal", "voucher_event", "voucher_number"} {
		var n int
		if err := h.owner.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil || n > 1 || n == 1 && table != "voucher_number" {
			t.Errorf("%s has %d rows, %v", table, n, err)
		}
	}
	h.exec(`INSERT INTO voucher_account (year, code, book, name_zh, name_en, normal, status, source) VALUES (2026, '6001', 'budget', '收入', 'income', 'credit', 'verified', 'test')`)
	rule := books.Rule{Year: 2026, Event: books.Due, Book: books.Financial, Ord: 1, Debit: "5001", Credit: "2307", Status: books.ToBeConfirmed, Source: "测试"}
	_, err = h.books.ImportRules(h.he, "rules.csv", []books.Rule{rule}, []int{2})
	h.refused("VOUCHER_RULES", err)
	rule.Credit = "2302"
	if _, err := h.books.ImportRules(h.he, "rules.csv", []books.Rule{rule}, []int{2}); err != nil {
		t.Fatal(explained(err))
	}
	if _, err := proof.Drain(t.Context(), h.db, h.clock); err != nil {
		t.Fatal(err)
	}
	h.make("2026-10")
	h.exec(`UPDATE voucher_rule SET credit = '2303' WHERE id > 0`)
	if diff := cmp.Diff([]string{"voucher_logged"}, h.found()); diff != "" {
		t.Error(diff)
	}
	if got := h.lines("2026-10"); got[0] != "2026-10-f-0001 10-09 due: d 5001 1.00 c 2302 1.00" {
		t.Error(got)
	}
}

// A movement outside the quota that no event covers is named, not passed over.
func TestVouchers_of_a_movement_without_an_event(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.step("2026-10-10", "test", "test:1", ledger.Shift{From: h.account(ledger.Available, 1, ""), To: ledger.Place{Kind: ledger.Recovered, BudgetLine: 1}, Amount: 50})
	_, err := h.books.MakeVouchers(h.he, "2026-10")
	h.refused("VOUCHER_NO_RULE", err)
	if text := explained(err); !strings.Contains(text, "available>recovered") {
		t.Error(text)
	}
}

// An office's own rules of an event come before everybody's.
func TestVouchers_of_an_office_of_its_own(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.freeze("2026-10-09", h.account(ledger.Available, 1, ""), 71, 100)
	rule := books.Rule{Area: "青禾县民政局", Year: 2026, Event: books.Due, Book: books.Financial, Ord: 1, Status: books.ToBeConfirmed, Source: "县里不做应发"}
	if _, err := h.books.ImportRules(h.he, "rules.csv", []books.Rule{rule}, []int{2}); err != nil {
		t.Fatal(explained(err))
	}
	if made := h.make("2026-10"); made.Vouchers != 0 || made.Journals == 0 {
		t.Errorf("%+v", made)
	}
}

// A making that dies at its last statement takes its numbers and everything else
// back.
func TestVouchers_numbers_have_no_gaps(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.freeze("2026-10-09", h.account(ledger.Available, 1, ""), 71, 100)
	h.exec(`ALTER TABLE voucher_event ADD CONSTRAINT dies CHECK (amount_fen = 0)`)
	if _, err := h.books.MakeVouchers(h.he, "2026-10"); err == nil {
		t.Fatal("made")
	}
	h.exec(`ALTER TABLE voucher_event DROP CONSTRAINT dies`)
	h.make("2026-10")
	h.want("2026-10", "2026-10-f-0001 10-09 due: d 5001 1.00 c 2303 1.00")
}

// Many at once make each voucher once, and numbers without a gap.
func TestRace_vouchers(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	from := h.account(ledger.Available, 1, "")
	const rounds = 6
	var wg sync.WaitGroup
	for i := range rounds {
		h.freeze(fmt.Sprintf("2026-10-%02d", 10+i), from, 71, 100)
		for range 3 {
			wg.Go(func() {
				if _, err := h.books.MakeVouchers(h.he, "2026-10"); err != nil {
					t.Error(explained(err))
				}
			})
		}
	}
	wg.Wait()
	h.make("2026-10")
	list, err := books.Vouchers(t.Context(), h.db.Pool(), books.VoucherQuery{Period: "2026-10", Limit: 100})
	if err != nil || len(list) != rounds {
		t.Fatalf("%d vouchers, %v", len(list), err)
	}
	for i, v := range list {
		if v.No != int64(i+1) {
			t.Errorf("voucher %d has number %d", i+1, v.No)
		}
	}
}

// Every planted difference between vouchers, journals and the fund ledger is found.
func TestVerify_names_what_was_altered_in_vouchers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, want string }{
		"an_amount":               {`UPDATE voucher_line SET amount_fen = amount_fen + 1 WHERE line = 1 AND account = '5001'`, "voucher_balanced voucher_sources"},
		"both_sides_of_a_voucher": {`UPDATE voucher_line SET amount_fen = amount_fen + 1 WHERE voucher IN (SELECT voucher FROM voucher_line WHERE account = '5001')`, "voucher_balanced voucher_sources voucher_sources"},
		"both_sides_and_head_and_sources": {`WITH v AS (SELECT voucher FROM voucher_line WHERE account = '5001'),
			a AS (UPDATE voucher_line SET amount_fen = amount_fen + 1 WHERE voucher IN (SELECT voucher FROM v)),
			b AS (UPDATE voucher SET amount_fen = amount_fen + 1 WHERE id IN (SELECT voucher FROM v))
			UPDATE voucher_source SET amount_fen = amount_fen + 1 WHERE voucher IN (SELECT voucher FROM v)`, "voucher_entered"},
		"all_of_it": {`WITH v AS (SELECT voucher FROM voucher_line WHERE account = '5001'),
			a AS (UPDATE voucher_line SET amount_fen = amount_fen + 1 WHERE voucher IN (SELECT voucher FROM v)),
			b AS (UPDATE voucher SET amount_fen = amount_fen + 1 WHERE id IN (SELECT voucher FROM v)),
			c AS (UPDATE voucher_event SET amount_fen = amount_fen + 1 WHERE event = 'due')
			UPDATE voucher_source SET amount_fen = amount_fen + 1 WHERE voucher IN (SELECT voucher FROM v)`, "voucher_ties"},
		"the_fund_ledger":     {`UPDATE transfer SET amount_fen = amount_fen + 1 WHERE journal = (SELECT max(journal) FROM transfer)`, "voucher_ties"},
		"a_voucher_gone":      {`WITH v AS (DELETE FROM voucher_line WHERE account IN ('5001', '2303') RETURNING voucher) SELECT count(*) FROM v`, "voucher_balanced voucher_balanced voucher_entered voucher_entered"},
		"a_gap":               {`UPDATE voucher SET no = no + 1 WHERE book = 'budget'`, "voucher_numbers"},
		"a_first_number":      {`UPDATE voucher_number SET last = last + 1 WHERE book = 'budget'`, "voucher_numbers"},
		"a_journal_forgotten": {`DELETE FROM voucher_journal WHERE journal = (SELECT max(journal) FROM voucher_event)`, "voucher_read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHall(t)
			h.freeze("2026-10-09", h.account(ledger.Available, 1, ""), 71, 100)
			h.pay("2026-10-10", 71)
			h.make("2026-10")
			h.exec(c.sql)
			if got := strings.Join(h.found(), " "); got != c.want {
				t.Errorf("finds %q, want %q", got, c.want)
			}
		})
	}
}

// Once vouchers are kept, a month closes only with all of them; and a closed month
// takes no more: what was left out is entered in the first open one.
func TestVouchers_and_the_close_of_a_month(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	from := h.account(ledger.Available, 1, "")
	h.freeze("2026-10-09", from, 71, 100)
	h.close("2026-10") // nobody keeps vouchers yet
	_, err := h.books.MakeVouchers(h.he, "2026-10")
	h.refused("VOUCHER_PERIOD_CLOSED", err)
	h.freeze("2026-11-09", from, 72, 200)
	h.make("2026-11")
	h.want("2026-11", "2026-11-f-0001 11-01 due: d 5001 1.00 c 2303 1.00", "2026-11-f-0002 11-09 due: d 5001 2.00 c 2303 2.00")
	h.pay("2026-11-10", 72)
	_, err = h.books.ProposeClose(h.he, "2026-11", "月结")
	h.refused("PERIOD_OPEN_ITEMS", err)
	if e, ok := errors.AsType[*errs.Error](err); !ok || e.Fields[0].Code != "PERIOD_OPEN_VOUCHERS" {
		t.Errorf("%+v", err)
	}
	h.make("2026-11")
	h.close("2026-11")
	_, err = h.books.MakeVouchers(h.he, "2026")
	h.refused("VOUCHER_MONTH", err)
	_, err = h.books.MakeVouchers(t.Context(), "2026-12")
	h.refused("AUTH_NO_ACTOR", err)
}

// The year's income and expense become surplus and carry-over, once; what comes
// after is closed too.
func TestVouchers_close_of_the_year(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	from := h.account(ledger.Available, 1, "")
	h.freeze("2026-11-09", from, 71, 100)
	h.freeze("2026-11-09", from, 72, 200)
	h.pay("2026-11-10", 71)
	_, err := h.books.CloseYear(h.he, 2026)
	h.refused("VOUCHER_YEAR_OPEN", err)
	h.make("2026-10")
	h.make("2026-11")
	if _, err := h.books.CloseYear(h.he, 2026); err != nil {
		t.Fatal(explained(err))
	}
	h.want("2026-12", "2026-12-f-0001 12-31 year_close: d 3301 3.00 d 4001 1.00 c 3301 1.00 c 5001 3.00",
		"2026-12-f-0002 12-31 year_close: d 3302 2.00 c 3301 2.00",
		"2026-12-f-0003 12-31 year_close: d 3001 2.00 c 3302 2.00",
		"2026-12-b-0001 12-31 year_close: d 6001 1.00 d 8101.06 1.00 c 7101.01 1.00 c 8101.06 1.00")
	h.sound()
	balances, err := books.Balances(t.Context(), h.db.Pool(), books.BalanceQuery{From: date("2026-12-01"), To: date("2026-12-31")})
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]money.Fen{}
	var sum money.Fen
	for _, b := range balances {
		sum += b.Closing
		if b.Closing != 0 {
			left[b.Account] = b.Closing
		}
	}
	if diff := cmp.Diff(map[string]money.Fen{"3001": 200, "2303": -200}, left); diff != "" || sum != 0 {
		t.Error(diff, sum)
	}
	if again, err := h.books.CloseYear(h.he, 2026); err != nil || again.Vouchers != 0 {
		t.Errorf("closed again: %+v %v", again, err)
	}
	h.pay("2026-12-20", 72)
	h.make("2026-12")
	if _, err := h.books.CloseYear(h.he, 2026); err != nil {
		t.Fatal(explained(err))
	}
	h.sound()
	d, err := books.DetailOf(t.Context(), h.db.Pool(), "4001", books.BalanceQuery{From: date("2026-12-01"), To: date("2026-12-31")})
	if err != nil || d.Opening != -100 || d.Closing != 0 || len(d.Rows) != 3 || d.Debits != 300 || d.Credits != 200 {
		t.Errorf("%+v %v", d, err)
	}
}

// Unused quota is accrued where an area says so, and nowhere else.
func TestVouchers_unused_quota(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.books.WithQuota(unused{"青禾县民政局": 900})
	h.make("2026-10")
	if made, err := h.books.CloseYear(h.he, 2026); err != nil || made.Vouchers != 0 {
		t.Fatalf("%+v %v", made, err)
	}
	h.set("quota_accrual", "on")
	for range 2 {
		if _, err := h.books.CloseYear(h.he, 2026); err != nil {
			t.Fatal(explained(err))
		}
		h.want("2026-12", "2026-12-f-0001 12-31 quota_unused: d 1201 9.00 c 4001 9.00",
			"2026-12-f-0002 12-31 year_close: d 4001 9.00 c 3301 9.00",
			"2026-12-f-0003 12-31 year_close: d 3301 9.00 c 3302 9.00",
			"2026-12-f-0004 12-31 year_close: d 3302 9.00 c 3001 9.00",
			"2026-12-b-0001 12-31 quota_unused: d 8001.03 9.00 c 6001 9.00",
			"2026-12-b-0002 12-31 year_close: d 6001 9.00 c 8101.06 9.00")
	}
	h.sound()
}

// unused is the unspent quota that the rooms above would tell of.
type unused map[string]money.Fen

func (u unused) UnusedOf(context.Context, db.Querier, int) (map[string]money.Fen, error) {
	return u, nil
}
