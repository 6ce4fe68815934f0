package notary_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/notary"
	"fenlu/internal/witness"
	"fenlu/ledger/proof/checkpoint"
	"fenlu/ledger/proof/checkpoint/logtest"
)

var nine = time.Date(2026, 10, 9, 9, 0, 0, 0, clock.Shanghai)

// house is a notary with a log that is its own.
type house struct {
	dir string
	log *logtest.Log
	*notary.Notary
}

func setup(t *testing.T) house {
	t.Helper()
	h := house{dir: filepath.Join(t.TempDir(), "keys")}
	h.Notary = h.open(t)
	h.log = h.fork(t, "a", "b", "c")
	return h
}

func (h house) open(t *testing.T) *notary.Notary {
	t.Helper()
	n, _, err := notary.Open(notary.Options{KeyDir: h.dir})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// fork is a log of the same origin.
func (h house) fork(t *testing.T, leaves ...string) *logtest.Log {
	t.Helper()
	return logtest.New(t, h.Keys.Origin()).Add(leaves...)
}

func (h house) stamp(t *testing.T, log *logtest.Log, want int64) checkpoint.Signed {
	t.Helper()
	c, _, err := h.Stamp(t.Context(), log)
	if err != nil || c.Size != want {
		t.Fatalf("stamped %d leaves, %v; want %d", c.Size, err, want)
	}
	return c
}

func (h house) all(t *testing.T) []checkpoint.Signed {
	t.Helper()
	all, err := h.Outside().All()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if code == "" && err != nil || code != "" && errs.CodeOf(err) != code {
		t.Errorf("error %v, want %q", err, code)
	}
}

func TestStamp(t *testing.T) {
	t.Parallel()
	h := setup(t)
	if c, grown, err := h.Stamp(t.Context(), h.fork(t)); err != nil || grown || c.Size != 0 {
		t.Errorf("empty log: %+v %v %v", c, grown, err)
	}
	h.stamp(t, h.log, 3)
	if _, grown, err := h.Stamp(t.Context(), h.log); err != nil || grown {
		t.Errorf("not grown: %v %v", grown, err)
	}
	h.stamp(t, h.log.Add("d", "e"), 5)
	if got := h.all(t); len(got) != 2 || got[0].Size != 3 || got[1].Size != 5 {
		t.Errorf("stored %+v", got)
	}
	covering, err := h.Covering(4)
	if err != nil || len(covering) != 1 || covering[0].Size != 5 {
		t.Errorf("covering 4 leaves: %+v, %v", covering, err)
	}
}

// The notary signs no second history, and says what it sees instead.
func TestStamp_refuses_what_does_not_extend(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		leaves []string
		code   string
	}{
		"tail_deleted":     {[]string{"a", "b"}, "CHECKPOINT_SMALLER"},
		"all_deleted":      {nil, "CHECKPOINT_SMALLER"},
		"another_history":  {[]string{"a", "b", "X"}, "CHECKPOINT_OTHER_ROOT"},
		"another_goes_on":  {[]string{"a", "b", "X", "d"}, "CHECKPOINT_PROOF"},
		"it_only_extended": {[]string{"a", "b", "c", "d"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.stamp(t, h.log, 3)
			log := h.fork(t, tt.leaves...)
			_, _, err := h.Stamp(t.Context(), log)
			wantCode(t, err, tt.code)
			_, bad, err := h.Compare(t.Context(), log, h.all(t)[:1])
			if err != nil || len(bad) != map[bool]int{true: 0, false: 1}[tt.code == ""] {
				t.Fatalf("compared: %+v, %v", bad, err)
			}
			if tt.code != "" {
				wantCode(t, bad[0].Err, tt.code)
				if n := len(h.all(t)); n != 1 {
					t.Errorf("%d checkpoints were signed", n)
				}
			}
		})
	}
}

// Several processes stamp a growing log: the file has each size once, in order.
func TestStamp_by_many_at_once(t *testing.T) {
	t.Parallel()
	h := setup(t)
	logs := make([]*logtest.Log, 8)
	for i := range logs {
		logs[i] = h.fork(t, []string{"a", "b", "c", "d", "e", "f", "g", "h"}[:i+1]...)
	}
	var all sync.WaitGroup
	for i := range 40 {
		n := h.open(t)
		all.Go(func() {
			if _, _, err := n.Stamp(t.Context(), logs[i%8]); err != nil && errs.CodeOf(err) != "CHECKPOINT_SMALLER" {
				t.Error(err)
			}
		})
	}
	all.Wait()
	last := int64(0)
	for _, c := range h.all(t) {
		if c.Size <= last {
			t.Errorf("%d leaves after %d", c.Size, last)
		}
		last = c.Size
	}
	if last != 8 {
		t.Errorf("the last has %d leaves", last)
	}
}

// Wherever the last write was cut off, what was there before is still read, and
// the next checkpoint takes the piece's place.
func TestOutside_torn(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.stamp(t, h.log, 3)
	before, err := os.ReadFile(h.Path())
	if err != nil {
		t.Fatal(err)
	}
	h.stamp(t, h.log.Add("d"), 4)
	after, err := os.ReadFile(h.Path())
	if err != nil {
		t.Fatal(err)
	}
	for cut := len(before); cut < len(after); cut++ {
		if err := os.WriteFile(h.Path(), after[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if got := h.all(t); len(got) != 1 {
			t.Fatalf("cut at %d: %d checkpoints", cut, len(got))
		}
		h.stamp(t, h.log, 4)
		if now, err := os.ReadFile(h.Path()); err != nil || len(now) != len(after) || len(h.all(t)) != 2 {
			t.Fatalf("cut at %d, mended to\n%s%v", cut, now, err)
		}
	}
}

// A file that was altered is not mended: nothing is signed on top of it.
func TestOutside_altered(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, leaf := range []string{"d", "e", "f"} {
		h.stamp(t, h.log.Add(leaf), int64(len(h.all(t))+4))
	}
	text, err := os.ReadFile(h.Path())
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(text) * 2 / 3 { // the first two of three
		bad := bytes.Clone(text)
		bad[i] ^= 1
		if err := os.WriteFile(h.Path(), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Outside().All(); errs.CodeOf(err) != "NOTARY_OUTSIDE_DAMAGED" {
			t.Fatalf("byte %d altered, read: %v", i, err)
		}
	}
	larger := bytes.Replace(text, []byte("\n6\n"), []byte("\n7\n"), 1)
	if err := os.WriteFile(h.Path(), larger, 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err = h.Stamp(t.Context(), h.log.Add("g"))
	wantCode(t, err, "NOTARY_OUTSIDE_DAMAGED")
}

// Of a long file only the end is read for the last checkpoint.
func TestStamp_of_a_long_file(t *testing.T) {
	t.Parallel()
	h := setup(t)
	one := h.stamp(t, h.log, 3)
	long := bytes.Repeat(checkpoint.JoinNotes(one.Note), 1000)
	for shift := range len(one.Note) + 2 {
		if err := os.WriteFile(h.Path(), long[:len(long)-shift], 0o600); err != nil {
			t.Fatal(err)
		}
		if c, _, err := h.Stamp(t.Context(), h.log); err != nil || c.Size != 3 {
			t.Fatalf("shift %d: %+v %v", shift, c.Checkpoint, err)
		}
	}
	h.stamp(t, h.log.Add("d"), 4)
	if n := len(h.all(t)); n != 2 {
		t.Errorf("%d checkpoints", n)
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.stamp(t, h.log, 3)
	first := h.Keys.Current()
	for _, a := range []checkpoint.Algorithm{checkpoint.SM2, checkpoint.Ed25519} {
		if err := h.Keys.Rotate(a); err != nil {
			t.Fatal(err)
		}
		h.Notary = h.open(t)
		if h.Keys.Current().Algorithm() != a || h.Keys.Origin() != first.Name() {
			t.Errorf("key %s of %s", h.Keys.Current().Algorithm(), h.Keys.Origin())
		}
	}
	h.stamp(t, h.log.Add("d"), 4)
	if got := h.all(t); len(got) != 2 || !got[0].By.Equal(first) || !got[1].By.Equal(h.Keys.Current()) {
		t.Errorf("checkpoints %+v", got)
	}
	text, err := os.ReadFile(filepath.Join(h.dir, notary.PublicName))
	if err != nil {
		t.Fatal(err)
	}
	public, err := checkpoint.ParsePublic(text)
	if err != nil || !public.First.Equal(first) || !public.Current().Equal(h.Keys.Current()) || len(public.Keys()) != 3 {
		t.Errorf("published %+v, %v", public, err)
	}
}

func TestKeys_are_kept_as_they_must_be(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	dir := filepath.Join(base, "keys")
	k, made, err := notary.OpenOrCreateKeys(dir, filepath.Join(base, "data"), false)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	again, made, err := notary.OpenOrCreateKeys(dir, filepath.Join(base, "data"), true)
	if err != nil || made || !again.Current().Equal(k.Current()) {
		t.Errorf("opened again: %v %v", made, err)
	}
	_, err = notary.CreateKeys(dir, checkpoint.SM2)
	wantCode(t, err, "NOTARY_KEYS_EXIST")
	_, _, err = notary.OpenOrCreateKeys(filepath.Join(base, "data", "keys"), filepath.Join(base, "data"), false)
	wantCode(t, err, "VAULT_INSIDE_DATA")
	_, _, err = notary.OpenOrCreateKeys(filepath.Join(base, "lost"), "", true)
	wantCode(t, err, "NOTARY_KEYS_MISSING")
	_, _, err = notary.Open(notary.Options{KeyDir: dir, DataDir: filepath.Join(base, "data"), Outside: filepath.Join(base, "data", "c.log")})
	wantCode(t, err, "VAULT_INSIDE_DATA")
	path := filepath.Join(dir, notary.KeysName)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	_, err = notary.OpenKeys(dir)
	wantCode(t, err, "VAULT_PERMISSIONS")
	if err := os.WriteFile(path, []byte(`{"format":1,"secret":"PRIVATE+KEY+x","public":""}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = notary.OpenKeys(dir)
	wantCode(t, err, "NOTARY_KEYS_DAMAGED")
}

// watched is a house with a witness on a real server.
type watched struct {
	house
	witness *witness.Witness
	drop    bool // answers are lost
}

func watch(t *testing.T) *watched {
	t.Helper()
	w := &watched{house: setup(t)}
	dir := t.TempDir()
	if _, err := witness.Init(dir, "witness.example/w1"); err != nil {
		t.Fatal(err)
	}
	var err error
	if w.witness, err = witness.Open(dir, clock.NewManual(nine)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.witness.Trust(w.Keys.Public); err != nil {
		t.Fatal(err)
	}
	inner := w.witness.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.drop {
			inner.ServeHTTP(httptest.NewRecorder(), r) // it wrote, and died before it answered
			panic(http.ErrAbortHandler)
		}
		inner.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	peers, err := json.Marshal([]notary.Peer{{URL: server.URL, VKey: w.witness.Key().String()}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.dir, notary.PeersName), peers, 0o600); err != nil {
		t.Fatal(err)
	}
	w.Notary = w.open(t)
	return w
}

// ask stamps and asks; the errors are the witnesses'.
func (w *watched) ask(t *testing.T, log *logtest.Log, want int64) []error {
	t.Helper()
	return w.Ask(t.Context(), log, w.stamp(t, log, want))
}

func (w *watched) cosigned(t *testing.T) (sizes []int64) {
	t.Helper()
	for _, c := range w.all(t) {
		seen, err := checkpoint.Cosignatures(c.Note, w.witness.Key())
		if err != nil {
			t.Fatal(err)
		}
		if len(seen) > 0 {
			sizes = append(sizes, c.Size)
		}
	}
	return sizes
}

func TestAsk(t *testing.T) {
	t.Parallel()
	w := watch(t)
	for want := int64(3); want <= 6; want++ {
		if missing := w.ask(t, w.log, want); len(missing) != 0 {
			t.Fatalf("%d leaves: %v", want, missing)
		}
		w.log.Add("x")
	}
	if got := w.cosigned(t); len(got) != 4 || got[3] != 6 {
		t.Errorf("cosigned %v", got)
	}
}

// The witness wrote and died before it answered; the next time it is asked it
// knows more than we thought it did.
func TestAsk_after_a_lost_answer(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.drop = true
	missing := w.ask(t, w.log, 3)
	if len(missing) != 1 || errs.CodeOf(missing[0]) != "WITNESS_AWAY" {
		t.Fatalf("lost answer: %v", missing)
	}
	w.drop = false
	if missing := w.ask(t, w.log, 3); len(missing) != 0 {
		t.Fatalf("asked again: %v", missing)
	}
	if missing := w.ask(t, w.log.Add("d"), 4); len(missing) != 0 {
		t.Fatalf("grown: %v", missing)
	}
	if got := w.cosigned(t); len(got) != 2 {
		t.Errorf("cosigned %v", got)
	}
}

// Whoever deletes the outside file, too, and signs another history with the
// log's own key is seen by the witness alone.
func TestAsk_sees_what_the_file_cannot(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string][]string{
		"tail_deleted": {"a", "b"}, "another_history": {"a", "b", "X"}, "another_goes_on": {"a", "b", "X", "d"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watch(t)
			if missing := w.ask(t, w.log, 3); len(missing) != 0 {
				t.Fatal(missing)
			}
			if err := os.Remove(w.Path()); err != nil {
				t.Fatal(err)
			}
			missing := w.ask(t, w.fork(t, leaves...), int64(len(leaves)))
			if len(missing) != 1 || errs.CodeOf(missing[0]) != "WITNESS_CONTRADICTS" {
				t.Errorf("the witness said %v", missing)
			}
		})
	}
}

func TestCosigned_keeps_known_signatures_only(t *testing.T) {
	t.Parallel()
	w := watch(t)
	c := w.stamp(t, w.log, 3)
	_, _, err := w.Cosigned(c.Note)
	wantCode(t, err, "NOTARY_NO_WITNESS")
	lines, err := w.witness.Add(checkpoint.Request{Note: c.Note})
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := checkpoint.CosignNote(c.Note, logtest.Signer(t, "stranger", checkpoint.Cosign), nine)
	if err != nil {
		t.Fatal(err)
	}
	carried := append(append(bytes.Clone(c.Note), lines...), stranger...)
	if _, seen, err := w.Cosigned(carried); err != nil || len(seen) != 1 {
		t.Fatalf("brought back: %+v, %v", seen, err)
	}
	if all := w.all(t); len(all) != 1 || bytes.Contains(all[0].Note, []byte("stranger")) || len(w.cosigned(t)) != 1 {
		t.Errorf("kept %s", all[0].Note)
	}
}

// A restart gives up the checkpoints beyond what is kept and lets the log go on;
// the same one is written once.
func TestRestart(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.stamp(t, h.log, 3)
	given := h.stamp(t, h.log.Add("d", "e"), 5)
	restored := h.fork(t, "a", "b", "c", "X")
	if _, _, err := h.Stamp(t.Context(), restored); errs.CodeOf(err) != "CHECKPOINT_SMALLER" {
		t.Fatalf("before the restart: %v", err)
	}
	leaf := restored.At(4).Root.String()
	for range 2 {
		if err := h.Restart(checkpoint.Restart{Abandoned: given.Checkpoint, Kept: 3, Leaf: leaf}); err != nil {
			t.Fatal(err)
		}
	}
	h.stamp(t, restored, 4)
	kept, err := h.Outside().Kept()
	if err != nil || len(kept.Restarts) != 1 || kept.Restarts[0].Lost() != 2 || !kept.Restarted(leaf) {
		t.Fatalf("restarts %+v, %v", kept.Restarts, err)
	}
	var sizes []int64
	for _, c := range kept.Checkpoints {
		sizes = append(sizes, c.Size)
	}
	if !slices.Equal(sizes, []int64{3, 4}) || kept.Largest().Size != 4 {
		t.Errorf("checkpoints of %v leaves, want 3 and 4", sizes)
	}
	if _, bad, err := h.Compare(t.Context(), restored, kept.Checkpoints); err != nil || len(bad) != 0 {
		t.Errorf("contradicted: %+v, %v", bad, err)
	}
	if _, _, err := h.Stamp(t.Context(), h.log); errs.CodeOf(err) != "CHECKPOINT_PROOF" {
		t.Errorf("the history given up comes back: %v", err)
	}
}

// What is brought once more counts once, with the signatures of both.
func TestKept_counts_once(t *testing.T) {
	t.Parallel()
	h := setup(t)
	c := h.stamp(t, h.log, 3)
	kept := checkpoint.NewKept(h.Keys.Keys()...)
	for range 2 {
		if err := kept.Add(c.Note); err != nil {
			t.Fatal(err)
		}
	}
	if len(kept.Checkpoints) != 1 {
		t.Errorf("%d checkpoints, want 1", len(kept.Checkpoints))
	}
}
