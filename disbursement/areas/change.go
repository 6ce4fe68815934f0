package areas

import (
	"slices"
	"time"

	"fenlu/internal/ident"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// Kind says how an area changed.
type Kind string

// The kinds.
const (
	SetUp     Kind = "set_up"    // 设立
	Renamed   Kind = "renamed"   // 更名
	Merged    Kind = "merged"    // 并入
	Abolished Kind = "abolished" // 撤销
)

// Change is a change of an area from a day on (区划变更).
type Change struct {
	ID         int64     `json:"id"`
	Code       string    `json:"code"` // 12 digits
	Kind       Kind      `json:"kind"`
	Name       string    `json:"name"`      // from that day on; of what is set up or renamed
	Successor  string    `json:"successor"` // 12 digits; of what is merged
	From       time.Time `json:"valid_from"`
	Document   string    `json:"document"` // 文号
	ImportFile int64     `json:"-"`        // 0: recorded with a merger
	By         string    `json:"by"`
	At         time.Time `json:"at"`
}

// ChangeLeaf is the leaf of a change.
func ChangeLeaf(c Change) *leaf.Leaf {
	return leaf.New(string(proof.KindArea), 1).Int("id", c.ID).Text("code", c.Code).Text("kind", string(c.Kind)).Text("name", c.Name).
		Text("successor", c.Successor).Date("valid_from", c.From).Text("document", c.Document).Int("import", c.ImportFile).
		Text("recorded_by", c.By).Time("recorded_at", c.At)
}

func (c Change) same(o Change) bool {
	return c.Kind == o.Kind && c.Name == o.Name && c.Successor == o.Successor && c.Document == o.Document
}

// Office is an office from a day on (单位).
type Office struct {
	ID         int64     `json:"id"`
	Code       string    `json:"code"`      // in the banks' ids: A-Z0-9
	Name       string    `json:"name"`      // on budget lines
	Area       string    `json:"area_code"` // 12 digits
	From       time.Time `json:"valid_from"`
	Closed     bool      `json:"closed"` // from that day on
	Document   string    `json:"document"`
	ImportFile int64     `json:"-"`
}

// OfficeLeaf is the leaf of an office's row.
func OfficeLeaf(o Office) *leaf.Leaf {
	closed := int64(0)
	if o.Closed {
		closed = 1
	}
	return leaf.New(string(proof.KindOffice), 1).Int("id", o.ID).Text("code", o.Code).Text("name", o.Name).Text("area", o.Area).
		Date("valid_from", o.From).Int("closed", closed).Text("document", o.Document).Int("import", o.ImportFile)
}

func (o Office) same(p Office) bool {
	return o.Name == p.Name && o.Area == p.Area && o.Closed == p.Closed && o.Document == p.Document
}

// Map says into what areas merged, as of a day.
type Map map[string]Change

// mapOf reads the mergers out of changes, which are in order of their days: what
// was set up again after a merger is itself again.
func mapOf(changes []Change, on time.Time) Map {
	m := Map{}
	for _, c := range changes {
		if c.From.After(on) {
			continue
		}
		if c.Kind == Merged {
			m[c.Code] = c
		} else {
			delete(m, c.Code)
		}
	}
	return m
}

// Of is the area that an area is now: itself, its successor, or the successor's.
func (m Map) Of(area string) string {
	now, _ := m.follow(area)
	return now
}

// Since is the day from which an area is part of what it is now; zero for one
// that is itself. A figure of the successor from that day on counts it.
func (m Map) Since(area string) time.Time {
	_, since := m.follow(area)
	return since
}

func (m Map) follow(area string) (now string, since time.Time) {
	for range len(m) {
		c, merged := m[area]
		if !merged {
			break
		}
		area = c.Successor
		if c.From.After(since) {
			since = c.From
		}
	}
	return area, since
}

// Township is the township that a place lies in now: that of its code, or its
// successor. Empty for what is no place.
func (m Map) Township(place string) string {
	area, _ := ident.CheckArea(place)
	return m.Of(string(area.Of(ident.Township)))
}

// From are the areas that have become one: itself and all that merged into it, by
// code.
func (m Map) From(area string) []string {
	out := []string{area}
	for code := range m {
		if m.Of(code) == area {
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return out
}
