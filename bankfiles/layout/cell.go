package layout

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fenlu/bankfiles/record"
)

// cellReader turns the text of a cell into what is kept: amounts into yuan,
// dates into 2026-10-09.
type cellReader struct {
	grouped bool                // amounts may have separators for thousands, as in tables
	stored  func(string) string // how a workbook's number reads; nil elsewhere
	out     *record.Out
}

// needed refuses an empty cell that must not be.
func (cellReader) needed(f *Field, at record.Position, text string) error {
	if text != "" || !f.needed {
		return nil
	}
	return at.Fault("BANKFILE_MISSING", "name", f.label())
}

// label is what a person calls the cell.
func (f *Field) label() string { return record.First(f.Title, f.Element, f.Value, f.Text) }

func (c cellReader) text(f *Field, at record.Position, text string) (string, error) {
	if f.Pad != "" {
		text = f.unpad(text)
	}
	switch f.means.nature {
	case amount:
		return c.yuan(f, at, text)
	case date:
		return c.date(f, at, text)
	case number:
		return c.number(text), nil
	}
	return text, nil
}

// unpad takes off what fills a cell of fixed width up.
func (f *Field) unpad(text string) string {
	if f.Align == "left" {
		return strings.TrimRight(text, f.Pad+" ")
	}
	text = strings.TrimLeft(strings.TrimSpace(text), f.Pad)
	if f.Pad == "0" && (text == "" || text[0] == '.') {
		return "0" + text
	}
	return text
}

var groups = regexp.MustCompile(`^-?\d{1,3}(,\d{3})+(\.\d+)?$`)

// plainYuan is an amount as people write it.
var plainYuan = regexp.MustCompile(`^-?\d+(\.\d{1,2})?$`)

// yuan reads an amount: decimal digits as written, or fen as yuan.
func (c cellReader) yuan(f *Field, at record.Position, text string) (string, error) {
	if c.grouped {
		text = strings.TrimSpace(strings.TrimLeft(text, "¥￥"))
		if groups.MatchString(text) {
			text = strings.ReplaceAll(text, ",", "")
		}
	}
	if c.stored != nil && !plainYuan.MatchString(text) {
		text = c.stored(text)
		if a, ok := record.ParseAmount(text); ok {
			text = record.DecimalString(a.Decimal())
		}
	}
	if text == "" {
		return "", nil
	}
	if f.Unit == "fen" {
		return fenToYuan(f, at, text)
	}
	if _, ok := record.ParseAmount(text); !ok {
		return "", at.Fault("BANKFILE_AMOUNT", "amount", record.Clip(text))
	}
	return text, nil
}

func fenToYuan(_ *Field, at record.Position, text string) (string, error) {
	digits, minus := strings.CutPrefix(text, "-")
	if digits == "" || len(digits) > 18 || !record.AllDigits(digits) {
		return "", at.Fault("BANKFILE_AMOUNT", "amount", record.Clip(text))
	}
	digits = strings.Repeat("0", max(3-len(digits), 0)) + digits
	whole := strings.TrimLeft(digits[:len(digits)-2], "0")
	if whole == "" {
		whole = "0"
	}
	if minus {
		whole = "-" + whole
	}
	return whole + "." + digits[len(digits)-2:], nil
}

var epoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC) // day 0 of a workbook

// yearFirst are dates that can mean one day only: 2026/10/9, 2026年10月9日,
// 20261009, with a time after them or without.
var yearFirst = regexp.MustCompile(`^(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d\d)(\d\d)(?:\d{4}|\d{6})?)(?:[ T].*)?$`)

// date reads a date: as the profile has it, else one that cannot be mistaken.
// Anything else is told and left out, or refused where there must be a date.
func (c cellReader) date(f *Field, at record.Position, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if d, err := time.Parse(f.date, text); err == nil {
		return d.Format(time.DateOnly), nil
	}
	if n, err := strconv.Atoi(text); c.stored != nil && err == nil && n > 18_264 && n < 73_050 {
		return epoch.AddDate(0, 0, n).Format(time.DateOnly), nil // a date cell, 1950 to 2099
	}
	if m := yearFirst.FindStringSubmatch(text); m != nil {
		if d, err := time.Parse("2006-1-2", m[1]+"-"+m[2]+m[4]+"-"+m[3]+m[5]); err == nil {
			return d.Format(time.DateOnly), nil
		}
	}
	if f.needed {
		return "", at.Fault("BANKFILE_NO_DATE", "name", f.label(), "value", record.Clip(text))
	}
	return "", c.out.Warn(at, "BANKFILE_WARN_NO_DATE", "name", f.label(), "value", record.Clip(text))
}

// currencyOf is the code of a currency; banks have several words for yuan.
func currencyOf(text string) string {
	if slices.Contains([]string{"人民币", "人民币元", "RMB", "156"}, text) {
		return "CNY"
	}
	return text
}

// number takes off what a workbook makes of a whole number.
func (c cellReader) number(text string) string {
	if c.stored != nil {
		return strings.TrimSuffix(text, ".0")
	}
	return text
}
