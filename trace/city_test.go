package trace_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"fenlu/ledger"
	"fenlu/money"
)

// city is the county with three months of a city on top: as many payments as
// asked for, to a third as many people, from ten lots of one document, with every
// hundredth returned and issued again, a few to a unit, and two hundred small
// journals on the first lot. Rows that are no ledger's are made by set.
type city struct {
	*county
	people int
	lots   []ledger.LotID
}

const (
	cityMonths   = 3
	cityNumber   = "财社〔2026〕99号"
	firstPerson  = 100_000
	monthStep    = 10_000_000 // ids of a month's lines, payments and attempts begin at month × this
	firstDraw    = 101        // budget line of the first lot; the others follow
	cityLots     = 10
	unitLines    = 5 // a month, the first
	oneComesBack = 100
)

// cityPayments is how many payments the city makes: 100,000, fewer where tests
// are to be quick, or what FENLU_COST_PAYMENTS says.
func cityPayments() int {
	if testing.Short() {
		return 20_000
	}
	if n, err := strconv.Atoi(os.Getenv("FENLU_COST_PAYMENTS")); err == nil {
		return n
	}
	return 100_000
}

func newCity(o *county) *city {
	c := &city{county: o, people: cityPayments() / cityMonths}
	c.citizens()
	c.money()
	for month := 1; month <= cityMonths; month++ {
		c.month(month)
	}
	c.smallJournals()
	c.drain()
	if _, err := c.owner.Exec(c.ctx, `VACUUM ANALYZE`); err != nil {
		c.t.Fatal(err)
	}
	return c
}

func (c *city) amount(p int) money.Fen { return money.Fen(1_00 + p%100) }

// citizens are people with an account each, three to a household.
func (c *city) citizens() {
	c.do(`INSERT INTO person (id, version) SELECT $1::bigint + g, 1 FROM generate_series(0, $2::int - 1) g`, firstPerson, c.people)
	c.do(`INSERT INTO person_version (person, version, valid_from, name, id_type, id_cipher, id_blind, key_version, area_code, residence, recorded_by, recorded_at)
		SELECT $1::bigint + g, 1, '2026-01-01', '市民' || g::text, 'resident_id', 'x', g::text::bytea, 1, '991301001001', 'rural', 'zhou', now()
		FROM generate_series(0, $2::int - 1) g`, firstPerson, c.people)
	c.do(`INSERT INTO payee_account (id, owner, version, kind, bank_code, bank_name, holder_name, account_cipher, account_blind, key_version, valid_from, recorded_by, recorded_at)
		SELECT $1::bigint + g, $1::bigint + g, 1, 'social_card', '402991300018', '青禾农商行', '市民' || g::text, 'x', 'x', 1, '2026-01-01', 'zhou', now()
		FROM generate_series(0, $2::int - 1) g`, firstPerson, c.people)
	c.do(`INSERT INTO household (id, code) SELECT 100000 + g, 'SC-' || g::text FROM generate_series(0, $1::int / 3) g`, c.people)
	c.do(`INSERT INTO household_member (household, person, relation, valid_from)
		SELECT 100000 + div(g, 3), $1::bigint + g, CASE WHEN g % 3 = 0 THEN 'head' ELSE 'child' END, '2024-01-01' FROM generate_series(0, $2::int - 1) g`, firstPerson, c.people)
}

// money opens ten lots, each large enough for its share of three months.
func (c *city) money() {
	var sum money.Fen
	for p := range c.people {
		sum += c.amount(p)
	}
	c.document(9, cityNumber, "关于下达全市困难群众救助补助资金的通知", "bring")
	var steps []ledger.Step
	for i := range cityLots {
		c.lots = append(c.lots, c.lot())
		steps = append(steps, ledger.Bring{Lot: c.lots[i], To: ledger.Place{Kind: ledger.Available, BudgetLine: ledger.BudgetLineID(firstDraw + i)}, Amount: 2 * sum})
	}
	brought := c.post("", "document.bring", "document:9", steps...)
	for i, lot := range c.lots {
		c.paper(firstDraw+i, 9, i+1, "bring", lot, 0, firstDraw+i, 2*sum, brought.Journal)
	}
}

// month runs a month of the city: each person's line from the lot of its number.
func (c *city) month(month int) {
	base, batch, file := int64(month*monthStep), int64(100+month), int64(100+month)
	c.batch(batch, fmt.Sprintf("PC-DB-2027%02d-01", month), "released")
	c.do(`INSERT INTO entitlement_line (id, batch, no, program, component, class, person, household, unit, payee, payee_role, account, township, residence, month, occasion, policy, amount_fen)
		SELECT $1::bigint + g, $2::bigint, g + 1, 'DB', 'basic', '一类', CASE WHEN g >= $5::int THEN $3::bigint + g END, CASE WHEN g >= $5::int THEN 100000 + div(g, 3) END,
			CASE WHEN g < $5::int THEN 1003 END, $3::bigint + g, 'self', $3::bigint + g, '991301001000', 'rural', $6::text, 'regular', 1, 100 + g % 100
		FROM generate_series(0, $4::int - 1) g`, base, batch, firstPerson, c.people, unitLines, fmt.Sprintf("2027-%02d", month))
	c.do(`INSERT INTO payment (id, batch, no, payee, amount_fen, line_count)
		SELECT $1::bigint + g, $2::bigint, g + 1, $3::bigint + g, 100 + g % 100, 1 FROM generate_series(0, $4::int - 1) g`, base, batch, firstPerson, c.people)
	draws := make([]ledger.Step, cityLots)
	for i := range draws {
		var legs []ledger.Leg
		for p := i; p < c.people; p += cityLots {
			party := int64(firstPerson + p)
			if p < unitLines {
				party = 1003
			}
			legs = append(legs, ledger.Leg{Line: base + int64(p), Payment: base + int64(p), Party: party, Amount: c.amount(p)})
		}
		draws[i] = ledger.Draw{From: c.available(c.lots[i], ledger.BudgetLineID(firstDraw+i)), To: ledger.Frozen, Legs: legs}
	}
	drawn := c.post(fmt.Sprintf("freeze/%d", batch), "freeze", fmt.Sprintf("batch:%d", batch), draws...)
	c.bank(month, base, batch, file, drawn.Holdings)
}

// bank releases a month's file and settles it; every hundredth fails, is issued
// again and paid.
func (c *city) bank(month int, base, batch, file int64, all []ledger.HoldingID) {
	ref, again := fmt.Sprintf("QC-%06d-F01", month), fmt.Sprintf("QC-%06d-F02", month)
	c.file(file, batch, ref, c.people, 1)
	c.file(file+10, batch, again, c.people/oneComesBack, 1)
	cause := fmt.Sprintf("batch:%d", batch)
	c.post("release/"+ref, "release", cause, ledger.Move{Holdings: all, From: ledger.Frozen, To: ledger.InTransit})
	list, err := ledger.Holdings(c.ctx, c.db.Pool(), all)
	if err != nil {
		c.t.Fatal(err)
	}
	var paid, back []ledger.HoldingID
	for _, h := range list {
		if (h.Line-base)%oneComesBack == oneComesBack/2 {
			back = append(back, h.ID)
		} else {
			paid = append(paid, h.ID)
		}
	}
	c.evidenceFile(file, fmt.Sprintf("RC-%d.txt", month), c.people)
	c.evidenceFile(file+10, fmt.Sprintf("RC-%d-2.txt", month), c.people/oneComesBack)
	first := c.post("", "settlement", fmt.Sprintf("evidence:%d", file), ledger.Move{Holdings: paid, From: ledger.InTransit, To: ledger.Paid, PerLeg: true},
		ledger.Move{Holdings: back, From: ledger.InTransit, To: ledger.Returned, PerLeg: true})
	c.post("release/"+again, "release", cause, ledger.Move{Holdings: back, From: ledger.Returned, To: ledger.InTransit, PerLeg: true})
	second := c.post("", "settlement", fmt.Sprintf("evidence:%d", file+10), ledger.Move{Holdings: back, From: ledger.InTransit, To: ledger.Paid, PerLeg: true})
	c.attempts(base, file, 1, first.Journal, 1)
	c.attempts(base, file+10, 2, second.Journal, oneComesBack)
}

// attempts are the n-th instructions of a month: of every payment, or of those
// that came back, with what the bank said of each.
func (c *city) attempts(base, file int64, n int, journal ledger.JournalID, every int) {
	c.do(`INSERT INTO attempt (id, payment, n, end_to_end_id, account, file, file_line, amount_fen, state, booked_fen)
		SELECT ($1::bigint + g) * 10 + $2::int, $1::bigint + g, $2::int, 'QC-' || ($1::bigint + g)::text || '-' || $2::text, $3::bigint + g, $4::bigint, g + 1, 100 + g % 100,
			CASE WHEN $2::int = 1 AND g % 100 = 50 THEN 'failed' ELSE 'paid' END, CASE WHEN $2::int = 1 AND g % 100 = 50 THEN 0 ELSE 100 + g % 100 END
		FROM generate_series(0, $5::int - 1) g WHERE $6::int = 1 OR g % 100 = 50`, base, n, firstPerson, file, c.people, every)
	c.do(`INSERT INTO evidence (file, pos, kind, place, end_to_end_id, bank_ref, amount_fen, direction, status, reason, reason_text, src_offset, src_line, attempt, outcome, says)
		SELECT a.file, a.file_line, 'status', '', a.end_to_end_id, '', a.amount_fen, '', '', '', '', 0, a.file_line + 1, a.id, 'matched', a.state
		FROM attempt a WHERE a.file = $1`, file)
	c.do(`INSERT INTO attempt_event (attempt, n, from_state, to_state, evidence_file, evidence_pos, journal, happened_at)
		SELECT a.id, 1, 'sent', a.state, a.file, a.file_line, $2::bigint, $3 FROM attempt a WHERE a.file = $1`, file, journal, c.clock.Now())
}

// smallJournals set a fen of the first lot aside and take it back again.
func (c *city) smallJournals() {
	line := ledger.BudgetLineID(firstDraw)
	free := c.available(c.lots[0], line)
	for i := range 200 {
		step := ledger.Shift{From: free, To: ledger.Place{Kind: ledger.Carveout, BudgetLine: line}, Amount: 1}
		if i%2 == 1 {
			step = ledger.Shift{From: c.account(c.lots[0], ledger.Place{Kind: ledger.Carveout, BudgetLine: line}),
				To: ledger.Place{Kind: ledger.Available, BudgetLine: line}, Amount: 1}
		}
		c.clock.Set(c.clock.Now().Add(-23 * time.Hour)) // an hour apart
		c.post("", "carveout.set_aside", "document:9", step)
	}
}
