package sheet

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"fenlu/money"

	"github.com/shopspring/decimal"
)

// A value of a cell that could not be read is told by its code alone: the
// caller adds file, row, column and the masked value.
type badValue string

var (
	plainAmount   = regexp.MustCompile(`^-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$`)
	numberCell    = regexp.MustCompile(`^\d(\.\d+)?[Ee]\+?\d{1,3}$`)
	storedNumber  = regexp.MustCompile(`^-?\d+(\.\d+)?([Ee][+-]?\d{1,2})?$`)
	dateParts     = regexp.MustCompile(`^(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?$`)
	dateDigits    = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
	monthParts    = regexp.MustCompile(`^(\d{4})[-/年](\d{1,2})月?$`)
	monthDigits   = regexp.MustCompile(`^(\d{4})(\d{2})$`)
	serialNumber  = regexp.MustCompile(`^\d{5}$`)
	wholeNumber   = regexp.MustCompile(`^-?\d{1,18}$`)
	excelEpoch    = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	serialFirst   = 18_264 // 1950-01-01 as a spreadsheet's day number
	serialLast    = 73_050 // 2099-12-31
	excelAccuracy = 15     // significant digits a spreadsheet keeps
)

// textValue refuses what a spreadsheet made of a long number: 6.2290001E+18
// has lost its last digits.
func textValue(s string) (string, badValue) {
	if numberCell.MatchString(s) {
		return "", "SHEET_NUMBER_CELL"
	}
	return s, ""
}

// amountValue reads yuan. A number cell of a workbook may carry the noise of
// its binary form (4.0999999999999996 for 4.10): beyond the 15 digits a
// spreadsheet keeps it is rounded off, which never hides a third decimal.
func amountValue(s, format string) (money.Fen, badValue) {
	if format == XLSX && storedNumber.MatchString(s) {
		s = storedAmount(s)
	}
	if !plainAmount.MatchString(s) {
		return 0, "SHEET_AMOUNT"
	}
	_, frac, _ := strings.Cut(s, ".")
	if len(strings.TrimRight(frac, "0")) > 2 {
		return 0, "SHEET_AMOUNT_DECIMALS"
	}
	f, err := money.Parse(s)
	if err != nil {
		return 0, "SHEET_AMOUNT_RANGE"
	}
	return f, ""
}

func storedAmount(s string) string {
	d, err := decimal.NewFromString(s)
	if err != nil {
		return s
	}
	if over := d.NumDigits() - excelAccuracy; over > 0 && d.Exponent() < 0 {
		d = d.Round(-d.Exponent() - int32(over)) //nolint:gosec // a cell holds 32,767 characters at most
	}
	return d.String()
}

// dateValue reads 2026-10-09, 2026/10/9, 2026年10月9日, 20261009 and, in a
// workbook, the day number of a date cell. The result is midnight UTC, as the
// database's date type carries it.
func dateValue(s, format string) (time.Time, badValue) {
	if format == XLSX && serialNumber.MatchString(s) {
		return serialDate(s)
	}
	m := dateParts.FindStringSubmatch(s)
	if m == nil {
		m = dateDigits.FindStringSubmatch(s)
	}
	if m == nil {
		return time.Time{}, "SHEET_DATE"
	}
	return calendarDate(m[1], m[2], m[3])
}

func serialDate(s string) (time.Time, badValue) {
	n, err := strconv.Atoi(s)
	if err != nil || n < serialFirst || n > serialLast {
		return time.Time{}, "SHEET_DATE"
	}
	return excelEpoch.AddDate(0, 0, n), ""
}

func calendarDate(year, month, day string) (time.Time, badValue) {
	t, err := time.Parse("2006-1-2", year+"-"+strings.TrimPrefix(month, "0")+"-"+strings.TrimPrefix(day, "0"))
	if err != nil || t.Year() < 1900 || t.Year() > 2199 {
		return time.Time{}, "SHEET_DATE"
	}
	return t, ""
}

// monthValue reads a service month (2026-10, 2026/10, 202610, 2026年10月, or a
// workbook's date cell) as YYYY-MM.
func monthValue(s, format string) (string, badValue) {
	if format == XLSX && serialNumber.MatchString(s) {
		t, bad := serialDate(s)
		if bad != "" {
			return "", "SHEET_MONTH"
		}
		return t.Format("2006-01"), ""
	}
	m := monthParts.FindStringSubmatch(s)
	if m == nil {
		m = monthDigits.FindStringSubmatch(s)
	}
	if m == nil {
		return "", "SHEET_MONTH"
	}
	t, bad := calendarDate(m[1], m[2], "1")
	if bad != "" {
		return "", "SHEET_MONTH"
	}
	return t.Format("2006-01"), ""
}

func wholeValue(s string) (int64, badValue) {
	s = strings.ReplaceAll(s, ",", "")
	if !wholeNumber.MatchString(s) {
		return 0, "SHEET_WHOLE"
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, "SHEET_WHOLE"
	}
	return n, ""
}

func boolValue(s string) (bool, badValue) {
	switch strings.ToLower(s) {
	case "是", "有", "y", "yes", "true", "1":
		return true, ""
	case "否", "无", "n", "no", "false", "0":
		return false, ""
	}
	return false, "SHEET_BOOL"
}
