package trace

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/bundle"
	"fenlu/ledger/proof/leaf"
)

// Rooms make the leaf of a thing from the rows of the room that wrote it, and
// hand each of its parts to fn in order; the bytes of one hold until the next.
type Rooms func(ctx context.Context, q db.Querier, kind proof.Kind, ref int64, fn func(part []byte)) (*leaf.Leaf, error)

// AuditScope is what a bundle is about (审计范围): the lines of its subject with
// their payments, and what the log has about them.
type AuditScope struct {
	Subject  string // as it is shown in the bundle: never a name
	Lines    []Line
	Payments []Payment

	lots     map[int64]bool
	legs     map[int64]bool
	payments map[int64]bool
	attempts map[int64]bool
}

// AuditScope finds the lines of a subject (bundle.OfDocument …). A document is a
// subject without a line, too: its lots have the document and what it moved, such
// as the allotment of a township's reserve. Errors: those of the trace of that
// subject; TRACE_BATCH_UNKNOWN, TRACE_PERIOD (Invalid) and TRACE_AUDIT_EMPTY
// (NotFound) where it has neither line nor lot.
func (s *Service) AuditScope(ctx context.Context, q db.Querier, kind, text string) (*AuditScope, error) {
	subject, lots, ids, err := s.linesOfSubject(ctx, q, kind, strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 && len(lots) == 0 {
		return nil, errs.New(errs.NotFound, "TRACE_AUDIT_EMPTY", "subject", subject)
	}
	a := &AuditScope{Subject: subject, lots: map[int64]bool{}, legs: map[int64]bool{}, payments: map[int64]bool{}, attempts: map[int64]bool{}}
	for _, lot := range lots {
		a.lots[lot] = true
	}
	if a.Lines, err = s.lines(ctx, q, ids); err != nil {
		return nil, err
	}
	slices.SortFunc(a.Lines, func(x, y Line) int { return cmp.Compare(x.ID, y.ID) }) // as on the list
	for _, l := range a.Lines {
		for _, g := range l.Legs {
			a.lots[g.Lot], a.legs[g.ID], a.payments[g.Payment] = true, true, true
		}
	}
	if a.Payments, err = s.payments(ctx, q, keysOf(a.payments)); err != nil {
		return nil, err
	}
	for _, p := range a.Payments {
		for _, t := range p.Attempts {
			a.attempts[t.ID] = true
		}
	}
	return a, nil
}

// linesOfSubject are the numbers of a subject's lines, the lots that it names
// itself, and what the subject is called where no name may stand.
func (s *Service) linesOfSubject(ctx context.Context, q db.Querier, kind, text string) (called string, lots, ids []int64, err error) {
	switch kind {
	case bundle.OfDocument:
		ref, papers, err := findDocument(ctx, q, text)
		if err != nil {
			return "", nil, nil, err
		}
		lots = lotsOf(papers)
		ids, err = numbers(ctx, q, "lines of lots", `SELECT DISTINCT line FROM leg WHERE lot = ANY($1) ORDER BY line`, lots)
		return ref.Number, lots, ids, err
	case bundle.OfPerson:
		id, err := s.personID(ctx, q, text)
		if err != nil {
			return "", nil, nil, err
		}
		ids, err = numbers(ctx, q, "lines of a person", `SELECT id FROM entitlement_line WHERE person = $1`, id)
		return strconv.FormatInt(id, 10), nil, ids, err
	case bundle.OfHousehold:
		who, _, err := s.household(ctx, q, text)
		if err != nil {
			return "", nil, nil, err
		}
		ids, err = numbers(ctx, q, "lines of a household", `SELECT id FROM entitlement_line WHERE household = $1
			UNION SELECT e.id FROM household_member m JOIN entitlement_line e ON e.person = m.person WHERE m.household = $1`, who.ID)
		return text, nil, ids, err
	case bundle.OfBatch:
		ids, err = linesOfBatches(ctx, q, `b.code = $1`, text, "TRACE_BATCH_UNKNOWN")
		return text, nil, ids, err
	default:
		ids, err = linesOfBatches(ctx, q, `b.period = $1`, text, "TRACE_PERIOD")
		return text, nil, ids, err
	}
}

func keysOf(set map[int64]bool) []int64 {
	ids := make([]int64, 0, len(set))
	for id := range set {
		ids = append(ids, id)
	}
	return distinct(ids)
}

// EndToEndIDs are those of every instruction of the scope.
func (a *AuditScope) EndToEndIDs() []string {
	var out []string
	for _, p := range a.Payments {
		for _, t := range p.Attempts {
			out = append(out, t.EndToEndID)
		}
	}
	return out
}

// Bundle gathers what a bundle of the scope is made of, but for keys and
// checkpoints: the leaves below size about it, with the parts that are its own.
// Errors: TRACE_AUDIT_LEAF (Unverified) where a row is not what the log has;
// TRACE_AUDIT_MOVED (Conflict) where something was written since the checkpoint.
func (a *AuditScope) Bundle(ctx context.Context, q db.Querier, size int64, rooms Rooms, tell func(done, all int)) (bundle.Bundle, error) {
	b := bundle.Bundle{Stated: a.stated()}
	found, err := a.leaves(ctx, q)
	if err != nil {
		return b, err
	}
	for i, l := range found {
		if l.index >= size {
			return b, errs.New(errs.Conflict, "TRACE_AUDIT_MOVED", "size", size)
		}
		shown, err := a.prove(ctx, q, size, l, rooms)
		if err != nil {
			return b, err
		}
		b.Leaves = append(b.Leaves, shown)
		if tell != nil {
			tell(i+1, len(found))
		}
	}
	return b, nil
}

// prove makes a leaf again, compares it with the log, and proves it and the
// parts of it that are shown.
func (a *AuditScope) prove(ctx context.Context, q db.Querier, size int64, l logged, rooms Rooms) (bundle.Leaf, error) {
	var parts leaf.Tree
	var hashes []tlog.Hash
	out := bundle.Leaf{Index: l.index}
	made, err := rooms(ctx, q, l.kind, l.ref, func(part []byte) {
		if a.shows(l.kind, part) {
			out.Parts = append(out.Parts, bundle.Part{Index: parts.Len(), Bytes: bytes.Clone(part)})
		}
		hashes = append(hashes, parts.Append(tlog.RecordHash(part), nil)...)
	})
	if err != nil {
		return out, err
	}
	if hash := made.Hash(); !bytes.Equal(hash[:], l.digest) {
		return out, errs.New(errs.Unverified, "TRACE_AUDIT_LEAF", "kind", string(l.kind), "ref", l.ref, "leaf", l.index)
	}
	out.Bytes = made.Bytes()
	for i := range out.Parts {
		p := &out.Parts[i]
		if p.Path, err = tlog.ProveRecord(parts.Len(), p.Index, storedHashes(hashes)); err != nil {
			return out, err
		}
	}
	out.Path, err = proof.ProveLeaf(ctx, q, size, l.index)
	return out, err
}

// storedHashes reads the hashes of a tree that is held whole.
type storedHashes []tlog.Hash

// ReadHashes makes it a tlog.HashReader.
func (s storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		out[i] = s[at]
	}
	return out, nil
}

// shows says whether a part is of the scope: of its legs, payments, attempts or
// lots. A line of a journal that names nobody is its lot's.
func (a *AuditScope) shows(kind proof.Kind, part []byte) bool {
	fields := strings.Split(strings.TrimSuffix(string(part), "\n"), "\t")
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		return n
	}
	switch kind {
	case proof.KindJournal: // line lot debit place credit place amount payment party leg
		if number(7) == 0 && number(9) == 0 {
			return a.lots[number(1)]
		}
		return a.legs[number(9)]
	case proof.KindRelease: // line end-to-end-id payment …
		return a.payments[number(2)]
	case proof.KindEvidence: // … attempt match says
		return a.attempts[number(len(fields)-3)]
	case proof.KindPolicy: // what a level pays: nobody's
		return true
	case proof.KindDocument: // line id kind lot …
		return a.lots[number(3)]
	default:
		return false
	}
}

// stated is what the rows say and no leaf does, masked.
func (a *AuditScope) stated() bundle.Stated {
	s := bundle.Stated{Sources: true}
	for _, l := range a.Lines {
		line := bundle.Line{ID: l.ID, Batch: l.BatchCode, Program: l.Program, Component: l.Component, Month: l.Month, Occasion: l.Occasion,
			Policy: strings.TrimSpace(l.Policy.Document + " " + l.Policy.Clause), Beneficiary: masked(l.Beneficiary), Amount: l.Amount, State: l.State,
			Legs: []bundle.Leg{}}
		for _, g := range l.Legs {
			leg := bundle.Leg{ID: g.ID, Payment: g.Payment, Lot: g.Lot, Document: g.Document, BudgetLine: g.BudgetLine, Place: g.Place,
				Amount: g.Amount, Pieces: []bundle.Span{}}
			if g.Place == l.paidPlace() {
				leg.Place = "paid"
			}
			for _, p := range g.Pieces {
				leg.Pieces = append(leg.Pieces, bundle.Span(p))
			}
			line.Legs = append(line.Legs, leg)
		}
		s.Lines = append(s.Lines, line)
	}
	for _, p := range a.Payments {
		s.Payments = append(s.Payments, bundle.Payment{ID: p.ID, Batch: p.BatchCode, State: p.State, Amount: p.Amount, Payee: masked(p.Payee)})
	}
	return s
}

// masked leaves a person's surname and masked number; a unit's name is public.
func masked(p Party) bundle.Party {
	out := bundle.Party{ID: p.ID, Name: p.Name, Number: p.Number}
	if p.Kind == KindPerson {
		_, n := utf8.DecodeRuneInString(p.Name)
		out.Name = p.Name[:n] + strings.Repeat("*", max(0, utf8.RuneCountInString(p.Name)-1))
	}
	return out
}

// sortLeaves puts leaves in the order of the log, each once.
func sortLeaves(list []logged) []logged {
	slices.SortFunc(list, func(x, y logged) int { return int(x.index - y.index) })
	return slices.CompactFunc(list, func(x, y logged) bool { return x.index == y.index })
}
