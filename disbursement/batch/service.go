package batch

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/benefits"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/valid"
	"fenlu/ledger"
)

// Service is the door to batches.
type Service struct {
	db       *db.DB
	ledger   *ledger.Service
	parties  *parties.Service
	benefits *benefits.Service
	funds    *funds.Service
	payment  *payment.Service
	clock    clock.Clock
	log      *slog.Logger
	valid    *valid.Validator
	breaks   Breaks   // nil: none are known
	outside  Outside  // nil: batches close without a checkpoint
	receipts Receipts // nil: nothing is paid by hand
}

// New makes the service from the rooms it stands on; clock stamps approvals. A
// nil logger is silent.
func New(d *db.DB, l *ledger.Service, p *parties.Service, b *benefits.Service, f *funds.Service, pay *payment.Service,
	c clock.Clock, log *slog.Logger) *Service {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Service{db: d, ledger: l, parties: p, benefits: b, funds: f, payment: pay, clock: c, log: log,
		valid: valid.New(valid.WithTag("officecode", officeCode.MatchString), valid.WithTag("batchcode", batchCode.MatchString))}
}

// freezeTries bounds how often an approval allocates again because somebody
// drew from the pool at the same moment.
const freezeTries = 5

// change runs fn on a locked batch in a transaction of its own.
func (s *Service) change(ctx context.Context, code string, fn func(pgx.Tx, Batch) error) error {
	return s.db.Run(ctx, func(tx pgx.Tx) error {
		b, err := lockBatch(ctx, tx, code)
		if err != nil {
			return err
		}
		return fn(tx, b)
	})
}

// freeText is what a user writes of his own accord.
type freeText struct {
	Reason  string `name:"reason" validate:"max=200,no_personal_number"`
	Comment string `name:"comment" validate:"max=200,no_personal_number"`
	Owner   string `name:"owner" validate:"max=40,no_personal_number"`
}

// plain refuses free text that is too long or holds what may be an ID number,
// an account or a telephone number (VALID_PROBLEMS).
func (s *Service) plain(t freeText) error { return s.valid.Check(t) }

// publish tells what happened to a batch, under its lock.
func (s *Service) publish(ctx context.Context, tx pgx.Tx, b Batch, topic events.Topic, f events.Facts) error {
	f.Code = b.Code
	return events.Publish(ctx, tx, events.Event{Topic: topic, Subject: fmt.Sprintf("batch:%d", b.ID), Facts: f}, s.clock.Now())
}

// subject names a batch in approvals and journals.
func (b Batch) subject() string { return fmt.Sprintf("batch:%d", b.ID) }

// done answers a step that was done before: nil to the person who did it, for
// the same list; a conflict to anybody else.
func done(b Batch, a Approval, actor string, digest Digest) error {
	if a.Actor == actor && (len(digest) == 0 || string(a.Digest) == string(digest)) {
		return nil
	}
	return errs.New(errs.Conflict, "BATCH_STEP_DONE", "batch", b.Code, "step", stepName(a.Step), "actor", a.Actor,
		"time", a.DecidedAt.In(clock.Shanghai).Format("2006-01-02 15:04"))
}
