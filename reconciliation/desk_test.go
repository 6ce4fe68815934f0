package reconciliation_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/encoding/simplifiedchinese"

	"fenlu/auth"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/evidence"
	"fenlu/internal/i18n"
	"fenlu/internal/pgtest"
	"fenlu/internal/vault"
	"fenlu/money"
	"fenlu/reconciliation"
)

// desk is a reconciler's desk: a database with sealed files, and a house whose
// payments keep states but no money (the whole way is tested in cmd/fenlu).
type desk struct {
	t     *testing.T
	ctx   context.Context //nolint:containedctx // a test's own, with its actor
	db    *db.DB
	env   *pgtest.Env
	clock *clock.Manual
	keys  *vault.Vault
	svc   *reconciliation.Service
	files int
	id    int64
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	env := pgtest.NewEnv(t)
	d := &desk{t: t, env: env, db: env.Open(t), clock: clock.NewManual(time.Date(2026, 10, 12, 9, 0, 0, 0, clock.Shanghai))}
	d.ctx = auth.WithActor(t.Context(), auth.Actor{Login: "he", Name: "何晓", Office: "民政局", Rights: auth.NewRights(auth.Reconcile)})
	keys, err := vault.Create(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	d.keys, d.svc = keys, reconciliation.New(d.db, states{}, keys, d.clock, nil)
	return d
}

// states keeps the states of attempts as the rows have them.
type states struct{}

const stateColumns = `SELECT a.id, a.end_to_end_id, a.payment, a.amount_fen, a.state, a.booked_fen, a.returned_fen, a.excess_fen, f.file_ref, a.file_line, c.debtor_account
	FROM attempt a JOIN bank_file f ON f.id = a.file JOIN channel c ON c.code = f.channel `

func (states) read(ctx context.Context, q db.Querier, sql string, arg any) ([]evidence.Attempt, error) {
	rows, err := q.Query(ctx, sql, arg)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[evidence.Attempt])
}

func (s states) FindAttempts(ctx context.Context, q db.Querier, ids []string) (map[string]evidence.Attempt, error) {
	list, err := s.read(ctx, q, stateColumns+`WHERE a.end_to_end_id = ANY($1)`, ids)
	found := map[string]evidence.Attempt{}
	for _, a := range list {
		found[a.EndToEndID] = a
	}
	return found, err
}

func (s states) LockAttempts(ctx context.Context, tx pgx.Tx, ids []int64) (map[int64]evidence.Attempt, error) {
	list, err := s.read(ctx, tx, stateColumns+`WHERE a.id = ANY($1) ORDER BY a.id FOR UPDATE OF a`, ids)
	found := map[int64]evidence.Attempt{}
	for _, a := range list {
		found[a.ID] = a
	}
	return found, err
}

func (states) ApplyTx(ctx context.Context, tx pgx.Tx, outcomes []evidence.Outcome, _ evidence.Command) (evidence.Applied, error) {
	var done evidence.Applied
	for _, o := range outcomes {
		_, err := tx.Exec(ctx, `UPDATE attempt SET state = $2, booked_fen = $3, returned_fen = $4, excess_fen = $5 WHERE id = $1`,
			o.Attempt, string(o.State), int64(o.Booked), int64(o.Returned), int64(o.Excess))
		if err != nil {
			return done, err
		}
		var back money.Fen
		for _, b := range o.Back {
			back += b.Amount
		}
		if back != o.Returned || o.Booked > 0 && o.State == evidence.Failed {
			return done, fmt.Errorf("returns %+v of %+v", o.Back, o)
		}
		if o.State == evidence.PartReturned && o.Back[0].Hint == "" {
			done.WhichLine = append(done.WhichLine, o.Attempt)
		}
	}
	return done, nil
}

func (states) Sealed(ctx context.Context, q db.Querier, batch int64) ([]evidence.SealedFile, error) {
	rows, err := q.Query(ctx, `SELECT id, batch, name, file_ref, line_count, amount_fen, profile LIKE 'receipt.%' FROM bank_file WHERE batch = $1 OR $1 = 0 ORDER BY id`, batch)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[evidence.SealedFile])
}

// sealed is a file that went to the bank.
type sealed struct {
	id      int64
	ref     string
	ids     []string // end-to-end ids
	amounts []money.Fen
}

func (d *desk) exec(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.db.Pool().Exec(d.ctx, sql, args...); err != nil {
		d.t.Fatal(err)
	}
}

// seal makes a sent file with a payment for each amount, in a batch of its own.
func (d *desk) seal(amounts ...money.Fen) sealed {
	d.t.Helper()
	d.files++
	f := sealed{id: int64(d.files), ref: fmt.Sprintf("QHMZ-%06d-F01-X", d.files), amounts: amounts}
	var sum money.Fen
	for _, a := range amounts {
		sum += a
	}
	d.exec(`INSERT INTO batch (id, code, no, kind, program, office, period, channel, state, line_count, amount_fen, maker, created_at)
		VALUES ($1, $2, $1, 'roster', 'DB', 'QHMZ', '2026-10', 'DF', 'released', $3, $4, 'zhou', $5)`,
		f.id, fmt.Sprintf("DB-%d", f.id), len(amounts), int64(sum), d.clock.Now())
	d.exec(`INSERT INTO bank_file (id, batch, ordinal, name, file_ref, profile, channel, sha256, line_count, amount_fen, remark, execute_on, created_at, released_by)
		VALUES ($1, $1, 1, $2, $3, 'cn.daifa.gbk', 'DF', '\x01', $4, $5, '低保', '2026-10-09', $6, 'sun')`,
		f.id, f.ref+".txt", f.ref, len(amounts), int64(sum), d.clock.Now())
	for i, a := range amounts {
		d.id++
		f.ids = append(f.ids, fmt.Sprintf("QHMZ-%06d-%07d-01-X", d.files, i+1))
		d.exec(`INSERT INTO attempt (id, payment, n, end_to_end_id, account, file, file_line, amount_fen, state)
			VALUES ($1, $1, 1, $2, 1, $3, $4, $5, 'sent')`, d.id, f.ids[i], f.id, i+1, int64(a))
	}
	return f
}

// said is one line of a result: the payment's number in its file, the bank's
// code, and the amount where it is not the instructed one.
type said struct {
	n      int
	code   string
	amount money.Fen
}

// result is the bank's 回盘 no about a sealed file.
func (f sealed) result(no int, lines ...said) string {
	var body strings.Builder
	var sum, okSum, failSum money.Fen
	ok, fail := 0, 0
	for _, l := range lines {
		if l.amount == 0 {
			l.amount = f.amounts[l.n-1]
		}
		sum += l.amount
		switch l.code {
		case "0000":
			ok, okSum = ok+1, okSum+l.amount
		case "9001":
		default:
			fail, failSum = fail+1, failSum+l.amount
		}
		fmt.Fprintf(&body, "L|%d|%s|6229**********7302|%s|%s|%s\r\n", l.n, f.ids[l.n-1], l.amount, l.code, "处理结果")
	}
	text := fmt.Sprintf("R|1.0|%s|%d|%d|%s|%d|%s|%d|%s|20261009\r\n%sT|%d|%s\r\n", f.ref, no, len(lines), sum, ok, okSum, fail, failSum, body.String(), len(lines), sum)
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		panic(err)
	}
	return gbk
}

// entry is one detail of a statement: CRDT with an id is a return.
type entry struct {
	side   string
	id     string
	amount money.Fen
	text   string
}

func booked(f sealed, numbers ...int) []entry {
	var list []entry
	for _, n := range numbers {
		list = append(list, entry{"DBIT", f.ids[n-1], f.amounts[n-1], "代付"})
	}
	return list
}

func back(f sealed, n int, amount money.Fen) entry {
	return entry{"CRDT", f.ids[n-1], amount, "账户已销户"}
}

// statement is a camt.053 with one entry and detail for each movement.
func statement(id string, entries ...entry) string {
	var body strings.Builder
	var sum money.Fen
	for _, e := range entries {
		if e.side == "CRDT" {
			sum += e.amount
		} else {
			sum -= e.amount
		}
		details := ""
		if e.id != "" {
			back := ""
			if e.side == "CRDT" {
				back = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>" + e.text + "</AddtlInf></RtrInf>"
			}
			details = fmt.Sprintf(`<NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs><Amt Ccy="CNY">%s</Amt><CdtDbtInd>%s</CdtDbtInd>%s</TxDtls></NtryDtls>`, e.id, e.amount, e.side, back)
		}
		fmt.Fprintf(&body, `<Ntry><Amt Ccy="CNY">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><ValDt><Dt>2026-10-09</Dt></ValDt>%s<AddtlNtryInf>%s</AddtlNtryInf></Ntry>`,
			e.amount, e.side, details, e.text)
	}
	balance := func(code string, v money.Fen) string {
		side := "CRDT"
		if v < 0 {
			side, v = "DBIT", -v
		}
		return fmt.Sprintf(`<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">%s</Amt><CdtDbtInd>%s</CdtDbtInd></Bal>`, code, v, side)
	}
	return `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>` + id +
		`</MsgId><CreDtTm>2026-10-09T23:59:59+08:00</CreDtTm></GrpHdr><Stmt><Id>` + id + `</Id><Acct><Id><Othr><Id>955800991301000018</Id></Othr></Id></Acct>` +
		balance("OPBD", 100000_00) + balance("CLBD", 100000_00+sum) + body.String() + `</Stmt></BkToCstmrStmt></Document>`
}

// on is a statement with its entries booked on another day.
func on(day, content string) string {
	return strings.ReplaceAll(content, "<ValDt><Dt>2026-10-09<", "<ValDt><Dt>"+day+"<")
}

// referred is a statement whose entries have references of the bank.
func referred(content string, refs ...string) string {
	for _, ref := range refs {
		content = strings.Replace(content, "</ValDt><", "</ValDt ><AcctSvcrRef>"+ref+"</AcctSvcrRef><", 1)
	}
	return strings.ReplaceAll(content, "</ValDt >", "</ValDt>")
}

// report is a pain.002 about a sealed file: a status of the whole, and of the
// payments in list ("RJCT AC01").
func report(f sealed, id, group, reason string, list map[int]string) string {
	var txs strings.Builder
	for n := range f.ids {
		status, code, _ := strings.Cut(list[n+1], " ")
		if status == "" {
			continue
		}
		why := ""
		if code != "" {
			why = "<StsRsnInf><Rsn><Cd>" + code + "</Cd></Rsn></StsRsnInf>"
		}
		fmt.Fprintf(&txs, `<TxInfAndSts><OrgnlEndToEndId>%s</OrgnlEndToEndId><TxSts>%s</TxSts>%s</TxInfAndSts>`, f.ids[n], status, why)
	}
	whole := ""
	if group != "" {
		whole = "<GrpSts>" + group + "</GrpSts>"
		if reason != "" {
			whole += "<StsRsnInf><Rsn><Cd>" + reason + "</Cd></Rsn></StsRsnInf>"
		}
	}
	batch := ""
	if txs.Len() > 0 {
		batch = "<OrgnlPmtInfAndSts><OrgnlPmtInfId>" + f.ref + "</OrgnlPmtInfId>" + txs.String() + "</OrgnlPmtInfAndSts>"
	}
	return `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>` + id +
		`</MsgId><CreDtTm>2026-10-09T18:00:00+08:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>` + f.ref + `</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>` +
		whole + `</OrgnlGrpInfAndSts>` + batch + `</CstmrPmtStsRpt></Document>`
}

func (d *desk) try(name, content string) (reconciliation.Imported, error) {
	return d.svc.Import(d.ctx, reconciliation.File{Name: name, Content: strings.NewReader(content)})
}

func (d *desk) read(name, content string) reconciliation.Imported {
	d.t.Helper()
	done, err := d.try(name, content)
	if err != nil {
		d.t.Fatalf("import %s: %s", name, i18n.Error(i18n.EN, err))
	}
	return done
}

// want compares the states of a file's attempts, "paid 100.00/0.00" with what
// was booked and returned.
func (d *desk) want(f sealed, want ...string) {
	d.t.Helper()
	if diff := cmp.Diff(want, d.states(f)); diff != "" {
		d.t.Errorf("states (-want +got):\n%s", diff)
	}
	d.sound()
}

func (d *desk) states(f sealed) []string {
	d.t.Helper()
	list, err := states{}.read(d.ctx, d.db.Pool(), stateColumns+`WHERE a.file = $1 ORDER BY a.id`, f.id)
	if err != nil {
		d.t.Fatal(err)
	}
	var got []string
	for _, a := range list {
		s := string(a.State)
		if a.Booked > 0 {
			s += fmt.Sprintf(" %s/%s", a.Booked, a.Returned)
		}
		got = append(got, s)
	}
	return got
}

func (d *desk) sound() {
	d.t.Helper()
	found, err := reconciliation.Verify(d.ctx, d.db.Pool())
	if err != nil {
		d.t.Fatal(err)
	}
	for _, f := range found {
		d.t.Errorf("verify: %+v", f)
	}
}

// wantBreaks compares the open breaks: kind and amount at issue.
func (d *desk) wantBreaks(want ...string) {
	d.t.Helper()
	open, err := reconciliation.Breaks(d.ctx, d.db.Pool(), reconciliation.BreakFilter{OpenOnly: true})
	if err != nil {
		d.t.Fatal(err)
	}
	var got []string
	for _, b := range open {
		got = append(got, fmt.Sprintf("%s %s", b.Kind, b.Amount))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		d.t.Errorf("open breaks (-want +got):\n%s", diff)
	}
}
