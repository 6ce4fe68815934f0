package sheet

import (
	"io"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"

	"github.com/xuri/excelize/v2"
)

// Template writes an empty workbook of the layout: the header to fill in, and
// a second sheet that says for each column whether it is required and what to
// write. Errors: SHEET_WRITE.
func Template(w io.Writer, l Layout, lang i18n.Lang) error {
	book := excelize.NewFile()
	err := fillSheet(book, l, lang, FromSlice(nil))
	if err == nil {
		err = fillGuide(book, l, lang)
	}
	if err == nil {
		err = book.Write(w)
	}
	if errClose := book.Close(); err == nil {
		err = errClose
	}
	if err != nil {
		return errs.Wrap(err, errs.Internal, "SHEET_WRITE", "file", l.Name)
	}
	return nil
}

// WriteTemplate is Template into a file; a name ending in .csv gets the
// header alone.
func WriteTemplate(path string, l Layout, lang i18n.Lang) error {
	if formatOf(path) == CSV {
		return WriteFile(path, CSV, l, lang, FromSlice(nil))
	}
	out, err := create(path)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "SHEET_WRITE", "file", path)
	}
	err = Template(out, l, lang)
	if errClose := out.Close(); err == nil && errClose != nil {
		err = errs.Wrap(errClose, errs.Internal, "SHEET_WRITE", "file", path)
	}
	return err
}

func fillGuide(book *excelize.File, l Layout, lang i18n.Lang) error {
	sheet := i18n.T(lang, "sheet.guide")
	if _, err := book.NewSheet(sheet); err != nil {
		return err
	}
	rows := [][]string{{i18n.T(lang, "sheet.guide.column"), i18n.T(lang, "sheet.guide.required"), i18n.T(lang, "sheet.guide.hint")}}
	for i, name := range l.Headers(lang) {
		rows = append(rows, guideRow(l.Columns[i], name, lang))
	}
	for r, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, r+1)
		if err != nil {
			return err
		}
		if err := book.SetSheetRow(sheet, at, &row); err != nil {
			return err
		}
	}
	return book.SetColWidth(sheet, "A", "C", maxWidth/2)
}

func guideRow(c Column, name string, lang i18n.Lang) []string {
	required := "sheet.guide.no"
	if c.Required {
		required = "sheet.guide.yes"
	}
	hint := ""
	if c.Hint != "" {
		hint = i18n.T(lang, c.Hint)
	}
	return []string{name, i18n.T(lang, required), hint}
}
