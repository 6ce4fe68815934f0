package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"fenlu/auth"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/internal/check"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/ident"
	"fenlu/internal/pgtest"
	"fenlu/internal/simbank"
	"fenlu/internal/vault"
	"fenlu/ledger"
	"fenlu/money"
	"fenlu/reconciliation"
)

var reconDay = time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC)

// reconOffice is a county with one lot, a person with an account, and the
// rooms that pay and reconcile; batches have no list and no approvals here.
type reconOffice struct {
	ctx     context.Context //nolint:containedctx // a test's own, with its actor
	db      *db.DB
	ledger  *ledger.Service
	payment *payment.Service
	recon   *reconciliation.Service
	lot     ledger.LotID
	person  int64
	account parties.AccountID
	n       int
}

func newReconOffice(t *testing.T) *reconOffice {
	t.Helper()
	log, c := slog.New(slog.DiscardHandler), clock.NewManual(time.Date(2026, 10, 9, 9, 0, 0, 0, clock.Shanghai))
	o := &reconOffice{db: pgtest.New(t)}
	o.ctx = auth.WithActor(t.Context(), auth.Actor{Login: "he", Name: "何晓", Rights: auth.NewRights(auth.Reconcile)})
	keys, err := vault.Create(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	people := parties.New(o.db, keys, c, log)
	o.importPerson(t, people)
	o.ledger = ledger.New(o.db, c, log)
	o.payment = payment.NewService(o.db, o.ledger, people, c, log)
	o.recon = reconciliation.New(o.db, o.payment, keys, c, log)
	o.do(t, func(tx pgx.Tx) error {
		if o.lot, err = ledger.OpenLot(o.ctx, tx, ledger.Appropriation); err != nil {
			return err
		}
		_, err = o.ledger.PostTx(o.ctx, tx, o.command(ledger.Bring{Lot: o.lot, To: ledger.Place{Kind: ledger.Available, BudgetLine: 1}, Amount: 10_000_000_00}))
		return err
	})
	return o
}

func (o *reconOffice) importPerson(t *testing.T, svc *parties.Service) {
	t.Helper()
	id, card := "99130119600101001", "622999130100000001"
	id, card = id+string(ident.ResidentCheck(id)), card+string(ident.LuhnCheck(card))
	file := filepath.Join(t.TempDir(), "people.csv")
	text := "类型,户号,与户主关系,姓名,证件类型,证件号码,区划代码,地址类别,账户类型,银行行号,开户银行,账号,户名,核实人,核实日期\n" +
		"个人,LX-0001,户主,唐志远,居民身份证," + id + ",991301100201,农村,社保卡,402991300018,青禾农商行," + card + ",唐志远,吴晓棠,2026-01-05\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := svc.ImportPeople(o.ctx, file, "zhou"); err != nil {
		t.Fatal(err)
	}
	found, err := svc.ResolvePeople(o.ctx, o.db.Pool(), []string{id})
	if err != nil {
		t.Fatal(err)
	}
	o.person = int64(found[id].ID)
	accounts, err := svc.CurrentAccounts(o.ctx, o.db.Pool(), []int64{o.person})
	if err != nil {
		t.Fatal(err)
	}
	o.account = accounts[o.person].ID
}

// fataler is a test or a rapid one.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

func (o *reconOffice) do(t fataler, fn func(tx pgx.Tx) error) {
	t.Helper()
	if err := o.db.Run(o.ctx, fn); err != nil {
		t.Fatalf("%v", err)
	}
}

func (o *reconOffice) command(steps ...ledger.Step) ledger.Command {
	o.n++
	return ledger.Command{Key: fmt.Sprintf("k%d", o.n), Kind: "test", Actor: "zhou", Cause: "batch:1", BusinessDate: reconDay, Steps: steps}
}

// sent is a batch of payments whose file is on its way to the bank.
type sentBatch struct {
	id       int64
	file     payment.File
	bytes    []byte
	payments []payment.ToPay
}

// send forms a payment for each amount, of one line each, freezes, releases
// and writes the file.
func (o *reconOffice) send(t fataler, dir string, batch int64, amounts ...money.Fen) sentBatch {
	t.Helper()
	b := sentBatch{id: batch}
	o.do(t, func(tx pgx.Tx) error {
		ids, err := payment.NextIDs(o.ctx, tx, len(amounts))
		if err != nil {
			return err
		}
		b.payments = nil
		var legs []ledger.Leg
		var list []payment.New
		for i, a := range amounts {
			list = append(list, payment.New{No: i + 1, Payee: o.person, Amount: a, LineCount: 1})
			legs = append(legs, ledger.Leg{Line: batch*100000 + int64(i), Payment: ids[i], Party: o.person, Amount: a})
			b.payments = append(b.payments, payment.ToPay{Payment: payment.ID(ids[i]), Account: o.account})
		}
		if err := o.payment.FormTx(o.ctx, tx, batch, ids, list); err != nil {
			return err
		}
		from, _, err := ledger.AccountAt(o.ctx, tx, o.lot, ledger.Place{Kind: ledger.Available, BudgetLine: 1})
		if err != nil {
			return err
		}
		_, err = o.ledger.PostTx(o.ctx, tx, o.command(ledger.Draw{From: from.ID, To: ledger.Frozen, Legs: legs}))
		return err
	})
	return o.release(t, dir, b, false, b.payments...)
}

func (o *reconOffice) release(t fataler, dir string, b sentBatch, reissue bool, pay ...payment.ToPay) sentBatch {
	t.Helper()
	o.do(t, func(tx pgx.Tx) error {
		files, err := o.payment.ReleaseTx(o.ctx, tx, payment.Release{Batch: b.id, BatchCode: "PC", BatchNo: b.id, Office: "QHMZ", Channel: "DF", Reissue: reissue,
			Payments: pay, Remark: "低保202610", ExecuteOn: reconDay, Actor: "sun"})
		if err == nil {
			b.file = files[0]
		}
		return err
	})
	if _, err := o.payment.WriteFiles(o.ctx, b.id, dir); err != nil {
		t.Fatalf("%v", err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, b.file.Name))
	if err != nil {
		t.Fatalf("%v", err)
	}
	b.bytes = raw
	return b
}

func (o *reconOffice) read(t fataler, name string, content []byte) reconciliation.Imported {
	t.Helper()
	done, err := o.recon.Import(o.ctx, reconciliation.File{Name: name, Content: bytes.NewReader(content)})
	if err != nil {
		t.Fatalf("import %s: %v", name, err)
	}
	return done
}

// said is a result file with one line: the bank's code for payment n of a file.
func (o *reconOffice) said(t fataler, b sentBatch, n, no int, code string) []byte {
	t.Helper()
	list, err := payment.AttemptsOf(o.ctx, o.db.Pool(), b.payments[n-1].Payment)
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, a := range list {
		if a.File == b.file.ID {
			ok, fail := "1|"+a.Amount.String()+"|0|0.00", "0|0.00|1|"+a.Amount.String()
			switch code {
			case "0000":
			case "9001":
				ok = "0|0.00|0|0.00"
			default:
				ok = fail
			}
			return fmt.Appendf(nil, "R|1.0|%s|%d|1|%s|%s|20261009\r\nL|%d|%s|6229**********7302|%s|%s|\r\nT|1|%s\r\n",
				b.file.Ref, no, a.Amount, ok, n, a.EndToEndID, a.Amount, code, a.Amount)
		}
	}
	t.Fatalf("payment %d has no attempt in %s", n, b.file.Name)
	return nil
}

// places are the balances in fen by kind, without what is free.
func (o *reconOffice) places(t fataler) map[ledger.AccountKind]money.Fen {
	t.Helper()
	accounts, err := ledger.Accounts(o.ctx, o.db.Pool())
	if err != nil {
		t.Fatalf("%v", err)
	}
	got := map[ledger.AccountKind]money.Fen{}
	for _, a := range accounts {
		if k := a.Place.Kind; a.Balance != 0 && k != ledger.Appropriated && k != ledger.Available {
			got[k] += a.Balance
		}
	}
	return got
}

// sound runs the checks of all rooms concerned.
func (o *reconOffice) sound(t fataler) {
	t.Helper()
	for _, verify := range []func(context.Context, db.Querier) ([]check.Finding, error){ledger.Verify, o.payment.Verify, reconciliation.Verify} {
		found, err := verify(o.ctx, o.db.Pool())
		if err != nil {
			t.Fatalf("%v", err)
		}
		for _, f := range found {
			t.Errorf("verify: %+v", f)
		}
	}
}

// TestReconcile_in_any_order_ends_with_the_banks_books is promise 9 with money: all that
// the simulated bank says about a file, shuffled and repeated, ends with the
// bank's own books.
func TestReconcile_in_any_order_ends_with_the_banks_books(t *testing.T) {
	t.Parallel()
	o, dir := newReconOffice(t), t.TempDir()
	bank, err := simbank.Open(filepath.Join(t.TempDir(), "bank"), simbank.DefaultOptions(7))
	if err != nil {
		t.Fatal(err)
	}
	batch := int64(0)
	rapid.Check(t, func(t *rapid.T) {
		batch++
		if batch > 15 { // each is a file of its own in the same house
			return
		}
		b := o.send(t, dir, batch, 580_00, 615_50, 702_30, 448_00, 390_25, 866_10, 512_00, 333_33, 275_00, 901_01, 640_00, 118_08)
		files := o.answers(t, bank, b)
		order := append(rapid.Permutation(files).Draw(t, "order"), rapid.SliceOfN(rapid.SampledFrom(files), 0, 3).Draw(t, "repeated")...)
		for _, f := range order {
			o.read(t, f.Name, f.Bytes)
		}
		o.wantBooks(t, bank)
	})
	o.sound(t)
}

// answers hands a file to the bank and takes all that it ever says: results
// and the statements of every day.
func (o *reconOffice) answers(t fataler, bank *simbank.Bank, b sentBatch) []simbank.File {
	t.Helper()
	answer, err := bank.Receive(b.file.Name, b.bytes, "2026-10-09")
	if err != nil || !answer.Accepted {
		t.Fatalf("%+v, %v", answer, err)
	}
	late, err := bank.QueryResult(b.file.Ref)
	if err != nil {
		t.Fatalf("%v", err)
	}
	files := append(answer.Files, late)
	for _, account := range bank.Accounts() {
		for _, day := range bank.Dates(account) {
			s, err := bank.Statement(account, day)
			if err != nil {
				t.Fatalf("%v", err)
			}
			files = append(files, s)
		}
	}
	return files
}

// TestReconcile_imports_race: every file of the bank, thrice at once.
func TestReconcile_imports_race(t *testing.T) {
	t.Parallel()
	o, dir := newReconOffice(t), t.TempDir()
	bank, err := simbank.Open(filepath.Join(t.TempDir(), "bank"), simbank.DefaultOptions(11))
	if err != nil {
		t.Fatal(err)
	}
	amounts := make([]money.Fen, 60)
	for i := range amounts {
		amounts[i] = money.Fen(100_00 + i)
	}
	files := o.answers(t, bank, o.send(t, dir, 1, amounts...))
	var wg sync.WaitGroup
	failures := make(chan error, 3*len(files))
	for range 3 {
		for _, f := range files {
			wg.Go(func() {
				_, err := o.recon.Import(o.ctx, reconciliation.File{Name: f.Name, Content: bytes.NewReader(f.Bytes)})
				failures <- err
			})
		}
	}
	wg.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			t.Error(err)
		}
	}
	o.wantBooks(t, bank)
	o.sound(t)
}

// wantBooks compares attempts with what the bank believes.
func (o *reconOffice) wantBooks(t fataler, bank *simbank.Bank) {
	t.Helper()
	want, got := map[string]string{}, map[string]string{}
	for _, e := range bank.Books() {
		want[e.EndToEndID] = e.BookedFen.String() + "/" + e.ReturnedFen.String()
	}
	rows, err := o.db.Pool().Query(o.ctx, `SELECT end_to_end_id, booked_fen, returned_fen FROM attempt`)
	if err != nil {
		t.Fatalf("%v", err)
	}
	var id string
	var booked, returned money.Fen
	if _, err := pgx.ForEachRow(rows, []any{&id, &booked, &returned}, func() error {
		got[id] = booked.String() + "/" + returned.String()
		return nil
	}); err != nil {
		t.Fatalf("%v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("the bank's books and ours (-want +got):\n%s", diff)
	}
}

func TestReconcile_moves_money(t *testing.T) {
	t.Parallel()
	o, dir := newReconOffice(t), t.TempDir()
	b := o.send(t, dir, 1, 100_00, 200_00, 300_00)
	first := o.said(t, b, 1, 1, "1003")
	done := o.read(t, "r1.txt", first)
	if done.Failed.Count != 1 || done.Failed.Amount != 100_00 || done.Journal == 0 {
		t.Errorf("%+v", done)
	}
	o.want(t, map[ledger.AccountKind]money.Fen{ledger.InTransit: 500_00, ledger.Returned: 100_00})
	if again := o.read(t, "r1.txt", first); !again.Replay {
		t.Errorf("%+v", again)
	}
	o.read(t, "r2.txt", o.said(t, b, 2, 2, "9001"))
	o.read(t, "r3.txt", o.said(t, b, 2, 3, "0000"))
	o.want(t, map[ledger.AccountKind]money.Fen{ledger.InTransit: 300_00, ledger.Returned: 100_00, ledger.Paid: 200_00})
	o.sound(t)
}

// TestReconcile_paid_after_a_reissue: an old attempt that proves paid stays on
// record beside the new one, as a break; nothing is moved twice.
func TestReconcile_paid_after_a_reissue(t *testing.T) {
	t.Parallel()
	o, dir := newReconOffice(t), t.TempDir()
	b := o.send(t, dir, 1, 100_00)
	o.read(t, "r1.txt", o.said(t, b, 1, 1, "1003"))
	again := o.release(t, dir, b, true, b.payments[0])
	o.read(t, "r2.txt", o.said(t, again, 1, 1, "0000"))
	o.read(t, "r3.txt", o.said(t, b, 1, 2, "0000"))
	o.want(t, map[ledger.AccountKind]money.Fen{ledger.Paid: 100_00, ledger.Suspense: 100_00})
	open, err := reconciliation.Breaks(o.ctx, o.db.Pool(), reconciliation.BreakFilter{OpenOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, b := range open {
		kinds = append(kinds, string(b.Kind)+" "+b.Amount.String())
	}
	if got := strings.Join(kinds, ", "); got != "contradiction 100.00, paid_twice 100.00" {
		t.Errorf("breaks: %s", got)
	}
	o.sound(t)
}

func (o *reconOffice) want(t *testing.T, want map[ledger.AccountKind]money.Fen) {
	t.Helper()
	if diff := cmp.Diff(want, o.places(t)); diff != "" {
		t.Errorf("balances in fen (-want +got):\n%s", diff)
	}
}
