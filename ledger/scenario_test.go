package ledger_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/money"
)

var rewrite = flag.Bool("rewrite", false, "write what the scenarios print into their files, to be read in review")

// TestScenarios runs testdata/scenarios/*.txt, which an accountant can read:
// lines of commands, a line of four dashes, what they print, an empty line.
//
//	open L1 1000.00            a document brings money into a new lot
//	bring L1 50.00             more of it
//	set-aside L1 200.00        carve-out
//	reserve L1 T1 100.00       township reserve
//	freeze L1 300.00 200.00    legs 1, 2, … (numbered over the whole script); L1/carveout and L1/T1 are other places
//	release 1 2                none named: all that are frozen
//	settle 1 · return 1 · part-return 1 50.00 · stop 1 · reissue 1
//	correct 1 L2               支付更正: L2 pays leg 1 instead
//	recover 1 50.00            追回: the person paid 50.00 of leg 1 back
//	cut L1 500.00              a fact: takes the highest fen
//	reverse J3                 journals are J1, J2, … in the order of the script
//	reverse J3 1 50.00         50.00 of its line 1; without an amount, all that is left of it
//	month 2026-11              what follows is of 1 November; it was 9 October
//	close 2026-10 · reopen 2026-10
//	late-cut L1 50.00 2026-10-20  a cut that became known late, with the day it is of
//	carry L1 · carry L1/T1     what is unspent of a place goes to the budget line of the next year, L1/next
//	who L1 1.00 [J3]           who holds a fen, now or after journal J3
//	balances
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := &script{book: newBook(t), date: day, lots: map[string]ledger.LotID{}}
			got := s.run(string(text))
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(text), got); diff != "" && !*rewrite {
				t.Errorf("-file +got (go test ./ledger -run TestScenarios -rewrite):\n%s", diff)
			}
			s.sound()
		})
	}
}

type script struct {
	*book
	date     time.Time
	lots     map[string]ledger.LotID
	order    []string
	legs     []ledger.HoldingID
	journals []ledger.JournalID
}

// run gives the script back with what its commands print now.
func (s *script) run(text string) string {
	var out, printed strings.Builder
	quiet := false // inside the expected output
	for line := range strings.Lines(text) {
		switch line = strings.TrimRight(line, " \r\n"); {
		case line == "----":
			out.WriteString("----\n" + printed.String())
			printed.Reset()
			quiet = true
		case line == "":
			out.WriteString("\n")
			quiet = false
		case quiet:
		default:
			out.WriteString(line + "\n")
			if !strings.HasPrefix(line, "#") {
				printed.WriteString(s.command(strings.Fields(line)))
			}
		}
	}
	return out.String()
}

// command does one line and says what happened.
func (s *script) command(words []string) string {
	verb, args := words[0], words[1:]
	switch verb {
	case "balances":
		return s.balances()
	case "who":
		return s.who(args)
	case "open":
		s.open(args[0])
	case "reverse":
		return s.undo(args)
	case "month", "close", "reopen":
		return s.month(verb, args[0])
	}
	c := s.book.command(s.step(verb, args))
	c.BusinessDate = s.date
	if verb == "late-cut" {
		c.ValueDates = []time.Time{s.day(args[2])}
		c.BusinessDate = c.ValueDates[0]
	}
	return s.posted(s.svc.Post(s.ctx, c))
}

// undo reverses a journal, or a line of it.
func (s *script) undo(args []string) string {
	var parts []ledger.Part
	if len(args) > 1 {
		parts = []ledger.Part{{Line: int32(number(s.t, args[1], ""))}}
	}
	if len(args) > 2 {
		parts[0].Amount = s.fen(args[2])
	}
	s.n++
	var posted ledger.Posted
	err := s.db.Run(s.ctx, func(tx pgx.Tx) (err error) {
		posted, err = s.svc.ReverseTx(s.ctx, tx, ledger.Reversal{Journal: s.journals[number(s.t, args[0], "J")-1], Parts: parts,
			Key: "reverse/" + strconv.Itoa(s.n), Actor: "zhao", BusinessDate: s.date})
		return err
	})
	return s.posted(posted, err)
}

// month goes on in another month, or closes one, or opens it again.
func (s *script) month(verb, month string) string {
	if verb == "month" {
		s.date = s.day(month + "-01")
		return ""
	}
	err := s.db.Run(s.ctx, func(tx pgx.Tx) error { return ledger.SetPeriod(s.ctx, tx, month, verb == "close") })
	if err != nil {
		s.t.Fatal(err)
	}
	return ""
}

func (s *script) day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *script) posted(p ledger.Posted, err error) string {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		s.ownNumbers(e)
		return "refused: " + i18n.Error(i18n.EN, e) + "\n"
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.journals = append(s.journals, p.Journal)
	text := fmt.Sprintf("J%d %s", len(s.journals), p.Amount.Grouped())
	late, err := ledger.LateOf(s.ctx, s.db.Pool(), p.Journal)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, l := range late {
		j, err := ledger.JournalByID(s.ctx, s.db.Pool(), p.Journal)
		if err != nil {
			s.t.Fatal(err)
		}
		text += fmt.Sprintf(" of %s, booked on %s", l.ValueDate.Format(time.DateOnly), j.BusinessDate.Format(time.DateOnly))
	}
	for _, h := range p.Holdings {
		s.legs = append(s.legs, h)
		text += fmt.Sprintf(" leg %d", len(s.legs))
	}
	return text + "\n"
}

// ownNumbers puts the script's numbers for the ledger's into a refusal: a
// refused posting uses a number up.
func (s *script) ownNumbers(e *errs.Error) {
	for i, a := range e.Args {
		switch id := a.Value.(type) {
		case ledger.JournalID:
			e.Args[i].Value = fmt.Sprintf("J%d", slices.Index(s.journals, id)+1)
		case ledger.HoldingID:
			e.Args[i].Value = slices.Index(s.legs, id) + 1
		}
	}
}

func (s *script) open(name string) {
	err := s.db.Run(s.ctx, func(tx pgx.Tx) error {
		id, err := ledger.OpenLot(s.ctx, tx, ledger.Appropriation)
		s.lots[name] = id
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.order = append(s.order, name)
}

func (s *script) step(verb string, args []string) ledger.Step {
	switch verb {
	case "open", "bring":
		return ledger.Bring{Lot: s.lots[args[0]], To: place(""), Amount: s.fen(args[1])}
	case "set-aside":
		return ledger.Shift{From: s.from(args[0]), To: place("carveout"), Amount: s.fen(args[1])}
	case "reserve":
		return ledger.Shift{From: s.from(args[0]), To: place(args[1]), Amount: s.fen(args[2])}
	case "carry":
		_, within, _ := strings.Cut(args[0], "/")
		to := place(within)
		to.BudgetLine = 2
		a, err := ledger.AccountByID(s.ctx, s.db.Pool(), s.from(args[0]))
		if err != nil {
			s.t.Fatal(err)
		}
		return ledger.Shift{From: a.ID, To: to, Amount: a.Balance}
	case "cut", "late-cut":
		return ledger.Shift{From: s.from(args[0]), To: ledger.Place{Kind: ledger.Withdrawn, BudgetLine: 1}, Amount: s.fen(args[1]), Highest: true, Fact: true}
	case "freeze":
		var amounts []money.Fen
		for _, a := range args[1:] {
			amounts = append(amounts, s.fen(a))
		}
		return ledger.Draw{From: s.from(args[0]), To: ledger.Frozen, Legs: legs(amounts...)}
	case "part-return":
		return ledger.PartMove{Holding: s.holdings(args[:1])[0], From: ledger.Paid, To: ledger.Returned, Amount: s.fen(args[1])}
	case "correct":
		leg := s.holdings(args[:1])[0]
		step := ledger.Reclassify{Holding: leg, From: s.kindOf(leg), To: s.from(args[1])}
		if len(args) > 2 {
			step.Amount = s.fen(args[2])
		}
		return step
	case "recover":
		return ledger.Recover{Holding: s.holdings(args[:1])[0], Amount: s.fen(args[1])}
	case "stop":
		return ledger.GiveBack{Holdings: s.holdings(args), From: s.standing(args[0])}
	}
	return s.move(verb, args)
}

func (s *script) move(verb string, args []string) ledger.Step {
	switch verb {
	case "release":
		if len(args) == 0 {
			return ledger.Move{Holdings: s.allFrozen(), From: ledger.Frozen, To: ledger.InTransit}
		}
		return ledger.Move{Holdings: s.holdings(args), From: ledger.Frozen, To: ledger.InTransit}
	case "settle":
		return ledger.Move{Holdings: s.holdings(args), From: ledger.InTransit, To: ledger.Paid, PerLeg: true}
	case "return":
		return ledger.Move{Holdings: s.holdings(args), From: ledger.Paid, To: ledger.Returned, PerLeg: true}
	case "reissue":
		return ledger.Move{Holdings: s.holdings(args), From: ledger.Returned, To: ledger.InTransit, PerLeg: true}
	}
	s.t.Fatalf("unknown command %q", verb)
	return nil
}

func (s *script) fen(text string) money.Fen {
	f, err := money.Parse(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

func number(t *testing.T, text, prefix string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(text, prefix))
	if err != nil || n < 1 {
		t.Fatalf("%q is not a number", text)
	}
	return n
}

// place is where "L1/carveout" and "L1/T1" stand within their lot.
func place(name string) ledger.Place {
	switch name {
	case "":
		return ledger.Place{Kind: ledger.Available, BudgetLine: 1}
	case "carveout":
		return ledger.Place{Kind: ledger.Carveout, BudgetLine: 1}
	case "next":
		return ledger.Place{Kind: ledger.Available, BudgetLine: 2}
	}
	return ledger.Place{Kind: ledger.Reserve, BudgetLine: 1, Township: name}
}

func (s *script) from(name string) ledger.AccountID {
	lot, within, _ := strings.Cut(name, "/")
	a, found, err := ledger.AccountAt(s.ctx, s.db.Pool(), s.lots[lot], place(within))
	if err != nil || !found {
		s.t.Fatalf("no account %s: %v", name, err)
	}
	return a.ID
}

func (s *script) holdings(args []string) []ledger.HoldingID {
	ids := make([]ledger.HoldingID, len(args))
	for i, a := range args {
		ids[i] = s.legs[number(s.t, a, "")-1]
	}
	return ids
}

func (s *script) kindOf(id ledger.HoldingID) ledger.AccountKind {
	found, err := ledger.Holdings(s.ctx, s.db.Pool(), []ledger.HoldingID{id})
	if err != nil || len(found) != 1 || found[0].Account == 0 {
		return ""
	}
	a, err := ledger.AccountByID(s.ctx, s.db.Pool(), found[0].Account)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.Place.Kind
}

func (s *script) standing(leg string) ledger.AccountKind {
	return s.kindOf(s.holdings([]string{leg})[0])
}

func (s *script) allFrozen() []ledger.HoldingID {
	var ids []ledger.HoldingID
	for _, id := range s.legs {
		if s.kindOf(id) == ledger.Frozen {
			ids = append(ids, id)
		}
	}
	return ids
}

// who says who holds a fen of a lot; 0.00 is the address of the first.
func (s *script) who(args []string) string {
	lot, address := s.lots[args[0]], s.fen(args[1])
	p, err := ledger.HolderNow(s.ctx, s.db.Pool(), lot, address)
	if len(args) == 3 {
		p, err = ledger.HolderAt(s.ctx, s.db.Pool(), lot, address, s.seq(lot, args[2]))
	}
	switch {
	case err != nil:
		s.t.Fatal(err)
	case p.Holding != 0:
		return fmt.Sprintf("leg %d\n", slices.Index(s.legs, p.Holding)+1)
	}
	a, err := ledger.AccountByID(s.ctx, s.db.Pool(), p.Account)
	if err != nil {
		s.t.Fatal(err)
	}
	return i18n.T(i18n.EN, "place."+string(a.Place.Kind)) + "\n"
}

func (s *script) seq(lot ledger.LotID, journal string) int64 {
	var seq int64
	err := s.db.Pool().QueryRow(s.ctx, `SELECT max(seq) FROM journal_lot WHERE lot = $1 AND journal <= $2`,
		lot, s.journals[number(s.t, journal, "J")-1]).Scan(&seq)
	if err != nil {
		s.t.Fatal(err)
	}
	return seq
}

// next marks places of the next year's budget line.
var next = map[ledger.BudgetLineID]string{2: " next"}

// balances prints each lot's places and what they add up to.
func (s *script) balances() string {
	accounts, err := ledger.Accounts(s.ctx, s.db.Pool())
	if err != nil {
		s.t.Fatal(err)
	}
	var out strings.Builder
	for _, name := range s.order {
		var total money.Fen
		for _, a := range accounts {
			if a.Lot != s.lots[name] || a.Balance == 0 {
				continue
			}
			total += a.Balance
			label := strings.Join(strings.Fields(i18n.T(i18n.EN, "place."+string(a.Place.Kind))+" "+a.Place.Township+next[a.Place.BudgetLine]), " ")
			fmt.Fprintf(&out, "%s %-22s %12s\n", name, label, a.Balance.Grouped())
		}
		fmt.Fprintf(&out, "%s %-22s %12s\n", name, "total", total.Grouped())
	}
	return out.String()
}
