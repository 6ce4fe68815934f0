package notary

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fenlu/internal/errs"
	"fenlu/ledger/proof/checkpoint"
)

// Peer is a witness to ask: where, and the key it signs with. One without an
// address is asked by carrying files.
type Peer struct {
	URL  string         `json:"url"`
	VKey string         `json:"key"`
	Key  checkpoint.Key `json:"-"`
}

// readPeers reads witnesses.json in the key directory: [{"url":…,"key":…}].
func readPeers(dir string) ([]Peer, error) {
	path := filepath.Join(dir, PeersName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var peers []Peer
	if err == nil {
		err = json.Unmarshal(text, &peers)
	}
	for i := range peers {
		if err != nil {
			break
		}
		peers[i].Key, err = checkpoint.ParseKey(peers[i].VKey)
		if err == nil && peers[i].Key.Algorithm() != checkpoint.Cosign {
			err = errs.New(errs.Invalid, "CHECKPOINT_KEY", "value", peers[i].VKey)
		}
	}
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "NOTARY_PEERS", "path", path)
	}
	return peers, nil
}

// The times a witness has to answer, in all and for one request. A witness that
// is away must not hold up those who pay.
const (
	askTime    = 3 * time.Second
	answerSize = 64 << 10
)

// Ask asks every witness that has an address to cosign a checkpoint, and stores
// what they answer. The errors are one for each that did not: they stop nobody.
// CHECKPOINT_SMALLER, CHECKPOINT_PROOF and CHECKPOINT_OTHER_ROOT (Unverified)
// are a witness that has seen another history; WITNESS_AWAY (Unavailable) any
// other.
func (n *Notary) Ask(ctx context.Context, log Log, c checkpoint.Signed) []error {
	var missing []error
	for _, p := range n.Peers {
		if p.URL == "" {
			continue
		}
		if err := n.ask(ctx, log, c, p); err != nil {
			missing = append(missing, err)
		}
	}
	return missing
}

func (n *Notary) ask(ctx context.Context, log Log, c checkpoint.Signed, p Peer) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	old, err := n.seenBy(p)
	if err != nil {
		return err
	}
	a, err := n.post(ctx, log, c, p, old)
	if err == nil && a.status == http.StatusConflict && a.size != old { // it knows another size than we thought
		old = a.size
		a, err = n.post(ctx, log, c, p, old)
	}
	if errs.KindOf(err) == errs.Unverified {
		return errs.Wrap(err, errs.Unverified, "WITNESS_CONTRADICTS", "witness", p.Key.Name())
	}
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "WITNESS_AWAY", "witness", p.Key.Name(), "url", p.URL)
	}
	switch a.status {
	case http.StatusOK:
		_, _, err = n.Cosigned(append(bytes.Clone(c.Note), a.body...))
		return err
	case http.StatusConflict, http.StatusUnprocessableEntity:
		return errs.New(errs.Unverified, "WITNESS_CONTRADICTS", "witness", p.Key.Name())
	}
	return errs.Wrap(fmt.Errorf("%d %s", a.status, strings.TrimSpace(string(a.body))), errs.Unavailable, "WITNESS_AWAY",
		"witness", p.Key.Name(), "url", p.URL)
}

// seenBy is the size of the last checkpoint that a witness cosigned, as far as
// we know.
func (n *Notary) seenBy(p Peer) (int64, error) {
	end, err := n.Outside().read(tail)
	var size int64
	for _, note := range sinceRestart(end.notes) {
		seen, errSeen := checkpoint.Cosignatures(note, p.Key)
		c, errOpen := checkpoint.Open(note, n.Keys.Keys()...)
		if errSeen == nil && errOpen == nil && len(seen) > 0 {
			size = max(size, c.Size)
		}
	}
	return size, err
}

// answer is what a witness said; size is what it knows, with a conflict.
type answer struct {
	status int
	body   []byte
	size   int64
}

// post sends one request.
func (n *Notary) post(ctx context.Context, log Log, c checkpoint.Signed, p Peer, old int64) (answer, error) {
	r, err := n.Request(ctx, log, c, old)
	if err != nil {
		return answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(p.URL, "/")+"/add-checkpoint", bytes.NewReader(r.Bytes()))
	if err != nil {
		return answer{}, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	a := answer{status: resp.StatusCode}
	if a.body, err = io.ReadAll(io.LimitReader(resp.Body, answerSize)); err != nil || a.status != http.StatusConflict {
		return a, err
	}
	a.size, err = checkpoint.ParseSize(strings.TrimSuffix(string(a.body), "\n"))
	return a, err
}
