package checkpoint

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"

	"fenlu/internal/errs"
)

// Algorithm says how a key signs.
type Algorithm string

// The algorithms. Cosign is Ed25519 over a text with the time in it
// (cosignature/v1): what witnesses use.
const (
	Ed25519 Algorithm = "ed25519"
	SM2     Algorithm = "sm2"
	Cosign  Algorithm = "cosignature/v1"
)

// scheme is what an algorithm does. The type is what the key's bytes begin with
// in a vkey and in its id: a byte that C2SP assigned, or 0xff and a name.
type scheme struct {
	algorithm Algorithm
	prefix    string
	private   int // length of the private key
	generate  func() ([]byte, error)
	public    func(private []byte) ([]byte, error)
	check     func(public []byte) error
	sign      func(private []byte, text []byte) ([]byte, error)
	verify    func(public, text, sig []byte) bool
}

// schemes are the algorithms a vkey may name.
func schemes() []scheme {
	plain := scheme{algorithm: Ed25519, prefix: "\x01", private: ed25519.SeedSize, generate: seed, public: edPublic, check: edCheck,
		sign: func(private, text []byte) ([]byte, error) {
			return ed25519.Sign(ed25519.NewKeyFromSeed(private), text), nil
		},
		verify: func(public, text, sig []byte) bool {
			return len(sig) == ed25519.SignatureSize && ed25519.Verify(public, text, sig)
		}}
	timed := plain
	timed.algorithm, timed.prefix, timed.sign, timed.verify = Cosign, "\x04", nil, verifyCosignature
	return []scheme{plain, timed, sm2Scheme()}
}

func seed() ([]byte, error) {
	s := make([]byte, ed25519.SeedSize)
	_, err := rand.Read(s)
	return s, err
}

func edPublic(private []byte) ([]byte, error) {
	return ed25519.NewKeyFromSeed(private)[ed25519.SeedSize:], nil
}

func edCheck(public []byte) error {
	if len(public) != ed25519.PublicKeySize {
		return errors.New("not an Ed25519 key")
	}
	return nil
}

// Key is a public key with the name of who signs with it; it is a note.Verifier.
type Key struct {
	name   string
	hash   uint32
	public []byte
	scheme scheme
}

// ParseKey reads a vkey, NAME+ID+BASE64. Errors: CHECKPOINT_KEY (Invalid).
func ParseKey(vkey string) (Key, error) {
	bad := errs.New(errs.Invalid, "CHECKPOINT_KEY", "value", vkey)
	parts := strings.SplitN(strings.TrimSpace(vkey), "+", 3)
	if len(parts) != 3 {
		return Key{}, bad
	}
	s, public, err := decode(parts[2])
	if err != nil || s.check(public) != nil || !validName(parts[0]) {
		return Key{}, bad
	}
	k := newKey(parts[0], s, public)
	if k.String() != strings.TrimSpace(vkey) {
		return Key{}, bad
	}
	return k, nil
}

func newKey(name string, s scheme, public []byte) Key {
	return Key{name: name, hash: keyID(name, s.prefix, public), public: public, scheme: s}
}

// decode splits the bytes of a key into its scheme and the rest.
func decode(text string) (scheme, []byte, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return scheme{}, nil, err
	}
	for _, s := range schemes() {
		if rest, ok := strings.CutPrefix(string(raw), s.prefix); ok {
			return s, []byte(rest), nil
		}
	}
	return scheme{}, nil, errors.New("unknown algorithm")
}

// keyID is the first four bytes of SHA-256(name, LF, type, public key).
func keyID(name, prefix string, public []byte) uint32 {
	sum := sha256.Sum256([]byte(name + "\n" + prefix + string(public)))
	return binary.BigEndian.Uint32(sum[:])
}

// validName is the rule of signed notes: no space, no plus.
func validName(name string) bool {
	return name != "" && utf8.ValidString(name) && strings.IndexFunc(name, unicode.IsSpace) < 0 && !strings.Contains(name, "+")
}

// Name is who signs with the key: the origin of a log, or a witness.
func (k Key) Name() string { return k.name }

// KeyHash is the key's id.
func (k Key) KeyHash() uint32 { return k.hash }

// Algorithm is how the key signs.
func (k Key) Algorithm() Algorithm { return k.scheme.algorithm }

// Verify says whether sig is the key's signature of text.
func (k Key) Verify(text, sig []byte) bool { return k.scheme.verify(k.public, text, sig) }

// String is the vkey.
func (k Key) String() string {
	return fmt.Sprintf("%s+%08x+%s", k.name, k.hash, base64.StdEncoding.EncodeToString([]byte(k.scheme.prefix+string(k.public))))
}

// Fingerprint is what people compare, on paper or by telephone: the first 16
// bytes of SHA-256 of the vkey in groups of four hexadecimal digits.
func (k Key) Fingerprint() string {
	sum := sha256.Sum256([]byte(k.String()))
	text := hex.EncodeToString(sum[:16])
	groups := make([]string, 0, 8)
	for i := 0; i < len(text); i += 4 {
		groups = append(groups, text[i:i+4])
	}
	return strings.Join(groups, " ")
}

// Equal says whether both are the same key of the same name.
func (k Key) Equal(other Key) bool { return k.String() == other.String() }

// signed says whether a signature line is by this key.
func (k Key) signed(s note.Signature) bool { return s.Name == k.name && s.Hash == k.hash }

// Signer is a private key; it is a note.Signer. It prints as its public key.
type Signer struct {
	Key
	private []byte
}

// NewSigner makes a new random key.
func NewSigner(name string, a Algorithm) (Signer, error) {
	for _, s := range schemes() {
		if s.algorithm != a {
			continue
		}
		private, err := s.generate()
		if err != nil {
			return Signer{}, errs.Wrap(err, errs.Internal, "CHECKPOINT_SIGN")
		}
		return signerOf(name, s, private)
	}
	return Signer{}, errs.New(errs.Invalid, "CHECKPOINT_ALGORITHM", "value", string(a))
}

func signerOf(name string, s scheme, private []byte) (Signer, error) {
	if !validName(name) {
		return Signer{}, errs.New(errs.Invalid, "CHECKPOINT_NAME", "value", name)
	}
	public, err := s.public(private)
	if err != nil {
		return Signer{}, errs.New(errs.Invalid, "CHECKPOINT_SECRET")
	}
	return Signer{newKey(name, s, public), private}, nil
}

// ParseSigner reads what Secret wrote. Errors: CHECKPOINT_SECRET (Invalid),
// which repeats nothing of it.
func ParseSigner(secret string) (Signer, error) {
	bad := errs.New(errs.Invalid, "CHECKPOINT_SECRET")
	rest, ok := strings.CutPrefix(strings.TrimSpace(secret), "PRIVATE+KEY+")
	parts := strings.SplitN(rest, "+", 3)
	if !ok || len(parts) != 3 {
		return Signer{}, bad
	}
	s, private, err := decode(parts[2])
	if err != nil || len(private) != s.private {
		return Signer{}, bad
	}
	out, err := signerOf(parts[0], s, private)
	if err != nil || fmt.Sprintf("%08x", out.hash) != parts[1] {
		return Signer{}, bad
	}
	return out, nil
}

// Secret is the private key as it is kept in a file, and nowhere else.
func (s Signer) Secret() string {
	return fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", s.name, s.hash, base64.StdEncoding.EncodeToString([]byte(s.scheme.prefix+string(s.private))))
}

// Sign signs a text. A witness's key signs with the time: see Cosigner.
func (s Signer) Sign(text []byte) ([]byte, error) {
	if s.scheme.sign == nil {
		return nil, errs.New(errs.Internal, "CHECKPOINT_SIGN")
	}
	return s.scheme.sign(s.private, text)
}

// GoString keeps the private key out of %#v; the vkey is what prints.
func (s Signer) GoString() string { return "checkpoint.Signer(" + s.String() + ")" }

// Format keeps the private key out of every verb.
func (s Signer) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.String()) }
