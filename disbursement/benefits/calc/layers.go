package calc

import (
	"fmt"

	"fenlu/money"
)

// Layer is the part of a standard that one level bears (分担层级), in fen of
// the standard's own period.
type Layer struct {
	Level  string    `json:"level"` // 中央, 省, 市, 县, 福彩 … as the policy row has it
	Amount money.Fen `json:"amount"`
}

// Split is an amount by layers, in the order of the policy row; the layers add
// up to the Amount of the Result.
type Split struct {
	Result
	Layers []Layer `json:"layers"`
}

// SplitMonth is what calendar month k receives of an annual standard, layer by
// layer: each layer goes by the method for itself, so that each level's year
// comes out as its document says, and the month is their sum.
// Errors: CALC_LAYERS (none, a negative one, one twice), CALC_METHOD,
// CALC_MONTH, MONEY_OVERFLOW.
func SplitMonth(annual []Layer, m Method, k int) (Split, error) {
	if err := checkLayers(annual); err != nil {
		return Split{}, err
	}
	var s Split
	for _, l := range annual {
		amount, err := m.Month(l.Amount, k)
		if err != nil {
			return Split{}, err
		}
		s.Layers = append(s.Layers, Layer{l.Level, amount})
		s.add("calc.layer.month", amount, "level", l.Level, "annual", l.Amount, "month", k, "method", string(m))
	}
	return s, s.total("calc.layer.total")
}

// SplitShare shares a month's amount (a household's gap, say) among layers in
// the proportion of the amounts given, by largest remainder: 431.50 among 4578
// and 600 is 381.50 and 50.00.
// Errors: CALC_LAYERS, MONEY_WEIGHTS, MONEY_OVERFLOW.
func SplitShare(amount money.Fen, proportion []Layer) (Split, error) {
	if err := checkLayers(proportion); err != nil {
		return Split{}, err
	}
	weights := make([]int64, len(proportion))
	for i, l := range proportion {
		weights[i] = int64(l.Amount)
	}
	shares, err := money.Share(amount, weights)
	if err != nil {
		return Split{}, arithmetic(err)
	}
	var s Split
	for i, share := range shares {
		s.Layers = append(s.Layers, Layer{proportion[i].Level, share})
		s.add("calc.layer.share", share, "level", proportion[i].Level, "weight", proportion[i].Amount, "of", amount)
	}
	return s, s.total("calc.layer.total")
}

// Months is SplitMonth for the calendar months from … to of one year, both
// included: May to December for a joiner in May, January to September for
// somebody whose last month is September.
// Errors: CALC_PERIOD (from after to), and as SplitMonth.
func Months(annual []Layer, m Method, from, to int) ([]Split, error) {
	if from > to {
		return nil, input("CALC_PERIOD", fmt.Sprintf("%d-%d", from, to))
	}
	var months []Split
	for k := from; k <= to; k++ {
		s, err := SplitMonth(annual, m, k)
		if err != nil {
			return nil, err
		}
		months = append(months, s)
	}
	return months, nil
}

func checkLayers(layers []Layer) error {
	if len(layers) == 0 {
		return input("CALC_LAYERS", len(layers))
	}
	seen := map[string]bool{}
	for _, l := range layers {
		if l.Amount < 0 || l.Level == "" || seen[l.Level] {
			return input("CALC_LAYERS", l.Level+" "+l.Amount.String())
		}
		seen[l.Level] = true
	}
	return nil
}
