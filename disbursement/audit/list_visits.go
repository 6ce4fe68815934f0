package audit

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/money"
)

// VisitForm is how somebody was heard (核实方式).
type VisitForm string

// The forms.
const (
	AtHome    VisitForm = "visit"     // 入户
	ByPhone   VisitForm = "phone"     // 电话
	ByMessage VisitForm = "message"   // 短信
	Complaint VisitForm = "complaint" // 投诉举报
)

// Received is how money reached somebody (领取方式).
type Received string

// The ways.
const (
	Transferred Received = "transfer" // 转账
	InCash      Received = "cash"     // 现金
	InGoods     Received = "goods"    // 实物
	Nothing     Received = "nothing"  // 未领取
)

const (
	prefixForm     = "visit_form"
	prefixReceived = "received_as"
)

var (
	visitForms   = []VisitForm{AtHome, ByPhone, ByMessage, Complaint}
	receivedWays = []Received{Transferred, InCash, InGoods, Nothing}
)

// Visit is what somebody says of a month's aid (回访核实): how much reached him, and
// what of it was taken back from him.
type Visit struct {
	Number   string
	Form     VisitForm
	Person   int64
	Program  string
	Month    string
	Received money.Fen
	As       Received
	Taken    money.Fen
	TakenBy  string // who took it back
	On       time.Time
	Visitor  string // who heard it
}

type visitRow struct {
	Number   string    `sheet:"number" validate:"max=60,no_personal_number"`
	Form     string    `sheet:"form"`
	Name     string    `sheet:"name" validate:"max=100"`
	IDNumber string    `sheet:"id_number"`
	Program  string    `sheet:"program"`
	Month    string    `sheet:"month,month"`
	Received money.Fen `sheet:"received"`
	As       string    `sheet:"received_as"`
	Taken    money.Fen `sheet:"taken"`
	TakenBy  string    `sheet:"taken_by" validate:"max=100,no_personal_number"`
	On       time.Time `sheet:"said_on"`
	Visitor  string    `sheet:"visitor" validate:"max=100,no_personal_number"`

	visit Visit
}

// ImportVisits imports what people say they received (回访核实; peers-and-audits #16,
// #17, #18). The newest word about a person, program and month counts. Errors:
// SHEET_PROBLEMS, and what sheet.Open returns.
func (s *Service) ImportVisits(ctx context.Context, path, actor string) (imports.Report, error) {
	return list[visitRow, Visit]{layout: sheet.Visits, column: "number", check: s.checkVisit, entries: s.visits,
		known: knownVisits, table: "visit", columns: strings.Split(visitColumns, ", "), values: Visit.values}.run(ctx, s, path, actor)
}

func (s *Service) checkVisit(row sheet.Row, r *visitRow, is *imports.Issues) {
	r.IDNumber = ident.Normalize(r.IDNumber)
	v := Visit{Number: strings.TrimSpace(r.Number), Month: r.Month, Received: r.Received, Taken: r.Taken, TakenBy: strings.TrimSpace(r.TakenBy), On: r.On,
		Visitor: strings.TrimSpace(r.Visitor)}
	v.Form = word(row, "form", r.Form, prefixForm, visitForms, is)
	v.As = word(row, "received_as", r.As, prefixReceived, receivedWays, is)
	if v.Received < 0 || (v.Received == 0) != (v.As == Nothing) {
		is.Refuse(row.Problem("received", "AUDIT_VISIT_RECEIVED"))
	}
	if v.Taken < 0 || v.Taken > v.Received {
		is.Refuse(row.Problem("taken", "AUDIT_VISIT_TAKEN"))
	}
	if (v.Taken > 0) != (v.TakenBy != "") {
		is.Refuse(row.Problem("taken_by", "AUDIT_VISIT_TAKEN_BY"))
	}
	r.visit = v
}

func (s *Service) visits(ctx context.Context, tx pgx.Tx, table *imports.Sheet[visitRow], is *imports.Issues) (func(sheet.Record[visitRow]) (Visit, bool), error) {
	programs, err := programsByName(ctx, tx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(table.Rows))
	for i, r := range table.Rows {
		ids[i] = r.Value.IDNumber
	}
	people, err := s.parties.ResolvePeople(ctx, tx, ids)
	return func(r sheet.Record[visitRow]) (Visit, bool) {
		var known bool
		v := r.Value.visit
		if v.Program, known = programs[strings.TrimSpace(r.Value.Program)]; !known {
			is.Say(table.At(r.Row, "program", r.Value.Program), "AUDIT_LIST_PROGRAM")
		}
		p, there := people[r.Value.IDNumber]
		if !there {
			is.Say(table.At(r.Row, "id_number", r.Value.IDNumber), "PARTIES_ROW_PERSON")
		}
		tellName(p, there, r.Value.Name, table.At(r.Row, "name", r.Value.Name), is)
		v.Person = int64(p.ID)
		return v, known && there
	}, err
}

func (v Visit) key() string { return v.Number }

func (v Visit) same(o Visit) bool {
	on := v.On.Equal(o.On)
	o.On = v.On
	return on && v == o
}

const visitColumns = "number, form, person, program, month, received_fen, received_as, taken_fen, taken_by, said_on, visitor"

func (v Visit) values() []any {
	return []any{v.Number, string(v.Form), v.Person, v.Program, v.Month, v.Received, string(v.As), v.Taken, v.TakenBy, v.On, v.Visitor}
}

func knownVisits(ctx context.Context, tx pgx.Tx, of []Visit) ([]Visit, error) {
	numbers := make([]string, len(of))
	for i, v := range of {
		numbers[i] = v.Number
	}
	return collect(ctx, tx, "visits", `SELECT `+visitColumns+` FROM visit WHERE number = ANY($1)`, func(row pgx.CollectableRow) (v Visit, err error) {
		err = row.Scan(&v.Number, &v.Form, &v.Person, &v.Program, &v.Month, &v.Received, &v.As, &v.Taken, &v.TakenBy, &v.On, &v.Visitor)
		return v, err
	}, numbers)
}
