package books

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// RuleLeaf is the leaf of an imported row of the mapping table (docs/proof.md). The
// shipped rows have none: they are the program's, with negative numbers.
func RuleLeaf(r Rule) *leaf.Leaf {
	red := int64(0)
	if r.Red {
		red = 1
	}
	return leaf.New(string(proof.KindVoucherRule), 1).Int("id", r.ID).Text("area", r.Area).Int("year", int64(r.Year)).Text("event", string(r.Event)).
		Int("version", int64(r.Version)).Text("condition", string(r.Condition)).Text("purpose", r.Purpose).Text("payee", r.Payee).Text("setting", r.Setting).
		Text("book", string(r.Book)).Int("ord", int64(r.Ord)).Text("debit", r.Debit).Text("credit", r.Credit).Int("red", red).
		Text("status", string(r.Status)).Text("source", r.Source).Text("recorded_by", r.RecordedBy).Time("recorded_at", r.RecordedAt)
}

// SettingLeaf is the leaf of a setting of the books.
func SettingLeaf(s Setting) *leaf.Leaf {
	return leaf.New(string(proof.KindVoucherSetting), 1).Int("id", s.ID).Text("area", s.Area).Int("year", int64(s.Year)).Text("name", s.Name).
		Text("value", s.Value).Text("document", s.Document).Text("recorded_by", s.RecordedBy).Time("recorded_at", s.RecordedAt)
}

// LeafOf makes the leaf of a rule or a setting from its row.
func LeafOf(ctx context.Context, q db.Querier, kind proof.Kind, id int64) (*leaf.Leaf, error) {
	if kind == proof.KindVoucherRule {
		rows, err := q.Query(ctx, `SELECT `+ruleColumns+` FROM voucher_rule r WHERE r.id = $1`, id)
		if err != nil {
			return nil, fmt.Errorf("read voucher rule %d: %w", id, err)
		}
		r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Rule])
		return RuleLeaf(r), err
	}
	rows, err := q.Query(ctx, `SELECT `+settingColumns+` FROM voucher_setting s WHERE s.id = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("read setting %d: %w", id, err)
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Setting])
	return SettingLeaf(s), err
}

// voucherLeaves names what is in the log and not on record.
var voucherLeaves = []check.Query{
	proof.Orphans("voucher_logged", proof.KindVoucherRule, "voucher_rule"),
	proof.Orphans("voucher_logged", proof.KindVoucherSetting, "voucher_setting"),
}

// verifyRules checks imported rules against their leaves.
func verifyRules(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+ruleColumns+`, l.digest FROM voucher_rule r LEFT JOIN logged l ON l.kind = 'voucher_rule' AND l.ref = r.id
		WHERE r.id > 0 ORDER BY r.id`)
	if err != nil {
		return nil, fmt.Errorf("read voucher rules: %w", err)
	}
	return proof.Recheck(rows, "voucher_logged", func(row pgx.CollectableRow) (proof.Row, error) {
		var r Rule
		var logged []byte
		err := row.Scan(&r.Area, &r.Year, &r.Event, &r.Version, &r.Condition, &r.Purpose, &r.Payee, &r.Setting, &r.Book, &r.Ord, &r.Debit, &r.Credit,
			&r.Red, &r.Status, &r.Source, &r.ID, &r.RecordedBy, &r.RecordedAt, &logged)
		return proof.Row{Name: fmt.Sprintf("voucher_rule %d", r.ID), Leaf: RuleLeaf(r), Logged: logged}, err
	})
}

// verifySettings checks settings against their leaves.
func verifySettings(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT `+settingColumns+`, l.digest FROM voucher_setting s LEFT JOIN logged l ON l.kind = 'voucher_setting' AND l.ref = s.id ORDER BY s.id`)
	if err != nil {
		return nil, fmt.Errorf("read settings of the books: %w", err)
	}
	return proof.Recheck(rows, "voucher_logged", func(row pgx.CollectableRow) (proof.Row, error) {
		var s Setting
		var logged []byte
		err := row.Scan(&s.Area, &s.Year, &s.Name, &s.Value, &s.Document, &s.ID, &s.RecordedBy, &s.RecordedAt, &logged)
		return proof.Row{Name: fmt.Sprintf("voucher_setting %d", s.ID), Leaf: SettingLeaf(s), Logged: logged}, err
	})
}
