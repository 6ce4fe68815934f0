package checkpoint

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"fenlu/internal/errs"
)

// timeBytes is the length of the time before the signature proper.
const timeBytes = 8

// cosigner signs a checkpoint as a witness does, with the time.
type cosigner struct {
	Signer
	at time.Time
}

// Cosigner is the signer of a witness at a time.
func Cosigner(s Signer, at time.Time) note.Signer { return cosigner{s, at} }

// Sign is the time as eight bytes and the Ed25519 signature over the text with
// the time before it.
func (c cosigner) Sign(text []byte) ([]byte, error) {
	seconds := uint64(max(c.at.Unix(), 0))
	sig := ed25519.Sign(ed25519.NewKeyFromSeed(c.private), timedText(seconds, text))
	return append(binary.BigEndian.AppendUint64(nil, seconds), sig...), nil
}

// timedText is what a cosignature signs.
func timedText(seconds uint64, text []byte) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", seconds, text)
}

func verifyCosignature(public, text, sig []byte) bool {
	if len(sig) != timeBytes+ed25519.SignatureSize {
		return false
	}
	seconds := binary.BigEndian.Uint64(sig)
	return seconds <= math.MaxInt64 && ed25519.Verify(public, timedText(seconds, text), sig[timeBytes:])
}

// Cosignature is a witness that signed a checkpoint, and when.
type Cosignature struct {
	Witness Key
	At      time.Time
}

// Cosignatures are the witnesses among keys that signed a checkpoint; what
// others signed says nothing. A signature in the name of one of them that is
// not theirs is an error (CHECKPOINT_FORGED, Unverified).
func Cosignatures(msg []byte, witnesses ...Key) ([]Cosignature, error) {
	n, err := OpenText(msg, witnesses...)
	if isUnsigned(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Cosignature
	for _, w := range witnesses {
		for _, s := range n.Sigs {
			if w.Algorithm() == Cosign && w.signed(s) {
				out = append(out, Cosignature{w, cosignedAt(s)})
			}
		}
	}
	return out, nil
}

// cosignedAt is the time in a verified cosignature.
func cosignedAt(s note.Signature) time.Time {
	raw, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil || len(raw) < 4+timeBytes {
		return time.Time{}
	}
	return time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0) //nolint:gosec // verified to be within int64
}

// CosignNote is the signature lines of a witness for a checkpoint.
func CosignNote(msg []byte, s Signer, at time.Time) (lines []byte, err error) {
	text, err := TextOf(msg)
	if err != nil {
		return nil, err
	}
	signed, err := SignText(text, Cosigner(s, at))
	if err != nil {
		return nil, err
	}
	return []byte(strings.TrimPrefix(string(signed), text+"\n")), nil
}

func isUnsigned(err error) bool { return errs.CodeOf(err) == "CHECKPOINT_UNSIGNED" }
