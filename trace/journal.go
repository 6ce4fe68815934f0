package trace

import (
	"context"
	"io"
	"time"

	"fenlu/internal/db"
	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// JournalStory is a journal (分录) with its lines and what it is linked with.
type JournalStory struct {
	JournalRef
	Memo       string        `json:"memo"`
	Leaf       *int64        `json:"leaf"` // its index in the log; null while it waits
	Reverses   int64         `json:"reverses,omitempty"`
	ReversedBy []int64       `json:"reversed_by"`
	ValueDates []string      `json:"value_dates"` // in closed periods, of late evidence
	Lines      []JournalLine `json:"lines"`
	Next       int32         `json:"next,omitempty"`
}

// JournalLine is one transfer.
type JournalLine struct {
	Line    int32     `json:"line"`
	Lot     int64     `json:"lot"`
	Debit   int64     `json:"debit"`
	Credit  int64     `json:"credit"`
	To      string    `json:"to"`
	From    string    `json:"from"`
	Amount  money.Fen `json:"amount"`
	Payment int64     `json:"payment,omitempty"`
	Party   int64     `json:"party,omitempty"`
	Leg     int64     `json:"leg,omitempty"`
}

// JournalOf reads a journal with its lines after one. Errors:
// LEDGER_JOURNAL_UNKNOWN (NotFound).
func JournalOf(ctx context.Context, q db.Querier, id int64, after int32, limit int) (JournalStory, error) {
	j, err := ledger.JournalByID(ctx, q, ledger.JournalID(id))
	if err != nil {
		return JournalStory{}, err
	}
	refs := []JournalRef{refOf(j)}
	if err := about(ctx, q, refs); err != nil {
		return JournalStory{}, err
	}
	s := JournalStory{JournalRef: refs[0], Memo: j.Memo, Reverses: int64(j.Reverses), ReversedBy: []int64{}, ValueDates: []string{}, Lines: []JournalLine{}}
	if err := s.links(ctx, q, j.ID); err != nil {
		return s, err
	}
	return s, s.read(ctx, q, after, limit)
}

func refOf(j ledger.Journal) JournalRef {
	return JournalRef{ID: int64(j.ID), Kind: j.Kind, Cause: j.Cause, Actor: j.Actor, BusinessDate: j.BusinessDate.Format(time.DateOnly),
		PostedAt: j.PostedAt, Amount: j.Amount}
}

// links finds the journal's leaf, what reversed it, and the days it books late.
func (s *JournalStory) links(ctx context.Context, q db.Querier, id ledger.JournalID) error {
	index, found, err := proof.LeafOf(ctx, q, proof.KindJournal, int64(id))
	if err != nil {
		return err
	}
	if found {
		s.Leaf = &index
	}
	by, err := ledger.ReversalsOf(ctx, q, id)
	if err != nil {
		return err
	}
	for _, r := range by {
		s.ReversedBy = append(s.ReversedBy, int64(r))
	}
	late, err := ledger.LateOf(ctx, q, id)
	for _, l := range late {
		s.ValueDates = append(s.ValueDates, l.ValueDate.Format(time.DateOnly))
	}
	return err
}

func (s *JournalStory) read(ctx context.Context, q db.Querier, after int32, limit int) error {
	list, err := ledger.Transfers(ctx, q, ledger.JournalID(s.ID), after, limit)
	if err != nil {
		return err
	}
	var ids []int64
	for _, t := range list {
		ids = append(ids, int64(t.Debit), int64(t.Credit))
	}
	places, err := placesOfAccounts(ctx, q, distinct(ids))
	for _, t := range list {
		s.Lines = append(s.Lines, JournalLine{Line: t.Line, Lot: int64(t.Lot), Debit: int64(t.Debit), Credit: int64(t.Credit),
			To: places[int64(t.Debit)], From: places[int64(t.Credit)], Amount: t.Amount, Payment: t.Payment, Party: t.Party, Leg: int64(t.Holding)})
	}
	if len(list) == limit {
		s.Next = list[len(list)-1].Line
	}
	return err
}

func placesOfAccounts(ctx context.Context, q db.Querier, ids []int64) (map[int64]string, error) {
	list, err := collect(ctx, q, "accounts", scanStanding, `SELECT a.lot, a.id, a.budget_line, a.kind, a.township, a.township, a.balance_fen
		FROM account a WHERE a.id = ANY($1)`, ids)
	out := map[int64]string{}
	for _, s := range list {
		out[s.account] = s.kind
	}
	return out, err
}

// Text prints the journal.
func (s JournalStory) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	p.line("books.journal", "id", s.ID, "kind", i18n.Term(lang, "trace.kind", s.Kind), "about", s.About, "date", s.BusinessDate,
		"at", moment(s.PostedAt), "actor", s.Actor, "amount", s.Amount.Grouped())
	if s.Leaf != nil {
		p.line("books.leaf", "index", *s.Leaf)
	}
	if s.Reverses != 0 {
		p.line("books.reverses", "journal", s.Reverses)
	}
	for _, by := range s.ReversedBy {
		p.line("books.reversed_by", "journal", by)
	}
	for _, d := range s.ValueDates {
		p.line("books.value_date", "date", d)
	}
	p.rows(s)
	p.next(number(int64(s.Next)), s.Next != 0)
	return p.err
}

// Heads are the columns of Cells.
func (s JournalStory) Heads() []string {
	return []string{">line", ">lot", "to", "from", ">payment", ">amount"}
}

// Cells are the lines as people read them.
func (s JournalStory) Cells(lang i18n.Lang) [][]string {
	var out [][]string
	for _, l := range s.Lines {
		out = append(out, []string{number(int64(l.Line)), number(l.Lot), i18n.Term(lang, "place", l.To) + " " + number(l.Debit),
			i18n.Term(lang, "place", l.From) + " " + number(l.Credit), orBlank(l.Payment), l.Amount.Grouped()})
	}
	return out
}

// Journals is a page of journals in order.
type Journals struct {
	Journals []JournalRef `json:"journals"`
	Next     int64        `json:"next,omitempty"`
}

// JournalList reads journals in order, from the one after; of one cause
// ("batch:12") where it is not empty.
func JournalList(ctx context.Context, q db.Querier, cause string, after int64, limit int) (Journals, error) {
	list, err := ledger.JournalsAfter(ctx, q, cause, ledger.JournalID(after), limit)
	if err != nil {
		return Journals{}, err
	}
	out := Journals{Journals: []JournalRef{}}
	for _, j := range list {
		out.Journals = append(out.Journals, refOf(j))
	}
	if len(list) == limit {
		out.Next = int64(list[len(list)-1].ID)
	}
	return out, about(ctx, q, out.Journals)
}

// Text prints the journals.
func (l Journals) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	p.rows(l)
	p.next(number(l.Next), l.Next != 0)
	return p.err
}

// Heads are the columns of Cells.
func (l Journals) Heads() []string {
	return []string{">journal", "date", "kind", "about", "actor", ">amount"}
}

// Cells are the journals as people read them.
func (l Journals) Cells(lang i18n.Lang) [][]string {
	var out [][]string
	for _, j := range l.Journals {
		out = append(out, []string{number(j.ID), j.BusinessDate, i18n.Term(lang, "trace.kind", j.Kind), j.About, j.Actor, j.Amount.Grouped()})
	}
	return out
}
