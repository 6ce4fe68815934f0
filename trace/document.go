package trace

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// Document is what became of a document (指标文件): its lines, where the money
// of each stands now and whom it reached. A document that brought no money
// itself names its roots.
type Document struct {
	DocumentRef
	Amount money.Fen      `json:"amount"` // sum of its lines
	Yuan   int64          `json:"yuan"`   // how many yuan can be asked for: 1 … yuan
	Lines  []DocumentLine `json:"lines"`
	Roots  []DocumentRef  `json:"roots"` // of a document that cuts or moves
	Places []PlaceSum     `json:"places"`
}

// DocumentLine is one line of a document. A line that brought money has the
// life of its lot with it.
type DocumentLine struct {
	Number       string    `json:"number"`
	Title        string    `json:"title"`
	IssuedOn     string    `json:"issued_on"`
	No           int       `json:"line_no"`
	Kind         string    `json:"kind"`
	Lot          int64     `json:"lot"`
	Level        string    `json:"level"`
	Fund         string    `json:"fund"`
	FunctionCode string    `json:"function_code"`
	EconomicCode string    `json:"economic_code"`
	Office       string    `json:"office"`
	TraceCode    string    `json:"trace_code"`
	Programs     string    `json:"programs"`
	Amount       money.Fen `json:"amount"`
	Journal      int64     `json:"journal"`
	FirstYuan    int64     `json:"first_yuan,omitempty"` // its yuan in the document
	LastYuan     int64     `json:"last_yuan,omitempty"`
	Now          *Lot      `json:"now,omitempty"` // the lot it brought

	// Of a line that moves money: between which budget lines, and the way from
	// the root document to the one it now stands on.
	From  *ChainStep  `json:"from,omitempty"`
	To    *ChainStep  `json:"to,omitempty"`
	Chain []ChainStep `json:"chain,omitempty"`

	size money.Fen
}

// BudgetLine is where money of a lot stands (指标行) and which line it was split
// from.
type BudgetLine struct {
	ID           int64  `json:"id"`
	Lot          int64  `json:"lot"`
	Parent       int64  `json:"parent,omitempty"`
	Purpose      string `json:"purpose"`
	Number       string `json:"number"`
	Year         int    `json:"year"`
	FunctionCode string `json:"function_code"`
	EconomicCode string `json:"economic_code"`
	Office       string `json:"office"`

	Chain []ChainStep `json:"chain"` // from the root document to this line
}

// PlaceSum is how much stands in one place. Document is the 文号 of the budget
// line, empty in a sum over several.
type PlaceSum struct {
	Place    string    `json:"place"`
	Township string    `json:"township,omitempty"`
	Document string    `json:"document,omitempty"`
	Amount   money.Fen `json:"amount"`
}

// Lot is a lot (来源) now: its size, where its fen stand, and every document that
// touched it.
type Lot struct {
	ID          int64          `json:"id"`
	Kind        string         `json:"kind"` // appropriation, receipt
	Document    string         `json:"document"`
	Level       string         `json:"level"`
	Fund        string         `json:"fund"`
	Size        money.Fen      `json:"size"`
	Cut         money.Fen      `json:"withdrawn"`
	Places      []PlaceSum     `json:"places"`
	Reach       *Reach         `json:"reach,omitempty"` // where it was counted
	BudgetLines []BudgetLine   `json:"budget_lines"`
	Documents   []DocumentLine `json:"documents"`
}

// Reach is how many payments, persons and units the money of a lot reached.
type Reach struct {
	Payments int `json:"payments"`
	Persons  int `json:"persons"`
	Units    int `json:"units"`
}

// Document traces a document by its 文号. Errors: TRACE_DOCUMENT_UNKNOWN
// (NotFound).
func (s *Service) Document(ctx context.Context, q db.Querier, number string) (Document, error) {
	ref, papers, err := findDocument(ctx, q, number)
	if err != nil {
		return Document{}, err
	}
	lots, err := lotsNow(ctx, q, lotsOf(papers))
	if err != nil {
		return Document{}, err
	}
	if err := addMoves(ctx, q, papers); err != nil {
		return Document{}, err
	}
	d := Document{DocumentRef: ref, Lines: []DocumentLine{}, Roots: []DocumentRef{}, Places: []PlaceSum{}}
	var brought money.Fen
	for _, p := range papers {
		d.Amount += p.Amount
		if p.Kind == "bring" {
			p.FirstYuan, p.LastYuan = int64(brought)/fenPerYuan+1, int64(brought+p.size+fenPerYuan-1)/fenPerYuan
			brought += p.size
			if p.Now = lots[p.Lot]; p.Now != nil {
				d.Places = addPlaces(d.Places, p.Now.Places)
			}
		}
		d.Lines = append(d.Lines, p.DocumentLine)
	}
	slices.SortStableFunc(d.Places, func(a, b PlaceSum) int { return placeOrder(a.Place) - placeOrder(b.Place) })
	d.Yuan = int64(brought+fenPerYuan-1) / fenPerYuan
	if brought == 0 {
		d.Roots, err = rootsOfLots(ctx, q, lotsOf(papers))
	}
	return d, err
}

// addMoves says of document lines that move money where from and where to.
func addMoves(ctx context.Context, q db.Querier, papers []paper) error {
	var ids []int64
	for _, p := range papers {
		if p.Kind == "move" {
			ids = append(ids, p.from, p.to)
		}
	}
	came, err := chainsOf(ctx, q, ids)
	for i, p := range papers {
		if from, to := came[p.from], came[p.to]; p.Kind == "move" && len(from) > 0 && len(to) > 0 {
			papers[i].Chain, papers[i].From, papers[i].To = to, &from[len(from)-1], &to[len(to)-1]
		}
	}
	return err
}

// CountReach counts whom the money of each of the document's lots reached: it
// reads every payment of theirs, and is no part of Document therefore.
func (d *Document) CountReach(ctx context.Context, q db.Querier) error {
	for _, l := range d.Lines {
		if l.Now != nil {
			if err := l.Now.CountReach(ctx, q); err != nil {
				return err
			}
		}
	}
	return nil
}

// CountReach counts whom the lot's money reached; it reads every payment of it.
func (l *Lot) CountReach(ctx context.Context, q db.Querier) error {
	found, err := countReach(ctx, q, []int64{l.ID})
	if l.Reach = found[l.ID]; l.Reach == nil {
		l.Reach = &Reach{}
	}
	return err
}

func findDocument(ctx context.Context, q db.Querier, number string) (DocumentRef, []paper, error) {
	ref, found, err := documentByNumber(ctx, q, normalNumber(number))
	if err != nil {
		return DocumentRef{}, nil, err
	}
	if !found {
		return DocumentRef{}, nil, errs.New(errs.NotFound, "TRACE_DOCUMENT_UNKNOWN", "number", number)
	}
	papers, err := papersOfDocument(ctx, q, ref.ID)
	return ref, papers, err
}

var yearBrackets = regexp.MustCompile(`[\[［【（(﹝]\s*(\d{4})\s*[\]］】）)﹞]`)

// normalNumber is a 文号 as it is kept, however its brackets and blanks were
// typed: 财社〔2026〕12号.
func normalNumber(number string) string {
	return strings.Join(strings.Fields(yearBrackets.ReplaceAllString(number, "〔$1〕")), "")
}

func lotsOf(papers []paper) []int64 {
	var lots []int64
	for _, p := range papers {
		lots = append(lots, p.Lot)
	}
	return distinct(lots)
}

// addPlaces sums places of several lots, by place and township.
func addPlaces(sum, more []PlaceSum) []PlaceSum {
	for _, m := range more {
		i := slices.IndexFunc(sum, func(p PlaceSum) bool { return p.Place == m.Place && p.Township == m.Township })
		if i < 0 {
			m.Document = ""
			sum = append(sum, m)
			continue
		}
		sum[i].Amount += m.Amount
	}
	return sum
}

// Lot traces a lot by its number. Errors: TRACE_LOT_UNKNOWN (NotFound).
func (s *Service) Lot(ctx context.Context, q db.Querier, id int64) (Lot, error) {
	lots, err := lotsNow(ctx, q, []int64{id})
	if err != nil {
		return Lot{}, err
	}
	if lots[id] == nil {
		return Lot{}, errs.New(errs.NotFound, "TRACE_LOT_UNKNOWN", "lot", id)
	}
	return *lots[id], nil
}

// lotsNow reads lots with all that stands in them.
func lotsNow(ctx context.Context, q db.Querier, ids []int64) (map[int64]*Lot, error) {
	list, err := lotSizes(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	out := map[int64]*Lot{}
	for i := range list {
		out[list[i].ID] = &list[i]
	}
	lines, err := budgetLinesOf(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	numbers := map[int64]string{}
	for _, b := range lines {
		numbers[b.ID] = b.Number
		if out[b.Lot] != nil {
			out[b.Lot].BudgetLines = append(out[b.Lot].BudgetLines, b)
		}
	}
	papers, err := papersOfLots(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range papers {
		if out[p.Lot] != nil {
			out[p.Lot].add(p)
		}
	}
	return out, placeLots(ctx, q, ids, out, numbers)
}

// add notes a document that touched the lot.
func (l *Lot) add(p paper) {
	l.Documents = append(l.Documents, p.DocumentLine)
	switch p.Kind {
	case "bring":
		l.Document, l.Level, l.Fund = p.Number, p.Level, p.Fund
	case "cut":
		l.Cut += p.Amount
	}
}

func placeLots(ctx context.Context, q db.Querier, ids []int64, lots map[int64]*Lot, numbers map[int64]string) error {
	units, err := unitsHold(ctx, q)
	if err != nil {
		return err
	}
	all, err := standingsOf(ctx, q, ids)
	for _, st := range all {
		lots[st.lot].Places = append(lots[st.lot].Places, st.places(numbers[st.budgetLine], units[st.account])...)
	}
	return err
}

// places is a balance as people call it: what is paid is told apart by whom it
// reached, the outside is left out, a shortfall is a positive amount.
func (st standing) places(document string, toUnits money.Fen) []PlaceSum {
	p := PlaceSum{Place: st.kind, Township: st.townName, Document: document, Amount: st.balance}
	switch ledger.AccountKind(st.kind) {
	case ledger.Appropriated:
		return nil
	case ledger.Shortfall:
		p.Amount = -p.Amount
	case ledger.Paid:
		units := p
		p.Place, units.Place = placePaidPersons, placePaidUnits
		p.Amount, units.Amount = p.Amount-toUnits, toUnits
		return slices.DeleteFunc([]PlaceSum{p, units}, func(p PlaceSum) bool { return p.Amount == 0 })
	default:
	}
	return []PlaceSum{p}
}
