package ident

import (
	"fmt"
	"strings"
	"time"
)

// A temporary identity (临时身份) stands for somebody without an ID number:
// LS, six digits of the area that gave it, the date as yymmdd, a serial of
// three digits, and a check character by the weights of GB 32100, which finds
// every single wrong digit and every two digits exchanged. Eighteen characters,
// so that it fits wherever an ID number does; the letters at the front keep the
// two apart.
const (
	temporaryPrefix = "LS"
	temporaryLength = 18
)

// NewTemporary is the number for the serial-th temporary identity (1 … 999)
// that an area (six digits) gives on a day; "" where one of them is out of
// range.
func NewTemporary(area6 string, day time.Time, serial int) string {
	if len(area6) != 6 || !allDigits(area6) || serial < 1 || serial > 999 {
		return ""
	}
	body := fmt.Sprintf("%s%s%s%03d", temporaryPrefix, area6, day.Format("060102"), serial)
	return body + string(TemporaryCheck(body))
}

// CheckTemporary checks a normalised temporary identity number.
// Faults: TEMP_ID_EMPTY, TEMP_ID_FORMAT, TEMP_ID_DATE, TEMP_ID_CHECK.
func CheckTemporary(id string) Findings {
	switch {
	case id == "":
		return fault("TEMP_ID_EMPTY")
	case len(id) != temporaryLength, !strings.HasPrefix(id, temporaryPrefix), !allDigits(id[2:17]), id[14:17] == "000":
		return fault("TEMP_ID_FORMAT")
	}
	if _, err := time.Parse("060102", id[8:14]); err != nil {
		return fault("TEMP_ID_DATE")
	}
	if TemporaryCheck(id[:17]) != id[17] {
		return fault("TEMP_ID_CHECK")
	}
	return nil
}

// TemporaryCheck is the check character behind the first seventeen characters
// of a temporary identity number, or 0 where they are not that.
func TemporaryCheck(first17 string) byte {
	digits, ok := strings.CutPrefix(first17, temporaryPrefix)
	if !ok || len(first17) != temporaryLength-1 || !allDigits(digits) {
		return 0
	}
	return creditAlphabet[weigh(digits)]
}
