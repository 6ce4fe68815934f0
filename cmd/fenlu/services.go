package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/areas"
	"fenlu/disbursement/audit"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/entitlements"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/rules"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/notary"
	"fenlu/internal/vault"
	"fenlu/ledger"
	"fenlu/ledger/books"
	"fenlu/migrations"
	"fenlu/reconciliation"
	"fenlu/trace"
)

// services are the open database and every room's door.
type services struct {
	DB           *db.DB
	Auth         *auth.Service
	Ledger       *ledger.Service
	Books        *books.Service
	Parties      *parties.Service
	Funds        *funds.Service
	Benefits     *benefits.Service
	Rules        *rules.Service
	Areas        *areas.Service
	Entitlements *entitlements.Service
	Audit        *audit.Service
	Payment      *payment.Service
	Batch        *batch.Service
	Recon        *reconciliation.Service
	Trace        *trace.Service
	Relay        *events.Relay
	Notary       *notary.Notary
	clock        clock.Clock
	warn         func(error)
}

// Open opens the database that the options name and wires the services. The
// caller closes them.
func (a *app) Open() (*services, error) {
	if a.DatabaseURL == "" {
		if err := vault.Place(a.keyDir(), a.dataDir()); err != nil {
			return nil, err
		}
	}
	database, err := db.Open(a.ctx, a.dbOptions(), migrations.FS)
	if err != nil {
		return nil, err
	}
	s, err := a.wire(database)
	if err != nil {
		return nil, errors.Join(err, database.Close())
	}
	return s, nil
}

func (a *app) dbOptions() db.Options {
	return db.Options{URL: a.DatabaseURL, OwnerURL: a.OwnerURL, DataDir: a.dataDir(), PGBin: a.pgBin, Logger: a.Log}
}

func (a *app) wire(database *db.DB) (*services, error) {
	return wire(a.ctx, database, wiring{keyDir: a.keyDir(), outside: a.Checkpoints, dataDir: a.dataDir(), byURL: a.DatabaseURL != "",
		clock: a.clock, log: a.Log, tell: a.tell, warn: a.warn})
}

// wiring is what the services need besides the database.
type wiring struct {
	keyDir, dataDir string
	outside         string // the file of checkpoints, "" for the one in keyDir
	byURL           bool
	clock           clock.Clock
	log             *slog.Logger
	tell            func(code string, args ...any) // says something on standard error
	warn            func(error)
}

func wire(ctx context.Context, database *db.DB, w wiring) (*services, error) {
	hasData, err := anyPeople(ctx, database)
	if err != nil {
		return nil, err
	}
	dataDir := w.dataDir
	if w.byURL {
		dataDir = ""
	}
	keys, err := vault.OpenOrCreate(w.keyDir, dataDir, hasData)
	if err != nil {
		return nil, err
	}
	log, err := openNotary(ctx, database, w, dataDir)
	if err != nil {
		return nil, err
	}
	s := &services{DB: database, Notary: log, clock: w.clock, warn: w.warn, Auth: auth.New(database, w.clock), Ledger: ledger.New(database, w.clock, w.log)}
	s.Books = books.New(database, w.clock, w.log, openBatches{}, openLines{}).WithQuota(funds.Unused{})
	s.Parties = parties.New(database, keys, w.clock, w.log)
	s.Benefits = benefits.New(database, w.clock, w.log)
	s.Rules = rules.New(database, w.clock)
	s.Areas = areas.New(database, w.clock)
	s.Entitlements = entitlements.New(database, s.Parties, w.clock)
	s.Audit = audit.New(database, s.Parties, w.clock)
	s.Funds = funds.New(database, s.Ledger, s.Parties, w.clock, w.log)
	s.Payment = payment.NewService(database, s.Ledger, s.Parties, w.clock, w.log)
	s.Batch = batch.New(database, s.Ledger, s.Parties, s.Benefits, s.Funds, s.Payment, w.clock, w.log)
	s.Recon = reconciliation.New(database, s.Payment, keys, w.clock, w.log)
	s.Parties.WithKeys(s.Batch)
	s.Batch.WithBreaks(openBreaks{}).WithOutside(s).WithReceipts(s.Recon)
	s.Payment.WithCheckpoints(s)
	s.Trace = trace.New(labels{s.Parties})
	s.Relay, err = events.NewRelay(database, events.Options{Logger: w.log}, events.ActivityLog())
	return s, err
}

// anyPeople says whether the database holds ciphertext: then its keys must be
// there, and are never made anew.
func anyPeople(ctx context.Context, database *db.DB) (bool, error) {
	var one int
	err := database.Pool().QueryRow(ctx, `SELECT 1 FROM person LIMIT 1`).Scan(&one)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Drain gives everything that waits its place in the log, tells the handlers
// what happened and stores a checkpoint outside: a command that posts does so
// before it exits. What was posted is done; a checkpoint that cannot be stored,
// or that the log contradicts, is told of, and verify and closing insist on it.
func (s *services) Drain(ctx context.Context) error {
	if err := s.drainLog(ctx); err != nil {
		return err
	}
	if _, err := s.Relay.Drain(ctx); err != nil {
		return err
	}
	if _, err := s.stamp(ctx); err != nil {
		s.warn(err)
	}
	return nil
}

// Close stops the relay and leaves the database.
func (s *services) Close() error { return errors.Join(s.Relay.Close(), s.DB.Close()) }

// with opens the services, runs fn, drains what it posted and closes.
func (a *app) with(fn func(*services) error) (err error) {
	s, err := a.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := fn(s); err != nil {
		return err
	}
	return s.Drain(a.ctx)
}

// Actor is the user on whose behalf the command runs (--as, on a demo
// database only), in a context of theirs.
func (a *app) Actor(s *services) (context.Context, auth.Actor, error) {
	if a.As == "" {
		return nil, auth.Actor{}, errs.New(errs.Invalid, "CLI_AS_MISSING")
	}
	ctx, err := s.Auth.ActAs(a.ctx, a.As)
	if err != nil {
		return nil, auth.Actor{}, err
	}
	actor, _ := auth.ActorFrom(ctx)
	return ctx, actor, nil
}

// acting is with for a command that a user does.
func (a *app) acting(fn func(context.Context, *services, auth.Actor) error) error {
	return a.with(func(s *services) error {
		ctx, actor, err := a.Actor(s)
		if err != nil {
			return err
		}
		return fn(ctx, s, actor)
	})
}

// openBreaks lets re-issues ask reconciliation, which disbursement does not know.
type openBreaks struct{}

// OpenBreaks counts the unresolved breaks of attempts.
func (openBreaks) OpenBreaks(ctx context.Context, q db.Querier, attempts []int64) (map[int64]int, error) {
	return reconciliation.OpenBreaks(ctx, q, attempts)
}
