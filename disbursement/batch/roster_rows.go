package batch

import (
	"regexp"
	"strings"

	"fenlu/disbursement/areas"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/imports"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/internal/valid"
	"fenlu/money"
)

// rosterRow is a row of a roster (花名册) as it is written.
type rosterRow struct {
	Program    string    `sheet:"program"`
	Component  string    `sheet:"component"`
	Class      string    `sheet:"class" validate:"max=40"`
	Month      string    `sheet:"month,month"`
	Household  string    `sheet:"household" validate:"max=40"`
	Name       string    `sheet:"name" validate:"max=100"`
	IDNumber   string    `sheet:"id_number"`
	Amount     money.Fen `sheet:"amount" validate:"fen_positive"`
	Payee      string    `sheet:"payee"`
	PayeeID    string    `sheet:"payee_id"`
	CaseNo     string    `sheet:"case_no" validate:"max=40"`
	Instalment int64     `sheet:"instalment" validate:"gte=0,lte=99"`
}

var (
	officeCode = regexp.MustCompile(`^[A-Z0-9]{2,8}$`)
	batchCode  = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{1,29}$`)
	caseNumber = regexp.MustCompile(`^[\p{Han}A-Za-z0-9〔〕()（）._-]{1,40}$`)
)

// entry is a row that could be read, on its way to a line.
type entry struct {
	file      string
	number    int
	value     rosterRow
	component string
	named     string // the component in words
	policy    benefits.Policy
	role      terms.PayeeRole
	occasion  string
	bad       bool
}

// rosterReader reads a roster row by row; what is wrong goes to problems.
type rosterReader struct {
	svc      *Service
	make     Create
	file     string
	program  benefits.Program
	policies benefits.Index
	merged   areas.Map // where townships went that are no more
	problems *sheet.Problems
	words    words
}

// words keeps one copy of each text that thousands of lines share.
type words map[string]string

func (w words) one(s string) string {
	if kept, ok := w[s]; ok {
		return kept
	}
	s = strings.Clone(s)
	w[s] = s
	return s
}

// say adds a problem of a cell. The row itself is gone when a chunk is
// resolved, so its place is made from what was kept.
func (e *entry) say(p *sheet.Problems, key, code string, args ...any) {
	e.bad = true
	f := imports.At(e.file, sheet.Roster, e.number, key, e.cell(key))
	f.Code, f.Args = code, errs.Pairs(args...)
	p.Add(f)
}

func (e *entry) cell(key string) string {
	v := &e.value
	switch key {
	case "program":
		return v.Program
	case "component":
		return v.Component
	case "class":
		return v.Class
	case "month":
		return v.Month
	case "household":
		return v.Household
	case "name":
		return v.Name
	case "id_number":
		return v.IDNumber
	case "payee":
		return v.Payee
	case "payee_id":
		return v.PayeeID
	default:
		return v.CaseNo
	}
}

// read checks what a row says by itself: program, component, class, month,
// amount, and how it is paid.
func (r *rosterReader) read(row sheet.Row) entry {
	v, ok := sheet.Decode[rosterRow](row, r.problems)
	e := entry{file: r.file, number: row.Number, value: v, bad: !ok}
	if !ok {
		return e
	}
	if wrong := r.svc.valid.Row(row, v); len(wrong) > 0 {
		r.problems.Add(wrong...)
		e.bad = true
	}
	e.value.IDNumber, e.value.PayeeID = ident.Normalize(v.IDNumber), ident.Normalize(v.PayeeID)
	e.value.Household, e.value.Name = ident.Normalize(v.Household), strings.Join(strings.Fields(v.Name), "")
	r.readProgram(&e)
	r.readPayee(&e)
	return e
}

func (r *rosterReader) readProgram(e *entry) {
	if !strings.EqualFold(e.value.Program, r.program.Code) && e.value.Program != r.program.NameZH && !strings.EqualFold(e.value.Program, r.program.NameEN) {
		e.say(r.problems, "program", "BATCH_ROW_PROGRAM", "program", r.program.Code+" "+r.program.NameZH)
		return
	}
	if e.value.Month != string(r.make.Period) {
		e.say(r.problems, "month", "BATCH_ROW_MONTH", "period", r.make.Period)
	}
	component, ok := r.program.ComponentOf(e.value.Component, e.value.Class)
	if !ok {
		e.say(r.problems, "component", "BATCH_ROW_COMPONENT", "options", r.program.ComponentOptions())
		return
	}
	e.component, e.named = component.Code, component.NameZH
}

// standard finds the standard of the place where the person or unit is: of the
// smallest area that holds the township; for somebody unknown only whether the
// class has one anywhere.
func (r *rosterReader) standard(e *entry, township string) {
	if e.component == "" {
		return
	}
	class := strings.TrimSpace(e.value.Class)
	var ok bool
	if township == "" {
		ok = r.policies.Has(r.program.Code, e.component, class)
	} else {
		e.policy, ok = r.policies.GetIn(r.program.Code, e.component, class, township)
	}
	switch {
	case !ok:
		e.say(r.problems, "class", "BATCH_ROW_POLICY", "program", r.program.NameZH, "component", e.named, "month", r.make.Period)
	case township != "":
		r.readOccasion(e)
	}
}

// readOccasion derives the occasion, which is never typed: the month's regular
// payment, or the instalment of a case where the standard is paid by the case.
func (r *rosterReader) readOccasion(e *entry) {
	switch {
	case e.policy.Period != benefits.Once && e.value.CaseNo == "" && e.value.Instalment == 0:
		e.occasion = Regular
	case e.policy.Period != benefits.Once:
		e.say(r.problems, "case_no", "BATCH_ROW_NO_CASE")
	case !valid.NoPersonalNumber(e.value.CaseNo):
		e.value.CaseNo = ident.Mask(e.value.CaseNo)
		e.say(r.problems, "case_no", "VALID_NO_PERSONAL_NUMBER")
	case !caseNumber.MatchString(e.value.CaseNo):
		e.say(r.problems, "case_no", "BATCH_ROW_CASE")
	default:
		e.occasion = CaseOccasion(e.value.CaseNo, max(e.value.Instalment, 1))
	}
}

func (r *rosterReader) readPayee(e *entry) {
	role, ok := terms.ParsePayeeRole(e.value.Payee)
	if !ok {
		e.say(r.problems, "payee", "BATCH_ROW_PAYEE", "options", terms.Options(i18n.ZH, "payee_role"))
		return
	}
	e.role = role
	named := role != terms.PaySelf && role != terms.PayHead
	if named != (e.value.PayeeID != "") {
		e.say(r.problems, "payee_id", "BATCH_ROW_PAYEE_ID", "role", role.Name(i18n.ZH))
	}
}
