package trace_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/trace"
)

// What one statement may cost (DESIGN §7).
const (
	mostBuffers = 200
	mostScanned = 10_000
)

// costing answers queries, has the server measure each statement, and notes those
// that cost too much.
type costing struct {
	db.Querier
	t    *testing.T
	what string
	seen int
	most int // buffers of the dearest statement

	dearest string
}

// node is a node of a measured plan.
type node struct {
	Type    string  `json:"Node Type"`
	Table   string  `json:"Relation Name"`
	Hit     int     `json:"Shared Hit Blocks"`
	Read    int     `json:"Shared Read Blocks"`
	Rows    float64 `json:"Actual Rows"`
	Removed float64 `json:"Rows Removed by Filter"`
	Loops   float64 `json:"Actual Loops"`
	Plans   []node
}

func (c *costing) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	c.measure(ctx, sql, args)
	return c.Querier.Query(ctx, sql, args...)
}

func (c *costing) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	c.measure(ctx, sql, args)
	return c.Querier.QueryRow(ctx, sql, args...)
}

func (c *costing) measure(ctx context.Context, sql string, args []any) {
	c.t.Helper()
	var raw []byte
	if err := c.Querier.QueryRow(ctx, `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) `+sql, args...).Scan(&raw); err != nil {
		c.t.Fatalf("explain %s: %v", sql, err)
	}
	var plans []struct{ Plan node }
	if err := json.Unmarshal(raw, &plans); err != nil || len(plans) != 1 {
		c.t.Fatalf("plan of %s: %v in %s", sql, err, raw)
	}
	top := plans[0].Plan
	c.seen++
	if top.Hit+top.Read > c.most {
		c.most, c.dearest = top.Hit+top.Read, sql+"\n"+top.text(1)
	}
	if top.Hit+top.Read > mostBuffers {
		c.t.Errorf("%s: %d buffers in\n%s\n%s", c.what, top.Hit+top.Read, sql, top.text(1))
	}
	c.scans(top, sql)
}

// scans names sequential scans of many rows.
func (c *costing) scans(n node, sql string) {
	if n.Type == "Seq Scan" && n.Loops*(n.Rows+n.Removed) > mostScanned {
		c.t.Errorf("%s: %.0f rows of %s are read through in\n%s", c.what, n.Loops*(n.Rows+n.Removed), n.Table, sql)
	}
	for _, p := range n.Plans {
		c.scans(p, sql)
	}
}

func (n node) text(depth int) string {
	out := fmt.Sprintf("%s%s %s: %d buffers, %.0f rows × %.0f\n", strings.Repeat("  ", depth), n.Type, n.Table, n.Hit+n.Read, n.Rows, n.Loops)
	for _, p := range n.Plans {
		out += p.text(depth + 1)
	}
	return out
}

// TestCost_of_every_question: on a city's three months, no statement behind a
// balance at a past time, a page of a trial balance or statement, or a trace
// touches more than 200 shared buffers or reads through more than 10,000 rows.
func TestCost_of_every_question(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	if o.db.Cockroach() {
		t.Skip("buffers are PostgreSQL's way of counting")
	}
	c := newCity(o)
	last, err := trace.LastPoint(o.ctx, o.db.Pool())
	if err != nil {
		t.Fatal(err)
	}
	then := trace.Point{Index: last.Index / 2}
	day := clock.Date(o.clock.Now().AddDate(0, 0, -12))
	for name, ask := range c.questions(then, trace.StatementQuery{Point: then, Limit: 50}, trace.StatementQuery{From: day.AddDate(0, 0, -20), To: day, Limit: 50}) {
		t.Run(name, func(t *testing.T) {
			err := o.db.Read(o.ctx, func(tx pgx.Tx) error {
				q := &costing{Querier: tx, t: t, what: name}
				err := ask(q)
				t.Logf("%d statements, at most %d buffers, in\n%s", q.seen, q.most, q.dearest)
				if q.seen == 0 {
					t.Error("nothing was measured")
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// returned is a person of the city whose payments came back and were issued again.
const returned = firstPerson + 150

func (c *city) questions(then trace.Point, at, on trace.StatementQuery) map[string]func(db.Querier) error {
	out := map[string]func(db.Querier) error{
		"balance_at":     func(q db.Querier) error { _, err := trace.BalanceAt(c.ctx, q, then.Index); return err },
		"trace_document": func(q db.Querier) error { _, err := c.trace.Document(c.ctx, q, cityNumber); return err },
		"trace_lot":      func(q db.Querier) error { _, err := c.trace.Lot(c.ctx, q, int64(c.lots[0])); return err },
		"trace_payment": func(q db.Querier) error {
			_, err := c.trace.Payment(c.ctx, q, strconv.Itoa(2*monthStep+150), trace.Page{})
			return err
		},
		"trace_person": func(q db.Querier) error {
			_, err := c.trace.Person(c.ctx, q, strconv.Itoa(returned), trace.Page{})
			return err
		},
		"trace_household": func(q db.Querier) error { _, err := c.trace.Household(c.ctx, q, "SC-50", trace.Page{}); return err },
		"trace_unit": func(q db.Querier) error {
			_, err := c.trace.Unit(c.ctx, q, "12991301MB0000001X", trace.Page{})
			return err
		},
		"trace_file": func(q db.Querier) error {
			_, err := c.trace.File(c.ctx, q, "QC-000002-F01.txt", trace.Page{Limit: 20})
			return err
		},
		"journal":  func(q db.Querier) error { _, err := trace.JournalOf(c.ctx, q, 30, 0, 50); return err },
		"journals": func(q db.Querier) error { _, err := trace.JournalList(c.ctx, q, "document:9", 0, 50); return err },
	}
	for _, nth := range []int64{1, 51, 5_000, 150_000} {
		out[fmt.Sprintf("trace_yuan_%d", nth)] = func(q db.Querier) error {
			_, err := c.trace.Yuan(c.ctx, q, trace.YuanQuery{Document: cityNumber, Nth: nth})
			return err
		}
	}
	for _, by := range []trace.By{trace.ByPlace, trace.ByLot, trace.ByBudgetLine, trace.ByAccount} {
		for name, p := range map[string]trace.Point{"index": then, "date": {Day: on.To}} {
			out[fmt.Sprintf("trial_balance_by_%s_at_%s", by, name)] = func(q db.Querier) error {
				_, err := trace.TrialBalance(c.ctx, q, trace.TrialQuery{Point: p, By: by, Limit: 50})
				return err
			}
		}
	}
	for name, ask := range map[string]trace.StatementQuery{"at_index": at, "by_date": on} {
		lot, line, account := ask, ask, ask
		lot.Lot, line.BudgetLine, account.Account = int64(c.lots[0]), firstDraw, int64(c.available(c.lots[0], firstDraw))
		for what, q := range map[string]trace.StatementQuery{"lot": lot, "budget_line": line, "account": account} {
			out["statement_of_"+what+"_"+name] = func(db db.Querier) error { _, err := trace.StatementOf(c.ctx, db, q); return err }
		}
		for kind, who := range map[string]string{trace.KindPerson: strconv.Itoa(returned), trace.KindHousehold: "SC-50", trace.KindUnit: "12991301MB0000001X"} {
			out["trial_balance_by_"+kind+"_"+name] = func(q db.Querier) error {
				p := ask.Point
				p.Day = ask.To
				_, err := c.trace.PartyTrial(c.ctx, q, trace.TrialQuery{Point: p, By: trace.By(kind), Limit: 50})
				return err
			}
			out["statement_of_"+kind+"_"+name] = func(q db.Querier) error { _, err := c.trace.PartyStatement(c.ctx, q, kind, who, ask); return err }
		}
	}
	return out
}
