package ledger

import (
	"context"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
)

// checks re-derive promises 1, 2, 3, 5 and 6 from the rows. Each selects the
// row that is wrong and the numbers that disagree.
var checks = []check.Query{
	{Promise: 1, Check: "transfer_holding", SQL: `
		SELECT 'transfer ' || t.journal::text || '/' || t.line::text, 'holding ' || t.holding::text
		FROM transfer t LEFT JOIN leg h ON h.id = t.holding
		WHERE t.holding IS NOT NULL AND (h.id IS NULL OR h.lot <> t.lot OR h.payment <> t.payment OR h.party <> t.party OR t.amount_fen < h.amount_fen)
		ORDER BY t.journal, t.line`},
	{Promise: 2, Check: "balance_entries", SQL: `
		SELECT 'account ' || a.id::text, 'balance ' || a.balance_fen::text || ', entries ' || coalesce(s.fen, 0)::text || ', last ' || coalesce(l.balance_fen, 0)::text
		FROM account a
		LEFT JOIN (SELECT account, sum(delta_fen)::bigint AS fen FROM account_entry GROUP BY account) s ON s.account = a.id
		LEFT JOIN LATERAL (SELECT e.balance_fen FROM account_entry e WHERE e.account = a.id ORDER BY e.seq DESC LIMIT 1) l ON true
		WHERE a.balance_fen <> coalesce(s.fen, 0) OR a.balance_fen <> coalesce(l.balance_fen, 0)
		ORDER BY a.id`},
	{Promise: 2, Check: "entry_chain", SQL: `
		SELECT 'account_entry ' || account::text || '/' || seq::text, 'after ' || balance_fen::text || ', sum ' || running::text ||
			', debited ' || debited_fen::text || ', sum ' || debits::text
		FROM (SELECT account, seq, balance_fen, debited_fen, sum(delta_fen) OVER (PARTITION BY account ORDER BY seq)::bigint AS running,
			sum(greatest(delta_fen, 0)) OVER (PARTITION BY account ORDER BY seq)::bigint AS debits FROM account_entry) e
		WHERE balance_fen <> running OR debited_fen <> debits ORDER BY account, seq`},
	{Promise: 2, Check: "entry_date", SQL: `
		SELECT 'account_entry ' || e.account::text || '/' || e.seq::text, 'business date ' || e.business_date::text || ', journal ' || j.business_date::text
		FROM account_entry e JOIN journal j ON j.id = e.journal
		WHERE e.business_date <> j.business_date ORDER BY e.account, e.seq`},
	{Promise: 2, Check: "account_day", SQL: `
		SELECT 'account_day ' || coalesce(d.account, s.account)::text || '/' || coalesce(d.day, s.day)::text,
			'closing ' || coalesce(d.closing_fen::text, '?') || ', entries ' || coalesce(s.closing::text, '?') ||
			', debited ' || coalesce(d.debited_fen::text, '?') || ', entries ' || coalesce(s.debits::text, '?')
		FROM account_day d
		FULL JOIN (SELECT account, business_date AS day, sum(sum(delta_fen)) OVER (PARTITION BY account ORDER BY business_date)::bigint AS closing,
				sum(sum(greatest(delta_fen, 0))) OVER (PARTITION BY account ORDER BY business_date)::bigint AS debits
			FROM account_entry GROUP BY account, business_date) s ON s.account = d.account AND s.day = d.day
		WHERE d.closing_fen IS DISTINCT FROM s.closing OR d.debited_fen IS DISTINCT FROM s.debits
		ORDER BY 1`},
	{Promise: 2, Check: "entry_transfers", SQL: `
		SELECT 'account_entry ' || coalesce(e.account, s.account)::text || '/' || coalesce(coalesce(e.seq, l.seq)::text, '?'),
			'journal ' || coalesce(e.journal, s.journal)::text || ' number ' || coalesce(l.seq::text, '?') ||
			', change ' || coalesce(e.delta_fen, 0)::text || ', transfers ' || coalesce(s.fen, 0)::text
		FROM account_entry e
		FULL JOIN (SELECT journal, account, sum(fen)::bigint AS fen FROM (
				SELECT journal, debit AS account, amount_fen AS fen FROM transfer
				UNION ALL SELECT journal, credit, -amount_fen FROM transfer) x
			GROUP BY journal, account HAVING sum(fen)::bigint <> 0) s ON s.journal = e.journal AND s.account = e.account
		LEFT JOIN account a ON a.id = coalesce(e.account, s.account)
		LEFT JOIN journal_lot l ON l.journal = coalesce(e.journal, s.journal) AND l.lot = a.lot
		WHERE e.delta_fen IS DISTINCT FROM s.fen OR e.seq IS DISTINCT FROM l.seq
		ORDER BY 1`},
	// All reversals of a journal together are at most what it moved, way by way.
	{Promise: 6, Check: "reversal_bound", SQL: `
		SELECT 'journal ' || r.reverses::text, 'reversed ' || r.fen::text || ' from account ' || r.debit::text || ' to ' || r.credit::text ||
			', moved the other way ' || coalesce(o.fen, 0)::text
		FROM (SELECT j.reverses, t.credit AS debit, t.debit AS credit, coalesce(t.holding, 0) AS holding, sum(t.amount_fen)::bigint AS fen
			FROM journal j JOIN transfer t ON t.journal = j.id WHERE j.reverses IS NOT NULL
			GROUP BY j.reverses, t.credit, t.debit, coalesce(t.holding, 0)) r
		LEFT JOIN (SELECT t.journal, t.debit, t.credit, coalesce(t.holding, 0) AS holding, sum(t.amount_fen)::bigint AS fen
			FROM transfer t WHERE t.journal IN (SELECT j.reverses FROM journal j WHERE j.reverses IS NOT NULL)
			GROUP BY t.journal, t.debit, t.credit, coalesce(t.holding, 0)) o
			ON o.journal = r.reverses AND o.debit = r.debit AND o.credit = r.credit AND o.holding = r.holding
		WHERE r.fen > coalesce(o.fen, 0) ORDER BY 1`},
	{Promise: 9, Check: "late_entry", SQL: `
		SELECT 'late_entry ' || l.journal::text || '/' || l.value_date::text, 'business date ' || coalesce(j.business_date::text, '?')
		FROM late_entry l LEFT JOIN journal j ON j.id = l.journal
		WHERE j.id IS NULL OR substring(l.value_date::text, 1, 7) >= substring(j.business_date::text, 1, 7)
		ORDER BY l.journal, l.value_date`},
	{Promise: 3, Check: "pieces_cover", SQL: `
		SELECT 'piece ' || lot::text || '@' || offset_fen::text, 'previous ends at ' || before::text
		FROM (SELECT lot, offset_fen, coalesce(lag(offset_fen + amount_fen) OVER (PARTITION BY lot ORDER BY offset_fen), 0) AS before FROM piece) p
		WHERE offset_fen <> before ORDER BY lot, offset_fen`},
	{Promise: 3, Check: "pieces_size", SQL: `
		SELECT 'lot ' || l.id::text, 'size ' || l.size_fen::text || ', pieces ' || coalesce(s.fen, 0)::text
		FROM lot l LEFT JOIN (SELECT lot, sum(amount_fen)::bigint AS fen FROM piece GROUP BY lot) s ON s.lot = l.id
		WHERE l.size_fen <> coalesce(s.fen, 0) ORDER BY l.id`},
	{Promise: 3, Check: "piece_place", SQL: `
		SELECT 'piece ' || p.lot::text || '@' || p.offset_fen::text, 'account of lot ' || coalesce(a.lot, 0)::text || ', ' || coalesce(a.kind, '?')
		FROM piece p LEFT JOIN account a ON a.id = p.account
		WHERE p.account IS NOT NULL AND (a.id IS NULL OR a.lot <> p.lot OR a.kind IN ('frozen', 'in_transit', 'paid', 'returned', 'appropriated', 'shortfall'))
		ORDER BY p.lot, p.offset_fen`},
	{Promise: 3, Check: "parcel_legs", SQL: `
		SELECT CASE WHEN c.id IS NULL THEN 'holding ' || s.lowest::text ELSE 'parcel ' || c.id::text END,
			'parcel ' || coalesce(c.id, s.parcel)::text || ' of ' || coalesce(c.legs::text, '?') || ' legs has ' || coalesce(s.n, 0)::text ||
			', numbers ' || coalesce(s.lowest::text, '?') || ' to ' || coalesce(s.highest::text, '?')
		FROM parcel c FULL JOIN (SELECT parcel, count(*) AS n, min(id) AS lowest, max(id) AS highest FROM holding GROUP BY parcel) s ON s.parcel = c.id
		WHERE c.id IS NULL OR s.parcel IS NULL OR s.n <> c.legs OR s.lowest < c.first_holding OR s.highest > c.last_holding
		ORDER BY 1`},
	{Promise: 3, Check: "parcel_place", SQL: `
		SELECT 'parcel ' || c.id::text, 'lot ' || c.lot::text || ', stands in ' || coalesce(a.kind, '?') || ' of lot ' || coalesce(a.lot, 0)::text ||
			', drawn from ' || coalesce(o.kind, '?') || ' of lot ' || coalesce(o.lot, 0)::text
		FROM parcel c LEFT JOIN account a ON a.id = c.account LEFT JOIN account o ON o.id = c.origin
		WHERE o.id IS NULL OR o.lot <> c.lot OR o.kind IN ('frozen', 'in_transit', 'paid', 'returned', 'appropriated', 'shortfall')
			OR (c.account IS NOT NULL AND (a.id IS NULL OR a.lot <> c.lot OR a.kind NOT IN ('frozen', 'in_transit', 'paid', 'returned')
				OR a.budget_line <> o.budget_line))
		ORDER BY c.id`},
	{Promise: 3, Check: "parcel_stand", SQL: `
		SELECT 'parcel ' || c.id::text, 'stands in ' || coalesce(c.account, 0)::text || ', its history ends in ' || coalesce(s.account, 0)::text
		FROM parcel c LEFT JOIN LATERAL (SELECT x.seq, x.account FROM parcel_stand x WHERE x.parcel = c.id ORDER BY x.seq DESC LIMIT 1) s ON true
		WHERE s.seq IS NULL OR coalesce(s.account, 0) <> coalesce(c.account, 0) ORDER BY c.id`},
	// Where a parcel stood, a journal of its lot had put it, or had taken legs away
	// from those that stayed.
	{Promise: 3, Check: "parcel_stand_journal", SQL: `
		SELECT 'parcel_stand ' || s.parcel::text || '/' || s.seq::text, 'account ' || coalesce(s.account, 0)::text || ', journal ' || coalesce(l.journal, 0)::text
		FROM parcel_stand s JOIN parcel c ON c.id = s.parcel LEFT JOIN journal_lot l ON l.lot = c.lot AND l.seq = s.seq
		WHERE l.journal IS NULL OR NOT EXISTS (SELECT 1 FROM transfer t WHERE t.journal = l.journal AND t.lot = c.lot
			AND (s.account IS NULL OR t.debit = s.account OR t.credit = s.account))
		ORDER BY s.parcel, s.seq`},
	// What each journal opened less what it closed, by free account and over all
	// legs, is what it changed there.
	{Promise: 3, Check: "history_balance", SQL: `
		SELECT 'lot ' || lot::text || '/' || seq::text,
			CASE WHEN account = 0 THEN 'legs' ELSE 'account ' || account::text END || ', opened less closed less change ' || fen::text
		FROM (SELECT lot, seq, account, sum(fen)::bigint AS fen FROM (
				SELECT lot, opened_seq AS seq, coalesce(account, 0) AS account, amount_fen AS fen FROM piece
				UNION ALL SELECT lot, opened_seq, coalesce(account, 0), amount_fen FROM piece_history
				UNION ALL SELECT lot, closed_seq, coalesce(account, 0), -amount_fen FROM piece_history
				UNION ALL SELECT lot, seq, account, amount_fen FROM claim
				UNION ALL SELECT c.lot, l.seq, c.account, -v.amount_fen FROM claim_cover v
					JOIN claim c ON c.id = v.claim JOIN journal_lot l ON l.journal = v.journal AND l.lot = c.lot
				UNION ALL SELECT a.lot, e.seq, CASE WHEN a.kind IN ('frozen', 'in_transit', 'paid', 'returned') THEN 0 ELSE a.id END, -e.delta_fen
					FROM account_entry e JOIN account a ON a.id = e.account WHERE a.kind NOT IN ('appropriated', 'shortfall')) x
			GROUP BY lot, seq, account) y
		WHERE fen <> 0 ORDER BY lot, seq, account`},
	// What each journal opened are the addresses that it closed or brought in:
	// twice their sum is compared, which a shifted segment changes.
	{Promise: 3, Check: "history_addresses", SQL: `
		SELECT 'lot ' || lot::text || '/' || seq::text, 'addresses opened and closed differ'
		FROM (SELECT lot, seq, sum(side * fen::numeric * (2 * first::numeric + fen - 1)) AS moment FROM (
				SELECT lot, opened_seq AS seq, 1 AS side, offset_fen AS first, amount_fen AS fen FROM piece
				UNION ALL SELECT lot, opened_seq, 1, offset_fen, amount_fen FROM piece_history
				UNION ALL SELECT lot, closed_seq, -1, offset_fen, amount_fen FROM piece_history
				UNION ALL SELECT lot, seq, -1, sum(fen) OVER (PARTITION BY lot ORDER BY seq)::bigint - fen, fen FROM (
					SELECT a.lot, e.seq, -sum(e.delta_fen)::bigint AS fen FROM account_entry e JOIN account a ON a.id = e.account
					WHERE a.kind = 'appropriated' GROUP BY a.lot, e.seq) b) x
			GROUP BY lot, seq) y
		WHERE moment <> 0 ORDER BY lot, seq`},
	// Legs count by what they hold: that they hold it, verifyLegs says.
	{Promise: 5, Check: "balance_pieces", SQL: `
		SELECT 'account ' || a.id::text, a.kind || ' balance ' || a.balance_fen::text || ', pieces ' || coalesce(p.fen, 0)::text || ', open claims ' || coalesce(c.fen, 0)::text
		FROM account a
		LEFT JOIN (SELECT account, sum(fen)::bigint AS fen FROM (
				SELECT account, sum(amount_fen)::bigint AS fen FROM piece WHERE account IS NOT NULL GROUP BY account
				UNION ALL SELECT c.account, s.fen FROM (SELECT parcel, sum(amount_fen)::bigint AS fen FROM holding GROUP BY parcel) s
					JOIN parcel c ON c.id = s.parcel WHERE c.account IS NOT NULL) x
			GROUP BY account) p ON p.account = a.id
		LEFT JOIN (SELECT account, sum(open_fen)::bigint AS fen FROM (
			SELECT c.account, c.amount_fen - coalesce((SELECT sum(v.amount_fen)::bigint FROM claim_cover v WHERE v.claim = c.id), 0) AS open_fen FROM claim c) o
			GROUP BY account) c ON c.account = a.id
		WHERE a.kind NOT IN ('appropriated', 'shortfall') AND a.balance_fen <> coalesce(p.fen, 0) + coalesce(c.fen, 0)
		ORDER BY a.id`},
	{Promise: 5, Check: "shortfall_claims", SQL: `
		SELECT 'lot ' || l.id::text, 'shortfall ' || coalesce(s.fen, 0)::text || ', open claims ' || coalesce(c.fen, 0)::text || ', stopped ' || l.stopped::text
		FROM lot l
		LEFT JOIN (SELECT lot, sum(balance_fen)::bigint AS fen FROM account WHERE kind = 'shortfall' GROUP BY lot) s ON s.lot = l.id
		LEFT JOIN (SELECT c.lot, sum(c.amount_fen - coalesce((SELECT sum(v.amount_fen)::bigint FROM claim_cover v WHERE v.claim = c.id), 0))::bigint AS fen
			FROM claim c GROUP BY c.lot) c ON c.lot = l.id
		WHERE coalesce(s.fen, 0) <> -coalesce(c.fen, 0) OR l.stopped <> (coalesce(c.fen, 0) > 0) ORDER BY l.id`},
	{Promise: 2, Check: "appropriated_size", SQL: `
		SELECT 'lot ' || l.id::text, 'size ' || l.size_fen::text || ', appropriated ' || coalesce(s.fen, 0)::text
		FROM lot l LEFT JOIN (SELECT lot, sum(balance_fen)::bigint AS fen FROM account WHERE kind = 'appropriated' GROUP BY lot) s ON s.lot = l.id
		WHERE l.size_fen <> -coalesce(s.fen, 0) ORDER BY l.id`},
	{Promise: 6, Check: "lot_sequence", SQL: `
		SELECT 'lot ' || l.id::text, 'seq ' || l.seq::text || ', journals ' || coalesce(s.n, 0)::text || ', highest ' || coalesce(s.top, 0)::text
		FROM lot l LEFT JOIN (SELECT lot, count(*) AS n, max(seq) AS top FROM journal_lot GROUP BY lot) s ON s.lot = l.id
		WHERE l.seq <> coalesce(s.n, 0) OR l.seq <> coalesce(s.top, 0) ORDER BY l.id`},
	{Promise: 6, Check: "journal_logged", SQL: `
		SELECT 'journal ' || j.id::text, 'leaf missing or different'
		FROM journal j LEFT JOIN log_leaf f ON f.kind = 'journal' AND f.ref = j.id
			LEFT JOIN log_pending p ON p.kind = 'journal' AND p.ref = j.id
		WHERE coalesce(f.digest, p.digest) IS DISTINCT FROM j.digest ORDER BY j.id`},
	proof.Orphans("journal_logged", proof.KindJournal, "journal"),
}

// AddUp are the checks among them that say whether each lot adds up and each of its
// fen has one address: few enough to look after each step of a long piece of work.
func AddUp() []check.Job {
	var few []check.Query
	for _, c := range checks {
		switch c.Check {
		case "balance_entries", "pieces_cover", "pieces_size", "piece_place", "balance_pieces", "shortfall_claims", "appropriated_size":
			few = append(few, c)
		}
	}
	return check.Jobs(few)
}

// Checks are the parts that re-derive the ledger's promises from the rows, the
// longest first: a walk over all transfers, one over all legs, and the queries
// above.
func Checks() []check.Job {
	return check.Jobs(checks, check.Job{Name: "journal_digest", Run: verifyLines}, check.Job{Name: "holding_pieces", Run: verifyLegs})
}

// Verify runs all Checks, one after the other.
func Verify(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	return check.All(ctx, q, Checks())
}
