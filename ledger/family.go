package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/money"
)

// Family is a leg with the legs that were parted from it (部分退回): they are of
// the same line and payment and hold fen that it held.
type Family struct {
	Root    HoldingID
	Members []Holding       // in order of their numbers, the root first
	Drawn   money.Fen       // what the root was drawn with
	Freed   map[int64]Freed // by number of the lot: what was no longer the family's
}

// Freed is what a family lost at a number of its lot.
type Freed struct {
	Lot    LotID
	Amount money.Fen
}

// Standing is what of the family still belongs to its line.
func (f Family) Standing() money.Fen {
	var sum money.Fen
	for _, h := range f.Members {
		if h.Account != 0 {
			sum += h.Amount // parts of one draw, which was summed with a check
		}
	}
	return sum
}

// Families follows legs through all that happened to them, in the order asked
// for; unknown ones are left out. It reads the legs of their lines and what those
// hold and held, a probe for each.
func Families(ctx context.Context, q db.Querier, roots []HoldingID) ([]Family, error) {
	own, err := Holdings(ctx, q, roots)
	if err != nil {
		return nil, err
	}
	lines := make([]int64, len(own))
	for i, h := range own {
		lines[i] = h.Line
	}
	slices.Sort(lines)
	legs, err := HoldingsOfLines(ctx, q, slices.Compact(lines))
	if err != nil {
		return nil, err
	}
	spells, err := spellsOf(ctx, q, legs)
	if err != nil {
		return nil, err
	}
	byLine := map[int64][]Holding{}
	for _, h := range legs {
		byLine[h.Line] = append(byLine[h.Line], h)
	}
	of := map[HoldingID]int64{}
	for _, h := range own {
		of[h.ID] = h.Line
	}
	var out []Family
	for _, id := range roots {
		if line, known := of[id]; known {
			out = append(out, familyOf(id, byLine[line], spells))
		}
	}
	return out, nil
}

// spell is a run of fen that a leg held from number opened of the lot until
// closed.
type spell struct {
	offset, amount money.Fen
	opened, closed int64
}

func spellsOf(ctx context.Context, q db.Querier, legs []Holding) (map[HoldingID][]spell, error) {
	ids := make([]HoldingID, len(legs))
	for i, h := range legs {
		ids[i] = h.ID
	}
	out := make(map[HoldingID][]spell, len(legs))
	for part := range slices.Chunk(ids, chunk) {
		for _, sql := range []string{
			`SELECT holding, offset_fen, amount_fen, opened_seq, 9223372036854775807 FROM piece WHERE holding = ANY($1)`,
			`SELECT holding, offset_fen, amount_fen, opened_seq, closed_seq FROM piece_history WHERE holding = ANY($1)`,
		} {
			var leg HoldingID
			var s spell
			rows, err := q.Query(ctx, sql, part)
			if err == nil {
				_, err = pgx.ForEachRow(rows, []any{&leg, &s.offset, &s.amount, &s.opened, &s.closed}, func() error {
					out[leg] = append(out[leg], s)
					return nil
				})
			}
			if err != nil {
				return nil, fmt.Errorf("read what legs held: %w", err)
			}
		}
	}
	return out, nil
}

// familyOf picks a leg's family out of the legs of its line. A leg was parted
// from another of the same draw where it began with fen that the other held up
// to that moment.
func familyOf(root HoldingID, legs []Holding, spells map[HoldingID][]spell) Family {
	slices.SortFunc(legs, func(a, b Holding) int { return cmp.Compare(a.ID, b.ID) })
	f := Family{Root: root, Freed: map[int64]Freed{}}
	for _, h := range legs {
		if h.ID == root || f.parted(h, spells) {
			f.Members = append(f.Members, h)
		}
	}
	f.measure(spells)
	return f
}

func (f *Family) parted(h Holding, spells map[HoldingID][]spell) bool {
	for _, m := range f.Members {
		if m.Lot != h.Lot || m.Payment != h.Payment || m.Origin != h.Origin {
			continue
		}
		for _, mine := range spells[h.ID] {
			for _, s := range spells[m.ID] {
				if s.closed == mine.opened && mine.offset < s.offset+s.amount && s.offset < mine.offset+mine.amount {
					return true
				}
			}
		}
	}
	return false
}

// measure sums what the family was drawn with, and lost at each number.
func (f *Family) measure(spells map[HoldingID][]spell) {
	first, change := int64(never), map[int64]money.Fen{}
	for _, m := range f.Members {
		for _, s := range spells[m.ID] {
			change[s.opened] -= s.amount
			if s.closed != never {
				change[s.closed] += s.amount
			}
			first = min(first, s.opened)
		}
	}
	for seq, lost := range change {
		switch {
		case seq == first:
			f.Drawn = -lost
		case lost != 0:
			f.Freed[seq] = Freed{Lot: f.Members[0].Lot, Amount: lost}
		}
	}
}

// NumbersOf are the numbers that a journal has in the lots that it touched.
func NumbersOf(ctx context.Context, q db.Querier, journal JournalID) (map[LotID]int64, error) {
	rows, err := q.Query(ctx, `SELECT lot, seq FROM journal_lot WHERE journal = $1`, journal)
	if err != nil {
		return nil, fmt.Errorf("numbers of journal %d: %w", journal, err)
	}
	out := map[LotID]int64{}
	var lot LotID
	var seq int64
	if _, err := pgx.ForEachRow(rows, []any{&lot, &seq}, func() error { out[lot] = seq; return nil }); err != nil {
		return nil, fmt.Errorf("numbers of journal %d: %w", journal, err)
	}
	return out, nil
}
