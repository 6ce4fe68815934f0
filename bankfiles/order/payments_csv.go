package order

import (
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
	"fenlu/money"
)

// csvColumns are the columns of a payments file, in any order.
var csvColumns = []string{"end_to_end_id", "name", "account", "bank_code", "id_number", "amount", "remark"}

// CSV is a payments file: UTF-8, comma-separated, the first row the column
// names end_to_end_id, name, account, bank_code, id_number, amount, remark in
// any order. Spaces around a value are not part of it. It reads from one
// place at a time, so its sources are used one after the other.
type CSV struct {
	file    io.ReadSeeker
	name    string
	columns map[string]int
	start   csvPlace // the first payment
	width   int
}

// csvPlace is the place of a row: where it begins, and its number as a
// spreadsheet shows it.
type csvPlace struct {
	offset int64
	row    int
}

// OpenCSV reads the column names. The error BANKFILE_CSV_HEADER lists the
// columns that are missing, unknown or there twice. name is for messages.
func OpenCSV(file io.ReadSeeker, name string) (*CSV, error) {
	c := &CSV{file: file, name: name, columns: map[string]int{}}
	var head [3]byte
	n, err := io.ReadFull(file, head[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(head[:n]) == "\xef\xbb\xbf" {
		c.start.offset = 3
	}
	r, err := c.reader(c.start.offset)
	if err != nil {
		return nil, err
	}
	names, err := r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, c.broken(err)
	}
	c.start = csvPlace{c.start.offset + r.InputOffset(), 2}
	c.width = len(names)
	return c, c.header(names)
}

func (c *CSV) reader(offset int64) (*csv.Reader, error) {
	if _, err := c.file.Seek(offset, io.SeekStart); err != nil {
		return nil, err
	}
	r := csv.NewReader(c.file)
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	return r, nil
}

func (c *CSV) header(names []string) error {
	var fields []errs.Field
	report := func(column, code string) {
		fields = append(fields, errs.Field{File: c.name, Row: 1, Column: record.Clip(column), Code: code})
	}
	for i, n := range names {
		n = strings.ToLower(strings.TrimSpace(n))
		switch _, twice := c.columns[n]; {
		case !slices.Contains(csvColumns, n):
			report(n, "BANKFILE_CSV_COLUMN_UNKNOWN")
		case twice:
			report(n, "BANKFILE_CSV_COLUMN_TWICE")
		default:
			c.columns[strings.Clone(n)] = i
		}
	}
	for _, n := range csvColumns {
		if _, ok := c.columns[n]; !ok {
			report(n, "BANKFILE_CSV_COLUMN_MISSING")
		}
	}
	if len(fields) > 0 {
		return errs.WithFields("BANKFILE_CSV_HEADER", fields, "file", c.name)
	}
	return nil
}

// broken is an error of the CSV form itself, such as an open quote: what
// follows it cannot be told apart, so reading ends there.
func (c *CSV) broken(err error) error {
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		return errs.Wrap(p.Err, errs.Invalid, "BANKFILE_CSV_BROKEN", "file", c.name, "line", p.Line, "column", p.Column)
	}
	return err
}

// Source gives all payments.
func (c *CSV) Source() Source { return c.from(c.start, 0) }

// Parts gives the payments of each part. It reads the file once to find where
// the parts begin; a part reads from its first payment to its last.
func (c *CSV) Parts(parts []Part) ([]Source, error) {
	r, err := c.reader(c.start.offset)
	if err != nil {
		return nil, err
	}
	starts := map[int][]int{} // ordinal of a payment -> the parts that begin there
	for i, p := range parts {
		starts[p.First] = append(starts[p.First], i)
	}
	out := make([]Source, len(parts))
	for n := 0; len(starts) > 0; n++ {
		place := csvPlace{c.start.offset + r.InputOffset(), c.start.row + n}
		if _, err := r.Read(); err != nil {
			return nil, c.broken(err)
		}
		for _, i := range starts[n] {
			out[i] = parts[i].within(c.from(place, parts[i].Last-n+1))
		}
		delete(starts, n)
	}
	return out, nil
}

// from gives at most limit payments from a place on, all for limit 0.
func (c *CSV) from(place csvPlace, limit int) Source {
	return func() iter.Seq2[Instruction, error] {
		return func(yield func(Instruction, error) bool) {
			r, err := c.reader(place.offset)
			if err != nil {
				yield(Instruction{}, err)
				return
			}
			for n := 0; limit == 0 || n < limit; n++ {
				values, err := r.Read()
				if errors.Is(err, io.EOF) {
					return
				}
				if err != nil {
					yield(Instruction{}, c.broken(err))
					return
				}
				p, err := c.payment(values, place.row+n)
				if !yield(p, err) {
					return
				}
			}
		}
	}
}

// payment reads a row. A row that cannot be read gives what could be (its id,
// so that doubles are found) with an error that has Fields.
func (c *CSV) payment(values []string, row int) (Instruction, error) {
	if len(values) != c.width {
		return Instruction{}, errs.WithFields("BANKFILE_ROWS_REFUSED", []errs.Field{{
			File: c.name, Row: row, Code: "BANKFILE_CSV_WIDTH", Args: errs.Pairs("want", c.width, "got", len(values)),
		}})
	}
	get := func(column string) string { return strings.Trim(values[c.columns[column]], " ") }
	p := Instruction{
		Row: row, EndToEndID: get("end_to_end_id"), Name: get("name"), Account: get("account"),
		BankCode: get("bank_code"), IDNumber: get("id_number"), Remark: get("remark"),
	}
	digits := get("amount")
	amount, err := parseAmount(digits)
	if err != nil {
		return p, errs.WithFields("BANKFILE_ROWS_REFUSED", []errs.Field{{
			File: c.name, Row: row, Column: "amount", Value: record.Clip(digits), Code: "BANKFILE_CSV_AMOUNT",
		}})
	}
	p.Amount = amount
	return p, nil
}

// parseAmount is money.Parse with a short way for plain digits, which nearly
// all amounts are: a million rows are read three times.
func parseAmount(s string) (money.Fen, error) {
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	n := len(s)
	plain := n > 0 && n <= 15 && digit(s[0]) && digit(s[n-1]) && (s[0] != '0' || n == 1 || s[1] == '.')
	if !plain {
		return money.Parse(s)
	}
	if a, ok := record.ParseAmount(s); ok {
		if f, ok := a.Fen(); ok {
			return f, nil
		}
	}
	return money.Parse(s)
}
