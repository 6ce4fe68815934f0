package trace

import (
	"context"
	"encoding/hex"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// payments reads payments in the order of their ids, with their attempts and
// the evidence about them.
func (s *Service) payments(ctx context.Context, q db.Querier, ids []int64) ([]Payment, error) {
	list, err := collect(ctx, q, "payments", func(row pgx.CollectableRow) (Payment, error) {
		var p Payment
		err := row.Scan(&p.ID, &p.Batch, &p.BatchCode, &p.No, &p.Amount, &p.Lines, &p.payee)
		return p, err
	}, `SELECT p.id, p.batch, b.code, p.no, p.amount_fen, p.line_count, p.payee
		FROM payment p JOIN batch b ON b.id = p.batch
		WHERE p.id = ANY($1) ORDER BY p.id`, distinct(ids))
	if err != nil {
		return nil, err
	}
	attempts, err := s.attempts(ctx, q, distinct(ids))
	if err != nil {
		return nil, err
	}
	var payees []int64
	for i, p := range list {
		payees = append(payees, p.payee)
		if list[i].Attempts = attempts[p.ID]; list[i].Attempts == nil {
			list[i].Attempts = []Attempt{}
		}
		list[i].State = list[i].state()
	}
	names, err := s.parties(ctx, q, payees)
	for i := range list {
		list[i].Payee = names[list[i].payee]
	}
	return list, err
}

// state is where a payment stands, as x_payment derives it: with its last
// instruction.
func (p Payment) state() string {
	switch n := len(p.Attempts); {
	case p.Amount == 0:
		return "stopped"
	case n == 0:
		return "formed"
	case p.Attempts[n-1].State == "written":
		return "sent"
	default:
		return p.Attempts[n-1].State
	}
}

// attempts reads the attempts of payments, by payment.
func (s *Service) attempts(ctx context.Context, q db.Querier, payments []int64) (map[int64][]Attempt, error) {
	list, err := collect(ctx, q, "attempts", scanAttempt, `
		SELECT a.id, a.payment, a.n, a.end_to_end_id, a.state, a.amount_fen, a.booked_fen, a.returned_fen, a.account,
			coalesce(pa.bank_name, ''), f.name, f.file_ref, coalesce(a.file_line, 0), f.execute_on::text,
			coalesce((SELECT s.journal FROM release_step s WHERE s.file = a.file AND s.first_line <= a.file_line ORDER BY s.first_line DESC LIMIT 1), 0)
		FROM attempt a JOIN bank_file f ON f.id = a.file LEFT JOIN payee_account pa ON pa.id = a.account
		WHERE a.payment = ANY($1) ORDER BY a.payment, a.n`, payments)
	if err != nil {
		return nil, err
	}
	if err := s.completeAttempts(ctx, q, list); err != nil {
		return nil, err
	}
	out := map[int64][]Attempt{}
	for _, a := range list {
		out[a.payment] = append(out[a.payment], a)
	}
	return out, nil
}

func scanAttempt(row pgx.CollectableRow) (Attempt, error) {
	var a Attempt
	err := row.Scan(&a.ID, &a.payment, &a.N, &a.EndToEndID, &a.State, &a.Amount, &a.Booked, &a.Returned, &a.account,
		&a.Account.Bank, &a.File, &a.fileRef, &a.FileLine, &a.ExecuteOn, &a.releasedBy)
	a.Account.ID = a.account
	return a, err
}

// completeAttempts adds accounts, events and evidence.
func (s *Service) completeAttempts(ctx context.Context, q db.Querier, list []Attempt) error {
	var ids, accounts []int64
	for _, a := range list {
		ids, accounts = append(ids, a.ID), append(accounts, a.account)
	}
	if len(ids) == 0 {
		return nil
	}
	labels, err := s.labels.Accounts(ctx, q, distinct(accounts))
	if err != nil {
		return err
	}
	events, err := eventsOf(ctx, q, ids)
	if err != nil {
		return err
	}
	evidence, err := evidenceOf(ctx, q, ids)
	for i := range list {
		a := &list[i]
		a.Account.Holder, a.Account.Number = labels[a.account].Name, labels[a.account].Masked
		a.Events, a.Evidence = orEmpty(events[a.ID]), orEmpty(evidence[a.ID])
	}
	return err
}

// orEmpty is the list, never nil: programs read [] and not null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func eventsOf(ctx context.Context, q db.Querier, attempts []int64) (map[int64][]Event, error) {
	list, err := collect(ctx, q, "attempt events", func(row pgx.CollectableRow) (Event, error) {
		var e Event
		err := row.Scan(&e.attempt, &e.From, &e.To, &e.Journal, &e.At)
		return e, err
	}, `SELECT attempt, from_state, to_state, coalesce(journal, 0), happened_at FROM attempt_event
		WHERE attempt = ANY($1) ORDER BY attempt, n`, attempts)
	out := map[int64][]Event{}
	for _, e := range list {
		out[e.attempt] = append(out[e.attempt], e)
	}
	return out, err
}

const evidenceColumns = `SELECT coalesce(e.attempt, 0), f.name, e.file, f.sha256, e.pos, e.src_line, e.kind, e.amount_fen, e.direction, e.status,
	e.reason, e.reason_text, coalesce(e.value_date::text, ''), e.outcome, e.says, e.end_to_end_id, coalesce(t.payment, 0)
	FROM evidence e JOIN evidence_file f ON f.id = e.file LEFT JOIN attempt t ON t.id = e.attempt`

func scanEvidence(row pgx.CollectableRow) (Evidence, error) {
	var e Evidence
	var digest []byte
	err := row.Scan(&e.attempt, &e.File, &e.FileID, &digest, &e.Pos, &e.SourceLine, &e.Kind, &e.Amount, &e.Direction, &e.Status,
		&e.Reason, &e.ReasonText, &e.ValueDate, &e.Outcome, &e.Says, &e.EndToEndID, &e.Payment)
	e.SHA256 = hex.EncodeToString(digest)
	return e, err
}

// evidenceOf reads everything that was ever said about attempts.
func evidenceOf(ctx context.Context, q db.Querier, attempts []int64) (map[int64][]Evidence, error) {
	list, err := collect(ctx, q, "evidence", scanEvidence, evidenceColumns+` WHERE e.attempt = ANY($1) ORDER BY e.attempt, e.file, e.pos`, attempts)
	out := map[int64][]Evidence{}
	for _, e := range list {
		out[e.attempt] = append(out[e.attempt], e)
	}
	return out, err
}

// legSpan is a leg in a lot's time: from the sequence that drew it on.
type legSpan struct{ lot, opened int64 }

// journalsOfPayment reads the journals that moved a payment's money: the draw,
// the releases, what evidence settled, in order.
func journalsOfPayment(ctx context.Context, q db.Querier, p Payment, legs []legSpan) ([]JournalRef, error) {
	var lots, seqs, ids []int64
	var keys []string
	for _, l := range legs {
		lots, seqs = append(lots, l.lot), append(seqs, l.opened)
	}
	for _, a := range p.Attempts {
		keys, ids = append(keys, releaseKey(a.fileRef)), append(ids, a.releasedBy)
		for _, e := range a.Events {
			ids = append(ids, e.Journal)
		}
	}
	list, err := collect(ctx, q, "journals of a payment", scanJournalRef, `SELECT `+journalRefColumns+` FROM journal j
		WHERE j.id = ANY($1) OR j.key = ANY($2) OR j.id = ANY(ARRAY(
			SELECT l.journal FROM unnest($3::bigint[], $4::bigint[]) AS u (lot, seq) JOIN journal_lot l ON l.lot = u.lot AND l.seq = u.seq))
		ORDER BY j.id`, distinct(ids), keys, lots, seqs)
	if err != nil {
		return nil, err
	}
	return list, about(ctx, q, list)
}

// releaseKey is the idempotency key of the journal that released a bank file
// under its own reference, where one did: steps have their own (ADR 28).
func releaseKey(fileRef string) string { return "release/" + fileRef }
