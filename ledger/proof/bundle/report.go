package bundle

import (
	"fmt"
	"strconv"

	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// Report is what bundle.json and index.html show.
type Report struct {
	Format string   `json:"format"`
	Asked  Asked    `json:"asked"`
	Log    Log      `json:"log"`
	Sums   Sums     `json:"sums"`
	Stated Stated   `json:"stated"`
	Proved []Proved `json:"proved"`
}

// Log is where the log stood, and the key that signed it.
type Log struct {
	Origin      string `json:"origin"`
	Size        int64  `json:"size"`
	Root        string `json:"root"`
	Key         string `json:"key"`
	Fingerprint string `json:"fingerprint"`
}

// Sums tie the lines, the money and the leaves: Paid is what the journals moved
// to paid for these lines, net, and what their legs hold there.
type Sums struct {
	Lines    int       `json:"lines"`
	Payments int       `json:"payments"`
	Due      money.Fen `json:"due"` // sum of the lines
	Held     money.Fen `json:"held"`
	Paid     money.Fen `json:"paid"`
}

// Proved is a leaf as it is shown: every field, and the parts that are in the
// bundle.
type Proved struct {
	Index   int64        `json:"leaf"`
	Kind    string       `json:"kind"`
	Version int          `json:"version"`
	Fields  []Value      `json:"fields"`
	Columns []string     `json:"columns,omitempty"` // of parts
	Parts   []ProvedPart `json:"parts,omitempty"`
}

// Value is a field of a leaf.
type Value struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ProvedPart is a part of a leaf, number Index of all, with a value for each
// column.
type ProvedPart struct {
	Index  int64    `json:"part"`
	Values []string `json:"values"`
}

// value is the value of a field or "".
func (p Proved) value(name string) string {
	for _, f := range p.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

var documentLine = []string{"line", "id", "kind", "lot", "level", "fund", "function_code", "economic_code", "office", "trace_code", "tags",
	"programs", "cuts_line", "from_budget_line", "to_budget_line", "cash_arrived_fen", "amount_fen", "journal"}

// columns are the names of the values of parts, by kind and version of the leaf
// (docs/proof.md). Of a leaf that is not here every value is shown by number.
var columns = map[string][]string{
	"journal/1": {"line", "lot", "debit", "debit_place", "credit", "credit_place", "amount_fen", "payment", "party", "leg"},
	"release/1": {"file_line", "end_to_end_id", "payment", "attempt", "account", "amount_fen", "payee_commitment"},
	"evidence/1": {"position", "kind", "place", "end_to_end_id", "bank_ref", "amount_fen", "direction", "status", "reason",
		"text_commitment", "value_date", "offset", "source_line", "attempt", "match", "says"},
	"document/1": documentLine,
	"document/2": documentLine, // its header has the type of the document, too
	"policy/1":   {"level", "amount_fen"},
	"policy/2":   {"level", "amount_fen"},
}

// report checks the bundle and says what it proves. It is made from the leaves:
// nothing is shown as proved that is not in one.
func (b Bundle) report() (Report, error) {
	head, err := b.head()
	if err != nil {
		return Report{}, err
	}
	key := b.Keys.Current()
	r := Report{Format: Format, Asked: b.Asked, Stated: b.Stated.orEmpty(), Proved: []Proved{},
		Log: Log{head.Origin, head.Size, head.Root.String(), key.String(), key.Fingerprint()}}
	last := int64(-1)
	for _, l := range b.Leaves {
		parsed, err := l.check(head.Checkpoint)
		if err != nil {
			return r, err
		}
		if l.Index <= last {
			return r, altered(fileOf(leafDir, l.Index), "order")
		}
		last = l.Index
		p, err := prove(l, parsed)
		if err != nil {
			return r, err
		}
		r.Proved = append(r.Proved, p)
	}
	r.Sums, err = tie(r)
	return r, err
}

// prove shows a leaf that was checked.
func prove(l Leaf, parsed *leaf.Leaf) (Proved, error) {
	p := Proved{Index: l.Index, Kind: parsed.Kind, Version: parsed.Version, Fields: []Value{}}
	for _, f := range parsed.Fields {
		p.Fields = append(p.Fields, Value(f))
	}
	for _, part := range l.Parts {
		values, err := leaf.ParsePart(part.Bytes)
		if err != nil {
			return p, altered(fileOf(partDir, l.Index), err.Error())
		}
		p.Parts = append(p.Parts, ProvedPart{part.Index, values})
	}
	if len(p.Parts) == 0 {
		return p, nil
	}
	p.Columns = columns[fmt.Sprintf("%s/%d", p.Kind, p.Version)]
	if p.Columns == nil {
		for i := range p.Parts[0].Values {
			p.Columns = append(p.Columns, strconv.Itoa(i+1))
		}
	}
	for _, part := range p.Parts {
		if len(part.Values) != len(p.Columns) {
			return p, altered(fileOf(partDir, l.Index), fmt.Sprintf("part %d", part.Index))
		}
	}
	return p, nil
}

// orEmpty has lists where there are none: programs read [] and not null.
func (s Stated) orEmpty() Stated {
	if s.Lines == nil {
		s.Lines = []Line{}
	}
	if s.Payments == nil {
		s.Payments = []Payment{}
	}
	if s.Opened == nil {
		s.Opened = []Opened{}
	}
	return s
}
