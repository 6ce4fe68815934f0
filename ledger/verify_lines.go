package ledger

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// verifyLines goes once over all transfers, in the order of their journals, and
// says
//
//   - transfer_lot: whose accounts are not of its lot;
//   - journal_lines: which journal's header counts other lines, or another sum;
//   - journal_digest: which journal's leaf, made again from its header and its
//     lines, is not the one made when it was posted;
//   - balance_transfers: which account's balance is not the sum of what its
//     transfers moved.
//
// It holds the accounts, the headers of a thousand journals, and no transfer.
func verifyLines(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	v := &linesVerifier{accounts: map[AccountID]*summed{}, counts: map[string]int{}}
	all, err := Accounts(ctx, q)
	if err != nil {
		return nil, err
	}
	places := Places{}
	for _, a := range all {
		v.accounts[a.ID] = &summed{Account: a}
		places.add(a.ID, a.Place)
	}
	for after, more := JournalID(0), true; more; {
		headers, err := JournalsAfter(ctx, q, "", after, 1000)
		if err != nil {
			return nil, err
		}
		upTo := JournalID(math.MaxInt64)
		if more = len(headers) == 1000; more {
			upTo = headers[len(headers)-1].ID
		}
		journals, err := v.lines(ctx, q, places, after, upTo)
		if err != nil {
			return nil, err
		}
		if err := v.headers(ctx, q, headers, journals); err != nil {
			return nil, err
		}
		after = upTo
	}
	for _, a := range all {
		v.balance(v.accounts[a.ID])
	}
	return v.found, nil
}

// summed is an account with the sum of its transfers.
type summed struct {
	Account
	sum money.Fen
}

// journalLines is what the lines of one journal are together.
type journalLines struct {
	tree leaf.Tree
	sum  money.Fen
}

type linesVerifier struct {
	accounts map[AccountID]*summed
	found    []check.Finding
	counts   map[string]int
}

// lines goes over the transfers of the journals above after, up to upTo, and
// gathers them by journal.
func (v *linesVerifier) lines(ctx context.Context, q db.Querier, places Places, after, upTo JournalID) (map[JournalID]*journalLines, error) {
	journals := map[JournalID]*journalLines{}
	var last JournalID
	var its *journalLines
	err := eachLine(ctx, q, places, after+1, upTo, func(j JournalID, t *Transfer, part []byte) error {
		if its == nil || j != last {
			last, its = j, &journalLines{}
			journals[j] = its
		}
		its.tree.Add(part)
		var err error
		if its.sum, err = money.Add(its.sum, t.Amount); err != nil {
			return fmt.Errorf("sum of journal %d: %w", j, err)
		}
		return v.transfer(j, t)
	})
	return journals, err
}

// transfer adds a transfer to its accounts, which are of its lot.
func (v *linesVerifier) transfer(j JournalID, t *Transfer) (err error) {
	debit, credit := v.accounts[t.Debit], v.accounts[t.Credit]
	if debit == nil || credit == nil || debit.Lot != t.Lot || credit.Lot != t.Lot {
		v.report(1, "transfer_lot", fmt.Sprintf("transfer %d/%d", j, t.Line), "lot %d, debit lot %s, credit lot %s", t.Lot, debit.lot(), credit.lot())
	}
	if debit != nil {
		if debit.sum, err = money.Add(debit.sum, t.Amount); err != nil {
			return fmt.Errorf("sum of account %d: %w", t.Debit, err)
		}
	}
	if credit != nil {
		if credit.sum, err = money.Sub(credit.sum, t.Amount); err != nil {
			return fmt.Errorf("sum of account %d: %w", t.Credit, err)
		}
	}
	return nil
}

// lot is the number of an account's lot, for a report.
func (a *summed) lot() string {
	if a == nil {
		return "?"
	}
	return fmt.Sprint(a.Lot)
}

// headers compares journals with their lines; what is left has no header.
func (v *linesVerifier) headers(ctx context.Context, q db.Querier, headers []Journal, lines map[JournalID]*journalLines) error {
	for _, j := range headers {
		its := lines[j.ID]
		delete(lines, j.ID)
		if its == nil {
			its = &journalLines{}
		}
		if its.tree.Len() != int64(j.Transfers) || its.sum != j.Amount {
			line, err := lineUnlikeItsLeg(ctx, q, j.ID)
			if err != nil {
				return err
			}
			v.report(1, "journal_lines", fmt.Sprintf("journal %d", j.ID), "header %d lines %d fen, rows %d lines %d fen%s",
				j.Transfers, j.Amount, its.tree.Len(), its.sum, line)
		}
		if h := Leaf(j, &its.tree).Hash(); !bytes.Equal(h[:], j.Digest) {
			v.report(6, "journal_digest", fmt.Sprintf("journal %d", j.ID), "stored %.8x, header and lines give %.8x", j.Digest, h[:])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(lines)) {
		its := lines[id]
		v.report(1, "journal_lines", fmt.Sprintf("journal %d", id), "header missing, rows %d lines %d fen", its.tree.Len(), its.sum)
	}
	return nil
}

// balance compares an account's balance with its transfers.
func (v *linesVerifier) balance(a *summed) {
	if a.Balance != a.sum {
		v.report(2, "balance_transfers", fmt.Sprintf("account %d", a.ID), "%s balance %d, transfers %d", a.Place.Kind, a.Balance, a.sum)
	}
}

// report keeps the first findings of each check.
func (v *linesVerifier) report(promise int, name, row, detail string, args ...any) {
	if v.counts[name]++; v.counts[name] <= check.Limit {
		v.found = append(v.found, check.Finding{Promise: promise, Check: name, Row: row, Detail: fmt.Sprintf(detail, args...)})
	}
}

// lineUnlikeItsLeg is ", line N" for the first line of a journal whose amount
// is not its leg's: the one that was altered, as a rule.
func lineUnlikeItsLeg(ctx context.Context, q db.Querier, j JournalID) (string, error) {
	rows, err := q.Query(ctx, `SELECT ', line ' || t.line::text FROM transfer t JOIN leg h ON h.id = t.holding
		WHERE t.journal = $1 AND t.amount_fen <> h.amount_fen ORDER BY t.line LIMIT 1`, j)
	if err != nil {
		return "", fmt.Errorf("find the altered line: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}
