package demo

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/internal/sample"
	"fenlu/internal/simbank"
	"fenlu/ledger"
	"fenlu/money"
)

// emergencyStep pays a case from a township's reserve on the twelfth of a month.
func (y *year) emergencyStep(m, at int) step {
	return step{stepName(m, "emergency"), moment(m, caseDay, "11:05"), func(ctx context.Context) error {
		e := y.county.Emergencies[at]
		y.on(day(m, caseDay), 11, 5)
		drawn, err := y.Batch.DrawReserve(y.as("du"), batch.Draw{Number: e.Case, Township: e.Township, IDNumber: ident.Secret(y.county.People[e.Person].ID),
			Amount: e.Amount, Reason: e.Reason, ReportedAt: y.Clock.Now().Add(-2 * time.Hour), Office: office})
		if err != nil {
			return err
		}
		y.on(day(m, caseDay), 11, 30)
		out, err := y.Batch.ConfirmDraw(y.as("cheng"), e.Case, drawn.Digest, y.today())
		if err != nil {
			return err
		}
		if _, err := y.send(int64(out.Batch.ID), y.day(m, caseDay)); err != nil {
			return err
		}
		y.say("cheng", "demo.emergency", "case", e.Case, "reason", e.Reason, "amount", e.Amount.Grouped())
		y.on(day(m, caseDay), 17, 30)
		if err := y.firstAnswers(ctx, y.day(m, caseDay)); err != nil {
			return err
		}
		y.on(day(m, caseDay+1), 9, 15)
		if _, err := y.Funds.DocumentCase(y.as("du"), e.Case); err != nil {
			return err
		}
		return y.query(ctx, y.day(m, caseDay))
	}}
}

const lastOfYear = simbank.Day("2026-12-31")

// decembers brings the next year's notice, settles the reserves, pays the price-linked
// subsidy on the last day and carries the year over.
func (y *year) decembers() []step {
	list := y.papers.PriceList(sample.PriceDecember)
	steps := []step{
		plain("2026-12 price rise", moment(12, 1, "11:00"), func() error {
			if _, err := y.Rules.Import(y.as("admin"), y.input("12-rules"), "admin"); err != nil {
				return err
			}
			y.say("admin", "demo.year.linked", "rise", sample.RiseText(sample.PriceDecember), "amount", list.Lines[0].Amount.Grouped())
			return nil
		}),
		y.emergencyStep(12, 3),
		plain("2026-12 notice", moment(12, 16, "10:00"), func() error { return y.documents("12-documents") }),
		{"2026-12 reserves", moment(12, 26, "10:00"), y.settleReserves},
		plain("2026-12 price list", moment(12, 29, "15:20"), func() error { return y.special(list, day(12, 29), day(12, 30)) }),
		plain("2026-12 price release", moment(12, 31, "10:24"), func() error { return y.releaseAll(day(12, 31), list.Code()) }),
		{"2026-12 price results", moment(12, 31, "17:30"), func(ctx context.Context) error { return y.firstAnswers(ctx, lastOfYear) }},
		plain("2026-12 carry-over", moment(12, 31, "18:00"), func() error {
			return y.carryOver("县财预〔2027〕1号", "关于结转2026年困难群众救助等资金的通知", date(12, 31))
		}),
	}
	return append(steps, y.paysService("4", 12, y.half(true))...)
}

// settleReserves tells how far the townships have used their reserves, and takes back
// what one has left; the others carry theirs over.
func (y *year) settleReserves(ctx context.Context) error {
	var status funds.ReserveYear
	err := y.DB.Read(ctx, func(tx pgx.Tx) (err error) {
		status, err = y.Funds.ReserveStatus(ctx, tx, sample.YearOf)
		return err
	})
	if err != nil {
		return err
	}
	idle := 0
	for _, t := range status.Townships {
		if t.Idle {
			idle++
		}
	}
	y.say("admin", "demo.year.reserve_status", "townships", len(status.Townships), "allotted", status.Total.Allotted.Grouped(), "used", status.Total.Used.Grouped(),
		"balance", status.Total.Balance.Grouped(), "idle", idle)
	town := y.county.Townships[len(y.county.Townships)-1]
	done, err := y.Funds.ReturnReserves(y.as("admin"), funds.ReturnReserves{Area: area, Township: town.Code, Year: sample.YearOf, Number: "县财社〔2026〕77号",
		Title: "关于收回2026年乡镇临时救助备用金结余的通知", IssuedOn: date(12, 26)})
	if err != nil {
		return err
	}
	y.say("admin", "demo.year.reserve_back", "number", done.Number, "township", town.Name, "amount", done.Amount.Grouped())
	return nil
}

func (y *year) carryOver(number, title string, issued time.Time) error {
	done, err := y.Funds.CarryOver(y.as("lin"), funds.CarryOver{Year: sample.YearOf, Number: number, Title: title, IssuedOn: issued})
	if err != nil {
		return err
	}
	y.say("lin", "demo.year.carried", "number", done.Number, "lines", done.Lines, "amount", done.Amount.Grouped())
	return nil
}

// closeRest closes the batches of the year's last days.
func (y *year) closeRest(ctx context.Context) error {
	y.on(time.Date(sample.YearOf+1, time.January, 4, 0, 0, 0, 0, clock.Shanghai), 15, 0)
	open, err := batch.Unclosed(ctx, y.DB.Pool(), "2026-12")
	if err != nil {
		return err
	}
	items := 0
	var sum money.Fen
	for _, b := range open {
		n, amount, err := y.closeBatch(b.Code)
		if err != nil {
			return err
		}
		items, sum = items+n, sum+amount
	}
	y.tellClosed(len(open), items, sum)
	return nil
}

// after is a day of the January after the year.
func after(d int) time.Time {
	return time.Date(sample.YearOf+1, time.January, d, 0, 0, 0, 0, clock.Shanghai)
}

// newYear closes the year, and pays again, out of the new year's money, what the bank
// sent back on 5 January.
func (y *year) newYear() []step {
	code := y.papers.PriceList(sample.PriceDecember).Code()
	return []step{
		{"2026-12 price query", "2027-01-01 09:15", func(ctx context.Context) error { return y.query(ctx, lastOfYear) }},
		plain("2026-12 last statements", "2027-01-02 10:40", func() error { return y.upTo(lastOfYear) }),
		{"2026-12 close the rest", "2027-01-04 15:00", y.closeRest},
		plain("2026-12 vouchers", "2027-01-04 16:00", func() error { return y.vouchers("2026-12") }),
		plain("2026 vouchers", "2027-01-04 16:10", func() error {
			made, err := y.Books.CloseYear(y.as("admin"), sample.YearOf)
			if err == nil {
				y.say("admin", "demo.year.year_vouchers", "vouchers", made.Vouchers)
			}
			return err
		}),
		plain("2026-12 close", "2027-01-04 16:30", func() error { return y.closePeriod("2026-12") }),
		plain("2026 close", "2027-01-04 17:00", func() error { return y.closePeriod("2026") }),
		plain("2027-01 returns", "2027-01-06 09:30", func() error { return y.upTo("2027-01-05") }),
		{"2027-01 new money", "2027-01-07 10:00", func(context.Context) error { return y.newMoney(code) }},
		{"2027-01 reissue", "2027-01-08 10:30", func(ctx context.Context) error {
			n, amount, err := y.again(ctx, code, after(8))
			if err == nil {
				y.say("sun", "demo.year.again", "count", n, "amount", amount.Grouped())
			}
			return err
		}},
		{"2027-01 results", "2027-01-09 17:30", func(ctx context.Context) error { return y.firstAnswers(ctx, "2027-01-09") }},
		{"2027-01 query", "2027-01-10 09:15", func(ctx context.Context) error { return y.query(ctx, "2027-01-09") }},
		plain("2027-01 statements", "2027-01-11 10:40", func() error { return y.upTo("2027-01-09") }),
		plain("2027-01 later returns", "2027-01-15 09:30", func() error { return y.upTo("2027-01-14") }),
		plain("2027-01 carry-over", "2027-01-16 10:00", func() error {
			return y.carryOver("县财预〔2027〕6号", "关于结转2026年退回腾出资金的通知", clock.Date(after(16)))
		}),
		{"2027-01 unknown", "2027-01-17 09:00", y.stillUnknown},
	}
}

// newMoney lets the new year's money take the place of what came back.
func (y *year) newMoney(code string) error {
	done, err := y.Batch.CorrectPayments(y.as("admin"), batch.NewPaymentCorrection{Number: "县财预〔2027〕3号", Title: "关于上年退回资金由2027年资金重新安排的通知",
		IssuedOn: clock.Date(after(7)), Batch: code, Freed: sample.PriceLater, Arrived: sample.PriceNext, Place: ledger.Returned})
	if err != nil {
		return err
	}
	y.say("admin", "demo.year.new_money", "number", done.Number, "batch", code, "freed", sample.PriceLater, "arrived", sample.PriceNext, "lines", done.Lines, "amount", done.Amount.Grouped())
	return nil
}

// stillUnknown tells of the line that the bank never named, asked or not.
func (y *year) stillUnknown(ctx context.Context) error {
	code := y.papers.PriceList(sample.PriceDecember).Code()
	b, err := batch.ByCode(ctx, y.DB.Pool(), code)
	if err != nil {
		return err
	}
	status, err := y.transit(ctx, int64(b.ID))
	if err != nil {
		return err
	}
	if status.n != 1 {
		return errs.New(errs.Internal, "DEMO_UNEXPECTED", "what", code, "got", status.n, "want", 1)
	}
	y.say("he", "demo.year.unknown", "batch", code, "count", status.n, "amount", status.sum.Grouped())
	return nil
}

// transit is what of a batch the bank has neither paid nor sent back.
func (y *year) transit(ctx context.Context, id int64) (counted, error) {
	var c counted
	err := y.DB.Pool().QueryRow(ctx, `SELECT count(DISTINCT h.payment), coalesce(sum(h.amount_fen)::bigint, 0) FROM payment p
		JOIN leg h ON h.payment = p.id JOIN account a ON a.id = h.account AND a.kind = 'in_transit' WHERE p.batch = $1`, id).Scan(&c.n, &c.sum)
	return c, err
}
