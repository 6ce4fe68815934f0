package batch_test

import (
	"sync"
	"testing"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/payment"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger"
)

// race runs fn n times at the same moment. Errors with another code than
// refusal fail the test; it returns how many had none.
func (o *office) race(n int, refusal string, fn func(i int) error) (won int) {
	o.t.Helper()
	var wg sync.WaitGroup
	start, list := make(chan struct{}), make([]error, n)
	for i := range n {
		wg.Go(func() {
			<-start
			list[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	for _, err := range list {
		switch {
		case err == nil:
			won++
		case errs.CodeOf(err) != refusal:
			o.t.Errorf("got %s, want %q or no error", explain(err), refusal)
		}
	}
	return won
}

// failed is a released batch whose one payment came back.
func (o *office) failed(code string, person int) payment.Payment {
	o.t.Helper()
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(person))
	o.released(code, "DB", "DF", due(person))
	p := o.payments(code)[0]
	o.settle(p.ID, evidence.Failed)
	return p
}

// reissueList is a list to issue a payment again, ready to be released.
func (o *office) reissueList(code string, again batch.Again) batch.ListID {
	o.t.Helper()
	l, err := o.batch.ProposeReissue(o.all("clerk"), code, []batch.Again{again})
	if err != nil {
		o.t.Fatal(explain(err))
	}
	if _, err := o.batch.ApproveList(o.all("chief"), l.ID, l.Digest); err != nil {
		o.t.Fatal(explain(err))
	}
	return l.ID
}

// attempts wants so many instructions for a payment and books that are sound.
func (o *office) attempts(p payment.Payment, want int) {
	o.t.Helper()
	attempts, err := payment.AttemptsOf(o.t.Context(), o.db.Pool(), p.ID)
	if err != nil || len(attempts) != want {
		o.t.Errorf("%d attempts, want %d, %v", len(attempts), want, err)
	}
	o.sound()
}

func TestRace_reissue(t *testing.T) {
	t.Parallel()
	t.Run("of_lists_for_one_payment_one_is_released", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		p := o.failed("DB-1", 1)
		account := o.newAccount(p.Payee, 510, name(1))
		var lists []batch.ListID
		for _, reason := range []string{"更换社保卡", "账户已核实", "本人申请", "银行通知"} {
			lists = append(lists, o.reissueList("DB-1", batch.Again{Payment: p.ID, Account: account, Reason: reason}))
		}
		won := o.race(len(lists), "BATCH_REISSUE_MOVED", func(i int) error { return second(o.batch.ReleaseReissue(o.all("releaser"), lists[i], day)) })
		if won != 1 {
			t.Errorf("%d lists were released for one payment", won)
		}
		o.attempts(p, 2)
	})
	t.Run("of_releases_of_one_list_there_is_one_attempt", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		p := o.failed("DB-1", 1)
		list := o.reissueList("DB-1", batch.Again{Payment: p.ID, Account: o.newAccount(p.Payee, 510, name(1)), Reason: "更换社保卡"})
		if won := o.race(6, "", func(int) error { return second(o.batch.ReleaseReissue(o.all("releaser"), list, day)) }); won != 6 {
			t.Errorf("%d of 6 were told that it is done", won)
		}
		o.attempts(p, 2)
	})
}

// Of those who close at the same moment one closes; the others are told who, or
// that it is done if they are the same person.
func TestRace_close(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1), head(2))
	o.released("DB-1", "DB", "DF", due(1), due(2))
	for _, p := range o.payments("DB-1") {
		o.settle(p.ID, evidence.Paid)
	}
	logins := []string{"finance", "other"}
	won := o.race(6, "BATCH_STEP_DONE", func(i int) error { return second(o.batch.Close(o.all(logins[i%2]), "DB-1")) })
	if won != 3 {
		t.Errorf("%d of 6 closed it, want the three of one person", won)
	}
	var closings int
	err := o.db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM approval WHERE step = 'close'`).Scan(&closings)
	if err != nil || closings != 1 {
		t.Errorf("%d closings, %v", closings, err)
	}
	if st := o.status("DB-1"); st.Batch.State != batch.Closed {
		t.Errorf("it is %s", st.Batch.State)
	}
	o.sound()
}

// A late result against the closing: whichever is first, the books are sound
// and what the bank said is booked.
func TestRace_close_against_evidence(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.money("财社〔2026〕12号", "中央", "5000.00")
	o.people(head(1))
	o.released("DB-1", "DB", "DF", due(1))
	p := o.payments("DB-1")[0]
	o.race(2, "BATCH_OPEN_ITEMS", func(i int) error {
		if i == 0 {
			o.settle(p.ID, evidence.Paid)
			return nil
		}
		return second(o.batch.Close(o.all("finance"), "DB-1"))
	})
	if got := o.balances(); got[ledger.Paid] != p.Amount || got[ledger.InTransit] != 0 {
		t.Errorf("balances: %v", got)
	}
	o.sound()
}
