package benefits

import (
	"fenlu/disbursement/rules"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/money"
)

// AverageStandard is the average of a program's monthly standards that hold at a place
// or within it in a month, each class and area once, and the minimum wage of the
// place (money-rules A4: 全低保平均标准占当地最低工资标准的比例). within are the first
// digits that the codes of the place's areas share. Errors: those of Owed; zeros
// where the place has no standard, or no minimum wage is on record.
func (b Book) AverageStandard(program, area, within string, month terms.Month) (average, wage money.Fen, err error) {
	latest := map[string]Policy{}
	for _, p := range b.Policies {
		if p.Program != program || !p.holdsAt(area, within) || terms.MonthOf(p.ValidFrom) > month || p.Family().decided() {
			continue
		}
		key := p.Component + "\t" + p.Class + "\t" + p.area()
		if old, ok := latest[key]; !ok || p.ValidFrom.After(old.ValidFrom) {
			latest[key] = p
		}
	}
	var sum money.Fen
	for _, p := range latest {
		at := p.area()
		if at == rules.Nation {
			at = area
		}
		in, err := b.InForce(p, at, month)
		if err != nil {
			return 0, 0, err
		}
		due, err := MonthlyAmount(in, month)
		if err != nil {
			return 0, 0, err
		}
		if sum, err = money.Add(sum, due.Total); err != nil {
			return 0, 0, errs.Wrap(err, errs.Internal, "LEDGER_OVERFLOW")
		}
	}
	f, ok := rules.Set(b.Figures).At(rules.MinimumWage, area, month.First())
	if len(latest) == 0 || !ok {
		return 0, 0, nil
	}
	if wage, err = f.Amount(); err != nil {
		return 0, 0, err
	}
	average, err = money.ExactOf(sum).Per(int64(len(latest))).Round(money.HalfUp)
	return average, wage, err
}

// holdsAt says whether a row is one of a place: it holds within it, or above it.
func (p Policy) holdsAt(area, within string) bool {
	if len(p.area()) >= len(within) && p.area()[:len(within)] == within {
		return true
	}
	for _, a := range rules.Areas(area) {
		if p.area() == a {
			return true
		}
	}
	return false
}
