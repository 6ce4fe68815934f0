package sample

import (
	"fmt"

	"fenlu/money"
)

// Policy is a standard with the document that sets it (政策标准).
type Policy struct {
	Program, Component, Class string
	Period                    string    // 年, 月 or 次
	Amount                    money.Fen // for one period
	Layers                    string    // shares of the levels for one period
	Rounding                  string    // fen or annual
	Cap                       bool      // Amount is the most, not the amount
	Document, Clause, Quote   string
}

// Monthly is what the standard gives for the k-th month of a year. A yearly
// standard is shared so that twelve months add up to it exactly.
func (p Policy) Monthly(k int) money.Fen {
	if p.Period != "年" {
		return p.Amount
	}
	upTo := func(k int) money.Fen { return (2*p.Amount*money.Fen(k) + 12) / 24 }
	return upTo(k) - upTo(k-1)
}

// The positions of the standards in County.Policies.
const (
	dbRuralA = iota
	dbRuralB
	dbRuralC
	dbUrbanA
	dbUrbanB
	dbUrbanC
	tkHome
	tkInstitution
	tkCareHalf
	tkCareFull
	etHome
	etInstitution
	etWithoutCare
	lsExpense
	lsEmergency
	llStation
	cjLiving
	cjCareFirst
	cjCareSecond
)

func (c *County) standards() []Policy {
	y := c.first.Year()
	dib := fmt.Sprintf("县民发〔%d〕3号", y)
	teK := fmt.Sprintf("县民发〔%d〕4号", y)
	child := fmt.Sprintf("县民发〔%d〕5号", y)
	lins := fmt.Sprintf("县民发〔%d〕6号", y)
	disabled := fmt.Sprintf("县残联发〔%d〕2号", y)
	all := []Policy{
		dbRuralA: {"DB", "", "农村A档", "月", 420_00, "", "fen", false, dib, "第四条第（一）项", "农村低保A档每人每月420元，为完全或基本丧失劳动能力、无固定收入的家庭。"},
		dbRuralB: {"DB", "", "农村B档", "月", 290_00, "", "fen", false, dib, "第四条第（二）项", "农村低保B档每人每月290元，为部分丧失劳动能力、收入低微的家庭。"},
		dbRuralC: {"DB", "", "农村C档", "月", 175_00, "", "fen", false, dib, "第四条第（三）项", "农村低保C档每人每月175元，为有一定收入但低于保障标准的家庭。"},
		dbUrbanA: {"DB", "", "城市A档", "月", 560_00, "", "fen", false, dib, "第五条第（一）项", "城市低保A档每人每月560元。"},
		dbUrbanB: {"DB", "", "城市B档", "月", 370_00, "", "fen", false, dib, "第五条第（二）项", "城市低保B档每人每月370元。"},
		dbUrbanC: {"DB", "", "城市C档", "月", 245_00, "", "fen", false, dib, "第五条第（三）项", "城市低保C档每人每月245元。"},

		tkHome:        {"TK", "基本生活", "分散", "年", 5178_00, "省=4578.00;县=600.00", "annual", false, teK, "第三条", "分散供养基本生活标准每人每年5178元，其中省级补助4578元，县级补助600元，按月发放。"},
		tkInstitution: {"TK", "基本生活", "集中", "年", 6432_00, "省=5832.00;县=600.00", "annual", false, teK, "第三条", "集中供养基本生活标准每人每年6432元，其中省级补助5832元，县级补助600元，按月拨付供养机构。"},
		tkCareHalf:    {"TK", "照料护理", "半护理", "月", 259_00, "", "fen", false, teK, "第六条", "分散供养特困人员照料护理费，半护理每人每月259元。"},
		tkCareFull:    {"TK", "照料护理", "全护理", "月", 517_00, "", "fen", false, teK, "第六条", "分散供养特困人员照料护理费，全护理每人每月517元。"},

		etHome:        {"ET", "", "社会散居孤儿", "月", 900_00, "", "fen", false, child, "第二条", "社会散居孤儿基本生活费每人每月900元，拨付监护人或本人账户。"},
		etInstitution: {"ET", "", "集中养育孤儿", "月", 1350_00, "", "fen", false, child, "第二条", "集中养育孤儿基本生活费每人每月1350元，拨付儿童福利机构账户。"},
		etWithoutCare: {"ET", "", "事实无人抚养儿童", "月", 716_00, "", "fen", false, child, "第三条", "事实无人抚养儿童基本生活补贴每人每月716元。"},

		lsExpense:   {"LS", "", "支出型", "次", 20_000_00, "", "fen", true, lins, "第八条", "支出型临时救助实行一事一议，每人每次不超过20000元。"},
		lsEmergency: {"LS", "", "急难型", "次", 1_000_00, "", "fen", true, lins, "第十一条", "急难型临时救助由乡镇从备用金先行救助，每人每次不超过1000元，十五日内补充说明。"},

		llStation: {"LL", "", "站内救助", "月", 860_00, "", "fen", false, fmt.Sprintf("县民发〔%d〕7号", y), "第五条", "站内受助人员基本生活费每人每月860元，拨付救助管理站。"},

		cjLiving:     {"CJ", "生活补贴", "困难残疾人", "月", 90_00, "", "fen", false, disabled, "第二条", "困难残疾人生活补贴每人每月90元。"},
		cjCareFirst:  {"CJ", "护理补贴", "一级", "月", 100_00, "", "fen", false, disabled, "第三条", "一级重度残疾人护理补贴每人每月100元。"},
		cjCareSecond: {"CJ", "护理补贴", "二级", "月", 95_00, "", "fen", false, disabled, "第三条", "二级重度残疾人护理补贴每人每月95元。"},
	}
	return all
}
