package layout

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fenlu/bankfiles/order"
	"fenlu/bankfiles/reason"
	"fenlu/bankfiles/record"
	"fenlu/money"
)

// checker looks for what is missing in a profile or contradicts itself.
type checker struct {
	*strict
	p *Profile
}

var (
	profileName = regexp.MustCompile(`^[a-z][a-z0-9]*([.-][a-z0-9]+)*$`)
	recipient   = regexp.MustCompile(`^age1[02-9ac-hj-np-z]{58}$`)
	elementPath = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_.-]*(/[\p{L}_][\p{L}\p{N}_.-]*)*$`)
)

var charsets = map[string]order.Charset{"GBK": order.GBK, "GB18030": order.GB18030, "UTF-8": order.UTF8Bytes}

// check completes the profile with what its keys mean and reports whatever is
// wrong with them, all of it.
func (c *checker) check() {
	c.names()
	c.form()
	c.defaults()
	for _, s := range []section{header, rows, trailer} {
		c.section(s)
	}
	c.marks()
	c.needs()
	c.seal()
	c.results()
}

// oneOf reports a value that is none of the words; an empty one too, unless
// the words have it.
func (c *checker) oneOf(path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.at(path, value, "BANKFILE_YAML_ONE_OF", "want", strings.Trim(strings.Join(allowed, ", "), ", "))
	}
}

func (c *checker) missing(path string) { c.at(path, "", "BANKFILE_YAML_MISSING") }

// only reports a key that the profile's form or kind has no use for.
func (c *checker) only(path string, given, allowed bool, with string) {
	if given && !allowed {
		c.at(path, "", "BANKFILE_YAML_NOT_WITH", "with", with)
	}
}

func (c *checker) names() {
	p := c.p
	if !profileName.MatchString(p.Name) || len(p.Name) > 40 {
		c.at("profile", p.Name, "BANKFILE_YAML_NAME")
	}
	for path, v := range map[string]string{"version": p.Version, "title.zh": p.Title.ZH, "title.en": p.Title.EN} {
		if v == "" {
			c.missing(path)
		}
	}
	c.oneOf("kind", string(p.Kind), string(Instructions), string(Results), string(Refunds), string(Statement))
	c.only("answers", p.Answers != "", p.Kind == Results || p.Kind == Refunds, "kind: "+string(p.Kind))
	c.only("newest_first", p.NewestFirst, p.Kind == Statement, "kind: "+string(p.Kind))
	c.only("return_words", p.ReturnWords != nil, p.Kind == Statement, "kind: "+string(p.Kind))
	c.only("results", p.Results != nil, p.Kind == Results || p.Kind == Refunds, "kind: "+string(p.Kind))
	c.only("max_rows", p.MaxRows != 0, p.Kind == Instructions, "kind: "+string(p.Kind))
	c.only("max_amount", p.MaxAmount != "", p.Kind == Instructions, "kind: "+string(p.Kind))
	c.only("file_name", p.FileName != "", p.Kind == Instructions, "kind: "+string(p.Kind))
	c.only("signature", p.Signature != "", p.Kind == Instructions, "kind: "+string(p.Kind))
	c.only("encrypt_to", p.EncryptTo != nil, p.Kind == Instructions, "kind: "+string(p.Kind))
	c.only("negative", p.Negative != "", p.Kind != Instructions, "kind: "+string(p.Kind))
}

func (c *checker) form() {
	p, with := c.p, "form: "+string(c.p.Form)
	c.oneOf("form", string(p.Form), string(Delimited), string(Fixed), string(XML), string(Table))
	lines := p.Form == Delimited || p.Form == Fixed
	c.only("delimiter", p.Delimiter != "", p.Form == Delimited, with)
	c.only("delimiter_at_end", p.AtEnd, p.Form == Delimited, with)
	c.only("quote", p.Quote, p.Form == Delimited, with)
	c.only("line_end", p.LineEnd != "", lines, with)
	c.only("xml", p.XML != nil, p.Form == XML, with)
	c.only("sheet", p.Sheet != "", p.Form == Table, with)
	c.only("total", p.Total != "", p.Form == Table, with)
	if p.Form != Table || p.Encoding != "" {
		c.oneOf("encoding", p.Encoding, "GBK", "GB18030", "UTF-8")
	}
	switch {
	case p.Form == Delimited && (p.Delimiter == "" || strings.ContainsAny(p.Delimiter, "\r\n\"")):
		c.at("delimiter", p.Delimiter, "BANKFILE_YAML_DELIMITER")
	case p.Form == XML && (p.XML == nil || !elementPath.MatchString(p.XML.Root) || !elementPath.MatchString(p.XML.Row)):
		c.missing("xml")
	}
	if lines {
		c.oneOf("line_end", p.LineEnd, "", "CRLF", "LF")
	}
	if p.Form == Table {
		c.oneOf("sheet", p.Sheet, "", "xlsx", "csv")
	}
}

func (c *checker) defaults() {
	p := c.p
	set := func(to *string, value string) {
		if *to == "" {
			*to = value
		}
	}
	c.oneOf("unit", p.Unit, "", "yuan", "fen")
	c.oneOf("negative", p.Negative, "", "refused", "allowed", "required")
	set(&p.Unit, "yuan")
	set(&p.Dates, "yyyymmdd")
	set(&p.Negative, "refused")
	set(&p.Currency, "CNY")
	set(&p.LineEnd, "CRLF")
	set(&p.Sheet, "xlsx")
	set(&p.FileName, "{message_id}")
	if p.Form == Table {
		set(&p.Encoding, "GBK")
		set(&p.Extension, "."+p.Sheet)
	}
	set(&p.Extension, map[Form]string{XML: ".xml"}[p.Form])
	set(&p.Extension, ".txt")
	p.charset = charsets[p.Encoding]
	if p.MaxRows < 0 {
		c.at("max_rows", fmt.Sprint(p.MaxRows), "BANKFILE_YAML_POSITIVE")
	}
	c.fileName()
	if p.MaxAmount != "" {
		var err error
		if p.maxAmount, err = money.Parse(p.MaxAmount); err != nil || p.maxAmount <= 0 {
			c.at("max_amount", p.MaxAmount, "BANKFILE_YAML_POSITIVE")
		}
	}
}

// seal checks what is done with each file after it was written.
func (c *checker) seal() {
	c.oneOf("signature", c.p.Signature, "", "sm2", "ed25519")
	for i, r := range c.p.EncryptTo {
		if !recipient.MatchString(r) {
			c.at(fmt.Sprintf("encrypt_to[%d]", i+1), r, "BANKFILE_RECIPIENT", "value", record.Clip(r))
		}
	}
}

// marks makes sure that lines of different parts can be told apart. Lines
// without a mark are told by their place: the first, the last.
func (c *checker) marks() {
	p := c.p
	if p.Form != Delimited && p.Form != Fixed {
		return
	}
	seen := map[string]bool{p.mark(rows): p.mark(rows) != ""}
	for _, s := range []section{header, trailer} {
		m := p.mark(s)
		if seen[m] {
			c.at(string(s)+"[1].text", m, "BANKFILE_YAML_MARK")
		}
		seen[m] = m != ""
	}
}

// needs are the values that a file of its kind cannot do without.
func (c *checker) needs() {
	p := c.p
	needOne := func(s section, values ...string) {
		for _, v := range values {
			if p.has(s, v) {
				return
			}
		}
		c.at(string(s), "", "BANKFILE_YAML_NEEDS", "want", strings.Join(values, " / "))
	}
	switch p.Kind {
	case Instructions:
		needOne(rows, "account")
		needOne(rows, "name")
		needOne(rows, "amount")
		needOne(rows, "end_to_end_id", "row")
	case Results:
		needOne(rows, "status", "reason_text")
		needOne(rows, "end_to_end_id", "batch_row", "voucher")
	case Refunds:
		needOne(rows, "amount")
		needOne(rows, "end_to_end_id", "batch_row", "voucher", "transaction_id")
	case Statement:
		needOne(header, "account")
		needOne(header, "message_id", "statement_no", "date")
		needOne(rows, "amount", "debit")
		if p.has(rows, "amount") == p.has(rows, "debit") || p.has(rows, "debit") != p.has(rows, "credit") {
			c.at("rows", "", "BANKFILE_YAML_SIDES")
		}
		if p.has(rows, "amount") && !p.has(rows, "direction") && p.Negative != "allowed" {
			c.at("rows", "", "BANKFILE_YAML_NEEDS", "want", "direction")
		}
	}
}

func (c *checker) results() {
	p := c.p
	if p.Results == nil {
		if p.Kind == Results {
			c.missing("results")
		}
		return
	}
	outcomes := []string{"paid", "failed", "unknown"}
	if p.Kind == Refunds {
		outcomes = []string{""} // money that came back has a reason and no outcome
	} else {
		c.oneOf("results.other.outcome", p.Results.Other.Outcome, outcomes[1:]...) // silence is not success
	}
	for code, o := range p.Results.Codes {
		path := "results.codes." + code
		if strings.TrimSpace(code) != code || code == "" { // no cell reads so, and silence is no code
			c.at("results.codes", code, "BANKFILE_YAML_CODE")
		}
		c.oneOf(path+".outcome", o.Outcome, outcomes...)
		c.reason(path, o.Reason)
	}
	for i, t := range p.Results.Texts {
		path := fmt.Sprintf("results.texts[%d]", i+1)
		c.oneOf(path+".outcome", t.Outcome, append(outcomes, "")...)
		c.reason(path, t.Reason)
		if t.Contains == "" {
			c.missing(path + ".contains")
		}
	}
	c.reason("results.other", p.Results.Other.Reason)
}

func (c *checker) reason(path, name string) {
	if name != "" && !slices.ContainsFunc(reason.All(), func(e reason.Entry) bool { return string(e.Code) == name }) {
		c.at(path+".reason", name, "BANKFILE_YAML_REASON")
	}
}
