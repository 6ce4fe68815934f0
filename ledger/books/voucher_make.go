package books

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// Made is what making vouchers did.
type Made struct {
	Period   Period    `json:"period"`
	Journals int       `json:"journals"` // read now
	Vouchers int       `json:"vouchers"` // made now
	Amount   money.Fen `json:"amount"`   // sum of their debits
}

// requireKeeper is who may keep the books: the people who close them.
func requireKeeper(ctx context.Context) (auth.Actor, error) {
	return auth.Require(ctx, auth.PeriodClose)
}

// MakeVouchers makes the vouchers of a month that are missing (生成凭证): one for
// each office, business date, event and batch, in each book that the mapping
// table names. A journal is read once, so that making again makes nothing twice;
// what was posted since makes vouchers of its own. A journal of a closed month
// that has none yet, is entered on the first day of this one.
//
// All or nothing. Errors: PERIOD_NAME, VOUCHER_MONTH (Invalid); AUTH_RIGHT_MISSING;
// Refused VOUCHER_PERIOD_CLOSED; VOUCHER_NO_RULE with a Field for each event that
// no rule fits and each account that the year's table lacks.
func (s *Service) MakeVouchers(ctx context.Context, month Period) (Made, error) {
	done := Made{Period: month}
	from, to, err := monthDays(month)
	if err != nil {
		return done, err
	}
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		done = Made{Period: month}
		actor, err := requireKeeper(ctx)
		if err != nil {
			return err
		}
		if err := openToMake(ctx, tx, month); err != nil {
			return err
		}
		journals, err := unread(ctx, tx, from, to)
		if err != nil || len(journals) == 0 {
			return err
		}
		moved, err := movements(ctx, tx, journals, from)
		if err != nil {
			return err
		}
		m := &making{period: month, actor: actor.Login, at: s.clock.Now()}
		if err := accrued(ctx, tx, moved); err != nil {
			return err
		}
		if m.plan, err = loadPlan(ctx, tx, from.Year()); err != nil {
			return err
		}
		if err := m.draw(moved); err != nil {
			return err
		}
		done.Journals, done.Vouchers, done.Amount = len(journals), len(m.drafts), m.total
		return m.keep(ctx, tx, journals)
	})
	if err == nil && done.Vouchers > 0 {
		s.log.InfoContext(ctx, "vouchers", "period", string(month), "vouchers", done.Vouchers)
	}
	return done, err
}

// monthDays are the first and last day of a month.
func monthDays(month Period) (from, to time.Time, err error) {
	if _, err = month.Months(); err == nil && month.IsYear() {
		err = errs.New(errs.Invalid, "VOUCHER_MONTH", "period", string(month))
	}
	if err != nil {
		return from, to, err
	}
	from, err = time.Parse("2006-01", string(month))
	return from, from.AddDate(0, 1, -1), err
}

// openToMake lets one make vouchers at a time, and none in a closed month; the
// month stays open until tx ends. Its first statement takes the lock, so that
// what follows sees all that was made before.
func openToMake(ctx context.Context, tx pgx.Tx, month Period) error {
	if err := lockMaking(ctx, tx); err != nil {
		return err
	}
	closed, err := ledger.SharePeriod(ctx, tx, string(month))
	if err == nil && closed {
		err = errs.New(errs.Refused, "VOUCHER_PERIOD_CLOSED", "period", string(month))
	}
	return err
}

// making is vouchers in the making.
type making struct {
	plan   plan
	period Period
	actor  string
	at     time.Time
	drafts []*draft
	events map[eventKey]money.Fen
	total  money.Fen
}

// eventKey is what a row of voucher_event is about: pairs are how many pairs of
// lines its amount was entered in.
type eventKey struct {
	journal           int64
	event             Event
	financial, budget int
}

// draw drafts the vouchers of movements, in the order of day, event and cause.
func (m *making) draw(moved []movement) error {
	rules, err := m.rulesOf(moved)
	if err != nil {
		return err
	}
	m.events = map[eventKey]money.Fen{}
	at := map[key]map[Book]*draft{}
	for i, v := range moved {
		k := v.key()
		if at[k] == nil {
			at[k] = map[Book]*draft{}
		}
		e := eventKey{journal: v.journal, event: v.event}
		for _, r := range rules[i] {
			if r.Debit == "" {
				continue
			}
			d := at[k][r.Book]
			if d == nil {
				d = m.newDraft(k, r.Book)
				at[k][r.Book] = d
			}
			if err := d.add(r, v); err != nil {
				return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
			}
			if r.Book == Financial {
				e.financial++
			} else {
				e.budget++
			}
		}
		if m.events[e], err = money.Add(m.events[e], v.amount); err != nil {
			return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
	}
	m.sort()
	return m.sum()
}

func (m *making) newDraft(k key, b Book) *draft {
	d := &draft{at: map[lineKey]int{}, whole: map[int]map[int64]money.Fen{}, Voucher: Voucher{Office: k.office, Book: b, Period: m.period, Date: k.day,
		Event: k.event, Condition: k.condition, Cause: k.cause, About: k.about, MadeBy: m.actor, MadeAt: m.at}}
	m.drafts = append(m.drafts, d)
	return d
}

// rulesOf finds the rules of each movement, or everything that is missing.
func (m *making) rulesOf(moved []movement) ([][]Rule, error) {
	out := make([][]Rule, len(moved))
	e := errs.New(errs.Refused, "VOUCHER_NO_RULE", "period", string(m.period), "year", m.plan.year)
	said := map[string]bool{}
	say := func(id string, f errs.Field) {
		if !said[id] {
			said[id] = true
			f.Row = len(e.Fields) + 1
			e.Fields = append(e.Fields, f)
		}
	}
	for i, v := range moved {
		out[i] = m.plan.match(v)
		if len(out[i]) == 0 {
			say(fmt.Sprint(v.event, v.condition, v.purpose, v.dims.payee, v.office), errs.Field{Value: v.amount.Grouped(), Code: "VOUCHER_EVENT_UNKNOWN",
				Args: errs.Pairs("event", string(v.event), "condition", string(v.condition), "purpose", v.purpose, "payee", v.dims.payee,
					"office", v.office, "about", v.about, "journal", v.journal, "year", m.plan.year)})
		}
		for _, r := range out[i] {
			for _, code := range []string{r.Debit, r.Credit} {
				if a, ok := m.plan.accounts[code]; code != "" && (!ok || a.Book != r.Book) {
					say(code, errs.Field{Value: code, Code: "VOUCHER_ACCOUNT_UNKNOWN", Args: errs.Pairs("year", m.plan.year, "event", string(v.event))})
				}
			}
		}
	}
	if len(e.Fields) > 0 {
		e.Args = append(e.Args, errs.Pairs("count", len(e.Fields))...)
		return nil, e
	}
	return out, nil
}

// order is the order of events on one day: what is owed comes before what is
// paid, and that before what comes back.
var order = map[Event]int{ReserveAdvance: 1, Due: 2, DueUndone: 3, PaidOut: 4, ReturnedBack: 5, RecoveredBack: 5, Overpaid: 6, OverpaidBack: 7, CorrectionOut: 8, CorrectionIn: 9, ReserveBack: 10}

func (m *making) sort() {
	slices.SortStableFunc(m.drafts, func(a, b *draft) int {
		return cmp.Or(cmp.Compare(a.Office, b.Office), a.Date.Compare(b.Date), cmp.Compare(order[a.Event], order[b.Event]), cmp.Compare(a.Event, b.Event),
			cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Condition, b.Condition), cmp.Compare(b.Book, a.Book))
	})
	for _, d := range m.drafts {
		d.sort()
	}
}

// sort puts debits before credits, by account and what they are about.
func (d *draft) sort() {
	at := make([]int, len(d.Lines))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(i, j int) int {
		a, b := d.Lines[i], d.Lines[j]
		return cmp.Or(cmp.Compare(b.Side, a.Side), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Function, b.Function), cmp.Compare(a.Economic, b.Economic),
			cmp.Compare(a.Level, b.Level), cmp.Compare(a.Program, b.Program), cmp.Compare(a.Payee, b.Payee), cmp.Compare(a.Township, b.Township))
	})
	lines := make([]VoucherLine, len(at))
	for n, i := range at {
		l := d.Lines[i]
		l.Line, l.Sources = n+1, nil
		for journal, amount := range d.whole[i] {
			l.Sources = append(l.Sources, Source{journal, amount})
		}
		slices.SortFunc(l.Sources, func(a, b Source) int { return cmp.Compare(a.Journal, b.Journal) })
		lines[n] = l
	}
	d.Lines = lines
}

func (m *making) sum() (err error) {
	m.total = 0
	for _, d := range m.drafts {
		if m.total, err = money.Add(m.total, d.Amount); err != nil {
			return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
	}
	return nil
}

// number gives the drafts their ids, groups and numbers. The row of the number
// stays locked until tx ends: a transaction that is rolled back or dies takes its
// numbers back, so there is no gap.
func (m *making) number(ctx context.Context, tx pgx.Tx) error {
	ids, err := db.NextIDs(ctx, tx, "voucher_id_seq", len(m.drafts))
	if err != nil {
		return err
	}
	groups := map[key]int64{}
	type series struct {
		office string
		book   Book
	}
	perSeries, order := map[series][]*draft{}, []series{}
	for i, d := range m.drafts {
		d.ID = ids[i]
		k := key{d.Office, d.Date, d.Event, d.Condition, d.Cause, d.About}
		if groups[k] == 0 {
			groups[k] = d.ID
		}
		d.Group = groups[k]
		n := series{d.Office, d.Book}
		if perSeries[n] == nil {
			order = append(order, n)
		}
		perSeries[n] = append(perSeries[n], d)
	}
	for _, n := range order {
		list := perSeries[n]
		var last int64
		err := tx.QueryRow(ctx, `INSERT INTO voucher_number (office, book, period, last) VALUES ($1, $2, $3, $4)
			ON CONFLICT (office, book, period) DO UPDATE SET last = voucher_number.last + $4 RETURNING last`,
			n.office, string(n.book), string(m.period), len(list)).Scan(&last)
		if err != nil {
			return fmt.Errorf("draw voucher numbers: %w", err)
		}
		for i, d := range list {
			d.No = last - int64(len(list)-1-i)
		}
	}
	return nil
}

// VoucherNo is a voucher's number as files and commands have it (凭证号): f for 财务
// 会计, b for 预算会计.
func (v Voucher) VoucherNo() string {
	return string(v.Period) + "-" + string(v.Book[0]) + "-" + fmt.Sprintf("%04d", v.No)
}

// batchCause is the cause of a batch.
func batchCause(id int64) string { return "batch:" + strconv.FormatInt(id, 10) }
