package main

import (
	"context"
	"encoding/hex"
	"io"
	"os"
	"slices"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/batch"
	"fenlu/disbursement/benefits"
	"fenlu/disbursement/entitlements"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/imports"
	"fenlu/disbursement/parties"
	"fenlu/disbursement/payment"
	"fenlu/disbursement/rules"
	"fenlu/internal/db"
	"fenlu/internal/durable"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/ledger/books"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/bundle"
	"fenlu/ledger/proof/checkpoint"
	"fenlu/ledger/proof/leaf"
	"fenlu/reconciliation"
)

// auditBundleCmd is `fenlu audit bundle`: what an auditor takes home.
type auditBundleCmd struct {
	Document  string `xor:"of" help:"help_audit_bundle_document" placeholder:"文号"`
	Batch     string `xor:"of" help:"help_audit_bundle_batch" placeholder:"CODE"`
	Person    string `xor:"of" help:"help_audit_bundle_person" placeholder:"WHO"`
	Household string `xor:"of" help:"help_audit_bundle_household" placeholder:"CODE"`
	Period    string `xor:"of" help:"help_audit_bundle_period" placeholder:"2026-10"`
	Unmask    bool   `help:"help_audit_bundle_unmask"`
	Out       string `required:"" type:"path" help:"help_audit_bundle_out" placeholder:"FILE"`
}

// subject is the one that was asked for. Errors: BUNDLE_SUBJECT (Invalid).
func (c auditBundleCmd) subject() (kind, text string, err error) {
	for _, s := range [][2]string{{bundle.OfDocument, c.Document}, {bundle.OfBatch, c.Batch}, {bundle.OfPerson, c.Person},
		{bundle.OfHousehold, c.Household}, {bundle.OfPeriod, c.Period}} {
		if s[1] != "" {
			return s[0], s[1], nil
		}
	}
	return "", "", errs.New(errs.Invalid, "BUNDLE_SUBJECT")
}

// Run makes the bundle: it opens who was paid where that was asked for, which is
// recorded, signs a checkpoint that covers everything, and gathers.
func (c auditBundleCmd) Run(a *app) error {
	kind, text, err := c.subject()
	if err != nil {
		return err
	}
	return a.with(func(s *services) error {
		asked := bundle.Asked{Kind: kind, Masked: !c.Unmask, By: a.As, At: s.clock.Now().UTC().Format(leaf.TimeLayout)}
		opened, err := c.open(a, s, kind, text)
		if err != nil {
			return err
		}
		b, err := s.bundle(a, asked, text)
		if err != nil {
			return err
		}
		b.Stated.Opened = opened
		zip, err := bundle.Write(b, s.Notary.Keys.SignText)
		if err != nil {
			return err
		}
		if err := writeBundle(c.Out, zip); err != nil {
			return err
		}
		return a.showBundle(c.Out, zip, bundle.Trust{Keys: []checkpoint.Key{s.Notary.Keys.Current()}}, "audit.out.bundle")
	})
}

// open opens the commitments to who was paid, each of which is an unmasking on
// record before the bundle has it.
func (c auditBundleCmd) open(a *app, s *services, kind, text string) ([]bundle.Opened, error) {
	if !c.Unmask {
		return nil, nil
	}
	ctx, _, err := a.Actor(s)
	if err != nil {
		return nil, err
	}
	var out []bundle.Opened
	err = s.DB.Run(ctx, func(tx pgx.Tx) error {
		out = nil
		scope, err := s.Trace.AuditScope(ctx, tx, kind, text)
		if err != nil {
			return err
		}
		for _, id := range scope.EndToEndIDs() {
			o, err := s.Payment.OpenPayeeTx(ctx, tx, id)
			if err != nil {
				return err
			}
			out = append(out, openedOf(id, o))
		}
		return nil
	})
	return out, err
}

func openedOf(endToEndID string, o parties.Opened) bundle.Opened {
	return bundle.Opened{EndToEndID: endToEndID, Salt: hex.EncodeToString(o.Salt), Name: o.Payee.Name, IDNumber: o.Payee.IDNumber,
		Account: o.Payee.Account, BankCode: o.Payee.BankCode}
}

// bundle gathers in one snapshot what a checkpoint taken just before covers.
func (s *services) bundle(a *app, asked bundle.Asked, text string) (bundle.Bundle, error) {
	size, err := s.StoreCheckpoint(a.ctx)
	if err != nil {
		return bundle.Bundle{}, err
	}
	outside, err := s.Notary.Outside().All()
	if err != nil {
		return bundle.Bundle{}, err
	}
	tell, done := a.progress("audit.progress")
	defer done()
	var b bundle.Bundle
	err = s.DB.Read(a.ctx, func(tx pgx.Tx) error {
		scope, err := s.Trace.AuditScope(a.ctx, tx, asked.Kind, text)
		if err != nil {
			return err
		}
		if b, err = scope.Bundle(a.ctx, tx, size, leafOf, tell); err != nil {
			return err
		}
		b.Asked, b.Keys = asked, s.Notary.Keys.Public
		b.Asked.Subject = scope.Subject
		b.Checkpoint, b.Earlier, err = earlier(a.ctx, tx, size, outside)
		return err
	})
	return b, err
}

// earlier are the checkpoint of a size and those before it, each once, with the
// proof that the log grew from it.
func earlier(ctx context.Context, q db.Querier, size int64, list []checkpoint.Signed) (note []byte, grown []bundle.Growth, err error) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(x, y checkpoint.Signed) int { return int(x.Size - y.Size) })
	for _, c := range list {
		switch {
		case c.Size == size:
			note = c.Note
		case c.Size > 0 && c.Size < size && (len(grown) == 0 || grown[len(grown)-1].Size < c.Size):
			p, err := proof.ProveExtends(ctx, q, size, c.Size)
			if err != nil {
				return nil, nil, err
			}
			grown = append(grown, bundle.Growth{Size: c.Size, Root: c.Root, Proof: p})
		}
	}
	if note == nil {
		err = errs.New(errs.Conflict, "TRACE_AUDIT_MOVED", "size", size)
	}
	return note, grown, err
}

// leafOf makes a leaf from the rows of the room that wrote it.
func leafOf(ctx context.Context, q db.Querier, kind proof.Kind, ref int64, fn func(part []byte)) (*leaf.Leaf, error) {
	switch kind {
	case proof.KindJournal:
		return ledger.LeafOf(ctx, q, ledger.JournalID(ref), fn)
	case proof.KindDocument:
		return funds.LeafOf(ctx, q, funds.DocumentID(ref), fn) //nolint:gosec // document ids fit 31 bits
	case proof.KindRelease:
		return payment.LeafOf(ctx, q, payment.FileID(ref), func(_ payment.Attempt, part []byte) { fn(part) })
	case proof.KindEvidence:
		return reconciliation.LeafOf(ctx, q, reconciliation.FileID(ref), func(_ int64, part []byte) { fn(part) })
	case proof.KindPolicy:
		return benefits.LeafOf(ctx, q, benefits.PolicyID(ref), fn)
	case proof.KindRule:
		f, err := rules.ByID(ctx, q, rules.FigureID(ref))
		return rules.Leaf(f), err
	case proof.KindExclusion:
		e, err := entitlements.ExclusionByID(ctx, q, ref)
		return entitlements.Leaf(e), err
	case proof.KindValued:
		v, err := entitlements.ValuedByID(ctx, q, ref)
		return entitlements.ValuedLeaf(v), err
	case proof.KindVoucherRule, proof.KindVoucherSetting:
		return books.LeafOf(ctx, q, kind, ref)
	case proof.KindApproval:
		return batch.LeafOf(ctx, q, ref)
	case proof.KindImport:
		return imports.LeafOf(ctx, q, ref)
	case proof.KindRight:
		return auth.LeafOf(ctx, q, ref)
	case proof.KindDelegation:
		return auth.DelegationLeafOf(ctx, q, ref)
	case proof.KindUnmasking:
		return parties.UnmaskingLeafOf(ctx, q, ref)
	default:
		return nil, errs.New(errs.Internal, "TRACE_AUDIT_LEAF", "kind", string(kind), "ref", ref, "leaf", 0)
	}
}

func writeBundle(path string, zip []byte) error {
	err := durable.Replace("carried", path, func(f *os.File) error {
		_, err := f.Write(zip)
		return err
	})
	if err != nil {
		return errs.Wrap(err, errs.Refused, "NOTARY_WRITE", "path", path)
	}
	return nil
}

// auditVerifyCmd is `fenlu audit verify-bundle`. It opens no database.
type auditVerifyCmd struct {
	File       string `arg:"" type:"path" help:"help_audit_verify_file"`
	Key        string `help:"help_audit_verify_key" placeholder:"VKEY|FILE"`
	Checkpoint string `type:"path" help:"help_audit_verify_checkpoint" placeholder:"FILE"`

	Witness []string `help:"help_audit_verify_witness" placeholder:"VKEY"`
}

// Run verifies a bundle; exit 4 where it does not hold or is not what is
// trusted.
func (c auditVerifyCmd) Run(a *app) error {
	var t bundle.Trust
	var err error
	if c.Key != "" {
		if t.Keys, err = trustedKeys(c.Key); err != nil {
			return err
		}
	}
	if c.Checkpoint != "" {
		text, err := readFile(c.Checkpoint)
		if err != nil {
			return err
		}
		t.Checkpoints = notesOf(text)
	}
	for _, vkey := range c.Witness {
		k, err := checkpoint.ParseKey(vkey)
		if err != nil {
			return err
		}
		t.Witnesses = append(t.Witnesses, k)
	}
	zip, err := readFile(c.File)
	if err != nil {
		return err
	}
	return a.showBundle(c.File, zip, t, "audit.out.verified")
}

// trustedKeys are a vkey as it was typed, or those of a file of public keys.
func trustedKeys(text string) ([]checkpoint.Key, error) {
	if k, err := checkpoint.ParseKey(text); err == nil {
		return []checkpoint.Key{k}, nil
	}
	content, err := readFile(text)
	if err != nil {
		return nil, err
	}
	public, err := checkpoint.ParsePublic(content)
	return public.Keys(), err
}

// notesOf are the checkpoints of a file: one, or all those of an outside file.
func notesOf(text []byte) [][]byte {
	notes, whole := checkpoint.SplitNotes(text)
	if whole < len(text) {
		notes = append(notes, text[whole:])
	}
	return notes
}

// showBundle verifies a bundle and shows what it is and how far it is trusted.
func (a *app) showBundle(file string, zip []byte, t bundle.Trust, code string) error {
	v, err := bundle.Verify(zip, t)
	if err != nil {
		return err
	}
	view := struct {
		File string `json:"file"`
		Size int    `json:"bytes"`
		bundle.Verdict
	}{file, len(zip), v}
	return a.Result(view, func(w io.Writer) {
		a.say(w, false, code, "file", file, "leaves", v.Leaves, "parts", v.Parts, "lines", v.Sums.Lines, "paid", v.Sums.Paid.Grouped())
		a.say(w, false, "audit.out.bundle_log", "origin", v.Origin, "size", v.Size, "root", v.Root)
		a.say(w, false, "audit.out.bundle_trust", "trust", v.Trust, "fingerprint", v.Fingerprint)
	})
}
