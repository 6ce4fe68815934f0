package simbank

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func decimal(n int) string { return strconv.Itoa(n) }

const (
	daifaVersion     = "1.0"
	daifaHeadFields  = 8 // H|version|file id|account|name|count|sum|date
	daifaLineFields  = 9 // D|seq|end-to-end|account|name|bank|ID number|amount|remark
	daifaTrailFields = 3 // T|count|sum
)

// daifaReader walks the lines of one cn.daifa.gbk file.
type daifaReader struct {
	order *order
	bad   *refusals
}

// readDaifa reads a batch text as strictly as a bank: GBK, CRLF after every
// line, nothing before the header or after the trailer.
func readDaifa(raw []byte, r *refusals) *order {
	o := &order{profile: ProfileDaifa, broken: true}
	text, ok := decodeGBK(raw, r)
	if !ok {
		return o
	}
	if !strings.HasSuffix(text, "\r\n") {
		r.add(0, refuseFormat, "文件最后一行没有以回车换行结束")
		return o
	}
	lines := strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n")
	for i, l := range lines {
		if strings.ContainsFunc(l, unicode.IsControl) {
			r.add(i+1, refuseFormat, "含有控制字符，或行尾不是回车换行")
		}
	}
	if len(lines) < 2 {
		r.add(0, refuseFormat, "缺少文件头或文件尾")
	}
	if r.any() {
		return o
	}
	d := daifaReader{order: o, bad: r}
	d.header(lines[0])
	body := lines[1 : len(lines)-1]
	o.lines = make([]instruction, 0, len(body))
	for i, l := range body {
		d.line(i+2, l)
	}
	d.trailer(len(lines), lines[len(lines)-1])
	return o
}

// decodeGBK accepts only bytes that a GBK writer would have written: what does
// not come back as the same bytes was damaged or is in another character set.
func decodeGBK(raw []byte, r *refusals) (string, bool) {
	text, err := simplifiedchinese.GBK.NewDecoder().Bytes(raw)
	if err == nil && !bytes.ContainsRune(text, utf8.RuneError) {
		var back []byte
		if back, err = simplifiedchinese.GBK.NewEncoder().Bytes(text); err == nil && bytes.Equal(back, raw) {
			return string(text), true
		}
	}
	at := 0
	if i := bytes.IndexRune(text, utf8.RuneError); i >= 0 {
		at = bytes.Count(text[:i], []byte("\n")) + 1
	}
	r.add(at, refuseFormat, "不是有效的GBK编码")
	return "", false
}

func (d *daifaReader) fields(at int, line, kind string, want int) ([]string, bool) {
	f := strings.Split(line, "|")
	if f[0] != kind {
		d.bad.add(at, refuseFormat, "行类型应为"+kind)
		return nil, false
	}
	if len(f) != want {
		d.bad.add(at, refuseFormat, "应有"+decimal(want)+"个字段，实有"+decimal(len(f))+"个")
		return nil, false
	}
	return f, true
}

func (d *daifaReader) header(line string) {
	f, ok := d.fields(1, line, "H", daifaHeadFields)
	if !ok {
		return
	}
	o := d.order
	o.broken = false
	if f[1] != daifaVersion {
		d.bad.add(1, refuseFormat, "版本号应为"+daifaVersion)
	}
	o.fileID, o.account, o.debtor = f[2], f[3], f[4]
	if badSpaces(o.debtor) {
		d.bad.add(1, refuseFormat, "付款户名首尾有空格或含有特殊空格")
	}
	o.count, o.sum = d.totals(1, f[5], f[6])
	if o.requested, ok = parseCompactDay(f[7]); !ok {
		d.bad.add(1, refuseFormat, "日期须为yyyymmdd")
	}
}

func (d *daifaReader) line(at int, line string) {
	f, ok := d.fields(at, line, "D", daifaLineFields)
	if !ok {
		return
	}
	i := instruction{at: at, endToEnd: f[2], account: f[3], name: f[4], bankCode: f[5]}
	if i.seq, ok = parseCount(f[1]); !ok || i.seq != at-1 {
		d.bad.add(at, refuseFormat, "序号应为"+decimal(at-1))
	}
	if badSpaces(i.name) {
		d.bad.add(at, refuseFormat, "收款户名首尾有空格或含有特殊空格")
	}
	if len(f[6]) > maxPapersLen || !all(f[6], isAlnumDash) {
		d.bad.add(at, refuseFormat, "证件号码格式错误")
	}
	if !isText(f[8]) {
		d.bad.add(at, refuseFormat, "附言过长或含有不允许的字符")
	}
	if i.amount, ok = parseYuan(f[7]); !ok {
		d.bad.add(at, refuseFormat, "金额须为两位小数的元")
		return
	}
	d.order.lines = append(d.order.lines, i)
}

func (d *daifaReader) trailer(at int, line string) {
	f, ok := d.fields(at, line, "T", daifaTrailFields)
	if !ok {
		return
	}
	count, sum := d.totals(at, f[1], f[2])
	if count != d.order.count || sum != d.order.sum {
		d.bad.add(at, refuseTotals, "文件尾的笔数或金额与文件头不符")
	}
}

func (d *daifaReader) totals(at int, count, sum string) (int, Fen) {
	n, ok := parseCount(count)
	if !ok {
		d.bad.add(at, refuseFormat, "笔数格式错误")
	}
	s, ok := parseYuan(sum)
	if !ok {
		d.bad.add(at, refuseFormat, "合计金额须为两位小数的元")
	}
	return n, s
}

// badSpaces says whether a name has spaces around it, or others inside it than
// the plain one.
func badSpaces(name string) bool {
	return strings.TrimSpace(name) != name ||
		strings.ContainsFunc(name, func(r rune) bool { return r != ' ' && unicode.IsSpace(r) })
}
