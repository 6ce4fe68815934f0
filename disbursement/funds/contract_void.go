package funds

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// VoidKind is what is voided.
type VoidKind string

// The kinds.
const (
	VoidContract   VoidKind = "contract"   // 合同
	VoidAcceptance VoidKind = "acceptance" // 验收
)

// ServiceVoid is the voiding (作废) of a contract or acceptance that was entered
// wrongly: nothing is accepted, paid or counted under it since, and its number is
// not used again.
type ServiceVoid struct {
	ID       int64     `json:"id"`
	Kind     VoidKind  `json:"kind"`
	Of       int64     `json:"-"`      // the contract's or acceptance's id
	Number   string    `json:"number"` // its number; not stored
	Reason   string    `json:"reason"`
	VoidedBy string    `json:"voided_by"`
	VoidedAt time.Time `json:"voided_at"`
	Replay   bool      `json:"replay"` // it was void before
}

// VoidLeaf is the leaf of a voiding.
func VoidLeaf(v ServiceVoid) *leaf.Leaf {
	return leaf.New(string(proof.KindServiceVoid), 1).Int("id", v.ID).Text("kind", string(v.Kind)).Int("of", v.Of).Text("reason", v.Reason).
		Text("voided_by", v.VoidedBy).Time("voided_at", v.VoidedAt)
}

// The voiding of a contract c, and of an acceptance a: what they are joined on.
const (
	contractVoid   = ` service_void v ON v.kind = 'contract' AND v.of = c.id `
	acceptanceVoid = ` service_void v ON v.kind = 'acceptance' AND v.of = a.id `
)

// right is who voids: whoever sets money aside a contract, whoever makes lists an
// acceptance.
func (k VoidKind) right() auth.Right {
	if k == VoidAcceptance {
		return auth.BatchMake
	}
	return auth.Carveout
}

// VoidService voids a contract or an acceptance, as long as nothing was paid or is
// under way for it; a contract's acceptances are voided first. Another person than
// who recorded it does: whoever sets money aside voids a contract, whoever makes
// lists an acceptance. Void already, it changes nothing. Errors: VALID_PROBLEMS;
// AUTH_RIGHT_MISSING; CONTRACT_VOID_UNKNOWN (NotFound); CONTRACT_VOID_SAME_PERSON,
// CONTRACT_HAS_ACCEPTANCE, CONTRACT_PAID (Refused).
func (s *Service) VoidService(ctx context.Context, kind VoidKind, number, reason string) (ServiceVoid, error) {
	who, err := auth.Require(ctx, kind.right())
	if err != nil {
		return ServiceVoid{}, err
	}
	reason = strings.TrimSpace(reason)
	if err := s.valid.Check(struct {
		Reason string `name:"reason" validate:"required,max=200,no_personal_number"`
	}{reason}); err != nil {
		return ServiceVoid{}, err
	}
	v := ServiceVoid{Kind: kind, Number: strings.Join(strings.Fields(number), ""), Reason: reason, VoidedBy: who.Login, VoidedAt: s.clock.Now().Truncate(time.Microsecond)}
	err = run(ctx, s.db.RunSerializable, func(tx pgx.Tx) error { return v.void(ctx, tx, who) })
	return v, err
}

// void records the voiding, or reads the one that is on record.
func (v *ServiceVoid) void(ctx context.Context, tx pgx.Tx, who auth.Actor) error {
	recorded, err := v.find(ctx, tx)
	if err != nil {
		return err
	}
	known, err := voidOf(ctx, tx, v.Kind, v.Of)
	if err != nil {
		return err
	}
	if known.ID != 0 {
		known.Number, known.Replay = v.Number, true
		*v = known
		return nil
	}
	if err := secondPerson(ctx, tx, recorded, who, v.Kind.right(),
		errs.New(errs.Refused, "CONTRACT_VOID_SAME_PERSON", "number", v.Number, "login", recorded.by)); err != nil {
		return err
	}
	if v.ID, err = db.NextID(ctx, tx, "service_void_id_seq"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO service_void (id, kind, of, reason, voided_by, voided_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		v.ID, string(v.Kind), v.Of, v.Reason, v.VoidedBy, v.VoidedAt)
	if err != nil {
		return fmt.Errorf("void %s %s: %w", v.Kind, v.Number, err)
	}
	return proof.Append(ctx, tx, proof.ItemOf(VoidLeaf(*v), v.ID))
}

// find finds what is to be voided, and says who recorded it; a reason against it is
// an error.
func (v *ServiceVoid) find(ctx context.Context, tx pgx.Tx) (step, error) {
	if v.Kind == VoidAcceptance {
		known, err := acceptancesByNumber(ctx, tx, []string{v.Number})
		a, there := known[v.Number]
		if err == nil && !there {
			err = errs.New(errs.NotFound, "CONTRACT_VOID_UNKNOWN", "number", v.Number)
		}
		if err != nil {
			return step{}, err
		}
		v.Of = a.ID
		// a payment that is being frozen has the gate of the year until it ends
		if err := a.gate(ctx, tx); err != nil {
			return step{}, err
		}
		return step{a.AcceptedBy, auth.Carveout, a.RecordedAt}, a.unpaid(ctx, tx)
	}
	contracts, err := contractsByNumber(ctx, tx, []string{v.Number})
	c, there := contracts[v.Number]
	if err == nil && !there {
		err = errs.New(errs.NotFound, "CONTRACT_VOID_UNKNOWN", "number", v.Number)
	}
	if err != nil {
		return step{}, err
	}
	v.Of = c.ID
	live, err := acceptancesOf(ctx, tx, c.ID)
	if err == nil && len(live) > 0 {
		err = errs.New(errs.Refused, "CONTRACT_HAS_ACCEPTANCE", "contract", c.Number, "number", live[0].Number)
	}
	return step{c.RecordedBy, auth.BatchMake, c.RecordedAt}, err
}

// unpaid refuses where a list that is submitted or went further pays the acceptance.
func (a accepted) unpaid(ctx context.Context, tx pgx.Tx) error {
	found, err := collect(ctx, tx, "lists that pay an acceptance", pgx.RowTo[string], `SELECT b.code FROM unit u
		JOIN entitlement_line l ON l.unit = u.id AND l.occasion = $2 JOIN service_program p ON p.program = l.program
		JOIN once_key k ON k.line = l.id AND k.freed IS NULL JOIN batch b ON b.id = l.batch
		WHERE u.credit_code = $1 ORDER BY l.id LIMIT 1`, a.creditCode, "case/"+a.Number+"/1")
	if err == nil && len(found) > 0 {
		err = errs.New(errs.Refused, "CONTRACT_PAID", "number", a.Number, "batch", found[0])
	}
	return err
}

const voidColumns = `v.id, v.kind, v.of, v.reason, v.voided_by, v.voided_at`

func (v *ServiceVoid) targets() []any {
	return []any{&v.ID, &v.Kind, &v.Of, &v.Reason, &v.VoidedBy, &v.VoidedAt}
}

func scanVoid(row pgx.CollectableRow) (ServiceVoid, error) {
	var v ServiceVoid
	err := row.Scan(v.targets()...)
	return v, err
}

// voidOf is the voiding of a contract or acceptance; ID is 0 where there is none.
func voidOf(ctx context.Context, q db.Querier, kind VoidKind, of int64) (ServiceVoid, error) {
	found, err := collect(ctx, q, "voidings", scanVoid, `SELECT `+voidColumns+` FROM service_void v WHERE v.kind = $1 AND v.of = $2`, string(kind), of)
	if err != nil || len(found) == 0 {
		return ServiceVoid{}, err
	}
	return found[0], nil
}

// notVoid refuses what is void (CONTRACT_VOIDED).
func notVoid(ctx context.Context, q db.Querier, kind VoidKind, of int64, number string) error {
	v, err := voidOf(ctx, q, kind, of)
	if err == nil && v.ID != 0 {
		err = errs.New(errs.Refused, "CONTRACT_VOIDED", "number", number)
	}
	return err
}

// voidContracts are those of these numbers whose contract is void.
func voidContracts(ctx context.Context, q db.Querier, numbers []string) (map[string]bool, error) {
	found, err := collect(ctx, q, "void contracts", pgx.RowTo[string], `SELECT c.number FROM service_contract c JOIN`+contractVoid+`WHERE c.number = ANY($1)`, numbers)
	out := map[string]bool{}
	for _, number := range found {
		out[number] = true
	}
	return out, err
}

// voidsOfYear are the voidings of the contracts of a budget year and of their
// acceptances.
func voidsOfYear(ctx context.Context, q db.Querier, year int) (map[VoidKind]map[int64]*ServiceVoid, error) {
	found, err := collect(ctx, q, "voidings of the year", scanVoid, `SELECT `+voidColumns+` FROM service_contract c JOIN`+contractVoid+`WHERE c.year = $1
		UNION ALL SELECT `+voidColumns+` FROM service_contract c JOIN service_acceptance a ON a.contract = c.id JOIN`+acceptanceVoid+`WHERE c.year = $1 ORDER BY 1`, year)
	out := map[VoidKind]map[int64]*ServiceVoid{VoidContract: {}, VoidAcceptance: {}}
	for _, v := range found {
		out[v.Kind][v.Of] = &v
	}
	return out, err
}

// voidChecks are the checks of voidings: what is void is paid by no list.
var voidChecks = []check.Query{
	{Promise: 4, Check: "service_void_paid", SQL: `
		SELECT 'service_acceptance ' || a.id::text, 'void, paid by line ' || l.id::text
		FROM service_void v JOIN service_acceptance a ON v.kind = 'acceptance' AND a.id = v.of JOIN service_contract c ON c.id = a.contract
		JOIN unit u ON u.credit_code = c.credit_code JOIN entitlement_line l ON l.unit = u.id AND l.occasion = 'case/' || a.number || '/1'
		JOIN service_program p ON p.program = l.program JOIN leg h ON h.line = l.id AND h.account IS NOT NULL ORDER BY a.id, l.id`},
	{Promise: 4, Check: "service_void_paid", SQL: `
		SELECT 'service_contract ' || v.of::text, 'void, accepted as ' || a.number
		FROM service_void v JOIN service_acceptance a ON v.kind = 'contract' AND a.contract = v.of
		WHERE NOT EXISTS (SELECT 1 FROM service_void w WHERE w.kind = 'acceptance' AND w.of = a.id) ORDER BY a.id`},
	proof.Orphans("service_void_leaf", proof.KindServiceVoid, "service_void"),
}

func verifyVoids(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+voidColumns+`, l.digest FROM service_void v LEFT JOIN logged l ON l.kind = 'service_void' AND l.ref = v.id ORDER BY v.id`)
	if err != nil {
		return nil, fmt.Errorf("leaves of voidings: %w", err)
	}
	return proof.Recheck(rows, "service_void_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var v ServiceVoid
		var logged []byte
		err := row.Scan(append(v.targets(), &logged)...)
		return proof.Row{Name: fmt.Sprintf("service_void %d", v.ID), Leaf: VoidLeaf(v), Logged: logged}, err
	})
}
