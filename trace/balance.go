package trace

import (
	"context"
	"slices"
	"strconv"
	"time"

	"fenlu/internal/db"
	"fenlu/ledger"
	"fenlu/money"
)

// Sums are the closing balances of a place or a lot: what documents brought in
// net of what they withdrew, where it stands, and what is missing. Appropriated
// + Receipts = the places from Available to CarriedOver − Shortfall. What was
// recovered (追回) is a stop-over and is counted in Returned until it moves on.
type Sums struct {
	Appropriated money.Fen `json:"appropriated"`
	Available    money.Fen `json:"available"`
	Carveout     money.Fen `json:"carveout"`
	Reserve      money.Fen `json:"reserve"`
	Frozen       money.Fen `json:"frozen"`
	InTransit    money.Fen `json:"in_transit"`
	PaidPersons  money.Fen `json:"paid_persons"`
	PaidUnits    money.Fen `json:"paid_units"`
	Returned     money.Fen `json:"returned"`
	Suspense     money.Fen `json:"suspense"`
	Surrendered  money.Fen `json:"surrendered"`
	CarriedOver  money.Fen `json:"carried_over"`
	Shortfall    money.Fen `json:"shortfall"`
	Receipts     money.Fen `json:"receipts"`
}

// Counts are how many there are of what a month is made of: as many payments,
// instructions and lines as the views x_payment, x_attempt and x_line show
// (stopped and withdrawn ones too, but no instruction of what was paid by hand), and the different beneficiaries of the
// lines.
type Counts struct {
	Payments   int `json:"payments"`
	Attempts   int `json:"attempts"`
	Lines      int `json:"lines"`
	Persons    int `json:"persons"`
	Households int `json:"households"`
	Units      int `json:"units"`
}

// SealedFile is a bank file that went out.
type SealedFile struct {
	Name    string    `json:"name"`
	Profile string    `json:"profile"`
	SHA256  string    `json:"sha256"`
	Count   int       `json:"count"`
	Sum     money.Fen `json:"sum"`
}

// Seconds prints a duration as seconds with three decimals.
type Seconds time.Duration

// MarshalJSON writes a number: 1.250.
func (s Seconds) MarshalJSON() ([]byte, error) {
	ms := time.Duration(s).Milliseconds()
	frac := strconv.FormatInt(1000+ms%1000, 10)
	return []byte(strconv.FormatInt(ms/1000, 10) + "." + frac[1:]), nil
}

// Closing is the closing JSON of demo and balance (DESIGN §6.1). Verify and
// Elapsed are filled in by the caller.
type Closing struct {
	Sums
	Unaccounted money.Fen `json:"unaccounted"`
	Counts
	Files   []SealedFile  `json:"files"`
	Verify  *Verification `json:"verify,omitempty"`
	Elapsed Seconds       `json:"elapsed_s"`
	Lots    []LotBalance  `json:"-"`
}

// PastClosing is what can be said of an index of the log (DESIGN §5, as of).
type PastClosing struct {
	Sums
	Index int64        `json:"index"`
	At    time.Time    `json:"at"` // when the leaf of the index was sequenced
	Lots  []LotBalance `json:"-"`
}

// LotBalance is where the money of one lot stands.
type LotBalance struct {
	Lot         int64     `json:"lot"`
	Document    string    `json:"document"`
	LineNo      int       `json:"line_no"`
	Level       string    `json:"level"`
	Fund        string    `json:"fund"`
	Unaccounted money.Fen `json:"unaccounted"`
	Sums
}

// Balance is the county on one page, now.
func Balance(ctx context.Context, q db.Querier) (Closing, error) {
	accounts, err := ledger.Accounts(ctx, q)
	if err != nil {
		return Closing{}, err
	}
	units, err := unitsHold(ctx, q)
	if err != nil {
		return Closing{}, err
	}
	var c Closing
	if c.Lots, c.Sums, err = lotBalances(ctx, q, accounts, units, now); err != nil {
		return Closing{}, err
	}
	byLot, err := Unaccounted(ctx, q)
	if err != nil {
		return Closing{}, err
	}
	for _, d := range byLot {
		c.Unaccounted += d.Amount
		if i := slices.IndexFunc(c.Lots, func(l LotBalance) bool { return l.Lot == d.Lot }); i >= 0 {
			c.Lots[i].Unaccounted = d.Amount
		}
	}
	if c.Counts, err = countAll(ctx, q); err != nil {
		return Closing{}, err
	}
	c.Files, err = sealedFiles(ctx, q)
	return c, err
}

// BalanceAt is the balances as of an index of the log; yesterday's answer never
// changes. Errors: BALANCE_INDEX (NotFound) for an index that the log has not.
func BalanceAt(ctx context.Context, q db.Querier, index int64) (PastClosing, error) {
	accounts, err := ledger.AccountsAt(ctx, q, index)
	if err != nil {
		return PastClosing{}, err
	}
	units, err := unitsHeldAt(ctx, q, index)
	if err != nil {
		return PastClosing{}, err
	}
	c := PastClosing{Index: index}
	if c.At, err = sequencedAt(ctx, q, index); err != nil {
		return PastClosing{}, err
	}
	c.Lots, c.Sums, err = lotBalances(ctx, q, accounts, units, index)
	return c, err
}

// now stands for an index of the log where there is none.
const now int64 = -1

// lotBalances sums accounts by lot and in all.
func lotBalances(ctx context.Context, q db.Querier, accounts []ledger.Account, units map[int64]money.Fen, index int64) ([]LotBalance, Sums, error) {
	list, err := broughtByLot(ctx, q, index)
	if err != nil {
		return nil, Sums{}, err
	}
	at := map[int64]int{}
	receipts := map[int64]bool{}
	for i, l := range list {
		at[l.Lot], receipts[l.Lot] = i, l.kind == string(ledger.Receipt)
	}
	var all Sums
	out := make([]LotBalance, len(list))
	for i, l := range list {
		out[i] = l.LotBalance
	}
	for _, a := range accounts {
		if i, known := at[int64(a.Lot)]; known {
			out[i].add(a, units[int64(a.ID)], receipts[int64(a.Lot)])
		}
	}
	for _, l := range out {
		all.plus(l.Sums)
	}
	return out, all, nil
}

// add counts one account into its place. What is appropriated is what the
// documents say, and is there already; a receipt has no document.
func (s *Sums) add(a ledger.Account, toUnits money.Fen, receipt bool) {
	switch a.Place.Kind {
	case ledger.Appropriated, ledger.Withdrawn:
		if receipt {
			s.Receipts -= a.Balance
		}
	case ledger.Paid:
		s.PaidUnits += toUnits
		s.PaidPersons += a.Balance - toUnits
	case ledger.Shortfall:
		s.Shortfall -= a.Balance
	default:
		*s.place(a.Place.Kind) += a.Balance
	}
}

func (s *Sums) place(kind ledger.AccountKind) *money.Fen {
	return map[ledger.AccountKind]*money.Fen{
		ledger.Available: &s.Available, ledger.Carveout: &s.Carveout, ledger.Reserve: &s.Reserve, ledger.Frozen: &s.Frozen,
		ledger.InTransit: &s.InTransit, ledger.Returned: &s.Returned, ledger.Recovered: &s.Returned, ledger.Suspense: &s.Suspense,
		ledger.Surrendered: &s.Surrendered, ledger.CarriedOver: &s.CarriedOver,
	}[kind]
}

func (s *Sums) plus(o Sums) {
	mine, theirs := s.all(), o.all()
	for i := range mine {
		*mine[i].amount += *theirs[i].amount
	}
}

// named is an amount with the code of its name.
type named struct {
	code   string
	amount *money.Fen
}

// all lists the sums in the order of the books.
func (s *Sums) all() []named {
	return []named{
		{"appropriated", &s.Appropriated}, {"available", &s.Available}, {"carveout", &s.Carveout}, {"reserve", &s.Reserve},
		{"frozen", &s.Frozen}, {"in_transit", &s.InTransit}, {placePaidPersons, &s.PaidPersons}, {placePaidUnits, &s.PaidUnits},
		{"returned", &s.Returned}, {"suspense", &s.Suspense}, {"surrendered", &s.Surrendered}, {"carried_over", &s.CarriedOver},
		{"shortfall", &s.Shortfall}, {"receipts", &s.Receipts},
	}
}

// TiesOut says whether what came in is what stands somewhere: appropriated +
// receipts = places − shortfall.
func (s Sums) TiesOut() bool {
	return s.Appropriated+s.Receipts == s.Available+s.Carveout+s.Reserve+s.Frozen+s.InTransit+s.PaidPersons+s.PaidUnits+
		s.Returned+s.Suspense+s.Surrendered+s.CarriedOver-s.Shortfall
}

// placeOrder is a place's rank in the books; what was withdrawn comes last.
func placeOrder(place string) int {
	var s Sums
	all := s.all()
	if i := slices.IndexFunc(all, func(n named) bool { return n.code == place }); i >= 0 {
		return i
	}
	return len(all)
}
