package trace

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
)

// linesOfBatches are the lines of the batches that a condition on $1 finds.
func linesOfBatches(ctx context.Context, q db.Querier, where, text, unknown string) ([]int64, error) {
	batches, err := numbers(ctx, q, "batches", `SELECT b.id FROM batch b WHERE `+where+` ORDER BY b.id`, text)
	if err == nil && len(batches) == 0 {
		err = errs.New(errs.NotFound, unknown, "text", text)
	}
	if err != nil {
		return nil, err
	}
	return numbers(ctx, q, "lines of batches", `SELECT id FROM entitlement_line WHERE batch = ANY($1) ORDER BY id`, batches)
}

// logged is a leaf as the log has it.
type logged struct {
	index  int64
	kind   proof.Kind
	ref    int64
	digest []byte
}

// leaves finds the leaves about the scope, in the order of the log: the
// documents of its lots with their journals, the journals that drew, released
// and settled its legs and those that reversed them, its bank files, the
// evidence about its attempts, the approvals of its batches and lists, the
// policy rows that its lines name; and where these came from: see sources.
func (a *AuditScope) leaves(ctx context.Context, q db.Querier) ([]logged, error) {
	refs, err := a.refs(ctx, q)
	if err != nil {
		return nil, err
	}
	var out []logged
	for kind, ids := range refs {
		found, err := collect(ctx, q, "leaves", func(row pgx.CollectableRow) (logged, error) {
			l := logged{kind: kind}
			err := row.Scan(&l.index, &l.ref, &l.digest)
			return l, err
		}, `SELECT leaf_index, ref, digest FROM log_leaf WHERE kind = $1 AND ref = ANY($2)`, kind, distinct(ids))
		if err != nil {
			return nil, err
		}
		if len(found) < len(distinct(ids)) {
			return nil, errs.New(errs.Conflict, "TRACE_AUDIT_MOVED", "size", fmt.Sprintf("%s %d/%d", kind, len(found), len(distinct(ids))))
		}
		out = append(out, found...)
	}
	return sortLeaves(out), nil
}

// refs are the numbers of the things that the scope's leaves are about.
func (a *AuditScope) refs(ctx context.Context, q db.Querier) (map[proof.Kind][]int64, error) {
	out := map[proof.Kind][]int64{}
	lots, attempts := keysOf(a.lots), keysOf(a.attempts)
	for kind, sql := range map[proof.Kind]string{
		proof.KindDocument: `SELECT DISTINCT document FROM document_line WHERE lot = ANY($1)`,
		proof.KindJournal:  `SELECT DISTINCT journal FROM document_line WHERE lot = ANY($1)`,
		proof.KindRelease:  `SELECT DISTINCT f.id FROM attempt a JOIN bank_file f ON f.id = a.file WHERE a.id = ANY($1)`,
		proof.KindEvidence: `SELECT DISTINCT file FROM evidence WHERE attempt = ANY($1)`,
	} {
		of := attempts
		if kind == proof.KindDocument || kind == proof.KindJournal {
			of = lots
		}
		ids, err := numbers(ctx, q, "leaves", sql, of)
		if err != nil {
			return nil, err
		}
		out[kind] = ids
	}
	moved, err := a.journals(ctx, q)
	if err != nil {
		return nil, err
	}
	out[proof.KindJournal] = append(out[proof.KindJournal], moved...)
	lines := make([]int64, len(a.Lines))
	for i, l := range a.Lines {
		lines[i] = l.ID
	}
	policies, errPolicies := numbers(ctx, q, "policies", `SELECT DISTINCT policy::bigint FROM entitlement_line WHERE id = ANY($1) AND policy > 0`, lines)
	out[proof.KindPolicy] = policies
	out[proof.KindApproval], err = a.approvals(ctx, q)
	if err = errors.Join(err, errPolicies); err != nil {
		return nil, err
	}
	return out, a.sources(ctx, q, out)
}

// sources adds where what is shown came from: the import files of the documents,
// policy rows and rosters, the rights in force of each person who approved when
// they did, those that were in their hands with what ended that and the rights of
// who gave them, and the unmaskings for the bank files and attempts.
func (a *AuditScope) sources(ctx context.Context, q db.Querier, refs map[proof.Kind][]int64) error {
	var batches []int64
	for _, l := range a.Lines {
		batches = append(batches, l.Batch)
	}
	var errImports, errDelegations, errRights, errUnmaskings error
	refs[proof.KindImport], errImports = numbers(ctx, q, "imports", `SELECT import_file FROM document WHERE id = ANY($1) AND import_file > 0
		UNION SELECT import_file FROM policy WHERE id = ANY($2) AND import_file > 0
		UNION SELECT import_file FROM batch WHERE id = ANY($3) AND import_file > 0 ORDER BY import_file`,
		refs[proof.KindDocument], refs[proof.KindPolicy], distinct(batches))
	refs[proof.KindDelegation], errDelegations = numbers(ctx, q, "delegations", `WITH d AS (`+delegatedTo+`)
		SELECT d.id FROM d UNION SELECT e.id FROM d JOIN delegation e ON e.ends = d.id ORDER BY id`, refs[proof.KindApproval])
	refs[proof.KindRight], errRights = numbers(ctx, q, "rights", `WITH d AS (`+delegatedTo+`)
		SELECT DISTINCT r.id FROM (SELECT a.actor, a.decided_at, '' AS right_code FROM approval a WHERE a.id = ANY($1)
			UNION SELECT d.from_login, d.decided_at, d.right_code FROM d) a
		JOIN user_right r ON r.login = a.actor AND r.given AND r.given_at <= a.decided_at AND (a.right_code = '' OR r.right_code = a.right_code)
		WHERE NOT EXISTS (SELECT 1 FROM user_right n WHERE n.login = r.login AND n.right_code = r.right_code
			AND n.given_at > r.given_at AND n.given_at <= a.decided_at) ORDER BY r.id`, refs[proof.KindApproval])
	refs[proof.KindUnmasking], errUnmaskings = numbers(ctx, q, "unmaskings", `SELECT u.id FROM unmasking u WHERE u.subject = ANY(
			SELECT 'bank_file:' || f.id::text FROM unnest($1::bigint[]) AS f (id)
			UNION ALL SELECT 'attempt:' || t.end_to_end_id FROM attempt t WHERE t.id = ANY($2) AND t.file IS NOT NULL) ORDER BY u.id`,
		refs[proof.KindRelease], keysOf(a.attempts))
	return errors.Join(errImports, errDelegations, errRights, errUnmaskings)
}

// delegatedTo are the rights that were in the hands of those who approved, when
// they did.
const delegatedTo = `SELECT d.id, d.from_login, d.right_code, a.decided_at FROM approval a
	JOIN delegation d ON d.to_login = a.actor AND d.ends IS NULL AND (a.decided_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN d.valid_from AND d.valid_to
	WHERE a.id = ANY($1) AND d.recorded_at <= a.decided_at AND NOT EXISTS (SELECT 1 FROM delegation e WHERE e.ends = d.id AND e.recorded_at < a.decided_at
		AND e.valid_from <= (a.decided_at AT TIME ZONE 'Asia/Shanghai')::date)`

// journals are those that moved the scope's money, with their reversals.
func (a *AuditScope) journals(ctx context.Context, q db.Querier) ([]int64, error) {
	spans := map[legSpan]bool{}
	for _, l := range a.Lines {
		for _, g := range l.Legs {
			spans[legSpan{g.Lot, g.opened}] = true
		}
	}
	var all Payment // with the attempts of all
	for _, p := range a.Payments {
		all.Attempts = append(all.Attempts, p.Attempts...)
	}
	list, err := journalsOfPayment(ctx, q, all, slices.Collect(maps.Keys(spans)))
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, j := range list {
		ids = append(ids, j.ID)
	}
	back, err := numbers(ctx, q, "reversals", `SELECT id FROM journal WHERE reverses = ANY($1)`, distinct(ids))
	return append(ids, back...), err
}

// approvals are those of the batches, and of the lists that a line or payment
// of the scope is on.
func (a *AuditScope) approvals(ctx context.Context, q db.Querier) ([]int64, error) {
	var batches, lines []int64
	for _, l := range a.Lines {
		batches, lines = append(batches, l.Batch), append(lines, l.ID)
	}
	return numbers(ctx, q, "approvals", `SELECT a.id FROM approval a WHERE a.subject = ANY(
			SELECT 'batch:' || b.id::text FROM batch b WHERE b.id = ANY($1)
			UNION ALL SELECT 'list:' || i.list::text FROM line_list l JOIN line_list_item i ON i.list = l.id
				WHERE l.batch = ANY($1) AND (i.line = ANY($2) OR i.payment = ANY($3))) ORDER BY a.id`,
		distinct(batches), lines, keysOf(a.payments))
}
