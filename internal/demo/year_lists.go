package demo

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/terms"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/sample"
	"fenlu/internal/simbank"
	"fenlu/ledger/books"
	"fenlu/money"
)

// regular takes the lists of a month from the spreadsheet to the frozen money.
func (y *year) regular(ctx context.Context, m int) error {
	lists := y.papers.Lists(m)
	for _, l := range lists {
		if err := y.frozen(l.Code(), l.Program, sample.MonthName(m), channel(l.Roster), l.Name(), day(m, listDay), day(m, approveDay)); err != nil {
			return err
		}
		if err := y.Drain(ctx); err != nil {
			return err
		}
	}
	t := y.tally
	y.say("zhou", "demo.year.lists", "lists", t.lists, "lines", t.lines, "amount", t.amount.Grouped(), "blocks", t.blocks, "reasons", t.reasons, "notes", t.notes)
	y.say("lin", "demo.year.frozen", "payments", t.payments, "amount", t.amount.Grouped())
	return nil
}

// day is a business day of a month of the year.
func day(m, d int) time.Time {
	return time.Date(sample.YearOf, time.Month(m), d, 0, 0, 0, 0, clock.Shanghai)
}

// date is the same day as the date of a paper.
func date(m, d int) time.Time { return clock.Date(day(m, d)) }

// on sets the clock to a time of a day.
func (y *year) on(day time.Time, hour, minute int) {
	y.Clock.Set(time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, clock.Shanghai))
}

// frozen makes a batch of a file on one day, and has it checked, submitted and
// approved on another.
func (y *year) frozen(code, program, period, channel, file string, made, approved time.Time) error {
	y.on(made, 8, 20)
	created, err := y.Batch.Create(y.as("zhou"), batch.Create{Code: code, Office: office, Program: program, Period: terms.Month(period), Channel: channel, File: y.input(file)})
	if err != nil {
		return err
	}
	return y.approved(created.Batch.Code, approved)
}

// submitted has a draft checked and submitted on a day, and tells its digest.
func (y *year) submitted(code string, on time.Time) (batch.Submission, error) {
	y.on(on, 8, 47)
	found, err := y.Batch.Check(y.as("zhao"), code)
	if errs.CodeOf(err) == "BATCH_BLOCKED" {
		return batch.Submission{}, errs.New(errs.Internal, "DEMO_BLOCKED", "batch", code, "count", found.Blocks, "first", found.Findings[0].Sentence(i18n.ZH))
	}
	if err != nil {
		return batch.Submission{}, err
	}
	y.tally.blocks, y.tally.reasons, y.tally.notes = y.tally.blocks+found.Blocks, y.tally.reasons+found.Reasons, y.tally.notes+found.Notes
	y.on(on, 9, 12)
	return y.Batch.Submit(y.as("zhou"), code, i18n.T(i18n.ZH, "demo.submit.comment"))
}

// approved has a draft checked, submitted and approved on a day.
func (y *year) approved(code string, on time.Time) error {
	list, err := y.submitted(code, on)
	if err != nil {
		return err
	}
	y.on(on, 16, 40)
	frozen, err := y.Batch.Approve(y.as("lin"), code, list.Digest)
	if err != nil {
		return err
	}
	y.tally.lists++
	y.tally.lines += frozen.Batch.Lines
	y.tally.payments += frozen.Payments
	y.tally.amount += frozen.Amount
	return nil
}

// releaseRegular seals the files of a month's lists and carries them to the bank.
func (y *year) releaseRegular(m int) error {
	var codes []string
	for _, l := range y.papers.Lists(m) {
		codes = append(codes, l.Code())
	}
	return y.releaseAll(day(m, sendDay), codes...)
}

// releaseAll does so for batches, on a day.
func (y *year) releaseAll(on time.Time, codes ...string) error {
	y.on(on, 10, 24)
	count, files := 0, 0
	var sum money.Fen
	for _, code := range codes {
		out, err := y.Batch.Release(y.as("sun"), code, y.today())
		if err != nil {
			return err
		}
		sent, err := y.send(int64(out.Batch.ID), simbank.DayOf(y.today()))
		if err != nil {
			return err
		}
		for _, f := range sent {
			if f.List == 0 {
				files, count, sum = files+1, count+f.Count, sum+f.Sum
			}
		}
	}
	y.say("sun", "demo.year.released", "files", files, "count", count, "amount", sum.Grouped())
	return nil
}

// filesOf are the files that the bank was asked to execute on a day.
func (y *year) filesOf(ctx context.Context, on simbank.Day) ([]payment.File, error) {
	all, err := payment.Files(ctx, y.DB.Pool())
	var out []payment.File
	for _, f := range all {
		if simbank.DayOf(f.ExecuteOn) == on {
			out = append(out, f)
		}
	}
	return out, err
}

// firstAnswers has the treasury fund the day's files and imports what the bank says at
// once.
func (y *year) firstAnswers(ctx context.Context, on simbank.Day) error {
	files, err := y.filesOf(ctx, on)
	if err != nil || len(files) == 0 {
		return err
	}
	if err := y.fund(ctx, files, on); err != nil {
		return err
	}
	var paid, failed counted
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(y.filesDir(), f.Name))
		if err != nil {
			return errs.Wrap(err, errs.Internal, "DEMO_BANK")
		}
		answer, err := y.bank.Receive(f.Name, raw, on)
		if err != nil {
			return errs.Wrap(err, errs.Internal, "DEMO_BANK")
		}
		for _, a := range answer.Files {
			if err := y.heard(a, &paid, &failed); err != nil {
				return err
			}
		}
	}
	y.say("he", "demo.year.results", "files", len(files), "paid", paid.n, "paid_amount", paid.sum.Grouped(), "failed", failed.n, "failed_amount", failed.sum.Grouped())
	return nil
}

// counted is a number of payments with their sum.
type counted struct {
	n   int
	sum money.Fen
}

// heard imports a result and adds up what it says.
func (y *year) heard(f simbank.File, paid, failed *counted) error {
	if f.Lines == 0 {
		return nil
	}
	got, err := y.evidence(f)
	if err != nil {
		return err
	}
	paid.n, paid.sum = paid.n+got.Paid.Count, paid.sum+got.Paid.Amount
	failed.n, failed.sum = failed.n+got.Failed.Count, failed.sum+got.Failed.Amount
	return nil
}

// query asks after what the bank left out of the files of a day.
func (y *year) query(ctx context.Context, on simbank.Day) error {
	files, err := y.filesOf(ctx, on)
	if err != nil || len(files) == 0 {
		return err
	}
	var paid, failed counted
	for _, f := range files {
		found, err := y.bank.QueryResult(f.Ref)
		if err != nil {
			return errs.Wrap(err, errs.Internal, "DEMO_BANK")
		}
		if err := y.heard(found, &paid, &failed); err != nil {
			return err
		}
	}
	if paid.n > 0 {
		y.say("he", "demo.year.query", "paid", paid.n, "amount", paid.sum.Grouped())
	}
	return nil
}

// upTo imports the statements up to a day that are not there yet; those that are,
// change nothing.
func (y *year) upTo(last simbank.Day) error {
	entries := 0
	var back counted
	for _, d := range y.days(last) {
		for _, account := range d.accounts {
			f, err := y.bank.Statement(account, d.day)
			if err != nil {
				return errs.Wrap(err, errs.Internal, "DEMO_BANK")
			}
			got, err := y.evidence(f)
			if err != nil {
				return err
			}
			if !got.Replay {
				entries, back = entries+got.Items, counted{back.n + got.Returned.Count, back.sum + got.Returned.Amount}
			}
		}
	}
	if entries > 0 {
		y.say("he", "demo.year.statements", "upto", string(last), "entries", entries, "returned", back.n, "amount", back.sum.Grouped())
	}
	return nil
}

// moved are the accounts of the bank with entries on a day.
type moved struct {
	day      simbank.Day
	accounts []string
}

// recentDays is from how long ago statements are asked for again.
const recentDays = -31

// days are the days up to the last one, of some weeks, on which an account moved.
func (y *year) days(last simbank.Day) []moved {
	var out []moved
	for d := last.Add(recentDays); d <= last; d = d.Add(1) {
		m := moved{day: d}
		for _, account := range y.bank.Accounts() {
			for _, on := range y.bank.Dates(account) {
				if on == d {
					m.accounts = append(m.accounts, account)
				}
			}
		}
		if len(m.accounts) > 0 {
			out = append(out, m)
		}
	}
	return out
}

// reissueRegular issues again, to accounts that the townships have verified since,
// what failed or came back of a month's lists and is paid to people.
func (y *year) reissueRegular(ctx context.Context, m int) error {
	var count int
	var sum money.Fen
	codes := y.others(m - 1)
	for _, l := range y.papers.Lists(m) {
		codes = append(codes, l.Code())
	}
	for _, code := range codes {
		n, amount, err := y.again(ctx, code, day(m, afterReturns))
		if err != nil {
			return err
		}
		count, sum = count+n, sum+amount
	}
	if count > 0 {
		y.say("sun", "demo.year.again", "count", count, "amount", sum.Grouped())
	}
	return nil
}

// others are the lists that were paid beside the regular ones in a month: what came
// back of them is issued again in the next.
func (y *year) others(m int) []string {
	switch m {
	case 4:
		var codes []string
		for i := range y.papers.Raised() {
			codes = append(codes, backPayCode(i))
		}
		return codes
	case sample.PriceMay:
		return []string{y.papers.PriceList(sample.PriceMay).Code()}
	}
	return nil
}

// again issues what stands returned of a batch once more, within two days.
func (y *year) again(ctx context.Context, code string, from time.Time) (int, money.Fen, error) {
	y.on(from, 10, 30)
	list, err := y.renewed(ctx, code)
	if err != nil || len(list) == 0 {
		return 0, 0, err
	}
	y.on(from, 14, 5)
	proposed, err := y.Batch.ProposeReissue(y.as("he"), code, list)
	if err != nil {
		return 0, 0, err
	}
	y.on(from, 16, 20)
	if _, err := y.Batch.ApproveList(y.as("lin"), proposed.ID, proposed.Digest); err != nil {
		return 0, 0, err
	}
	y.on(from.AddDate(0, 0, 1), 9, 30)
	out, err := y.Batch.ReleaseReissue(y.as("sun"), proposed.ID, y.today())
	if err != nil {
		return 0, 0, err
	}
	_, err = y.send(int64(out.Batch.ID), simbank.DayOf(y.today()))
	return len(list), out.Amount, err
}

// renewed are the payees of a batch whose first attempt failed or came back, each
// with an account that the township verified since; the same ones whenever asked.
func (y *year) renewed(ctx context.Context, code string) ([]batch.Again, error) {
	const all = 1 << 30
	sent, err := y.troubled(ctx, code, all)
	if err != nil {
		return nil, err
	}
	var again []batch.Again
	verified := map[int64]parties.AccountID{} // by payee, who may have several payments
	for _, t := range sent {
		if known := verified[t.payee]; known != 0 {
			again = append(again, batch.Again{Payment: payment.ID(t.payment), Account: known, Reason: i18n.T(i18n.ZH, "demo.reason.account")})
			continue
		}
		units, err := y.Parties.UnitsByID(ctx, y.DB.Pool(), []parties.UnitID{parties.UnitID(t.payee)})
		if err != nil {
			return nil, err
		}
		kind := terms.SocialCard
		bank, number := y.county.SpareAccount(int(t.payment))
		if len(units) > 0 {
			kind, number = terms.Corporate, y.papers.SpareUnitAccount(t.payment)
		}
		holders, err := y.Parties.Accounts(ctx, y.DB.Pool(), []parties.AccountID{t.account})
		if err != nil {
			return nil, err
		}
		id, err := y.Parties.AddAccountVersion(y.as("wu"), parties.NewAccount{Owner: t.payee, Kind: kind, BankCode: bank.Code, BankName: bank.Name,
			Holder: holders[t.account].Holder, Account: ident.Secret(number), VerifiedBy: name("wu"), VerifiedOn: y.today()}, "wu")
		if err != nil {
			return nil, err
		}
		verified[t.payee] = id
		again = append(again, batch.Again{Payment: payment.ID(t.payment), Account: id, Reason: i18n.T(i18n.ZH, "demo.reason.account")})
	}
	return again, nil
}

// closeBatches closes every batch whose money is out, with a signed list where
// something is open.
func (y *year) closeBatches(ctx context.Context) error {
	open, err := batch.Unclosed(ctx, y.DB.Pool(), y.today().Format("2006-01"))
	if err != nil {
		return err
	}
	closed, items := 0, 0
	var sum money.Fen
	for _, b := range open {
		n, amount, err := y.closeBatch(b.Code)
		if err != nil {
			return err
		}
		closed, items, sum = closed+1, items+n, sum+amount
	}
	y.tellClosed(closed, items, sum)
	return nil
}

// tellClosed tells how many batches were closed, and with how much open.
func (y *year) tellClosed(batches, items int, sum money.Fen) {
	if items == 0 {
		y.say("he", "demo.year.closed", "count", batches)
		return
	}
	y.say("he", "demo.year.closed_open", "count", batches, "items", items, "amount", sum.Grouped())
}

// closeBatch closes one, and says how many items it is closed with.
func (y *year) closeBatch(code string) (int, money.Fen, error) {
	_, err := y.Batch.Close(y.as("he"), code)
	if errs.CodeOf(err) != "BATCH_OPEN_ITEMS" {
		return 0, 0, err
	}
	list, err := y.Batch.ProposeOpenItems(y.as("he"), code, name("he"), y.today().AddDate(0, 1, 0), i18n.T(i18n.ZH, "demo.reason.open"))
	if err != nil {
		return 0, 0, err
	}
	if _, err := y.Batch.ApproveList(y.as("lin"), list.ID, list.Digest); err != nil {
		return 0, 0, err
	}
	if _, err := y.Batch.Close(y.as("he"), code); err != nil {
		return 0, 0, err
	}
	var sum money.Fen
	for _, item := range list.Items {
		sum += item.Amount
	}
	return len(list.Items), sum, nil
}

// closeMonth makes the vouchers of a month and closes its books.
func (y *year) closeMonth(month string) error {
	if err := y.vouchers(month); err != nil {
		return err
	}
	return y.closePeriod(month)
}

// vouchers makes the vouchers of a month, unless it was closed with them before.
func (y *year) vouchers(month string) error {
	made, err := y.Books.MakeVouchers(y.as("admin"), books.Period(month))
	if errs.CodeOf(err) == "VOUCHER_PERIOD_CLOSED" {
		return nil
	}
	if err == nil {
		y.say("admin", "demo.year.vouchers", "month", month, "vouchers", made.Vouchers, "amount", made.Amount.Grouped())
	}
	return err
}

// closePeriod has one person propose and another confirm.
func (y *year) closePeriod(period string) error {
	if _, err := y.Books.ProposeClose(y.as("admin"), books.Period(period), i18n.T(i18n.ZH, "demo.year.reason.close")); err != nil && errs.CodeOf(err) != "PERIOD_CLOSED_ALREADY" {
		return err
	}
	act, err := y.Books.Confirm(y.as("lin"), books.Period(period))
	if err != nil {
		return err
	}
	y.say("lin", "demo.year.period", "period", period, "journals", act.Journals)
	return nil
}

// documents imports a file of documents and tells its lines.
func (y *year) documents(file string) error {
	if _, err := y.Funds.ImportDocuments(y.as("admin"), y.input(file)); err != nil {
		return err
	}
	for _, p := range y.papers.PapersOf(file) {
		y.say("admin", "demo.year.paper", "number", p.Number, "kind", p.Kind, "level", p.Level, "fund", p.Fund, "amount", p.Amount.Grouped())
	}
	return nil
}
