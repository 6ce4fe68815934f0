package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/funds/carveout"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/money"
)

// decisionText says what the base is, and by whose decision, or that there is
// none.
func (a *app) decisionText(s funds.CarveoutStatus) string {
	d := s.Decision
	if d == nil {
		return a.T("funds.carveout.undecided", "year", s.Rule.Year)
	}
	levels := make([]string, len(d.Levels))
	for i, l := range d.Levels {
		levels[i] = l.Name(a.Lang)
	}
	if len(levels) == 0 {
		levels = []string{a.T("funds.carveout.all_levels")}
	}
	asOf := a.T("funds.carveout.to_date")
	if d.AsOf != nil {
		asOf = dayText(*d.AsOf)
	}
	carry := "out"
	if d.CarryIn {
		carry = "in"
	}
	return a.T("funds.carveout.decided", "variant", i18n.Term(a.Lang, "carveout.variant", string(d.Variant)), "levels", strings.Join(levels, "、"),
		"carry", a.T("funds.carveout.carry."+carry), "basis", i18n.Term(a.Lang, "funds.carveout.basis", string(d.Basis)), "as_of", asOf,
		"document", d.Document, "clause", d.Clause, "by", d.DecidedBy, "on", dayText(d.DecidedOn))
}

// carveoutLine is a line of the calculation in the reader's words.
func (a *app) carveoutLine(l carveout.Line) string {
	args := make([]errs.Arg, len(l.Args))
	for i, arg := range l.Args {
		if level, ok := terms.ParseLevel(fmt.Sprint(arg.Value)); ok && arg.Name == "level" {
			arg.Value = level.Name(a.Lang)
		}
		args[i] = arg
	}
	l.Args = args
	return l.Text(a.Lang)
}

// carveoutReason is why the state is what it is, with the paper since which a
// cap is passed.
func (a *app) carveoutReason(s funds.CarveoutStatus) string {
	reason := s.Result.Reason(a.Lang)
	if s.OverSince != nil {
		reason += " " + a.overSince(*s.OverSince)
	}
	return reason
}

func (a *app) overSince(o funds.OverSince) string {
	return a.T("funds.carveout.since", "number", o.Number, "on", dayText(o.On), "cap", o.Cap.Grouped(), "over", o.Over.Grouped())
}

// carveoutNotes is what to know and to do beside the state.
func (a *app) carveoutNotes(s funds.CarveoutStatus) []string {
	var out []string
	if s.OverCap > 0 {
		out = append(out, a.T("funds.carveout.over", "over", s.OverCap.Grouped()))
	}
	if s.OverSince != nil {
		out = append(out, a.overSince(*s.OverSince))
	}
	return append(out, a.adviceTexts(s.Advice)...)
}

// adviceTexts says how much more is to be set aside, from which fund, at most.
func (a *app) adviceTexts(d funds.Advice) []string {
	out := []string{a.T("funds.carveout.advice", "more", d.More.Grouped(), "by", dayText(d.By))}
	for _, f := range d.Funds {
		out = append(out, a.T("funds.carveout.advice.fund", "fund", f.Fund, "amount", f.Amount.Grouped(), "at_most", f.AtMost.Grouped()))
	}
	if d.Missing > 0 {
		out = append(out, a.T("funds.carveout.advice.missing", "missing", d.Missing.Grouped()))
	}
	return out
}

// carveoutRuleCmd records floor and cap of an area and year.
type carveoutRuleCmd struct {
	Year     int      `help:"help_carveout_year"`
	Area     string   `required:"" help:"help_carveout_area"`
	Floor    string   `required:"" placeholder:"5%" help:"help_carveout_floor"`
	BaseFund []string `required:"" name:"base-fund" sep:"none" help:"help_carveout_base_fund"`
	Cap      string   `required:"" placeholder:"3%" help:"help_carveout_cap"`
	CapFund  string   `required:"" name:"cap-fund" help:"help_carveout_cap_fund"`
	Barred   []string `default:"中央" help:"help_carveout_barred"`
	NoBarred bool     `name:"no-barred" help:"help_carveout_no_barred"`
	Document string   `required:"" help:"help_carveout_document"`
	Clause   string   `required:"" help:"help_carveout_clause"`
}

// Run records the rule.
func (c carveoutRuleCmd) Run(a *app) error {
	rule := funds.CarveoutRule{Area: c.Area, Year: a.yearOr(c.Year), BaseFunds: c.BaseFund, CapFund: c.CapFund, Document: c.Document, Clause: c.Clause}
	var err error
	if rule.FloorRate, err = parseRate(c.Floor); err != nil {
		return err
	}
	if rule.CapRate, err = parseRate(c.Cap); err != nil {
		return err
	}
	if !c.NoBarred {
		if rule.BarredLevels, err = parseLevels(c.Barred); err != nil {
			return err
		}
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		if err := s.Funds.SetCarveoutRule(ctx, rule); err != nil {
			return err
		}
		if rule, err = s.Funds.CarveoutRuleOf(ctx, s.DB.Pool(), rule.Area, rule.Year); err != nil {
			return err
		}
		return a.Result(rule, func(w io.Writer) {
			a.say(w, false, "funds.carveout.ruled", "area", rule.Area, "year", rule.Year, "floor", rule.FloorRate, "cap", rule.CapRate, "fund", rule.CapFund)
		})
	})
}

func parseRate(text string) (money.Rate, error) {
	r, err := money.ParseRate(text)
	if err != nil {
		return r, errs.New(errs.Invalid, "CARVEOUT_RATE_TEXT", "value", text)
	}
	return r, nil
}

func parseLevels(texts []string) ([]terms.Level, error) {
	var out []terms.Level
	for _, text := range texts {
		l, ok := terms.ParseLevel(text)
		if !ok {
			return nil, errs.WithFields("CARVEOUT_INPUT", []errs.Field{{Column: "levels", Value: text, Code: "FUNDS_LEVEL"}})
		}
		out = append(out, l)
	}
	return out, nil
}

// carveoutDecideCmd records what the base of the floor is.
type carveoutDecideCmd struct {
	Year      int      `help:"help_carveout_year"`
	Area      string   `required:"" help:"help_carveout_area"`
	Variant   string   `required:"" enum:"together,each" help:"help_carveout_variant"`
	Level     []string `help:"help_carveout_level"`
	CarryIn   bool     `name:"carry-in" help:"help_carveout_carry_in"`
	Basis     string   `default:"budgeted" enum:"budgeted,executed" help:"help_carveout_basis"`
	AsOf      string   `name:"as-of" placeholder:"2026-12-31" help:"help_carveout_as_of"`
	Document  string   `required:"" help:"help_carveout_document"`
	Clause    string   `required:"" help:"help_carveout_clause"`
	DecidedBy string   `required:"" name:"decided-by" help:"help_carveout_decided_by"`
	DecidedOn string   `required:"" name:"decided-on" placeholder:"2026-02-10" help:"help_carveout_decided_on"`
}

// Run records the decision.
func (c carveoutDecideCmd) Run(a *app) error {
	b := funds.CarveoutBase{Area: c.Area, Year: a.yearOr(c.Year), Variant: carveout.Variant(c.Variant), CarryIn: c.CarryIn, Basis: funds.Basis(c.Basis),
		Document: c.Document, Clause: c.Clause, DecidedBy: c.DecidedBy}
	var err error
	if b.Levels, err = parseLevels(c.Level); err != nil {
		return err
	}
	if b.DecidedOn, err = parseDay(c.DecidedOn); err != nil {
		return err
	}
	if c.AsOf != "" {
		day, err := parseDay(c.AsOf)
		if err != nil {
			return err
		}
		b.AsOf = &day
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := s.Funds.DecideCarveoutBase(ctx, b)
		if err != nil {
			return err
		}
		return a.Result(done, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, a.decisionText(funds.CarveoutStatus{Decision: &done}))
		})
	})
}

// carveoutAcceptCmd records an acceptance.
type carveoutAcceptCmd struct {
	Number   string `arg:"" help:"help_carveout_acceptance"`
	Contract string `required:"" help:"help_carveout_contract"`
	Amount   string `required:"" placeholder:"50000.00" help:"help_carveout_amount"`
	On       string `placeholder:"2026-10-31" help:"help_carveout_accepted_on"`
	Evidence string `required:"" type:"path" help:"help_carveout_evidence"`
}

// Run records it with the digest of the signed paper.
func (c carveoutAcceptCmd) Run(a *app) error {
	on, err := a.dayOr(c.On)
	if err != nil {
		return err
	}
	amount, err := money.Parse(c.Amount)
	if err != nil {
		return errs.New(errs.Invalid, "FUNDS_ITEM", "item", c.Amount)
	}
	paper, err := digestOfFile(c.Evidence)
	if err != nil {
		return err
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := s.Funds.Accept(ctx, funds.Acceptance{Number: c.Number, Contract: c.Contract, AcceptedOn: on, Amount: amount,
			Evidence: hex.EncodeToString(paper)})
		if err != nil {
			return err
		}
		return a.Result(done, func(w io.Writer) {
			a.say(w, done.Replay, "funds.contract.accepted", "number", done.Number, "contract", done.Contract, "amount", done.Amount.Grouped(), "left", done.Left.Grouped())
		})
	})
}

// carveoutVoidCmd voids a contract or an acceptance.
type carveoutVoidCmd struct {
	Kind   string `arg:"" enum:"contract,acceptance" help:"help_carveout_void_kind"`
	Number string `arg:"" help:"help_carveout_void_number"`
	Reason string `required:"" help:"help_carveout_void_reason"`
}

// Run voids it.
func (c carveoutVoidCmd) Run(a *app) error {
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		done, err := s.Funds.VoidService(ctx, funds.VoidKind(c.Kind), c.Number, c.Reason)
		if err != nil {
			return err
		}
		return a.Result(done, func(w io.Writer) {
			a.say(w, done.Replay, "funds.contract.voided", "number", done.Number, "reason", done.Reason)
		})
	})
}

// numberOf is a contract's number, and whether it is void.
func (k paidContract) numberOf(lang i18n.Lang) string {
	if k.Voided != nil {
		return i18n.T(lang, "funds.contract.void", "number", k.Number)
	}
	return k.Number
}

// paidContract is a contract with what was paid for its acceptances.
type paidContract struct {
	funds.ContractView
	Paid         money.Fen `json:"paid"`
	TownshipName string    `json:"township_name"`
}

// paidContracts are the contracts of a year as far as they have come.
func (a *app) paidContracts(s *services, tx pgx.Tx, year int) ([]paidContract, error) {
	list, err := funds.Contracts(a.ctx, tx, year)
	if err != nil {
		return nil, err
	}
	programs, err := funds.ServicePrograms(a.ctx, tx)
	if err != nil {
		return nil, err
	}
	credits := make([]string, len(list))
	for i, c := range list {
		credits[i] = ident.Normalize(c.CreditCode)
	}
	units, err := s.Parties.Units(a.ctx, tx, credits)
	if err != nil {
		return nil, err
	}
	var ids []parties.UnitID
	for _, u := range units {
		ids = append(ids, u.ID)
	}
	paid, err := batch.PaidServices(a.ctx, tx, programs, ids)
	if err != nil {
		return nil, err
	}
	names, err := s.words(a.ctx, tx, codes(list, func(k funds.ContractView) string { return k.Township }))
	out := make([]paidContract, len(list))
	for i, c := range list {
		out[i].ContractView, out[i].TownshipName = c, names.area(c.Township)
		for _, one := range c.Acceptances {
			out[i].Paid += paid[one.Number] // never above the contract's amount
		}
	}
	return out, err
}

// carveoutContractsCmd lists the contracts of a year.
type carveoutContractsCmd struct {
	Year int `help:"help_carveout_year"`
	sheetFlag
}

// Run lists them.
func (c carveoutContractsCmd) Run(a *app) error {
	return c.listing(a, "service-contracts", func(s *services, tx pgx.Tx) (fundList, error) {
		list, err := a.paidContracts(s, tx, a.yearOr(c.Year))
		if err != nil {
			return fundList{}, err
		}
		return fundList{"funds.contracts.title", map[string]any{"contracts": orNone(list)},
			[]string{"contract_number", "contract_supplier", "contract_township", "contract_service", ">contract_headcount", "fund_fund", "contract_from", "contract_to",
				">contract_amount", ">contract_accepted", ">contract_paid"},
			func(lang i18n.Lang) [][]string {
				rows := make([][]string, len(list))
				for i, k := range list {
					rows[i] = []string{k.numberOf(lang), k.Supplier, k.TownshipName, k.Service.Name(lang), strconv.Itoa(k.Headcount), k.Fund, dayText(k.StartsOn), dayText(k.EndsOn),
						k.Amount.Grouped(), k.Accepted.Grouped(), k.Paid.Grouped()}
				}
				return rows
			}}, err
	})
}

// carveoutStatementCmd prints the year-end statement.
type carveoutStatementCmd struct {
	Year int    `help:"help_carveout_year"`
	Area string `help:"help_carveout_area"`
	bookFiles
}

// Run prints it, or writes it as a page or a spreadsheet.
func (c carveoutStatementCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		var status funds.CarveoutStatus
		var contracts []paidContract
		err := s.DB.Read(a.ctx, func(tx pgx.Tx) (err error) {
			if status, err = s.Funds.CarveoutStatus(a.ctx, tx, a.yearOr(c.Year), c.Area); err != nil {
				return err
			}
			contracts, err = a.paidContracts(s, tx, a.yearOr(c.Year))
			return err
		})
		if err != nil {
			return err
		}
		pages := a.carveoutPages(status, contracts)
		if err := c.write(a, a.statementTable(pages), pages); err != nil {
			return err
		}
		view := struct {
			funds.CarveoutStatus
			State     string         `json:"state"`
			Reason    string         `json:"reason"`
			Contracts []paidContract `json:"contracts"`
		}{status, string(status.Result.State), a.carveoutReason(status), orNone(contracts)}
		return a.Result(view, func(w io.Writer) { a.print(w, pages) })
	})
}

// carveoutPages is the statement: what was reached and why, the calculation of
// each variant, what was set aside, and the contracts.
func (a *app) carveoutPages(s funds.CarveoutStatus, contracts []paidContract) []bookPage {
	r := s.Result
	title := a.T("funds.statement.title", "year", r.Year)
	facts := [][2]string{{a.T("voucher.head.area"), s.Area}, {a.T("funds.statement.base"), a.decisionText(s)},
		{a.T("funds.statement.rule"), s.Rule.Document + " " + s.Rule.Clause}, {a.T("funds.statement.printed"), moment(a.clock.Now())}}
	sums := bookPage{Title: title, Facts: facts, Columns: a.columns("what", ">capped", ">others", ">total"), Signs: strings.Split(a.T("funds.statement.signs"), "|")}
	for _, x := range []struct {
		what  string
		stage carveout.Stage
	}{{"planned", r.Planned}, {"contracted", r.Contracted}, {"accepted", r.Accepted}, {"paid", r.Paid}} {
		sums.Rows = append(sums.Rows, []string{a.T("funds.statement." + x.what), x.stage.Fund.Grouped(), x.stage.Others.Grouped(), (x.stage.Fund + x.stage.Others).Grouped()})
	}
	for _, x := range []struct {
		what   string
		amount money.Fen
	}{{"floor", r.Floor}, {"cap", r.Cap}, {"to_floor", r.ToFloor}, {"over", r.Over}, {"missing", r.Missing}} {
		sums.Rows = append(sums.Rows, []string{a.T("funds.statement." + x.what), "", "", x.amount.Grouped()})
	}
	pages := []bookPage{sums}
	for _, x := range s.Readings {
		p := bookPage{Title: title + " · " + i18n.Term(a.Lang, "carveout.variant", string(x.Variant)), Columns: a.columns("ord", "what", ">amount", "source"),
			Facts: [][2]string{{i18n.Term(a.Lang, "carveout.state", string(x.Result.State)), x.Result.Reason(a.Lang)}}}
		for _, l := range x.Result.Lines {
			p.Rows = append(p.Rows, []string{strconv.Itoa(l.No), a.carveoutLine(l), l.Amount.Grouped(), l.Source})
		}
		pages = append(pages, p)
	}
	return append(pages, a.setAsidePage(s), a.contractsPage(contracts))
}

func (a *app) setAsidePage(s funds.CarveoutStatus) bookPage {
	p := bookPage{Title: a.T("funds.statement.set_aside"), Columns: a.columns("paper", "source", "level", "fund", "economic", ">planned", ">paid")}
	for _, text := range a.carveoutNotes(s) {
		p.Facts = append(p.Facts, [2]string{a.T("funds.statement.note"), text})
	}
	for _, l := range s.SetAside {
		p.Rows = append(p.Rows, []string{l.Number, l.Document, l.Level.Name(a.Lang), l.Fund, l.EconomicCode, (l.Balance + l.Spent).Grouped(), l.Paid.Grouped()})
	}
	return p
}

func (a *app) contractsPage(contracts []paidContract) bookPage {
	p := bookPage{Title: a.T("funds.contracts.title"), Columns: a.columns("contract", "payee", "township", "fund", ">contracted", ">accepted", ">paid")}
	var sums [3]money.Fen
	for _, k := range contracts {
		if k.Voided != nil { // it counts for nothing
			continue
		}
		p.Rows = append(p.Rows, []string{k.Number, k.Supplier, k.TownshipName, k.Fund, k.Amount.Grouped(), k.Accepted.Grouped(), k.Paid.Grouped()})
		sums[0], sums[1], sums[2] = sums[0]+k.Amount, sums[1]+k.Accepted, sums[2]+k.Paid // for the eye
	}
	p.Total = []string{a.T("funds.total"), "", "", "", sums[0].Grouped(), sums[1].Grouped(), sums[2].Grouped()}
	return p
}

// statementTable is the pages as one table of a spreadsheet: a row says which
// page it is of, what it is, and each of its amounts by name.
func (a *app) statementTable(pages []bookPage) bookPage {
	t := bookPage{Name: "carveout-statement", Title: pages[0].Title, Columns: a.columns("part", "what", "column", ">amount", "source")}
	for _, f := range pages[0].Facts {
		t.Rows = append(t.Rows, []string{pages[0].Title, f[0], "", "", f[1]})
	}
	for _, p := range pages {
		for _, r := range p.Rows {
			var words []string
			for i, c := range p.Columns {
				if !c.Number && r[i] != "" && c.Key != "source" {
					words = append(words, r[i])
				}
			}
			source := ""
			for i, c := range p.Columns {
				if c.Key == "source" {
					source = r[i]
				}
			}
			for i, c := range p.Columns {
				if c.Number && r[i] != "" {
					t.Rows = append(t.Rows, []string{p.Title, strings.Join(words, " · "), c.Head, r[i], source})
				}
			}
		}
	}
	return t
}
