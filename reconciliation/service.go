package reconciliation

import (
	"log/slog"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/valid"
	"fenlu/internal/vault"
)

// Service imports evidence and keeps the breaks.
type Service struct {
	db       *db.DB
	payments Payments
	keys     *vault.Vault
	clock    clock.Clock
	log      *slog.Logger
	options  Options
	valid    *valid.Validator
}

// Options are what a county may set.
type Options struct {
	DueDays      int      // calendar days until a break is due
	FundingWords []string // an entry without an id that has one of these in its text is funding (财政拨款)
}

// DefaultOptions gives a break seven days, and knows 财政拨款.
func DefaultOptions() Options {
	return Options{DueDays: 7, FundingWords: []string{"财政拨款"}}
}

// New makes the service with the default options; keys blind the places of
// bookings. A nil logger is silent.
func New(d *db.DB, p Payments, keys *vault.Vault, c clock.Clock, log *slog.Logger) *Service {
	return NewWith(d, p, keys, c, log, DefaultOptions())
}

// NewWith is New with options.
func NewWith(d *db.DB, p Payments, keys *vault.Vault, c clock.Clock, log *slog.Logger, o Options) *Service {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Service{db: d, payments: p, keys: keys, clock: c, log: log, options: o, valid: valid.New()}
}
