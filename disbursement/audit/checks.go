package audit

import (
	"cmp"
	"slices"

	"fenlu/disbursement/rules"
)

// recent are the lines of the months looked at, in places of the area, found by
// batch_period and entitlement_line_batch.
const recent = ` batch b JOIN entitlement_line l ON l.batch = b.id AND b.period >= @since AND l.township LIKE @area `

// deadPeople are the dead by every record that is theirs, merged or kept, and the
// first day on which they are said to have died; withdrawn reports left out.
const deadPeople = ` (SELECT g.id AS person, min(x.died_on) AS died_on
	FROM (SELECT d.id_blind, coalesce(v.died_on, d.died_on) AS died_on FROM death d
		LEFT JOIN death_version v ON v.id_blind = d.id_blind AND v.n = (SELECT max(w.n) FROM death_version w WHERE w.id_blind = d.id_blind)
		WHERE NOT coalesce(v.withdrawn, false)) x
	JOIN identity i ON i.id_blind = x.id_blind JOIN person r ON r.id = i.person
	JOIN LATERAL (SELECT coalesce(r.merged_into, r.id) AS id UNION SELECT m.id FROM person m WHERE m.merged_into = coalesce(r.merged_into, r.id)) g ON true
	GROUP BY g.id) d `

// standing is what of an account's balance came in before @n1 days, first in first
// out (先进先出), and since when its oldest fen stands: what comes in and leaves
// meanwhile makes nothing younger.
const standing = ` JOIN LATERAL (SELECT a.balance_fen - coalesce(sum(greatest(x.delta_fen, 0)), 0)::bigint AS fen
		FROM account_entry x WHERE x.account = a.id AND x.business_date >= @today::date - @n1::integer) old ON old.fen > 0
	JOIN LATERAL (SELECT x.debited_fen - a.balance_fen AS gone FROM account_entry x WHERE x.account = a.id ORDER BY x.seq DESC LIMIT 1) t ON true
	JOIN LATERAL (SELECT x.business_date FROM account_entry x WHERE x.account = a.id AND x.debited_fen > t.gone ORDER BY x.seq LIMIT 1) e ON true `

// Checks are all checks, by their number in the list of audit findings.
func Checks() []Check {
	all := slices.Concat(earlyChecks(), lateChecks(), reserveChecks(), accountChecks(), visitChecks(), reportChecks())
	slices.SortStableFunc(all, func(a, b Check) int { return cmp.Compare(a.No, b.No) })
	return all
}

// earlyChecks are those of findings 1 to 8.
func earlyChecks() []Check {
	return []Check{
		{No: 1, Code: "paid_after_death", SQL: `
			SELECT 'line ' || l.id::text, l.person, 0::bigint, l.township, '', sum(h.amount_fen)::bigint, @today::date - d.died_on,
				l.program || ' ' || l.month
			FROM` + deadPeople + `JOIN entitlement_line l ON l.person = d.person AND l.month > substring(d.died_on::text, 1, 7) AND l.month >= @since AND l.township LIKE @area
			JOIN leg h ON h.line = l.id JOIN account a ON a.id = h.account AND a.kind IN ('in_transit', 'paid')
			GROUP BY l.id, l.person, l.township, l.program, l.month, d.died_on ORDER BY l.township, l.id`},
		{No: 3, Code: "paid_to_other_unit", SQL: `
			SELECT 'line ' || l.id::text, 0::bigint, u.unit, l.township, '', l.amount_fen, 0, u.kind || ' ' || l.program || ' ' || l.month
			FROM unit n JOIN unit_version u ON u.unit = n.id AND u.version = n.version AND u.kind NOT IN ('care_home', 'children_home', 'relief_station')
			JOIN entitlement_line l ON l.payee = n.id AND l.person IS NOT NULL AND l.month >= @since AND l.township LIKE @area AND l.status = 'listed'
			ORDER BY l.township, l.id`},
		{No: 5, Code: "file_differs", SQL: `
			SELECT 'file ' || f.name, 0::bigint, 0::bigint, '', '', f.amount_fen - coalesce(sum(t.amount_fen), 0)::bigint, 0,
				f.line_count::text || ' / ' || count(t.id)::text
			FROM batch b JOIN bank_file f ON f.batch = b.id AND b.period >= @since LEFT JOIN attempt t ON t.file = f.id
			GROUP BY f.id, f.name, f.line_count, f.amount_fen
			HAVING f.line_count <> count(t.id) OR f.amount_fen <> coalesce(sum(t.amount_fen), 0) ORDER BY f.id`},
		{No: 6, Code: "one_account_many_people", Figures: []rules.Name{rules.AuditAccountOwners}, SQL: `
			SELECT 'account ' || min(a.id)::text, min(a.owner), 0::bigint, '', '', 0::bigint, @today::date - min(a.valid_from), count(DISTINCT a.owner)::text
			FROM payee_account a
			WHERE a.kind <> 'corporate' AND a.version = (SELECT max(v.version) FROM payee_account v WHERE v.owner = a.owner)
			GROUP BY a.account_blind HAVING count(DISTINCT a.owner) > @n1 ORDER BY min(a.id)`},
		{No: 6, Code: "account_changes", Figures: []rules.Name{rules.AuditAccountChanges, rules.AuditWindowDays}, SQL: `
			SELECT 'login ' || a.recorded_by, 0::bigint, 0::bigint, '', '', 0::bigint, @n2::integer, count(*)::text
			FROM payee_account a WHERE a.version > 1 AND a.recorded_at >= @today::date - @n2::integer
			GROUP BY a.recorded_by HAVING count(*) > @n1 ORDER BY a.recorded_by`},
		{No: 7, Code: "balance_stands", Figures: []rules.Name{rules.AuditAgeingDays}, SQL: `
			SELECT 'account ' || a.id::text, 0::bigint, 0::bigint, a.township, n.number, old.fen, @today::date - e.business_date, a.kind
			FROM account a JOIN budget_line n ON n.id = a.budget_line` + standing + `
			WHERE a.balance_fen > 0 AND a.kind IN ('reserve', 'frozen', 'in_transit', 'returned', 'suspense')
				AND (a.township = '' OR a.township LIKE @area)
			ORDER BY e.business_date, a.id`},
		{No: 8, Code: "return_waits", Figures: []rules.Name{rules.AuditReturnDays}, SQL: `
			SELECT 'payment ' || h.payment::text, coalesce(l.person, 0), coalesce(l.unit, 0), l.township, '', h.amount_fen,
				@today::date - v.on_day, l.program || ' ' || l.month
			FROM account a JOIN leg h ON h.account = a.id AND a.kind = 'returned'
			JOIN entitlement_line l ON l.id = h.line AND l.township LIKE @area AND l.month >= @since
			JOIN LATERAL (SELECT coalesce((SELECT max(j.business_date) FROM attempt t JOIN attempt_event e ON e.attempt = t.id
					AND e.to_state IN ('returned', 'part_returned', 'failed', 'stopped') JOIN journal j ON j.id = e.journal WHERE t.payment = h.payment),
				(SELECT x.business_date FROM account_entry x WHERE x.account = a.id ORDER BY x.seq DESC LIMIT 1)) AS on_day) v ON true
			WHERE @today::date - v.on_day > @n1 ORDER BY v.on_day, h.payment`},
	}
}

// lateChecks are those from finding 9 on.
func lateChecks() []Check {
	return []Check{
		{No: 9, Code: "paid_late", Figures: []rules.Name{rules.PaymentDueDay}, SQL: `
			SELECT 'batch ' || b.code, 0::bigint, 0::bigint, '', '', b.amount_fen, f.paid_on - (b.period || '-01')::date - @n1::integer + 1, b.program || ' ' || b.period
			FROM batch b JOIN (SELECT x.batch, max(x.execute_on) AS paid_on FROM bank_file x WHERE x.list IS NULL GROUP BY x.batch) f ON f.batch = b.id
			WHERE b.period >= @since AND b.kind = 'roster' AND f.paid_on > (b.period || '-01')::date + @n1::integer - 1
			ORDER BY b.period, b.id`},
		{No: 11, Code: "lot_unspent", Figures: []rules.Name{rules.AuditAgeingDays}, SQL: `
			SELECT 'lot ' || o.id::text, 0::bigint, 0::bigint, '', m.number, sum(a.balance_fen)::bigint, @today::date - m.received_on, d.fund
			FROM lot o JOIN document_line d ON d.lot = o.id AND d.kind = 'bring' JOIN document m ON m.id = d.document
			JOIN account a ON a.lot = o.id AND a.kind IN ('available', 'carveout', 'reserve') AND a.balance_fen > 0
			WHERE @today::date - m.received_on > @n1
			GROUP BY o.id, m.number, m.received_on, d.fund ORDER BY m.received_on, o.id`},
		{No: 13, Code: "not_remitted", Figures: []rules.Name{rules.AuditAgeingDays}, SQL: `
			SELECT 'account ' || a.id::text, 0::bigint, 0::bigint, a.township, n.number, old.fen, @today::date - e.business_date, n.purpose
			FROM account a JOIN budget_line n ON n.id = a.budget_line` + standing + `
			WHERE a.balance_fen > 0 AND a.kind = 'recovered'
			ORDER BY e.business_date, a.id`},
		{No: 14, Code: "not_the_standard", SQL: `
			SELECT 'line ' || l.id::text, coalesce(l.person, 0), coalesce(l.unit, 0), l.township, p.document, l.amount_fen - p.amount_fen, 0,
				l.program || ' ' || l.class || ' ' || l.month
			FROM` + recent + `JOIN policy p ON p.id = l.policy LEFT JOIN policy_formula f ON f.policy = p.id
			WHERE l.status = 'listed' AND p.amount_fen > 0 AND coalesce(f.family, 'flat') <> 'threshold'
				AND (l.occasion = 'regular' AND p.period = 'month' AND p.operator = 'exact' AND l.amount_fen <> p.amount_fen
						AND coalesce(f.family, 'flat') IN ('flat', 'ratio', 'institution', 'indexed')
					OR p.period <> 'year' AND l.amount_fen > p.amount_fen AND (l.occasion = 'regular' OR p.period = 'once')
						AND (p.operator = 'at_most' OR f.family IN ('gap', 'person_months', 'multiple', 'band', 'case_cap', 'year_ceiling')))
			ORDER BY l.township, l.id`},
		{No: 15, Code: "late_start", Figures: []rules.Name{rules.AuditLateMonths}, SQL: `
			SELECT 'line ' || l.id::text, coalesce(l.person, 0), coalesce(l.unit, 0), l.township, '', l.amount_fen,
				(b.period || '-01')::date - (l.month || '-01')::date, l.program || ' ' || l.month || ' / ' || b.period
			FROM` + recent + `
			WHERE l.status = 'listed' AND (substring(b.period, 1, 4)::integer - substring(l.month, 1, 4)::integer) * 12
				+ substring(b.period, 6, 2)::integer - substring(l.month, 6, 2)::integer > @n1
			ORDER BY l.township, l.id`},
		{No: 20, Code: "fact_paid", SQL: `
			SELECT 'line ' || l.id::text, l.person, 0::bigint, l.township, min(e.document), l.amount_fen, 0, l.program || ' ' || l.month || ' ' || f.kind
			FROM` + recent + `JOIN outside_fact f ON f.person = l.person
				AND NOT EXISTS (SELECT 1 FROM outside_fact g WHERE g.id_blind = f.id_blind AND g.kind = f.kind AND g.from_on = f.from_on AND g.id > f.id)
				AND substring(f.from_on::text, 1, 7) <= l.month AND (f.to_on IS NULL OR substring(f.to_on::text, 1, 7) >= l.month)
			JOIN exclusion e ON e.fact = f.kind AND e.program = l.program AND e.component IN ('', l.component) AND l.class LIKE e.class AND e.effect = 'block'
				AND substring(e.valid_from::text, 1, 7) <= l.month AND e.area_code IN (l.township, substring(l.township, 1, 6) || '000000',
					substring(l.township, 1, 4) || '00000000', substring(l.township, 1, 2) || '0000000000', '000000000000')
			WHERE l.status = 'listed'
			GROUP BY l.id, f.id, f.kind ORDER BY l.township, l.id`},
		{No: 22, Code: "wrong_budget_line", SQL: `
			SELECT 'line ' || l.id::text, coalesce(l.person, 0), coalesce(l.unit, 0), l.township, n.number, sum(h.amount_fen)::bigint, 0,
				n.purpose || ' ' || n.economic_code
			FROM` + recent + `JOIN leg h ON h.line = l.id JOIN account a ON a.id = h.account JOIN budget_line n ON n.id = a.budget_line
			WHERE (l.person IS NOT NULL AND n.purpose NOT IN ('benefit', 'reserve') OR n.purpose = 'receipt')
			GROUP BY l.id, l.person, l.unit, l.township, n.number, n.purpose, n.economic_code ORDER BY l.township, l.id`},
		{No: 24, Code: "recovery_idle", Figures: []rules.Name{rules.AuditRecoveryDays}, SQL: `
			SELECT 'recovery ' || r.id::text, r.person, 0::bigint, coalesce(t.township, ''), '', r.amount_fen - coalesce(a.done, 0), @today::date - a.since, r.source
			FROM recovery r
			LEFT JOIN LATERAL (SELECT l.township FROM recovery_item i JOIN entitlement_line l ON l.id = i.line WHERE i.recovery = r.id ORDER BY i.line LIMIT 1) t ON true
			JOIN LATERAL (SELECT coalesce(sum(x.amount_fen) FILTER (WHERE x.kind IN ('receive', 'write_off', 'reject')), 0)::bigint AS done,
					greatest(max(x.happened_on) FILTER (WHERE x.kind <> 'write_off'), (r.opened_at AT TIME ZONE 'Asia/Shanghai')::date) AS since
				FROM recovery_act x WHERE x.recovery = r.id) a ON true
			WHERE a.done < r.amount_fen AND @today::date - a.since > @n1 AND (t.township IS NULL OR t.township LIKE @area)
			ORDER BY a.since, r.id`},
		{No: 27, Code: "large_case", Figures: []rules.Name{rules.AuditCaseAmount}, SQL: `
			SELECT 'case ' || c.number, min(c.person), 0::bigint, min(c.township), '', sum(c.amount_fen)::bigint, 0, count(*)::text
			FROM (SELECT l.person, l.township, l.amount_fen, substring(l.occasion, '^case/(.*)/[0-9]+$') AS number
				FROM` + recent + `WHERE l.program = 'LS' AND l.occasion LIKE 'case/%' AND l.status = 'listed' AND b.state <> 'cancelled') c
			GROUP BY c.number HAVING sum(c.amount_fen) >= @n1 ORDER BY sum(c.amount_fen) DESC, c.number`},
	}
}
