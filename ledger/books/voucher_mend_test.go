package books_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/ledger/books"
	"fenlu/money"
)

// found records that evidence found more of a payment back, in the journal that
// moved it.
func (h *hall) partBack(on string, payment int64, amount money.Fen) {
	h.t.Helper()
	p := h.step(on, "settlement", "evidence:9", ledger.PartMove{Holding: h.legs[payment], From: ledger.Paid, To: ledger.Returned, Amount: amount})
	from := "part_returned"
	var n int
	if err := h.owner.QueryRow(h.t.Context(), `SELECT max(e.n) FROM attempt_event e JOIN attempt a ON a.id = e.attempt WHERE a.payment = $1`, payment).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	if n == 1 {
		from = "paid"
	}
	h.exec(`INSERT INTO attempt_event (attempt, n, from_state, to_state, journal, happened_at)
		SELECT id, $2, $3, 'part_returned', $4, '2027-01-05T00:00:00Z' FROM attempt WHERE payment = $1`, payment, n+1, from, int64(p.Journal))
}

// What came back in parts of a payment of an earlier year is all of that year:
// the first part back is no payment of this one.
func TestVouchers_return_of_an_earlier_year_in_parts(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.freeze("2026-12-09", h.account(ledger.Available, 1, ""), 71, 100)
	h.pay("2026-12-10", 71)
	h.make("2026-12")
	h.partBack("2027-01-05", 71, 30)
	h.partBack("2027-01-08", 71, 20)
	h.partBack("2027-01-09", 71, 10)
	h.setNext("prior_return", "quota_kept")
	h.make("2027-01")
	for _, line := range h.lines("2027-01") {
		if !strings.Contains(line, "returned prior_year") {
			t.Error(line)
		}
	}
	if n := len(h.lines("2027-01")); n != 6 {
		t.Errorf("%d vouchers", n)
	}
}

// A rule that says more in one book takes nothing from the other book.
func TestVouchers_rules_of_each_book(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.set("accrual", "off")
	h.freeze("2026-10-09", h.account(ledger.Available, 1, ""), 71, 100)
	h.pay("2026-10-10", 71)
	rules := []books.Rule{
		{Year: 2026, Event: books.PaidOut, Purpose: "benefit", Payee: "person", Book: books.Financial, Ord: 1, Debit: "5001", Credit: "1002", Status: books.Verified, Source: "青财〔2026〕1号"},
		{Year: 2026, Event: books.PaidOut, Purpose: "benefit", Book: books.Budget, Ord: 1, Debit: "7101.01", Credit: "6001", Status: books.Verified, Source: "青财〔2026〕1号"},
	}
	if _, err := h.books.ImportRules(h.he, "rules.csv", rules, []int{2, 3}); err != nil {
		t.Fatal(explained(err))
	}
	h.make("2026-10")
	h.want("2026-10", "2026-10-f-0001 10-10 paid: d 5001 1.00 c 1002 1.00", "2026-10-b-0001 10-10 paid: d 7101.01 1.00 c 6001 1.00")
}

// An office whose own rules name one book is entered in the other by everybody's.
func TestVouchers_own_rules_of_one_book(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.set("accrual", "off")
	h.freeze("2026-10-09", h.account(ledger.Available, 1, ""), 71, 100)
	h.pay("2026-10-10", 71)
	rule := books.Rule{Area: "青禾县民政局", Year: 2026, Event: books.PaidOut, Book: books.Financial, Ord: 1, Debit: "5001", Credit: "1002", Status: books.Verified, Source: "青财〔2026〕1号"}
	if _, err := h.books.ImportRules(h.he, "rules.csv", []books.Rule{rule}, []int{2}); err != nil {
		t.Fatal(explained(err))
	}
	h.make("2026-10")
	h.want("2026-10", "2026-10-f-0001 10-10 paid: d 5001 1.00 c 1002 1.00", "2026-10-b-0001 10-10 paid: d 7101.01 1.00 c 6001 1.00")
}

// The same rules twice are one version.
func TestImportRules_the_same_again(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	rules := []books.Rule{
		{Year: 2026, Event: books.Due, Book: books.Financial, Ord: 1, Debit: "5001", Credit: "2302", Status: books.ToBeConfirmed, Source: "青财〔2026〕1号"},
		{Year: 2026, Event: books.Due, Purpose: "carveout", Book: books.Financial, Ord: 1, Debit: "5001", Credit: "2303", Status: books.ToBeConfirmed, Source: "青财〔2026〕1号"},
	}
	for i, want := range []int{2, 0, 0} {
		if i == 2 {
			rules[0], rules[1] = rules[1], rules[0]
		}
		n, err := h.books.ImportRules(h.he, "rules.csv", rules, []int{2, 3})
		if err != nil || n != want {
			t.Errorf("import %d: %d stored, %v", i+1, n, err)
		}
	}
	var versions int
	if err := h.owner.QueryRow(t.Context(), `SELECT max(version) FROM voucher_rule WHERE event = 'due'`).Scan(&versions); err != nil || versions != 1 {
		t.Errorf("version %d, %v", versions, err)
	}
	rules[0].Credit = "2302"
	if n, err := h.books.ImportRules(h.he, "rules.csv", rules, []int{2, 3}); err != nil || n != 2 {
		t.Errorf("another credit: %d stored, %v", n, err)
	}
}

// What is on its way when the setting changes is paid as it was booked when due.
func TestVouchers_accrual_changes_under_way(t *testing.T) {
	t.Parallel()
	for before, want := range map[string]string{"on": "2026-11-f-0001 11-10 paid: d 2303 1.00 c 4001 1.00", "off": "2026-11-f-0001 11-10 paid: d 5001 1.00 c 4001 1.00"} {
		t.Run(before, func(t *testing.T) {
			t.Parallel()
			h := newHall(t)
			h.set("accrual", before)
			h.freeze("2026-10-09", h.account(ledger.Available, 1, ""), 71, 100)
			h.make("2026-10")
			h.set("accrual", map[string]string{"on": "off", "off": "on"}[before])
			h.pay("2026-11-10", 71)
			h.make("2026-11")
			h.want("2026-11", want, "2026-11-b-0001 11-10 paid: d 7101.01 1.00 c 6001 1.00")
		})
	}
}

// What was adjusted of earlier years accumulates when the year is closed.
func TestVouchers_close_takes_adjustments_of_earlier_years(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.freeze("2026-12-09", h.account(ledger.Available, 1, ""), 71, 100)
	h.make("2026-10")
	h.make("2026-12")
	h.step("2027-01-05", "withdraw", "batch:7", ledger.GiveBack{Holdings: []ledger.HoldingID{h.legs[71]}, From: ledger.Frozen})
	h.make("2027-01")
	if _, err := h.books.CloseYear(h.he, 2027); err != nil {
		t.Fatal(explained(err))
	}
	h.want("2027-12", "2027-12-f-0001 12-31 year_close: d 3501 1.00 c 3001 1.00")
	h.sound()
}

// An account of the year that no step closes keeps the year from closing.
func TestVouchers_close_refuses_what_is_left(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.exec(`INSERT INTO voucher_account (year, code, book, name_zh, name_en, normal, status, source) VALUES (2026, '5901', 'financial', '其他费用', 'Other expense', 'debit', 'verified', 'test')`)
	h.set("accrual", "off")
	h.freeze("2026-10-09", h.account(ledger.Available, 1, ""), 71, 100)
	h.pay("2026-10-10", 71)
	rule := books.Rule{Year: 2026, Event: books.PaidOut, Book: books.Financial, Ord: 1, Debit: "5901", Credit: "4001", Status: books.Verified, Source: "青财〔2026〕1号"}
	if _, err := h.books.ImportRules(h.he, "rules.csv", []books.Rule{rule}, []int{2}); err != nil {
		t.Fatal(explained(err))
	}
	h.make("2026-10")
	_, err := h.books.CloseYear(h.he, 2026)
	h.refused("VOUCHER_CLOSE_LEFT", err)
	if e, ok := errors.AsType[*errs.Error](err); !ok || len(e.Fields) != 1 || e.Fields[0].Value != "1.00" || !strings.Contains(explained(err), "5901") {
		t.Errorf("%+v", err)
	}
	h.want("2026-12")
}

// The detail ledger of an account asked for in the other book has no rows and
// stands at nothing.
func TestDetailOf_one_book(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.freeze("2026-10-09", h.account(ledger.Available, 1, ""), 71, 100)
	h.make("2026-10")
	for book, rows := range map[books.Book]int{books.Financial: 1, books.Budget: 0, "": 1} {
		d, err := books.DetailOf(t.Context(), h.db.Pool(), "5001", books.BalanceQuery{From: date("2026-10-01"), To: date("2026-10-31"), Book: book})
		if err != nil || len(d.Rows) != rows || d.Closing != money.Fen(100*rows) {
			t.Errorf("%q: %+v %v", book, d, err)
		}
	}
}

// An office that no budget line is of is a slip of the pen, not an empty book.
func TestVouchers_unknown_office(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	const slip = "青禾县民正局"
	h.refused("VOUCHER_OFFICE_UNKNOWN", h.books.Set(h.he, books.Setting{Area: slip, Year: 2026, Name: "accrual", Value: "off", Document: "青财〔2026〕1号"}))
	rule := books.Rule{Area: slip, Year: 2026, Event: books.Due, Book: books.Financial, Ord: 1, Status: books.Verified, Source: "青财〔2026〕1号"}
	_, err := h.books.ImportRules(h.he, "rules.csv", []books.Rule{rule}, []int{2})
	h.refused("VOUCHER_RULES", err)
	_, err = books.Vouchers(t.Context(), h.db.Pool(), books.VoucherQuery{Period: "2026-10", Office: slip, Limit: 9})
	h.refused("VOUCHER_OFFICE_UNKNOWN", err)
	_, err = books.DetailOf(t.Context(), h.db.Pool(), "5001", books.BalanceQuery{From: date("2026-10-01"), To: date("2026-10-31"), Office: slip})
	h.refused("VOUCHER_OFFICE_UNKNOWN", err)
}

// Quota that was used since it was accrued is taken back in red; none left takes
// all of it back.
func TestVouchers_unused_quota_that_fell(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.make("2026-10")
	h.set("quota_accrual", "on")
	for _, left := range []unused{{"青禾县民政局": 900}, {"青禾县民政局": 600}, {}} {
		h.books.WithQuota(left)
		if _, err := h.books.CloseYear(h.he, 2026); err != nil {
			t.Fatal(explained(err))
		}
	}
	var got []string
	for _, line := range h.lines("2026-12") {
		if strings.Contains(line, "quota_unused") {
			got = append(got, line)
		}
	}
	if diff := cmp.Diff([]string{"2026-12-f-0001 12-31 quota_unused: d 1201 9.00 c 4001 9.00", "2026-12-f-0005 12-31 quota_unused: d 1201 -3.00 c 4001 -3.00",
		"2026-12-f-0009 12-31 quota_unused: d 1201 -6.00 c 4001 -6.00", "2026-12-b-0001 12-31 quota_unused: d 8001.03 9.00 c 6001 9.00",
		"2026-12-b-0003 12-31 quota_unused: d 8001.03 -3.00 c 6001 -3.00", "2026-12-b-0005 12-31 quota_unused: d 8001.03 -6.00 c 6001 -6.00"}, got); diff != "" {
		t.Error(diff)
	}
	h.sound()
}
