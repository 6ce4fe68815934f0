package mt

import (
	"regexp"
	"slices"
	"strings"

	"fenlu/bankfiles/record"
)

// details is what the :86: of an entry says, in whichever of its styles.
type details struct {
	code      string // Geschäftsvorfallcode: 159
	booking   string // booking text
	text      string // all of it that is for people
	endToEnd  string
	ownRef    string
	reason    string // of a return
	message   string // of a return, in words
	name      string
	account   string
	bank      string
	remark    string
	returned  bool // says itself that money came back
	reasonKey string
}

// parseDetails reads :86:. Three styles are met: subfields of two digits
// (008?00DAUERAUFTRAG?20…, any sign for the question mark), words between
// slashes (/EREF/…/NAME/…), and a text.
func parseDetails(lines []string) details {
	joined := strings.Join(lines, "")
	if m := subfieldsForm.FindStringSubmatch(joined); m != nil {
		return subfields(m[1], m[2][:len(m[2])-2], joined[strings.Index(joined, m[1])+3:])
	}
	if slashed.MatchString(joined) && strings.HasPrefix(joined, "/") {
		return slashes(joined)
	}
	return details{text: strings.Join(lines, " ")}
}

var subfieldsForm = regexp.MustCompile(`^\s*(\d{3})([^0-9A-Za-z\s]\d\d)`)

// subfields cuts at the sign before two digits.
func subfields(code, sign, s string) details {
	parts := map[string]string{}
	for key := ""; s != ""; {
		i := nextSubfield(s, sign)
		parts[key] += s[:i]
		if s = s[i:]; s != "" {
			key, s = s[len(sign):len(sign)+2], s[len(sign)+2:]
		}
	}
	d := details{code: code, booking: parts["00"], bank: parts["30"], account: record.First(parts["38"], parts["31"]),
		name: strings.TrimSpace(parts["32"] + parts["33"]), reasonKey: parts["34"]}
	purpose := ""
	for _, k := range purposes {
		purpose += parts[k]
	}
	d.purpose(purpose)
	d.text = strings.TrimSpace(d.booking + " " + purpose)
	return d
}

// purposes are the subfields of the remittance information, in order.
var purposes = []string{"20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "60", "61", "62", "63"}

// nextSubfield is where the next one begins, or the length of s.
func nextSubfield(s, sign string) int {
	for i := 0; i < len(s); i++ {
		j := strings.Index(s[i:], sign)
		if j < 0 {
			break
		}
		i += j
		if rest := s[i+len(sign):]; len(rest) >= 2 && record.AllDigits(rest[:2]) {
			return i
		}
	}
	return len(s)
}

// marks begin the parts of a SEPA remittance.
var marks = []string{"EREF+", "KREF+", "SVWZ+", "MREF+", "CRED+", "DEBT+", "COAM+", "OAMT+", "ABWA+", "ABWE+", "IBAN+", "BIC+", "MTLG:"}

// nextMark finds the first mark in s and where its value begins; at the end of
// s there is none.
func nextMark(s string) (mark string, at, value int) {
	for i := range len(s) {
		if s[i] != '+' && s[i] != ':' {
			continue
		}
		for _, m := range marks {
			if strings.HasSuffix(s[:i+1], m) {
				return m[:len(m)-1], i + 1 - len(m), i + 1
			}
		}
	}
	return "", len(s), len(s)
}

func (d *details) purpose(s string) {
	mark, _, begin := nextMark(s)
	if mark == "" {
		d.remark = strings.TrimSpace(s)
	}
	for mark != "" {
		s = s[begin:]
		next, at, after := nextMark(s)
		value := strings.TrimSpace(s[:at])
		switch mark {
		case "EREF":
			d.endToEnd = value
		case "KREF":
			d.ownRef = value
		case "SVWZ":
			d.remark = value
		case "MTLG":
			d.message = value
		case "IBAN":
			d.account = record.First(d.account, value)
		case "BIC":
			d.bank = record.First(d.bank, value)
		}
		mark, begin = next, after
	}
}

// slashed are the words that banks put between slashes.
var slashed = regexp.MustCompile(`/(EREF|PREF|MARF|CSID|BENM|ORDP|ULTD|ULTC|NAME|ID|ADDR|REMI|ISDT|TRTP|IBAN|BIC|RTRN|PURP|CNTP|TRCD|SVCL|INST|CREF|IREF|PY|PT)/`)

func slashes(s string) details {
	d := details{text: s}
	at := slashed.FindAllStringSubmatchIndex(s, -1)
	for i, m := range at {
		end := len(s)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		value := strings.Trim(s[m[1]:end], "/ ")
		switch s[m[2]:m[3]] {
		case "EREF":
			d.endToEnd = value
		case "PREF", "IREF", "CREF":
			d.ownRef = record.First(d.ownRef, value)
		case "NAME":
			d.name = record.First(d.name, value)
		case "IBAN":
			d.account = value
		case "BIC":
			d.bank = value
		case "REMI":
			d.remark = strings.TrimPrefix(value, "USTD//")
		case "TRTP":
			d.booking = value
		case "CNTP":
			d.counterparty(value)
		case "RTRN":
			d.returned = true
			d.reason, d.message, _ = strings.Cut(value, "/")
		}
	}
	return d
}

// counterparty is account, bank, name and town between slashes.
func (d *details) counterparty(s string) {
	parts := append(strings.Split(s, "/"), "", "", "")
	d.account, d.bank, d.name = strings.TrimSpace(parts[0]), strings.TrimSpace(parts[1]), strings.TrimSpace(parts[2])
}

// returnCodes are the transactions of the German list that bring money back:
// direct debits (108, 109, 111), credit transfers (159), cheques (183).
var returnCodes = []string{"108", "109", "111", "159", "183"}

// returnWords are what Chinese banks write of money that came back.
var returnWords = []string{"退汇", "退票"}

// details completes the entry from its :86:.
func (e *entry) details(d details) {
	e.Name, e.Account, e.BankCode, e.Remark = d.name, d.account, d.bank, d.remark
	if d.endToEnd != "NOTPROVIDED" && d.endToEnd != "NONREF" {
		e.EndToEndID = d.endToEnd
	}
	e.InstructionID = record.First(e.InstructionID, d.ownRef)
	e.AdditionalInfo = strings.TrimSpace(strings.Join(append(e.info, d.text), " "))
	e.ReasonText = d.booking
	if !e.isReturn(d) {
		return
	}
	e.Kind = record.KindReturn
	e.Reason = d.reason
	if e.Reason == "" && len(d.reasonKey) == 3 && d.reasonKey[0] == '9' {
		e.Reason = d.reasonKey
	}
	e.ReasonText = record.First(d.message, d.remark, e.AdditionalInfo)
}

// isReturn says whether money that we had paid came back. What we send back
// to others (a debit) is an entry.
func (e *entry) isReturn(d details) bool {
	if e.Direction != record.Credit {
		return false
	}
	says := func(word string) bool { return strings.Contains(e.AdditionalInfo, word) }
	return e.code != "" && e.code[1:] == "RTI" || d.returned || slices.Contains(returnCodes, d.code) || slices.ContainsFunc(returnWords, says)
}
