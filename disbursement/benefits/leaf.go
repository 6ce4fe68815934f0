package benefits

import (
	"cmp"
	"context"
	"slices"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// PolicyLeaf is the leaf of a policy row; its parts are what each level pays,
// from the top level down.
func PolicyLeaf(p Policy) *leaf.Leaf { return policyLeaf(p, func([]byte) {}) }

// LeafOf makes the leaf of a policy row again and hands fn its parts in order.
// Errors: POLICY_UNKNOWN (NotFound).
func LeafOf(ctx context.Context, q db.Querier, id PolicyID, fn func(part []byte)) (*leaf.Leaf, error) {
	found, err := loadPolicies(ctx, q, ` WHERE p.id = $1`, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errs.New(errs.NotFound, "POLICY_UNKNOWN", "id", id)
	}
	return policyLeaf(found[0], fn), nil
}

func policyLeaf(p Policy, fn func(part []byte)) *leaf.Leaf {
	var layers leaf.Tree
	var part leaf.Part
	for _, l := range slices.SortedFunc(slices.Values(p.Layers), func(a, b Layer) int { return cmp.Compare(rank(a.Level), rank(b.Level)) }) {
		line := part.Start().Text(string(l.Level)).Int(int64(l.Amount)).Bytes()
		fn(line)
		layers.Add(line)
	}
	version := 1
	if p.Formula != nil {
		version = 2
	}
	l := leaf.New(string(proof.KindPolicy), version).Int("id", int64(p.ID)).Text("program", p.Program).Text("component", p.Component).
		Text("class", p.Class).Date("valid_from", p.ValidFrom).Text("period", string(p.Period)).Int("amount_fen", int64(p.Amount)).
		Text("rounding", string(p.Rounding)).Text("operator", string(p.Operator)).Text("document", p.Document).Text("clause", p.Clause).
		Text("quote", p.Quote).Int("import", p.ImportFile)
	if p.Formula != nil {
		formulaFields(l, p)
	}
	return l.Parts(&layers)
}

// formulaFields are what version 2 has more: rows without them keep version 1.
func formulaFields(l *leaf.Leaf, p Policy) {
	f := p.Formula
	l.Text("area", p.area()).Text("family", string(f.Family)).Text("rate", f.Rate.String()).Text("base", termsText(f.Base)).
		Text("relation", string(f.Operator)).Text("least", f.Least.String()).Text("greatest", f.Greatest.String()).
		Text("operations", string(f.Order)).Text("round", f.Round.String()).Int("stated_from_fen", int64(f.StatedFrom)).
		Text("stated_rise", f.StatedRise).Text("reason", f.Reason)
}
