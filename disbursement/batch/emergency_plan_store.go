package batch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

func insertPlan(ctx context.Context, tx pgx.Tx, p *Plan) (err error) {
	if p.ID, err = db.NextID(ctx, tx, "aid_plan_id_seq"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO aid_plan (id, number, kind, office, person, reason, minutes, approved_fen, maker, made_at, digest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		p.ID, p.Number, string(p.Kind), p.Office, p.Person, p.Reason, p.Minutes, p.Approved, p.Maker, p.MadeAt, []byte(p.Digest))
	if constraint, _ := db.Violation(err); constraint == "aid_plan_number" {
		return errs.New(errs.Conflict, "AID_TAKEN", "number", p.Number, "by", "—")
	}
	if err != nil {
		return fmt.Errorf("record plan of case %s: %w", p.Number, err)
	}
	_, err = db.CopyIn(ctx, tx, "aid_instalment", []string{"plan", "no", "change", "due_on", "amount_fen", "reason", "decided_by", "decided_at"},
		len(p.Instalments), func(i int) ([]any, error) {
			in := p.Instalments[i]
			return []any{p.ID, in.No, 0, in.DueOn, in.Amount, "", p.Maker, p.MadeAt}, nil
		})
	return err
}

func insertCut(ctx context.Context, tx pgx.Tx, p Plan, c Cut) error {
	_, err := tx.Exec(ctx, `INSERT INTO aid_cut (id, plan, no, amount_fen, reason, maker, made_at, digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		c.ID, p.ID, c.No, c.Amount, c.Reason, c.Maker, c.MadeAt, []byte(c.Digest))
	if err != nil {
		return fmt.Errorf("record cut of instalment %d of case %s: %w", c.No, p.Number, err)
	}
	return nil
}

// knownOffice says whether an office has batches or a chain of its own.
func knownOffice(ctx context.Context, q db.Querier, office string) (bool, error) {
	var known bool
	err := q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM batch_number WHERE office = $1)
		OR EXISTS (SELECT 1 FROM approval_chain WHERE kind IN ('batch', 'list', 'emergency') AND office = $1)
		OR EXISTS (SELECT 1 FROM office WHERE code = $1)`, office).Scan(&known)
	if err != nil {
		return false, fmt.Errorf("find office %s: %w", office, err)
	}
	return known, nil
}

// lockPlans holds the plans of cases, in order, until the transaction ends.
func lockPlans(ctx context.Context, tx pgx.Tx, numbers []string) error {
	rows, err := tx.Query(ctx, `SELECT id FROM aid_plan WHERE number = ANY($1) ORDER BY id FOR UPDATE`, numbers)
	if err != nil {
		return fmt.Errorf("hold plans: %w", err)
	}
	rows.Close()
	return rows.Err()
}

func planByNumber(ctx context.Context, q db.Querier, number string) (Plan, error) {
	found, err := plansByNumber(ctx, q, []string{number})
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "AID_UNKNOWN", "number", number)
	}
	if err != nil {
		return Plan{}, err
	}
	return found[0], nil
}

// plansByNumber reads plans with their instalments as they are now, and says
// which of them a list has.
func plansByNumber(ctx context.Context, q db.Querier, numbers []string) ([]Plan, error) {
	return readPlans(ctx, q, `WHERE p.number = ANY($1) ORDER BY p.id`, numbers)
}

// planPage is how many plans verify reads at once.
const planPage = 1000

func plansAfter(ctx context.Context, q db.Querier, after int64) ([]Plan, error) {
	return readPlans(ctx, q, `WHERE p.id > $1 ORDER BY p.id LIMIT $2`, after, planPage)
}

func readPlans(ctx context.Context, q db.Querier, where string, args ...any) ([]Plan, error) {
	rows, err := q.Query(ctx, `SELECT p.id, p.number, p.kind, p.office, p.person, p.reason, p.minutes, p.approved_fen, p.maker, p.made_at, p.digest,
			(SELECT a.digest FROM approval a WHERE a.subject = 'aid:' || p.id::text AND a.step = 'approve' AND a.decision = 'done' ORDER BY a.id LIMIT 1)
		FROM aid_plan p `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read plans: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Plan, error) {
		var p Plan
		err := row.Scan(&p.ID, &p.Number, &p.Kind, &p.Office, &p.Person, &p.Reason, &p.Minutes, &p.Approved, &p.Maker, &p.MadeAt,
			(*[]byte)(&p.Digest), (*[]byte)(&p.approved))
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read plans: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	ids, people := make([]int64, len(found)), make([]int64, len(found))
	for i, p := range found {
		ids[i], people[i] = p.ID, int64(p.Person)
	}
	planned, err := instalmentsOf(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	cuts, err := cutsOf(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	held, err := casesHeld(ctx, q, people)
	if err != nil {
		return nil, err
	}
	for i := range found {
		p := &found[i]
		p.Instalments, p.Cuts = planned[p.ID], cuts[p.ID]
		if err := p.asItIs(held[p.Person]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// asItIs makes a plan as it is now from what was planned, its cuts and the
// occasions that lists hold; it is approved as long as its rows are what the
// approvals are bound to.
func (p *Plan) asItIs(held map[string]holding) error {
	p.now = p.digest()
	var planned money.Fen
	for _, in := range p.Instalments {
		if err := grow(&planned, in.Amount); err != nil {
			return err
		}
	}
	for i := range p.Cuts {
		c := &p.Cuts[i]
		now := string(c.digest(*p))
		c.IsApproved = now == string(c.Digest) && now == string(c.approved)
	}
	p.IsApproved = p.cut() && p.Approved == planned && string(p.now) == string(p.Digest) && string(p.now) == string(p.approved)
	for i := range p.Instalments {
		in := &p.Instalments[i]
		by := held[CaseOccasion(p.Number, int64(in.No))]
		in.Month, in.line = by.month, by.line
		to := &p.Remaining
		if in.Month != "" {
			to = &p.InLists
		}
		if err := grow(to, in.Amount); err != nil {
			return err
		}
	}
	return nil
}

// instalmentsOf reads what plans fix; cuts are beside them.
func instalmentsOf(ctx context.Context, q db.Querier, ids []int64) (map[int64][]Instalment, error) {
	rows, err := q.Query(ctx, `SELECT plan, no, due_on, amount_fen FROM aid_instalment WHERE plan = ANY($1) AND change = 0 ORDER BY plan, no`, ids)
	if err != nil {
		return nil, fmt.Errorf("read instalments: %w", err)
	}
	all := map[int64][]Instalment{}
	var id int64
	var in Instalment
	_, err = pgx.ForEachRow(rows, []any{&id, &in.No, &in.DueOn, &in.Amount}, func() error { all[id] = append(all[id], in); return nil })
	if err != nil {
		return nil, fmt.Errorf("read instalments: %w", err)
	}
	return all, nil
}

// cutsOf reads the cuts of plans, the approved ones first, as they were approved.
func cutsOf(ctx context.Context, q db.Querier, ids []int64) (map[int64][]Cut, error) {
	rows, err := q.Query(ctx, `SELECT c.plan, c.id, c.no, c.amount_fen, c.reason, c.maker, c.made_at, c.digest, coalesce(a.digest, ''::bytea)
		FROM aid_cut c LEFT JOIN approval a ON a.subject = 'cut:' || c.id::text AND a.step = 'approve' AND a.decision = 'done'
		WHERE c.plan = ANY($1) ORDER BY coalesce(a.id, 9223372036854775807), c.id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read cuts: %w", err)
	}
	all := map[int64][]Cut{}
	for rows.Next() {
		var id int64
		var c Cut
		if err := rows.Scan(&id, &c.ID, &c.No, &c.Amount, &c.Reason, &c.Maker, &c.MadeAt, (*[]byte)(&c.Digest), (*[]byte)(&c.approved)); err != nil {
			rows.Close()
			return nil, fmt.Errorf("read cuts: %w", err)
		}
		all[id] = append(all[id], c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read cuts: %w", err)
	}
	return all, nil
}

// holding is the line that has an occasion, and the month it is of.
type holding struct {
	month string
	line  LineID
}

// casesHeld reads which cases' instalments of persons lists hold, by occasion:
// the first line that has it.
func casesHeld(ctx context.Context, q db.Querier, people []int64) (map[parties.PersonID]map[string]holding, error) {
	rows, err := q.Query(ctx, `SELECT k.subject, k.occasion, k.month, k.line FROM once_key k
		WHERE k.subject = ANY($1) AND k.program = 'LS' AND k.freed IS NULL ORDER BY k.line DESC`, people)
	if err != nil {
		return nil, fmt.Errorf("read once-keys of plans: %w", err)
	}
	held := map[parties.PersonID]map[string]holding{}
	var person parties.PersonID
	var occasion string
	var h holding
	_, err = pgx.ForEachRow(rows, []any{&person, &occasion, &h.month, &h.line}, func() error {
		if held[person] == nil {
			held[person] = map[string]holding{}
		}
		held[person][occasion] = h
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read once-keys of plans: %w", err)
	}
	return held, nil
}

var planChecks = []check.Query{
	{Promise: 7, Check: "plan_digest", SQL: `
		SELECT 'aid_instalment ' || i.plan::text || '/' || i.no::text, 'changed ' || i.change::text || ' times to ' || i.amount_fen::text || ' fen, which nobody approved'
		FROM aid_instalment i WHERE i.change > 0 ORDER BY i.plan, i.no, i.change`},
	{Promise: 7, Check: "plan_digest", SQL: `
		SELECT 'aid_plan ' || p.id::text, 'approved for ' || p.approved_fen::text || ' fen, instalments ' || coalesce(s.fen, 0)::text
		FROM aid_plan p LEFT JOIN (SELECT plan, sum(amount_fen)::bigint AS fen FROM aid_instalment WHERE change = 0 GROUP BY plan) s ON s.plan = p.id
		WHERE p.approved_fen <> coalesce(s.fen, 0) ORDER BY p.id`},
	{Promise: 7, Check: "plan_digest", SQL: `
		SELECT 'approval ' || a.id::text, a.subject || ' is not on record'
		FROM approval a LEFT JOIN aid_plan p ON 'aid:' || p.id::text = a.subject LEFT JOIN aid_cut c ON 'cut:' || c.id::text = a.subject
		WHERE (a.subject LIKE 'aid:%' OR a.subject LIKE 'cut:%') AND p.id IS NULL AND c.id IS NULL ORDER BY a.id`},
}

// verifyPlans makes the digest of every plan and cut again from its rows and
// compares it with what is on record and with what people approved.
func verifyPlans(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	var found []check.Finding
	say := func(row, what string, was, now Digest) {
		if len(was) > 0 && string(was) != string(now) {
			found = append(found, check.Finding{Promise: 7, Check: "plan_digest", Row: row, Detail: fmt.Sprintf("%s has %.16s, rows give %.16s", what, was, now)})
		}
	}
	for after := int64(0); ; {
		page, err := plansAfter(ctx, q, after)
		if err != nil || len(page) == 0 {
			return found, err
		}
		for _, p := range page {
			row := fmt.Sprintf("aid_plan %d", p.ID)
			say(row, "plan", p.Digest, p.now)
			say(row, "approve", p.approved, p.now)
			for _, c := range p.Cuts {
				row, now := fmt.Sprintf("aid_cut %d", c.ID), c.digest(p)
				say(row, "cut", c.Digest, now)
				say(row, "approve", c.approved, now)
			}
		}
		after = page[len(page)-1].ID
	}
}
