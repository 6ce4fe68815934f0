package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"

	"fenlu/internal/i18n"
	"fenlu/money"
)

// exact is an amount as our spreadsheets have it: text with two decimals.
var exact = regexp.MustCompile(`^-?[0-9]+\.[0-9]{2}$`)

// sheetAgrees opens a spreadsheet of the books and compares it with the JSON of
// the same command: as many rows as the list has, and in each column of amounts
// that is named the same amounts in the same order, as exact text.
func sheetAgrees(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: sheet_agrees XLSX JSON LIST COLUMN...")
	}
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer func() { _ = f.Close() }()
	name := f.GetSheetName(0)
	rows, err := f.GetRows(name)
	ts.Check(err)
	var list []map[string]json.RawMessage
	ts.Check(json.Unmarshal([]byte(valueAt(ts, args[1], args[2])), &list))
	if len(rows) != len(list)+1 || len(list) == 0 {
		ts.Fatalf("%s has %d rows under its head, %s of %s has %d", args[0], len(rows)-1, args[2], args[1], len(list))
	}
	for _, key := range args[3:] {
		column := slices.Index(rows[0], i18n.T(i18n.ZH, "books.head."+key))
		if column < 0 {
			column = slices.Index(rows[0], i18n.T(i18n.ZH, "voucher.head."+key))
		}
		if column < 0 {
			ts.Fatalf("%s has no column %q: %q", args[0], key, rows[0])
		}
		for i, item := range list {
			cell, err := excelize.CoordinatesToCellName(column+1, i+2)
			ts.Check(err)
			sameAmount(ts, f, name, cell, item[key])
		}
	}
}

// sameAmount wants a cell to be the amount as exact text, or blank for nothing.
func sameAmount(ts *testscript.TestScript, f *excelize.File, name, cell string, raw json.RawMessage) {
	var want money.Fen
	ts.Check(json.Unmarshal(raw, &want))
	text, err := f.GetCellValue(name, cell)
	ts.Check(err)
	if text == "" && want == 0 {
		return
	}
	kind, err := f.GetCellType(name, cell)
	ts.Check(err)
	if text != want.String() || !exact.MatchString(text) || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
		ts.Fatalf("cell %s is %q of type %d, the JSON has %s", cell, text, kind, want)
	}
}

// sheetHas wants a row of a spreadsheet in which each text stands in a cell.
func sheetHas(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: sheet_has XLSX TEXT...")
	}
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer func() { _ = f.Close() }()
	rows, err := f.GetRows(f.GetSheetName(0))
	ts.Check(err)
	for _, row := range rows {
		all := true
		for _, text := range args[1:] {
			all = all && slices.ContainsFunc(row, func(cell string) bool { return strings.Contains(cell, text) })
		}
		if all {
			return
		}
	}
	ts.Fatalf("%s has no row with %q", args[0], args[1:])
}
