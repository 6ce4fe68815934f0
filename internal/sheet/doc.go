// Package sheet reads and writes the tables people hand in and take away:
// XLSX and CSV (UTF-8 with or without a mark, GB18030), first row = headers in
// Chinese or English, in any order.
//
// Nouns: a Layout names the columns of one kind of table; a File is an opened
// table with its digest; a Row keeps the number the spreadsheet shows;
// Problems collects everything wrong with a file, because bad input is
// reported all at once and nothing of it is imported.
//
// Kept here: cells are text from the file to the typed value, amounts never
// pass through a float; a value that a spreadsheet has rounded (a long number
// kept as a number) is refused, never repaired; a damaged or cut-off workbook
// is an error, never a shorter table; ID numbers and accounts appear masked in
// every problem.
//
//	t, err := sheet.Read[personRow](ctx, path, sheet.People, sheet.Options{}, nil)
//	if err != nil {
//		return err // one errs.Error with a Field for each problem
//	}
//	for _, rec := range t.Rows {
//		use(rec.Row, rec.Value)
//	}
//
// It does not know what a column means to the ledger: check digits, known
// codes and rules belong to whoever imports.
package sheet
