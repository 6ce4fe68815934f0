package notary

import (
	"context"
	"errors"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/durable"
	"fenlu/internal/errs"
	"fenlu/internal/vault"
	"fenlu/ledger/proof/checkpoint"
)

// Log is what the notary asks of the log: its size, its root at a size, and the
// proof that it grew from one size to another.
type Log interface {
	Size(ctx context.Context) (int64, error)
	RootAt(ctx context.Context, size int64) (tlog.Hash, error)
	ProveExtends(ctx context.Context, size, old int64) (tlog.TreeProof, error)
}

// Notary is the open keys with the file of checkpoints outside and the
// witnesses.
type Notary struct {
	Keys  *Keys
	Peers []Peer
	path  string
}

// Options say where things are.
type Options struct {
	KeyDir  string
	DataDir string // "" where the database is not in a directory of ours
	Outside string // the file of checkpoints; "" is checkpoints.log in KeyDir
	Begun   bool   // the log names a key already: no other may be made
}

// Open opens the keys, or makes the first; made says which. Errors: those of
// OpenOrCreateKeys; VAULT_INSIDE_DATA for the file; NOTARY_PEERS (Invalid).
func Open(o Options) (n *Notary, made bool, err error) {
	path := o.Outside
	if path == "" {
		path = filepath.Join(o.KeyDir, OutsideName)
	}
	if o.DataDir != "" {
		if err := vault.Place(filepath.Dir(path), o.DataDir); err != nil {
			return nil, false, err
		}
	}
	keys, made, err := OpenOrCreateKeys(o.KeyDir, o.DataDir, o.Begun)
	if err != nil {
		return nil, false, err
	}
	peers, err := readPeers(o.KeyDir)
	return &Notary{keys, peers, path}, made, err
}

// Outside is the file of checkpoints.
func (n *Notary) Outside() Outside { return Outside{n.path, n.Keys.Keys()} }

// Path is where the file of checkpoints is.
func (n *Notary) Path() string { return n.path }

// Stamp signs where the log stands, if that extends the last checkpoint, and
// stores it outside; grown is false, and the last checkpoint the answer, where
// the log has not grown. An empty log has none (size 0).
//
// Errors: CHECKPOINT_SMALLER, CHECKPOINT_OTHER_ROOT, CHECKPOINT_PROOF and
// NOTARY_OUTSIDE_DAMAGED (Unverified), on which nothing is signed;
// NOTARY_OUTSIDE (Refused).
func (n *Notary) Stamp(ctx context.Context, log Log) (last checkpoint.Signed, grown bool, err error) {
	unlock, err := durable.Lock(filepath.Join(n.Keys.dir, lockName))
	if err != nil {
		return last, false, errs.Wrap(err, errs.Refused, "NOTARY_OUTSIDE", "path", n.path)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if last, err = n.Outside().newest(); err != nil {
		return last, false, err
	}
	size, err := log.Size(ctx)
	if err != nil {
		return last, false, err
	}
	if err := extends(ctx, log, last.Checkpoint, size); err != nil {
		return last, false, err
	}
	if size == last.Size {
		return last, false, nil
	}
	head := checkpoint.Checkpoint{Origin: n.Keys.Origin(), Size: size}
	if head.Root, err = log.RootAt(ctx, size); err != nil {
		return last, false, err
	}
	note, err := checkpoint.Sign(head, n.Keys.signer)
	if err != nil {
		return last, false, err
	}
	return checkpoint.Signed{Checkpoint: head, Note: note, By: n.Keys.Current()}, true, n.Outside().add(note)
}

// extends compares a log of so many leaves with a checkpoint that was signed
// earlier: at that size, its root must be that root.
func extends(ctx context.Context, log Log, old checkpoint.Checkpoint, size int64) error {
	sizes := []any{"old", old.Size, "size", size, "origin", old.Origin}
	if old.Size == 0 {
		return nil
	}
	if old.Size > size {
		return errs.New(errs.Unverified, "CHECKPOINT_SMALLER", sizes...)
	}
	then, err := log.RootAt(ctx, old.Size)
	if err != nil || then == old.Root {
		return err
	}
	if old.Size == size {
		return errs.New(errs.Unverified, "CHECKPOINT_OTHER_ROOT", sizes...)
	}
	return errs.New(errs.Unverified, "CHECKPOINT_PROOF", sizes...)
}

// Compared is what a comparison looked at.
type Compared struct {
	Checkpoints int   `json:"checkpoints"` // how many
	Largest     int64 `json:"largest"`     // leaves of the largest
	Size        int64 `json:"size"`        // leaves of the log
	Cosigned    int   `json:"cosigned"`    // how many a known witness signed
}

// Mismatch is a checkpoint that the log contradicts.
type Mismatch struct {
	Checkpoint checkpoint.Checkpoint
	Err        error // CHECKPOINT_SMALLER, CHECKPOINT_OTHER_ROOT, CHECKPOINT_PROOF, or that there is no root
}

// Compare compares the log with checkpoints that were kept.
func (n *Notary) Compare(ctx context.Context, log Log, kept []checkpoint.Signed) (Compared, []Mismatch, error) {
	size, err := log.Size(ctx)
	if err != nil {
		return Compared{}, nil, err
	}
	out := Compared{Checkpoints: len(kept), Size: size}
	var bad []Mismatch
	for _, c := range kept {
		out.Largest = max(out.Largest, c.Size)
		if cosigned, err := n.cosigned(c.Note); err == nil && cosigned {
			out.Cosigned++
		}
		if err := extends(ctx, log, c.Checkpoint, size); err != nil {
			bad = append(bad, Mismatch{c.Checkpoint, err})
		}
		if ctx.Err() != nil {
			return out, bad, ctx.Err()
		}
	}
	return out, bad, nil
}

func (n *Notary) cosigned(note []byte) (bool, error) {
	seen, err := checkpoint.Cosignatures(note, n.witnessKeys()...)
	return len(seen) > 0, err
}

func (n *Notary) witnessKeys() []checkpoint.Key {
	keys := make([]checkpoint.Key, len(n.Peers))
	for i, p := range n.Peers {
		keys[i] = p.Key
	}
	return keys
}

// Covering are the checkpoints outside that cover a size, the smallest first,
// each with the cosignatures that came for it.
func (n *Notary) Covering(size int64) ([]checkpoint.Signed, error) {
	all, err := n.Outside().All()
	var out []checkpoint.Signed
	for _, c := range all {
		if c.Size >= size {
			out = append(out, c)
		}
	}
	return out, err
}

// LastCosigned is the size of the largest checkpoint that a known witness
// cosigned, 0 for none.
func (n *Notary) LastCosigned() (int64, error) {
	var size int64
	for _, p := range n.Peers {
		seen, err := n.seenBy(p)
		if err != nil {
			return 0, err
		}
		size = max(size, seen)
	}
	return size, nil
}

// Request asks a witness that knows the log at size old to cosign a checkpoint.
func (n *Notary) Request(ctx context.Context, log Log, c checkpoint.Signed, old int64) (checkpoint.Request, error) {
	r := checkpoint.Request{Old: old, Note: c.Note}
	if old > c.Size {
		return r, errs.New(errs.Unverified, "CHECKPOINT_SMALLER", "old", old, "size", c.Size, "origin", c.Origin)
	}
	if old == 0 || old == c.Size {
		return r, nil
	}
	var err error
	r.Proof, err = log.ProveExtends(ctx, c.Size, old)
	return r, err
}

// Cosigned stores a checkpoint of ours that comes back with a signature of a
// known witness; it answers with whom. Errors: those of checkpoint.Open;
// NOTARY_NO_WITNESS (Invalid) where no known witness signed it.
func (n *Notary) Cosigned(note []byte) (checkpoint.Signed, []checkpoint.Cosignature, error) {
	c, err := checkpoint.Open(note, n.Keys.Keys()...)
	if err != nil {
		return c, nil, err
	}
	seen, err := checkpoint.Cosignatures(note, n.witnessKeys()...)
	if err != nil {
		return c, nil, err
	}
	if len(seen) == 0 {
		return c, nil, errs.New(errs.Invalid, "NOTARY_NO_WITNESS")
	}
	if c.Note, err = checkpoint.Trim(note, append(n.Keys.Keys(), n.witnessKeys()...)...); err != nil {
		return c, nil, err
	}
	unlock, err := durable.Lock(filepath.Join(n.Keys.dir, lockName))
	if err != nil {
		return c, nil, errs.Wrap(err, errs.Refused, "NOTARY_OUTSIDE", "path", n.path)
	}
	return c, seen, errors.Join(n.Outside().add(c.Note), unlock())
}

// Restart signs that the log gives a history up and goes on from an older state
// of it, and stores that outside; r says what is given up and by which leaf.
// Once there it is not written again. Errors: NOTARY_OUTSIDE (Refused).
func (n *Notary) Restart(r checkpoint.Restart) (err error) {
	unlock, err := durable.Lock(filepath.Join(n.Keys.dir, lockName))
	if err != nil {
		return errs.Wrap(err, errs.Refused, "NOTARY_OUTSIDE", "path", n.path)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	kept, err := n.Outside().Kept()
	if err != nil {
		return err
	}
	if kept.Restarted(r.Leaf) {
		return nil
	}
	r.Abandoned.Origin = n.Keys.Origin()
	if r, err = checkpoint.SignRestart(r, n.Keys.signer); err != nil {
		return err
	}
	return n.Outside().add(r.Note)
}
