package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"time"

	"fenlu/internal/errs"
	"fenlu/money"
)

// Command asks the ledger for one journal. Key makes it happen once: the same
// key with the same content gives the first journal again, with other content
// errs.Conflict. Cause names what caused it ("document:7", "batch:12").
type Command struct {
	Key          string
	Kind         string
	Actor        string
	Cause        string
	Memo         string
	BusinessDate time.Time
	Steps        []Step
	// ValueDates are the days on which a fact happened, as evidence says: it is
	// booked in the first open period on or after BusinessDate, and linked with
	// those of its days that lie in a closed one. A command has none and is
	// refused where its period is closed.
	ValueDates []time.Time
}

// Step is one movement of a command: Bring, Shift, Draw, Move, PartMove,
// GiveBack, Reclassify or Recover. Steps are done in order, each seeing what the one before did.
type Step interface {
	// digest adds the step's content to the request's digest.
	digest(h hash.Hash)
	// lots and accounts it names, so that they can be locked first.
	names(n *named)
	apply(p *posting) error
}

// named collects what a command's steps name.
type named struct {
	lots     []LotID
	accounts []AccountID
	holdings []HoldingID
}

// Bring (拨入) adds Amount fen at the end of a lot, free in the available
// account of BudgetLine (or suspense, for a receipt).
type Bring struct {
	Lot    LotID
	To     Place
	Amount money.Fen
}

// Shift moves free money of one account to another place of the same lot: the
// carve-out, a reserve, a cut. It takes the lowest addresses, or with Highest
// the highest. With Fact it is always booked: what is not free becomes a claim
// against shortfall; without it errs.Insufficient refuses the whole journal.
type Shift struct {
	From    AccountID
	To      Place
	Amount  money.Fen
	Highest bool
	Fact    bool
	Cover   bool // end open claims on From first: what they stood for has come back
}

// Leg is what a Draw takes for one line in one payment.
type Leg struct {
	Line    int64
	Payment int64
	Party   int64
	Amount  money.Fen
}

// Draw takes free money of an account, lowest addresses first, for legs in the
// given order, and puts it as holdings into the account of kind To of the same
// budget line. One transfer for all of it.
type Draw struct {
	From AccountID
	To   AccountKind
	Legs []Leg
}

// Move moves holdings, all standing in accounts of kind From, to the accounts
// of kind To of the same budget lines. PerLeg writes one transfer per holding
// (settlement, return, re-issue); otherwise one per pair of accounts (release).
type Move struct {
	Holdings []HoldingID
	From, To AccountKind
	PerLeg   bool
}

// PartMove splits a holding: its highest Amount fen become a new holding in the
// account of kind To (部分退回).
type PartMove struct {
	Holding  HoldingID
	From, To AccountKind
	Amount   money.Fen
}

// GiveBack returns holdings, all standing in accounts of kind From, to the
// accounts they were drawn from: stop, withhold, withdraw, cancellation.
type GiveBack struct {
	Holdings []HoldingID
	From     AccountKind
}

// valid reports what is missing or wrong in the command itself.
func (c Command) valid() error {
	if err := c.complete(); err != nil {
		return err
	}
	if len(c.Steps) == 0 {
		return errs.New(errs.Invalid, "LEDGER_COMMAND_EMPTY", "field", "steps")
	}
	return nil
}

// complete reports what the journal's header would lack.
func (c Command) complete() error {
	for name, value := range map[string]string{"key": c.Key, "kind": c.Kind, "actor": c.Actor, "cause": c.Cause} {
		if value == "" {
			return errs.New(errs.Invalid, "LEDGER_COMMAND_EMPTY", "field", name)
		}
	}
	if c.BusinessDate.IsZero() {
		return errs.New(errs.Invalid, "LEDGER_COMMAND_EMPTY", "field", "business_date")
	}
	return nil
}

// requestDigest is the fingerprint by which a repeated key is told from a
// reused one. It covers what the command asks for, not when or by which clock.
func (c Command) requestDigest() []byte {
	h := sha256.New()
	for _, s := range []string{c.Kind, c.Actor, c.Cause, c.Memo, c.BusinessDate.Format(time.DateOnly)} {
		hashText(h, s)
	}
	for _, s := range c.Steps {
		s.digest(h)
	}
	for _, d := range c.ValueDates {
		hashText(h, d.Format(time.DateOnly))
	}
	return h.Sum(nil)
}

func hashText(h hash.Hash, s string) {
	hashInts(h, int64(len(s)))
	_, _ = h.Write([]byte(s)) // a hash never fails
}

func hashInts(h hash.Hash, values ...int64) {
	var b [8]byte
	for _, v := range values {
		binary.BigEndian.PutUint64(b[:], uint64(v)) //nolint:gosec // the bit pattern is what is hashed
		_, _ = h.Write(b[:])
	}
}

func hashPlace(h hash.Hash, p Place) {
	hashText(h, string(p.Kind))
	hashInts(h, int64(p.BudgetLine))
	hashText(h, p.Township)
}

func hashHoldings(h hash.Hash, ids []HoldingID) {
	hashInts(h, int64(len(ids)))
	for _, id := range ids {
		hashInts(h, int64(id))
	}
}

func hashFlag(h hash.Hash, flags ...bool) {
	for _, f := range flags {
		v := int64(0)
		if f {
			v = 1
		}
		hashInts(h, v)
	}
}

func (s Bring) digest(h hash.Hash) {
	hashText(h, "bring")
	hashInts(h, int64(s.Lot), int64(s.Amount))
	hashPlace(h, s.To)
}

func (s Shift) digest(h hash.Hash) {
	hashText(h, "shift")
	hashInts(h, int64(s.From), int64(s.Amount))
	hashPlace(h, s.To)
	hashFlag(h, s.Highest, s.Fact, s.Cover)
}

func (s Draw) digest(h hash.Hash) {
	hashText(h, "draw")
	hashInts(h, int64(s.From), int64(len(s.Legs)))
	hashText(h, string(s.To))
	for _, l := range s.Legs {
		hashInts(h, l.Line, l.Payment, l.Party, int64(l.Amount))
	}
}

func (s Move) digest(h hash.Hash) {
	hashText(h, "move")
	hashText(h, string(s.From)+">"+string(s.To))
	hashHoldings(h, s.Holdings)
	hashFlag(h, s.PerLeg)
}

func (s PartMove) digest(h hash.Hash) {
	hashText(h, "part")
	hashText(h, string(s.From)+">"+string(s.To))
	hashInts(h, int64(s.Holding), int64(s.Amount))
}

func (s GiveBack) digest(h hash.Hash) {
	hashText(h, "give_back")
	hashText(h, string(s.From))
	hashHoldings(h, s.Holdings)
}

func (s Bring) names(n *named)    { n.lots = append(n.lots, s.Lot) }
func (s Shift) names(n *named)    { n.accounts = append(n.accounts, s.From) }
func (s Draw) names(n *named)     { n.accounts = append(n.accounts, s.From) }
func (s Move) names(n *named)     { n.holdings = append(n.holdings, s.Holdings...) }
func (s PartMove) names(n *named) { n.holdings = append(n.holdings, s.Holding) }
func (s GiveBack) names(n *named) { n.holdings = append(n.holdings, s.Holdings...) }
