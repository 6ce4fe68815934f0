package rules

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// FigureID is the number of a row.
type FigureID int64

// Operator says how what is compared stands to the value.
type Operator string

// The operators.
const (
	Equal   Operator = "=" // 等于
	AtLeast Operator = "≥" // 不低于
	AtMost  Operator = "≤" // 不超过
)

// Nation is the area of a figure that holds everywhere.
const Nation = "000000000000"

// Figure is a row: from a date on, in an area, this is the value.
type Figure struct {
	ID         FigureID  `json:"id"`
	Name       Name      `json:"name"`
	Area       string    `json:"area"` // 12 digits; Nation: everywhere
	ValidFrom  time.Time `json:"valid_from"`
	Value      string    `json:"value"` // exact text, as the unit writes it
	Operator   Operator  `json:"operator"`
	Document   string    `json:"document"` // 文号
	Clause     string    `json:"clause"`   // 条款
	Quote      string    `json:"quote"`    // 原文
	ImportFile int64     `json:"-"`
}

// Whole is a value that counts something. It is an error for another unit.
func (f Figure) Whole() (int, error) {
	n, ok := whole(f.Value)
	if !ok {
		return 0, fmt.Errorf("figure %d (%s): %q counts nothing", f.ID, f.Name, f.Value)
	}
	return int(n), nil
}

// Amount is a value in fen. It is an error for another unit.
func (f Figure) Amount() (money.Fen, error) {
	a, err := money.Parse(f.Value)
	if err != nil {
		return 0, fmt.Errorf("figure %d (%s): %w", f.ID, f.Name, err)
	}
	return a, nil
}

// Rate is a value that is a proportion. It is an error for another unit.
func (f Figure) Rate() (money.Rate, error) {
	r, err := money.ParseRate(f.Value)
	if err != nil {
		return r, fmt.Errorf("figure %d (%s): %w", f.ID, f.Name, err)
	}
	return r, nil
}

// tighter says whether a row of an area above leaves less room than f: a county
// may ask for more days than its city's 不低于, and allow less than its 不超过,
// never the reverse. Rows that are no bounds, or no numbers, bind nobody below.
func (f Figure) tighter(above Figure) bool {
	value, err := money.ParseRate(f.Value)
	bound, errBound := money.ParseRate(above.Value)
	if err != nil || errBound != nil {
		return false
	}
	switch above.Operator {
	case AtLeast:
		return bound.Cmp(value) > 0
	case AtMost:
		return bound.Cmp(value) < 0
	default:
		return false
	}
}

// Yes says whether a yes-or-no value is yes.
func (f Figure) Yes() bool { return f.Value == "yes" }

// Leaf is the leaf of a row.
func Leaf(f Figure) *leaf.Leaf {
	return leaf.New(string(proof.KindRule), 1).Int("id", int64(f.ID)).Text("name", string(f.Name)).Text("area", f.Area).
		Date("valid_from", f.ValidFrom).Text("value", f.Value).Text("operator", string(f.Operator)).Text("document", f.Document).
		Text("clause", f.Clause).Text("quote", f.Quote).Int("import", f.ImportFile)
}

// same says whether two rows for one name, area and date say the same.
func (f Figure) same(o Figure) bool {
	return f.Value == o.Value && f.Operator == o.Operator && f.Document == o.Document && f.Clause == o.Clause && f.Quote == o.Quote
}

func whole(value string) (int64, bool) {
	n, err := strconv.ParseInt(value, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == value
}

func yesNo(value string) (string, bool) {
	switch strings.ToLower(value) {
	case "是", "yes", "true", "1":
		return "yes", true
	case "否", "no", "false", "0":
		return "no", true
	}
	return value, false
}

// Areas are the areas that hold a place, the smallest first: the place, its
// township, county, prefecture, province, and the nation.
func Areas(area string) []string {
	out := []string{area}
	for _, n := range []int{9, 6, 4, 2, 0} {
		if a := area[:min(n, len(area))] + strings.Repeat("0", 12-min(n, len(area))); a != out[len(out)-1] {
			out = append(out, a)
		}
	}
	return out
}
