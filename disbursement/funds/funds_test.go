package funds_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/pgtest"
	"fenlu/internal/sheet"
	"fenlu/internal/vault"
	"fenlu/ledger"
	"fenlu/money"
)

const (
	relief = "困难群众救助补助资金"
	work   = "社会救助工作经费"
	county = "991301000000"
	town   = "991301200000" // 麦川乡
)

// office is a county's funds with helpers that read like a script.
type office struct {
	t      *testing.T
	ctx    context.Context //nolint:containedctx // a test's own
	env    *pgtest.Env
	db     *db.DB
	clock  *clock.Manual
	ledger *ledger.Service
	people *parties.Service
	funds  *funds.Service

	holdings []ledger.HoldingID // of paidPeople
}

func newOffice(t *testing.T) *office {
	t.Helper()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	keys, err := vault.OpenOrCreate(filepath.Join(t.TempDir(), "keys"), "", false)
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewManual(time.Date(2026, 10, 8, 9, 0, 0, 0, clock.Shanghai))
	log := slog.New(slog.DiscardHandler)
	o := &office{t: t, ctx: t.Context(), env: env, db: d, clock: c, ledger: ledger.New(d, c, log), people: parties.New(d, keys, c, log)}
	o.funds = funds.New(d, o.ledger, o.people, c, log)
	t.Cleanup(o.sound)
	return o
}

// sound checks that documents and books agree: after whatever a test has done.
func (o *office) sound() {
	o.t.Helper()
	ctx := context.Background()
	found, err := ledger.Verify(ctx, o.db.Pool())
	if err != nil {
		o.t.Error(err)
	}
	more, err := funds.Verify(ctx, o.db.Pool())
	if err != nil {
		o.t.Error(err)
	}
	for _, f := range append(found, more...) {
		o.t.Errorf("%s: %s: %s", f.Check, f.Row, f.Detail)
	}
}

// row is a row of a documents file; what is left empty gets a usual value.
type row struct {
	number, title, kind, issued, received, year string
	line                                        int
	level, fund, economic, programs             string
	cuts                                        string
	cutsLine                                    int
	cash, amount                                string
	includes, thisTime                          string
	aside, reserve                              string
	function                                    string
}

func or(s, usual string) string {
	if s == "" {
		return usual
	}
	return s
}

func (r row) cells() []string {
	reduced := ""
	if r.cutsLine > 0 {
		reduced = fmt.Sprint(r.cutsLine)
	}
	return []string{or(r.number, "财社〔2026〕12号"), or(r.title, "关于下达预算的通知"), or(r.kind, "下达"), or(r.issued, "2026-01-06"),
		or(r.received, "2026-01-12"), "", or(r.year, "2026"), or(strings.TrimPrefix(fmt.Sprint(r.line), "0"), "1"), or(r.level, "省"), or(r.fund, relief), or(r.function, "2082001"),
		or(r.economic, "50901"), "青禾县民政局", "17Z1", "A0302", r.programs, r.cuts, reduced, r.cash, r.amount,
		r.includes, "", r.thisTime, r.aside, r.reserve}
}

func (o *office) file(rows ...row) string {
	o.t.Helper()
	path := filepath.Join(o.t.TempDir(), "documents.csv")
	var cells [][]string
	for _, r := range rows {
		cells = append(cells, r.cells())
	}
	if err := sheet.WriteFile(path, sheet.CSV, sheet.Documents, i18n.ZH, sheet.FromSlice(cells)); err != nil {
		o.t.Fatal(err)
	}
	return path
}

func (o *office) imports(rows ...row) funds.Report {
	o.t.Helper()
	r, err := o.funds.ImportDocuments(o.as("zhou"), o.file(rows...))
	if err != nil {
		o.t.Fatal(explain(err))
	}
	return r
}

// explain is an error with everything it lists.
func explain(err error) string {
	text := i18n.Error(i18n.ZH, err)
	if e, ok := errors.AsType[*errs.Error](err); ok {
		for _, f := range e.Fields {
			text += "\n" + i18n.Field(i18n.ZH, f)
		}
	}
	return text
}

// refused checks the code of an error, that its sentences are complete, and
// that no balance has changed.
func (o *office) refused(err error, code string, kind errs.Kind, before string) string {
	o.t.Helper()
	if errs.CodeOf(err) != code || errs.KindOf(err) != kind {
		o.t.Fatalf("got %v, want %s", err, code)
	}
	if after := o.balances(); after != before {
		o.t.Errorf("a refused command changed balances from\n%s\nto\n%s", before, after)
	}
	text := explain(err)
	if strings.ContainsAny(text, "{}") {
		o.t.Errorf("reads %s", text)
	}
	return text
}

// balances is every account with something on it, as text.
func (o *office) balances() string {
	o.t.Helper()
	accounts, err := ledger.Accounts(o.ctx, o.db.Pool())
	if err != nil {
		o.t.Fatal(err)
	}
	var b strings.Builder
	for _, a := range accounts {
		if a.Balance != 0 {
			fmt.Fprintf(&b, "%d %s/%d/%s %s\n", a.Lot, a.Place.Kind, a.Place.BudgetLine, a.Place.Township, a.Balance)
		}
	}
	return b.String()
}

// place is the balance of a kind of place over all lots.
func (o *office) place(kind ledger.AccountKind) money.Fen {
	o.t.Helper()
	accounts, err := ledger.Accounts(o.ctx, o.db.Pool())
	if err != nil {
		o.t.Fatal(err)
	}
	var sum money.Fen
	for _, a := range accounts {
		if a.Place.Kind == kind {
			sum += a.Balance
		}
	}
	return sum
}

// line is the budget line that a document's first line opened.
func (o *office) line(number string) ledger.BudgetLineID {
	o.t.Helper()
	_, lines, err := o.funds.FindDocument(o.ctx, o.db.Pool(), number)
	if err != nil {
		o.t.Fatal(err)
	}
	return lines[0].To
}

// available is the available account of a budget line.
func (o *office) available(line ledger.BudgetLineID) ledger.AccountID {
	o.t.Helper()
	accounts, err := ledger.Accounts(o.ctx, o.db.Pool())
	if err != nil {
		o.t.Fatal(err)
	}
	for _, a := range accounts {
		if a.Place.BudgetLine == line && a.Place.Kind == ledger.Available {
			return a.ID
		}
	}
	o.t.Fatalf("nothing was ever available on budget line %d", line)
	return 0
}

// spend draws money of a budget line's available account as a batch does.
func (o *office) spend(line ledger.BudgetLineID, amount money.Fen) {
	o.t.Helper()
	o.spendFrom(o.available(line), amount)
}

func (o *office) spendFrom(account ledger.AccountID, amount money.Fen) {
	o.t.Helper()
	_, err := o.ledger.Post(o.ctx, ledger.Command{Key: fmt.Sprintf("spend/%d/%d", account, amount), Kind: "batch.freeze", Actor: "li", Cause: "batch:1",
		BusinessDate: clock.Date(o.clock.Now()),
		Steps:        []ledger.Step{ledger.Draw{From: account, To: ledger.Frozen, Legs: []ledger.Leg{{Line: 1, Payment: 1, Party: 1, Amount: amount}}}}})
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) population(rows ...string) {
	o.t.Helper()
	path := filepath.Join(o.t.TempDir(), "population.csv")
	text := "区划代码,乡镇,户籍人口,截至日期,来源\n" + strings.Join(rows, "\n") + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.people.ImportPopulation(o.ctx, path, "zhou"); err != nil {
		o.t.Fatal(explain(err))
	}
}

func (o *office) carveoutRule(barred ...terms.Level) {
	o.t.Helper()
	err := o.funds.SetCarveoutRule(o.as("zhou"), funds.CarveoutRule{Area: "991301", Year: 2026, FloorRate: rate(o.t, "5%"), BaseFunds: []string{relief, work},
		CapRate: rate(o.t, "3%"), CapFund: relief, BarredLevels: barred, Document: "县民发〔2025〕18号", Clause: "三（二）"})
	if err != nil {
		o.t.Fatal(explain(err))
	}
}

func rate(t *testing.T, s string) money.Rate {
	t.Helper()
	r, err := money.ParseRate(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func yuan(n int64) money.Fen { return money.Fen(100 * n) }

func date(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

// tampered runs a statement as the owner of the schema, as no command can.
func (o *office) tampered(sql string) {
	o.t.Helper()
	if _, err := o.env.Owner(o.t).Exec(o.ctx, sql); err != nil {
		o.t.Fatal(err)
	}
}

// snapshot copies the tables that a test tampers with and returns what puts
// them back.
func (o *office) snapshot() func() {
	o.t.Helper()
	tables := []string{"document_line", "document", "budget_line", "reserve_allotment", "reserve_rule", "log_pending"}
	for _, t := range tables {
		o.tampered("CREATE TABLE kept_" + t + " AS SELECT * FROM " + t)
	}
	return func() {
		for _, t := range tables { // lines go before their documents, and come back after them
			o.tampered("DELETE FROM " + t)
		}
		for _, t := range slices.Backward(tables) {
			o.tampered("INSERT INTO " + t + " SELECT * FROM kept_" + t)
		}
	}
}

// inTx runs fn in a transaction that is committed.
func (o *office) inTx(fn func(pgx.Tx) error) error { return o.db.Run(o.ctx, fn) }

func sameBytes(t *testing.T, a, b string) bool {
	t.Helper()
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(x, y)
}

// as is a context in which somebody acts who holds every right.
func (o *office) as(login string) context.Context {
	return auth.WithActor(o.ctx, auth.Actor{Login: login, Name: login, Rights: auth.NewRights(auth.All()...)})
}
