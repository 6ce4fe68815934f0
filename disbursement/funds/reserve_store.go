package funds

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/ident"
	"fenlu/ledger"
	"fenlu/money"
)

// span is the lowest and highest township code of an area.
func span(area string) (low, high string) {
	a, _ := ident.CheckArea(area)
	low, high = a.Prefix(), a.Prefix()
	for len(low) < 12 {
		low, high = low+"0", high+"9"
	}
	return low, high
}

// allocationOf finds the document that allotted a year's reserves of an area.
func allocationOf(ctx context.Context, q db.Querier, area string, year int) (Document, bool, error) {
	low, high := span(area)
	found, err := collect(ctx, q, "allocation of the year", scanDocument, `
		SELECT `+documentColumns+` FROM document d WHERE d.id IN (
			SELECT dl.document FROM reserve_allotment r
			JOIN budget_line b ON b.id = r.budget_line
			JOIN document_line dl ON dl.id = b.document_line
			WHERE r.year = $1 AND r.kind = 'year' AND r.township BETWEEN $2 AND $3)
		ORDER BY d.id LIMIT 1`, year, low, high)
	if err != nil || len(found) == 0 {
		return Document{}, false, err
	}
	return found[0], true, nil
}

func scanAllotment(row pgx.CollectableRow) (Allotment, error) {
	var a Allotment
	err := row.Scan(&a.Township, &a.BudgetLine, &a.Account, &a.Residents, &a.PopulationAt, &a.Amount)
	return a, err
}

func allotmentsOf(ctx context.Context, q db.Querier, journal ledger.JournalID) ([]Allotment, error) {
	return collect(ctx, q, "allotments", scanAllotment, `SELECT township, budget_line, account, residents, population_as_of, amount_fen
		FROM reserve_allotment WHERE journal = $1 ORDER BY township, budget_line`, journal)
}

func insertAllotments(ctx context.Context, tx pgx.Tx, year int, kind allotmentKind, journal ledger.JournalID, given []Allotment) error {
	_, err := db.CopyIn(ctx, tx, "reserve_allotment", []string{"township", "year", "budget_line", "account", "residents", "population_as_of",
		"amount_fen", "journal", "kind"}, len(given), func(i int) ([]any, error) {
		a := given[i]
		return []any{a.Township, year, a.BudgetLine, a.Account, a.Residents, a.PopulationAt, a.Amount, journal, string(kind)}, nil
	})
	return err
}

// townshipSum is a township's year as the rows have it.
type townshipSum struct {
	Township  string    `db:"township"`
	Residents int64     `db:"residents"`
	Allotted  money.Fen `db:"allotted_fen"`
	Granted   money.Fen `db:"granted_fen"` // of it, from the year's own money
	Carried   money.Fen `db:"carried_fen"` // of it, from the year before
	Used      money.Fen `db:"used_fen"`    // drawn, less what came back from a draw
	Balance   money.Fen `db:"balance_fen"`
}

// kept holds for the kinds of journals that move a reserve's money without
// spending it: reserves are given and returned, and documents carry over and cut.
// A reversal is of the kind of what it reverses.
const kept = `(coalesce(o.kind, j.kind) IN ('reserve.allocate', 'reserve.refill', 'reserve.return', 'reserve.merge') OR coalesce(o.kind, j.kind) LIKE 'document.%')`

// unmade is what of an allotment r was taken back by reversing its journal: at
// most 0.
const unmade = `coalesce((SELECT sum(e.delta_fen)::bigint FROM account_entry e JOIN journal x ON x.id = e.journal WHERE e.account = r.account AND x.reverses = r.journal), 0)`

// oldestReserve is the earliest year of which townships' reserves still have
// money: 0 where none has.
func oldestReserve(ctx context.Context, q db.Querier, townships []string) (int, error) {
	var year int
	err := q.QueryRow(ctx, `SELECT coalesce(min(b.year), 0) FROM reserve_allotment r JOIN account a ON a.id = r.account
		JOIN budget_line b ON b.id = r.budget_line WHERE r.township = ANY($1) AND a.balance_fen > 0`, townships).Scan(&year)
	if err != nil {
		return 0, fmt.Errorf("oldest reserve: %w", err)
	}
	return year, nil
}

func townshipSums(ctx context.Context, q db.Querier, year int) ([]townshipSum, error) {
	return query[townshipSum](ctx, q, "reserves of the year", `
		SELECT r.township, max(r.residents) AS residents, (sum(r.amount_fen) - coalesce(sum(merged.fen), 0))::bigint AS allotted_fen, sum(a.balance_fen)::bigint AS balance_fen,
			(coalesce(sum(r.amount_fen) FILTER (WHERE r.kind <> 'carry'), 0) - coalesce(sum(merged.fen) FILTER (WHERE r.kind <> 'carry'), 0))::bigint AS granted_fen,
			(coalesce(sum(r.amount_fen) FILTER (WHERE r.kind = 'carry'), 0) - coalesce(sum(merged.fen) FILTER (WHERE r.kind = 'carry'), 0))::bigint AS carried_fen,
			coalesce(sum(spent.fen), 0)::bigint AS used_fen
		FROM (SELECT r.township, r.year, r.account, r.kind, r.residents, r.amount_fen + `+unmade+` AS amount_fen FROM reserve_allotment r WHERE r.year = $1) r
		JOIN account a ON a.id = r.account
		LEFT JOIN LATERAL (SELECT -sum(e.delta_fen)::bigint AS fen FROM account_entry e JOIN journal j ON j.id = e.journal
			LEFT JOIN journal o ON o.id = j.reverses
			WHERE e.account = a.id AND NOT `+kept+`) spent ON true
		LEFT JOIN LATERAL (SELECT -sum(e.delta_fen)::bigint AS fen FROM account_entry e JOIN journal j ON j.id = e.journal
			WHERE e.account = a.id AND e.delta_fen < 0 AND j.kind = '`+reserveMerge+`') merged ON true
		GROUP BY r.township ORDER BY r.township`, year)
}

// townshipsThatGave are the townships whose reserves a journal took money from.
func townshipsThatGave(ctx context.Context, q db.Querier, journal ledger.JournalID) ([]string, error) {
	return collect(ctx, q, "townships that gave", pgx.RowTo[string], `SELECT DISTINCT a.township FROM transfer t JOIN account a ON a.id = t.credit
		WHERE t.journal = $1 AND a.kind = 'reserve'`, journal)
}

// caseSum counts a township's cases of a year, without those given up.
type caseSum struct {
	Township      string    `db:"township"`
	Cases         int       `db:"cases"`
	Undocumented  int       `db:"undocumented"`
	Overdue       int       `db:"overdue"`
	OverdueAmount money.Fen `db:"overdue_fen"`
	Late          int       `db:"late"`
}

func caseSums(ctx context.Context, q db.Querier, from, until, now, today time.Time) ([]caseSum, error) {
	return query[caseSum](ctx, q, "cases of the year", `
		SELECT township, count(*)::bigint AS cases,
			(count(*) FILTER (WHERE documented_on IS NULL AND refused_on IS NULL))::bigint AS undocumented,
			(count(*) FILTER (WHERE documented_on IS NULL AND refused_on IS NULL AND document_due < $4))::bigint AS overdue,
			coalesce(sum(amount_fen) FILTER (WHERE documented_on IS NULL AND refused_on IS NULL AND document_due < $4), 0)::bigint AS overdue_fen,
			(count(*) FILTER (WHERE `+leftAt+` > pay_due))::bigint AS late
		FROM reserve_case WHERE drawn_at >= $1 AND drawn_at < $2 AND`+notCancelled+`
		GROUP BY township ORDER BY township`, from, until, now, today)
}

// ReserveAccount is where a township's reserve of a year stands (备用金账户).
type ReserveAccount struct {
	Township   string              `json:"township"`
	Account    ledger.AccountID    `json:"account"`
	BudgetLine ledger.BudgetLineID `json:"budget_line"`
	Lot        ledger.LotID        `json:"lot"`
	Balance    money.Fen           `json:"balance"`
}

func reserveAccounts(ctx context.Context, q db.Querier, township string, year int) ([]ReserveAccount, error) {
	found, err := collect(ctx, q, "reserve accounts", func(row pgx.CollectableRow) (ReserveAccount, error) {
		var r ReserveAccount
		err := row.Scan(&r.Township, &r.Account, &r.BudgetLine, &r.Lot, &r.Balance)
		return r, err
	}, `SELECT DISTINCT r.township, r.account, r.budget_line, a.lot, a.balance_fen
		FROM reserve_allotment r JOIN account a ON a.id = r.account
		WHERE r.township = $1 AND r.year = $2 ORDER BY a.balance_fen DESC, r.budget_line`, township, year)
	if err != nil {
		return nil, fmt.Errorf("township %s: %w", township, err)
	}
	return found, nil
}
