// Package events tells others what happened.
//
// The nouns: an Event (事件) is something that happened, named in the past
// tense with a version (batch.approved.v1), about a subject ("batch:12"), with
// Facts; the outbox (发件箱) holds events that have not been told yet; a Handler
// (处理者) is somebody to tell; its inbox (收件箱) is the numbers of the events it
// has handled; the Relay carries events from the outbox through a watermill
// router to every handler; the activity log (工作日志) is the handler that
// writes down what people read.
//
// Invariants kept here:
//
//   - An event is in the outbox if and only if the transaction that published
//     it was committed. It leaves when every handler has handled it, and the
//     relay looks at what is there, never for "numbers after the last one", so
//     nothing is skipped whatever the order of commits.
//   - Delivered at least once, handled once: a handler's effects and its inbox
//     row are one transaction.
//   - Events of one subject are told in the order of their numbers. Whoever
//     publishes about a subject holds the lock on its row, so that numbers are
//     drawn in the order of commits. An event that a handler refuses stays, with
//     those of its subject behind it; the others go on.
//   - Two relays, in one process or several, do not drain at the same time: the
//     second waits until the first is done or has died.
//
// Use:
//
//	err := db.Run(ctx, func(tx pgx.Tx) error {
//		…
//		return events.Publish(ctx, tx, events.Event{Topic: events.BatchApproved, Subject: "batch:12",
//			Facts: events.Facts{Code: "DB-2026-10", Count: 1180, Amount: total, Actor: actor.Name}}, clock.Now())
//	})
//	…
//	relay, err := events.NewRelay(db, events.Options{}, events.ActivityLog())
//	defer relay.Close()
//	_, err = relay.Drain(ctx) // before the command exits
//
// It knows no domain: a subject is a text to it, and Facts are words and sums
// for a sentence. Facts never carry an ID number or an account, masked or not.
package events
