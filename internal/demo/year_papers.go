package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/sample"
	"fenlu/ledger"
	"fenlu/money"
)

// notDrawable sees that money of a coming year pays nothing yet.
func (y *year) notDrawable(ctx context.Context) error {
	pool, err := y.Funds.Pool(ctx, y.DB.Pool(), "DB")
	if err != nil {
		return err
	}
	if len(pool) != 0 {
		return errs.New(errs.Internal, "DEMO_UNEXPECTED", "what", sample.AdvanceNotice, "got", pool[0].Balance.Grouped(), "want", "0.00")
	}
	y.say("admin", "demo.year.not_drawable", "number", sample.AdvanceNotice)
	return nil
}

// peopleIn imports population, people and who is paid for whom.
func (y *year) peopleIn(context.Context) error {
	defer y.Tell.Work("demo.work.people")()
	if _, err := y.Parties.ImportPopulation(y.as("zhou"), y.input("population"), "zhou"); err != nil {
		return err
	}
	if _, err := y.Parties.ImportPeople(y.as("zhou"), y.input("people"), "zhou"); err != nil {
		return err
	}
	if _, err := y.Parties.ImportRelations(y.as("zhou"), y.input("relations"), "zhou"); err != nil {
		return err
	}
	y.say("zhou", "demo.people", "people", len(y.county.People), "households", len(y.county.Households), "units", len(y.county.Units))
	return nil
}

// standardsIn imports the standards of the year before and the figures of rules.
func (y *year) standardsIn() error {
	for _, file := range []string{"rules", "01-rules"} {
		if _, err := y.Rules.Import(y.as("admin"), y.input(file), "admin"); err != nil {
			return err
		}
	}
	r, err := y.Benefits.ImportPolicies(y.as("admin"), y.input("policies"), "admin")
	if err != nil {
		return err
	}
	y.say("admin", "demo.policies", "rows", r.Rows, "rules", len(y.county.Rules)+1)
	return nil
}

// included sees that only the difference of a paper that says 含 came in.
func (y *year) included(ctx context.Context) error {
	const difference = 3_000_000_00
	lot, err := y.lotOf(ctx, sample.Including)
	if err != nil {
		return err
	}
	if lot.BroughtIn != difference {
		return errs.New(errs.Internal, "DEMO_UNEXPECTED", "what", sample.Including, "got", lot.BroughtIn.Grouped(), "want", money.Fen(difference).Grouped())
	}
	y.say("admin", "demo.year.included", "notice", sample.AdvanceNotice, "number", sample.Including, "amount", lot.BroughtIn.Grouped())
	return nil
}

// lotOf is the first lot of a document.
func (y *year) lotOf(ctx context.Context, number string) (funds.LotView, error) {
	list, err := y.Funds.Lots(ctx, y.DB.Pool())
	if err != nil {
		return funds.LotView{}, err
	}
	for _, l := range list.Lots {
		if l.Document == number {
			return l, nil
		}
	}
	return funds.LotView{}, errs.New(errs.NotFound, "FUNDS_DOCUMENT_UNKNOWN", "number", number)
}

// lineOf is where a line of a document opened its budget line.
func (y *year) lineOf(ctx context.Context, number string, no int) (ledger.BudgetLineID, error) {
	_, lines, err := y.Funds.FindDocument(ctx, y.DB.Pool(), number)
	if err != nil {
		return 0, err
	}
	for _, l := range lines {
		if l.LineNo == no {
			return l.To, nil
		}
	}
	return 0, errs.New(errs.NotFound, "FUNDS_DOCUMENT_UNKNOWN", "number", number)
}

// april raises standards from January on, and pays what that adds to the months
// that were paid already.
func (y *year) april() []step {
	steps := []step{plain("2026-04 raise", moment(4, 2, "10:00"), func() error {
		r, err := y.Benefits.ImportPolicies(y.as("admin"), y.input("04-policies"), "admin")
		if err == nil {
			y.say("admin", "demo.year.raised", "rows", r.Rows)
		}
		for _, p := range y.papers.Raised() {
			y.say("admin", "demo.year.standard", "document", p.Document, "class", p.Class, "amount", p.Amount.Grouped(), "period", p.Period)
		}
		return err
	})}
	for i, p := range y.papers.Raised() {
		steps = append(steps, step{"2026-04 back-pay " + p.Class, moment(4, againDay+1, "14:00"), func(ctx context.Context) error { return y.backPay(ctx, i, p) }})
	}
	return append(steps, step{"2026-04 back-pay release", moment(4, otherDay, "10:24"), func(ctx context.Context) error {
		var codes []string
		for i := range y.papers.Raised() {
			if _, err := batch.ByCode(ctx, y.DB.Pool(), backPayCode(i)); err == nil {
				codes = append(codes, backPayCode(i))
			}
		}
		return y.releaseAll(day(4, otherDay), codes...)
	}})
}

func backPayCode(i int) string { return fmt.Sprintf("PC-BF-%d-202604", i+1) }

// backPay makes, checks and approves the back-pay of one raised standard.
func (y *year) backPay(ctx context.Context, i int, p sample.Policy) error {
	policy, err := y.Benefits.PolicyAt(ctx, y.DB.Pool(), p.Program, "basic", p.Class, area, "2026-03")
	if err != nil {
		return err
	}
	y.on(day(4, againDay+1), 15, 20)
	made, err := y.Batch.MakeBackPay(y.as("zhou"), batch.BackPayAsk{Code: backPayCode(i), Office: office, Policy: policy.ID, Channel: "DF"})
	if err != nil || made.Nothing {
		return err
	}
	if err := y.approved(made.Batch.Code, day(4, againDay+2)); err != nil {
		return err
	}
	y.say("lin", "demo.year.back_pay", "code", made.Batch.Code, "document", p.Document, "class", p.Class, "lines", made.Batch.Lines, "amount", made.Batch.Amount.Grouped(),
		"waiting", len(made.Waiting))
	return nil
}

// may pays the price-linked subsidy: its money is cut while it is frozen, and other
// money takes its place.
func (y *year) may() []step {
	list := y.papers.PriceList(sample.PriceMay)
	return []step{
		plain("2026-05 catalogue", moment(5, 14, "10:00"), func() error {
			if _, err := y.Benefits.ImportPrograms(y.as("admin"), y.input("05-programs"), "admin"); err != nil {
				return err
			}
			if _, err := y.Rules.Import(y.as("admin"), y.input("05-rules"), "admin"); err != nil {
				return err
			}
			if _, err := y.Benefits.ImportPolicies(y.as("admin"), y.input("05-policies"), "admin"); err != nil {
				return err
			}
			y.say("admin", "demo.year.linked", "rise", sample.RiseText(sample.PriceMay), "amount", list.Lines[0].Amount.Grouped())
			return y.documents("05-documents")
		}),
		plain("2026-05 price list", moment(5, againDay+1, "10:00"), func() error { return y.special(list, day(5, againDay+1), day(5, againDay+1)) }),
		{"2026-05 cut", moment(5, 18, "16:00"), y.cutBelow},
		{"2026-05 other money", moment(5, 19, "09:30"), func(ctx context.Context) error { return y.otherMoney(ctx, list.Code()) }},
		plain("2026-05 price release", moment(5, otherDay, "10:24"), func() error { return y.releaseAll(day(5, otherDay), list.Code()) }),
	}
}

// special freezes a list of its own, made and approved on given days.
func (y *year) special(l sample.List, made, approved time.Time) error {
	if err := y.frozen(l.Code(), l.Program, sample.MonthName(l.Month), channel(l.Roster), l.Name(), made, approved); err != nil {
		return err
	}
	y.say("lin", "demo.year.special", "code", l.Code(), "title", l.Title, "lines", y.tally.lines, "amount", y.tally.amount.Grouped())
	return nil
}

// cutBelow books a cut that reaches into what is frozen, and lists who stands in its
// way.
func (y *year) cutBelow(ctx context.Context) error {
	if err := y.documents("05-cut"); err != nil {
		return err
	}
	lot, err := y.lotOf(ctx, sample.PriceFirst)
	if err != nil {
		return err
	}
	short := -lot.Places[ledger.Shortfall]
	if _, _, err := y.Funds.FindDocument(ctx, y.DB.Pool(), sample.PriceLater); err == nil {
		return nil // told before
	}
	if want := y.papers.Short(); short != want || !lot.Stopped {
		return errs.New(errs.Internal, "DEMO_UNEXPECTED", "what", sample.PriceCut, "got", short.Grouped(), "want", want.Grouped())
	}
	frozen, err := batch.FrozenOnLots(ctx, y.DB.Pool(), []ledger.LotID{lot.Lot})
	if err != nil {
		return err
	}
	for _, f := range frozen {
		y.say("admin", "demo.year.in_the_way", "short", short.Grouped(), "batch", f.Batch, "amount", f.Amount.Grouped())
	}
	return nil
}

// otherMoney lets a later document pay what the cut left without money.
func (y *year) otherMoney(_ context.Context, code string) error {
	if err := y.documents("05-later"); err != nil {
		return err
	}
	done, err := y.Batch.CorrectPayments(y.as("admin"), batch.NewPaymentCorrection{Number: "县财预〔2026〕37号", Title: "关于更正价格临时补贴资金来源的通知", IssuedOn: date(5, 19),
		Batch: code, Freed: sample.PriceFirst, Arrived: sample.PriceLater, Amount: y.papers.Short()})
	if err != nil {
		return err
	}
	y.say("admin", "demo.year.corrected", "number", done.Number, "batch", code, "freed", sample.PriceFirst, "arrived", sample.PriceLater, "lines", done.Lines, "amount", done.Amount.Grouped())
	return nil
}

// june splits a household after its month was paid; a second list for the month is
// stopped.
func (y *year) june() []step {
	steps := []step{
		plain("2026-06 split", moment(6, 12, "10:00"), y.split),
		{"2026-06 nobody twice", moment(6, 13, "09:00"), y.nobodyTwice},
		y.emergencyStep(6, 1),
	}
	return append(steps, y.paysService("1", 6, y.half(false))...)
}

func (y *year) split() error {
	p := y.papers
	who := func(i int) ident.Secret { return ident.Secret(y.county.People[p.Family[i]].ID) }
	from := y.county.HouseholdCode(&y.county.People[p.Family[0]])
	act, err := y.Parties.SplitHousehold(y.as("zhou"), parties.SplitHousehold{Household: from, New: p.Apart,
		Leave:  []parties.Moving{{IDNumber: who(2), Relation: terms.Head}, {IDNumber: who(3), Relation: terms.Spouse}},
		Ground: parties.Ground{Effective: date(6, 12), Document: "青民分〔2026〕6号", Reason: i18n.T(i18n.ZH, "demo.year.reason.split")}})
	if err != nil {
		return err
	}
	y.say("zhou", "demo.year.split", "household", from, "new", p.Apart, "document", act.Document)
	return nil
}

// nobodyTwice tries to pay the young household for the month that the old one was
// paid for already: the once-keys stand in the way.
func (y *year) nobodyTwice(ctx context.Context) error {
	list := y.papers.SplitList(6)
	known, err := batch.ByCode(ctx, y.DB.Pool(), list.Code())
	if err == nil && known.State == batch.Cancelled {
		return nil
	}
	if _, err := y.Batch.Create(y.as("zhou"), batch.Create{Code: list.Code(), Office: office, Program: "DB", Period: "2026-06", Channel: "DF", File: y.input(list.Name())}); err != nil {
		return err
	}
	found, err := y.Batch.Check(y.as("zhao"), list.Code())
	if err != nil && errs.CodeOf(err) != "BATCH_BLOCKED" {
		return err
	}
	if found.Blocks != len(list.Lines) {
		return errs.New(errs.Internal, "DEMO_UNEXPECTED", "what", list.Code(), "got", found.Blocks, "want", len(list.Lines))
	}
	if _, err := y.Batch.Cancel(y.as("zhou"), list.Code(), i18n.T(i18n.ZH, "demo.year.reason.twice")); err != nil {
		return err
	}
	y.say("zhao", "demo.year.twice", "code", list.Code(), "blocks", found.Blocks)
	return nil
}

// july: somebody has died between the approval of the list and its release.
func (y *year) july() []step {
	return []step{plain("2026-07 death", moment(7, 8, "17:20"), func() error {
		if _, err := y.Parties.ImportDeaths(y.as("zhou"), y.input("07-deaths"), "zhou"); err != nil {
			return err
		}
		list := y.papers.Lists(7)[0]
		var numbers []int32
		for i, l := range list.Lines {
			if l.Person == y.papers.Dead {
				numbers = append(numbers, int32(i+1))
			}
		}
		held, err := y.Batch.ProposeList(y.as("zhou"), list.Code(), batch.Withhold, numbers, i18n.T(i18n.ZH, "demo.reason.death"))
		if err != nil {
			return err
		}
		if _, err := y.Batch.ApproveList(y.as("zhao"), held.ID, held.Digest); err != nil {
			return err
		}
		y.say("zhao", "demo.year.death", "code", list.Code(), "lines", len(numbers), "amount", held.Items[0].Amount.Grouped())
		return nil
	})}
}

// august moves money between function codes (调剂).
func (y *year) august() []step {
	return []step{{"2026-08 transfer", moment(8, 18, "10:00"), func(ctx context.Context) error {
		line, err := y.lineOf(ctx, sample.CountyBudget, 1)
		if err != nil {
			return err
		}
		const amount = 200_000_00
		done, err := y.Funds.Move(y.as("admin"), funds.MoveMoney{Type: funds.Transfer, Number: "县财预〔2026〕52号", Title: "关于调剂民生救助资金功能科目的通知",
			IssuedOn: date(8, 18), Items: []funds.MoveItem{{BudgetLine: line, Amount: amount, FunctionCode: "2081901"}}})
		if err != nil {
			return err
		}
		y.say("admin", "demo.year.transfer", "number", done.Number, "amount", done.Amount.Grouped(), "from", "2082001", "to", "2081901")
		return nil
	}}}
}

const advanceDecision = "县财预〔2026〕55号"

// advancing lets the county pay what the province is short of (垫付).
func (y *year) advancing() error {
	done, err := y.Batch.DecideAdvance(y.as("admin"), batch.NewAdvance{Number: advanceDecision, Title: "关于垫付省级特困人员救助供养资金的决定", IssuedOn: date(9, 2),
		Program: "TK", Payer: terms.County, Owing: terms.Province, Amount: y.papers.Advanced(), Until: date(12, 31)})
	if err != nil {
		return err
	}
	y.say("admin", "demo.year.advance", "number", done.Number, "amount", done.Amount.Grouped())
	return nil
}

// repaying moves exactly those payments to the province's money once it is there.
func (y *year) repaying(ctx context.Context) error {
	before, err := y.owed(ctx)
	if err != nil {
		return err
	}
	done, err := y.Batch.Correct(y.as("lin"), batch.NewCorrection{Number: "县财预〔2026〕71号", Title: "关于更正特困人员救助供养资金来源的通知", IssuedOn: date(11, 19),
		Advance: advanceDecision, Arrived: sample.ProvinceLater})
	if err != nil {
		return err
	}
	if !done.Replay && (done.Owed != 0 || done.Amount != before.Total) {
		return errs.New(errs.Internal, "DEMO_UNEXPECTED", "what", done.Number, "got", done.Owed.Grouped(), "want", "0.00")
	}
	y.say("lin", "demo.year.repaid", "number", done.Number, "advance", advanceDecision, "arrived", sample.ProvinceLater, "lines", done.Lines, "amount", done.Amount.Grouped(),
		"owed", done.Owed.Grouped())
	return nil
}

func (y *year) owed(ctx context.Context) (batch.OwedList, error) {
	var list batch.OwedList
	err := y.DB.Read(ctx, func(tx pgx.Tx) (err error) {
		list, err = batch.Advances(ctx, tx, area, y.today(), false)
		return err
	})
	return list, err
}

// owing tells what is advanced and since when.
func (y *year) owing(ctx context.Context) error {
	list, err := y.owed(ctx)
	if err != nil {
		return err
	}
	for _, o := range list.Items {
		y.say("admin", "demo.year.owing", "number", o.Number, "owed", o.Owed.Grouped(), "days", o.Days, "due", o.DueOn.Format(time.DateOnly))
	}
	return nil
}
