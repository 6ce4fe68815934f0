package trace

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
	"fenlu/money"
)

// PartyTrial is a page of a trial balance by person, household or unit: where the
// money of each stood. Its sums are of the page.
type PartyTrial struct {
	Point
	By   By              `json:"by"`
	Rows []PartyTrialRow `json:"rows"`
	Sum  PartySums       `json:"sum"`
	Next int64           `json:"next,omitempty"` // the party after which the next page begins
}

// PartyTrialRow is a party with where its money stood.
type PartyTrialRow struct {
	Party Party `json:"party"`
	PartySums
}

// The ways to sum legs: by who they are for.
const (
	ByPerson    By = KindPerson
	ByHousehold By = KindHousehold
	ByUnit      By = KindUnit
)

// OfParties says whether the rows are parties.
func (b By) OfParties() bool { return b == ByPerson || b == ByHousehold || b == ByUnit }

// partiesAfter is a page of parties in order of their numbers ($1 the one before,
// $2 how many), whether or not there is money of theirs.
var partiesAfter = map[By]string{
	ByPerson:    `SELECT id FROM person WHERE id > $1 ORDER BY id LIMIT $2`,
	ByHousehold: `SELECT id FROM household WHERE id > $1 ORDER BY id LIMIT $2`,
	ByUnit:      `SELECT id FROM unit WHERE id > $1 ORDER BY id LIMIT $2`,
}

// PartyTrial reads a page of a trial balance by party: Limit parties after the
// one numbered After, those left out who never had any money. What each has is
// what its statement closes with, so the answer as of an index never changes.
func (s *Service) PartyTrial(ctx context.Context, q db.Querier, ask TrialQuery) (PartyTrial, error) {
	t := PartyTrial{Point: ask.Point, By: ask.By, Rows: []PartyTrialRow{}}
	ids, err := numbers(ctx, q, "parties", partiesAfter[ask.By], ask.After, ask.Limit)
	if err != nil {
		return t, err
	}
	if len(ids) == ask.Limit {
		t.Next = ids[len(ids)-1]
	}
	var with []int64
	for _, id := range ids { // one after the other, so that no statement grows with the page
		list, err := partyEntries(ctx, q, Party{Kind: string(ask.By), ID: id})
		if err != nil {
			return t, err
		}
		row := PartyTrialRow{Party: Party{Kind: string(ask.By), ID: id}}
		had := false
		for _, e := range list {
			if ask.until(e) {
				had = true
				row.add(e.account.kind, e.Delta)
				t.Sum.add(e.account.kind, e.Delta)
			}
		}
		if had {
			t.Rows, with = append(t.Rows, row), append(with, id)
		}
	}
	return t, s.nameParties(ctx, q, t.Rows, with)
}

// until says whether an entry had been made by the point in time.
func (p Point) until(e partyEntry) bool {
	if !p.Day.IsZero() {
		return e.journal.BusinessDate <= p.Day.Format(time.DateOnly)
	}
	return e.leaf >= 0 && e.leaf <= p.Index
}

// nameParties says who the parties of rows are.
func (s *Service) nameParties(ctx context.Context, q db.Querier, rows []PartyTrialRow, ids []int64) error {
	if len(rows) == 0 {
		return nil
	}
	if rows[0].Party.Kind == KindHousehold {
		codes, err := householdCodes(ctx, q, ids)
		for i := range rows {
			rows[i].Party.Number = codes[rows[i].Party.ID]
		}
		return err
	}
	found, err := s.parties(ctx, q, ids)
	for i := range rows {
		rows[i].Party = found[rows[i].Party.ID]
	}
	return err
}

func householdCodes(ctx context.Context, q db.Querier, ids []int64) (map[int64]string, error) {
	rows, err := q.Query(ctx, `SELECT id, code FROM household WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("trace households: %w", err)
	}
	out, id, code := map[int64]string{}, int64(0), ""
	_, err = pgx.ForEachRow(rows, []any{&id, &code}, func() error { out[id] = code; return nil })
	return out, err
}

var partyTrialHeads = []string{">id", "name", "number", ">due", ">frozen", ">in_transit", ">paid", ">returned"}

// Heads are the columns of Cells.
func (t PartyTrial) Heads() []string { return partyTrialHeads }

// Cells are the rows as people read them, amounts with two decimals.
func (t PartyTrial) Cells(i18n.Lang) [][]string {
	var out [][]string
	for _, r := range t.Rows {
		out = append(out, append([]string{number(r.Party.ID), r.Party.Name, r.Party.Number}, r.amounts()...))
	}
	return out
}

func (s PartySums) amounts() []string {
	var out []string
	for _, f := range []money.Fen{s.Due, s.Frozen, s.InTransit, s.Paid, s.Returned} {
		out = append(out, f.Grouped())
	}
	return out
}

// Text prints the page.
func (t PartyTrial) Text(w io.Writer, lang i18n.Lang) error {
	p := &printer{w: w, lang: lang}
	t.text(p)
	if len(t.Rows) == 0 {
		p.line("books.no_party")
		p.next(strconv.FormatInt(t.Next, 10), t.Next != 0)
		return p.err
	}
	out := table.New(p.t("books.title.trial"), p.columns(partyTrialHeads)...)
	for _, cells := range t.Cells(lang) {
		out.Add(cells...)
	}
	out.Total(append([]string{"", p.t("books.page_total"), ""}, t.Sum.amounts()...)...)
	p.table(out)
	p.next(strconv.FormatInt(t.Next, 10), t.Next != 0)
	return p.err
}
