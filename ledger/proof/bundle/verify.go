package bundle

import (
	"bytes"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/errs"
	"fenlu/ledger/proof/checkpoint"
	"fenlu/ledger/proof/leaf"
)

// Trust is what an auditor has from elsewhere: keys, any of which the bundle's
// key must be or follow from, signed checkpoints of the log, and keys of
// witnesses, each of which must have cosigned the bundle's checkpoint.
type Trust struct {
	Keys        []checkpoint.Key
	Checkpoints [][]byte
	Witnesses   []checkpoint.Key
}

// Verdict is what a bundle that holds is, and how far it is pinned.
type Verdict struct {
	Trust       string `json:"trust"` // unpinned, key, checkpoint, key+checkpoint
	Key         string `json:"key"`
	Fingerprint string `json:"fingerprint"`
	Origin      string `json:"origin"`
	Size        int64  `json:"size"`
	Root        string `json:"root"`
	Asked       Asked  `json:"asked"`
	Leaves      int    `json:"leaves"`
	Parts       int    `json:"parts"`
	Members     int    `json:"members"`
	Sums        Sums   `json:"sums"`

	Witnesses []string `json:"witnesses,omitempty"` // those asked for, who all cosigned
}

// Verify checks a bundle: it makes every byte of the zip again from what the
// bundle proves. Errors (Unverified): BUNDLE_ALTERED with the place;
// BUNDLE_KEY, BUNDLE_WITNESS and BUNDLE_CHECKPOINT_… where it is not what the auditor trusts.
func Verify(zip []byte, t Trust) (Verdict, error) {
	members, err := readZip(zip)
	if err != nil {
		return Verdict{}, err
	}
	if len(members) == 0 || members[0].Name != manifestName {
		return Verdict{}, altered(manifestName, "not the first member")
	}
	b, err := parse(members[1:])
	if err != nil {
		return Verdict{}, err
	}
	if err := checkManifest(members[0].Data, members[1:], b.Keys); err != nil {
		return Verdict{}, err
	}
	if err := b.sameAs(members[1:]); err != nil {
		return Verdict{}, err
	}
	return b.judge(len(members), t)
}

// sameAs writes the bundle again and compares.
func (b Bundle) sameAs(members []Member) error {
	again, err := b.members()
	if err != nil {
		return err
	}
	for i, m := range members {
		if i >= len(again) || again[i].Name != m.Name {
			return altered(m.Name, "not a member of such a bundle")
		}
		if !bytes.Equal(again[i].Data, m.Data) {
			at := firstDifference(again[i].Data, m.Data)
			return altered(m.Name, fmt.Sprintf("line %d", 1+bytes.Count(m.Data[:at], []byte("\n"))))
		}
	}
	if len(again) > len(members) {
		return altered(again[len(members)].Name, "missing")
	}
	return nil
}

func (b Bundle) judge(members int, t Trust) (Verdict, error) {
	report, err := b.report()
	if err != nil {
		return Verdict{}, err
	}
	key := b.Keys.Current()
	v := Verdict{Trust: "unpinned", Key: key.String(), Fingerprint: key.Fingerprint(), Origin: report.Log.Origin, Size: report.Log.Size,
		Root: report.Log.Root, Asked: b.Asked, Leaves: len(b.Leaves), Members: members, Sums: report.Sums}
	for _, l := range b.Leaves {
		v.Parts += len(l.Parts)
	}
	if len(t.Keys) > 0 {
		if !b.follows(t.Keys) {
			return v, errs.New(errs.Unverified, "BUNDLE_KEY", "fingerprint", key.Fingerprint(), "trusted", t.Keys[len(t.Keys)-1].Fingerprint())
		}
		v.Trust = "key"
	}
	if err := b.extendsAll(t.Checkpoints); err != nil {
		return v, err
	}
	for _, w := range t.Witnesses {
		if err := b.cosignedBy(w); err != nil {
			return v, err
		}
		v.Witnesses = append(v.Witnesses, w.Name())
	}
	switch {
	case len(t.Checkpoints) > 0 && len(t.Keys) > 0:
		v.Trust = "key+checkpoint"
	case len(t.Checkpoints) > 0:
		v.Trust = "checkpoint"
	}
	return v, nil
}

// follows says whether the bundle's key is one of those, or was named by one.
func (b Bundle) follows(trusted []checkpoint.Key) bool {
	for _, k := range b.Keys.Keys() {
		for _, t := range trusted {
			if k.Equal(t) {
				return true
			}
		}
	}
	return false
}

// cosignedBy says whether a witness signed the bundle's checkpoint.
func (b Bundle) cosignedBy(w checkpoint.Key) error {
	seen, err := checkpoint.Cosignatures(b.Checkpoint, w)
	if err != nil || len(seen) == 0 {
		return errs.Wrap(err, errs.Unverified, "BUNDLE_WITNESS", "witness", w.Name())
	}
	return nil
}

// extendsAll says whether the bundle's checkpoint goes on from those that the
// auditor has; what a restart among them gives up does not count.
func (b Bundle) extendsAll(notes [][]byte) error {
	kept := checkpoint.NewKept(b.Keys.Keys()...)
	for _, n := range notes {
		if err := kept.Add(n); err != nil {
			return errs.Wrap(err, errs.Unverified, "BUNDLE_CHECKPOINT_OTHER")
		}
	}
	for _, c := range kept.Checkpoints {
		if err := b.extends(c.Checkpoint); err != nil {
			return err
		}
	}
	return nil
}

// extends says whether the bundle's checkpoint goes on from one that the
// auditor has.
func (b Bundle) extends(old checkpoint.Checkpoint) error {
	now, err := checkpoint.Open(b.Checkpoint, b.Keys.Keys()...)
	if err != nil {
		return wrap(err, checkpointName)
	}
	if old.Size > now.Size {
		return errs.New(errs.Unverified, "BUNDLE_CHECKPOINT_LATER", "old", old.Size, "size", now.Size)
	}
	if old.Size == 0 || old.Size == now.Size {
		return checkpoint.Extends(old, now.Checkpoint, nil)
	}
	for _, g := range b.Earlier {
		if g.Size == old.Size {
			return checkpoint.Extends(old, now.Checkpoint, g.Proof)
		}
	}
	return errs.New(errs.Unverified, "BUNDLE_CHECKPOINT_UNKNOWN", "old", old.Size, "size", now.Size)
}

// head checks the checkpoint, and the growth to it from earlier ones.
func (b Bundle) head() (checkpoint.Signed, error) {
	c, err := checkpoint.Open(b.Checkpoint, b.Keys.Keys()...)
	if err != nil {
		return c, wrap(err, checkpointName)
	}
	last := int64(0)
	for _, g := range b.Earlier {
		old := checkpoint.Checkpoint{Origin: c.Origin, Size: g.Size, Root: g.Root}
		if g.Size <= last {
			return c, altered(earlierName, fmt.Sprintf("size %d", g.Size))
		}
		last = g.Size
		if err := checkpoint.Extends(old, c.Checkpoint, g.Proof); err != nil {
			return c, wrap(err, earlierName)
		}
	}
	return c, nil
}

// check checks a leaf against the root of the log, and its parts against the
// root in the leaf.
func (l Leaf) check(c checkpoint.Checkpoint) (*leaf.Leaf, error) {
	name := fileOf(leafDir, l.Index)
	parsed, err := leaf.Parse(l.Bytes)
	if err != nil {
		return nil, altered(name, err.Error())
	}
	if err := tlog.CheckRecord(l.Path, c.Size, c.Root, l.Index, parsed.Hash()); err != nil {
		return nil, altered(name, err.Error())
	}
	if len(l.Parts) == 0 {
		return parsed, nil
	}
	count, root, err := leaf.PartsOf(parsed)
	if err != nil {
		return nil, altered(name, err.Error())
	}
	last := int64(-1)
	for _, p := range l.Parts {
		err := leaf.CheckPart(p.Path, root, count, p.Index, p.Bytes)
		if err != nil || p.Index <= last {
			return nil, altered(fileOf(partDir, l.Index), fmt.Sprintf("part %d", p.Index))
		}
		last = p.Index
	}
	return parsed, nil
}

func altered(place, what string) error {
	return errs.New(errs.Unverified, "BUNDLE_ALTERED", "place", place, "what", what)
}

// wrap names the member in which something does not hold.
func wrap(err error, place string) error {
	return errs.Wrap(err, errs.Unverified, "BUNDLE_ALTERED", "place", place, "what", errs.CodeOf(err))
}
