package sheet

import (
	"path/filepath"
	"strings"

	"fenlu/internal/errs"
	"fenlu/internal/i18n"
)

// WriteErrors writes a copy of the file in with one more column that says for
// each bad row what is wrong (问题说明). The copy can be corrected and imported
// as it is. It holds the input's own values unmasked, so it belongs beside
// the input and nowhere else. The format follows out's name.
func WriteErrors(out, in string, l Layout, opt Options, fields []errs.Field, lang i18n.Lang) error {
	f, err := Open(in, l, opt)
	if err != nil {
		return err
	}
	reasons := reasonsByRow(fields, lang)
	wide := Layout{Name: l.Name, Columns: append(append([]Column(nil), l.Columns...), reasonColumn)}
	var failed error
	rows := func(yield func([]string) bool) {
		for row, err := range f.Rows() {
			if failed = err; err != nil {
				return
			}
			cells := make([]string, 0, len(wide.Columns))
			for i := range l.Columns {
				cells = append(cells, row.cell(i))
			}
			if !yield(append(cells, reasons[row.Number])) {
				return
			}
		}
	}
	err = WriteFile(out, formatOf(out), wide, lang, rows)
	if failed != nil {
		err = failed
	}
	if errClose := f.Close(); err == nil && errClose != nil {
		err = errs.Wrap(errClose, errs.Invalid, "SHEET_OPEN", "file", f.Name)
	}
	return err
}

func formatOf(path string) string {
	if strings.EqualFold(filepath.Ext(path), "."+CSV) {
		return CSV
	}
	return XLSX
}

func reasonsByRow(fields []errs.Field, lang i18n.Lang) map[int]string {
	out := map[int]string{}
	for _, f := range fields {
		at := f.Row
		f.File, f.Row = "", 0
		if out[at] != "" {
			out[at] += i18n.T(lang, "sheet.reason.separator")
		}
		out[at] += i18n.Field(lang, f)
	}
	return out
}
