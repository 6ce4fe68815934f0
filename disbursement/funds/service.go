package funds

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/valid"
	"fenlu/ledger"
)

// Service is the door to documents, budget lines, the carve-out and reserves.
type Service struct {
	db      *db.DB
	ledger  *ledger.Service
	parties *parties.Service
	clock   clock.Clock
	log     *slog.Logger
	valid   *valid.Validator
}

// New is a service that posts through the ledger and reads the population from
// parties. A nil logger is silent.
func New(database *db.DB, book *ledger.Service, people *parties.Service, clk clock.Clock, logger *slog.Logger) *Service {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Service{db: database, ledger: book, parties: people, clock: clk, log: logger, valid: valid.New()}
}

// raceTries bounds how often a command starts again because another one
// recorded the same document at the same moment.
const raceTries = 8

// run runs fn in a transaction, and again when a unique index says that
// somebody else recorded the same thing first: the next try finds it.
func run(ctx context.Context, begin func(context.Context, func(pgx.Tx) error) error, fn func(pgx.Tx) error) error {
	for try := 1; ; try++ {
		err := begin(ctx, fn)
		if !lostRace(err) || try == raceTries {
			return err
		}
	}
}

// lostRace says whether a unique index refused a row that another transaction
// had written a moment before.
func lostRace(err error) bool {
	switch constraint, _ := db.Violation(err); constraint {
	case "cash_arrival_voucher", "service_contract_number", "service_acceptance_number", "service_void_of", "recovery_case", "recovery_act_number",
		"document_number", "document_line_no", "journal_key", "reserve_case_number", "reserve_allotment_pkey", "import_file_once", "document_inclusion_once", "fund_receipt_number", "recovery_item_line", "recovery_act_reference", "recovery_act_n", "receipt_remittance_pkey":
		return true
	}
	return false
}

func (s *Service) today() time.Time { return clock.Date(s.clock.Now()) }

var yearBrackets = regexp.MustCompile(`[\[［【（(﹝]\s*(\d{4})\s*[\]］】）)﹞]`)

// NormalNumber is a 文号 as it is kept and found: without blanks, the year in
// the brackets that the rules for official documents prescribe, 财社〔2026〕12号.
func NormalNumber(number string) string {
	number = yearBrackets.ReplaceAllString(number, "〔$1〕")
	return strings.Join(strings.Fields(number), "")
}
