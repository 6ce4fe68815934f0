package witness_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/witness"
	"fenlu/ledger/proof/checkpoint"
	"fenlu/ledger/proof/checkpoint/logtest"
)

const origin = "fenlu/0123456789abcdef"

var nine = time.Date(2026, 10, 9, 9, 0, 0, 0, clock.Shanghai)

// house is a log with its key and a witness that trusts it.
type house struct {
	log    *logtest.Log
	signer checkpoint.Signer
	dir    string
	*witness.Witness
}

func setup(t *testing.T, a checkpoint.Algorithm) house {
	t.Helper()
	h := house{logtest.New(t, origin).Add("a", "b", "c", "d", "e", "f", "g"), logtest.Signer(t, origin, a), t.TempDir(), nil}
	if _, err := witness.Init(h.dir, "witness.example/w1"); err != nil {
		t.Fatal(err)
	}
	h.Witness = h.open(t)
	if _, err := h.Trust(checkpoint.Public{First: h.signer.Key}); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h house) open(t *testing.T) *witness.Witness {
	t.Helper()
	w, err := witness.Open(h.dir, clock.NewManual(nine))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// request asks for a checkpoint of a log that says it grew from a size.
func (h house) request(t *testing.T, log *logtest.Log, from, to int64) checkpoint.Request {
	t.Helper()
	return checkpoint.Request{Old: from, Proof: log.Grown(from, to), Note: logtest.Sign(t, log.At(to), h.signer)}
}

// known is the size the witness has on the disk.
func (h house) known(t *testing.T) int64 {
	t.Helper()
	logs, err := h.open(t).Logs()
	if err != nil {
		t.Fatal(err)
	}
	return logs[0].Last.Size
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if code == "" && err != nil || code != "" && errs.CodeOf(err) != code {
		t.Errorf("error %v, want %q", err, code)
	}
}

func TestAdd_cosigns_what_extends(t *testing.T) {
	t.Parallel()
	for _, a := range []checkpoint.Algorithm{checkpoint.Ed25519, checkpoint.SM2} {
		t.Run(string(a), func(t *testing.T) {
			t.Parallel()
			h := setup(t, a)
			for _, step := range [][2]int64{{0, 3}, {3, 5}, {5, 5}, {5, 7}} {
				r := h.request(t, h.log, step[0], step[1])
				lines, err := h.Add(r)
				if err != nil {
					t.Fatalf("from %d to %d: %v", step[0], step[1], err)
				}
				cosigned(t, h, r.Note, lines)
			}
			if got := h.known(t); got != 7 {
				t.Errorf("knows %d leaves, want 7", got)
			}
		})
	}
}

func cosigned(t *testing.T, h house, note, lines []byte) {
	t.Helper()
	seen, err := checkpoint.Cosignatures(append(bytes.Clone(note), lines...), h.Key())
	if err != nil || len(seen) != 1 || !seen[0].At.Equal(nine) {
		t.Errorf("cosignatures %+v, %v", seen, err)
	}
}

func TestAdd_refuses(t *testing.T) {
	t.Parallel()
	fork := func(t *testing.T) *logtest.Log {
		return logtest.New(t, origin).Add("a", "b", "c", "d", "X", "f", "g")
	}
	for name, tt := range map[string]struct {
		request func(*testing.T, house) checkpoint.Request
		code    string
	}{
		"tail_deleted":                 {func(t *testing.T, h house) checkpoint.Request { return h.request(t, h.log, 0, 3) }, "CHECKPOINT_SMALLER"},
		"another_history_of_that_size": {func(t *testing.T, h house) checkpoint.Request { return h.request(t, fork(t), 5, 5) }, "CHECKPOINT_OTHER_ROOT"},
		"another_history_that_goes_on": {func(t *testing.T, h house) checkpoint.Request { return h.request(t, fork(t), 5, 7) }, "CHECKPOINT_PROOF"},
		"started_elsewhere":            {func(t *testing.T, h house) checkpoint.Request { return h.request(t, h.log, 3, 7) }, "WITNESS_OLD"},
		"started_beyond": {func(t *testing.T, h house) checkpoint.Request {
			return checkpoint.Request{Old: 9, Note: h.request(t, h.log, 5, 7).Note}
		}, "WITNESS_OLD_GREATER"},
		"no_proof": {func(t *testing.T, h house) checkpoint.Request {
			return checkpoint.Request{Old: 5, Note: h.request(t, h.log, 5, 7).Note}
		}, "CHECKPOINT_PROOF"},
		"signed_by_another": {func(t *testing.T, h house) checkpoint.Request {
			h.signer = logtest.Signer(t, origin, checkpoint.Ed25519)
			return h.request(t, h.log, 5, 7)
		}, "CHECKPOINT_UNSIGNED"},
		"unknown_log": {func(t *testing.T, h house) checkpoint.Request {
			h.signer = logtest.Signer(t, "fenlu/other", checkpoint.Ed25519)
			return h.request(t, logtest.New(t, "fenlu/other").Add("a"), 0, 1)
		}, "WITNESS_UNKNOWN"},
		"no_note": {func(*testing.T, house) checkpoint.Request { return checkpoint.Request{Note: []byte("nothing")} }, "CHECKPOINT_DAMAGED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t, checkpoint.Ed25519)
			if _, err := h.Add(h.request(t, h.log, 0, 5)); err != nil {
				t.Fatal(err)
			}
			lines, err := h.Add(tt.request(t, h))
			wantCode(t, err, tt.code)
			if len(lines) != 0 || h.known(t) != 5 {
				t.Errorf("answered %q and knows %d leaves", lines, h.known(t))
			}
			if kept, err := os.ReadFile(filepath.Join(h.dir, "refused.log")); (err == nil) != (strings.HasPrefix(tt.code, "CHECKPOINT_") && tt.code != "CHECKPOINT_DAMAGED" && tt.code != "CHECKPOINT_UNSIGNED") {
				t.Errorf("evidence kept: %q, %v", kept, err)
			}
		})
	}
}

// Killed after it wrote and before it answered, the witness comes back knowing
// what it would have answered, and answers when asked again.
func TestAdd_after_a_crash_between_write_and_answer(t *testing.T) {
	t.Parallel()
	h := setup(t, checkpoint.Ed25519)
	if _, err := h.Add(h.request(t, h.log, 0, 3)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Add(h.request(t, h.log, 3, 5)); err != nil { // its answer is lost
		t.Fatal(err)
	}
	again := h.open(t)
	_, err := again.Add(h.request(t, h.log, 3, 5))
	wantCode(t, err, "WITNESS_OLD")
	r := h.request(t, h.log, 5, 5)
	lines, err := again.Add(r)
	if err != nil {
		t.Fatal(err)
	}
	cosigned(t, h, r.Note, lines)
}

// Many ask at once, from two processes: what is known never goes back, and only
// one of two histories is ever cosigned.
func TestAdd_by_many_at_once(t *testing.T) {
	t.Parallel()
	h := setup(t, checkpoint.Ed25519)
	fork := logtest.New(t, origin).Add("A", "B", "C", "D", "E", "F", "G")
	var requests []checkpoint.Request
	for _, log := range []*logtest.Log{h.log, fork} {
		for to := int64(1); to <= 7; to++ {
			for from := range to + 1 {
				requests = append(requests, h.request(t, log, from, to))
			}
		}
	}
	processes := []*witness.Witness{h.open(t), h.open(t)}
	var mu sync.Mutex
	var roots []string
	var all sync.WaitGroup
	for i, r := range requests {
		all.Go(func() {
			if _, err := processes[i%2].Add(r); err == nil {
				mu.Lock()
				defer mu.Unlock()
				text, _ := checkpoint.TextOf(r.Note)
				roots = append(roots, text)
			}
		})
	}
	all.Wait()
	honest := map[string]bool{}
	for n := int64(1); n <= 7; n++ {
		honest[h.log.At(n).Text()] = true
	}
	for _, text := range roots {
		if honest[text] != honest[roots[0]] {
			t.Fatalf("two histories were cosigned: %v", roots)
		}
	}
	logs, err := h.open(t).Logs()
	if err != nil || len(roots) == 0 {
		t.Fatalf("%d cosigned, %v", len(roots), err)
	}
	for _, text := range roots {
		if c, _ := checkpoint.Parse(text); c.Size > logs[0].Last.Size {
			t.Errorf("cosigned %d leaves, knows %d", c.Size, logs[0].Last.Size)
		}
	}
}

func TestTrust_follows_a_rotation_and_nothing_else(t *testing.T) {
	t.Parallel()
	h := setup(t, checkpoint.Ed25519)
	if _, err := h.Add(h.request(t, h.log, 0, 3)); err != nil {
		t.Fatal(err)
	}
	next := logtest.Signer(t, origin, checkpoint.SM2)
	_, err := h.Trust(checkpoint.Public{First: next.Key})
	wantCode(t, err, "WITNESS_OTHER_KEY")
	old := h.signer
	h.signer = next
	_, err = h.Add(h.request(t, h.log, 3, 5))
	wantCode(t, err, "CHECKPOINT_UNSIGNED")
	r, err := checkpoint.Rotate(old, next)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Trust(checkpoint.Public{First: old.Key, Rotations: []checkpoint.Rotation{r}}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Add(h.request(t, h.log, 3, 5)); err != nil {
		t.Errorf("signed with the new key: %v", err)
	}
}

func TestOpen_refuses_a_damaged_memory(t *testing.T) {
	t.Parallel()
	h := setup(t, checkpoint.Ed25519)
	if _, err := h.Add(h.request(t, h.log, 0, 3)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(h.dir, "witness-logs.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"cut":          text[:len(text)/2],
		"other_size":   bytes.Replace(text, []byte(`\n3\n`), []byte(`\n2\n`), 1),
		"not_cosigned": withoutCosignature(text),
	} {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := h.open(t).Add(h.request(t, h.log, 3, 5))
		if errs.CodeOf(err) != "WITNESS_DAMAGED" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = witness.Init(h.dir, "witness.example/other")
	wantCode(t, err, "WITNESS_EXISTS")
	if again, err := witness.Init(h.dir, h.open(t).Key().Name()); err != nil || !again.Equal(h.open(t).Key()) {
		t.Errorf("made again: %v, %v", again, err)
	}
	_, err = witness.Open(t.TempDir(), clock.System{})
	wantCode(t, err, "WITNESS_DIR")
}

// withoutCosignature takes the witness's own signature line out of its memory.
func withoutCosignature(text []byte) []byte {
	from := bytes.Index(text, []byte("— witness"))
	to := bytes.IndexByte(text[from:], '"')
	return append(bytes.Clone(text[:from]), text[from+to:]...)
}

func TestServe(t *testing.T) {
	t.Parallel()
	h := setup(t, checkpoint.Ed25519)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(ctx, l) }()
	url := "http://" + l.Addr().String() + witness.AddPath
	other := h
	other.signer = logtest.Signer(t, origin, checkpoint.Ed25519)
	fork := logtest.New(t, origin).Add("a", "b", "c", "d", "X", "f", "g")
	for _, tt := range []struct {
		name, body, kind string
		status           int
	}{
		{"first", string(h.request(t, h.log, 0, 5).Bytes()), "text/plain; charset=utf-8", http.StatusOK},
		{"old", string(h.request(t, h.log, 3, 7).Bytes()), witness.SizeType, http.StatusConflict},
		{"fork", string(h.request(t, fork, 5, 5).Bytes()), witness.SizeType, http.StatusConflict},
		{"fork_grown", string(h.request(t, fork, 5, 7).Bytes()), "", http.StatusUnprocessableEntity},
		{"other_key", string(other.request(t, h.log, 5, 7).Bytes()), "", http.StatusForbidden},
		{"unknown", strings.Replace(string(h.request(t, h.log, 5, 7).Bytes()), "\n\nfenlu/", "\n\nother/", 1), "", http.StatusNotFound},
		{"nonsense", "old x\n\n", "", http.StatusBadRequest},
		{"too_long", strings.Repeat("x", 1<<20), "", http.StatusRequestEntityTooLarge},
	} {
		status, kind, body := post(t, url, tt.body)
		if status != tt.status || tt.kind != "" && kind != tt.kind || kind == witness.SizeType && body != "5\n" {
			t.Errorf("%s: %d %s %q, want %d %s", tt.name, status, kind, body, tt.status, tt.kind)
		}
	}
	stop()
	if err := <-ended; err != nil && !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

func post(t *testing.T, url, body string) (status int, kind, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(text)
}

// Told of a restart that the log signed, the witness takes the new history and
// keeps what it saw; nothing else makes it forget.
func TestRestart(t *testing.T) {
	t.Parallel()
	h := setup(t, checkpoint.Ed25519)
	if _, err := h.Add(h.request(t, h.log, 0, 5)); err != nil {
		t.Fatal(err)
	}
	restored := logtest.New(t, origin).Add("a", "b", "c", "X")
	signed := func(s checkpoint.Signer, kept int64) []byte {
		r, err := checkpoint.SignRestart(checkpoint.Restart{Abandoned: h.log.At(5), Kept: kept, Leaf: restored.At(4).Root.String()}, s)
		if err != nil {
			t.Fatal(err)
		}
		return r.Note
	}
	for code, note := range map[string][]byte{
		"CHECKPOINT_UNSIGNED":  signed(logtest.Signer(t, origin, checkpoint.Ed25519), 3),
		"WITNESS_NOT_GIVEN_UP": signed(h.signer, 5),
		"CHECKPOINT_RESTART":   h.request(t, h.log, 0, 5).Note,
	} {
		_, _, err := h.Restart(note)
		wantCode(t, err, code)
		if h.known(t) != 5 {
			t.Fatalf("%s: forgot what it saw", code)
		}
	}
	note := signed(h.signer, 3)
	if _, r, err := h.Restart(note); err != nil || r.Lost() != 2 {
		t.Fatalf("restart %+v, %v", r, err)
	}
	if _, err := h.Add(h.request(t, restored, 0, 4)); err != nil || h.known(t) != 4 {
		t.Errorf("the new history: %v", err)
	}
	_, _, err := h.Restart(note)
	wantCode(t, err, "WITNESS_NOT_GIVEN_UP")
	if kept, err := os.ReadFile(filepath.Join(h.dir, "refused.log")); err != nil || !bytes.Contains(kept, []byte(h.log.At(5).Text())) {
		t.Errorf("what it saw is not kept: %q, %v", kept, err)
	}
}
