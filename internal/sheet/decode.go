package sheet

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"fenlu/internal/errs"
	"fenlu/money"
)

// setter puts the text of a cell into a field.
type setter func(field reflect.Value, text, format string) badValue

type planField struct {
	index  []int
	column int // position in the layout
	set    setter
}

// plan says which cells of one file go into which fields of one type.
type plan []planField

// Decode reads a row into a struct whose fields carry `sheet:"key"` tags:
// string, money.Fen (yuan in the cell), time.Time (a date), int64, int, bool,
// and string with `sheet:"key,month"` (a service month). Empty cells leave
// the zero value; empty required ones and unreadable values go to p as
// SHEET_REQUIRED, SHEET_AMOUNT, SHEET_DATE … It returns false if it added a
// problem; the cells that could be read are in the value all the same. A tag that the layout does not declare is a fault of the program
// and panics.
func Decode[T any](row Row, p *Problems) (T, bool) {
	var out T
	ok := true
	if s := row.stray(); s != "" {
		p.Add(errs.Field{File: row.file.Name, Row: row.Number, Value: shown(Column{}, s), Code: "SHEET_STRAY_CELL"})
		ok = false
	}
	v := reflect.ValueOf(&out).Elem()
	for _, f := range row.file.planFor(v.Type()) {
		if !decodeField(row, f, v, p) {
			ok = false
		}
	}
	return out, ok
}

func decodeField(row Row, f planField, v reflect.Value, p *Problems) bool {
	col := row.file.head.layout.Columns[f.column]
	text := row.cell(f.column)
	bad := badValue("")
	switch {
	case text != "":
		bad = f.set(v.FieldByIndex(f.index), text, row.file.Format)
	case col.Required:
		bad = "SHEET_REQUIRED"
	}
	if bad == "" {
		return true
	}
	p.cannotRead(errs.Field{
		File: row.file.Name, Row: row.Number, Column: col.ZH,
		Value: shown(col, text), Code: string(bad),
	})
	return false
}

func (f *File) planFor(t reflect.Type) plan {
	if p, ok := f.plans[t]; ok {
		return p
	}
	var p plan
	for _, sf := range reflect.VisibleFields(t) {
		key, option, _ := strings.Cut(sf.Tag.Get("sheet"), ",")
		if key == "" || key == "-" {
			continue
		}
		column := -1
		for i, c := range f.head.layout.Columns {
			if c.Key == key {
				column = i
			}
		}
		if column < 0 {
			panic(fmt.Sprintf("sheet: %s.%s names column %q, which layout %s does not have", t, sf.Name, key, f.head.layout.Name))
		}
		p = append(p, planField{index: sf.Index, column: column, set: setterFor(t, sf, option)})
	}
	f.plans[t] = p
	return p
}

var (
	fenType  = reflect.TypeFor[money.Fen]()
	timeType = reflect.TypeFor[time.Time]()
)

func setterFor(t reflect.Type, sf reflect.StructField, option string) setter {
	switch {
	case sf.Type == fenType:
		return setAmount
	case sf.Type == timeType:
		return setDate
	case sf.Type.Kind() == reflect.String && option == "month":
		return setMonth
	case sf.Type.Kind() == reflect.String:
		return setText
	case sf.Type.Kind() == reflect.Bool:
		return setBool
	case sf.Type.Kind() == reflect.Int64, sf.Type.Kind() == reflect.Int:
		return setWhole
	}
	panic(fmt.Sprintf("sheet: %s.%s has type %s, which no cell can fill", t, sf.Name, sf.Type))
}

func setText(v reflect.Value, s, _ string) badValue {
	text, bad := textValue(s)
	v.SetString(text)
	return bad
}

func setAmount(v reflect.Value, s, format string) badValue {
	f, bad := amountValue(s, format)
	v.SetInt(int64(f))
	return bad
}

func setDate(v reflect.Value, s, format string) badValue {
	d, bad := dateValue(s, format)
	v.Set(reflect.ValueOf(d))
	return bad
}

func setMonth(v reflect.Value, s, format string) badValue {
	m, bad := monthValue(s, format)
	v.SetString(m)
	return bad
}

func setWhole(v reflect.Value, s, _ string) badValue {
	n, bad := wholeValue(s)
	v.SetInt(n)
	return bad
}

func setBool(v reflect.Value, s, _ string) badValue {
	b, bad := boolValue(s)
	v.SetBool(b)
	return bad
}

// Record is one decoded row.
type Record[T any] struct {
	Row   int // 1-based, as the spreadsheet shows it
	Value T
}

// Table is a whole decoded file.
type Table[T any] struct {
	File    string   // base name
	SHA256  string   // digest of its bytes
	Unknown []string // headers that were ignored
	Rows    []Record[T]
}

// Check looks at one decoded row and reports what is wrong with it, usually
// with row.Problem. It sees rows with unread cells too (Problems.Read).
type Check[T any] func(row Row, value *T, p *Problems)

// Read opens, decodes and checks a whole file. check may be nil. Where anything is wrong the result is nil and the error
// lists every problem (SHEET_PROBLEMS), or says why the file cannot be read.
func Read[T any](ctx context.Context, path string, l Layout, opt Options, check Check[T]) (*Table[T], error) {
	f, err := Open(path, l, opt)
	if err != nil {
		return nil, err
	}
	t, err := readAll(ctx, f, check)
	if errClose := f.Close(); err == nil && errClose != nil {
		return nil, errs.Wrap(errClose, errs.Invalid, "SHEET_OPEN", "file", f.Name)
	}
	return t, err
}

func readAll[T any](ctx context.Context, f *File, check Check[T]) (*Table[T], error) {
	t := &Table[T]{File: f.Name, SHA256: f.SHA256, Unknown: f.Unknown}
	p := NewProblems(f.opt.Problems)
	for row, err := range f.Rows() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		v, _ := Decode[T](row, p)
		if check != nil {
			check(row, &v, p)
		}
		t.Rows = append(t.Rows, Record[T]{Row: row.Number, Value: v})
	}
	if err := p.Err(f.Name); err != nil {
		return nil, err
	}
	if len(t.Rows) == 0 {
		return nil, errs.New(errs.Invalid, "SHEET_NO_ROWS", "file", f.Name)
	}
	return t, nil
}
