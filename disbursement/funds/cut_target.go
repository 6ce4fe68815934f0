package funds

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/sheet"
	"fenlu/ledger"
	"fenlu/money"
)

// target is a line that a cut may name, with what was cut from it so far. A line
// that settled advance notices is cut where its money entered: in its own lot,
// which has only the difference, then in the lots of the notices.
type target struct {
	Line    Line
	Number  string
	Year    int
	Issued  time.Time
	Cut     money.Fen
	Settled []*target // lines of advance notices that it includes, the newest first
}

// lines are the target and what it includes.
func (t *target) lines() []*target { return append([]*target{t}, t.Settled...) }

// brought and cut are what all its lines brought, and what was cut from them.
func (t *target) brought() (sum, cut money.Fen, err error) {
	for _, l := range t.lines() {
		cut += l.Cut // not more than what it brought
		if sum, err = money.Add(sum, l.Line.Amount); err != nil {
			return 0, 0, err
		}
	}
	return sum, cut, nil
}

// has says whether one of its lines is the one on record.
func (t *target) has(id LineID) bool {
	return slices.ContainsFunc(t.lines(), func(l *target) bool { return l.Line.ID == id })
}

// cutShare is what a cut takes from one line.
type cutShare struct {
	from   *target
	amount money.Fen
}

// take shares a cut out to the lines in order.
func (t *target) take(amount money.Fen) []cutShare {
	var out []cutShare
	for _, l := range t.lines() {
		if take := min(amount, l.Line.Amount-l.Cut); take > 0 {
			l.Cut += take
			amount -= take
			out = append(out, cutShare{l, take})
		}
	}
	return out
}

// targetsOf finds the lines that the cuts of a file name, and locks their lots
// in order, so that two cuts of one line are seen one after the other.
func targetsOf(ctx context.Context, tx pgx.Tx, numbers []string) (map[lineKey]*target, error) {
	out := map[lineKey]*target{}
	if len(numbers) == 0 {
		return out, nil
	}
	documents, err := documentsByNumber(ctx, tx, numbers)
	if err != nil {
		return nil, err
	}
	byID := map[DocumentID]Document{}
	for _, d := range documents {
		byID[d.ID] = d
	}
	lines, err := linesOfDocuments(ctx, tx, keys(byID))
	if err != nil {
		return nil, err
	}
	byLot := map[ledger.LotID]*target{}
	byLine := map[LineID]*target{}
	for _, l := range lines {
		d := byID[l.Document]
		t := &target{Line: l, Number: d.Number, Year: d.Year, Issued: d.IssuedOn}
		out[lineKey{d.Number, l.LineNo}] = t
		if l.Kind == Bring {
			byLot[l.Lot], byLine[l.ID] = t, t
		}
	}
	if err := settledTargets(ctx, tx, byID, out, byLot, byLine); err != nil {
		return nil, err
	}
	return out, cutsSoFar(ctx, tx, byLot)
}

// settledTargets adds the lines of advance notices to the lines that settled them.
func settledTargets(ctx context.Context, tx pgx.Tx, documents map[DocumentID]Document, out map[lineKey]*target, byLot map[ledger.LotID]*target, byLine map[LineID]*target) error {
	inclusions, err := inclusionsOf(ctx, tx, keys(documents))
	if err != nil || len(inclusions) == 0 {
		return err
	}
	advances, err := advanceLines(ctx, tx, keys(inclusions))
	if err != nil {
		return err
	}
	for _, a := range advances {
		d := documents[a.settledBy]
		key := lineKey{d.Number, a.settledAt}
		t := out[key]
		if t == nil || t.Line.Kind != Bring { // it brought nothing beside them
			t = &target{Line: a.entered(a.settledAt), Number: d.Number, Year: d.Year, Issued: d.IssuedOn}
			out[key] = t
		}
		at, known := byLine[a.line.ID]
		if !known {
			at = &target{Line: a.line, Number: a.number, Year: a.year, Issued: d.IssuedOn}
			byLine[a.line.ID], byLot[a.line.Lot] = at, at
		}
		t.Settled = append(t.Settled, at)
	}
	return nil
}

// entered is a line that brought nothing beside an advance notice.
func (a *advance) entered(lineNo int) Line {
	return Line{LineNo: lineNo, Kind: Bring, Level: a.line.Level, Fund: a.line.Fund}
}

func cutsSoFar(ctx context.Context, tx pgx.Tx, byLot map[ledger.LotID]*target) error {
	lots := keys(byLot)
	if _, err := tx.Exec(ctx, `SELECT id FROM lot WHERE id = ANY($1) ORDER BY id FOR UPDATE`, lots); err != nil {
		return fmt.Errorf("lock lots: %w", err)
	}
	type cut struct {
		Lot    ledger.LotID `db:"lot"`
		Amount money.Fen    `db:"amount_fen"`
	}
	cuts, err := query[cut](ctx, tx, "cuts so far", `SELECT lot, sum(amount_fen)::bigint AS amount_fen
		FROM document_line WHERE lot = ANY($1) AND kind = 'cut' GROUP BY lot`, lots)
	for _, c := range cuts {
		byLot[c.Lot].Cut = c.Amount
	}
	return err
}

// targetOf is the target that a new line makes. One that settles advance notices
// includes theirs, and cuts them where it brings less.
func (in *importing) targetOf(r sheet.Record[documentRow]) *target {
	v := r.Value
	t := &target{Line: v.line(), Number: v.Number, Year: v.Year, Issued: v.IssuedOn}
	s, settles := in.settles[lineKey{v.Number, v.LineNo}]
	if !settles {
		return t
	}
	t.Line.Amount = max(v.Amount-s.sum, 0)
	for _, a := range slices.Backward(s.advances) {
		key := lineKey{a.number, a.line.LineNo}
		at := in.targets[key]
		if at == nil {
			at = &target{Line: a.line, Number: a.number, Year: a.year, Issued: v.IssuedOn, Cut: a.line.Amount - a.left}
			in.targets[key] = at
		}
		t.Settled = append(t.Settled, at)
	}
	t.take(max(s.sum-v.Amount, 0))
	return t
}

// addCut adds a line that cuts, a share for each lot that it takes from.
func (in *importing) addCut(ctx context.Context, m *making, r documentRow) error {
	d := decision{aside: r.FromAside, reserve: r.FromReserve}
	for _, share := range in.cuts[lineKey{r.Number, r.LineNo}] {
		from := share.from.Line
		if here, recorded := in.lines[lineKey{share.from.Number, from.LineNo}]; recorded {
			from = here
		}
		l := r.line()
		l.Amount, l.CutsLine, l.Lot, l.From = share.amount, from.ID, from.Lot, from.To
		if err := m.cut(ctx, l, &d); err != nil {
			return err
		}
	}
	return nil
}

// advanceLines finds the lines of advance notices that documents settled, the
// newest first.
func advanceLines(ctx context.Context, q db.Querier, documents []DocumentID) ([]*advance, error) {
	return collect(ctx, q, "advance notices that are settled", func(row pgx.CollectableRow) (*advance, error) {
		a := &advance{}
		l := &a.line
		err := row.Scan(&a.settledBy, &a.settledAt, &a.number, &a.year, &l.ID, &l.LineNo, &l.Lot, &l.Level, &l.Fund, &l.To, &l.Amount)
		l.Kind = Bring
		return a, err
	}, `SELECT i.document, i.line_no, d.number, d.year, dl.id, dl.line_no, dl.lot, dl.level, dl.fund, dl.to_budget_line, dl.amount_fen
		FROM document_inclusion i JOIN document_line dl ON dl.id = i.advance_line JOIN document d ON d.id = dl.document
		WHERE i.document = ANY($1) AND i.word <> 'within' ORDER BY i.document, i.line_no, d.id DESC, dl.line_no DESC`, documents)
}
