package idem

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"fenlu/internal/errs"
)

// Command is something that is to be done once.
type Command struct {
	Key     string // chosen by the sender: 1 to 200 printable characters
	Kind    string // what is done: "batch.new"
	Request any    // what it is done with; its JSON is what must not change
}

const maxKey = 200

// check refuses a key that could be mistaken for another, or for a claim.
func (c Command) check() error {
	ok := c.Key != "" && utf8.ValidString(c.Key) && utf8.RuneCountInString(c.Key) <= maxKey &&
		strings.TrimSpace(c.Key) == c.Key && !strings.HasPrefix(c.Key, claimPrefix) &&
		!strings.ContainsFunc(c.Key, func(r rune) bool { return !unicode.IsPrint(r) })
	if !ok {
		return errs.New(errs.Invalid, "IDEM_KEY_INVALID", "key", fmt.Sprintf("%.60q", c.Key), "most", maxKey)
	}
	return nil
}

// digest is SHA-256 of the kind and the request in canonical JSON: keys
// sorted, no blanks, numbers as they were written. The order of the fields in
// the struct does not matter, nor whether it was a struct or a map.
func (c Command) digest() ([]byte, error) {
	canonical, err := canonicalJSON(c.Request)
	if err != nil {
		return nil, fmt.Errorf("request of %s %s: %w", c.Kind, c.Key, err)
	}
	sum := sha256.Sum256(append([]byte(c.Kind+"\x00"), canonical...))
	return sum[:], nil
}

func canonicalJSON(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var plain any
	if err := decoder.Decode(&plain); err != nil {
		return nil, err
	}
	return json.Marshal(plain)
}
