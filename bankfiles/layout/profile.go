package layout

import (
	"fenlu/bankfiles/order"
	"fenlu/money"
)

// Kind says what a file of the profile is.
type Kind string

// The kinds of files.
const (
	Instructions Kind = "instruction" // 代发、报盘: what we ask for
	Results      Kind = "result"      // 回盘、回单: what became of it
	Refunds      Kind = "refund"      // 退票、资金退回: money that came back later
	Statement    Kind = "statement"   // 对账单、日报: what moved the account
)

// Form says how a file is made of rows.
type Form string

// The forms.
const (
	Delimited Form = "delimited" // lines whose cells a delimiter sets apart
	Fixed     Form = "fixed"     // lines whose cells have a width in bytes
	XML       Form = "xml"       // a head and one element for each row
	Table     Form = "table"     // columns under titles: XLSX, or CSV
)

// Profile is one format of one kind of file, as its YAML file declares it.
// Every key is explained in docs/formats/profiles.md.
type Profile struct {
	Name      string   `yaml:"profile"`
	Version   string   `yaml:"version"`
	Kind      Kind     `yaml:"kind"`
	Title     Title    `yaml:"title"`
	Style     string   `yaml:"style"`   // whose public layout it is shaped after
	Answers   string   `yaml:"answers"` // the profile of the files that this one speaks of
	Form      Form     `yaml:"form"`
	Encoding  string   `yaml:"encoding"` // GBK, GB18030 or UTF-8
	Extension string   `yaml:"extension"`
	FileName  string   `yaml:"file_name"`
	Recognise []string `yaml:"recognise"` // what the file begins with; of XML and tables: holds

	Delimiter string  `yaml:"delimiter"`
	AtEnd     bool    `yaml:"delimiter_at_end"`
	Quote     bool    `yaml:"quote"` // cells may stand in double quotes, as in CSV
	LineEnd   string  `yaml:"line_end"`
	XML       *XMLKey `yaml:"xml"`
	Sheet     string  `yaml:"sheet"` // of a table that is written: xlsx or csv
	Total     string  `yaml:"total"` // of a table: the first cell of its row of totals (合计)

	Currency    string `yaml:"currency"`
	Unit        string `yaml:"unit"`         // yuan or fen
	Dates       string `yaml:"dates"`        // yyyymmdd
	Negative    string `yaml:"negative"`     // amounts below zero: refused, allowed, required
	NewestFirst bool   `yaml:"newest_first"` // of a statement: the last booking stands first
	MaxRows     int    `yaml:"max_rows"`
	MaxAmount   string `yaml:"max_amount"` // yuan

	Signature string   `yaml:"signature"`  // what each file is signed with, detached: sm2 or ed25519
	EncryptTo []string `yaml:"encrypt_to"` // age recipients (age1…) that each file is encrypted to

	Header  []*Field `yaml:"header"`
	Rows    []*Field `yaml:"rows"`
	Trailer []*Field `yaml:"trailer"`

	Results     *Result  `yaml:"results"`
	ReturnWords []string `yaml:"return_words"` // of a statement: a credit whose text has one is money that came back

	charset   order.Charset
	maxAmount money.Fen
}

// Title says in both languages what a profile is.
type Title struct {
	ZH string `yaml:"zh"`
	EN string `yaml:"en"`
}

// XMLKey says where head and rows of an XML file stand.
type XMLKey struct {
	Root string `yaml:"root"`
	Row  string `yaml:"row"` // path of the row element below the root: eb/in/rd
}

// Field is one cell of a line, element or table.
type Field struct {
	Value    string   `yaml:"value"`   // what it means: account, amount, status … (values.go)
	Text     string   `yaml:"text"`    // or what always stands there
	Title    string   `yaml:"title"`   // of a table: the title of the column, or the label of the value
	Also     []string `yaml:"also"`    // other titles it is known by
	Element  string   `yaml:"element"` // of XML: its path below the root, or below the row
	Width    int      `yaml:"width"`   // bytes it takes, in a fixed form
	Max      int      `yaml:"max"`     // bytes it may have
	Align    string   `yaml:"align"`   // left or right
	Pad      string   `yaml:"pad"`     // one ASCII character
	Required bool     `yaml:"required"`
	Optional bool     `yaml:"optional"` // a number or amount that may be left out
	Unit     string   `yaml:"unit"`
	Dates    string   `yaml:"dates"`

	means  *meaning // of Value; nil for Text
	needed bool     // it must not be empty when read
	date   string   // Dates as Go writes it
}

// Result says what the codes and texts of a bank mean.
type Result struct {
	Codes map[string]Outcome `yaml:"codes"`
	Texts []TextOutcome      `yaml:"texts"` // the first that fits
	Other Outcome            `yaml:"other"` // every other code
}

// Outcome is what a code means.
type Outcome struct {
	Outcome string `yaml:"outcome"` // paid, failed, unknown
	Reason  string `yaml:"reason"`  // our reason: ACCT_NOT_FOUND
	Text    string `yaml:"text"`    // the bank's words for it
}

// TextOutcome is what a text means that holds some words.
type TextOutcome struct {
	Contains string `yaml:"contains"`
	Outcome  string `yaml:"outcome"`
	Reason   string `yaml:"reason"`
}

// section is one of the three parts of a file.
type section string

const (
	header  section = "header"
	rows    section = "rows"
	trailer section = "trailer"
)

func (p *Profile) fields(s section) []*Field {
	switch s {
	case header:
		return p.Header
	case trailer:
		return p.Trailer
	default:
		return p.Rows
	}
}

// mark is the text that begins the lines of a section, empty if none does.
func (p *Profile) mark(s section) string {
	if f := p.fields(s); len(f) > 0 {
		return f[0].Text
	}
	return ""
}

// has says whether a section has a field of that meaning.
func (p *Profile) has(s section, value string) bool {
	for _, f := range p.fields(s) {
		if f.Value == value {
			return true
		}
	}
	return false
}

// Writes says whether files of the profile are ours to write.
func (p *Profile) Writes() bool { return p.Kind == Instructions }
