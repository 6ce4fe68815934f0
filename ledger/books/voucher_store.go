package books

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

func contains(list []string, s string) bool { return slices.Contains(list, s) }

func settingNames() []string {
	var names []string
	for name := range choices {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// noRows is err unless it says that there is no row.
func noRows(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// lockMaking lets one at a time make vouchers or change what they are made by.
func lockMaking(ctx context.Context, tx pgx.Tx) error {
	var last int64
	err := tx.QueryRow(ctx, `SELECT last FROM voucher_number WHERE office = '' AND book = '' AND period = '' FOR UPDATE`).Scan(&last)
	if err != nil {
		return fmt.Errorf("lock the making of vouchers: %w", err)
	}
	return nil
}

// officesKnown are the offices (单位) that budget lines are of.
func officesKnown(ctx context.Context, q db.Querier) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT office FROM budget_fact WHERE office <> '' ORDER BY office`)
	if err != nil {
		return nil, fmt.Errorf("read offices: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// knownOffice refuses an office that no budget line is of; empty is every one.
// Errors: VOUCHER_OFFICE_UNKNOWN (Invalid).
func knownOffice(ctx context.Context, q db.Querier, office string) error {
	if office == "" {
		return nil
	}
	offices, err := officesKnown(ctx, q)
	if err != nil || contains(offices, office) {
		return err
	}
	return errs.New(errs.Invalid, "VOUCHER_OFFICE_UNKNOWN", "office", office, "offices", strings.Join(offices, "、"))
}

// unread are the journals that the books have not read: of the days from … to,
// and of closed months before. It reads the headers of all journals up to then,
// once for each making.
func unread(ctx context.Context, tx pgx.Tx, from, to time.Time) ([]int64, error) {
	closed, err := ledger.ClosedPeriods(ctx, tx, "0000-00", from.Format("2006-01"))
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT j.id FROM journal j LEFT JOIN voucher_journal v ON v.journal = j.id
		WHERE v.journal IS NULL AND j.business_date <= $2 AND (j.business_date >= $1 OR substring(j.business_date::text, 1, 7) = ANY($3))
		ORDER BY j.id`, from, to, append([]string{}, closed...))
	if err != nil {
		return nil, fmt.Errorf("find journals without vouchers: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// movements are what journals moved, summed by what matters to an accountant.
// Where the money is of, its budget line says; who it is for and which batch, the
// payment; whether what came back or was undone was of an earlier year, the
// journal that paid or froze it.
func movements(ctx context.Context, tx pgx.Tx, journals []int64, from time.Time) ([]movement, error) {
	rows, err := tx.Query(ctx, `
		SELECT m.journal, m.day, m.from_kind, m.to_kind, coalesce(b.office, ''), coalesce(b.purpose, 'benefit'), coalesce(b.function_code, ''),
			coalesce(b.economic_code, ''), coalesce(b.level, ''), coalesce(m.payee, ''), coalesce(x.program, ''), coalesce(nullif(m.township, ''), x.township, ''),
			coalesce(x.code, m.memo), coalesce(m.batch, 0), m.cause, m.prior, sum(m.amount_fen)::bigint
		FROM (
			SELECT d.id AS journal, d.day, d.cause, d.memo, c.kind AS from_kind, e.kind AS to_kind, coalesce(nullif(e.township, ''), c.township) AS township,
				CASE WHEN c.kind IN ('frozen', 'in_transit', 'returned', 'paid', 'reserve', 'suspense') THEN c.budget_line ELSE e.budget_line END AS budget_line,
				p.payee, coalesce(p.batch, d.batch) AS batch, t.amount_fen,
				CASE WHEN c.kind = 'paid' AND e.kind = 'returned' THEN coalesce((SELECT max(q.business_date) FROM paid_fact y JOIN journal q ON q.id = y.journal
						WHERE y.payment = t.payment AND y.journal < d.id), d.day) < d.first
					WHEN c.kind IN ('frozen', 'in_transit', 'returned') AND e.kind IN ('available', 'carveout', 'reserve') THEN coalesce((SELECT min(q.business_date) FROM journal q
						WHERE q.cause = 'batch:' || coalesce(p.batch, d.batch)::text AND q.kind = 'freeze'), d.day) < d.first
					ELSE false END AS prior
			FROM (SELECT id, greatest(business_date, $2::date) AS day, $3::date AS first, cause, memo,
					CASE WHEN cause LIKE 'batch:%' THEN substring(cause, 7)::bigint END AS batch FROM journal WHERE id = ANY($1)) d
			JOIN transfer t ON t.journal = d.id
			JOIN account c ON c.id = t.credit
			JOIN account e ON e.id = t.debit
			LEFT JOIN payment_fact p ON p.payment = t.payment
			WHERE c.kind <> e.kind
		) m
		LEFT JOIN budget_fact b ON b.budget_line = m.budget_line
		LEFT JOIN batch_fact x ON x.batch = m.batch
		GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
		ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16`,
		journals, from, time.Date(from.Year(), time.January, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return nil, fmt.Errorf("read movements: %w", err)
	}
	var all []movement
	for rows.Next() {
		m, err := scanMovement(rows)
		if err != nil {
			rows.Close()
			return nil, err
		}
		if m.event != "" {
			all = append(all, m)
		}
	}
	return all, rows.Err()
}

// accrued tells each movement of a batch whether the books have accrued what that
// batch owes an office, where they have read it: a setting that changes while
// money is on its way changes nothing for that money.
func accrued(ctx context.Context, q db.Querier, moved []movement) error {
	var causes []string
	for _, m := range moved {
		causes = append(causes, m.cause)
	}
	slices.Sort(causes)
	causes = slices.Compact(causes)
	rows, err := q.Query(ctx, `
		SELECT j.cause, coalesce(v.office, ''), v.id IS NOT NULL FROM journal j JOIN voucher_event e ON e.journal = j.id AND e.event = 'due'
			LEFT JOIN voucher v ON v.cause = j.cause AND v.event = 'due' AND v.book = 'financial'
		WHERE j.cause = ANY($1) GROUP BY 1, 2, 3`, causes)
	if err != nil {
		return fmt.Errorf("read what was accrued: %w", err)
	}
	read, booked := map[string]bool{}, map[[2]string]bool{}
	var cause, office string
	var made bool
	_, err = pgx.ForEachRow(rows, []any{&cause, &office, &made}, func() error {
		read[cause] = true
		booked[[2]string{cause, office}] = booked[[2]string{cause, office}] || made
		return nil
	})
	for i := range moved {
		m := &moved[i]
		switch {
		case booked[[2]string{m.cause, m.office}]:
			m.accrual = "on"
		case read[m.cause]:
			m.accrual = "off"
		}
	}
	return err
}

func scanMovement(row pgx.CollectableRow) (movement, error) {
	var m movement
	var h hop
	var batch int64
	var prior bool
	err := row.Scan(&m.journal, &m.day, &h.from, &h.to, &m.office, &m.purpose, &m.dims.function, &m.dims.economic, &m.dims.level, &m.dims.payee,
		&m.dims.program, &m.dims.township, &m.about, &batch, &m.cause, &prior, &m.amount)
	if err != nil {
		return m, fmt.Errorf("read movement: %w", err)
	}
	m.event = h.event()
	if batch != 0 {
		m.cause = batchCause(batch)
	} else if i := strings.IndexByte(m.cause, '/'); i > 0 {
		m.cause = m.cause[:i]
	}
	if m.event == ReturnedBack || m.event == DueUndone {
		m.condition = SameYear
		if prior {
			m.condition = PriorYear
		}
	}
	return m, nil
}

// keep stores the vouchers, and what each journal was read as.
func (m *making) keep(ctx context.Context, tx pgx.Tx, journals []int64) error {
	if err := m.number(ctx, tx); err != nil {
		return err
	}
	if err := m.insert(ctx, tx); err != nil {
		return err
	}
	_, err := db.CopyIn(ctx, tx, "voucher_journal", []string{"journal", "period"}, len(journals), func(i int) ([]any, error) {
		return []any{journals[i], string(m.period)}, nil
	})
	if err != nil {
		return err
	}
	return m.insertEvents(ctx, tx)
}

// insert stores the drafts with their lines and sources.
func (m *making) insert(ctx context.Context, tx pgx.Tx) error {
	var lines, sources [][]any
	for _, d := range m.drafts {
		for _, l := range d.Lines {
			lines = append(lines, []any{d.ID, l.Line, l.Account, string(l.Side), l.Amount, l.Function, l.Economic, l.Level, l.Program, l.Payee, l.Township})
			for _, s := range l.Sources {
				sources = append(sources, []any{d.ID, l.Line, s.Journal, s.Amount})
			}
		}
	}
	_, err := db.CopyIn(ctx, tx, "voucher", []string{"id", "voucher_group", "office", "book", "period", "no", "voucher_date", "event", "condition", "cause", "about",
		"line_count", "amount_fen", "made_by", "made_at"}, len(m.drafts), func(i int) ([]any, error) {
		d := m.drafts[i]
		return []any{d.ID, d.Group, d.Office, string(d.Book), string(d.Period), d.No, d.Date, string(d.Event), string(d.Condition), d.Cause, d.About,
			len(d.Lines), d.Amount, d.MadeBy, d.MadeAt}, nil
	})
	if err != nil {
		return err
	}
	_, err = db.CopyIn(ctx, tx, "voucher_line", []string{"voucher", "line", "account", "side", "amount_fen", "function_code", "economic_code", "level", "program",
		"payee", "township"}, len(lines), func(i int) ([]any, error) { return lines[i], nil })
	if err != nil {
		return err
	}
	_, err = db.CopyIn(ctx, tx, "voucher_source", []string{"voucher", "line", "journal", "amount_fen"}, len(sources),
		func(i int) ([]any, error) { return sources[i], nil })
	return err
}

func (m *making) insertEvents(ctx context.Context, tx pgx.Tx) error {
	var keys []eventKey
	for k := range m.events {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareEvents)
	n := map[eventKey]int{}
	_, err := db.CopyIn(ctx, tx, "voucher_event", []string{"journal", "event", "n", "amount_fen", "financial", "budget"}, len(keys), func(i int) ([]any, error) {
		k := keys[i]
		of := eventKey{journal: k.journal, event: k.event}
		n[of]++
		return []any{k.journal, string(k.event), n[of], m.events[k], k.financial, k.budget}, nil
	})
	return err
}

func compareEvents(a, b eventKey) int {
	return cmp.Or(cmp.Compare(a.journal, b.journal), cmp.Compare(a.event, b.event), cmp.Compare(a.financial, b.financial), cmp.Compare(a.budget, b.budget))
}

// VoucherQuery says which vouchers: of a period (a month or a year), of a book
// and office where they are not empty.
type VoucherQuery struct {
	Period Period
	Book   Book
	Office string
	After  int64 // skips that many
	Limit  int
}

const voucherColumns = `v.id, v.voucher_group, v.office, v.book, v.period, v.no, v.voucher_date, v.event, v.condition, v.cause, v.about, v.line_count, v.amount_fen, v.made_by, v.made_at`

func scanVoucher(row pgx.CollectableRow) (Voucher, error) {
	var v Voucher
	err := row.Scan(&v.ID, &v.Group, &v.Office, &v.Book, &v.Period, &v.No, &v.Date, &v.Event, &v.Condition, &v.Cause, &v.About, &v.lineCount, &v.Amount, &v.MadeBy, &v.MadeAt)
	return v, err
}

// Vouchers are the vouchers of a period in the order of their numbers, without
// their lines; After skips that many. Errors: PERIOD_NAME, VOUCHER_OFFICE_UNKNOWN.
func Vouchers(ctx context.Context, q db.Querier, ask VoucherQuery) ([]Voucher, error) {
	months, err := ask.Period.Months()
	if err != nil {
		return nil, err
	}
	if err := knownOffice(ctx, q, ask.Office); err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT `+voucherColumns+` FROM voucher v
		WHERE v.period = ANY($1) AND ($2 = '' OR v.book = $2) AND ($3 = '' OR v.office = $3)
		ORDER BY v.period, v.office, v.book DESC, v.no LIMIT $4 OFFSET $5`, months, string(ask.Book), ask.Office, ask.Limit, ask.After)
	if err != nil {
		return nil, fmt.Errorf("read vouchers: %w", err)
	}
	return pgx.CollectRows(rows, scanVoucher)
}

// WithLines reads the lines of vouchers with their accounts' names and sources.
func WithLines(ctx context.Context, q db.Querier, list []Voucher) ([]Voucher, error) {
	at, ids := map[int64]int{}, make([]int64, len(list))
	for i, v := range list {
		at[v.ID], ids[i] = i, v.ID
	}
	rows, err := q.Query(ctx, `SELECT l.voucher, l.line, l.account, l.side, l.amount_fen, l.function_code, l.economic_code, l.level, l.program, l.payee, l.township,
			coalesce(a.name_zh, ''), coalesce(a.name_en, '')
		FROM voucher_line l JOIN voucher v ON v.id = l.voucher
		LEFT JOIN voucher_account a ON a.year = substring(v.period, 1, 4)::bigint AND a.code = l.account
		WHERE l.voucher = ANY($1) ORDER BY l.voucher, l.line`, ids)
	if err != nil {
		return nil, fmt.Errorf("read voucher lines: %w", err)
	}
	var id int64
	var l VoucherLine
	_, err = pgx.ForEachRow(rows, []any{&id, &l.Line, &l.Account, &l.Side, &l.Amount, &l.Function, &l.Economic, &l.Level, &l.Program, &l.Payee, &l.Township,
		&l.NameZH, &l.NameEN}, func() error {
		list[at[id]].Lines = append(list[at[id]].Lines, l)
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows, err = q.Query(ctx, `SELECT voucher, line, journal, amount_fen FROM voucher_source WHERE voucher = ANY($1) ORDER BY voucher, line, journal`, ids)
	if err != nil {
		return nil, fmt.Errorf("read voucher sources: %w", err)
	}
	var line int
	var journal int64
	var amount money.Fen
	_, err = pgx.ForEachRow(rows, []any{&id, &line, &journal, &amount}, func() error {
		to := &list[at[id]].Lines[line-1]
		to.Sources = append(to.Sources, Source{journal, amount})
		return nil
	})
	return list, err
}

// VouchersOfNumber are the vouchers with a number as it is filed: one, or one of
// each office. Errors: VOUCHER_UNKNOWN (NotFound).
func VouchersOfNumber(ctx context.Context, q db.Querier, number, office string) ([]Voucher, error) {
	unknown := errs.New(errs.NotFound, "VOUCHER_UNKNOWN", "number", number)
	parts := strings.Split(number, "-")
	if len(parts) != 4 {
		return nil, unknown
	}
	no, err := strconv.ParseInt(parts[3], 10, 64)
	book := map[string]Book{"f": Financial, "b": Budget, "财": Financial, "预": Budget}[parts[2]]
	if err != nil || book == "" {
		return nil, unknown
	}
	rows, err := q.Query(ctx, `SELECT `+voucherColumns+` FROM voucher v WHERE v.period = $1 AND ($2 = '' OR v.office = $2) AND v.book = $3 AND v.no = $4 ORDER BY v.office`,
		parts[0]+"-"+parts[1], office, string(book), no)
	if err != nil {
		return nil, fmt.Errorf("read voucher %s: %w", number, err)
	}
	list, err := pgx.CollectRows(rows, scanVoucher)
	if err == nil && len(list) == 0 {
		err = unknown
	}
	return list, err
}
