package trace_test

import (
	"slices"
	"strings"
	"testing"

	"fenlu/internal/check"
	"fenlu/internal/i18n"
	"fenlu/trace"
)

// TestVerify_compares_the_domains: somebody with the owner's rights changes
// rows so that each domain alone looks well.
func TestVerify_compares_the_domains(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	for _, c := range []struct{ name, sql, check, row string }{
		{"account_of_a_first_attempt", `UPDATE attempt SET account = 2004 WHERE id = 110`, "cross_attempt_account", "attempt 110"},
		{"account_of_a_line", `UPDATE entitlement_line SET account = 2004 WHERE id = 1`, "cross_attempt_account", "attempt 110"},
		{"another_attempt_without_a_list", `INSERT INTO attempt (id, payment, n, end_to_end_id, account, file, file_line, amount_fen, state)
			VALUES (211, 21, 2, 'QH-000021-2', 2004, 2, 2, 500, 'sent')`, "cross_attempt_account", "attempt 211"},
		{"another_attempt_to_another_account", `INSERT INTO line_list (id, kind, batch, state, digest, maker, made_at) VALUES (1, 'reissue', 2, 'released', 'x', 'zhou', now());
			INSERT INTO line_list_item (list, no, payment, account, amount_fen, reason) VALUES (1, 1, 21, 2005, 500, '换卡');
			INSERT INTO bank_file (id, batch, list, ordinal, name, file_ref, profile, channel, sha256, line_count, amount_fen, remark, execute_on, created_at, released_by)
			VALUES (3, 2, 1, 2, 'x', 'x', 'cn.daifa.gbk', 'DF', 'digest', 1, 500, '低保', '2026-10-15', now(), 'sun');
			INSERT INTO attempt (id, payment, n, end_to_end_id, account, file, file_line, amount_fen, state) VALUES (211, 21, 2, 'QH-000021-2', 2004, 3, 1, 500, 'sent')`,
			"cross_attempt_account", "attempt 211"},
		{"owner_of_an_account", `UPDATE payee_account SET owner = 1005, version = 2 WHERE id = 2001`, "cross_attempt_owner", "attempt 110"},
		{"payee_of_a_payment", `UPDATE payment SET payee = 1002 WHERE id = 11`, "cross_attempt_owner", "attempt 110"},
		{"an_account_taken_out", `DELETE FROM payee_account WHERE id = 2001`, "cross_attempt_owner", "attempt 110"},
		{"an_event_taken_out", `DELETE FROM attempt_event WHERE attempt = 110`, "cross_attempt_events", "attempt 110"},
		{"a_first_event_taken_out", `DELETE FROM attempt_event WHERE attempt = 210 AND n = 1`, "cross_attempt_events", "attempt 210"},
		{"an_event_from_elsewhere", `UPDATE attempt_event SET from_state = 'unknown' WHERE attempt = 210 AND n = 2`, "cross_attempt_events", "attempt 210"},
		{"a_first_event_from_elsewhere", `UPDATE attempt_event SET from_state = 'failed' WHERE attempt = 110`, "cross_attempt_events", "attempt 110"},
		{"an_event_to_elsewhere", `UPDATE attempt_event SET to_state = 'failed' WHERE attempt = 110`, "cross_attempt_events", "attempt 110"},
		{"a_limit", `UPDATE policy SET amount_fen = 3032`, "cross_policy", "entitlement_line 1"},
		{"a_line_above_the_limit", `UPDATE entitlement_line SET amount_fen = 3034 WHERE id = 4`, "cross_policy", "entitlement_line 4"},
		{"a_limit_that_is_now_exact", `UPDATE policy SET operator = 'exact'`, "cross_policy", "entitlement_line 4"},
		{"back_pay_above_the_due", `WITH k AS (UPDATE once_key SET occasion = 'backpay/1' WHERE line = 4 RETURNING line)
			UPDATE entitlement_line SET amount_fen = 3034, occasion = 'backpay/1' WHERE id IN (SELECT line FROM k)`, "cross_backpay", "entitlement_line 4"},
		{"the_class_of_a_line", `UPDATE entitlement_line SET class = '二类' WHERE id = 4`, "cross_line_policy", "entitlement_line 4"},
		{"a_policy_of_later", `UPDATE policy SET valid_from = '2026-10-02'`, "cross_line_policy", "entitlement_line 4"},
		{"a_policy_taken_out", `DELETE FROM policy`, "cross_line_policy", "entitlement_line 4"},
		{"a_household", `UPDATE entitlement_line SET household = 901 WHERE id = 1`, "cross_household", "entitlement_line 1"},
		{"a_household_of_another", `UPDATE entitlement_line SET household = 900 WHERE id = 4`, "cross_household", "entitlement_line 4"},
		{"legs_that_changed_batches", `UPDATE holding SET payment = CASE payment WHEN 13 THEN 21 ELSE 13 END WHERE payment IN (13, 21)`, "cross_leg_batch", "holding "},
		{"an_allotment_of_no_population", `INSERT INTO reserve_allotment (township, year, budget_line, account, residents, population_as_of, amount_fen, journal)
			VALUES ('991301001000', 2026, 4, 1, 50, '2025-12-31', 500, 3)`, "cross_population", "reserve_allotment 991301001000/2026/4"},
		{"an_allotment_of_other_residents", `INSERT INTO population (area_code, as_of, residents, source, import_file) VALUES ('991301001000', '2025-12-31', 49, '统计', 1);
			INSERT INTO reserve_allotment (township, year, budget_line, account, residents, population_as_of, amount_fen, journal)
			VALUES ('991301001000', 2026, 4, 1, 50, '2025-12-31', 500, 3)`, "cross_population", "reserve_allotment 991301001000/2026/4"},
		{"a_case_of_another_amount", `UPDATE batch SET kind = 'emergency', amount_fen = 1500 WHERE id = 2;
			INSERT INTO reserve_case (id, number, township, person, reason, amount_fen, reported_at, drawn_by, drawn_at, document_due, batch)
			VALUES (1, 'JN-1', '991301001000', 1004, '火灾', 1501, now(), 'zhou', now(), '2026-10-30', 2)`, "cross_reserve_case", "reserve_case 1"},
		{"a_case_of_another_person", `UPDATE batch SET kind = 'emergency', amount_fen = 1500 WHERE id = 2;
			INSERT INTO reserve_case (id, number, township, person, reason, amount_fen, reported_at, drawn_by, drawn_at, document_due, batch)
			VALUES (1, 'JN-1', '991301001000', 1001, '火灾', 1500, now(), 'zhou', now(), '2026-10-30', 2)`, "cross_reserve_case", "reserve_case 1"},
		{"a_case_of_no_batch", `INSERT INTO reserve_case (id, number, township, person, reason, amount_fen, reported_at, drawn_by, drawn_at, document_due)
			VALUES (1, 'JN-1', '991301001000', 1004, '火灾', 1500, now(), 'zhou', now(), '2026-10-30')`, "cross_reserve_case", "reserve_case 1"},
		{"a_case_in_cash_that_went_to_a_bank", `UPDATE batch SET kind = 'emergency', amount_fen = 1500 WHERE id = 2;
			INSERT INTO reserve_case (id, number, township, person, reason, amount_fen, reported_at, drawn_by, drawn_at, document_due, batch, form, receipt_sha256)
			VALUES (1, 'JN-1', '991301001000', 1004, '火灾', 1500, now(), 'zhou', now(), '2026-10-30', 2, 'cash', 'digest')`, "cross_reserve_receipt", "reserve_case 1"},
		{"an_account_of_what_was_paid_by_hand", `UPDATE bank_file SET profile = 'receipt.cash' WHERE id = 1`, "cross_attempt_owner", "attempt 110"},
		{"a_batch_that_goes_on", `UPDATE batch SET state = 'closed' WHERE id = 1`, "cross_batch_state", "batch 1"},
		{"a_batch_that_goes_back", `UPDATE batch SET state = 'approved' WHERE id = 1`, "cross_batch_state", "batch 1"},
		{"a_batch_rejected_at_last", `INSERT INTO approval (id, subject, step, decision, actor, decided_at, digest) VALUES (99, 'batch:1', 'approve', 'rejected', 'lin', now(), 'x')`,
			"cross_batch_state", "batch 1"},
		{"approvals_taken_out", `DELETE FROM approval WHERE subject = 'batch:2'`, "cross_batch_state", "batch 2"},
		{"the_maker_of_a_batch", `UPDATE batch SET maker = 'sun' WHERE id = 1`, "cross_batch_maker", "batch 1"},
		{"the_maker_of_a_list", `INSERT INTO line_list (id, kind, batch, state, digest, maker, made_at) VALUES (1, 'withhold', 2, 'proposed', 'x', 'zhou', now());
			INSERT INTO approval (id, subject, step, decision, actor, decided_at, digest) VALUES (99, 'list:1', 'make', 'done', 'sun', now(), 'x')`,
			"cross_list_maker", "line_list 1"},
		{"equal_pieces_of_two_legs", `UPDATE piece SET holding = CASE holding WHEN (SELECT id FROM holding WHERE line = 1) THEN (SELECT id FROM holding WHERE line = 3)
			ELSE (SELECT id FROM holding WHERE line = 1) END WHERE holding IN (SELECT id FROM holding WHERE line IN (1, 3))`, "legs_in_order", "piece 1@"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tx, err := o.owner.Begin(o.ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(o.ctx) }()
			tag, err := tx.Exec(o.ctx, c.sql)
			if err != nil || tag.RowsAffected() == 0 {
				t.Fatalf("nothing was altered: %v", err)
			}
			v, err := trace.VerifyIn(o.ctx, tx, domains())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(v.Findings, func(f check.Finding) bool { return f.Check == c.check && strings.HasPrefix(f.Row, c.row) }) {
				t.Errorf("%s does not name %s; findings: %+v", c.check, c.row, v.Findings)
			}
			if !i18n.Has("check." + c.check) {
				t.Errorf("check.%s has no text", c.check)
			}
		})
	}
}

// TestVerify_works_policies_out: the statement and the calculator agree about
// months of a yearly standard, whole and by layers.
func TestVerify_works_policies_out(t *testing.T) {
	t.Parallel()
	o := newCounty(t)
	tx, err := o.owner.Begin(o.ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(o.ctx) }()
	do := func(sql string, args ...any) {
		t.Helper()
		if _, err := tx.Exec(o.ctx, sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	wrong := func() bool {
		t.Helper()
		v, err := trace.VerifyIn(o.ctx, tx, domains())
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(v.Findings, func(f check.Finding) bool { return f.Check == "cross_policy" && f.Row == "entitlement_line 4" })
	}
	// 5420.00 + 600.00 a year are 451.67 + 50.00 in January, 451.66 + 50.00 in
	// February; 541.75 a year in one is 45.15 in each month by the fen.
	for _, c := range []struct {
		name, rounding, month string
		policy, central, line int64
	}{
		{"first month by layers", "annual", "2026-01", 6020_00, 5420_00, 501_67},
		{"second month by layers", "annual", "2026-02", 6020_00, 5420_00, 501_66},
		{"last month by layers", "annual", "2026-12", 6020_00, 5420_00, 501_67},
		{"first month whole", "annual", "2026-01", 100_00, 0, 8_33},
		{"second month whole", "annual", "2026-02", 100_00, 0, 8_34},
		{"half up to the fen", "fen", "2026-02", 541_74, 0, 45_15},
	} {
		do(`UPDATE policy SET period = 'year', operator = 'exact', rounding = $1, amount_fen = $2`, c.rounding, c.policy)
		do(`DELETE FROM policy_layer`)
		if c.central > 0 {
			do(`INSERT INTO policy_layer (policy, level, amount_fen) VALUES (1, 'central', $1::bigint), (1, 'county', $2::bigint - $1::bigint)`, c.central, c.policy)
		}
		do(`UPDATE entitlement_line SET amount_fen = $1, month = $2 WHERE id = 4`, c.line, c.month)
		if wrong() {
			t.Errorf("%s: %d is not what the policy gives", c.name, c.line)
		}
		do(`UPDATE entitlement_line SET amount_fen = $1 WHERE id = 4`, c.line-1)
		if !wrong() {
			t.Errorf("%s: %d passes", c.name, c.line-1)
		}
	}
}
