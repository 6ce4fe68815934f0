package leaf

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads canonical bytes back. It accepts exactly what Bytes writes of a
// leaf with proper names: anything else, were it only another way to say the
// same, is an error that names the line.
func Parse(b []byte) (*Leaf, error) {
	lines, err := split(b)
	if err != nil {
		return nil, err
	}
	l, err := parseHead(lines[0])
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i, line := range lines[1:] {
		name, value, ok := strings.Cut(line, "\t")
		if !ok || !isWord(name) || seen[name] || strings.Contains(value, "\t") {
			return nil, fmt.Errorf("line %d: not a new field", i+2)
		}
		seen[name] = true
		l.Text(name, unescape(value))
	}
	if !bytes.Equal(l.Bytes(), b) {
		return nil, errors.New("not in canonical form")
	}
	return l, nil
}

// ParsePart reads the canonical bytes of one part back, as strictly.
func ParsePart(b []byte) ([]string, error) {
	lines, err := split(b)
	if err != nil {
		return nil, err
	}
	if len(lines) != 1 {
		return nil, errors.New("not one line")
	}
	var again Part
	fields := strings.Split(lines[0], "\t")
	for i, f := range fields {
		fields[i] = unescape(f)
		again.Text(fields[i])
	}
	if !bytes.Equal(again.Bytes(), b) {
		return nil, errors.New("not in canonical form")
	}
	return fields, nil
}

// split cuts text into its lines, each of which ends in LF.
func split(b []byte) ([]string, error) {
	if !utf8.Valid(b) {
		return nil, errors.New("not UTF-8")
	}
	text, ended := strings.CutSuffix(string(b), "\n")
	if !ended {
		return nil, errors.New("does not end in LF")
	}
	return strings.Split(text, "\n"), nil
}

func parseHead(line string) (*Leaf, error) {
	words := strings.Split(line, " ")
	if len(words) != 3 || words[0] != "fenlu" || !isWord(words[1]) || !strings.HasPrefix(words[2], "v") {
		return nil, errors.New("line 1: not fenlu KIND vVERSION")
	}
	version, err := strconv.Atoi(words[2][1:])
	if err != nil || version < 1 {
		return nil, errors.New("line 1: not a version")
	}
	return New(words[1], version), nil
}

func isWord(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return s != ""
}

var unescaper = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")

// unescape turns the four escapes back; comparing what is written again finds
// a backslash that was none of them.
func unescape(s string) string { return unescaper.Replace(s) }
