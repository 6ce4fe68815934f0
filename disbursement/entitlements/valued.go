package entitlements

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/imports"
	"fenlu/disbursement/terms"
	"fenlu/internal/ident"
	"fenlu/internal/sheet"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// Form is how aid is given that is no money of ours.
type Form string

// The forms.
const (
	Goods Form = "goods"   // 实物 (money-rules B17)
	Help  Form = "service" // 服务: 转介, 照料, 福彩圆梦 (money-rules B17, B18)
	Quota Form = "quota"   // 综合定额: what an institution runs on, apart from its residents' money (B16)
)

const prefixForm = "valued_form"

var forms = []Form{Goods, Help, Quota}

// Valued is aid by its value (折价救助): a record beside the ledger, which moves no
// money.
type Valued struct {
	ID         int64       `json:"id"`
	Number     string      `json:"number"` // 登记编号
	Form       Form        `json:"form"`
	Scheme     string      `json:"scheme"` // as the document calls it: 冬春救助, 福彩圆梦孤儿助学工程
	Source     terms.Level `json:"source"` // whose money paid it
	Person     int64       `json:"person,omitempty"`
	Unit       int64       `json:"unit,omitempty"`
	Name       string      `json:"name"`   // of who received it; not stored
	Masked     string      `json:"masked"` // not stored
	GivenOn    time.Time   `json:"given_on"`
	What       string      `json:"what"`
	Quantity   int64       `json:"quantity"`
	Value      money.Fen   `json:"value"`
	Document   string      `json:"document"`
	ImportFile int64       `json:"-"`
}

// ValuedLeaf is the leaf of a record of aid by its value.
func ValuedLeaf(v Valued) *leaf.Leaf {
	return leaf.New(string(proof.KindValued), 1).Int("id", v.ID).Text("number", v.Number).Text("form", string(v.Form)).Text("scheme", v.Scheme).
		Text("source", string(v.Source)).Int("person", v.Person).Int("unit", v.Unit).Date("given_on", v.GivenOn).Text("what", v.What).
		Int("quantity", v.Quantity).Int("value_fen", int64(v.Value)).Text("document", v.Document).Int("import", v.ImportFile)
}

func (v Valued) same(o Valued) bool {
	o.ID, o.ImportFile, o.Name, o.Masked = v.ID, v.ImportFile, v.Name, v.Masked
	given := v.GivenOn.Equal(o.GivenOn)
	o.GivenOn = v.GivenOn
	return given && v == o
}

type valuedRow struct {
	Number   string    `sheet:"number" validate:"max=60,no_personal_number"`
	Form     string    `sheet:"form"`
	Scheme   string    `sheet:"scheme" validate:"max=100,no_personal_number"`
	Source   string    `sheet:"source_level"`
	Name     string    `sheet:"name" validate:"max=100"`
	IDNumber string    `sheet:"id_number"`
	On       time.Time `sheet:"given_on"`
	What     string    `sheet:"what" validate:"max=200,no_personal_number"`
	Quantity int64     `sheet:"quantity"`
	Value    money.Fen `sheet:"value"`
	Document string    `sheet:"document" validate:"max=100,no_personal_number"`

	valued Valued
}

// ImportValued imports aid by its value (折价救助). A record that is there as it is
// changes nothing. Errors as ImportExclusions.
func (s *Service) ImportValued(ctx context.Context, path, actor string) (Report, error) {
	return importer[valuedRow, Valued]{sheet.Valued, s.checkValued, s.freshValued, s.insertValued}.run(ctx, s, path, actor)
}

func (s *Service) checkValued(row sheet.Row, r *valuedRow, is *imports.Issues) {
	form, ok := word(r.Form, prefixForm, forms)
	if !ok {
		is.Refuse(row.Problem("form", "PARTIES_WORD", "options", options(prefixForm, forms)))
	}
	level, ok := terms.ParseLevel(r.Source)
	if !ok {
		is.Refuse(row.Problem("source_level", "PARTIES_WORD", "options", "中央/省/市/县/福彩/捐赠"))
	}
	if r.Quantity <= 0 {
		is.Refuse(row.Problem("quantity", "VALUED_POSITIVE"))
	}
	if r.Value <= 0 {
		is.Refuse(row.Problem("value", "VALUED_POSITIVE"))
	}
	r.IDNumber = ident.Normalize(r.IDNumber)
	r.valued = Valued{Number: strings.TrimSpace(r.Number), Form: form, Scheme: strings.TrimSpace(r.Scheme), Source: level, GivenOn: r.On,
		What: strings.TrimSpace(r.What), Quantity: r.Quantity, Value: r.Value, Document: strings.TrimSpace(r.Document)}
}

func (s *Service) freshValued(ctx context.Context, tx pgx.Tx, table *imports.Sheet[valuedRow], is *imports.Issues) ([]Valued, error) {
	ids, numbers := make([]string, len(table.Rows)), make([]string, len(table.Rows))
	for i, r := range table.Rows {
		ids[i], numbers[i] = r.Value.IDNumber, r.Value.valued.Number
	}
	people, err := s.parties.ResolvePeople(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	units, err := s.parties.Units(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	known, err := valuedBy(ctx, tx, `WHERE v.number = ANY($1) ORDER BY v.id`, numbers)
	if err != nil {
		return nil, err
	}
	stored, first := map[string]Valued{}, map[string]bool{}
	for _, v := range known {
		stored[v.Number] = v
	}
	var fresh []Valued
	for _, r := range table.Rows {
		v, at := r.Value.valued, table.At(r.Row, "number", r.Value.Number)
		v.Person, v.Unit = int64(people[r.Value.IDNumber].ID), int64(units[r.Value.IDNumber].ID)
		old, there := stored[v.Number]
		switch {
		case v.Person == 0 && v.Unit == 0:
			is.Say(table.At(r.Row, "id_number", r.Value.IDNumber), "VALUED_NOBODY")
		case v.Form == Quota && v.Unit == 0:
			is.Say(table.At(r.Row, "id_number", r.Value.IDNumber), "VALUED_QUOTA")
		case first[v.Number]:
			is.Say(at, "VALUED_TWICE")
		case there && !old.same(v):
			is.Say(at, "ENTITLE_DIFFERS", "document", old.Document)
		case !there:
			fresh = append(fresh, v)
		}
		first[v.Number] = true
	}
	return fresh, nil
}
