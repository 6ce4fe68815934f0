package trace

import (
	"context"
	"io"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
	"fenlu/ledger"
	"fenlu/money"
)

// Feed is a page of what the supervision platform takes in (惠民资金在线监管, money-rules
// D2): each entitlement line with its state, not totals. Numbers are masked; a
// line's number stays the same, so the platform replaces what it had.
type Feed struct {
	Month string     `json:"month"`
	Lines []FeedLine `json:"lines"`
	Next  int64      `json:"next,omitempty"` // the line after which the next page begins
}

// FeedLine is a line with where its money stands.
type FeedLine struct {
	Line        int64     `json:"line"`
	Batch       string    `json:"batch"`
	Program     string    `json:"program"`
	Component   string    `json:"component"`
	Month       string    `json:"month"`
	Beneficiary Party     `json:"beneficiary"`
	Household   string    `json:"household,omitempty"`
	Payee       Party     `json:"payee"`
	Township    string    `json:"township"`
	Amount      money.Fen `json:"amount"`
	Paid        money.Fen `json:"paid"`
	Returned    money.Fen `json:"returned"`
	State       string    `json:"state"` // see lineState
	Documents   []string  `json:"documents"`
	Policy      string    `json:"policy"` // 文号 and clause of the standard
}

// Feed reads a page of the lines of a service month's lists, from the line after on.
func (s *Service) Feed(ctx context.Context, q db.Querier, month string, after int64, limit int) (Feed, error) {
	out := Feed{Month: month, Lines: []FeedLine{}}
	ids, err := numbers(ctx, q, "lines of a month", `SELECT l.id FROM batch b JOIN entitlement_line l ON l.batch = b.id
		WHERE b.period = $1 AND b.state <> 'cancelled' AND l.id > $2 ORDER BY l.id LIMIT $3`, month, after, limit)
	if err != nil {
		return out, err
	}
	list, err := s.lines(ctx, q, ids)
	if err != nil {
		return out, err
	}
	for i := len(list) - 1; i >= 0; i-- { // lines come newest first
		out.Lines = append(out.Lines, list[i].fed())
	}
	if len(ids) == limit {
		out.Next = ids[len(ids)-1]
	}
	return out, nil
}

// fed is the line as the platform reads it.
func (l Line) fed() FeedLine {
	f := FeedLine{Line: l.ID, Batch: l.BatchCode, Program: l.Program, Component: l.Component, Month: l.Month, Beneficiary: l.Beneficiary, Household: l.HouseholdCode,
		Payee: l.Payee, Township: l.Township, Amount: l.Amount, State: l.State, Documents: []string{}, Policy: joined(l.Policy.Document, l.Policy.Clause)}
	seen := map[string]bool{}
	for _, g := range l.Legs {
		switch g.Place {
		case placeGivenBack:
			continue
		case l.paidPlace():
			f.Paid += g.Amount
		case string(ledger.Returned):
			f.Returned += g.Amount
		}
		if !seen[g.Document] {
			seen[g.Document], f.Documents = true, append(f.Documents, g.Document)
		}
	}
	return f
}

var feedHeads = []string{">line", "fund_batch", "due_program", "pc_month", "name", "number", "change_township", ">amount", ">paid", ">returned", "rep_state", "doc"}

// Heads are the columns of Cells.
func (f Feed) Heads() []string { return feedHeads }

// Cells are the lines as rows of a table.
func (f Feed) Cells(lang i18n.Lang) [][]string {
	rows := make([][]string, len(f.Lines))
	for i, l := range f.Lines {
		rows[i] = []string{number(l.Line), l.Batch, l.Program, l.Month, l.Beneficiary.Name, l.Beneficiary.Number, l.Township, l.Amount.Grouped(), l.Paid.Grouped(),
			l.Returned.Grouped(), (&printer{lang: lang}).lineState(l.State), joined(l.Documents...)}
	}
	return rows
}

// Text prints the page.
func (f Feed) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	p.rows(f)
	p.next(number(f.Next), f.Next != 0)
	return p.err
}

// Register is the ledger of a program's people (台账, money-rules D9): who had it in
// some months, what was paid, and how it stands with each.
type Register struct {
	Program string        `json:"program"`
	From    string        `json:"from"`
	To      string        `json:"to"`
	Rows    []RegisterRow `json:"rows"`
}

// RegisterRow is somebody, or of aid that is a unit's the unit.
type RegisterRow struct {
	Party    Party     `json:"party"`
	Township string    `json:"township"`
	Class    string    `json:"class"` // of the last line
	First    string    `json:"first_month"`
	Last     string    `json:"last_month"`
	Lines    int64     `json:"lines"`
	Paid     money.Fen `json:"paid"`
	Event    string    `json:"event"` // what was last decided: approved, reviewed, changed, stopped; ""
	On       string    `json:"event_on"`
}

// Register reads the register of a program over service months, both in it.
func (s *Service) Register(ctx context.Context, q db.Querier, program, from, to string) (Register, error) {
	out := Register{Program: program, From: from, To: to}
	rows, err := collect(ctx, q, "a register", func(row pgx.CollectableRow) (RegisterRow, error) {
		var r RegisterRow
		err := row.Scan(&r.Party.ID, &r.Township, &r.Class, &r.First, &r.Last, &r.Lines, &r.Paid, &r.Event, &r.On)
		return r, err
	}, `WITH x AS (
			SELECT coalesce(l.person, l.unit) AS party, l.person, l.id, l.township, l.class, l.month,
				coalesce((SELECT sum(h.amount_fen)::bigint FROM leg h JOIN account a ON a.id = h.account AND a.kind = 'paid' WHERE h.line = l.id), 0) AS paid
			FROM batch b JOIN entitlement_line l ON l.batch = b.id AND l.status <> 'withdrawn'
			WHERE b.program = $1 AND b.period BETWEEN $2 AND $3 AND b.state <> 'cancelled')
		SELECT g.party, coalesce(ar.name, t.township), t.class, g.first, g.last, g.n, g.paid, coalesce(e.event, ''), coalesce(e.on_date::text, '')
		FROM (SELECT party, person, min(month) AS first, max(month) AS last, count(*) AS n, sum(paid)::bigint AS paid, max(id) AS newest FROM x GROUP BY party, person) g
		JOIN entitlement_line t ON t.id = g.newest
		LEFT JOIN area ar ON ar.code = t.township
		LEFT JOIN LATERAL (SELECT v.event, v.on_date FROM entitlement_event v WHERE v.person = g.person AND v.program = $1 ORDER BY v.on_date DESC, v.id DESC LIMIT 1) e ON true
		ORDER BY t.township, g.party`, program, from, to)
	if err != nil {
		return out, err
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.Party.ID
	}
	names, err := s.parties(ctx, q, ids)
	for i, r := range rows {
		if who, ok := names[r.Party.ID]; ok {
			rows[i].Party = who
		}
	}
	if out.Rows = rows; rows == nil {
		out.Rows = []RegisterRow{}
	}
	return out, err
}

var registerHeads = []string{"name", "number", "change_township", "rep_class", "rep_first", "rep_last", ">fund_lines", ">paid", "rep_event", "rep_event_on"}

// Heads are the columns of Cells.
func (r Register) Heads() []string { return registerHeads }

// Cells are the people as rows of a table.
func (r Register) Cells(lang i18n.Lang) [][]string {
	rows := make([][]string, len(r.Rows))
	for i, x := range r.Rows {
		rows[i] = []string{x.Party.Name, x.Party.Number, x.Township, x.Class, x.First, x.Last, number(x.Lines), x.Paid.Grouped(),
			i18n.Term(lang, "entitlement_event", x.Event), x.On}
	}
	return rows
}

// Text prints the register.
func (r Register) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	out := table.New(p.t("report.register", "program", r.Program, "from", r.From, "to", r.To), p.columns(registerHeads)...)
	for _, row := range r.Cells(lang) {
		out.Add(row...)
	}
	p.table(out)
	return p.err
}
