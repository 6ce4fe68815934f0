package trace

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// Verifier is the checks of one domain. Promises are the promises of DESIGN §2
// that its findings can be about.
type Verifier struct {
	Name     string
	Promises []int
	Run      func(ctx context.Context, q db.Querier) ([]check.Finding, error)
}

// Verification is what verification found.
type Verification struct {
	OK          bool            `json:"ok"`
	Checks      int             `json:"checks"` // promises that were re-derived from the rows
	Unaccounted money.Fen       `json:"unaccounted"`
	Promises    []Promise       `json:"promises"`
	Findings    []check.Finding `json:"findings"`

	left int // findings that the text leaves out
}

// Promise is one promise with how many rows it was re-derived from and how
// many findings speak against it. It is kept when there are none.
type Promise struct {
	No       int  `json:"promise"`
	Kept     bool `json:"kept"`
	Rows     int  `json:"rows"`
	Findings int  `json:"findings"`
}

// Verify runs the checks of all domains, and those between them, over one
// snapshot of the database. Its result says what is wrong; see Failed.
func Verify(ctx context.Context, d *db.DB, domains []Verifier) (Verification, error) {
	var v Verification
	err := d.ReadWhole(ctx, func(tx pgx.Tx) error {
		var err error
		v, err = VerifyIn(ctx, tx, domains)
		return err
	})
	return v, err
}

// VerifyIn is Verify in the caller's snapshot.
func VerifyIn(ctx context.Context, q db.Querier, domains []Verifier) (Verification, error) {
	v := Verification{Findings: []check.Finding{}}
	covered := map[int]bool{}
	for _, d := range append(slices.Clone(domains), between()) {
		found, err := d.Run(ctx, q)
		if err != nil {
			return v, fmt.Errorf("verify %s: %w", d.Name, err)
		}
		v.Findings = append(v.Findings, found...)
		for _, p := range d.Promises {
			covered[p] = true
		}
	}
	differences, err := Unaccounted(ctx, q)
	if err != nil {
		return v, err
	}
	for _, d := range differences {
		v.Unaccounted += d.Amount
		v.Findings = append(v.Findings, check.Finding{Promise: 2, Check: "unaccounted", Row: fmt.Sprintf("lot %d", d.Lot),
			Detail: d.Where + " " + d.Amount.String()})
	}
	return v, v.sumUp(ctx, q, covered)
}

// sumUp counts the findings by promise.
func (v *Verification) sumUp(ctx context.Context, q db.Querier, covered map[int]bool) error {
	rows, err := rowsOfPromises(ctx, q)
	if err != nil {
		return err
	}
	against := map[int]int{}
	for _, f := range v.Findings {
		against[f.Promise]++
		covered[f.Promise] = true
	}
	v.Promises = []Promise{}
	for p := range 13 {
		if covered[p] {
			v.Promises = append(v.Promises, Promise{p, against[p] == 0, rows[p], against[p]})
		}
	}
	v.Checks, v.OK = len(v.Promises), len(v.Findings) == 0
	return nil
}

// Failed is the error that ends a verification that found something:
// VERIFY_FAILED (Unverified), which names the first row.
func (v Verification) Failed() error {
	if v.OK {
		return nil
	}
	return errs.New(errs.Unverified, "VERIFY_FAILED", "count", len(v.Findings), "unaccounted", v.Unaccounted.Grouped(), "row", v.Findings[0].Row)
}

// Short is the verification with at most n findings listed in its text; the
// rest are counted.
func (v Verification) Short(n int) Verification {
	v.left = max(len(v.Findings)-n, 0)
	return v
}

// between is the checks that no domain can make alone.
func between() Verifier {
	return Verifier{Name: "trace", Promises: []int{1, 2, 3, 4, 9}, Run: func(ctx context.Context, q db.Querier) ([]check.Finding, error) {
		return check.Run(ctx, q, crossChecks)
	}}
}
