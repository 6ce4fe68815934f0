package parties

import (
	"context"
	"strings"
	"time"
	"unicode"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/terms"
	"fenlu/internal/i18n"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/money"
)

// personRow is a row of a people file: a person or a unit, with an account.
type personRow struct {
	Kind         string    `sheet:"kind"`
	Household    string    `sheet:"household" validate:"max=40"`
	Relation     string    `sheet:"relation"`
	Name         string    `sheet:"name" validate:"max=100"`
	IDType       string    `sheet:"id_type"`
	IDNumber     string    `sheet:"id_number"`
	TempReason   string    `sheet:"temp_reason" validate:"max=200,no_personal_number"`
	TempApprover string    `sheet:"temp_approver" validate:"max=50,no_personal_number"`
	TempUntil    time.Time `sheet:"temp_until"`
	AreaCode     string    `sheet:"area_code"`
	Residence    string    `sheet:"residence"`
	AccountKind  string    `sheet:"account_kind"`
	BankCode     string    `sheet:"bank_code"`
	BankName     string    `sheet:"bank_name" validate:"max=100,no_personal_number"`
	Account      string    `sheet:"account"`
	AccountName  string    `sheet:"account_name" validate:"max=100"`
	VerifiedBy   string    `sheet:"verified_by" validate:"max=50,no_personal_number"`
	VerifiedOn   time.Time `sheet:"verified_on"`
	UnitKind     string    `sheet:"unit_kind"`
	AccountClass string    `sheet:"account_class"`
	AccountLimit money.Fen `sheet:"account_limit"`
	Activated    string    `sheet:"activated"`

	kindKnown bool // isUnit is told by the row
	isUnit    bool
	relation  terms.Relation
	idType    terms.IDType
	residence terms.Residence
	unitKind  terms.UnitKind
	account   *accountRow
}

// accountRow is the account part of a row, checked.
type accountRow struct {
	kind       terms.AccountKind
	number     string
	bankCode   string
	bankName   string
	holder     string
	verifiedBy string
	verifiedOn time.Time
	class      string
	limit      money.Fen
	activation Activation
}

type peopleSheet = imports.Sheet[personRow]

// readPeople reads a people file and checks each row by itself, and the rows
// against each other.
func (s *Service) readPeople(ctx context.Context, path string) (*peopleSheet, error) {
	table, err := imports.Read(ctx, path, "", sheet.People, s.checkPersonRow)
	if err != nil {
		return nil, err
	}
	checkTwice(table)
	checkHeads(table)
	return table, nil
}

// checker looks at one row: where it stands and where problems go.
type checker struct {
	row   sheet.Row
	is    *imports.Issues
	today time.Time
}

func (c checker) say(key, code string, args ...any) { c.is.Refuse(c.row.Problem(key, code, args...)) }

func (c checker) tell(key, code string, args ...any) { c.is.Note(c.row.Problem(key, code, args...)) }

func (c checker) read(keys ...string) bool { return c.is.Read(c.row, keys...) }

func (c checker) findings(key, normalised string, found ident.Findings) {
	at := c.row.Problem(key, "")
	if column, ok := sheet.People.Column(key); ok && column.Masked {
		at.Value = ident.Mask(normalised)
	}
	c.is.Findings(at, found)
}

// choose reads a word of a closed list; a wrong one is a problem that says what
// may be written.
func choose[W ~string](c checker, key, text, list string, parse func(string) (W, bool)) W {
	w, ok := parse(text)
	if !ok {
		c.say(key, "PARTIES_WORD", "options", terms.Options(i18n.ZH, list))
	}
	return w
}

func (s *Service) checkPersonRow(row sheet.Row, r *personRow, is *imports.Issues) {
	c := checker{row, is, s.today()}
	is.Refuse(s.valid.Row(row, r)...)
	r.Name, r.AccountName = cleanName(r.Name), cleanName(r.AccountName)
	r.IDNumber = ident.Normalize(r.IDNumber)
	r.AreaCode = ident.Normalize(r.AreaCode)
	r.Household = ident.Normalize(r.Household)
	c.checkName("name", r.Name)
	_, found := ident.CheckArea(r.AreaCode)
	c.findings("area_code", r.AreaCode, found)
	switch strings.ToLower(r.Kind) {
	case "个人", "person":
		r.kindKnown = true
		c.checkPerson(r)
	case "单位", "unit":
		r.kindKnown, r.isUnit = true, true
		c.checkUnit(r)
	default:
		c.say("kind", "PARTIES_WORD", "options", "个人/单位")
	}
	c.checkNumber(r)
	c.checkAccount(r)
}

// checkNumber checks the number by its type, which says enough where the kind
// of the row is wrong.
func (c checker) checkNumber(r *personRow) {
	idType, _ := terms.ParseIDType(r.IDType)
	switch {
	case idType == terms.ResidentID && !r.isUnit:
		_, found := ident.CheckResident(r.IDNumber, c.today)
		c.findings("id_number", r.IDNumber, found)
	case idType == terms.TemporaryID && !r.isUnit:
		c.findings("id_number", r.IDNumber, ident.CheckTemporary(r.IDNumber))
	case isCreditCode(r.IDType) && (r.isUnit || !r.kindKnown):
		c.findings("id_number", r.IDNumber, ident.CheckCredit(r.IDNumber))
	}
}

func isCreditCode(idType string) bool {
	switch ident.Normalize(idType) {
	case "统一社会信用代码", "CREDIT_CODE", "CREDITCODE":
		return true
	}
	return false
}

func (c checker) checkPerson(r *personRow) {
	r.idType = choose(c, "id_type", r.IDType, "id_type", terms.ParseIDType)
	r.residence = choose(c, "residence", r.Residence, "residence", terms.ParseResidence)
	c.checkTemporary(r)
	if r.UnitKind != "" {
		c.say("unit_kind", "PARTIES_NOT_A_UNIT")
	}
	switch {
	case r.Relation != "":
		r.relation = choose(c, "relation", r.Relation, "relation", terms.ParseRelation)
		if r.Household == "" {
			c.say("household", "PARTIES_HOUSEHOLD_MISSING")
		}
	case r.Household != "":
		c.say("relation", "PARTIES_RELATION_MISSING", "options", terms.Options(i18n.ZH, "relation"))
	}
}

// checkTemporary: a temporary identity needs a reason, who approved it and until
// when; an ID number has none of them.
func (c checker) checkTemporary(r *personRow) {
	cells := []struct {
		key    string
		filled bool
	}{
		{"temp_reason", r.TempReason != ""}, {"temp_approver", r.TempApprover != ""}, {"temp_until", !r.TempUntil.IsZero()},
	}
	for _, cell := range cells {
		switch {
		case r.idType == terms.TemporaryID && !cell.filled:
			c.say(cell.key, "PARTIES_TEMP_MISSING")
		case r.idType == terms.ResidentID && cell.filled:
			c.say(cell.key, "PARTIES_TEMP_UNEXPECTED")
		}
	}
	if r.idType == terms.TemporaryID && !r.TempUntil.IsZero() && r.TempUntil.Before(c.today) {
		c.say("temp_until", "PARTIES_TEMP_EXPIRED", "today", c.today.Format(time.DateOnly))
	}
}

func (c checker) checkUnit(r *personRow) {
	if !isCreditCode(r.IDType) {
		c.say("id_type", "PARTIES_WORD", "options", "统一社会信用代码")
	}
	r.unitKind = choose(c, "unit_kind", r.UnitKind, "unit_kind", terms.ParseUnitKind)
	for _, cell := range []struct{ key, text string }{
		{"household", r.Household}, {"relation", r.Relation}, {"temp_reason", r.TempReason}, {"temp_approver", r.TempApprover},
	} {
		if cell.text != "" {
			c.say(cell.key, "PARTIES_NOT_A_PERSON")
		}
	}
}

// checkAccount reads the account columns: all of them, or none. Who and when
// it was verified may be missing, both together.
func (c checker) checkAccount(r *personRow) {
	empty := r.AccountKind == "" && r.BankCode == "" && r.BankName == "" && r.Account == "" && r.AccountName == "" && r.VerifiedBy == "" && r.VerifiedOn.IsZero()
	if empty && c.read("account", "bank_code", "verified_on") {
		return
	}
	a := &accountRow{
		number: ident.Normalize(r.Account), bankCode: ident.Normalize(r.BankCode), bankName: r.BankName,
		holder: r.AccountName, verifiedBy: r.VerifiedBy, verifiedOn: r.VerifiedOn,
	}
	a.kind = choose(c, "account_kind", r.AccountKind, "account_kind", terms.ParseAccountKind)
	switch {
	case a.kind == "":
	case r.kindKnown && r.isUnit != (a.kind == terms.Corporate):
		c.say("account_kind", "PARTIES_ACCOUNT_KIND")
	default:
		c.findings("account", a.number, ident.CheckAccount(identKind(a.kind), a.number))
	}
	c.findings("bank_code", a.bankCode, ident.CheckBankCode(a.bankCode))
	c.required("bank_name", a.bankName)
	if c.required("account_name", a.holder) {
		c.checkName("account_name", a.holder)
	}
	if a.holder != "" && a.holder != r.Name && c.read("name") {
		c.tell("account_name", "PARTIES_HOLDER_DIFFERS", "name", r.Name)
	}
	c.checkVerified(r)
	a.class, a.limit, a.activation = c.class(r.AccountClass), r.AccountLimit, c.activation(r.Activated)
	if a.limit < 0 {
		c.say("account_limit", "PARTIES_ACCOUNT_LIMIT")
	}
	r.account = a
}

func (c checker) checkVerified(r *personRow) {
	if r.VerifiedOn.After(c.today) {
		c.say("verified_on", "PARTIES_FUTURE", "today", c.today.Format(time.DateOnly))
	}
	dated := !r.VerifiedOn.IsZero() || !c.read("verified_on")
	switch {
	case r.VerifiedBy != "" && !dated:
		c.say("verified_on", "PARTIES_VERIFIED_HALF")
	case r.VerifiedBy == "" && dated:
		c.say("verified_by", "PARTIES_VERIFIED_HALF")
	case r.VerifiedBy == "":
		c.tell("verified_by", "PARTIES_UNVERIFIED")
	}
}

func (c checker) required(key, text string) bool {
	if text == "" {
		c.say(key, "SHEET_REQUIRED")
	}
	return text != ""
}

func (c checker) checkName(key, name string) {
	if unwritable(name) {
		c.say(key, "PARTIES_NAME")
	}
}

// unwritable says whether a name has what no bank file can carry: control
// characters and the separator of the batch file.
func unwritable(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return r == '|' || unicode.IsControl(r) || r == unicode.ReplacementChar })
}

// cleanName takes out the blanks people put between the characters of a name,
// and makes one of several between words.
func cleanName(name string) string {
	words := strings.Fields(name)
	for _, r := range name {
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Han, r) && r != '·' {
			return strings.Join(words, " ")
		}
	}
	return strings.Join(words, "")
}

func identKind(k terms.AccountKind) ident.AccountKind {
	switch k {
	case terms.SocialCard:
		return ident.Card
	case terms.Passbook:
		return ident.Passbook
	default:
		return ident.Corporate
	}
}

// checkTwice: nobody stands in a file twice.
func checkTwice(t *peopleSheet) {
	first := map[string]int{}
	for _, r := range t.Rows {
		number := r.Value.IDNumber
		if number == "" {
			continue
		}
		if row, twice := first[number]; twice {
			t.Issues.Say(t.At(r.Row, "id_number", number), "PARTIES_TWICE", "row", row)
			continue
		}
		first[number] = r.Row
	}
}

// checkHeads: a household has one head in a file at most. Whether it has one at
// all is asked when what is on record is known.
func checkHeads(t *peopleSheet) {
	first := map[string]int{}
	for _, r := range t.Rows {
		if r.Value.relation != terms.Head || r.Value.Household == "" {
			continue
		}
		if row, twice := first[r.Value.Household]; twice {
			t.Issues.Say(t.At(r.Row, "relation", r.Value.Relation), "PARTIES_TWO_HEADS", "household", r.Value.Household, "row", row)
			continue
		}
		first[r.Value.Household] = r.Row
	}
}

// class reads the class of a bank account (账户类别), as banks write it.
func (c checker) class(text string) string {
	switch strings.ToUpper(strings.TrimRight(strings.TrimSpace(text), "类户")) {
	case "":
		return ""
	case "I", "Ⅰ", "1", "一":
		return "I"
	case "II", "Ⅱ", "2", "二":
		return "II"
	case "III", "Ⅲ", "3", "三":
		return "III"
	}
	c.say("account_class", "PARTIES_WORD", "options", "Ⅰ/Ⅱ/Ⅲ")
	return ""
}

// activation reads whether an account is activated (是否激活).
func (c checker) activation(text string) Activation {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "":
		return ActivationUnknown
	case "是", "已激活", "yes":
		return Activated
	case "否", "未激活", "no":
		return NotActivated
	}
	c.say("activated", "PARTIES_WORD", "options", "是/否")
	return ActivationUnknown
}
