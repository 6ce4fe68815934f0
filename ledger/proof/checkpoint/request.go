package checkpoint

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/errs"
)

// proofLines is the most hashes a consistency proof may have.
const proofLines = 63

// Request asks a witness to cosign: the checkpoint with the proof that the log
// grew to it from size Old. It goes over the network or on a stick.
type Request struct {
	Old   int64
	Proof tlog.TreeProof
	Note  []byte // the signed checkpoint
}

// Bytes are the body of POST /add-checkpoint.
func (r Request) Bytes() []byte {
	b := fmt.Appendf(nil, "old %d\n", r.Old)
	for _, h := range r.Proof {
		b = fmt.Appendf(b, "%s\n", h)
	}
	return append(append(b, '\n'), r.Note...)
}

// ParseRequest reads a request. Errors: CHECKPOINT_REQUEST (Invalid).
func ParseRequest(b []byte) (Request, error) {
	bad := func(what string) (Request, error) {
		return Request{}, errs.New(errs.Invalid, "CHECKPOINT_REQUEST", "what", what)
	}
	head, msg, ok := bytes.Cut(b, []byte("\n\n"))
	if !ok {
		return bad("no checkpoint")
	}
	lines := strings.Split(string(head), "\n")
	text, ok := strings.CutPrefix(lines[0], "old ")
	old, err := ParseSize(text)
	if !ok || err != nil {
		return bad("first line")
	}
	if len(lines)-1 > proofLines {
		return bad("proof too long")
	}
	r := Request{Old: old, Note: msg}
	for _, l := range lines[1:] {
		h, err := parseHash(l)
		if err != nil {
			return bad("proof")
		}
		r.Proof = append(r.Proof, h)
	}
	return r, nil
}
