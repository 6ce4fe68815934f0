package payment_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/internal/ident"
	"fenlu/internal/pgtest"
	"fenlu/internal/vault"
	"fenlu/ledger"
	"fenlu/money"
)

var day = time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC)

// office is a county with one lot of 1,000.00 yuan and three people.
type office struct {
	t      *testing.T
	ctx    context.Context //nolint:containedctx // a test's own
	env    *pgtest.Env
	db     *db.DB
	ledger *ledger.Service
	svc    *payment.Service
	lot    ledger.LotID
	people []int64
	accts  []parties.AccountID
	n      int
}

func newOffice(t *testing.T) *office {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 10, 9, 9, 0, 0, 0, clock.Shanghai))
	log := slog.New(slog.DiscardHandler)
	env := pgtest.NewEnv(t)
	o := &office{t: t, env: env, db: env.Open(t)}
	o.ctx = auth.WithActor(t.Context(), auth.Actor{Login: "sun", Name: "孙嘉木", Rights: auth.NewRights(auth.BatchRelease, auth.PeopleUnmask)})
	keys, err := vault.Create(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	people := parties.New(o.db, keys, c, log)
	o.importPeople(people)
	o.ledger = ledger.New(o.db, c, log)
	o.svc = payment.NewService(o.db, o.ledger, people, c, log)
	o.run(func(tx pgx.Tx) error {
		if o.lot, err = ledger.OpenLot(o.ctx, tx, ledger.Appropriation); err != nil {
			return err
		}
		_, err = o.ledger.PostTx(o.ctx, tx, o.command(ledger.Bring{Lot: o.lot, To: ledger.Place{Kind: ledger.Available, BudgetLine: 1}, Amount: 1000_00}))
		return err
	})
	return o
}

func (o *office) importPeople(svc *parties.Service) {
	o.t.Helper()
	head := "类型,户号,与户主关系,姓名,证件类型,证件号码,临时身份原因,临时身份批准人,临时身份有效期,区划代码,地址类别,账户类型,银行行号,开户银行,账号,户名,核实人,核实日期,单位类别\n"
	var b strings.Builder
	b.WriteString(head)
	var ids []string
	for i, name := range []string{"唐志远", "蒋玉兰", "何长贵"} {
		id := fmt.Sprintf("9913011960010100%d", i+1)
		id += string(ident.ResidentCheck(id))
		card := fmt.Sprintf("62299913010000%04d", i+1)
		card += string(ident.LuhnCheck(card))
		fmt.Fprintf(&b, "个人,LX-%04d,户主,%s,居民身份证,%s,,,,991301100201,农村,社保卡,402991300018,青禾农商行,%s,%s,吴晓棠,2026-01-05,\n", i+1, name, id, card, name)
		ids = append(ids, id)
	}
	file := filepath.Join(o.t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		o.t.Fatal(err)
	}
	if _, err := svc.ImportPeople(o.ctx, file, "zhou"); err != nil {
		o.t.Fatalf("%v: %+v", err, err)
	}
	found, err := svc.ResolvePeople(o.ctx, o.db.Pool(), ids)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, id := range ids {
		o.people = append(o.people, int64(found[id].ID))
	}
	accounts, err := svc.CurrentAccounts(o.ctx, o.db.Pool(), o.people)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, p := range o.people {
		o.accts = append(o.accts, accounts[p].ID)
	}
}

func (o *office) run(fn func(tx pgx.Tx) error) {
	o.t.Helper()
	if err := o.db.Run(o.ctx, fn); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) command(steps ...ledger.Step) ledger.Command {
	o.n++
	return ledger.Command{Key: fmt.Sprintf("k%d", o.n), Kind: "test", Actor: "zhou", Cause: "batch:1", BusinessDate: day, Steps: steps}
}

// freeze forms one payment for each list of line amounts and freezes its money:
// line k of payment i is for person k.
func (o *office) freeze(lines ...[]money.Fen) []payment.ToPay {
	o.t.Helper()
	var out []payment.ToPay
	o.run(func(tx pgx.Tx) error {
		ids, err := payment.NextIDs(o.ctx, tx, len(lines))
		if err != nil {
			return err
		}
		out = nil
		var legs []ledger.Leg
		var list []payment.New
		for i, amounts := range lines {
			n := payment.New{No: i + 1, Payee: o.people[i], LineCount: len(amounts)}
			for k, a := range amounts {
				legs = append(legs, ledger.Leg{Line: int64(100*i + k + 1), Payment: ids[i], Party: o.people[k], Amount: a})
				n.Amount += a
			}
			list = append(list, n)
			out = append(out, payment.ToPay{Payment: payment.ID(ids[i]), Account: o.accts[i]})
		}
		if err := o.svc.FormTx(o.ctx, tx, 1, ids, list); err != nil {
			return err
		}
		from, _, err := ledger.AccountAt(o.ctx, tx, o.lot, ledger.Place{Kind: ledger.Available, BudgetLine: 1})
		if err != nil {
			return err
		}
		_, err = o.ledger.PostTx(o.ctx, tx, o.command(ledger.Draw{From: from.ID, To: ledger.Frozen, Legs: legs}))
		return err
	})
	return out
}

// release releases payments and hands the files that are there to the bank.
func (o *office) release(reissue bool, pay ...payment.ToPay) []payment.File {
	o.t.Helper()
	if reissue {
		if _, err := o.svc.WriteFiles(o.ctx, 1, o.t.TempDir()); err != nil {
			o.t.Fatal(err)
		}
	}
	var files []payment.File
	o.run(func(tx pgx.Tx) (err error) {
		files, err = o.svc.ReleaseTx(o.ctx, tx, payment.Release{Batch: 1, BatchCode: "PC-1", BatchNo: 1, Office: "QHMZ", Channel: "DF",
			Reissue: reissue, Payments: pay, Remark: "低保202610", ExecuteOn: day, Actor: "sun"})
		return err
	})
	return files
}

// attempt is the latest attempt of a payment.
func (o *office) attempt(p payment.ToPay) payment.Attempt {
	o.t.Helper()
	list, err := payment.AttemptsOf(o.ctx, o.db.Pool(), p.Payment)
	if err != nil || len(list) == 0 {
		o.t.Fatalf("attempts of %d: %v", p.Payment, err)
	}
	return list[len(list)-1]
}

func (o *office) apply(outcomes ...evidence.Outcome) evidence.Applied {
	o.t.Helper()
	var done evidence.Applied
	o.n++
	key := fmt.Sprintf("evidence/%d", o.n)
	o.run(func(tx pgx.Tx) (err error) {
		done, err = o.svc.ApplyTx(o.ctx, tx, outcomes, evidence.Command{Key: key, Actor: "he", Cause: "evidence:1", BusinessDate: day})
		return err
	})
	return done
}

func (o *office) want(want map[ledger.AccountKind]money.Fen) {
	o.t.Helper()
	accounts, err := ledger.Accounts(o.ctx, o.db.Pool())
	if err != nil {
		o.t.Fatal(err)
	}
	got := map[ledger.AccountKind]money.Fen{}
	for _, a := range accounts {
		if a.Balance != 0 && a.Place.Kind != ledger.Appropriated {
			got[a.Place.Kind] += a.Balance
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		o.t.Errorf("balances in fen (-want +got):\n%s", diff)
	}
	for name, verify := range map[string]func() (int, error){
		"ledger":  func() (int, error) { f, err := ledger.Verify(o.ctx, o.db.Pool()); return o.say(f), err },
		"payment": func() (int, error) { f, err := o.svc.Verify(o.ctx, o.db.Pool()); return o.say(f), err },
	} {
		if n, err := verify(); n != 0 || err != nil {
			o.t.Errorf("%s: %d findings, %v", name, n, err)
		}
	}
}

func (o *office) say(findings any) int {
	text := fmt.Sprintf("%+v", findings)
	if text == "[]" {
		return 0
	}
	o.t.Log(text)
	return 1
}

func paid(a payment.Attempt) evidence.Outcome {
	return evidence.Outcome{Attempt: a.ID, State: evidence.Paid, Booked: a.Amount, File: 1, Pos: 1}
}

func failed(a payment.Attempt) evidence.Outcome {
	return evidence.Outcome{Attempt: a.ID, State: evidence.Failed, File: 1, Pos: 1}
}

func TestRelease_writes_the_same_bytes_again(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	pay := o.freeze([]money.Fen{300_00}, []money.Fen{200_00, 50_00})
	files := o.release(false, pay...)
	o.want(map[ledger.AccountKind]money.Fen{"available": 450_00, "in_transit": 550_00})
	dir := t.TempDir()
	var first []byte
	for range 2 {
		if _, err := o.svc.WriteFiles(o.ctx, 1, dir); err != nil {
			t.Fatal(err)
		}
		bytesNow, err := os.ReadFile(filepath.Join(dir, files[0].Name))
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !bytes.Equal(first, bytesNow) {
			t.Error("the second writing differs")
		}
		first = bytesNow
	}
	if got := o.attempt(pay[0]).State; got != evidence.Sent {
		t.Errorf("state after writing: %s", got)
	}
}

func TestRelease_refuses_a_second_live_attempt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	pay := o.freeze([]money.Fen{300_00})
	o.release(false, pay...)
	if _, err := o.svc.WriteFiles(o.ctx, 1, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	err := o.db.Run(o.ctx, func(tx pgx.Tx) error {
		_, err := o.svc.ReleaseTx(o.ctx, tx, payment.Release{Batch: 1, BatchCode: "PC-1", BatchNo: 1, Office: "QHMZ", Channel: "DF", Reissue: true,
			Payments: pay, Remark: "x", ExecuteOn: day, Actor: "sun"})
		return err
	})
	if errs.CodeOf(err) != "PAYMENT_LIVE" {
		t.Errorf("got %v", err)
	}
}

func TestRelease_refuses_a_reissue_while_the_first_file_is_not_written(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	pay := o.freeze([]money.Fen{300_00}, []money.Fen{200_00})
	o.release(false, pay...)
	o.apply(failed(o.attempt(pay[0])))
	err := o.db.Run(o.ctx, func(tx pgx.Tx) error {
		_, err := o.svc.ReleaseTx(o.ctx, tx, payment.Release{Batch: 1, BatchCode: "PC-1", BatchNo: 1, Office: "QHMZ", Channel: "DF", Reissue: true,
			Payments: []payment.ToPay{{Payment: pay[0].Payment, Account: o.accts[1]}}, Remark: "x", ExecuteOn: day, Actor: "sun"})
		return err
	})
	if errs.CodeOf(err) != "PAYMENT_FILE_UNWRITTEN" {
		t.Errorf("got %v", err)
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	t.Run("success_failure_and_reissue", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		pay := o.freeze([]money.Fen{300_00}, []money.Fen{200_00})
		o.release(false, pay...)
		o.apply(paid(o.attempt(pay[0])), failed(o.attempt(pay[1])))
		o.want(map[ledger.AccountKind]money.Fen{"available": 500_00, "paid": 300_00, "returned": 200_00})
		o.release(true, payment.ToPay{Payment: pay[1].Payment, Account: o.accts[2]})
		second := o.attempt(pay[1])
		if second.N != 2 || second.Amount != 200_00 {
			t.Errorf("second attempt: %+v", second)
		}
		o.apply(paid(second))
		o.want(map[ledger.AccountKind]money.Fen{"available": 500_00, "paid": 500_00})
	})
	t.Run("the_same_outcome_twice_changes_nothing", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		pay := o.freeze([]money.Fen{300_00})
		o.release(false, pay...)
		a := o.attempt(pay[0])
		o.apply(paid(a))
		if done := o.apply(paid(a)); done.Journal != 0 {
			t.Errorf("a second settlement: %+v", done)
		}
		o.want(map[ledger.AccountKind]money.Fen{"available": 700_00, "paid": 300_00})
	})
	t.Run("return_before_success_is_one_journal", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		pay := o.freeze([]money.Fen{300_00})
		o.release(false, pay...)
		a := o.attempt(pay[0])
		o.apply(evidence.Outcome{Attempt: a.ID, State: evidence.Returned, Booked: a.Amount, Returned: a.Amount})
		o.want(map[ledger.AccountKind]money.Fen{"available": 700_00, "returned": 300_00})
	})
	t.Run("a_part_return_moves_only_the_line_the_bank_names", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		pay := o.freeze([]money.Fen{100_00, 100_00, 100_00})
		o.release(false, pay...)
		a := o.attempt(pay[0])
		o.apply(paid(a))
		done := o.apply(evidence.Outcome{Attempt: a.ID, State: evidence.PartReturned, Booked: a.Amount, Returned: 100_00, Back: []evidence.Back{{Amount: 100_00, Hint: "退回 蒋玉兰 已离院"}}})
		if len(done.WhichLine) != 0 {
			t.Errorf("the bank named the line: %+v", done)
		}
		o.want(map[ledger.AccountKind]money.Fen{"available": 700_00, "paid": 200_00, "returned": 100_00})
		legs, err := ledger.HoldingsOfPayments(o.ctx, o.db.Pool(), []int64{int64(pay[0].Payment)})
		if err != nil {
			t.Fatal(err)
		}
		moved := slices.IndexFunc(legs, func(h ledger.Holding) bool {
			acct, err := ledger.AccountByID(o.ctx, o.db.Pool(), h.Account)
			return err == nil && acct.Place.Kind == ledger.Returned
		})
		if moved < 0 || legs[moved].Party != o.people[1] {
			t.Errorf("another line came back: %+v", legs)
		}
	})
	t.Run("a_part_return_without_a_name_asks_which_line", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		pay := o.freeze([]money.Fen{100_00, 100_00})
		o.release(false, pay...)
		a := o.attempt(pay[0])
		done := o.apply(evidence.Outcome{Attempt: a.ID, State: evidence.PartReturned, Booked: a.Amount, Returned: 60_00,
			Back: []evidence.Back{{Amount: 60_00, Hint: "退汇"}}})
		if len(done.WhichLine) != 1 {
			t.Errorf("nobody was asked: %+v", done)
		}
		o.want(map[ledger.AccountKind]money.Fen{"available": 800_00, "paid": 140_00, "returned": 60_00})
	})
	t.Run("failed_and_paid_after_all_is_named", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		pay := o.freeze([]money.Fen{300_00})
		o.release(false, pay...)
		a := o.attempt(pay[0])
		o.apply(failed(a))
		if done := o.apply(paid(a)); len(done.Contradicting) != 1 {
			t.Errorf("the contradiction was not named: %+v", done)
		}
		o.want(map[ledger.AccountKind]money.Fen{"available": 700_00, "paid": 300_00})
	})
	t.Run("paid_twice_is_booked_to_suspense", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		pay := o.freeze([]money.Fen{300_00})
		o.release(false, pay...)
		first := o.attempt(pay[0])
		o.apply(failed(first))
		o.release(true, payment.ToPay{Payment: pay[0].Payment, Account: o.accts[1]})
		if _, err := o.svc.WriteFiles(o.ctx, 1, t.TempDir()); err != nil {
			t.Fatal(err)
		}
		o.apply(paid(o.attempt(pay[0])))
		if done := o.apply(paid(first)); len(done.PaidTwice) != 1 {
			t.Errorf("nobody was told: %+v", done)
		}
		o.want(map[ledger.AccountKind]money.Fen{"available": 400_00, "paid": 300_00, "suspense": 300_00})
	})
	t.Run("a_sealed_instruction_is_never_stopped", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		pay := o.freeze([]money.Fen{300_00})
		o.release(false, pay...)
		first := o.attempt(pay[0])
		o.apply(failed(first))
		o.release(true, payment.ToPay{Payment: pay[0].Payment, Account: o.accts[1]})
		o.apply(paid(first))
		o.want(map[ledger.AccountKind]money.Fen{"available": 400_00, "in_transit": 300_00, "suspense": 300_00})
		o.apply(failed(o.attempt(pay[0])))
		o.want(map[ledger.AccountKind]money.Fen{"available": 700_00, "paid": 300_00})
	})
	t.Run("an_older_attempt_settles_legs_that_came_back", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		pay := o.freeze([]money.Fen{300_00})
		o.release(false, pay...)
		first := o.attempt(pay[0])
		o.apply(failed(first))
		o.release(true, payment.ToPay{Payment: pay[0].Payment, Account: o.accts[1]})
		o.apply(failed(o.attempt(pay[0])))
		o.apply(paid(first))
		o.want(map[ledger.AccountKind]money.Fen{"available": 700_00, "paid": 300_00})
	})
	t.Run("the_bank_debits_one_instruction_twice", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		pay := o.freeze([]money.Fen{300_00})
		o.release(false, pay...)
		out := paid(o.attempt(pay[0]))
		o.apply(out)
		out.Excess = 300_00
		if done := o.apply(out); len(done.PaidTwice) != 1 {
			t.Errorf("nobody was told: %+v", done)
		}
		o.want(map[ledger.AccountKind]money.Fen{"available": 400_00, "paid": 300_00, "suspense": 300_00})
	})
	t.Run("what_was_paid_twice_on_an_empty_lot_is_a_claim_until_it_comes_back", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		pay := o.freeze([]money.Fen{1000_00})
		o.release(false, pay...)
		out := paid(o.attempt(pay[0]))
		out.Excess = 1000_00
		o.apply(out)
		o.want(map[ledger.AccountKind]money.Fen{"paid": 1000_00, "suspense": 1000_00, "shortfall": -1000_00})
		out.Excess = 0
		o.apply(out)
		o.want(map[ledger.AccountKind]money.Fen{"paid": 1000_00})
	})
	t.Run("two_residents_come_back_in_one_statement", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		pay := o.freeze([]money.Fen{100_00, 100_00, 100_00})
		o.release(false, pay...)
		a := o.attempt(pay[0])
		o.apply(evidence.Outcome{Attempt: a.ID, State: evidence.PartReturned, Booked: a.Amount, Returned: 200_00,
			Back: []evidence.Back{{Amount: 100_00, Hint: "退 唐志远"}, {Amount: 100_00, Hint: "退 何长贵"}}})
		o.want(map[ledger.AccountKind]money.Fen{"available": 700_00, "paid": 100_00, "returned": 200_00})
		legs, err := ledger.HoldingsOfPayments(o.ctx, o.db.Pool(), []int64{int64(pay[0].Payment)})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range legs {
			acct, err := ledger.AccountByID(o.ctx, o.db.Pool(), h.Account)
			if err != nil || (acct.Place.Kind == ledger.Paid) != (h.Party == o.people[1]) {
				t.Errorf("%+v stands in %s, %v", h, acct.Place.Kind, err)
			}
		}
	})
}

// twice issues a payment of 300.00 that failed once more, and pays the second.
func (o *office) twice() (first payment.Attempt) {
	o.t.Helper()
	pay := o.freeze([]money.Fen{300_00})
	o.release(false, pay...)
	first = o.attempt(pay[0])
	o.apply(failed(first))
	o.release(true, payment.ToPay{Payment: pay[0].Payment, Account: o.accts[1]})
	if _, err := o.svc.WriteFiles(o.ctx, 1, o.t.TempDir()); err != nil {
		o.t.Fatal(err)
	}
	o.apply(paid(o.attempt(pay[0])))
	return first
}

func TestApply_evidence_moves_its_own_attempts_legs_only(t *testing.T) {
	t.Parallel()
	t.Run("the_rest_of_a_part_returned_attempt", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		pay := o.freeze([]money.Fen{100_00})
		o.release(false, pay...)
		first := o.attempt(pay[0])
		o.apply(paid(first))
		o.apply(evidence.Outcome{Attempt: first.ID, State: evidence.PartReturned, Booked: 100_00, Returned: 40_00})
		o.release(true, payment.ToPay{Payment: pay[0].Payment, Account: o.accts[1]})
		o.apply(paid(o.attempt(pay[0])))
		o.want(map[ledger.AccountKind]money.Fen{"available": 900_00, "paid": 100_00})
		o.apply(evidence.Outcome{Attempt: first.ID, State: evidence.Returned, Booked: 100_00, Returned: 100_00})
		o.want(map[ledger.AccountKind]money.Fen{"available": 900_00, "paid": 40_00, "returned": 60_00})
	})
	t.Run("an_older_attempt_part_returned_after_all", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		first := o.twice()
		o.apply(evidence.Outcome{Attempt: first.ID, State: evidence.PartReturned, Booked: 300_00, Returned: 100_00})
		o.want(map[ledger.AccountKind]money.Fen{"available": 500_00, "paid": 300_00, "suspense": 200_00})
	})
	t.Run("an_older_attempt_paid_and_then_returned", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		first := o.twice()
		o.apply(paid(first))
		o.want(map[ledger.AccountKind]money.Fen{"available": 400_00, "paid": 300_00, "suspense": 300_00})
		o.apply(evidence.Outcome{Attempt: first.ID, State: evidence.Returned, Booked: 300_00, Returned: 300_00})
		o.want(map[ledger.AccountKind]money.Fen{"available": 700_00, "paid": 300_00})
	})
}

func TestEndToEndID(t *testing.T) {
	t.Parallel()
	id := payment.EndToEndID("QHMZ", 12, 34, 1)
	if id != payment.EndToEndID("QHMZ", 12, 34, 1) || !payment.ValidID(id) || len(id) > 35 {
		t.Errorf("id %q", id)
	}
	for i := range len(id) - 2 {
		if id[i] == '-' {
			continue
		}
		wrong := []byte(id)
		wrong[i] = 'A' + (wrong[i]+1)%26
		if string(wrong) != id && payment.ValidID(string(wrong)) {
			t.Errorf("a wrong character at %d is not noticed: %s", i, wrong)
		}
	}
}
