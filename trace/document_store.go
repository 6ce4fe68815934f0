package trace

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/money"
)

const documentColumns = `d.id, d.number, d.title, d.kind, d.year, d.issued_on::text, d.received_on::text`

func scanDocument(row pgx.CollectableRow) (DocumentRef, error) {
	var d DocumentRef
	err := row.Scan(&d.ID, &d.Number, &d.Title, &d.Kind, &d.Year, &d.IssuedOn, &d.ReceivedOn)
	return d, err
}

// documentByNumber finds a document by its 文号.
func documentByNumber(ctx context.Context, q db.Querier, number string) (DocumentRef, bool, error) {
	found, err := collect(ctx, q, "document", scanDocument, `SELECT `+documentColumns+` FROM document d WHERE d.number = $1`, number)
	if err != nil || len(found) == 0 {
		return DocumentRef{}, false, err
	}
	return found[0], true, nil
}

// rootsOfLots are the documents that brought lots, in order.
func rootsOfLots(ctx context.Context, q db.Querier, lots []int64) ([]DocumentRef, error) {
	return collect(ctx, q, "root documents", scanDocument, `SELECT `+documentColumns+` FROM document d
		WHERE d.id = ANY(ARRAY(SELECT dl.document FROM document_line dl WHERE dl.lot = ANY($1) AND dl.kind = 'bring')) ORDER BY d.id`, distinct(lots))
}

// paper is a document line as stored, with its document.
type paper struct {
	DocumentLine
	from, to int64
}

const paperColumns = `SELECT d.number, d.title, d.issued_on::text, dl.line_no, dl.kind, dl.lot, dl.level, dl.fund, dl.function_code, dl.economic_code,
	dl.office, dl.trace_code, dl.programs, dl.amount_fen, dl.journal, coalesce(l.size_fen, 0), coalesce(dl.from_budget_line, 0), coalesce(dl.to_budget_line, 0)
	FROM document_line dl JOIN document d ON d.id = dl.document LEFT JOIN lot l ON l.id = dl.lot`

func scanPaper(row pgx.CollectableRow) (paper, error) {
	var p paper
	err := row.Scan(&p.Number, &p.Title, &p.IssuedOn, &p.No, &p.Kind, &p.Lot, &p.Level, &p.Fund, &p.FunctionCode, &p.EconomicCode,
		&p.Office, &p.TraceCode, &p.Programs, &p.Amount, &p.Journal, &p.size, &p.from, &p.to)
	return p, err
}

func papersOfDocument(ctx context.Context, q db.Querier, document int64) ([]paper, error) {
	return collect(ctx, q, "document lines", scanPaper, paperColumns+` WHERE dl.document = $1 ORDER BY dl.line_no`, document)
}

// papersOfLots reads every document line that touched the lots, in order.
func papersOfLots(ctx context.Context, q db.Querier, lots []int64) ([]paper, error) {
	return collect(ctx, q, "documents of lots", scanPaper, paperColumns+` WHERE dl.lot = ANY($1) ORDER BY dl.id`, lots)
}

// budgetLinesOf reads the budget lines of lots, each after the one it was
// split from.
func budgetLinesOf(ctx context.Context, q db.Querier, lots []int64) ([]BudgetLine, error) {
	list, err := collect(ctx, q, "budget lines", func(row pgx.CollectableRow) (BudgetLine, error) {
		var b BudgetLine
		err := row.Scan(&b.ID, &b.Lot, &b.Parent, &b.Purpose, &b.Number, &b.Year, &b.FunctionCode, &b.EconomicCode, &b.Office)
		return b, err
	}, `SELECT id, lot, coalesce(parent, 0), purpose, number, year, function_code, economic_code, office
		FROM budget_line WHERE lot = ANY($1) ORDER BY lot, id`, lots)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, b := range list {
		ids = append(ids, b.ID)
	}
	came, err := chainsOf(ctx, q, ids)
	for i, b := range list {
		list[i].Chain = came.of(b.ID)
	}
	return list, err
}

// standing is the balance of one account.
type standing struct {
	lot, account, budgetLine int64
	kind, township, townName string
	balance                  money.Fen
}

func standingsOf(ctx context.Context, q db.Querier, lots []int64) ([]standing, error) {
	return collect(ctx, q, "balances", scanStanding, `
		SELECT a.lot, a.id, a.budget_line, a.kind, a.township, coalesce(ar.name, a.township), a.balance_fen
		FROM account a LEFT JOIN area ar ON ar.code = a.township
		WHERE a.lot = ANY($1) AND a.balance_fen <> 0 ORDER BY a.lot, a.id`, lots)
}

func scanStanding(row pgx.CollectableRow) (standing, error) {
	var s standing
	err := row.Scan(&s.lot, &s.account, &s.budgetLine, &s.kind, &s.township, &s.townName, &s.balance)
	return s, err
}

// countReach walks the paid legs of lots by the lots' own pieces: it reads every
// payment of theirs.
func countReach(ctx context.Context, q db.Querier, lots []int64) (map[int64]*Reach, error) {
	out, lot := map[int64]*Reach{}, int64(0)
	_, err := collect(ctx, q, "who was paid", func(row pgx.CollectableRow) (Reach, error) {
		var r Reach
		err := row.Scan(&lot, &r.Payments, &r.Persons, &r.Units)
		out[lot] = &r
		return r, err
	}, `SELECT p.lot, count(DISTINCT h.payment), count(DISTINCT e.person), count(DISTINCT e.unit)
		FROM piece p
		JOIN leg h ON h.id = p.holding
		JOIN account a ON a.id = h.account AND a.kind = 'paid'
		LEFT JOIN entitlement_line e ON e.id = h.line
		WHERE p.lot = ANY($1) GROUP BY p.lot`, lots)
	return out, err
}

// lotSizes reads lots in order, empty but for their size.
func lotSizes(ctx context.Context, q db.Querier, ids []int64) ([]Lot, error) {
	return collect(ctx, q, "lots", func(row pgx.CollectableRow) (Lot, error) {
		l := Lot{Places: []PlaceSum{}, BudgetLines: []BudgetLine{}, Documents: []DocumentLine{}}
		err := row.Scan(&l.ID, &l.Kind, &l.Size)
		return l, err
	}, `SELECT id, kind, size_fen FROM lot WHERE id = ANY($1) ORDER BY id`, ids)
}
