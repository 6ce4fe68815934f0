package trace

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

const fenPerYuan = 100

// YuanQuery asks for the Nth yuan, from 1, of a document (文号), or of a lot
// where Lot is given.
type YuanQuery struct {
	Document string
	Lot      int64
	Nth      int64
}

// Yuan says where one yuan of a document is: who holds each of its fen now,
// and who held them before. The yuan of a document are counted over its lots
// end to end in line order. A document that brought no money itself has no
// parts and names its roots.
type Yuan struct {
	Document *DocumentRef  `json:"document,omitempty"`
	Lot      int64         `json:"lot,omitempty"`
	Nth      int64         `json:"nth"`
	Of       int64         `json:"of"` // how many yuan there are
	Size     money.Fen     `json:"size"`
	Parts    []YuanPart    `json:"parts"`
	Lines    []Line        `json:"lines"`    // that hold or held a fen of it
	Payments []Payment     `json:"payments"` // of these lines
	Roots    []DocumentRef `json:"roots"`
}

// YuanPart is a run of fen of the yuan with one past: fen First to Last of it
// (from 1), at addresses of one lot. Stages is its life, oldest first; the last
// is where it is now.
type YuanPart struct {
	First    int       `json:"first"`
	Last     int       `json:"last"`
	Lot      int64     `json:"lot"`
	LineNo   int       `json:"line_no,omitempty"`
	Offset   money.Fen `json:"offset"`
	Amount   money.Fen `json:"amount"`
	Place    string    `json:"place"`
	Township string    `json:"township,omitempty"`
	Document string    `json:"budget_line,omitempty"` // 文号 of the budget line it stands on
	Line     int64     `json:"line,omitempty"`
	Payment  int64     `json:"payment,omitempty"`
	Stages   []Stage   `json:"stages"`

	Chain []ChainStep `json:"chain"` // from the root document to that budget line
}

// Stage is one place a fen has been in, since when and because of what.
type Stage struct {
	Place    string     `json:"place"`
	Township string     `json:"township,omitempty"`
	Line     int64      `json:"line,omitempty"`
	Payment  int64      `json:"payment,omitempty"`
	Who      string     `json:"who,omitempty"` // the beneficiary, where it was somebody's
	Why      string     `json:"why,omitempty"` // the bank's reason, where evidence moved it
	Journal  JournalRef `json:"journal"`
}

// Yuan finds the holders of one yuan. Errors: TRACE_DOCUMENT_UNKNOWN,
// TRACE_LOT_UNKNOWN (NotFound); TRACE_NTH_BEYOND (NotFound) with the size where
// the document has fewer yuan; TRACE_NTH_POSITIVE (Invalid).
func (s *Service) Yuan(ctx context.Context, q db.Querier, ask YuanQuery) (Yuan, error) {
	if ask.Nth < 1 {
		return Yuan{}, errs.New(errs.Invalid, "TRACE_NTH_POSITIVE", "nth", ask.Nth)
	}
	y, stretches, err := s.stretches(ctx, q, ask)
	if err != nil || len(stretches) == 0 {
		return y, err
	}
	y.Of = int64(y.Size+fenPerYuan-1) / fenPerYuan
	if y.Nth > y.Of {
		return Yuan{}, errs.New(errs.NotFound, "TRACE_NTH_BEYOND", "nth", y.Nth, "of", y.Of, "size", y.Size.Grouped(), "name", y.name())
	}
	runs, err := runsOf(ctx, q, stretches, money.Fen(y.Nth-1)*fenPerYuan)
	if err != nil {
		return Yuan{}, err
	}
	return y, s.tell(ctx, q, &y, runs)
}

func (y Yuan) name() string {
	if y.Document != nil {
		return y.Document.Number
	}
	return strconv.FormatInt(y.Lot, 10)
}

// stretch is a lot as a part of what is counted.
type stretch struct {
	lot    int64
	lineNo int
	size   money.Fen
}

// stretches lays the lots that are counted end to end.
func (s *Service) stretches(ctx context.Context, q db.Querier, ask YuanQuery) (Yuan, []stretch, error) {
	y := Yuan{Lot: ask.Lot, Nth: ask.Nth, Parts: []YuanPart{}, Lines: []Line{}, Payments: []Payment{}, Roots: []DocumentRef{}}
	if ask.Lot != 0 {
		lots, err := lotSizes(ctx, q, []int64{ask.Lot})
		if err == nil && len(lots) == 0 {
			err = errs.New(errs.NotFound, "TRACE_LOT_UNKNOWN", "lot", ask.Lot)
		}
		if err != nil {
			return y, nil, err
		}
		y.Size = lots[0].Size
		return y, []stretch{{lot: ask.Lot, size: y.Size}}, nil
	}
	ref, papers, err := findDocument(ctx, q, ask.Document)
	if err != nil {
		return y, nil, err
	}
	y.Document = &ref
	var list []stretch
	for _, p := range papers {
		if p.Kind == "bring" {
			list = append(list, stretch{p.Lot, p.No, p.size})
			y.Size += p.size
		}
	}
	if len(list) == 0 {
		y.Roots, err = rootsOfLots(ctx, q, lotsOf(papers))
	}
	return y, list, err
}

// run is a run of fen with one chain of holders, newest first.
type run struct {
	stretch
	first  int // its first fen in the yuan, from 0
	offset money.Fen
	end    money.Fen
	chain  []ledger.Piece
}

// runsOf walks the 100 fen (fewer at the very end) from position at.
func runsOf(ctx context.Context, q db.Querier, stretches []stretch, at money.Fen) ([]run, error) {
	var runs []run
	need, done := money.Fen(fenPerYuan), 0
	for _, st := range stretches {
		if at >= st.size {
			at -= st.size
			continue
		}
		end := min(at+need, st.size)
		for at < end {
			chain, until, err := chainOf(ctx, q, ledger.LotID(st.lot), at, end) //nolint:gosec // lot ids fit 31 bits
			if err != nil {
				return nil, err
			}
			runs = append(runs, run{st, done, at, until, chain})
			done, need, at = done+int(until-at), need-(until-at), until
		}
		if at = 0; need == 0 {
			break
		}
	}
	return runs, nil
}

// chainOf is everybody who held the fen at from, newest first, and the address
// up to which (at most end) the fen after it share that past.
func chainOf(ctx context.Context, q db.Querier, lot ledger.LotID, from, end money.Fen) ([]ledger.Piece, money.Fen, error) {
	p, err := ledger.HolderNow(ctx, q, lot, from)
	if err != nil {
		return nil, end, err
	}
	chain := []ledger.Piece{}
	for {
		chain, end = append(chain, p), min(end, p.End())
		before, found, err := ledger.HolderBefore(ctx, q, lot, from, p.Opened)
		if err != nil || !found {
			return chain, end, err
		}
		p = before
	}
}

// tell turns runs into an answer: the lines and payments they passed through,
// and the stages of each.
func (s *Service) tell(ctx context.Context, q db.Querier, y *Yuan, runs []run) error {
	k, err := s.know(ctx, q, runs)
	if err != nil {
		return err
	}
	y.Lines, y.Payments = orEmpty(k.lines), orEmpty(k.payments)
	for _, r := range runs {
		part := YuanPart{First: r.first + 1, Last: r.first + int(r.end-r.offset), Lot: r.lot, LineNo: r.lineNo, Offset: r.offset,
			Amount: r.end - r.offset}
		for i, p := range slices.Backward(r.chain) {
			until := int64(0)
			if i > 0 {
				until = r.chain[i-1].Opened
			}
			part.Stages = append(part.Stages, k.stages(p, until)...)
		}
		last := part.Stages[len(part.Stages)-1]
		part.Place, part.Township, part.Line, part.Payment = last.Place, last.Township, last.Line, last.Payment
		line := k.standsOn(r.chain[0])
		part.Document, part.Chain = k.chains.number(line), k.chains.of(line)
		y.Parts = append(y.Parts, part)
	}
	return nil
}

// stages are the places of one holder's time with a fen, until sequence until
// (0: now). A free account is one place; a leg is frozen, then follows its
// payment's instructions.
func (k *knowledge) stages(p ledger.Piece, until int64) []Stage {
	begin := k.journals[lotSeq{int64(p.Lot), p.Opened}]
	if p.Holding == 0 {
		a := k.accounts[int64(p.Account)]
		return []Stage{{Place: a.kind, Township: a.townName, Journal: begin}}
	}
	g := k.legs[int64(p.Holding)]
	line := k.byLine[g.Line]
	mine := Stage{Line: g.Line, Payment: g.Payment, Who: line.Beneficiary.Name}
	mine.Place, mine.Journal = string(ledger.Frozen), begin
	if begin.Kind == "settlement" {
		mine.Place = string(ledger.Returned) // a part that came back is split off at once
	}
	list := []Stage{mine}
	for _, m := range k.moves[g.Payment] {
		seq, touched := k.seqs[journalLot{m.journal.ID, int64(p.Lot)}]
		if !touched || seq <= p.Opened || (until != 0 && seq >= until) {
			continue
		}
		if to := m.place(g, line); to != mine.Place {
			mine.Place, mine.Journal, mine.Why = to, m.journal, m.why
			list = append(list, mine)
		}
	}
	if until == 0 {
		list[len(list)-1].Place = g.Place
	}
	return list
}

// ParseNth reads the number of a yuan as people write it: "24,517,306", "第 3 元".
// Errors: TRACE_NTH_POSITIVE (Invalid) for anything that is no number from 1.
func ParseNth(text string) (int64, error) {
	var n int64
	digits := strings.NewReplacer(",", "", "，", "", " ", "", "第", "", "元", "").Replace(text)
	for _, r := range digits {
		if r < '0' || r > '9' || n > (1<<62)/10 {
			return 0, errs.New(errs.Invalid, "TRACE_NTH_POSITIVE", "nth", text)
		}
		n = n*10 + int64(r-'0')
	}
	if n == 0 {
		return 0, errs.New(errs.Invalid, "TRACE_NTH_POSITIVE", "nth", text)
	}
	return n, nil
}
