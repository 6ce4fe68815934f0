package terms

import "fenlu/internal/i18n"

// Level is whose money it is (资金级次).
type Level string

// The levels, from the top of the state down; then what is not tax money.
const (
	Central    Level = "central"    // 中央
	Province   Level = "province"   // 省
	Prefecture Level = "prefecture" // 市
	County     Level = "county"     // 县
	Lottery    Level = "lottery"    // 福彩
	Donation   Level = "donation"   // 捐赠
)

// Levels are all levels in their order.
func Levels() []Level {
	return []Level{Central, Province, Prefecture, County, Lottery, Donation}
}

// IsValid says whether it is one of the levels.
func (l Level) IsValid() bool { return valid(l, Levels()) }

// Name is the word a user reads (级次: 中央, 省 …).
func (l Level) Name(lang i18n.Lang) string { return name(lang, "level", l) }

// ParseLevel reads 中央, 省, 市, 县, 福彩, 捐赠 and the like; false for anything
// else.
func ParseLevel(s string) (Level, bool) {
	return find(s, "level", Levels(), map[string]Level{
		"中央级": Central, "省级": Province, "市级": Prefecture, "县级": County, "区": County, "区县": County,
		"福彩公益金": Lottery, "社会捐赠": Donation,
	})
}
