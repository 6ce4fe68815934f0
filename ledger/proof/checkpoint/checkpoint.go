package checkpoint

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/errs"
)

// Checkpoint is where a log stood: Size leaves with the RFC 6962 root Root.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// Text is the text that is signed: three lines.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// Parse reads the text of a checkpoint. Another log's may go on with extension
// lines, which say nothing to us. Errors: CHECKPOINT_DAMAGED (Invalid).
func Parse(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[len(lines)-1] != "" {
		return Checkpoint{}, damaged("three lines are needed")
	}
	for _, l := range lines[:len(lines)-1] {
		if l == "" {
			return Checkpoint{}, damaged("a line is empty")
		}
	}
	size, err := ParseSize(lines[1])
	if err != nil {
		return Checkpoint{}, damaged("size " + lines[1])
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return Checkpoint{}, damaged("root " + lines[2])
	}
	return Checkpoint{lines[0], size, root}, nil
}

// ParseSize reads a size as it is written in checkpoints: decimal digits with
// no leading zero.
func ParseSize(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		return 0, errors.New("not a size")
	}
	return n, nil
}

// parseHash accepts the one way in which a hash is written.
func parseHash(text string) (tlog.Hash, error) {
	h, err := tlog.ParseHash(text)
	if err == nil && h.String() != text {
		err = errors.New("not canonical base64")
	}
	return h, err
}

// Signed is a checkpoint whose signature by a key of its log was verified.
type Signed struct {
	Checkpoint
	Note []byte // as it came, all signatures included
	By   Key    // the log's key that signed it
}

// Sign writes the signed note of a checkpoint.
func Sign(c Checkpoint, signers ...note.Signer) ([]byte, error) {
	return SignText(c.Text(), signers...)
}

// Open reads a signed checkpoint. One of the keys must have signed it, and its
// name must be the origin; signatures by others are left to Cosignatures.
// Errors: CHECKPOINT_DAMAGED (Invalid); CHECKPOINT_UNSIGNED, CHECKPOINT_FORGED,
// CHECKPOINT_ORIGIN (Unverified).
func Open(msg []byte, keys ...Key) (Signed, error) {
	n, err := OpenText(msg, keys...)
	if err != nil {
		return Signed{}, err
	}
	c, err := Parse(n.Text)
	if err != nil {
		return Signed{}, err
	}
	for _, k := range keys {
		for _, s := range n.Sigs {
			if s.Name == c.Origin && k.signed(s) {
				return Signed{Checkpoint: c, Note: msg, By: k}, nil
			}
		}
	}
	return Signed{}, errs.New(errs.Unverified, "CHECKPOINT_ORIGIN", "origin", c.Origin, "signer", n.Sigs[0].Name)
}

// SignText signs any text as a note: the manifest of a bundle, say. Its first
// line must say what it is, so that it can never be taken for a checkpoint.
func SignText(text string, signers ...note.Signer) ([]byte, error) {
	out, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "CHECKPOINT_SIGN")
	}
	return out, nil
}

// OpenText verifies a note: at least one of the keys signed it, and what any of
// them is said to have signed it did. Errors: CHECKPOINT_DAMAGED (Invalid),
// CHECKPOINT_UNSIGNED and CHECKPOINT_FORGED (Unverified).
func OpenText(msg []byte, keys ...Key) (*note.Note, error) {
	verifiers := make([]note.Verifier, len(keys))
	for i, k := range keys {
		verifiers[i] = k
	}
	n, err := note.Open(msg, note.VerifierList(distinct(verifiers)...))
	if _, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
		return nil, errs.New(errs.Unverified, "CHECKPOINT_UNSIGNED")
	}
	if bad, ok := errors.AsType[*note.InvalidSignatureError](err); ok {
		return nil, errs.New(errs.Unverified, "CHECKPOINT_FORGED", "signer", bad.Name)
	}
	if err != nil {
		return nil, damaged(err.Error())
	}
	if err := canonical(n); err != nil {
		return nil, err
	}
	return n, nil
}

// canonical refuses a signature of ours written in another way than one.
func canonical(n *note.Note) error {
	for _, s := range n.Sigs {
		raw, err := base64.StdEncoding.DecodeString(s.Base64)
		if err != nil || base64.StdEncoding.EncodeToString(raw) != s.Base64 {
			return damaged("signature not in canonical base64")
		}
	}
	return nil
}

// distinct drops repeated keys, which a list of verifiers takes for ambiguous.
func distinct(in []note.Verifier) []note.Verifier {
	type id struct {
		name string
		hash uint32
	}
	seen := map[id]bool{}
	var out []note.Verifier
	for _, v := range in {
		if k := (id{v.Name(), v.KeyHash()}); !seen[k] {
			seen[k] = true
			out = append(out, v)
		}
	}
	return out
}

// TextOf is the text of a note without its signatures, unverified.
func TextOf(msg []byte) (string, error) {
	_, err := note.Open(msg, note.VerifierList())
	if e, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
		return e.Note.Text, nil
	}
	return "", damaged("not a signed note")
}

// Merge adds the signatures of b to those of a, two notes of the same text.
func Merge(a, b []byte) ([]byte, error) {
	textA, errA := TextOf(a)
	textB, errB := TextOf(b)
	if err := errors.Join(errA, errB); err != nil {
		return nil, err
	}
	if textA != textB {
		return nil, damaged("signatures of another text")
	}
	out := strings.Clone(string(a))
	for line := range strings.Lines(strings.TrimPrefix(string(b), textB+"\n")) {
		if !strings.Contains(out, "\n"+line) {
			out += line
		}
	}
	return []byte(out), nil
}

// Trim leaves the signatures of known keys on a note and takes the rest off.
// Errors: those of OpenText.
func Trim(msg []byte, keys ...Key) ([]byte, error) {
	n, err := OpenText(msg, keys...)
	if err != nil {
		return nil, err
	}
	out := []byte(n.Text + "\n")
	for _, s := range n.Sigs {
		out = append(out, "— "+s.Name+" "+s.Base64+"\n"...)
	}
	return out, nil
}

// Extends checks that the log grew from the one checkpoint to the other; equal
// sizes need no proof. Errors (Unverified): CHECKPOINT_SMALLER,
// CHECKPOINT_OTHER_ROOT, CHECKPOINT_PROOF.
func Extends(old, later Checkpoint, proof tlog.TreeProof) error {
	sizes := []any{"old", old.Size, "size", later.Size, "origin", later.Origin}
	switch {
	case later.Size < old.Size:
		return errs.New(errs.Unverified, "CHECKPOINT_SMALLER", sizes...)
	case later.Size == old.Size && later.Root != old.Root:
		return errs.New(errs.Unverified, "CHECKPOINT_OTHER_ROOT", sizes...)
	case later.Size == old.Size || old.Size == 0:
		if len(proof) == 0 {
			return nil
		}
	case tlog.CheckTree(proof, later.Size, later.Root, old.Size, old.Root) == nil:
		return nil
	}
	return errs.New(errs.Unverified, "CHECKPOINT_PROOF", sizes...)
}

func damaged(what string) error {
	return errs.New(errs.Invalid, "CHECKPOINT_DAMAGED", "what", what)
}
