package benefits

import (
	"slices"
	"strings"

	"fenlu/disbursement/benefits/calc"
	"fenlu/disbursement/rules"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// Family is how a policy row comes to an amount (计算方法): one of the
// calculators of package calc, money-rules part A.
type Family string

// The families.
const (
	Flat         Family = "flat"          // 定额: the amount is given (A11, A26, G5)
	Ratio        Family = "ratio"         // 按比例: rate × base (A12–A16)
	Institution  Family = "institution"   // 集中供养: rate × what is paid at home (A18)
	Indexed      Family = "indexed"       // 价格联动: base × rise of prices (A32)
	Gap          Family = "gap"           // 补差: standard − income a head (A27, A30, A31)
	PersonMonths Family = "person_months" // 人数月数: base × persons × months (A22)
	Multiple     Family = "multiple"      // 倍数: base × a multiple within a band (A24)
	InBand       Family = "band"          // 幅度: an amount within a band around the base (A25)
	CaseCap      Family = "case_cap"      // 单次限额: what was decided, at most the amount (A23)
	YearCeiling  Family = "year_ceiling"  // 年度限额: at most the amount in a year (G4)
	Threshold    Family = "threshold"     // 起付线: a share of a year's costs above the amount (B14)
)

// Families are all of them.
func Families() []Family {
	return []Family{Flat, Ratio, Institution, Indexed, Gap, PersonMonths, Multiple, InBand, CaseCap, YearCeiling, Threshold}
}

// Name is the word a user reads.
func (f Family) Name(lang i18n.Lang) string { return i18n.Term(lang, "family", string(f)) }

// parseFamily reads the code or the word in either language; empty is Flat.
func parseFamily(text string) (Family, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Flat, true
	}
	i := slices.IndexFunc(Families(), func(f Family) bool {
		return called(text, string(f), f.Name(i18n.ZH), f.Name(i18n.EN))
	})
	if i < 0 {
		return "", false
	}
	return Families()[i], true
}

func familyOptions() string {
	var words []string
	for _, f := range Families() {
		words = append(words, f.Name(i18n.ZH))
	}
	return strings.Join(words, "/")
}

// decided says whether a case decides the amount: such a row has no standard of
// its own, only a band, a cap or a share.
func (f Family) decided() bool {
	return f == PersonMonths || f == Multiple || f == InBand || f == CaseCap || f == YearCeiling || f == Threshold
}

// needsBase says whether a row of the family names a base.
func (f Family) needsBase() bool {
	return f == Ratio || f == Institution || f == Indexed || f == PersonMonths || f == Multiple || f == InBand
}

// needsAmount says whether a row of the family gives an amount.
func (f Family) needsAmount() bool {
	return f == Flat || f == CaseCap || f == YearCeiling || f == Threshold
}

// Formula is how a policy row is worked out, and what its document states
// beside the amount. A row that has only an amount has none.
type Formula struct {
	Family     Family      `json:"family"`
	Rate       money.Rate  `json:"rate"` // of the base, the times at home, or the share
	Base       []Term      `json:"base"` // one term; Institution: its parts
	Operator   Relation    `json:"operator"`
	Least      money.Rate  `json:"least"`    // of the band (Multiple, InBand)
	Greatest   money.Rate  `json:"greatest"` // of the band
	Order      calc.Order  `json:"operations"`
	Round      money.Round `json:"round"`
	StatedFrom money.Fen   `json:"stated_from"` // 原标准: what the document says it was, for display
	StatedRise string      `json:"stated_rise"` // 提高幅度: as written, for display (A10, A21)
	Reason     string      `json:"reason"`      // why it holds although a check spoke against it
}

// Term is one base with its rate: another standard or a reference figure, of
// now or of a year before.
type Term struct {
	Rate      money.Rate // 1 where none is written
	Figure    rules.Name // a reference figure, or
	Program   string     // the standard of a class of a component
	Component string
	Class     string
	Prior     bool // 上年度
}

// MarshalText writes the term in its one form.
func (t Term) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// priorMark stands behind a term of the year before.
const priorMark = "@-1"

// ref is the term without its rate.
func (t Term) ref() string {
	out := string(t.Figure)
	if out == "" {
		out = t.Program + "/" + t.Component + "/" + t.Class
	}
	if t.Prior {
		out += priorMark
	}
	return out
}

// String is the term in its one form: "130%*DB/basic/城市", "reference.minimum_wage@-1".
func (t Term) String() string {
	if t.Rate == whole() {
		return t.ref()
	}
	return t.Rate.String() + "*" + t.ref()
}

// Words is the term as a sentence says it; called names a standard of another
// program, which is said by its codes without it.
func (t Term) Words(lang i18n.Lang, called func(Term) string) string {
	out := t.ref()
	if called != nil && t.Program != "" {
		out = called(t)
	}
	if t.Figure != "" {
		out = t.Figure.Title(lang)
		if t.Prior {
			out = i18n.T(lang, "policies.prior", "figure", out)
		}
	}
	if t.Rate != whole() {
		out = t.Rate.String() + " × " + out
	}
	return out
}

func termsText(all []Term) string {
	words := make([]string, len(all))
	for i, t := range all {
		words[i] = t.String()
	}
	return strings.Join(words, "+")
}

// whole is the rate 1.
func whole() money.Rate {
	one, _ := money.NewRate(1, 1) // 1/1 is a rate
	return one
}

// parseTerms reads "1.3*DB/basic/城市+1/3*上年度最低工资标准". The code says what is
// wrong with which part.
func parseTerms(text string, catalogue Catalogue) (out []Term, part, code string) {
	text = strings.NewReplacer("＋", "+", "×", "*", "＊", "*", "／", "/").Replace(text)
	for part := range strings.SplitSeq(text, "+") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		t, code := parseTerm(part, catalogue)
		if code != "" {
			return nil, part, code
		}
		out = append(out, t)
	}
	return out, "", ""
}

func parseTerm(part string, catalogue Catalogue) (Term, string) {
	t := Term{Rate: whole()}
	rate, ref, has := strings.Cut(part, "*")
	if has {
		var err error
		if t.Rate, err = money.ParseRate(rate); err != nil || t.Rate.Sign() <= 0 {
			return t, "POLICY_BASE_RATE"
		}
	} else {
		ref = part
	}
	ref = strings.TrimSpace(ref)
	if rest, ok := strings.CutSuffix(ref, priorMark); ok {
		ref, t.Prior = rest, true
	}
	for _, word := range []string{"上年度", "上年"} {
		if rest, ok := strings.CutPrefix(ref, word); ok {
			ref, t.Prior = rest, true
			break
		}
	}
	if strings.Contains(ref, "/") {
		return t.standard(ref, catalogue)
	}
	t.Figure = rules.NameOf(ref)
	if d, ok := rules.DefinitionOf(t.Figure); !ok || (d.Unit != rules.AmountMonth && d.Unit != rules.AmountYear) {
		return t, "POLICY_BASE"
	}
	return t, ""
}

// standard reads program/component/class.
func (t Term) standard(ref string, catalogue Catalogue) (Term, string) {
	words := strings.SplitN(ref, "/", 3)
	if len(words) != 3 || strings.TrimSpace(words[2]) == "" {
		return t, "POLICY_BASE"
	}
	program, ok := catalogue.Program(words[0])
	if !ok {
		return t, "POLICY_BASE"
	}
	component, ok := program.ComponentOf(words[1], words[2])
	if !ok {
		return t, "POLICY_BASE"
	}
	t.Program, t.Component, t.Class = program.Code, component.Code, strings.TrimSpace(words[2])
	return t, ""
}

// Relation is how a standard stands to what it is checked with (关系).
type Relation string

// The relations.
const (
	Equals  Relation = "=" // 按…确定
	NoLess  Relation = "≥" // 不低于
	NoMore  Relation = "≤" // 不超过
	More    Relation = ">" // 应高于
	Less    Relation = "<" // 应低于
	Within  Relation = "band"
	Uniform Relation = "uniform" // 全市统一
)

// Name is the word a user reads.
func (r Relation) Name(lang i18n.Lang) string {
	if r == Within || r == Uniform {
		return i18n.Term(lang, "relation_to", string(r))
	}
	return string(r)
}

func parseRelation(text string) (Relation, bool) {
	words := map[string]Relation{
		"": Equals, "=": Equals, "等于": Equals, "≥": NoLess, ">=": NoLess, "不低于": NoLess, "≤": NoMore, "<=": NoMore, "不超过": NoMore,
		">": More, "高于": More, "<": Less, "低于": Less, "band": Within, "区间": Within, "uniform": Uniform, "统一": Uniform,
	}
	r, ok := words[strings.ToLower(strings.TrimSpace(text))]
	return r, ok
}
