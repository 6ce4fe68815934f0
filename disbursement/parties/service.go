package parties

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/ident"
	"fenlu/internal/valid"
	"fenlu/internal/vault"
)

// Service imports and finds parties.
type Service struct {
	db    *db.DB
	vault *vault.Vault
	clock clock.Clock
	log   *slog.Logger
	valid *valid.Validator
	keys  Keys // nil: no records are merged
}

// New is a service on a database with the keys that its fields are sealed
// with. A nil logger is silent.
func New(database *db.DB, keys *vault.Vault, clk clock.Clock, logger *slog.Logger) *Service {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Service{db: database, vault: keys, clock: clk, log: logger, valid: valid.New()}
}

// Purposes of the blind index. They are part of every index in the database.
const (
	blindID      = "id_number"
	blindAccount = "account"
)

// raceTries bounds how often an import starts again because another one made
// the same person, household or unit at the same moment.
const raceTries = 8

// runImport runs an import's transaction. It compares a file with a set that it
// cannot lock as a whole (who is known, who is in a household), so it runs over
// one snapshot.
func (s *Service) runImport(ctx context.Context, fn func(pgx.Tx) error) error {
	return s.again(ctx, s.db.RunSerializable, fn)
}

// again is run that also starts again when a unique index says that somebody
// else was faster: the next try finds what he made.
func (s *Service) again(ctx context.Context, run func(context.Context, func(pgx.Tx) error) error, fn func(pgx.Tx) error) error {
	for try := 1; ; try++ {
		err := run(ctx, fn)
		if !lostRace(err) || try == raceTries {
			return err
		}
		s.log.DebugContext(ctx, "met another transaction", "try", try)
	}
}

func (s *Service) today() time.Time { return clock.Date(s.clock.Now()) }

// BlindID is the blind index of an ID number as people write it.
func (s *Service) BlindID(number string) []byte {
	return s.vault.Blind(ident.Normalize(number), blindID)
}

// BlindAccount is the blind index of an account number as people write it.
func (s *Service) BlindAccount(number string) []byte { return s.blindAccount(ident.Normalize(number)) }

func (s *Service) blindAccount(number string) []byte { return s.vault.Blind(number, blindAccount) }

// What a ciphertext is bound to: column, owner and version.
func idAAD(person PersonID, version int) string {
	return "person_version.id:" + strconv.FormatInt(int64(person), 10) + ":" + strconv.Itoa(version)
}

func accountAAD(id AccountID) string {
	return "payee_account.account:" + strconv.FormatInt(int64(id), 10)
}
