package checkpoint_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/errs"
	"fenlu/ledger/proof/checkpoint"
	"fenlu/ledger/proof/checkpoint/logtest"
)

const origin = "fenlu/0123456789abcdef"

// The keys and the note were made with golang.org/x/mod/sumdb/note and with
// github.com/transparency-dev/formats v0.1.1, not with this package: what other
// programs write is read here.
const (
	theirSecret  = "PRIVATE+KEY+fenlu/0123456789abcdef+e740f53b+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
	theirKey     = "fenlu/0123456789abcdef+e740f53b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
	theirWitness = "witness.example/w1+468d99bb+BHm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk"
	theirNote    = `fenlu/0123456789abcdef
42
SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=

— fenlu/0123456789abcdef 50D1Oy58kFZz8M95EahiAH6ikm0Qlq6NMvhB29RmGnZW44GAifHRozodG35UD8FEbGfUZeFgPfZUTzuj7E+yPt/Tjw0=
— witness.example/w1 Ro2ZuwAAAABrCtN1zz6utZZtGj04y16ELh9k9ozXsBwurCiD9nWlfbqWyTryRPlnzn1/OuPCJOQnUfUomHzP4fnsEIW828uixUsEAA==
`
)

func threeLeaves(tb testing.TB) checkpoint.Checkpoint {
	tb.Helper()
	return logtest.New(tb, origin).Add("a", "b", "c").Head()
}

func key(tb testing.TB, vkey string) checkpoint.Key {
	tb.Helper()
	k, err := checkpoint.ParseKey(vkey)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func wantCode(tb testing.TB, err error, code string) {
	tb.Helper()
	if code == "" && err != nil || code != "" && errs.CodeOf(err) != code {
		tb.Errorf("error %v, want %q", err, code)
	}
}

func TestOpen_reads_what_others_write(t *testing.T) {
	t.Parallel()
	got, err := checkpoint.Open([]byte(theirNote), key(t, theirKey))
	if err != nil || got.Size != 42 || got.Origin != origin || got.Root.String() != "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=" {
		t.Fatalf("%+v, %v", got, err)
	}
	seen, err := checkpoint.Cosignatures([]byte(theirNote), key(t, theirWitness))
	if err != nil || len(seen) != 1 || seen[0].At.Unix() != 0x6b0ad375 {
		t.Errorf("cosignatures %+v, %v", seen, err)
	}
	signer, err := checkpoint.ParseSigner(theirSecret)
	if err != nil || signer.String() != theirKey || signer.Secret() != theirSecret {
		t.Fatalf("signer %s, %v", signer, err)
	}
	again, err := checkpoint.Sign(got.Checkpoint, signer) // Ed25519 signs the same way each time
	if err != nil || !strings.HasPrefix(theirNote, string(again)) {
		t.Errorf("written again:\n%s%v", again, err)
	}
}

func TestSign(t *testing.T) {
	t.Parallel()
	c := threeLeaves(t)
	for _, a := range []checkpoint.Algorithm{checkpoint.Ed25519, checkpoint.SM2} {
		t.Run(string(a), func(t *testing.T) {
			t.Parallel()
			s := logtest.Signer(t, origin, a)
			msg, err := checkpoint.Sign(c, s)
			if err != nil {
				t.Fatal(err)
			}
			got, err := checkpoint.Open(msg, key(t, s.String()))
			if err != nil || got.Checkpoint != c || !got.By.Equal(s.Key) {
				t.Errorf("opened %+v, %v", got, err)
			}
			stranger := logtest.Signer(t, origin, a)
			_, err = checkpoint.Open(msg, stranger.Key)
			wantCode(t, err, "CHECKPOINT_UNSIGNED")
			restored, err := checkpoint.ParseSigner(s.Secret())
			if err != nil || !restored.Equal(s.Key) {
				t.Errorf("restored %s, %v", restored, err)
			}
		})
	}
}

// No byte of a signed checkpoint may change without being seen.
func TestOpen_sees_every_altered_byte(t *testing.T) {
	t.Parallel()
	c := threeLeaves(t)
	for _, a := range []checkpoint.Algorithm{checkpoint.Ed25519, checkpoint.SM2} {
		s := logtest.Signer(t, origin, a)
		msg, err := checkpoint.Sign(c, s)
		if err != nil {
			t.Fatal(err)
		}
		for i := range msg {
			for _, flip := range []byte{1, 0x20, 0x80} {
				bad := bytes.Clone(msg)
				bad[i] ^= flip
				if got, err := checkpoint.Open(bad, s.Key); err == nil {
					t.Errorf("%s: byte %d altered by %#x, opened as %+v", a, i, flip, got.Checkpoint)
				}
			}
		}
	}
}

func TestOpen_wants_the_logs_own_key(t *testing.T) {
	t.Parallel()
	other := logtest.Signer(t, "fenlu/other", checkpoint.Ed25519)
	_, err := checkpoint.Open(logtest.Sign(t, logtest.New(t, origin).Add("a").Head(), other), other.Key)
	wantCode(t, err, "CHECKPOINT_ORIGIN")
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	root := logtest.New(t, origin).Add("a").Head().Root.String()
	for name, text := range map[string]string{
		"nothing": "", "two_lines": "o\n1\n", "no_end": "o\n1\n" + root, "empty_origin": "\n1\n" + root + "\n",
		"leading_zero": "o\n01\n" + root + "\n", "sign": "o\n+1\n" + root + "\n", "negative": "o\n-1\n" + root + "\n",
		"too_big": "o\n9223372036854775808\n" + root + "\n", "short_root": "o\n1\nAAAA\n", "empty_extension": "o\n1\n" + root + "\n\nx\n",
		"loose_root": "o\n1\n" + strings.Replace(root, root[42:43], looser(root[42]), 1) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := checkpoint.Parse(text)
			wantCode(t, err, "CHECKPOINT_DAMAGED")
		})
	}
	got, err := checkpoint.Parse("o\n1\n" + root + "\nextension\n")
	if err != nil || got.Size != 1 {
		t.Errorf("extension lines: %+v, %v", got, err)
	}
}

// looser is the last base64 digit of a root with a bit set that stands for
// nothing.
func looser(c byte) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return digits[strings.IndexByte(digits, c)|1:][:1]
}

func TestExtends(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, origin).Add("a", "b", "c", "d", "e")
	fork := logtest.New(t, origin).Add("a", "b", "X", "d", "e")
	for name, tt := range map[string]struct {
		old, later checkpoint.Checkpoint
		proof      tlog.TreeProof
		code       string
	}{
		"grown":             {log.At(3), log.At(5), log.Grown(3, 5), ""},
		"the_same":          {log.At(3), log.At(3), nil, ""},
		"from_nothing":      {checkpoint.Checkpoint{Origin: origin}, log.At(3), nil, ""},
		"tail_deleted":      {log.At(5), log.At(3), nil, "CHECKPOINT_SMALLER"},
		"another_of_a_size": {log.At(3), fork.At(3), nil, "CHECKPOINT_OTHER_ROOT"},
		"another_grown":     {log.At(3), fork.At(5), fork.Grown(3, 5), "CHECKPOINT_PROOF"},
		"no_proof":          {log.At(3), log.At(5), nil, "CHECKPOINT_PROOF"},
		"proof_of_nothing":  {checkpoint.Checkpoint{Origin: origin}, log.At(3), log.Grown(2, 3), "CHECKPOINT_PROOF"},
		"proof_of_the_same": {log.At(3), log.At(3), log.Grown(2, 3), "CHECKPOINT_PROOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantCode(t, checkpoint.Extends(tt.old, tt.later, tt.proof), tt.code)
		})
	}
}

func TestFollow_old_key_to_new(t *testing.T) {
	t.Parallel()
	first, second, third := logtest.Signer(t, origin, checkpoint.Ed25519), logtest.Signer(t, origin, checkpoint.SM2), logtest.Signer(t, origin, checkpoint.Ed25519)
	var rotations []checkpoint.Rotation
	for _, pair := range [][2]checkpoint.Signer{{first, second}, {second, third}} {
		r, err := checkpoint.Rotate(pair[0], pair[1])
		if err != nil {
			t.Fatal(err)
		}
		read, err := checkpoint.OpenRotation(r.Note)
		if err != nil || !read.Old.Equal(pair[0].Key) || !read.New.Equal(pair[1].Key) {
			t.Fatalf("read %+v, %v", read, err)
		}
		rotations = append(rotations, read)
	}
	if got := checkpoint.Follow(first.Key, rotations); len(got) != 3 || !got[2].Equal(third.Key) {
		t.Errorf("from the first: %v", got)
	}
	if got := checkpoint.Follow(second.Key, rotations); len(got) != 2 || !got[1].Equal(third.Key) {
		t.Errorf("from the second: %v", got)
	}
	if got := checkpoint.Follow(logtest.Signer(t, origin, checkpoint.Ed25519).Key, rotations); len(got) != 1 {
		t.Errorf("from a stranger: %v", got)
	}
}

// A thief who has no old key cannot have his own key followed.
func TestOpenRotation_refuses(t *testing.T) {
	t.Parallel()
	old, thief := logtest.Signer(t, origin, checkpoint.Ed25519), logtest.Signer(t, origin, checkpoint.Ed25519)
	text := fmt.Sprintf("fenlu key rotation v1\n%s\n%s\n", old.String(), thief.String())
	alone, err := checkpoint.SignText(text, thief)
	if err != nil {
		t.Fatal(err)
	}
	_, err = checkpoint.OpenRotation(alone)
	wantCode(t, err, "CHECKPOINT_UNSIGNED")
	unasked, err := checkpoint.SignText(text, old) // nobody showed that he has the new key
	if err != nil {
		t.Fatal(err)
	}
	_, err = checkpoint.OpenRotation(unasked)
	wantCode(t, err, "CHECKPOINT_UNSIGNED")
	r, err := checkpoint.Rotate(old, thief)
	if err != nil {
		t.Fatal(err)
	}
	_, err = checkpoint.OpenRotation(bytes.Replace(r.Note, []byte("v1"), []byte("v2"), 1))
	wantCode(t, err, "CHECKPOINT_ROTATION")
	elsewhere := logtest.Signer(t, "fenlu/other", checkpoint.Ed25519)
	moved, err := checkpoint.Rotate(old, elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	_, err = checkpoint.OpenRotation(moved.Note)
	wantCode(t, err, "CHECKPOINT_ROTATION")
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for name, vkey := range map[string]string{
		"nothing": "", "no_key": "a+b", "unknown_type": "o+00000000+" + base64.StdEncoding.EncodeToString([]byte("\x09key")),
		"wrong_id": strings.Replace(theirKey, "e740f53b", "e740f53c", 1), "renamed": strings.Replace(theirKey, "fenlu", "other", 1),
		"short": theirKey[:len(theirKey)-4], "space": strings.Replace(theirKey, "fenlu/", "fen lu/", 1),
	} {
		_, err := checkpoint.ParseKey(vkey)
		if errs.CodeOf(err) != "CHECKPOINT_KEY" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, secret := range []string{"", theirKey, theirSecret[:len(theirSecret)-4], strings.Replace(theirSecret, "e740", "e741", 1)} {
		_, err := checkpoint.ParseSigner(secret)
		wantCode(t, err, "CHECKPOINT_SECRET")
		if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the error repeats the key: %v", err)
		}
	}
	if got := key(t, theirKey).Fingerprint(); len(got) != 39 {
		t.Errorf("fingerprint %q", got)
	}
	_, err := checkpoint.NewSigner("has space", checkpoint.Ed25519)
	wantCode(t, err, "CHECKPOINT_NAME")
	_, err = checkpoint.NewSigner(origin, "rsa")
	wantCode(t, err, "CHECKPOINT_ALGORITHM")
}

// However a private key is printed, it does not show.
func TestSigner_prints_no_secret(t *testing.T) {
	t.Parallel()
	s := logtest.Signer(t, origin, checkpoint.SM2)
	secret := s.Secret()[strings.LastIndex(s.Secret(), "+")+1:]
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if text := fmt.Sprintf(verb, s); strings.Contains(text, secret) || !strings.Contains(text, origin) {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}

func TestCosignatures(t *testing.T) {
	t.Parallel()
	signer, witness := logtest.Signer(t, origin, checkpoint.Ed25519), logtest.Signer(t, "witness.example/w1", checkpoint.Cosign)
	msg, err := checkpoint.Sign(logtest.New(t, origin).Add("a").Head(), signer)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_790_000_000, 0)
	lines, err := checkpoint.CosignNote(msg, witness, at)
	if err != nil {
		t.Fatal(err)
	}
	both, err := checkpoint.Merge(msg, append([]byte(logtest.New(t, origin).Add("a").Head().Text()+"\n"), lines...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := checkpoint.Open(both, signer.Key); err != nil {
		t.Errorf("cosigned note: %v", err)
	}
	if again, err := checkpoint.Merge(both, msg); err != nil || !bytes.Equal(again, both) {
		t.Errorf("merged again:\n%s%v", again, err)
	}
	got, err := checkpoint.Cosignatures(both, witness.Key)
	if err != nil || len(got) != 1 || !got[0].At.Equal(at) || !got[0].Witness.Equal(witness.Key) {
		t.Errorf("cosignatures %+v, %v", got, err)
	}
	none, err := checkpoint.Cosignatures(both, logtest.Signer(t, "witness.example/w1", checkpoint.Cosign).Key)
	if err != nil || len(none) != 0 {
		t.Errorf("a stranger's: %+v, %v", none, err)
	}
	later := bytes.Replace(both, lines[len("— witness.example/w1 ")+8:len("— witness.example/w1 ")+12], []byte("AAAB"), 1)
	_, err = checkpoint.Cosignatures(later, witness.Key)
	wantCode(t, err, "CHECKPOINT_FORGED")
}

func TestRequest(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, origin).Add("a", "b", "c", "d", "e")
	want := checkpoint.Request{Old: 3, Proof: log.Grown(3, 5), Note: []byte(theirNote)}
	got, err := checkpoint.ParseRequest(want.Bytes())
	if err != nil || got.Old != 3 || !bytes.Equal(got.Bytes(), want.Bytes()) || len(got.Proof) != len(want.Proof) {
		t.Errorf("read %+v, %v", got, err)
	}
	hash := log.At(1).Root.String() + "\n"
	for name, body := range map[string]string{
		"nothing": "", "no_old": "3\n\n" + theirNote, "leading_zero": "old 03\n\n" + theirNote, "no_checkpoint": "old 3\n",
		"bad_hash": "old 3\nAAAA\n\n" + theirNote, "long_proof": "old 3\n" + strings.Repeat(hash, 64) + "\n" + theirNote,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := checkpoint.ParseRequest([]byte(body))
			wantCode(t, err, "CHECKPOINT_REQUEST")
		})
	}
}

// Whatever is read as a request or a checkpoint has one way to be written.
func FuzzParseRequest(f *testing.F) {
	f.Add([]byte("old 0\n\n" + theirNote))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := checkpoint.ParseRequest(b)
		if err == nil && !bytes.Equal(r.Bytes(), b) {
			t.Errorf("%q is written again as %q", b, r.Bytes())
		}
	})
}

func ExampleSign() {
	signer, err := checkpoint.ParseSigner(theirSecret)
	if err != nil {
		return
	}
	msg, err := checkpoint.Sign(checkpoint.Checkpoint{Origin: origin, Size: 1, Root: tlog.RecordHash([]byte("first leaf"))}, signer)
	if err != nil {
		return
	}
	fmt.Println(signer.Fingerprint())
	fmt.Print(strings.SplitAfter(string(msg), "\n\n")[0])
	_, err = note.Open(msg, note.VerifierList(signer.Key))
	fmt.Println(err)
	// Output:
	// a991 8387 1f66 5ba5 7214 198c d201 b254
	// fenlu/0123456789abcdef
	// 1
	// yi9RZkpZdD6u207IVPj5qzpucA+GPVT2W384R5KAeOI=
	//
	// <nil>
}

func TestSplitNotes_leaves_what_was_not_written_to_its_end(t *testing.T) {
	t.Parallel()
	signer := logtest.Signer(t, origin, checkpoint.Ed25519)
	log := logtest.New(t, origin).Add("a", "b")
	first, second := logtest.Sign(t, log.At(1), signer), logtest.Sign(t, log.At(2), signer)
	both := checkpoint.JoinNotes(first, second)
	for end := range both {
		notes, whole := checkpoint.SplitNotes(both[:end])
		want := 0
		if end > len(first) {
			want = 1
		}
		if len(notes) != want || whole != want*(len(first)+1) {
			t.Fatalf("cut at %d: %d notes, %d bytes whole", end, len(notes), whole)
		}
	}
	notes, whole := checkpoint.SplitNotes(both)
	if whole != len(both) || len(notes) != 2 || !bytes.Equal(notes[1], second) {
		t.Errorf("whole file: %d notes, %d of %d bytes", len(notes), whole, len(both))
	}
}

func TestPublic(t *testing.T) {
	t.Parallel()
	first, second, thief := logtest.Signer(t, origin, checkpoint.SM2), logtest.Signer(t, origin, checkpoint.Ed25519), logtest.Signer(t, origin, checkpoint.Ed25519)
	r, err := checkpoint.Rotate(first, second)
	if err != nil {
		t.Fatal(err)
	}
	p, err := checkpoint.ParsePublic(checkpoint.Public{First: first.Key, Rotations: []checkpoint.Rotation{r}}.Bytes())
	if err != nil || !p.Current().Equal(second.Key) || !p.First.Equal(first.Key) {
		t.Errorf("read %+v, %v", p, err)
	}
	alone, err := checkpoint.ParsePublic([]byte(theirKey + "\n"))
	if err != nil || len(alone.Keys()) != 1 {
		t.Errorf("a vkey alone: %+v, %v", alone, err)
	}
	_, err = checkpoint.ParsePublic(checkpoint.Public{First: thief.Key, Rotations: []checkpoint.Rotation{r}}.Bytes())
	wantCode(t, err, "CHECKPOINT_ROTATION")
}
