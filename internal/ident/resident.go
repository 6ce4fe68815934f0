package ident

import (
	"strings"
	"time"
)

// Resident is what an ID number (居民身份证号码) says about its holder.
type Resident struct {
	Area  string    // the first six digits: where it was first registered
	Birth time.Time // midnight UTC
	Male  bool      // the 17th digit is odd
}

const residentLength = 18

// CheckResident reads a normalised ID number by GB 11643: eighteen characters,
// a date that exists and is not after asOf (zero: not compared), and the check
// character by ISO 7064 MOD 11-2. An area prefix of no province is a note:
// codes are retired, and samples use one that never was. Fifteen digits, the
// form before 1999, are refused and the person asked for the present card.
// Faults: ID_EMPTY, ID_OLD_15, ID_FORMAT, ID_DATE, ID_DATE_FUTURE,
// ID_CHECK_DIGIT. Note: ID_AREA_UNKNOWN.
func CheckResident(id string, asOf time.Time) (Resident, Findings) {
	if code := residentShape(id); code != "" {
		return Resident{}, fault(code, "length", len([]rune(id)))
	}
	var found Findings
	birth, err := time.Parse("20060102", id[6:14])
	switch {
	case err != nil || birth.Year() < 1800:
		found = found.with(Fault, "ID_DATE")
	case !asOf.IsZero() && birth.After(asOf):
		found = found.with(Fault, "ID_DATE_FUTURE")
	}
	if ResidentCheck(id[:17]) != id[17] {
		found = found.with(Fault, "ID_CHECK_DIGIT")
	}
	if !provinceKnown(id[:2]) {
		found = found.with(Note, "ID_AREA_UNKNOWN", "province", id[:2])
	}
	if found.Refused() {
		return Resident{}, found
	}
	return Resident{Area: id[:6], Birth: birth, Male: (id[16]-'0')%2 == 1}, found
}

func residentShape(id string) string {
	switch {
	case id == "":
		return "ID_EMPTY"
	case len(id) == 15 && allDigits(id):
		return "ID_OLD_15"
	case len(id) != residentLength, !allDigits(id[:17]), id[17] != 'X' && !allDigits(id[17:]):
		return "ID_FORMAT"
	default:
		return ""
	}
}

// ResidentCheck is the check character ('0'…'9', 'X') that belongs behind the
// first seventeen digits of an ID number, or 0 where they are not that.
func ResidentCheck(first17 string) byte {
	if len(first17) != residentLength-1 || !allDigits(first17) {
		return 0
	}
	sum := 0
	for i, w := range [...]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += w * int(first17[i]-'0')
	}
	return "10X98765432"[sum%11]
}

// provinceKnown says whether two digits are a province in GB/T 2260, today's
// 34 including the residence permits of Hong Kong, Macao and Taiwan.
func provinceKnown(two string) bool {
	switch two {
	case "11", "12", "13", "14", "15", "21", "22", "23",
		"31", "32", "33", "34", "35", "36", "37",
		"41", "42", "43", "44", "45", "46",
		"50", "51", "52", "53", "54", "61", "62", "63", "64", "65",
		"71", "81", "82", "83":
		return true
	default:
		return false
	}
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
