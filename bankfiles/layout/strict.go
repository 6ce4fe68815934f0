package layout

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"fenlu/bankfiles/record"
	"fenlu/internal/errs"
)

// MaxProfile is the largest profile that is read, in bytes.
const MaxProfile = 256 << 10

// strict decodes YAML into a struct and collects every problem with its line:
// keys that the struct does not have or that stand twice, values of another
// type. It remembers the line of each value, by its path, for what is checked
// afterwards.
type strict struct {
	problems []errs.Field
	lines    map[string]int
	broken   bool // there was nothing to decode
}

func (d *strict) report(line int, path, value, code string, args ...any) {
	d.problems = append(d.problems, errs.Field{Row: line, Column: path, Value: record.Clip(value), Code: code, Args: errs.Pairs(args...)})
}

// at reports a problem of a value that was decoded: at its line, or at that of
// what holds it. One problem of a value is enough.
func (d *strict) at(path, value, code string, args ...any) {
	if slices.ContainsFunc(d.problems, func(f errs.Field) bool { return f.Column == path }) {
		return
	}
	line := 0
	for p := path; line == 0 && p != ""; p = p[:max(strings.LastIndexAny(p, ".["), 0)] {
		line = d.lines[p]
	}
	d.report(max(line, 1), path, value, code, args...)
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// decode reads one document into v.
func (d *strict) decode(r io.Reader, v any) error {
	d.lines = map[string]int{}
	data, err := io.ReadAll(io.LimitReader(r, MaxProfile+1))
	if err != nil {
		return err
	}
	d.broken = true
	if len(data) > MaxProfile {
		d.report(1, "", "", "BANKFILE_YAML_LARGE", "limit", MaxProfile)
		return nil
	}
	var doc yaml.Node
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	if err := dec.Decode(&doc); err != nil {
		d.syntax(err)
		return nil
	}
	d.broken = doc.Content[0].Kind != yaml.MappingNode
	d.value(doc.Content[0], reflect.ValueOf(v).Elem(), "")
	var second yaml.Node
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		d.report(max(second.Line, 1), "", "", "BANKFILE_YAML_TWO")
	}
	return nil
}

func (d *strict) syntax(err error) {
	line := 1
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1]) // digits, as matched
	}
	d.report(line, "", strings.TrimPrefix(err.Error(), "yaml: "), "BANKFILE_YAML_SYNTAX")
}

func (d *strict) value(n *yaml.Node, v reflect.Value, path string) {
	if d.lines[path] == 0 {
		d.lines[path] = n.Line
	}
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		d.report(n.Line, path, "", "BANKFILE_YAML_ALIAS")
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), path)
	case reflect.Struct:
		d.mapping(n, path, func(key string, child *yaml.Node) {
			if f, ok := fieldOf(v, key); ok {
				d.value(child, f, join(path, key))
				return
			}
			d.report(d.lines[join(path, key)], join(path, key), "", "BANKFILE_YAML_KEY")
		})
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		d.mapping(n, path, func(key string, child *yaml.Node) {
			e := reflect.New(v.Type().Elem()).Elem()
			d.value(child, e, join(path, key))
			v.SetMapIndex(reflect.ValueOf(key), e)
		})
	case reflect.Slice:
		d.list(n, v, path)
	default:
		d.scalar(n, v, path)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// fieldOf finds the field by its yaml tag.
func fieldOf(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if tag := v.Type().Field(i).Tag.Get("yaml"); tag != "" && tag == key {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func (d *strict) mapping(n *yaml.Node, path string, fn func(key string, child *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.report(n.Line, path, n.Value, "BANKFILE_YAML_TYPE", "want", "key: value")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode || key.Tag == "!!merge":
			d.report(key.Line, path, key.Value, "BANKFILE_YAML_TYPE", "want", "key")
		case seen[key.Value]:
			d.report(key.Line, join(path, key.Value), "", "BANKFILE_YAML_TWICE")
		default:
			seen[key.Value] = true
			d.lines[join(path, key.Value)] = key.Line
			fn(key.Value, n.Content[i+1])
		}
	}
}

func (d *strict) list(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		d.report(n.Line, path, n.Value, "BANKFILE_YAML_TYPE", "want", "[ … ]")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, child := range n.Content {
		d.value(child, v.Index(i), fmt.Sprintf("%s[%d]", path, i+1))
	}
}

// scalar takes a text as it is written, so that 0000 keeps its zeros.
func (d *strict) scalar(n *yaml.Node, v reflect.Value, path string) {
	var want string
	var ok bool
	switch v.Kind() {
	case reflect.Int:
		want = "123"
		i, err := strconv.Atoi(n.Value)
		if ok = n.Tag == "!!int" && err == nil; ok {
			v.SetInt(int64(i))
		}
	case reflect.Bool:
		want = "true, false"
		if ok = n.Tag == "!!bool" && (n.Value == "true" || n.Value == "false"); ok {
			v.SetBool(n.Value == "true")
		}
	default:
		want = "\"…\""
		if ok = n.Kind == yaml.ScalarNode && n.Tag != "!!null"; ok {
			v.SetString(n.Value)
		}
	}
	if !ok {
		d.report(n.Line, path, n.Value, "BANKFILE_YAML_TYPE", "want", want)
	}
}
