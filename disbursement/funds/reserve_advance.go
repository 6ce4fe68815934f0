package funds

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/disbursement/rules"
	"fenlu/internal/check"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// TownshipAdvance is an emergency that a township paid out of its own pocket first
// (乡镇垫付): the reserve pays it back once, to the unit, while the person stays the
// beneficiary.
type TownshipAdvance struct {
	Case       CaseID
	Number     string // 案号
	Township   string
	Unit       parties.UnitID // 垫付单位
	Amount     money.Fen
	Receipt    []byte    // SHA-256 of the image
	PaidAt     time.Time // handed over to the person
	DueOn      time.Time // by when it is to be paid back; zero: no rule said
	RecordedBy string
	RecordedAt time.Time
}

// Leaf is the leaf of an advance. Who was helped and who saw it is not in it.
func (a TownshipAdvance) Leaf() *leaf.Leaf {
	return leaf.New(string(proof.KindTownshipAdvance), 1).Int("case", int64(a.Case)).Text("number", a.Number).Text("township", a.Township).
		Int("unit", int64(a.Unit)).Int("amount_fen", int64(a.Amount)).Text("receipt", hex.EncodeToString(a.Receipt)).Time("paid_at", a.PaidAt).
		Date("due_on", a.DueOn).Text("recorded_by", a.RecordedBy).Time("recorded_at", a.RecordedAt)
}

// advance puts on record what a township advanced, beside its case.
func (c Case) advance(ctx context.Context, tx pgx.Tx) error {
	if c.Form != Advanced {
		return nil
	}
	a := TownshipAdvance{Case: c.ID, Number: c.Number, Township: c.Township, Unit: c.Unit, Amount: c.Amount, Receipt: c.ReceiptSHA256, PaidAt: c.PaidAt,
		RecordedBy: c.DrawnBy, RecordedAt: c.DrawnAt}
	set, err := rules.Load(ctx, tx, rules.ReserveRepayDays)
	if err != nil {
		return err
	}
	if term, there := set.At(rules.ReserveRepayDays, c.Township, clock.Date(c.DrawnAt)); there {
		days, err := term.Whole()
		if err != nil {
			return err
		}
		a.DueOn = clock.Date(c.DrawnAt).AddDate(0, 0, days)
	}
	_, err = tx.Exec(ctx, `INSERT INTO township_advance (reserve_case, unit, paid_at, due_on, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		a.Case, a.Unit, a.PaidAt, orNull(a.DueOn, a.DueOn.IsZero()), a.RecordedBy, a.RecordedAt)
	if err != nil {
		return fmt.Errorf("record what was advanced for case %s: %w", c.Number, err)
	}
	return proof.Append(ctx, tx, proof.ItemOf(a.Leaf(), int64(a.Case)))
}

// advanceChecks: what was advanced is a case of that form, and the reverse.
var advanceChecks = []check.Query{
	proof.OrphansBy("township_advance_leaf", proof.KindTownshipAdvance, "township_advance", "reserve_case"),
	{Promise: 8, Check: "township_advance", SQL: `
		SELECT 'reserve_case ' || c.id::text, 'is ' || c.form || ', advanced by ' || coalesce('unit ' || t.unit::text, 'nobody')
		FROM reserve_case c LEFT JOIN township_advance t ON t.reserve_case = c.id WHERE (c.form = 'advanced') <> (t.unit IS NOT NULL)
		UNION ALL SELECT 'reserve_case ' || c.id::text, 'is given up, its batch is ' || b.state
		FROM reserve_case c JOIN batch b ON b.id = c.batch WHERE c.given_up AND b.state <> 'cancelled'
		UNION ALL SELECT 'township_advance ' || t.reserve_case::text, 'of no case'
		FROM township_advance t WHERE NOT EXISTS (SELECT 1 FROM reserve_case c WHERE c.id = t.reserve_case) ORDER BY 1`},
}

// verifyAdvances makes the leaves of advances again.
func verifyAdvances(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT t.reserve_case, c.number, c.township, t.unit, c.amount_fen, c.receipt_sha256, t.paid_at, t.due_on, t.recorded_by, t.recorded_at, l.digest
		FROM township_advance t JOIN reserve_case c ON c.id = t.reserve_case
		LEFT JOIN logged l ON l.kind = 'township_advance' AND l.ref = t.reserve_case ORDER BY t.reserve_case`)
	if err != nil {
		return nil, fmt.Errorf("leaves of advances: %w", err)
	}
	return proof.Recheck(rows, "township_advance_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var a TownshipAdvance
		var due *time.Time
		var logged []byte
		err := row.Scan(&a.Case, &a.Number, &a.Township, &a.Unit, &a.Amount, &a.Receipt, &a.PaidAt, &due, &a.RecordedBy, &a.RecordedAt, &logged)
		if due != nil {
			a.DueOn = *due
		}
		return proof.Row{Name: fmt.Sprintf("township_advance %d", a.Case), Leaf: a.Leaf(), Logged: logged}, err
	})
}
