package checkpoint

import (
	"strconv"
	"strings"

	"fenlu/internal/errs"
)

// restartHead is the first line of a restart.
const restartHead = "fenlu log restart v1"

// Restart is a note by which a log gives a history up and goes on from an older
// state of it: a backup that was restored on purpose.
type Restart struct {
	Abandoned Checkpoint // the largest checkpoint of the history given up
	Kept      int64      // leaves of the largest checkpoint that both histories have
	Leaf      string     // hash, in base64, of the leaf that says who did so and why
	Note      []byte
}

// Lost is how many leaves were given up at most: those since the last
// checkpoint that both histories have.
func (r Restart) Lost() int64 { return r.Abandoned.Size - r.Kept }

// SignRestart writes the signed note of a restart.
func SignRestart(r Restart, s Signer) (Restart, error) {
	text := strings.Join([]string{restartHead, r.Abandoned.Origin, strconv.FormatInt(r.Abandoned.Size, 10), r.Abandoned.Root.String(),
		strconv.FormatInt(r.Kept, 10), r.Leaf, ""}, "\n")
	var err error
	r.Note, err = SignText(text, s)
	return r, err
}

// IsRestart says whether a note says that it is a restart; nothing is verified.
func IsRestart(msg []byte) bool { return strings.HasPrefix(string(msg), restartHead+"\n") }

// OpenRestart reads a restart that one of the log's keys signed. Errors:
// CHECKPOINT_RESTART, CHECKPOINT_DAMAGED (Invalid); CHECKPOINT_UNSIGNED,
// CHECKPOINT_FORGED, CHECKPOINT_ORIGIN (Unverified).
func OpenRestart(msg []byte, keys ...Key) (Restart, error) {
	n, err := OpenText(msg, keys...)
	if err != nil {
		return Restart{}, err
	}
	r, err := ParseRestart(n.Text)
	if err == nil && n.Sigs[0].Name != r.Abandoned.Origin {
		err = errs.New(errs.Unverified, "CHECKPOINT_ORIGIN", "origin", r.Abandoned.Origin, "signer", n.Sigs[0].Name)
	}
	r.Note = msg
	return r, err
}

// ParseRestart reads the text of a restart, unverified. Errors:
// CHECKPOINT_RESTART, CHECKPOINT_DAMAGED (Invalid).
func ParseRestart(text string) (Restart, error) {
	bad := errs.New(errs.Invalid, "CHECKPOINT_RESTART")
	lines := strings.Split(text, "\n")
	if len(lines) != 7 || lines[0] != restartHead || lines[6] != "" {
		return Restart{}, bad
	}
	abandoned, err := Parse(strings.Join(lines[1:4], "\n") + "\n")
	if err != nil {
		return Restart{}, err
	}
	kept, errKept := ParseSize(lines[4])
	_, errLeaf := parseHash(lines[5])
	if errKept != nil || errLeaf != nil || kept > abandoned.Size {
		return Restart{}, bad
	}
	return Restart{Abandoned: abandoned, Kept: kept, Leaf: lines[5]}, nil
}
