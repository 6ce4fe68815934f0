package simbank

import (
	"bytes"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Two forms of lines: cells set apart by a delimiter, and cells of fixed width in
// bytes of GBK.

func delimited() form { return form{read: readDelimited, write: writeDelimited} }

func fixedWidth() form { return form{read: readFixed} }

// wholeLines splits a text into its lines, each of which ends as agreed.
func wholeLines(text, end string, r *refusals) ([]string, bool) {
	if !strings.HasSuffix(text, end) {
		r.add(0, refuseFormat, "文件最后一行没有以约定的行尾结束")
		return nil, false
	}
	lines := strings.Split(strings.TrimSuffix(text, end), end)
	for i, l := range lines {
		if strings.ContainsFunc(l, unicode.IsControl) {
			r.add(i+1, refuseFormat, "含有控制字符，或行尾不符合约定")
		}
	}
	return lines, !r.any()
}

func readDelimited(l *layout, raw []byte, r *refusals) (grid, bool) {
	text, ok := decodeGBK(raw, r)
	if !ok {
		return grid{}, false
	}
	lines, ok := wholeLines(text, l.end, r)
	if !ok {
		return grid{}, false
	}
	heads, tails := 0, 0
	if l.head != nil {
		heads = 1
	}
	if l.tail != nil {
		tails = 1
	}
	if len(lines) < heads+1+tails {
		r.add(0, refuseFormat, "缺少文件头、明细或文件尾")
		return grid{}, false
	}
	var g grid
	for i, line := range lines {
		switch {
		case i < heads:
			g.head = l.split(line, l.head, i+1, r)
		case i >= len(lines)-tails:
			g.tail = l.split(line, l.tail, i+1, r)
		default:
			g.at = append(g.at, i+1)
			g.rows = append(g.rows, l.split(line, l.each, i+1, r))
		}
	}
	return g, !r.any()
}

func (l *layout) split(line string, want []cell, at int, r *refusals) []string {
	f := strings.Split(line, l.between)
	if len(f) != len(want) {
		r.add(at, refuseFormat, "应有"+decimal(len(want))+"个字段，实有"+decimal(len(f))+"个")
	}
	return f
}

func writeDelimited(l *layout, _ string, g grid) string {
	var out strings.Builder
	line := func(values []string) {
		if values != nil {
			out.WriteString(strings.Join(values, l.between) + l.end)
		}
	}
	line(g.head)
	for _, row := range g.rows {
		line(row)
	}
	line(g.tail)
	return out.String()
}

// readFixed cuts lines by bytes, before they are decoded: a Chinese character has two.
func readFixed(l *layout, raw []byte, r *refusals) (grid, bool) {
	if !bytes.HasSuffix(raw, []byte(l.end)) {
		r.add(0, refuseFormat, "文件最后一行没有以约定的行尾结束")
		return grid{}, false
	}
	var g grid
	for i, line := range bytes.Split(bytes.TrimSuffix(raw, []byte(l.end)), []byte(l.end)) {
		g.at = append(g.at, i+1)
		g.rows = append(g.rows, cut(l.each, line, i+1, r))
	}
	return g, !r.any()
}

func cut(want []cell, line []byte, at int, r *refusals) []string {
	width := 0
	for _, c := range want {
		width += c.width
	}
	if len(line) != width {
		r.add(at, refuseFormat, "行长应为"+decimal(width)+"字节，实为"+decimal(len(line))+"字节")
		return nil
	}
	values := make([]string, len(want))
	for i, c := range want {
		text, ok := decodeGBK(line[:c.width], r)
		line = line[c.width:]
		padded := strings.TrimRight(text, " ")
		if c.word == "amount" {
			padded = strings.TrimLeft(text, " ") // numbers stand on the right
		}
		if !ok || strings.TrimSpace(padded) != padded {
			r.add(at, refuseFormat, "第"+decimal(i+1)+"个字段的填充方向错误，或不是有效的GBK编码")
		}
		values[i] = padded
	}
	return values
}

// gbkLen is how many bytes of GBK a text has.
func gbkLen(s string) int {
	out, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		return len(s) * 2
	}
	return len(out)
}
