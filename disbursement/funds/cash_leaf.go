package funds

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// CashFact is what was put on record about money beside the documents: cash that
// arrived (到款), a receipt (其他收款), what of one was remitted (缴款), the day on
// which a document was passed on (转下达); and of townships' accounts, the cash sent to
// them and back, and what entries of their statements are. What does not apply is zero.
type CashFact struct {
	Kind       proof.Kind
	Ref        int64  // its number; of a remittance the journal, of a document that was passed on the document
	Number     string // 凭证号, 缴款书号; of an account its township and channel, of an entry file:place
	Of         int64  // the lot; of a remittance the receipt; of an entry the transfer or receipt
	What       string // of a receipt; of a transfer from>to; of an account holder, bank and number; of an entry kind and township
	On         time.Time
	DueOn      time.Time // of a receipt
	Amount     money.Fen
	Journal    ledger.JournalID
	RecordedBy string
	RecordedAt time.Time
}

// Leaf is the leaf of a fact. Who paid is not in it: that may be a person.
func (f CashFact) Leaf() *leaf.Leaf {
	return leaf.New(string(f.Kind), 1).Int("id", f.Ref).Text("number", f.Number).Int("of", f.Of).Text("what", f.What).Date("on", f.On).Date("due_on", f.DueOn).
		Int("amount_fen", int64(f.Amount)).Int("journal", int64(f.Journal)).Text("recorded_by", f.RecordedBy).Time("recorded_at", f.RecordedAt)
}

// log appends the leaf of a fact.
func (f CashFact) log(ctx context.Context, tx pgx.Tx) error {
	return proof.Append(ctx, tx, proof.ItemOf(f.Leaf(), f.Ref))
}

// cashFacts are the rows that have a leaf, as facts, by kind. Rows of before
// leaves were kept have none.
var cashFacts = map[proof.Kind]string{
	proof.KindArrival: `SELECT c.id::bigint AS ref, c.voucher AS number, c.lot::bigint AS of, '' AS what, c.arrived_on AS on_day, NULL::date AS due_on, c.amount_fen, 0::bigint AS journal,
			c.recorded_by, c.recorded_at, c.in_log FROM cash_arrival c`,
	proof.KindReceipt: `SELECT r.id::bigint AS ref, r.number, r.lot::bigint AS of, r.kind AS what, r.received_on AS on_day, r.due_on, r.amount_fen, r.journal,
			r.recorded_by, r.recorded_at, r.in_log FROM fund_receipt r`,
	proof.KindRemittance: `SELECT m.journal AS ref, m.number, m.receipt::bigint AS of, '' AS what, m.remitted_on AS on_day, NULL::date AS due_on, m.amount_fen, m.journal,
			m.recorded_by, m.recorded_at, m.in_log FROM receipt_remittance m`,
	proof.KindPassedOn: `SELECT p.document::bigint AS ref, '' AS number, 0::bigint AS of, '' AS what, p.passed_on AS on_day, NULL::date AS due_on, 0::bigint AS amount_fen, 0::bigint AS journal,
			p.recorded_by, p.recorded_at, p.in_log FROM document_passed_on p`,
	proof.KindTownshipAccount: `SELECT t.id AS ref, t.township || ' ' || t.channel AS number, 0::bigint AS of,
			t.holder || ' ' || t.agent || ' ' || t.account AS what, t.opened_on AS on_day, NULL::date AS due_on, 0::bigint AS amount_fen,
			0::bigint AS journal, t.recorded_by, t.recorded_at, true AS in_log FROM township_account t`,
	proof.KindTransfer: `SELECT t.id AS ref, t.number, 0::bigint AS of, t.from_township || '>' || t.to_township AS what, t.issued_on AS on_day, NULL::date AS due_on, t.amount_fen,
			t.journal, t.recorded_by, t.recorded_at, true AS in_log FROM reserve_transfer t`,
	proof.KindTownshipEntry: `SELECT e.id AS ref, e.file::text || ':' || e.pos::text AS number, e.ref AS of, e.kind || ' ' || e.township AS what, e.booked_on AS on_day, NULL::date AS due_on,
			e.amount_fen, 0::bigint AS journal, e.recorded_by, e.recorded_at, true AS in_log FROM township_entry e`,
}

var cashOrphans = []check.Query{
	proof.Orphans("cash_arrival_leaf", proof.KindArrival, "cash_arrival"),
	proof.Orphans("fund_receipt_leaf", proof.KindReceipt, "fund_receipt"),
	proof.OrphansBy("remittance_leaf", proof.KindRemittance, "receipt_remittance", "journal"),
	proof.OrphansBy("passed_on_leaf", proof.KindPassedOn, "document_passed_on", "document"),
	proof.Orphans("township_account_leaf", proof.KindTownshipAccount, "township_account"),
	proof.Orphans("reserve_transfer_leaf", proof.KindTransfer, "reserve_transfer"),
	proof.Orphans("township_entry_leaf", proof.KindTownshipEntry, "township_entry"),
}

// cashJobs make the leaves of facts again.
func cashJobs() []check.Job {
	jobs := check.Jobs(cashOrphans)
	for _, kind := range []proof.Kind{proof.KindArrival, proof.KindReceipt, proof.KindRemittance, proof.KindPassedOn, proof.KindTownshipAccount,
		proof.KindTransfer, proof.KindTownshipEntry} {
		jobs = append(jobs, check.Job{Name: string(kind) + "_leaf", Run: func(ctx context.Context, q db.Querier) ([]check.Finding, error) {
			return verifyCash(ctx, q, kind)
		}})
	}
	return jobs
}

// verifyCash makes the leaves of a kind again.
func verifyCash(ctx context.Context, q db.Querier, kind proof.Kind) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT x.ref, x.number, x.of, x.what, x.on_day, x.due_on, x.amount_fen, x.journal, x.recorded_by, x.recorded_at, l.digest
		FROM (`+cashFacts[kind]+`) x LEFT JOIN logged l ON l.kind = $1 AND l.ref = x.ref
		WHERE x.in_log OR l.ref IS NOT NULL ORDER BY 1`, string(kind))
	if err != nil {
		return nil, fmt.Errorf("leaves of %s: %w", kind, err)
	}
	return proof.Recheck(rows, string(kind)+"_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		f := CashFact{Kind: kind}
		var due *time.Time
		var logged []byte
		err := row.Scan(&f.Ref, &f.Number, &f.Of, &f.What, &f.On, &due, &f.Amount, &f.Journal, &f.RecordedBy, &f.RecordedAt, &logged)
		if due != nil {
			f.DueOn = *due
		}
		return proof.Row{Name: fmt.Sprintf("%s %d", kind, f.Ref), Leaf: f.Leaf(), Logged: logged}, err
	})
}
