package calc_test

import (
	"fmt"

	"fenlu/disbursement/benefits/calc"
	"fenlu/internal/i18n"
	"fenlu/money"
)

// One county's care fees for February 2024, as its voucher has them.
func ExampleHeadCount() {
	care, err := calc.HeadCount(
		calc.Heads{Label: "半护理", Count: 176, Standard: 25900},
		calc.Heads{Label: "全护理", Count: 136, Standard: 51700},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range care.Lines {
		fmt.Println(line.Text(i18n.ZH))
	}
	// Output:
	// 半护理：176 人 × 259.00 = 45,584.00
	// 全护理：136 人 × 517.00 = 70,312.00
	// 合计 312 人 = 115,896.00
}

// The standard rose from 5420 to 5832 a year in January; January was paid at
// the old one.
func ExampleComputeBackPay() {
	due, err := calc.DueMonths([]calc.Layer{{Level: "省", Amount: 583200}}, calc.Annual, []string{"2018-01"})
	if err != nil {
		fmt.Println(err)
		return
	}
	paid := []calc.Owed{{Month: "2018-01", Level: "省", Amount: money.Fen(45167)}}
	back, err := calc.ComputeBackPay(calc.Annual, due, paid)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range back.Lines {
		fmt.Println(line.Text(i18n.ZH))
	}
	// Output:
	// 2018-01 省：应发 486.00 − 已发 451.67，补 34.33
	// 补发合计（应发按“累计差额法，全年等于年标准”确定）= 34.33
}
