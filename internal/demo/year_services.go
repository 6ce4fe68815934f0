package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/sample"
	"fenlu/money"
)

// The papers of purchased services (购买服务).
const (
	secondAside   = "县财预〔2026〕58号"
	workContract  = "青民购〔2026〕1号"
	careContract  = "青民购〔2026〕2号"
	extraContract = "青民购〔2026〕3号"
)

// february sets money aside for services and gives the townships their reserves.
func (y *year) february() []step {
	return []step{
		{"2026-02 carve-out", moment(2, 11, "15:10"), func(ctx context.Context) error {
			if err := y.carveoutRule(ctx); err != nil {
				return err
			}
			base := funds.CarveoutBase{Area: area, Year: sample.YearOf, Variant: "together", Basis: funds.Budgeted, Document: "青财社〔2026〕12号", Clause: "第二条",
				DecidedBy: "县财政局局长办公会", DecidedOn: date(2, 10)}
			if _, err := y.Funds.DecideCarveoutBase(y.as("admin"), base); err != nil {
				return err
			}
			if err := y.setAside(); err != nil {
				return err
			}
			return y.carveoutStands(ctx)
		}},
		{"2026-02 reserves", moment(2, 12, "10:00"), y.reserves},
	}
}

// carveoutRule records floor and cap.
func (m *month) carveoutRule(context.Context) error {
	floor, err := money.ParseRate("5%")
	if err != nil {
		return err
	}
	ceiling, err := money.ParseRate("3%")
	if err != nil {
		return err
	}
	rule := funds.CarveoutRule{Area: area, Year: sample.YearOf, FloorRate: floor, BaseFunds: []string{reliefFund, workFund}, CapRate: ceiling, CapFund: reliefFund,
		BarredLevels: []terms.Level{terms.Central}, Document: "县民发〔2025〕18号", Clause: "第六条"}
	return m.Funds.SetCarveoutRule(m.as("admin"), rule)
}

// carveoutStands tells where the year's share stands.
func (y *year) carveoutStands(ctx context.Context) error {
	s, err := y.carveoutOf(ctx)
	if err != nil {
		return err
	}
	r := s.Result
	y.say("admin", "demo.year.carveout", "floor", r.Floor.Grouped(), "cap", r.Cap.Grouped(), "planned", (r.Planned.Fund + r.Planned.Others).Grouped(),
		"paid", (r.Paid.Fund + r.Paid.Others).Grouped(), "state", i18n.Term(i18n.ZH, "carveout.state", string(r.State)))
	return nil
}

func (y *year) carveoutOf(ctx context.Context) (funds.CarveoutStatus, error) {
	var s funds.CarveoutStatus
	err := y.DB.Read(ctx, func(tx pgx.Tx) (err error) {
		s, err = y.Funds.CarveoutStatus(ctx, tx, sample.YearOf, area)
		return err
	})
	return s, err
}

// march signs contracts, and brings an addition and the first emergency.
func (y *year) march() []step {
	return []step{
		plain("2026-03 addition", moment(3, 12, "09:00"), func() error { return y.documents("03-documents") }),
		y.emergencyStep(3, 0),
		{"2026-03 contracts", moment(3, 17, "10:00"), func(ctx context.Context) error {
			if _, err := y.Benefits.ImportPolicies(y.as("admin"), y.input("03-policies"), "admin"); err != nil {
				return err
			}
			work, err := y.lotOf(ctx, sample.WorkBudget)
			if err != nil {
				return err
			}
			aside, err := y.asideOf(ctx, setAsideNumber)
			if err != nil {
				return err
			}
			if err := y.contract(sample.Contract{Number: workContract, Service: "社工站", Scope: "乡镇社工站驻站服务", Fund: workFund, Signed: "2026-03-16", Unit: y.papers.Suppliers()[0], Amount: work.BroughtIn}); err != nil {
				return err
			}
			return y.contract(sample.Contract{Number: careContract, Service: "经办服务", Scope: "救助对象探访与照料评估", Fund: reliefFund, Signed: "2026-03-16", Unit: y.papers.Suppliers()[1], Amount: aside})
		}},
	}
}

// asideOf is what a document set aside of the relief fund.
func (y *year) asideOf(ctx context.Context, number string) (money.Fen, error) {
	_, lines, err := y.Funds.FindDocument(ctx, y.DB.Pool(), number)
	var sum money.Fen
	for _, l := range lines {
		if l.Fund == reliefFund {
			sum += l.Amount
		}
	}
	return sum, err
}

// contract writes the file of a contract, once, and imports it.
func (y *year) contract(c sample.Contract) error {
	file := y.input("contract-" + c.Unit.Code)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		if err := y.papers.WriteContract(file, y.format(), c); err != nil {
			return err
		}
	}
	if _, err := y.Funds.ImportContracts(y.as("zhou"), file); err != nil {
		return err
	}
	y.say("zhou", "demo.year.contract", "number", c.Number, "supplier", c.Unit.Name, "fund", c.Fund, "amount", c.Amount.Grouped())
	return nil
}

// service is one acceptance with the batch that pays it.
type service struct {
	code, acceptance, contract string
	supplier                   int
	amount                     money.Fen
}

// accepted has an acceptance recorded and its list made; both once.
func (y *year) accepted(s service, month int) error {
	sum := sha256.Sum256([]byte(s.acceptance))
	done, err := y.Funds.Accept(y.as("admin"), funds.Acceptance{Number: s.acceptance, Contract: s.contract, AcceptedOn: y.today(), Amount: s.amount,
		Evidence: hex.EncodeToString(sum[:])})
	if err != nil {
		return err
	}
	if !done.Replay {
		y.say("admin", "demo.year.accepted", "number", s.acceptance, "contract", s.contract, "amount", s.amount.Grouped())
	}
	file := y.input("service-" + s.code)
	if err := y.papers.WriteService(file, y.format(), y.papers.Suppliers()[s.supplier], sample.MonthName(month), s.acceptance, s.amount); err != nil {
		return err
	}
	_, err = y.Batch.Create(y.as("zhou"), batch.Create{Code: s.code, Office: office, Program: "FW", Period: terms.Month(sample.MonthName(month)), Channel: "GK", File: file})
	return err
}

// paysService accepts and pays a service within a month.
func (y *year) paysService(name string, m int, of func(context.Context) (service, error)) []step {
	return []step{
		{stepName(m, "service "+name), moment(m, againDay+1, "10:00"), func(ctx context.Context) error {
			s, err := of(ctx)
			if err != nil {
				return err
			}
			if err := y.accepted(s, m); err != nil {
				return err
			}
			if err := y.approved(s.code, day(m, againDay+2)); err != nil {
				return err
			}
			y.say("lin", "demo.year.service", "code", s.code, "acceptance", s.acceptance, "amount", s.amount.Grouped())
			return nil
		}},
		plain(stepName(m, "service release "+name), moment(m, otherDay, "10:24"), func() error { return y.releaseAll(day(m, otherDay), "FW-"+name) }),
	}
}

// half is a part of the county's work fund: the first half, or the rest.
func (y *year) half(second bool) func(context.Context) (service, error) {
	return func(ctx context.Context) (service, error) {
		work, err := y.lotOf(ctx, sample.WorkBudget)
		s := service{code: "FW-1", acceptance: "验〔2026〕1号", contract: workContract, amount: work.BroughtIn / 2}
		if second {
			s.code, s.acceptance, s.amount = "FW-4", "验〔2026〕4号", work.BroughtIn-s.amount
		}
		return s, err
	}
}

// september also sets aside what the cap still allows, and pays the care contract.
func (y *year) september() []step {
	steps := []step{
		plain("2026-09 advance", moment(9, 2, "10:00"), y.advancing),
		{"2026-09 owing", moment(9, 28, "09:00"), y.owing},
		y.emergencyStep(9, 2),
		{"2026-09 set aside", moment(9, 21, "10:00"), y.secondAside},
	}
	return append(steps, y.paysService("2", 9, func(ctx context.Context) (service, error) {
		amount, err := y.asideOf(ctx, setAsideNumber)
		return service{code: "FW-2", acceptance: "验〔2026〕2号", contract: careContract, supplier: 1, amount: amount}, err
	})...)
}

// secondAside uses the rest of the cap.
func (y *year) secondAside(ctx context.Context) error {
	amount, err := y.asideOf(ctx, secondAside)
	if errs.CodeOf(err) == "FUNDS_DOCUMENT_UNKNOWN" {
		if amount, err = y.asideNow(ctx); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	y.say("admin", "demo.set_aside", "number", secondAside, "lines", 1, "amount", amount.Grouped())
	return y.contract(sample.Contract{Number: extraContract, Service: "其他服务", Scope: "低收入人口主动发现与核查", Fund: reliefFund, Signed: "2026-09-21", Unit: y.papers.Suppliers()[2], Amount: amount})
}

// asideNow sets aside, of the county's money, what the cap still allows.
func (y *year) asideNow(ctx context.Context) (money.Fen, error) {
	s, err := y.carveoutOf(ctx)
	if err != nil {
		return 0, err
	}
	at, err := y.lineOf(ctx, sample.CountyBudget, 1)
	if err != nil {
		return 0, err
	}
	amount := s.Result.Cap - s.Result.Planned.Fund
	_, err = y.Funds.SetAside(y.as("admin"), funds.SetAside{Area: area, Year: sample.YearOf, Number: secondAside, Title: "关于追加政府购买社会救助服务经费的通知",
		IssuedOn: date(9, 21), Items: []funds.SetAsideItem{{BudgetLine: at, EconomicCode: "50205", Amount: amount}}})
	return amount, err
}

// october: the fund is cut between the check of a payment for services and its
// approval, which is refused at the cap.
func (y *year) october() []step {
	return []step{
		{"2026-10 service 3", moment(10, 21, "10:00"), func(ctx context.Context) error {
			amount, err := y.asideOf(ctx, secondAside)
			if err != nil {
				return err
			}
			if err := y.accepted(service{"FW-3", "验〔2026〕3号", extraContract, 2, amount}, 10); err != nil {
				return err
			}
			_, err = y.submitted("FW-3", day(10, 21))
			return err
		}},
		plain("2026-10 cut", moment(10, 22, "11:00"), func() error { return y.documents("10-cut") }),
		{"2026-10 refused at the cap", moment(10, 22, "16:40"), y.refusedAtCap},
		{"2026-10 owing", moment(10, 28, "09:00"), y.owing},
	}
}

// refusedAtCap tries to approve what was checked before the cut.
func (y *year) refusedAtCap(ctx context.Context) error {
	b, err := batch.ByCode(ctx, y.DB.Pool(), "FW-3")
	if err != nil {
		return err
	}
	_, err = y.Batch.Approve(y.as("lin"), "FW-3", b.Digest)
	if errs.CodeOf(err) != "CARVEOUT_CAP_PAYMENT" {
		return errs.New(errs.Internal, "DEMO_UNEXPECTED", "what", "FW-3", "got", errs.CodeOf(err), "want", "CARVEOUT_CAP_PAYMENT")
	}
	y.say("lin", "demo.year.refused", "code", "FW-3", "amount", b.Amount.Grouped(), "why", i18n.Error(i18n.ZH, err))
	s, err := y.carveoutOf(ctx)
	if err == nil && s.OverSince != nil {
		y.say("admin", "demo.year.over_cap", "number", s.OverSince.Number, "cap", s.Result.Cap.Grouped(), "over", s.OverCap.Grouped())
	}
	return err
}

// november brings the province's addition: the cap rises again, so that the payment
// that waited is approved, and what was advanced is repaid.
func (y *year) november() []step {
	return []step{
		plain("2026-11 province", moment(11, 2, "09:00"), func() error { return y.documents("11-documents") }),
		{"2026-11 below the cap", moment(11, againDay+1, "16:40"), func(ctx context.Context) error {
			b, err := batch.ByCode(ctx, y.DB.Pool(), "FW-3")
			if err != nil {
				return err
			}
			frozen, err := y.Batch.Approve(y.as("lin"), "FW-3", b.Digest)
			if err != nil {
				return err
			}
			y.say("lin", "demo.year.service", "code", "FW-3", "acceptance", "验〔2026〕3号", "amount", frozen.Amount.Grouped())
			return y.carveoutStands(ctx)
		}},
		plain("2026-11 service release 3", moment(11, otherDay, "10:24"), func() error { return y.releaseAll(day(11, otherDay), "FW-3") }),
		{"2026-11 correction", moment(11, otherDay-1, "15:00"), y.repaying},
	}
}
