package funds

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/imports"
	"fenlu/disbursement/rules"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// ServiceKind is what a contract buys; it says how many workers are to be
// expected (money-rules B4, B15).
type ServiceKind string

// The kinds.
const (
	Station  ServiceKind = "station"   // 社工站
	Handling ServiceKind = "handling"  // 经办服务
	CareSelf ServiceKind = "care_self" // 照料护理：全自理
	CareHalf ServiceKind = "care_half" // 照料护理：半护理
	CareFull ServiceKind = "care_full" // 照料护理：全护理
	Other    ServiceKind = "other"     // 其他服务
)

// ServiceKinds are all kinds.
func ServiceKinds() []ServiceKind {
	return []ServiceKind{Station, Handling, CareSelf, CareHalf, CareFull, Other}
}

// Name is the word a user reads.
func (k ServiceKind) Name(lang i18n.Lang) string { return i18n.Term(lang, "service", string(k)) }

// ParseServiceKind reads a kind as its code or its word in either language.
func ParseServiceKind(s string) (ServiceKind, bool) {
	s = strings.TrimSpace(s)
	for _, k := range ServiceKinds() {
		if s == k.Name(i18n.ZH) || strings.EqualFold(s, k.Name(i18n.EN)) || strings.EqualFold(s, string(k)) {
			return k, true
		}
	}
	return "", false
}

func serviceOptions() string {
	var names []string
	for _, k := range ServiceKinds() {
		names = append(names, k.Name(i18n.ZH))
	}
	return strings.Join(names, "、")
}

// Contract is a contract for services (购买服务合同, money-rules B4, B5).
type Contract struct {
	ID         int64       `json:"id"`
	Number     string      `json:"number"`      // 合同编号
	CreditCode string      `json:"credit_code"` // 统一社会信用代码 of the supplier
	Supplier   string      `json:"supplier"`    // 承接单位
	Township   string      `json:"township"`    // 12 digits
	Service    ServiceKind `json:"service"`
	Scope      string      `json:"scope"`      // 服务内容
	Headcount  int         `json:"headcount"`  // 派驻人数
	Recipients int         `json:"recipients"` // 服务对象人数; 0: not said
	Amount     money.Fen   `json:"amount"`
	Fund       string      `json:"fund"` // that is to pay
	Year       int         `json:"year"` // budget year
	SignedOn   time.Time   `json:"signed_on"`
	StartsOn   time.Time   `json:"starts_on"`
	EndsOn     time.Time   `json:"ends_on"`
	ImportFile int64       `json:"-"`
	RecordedBy string      `json:"recorded_by"`
	RecordedAt time.Time   `json:"recorded_at"`
}

// same says whether two contracts say the same.
func (c Contract) same(o Contract) bool {
	o.ID, o.ImportFile, o.RecordedBy, o.RecordedAt = c.ID, c.ImportFile, c.RecordedBy, c.RecordedAt
	return c.Number == o.Number && string(ContractLeaf(c).Bytes()) == string(ContractLeaf(o).Bytes())
}

// County is the county whose rule the contract is under.
func (c Contract) County() string { return Area12(c.Township[:6]) }

// ContractLeaf is the leaf of a contract.
func ContractLeaf(c Contract) *leaf.Leaf {
	return leaf.New(string(proof.KindContract), 1).Int("id", c.ID).Text("number", c.Number).Text("credit_code", c.CreditCode).Text("supplier", c.Supplier).
		Text("township", c.Township).Text("service", string(c.Service)).Text("scope", c.Scope).Int("headcount", int64(c.Headcount)).
		Int("recipients", int64(c.Recipients)).Int("amount_fen", int64(c.Amount)).Text("fund", c.Fund).Int("year", int64(c.Year)).
		Date("signed_on", c.SignedOn).Date("starts_on", c.StartsOn).Date("ends_on", c.EndsOn).Int("import", c.ImportFile).
		Text("recorded_by", c.RecordedBy).Time("recorded_at", c.RecordedAt)
}

// contractRow is a row of a contracts file.
type contractRow struct {
	Number     string    `sheet:"number" validate:"max=40,no_personal_number"`
	CreditCode string    `sheet:"credit_code"`
	Supplier   string    `sheet:"supplier" validate:"max=100,no_personal_number"`
	Township   string    `sheet:"township"`
	Service    string    `sheet:"service"`
	Scope      string    `sheet:"scope" validate:"max=200,no_personal_number"`
	Headcount  int64     `sheet:"headcount" validate:"gte=0,lte=100000"`
	Recipients int64     `sheet:"recipients" validate:"gte=0,lte=100000000"`
	Amount     money.Fen `sheet:"amount" validate:"fen_positive"`
	Fund       string    `sheet:"fund" validate:"max=60,no_personal_number"`
	Year       int64     `sheet:"year" validate:"gte=1990,lte=2199"`
	SignedOn   time.Time `sheet:"signed_on"`
	StartsOn   time.Time `sheet:"starts_on"`
	EndsOn     time.Time `sheet:"ends_on"`

	contract Contract
}

// ContractReport is what an import of contracts did.
type ContractReport struct {
	Import int64         `json:"import"`
	File   string        `json:"file"`
	Rows   int           `json:"rows"`
	Replay bool          `json:"replay"`
	New    int           `json:"new"`
	Same   int           `json:"same"`
	Amount money.Fen     `json:"amount"` // of the new ones
	Notes  imports.Notes `json:"notes"`
}

// ImportContracts imports contracts for services from an XLSX or CSV file,
// whole or not at all. A credit code whose check character does not fit and a
// headcount below the drivers of the rules (money-rules B15) are notes. A
// contract on record as it is changes nothing; one that differs is a problem
// (CONTRACT_DIFFERS): a supplement has a number of its own. Errors:
// SHEET_PROBLEMS with a Field for every problem, and what sheet.Open returns.
func (s *Service) ImportContracts(ctx context.Context, path string) (ContractReport, error) {
	who, err := auth.Require(ctx, auth.BatchMake)
	if err != nil {
		return ContractReport{}, err
	}
	table, err := imports.Read(ctx, path, "", sheet.Contracts, s.checkContract)
	if err != nil {
		return ContractReport{}, err
	}
	var report ContractReport
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		report, err = s.storeContracts(ctx, tx, table, who.Login)
		return err
	})
	return report, err
}

// checkContract reads a row into its contract.
func (s *Service) checkContract(row sheet.Row, r *contractRow, is *imports.Issues) {
	is.Refuse(s.valid.Row(row, r)...)
	say := func(key, code string, args ...any) { is.Refuse(row.Problem(key, code, args...)) }
	c := Contract{Number: strings.Join(strings.Fields(r.Number), ""), CreditCode: ident.Normalize(r.CreditCode), Supplier: strings.TrimSpace(r.Supplier),
		Township: Area12(r.Township), Scope: strings.TrimSpace(r.Scope), Headcount: int(r.Headcount), Recipients: int(r.Recipients), Amount: r.Amount,
		Fund: strings.TrimSpace(r.Fund), Year: int(r.Year), SignedOn: r.SignedOn, StartsOn: r.StartsOn, EndsOn: r.EndsOn}
	code := ident.CheckCredit(c.CreditCode)
	is.Findings(row.Problem("credit_code", ""), code)
	if _, person := ident.CheckResident(c.CreditCode, s.today()); len(code) > 0 && !person.Refused() {
		say("credit_code", "CONTRACT_CREDIT_PERSON") // the check characters say whose number it is
	}
	if _, found := ident.CheckArea(c.Township); found.Refused() {
		say("township", "CONTRACT_TOWNSHIP")
	}
	if !contractNumber.MatchString(c.Number) {
		say("number", "CONTRACT_NUMBER")
	}
	var ok bool
	if c.Service, ok = ParseServiceKind(r.Service); !ok {
		say("service", "CONTRACT_SERVICE", "options", serviceOptions())
	}
	if is.Read(row, "starts_on", "ends_on") && c.EndsOn.Before(c.StartsOn) {
		say("ends_on", "CONTRACT_DATES", "starts", day(c.StartsOn))
	}
	r.contract = c
}

func (s *Service) storeContracts(ctx context.Context, tx pgx.Tx, table *imports.Sheet[contractRow], actor string) (ContractReport, error) {
	at := s.clock.Now()
	id, replay, err := imports.Record(ctx, tx, table.File, actor, at)
	report := ContractReport{Import: id, File: table.File.Name, Rows: table.File.Rows, Replay: replay}
	if err != nil || replay {
		return report, err
	}
	is := table.Issues.Copy()
	fresh, err := s.freshContracts(ctx, tx, table, is)
	if err == nil {
		err = is.Err()
	}
	if err != nil {
		return ContractReport{}, err
	}
	for _, c := range fresh {
		c.ImportFile, c.RecordedBy, c.RecordedAt = id, actor, at
		if err := insertContract(ctx, tx, c); err != nil {
			return ContractReport{}, err
		}
		if report.Amount, err = money.Add(report.Amount, c.Amount); err != nil {
			return ContractReport{}, errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
		}
	}
	report.New, report.Same, report.Notes = len(fresh), len(table.Rows)-len(fresh), is.Notes()
	return report, nil
}

// freshContracts are the contracts of a file that are not on record.
func (s *Service) freshContracts(ctx context.Context, tx pgx.Tx, table *imports.Sheet[contractRow], is *imports.Issues) ([]Contract, error) {
	numbers := make([]string, len(table.Rows))
	for i, r := range table.Rows {
		numbers[i] = r.Value.contract.Number
	}
	stored, err := contractsByNumber(ctx, tx, numbers)
	if err != nil {
		return nil, err
	}
	void, err := voidContracts(ctx, tx, numbers)
	if err != nil {
		return nil, err
	}
	drivers, err := s.drivers(ctx, tx)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var fresh []Contract
	for _, r := range table.Rows {
		c := r.Value.contract
		known, there := stored[c.Number]
		switch {
		case seen[c.Number]:
			is.Say(table.At(r.Row, "number", c.Number), "CONTRACT_TWICE")
		case void[c.Number]:
			is.Say(table.At(r.Row, "number", c.Number), "CONTRACT_VOIDED_ROW")
		case there && !known.same(c):
			is.Say(table.At(r.Row, "number", c.Number), "CONTRACT_DIFFERS", "supplier", known.Supplier, "amount", known.Amount.Grouped())
		case !there:
			fresh = append(fresh, c)
			if need, why := drivers.need(c); c.Headcount < need {
				is.Tell(table.At(r.Row, "headcount", fmt.Sprint(c.Headcount)), "CONTRACT_HEADCOUNT", "need", need, "document", why.Document, "clause", why.Clause)
			}
		}
		seen[c.Number] = true
	}
	return fresh, nil
}

const contractColumns = `c.id, c.number, c.credit_code, c.supplier, c.township, c.service, c.scope, c.headcount, c.recipients, c.amount_fen, c.fund, c.year,
	c.signed_on, c.starts_on, c.ends_on, c.import_file, c.recorded_by, c.recorded_at`

func scanContract(row pgx.Row, more ...any) (Contract, error) {
	var c Contract
	err := row.Scan(append([]any{&c.ID, &c.Number, &c.CreditCode, &c.Supplier, &c.Township, &c.Service, &c.Scope, &c.Headcount, &c.Recipients, &c.Amount,
		&c.Fund, &c.Year, &c.SignedOn, &c.StartsOn, &c.EndsOn, &c.ImportFile, &c.RecordedBy, &c.RecordedAt}, more...)...)
	return c, err
}

func contractsByNumber(ctx context.Context, q db.Querier, numbers []string) (map[string]Contract, error) {
	found, err := collect(ctx, q, "contracts", func(row pgx.CollectableRow) (Contract, error) { return scanContract(row) },
		`SELECT `+contractColumns+` FROM service_contract c WHERE c.number = ANY($1)`, numbers)
	out := make(map[string]Contract, len(found))
	for _, c := range found {
		out[c.Number] = c
	}
	return out, err
}

func insertContract(ctx context.Context, tx pgx.Tx, c Contract) (err error) {
	if c.ID, err = db.NextID(ctx, tx, "service_contract_id_seq"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO service_contract (id, number, credit_code, supplier, township, service, scope, headcount, recipients, amount_fen,
			fund, year, signed_on, starts_on, ends_on, import_file, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`, c.ID, c.Number, c.CreditCode, c.Supplier, c.Township,
		c.Service, c.Scope, c.Headcount, c.Recipients, c.Amount, c.Fund, c.Year, c.SignedOn, c.StartsOn, c.EndsOn, c.ImportFile, c.RecordedBy, c.RecordedAt)
	if err != nil {
		return fmt.Errorf("record contract %s: %w", c.Number, err)
	}
	return proof.Append(ctx, tx, proof.ItemOf(ContractLeaf(c), c.ID))
}

// contracted is a contract with what was accepted of it.
type contracted struct {
	Contract
	Accepted money.Fen `json:"accepted"`
}

// contractsOfYear are the contracts of a budget year in the order they came, those
// that are void and what is void of the others left out.
func contractsOfYear(ctx context.Context, q db.Querier, year int) ([]contracted, error) {
	return collect(ctx, q, "contracts of the year", func(row pgx.CollectableRow) (contracted, error) {
		var accepted money.Fen
		c, err := scanContract(row, &accepted)
		return contracted{c, accepted}, err
	}, `SELECT `+contractColumns+`, coalesce((SELECT sum(a.amount_fen)::bigint FROM service_acceptance a LEFT JOIN`+acceptanceVoid+`WHERE a.contract = c.id AND v.id IS NULL), 0)
		FROM service_contract c LEFT JOIN`+contractVoid+`WHERE c.year = $1 AND v.id IS NULL ORDER BY c.id`, year)
}

// drivers are what says how many workers a service is to have.
type drivers struct {
	set       rules.Set
	residents map[string]int64 // of townships, as they are known
}

func (s *Service) drivers(ctx context.Context, q db.Querier) (drivers, error) {
	set, err := rules.Load(ctx, q, rules.ServiceStationWorkers, rules.ServiceRecipientsPerWorker, rules.ServiceBandMiddle, rules.ServiceBandUpper,
		rules.ServiceBandLowerWorkers, rules.ServiceBandMiddleWorkers, rules.ServiceBandUpperWorkers,
		rules.ServiceCareSelf, rules.ServiceCareHalf, rules.ServiceCareFull)
	d := drivers{set: set, residents: map[string]int64{}}
	if err != nil || len(set) == 0 {
		return d, err
	}
	people, err := s.parties.Population(ctx, q, "", s.today())
	for _, p := range people {
		d.residents[p.AreaCode] = p.Residents
	}
	return d, err
}

// need is how many workers the rules ask of a contract at least, and the figure
// that says so; 0 where no rule speaks of it.
func (d drivers) need(c Contract) (int, rules.Figure) {
	switch c.Service {
	case Station:
		return d.figure(rules.ServiceStationWorkers, c)
	case CareSelf:
		return d.per(rules.ServiceCareSelf, c)
	case CareHalf:
		return d.per(rules.ServiceCareHalf, c)
	case CareFull:
		return d.per(rules.ServiceCareFull, c)
	case Handling:
		byPeople, why := d.per(rules.ServiceRecipientsPerWorker, c)
		byBand, other := d.band(c)
		if byBand > byPeople {
			return byBand, other
		}
		return byPeople, why
	case Other:
	}
	return 0, rules.Figure{}
}

func (d drivers) figure(name rules.Name, c Contract) (int, rules.Figure) {
	f, ok := d.set.At(name, c.Township, c.SignedOn)
	if !ok {
		return 0, f
	}
	n, err := f.Whole()
	if err != nil {
		return 0, f
	}
	return n, f
}

// per is one worker for each so many recipients, rounded up.
func (d drivers) per(name rules.Name, c Contract) (int, rules.Figure) {
	each, f := d.figure(name, c)
	if each == 0 {
		return 0, f
	}
	return (c.Recipients + each - 1) / each, f
}

// band is the workers of a township by its registered residents.
func (d drivers) band(c Contract) (int, rules.Figure) {
	residents, known := d.residents[c.Township]
	middle, _ := d.figure(rules.ServiceBandMiddle, c)
	upper, _ := d.figure(rules.ServiceBandUpper, c)
	switch {
	case !known || middle == 0 || upper == 0:
		return 0, rules.Figure{}
	case residents < int64(middle):
		return d.figure(rules.ServiceBandLowerWorkers, c)
	case residents <= int64(upper):
		return d.figure(rules.ServiceBandMiddleWorkers, c)
	default:
		return d.figure(rules.ServiceBandUpperWorkers, c)
	}
}
