package benefits

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"fenlu/disbursement/benefits/calc"
	"fenlu/disbursement/imports"
	"fenlu/disbursement/terms"
	"fenlu/internal/i18n"
	"fenlu/internal/sheet"
	"fenlu/money"
)

// policyRow is a row of a policies file.
type policyRow struct {
	Program   string    `sheet:"program"`
	Component string    `sheet:"component"`
	Class     string    `sheet:"class" validate:"max=40,no_personal_number"`
	Period    string    `sheet:"period"`
	Amount    money.Fen `sheet:"amount"`
	Layers    string    `sheet:"layers"`
	Rounding  string    `sheet:"rounding"`
	Cap       string    `sheet:"cap"`
	ValidFrom time.Time `sheet:"valid_from"`
	Document  string    `sheet:"document" validate:"max=100,no_personal_number"`
	Clause    string    `sheet:"clause" validate:"max=200,no_personal_number"`
	Quote     string    `sheet:"quote" validate:"max=2000,no_personal_number"`

	Area       string    `sheet:"area_code"`
	Family     string    `sheet:"family"`
	Rate       string    `sheet:"rate"`
	Base       string    `sheet:"base" validate:"max=300,no_personal_number"`
	Relation   string    `sheet:"relation"`
	Least      string    `sheet:"least"`
	Greatest   string    `sheet:"greatest"`
	Operations string    `sheet:"operations"`
	Round      string    `sheet:"round"`
	StatedFrom money.Fen `sheet:"stated_from"`
	StatedRise string    `sheet:"stated_rise" validate:"max=20"`
	Reason     string    `sheet:"reason" validate:"max=500,no_personal_number"`

	policy Policy
}

type policySheet = imports.Sheet[policyRow]

func (s *Service) readPolicies(ctx context.Context, path string, catalogue Catalogue) (*policySheet, error) {
	table, err := imports.Read(ctx, path, "", sheet.Policies, func(row sheet.Row, r *policyRow, is *imports.Issues) {
		is.Refuse(s.valid.Row(row, r)...)
		policyChecker{row, is}.check(r, catalogue)
	})
	if err != nil {
		return nil, err
	}
	type place struct {
		key  policyKey
		area string
		from time.Time
	}
	first := map[place]int{}
	for _, r := range table.Rows {
		at := place{r.Value.policy.key(), r.Value.policy.area(), r.Value.policy.ValidFrom}
		if at.key.program == "" || at.key.component == "" || !table.Read(r.Row, "class", "valid_from") {
			continue
		}
		if row, twice := first[at]; twice {
			table.Issues.Say(table.At(r.Row, "class", r.Value.Class), "POLICY_TWICE", "row", row)
			continue
		}
		first[at] = r.Row
	}
	return table, nil
}

type policyChecker struct {
	row sheet.Row
	is  *imports.Issues
}

func (c policyChecker) say(key, code string, args ...any) {
	c.is.Refuse(c.row.Problem(key, code, args...))
}

func (c policyChecker) check(r *policyRow, catalogue Catalogue) {
	r.policy = Policy{
		Class: r.Class, ValidFrom: r.ValidFrom, Amount: r.Amount, Document: r.Document, Clause: r.Clause, Quote: r.Quote,
	}
	r.policy.Program, r.policy.Component = c.component(r.Program, r.Component, r.Class, catalogue)
	c.formula(r, catalogue)
	c.amount(r)
	c.rounding(r)
	c.operator(r)
	if r.ValidFrom.Day() != 1 {
		c.say("valid_from", "POLICY_FIRST_OF_MONTH")
	}
}

func (c policyChecker) amount(r *policyRow) {
	given := strings.TrimSpace(c.row.Get("amount")) != ""
	switch {
	case given && r.Amount <= 0:
		c.say("amount", "POLICY_AMOUNT")
	case !given && r.policy.Family().needsAmount():
		c.say("amount", "SHEET_REQUIRED")
	}
	layers, ok := c.layers(r.Layers)
	r.policy.Layers = layers
	if ok && !given && len(layers) > 0 && !r.policy.Family().needsAmount() {
		c.say("layers", "POLICY_LAYERS_AMOUNT")
	}
	if !ok || len(layers) == 0 || r.Amount <= 0 {
		return
	}
	amounts := make([]money.Fen, len(layers))
	for i, l := range layers {
		amounts[i] = l.Amount
	}
	sum, err := money.Sum(amounts...)
	if err != nil {
		c.say("layers", money.Code(err))
		return
	}
	if sum != r.Amount {
		c.say("layers", "POLICY_LAYERS_SUM", "sum", sum, "amount", r.Amount, "difference", max(sum, r.Amount)-min(sum, r.Amount))
	}
}

// layers reads "省=4578.00;县=600.00", in either width of punctuation.
func (c policyChecker) layers(text string) ([]Layer, bool) {
	var out []Layer
	good := true
	seen := map[terms.Level]bool{}
	text = strings.NewReplacer("；", ";", "＝", "=", "，", ",").Replace(text)
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		layer, code := readLayer(part)
		if code == "" && seen[layer.Level] {
			code = "POLICY_LAYER_TWICE"
		}
		if code != "" {
			c.say("layers", code, "part", part, "options", terms.Options(i18n.ZH, "level"))
			good = false
			continue
		}
		seen[layer.Level] = true
		out = append(out, layer)
	}
	slices.SortFunc(out, func(a, b Layer) int { return cmp.Compare(rank(a.Level), rank(b.Level)) })
	return out, good
}

func readLayer(part string) (Layer, string) {
	word, number, ok := strings.Cut(part, "=")
	if !ok {
		return Layer{}, "POLICY_LAYERS"
	}
	level, ok := terms.ParseLevel(word)
	if !ok {
		return Layer{}, "POLICY_LAYER_LEVEL"
	}
	amount, err := money.Parse(number)
	if err != nil || amount <= 0 {
		return Layer{}, "POLICY_LAYER_AMOUNT"
	}
	return Layer{level, amount}, ""
}

// rank brings layers into the order of the levels, which is how they are stored
// and shown.
func rank(l terms.Level) int { return slices.Index(terms.Levels(), l) }

func (c policyChecker) rounding(r *policyRow) {
	switch strings.ToLower(strings.TrimSpace(r.Period)) {
	case "月", "每月", "month":
		r.policy.Period = Monthly
	case "年", "每年", "year":
		r.policy.Period = Yearly
	case "次", "每次", "once":
		r.policy.Period = Once
	default:
		c.say("period", "POLICY_PERIOD")
	}
	switch strings.ToLower(strings.TrimSpace(r.Rounding)) {
	case "", "fen", "分":
		r.policy.Rounding = calc.EachFen
	case "annual", "年":
		r.policy.Rounding = calc.Annual
		if r.policy.Period != Yearly && r.policy.Period != "" {
			c.say("rounding", "POLICY_ANNUAL")
		}
	default:
		c.say("rounding", "POLICY_ROUNDING")
	}
}

func (c policyChecker) operator(r *policyRow) {
	switch strings.ToLower(strings.TrimSpace(r.Cap)) {
	case "", "固定", "否", "no", "false", "0", "exact":
		r.policy.Operator = Exact
	case "上限", "是", "yes", "true", "1", "at_most":
		r.policy.Operator = AtMost
	default:
		c.say("cap", "POLICY_CAP")
	}
}
