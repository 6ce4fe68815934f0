package checkpoint

import (
	"strings"

	"fenlu/internal/errs"
)

// rotationHead is the first line of a rotation.
const rotationHead = "fenlu key rotation v1"

// Rotation is a note by which a log's old key names the new one. Both sign it:
// the old says who follows, the new that it is held by the log.
type Rotation struct {
	Old, New Key
	Note     []byte
}

// Rotate writes the rotation from one key to another of the same log.
func Rotate(from, to Signer) (Rotation, error) {
	text := strings.Join([]string{rotationHead, from.String(), to.String(), ""}, "\n")
	msg, err := SignText(text, from, to)
	return Rotation{from.Key, to.Key, msg}, err
}

// OpenRotation reads a rotation and verifies both signatures. Errors:
// CHECKPOINT_ROTATION (Invalid), CHECKPOINT_FORGED, CHECKPOINT_UNSIGNED.
func OpenRotation(msg []byte) (Rotation, error) {
	bad := errs.New(errs.Invalid, "CHECKPOINT_ROTATION")
	text, err := TextOf(msg)
	if err != nil {
		return Rotation{}, err
	}
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] != rotationHead || lines[3] != "" {
		return Rotation{}, bad
	}
	from, errOld := ParseKey(lines[1])
	to, errNew := ParseKey(lines[2])
	if errOld != nil || errNew != nil || from.Name() != to.Name() || from.Equal(to) {
		return Rotation{}, bad
	}
	for _, k := range []Key{from, to} {
		if _, err := OpenText(msg, k); err != nil {
			return Rotation{}, err
		}
	}
	return Rotation{from, to, msg}, nil
}

// Follow is the keys that somebody who trusts one key has reason to trust: that
// one and those it leads to, in order. Rotations that do not go on from there
// are passed over.
func Follow(trusted Key, rotations []Rotation) []Key {
	keys := []Key{trusted}
	for _, r := range rotations {
		if r.Old.Equal(keys[len(keys)-1]) {
			keys = append(keys, r.New)
		}
	}
	return keys
}
