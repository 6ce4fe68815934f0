package simbank

import (
	"strconv"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// numbers of results: the first, and the answer to a query (查询).
const (
	firstResult = 1
	queryResult = 2
)

const (
	codeOK = "0000"
	textOK = "成功"
)

// listed are the instructions that a result speaks about.
func (o *order) listed(no int) []*instruction {
	var list []*instruction
	for i := range o.lines {
		if f := o.lines[i].fate; f != fateLost && (f == fateForgotten) == (no == queryResult) {
			list = append(list, &o.lines[i])
		}
	}
	return list
}

// tally counts and sums the instructions of a result.
type tally struct {
	count, okCount, failCount int
	sum, okSum, failSum       Fen
}

func tallyOf(list []*instruction) tally {
	var t tally
	for _, l := range list {
		t.count++
		t.sum += l.amount
		if l.fate == fateFailed {
			t.failCount++
			t.failSum += l.amount
		} else {
			t.okCount++
			t.okSum += l.amount
		}
	}
	return t
}

// result writes result number no of the order in the format of its file.
func (o *order) result(no int, day Day) File {
	list := o.listed(no)
	f := File{Name: o.fileID + ".R" + strconv.Itoa(no), Lines: len(list)}
	if o.profile == ProfilePain001 {
		f.Name += ".xml"
		f.Profile = ProfilePain002
		f.Bytes = statusReport(o, no, day, list)
		return f
	}
	f.Name += ".txt"
	f.Profile = ProfileDaifaResult
	f.Bytes = daifaResult(o, no, day, list)
	return f
}

// daifaResult writes a 回盘文件: totals of the lines that follow, one line for
// each payment named, GBK and CRLF.
func daifaResult(o *order, no int, day Day, list []*instruction) []byte {
	t := tallyOf(list)
	out := make([]byte, 0, 96*(len(list)+2))
	out = fields(out, "R", daifaVersion, o.fileID, strconv.Itoa(no),
		strconv.Itoa(t.count), t.sum.String(), strconv.Itoa(t.okCount), t.okSum.String(),
		strconv.Itoa(t.failCount), t.failSum.String(), day.compact())
	texts := gbkTexts()
	for _, l := range list {
		code, text := codeOK, textOK
		if l.fate == fateFailed {
			code, text = l.reason.code, l.reason.text
		}
		out = fields(out, "L", strconv.Itoa(l.seq), l.endToEnd, l.account, l.amount.String(), code, texts[text])
	}
	return fields(out, "T", strconv.Itoa(t.count), t.sum.String())
}

func fields(out []byte, f ...string) []byte {
	for i, s := range f {
		if i > 0 {
			out = append(out, '|')
		}
		out = append(out, s...)
	}
	return append(out, '\r', '\n')
}

// gbkTexts are the texts of a result in GBK; all of them are in the GBK set, which a test says.
func gbkTexts() map[string]string {
	texts := map[string]string{}
	add := func(s string) {
		if gbk, err := simplifiedchinese.GBK.NewEncoder().String(s); err == nil {
			texts[s] = gbk
		}
	}
	add(textOK)
	for _, r := range failureReasons() {
		add(r.text)
	}
	return texts
}
