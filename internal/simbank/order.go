package simbank

import (
	"slices"
	"strings"
	"unicode"
)

// Profile names of the files the bank takes and gives.
const (
	// ProfileDaifa is the Chinese batch text (代发文件).
	ProfileDaifa = "cn.daifa.gbk"
	// ProfileDaifaResult is its result (回盘文件).
	ProfileDaifaResult = "cn.daifa.result"
	// ProfilePain001 is the ISO 20022 credit transfer initiation.
	ProfilePain001 = "pain.001.001.09"
	// ProfilePain002 is the ISO 20022 payment status report.
	ProfilePain002 = "pain.002.001.10"
	// ProfileCamt053 is the ISO 20022 account statement.
	ProfileCamt053 = "camt.053.001.08"
)

// order is one payment file as the bank understood it.
type order struct {
	profile    string
	fileID     string // header id of the batch text, MsgId of pain.001
	pmtInfID   string // pain.001 only
	created    string // CreDtTm as written, pain.001 only
	account    string // debtor account
	debtor     string
	nameless   bool // its format has no place for the debtor's name
	requested  Day
	count      int
	sum        Fen
	lines      []instruction
	broken     bool   // not taken apart far enough to judge its payments
	digest     string // SHA-256 of the file, hex
	bookedOn   Day
	bookedSum  Fen
	bookedRows int
}

// instruction is one payment of an order.
type instruction struct {
	seq      int // place in the file, from 1
	at       int // line of the file, for refusals
	endToEnd string
	account  string
	name     string
	bankCode string // empty: at this bank
	amount   Fen
	fate     fate
	reason   *reason // why it failed or came back
}

// isBooked says whether the bank took money from the debtor for it.
func (i *instruction) isBooked() bool { return i.fate.course().share != shareNone }

// booked is what the bank took from the debtor for it, in fen.
func (i *instruction) booked() Fen {
	switch i.fate.course().share {
	case shareWhole:
		return i.amount
	case shareHalf:
		return i.amount - i.amount/2
	case shareNone:
	}
	return 0
}

// comesBack says whether the money is returned one day.
func (i *instruction) comesBack() bool { return i.fate.course().back != backNever }

// Refusal is one reason why a whole file was refused.
type Refusal struct {
	// Line of the file, from 1; 0 when it concerns the whole file.
	Line int `json:"line"`
	// Code is the ISO 20022 status reason: DU01 duplicate file, AM05 duplicate
	// payment, AM10 control totals, AM01 amount not above zero, FF01 format.
	Code string `json:"code"`
	// Text says it in Chinese, without names, accounts or ID numbers.
	Text string `json:"text"`
}

const (
	refuseFile    = "DU01"
	refuseTwice   = "AM05"
	refuseTotals  = "AM10"
	refuseZero    = "AM01"
	refuseFormat  = "FF01"
	maxRefusals   = 50
	maxIDLen      = 35
	maxNameRunes  = 140
	maxAcctLen    = 34
	bankCodeLen   = 12
	maxPapersLen  = 35
	currencyLabel = "CNY"
)

// refusals collects reasons; beyond maxRefusals it only remembers that there are some.
type refusals struct{ list []Refusal }

func (r *refusals) add(line int, code, text string) {
	if len(r.list) < maxRefusals {
		r.list = append(r.list, Refusal{Line: line, Code: code, Text: text})
	}
}

func (r *refusals) any() bool { return len(r.list) > 0 }

func (r *refusals) has(code string) bool {
	return slices.ContainsFunc(r.list, func(x Refusal) bool { return x.Code == code })
}

// checkOrder applies the rules that hold for every format, once a file could be read.
// Totals are compared only when every line could be read: a dropped line would
// accuse the header of the line's mistake.
func checkOrder(o *order, r *refusals) {
	readable := !r.has(refuseFormat)
	o.checkParty(r)
	seen := make(map[string]int, len(o.lines))
	var sum Fen
	for i := range o.lines {
		l := &o.lines[i]
		l.checkFields(r)
		if first, twice := seen[l.endToEnd]; twice {
			r.add(l.at, refuseTwice, "端到端标识与第"+decimal(first)+"笔重复")
		}
		seen[l.endToEnd] = l.seq
		var fits bool
		if sum, fits = sum.add(l.amount); !fits {
			r.add(l.at, refuseTotals, "金额合计超出可表示范围")
			return
		}
	}
	if !readable {
		return
	}
	if o.count != len(o.lines) {
		r.add(0, refuseTotals, "文件头笔数"+decimal(o.count)+"与明细笔数"+decimal(len(o.lines))+"不符")
	}
	if o.sum != sum {
		r.add(0, refuseTotals, "文件头金额"+o.sum.String()+"与明细合计"+sum.String()+"不符")
	}
}

func (o *order) checkParty(r *refusals) {
	if !isID(o.fileID) {
		r.add(0, refuseFormat, "文件标识须为1至35位字母、数字或连字符")
	}
	if !isAccount(o.account) {
		r.add(0, refuseFormat, "付款账号格式错误")
	}
	if !o.nameless && !isName(o.debtor) {
		r.add(0, refuseFormat, "付款户名为空、过长或含有不允许的字符")
	}
	if len(o.lines) == 0 {
		r.add(0, refuseFormat, "文件没有明细")
	}
}

func (i *instruction) checkFields(r *refusals) {
	if !isID(i.endToEnd) {
		r.add(i.at, refuseFormat, "端到端标识须为1至35位字母、数字或连字符")
	}
	if !isAccount(i.account) {
		r.add(i.at, refuseFormat, "收款账号格式错误")
	}
	if !isName(i.name) {
		r.add(i.at, refuseFormat, "收款户名为空、过长或含有不允许的字符")
	}
	if i.bankCode != "" && !isBankCode(i.bankCode) {
		r.add(i.at, refuseFormat, "联行号须为12位数字")
	}
	if i.amount <= 0 {
		r.add(i.at, refuseZero, "金额须大于零")
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlnumDash(c byte) bool {
	return isDigit(c) || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-'
}

func all(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func isBankCode(s string) bool { return len(s) == bankCodeLen && all(s, isDigit) }

func isID(s string) bool { return s != "" && len(s) <= maxIDLen && all(s, isAlnumDash) }

func isAccount(s string) bool { return s != "" && len(s) <= maxAcctLen && all(s, isAlnumDash) }

func isName(s string) bool {
	return strings.TrimSpace(s) == s && s != "" && isText(s)
}

// isText says whether s is printable and not too long: no control character,
// no private-use character, no replacement character.
func isText(s string) bool {
	n := 0
	for _, c := range s {
		n++
		if unicode.IsControl(c) || c == unicode.ReplacementChar || unicode.Is(unicode.Co, c) {
			return false
		}
	}
	return n <= maxNameRunes
}
