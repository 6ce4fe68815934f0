package demo

import (
	"context"
	"strings"
	"time"

	"fenlu/disbursement/funds"
	"fenlu/disbursement/terms"
	"fenlu/internal/sample"
	"fenlu/money"
)

const (
	budgetYear = 2026
	area       = "991301000000"

	reliefFund = "困难群众救助补助资金"
	workFund   = "社会救助工作经费"
)

// money imports the appropriation documents.
func (m *month) money(ctx context.Context) error {
	m.Tell.Section("demo.section.money")
	m.at("2026-01-28 10:05")
	r, err := m.Funds.ImportDocuments(m.as("admin"), m.input("documents"))
	if err != nil {
		return err
	}
	var sum money.Fen
	for _, d := range m.county.Documents {
		sum += d.Amount
	}
	m.say("admin", "demo.documents", "rows", r.Rows, "amount", sum.Grouped())
	return ctx.Err()
}

// standards imports the standards and the population.
func (m *month) standards(ctx context.Context) error {
	m.at("2026-01-29 09:30")
	if _, err := m.Benefits.ImportPolicies(m.as("admin"), m.input("policies"), "admin"); err != nil {
		return err
	}
	if _, err := m.Rules.Import(m.as("admin"), m.input("rules"), "admin"); err != nil {
		return err
	}
	m.say("admin", "demo.policies", "rows", len(m.county.Policies), "rules", len(m.county.Rules))
	if _, err := m.Parties.ImportPopulation(m.as("zhou"), m.input("population"), "zhou"); err != nil {
		return err
	}
	var residents int64
	for _, t := range m.county.Townships {
		residents += int64(t.Residents)
	}
	m.say("zhou", "demo.population", "townships", len(m.county.Townships), "residents", grouped(residents))
	return ctx.Err()
}

// people imports the people with their households and accounts.
func (m *month) people(ctx context.Context) error {
	m.Tell.Section("demo.section.batches")
	defer m.Tell.Work("demo.work.people")()
	m.at("2026-10-05 11:20")
	if _, err := m.Parties.ImportPeople(m.as("zhou"), m.input("people"), "zhou"); err != nil {
		return err
	}
	if _, err := m.Parties.ImportRelations(m.as("zhou"), m.input("relations"), "zhou"); err != nil {
		return err
	}
	m.say("zhou", "demo.people", "people", len(m.county.People), "households", len(m.county.Households), "units", len(m.county.Units))
	return ctx.Err()
}

// carveout records the rule, sets aside what the floor asks for, and says where
// the year stands.
func (m *month) carveout(ctx context.Context) error {
	m.at("2026-02-11 15:10")
	if err := m.carveoutRule(ctx); err != nil {
		return err
	}
	if err := m.setAside(); err != nil {
		return err
	}
	status, err := m.Funds.CarveoutStatus(ctx, m.DB.Pool(), budgetYear, area)
	if err != nil {
		return err
	}
	m.say("admin", "demo.carveout", "floor", status.Result.Floor.Grouped(), "cap", status.Result.Cap.Grouped(), "planned", planned(status).Grouped())
	return nil
}

// planned is what stands set aside, whoever it is from.
func planned(s funds.CarveoutStatus) money.Fen {
	var sum money.Fen
	for _, l := range s.SetAside {
		sum += l.Balance + l.Spent
	}
	return sum
}

const setAsideNumber = "县财预〔2026〕33号"

// setAside makes the document once: the plan is made from what is free, which
// a second run would find changed.
func (m *month) setAside() error {
	ctx := m.as("admin")
	if _, _, err := m.Funds.FindDocument(ctx, m.DB.Pool(), setAsideNumber); err == nil {
		return nil
	}
	plan, err := m.Funds.PlanSetAside(ctx, m.DB.Pool(), budgetYear, area)
	if err != nil || len(plan.Items) == 0 {
		return err
	}
	moved, err := m.Funds.SetAside(ctx, funds.SetAside{Area: area, Year: budgetYear, Number: setAsideNumber, Title: "关于安排2026年政府购买社会救助服务经费的通知",
		IssuedOn: m.today(), Items: plan.Items})
	if err != nil {
		return err
	}
	m.say("admin", "demo.set_aside", "number", moved.Number, "lines", moved.Lines, "amount", moved.Amount.Grouped())
	return nil
}

// reserves gives each township one yuan for each registered resident.
func (m *month) reserves(ctx context.Context) error {
	m.at("2026-02-12 10:00")
	err := m.Funds.SetReserveRule(m.as("admin"), funds.ReserveRule{Area: area, Year: budgetYear, PerResident: 1_00, CaseLimit: 1000_00,
		Document: "县民发〔2026〕2号", Clause: "第三条：按户籍人口每人1元的标准预拨"})
	if err != nil {
		return err
	}
	done, err := m.Funds.AllocateReserves(m.as("admin"), funds.AllocateReserves{Area: area, Year: budgetYear, Number: "县财社〔2026〕9号",
		Title: "关于预拨2026年乡镇临时救助备用金的通知", IssuedOn: m.today(), PopulationOn: time.Date(budgetYear, 2, 12, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return err
	}
	m.say("admin", "demo.reserves", "townships", len(m.county.Townships), "amount", done.Amount.Grouped())
	return ctx.Err()
}

// month of the rosters.
const period = terms.Month(sample.DefaultMonth)

// grouped writes a number for people: 412,600.
func grouped(n int64) string { return strings.TrimSuffix(money.Fen(n*100).Grouped(), ".00") }
