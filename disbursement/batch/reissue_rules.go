package batch

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/money"
)

// Breaks says which attempts have breaks (差异) that forbid to issue their
// payment again while nobody has resolved them: an amount that differs, a
// contradiction, a payment that was paid twice, a return that names no line.
// Reconciliation has them.
type Breaks interface {
	// OpenBreaks counts them for each attempt that has any.
	OpenBreaks(ctx context.Context, q db.Querier, attempts []int64) (map[int64]int, error)
}

// WithBreaks makes re-issues ask for open breaks and gives the service back; it
// belongs to the wiring, before the first command. Without it nobody is asked.
func (s *Service) WithBreaks(b Breaks) *Service {
	s.breaks = b
	return s
}

// reissue is what the rules of a re-issue look at, for all its payments.
type reissue struct {
	batch    Batch
	payments map[int64]payment.Payment
	returned map[int64]money.Fen         // what came back and may go out
	overpaid map[int64]money.Fen         // what the payee was credited with above his legs
	attempts map[int64][]payment.Attempt // oldest first
	breaks   map[int64]int               // open ones, by attempt
	lines    map[int64][]Line            // with money that came back
	accounts map[parties.AccountID]parties.Account
	x        *examiner
}

func (s *Service) learnReissue(ctx context.Context, tx pgx.Tx, b Batch, list []Again) (*reissue, error) {
	r := &reissue{batch: b, payments: map[int64]payment.Payment{}, attempts: map[int64][]payment.Attempt{},
		x: &examiner{svc: s, batch: b, today: clock.Date(s.clock.Now())}}
	ids, err := r.learnPayments(ctx, tx, list)
	if err != nil {
		return nil, err
	}
	if r.returned, err = standingIn(ctx, tx, ids, "returned"); err != nil {
		return nil, err
	}
	if r.overpaid, err = payment.Overpaid(ctx, tx, ids); err != nil {
		return nil, err
	}
	if r.lines, err = returnedLines(ctx, tx, ids); err != nil {
		return nil, err
	}
	var all []Line
	for _, id := range ids {
		all = append(all, r.lines[id]...)
	}
	if err := r.x.learn(ctx, tx, all); err != nil {
		return nil, err
	}
	return r, r.learnAttempts(ctx, tx, list)
}

// learnPayments reads the payments that are the batch's.
func (r *reissue) learnPayments(ctx context.Context, tx pgx.Tx, list []Again) ([]int64, error) {
	var ids []int64
	for _, a := range list {
		p, err := payment.ByID(ctx, tx, a.Payment)
		if errs.CodeOf(err) == "PAYMENT_UNKNOWN" || (err == nil && p.Batch != int64(r.batch.ID)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, int64(p.ID))
		r.payments[int64(p.ID)] = p
	}
	return ids, nil
}

func (r *reissue) learnAttempts(ctx context.Context, tx pgx.Tx, list []Again) (err error) {
	var attempts []int64
	accounts := make([]parties.AccountID, 0, 2*len(list))
	for _, a := range list {
		accounts = append(accounts, a.Account)
		before, err := payment.AttemptsOf(ctx, tx, a.Payment)
		if err != nil {
			return err
		}
		r.attempts[int64(a.Payment)] = before
		for _, t := range before {
			attempts, accounts = append(attempts, t.ID), append(accounts, t.Account)
		}
	}
	if r.accounts, err = r.x.svc.parties.Accounts(ctx, tx, accounts); err != nil {
		return err
	}
	if r.x.svc.breaks != nil {
		r.breaks, err = r.x.svc.breaks.OpenBreaks(ctx, tx, attempts)
	}
	return err
}

// against is what speaks against issuing payments again, by their places in the
// list: named twice, not of this batch, with a live attempt, nothing returned,
// credited with too much, an open break; an account that is not the payee's, no
// newer than one that failed, or not verified; and whatever would block a first
// payment of the lines: a death, an identity that ended, a holder who is
// somebody else, an account that is not the current one.
func (r *reissue) against(list []Again) []errs.Field {
	var fields []errs.Field
	seen := map[payment.ID]bool{}
	for i, a := range list {
		var found []errs.Field
		if seen[a.Payment] {
			found = []errs.Field{{Code: "BATCH_REISSUE_TWICE"}}
		} else if found = r.money(a); len(found) == 0 {
			found = r.payee(a)
		}
		seen[a.Payment] = true
		for _, f := range found {
			f.Row, f.Value = i+1, itoa(a.Payment)
			fields = append(fields, f)
		}
	}
	return fields
}

// money: the legs that stand returned decide, not what the last attempt did.
func (r *reissue) money(a Again) []errs.Field {
	id := int64(a.Payment)
	if _, ours := r.payments[id]; !ours {
		return []errs.Field{{Code: "BATCH_REISSUE_OTHER"}}
	}
	if len(r.attempts[id]) == 0 {
		return []errs.Field{{Code: "BATCH_REISSUE_STATE"}}
	}
	open := 0
	for _, t := range r.attempts[id] {
		if payment.Live(t.State) {
			return []errs.Field{{Code: "BATCH_REISSUE_STATE"}}
		}
		open += r.breaks[t.ID]
	}
	var found []errs.Field
	if r.returned[id] == 0 {
		found = append(found, errs.Field{Code: "BATCH_REISSUE_NOTHING"})
	}
	if over := r.overpaid[id]; over > 0 {
		found = append(found, errs.Field{Code: "BATCH_REISSUE_OVERPAID", Args: errs.Pairs("amount", over.Grouped())})
	}
	if open > 0 {
		found = append(found, errs.Field{Code: "BATCH_REISSUE_BREAK", Args: errs.Pairs("count", open)})
	}
	return found
}

// payee: the account, and the rules of a first payment on the lines.
func (r *reissue) payee(a Again) []errs.Field {
	to, id := r.accounts[a.Account], int64(a.Payment)
	switch {
	case to.Owner != r.payments[id].Payee:
		return []errs.Field{{Code: "BATCH_REISSUE_PAYEE"}}
	case to.Version <= r.failedVersion(id):
		return []errs.Field{{Code: "BATCH_REISSUE_SAME"}}
	case !to.Verified():
		return []errs.Field{{Code: "BATCH_REISSUE_UNVERIFIED"}}
	}
	r.x.found, r.x.known.credited = nil, nil
	for _, l := range r.lines[id] {
		l.Account = int64(a.Account)
		r.x.again(&l)
	}
	var fields []errs.Field
	told := map[string]bool{} // what concerns the account is said once
	for _, f := range r.x.found.blocking() {
		field := f.field("")
		if key := f.Code + f.Args["died_on"] + f.Args["until"]; !told[key] {
			told[key] = true
			fields = append(fields, field)
		}
	}
	return fields
}

// failedVersion is the newest account version to which a payment failed or from
// which it came back.
func (r *reissue) failedVersion(id int64) int {
	version := 0
	for _, t := range r.attempts[id] {
		switch t.State {
		case evidence.Failed, evidence.Returned, evidence.PartReturned:
			version = max(version, r.accounts[t.Account].Version)
		}
	}
	return version
}
