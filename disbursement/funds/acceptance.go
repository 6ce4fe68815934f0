package funds

import (
	"context"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// Numbers of contracts and acceptances: an acceptance's is a case number in the
// rosters (occasion).
var contractNumber = regexp.MustCompile(`^[\p{Han}A-Za-z0-9〔〕()（）._-]{1,40}$`)

// Acceptance is what was accepted of a contract (验收, money-rules B5). Evidence is
// the SHA-256 of the signed paper, in hex.
type Acceptance struct {
	ID         int64     `json:"id"`
	Number     string    `json:"number" validate:"required,max=40,no_personal_number"`   // 验收单号
	Contract   string    `json:"contract" validate:"required,max=40,no_personal_number"` // 合同编号
	AcceptedOn time.Time `json:"accepted_on" validate:"required"`
	Amount     money.Fen `json:"amount" validate:"fen_positive"`
	Evidence   string    `json:"evidence" validate:"len=64"`
	AcceptedBy string    `json:"accepted_by"`
	RecordedAt time.Time `json:"recorded_at"`

	ContractID int64 `json:"-"`
}

// AcceptanceLeaf is the leaf of an acceptance.
func AcceptanceLeaf(a Acceptance) *leaf.Leaf {
	return leaf.New(string(proof.KindAcceptance), 1).Int("id", a.ID).Text("number", a.Number).Int("contract", a.ContractID).Date("accepted_on", a.AcceptedOn).
		Int("amount_fen", int64(a.Amount)).Text("evidence", a.Evidence).Text("accepted_by", a.AcceptedBy).Time("recorded_at", a.RecordedAt)
}

// Accepted is an acceptance that was recorded, with what the contract has left.
type Accepted struct {
	Acceptance
	Left   money.Fen `json:"left"` // of the contract, not accepted yet
	Replay bool      `json:"replay"`
}

// Accept records that a part of a contract's services was accepted, with the
// digest of the signed paper. The sum over a contract never passes its amount,
// whoever accepts at the same moment (the transaction is SERIALIZABLE). Idempotent
// by number. Errors: VALID_PROBLEMS; CONTRACT_NUMBER, CONTRACT_EVIDENCE,
// CONTRACT_FUTURE (Invalid);
// CONTRACT_UNKNOWN (NotFound); CONTRACT_SAME_PERSON, CONTRACT_ABOVE,
// CONTRACT_EARLY, CONTRACT_VOIDED (Refused); CONTRACT_ACCEPTANCE_USED (Conflict).
func (s *Service) Accept(ctx context.Context, a Acceptance) (Accepted, error) {
	who, err := auth.Require(ctx, auth.Carveout)
	if err != nil {
		return Accepted{}, err
	}
	a.Number, a.Contract = strings.Join(strings.Fields(a.Number), ""), strings.Join(strings.Fields(a.Contract), "")
	a.Evidence, a.AcceptedBy = strings.ToLower(a.Evidence), who.Login
	if err := s.valid.Check(a); err != nil {
		return Accepted{}, err
	}
	if !contractNumber.MatchString(a.Number) {
		return Accepted{}, errs.New(errs.Invalid, "CONTRACT_NUMBER")
	}
	if _, err := hex.DecodeString(a.Evidence); err != nil {
		return Accepted{}, errs.New(errs.Invalid, "CONTRACT_EVIDENCE")
	}
	if a.AcceptedOn.After(s.today()) {
		return Accepted{}, errs.New(errs.Invalid, "CONTRACT_FUTURE", "date", day(a.AcceptedOn), "today", day(s.today()))
	}
	var out Accepted
	err = run(ctx, s.db.RunSerializable, func(tx pgx.Tx) error {
		var err error
		out, err = s.accept(ctx, tx, a, who)
		return err
	})
	return out, err
}

func (s *Service) accept(ctx context.Context, tx pgx.Tx, a Acceptance, who auth.Actor) (Accepted, error) {
	contracts, err := contractsByNumber(ctx, tx, []string{a.Contract})
	if err != nil {
		return Accepted{}, err
	}
	c, ok := contracts[a.Contract]
	if !ok {
		return Accepted{}, errs.New(errs.NotFound, "CONTRACT_UNKNOWN", "contract", a.Contract)
	}
	if err := notVoid(ctx, tx, VoidContract, c.ID, c.Number); err != nil {
		return Accepted{}, err
	}
	before, err := acceptancesOf(ctx, tx, c.ID)
	if err != nil {
		return Accepted{}, err
	}
	left := c.Amount
	for _, b := range before {
		left -= b.Amount // what a contract has accepted is never more than its amount
	}
	known, err := acceptancesByNumber(ctx, tx, []string{a.Number})
	if err != nil {
		return Accepted{}, err
	}
	if k, there := known[a.Number]; there {
		if k.void {
			return Accepted{}, errs.New(errs.Refused, "CONTRACT_VOIDED", "number", k.Number)
		}
		if k.Contract != a.Contract || k.Amount != a.Amount || !k.AcceptedOn.Equal(a.AcceptedOn) || k.Evidence != a.Evidence {
			return Accepted{}, errs.New(errs.Conflict, "CONTRACT_ACCEPTANCE_USED", "number", a.Number, "contract", k.Contract, "amount", k.Amount.Grouped())
		}
		return Accepted{k.Acceptance, left, true}, nil
	}
	if err := secondPerson(ctx, tx, step{c.RecordedBy, auth.BatchMake, c.RecordedAt}, who, auth.Carveout,
		errs.New(errs.Refused, "CONTRACT_SAME_PERSON", "contract", c.Number, "login", c.RecordedBy)); err != nil {
		return Accepted{}, err
	}
	switch {
	case a.AcceptedOn.Before(c.SignedOn):
		return Accepted{}, errs.New(errs.Refused, "CONTRACT_EARLY", "contract", c.Number, "signed", day(c.SignedOn), "date", day(a.AcceptedOn))
	case a.Amount > left:
		return Accepted{}, errs.New(errs.Refused, "CONTRACT_ABOVE", "contract", c.Number, "amount", c.Amount.Grouped(), "left", left.Grouped(),
			"asked", a.Amount.Grouped(), "over", (a.Amount - left).Grouped())
	}
	a.ContractID, a.RecordedAt = c.ID, s.clock.Now()
	if err := insertAcceptance(ctx, tx, &a); err != nil {
		return Accepted{}, err
	}
	return Accepted{a, left - a.Amount, false}, nil
}

func insertAcceptance(ctx context.Context, tx pgx.Tx, a *Acceptance) (err error) {
	if a.ID, err = db.NextID(ctx, tx, "service_acceptance_id_seq"); err != nil {
		return err
	}
	evidence, err := hex.DecodeString(a.Evidence)
	if err != nil {
		return fmt.Errorf("digest of acceptance %s: %w", a.Number, err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO service_acceptance (id, number, contract, accepted_on, amount_fen, evidence, accepted_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, a.ID, a.Number, a.ContractID, a.AcceptedOn, a.Amount, evidence, a.AcceptedBy, a.RecordedAt)
	if err != nil {
		return fmt.Errorf("record acceptance %s: %w", a.Number, err)
	}
	return proof.Append(ctx, tx, proof.ItemOf(AcceptanceLeaf(*a), a.ID))
}

const acceptanceColumns = `a.id, a.number, a.contract, c.number, a.accepted_on, a.amount_fen, a.evidence, a.accepted_by, a.recorded_at`

func scanAcceptance(row pgx.Row, more ...any) (Acceptance, error) {
	var a Acceptance
	var evidence []byte
	err := row.Scan(append([]any{&a.ID, &a.Number, &a.ContractID, &a.Contract, &a.AcceptedOn, &a.Amount, &evidence, &a.AcceptedBy, &a.RecordedAt}, more...)...)
	a.Evidence = hex.EncodeToString(evidence)
	return a, err
}

// acceptancesOf are the acceptances of a contract that are not void, in the order
// they came.
func acceptancesOf(ctx context.Context, q db.Querier, contract int64) ([]Acceptance, error) {
	return collect(ctx, q, "acceptances", func(row pgx.CollectableRow) (Acceptance, error) { return scanAcceptance(row) },
		`SELECT `+acceptanceColumns+` FROM service_acceptance a JOIN service_contract c ON c.id = a.contract
		LEFT JOIN`+acceptanceVoid+`WHERE a.contract = $1 AND v.id IS NULL ORDER BY a.id`, contract)
}

// accepted is an acceptance with its contract's own words.
type accepted struct {
	Acceptance
	creditCode string
	fund       string
	year       int
	township   string
	void       bool
}

func acceptancesByNumber(ctx context.Context, q db.Querier, numbers []string) (map[string]accepted, error) {
	found, err := collect(ctx, q, "acceptances by number", func(row pgx.CollectableRow) (accepted, error) {
		var x accepted
		var err error
		x.Acceptance, err = scanAcceptance(row, &x.creditCode, &x.fund, &x.year, &x.township, &x.void)
		return x, err
	}, `SELECT `+acceptanceColumns+`, c.credit_code, c.fund, c.year, c.township, v.id IS NOT NULL
		FROM service_acceptance a JOIN service_contract c ON c.id = a.contract LEFT JOIN`+acceptanceVoid+`WHERE a.number = ANY($1)`, numbers)
	out := make(map[string]accepted, len(found))
	for _, a := range found {
		out[a.Number] = a
	}
	return out, err
}

// ContractView is a contract with its acceptances.
type ContractView struct {
	Contract
	Accepted    money.Fen        `json:"accepted"`
	Acceptances []AcceptanceView `json:"acceptances"`
	Voided      *ServiceVoid     `json:"voided,omitempty"`
}

// AcceptanceView is an acceptance, and whether it is void.
type AcceptanceView struct {
	Acceptance
	Voided *ServiceVoid `json:"voided,omitempty"`
}

// Contracts are the contracts of a budget year with what was accepted of each, in
// the order they came; the void ones are shown as that and count for nothing.
func Contracts(ctx context.Context, q db.Querier, year int) ([]ContractView, error) {
	void, err := voidsOfYear(ctx, q, year)
	if err != nil {
		return nil, err
	}
	list, err := collect(ctx, q, "contracts", func(row pgx.CollectableRow) (Contract, error) { return scanContract(row) },
		`SELECT `+contractColumns+` FROM service_contract c WHERE c.year = $1 ORDER BY c.id`, year)
	if err != nil {
		return nil, err
	}
	found, err := collect(ctx, q, "acceptances of the year", func(row pgx.CollectableRow) (Acceptance, error) { return scanAcceptance(row) },
		`SELECT `+acceptanceColumns+` FROM service_contract c JOIN service_acceptance a ON a.contract = c.id WHERE c.year = $1 ORDER BY a.id`, year)
	of := map[int64][]AcceptanceView{}
	for _, a := range found {
		of[a.ContractID] = append(of[a.ContractID], AcceptanceView{a, void[VoidAcceptance][a.ID]})
	}
	out := make([]ContractView, len(list))
	for i, c := range list {
		out[i] = ContractView{Contract: c, Acceptances: append([]AcceptanceView{}, of[c.ID]...), Voided: void[VoidContract][c.ID]}
		for _, a := range out[i].Acceptances {
			if a.Voided == nil {
				out[i].Accepted += a.Amount // never above the contract's amount
			}
		}
	}
	return out, err
}
