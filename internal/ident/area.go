package ident

import "strings"

// AreaLevel is how deep an area code goes.
type AreaLevel string

// The levels of an area code: two digits each for province, city and county,
// three each for township and village.
const (
	Province AreaLevel = "province" // 省
	City     AreaLevel = "city"     // 市
	County   AreaLevel = "county"   // 县
	Township AreaLevel = "township" // 乡镇、街道
	Village  AreaLevel = "village"  // 村、居
)

// Area is a checked area code (区划代码) of twelve digits, or "" where the check
// found a fault: then it has no level, and everything derived of it is "".
type Area string

const areaLength = 12

// CheckArea reads a normalised area code: twelve digits, a province, nothing
// beneath a city that is not there, no village without a township. A city
// without counties is allowed (its townships have county 00), and so are local
// codes that the national list lacks.
// Faults: AREA_CODE_EMPTY, AREA_CODE_FORMAT, AREA_CODE_LEVEL.
// Note: AREA_CODE_UNKNOWN (no such province).
func CheckArea(code string) (Area, Findings) {
	switch {
	case code == "":
		return "", fault("AREA_CODE_EMPTY")
	case len(code) != areaLength || !allDigits(code):
		return "", fault("AREA_CODE_FORMAT", "length", len([]rune(code)))
	case code[:2] == "00",
		code[2:4] == "00" && !zeros(code[4:]),
		code[6:9] == "000" && !zeros(code[9:]):
		return "", fault("AREA_CODE_LEVEL", "code", code)
	case !provinceKnown(code[:2]):
		return Area(code), Findings{}.with(Note, "AREA_CODE_UNKNOWN", "province", code[:2])
	default:
		return Area(code), nil
	}
}

// Level is how deep the code goes.
func (a Area) Level() AreaLevel {
	switch {
	case a == "":
		return ""
	case zeros(string(a[2:])):
		return Province
	case zeros(string(a[4:])):
		return City
	case zeros(string(a[6:])):
		return County
	case zeros(string(a[9:])):
		return Township
	default:
		return Village
	}
}

// Of is the code of the area at the level that this one lies in, or itself;
// asked for a level below its own it is itself as well.
func (a Area) Of(level AreaLevel) Area {
	if a == "" {
		return ""
	}
	keep := level.digits()
	return a[:keep] + Area(strings.Repeat("0", areaLength-keep))
}

// Prefix is the code without the zeros of the levels it does not reach:
// "991301" for a county. Areas beneath it begin with it.
func (a Area) Prefix() string { return string(a[:min(a.Level().digits(), len(a))]) }

// Contains says whether b is this area or lies in it; "" contains nothing.
func (a Area) Contains(b Area) bool {
	return a != "" && strings.HasPrefix(string(b), a.Prefix())
}

func (l AreaLevel) digits() int {
	switch l {
	case Province:
		return 2
	case City:
		return 4
	case County:
		return 6
	case Township:
		return 9
	default:
		return areaLength
	}
}

func zeros(s string) bool { return strings.Trim(s, "0") == "" }
