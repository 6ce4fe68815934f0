package carveout_test

import (
	"fmt"

	"fenlu/disbursement/funds/carveout"
	"fenlu/internal/i18n"
	"fenlu/money"
)

func rule(rate string) carveout.Rule {
	r, err := money.ParseRate(rate)
	if err != nil {
		fmt.Println(err)
	}
	return carveout.Rule{Rate: r, Document: "县民发〔2025〕18号"}
}

// A year in which both rules cannot be kept together.
func ExampleCompute() {
	r, err := carveout.Compute(carveout.Input{
		Year: 2026, Fund: "困难群众救助补助资金", Payers: []string{"社会救助工作经费"},
		Base: []string{"困难群众救助补助资金", "社会救助工作经费"}, Decision: "口径决定 2026-02-11",
		Floor: rule("5%"), Cap: rule("3%"),
		Sources: []carveout.Source{
			{Fund: "困难群众救助补助资金", Level: "省", Document: "省财社〔2026〕3号", Amount: 100_000_000_00},
			{Fund: "社会救助工作经费", Level: "县", Document: "县财预〔2026〕7号", Amount: 2_000_000_00},
		},
		Free: carveout.Stage{Fund: 100_000_000_00, Others: 2_000_000_00},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range r.Lines[4:11] {
		fmt.Println(line.No, line.Text(i18n.ZH), line.Amount.Grouped())
	}
	fmt.Println(r.Reason(i18n.ZH))
	// Output:
	// 5 下限 = 第 4 行 × 5%，进到分 5,100,000.00
	// 6 上限 = 第 2 行 × 3%，舍到分 3,000,000.00
	// 7 困难群众救助补助资金中可用于购买服务的年度金额 100,000,000.00
	// 8 该资金最多可列支 = 第 6 行与第 7 行中较小者 3,000,000.00
	// 9 其他可列支资金：社会救助工作经费 2,000,000.00
	// 10 全年最多可列支 = 第 8 行 + 第 9 行 5,000,000.00
	// 11 下限中至少须由其他资金列支 = 第 5 行 − 第 8 行，不小于零 2,100,000.00
	// 下限要求 5,100,000.00 元，全年最多可列支 5,000,000.00 元，差 100,000.00 元；请追加其他可列支资金，或报请明确口径。
}
