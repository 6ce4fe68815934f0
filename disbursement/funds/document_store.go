package funds

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// query reads rows by the names of their columns.
func query[T any](ctx context.Context, q db.Querier, what, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return out, nil
}

// collect reads rows with a function of their own.
func collect[T any](ctx context.Context, q db.Querier, what string, scan func(pgx.CollectableRow) (T, error), sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	out, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return out, nil
}

const documentColumns = `d.id, d.number, d.title, d.type, d.kind, d.year, d.issued_on, d.received_on, d.passed_on,
	coalesce(d.import_file, 0), d.recorded_by, d.recorded_at`

func scanDocument(row pgx.CollectableRow) (Document, error) {
	var d Document
	var passed *time.Time
	err := row.Scan(&d.ID, &d.Number, &d.Title, &d.Type, &d.Kind, &d.Year, &d.IssuedOn, &d.ReceivedOn, &passed, &d.ImportFile, &d.RecordedBy, &d.RecordedAt)
	if passed != nil {
		d.PassedOn = *passed
	}
	return d, err
}

const lineColumns = `dl.id, dl.document, dl.line_no, dl.kind, dl.lot, dl.level, dl.fund, dl.function_code, dl.economic_code, dl.office,
	dl.trace_code, dl.tags, dl.programs, coalesce(dl.cuts_line, 0), coalesce(dl.from_budget_line, 0), coalesce(dl.to_budget_line, 0),
	dl.cash_arrived_fen, dl.amount_fen, dl.journal`

func scanLine(row pgx.CollectableRow) (Line, error) {
	var l Line
	err := row.Scan(&l.ID, &l.Document, &l.LineNo, &l.Kind, &l.Lot, &l.Level, &l.Fund, &l.FunctionCode, &l.EconomicCode, &l.Office,
		&l.TraceCode, &l.Tags, &l.Programs, &l.CutsLine, &l.From, &l.To, &l.CashArrived, &l.Amount, &l.Journal)
	return l, err
}

// FindDocument is the document with a 文号, and its lines in order. Errors:
// FUNDS_DOCUMENT_UNKNOWN (NotFound).
func (s *Service) FindDocument(ctx context.Context, q db.Querier, number string) (Document, []Line, error) {
	found, err := documentsByNumber(ctx, q, []string{NormalNumber(number)})
	if err != nil {
		return Document{}, nil, err
	}
	if len(found) == 0 {
		return Document{}, nil, errs.New(errs.NotFound, "FUNDS_DOCUMENT_UNKNOWN", "number", number)
	}
	lines, err := linesOfDocuments(ctx, q, []DocumentID{found[0].ID})
	return found[0], lines, err
}

func documentsByNumber(ctx context.Context, q db.Querier, numbers []string) ([]Document, error) {
	return collect(ctx, q, "find documents", scanDocument,
		`SELECT `+documentColumns+` FROM document d WHERE d.number = ANY($1) ORDER BY d.id`, numbers)
}

func linesOfDocuments(ctx context.Context, q db.Querier, ids []DocumentID) ([]Line, error) {
	return collect(ctx, q, "lines of documents", scanLine,
		`SELECT `+lineColumns+` FROM document_line dl WHERE dl.document = ANY($1) ORDER BY dl.document, dl.line_no`, ids)
}

// keys are the keys of a map, sorted.
func keys[K interface{ ~int32 }, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func knownPrograms(ctx context.Context, q db.Querier) (map[string]bool, error) {
	codes, err := collect(ctx, q, "programs", pgx.RowTo[string], `SELECT code FROM program`)
	out := map[string]bool{}
	for _, c := range codes {
		out[c] = true
	}
	return out, err
}

// nextID draws one id that fits the integer keys of this domain.
func nextID[T ~int32](ctx context.Context, tx pgx.Tx, sequence string) (T, error) {
	id, err := db.NextID(ctx, tx, sequence)
	return T(id), err
}

func insertDocument(ctx context.Context, tx pgx.Tx, d Document) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO document (id, number, title, type, kind, year, issued_on, received_on, passed_on, import_file, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		d.ID, d.Number, d.Title, d.Type, d.Kind, d.Year, d.IssuedOn, d.ReceivedOn, orNull(d.PassedOn, d.PassedOn.IsZero()),
		orNull(d.ImportFile, d.ImportFile == 0), d.RecordedBy, d.RecordedAt)
	if err != nil {
		return fmt.Errorf("record document %s: %w", d.Number, err)
	}
	return nil
}

// orNull is v, or nothing.
func orNull[T any](v T, null bool) *T {
	if null {
		return nil
	}
	return &v
}

func insertLines(ctx context.Context, tx pgx.Tx, lines []Line) error {
	_, err := db.CopyIn(ctx, tx, "document_line", []string{"id", "document", "line_no", "kind", "lot", "level", "fund", "function_code",
		"economic_code", "office", "trace_code", "tags", "programs", "cuts_line", "from_budget_line", "to_budget_line", "cash_arrived_fen",
		"amount_fen", "journal"}, len(lines), func(i int) ([]any, error) {
		l := lines[i]
		return []any{l.ID, l.Document, l.LineNo, string(l.Kind), l.Lot, string(l.Level), l.Fund, l.FunctionCode, l.EconomicCode, l.Office,
			l.TraceCode, l.Tags, l.Programs, orNull(l.CutsLine, l.CutsLine == 0), orNull(l.From, l.From == 0), orNull(l.To, l.To == 0),
			l.CashArrived, l.Amount, l.Journal}, nil
	})
	return err
}

func insertBudgetLines(ctx context.Context, tx pgx.Tx, lines []BudgetLine) error {
	_, err := db.CopyIn(ctx, tx, "budget_line", []string{"id", "lot", "parent", "document_line", "purpose", "number", "year", "function_code",
		"economic_code", "office"}, len(lines), func(i int) ([]any, error) {
		b := lines[i]
		return []any{b.ID, b.Lot, orNull(b.Parent, b.Parent == 0), b.DocumentLine, string(b.Purpose), b.Number, b.Year, b.FunctionCode,
			b.EconomicCode, b.Office}, nil
	})
	return err
}

// shortOf is what a journal could not take from lots: the claims it opened.
func shortOf(ctx context.Context, q db.Querier, journal ledger.JournalID, lots []ledger.LotID) (money.Fen, error) {
	var short money.Fen
	err := q.QueryRow(ctx, `SELECT coalesce(sum(c.amount_fen), 0)::bigint FROM claim c WHERE c.lot = ANY($2) AND c.journal = $1`, journal, lots).Scan(&short)
	if err != nil {
		return 0, fmt.Errorf("shortfall of journal %d: %w", journal, err)
	}
	return short, nil
}
