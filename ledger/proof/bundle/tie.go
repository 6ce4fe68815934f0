package bundle

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fenlu/internal/errs"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// Words of leaves and rows that tying out knows.
const (
	kindJournal  = "journal"
	kindRelease  = "release"
	kindEvidence = "evidence"
	kindDocument = "document"
	placePaid    = "paid"
	givenBack    = "given_back"
)

// paidTo is money of one lot that reached the payee of a payment.
type paidTo struct{ payment, lot int64 }

// facts are what leaves and statements say, as far as they must agree.
type facts struct {
	stated    Stated
	masked    bool
	legs      map[int64]int64      // leg -> payment, of the stated lines
	moved     map[paidTo]money.Fen // by journals
	roots     map[string]bool      // "文号 lot" of document leaves
	commits   map[string]string    // end-to-end id -> commitment
	attempted map[int64]bool       // payments with an instruction
}

// tie compares what is stated with what is proved, and sums up. Errors:
// BUNDLE_UNTIED (Unverified), which names the line, leg, payment or leaf.
func tie(r Report) (Sums, error) {
	f := facts{stated: r.Stated, masked: r.Asked.Masked, legs: map[int64]int64{}, moved: map[paidTo]money.Fen{}, roots: map[string]bool{},
		commits: map[string]string{}, attempted: map[int64]bool{}}
	for _, l := range r.Stated.Lines {
		for _, g := range l.Legs {
			f.legs[g.ID] = g.Payment
		}
	}
	for _, p := range r.Proved {
		if err := f.addLeaf(p); err != nil {
			return Sums{}, err
		}
	}
	// evidence is read when all instructions are known
	for _, p := range r.Proved {
		if err := f.checkEvidence(p); err != nil {
			return Sums{}, err
		}
	}
	if err := f.checkSources(r.Proved); err != nil {
		return Sums{}, err
	}
	sums, err := f.checkLines()
	if err != nil {
		return sums, err
	}
	if err := f.checkPayments(); err != nil {
		return sums, err
	}
	return sums, f.checkOpened()
}

func untied(what string, id any) error {
	return errs.New(errs.Unverified, "BUNDLE_UNTIED", "what", what, "id", fmt.Sprint(id))
}

// row is a part by the names of its columns.
type row struct {
	columns []string
	values  []string
}

func (r row) text(name string) string {
	if i := slices.Index(r.columns, name); i >= 0 {
		return r.values[i]
	}
	return ""
}

func (r row) number(name string) int64 {
	n, err := strconv.ParseInt(r.text(name), 10, 64)
	if err != nil {
		return 0 // a value that is no number equals nothing that is stated
	}
	return n
}

func (f *facts) addLeaf(p Proved) error {
	sum := money.Fen(0)
	for _, part := range p.Parts {
		w := row{p.Columns, part.Values}
		sum += money.Fen(w.number("amount_fen"))
		switch p.Kind {
		case kindJournal:
			if err := f.addMove(w); err != nil {
				return err
			}
		case kindRelease:
			f.commits[w.text("end_to_end_id")], f.attempted[w.number("payment")] = w.text("payee_commitment"), true
		case kindDocument:
			if w.text("kind") == "bring" {
				f.roots[p.value("number")+" "+w.text("lot")] = true
			}
		}
	}
	total := p.value("amount_fen")
	if p.Kind == kindRelease {
		total = p.value("sum_fen")
	}
	whole := strconv.Itoa(len(p.Parts)) == p.value("parts")
	if whole && (p.Kind == kindJournal || p.Kind == kindRelease) && total != strconv.FormatInt(int64(sum), 10) {
		return untied("leaf", p.Index)
	}
	return nil
}

// addMove takes a line of a journal in. One that is somebody's must be of a leg
// that is stated: nobody else's lines are in a bundle.
func (f *facts) addMove(w row) error {
	leg := w.number("leg")
	if leg == 0 && w.number("payment") == 0 {
		return nil // a bulk movement: it names nobody
	}
	payment, ok := f.legs[leg]
	if !ok || payment != w.number("payment") {
		return untied("leg", leg)
	}
	at, amount := paidTo{payment, w.number("lot")}, money.Fen(w.number("amount_fen"))
	if kindOf(w.text("debit_place")) == placePaid {
		f.moved[at] += amount
	}
	if kindOf(w.text("credit_place")) == placePaid {
		f.moved[at] -= amount
	}
	return nil
}

// kindOf is the kind of account in a place: paid/12.
func kindOf(place string) string {
	kind, _, _ := strings.Cut(place, "/")
	return kind
}

// checkEvidence: a line of evidence is about an instruction that is there.
func (f *facts) checkEvidence(p Proved) error {
	if p.Kind != kindEvidence {
		return nil
	}
	for _, part := range p.Parts {
		id := row{p.Columns, part.Values}.text("end_to_end_id")
		if _, ok := f.commits[id]; id != "" && !ok {
			return untied("evidence", id)
		}
	}
	return nil
}

// checkLines: pieces add up to their leg, legs to their line, every lot is
// rooted in a document that is proved, and what legs hold as paid is what the
// journals moved there.
func (f *facts) checkLines() (Sums, error) {
	s := Sums{Lines: len(f.stated.Lines), Payments: len(f.stated.Payments)}
	held := map[paidTo]money.Fen{}
	for _, l := range f.stated.Lines {
		var live money.Fen
		for _, g := range l.Legs {
			if err := f.checkLeg(g); err != nil {
				return s, err
			}
			if g.Place == givenBack {
				continue
			}
			live += g.Amount
			if kindOf(g.Place) == placePaid {
				held[paidTo{g.Payment, g.Lot}] += g.Amount
				s.Paid += g.Amount
			}
		}
		if live > 0 && live != l.Amount {
			return s, untied("line", l.ID)
		}
		s.Due, s.Held = s.Due+l.Amount, s.Held+live
	}
	for at, amount := range f.moved {
		if amount != held[at] {
			return s, untied("paid", at.payment)
		}
	}
	for at, amount := range held {
		if amount != f.moved[at] {
			return s, untied("paid", at.payment)
		}
	}
	return s, nil
}

func (f *facts) checkLeg(g Leg) error {
	var pieces money.Fen
	for _, p := range g.Pieces {
		pieces += p.Amount
	}
	if g.Place != givenBack && pieces != g.Amount {
		return untied("leg", g.ID)
	}
	if g.Document != "" && !f.roots[g.Document+" "+strconv.FormatInt(g.Lot, 10)] {
		return untied("document", g.Document)
	}
	return nil
}

// checkPayments: the payments are those of the legs, no payment carries less
// than its lines hold, and an instruction is of a payment that is there.
func (f *facts) checkPayments() error {
	carried := map[int64]money.Fen{}
	for _, l := range f.stated.Lines {
		for _, g := range l.Legs {
			carried[g.Payment] += 0
			if g.Place != givenBack {
				carried[g.Payment] += g.Amount
			}
		}
	}
	for _, p := range f.stated.Payments {
		amount, ok := carried[p.ID]
		if !ok || amount > p.Amount {
			return untied("payment", p.ID)
		}
		delete(carried, p.ID)
		delete(f.attempted, p.ID)
	}
	for id := range carried {
		return untied("payment", id)
	}
	for id := range f.attempted {
		return untied("payment", id)
	}
	return nil
}

// checkOpened: who is said to be paid is who the instruction commits to.
func (f *facts) checkOpened() error {
	if f.masked && len(f.stated.Opened) > 0 {
		return untied("opened", len(f.stated.Opened))
	}
	for _, o := range f.stated.Opened {
		commitment, err := hex.DecodeString(f.commits[o.EndToEndID])
		salt, errSalt := hex.DecodeString(o.Salt)
		payee := leaf.Payee{Name: o.Name, IDNumber: o.IDNumber, Account: o.Account, BankCode: o.BankCode}
		if err != nil || errSalt != nil || !leaf.CheckPayee(commitment, salt, payee) {
			return untied("opened", o.EndToEndID)
		}
	}
	return nil
}
