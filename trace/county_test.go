package trace_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/pgtest"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
	"fenlu/trace"
)

// county is a small county whose month has been run by hand:
//
//	财社〔2026〕12号  line 1: lot 1, 100.50 yuan on budget line 1
//	                 line 2: lot 2,  50.00 yuan on budget line 2
//	青财〔2026〕5号   10.00 of lot 1 set aside for services on budget line 3 (fen 0–999)
//	青财〔2026〕6号    5.00 of lot 2 to 柳溪镇's reserve on budget line 4 (fen 0–499)
//	PC-DB-202610-01  line 1: person 1001, 30.33, payment 11, paid (lot 1, 1000–4032)
//	                 line 2: person 1002, 20.00, payment 12, failed, withdrawn (4033–6032)
//	                 line 3: unit 1003, 12.00, payment 13, paid (6033–7232)
//	PC-DB-202610-02  line 4: person 1004, 15.00, payment 21, paid, 5.00 came back:
//	                 the fen that line 2 gave back are used again (4033–5532)
type county struct {
	t      *testing.T
	ctx    context.Context //nolint:containedctx // a test's own
	db     *db.DB
	owner  *pgxpool.Pool
	ledger *ledger.Service
	trace  *trace.Service
	clock  *clock.Manual
	n      int
}

const (
	bringNumber   = "财社〔2026〕12号"
	carveNumber   = "青财〔2026〕5号"
	reserveNumber = "青财〔2026〕6号"
	idNumber      = "991301199001011234" // found by the labels of this test
)

func newCounty(t *testing.T) *county {
	t.Helper()
	env := pgtest.NewEnv(t)
	d := env.Open(t)
	c := clock.NewManual(time.Date(2026, 1, 12, 10, 5, 0, 0, clock.Shanghai))
	o := &county{t: t, ctx: t.Context(), db: d, owner: env.Owner(t), clock: c,
		ledger: ledger.New(d, c, slog.New(slog.DiscardHandler)), trace: trace.New(labels{})}
	o.people()
	o.documents()
	o.firstBatch()
	o.secondBatch()
	o.sealed(1, 2)
	o.drain()
	return o
}

// labels shows people as the vault would, without one.
type labels struct{}

func (labels) People(ctx context.Context, q db.Querier, ids []int64) (map[int64]trace.Label, error) {
	return labelled(ctx, q, `SELECT person, name FROM person_version WHERE person = ANY($1)`, ids, "9913**********1234")
}

func (labels) Accounts(ctx context.Context, q db.Querier, ids []int64) (map[int64]trace.Label, error) {
	return labelled(ctx, q, `SELECT id, holder_name FROM payee_account WHERE id = ANY($1)`, ids, "6229**********7302")
}

func labelled(ctx context.Context, q db.Querier, sql string, ids []int64, masked string) (map[int64]trace.Label, error) {
	out := map[int64]trace.Label{}
	var id int64
	var name string
	rows, err := q.Query(ctx, sql, ids)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&id, &name}, func() error { out[id] = trace.Label{Name: name, Masked: masked}; return nil })
	}
	return out, err
}

func (labels) FindPerson(ctx context.Context, q db.Querier, text string) ([]int64, error) {
	if text == idNumber {
		return []int64{1001}, nil
	}
	rows, err := q.Query(ctx, `SELECT person FROM person_version WHERE name = $1 ORDER BY person`, text)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// do changes rows as the owner of the schema.
func (o *county) do(sql string, args ...any) {
	o.t.Helper()
	tag, err := o.owner.Exec(o.ctx, sql, args...)
	if err != nil {
		o.t.Fatalf("%s: %v", sql, err)
	}
	if tag.RowsAffected() == 0 {
		o.t.Fatalf("%s: no row", sql)
	}
}

func (o *county) people() {
	o.do(`INSERT INTO area (code, name, level) VALUES ('991301001000', '柳溪镇', 'township')`)
	o.do(`INSERT INTO household (id, code) VALUES (900, 'LX-0312-0147')`)
	for id, name := range map[int64]string{1001: "蒋玉兰", 1002: "周立群", 1004: "周立群", 1005: "蒋小满"} {
		o.do(`INSERT INTO person (id, version) VALUES ($1, 1)`, id)
		o.do(`INSERT INTO person_version (person, version, valid_from, name, id_type, id_cipher, id_blind, key_version, area_code, residence, recorded_by, recorded_at)
			VALUES ($1, 1, '2026-01-01', $2, 'resident_id', 'x', $3, 1, '991301001001', 'rural', 'zhou', now())`, id, name, fmt.Appendf(nil, "%d", id))
		o.do(`INSERT INTO payee_account (id, owner, version, kind, bank_code, bank_name, holder_name, account_cipher, account_blind, key_version, valid_from, recorded_by, recorded_at)
			VALUES ($1, $2, 1, 'social_card', '402991300018', '青禾农商行', $3, 'x', 'x', 1, '2026-01-01', 'zhou', now())`, id+1000, id, name)
	}
	o.do(`INSERT INTO payee_account (id, owner, version, kind, bank_code, bank_name, holder_name, account_cipher, account_blind, key_version, valid_from, recorded_by, recorded_at)
		VALUES (2003, 1003, 1, 'corporate', '402991300018', '青禾农商行', '青禾县救助管理站', 'x', 'x', 1, '2026-01-01', 'zhou', now())`)
	o.do(`INSERT INTO household_member (household, person, relation, valid_from) VALUES (900, 1001, 'head', '2024-01-01'), (900, 1005, 'child', '2024-01-01')`)
	o.do(`INSERT INTO unit (id, credit_code, version) VALUES (1003, '12991301MB0000001X', 1)`)
	o.do(`INSERT INTO unit_version (unit, version, valid_from, name, kind, area_code, recorded_by, recorded_at)
		VALUES (1003, 1, '2026-01-01', '青禾县救助管理站', 'relief_station', '991301001000', 'zhou', now())`)
	o.do(`INSERT INTO policy (id, program, component, class, valid_from, period, amount_fen, rounding, operator, document, clause, quote, import_file, recorded_at)
		VALUES (1, 'DB', 'basic', '一类', '2026-01-01', 'month', 3033, 'fen', 'at_most', '青民发〔2026〕3号', '第四条', '', 1, now())`)
}

func (o *county) post(key, kind, cause string, steps ...ledger.Step) ledger.Posted {
	o.t.Helper()
	o.n++
	if key == "" {
		key = fmt.Sprintf("k%d", o.n)
	}
	o.clock.Set(o.clock.Now().Add(24 * time.Hour))
	posted, err := o.ledger.Post(o.ctx, ledger.Command{Key: key, Kind: kind, Actor: "zhou", Cause: cause, BusinessDate: clock.Date(o.clock.Now()), Steps: steps})
	if err != nil {
		o.t.Fatal(err)
	}
	return posted
}

func (o *county) lot() ledger.LotID {
	o.t.Helper()
	var lot ledger.LotID
	err := o.db.Run(o.ctx, func(tx pgx.Tx) (err error) {
		lot, err = ledger.OpenLot(o.ctx, tx, ledger.Appropriation)
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return lot
}

func (o *county) available(lot ledger.LotID, line ledger.BudgetLineID) ledger.AccountID {
	o.t.Helper()
	a, found, err := ledger.AccountAt(o.ctx, o.db.Pool(), lot, ledger.Place{Kind: ledger.Available, BudgetLine: line})
	if err != nil || !found {
		o.t.Fatalf("nothing available of lot %d: %v", lot, err)
	}
	return a.ID
}

func (o *county) document(id int, number, title, kind string) {
	o.do(`INSERT INTO document (id, number, title, kind, year, issued_on, received_on, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, 2026, '2026-01-09', '2026-01-12', 'zhou', now())`, id, number, title, kind)
}

// paper adds a document line, and the budget line it opens where opens is not 0.
func (o *county) paper(id, document, no int, kind string, lot ledger.LotID, from, opens int, amount money.Fen, journal ledger.JournalID) {
	o.do(`INSERT INTO document_line (id, document, line_no, kind, lot, level, fund, function_code, economic_code, office, from_budget_line, to_budget_line, amount_fen, journal)
		VALUES ($1, $2, $3, $4, $5, 'central', '困难群众救助补助资金', '2081902', '50901', 'QH-MZ', nullif($6::int, 0), nullif($7::int, 0), $8, $9)`,
		id, document, no, kind, lot, from, opens, amount, journal)
	if opens == 0 {
		return
	}
	purpose := map[int]string{3: "carveout", 4: "reserve"}[opens]
	if purpose == "" {
		purpose = "benefit"
	}
	o.do(`INSERT INTO budget_line (id, lot, parent, document_line, purpose, number, year, function_code, economic_code, office)
		SELECT $1, $2, nullif($3::int, 0), $4, $5, d.number, 2026, '2081902', '50901', 'QH-MZ' FROM document d WHERE d.id = $6`, opens, lot, from, id, purpose, document)
}

func (o *county) documents() {
	one, two := o.lot(), o.lot()
	brought := o.post("", "document.bring", "document:1",
		ledger.Bring{Lot: one, To: ledger.Place{Kind: ledger.Available, BudgetLine: 1}, Amount: 100_50},
		ledger.Bring{Lot: two, To: ledger.Place{Kind: ledger.Available, BudgetLine: 2}, Amount: 50_00})
	o.document(1, bringNumber, "关于下达困难群众救助补助资金的通知", "bring")
	o.paper(1, 1, 1, "bring", one, 0, 1, 100_50, brought.Journal)
	o.paper(2, 1, 2, "bring", two, 0, 2, 50_00, brought.Journal)
	carved := o.post("", "carveout.set_aside", "document:2", ledger.Shift{From: o.available(one, 1),
		To: ledger.Place{Kind: ledger.Carveout, BudgetLine: 3}, Amount: 10_00})
	o.document(2, carveNumber, "关于列支购买服务经费的通知", "move")
	o.paper(3, 2, 1, "move", one, 1, 3, 10_00, carved.Journal)
	kept := o.post("", "reserve.allocate", "document:3", ledger.Shift{From: o.available(two, 2),
		To: ledger.Place{Kind: ledger.Reserve, BudgetLine: 4, Township: "991301001000"}, Amount: 5_00})
	o.document(3, reserveNumber, "关于核拨临时救助备用金的通知", "move")
	o.paper(4, 3, 1, "move", two, 2, 4, 5_00, kept.Journal)
}

func (o *county) batch(id int64, code, state string) {
	o.do(`INSERT INTO batch (id, code, no, kind, program, office, period, channel, state, line_count, amount_fen, maker, created_at)
		VALUES ($1, $2, $1, 'roster', 'DB', 'QH-MZ', '2026-10', 'DF', $3, 1, 0, 'zhou', now())`, id, code, state)
	for i, step := range []string{"make", "check", "submit", "approve", "release"} {
		o.do(`INSERT INTO approval (id, subject, step, decision, actor, decided_at, digest) VALUES ($1, $2, $3, 'done', $4, now(), 'digest')`,
			id*10+int64(i), fmt.Sprintf("batch:%d", id), step, []string{"zhou", "chen", "zhou", "lin", "sun"}[i])
	}
}

func (o *county) line(id, batch int64, no int, person, unit int64, amount money.Fen) {
	payee := max(person, unit)
	o.do(`INSERT INTO entitlement_line (id, batch, no, program, component, class, person, household, unit, payee, payee_role, account, township, residence, month, occasion, policy, amount_fen)
		VALUES ($1, $2, $3, 'DB', 'basic', '一类', nullif($4::bigint, 0), CASE WHEN $4::bigint = 1001 THEN 900 END, nullif($5::bigint, 0), $6::bigint, 'self', $6::bigint + 1000,
			'991301001000', 'rural', '2026-10', 'regular', 1, $7)`, id, batch, no, person, unit, payee, amount)
	o.do(`INSERT INTO once_key (line, subject, program, component, month, occasion) VALUES ($1, $2, 'DB', 'basic', '2026-10', $3)`, id, payee, fmt.Sprintf("regular/%d", batch))
}

func (o *county) payment(id, batch int64, no int, payee int64, amount money.Fen) {
	o.do(`INSERT INTO payment (id, batch, no, payee, amount_fen, line_count) VALUES ($1, $2, $3, $4, $5, 1)`, id, batch, no, payee, amount)
}

// fileDigest is the digest of all files, which have no bytes here.
var fileDigest = bytes.Repeat([]byte{7}, 32)

func (o *county) file(id, batch int64, ref string, count int, sum money.Fen) {
	o.do(`INSERT INTO bank_file (id, batch, ordinal, name, file_ref, profile, channel, sha256, line_count, amount_fen, remark, execute_on, created_at, released_by)
		VALUES ($1, $2, 1, $3, $4, 'cn.daifa.gbk', 'DF', $7, $5, $6, '低保', '2026-10-09', now(), 'sun')`, id, batch, ref+".txt", ref, count, sum, fileDigest)
}

// sealed gives files their leaves, behind those of all journals.
func (o *county) sealed(files ...int64) {
	o.t.Helper()
	for _, id := range files {
		err := o.db.Run(o.ctx, func(tx pgx.Tx) error {
			return proof.Append(o.ctx, tx, proof.Item{Kind: proof.KindRelease, Ref: id, Version: 1, Digest: fileDigest})
		})
		if err != nil {
			o.t.Fatal(err)
		}
	}
}

func (o *county) attempt(id, payment, file int64, n, line int, account int64, amount money.Fen) {
	o.do(`INSERT INTO attempt (id, payment, n, end_to_end_id, account, file, file_line, amount_fen, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'sent')`, id, payment, n, fmt.Sprintf("QH-%06d-%d", payment, n), account, file, line, amount)
}

// said records a line of evidence and the state it brings the attempt to.
func (o *county) said(file int64, pos int, attempt int64, says, to string, amount, booked, returned money.Fen, text string, journal ledger.JournalID) {
	kind := "status"
	if says == "returned" {
		kind = "return"
	}
	o.do(`INSERT INTO evidence (file, pos, kind, place, end_to_end_id, bank_ref, amount_fen, direction, status, reason, reason_text, src_offset, src_line, attempt, outcome, says)
		SELECT $1, $2, $3, '', end_to_end_id, '', $4, '', '', '', $5, 0, $2 + 1, id, 'matched', $6 FROM attempt WHERE id = $7`,
		file, pos, kind, amount, text, says, attempt)
	o.do(`INSERT INTO attempt_event (attempt, n, from_state, to_state, evidence_file, evidence_pos, journal, happened_at)
		SELECT a.id, 1 + (SELECT count(*) FROM attempt_event e WHERE e.attempt = a.id), a.state, $2, $3, $4, $5, $6 FROM attempt a WHERE a.id = $1`,
		attempt, to, file, pos, journal, o.clock.Now())
	o.do(`UPDATE attempt SET state = $2, booked_fen = $3, returned_fen = $4 WHERE id = $1`, attempt, to, booked, returned)
}

func (o *county) evidenceFile(id int64, name string, items int) {
	o.do(`INSERT INTO evidence_file (id, kind, scope, sha256, name, profile, item_count, imported_by, imported_at)
		VALUES ($1, 'result', $2, $3, $2, 'cn.daifa.result', $4, 'he', '2026-10-10T01:00:00Z')`, id, name, fmt.Appendf(nil, "digest of %d", id), items)
}

func (o *county) firstBatch() {
	o.batch(1, "PC-DB-202610-01", "released")
	o.line(1, 1, 1, 1001, 0, 30_33)
	o.line(2, 1, 2, 1002, 0, 20_00)
	o.line(3, 1, 3, 0, 1003, 12_00)
	o.payment(11, 1, 1, 1001, 30_33)
	o.payment(12, 1, 2, 1002, 20_00)
	o.payment(13, 1, 3, 1003, 12_00)
	drawn := o.post("freeze/1", "freeze", "batch:1", ledger.Draw{From: o.available(1, 1), To: ledger.Frozen, Legs: []ledger.Leg{
		{Line: 1, Payment: 11, Party: 1001, Amount: 30_33}, {Line: 2, Payment: 12, Party: 1002, Amount: 20_00}, {Line: 3, Payment: 13, Party: 1003, Amount: 12_00}}})
	o.file(1, 1, "QH-000001-F01", 3, 62_33)
	o.post("release/QH-000001-F01", "release", "batch:1", ledger.Move{Holdings: drawn.Holdings, From: ledger.Frozen, To: ledger.InTransit})
	for i, payment := range []int64{11, 12, 13} {
		o.attempt(payment*10, payment, 1, 1, i+1, []int64{2001, 2002, 2003}[i], []money.Fen{30_33, 20_00, 12_00}[i])
	}
	o.evidenceFile(1, "R-20261010.txt", 3)
	h := drawn.Holdings
	settled := o.post("", "settlement", "evidence:1", ledger.Move{Holdings: []ledger.HoldingID{h[0], h[2]}, From: ledger.InTransit, To: ledger.Paid, PerLeg: true},
		ledger.Move{Holdings: h[1:2], From: ledger.InTransit, To: ledger.Returned, PerLeg: true})
	o.said(1, 1, 110, "paid", "paid", 30_33, 30_33, 0, "成功", settled.Journal)
	o.said(1, 2, 120, "failed", "failed", 20_00, 0, 0, "已销户", settled.Journal)
	o.said(1, 3, 130, "paid", "paid", 12_00, 12_00, 0, "成功", settled.Journal)
	o.post("", "withdraw", "batch:1", ledger.GiveBack{Holdings: h[1:2], From: ledger.Returned})
	o.do(`UPDATE entitlement_line SET status = 'withdrawn' WHERE id = 2`)
	o.do(`UPDATE once_key SET freed = 'withdrawn' WHERE line = 2`)
	o.do(`UPDATE payment SET amount_fen = 0 WHERE id = 12`)
}

func (o *county) secondBatch() {
	o.batch(2, "PC-DB-202610-02", "released")
	o.line(4, 2, 1, 1004, 0, 15_00)
	o.payment(21, 2, 1, 1004, 15_00)
	drawn := o.post("freeze/2", "freeze", "batch:2", ledger.Draw{From: o.available(1, 1), To: ledger.Frozen,
		Legs: []ledger.Leg{{Line: 4, Payment: 21, Party: 1004, Amount: 15_00}}})
	o.file(2, 2, "QH-000002-F01", 1, 15_00)
	o.post("release/QH-000002-F01", "release", "batch:2", ledger.Move{Holdings: drawn.Holdings, From: ledger.Frozen, To: ledger.InTransit})
	o.attempt(210, 21, 2, 1, 1, 2004, 15_00)
	o.evidenceFile(2, "R-20261011.txt", 1)
	paid := o.post("", "settlement", "evidence:2", ledger.Move{Holdings: drawn.Holdings, From: ledger.InTransit, To: ledger.Paid, PerLeg: true})
	o.said(2, 1, 210, "paid", "paid", 15_00, 15_00, 0, "成功", paid.Journal)
	o.evidenceFile(3, "S-20261014.xml", 1)
	back := o.post("", "settlement", "evidence:3", ledger.PartMove{Holding: drawn.Holdings[0], From: ledger.Paid, To: ledger.Returned, Amount: 5_00})
	o.said(3, 2, 210, "returned", "part_returned", 5_00, 15_00, 5_00, "账户冻结", back.Journal)
}

func (o *county) drain() {
	o.t.Helper()
	if _, err := proof.Drain(o.ctx, o.db, o.clock); err != nil {
		o.t.Fatal(err)
	}
}

// TestPayment_state is what the view says that outsiders read, whatever became of
// the last instruction.
func TestPayment_state(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	for _, sql := range []string{`SELECT 1`, `UPDATE attempt SET state = 'written'`, `UPDATE attempt SET state = 'sent'`, `UPDATE attempt SET state = 'unknown'`,
		`UPDATE attempt SET state = 'failed'`, `DELETE FROM attempt`, `UPDATE payment SET amount_fen = 0`} {
		tx, err := o.owner.Begin(o.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(o.ctx, sql); err != nil {
			t.Fatal(err)
		}
		for _, id := range []int64{11, 12, 13, 21} {
			var want string
			if err := tx.QueryRow(o.ctx, `SELECT state FROM x_payment WHERE id = $1`, id).Scan(&want); err != nil {
				t.Fatal(err)
			}
			got, err := o.trace.Payment(o.ctx, tx, fmt.Sprint(id), trace.Page{})
			if err != nil || got.Payment.State != want {
				t.Errorf("%s: payment %d is %q, the view says %q, %v", sql, id, got.Payment.State, want, err)
			}
		}
		if err := tx.Rollback(o.ctx); err != nil {
			t.Fatal(err)
		}
	}
}
