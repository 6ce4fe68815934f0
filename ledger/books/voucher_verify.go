package books

import "fenlu/internal/check"

// voucherChecks tie the vouchers out: with themselves, with their journals, and
// with the transfers of the fund ledger.
var voucherChecks = []check.Query{
	// In every voucher debits equal credits, and are what its head says.
	{Promise: 1, Check: "voucher_balanced", SQL: `
		SELECT 'voucher ' || v.id::text, 'head ' || v.amount_fen::text || ' in ' || v.line_count::text || ' lines, debits ' || coalesce(l.debits, 0)::text ||
			', credits ' || coalesce(l.credits, 0)::text || ' in ' || coalesce(l.n, 0)::text
		FROM voucher v
		LEFT JOIN (SELECT voucher, count(*) AS n, coalesce(sum(CASE WHEN side = 'debit' THEN amount_fen END), 0)::bigint AS debits,
				coalesce(sum(CASE WHEN side = 'credit' THEN amount_fen END), 0)::bigint AS credits FROM voucher_line GROUP BY voucher) l ON l.voucher = v.id
		WHERE l.n IS NULL OR l.n <> v.line_count OR l.debits <> l.credits OR l.debits <> v.amount_fen ORDER BY v.id`},
	// Numbers begin at 1 and have no gap.
	{Promise: 6, Check: "voucher_numbers", SQL: `
		SELECT 'vouchers ' || n.office || ' ' || n.book || ' ' || n.period, 'last number ' || n.last::text || ', highest ' || coalesce(v.highest, 0)::text ||
			', vouchers ' || coalesce(v.n, 0)::text
		FROM voucher_number n
		LEFT JOIN (SELECT office, book, period, count(*) AS n, max(no) AS highest, min(no) AS lowest FROM voucher GROUP BY office, book, period) v
			ON v.office = n.office AND v.book = n.book AND v.period = n.period
		WHERE n.last <> coalesce(v.n, 0) OR n.last <> coalesce(v.highest, 0) OR coalesce(v.lowest, 1) <> 1 ORDER BY n.office, n.book, n.period`},
	// A line is the sum of what journals gave it. Closing entries have no journal.
	{Promise: 2, Check: "voucher_sources", SQL: `
		SELECT 'voucher ' || l.voucher::text || '.' || l.line::text, 'line ' || l.amount_fen::text || ', journals ' || coalesce(s.fen, 0)::text
		FROM voucher_line l JOIN voucher v ON v.id = l.voucher
		LEFT JOIN (SELECT voucher, line, sum(amount_fen)::bigint AS fen FROM voucher_source GROUP BY voucher, line) s ON s.voucher = l.voucher AND s.line = l.line
		WHERE v.event NOT IN ('year_close', 'quota_unused') AND l.amount_fen <> coalesce(s.fen, 0) ORDER BY l.voucher, l.line`},
	// What a journal meant was entered: on both sides, as often as its rules say.
	{Promise: 2, Check: "voucher_entered", SQL: `
		SELECT 'journal ' || e.journal::text, e.event || ' ' || e.book || ': to enter ' || e.fen::text || ', debits ' || coalesce(s.debits, 0)::text ||
			', credits ' || coalesce(s.credits, 0)::text
		FROM (SELECT journal, event, 'financial' AS book, sum(amount_fen * financial)::bigint AS fen FROM voucher_event GROUP BY journal, event
			UNION ALL SELECT journal, event, 'budget', sum(amount_fen * budget)::bigint FROM voucher_event GROUP BY journal, event) e
		LEFT JOIN (SELECT s.journal, v.event, v.book, coalesce(sum(CASE WHEN l.side = 'debit' THEN abs(s.amount_fen) END), 0)::bigint AS debits,
				coalesce(sum(CASE WHEN l.side = 'credit' THEN abs(s.amount_fen) END), 0)::bigint AS credits
			FROM voucher_source s JOIN voucher v ON v.id = s.voucher JOIN voucher_line l ON l.voucher = s.voucher AND l.line = s.line
			GROUP BY s.journal, v.event, v.book) s ON s.journal = e.journal AND s.event = e.event AND s.book = e.book
		WHERE e.fen <> coalesce(s.debits, 0) OR e.fen <> coalesce(s.credits, 0) ORDER BY e.journal, e.event, e.book`},
	// The fund ledger and the books agree: of every journal that the books have
	// read, what moved between places outside the quota is what they read.
	{Promise: 2, Check: "voucher_ties", SQL: `
		SELECT 'journal ' || j.journal::text, 'paid ' || coalesce(t.paid, 0)::text || ' read ' || coalesce(e.paid, 0)::text ||
			', back ' || coalesce(t.back, 0)::text || ' read ' || coalesce(e.back, 0)::text || ', owed ' || coalesce(t.owed, 0)::text ||
			' read ' || coalesce(e.owed, 0)::text || ', other ' || coalesce(t.other, 0)::text || ' read ' || coalesce(e.other, 0)::text
		FROM voucher_journal j
		LEFT JOIN (SELECT t.journal,
				coalesce(sum(CASE WHEN d.kind = 'paid' THEN t.amount_fen END), 0)::bigint AS paid,
				coalesce(sum(CASE WHEN c.kind = 'paid' THEN t.amount_fen END), 0)::bigint AS back,
				coalesce(sum(CASE WHEN d.kind IN ('frozen', 'in_transit', 'returned') AND c.kind IN ('available', 'carveout', 'reserve') THEN t.amount_fen
					WHEN c.kind IN ('frozen', 'in_transit', 'returned') AND d.kind IN ('available', 'carveout', 'reserve') THEN -t.amount_fen END), 0)::bigint AS owed,
				coalesce(sum(CASE WHEN d.kind IN ('suspense', 'reserve') AND c.kind NOT IN ('frozen', 'in_transit', 'returned', 'paid') THEN t.amount_fen
					WHEN c.kind IN ('suspense', 'reserve') AND d.kind NOT IN ('frozen', 'in_transit', 'returned', 'paid') THEN -t.amount_fen END), 0)::bigint AS other
			FROM transfer t JOIN account d ON d.id = t.debit JOIN account c ON c.id = t.credit WHERE d.kind <> c.kind GROUP BY t.journal) t ON t.journal = j.journal
		LEFT JOIN (SELECT journal,
				coalesce(sum(CASE WHEN event IN ('paid', 'correction_in') OR event LIKE '%>paid' THEN amount_fen END), 0)::bigint AS paid,
				coalesce(sum(CASE WHEN event IN ('returned', 'correction_out', 'recovered') OR event LIKE 'paid>%' THEN amount_fen END), 0)::bigint AS back,
				coalesce(sum(CASE WHEN event = 'due' THEN amount_fen WHEN event = 'due_undone' THEN -amount_fen END), 0)::bigint AS owed,
				coalesce(sum(CASE WHEN event IN ('overpaid', 'receipt', 'reserve_advance') THEN amount_fen
					WHEN event IN ('overpaid_back', 'receipt_gone', 'reserve_back') THEN -amount_fen
					WHEN event IN ('frozen>suspense', 'in_transit>suspense', 'returned>suspense', 'paid>suspense', 'suspense>frozen', 'suspense>in_transit', 'suspense>returned', 'suspense>paid') THEN 0
					WHEN event LIKE '%>suspense' THEN amount_fen WHEN event LIKE 'suspense>%' THEN -amount_fen END), 0)::bigint AS other
			FROM voucher_event GROUP BY journal) e ON e.journal = j.journal
		WHERE coalesce(t.paid, 0) <> coalesce(e.paid, 0) OR coalesce(t.back, 0) <> coalesce(e.back, 0) OR coalesce(t.owed, 0) <> coalesce(e.owed, 0)
			OR coalesce(t.other, 0) <> coalesce(e.other, 0) ORDER BY j.journal`},
	// What the books have read is there.
	{Promise: 6, Check: "voucher_read", SQL: `
		SELECT 'journal ' || e.journal::text, 'entered, but not read'
		FROM (SELECT DISTINCT journal FROM voucher_event UNION SELECT DISTINCT journal FROM voucher_source) e
		LEFT JOIN voucher_journal j ON j.journal = e.journal WHERE j.journal IS NULL ORDER BY e.journal`},
}
