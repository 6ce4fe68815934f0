package trace

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// Verifier is the checks of one domain, in parts that need nothing of each
// other. Promises are the promises of DESIGN §2 that its findings can be about.
type Verifier struct {
	Name     string
	Promises []int
	Jobs     []check.Job
}

// Verification is what verification found.
type Verification struct {
	OK          bool            `json:"ok"`
	Checks      int             `json:"checks"` // promises that were re-derived from the rows
	Unaccounted money.Fen       `json:"unaccounted"`
	Promises    []Promise       `json:"promises"`
	Findings    []check.Finding `json:"findings"`
	Compared    *Compared       `json:"compared,omitempty"` // set by the caller who has checkpoints

	left int // findings that the text leaves out
}

// Compared is with how many checkpoints from outside the database the log was
// compared, how many leaves the largest has and the log has, and how many of
// them a witness cosigned.
type Compared struct {
	Checkpoints int   `json:"checkpoints"`
	Largest     int64 `json:"largest"`
	Leaves      int64 `json:"leaves"`
	Cosigned    int   `json:"cosigned"`

	Restarts []Restarted `json:"restarts,omitempty"`
}

// Restarted says that the log's history was given up once and went on from an
// older state, and who answers for it.
type Restarted struct {
	At          time.Time `json:"at"`
	ProposedBy  string    `json:"proposed_by"`
	ConfirmedBy string    `json:"confirmed_by"`
	Reason      string    `json:"reason"`
	Abandoned   int64     `json:"abandoned"` // leaves given up, at most
	Size        int64     `json:"size"`      // leaves of the largest checkpoint given up
	Kept        int64     `json:"kept"`      // leaves of the largest that is kept
}

// Promise is one promise with how many rows it was re-derived from and how
// many findings speak against it. It is kept when there are none.
type Promise struct {
	No       int  `json:"promise"`
	Kept     bool `json:"kept"`
	Rows     int  `json:"rows"`
	Findings int  `json:"findings"`
}

// workers is how many parts of a verification run side by side.
const workers = 2

// Verify runs the checks of all domains, and those between them, side by side
// over one snapshot of the database. Its result says what is wrong; see
// Failed. tell, if not nil, hears how many of all parts are done.
func Verify(ctx context.Context, d *db.DB, domains []Verifier, tell func(done, all int)) (Verification, error) {
	v := newVerification(domains)
	var done atomic.Int64
	err := d.ReadTogether(ctx, workers, len(v.jobs), func(ctx context.Context, tx pgx.Tx, i int) error {
		err := v.do(ctx, tx, i)
		if n := int(done.Add(1)); err == nil && tell != nil {
			tell(n, len(v.jobs))
		}
		return err
	})
	if err != nil {
		return Verification{}, err
	}
	return v.result(), nil
}

// VerifyIn is Verify in the caller's snapshot, one part after the other.
func VerifyIn(ctx context.Context, q db.Querier, domains []Verifier) (Verification, error) {
	v := newVerification(domains)
	for i := range v.jobs {
		if err := v.do(ctx, q, i); err != nil {
			return Verification{}, err
		}
	}
	return v.result(), nil
}

// verification is a verification in the making: each job writes its own place
// of found.
type verification struct {
	domains     []Verifier
	jobs        []check.Job
	found       [][]check.Finding
	unaccounted money.Fen
	rows        map[int]int
}

func newVerification(domains []Verifier) *verification {
	v := &verification{domains: append(slices.Clone(domains), between())}
	for _, d := range v.domains {
		v.jobs = append(v.jobs, d.Jobs...)
	}
	v.jobs = append(v.jobs, check.Job{Name: "unaccounted", Run: v.account}, check.Job{Name: "rows", Run: v.count})
	v.found = make([][]check.Finding, len(v.jobs))
	return v
}

func (v *verification) do(ctx context.Context, q db.Querier, i int) error {
	var err error
	if v.found[i], err = v.jobs[i].Run(ctx, q); err != nil {
		return fmt.Errorf("verify %s: %w", v.jobs[i].Name, err)
	}
	return nil
}

// account compares the three sources of each lot.
func (v *verification) account(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	differences, err := Unaccounted(ctx, q)
	if err != nil {
		return nil, err
	}
	var found []check.Finding
	for _, d := range differences {
		v.unaccounted += d.Amount
		found = append(found, check.Finding{Promise: 2, Check: "unaccounted", Row: fmt.Sprintf("lot %d", d.Lot),
			Detail: d.Where + " " + d.Amount.String()})
	}
	return found, nil
}

func (v *verification) count(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	var err error
	v.rows, err = rowsOfPromises(ctx, q)
	return nil, err
}

// result sums the findings up, by promise.
func (v *verification) result() Verification {
	r := Verification{Findings: []check.Finding{}, Promises: []Promise{}, Unaccounted: v.unaccounted}
	covered, against := map[int]bool{}, map[int]int{}
	for _, d := range v.domains {
		for _, p := range d.Promises {
			covered[p] = true
		}
	}
	for _, f := range slices.Concat(v.found...) {
		r.Findings = append(r.Findings, f)
		against[f.Promise]++
		covered[f.Promise] = true
	}
	for p := range 13 {
		if covered[p] {
			r.Promises = append(r.Promises, Promise{p, against[p] == 0, v.rows[p], against[p]})
		}
	}
	r.Checks, r.OK = len(r.Promises), len(r.Findings) == 0
	return r
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
	return Verifier{Name: "trace", Promises: []int{1, 2, 3, 4, 9}, Jobs: check.Jobs(crossChecks)}
}
