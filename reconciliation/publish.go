package reconciliation

import (
	"fmt"
	"strings"

	"fenlu/events"
	"fenlu/money"
)

// publish tells what happened: one event for the file, and one for each batch
// and what became of its payments.
func (r *reading) publish() error {
	if err := r.publishFile(); err != nil {
		return err
	}
	return r.publishMoved()
}

func (r *reading) publishMoved() error {
	if len(r.moved) == 0 {
		return nil
	}
	totals, err := batchTotals(r.ctx, r.tx, r.moved)
	if err != nil {
		return err
	}
	topics := map[string]events.Topic{
		movedPaid: events.PaymentPaid, movedFailed: events.PaymentFailed, movedReturned: events.PaymentReturned,
	}
	for _, t := range totals {
		reason, err := r.reason(t.What)
		if err != nil {
			return err
		}
		e := events.Event{Topic: topics[t.What], Subject: fmt.Sprintf("batch:%d", t.Batch), Facts: events.Facts{
			Code: t.Code, Name: r.in.Name, Actor: r.actor.Name, Count: t.Count, Amount: t.Amount, Reason: reason,
		}}
		if err := events.Publish(r.ctx, r.tx, e, r.at); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) publishFile() error {
	topic := events.ResultImported
	if r.in.kind == Statement {
		topic = events.StatementImported
	}
	return events.Publish(r.ctx, r.tx, events.Event{Topic: topic, Subject: r.cause(), Facts: events.Facts{
		Code: r.in.shown, Name: r.in.Name, Actor: r.actor.Name, Count: r.in.items, Amount: r.amount,
	}}, r.at)
}

// reason is the bank's codes for failures and returns.
func (r *reading) reason(what string) (string, error) {
	says := map[string]Says{movedFailed: SaysFailed, movedReturned: SaysReturned}[what]
	if says == SaysNothing {
		return "", nil
	}
	codes, err := failureReasons(r.ctx, r.tx, r.done.File, says)
	return strings.Join(codes, "、"), err
}

// volume adds what the file's lines name, whatever their direction.
func (r *reading) volume(amount money.Fen) { r.amount = plus(r.amount, amount) }
