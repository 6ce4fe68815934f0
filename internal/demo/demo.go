package demo

import (
	"context"
	"os"
	"path/filepath"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/rules"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/sample"
	"fenlu/internal/simbank"
	"fenlu/ledger"
	"fenlu/ledger/books"
	"fenlu/reconciliation"
)

// Params choose the month. A database keeps the ones it was begun with.
type Params struct {
	Payments int   `json:"payments"`
	Seed     int64 `json:"seed"`
	Year     bool  `json:"year,omitempty"` // twelve months instead of one
}

// World is what a demo runs in.
type World struct {
	DB       *db.DB
	Auth     *auth.Service
	Ledger   *ledger.Service
	Books    *books.Service
	Parties  *parties.Service
	Funds    *funds.Service
	Benefits *benefits.Service
	Rules    *rules.Service
	Payment  *payment.Service
	Batch    *batch.Service
	Recon    *reconciliation.Service
	Drain    func(context.Context) error
	// Check looks, after a step of the year, whether the books still add up and
	// every fen has one address.
	Check func(context.Context) error
	Clock *clock.Manual
	Dir   string // the data directory: files/, input/ and simbank/ are made in it
	Tell  Teller
	Watch Watch // nil: nobody measures
}

// Teller hears what happens, for people to read.
type Teller interface {
	// Section begins a part of the month.
	Section(code string, args ...any)
	// Say tells of one thing done: the day, who did it, and a text of the
	// catalogue.
	Say(at string, actor, code string, args ...any)
	// Work shows that something long is under way until the function it
	// returns is called.
	Work(code string) (done func())
}

// Watch hears which part of the work is under way, until the function it returns
// is called: what the simulated bank does is part "bank".
type Watch interface {
	In(part string) (back func())
}

// in tells the watch.
func (m *month) in(part string) (back func()) {
	if m.Watch == nil {
		return func() {}
	}
	return m.Watch.In(part)
}

// month is one demo under way.
type month struct {
	World
	params Params
	county *sample.County
	bank   *simbank.Bank
	who    map[string]context.Context
}

// Run runs the month to its end, or goes on where it stopped. Refused
// DEMO_OTHER_PARAMETERS when the database was begun with others, and
// AUTH_DEMO_NOT_EMPTY when it is not a demo's.
func Run(ctx context.Context, w World, p Params) error {
	m := &month{World: w, params: p, who: map[string]context.Context{}}
	for _, step := range []func(context.Context) error{
		m.begin, m.sample, m.users, m.money, m.standards, m.carveout, m.reserves, m.people, m.batches, m.emergencies, m.answers, m.reissue, m.close,
	} {
		if err := step(ctx); err != nil {
			return err
		}
		if err := w.Drain(ctx); err != nil {
			return err
		}
	}
	return nil
}

// begin marks an empty database as a demo's, or sees that it is this demo's.
func (m *month) begin(ctx context.Context) error {
	var begun Params
	marked, err := m.Auth.DemoParams(ctx, m.DB.Pool(), &begun)
	if err != nil {
		return err
	}
	if marked && begun != m.params {
		return errs.New(errs.Refused, "DEMO_OTHER_PARAMETERS", "payments", begun.Payments, "seed", begun.Seed, "year", begun.Year)
	}
	m.at("2026-01-05 09:00")
	if marked {
		return nil
	}
	return m.mark(ctx)
}

// sample makes the county and its input files, the same ones each time.
func (m *month) sample(ctx context.Context) error {
	done := m.Tell.Work("demo.work.sample")
	defer done()
	var err error
	m.county, err = sample.Generate(sample.Params{Seed: m.params.Seed, Payments: m.params.Payments, Month: sample.DefaultMonth})
	if err != nil {
		return err
	}
	m.bank, err = simbank.Open(filepath.Join(m.Dir, "simbank"), simbank.DefaultOptions(m.params.Seed))
	if err != nil {
		return errs.Wrap(err, errs.Internal, "DEMO_BANK")
	}
	if _, err := os.Stat(m.input("README.txt")); err == nil {
		return nil
	}
	_, err = m.county.Write(ctx, m.input(""), m.format())
	return err
}

func (m *month) format() string { return sample.Format(m.params.Payments) }

// input is the path of an input file; a name without ending gets the format's.
func (m *month) input(name string) string {
	if name != "" && filepath.Ext(name) == "" {
		name += "." + m.format()
	}
	return filepath.Join(m.Dir, "input", name)
}
