package batch_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"fenlu/disbursement/batch"
	"fenlu/ledger"
	"fenlu/money"
)

// model is what batches should do, kept in plain maps: who holds which key,
// which batch is where, and what is left of the pool.
type model struct {
	t       *testing.T
	dice    *rand.Rand
	o       *office
	reached map[batch.State]int
	batches map[string]*modelBatch
	keys    map[int]string // person -> batch that holds the key
	free    money.Fen
	n       int
}

type modelBatch struct {
	state   batch.State
	digest  batch.Digest
	persons []int
	status  []batch.LineStatus
	done    map[string]bool // small lists, by kind and line
}

const standard = money.Fen(420_00)

func (m *model) pick() (string, *modelBatch) {
	code := fmt.Sprintf("DB-%d", 1+m.dice.IntN(3))
	return code, m.batches[code]
}

// want compares an outcome with the model's.
func (m *model) want(ok bool, err error) bool {
	if ok != (err == nil) {
		m.t.Fatalf("want success %v, got %s", ok, explain(err))
	}
	return ok && err == nil
}

func (b *modelBatch) listed() (n int) {
	for _, s := range b.status {
		if s == batch.Listed {
			n++
		}
	}
	return n
}

// clear says that no other batch holds the key of a listed line.
func (m *model) clear(code string, b *modelBatch) bool {
	for i, p := range b.persons {
		if holder, held := m.keys[p]; b.status[i] == batch.Listed && held && holder != code {
			return false
		}
	}
	return true
}

func (m *model) release(code string) {
	for p, holder := range m.keys {
		if holder == code {
			delete(m.keys, p)
		}
	}
}

func (m *model) make() {
	code, b := m.pick()
	if b != nil {
		return
	}
	m.n++
	persons := m.dice.Perm(5)[:1+m.dice.IntN(4)]
	rows := make([]row, len(persons))
	status := make([]batch.LineStatus, len(persons))
	for i, p := range persons {
		rows[i], status[i] = due(p+1).with("备注", fmt.Sprint(m.n)), batch.Listed
	}
	_, err := m.o.make(code, "DB", "DF", rows...)
	m.want(true, err)
	m.batches[code] = &modelBatch{state: batch.Draft, persons: persons, status: status, done: map[string]bool{}}
}

func (m *model) check() {
	code, b := m.pick()
	if b == nil {
		return
	}
	_, err := m.o.batch.Check(m.o.all("checker"), code)
	n := money.Fen(b.listed())
	can := b.state == batch.Draft && n > 0 && m.clear(code, b) && n*standard <= m.free
	if m.want(can || b.state.Reached(batch.Checked), err) && can {
		b.state = batch.Checked
	}
}

func (m *model) submit() {
	code, b := m.pick()
	if b == nil {
		return
	}
	s, err := m.o.batch.Submit(m.o.all("maker"), code, "")
	can := b.state == batch.Checked && m.clear(code, b)
	if m.want(can || b.state.Reached(batch.Submitted), err) && can {
		b.state, b.digest = batch.Submitted, s.Digest
		for i, p := range b.persons {
			if b.status[i] == batch.Listed {
				m.keys[p] = code
			}
		}
	}
}

func (m *model) reject() {
	code, b := m.pick()
	if b == nil {
		return
	}
	_, err := m.o.batch.Reject(m.o.all("approver"), code, "重做")
	if m.want(b.state == batch.Checked || b.state == batch.Submitted, err) {
		b.state = batch.Draft
		m.release(code)
	}
}

func (m *model) remove() {
	code, b := m.pick()
	if b == nil {
		return
	}
	i := m.dice.IntN(len(b.persons))
	_, err := m.o.batch.Remove(m.o.all("maker"), code, []int32{int32(i + 1)}, "移出")
	can := b.status[i] == batch.Listed && (b.state == batch.Draft || b.state == batch.Checked)
	if m.want(can || b.status[i] != batch.Listed, err) && can {
		b.state, b.status[i] = batch.Draft, batch.Withdrawn
	}
}

func (m *model) approve() {
	code, b := m.pick()
	if b == nil {
		return
	}
	f, err := m.o.batch.Approve(m.o.all("lin"), code, b.digest)
	need := money.Fen(b.listed()) * standard
	can := b.state == batch.Submitted && need <= m.free
	if m.want(can || b.state.Reached(batch.Approved), err) && can {
		b.state = batch.Approved
		m.free -= f.Amount
	}
}

func (m *model) takeOut() {
	code, b := m.pick()
	if b == nil {
		return
	}
	i := m.dice.IntN(len(b.persons))
	kind := []batch.ListKind{batch.Withhold, batch.Withdraw}[m.dice.IntN(2)]
	l, err := m.o.batch.ProposeList(m.o.all("clerk"), code, kind, []int32{int32(i + 1)}, "取出")
	if err == nil {
		_, err = m.o.batch.ApproveList(m.o.all("chief"), l.ID, l.Digest)
	}
	key := fmt.Sprint(kind, i)
	fresh := b.status[i] == batch.Listed && b.state == batch.Approved
	cured := b.status[i] == batch.Withheld && kind == batch.Withdraw && b.state.Reached(batch.Approved)
	if !m.want(b.done[key] || fresh || cured, err) || b.done[key] {
		return
	}
	b.done[key] = true
	if fresh {
		m.free += standard
	}
	if b.status[i] = batch.Withheld; kind == batch.Withdraw {
		b.status[i] = batch.Withdrawn
		delete(m.keys, b.persons[i])
	}
}

func (m *model) send() {
	code, b := m.pick()
	if b == nil {
		return
	}
	_, err := m.o.batch.Release(m.o.all("releaser"), code, day)
	can := b.state == batch.Approved && b.listed() > 0
	if m.want(can || b.state.Reached(batch.Released), err) && can {
		b.state = batch.Released
	}
}

func (m *model) cancel() {
	code, b := m.pick()
	if b == nil {
		return
	}
	_, err := m.o.batch.Cancel(m.o.all("approver"), code, "作废")
	can := !b.state.Reached(batch.Released) && b.state != batch.Cancelled
	if m.want(can || b.state == batch.Cancelled, err) && can {
		if b.state == batch.Approved {
			m.free += money.Fen(b.listed()) * standard
		}
		b.state = batch.Cancelled
		m.release(code)
	}
}

// holds compares the database with the model.
func (m *model) holds() {
	if got := m.o.balances()[ledger.Available]; got != m.free {
		m.t.Fatalf("available is %s, the model has %s", got, m.free)
	}
	for code, b := range m.batches {
		m.reached[b.state]++
		if got := m.o.status(code).Batch.State; got != b.state {
			m.t.Fatalf("%s is %s, the model has %s", code, got, b.state)
		}
	}
	var live int
	if err := m.o.db.Pool().QueryRow(m.o.t.Context(), `SELECT count(*) FROM once_key WHERE freed IS NULL`).Scan(&live); err != nil || live != len(m.keys) {
		m.t.Fatalf("%d live once-keys, the model has %d; %v", live, len(m.keys), err)
	}
	if m.o.sound(); m.o.t.Failed() {
		m.t.FailNow()
	}
}

// TestBatch_does_what_the_model_does takes random steps, each on whatever state
// the batch is in, and compares every outcome and the database with the model.
func TestBatch_does_what_the_model_does(t *testing.T) {
	t.Parallel()
	reached := map[batch.State]int{}
	for seed := range uint64(4) {
		o := newOffice(t)
		o.money("财社〔2026〕12号", "中央", "1000.00")
		o.money("县财预〔2026〕6号", "县", "1200.00")
		o.people(head(1), head(2), head(3), head(4), head(5))
		m := &model{t: t, dice: rand.New(rand.NewPCG(seed, 2026)), o: o, reached: reached, batches: map[string]*modelBatch{}, keys: map[int]string{},
			free: 2200_00}
		actions := []func(){m.make, m.check, m.check, m.submit, m.submit, m.approve, m.approve, m.takeOut, m.takeOut, m.send, m.reject, m.remove, m.cancel}
		for range 80 {
			actions[m.dice.IntN(len(actions))]()
			m.holds()
		}
	}
	for _, s := range []batch.State{batch.Draft, batch.Checked, batch.Submitted, batch.Approved, batch.Released, batch.Cancelled} {
		if reached[s] == 0 {
			t.Errorf("no batch was ever %s: the steps show nothing about it", s)
		}
	}
}
