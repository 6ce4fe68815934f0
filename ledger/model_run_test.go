package ledger_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/pgtest"
	"fenlu/ledger"
	"fenlu/money"
)

// TestModel drives the ledger and the model beside it with random commands of
// one or two steps, reversals and repeats, two commands at once, restarts, and
// backups that are gone back to. After each step the balances, the legs and the
// holder of every fen must agree, and every check of the ledger must pass; at
// the end of a world also the holder of every fen after every journal.
func TestModel(t *testing.T) {
	t.Parallel()
	worlds := 30
	if testing.Short() {
		worlds = 3
	}
	run, failing, seen := 0, false, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		if run >= worlds && !failing {
			return // enough worlds; rapid asks for a hundred
		}
		run++
		agreed := false
		defer func() { failing = failing || !agreed }() // then rapid shrinks: every run counts
		w := newWorld(t, rt, seen)
		w.openLot()
		rt.Repeat(map[string]func(*rapid.T){
			"open":       func(*rapid.T) { w.openLot() },
			"post":       func(*rapid.T) { w.post(1) },
			"post1":      func(*rapid.T) { w.post(1) },
			"post2":      func(*rapid.T) { w.post(2) },
			"reverse":    func(*rapid.T) { w.reverse() },
			"part1":      func(*rapid.T) { w.reversePart() },
			"part2":      func(*rapid.T) { w.reversePart() },
			"close":      func(*rapid.T) { w.closeMonth() },
			"repeat":     func(*rapid.T) { w.repeat() },
			"concurrent": func(*rapid.T) { w.concurrent() },
			"restart":    func(*rapid.T) { w.restart() },
			"restore":    func(*rapid.T) { w.restore() },
			"":           func(*rapid.T) { w.agree() },
		})
		w.agreeHistory()
		agreed = true
	})
	t.Logf("outcomes: %v", seen)
	for _, often := range []string{"post ", "post LEDGER_INSUFFICIENT", "post LEDGER_LOT_STOPPED", "post LEDGER_HOLDING_MOVED", "reverse ",
		"reverse LEDGER_CANNOT_REVERSE", "reverse LEDGER_REVERSED_IN_PART", "part ", "part LEDGER_REVERSED_ALREADY", "part LEDGER_PART_TOO_MUCH", "part LEDGER_CANNOT_REVERSE",
		"reclassified ", "recover ", "recover LEDGER_RECOVER_ABOVE", "closed LEDGER_PERIOD_CLOSED", "late ", "both ", "one of two ", "covered ", "restart ", "restore "} {
		if seen[often] == 0 && !testing.Short() {
			t.Errorf("%q never happened: the commands do not go everywhere", often)
		}
	}
}

// TestModel_shares_no_code keeps the model a model.
func TestModel_shares_no_code(t *testing.T) {
	t.Parallel()
	f, err := parser.ParseFile(token.NewFileSet(), "model_test.go", nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range f.Imports {
		if i.Path.Value != `"maps"` && i.Path.Value != `"slices"` {
			t.Errorf("the model imports %s", i.Path.Value)
		}
	}
}

type world struct {
	b        *book
	env      *pgtest.Env
	test     *testing.T
	t        *rapid.T
	n        int
	state    *mstate
	seen     map[string]int // outcomes over all worlds
	journals []*mjournal
	commands []ledger.Command // the commands of journals; empty for reversals
}

// newWorld is a world with a database of its own.
func newWorld(t *testing.T, rt *rapid.T, seen map[string]int) *world {
	t.Helper()
	w := &world{env: pgtest.NewEnv(t), test: t, t: rt, seen: seen, state: &mstate{}}
	w.attach()
	return w
}

// attach opens the world's database with services of its own.
func (w *world) attach() {
	d := w.env.OpenWith(w.test, db.Options{MaxConns: 4})
	w.b = &book{t: w.test, ctx: w.test.Context(), db: d, svc: ledger.New(d, clock.NewManual(day), nil)}
}

func (w *world) detach() {
	if err := w.b.db.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// restart is a process that ends and another that begins.
func (w *world) restart() {
	w.detach()
	w.attach()
	w.seen["restart "]++
}

// restore goes on working and then goes back to a copy of the database from
// before: what was posted since has never been.
func (w *world) restore() {
	if w.b.db.Cockroach() {
		w.t.Skip("no copies of databases there")
	}
	w.detach()
	backup := w.env.Copy(w.test)
	w.attach()
	state, journals, commands, n := w.state, slices.Clone(w.journals), slices.Clone(w.commands), w.n
	var undone []mundone
	for _, j := range journals {
		undone = append(undone, mundone{j.undone.whole, maps.Clone(j.undone.of)})
	}
	w.do(w.bring(0))
	w.do(w.draw())
	w.reverse()
	w.detach()
	w.env = backup
	w.attach()
	w.state, w.journals, w.commands, w.n = state, journals, commands, n // keys come again, too
	for i, j := range journals {
		j.undone = undone[i]
	}
	w.seen["restore "]++
}

// mstep is a step with what the model does for it.
type mstep struct {
	lots  []int
	step  ledger.Step
	model func(s *mstate) string
	final bool    // the journal cannot be reversed
	lines []mline // what can be reversed by itself, where this is the only step
}

func (w *world) int(lo, hi int, label string) int { return rapid.IntRange(lo, hi).Draw(w.t, label) }

func pick[T any](w *world, label string, list ...T) T {
	return list[w.int(0, len(list)-1, label)]
}

func (w *world) openLot() {
	if len(w.state.lots) == 3 {
		w.t.Skip("three lots are enough")
	}
	l := &mlot{past: [][]mcell{nil}, brought: map[mplace]int{}, opened: map[mplace]bool{}}
	err := w.b.db.Run(w.b.ctx, func(tx pgx.Tx) error {
		id, err := ledger.OpenLot(w.b.ctx, tx, ledger.Appropriation)
		l.id = int32(id)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.state.lots = append(w.state.lots, l)
	w.do(w.bring(len(w.state.lots) - 1))
}

func (w *world) post(steps int) {
	var list []mstep
	for range steps {
		if s, ok := w.anyStep(); ok {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		w.t.Skip("nothing to do that with")
	}
	w.do(list...)
}

func (w *world) anyStep() (mstep, bool) {
	kind := pick(w, "step", "bring", "shift", "shift", "draw", "draw", "move", "move", "part", "give_back", "reclassify", "reclassify", "recover", "recover")
	switch kind {
	case "bring":
		return w.bring(w.int(0, len(w.state.lots)-1, "lot")), true
	case "shift":
		return w.shift(), true
	case "draw":
		return w.draw(), true
	}
	legs := w.someLegs()
	if len(legs) == 0 {
		return mstep{}, false
	}
	switch kind {
	case "move":
		return w.move(legs), true
	case "part":
		return w.part(legs[0]), true
	case "reclassify":
		return w.reclassify(legs[0]), true
	case "recover":
		return w.recover(legs[0]), true
	}
	return w.giveBack(legs), true
}

func (w *world) bring(lot int) mstep {
	amount, l := w.int(1, 60, "amount"), w.state.lots[lot]
	return mstep{lots: []int{lot}, final: true,
		step:  ledger.Bring{Lot: ledger.LotID(l.id), To: placeOf(mplace{kind: "available", line: 1}), Amount: money.Fen(amount)},
		model: func(s *mstate) string { s.lots[lot].bring(amount); return "" }}
}

// account is a lot's account of a place that was opened before.
func (w *world) account() (lot int, at mplace, id ledger.AccountID) {
	return w.accountOf(func(int, mplace) bool { return true })
}

// accountOf is an account that is as wanted, most often and if there is one.
func (w *world) accountOf(wanted func(lot int, at mplace) bool) (lot int, at mplace, id ledger.AccountID) {
	type account struct {
		lot int
		at  mplace
	}
	var all, some []account
	for i, l := range w.state.lots {
		for _, p := range freePlaces() {
			if l.opened[p] {
				all = append(all, account{i, p})
				if wanted(i, p) {
					some = append(some, account{i, p})
				}
			}
		}
	}
	if len(some) == 0 || w.int(0, 4, "any") == 0 {
		some = all
	}
	one := pick(w, "account", some...)
	lot, at = one.lot, one.at
	l := w.state.lots[lot]
	a, found, err := ledger.AccountAt(w.b.ctx, w.b.db.Pool(), ledger.LotID(l.id), placeOf(at))
	if err != nil || !found {
		w.t.Fatalf("no account of %+v: %v", at, err)
	}
	return lot, at, a.ID
}

func freePlaces() []mplace {
	return []mplace{{"available", 1, ""}, {"carveout", 2, ""}, {"reserve", 1, "991301100000"}, {"reserve", 1, "991301101000"},
		{"withdrawn", 1, ""}, {"available", 2, ""}}
}

func (w *world) shift() mstep {
	lot, from, id := w.accountOf(func(lot int, at mplace) bool { return w.state.lots[lot].claimed(at) > 0 })
	to := pick(w, "to", slices.DeleteFunc(freePlaces(), func(p mplace) bool { return p == from })...)
	amount, highest := w.int(1, 40, "amount"), rapid.Bool().Draw(w.t, "highest")
	fact, cover := w.int(0, 5, "fact") == 0, false
	if w.state.lots[lot].claimed(from) > 0 {
		fact = w.int(0, 3, "late fact") > 0
		cover = fact // what covers comes from outside, too
	}
	return mstep{lots: []int{lot}, lines: []mline{{lot: lot, from: from, to: to, amount: amount}},
		step: ledger.Shift{From: id, To: placeOf(to), Amount: money.Fen(amount), Highest: highest, Fact: fact, Cover: cover},
		model: func(s *mstate) string {
			if cover {
				w.seen["covered "]++
			}
			return s.shift(lot, from, to, amount, highest, fact, cover)
		}}
}

// real is a place as the ledger writes it.
func placeOf(p mplace) ledger.Place {
	return ledger.Place{Kind: ledger.AccountKind(p.kind), BudgetLine: ledger.BudgetLineID(p.line), Township: p.town}
}

func (w *world) draw() mstep {
	lot, from, id := w.account()
	to := pick(w, "held", "frozen", "frozen", "frozen", "paid")
	amounts := rapid.SliceOfN(rapid.IntRange(1, 9), 1, 4).Draw(w.t, "legs")
	var legs []ledger.Leg
	for i, a := range amounts {
		legs = append(legs, ledger.Leg{Line: int64(i), Payment: int64(w.n), Party: int64(i), Amount: money.Fen(a)})
	}
	return mstep{lots: []int{lot}, step: ledger.Draw{From: id, To: ledger.AccountKind(to), Legs: legs},
		model: func(s *mstate) string { return s.draw(lot, from, to, amounts) }}
}

// someLegs are one to three different legs, most often such that stand in one
// kind of place.
func (w *world) someLegs() []int {
	if len(w.state.legs) == 0 {
		return nil
	}
	first := w.int(0, len(w.state.legs)-1, "leg")
	legs := []int{first}
	for range w.int(0, 2, "more") {
		i := w.int(0, len(w.state.legs)-1, "leg")
		if !slices.Contains(legs, i) && w.state.legs[i].at.kind == w.state.legs[first].at.kind {
			legs = append(legs, i)
		}
	}
	return legs
}

func (w *world) holdings(legs []int) (ids []ledger.HoldingID, lots []int, kind string) {
	for _, i := range legs {
		ids, lots = append(ids, ledger.HoldingID(w.state.legs[i].id)), append(lots, w.state.legs[i].lot)
	}
	kind = w.state.legs[legs[0]].at.kind
	if w.int(0, 9, "elsewhere") == 0 {
		kind = "returned"
	}
	return ids, lots, kind
}

func (w *world) elsewhere(kind string) string {
	return pick(w, "to", slices.DeleteFunc([]string{"frozen", "in_transit", "paid", "returned"}, func(k string) bool { return k == kind })...)
}

func (w *world) move(legs []int) mstep {
	ids, lots, from := w.holdings(legs)
	to, perLeg := w.elsewhere(from), rapid.Bool().Draw(w.t, "per leg")
	var lines []mline
	for _, i := range legs {
		h := w.state.legs[i]
		lines = append(lines, mline{lot: h.lot, from: h.at, to: h.at.sibling(to), amount: h.amount, leg: i + 1})
	}
	return mstep{lots: lots, final: !perLeg, lines: lines,
		step:  ledger.Move{Holdings: ids, From: ledger.AccountKind(from), To: ledger.AccountKind(to), PerLeg: perLeg},
		model: func(s *mstate) string { return s.move(legs, from, to) }}
}

func (w *world) part(leg int) mstep {
	ids, lots, from := w.holdings([]int{leg})
	to, amount := w.elsewhere(from), w.int(1, 9, "amount")
	return mstep{lots: lots, final: true,
		step:  ledger.PartMove{Holding: ids[0], From: ledger.AccountKind(from), To: ledger.AccountKind(to), Amount: money.Fen(amount)},
		model: func(s *mstate) string { return s.part(leg, from, to, amount) }}
}

func (w *world) giveBack(legs []int) mstep {
	ids, lots, from := w.holdings(legs)
	return mstep{lots: lots, step: ledger.GiveBack{Holdings: ids, From: ledger.AccountKind(from)},
		model: func(s *mstate) string { return s.giveBack(legs, from) }}
}

// reclassify lets another lot pay; most often one that can.
func (w *world) reclassify(leg int) mstep {
	ids, lots, from := w.holdings([]int{leg})
	h := w.state.legs[leg]
	lot, to, id := w.accountOf(func(lot int, at mplace) bool {
		l := w.state.lots[lot]
		return lot != h.lot && !l.stopped && len(l.free(at, h.amount, false)) == h.amount
	})
	return mstep{lots: append(lots, lot),
		step: ledger.Reclassify{Holding: ids[0], From: ledger.AccountKind(from), To: id},
		model: func(s *mstate) string {
			why := s.reclassify(leg, from, lot, to)
			if why == "" {
				w.seen["reclassified "]++
			}
			return why
		}}
}

// recover lets money of a paid leg come back, most often of one that is paid.
func (w *world) recover(leg int) mstep {
	for i, h := range w.state.legs {
		if h.at.kind == "paid" && !h.given && w.state.legs[leg].at.kind != "paid" && w.int(0, 3, "paid leg") > 0 {
			leg = i
		}
	}
	h := w.state.legs[leg]
	amount := w.int(1, 9, "amount")
	if w.int(0, 2, "above") == 0 {
		amount += 1000
	}
	return mstep{lots: []int{h.lot}, final: true,
		step: ledger.Recover{Holding: ledger.HoldingID(h.id), Amount: money.Fen(amount)},
		model: func(s *mstate) string {
			why := s.recover(leg, amount)
			w.seen["recover "+why]++
			return why
		}}
}

// do posts a command and does the same in the model.
func (w *world) do(steps ...mstep) {
	c := w.command(steps)
	j, next, want := w.expect(steps)
	posted, err := w.b.svc.Post(w.b.ctx, c)
	w.settle("post", j, next, c, posted, err, want)
}

func (w *world) command(steps []mstep) ledger.Command {
	w.n++
	c := w.b.keyed(fmt.Sprintf("m%d", w.n))
	for _, s := range steps {
		c.Steps = append(c.Steps, s.step)
	}
	return c
}

// expect is what the model does for the steps: the world after them, or why not.
func (w *world) expect(steps []mstep) (j *mjournal, next *mstate, want string) {
	next, j = w.state.clone(), &mjournal{before: w.state, seqs: map[int]int{}}
	for _, s := range steps {
		for _, lot := range s.lots {
			j.seqs[lot] = next.lots[lot].seq()
		}
		j.final = j.final || s.final
		if want == "" {
			want = s.model(next)
		}
	}
	for lot := range j.seqs {
		j.final = j.final || !slices.Equal(next.lots[lot].claims, w.state.lots[lot].claims)
	}
	if len(steps) == 1 && !j.final {
		j.lines = steps[0].lines
	}
	return j, next, want
}

// attempt is one of two commands at once, and what came of it.
type attempt struct {
	steps   []mstep
	command ledger.Command
	posted  ledger.Posted
	err     error
}

// concurrent posts two commands at the same moment: what came of them is what
// the model does for one after the other, in one order or the other.
func (w *world) concurrent() {
	var two [2]attempt
	for i := range two {
		s, ok := w.anyStep()
		if !ok {
			w.t.Skip("nothing to do that with")
		}
		two[i].steps = []mstep{s}
		two[i].command = w.command(two[i].steps)
	}
	atOnce(2, func(i int) error {
		a := &two[i]
		a.posted, a.err = w.b.svc.Post(w.b.ctx, a.command)
		return nil
	})
	if w.second(two) {
		two[0], two[1] = two[1], two[0]
	}
	for _, a := range two {
		j, next, want := w.expect(a.steps)
		w.settle("both", j, next, a.command, a.posted, a.err, want)
	}
	if (two[0].err == nil) != (two[1].err == nil) {
		w.seen["one of two "]++
	}
}

// second says whether the second came first: by the numbers of their journals,
// which are drawn under the locks, or as the one order that explains a refusal.
func (w *world) second(two [2]attempt) bool {
	if two[0].err == nil && two[1].err == nil {
		return two[1].posted.Journal < two[0].posted.Journal
	}
	_, next, want := w.expect(two[0].steps)
	if codeOf(two[0].err) != want {
		return true
	}
	if want != "" {
		return false
	}
	was := w.state
	w.state = next
	defer func() { w.state = was }()
	_, _, want = w.expect(two[1].steps)
	return codeOf(two[1].err) != want
}

// settle compares what the ledger said with what the model expects, and keeps
// the journal if there is one.
func (w *world) settle(what string, j *mjournal, next *mstate, c ledger.Command, posted ledger.Posted, err error, want string) {
	if code := codeOf(err); code != want {
		w.t.Fatalf("%s %+v: got %v, the model says %q", what, c.Steps, err, want)
	}
	w.seen[what+" "+want]++
	if err != nil {
		return
	}
	made := next.legs[len(w.state.legs):]
	if len(made) != len(posted.Holdings) {
		w.t.Fatalf("%d new legs, the model has %d", len(posted.Holdings), len(made))
	}
	for i := range made {
		made[i].id = int64(posted.Holdings[i])
	}
	for lot := range j.seqs {
		l := next.lots[lot]
		l.past = append(l.past, slices.Clone(l.cells))
	}
	j.id, j.after = int64(posted.Journal), next
	w.state, w.journals, w.commands = next, append(w.journals, j), append(w.commands, c)
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return errs.CodeOf(err)
}

func (w *world) reverse() {
	from := w.int(0, 1, "recent") * max(0, len(w.journals)-4)
	w.reverseWhole(pick(w, "journal", w.journals[from:]...))
}

func (w *world) reverseWhole(j *mjournal) {
	w.n++
	next := w.state.clone()
	own := &mjournal{before: w.state, seqs: map[int]int{}, final: true}
	for lot := range j.seqs {
		own.seqs[lot] = next.lots[lot].seq()
	}
	want := next.undo(j)
	posted, err := w.b.reverse(fmt.Sprintf("m%d", w.n), ledger.JournalID(j.id))
	w.settle("reverse", own, next, ledger.Command{}, posted, err, want)
	j.undone.whole = j.undone.whole || err == nil
}

// reversePart reverses some of a line, more than it, or what is left of it.
func (w *world) reversePart() {
	with := slices.DeleteFunc(slices.Clone(w.journals), func(j *mjournal) bool { return len(j.lines) == 0 })
	if len(with) == 0 {
		w.t.Skip("nothing that could be reversed in part")
	}
	w.n++
	j := pick(w, "journal", with[w.int(0, 1, "recent")*max(0, len(with)-3):]...)
	line := w.int(0, len(j.lines)-1, "line")
	asked, lot := w.int(0, j.lines[line].amount+2, "amount"), j.lines[line].lot
	next := w.state.clone()
	own := &mjournal{before: w.state, seqs: map[int]int{lot: next.lots[lot].seq()}, final: true}
	undone, want := next.undoPart(j, line, asked)
	posted, err := w.b.reverse(fmt.Sprintf("m%d", w.n), ledger.JournalID(j.id), ledger.Part{Line: int32(line + 1), Amount: money.Fen(asked)})
	w.settle("part", own, next, ledger.Command{}, posted, err, want)
	if err == nil {
		if j.undone.of == nil {
			j.undone.of = map[int]int{}
		}
		j.undone.of[line] += undone
		if w.int(0, 1, "whole") == 0 {
			w.reverseWhole(j)
		}
	}
}

// closeMonth tries to post into a closed month, books a late fact, and opens
// the month again.
func (w *world) closeMonth() {
	w.setMonth(true)
	s, ok := w.anyStep()
	if !ok {
		s = w.bring(0)
	}
	if _, err := w.b.svc.Post(w.b.ctx, w.command([]mstep{s})); errs.CodeOf(err) != "LEDGER_PERIOD_CLOSED" {
		w.t.Fatalf("into a closed month: %v", err)
	}
	w.seen["closed LEDGER_PERIOD_CLOSED"]++
	fact := []mstep{w.bring(0)}
	c := w.command(fact)
	c.ValueDates = []time.Time{day}
	j, next, want := w.expect(fact)
	posted, err := w.b.svc.Post(w.b.ctx, c)
	w.settle("late", j, next, c, posted, err, want)
	late, err := ledger.LateOf(w.b.ctx, w.b.db.Pool(), posted.Journal)
	if err != nil || len(late) != 1 || !late[0].ValueDate.Equal(day) {
		w.t.Fatalf("linked with %v, %v", late, err)
	}
	w.setMonth(false)
}

func (w *world) setMonth(closed bool) {
	err := w.b.db.Run(w.b.ctx, func(tx pgx.Tx) error {
		return ledger.SetPeriod(w.b.ctx, tx, day.Format("2006-01"), closed)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) repeat() {
	i := w.int(0, len(w.commands)-1, "command")
	if w.commands[i].Key == "" {
		w.t.Skip("that was a reversal")
	}
	posted, err := w.b.svc.Post(w.b.ctx, w.commands[i])
	if err != nil || !posted.Replay || int64(posted.Journal) != w.journals[i].id {
		w.t.Fatalf("repeated %s: %+v, %v", w.commands[i].Key, posted, err)
	}
}

// agree compares the books with the model.
func (w *world) agree() {
	accounts, err := ledger.Accounts(w.b.ctx, w.b.db.Pool())
	if err != nil {
		w.t.Fatal(err)
	}
	places := map[ledger.AccountID]ledger.Account{}
	for _, a := range accounts {
		places[a.ID] = a
	}
	for lot, l := range w.state.lots {
		want, got := map[ledger.Place]money.Fen{}, map[ledger.Place]money.Fen{}
		for at, n := range w.state.balances(lot) {
			want[placeOf(at)] = money.Fen(n)
		}
		for _, a := range accounts {
			if a.Lot == ledger.LotID(l.id) && a.Balance != 0 {
				got[a.Place] = a.Balance
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			w.t.Fatalf("balances of lot %d (-model +ledger):\n%s", lot, diff)
		}
	}
	w.agreeLegs(places)
	w.agreeCells(places, `SELECT lot, offset_fen, amount_fen, opened_seq, NULL::bigint, coalesce(account, 0), coalesce(holding, 0) FROM piece`, true)
	w.agreeHolder(places)
	w.sound()
}

// agreeHistory compares the holder of every fen after every journal.
func (w *world) agreeHistory() {
	accounts, err := ledger.Accounts(w.b.ctx, w.b.db.Pool())
	if err != nil {
		w.t.Fatal(err)
	}
	places := map[ledger.AccountID]ledger.Account{}
	for _, a := range accounts {
		places[a.ID] = a
	}
	w.agreeCells(places, `SELECT lot, offset_fen, amount_fen, opened_seq, NULL::bigint, coalesce(account, 0), coalesce(holding, 0) FROM piece
		UNION ALL SELECT lot, offset_fen, amount_fen, opened_seq, closed_seq, coalesce(account, 0), coalesce(holding, 0) FROM piece_history`, false)
}

// segment is a row of pieces or of their history.
type segment struct {
	Lot                    int32
	Offset, Amount, Opened int64
	Closed                 *int64 // nil: stands
	Account                int32
	Holding                int64
}

// agreeCells walks segments cell by cell and journal by journal: each cell of
// the model is covered once by a segment that names its holder. With now only
// as it stands after the last journal.
func (w *world) agreeCells(places map[ledger.AccountID]ledger.Account, sql string, now bool) {
	rows, err := w.b.db.Pool().Query(w.b.ctx, sql)
	if err != nil {
		w.t.Fatal(err)
	}
	segments, err := pgx.CollectRows(rows, pgx.RowToStructByPos[segment])
	if err != nil {
		w.t.Fatal(err)
	}
	lots, covered, wanted := map[int32]*mlot{}, 0, 0
	for _, l := range w.state.lots {
		lots[l.id] = l
		for seq, cells := range l.past {
			if !now || seq == len(l.past)-1 {
				wanted += len(cells)
			}
		}
	}
	for _, s := range segments {
		l := lots[s.Lot]
		from, to := int(s.Opened), len(l.past)-1
		if now {
			from = to
		}
		if s.Closed != nil {
			to = int(*s.Closed) - 1
		}
		for seq := from; seq <= to; seq++ {
			for at := s.Offset; at < s.Offset+s.Amount; at++ {
				w.agreeCell(places, s, seq, l.past[seq][at])
				covered++
			}
		}
	}
	if covered != wanted {
		w.t.Fatalf("%d fen have a holder, the model has %d", covered, wanted)
	}
}

func (w *world) agreeCell(places map[ledger.AccountID]ledger.Account, s segment, seq int, c mcell) {
	switch {
	case c.leg != 0 && s.Holding != w.state.legs[c.leg-1].id, c.leg == 0 && s.Holding != 0:
		w.t.Fatalf("after %d: %+v, the model says leg %d", seq, s, c.leg-1)
	case c.leg == 0 && places[ledger.AccountID(s.Account)].Place != placeOf(c.at):
		w.t.Fatalf("after %d: %+v, the model says %+v", seq, s, c.at)
	}
}

func (w *world) agreeLegs(places map[ledger.AccountID]ledger.Account) {
	var ids []ledger.HoldingID
	for _, h := range w.state.legs {
		ids = append(ids, ledger.HoldingID(h.id))
	}
	found, err := ledger.Holdings(w.b.ctx, w.b.db.Pool(), ids)
	if err != nil || len(found) != len(ids) {
		w.t.Fatalf("%d of %d legs, %v", len(found), len(ids), err)
	}
	got := map[ledger.HoldingID]ledger.Holding{}
	for _, h := range found {
		got[h.ID] = h
	}
	for i, h := range w.state.legs {
		r := got[ledger.HoldingID(h.id)]
		if r.Amount != money.Fen(h.amount) || h.given != (r.Account == 0) || (!h.given && places[r.Account].Place != placeOf(h.at)) {
			w.t.Fatalf("leg %d: ledger %+v, model %+v", i, r, h)
		}
	}
}

// agreeHolder asks for one fen of one lot, as it stood after some journal.
func (w *world) agreeHolder(places map[ledger.AccountID]ledger.Account) {
	l := pick(w, "lot of fen", w.state.lots...)
	address, seq := w.int(0, len(l.cells), "fen"), w.int(0, len(l.past)-1, "as of")
	p, err := ledger.HolderAt(w.b.ctx, w.b.db.Pool(), ledger.LotID(l.id), money.Fen(address), int64(seq))
	if address >= len(l.past[seq]) {
		if errs.CodeOf(err) != "LEDGER_NO_SUCH_FEN" {
			w.t.Fatalf("fen %d at %d was not there yet: %+v, %v", address, seq, p, err)
		}
		return
	}
	c := l.past[seq][address]
	switch {
	case err != nil:
		w.t.Fatalf("fen %d at %d: %v", address, seq, err)
	case c.leg != 0 && int64(p.Holding) != w.state.legs[c.leg-1].id:
		w.t.Fatalf("fen %d at %d: %+v, the model says leg %d", address, seq, p, c.leg-1)
	case c.leg == 0 && places[p.Account].Place != placeOf(c.at):
		w.t.Fatalf("fen %d at %d: %+v, the model says %+v", address, seq, p, c.at)
	}
}

func (w *world) sound() {
	w.b.legsTie()
	found, err := ledger.Verify(w.b.ctx, w.b.db.Pool())
	if err != nil || len(found) != 0 {
		w.t.Fatalf("verify: %+v, %v", found, err)
	}
}
