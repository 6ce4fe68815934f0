package funds

import (
	"cmp"
	"slices"
	"strconv"

	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// DocumentLeaf is the leaf of a document; its parts are the lines in the order
// of their numbers. A document without a type was recorded before types were
// kept: its leaf is of version 1.
func DocumentLeaf(d Document, lines []Line) *leaf.Leaf {
	var parts leaf.Tree
	var part leaf.Part
	for _, l := range slices.SortedFunc(slices.Values(lines), func(a, b Line) int { return cmp.Compare(a.LineNo, b.LineNo) }) {
		parts.Add(l.part(&part))
	}
	version := 1
	if d.Type != "" {
		version = 2
	}
	out := leaf.New(string(proof.KindDocument), version).Int("id", int64(d.ID)).Text("number", d.Number).Text("title", d.Title).
		Text("kind", string(d.Kind)).Int("year", int64(d.Year)).Date("issued_on", d.IssuedOn).Date("received_on", d.ReceivedOn).
		Date("passed_on", d.PassedOn).Int("import", d.ImportFile).Text("recorded_by", d.RecordedBy).Time("recorded_at", d.RecordedAt)
	if d.Type != "" {
		out.Text("type", string(d.Type)).Text("includes", inclusionText(d.Inclusions))
	}
	return out.Parts(&parts)
}

func (l Line) part(p *leaf.Part) []byte {
	cash := ""
	if l.CashArrived != nil {
		cash = strconv.FormatInt(int64(*l.CashArrived), 10)
	}
	return p.Start().Int(int64(l.LineNo)).Int(int64(l.ID)).Text(string(l.Kind)).Int(int64(l.Lot)).Text(string(l.Level)).Text(l.Fund).
		Text(l.FunctionCode).Text(l.EconomicCode).Text(l.Office).Text(l.TraceCode).Text(l.Tags).Text(l.Programs).
		Int(int64(l.CutsLine)).Int(int64(l.From)).Int(int64(l.To)).Text(cash).Int(int64(l.Amount)).Int(int64(l.Journal)).Bytes()
}
