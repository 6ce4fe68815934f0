package audit

import "fenlu/disbursement/rules"

// held are the accounts of the list as it stood last, with those of the area.
const held = ` held_account k JOIN (SELECT x.account_blind, max(x.as_of) AS as_of FROM held_account x WHERE x.as_of <= @today::date GROUP BY x.account_blind) last
	ON last.account_blind = k.account_blind AND last.as_of = k.as_of AND k.area_code LIKE @area `

// own are the bank accounts that our books know: those that channels pay from, and
// those whose statements were read.
const own = ` (SELECT unnest(@own_blinds::bytea[]) AS blind, unnest(@own_masked::text[]) AS masked) o `

// heard is what people say of the months looked at, beside what was paid for them or
// to them: a head of household speaks of what he was paid for all. fen is all of it,
// banked what went to an account.
const heard = ` visit v JOIN person r ON r.id = v.person JOIN LATERAL (
		SELECT coalesce(min(l.township), '') AS township, coalesce(sum(h.amount_fen), 0)::bigint AS fen,
			coalesce(sum(h.amount_fen) FILTER (WHERE c.profile NOT LIKE 'receipt.%'), 0)::bigint AS banked
		FROM (SELECT coalesce(r.merged_into, r.id) AS id UNION SELECT m.id FROM person m WHERE m.merged_into = coalesce(r.merged_into, r.id)) g
		JOIN LATERAL (SELECT x.id FROM entitlement_line x WHERE x.person = g.id AND x.program = v.program AND x.month = v.month
			UNION SELECT y.id FROM entitlement_line y WHERE y.payee = g.id AND y.program = v.program AND y.month = v.month) s ON true
		JOIN entitlement_line l ON l.id = s.id JOIN batch b ON b.id = l.batch JOIN channel c ON c.code = b.channel
		JOIN leg h ON h.line = l.id JOIN account a ON a.id = h.account AND a.kind = 'paid') t ON v.month >= @since AND (t.township = '' OR t.township LIKE @area) `

// newest leaves the newest word about a person's month.
const newest = ` NOT EXISTS (SELECT 1 FROM visit w WHERE w.person = v.person AND w.program = v.program AND w.month = v.month
	AND (w.said_on > v.said_on OR w.said_on = v.said_on AND w.id > v.id)) `

// lived are those who lived in an institution in the months looked at, each by the
// record that counts.
const lived = ` (SELECT DISTINCT x.unit, x.month, coalesce(r.merged_into, r.id) AS person FROM resident x JOIN identity i ON i.id_blind = x.id_blind
	JOIN person r ON r.id = i.person WHERE x.month >= @since) o `

// paidLines are the lines of the months looked at that are paid.
const paidLines = recent + ` JOIN leg h ON h.line = l.id JOIN account a ON a.id = h.account AND a.kind = 'paid' `

// reserveChecks are those of finding 10: what was drawn of what a township's reserve
// of the year holds or held, against the share of the time that has passed
// (备用金使用进度). What was given, returned, carried over or cut is no use of it.
func reserveChecks() []Check {
	return []Check{{No: 10, Code: "reserve_idle", Figures: []rules.Name{rules.ReserveIdleShare}, SQL: `
		SELECT 'reserve ' || x.rank::text || '/' || x.of::text, 0::bigint, 0::bigint, x.township, '', x.stands, @day::integer,
			(div(x.used * 10000, x.used + x.stands) * 0.01)::text || '%'
		FROM (SELECT y.township, y.used, y.stands, rank() OVER (ORDER BY div(y.used * 1000000, y.used + y.stands) DESC) AS rank, count(*) OVER () AS of
			FROM (SELECT g.township, -coalesce(sum(e.delta_fen) FILTER (WHERE NOT (coalesce(o.kind, j.kind) LIKE 'document.%'
						OR coalesce(o.kind, j.kind) IN ('reserve.allocate', 'reserve.refill', 'reserve.return', 'reserve.merge'))), 0)::bigint::numeric AS used,
					sum(e.delta_fen)::bigint AS stands
				FROM (SELECT DISTINCT r.township, r.account FROM reserve_allotment r WHERE r.year = @year AND r.township LIKE @area) g
				JOIN account_entry e ON e.account = g.account AND e.business_date <= @today::date
				JOIN journal j ON j.id = e.journal LEFT JOIN journal o ON o.id = j.reverses
				GROUP BY g.township) y WHERE y.used + y.stands > 0) x
		WHERE x.used * @d1::bigint * @days::integer < (x.used + x.stands) * @n1::bigint * @day::integer
		ORDER BY x.rank DESC, x.township`}}
}

// accountChecks are those of finding 12: money in an account that no book of ours
// follows (账外账户, 公务卡).
func accountChecks() []Check {
	return []Check{
		{No: 12, Code: "account_unlisted", List: "held-accounts", SQL: `
			SELECT 'account ' || o.masked, 0::bigint, 0::bigint, '', '', 0::bigint, 0, coalesce(k.closed_on::text, '')
			FROM` + own + `LEFT JOIN (SELECT k.account_blind, k.closed_on FROM` + held + `) k ON k.account_blind = o.blind
			WHERE k.account_blind IS NULL OR k.closed_on <= @today::date ORDER BY o.masked`},
		{No: 12, Code: "account_without_books", List: "held-accounts", SQL: `
			SELECT 'account ' || k.masked, 0::bigint, 0::bigint, k.area_code, k.document, k.balance_fen, @today::date - k.as_of, k.holder
			FROM` + held + `WHERE k.balance_fen > 0 AND (k.closed_on IS NULL OR k.closed_on > @today::date) AND NOT (k.account_blind = ANY(@own_blinds))
			ORDER BY k.balance_fen DESC, k.id`},
		{No: 12, Code: "paid_into_held_account", List: "held-accounts", SQL: `
			SELECT 'line ' || l.id::text, coalesce(l.person, 0), coalesce(l.unit, 0), l.township, '', l.amount_fen, 0, k.usage || ' ' || k.holder
			FROM` + held + `JOIN payee_account p ON p.account_blind = k.account_blind
			JOIN entitlement_line l ON l.payee = p.owner AND l.account = p.id AND l.month >= @since AND l.township LIKE @area AND l.status = 'listed'
			WHERE k.usage = 'card' OR l.person IS NOT NULL AND NOT EXISTS (SELECT 1 FROM unit n WHERE n.id = l.payee)
			ORDER BY l.township, l.id`},
	}
}

// visitChecks are those of findings 16 to 18: what people say, beside what was paid.
func visitChecks() []Check {
	return []Check{
		{No: 16, Code: "taken_back", List: "visits", SQL: `
			SELECT 'visit ' || v.number, v.person, 0::bigint, t.township, '', v.taken_fen, @today::date - v.said_on, v.program || ' ' || v.month || ' ' || v.taken_by
			FROM` + heard + `WHERE v.taken_fen > 0 ORDER BY v.said_on, v.id`},
		{No: 16, Code: "same_taken_back", List: "visits", Figures: []rules.Name{rules.AuditSameTaken}, SQL: `
			SELECT 'township ' || t.township, 0::bigint, 0::bigint, t.township, '', sum(v.taken_fen)::bigint, 0, count(DISTINCT v.person)::text || ' × ' || min(v.taken_fen)::text
			FROM` + heard + `WHERE v.taken_fen > 0 AND t.township <> ''
			GROUP BY t.township, v.taken_fen HAVING count(DISTINCT v.person) >= @n1 ORDER BY sum(v.taken_fen) DESC, t.township`},
		{No: 17, Code: "received_short", List: "visits", SQL: `
			SELECT 'visit ' || v.number, v.person, 0::bigint, t.township, '', t.fen - v.received_fen, @today::date - v.said_on, v.program || ' ' || v.month
			FROM` + heard + `WHERE v.received_fen < t.fen AND` + newest + `ORDER BY v.said_on, v.id`},
		{No: 17, Code: "not_handed_over", List: "visits", Figures: []rules.Name{rules.AuditHandOverDays}, SQL: `
			SELECT 'line ' || l.id::text, l.person, 0::bigint, l.township, '', sum(h.amount_fen)::bigint, @today::date - f.paid_on, l.program || ' ' || l.month
			FROM` + paidLines + `JOIN unit n ON n.id = l.payee AND l.person IS NOT NULL
			JOIN (SELECT x.batch, min(x.execute_on) AS paid_on FROM bank_file x GROUP BY x.batch) f ON f.batch = b.id AND @today::date - f.paid_on > @n1
			JOIN person p ON p.id = l.person LEFT JOIN` + lived + `ON o.unit = l.payee AND o.month = l.month AND o.person = coalesce(p.merged_into, p.id)
			WHERE o.person IS NULL AND NOT EXISTS (SELECT 1 FROM visit v WHERE v.person = l.person AND v.program = l.program AND v.month = l.month)
			GROUP BY l.id, l.person, l.township, l.program, l.month, f.paid_on ORDER BY l.township, l.id`},
		{No: 18, Code: "cash_said", List: "visits", SQL: `
			SELECT 'visit ' || v.number, v.person, 0::bigint, t.township, '', v.received_fen, @today::date - v.said_on, v.program || ' ' || v.month
			FROM` + heard + `WHERE v.received_as = 'cash' AND t.banked > 0 AND` + newest + `ORDER BY v.said_on, v.id`},
		{No: 18, Code: "cash_without_proof", SQL: `
			SELECT 'case ' || c.number, c.person, 0::bigint, c.township, '', c.amount_fen, @today::date - (c.drawn_at AT TIME ZONE 'Asia/Shanghai')::date, c.form
			FROM reserve_case c JOIN batch b ON b.id = c.batch AND b.state IN ('released', 'reconciled', 'closed')
			WHERE c.drawn_at >= (@since || '-01')::date AND c.form <> 'transfer' AND c.township LIKE @area AND (c.receipt_sha256 = '' OR c.witness = '')
			ORDER BY c.drawn_at, c.id`},
		{No: 18, Code: "cash_share", Figures: []rules.Name{rules.AuditCashShare}, SQL: `
			SELECT 'township ' || x.township, 0::bigint, 0::bigint, x.township, '', x.cash, 0, (div(x.cash::numeric * 10000, x.fen) * 0.01)::text || '%'
			FROM (SELECT l.township, coalesce(sum(h.amount_fen) FILTER (WHERE c.profile = 'receipt.cash'), 0)::bigint AS cash, sum(h.amount_fen)::bigint AS fen
				FROM` + paidLines + `JOIN channel c ON c.code = b.channel GROUP BY l.township) x
			WHERE x.cash::numeric * @d1::bigint > x.fen::numeric * @n1::bigint ORDER BY x.township`},
	}
}

// reportChecks are those of findings 21 and 23: lists that others keep of whom we pay.
func reportChecks() []Check {
	return []Check{
		{No: 21, Code: "not_a_resident", List: "residents", SQL: `
			SELECT 'line ' || l.id::text, l.person, 0::bigint, l.township, '', l.amount_fen, 0, l.program || ' ' || l.month
			FROM` + recent + `JOIN person p ON p.id = l.person
			JOIN (SELECT DISTINCT y.unit, y.month FROM resident y WHERE y.month >= @since) m ON m.unit = l.payee AND m.month = l.month
			LEFT JOIN` + lived + `ON o.unit = l.payee AND o.month = l.month AND o.person = coalesce(p.merged_into, p.id)
			WHERE l.status = 'listed' AND l.payee_role = 'institution' AND o.person IS NULL ORDER BY l.township, l.id`},
		{No: 21, Code: "no_list_of_residents", List: "residents", SQL: `
			SELECT 'unit ' || l.payee::text, 0::bigint, l.payee, min(l.township), '', sum(l.amount_fen)::bigint, 0, l.month || ' ' || count(DISTINCT l.person)::text
			FROM` + recent + `LEFT JOIN (SELECT DISTINCT y.unit, y.month FROM resident y WHERE y.month >= @since) m ON m.unit = l.payee AND m.month = l.month
			WHERE l.status = 'listed' AND l.payee_role = 'institution' AND l.person IS NOT NULL AND m.unit IS NULL
			GROUP BY l.payee, l.month ORDER BY l.month, l.payee`},
		{No: 23, Code: "direct_file_differs", List: "direct-files", SQL: `
			SELECT 'document ' || z.number, 0::bigint, 0::bigint, '', z.number, abs(sum(z.paid) - sum(z.told))::bigint, 0,
				sum(z.paid)::bigint::text || ' (' || sum(z.payees)::bigint::text || ') <> ' || sum(z.told)::bigint::text || ' (' || sum(z.named)::bigint::text || ')'
			FROM (SELECT q.number, sum(h.amount_fen)::bigint AS paid, 0::bigint AS told, count(DISTINCT l.person) AS payees, 0::bigint AS named
				FROM` + paidLines + `JOIN document_line d ON d.lot = h.lot AND d.kind = 'bring' AND d.tags LIKE '%直达资金%' JOIN document q ON q.id = d.document
				WHERE l.person IS NOT NULL AND l.month >= @since GROUP BY q.number
				UNION ALL
				SELECT f.number, 0, sum(f.amount_fen)::bigint, 0, count(DISTINCT f.id_blind) FROM direct_file f
				WHERE f.month >= @since AND f.area_code LIKE @area AND f.sent_on <= @today::date AND NOT EXISTS (SELECT 1 FROM direct_file g WHERE g.month = f.month
					AND g.number = f.number AND g.program = f.program AND g.id_blind = f.id_blind AND g.sent_on > f.sent_on AND g.sent_on <= @today::date)
				GROUP BY f.number) z
			GROUP BY z.number HAVING sum(z.paid) <> sum(z.told) ORDER BY z.number`},
	}
}
