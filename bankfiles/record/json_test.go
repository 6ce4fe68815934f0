package record

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// Every field of an item stands in its line as encoding/json would write it: a
// new field that is forgotten here fails this test.
func TestAppendJSON_is_encoding_json(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		it := &Item{}
		fill(t, reflect.ValueOf(it).Elem())
		rec := Record{Type: TypeItem, Item: it}
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(rec); err != nil {
			t.Fatal(err)
		}
		got, err := rec.AppendJSON([]byte("before"))
		if err != nil || "before"+want.String() != string(got)+"\n" {
			t.Fatalf("%v\ngot  %s\nwant %s", err, got, want.String())
		}
	})
}

// fill draws something for every field.
func fill(t *rapid.T, v reflect.Value) {
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		switch f.Kind() {
		case reflect.String:
			f.SetString(rapid.OneOf(rapid.Just(""), rapid.StringN(0, 12, 40), rapid.SampledFrom([]string{"a<b>&\"\\", "张三\u2028", "\x00\t\r\n\x7f", "\xff", "𠮷"})).Draw(t, name))
		case reflect.Int, reflect.Int64:
			f.SetInt(int64(rapid.IntRange(-3, 1000).Draw(t, name)))
		case reflect.Bool:
			f.SetBool(rapid.Bool().Draw(t, name))
		case reflect.Struct:
			fill(t, f)
		default:
			t.Fatalf("%s is a %s", name, f.Kind())
		}
	}
}
