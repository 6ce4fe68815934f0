package batch_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/terms"
	"fenlu/internal/evidence"
	"fenlu/internal/ident"
	"fenlu/ledger"
	"fenlu/money"
)

func TestBatch_whole_life(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "1000.00")
	o.money("县财预〔2026〕6号", "县", "5000.00")
	o.people(head(1), member(2, 1), head(3), head(4))
	rows := []row{due(1).with("收款方式", "户主", "户号", "H00001"), due(2).with("收款方式", "户主"), due(3), due(4)}

	created := o.made("DB-2026-10", "DB", "DF", rows...)
	if created.State != batch.Draft || created.Lines != 4 || created.Amount != 1680_00 {
		t.Fatalf("%+v", created)
	}
	r := o.check("DB-2026-10")
	if r.Batch.State != batch.Checked || r.Notes != 0 {
		t.Errorf("%+v", r)
	}
	sub, err := o.batch.Submit(o.all("maker"), "DB-2026-10", "")
	if err != nil || string(sub.Digest) != string(r.Digest) {
		t.Fatal(explain(err))
	}
	o.sound()
	frozen, err := o.batch.Approve(o.all("approver"), "DB-2026-10", sub.Digest)
	if err != nil {
		t.Fatal(explain(err))
	}
	want := []batch.SourceUse{{Document: "财社〔2026〕12号", Level: "central", Amount: 1000_00}, {Document: "县财预〔2026〕6号", Level: "county", Amount: 680_00}}
	if diff := cmp.Diff(want, frozen.Sources); diff != "" || frozen.Payments != 3 {
		t.Errorf("%d payments: %s", frozen.Payments, diff)
	}
	o.sound()
	files := o.release("DB-2026-10")
	if len(files.Files) != 1 || files.Amount != 1680_00 || files.Files[0].Count != 3 || files.Files[0].Remark != "低保202610" {
		t.Errorf("%+v", files)
	}
	o.sound()
	o.writesTheSameBytes("DB-2026-10")

	pay := o.payments("DB-2026-10")
	if pay[0].Amount != 840_00 || pay[0].LineCount != 2 {
		t.Errorf("two members of a household are one payment to its head: %+v", pay[0])
	}
	o.settle(pay[0].ID, evidence.Paid)
	o.settle(pay[1].ID, evidence.Failed)
	o.refused(second(o.batch.Close(o.all("finance"), "DB-2026-10")), "BATCH_OPEN_ITEMS")
	o.reissued("DB-2026-10", pay[1])
	o.settle(pay[1].ID, evidence.Paid)
	o.settle(pay[2].ID, evidence.Paid)
	closed, err := o.batch.Close(o.all("finance"), "DB-2026-10")
	if err != nil || closed.Batch.State != batch.Closed || closed.OpenItems != 0 {
		t.Errorf("%+v, %s", closed, explain(err))
	}
	if diff := cmp.Diff(money.Fen(1680_00), o.balances()[ledger.Paid]); diff != "" {
		t.Error(diff)
	}
	o.sound()
	told := []string{"batch.created.v1", "batch.checked.v1", "batch.submitted.v1", "batch.approved.v1", "file.released.v1", "payment.reissued.v1", "batch.closed.v1"}
	if diff := cmp.Diff(told, o.topics("batch:1")); diff != "" {
		t.Error(diff)
	}
}

// topics are the events about a subject in order.
func (o *office) topics(subject string) []string {
	o.t.Helper()
	rows, err := o.db.Pool().Query(o.t.Context(), `SELECT topic FROM outbox WHERE subject = $1 ORDER BY id`, subject)
	if err != nil {
		o.t.Fatal(err)
	}
	topics, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		o.t.Fatal(err)
	}
	return topics
}

func (o *office) writesTheSameBytes(code string) {
	o.t.Helper()
	read := func(dir string) string {
		files, err := o.batch.WriteFiles(o.all("releaser"), code, dir)
		if err != nil {
			o.t.Fatal(explain(err))
		}
		content, err := os.ReadFile(filepath.Join(dir, files[0].Name))
		if err != nil {
			o.t.Fatal(err)
		}
		return string(content)
	}
	if read(filepath.Join(o.dir, "a")) != read(filepath.Join(o.dir, "b")) {
		o.t.Error("the same release wrote other bytes")
	}
}

// newAccount records a newer verified account of a payee.
func (o *office) newAccount(owner int64, n int, holder string) parties.AccountID {
	o.t.Helper()
	account, err := o.parties.AddAccountVersion(o.t.Context(), parties.NewAccount{Owner: owner, Kind: terms.SocialCard, BankCode: "402991300011",
		BankName: "青禾农商行", Holder: holder, Account: ident.Secret(card(n)), VerifiedBy: "何晓", VerifiedOn: day}, "hexiao")
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return account
}

// reissued issues a failed payment again, and tries what must be refused.
func (o *office) reissued(code string, p payment.Payment) {
	o.t.Helper()
	attempts, err := payment.AttemptsOf(o.t.Context(), o.db.Pool(), p.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	same := []batch.Again{{Payment: p.ID, Account: attempts[0].Account, Reason: "再试"}}
	o.refused(second(o.batch.ProposeReissue(o.all("clerk"), code, same)), "BATCH_REISSUE")
	again := []batch.Again{{Payment: p.ID, Account: o.newAccount(p.Payee, 503, name(3)), Reason: "更换社保卡"}}
	l, err := o.batch.ProposeReissue(o.all("clerk"), code, again)
	if err != nil || l.Items[0].Amount != p.Amount {
		o.t.Fatal(explain(err))
	}
	o.refused(second(o.batch.ApproveList(o.all("clerk"), l.ID, l.Digest)), "BATCH_SAME_PERSON")
	o.refused(second(o.batch.ReleaseReissue(o.all("releaser"), l.ID, day)), "BATCH_LIST_STATE")
	if _, err := o.batch.ApproveList(o.all("chief"), l.ID, l.Digest); err != nil {
		o.t.Fatal(explain(err))
	}
	o.refused(second(o.batch.ReleaseReissue(o.all("chief"), l.ID, day)), "BATCH_SAME_PERSON")
	first, err := o.batch.ReleaseReissue(o.all("releaser"), l.ID, day)
	if err != nil || first.Amount != p.Amount || len(first.Files) != 1 {
		o.t.Fatal(explain(err))
	}
	twice, err := o.batch.ReleaseReissue(o.all("releaser"), l.ID, day)
	if err != nil || !twice.Replay || twice.Amount != first.Amount {
		o.t.Errorf("%+v, %s", twice, explain(err))
	}
	if known, err := o.batch.ProposeReissue(o.all("clerk"), code, again); err != nil || !known.Replay || known.ID != l.ID {
		o.t.Errorf("proposed again after its release: %+v, %s", known, explain(err))
	}
	o.refused(second(o.batch.ProposeReissue(o.all("clerk"), code, []batch.Again{{Payment: p.ID, Account: again[0].Account, Reason: "再来"}})), "BATCH_REISSUE")
}

func second[T any](_ T, err error) error { return err }

func TestBatch_every_step_can_be_sent_again(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1), head(2))
	file := o.csv(rosterHead, due(1), due(2))
	create := batch.Create{Code: "DB-1", Office: "QHMZ", Program: "DB", Period: "2026-10", Channel: "DF", File: file}
	var digest batch.Digest
	steps := []func() (bool, error){
		func() (bool, error) { c, err := o.batch.Create(o.all("maker"), create); return c.Replay, err },
		func() (bool, error) { r, err := o.batch.Check(o.all("checker"), "DB-1"); return r.Replay, err },
		func() (bool, error) {
			s, err := o.batch.Submit(o.all("maker"), "DB-1", "")
			digest = s.Digest
			return s.Replay, err
		},
		func() (bool, error) {
			f, err := o.batch.Approve(o.all("approver"), "DB-1", digest)
			return f.Replay, err
		},
		func() (bool, error) {
			l, err := o.batch.ProposeList(o.all("clerk"), "DB-1", batch.Withhold, []int32{2}, "账户待核实")
			if err != nil {
				return false, err
			}
			done, err := o.batch.ApproveList(o.all("chief"), l.ID, l.Digest)
			return l.Replay && done.Replay, err
		},
		func() (bool, error) { r, err := o.batch.Release(o.all("releaser"), "DB-1", day); return r.Replay, err },
	}
	for n := range steps { // after each step everything so far is sent again
		for i := 0; i <= n; i++ {
			replay, err := steps[i]()
			if err != nil || replay != (i < n) {
				t.Fatalf("step %d after %d: replay %v, %s", i, n, replay, explain(err))
			}
		}
	}
	if journals, err := ledger.JournalsOf(t.Context(), o.db.Pool(), "batch:1"); err != nil || len(journals) != 3 {
		t.Errorf("%d journals, want freeze, withhold and release; %v", len(journals), err)
	}
	o.refused(second(o.batch.Approve(o.all("other"), "DB-1", digest)), "BATCH_STEP_DONE")
	o.refused(second(o.batch.Create(o.all("maker"), batch.Create{Code: "DB-1", Office: "QHMZ", Program: "DB", Period: "2026-10", Channel: "GK", File: file})), "BATCH_CODE_TAKEN")
	o.refused(second(o.batch.Create(o.all("maker"), batch.Create{Code: "DB-2", Office: "QHMZ", Program: "DB", Period: "2026-10", Channel: "DF", File: file})), "BATCH_ROSTER_USED")
}

func TestClose_with_a_signed_open_items_list(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1), head(2))
	o.released("DB-1", "DB", "DF", due(1), due(2))
	o.settle(o.payments("DB-1")[0].ID, evidence.Paid)
	l, err := o.batch.ProposeOpenItems(o.all("clerk"), "DB-1", "何晓", day.AddDate(0, 1, 0), "银行未返回结果")
	if err != nil || len(l.Items) != 1 || l.Items[0].Amount != 420_00 {
		t.Fatalf("%+v, %s", l, explain(err))
	}
	o.refused(second(o.batch.Close(o.all("finance"), "DB-1")), "BATCH_OPEN_ITEMS")
	if _, err := o.batch.ApproveList(o.all("chief"), l.ID, l.Digest); err != nil {
		t.Fatal(explain(err))
	}
	done, err := o.batch.Close(o.all("finance"), "DB-1")
	if err != nil || done.OpenItems != l.ID || done.Batch.State != batch.Closed {
		t.Fatalf("%+v, %s", done, explain(err))
	}
	again, err := o.batch.Close(o.all("finance"), "DB-1")
	if err != nil || !again.Replay {
		t.Errorf("%+v, %s", again, explain(err))
	}
	o.sound()
}

func TestCancel_frees_everything(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1), head(2))
	before := o.balances()
	o.approved("DB-1", "DB", "DF", due(1), due(2))
	o.list("DB-1", batch.Withhold, 2)
	if _, err := o.batch.Cancel(o.all("approver"), "DB-1", "名单有误"); err != nil {
		t.Fatal(explain(err))
	}
	if diff := cmp.Diff(before, o.balances()); diff != "" {
		t.Error(diff)
	}
	o.sound()
	o.refused(second(o.batch.Release(o.all("releaser"), "DB-1", day)), "BATCH_STATE")
	if _, err := o.batch.Cancel(o.all("approver"), "DB-1", "名单有误"); err != nil {
		t.Errorf("again: %s", explain(err))
	}
	o.released("DB-2", "DB", "DF", due(1), due(2))
	o.sound()
}

func TestApprove_of_racing_batches_the_pool_pays_one(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "1000.00")
	o.people(head(1), head(2), head(3), head(4))
	codes := []string{"DB-1", "DB-2"}
	digests := []batch.Digest{o.submitted("DB-1", "DB", "DF", due(1), due(2)), o.submitted("DB-2", "DB", "DF", due(3), due(4))}
	errors := make([]error, len(codes))
	var wg sync.WaitGroup
	for i, code := range codes {
		wg.Go(func() { _, errors[i] = o.batch.Approve(o.all("approver"), code, digests[i]) })
	}
	wg.Wait()
	slices.SortFunc(errors, func(a, _ error) int { return map[bool]int{true: -1, false: 1}[a == nil] })
	if errors[0] != nil {
		t.Error(explain(errors[0]))
	}
	o.refused(errors[1], "BATCH_SHORT")
}

// TestBatch_numbers_have_no_gaps: what a crash or a rolled back transaction
// takes from the sequence of ids is not taken from the numbers that banks see.
func TestBatch_numbers_have_no_gaps(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1), head(3))
	if no := o.made("DB-2026-10", "DB", "DF", due(1)).No; no != 1 {
		t.Errorf("the first has number %d", no)
	}
	if _, err := o.env.Owner(t).Exec(t.Context(), `SELECT nextval('batch_id_seq') FROM generate_series(1, 32)`); err != nil {
		t.Fatal(err)
	}
	digest := o.submitted("DB-2026-11", "DB", "DF", due(3))
	if _, err := o.batch.Approve(o.all("approver"), "DB-2026-11", digest); err != nil {
		t.Fatal(explain(err))
	}
	files := o.release("DB-2026-11")
	if files.Batch.No != 2 || !strings.HasPrefix(files.Files[0].Name, "QHMZ-000002-F01-") {
		t.Errorf("the second has number %d and the file %s", files.Batch.No, files.Files[0].Name)
	}
}

// TestARecoveryIsNeverSetOff: who owes what he was paid too much is paid what he
// is entitled to, in full; the claim stays as it was.
func TestARecoveryIsNeverSetOff(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "100000.00")
	o.people(head(3))
	o.released("DB-1", "DB", "DF", due(3))
	for _, p := range o.payments("DB-1") {
		o.settle(p.ID, evidence.Paid)
	}
	var line int64
	if err := o.db.Pool().QueryRow(t.Context(), `SELECT min(id) FROM entitlement_line`).Scan(&line); err != nil {
		t.Fatal(err)
	}
	v, err := o.funds.OpenRecovery(o.all("zhou"), funds.OpenRecovery{Source: funds.FromOther, Lines: []funds.ClaimLine{{Line: line}}, Reason: "收入核减多发"})
	if err == nil {
		v, err = o.funds.ConfirmRecovery(o.all("lin"), v.ID)
	}
	if err != nil {
		t.Fatal(explain(err))
	}
	paid := o.place(ledger.Paid)
	o.released("LS-1", "LS", "DF", due(3).with("项目", "LS", "分项", "支出型", "类别", "支出型", "案号", "案1"))
	var amount money.Fen
	for _, p := range o.payments("LS-1") {
		o.settle(p.ID, evidence.Paid)
		amount += p.Amount
	}
	after, err := o.funds.RecoveryByID(t.Context(), o.db.Pool(), v.ID)
	if err != nil || amount != 420_00 || o.place(ledger.Paid) != paid+amount || o.place(ledger.Recovered) != 0 || after.Outstanding != v.Amount || len(after.Acts) != len(v.Acts) {
		t.Errorf("%s paid, %+v, %v", amount, after, err)
	}
	o.sound()
}
