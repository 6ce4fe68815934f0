package notary

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"fenlu/internal/durable"
	"fenlu/internal/errs"
	"fenlu/internal/vault"
	"fenlu/ledger/proof/checkpoint"
)

// The files of the key directory.
const (
	KeysName    = "fenlu-log-keys.json"
	PublicName  = "fenlu-log.pub"
	OutsideName = "checkpoints.log"
	PeersName   = "witnesses.json"
	lockName    = "fenlu-log.lock"
)

// Keys are the log's keys. It prints nothing of the private one.
type Keys struct {
	checkpoint.Public
	dir    string
	signer checkpoint.Signer
}

// keyFile is the content of the key file.
type keyFile struct {
	Format int    `json:"format"`
	Secret string `json:"secret"`
	Public string `json:"public"` // as in the file of public keys
}

// Origin is the name of the log, fixed when its first key was made.
func (k *Keys) Origin() string { return k.First.Name() }

// newOrigin draws the name of a new log.
func newOrigin() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // it never fails: it stops the program where it would
	return "fenlu/" + hex.EncodeToString(b)
}

// OpenKeys opens the keys in dir. Errors (Refused): NOTARY_KEYS_MISSING,
// NOTARY_KEYS_DAMAGED, VAULT_PERMISSIONS, VAULT_KEYS_UNREADABLE.
func OpenKeys(dir string) (*Keys, error) {
	path := filepath.Join(dir, KeysName)
	err := vault.Private(path, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errs.Wrap(err, errs.Refused, "NOTARY_KEYS_MISSING", "path", path)
	}
	if err == nil {
		err = vault.Private(dir, 0o700)
	}
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, errs.Wrap(err, errs.Refused, "VAULT_KEYS_UNREADABLE", "path", path)
	}
	k, err := parseKeys(dir, text)
	if err != nil {
		return nil, err
	}
	return k, k.publish()
}

// parseKeys reads a key file; its errors repeat nothing of it.
func parseKeys(dir string, text []byte) (*Keys, error) {
	damaged := errs.New(errs.Refused, "NOTARY_KEYS_DAMAGED", "path", filepath.Join(dir, KeysName))
	var f keyFile
	if json.Unmarshal(text, &f) != nil {
		return nil, damaged
	}
	signer, errSecret := checkpoint.ParseSigner(f.Secret)
	public, errPublic := checkpoint.ParsePublic([]byte(f.Public))
	if errSecret != nil || errPublic != nil || !public.Current().Equal(signer.Key) {
		return nil, damaged
	}
	return &Keys{public, dir, signer}, nil
}

// CreateKeys makes the first key of a new log in dir, which it makes too.
// Errors: NOTARY_KEYS_EXIST (Conflict), NOTARY_WRITE (Refused).
func CreateKeys(dir string, a checkpoint.Algorithm) (*Keys, error) {
	signer, err := checkpoint.NewSigner(newOrigin(), a)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, errs.Wrap(err, errs.Refused, "NOTARY_WRITE", "path", dir)
	}
	k := &Keys{checkpoint.Public{First: signer.Key}, dir, signer}
	if err := k.store(durable.Create); err != nil {
		return nil, err
	}
	return OpenKeys(dir)
}

// OpenOrCreateKeys opens the keys in dir, or makes the first Ed25519 key where
// there is none and the log has not begun; made says which. A directory inside
// dataDir is refused (VAULT_INSIDE_DATA; dataDir "" has no inside).
func OpenOrCreateKeys(dir, dataDir string, begun bool) (k *Keys, made bool, err error) {
	if dataDir != "" {
		if err := vault.Place(dir, dataDir); err != nil {
			return nil, false, err
		}
	}
	k, err = OpenKeys(dir)
	if errs.CodeOf(err) != "NOTARY_KEYS_MISSING" || begun {
		return k, false, err
	}
	k, err = CreateKeys(dir, checkpoint.Ed25519)
	if errs.CodeOf(err) == "NOTARY_KEYS_EXIST" { // somebody was faster
		k, err = OpenKeys(dir)
		return k, false, err
	}
	return k, err == nil, err
}

// Rotate makes a new key; the old one signs that it follows, and is gone. It is
// for the caller to make that a leaf of the log.
func (k *Keys) Rotate(a checkpoint.Algorithm) error {
	unlock, err := durable.Lock(filepath.Join(k.dir, lockName))
	if err != nil {
		return errs.Wrap(err, errs.Refused, "NOTARY_WRITE", "path", k.dir)
	}
	defer func() { _ = unlock() }()
	now, err := OpenKeys(k.dir) // somebody may have rotated
	if err != nil {
		return err
	}
	next, err := checkpoint.NewSigner(now.Origin(), a)
	if err != nil {
		return err
	}
	r, err := checkpoint.Rotate(now.signer, next)
	if err != nil {
		return err
	}
	now.Rotations, now.signer = append(now.Rotations, r), next
	if err := now.store(durable.Replace); err != nil {
		return err
	}
	*k = *now
	return k.publish()
}

// store writes the key file.
func (k *Keys) store(write func(role, path string, fn func(*os.File) error) error) error {
	path := filepath.Join(k.dir, KeysName)
	err := write("log-keys", path, func(f *os.File) error {
		return json.NewEncoder(f).Encode(keyFile{1, k.signer.Secret(), string(k.Bytes())}) //nolint:gosec // the key file is where the key is kept
	})
	if errors.Is(err, fs.ErrExist) {
		return errs.Wrap(err, errs.Conflict, "NOTARY_KEYS_EXIST", "path", path)
	}
	if err != nil {
		return errs.Wrap(err, errs.Refused, "NOTARY_WRITE", "path", path)
	}
	return nil
}

// publish writes the file of public keys where it is missing or old.
func (k *Keys) publish() error {
	path := filepath.Join(k.dir, PublicName)
	if now, err := os.ReadFile(path); err == nil && string(now) == string(k.Bytes()) {
		return nil
	}
	err := durable.Replace("log-public", path, func(f *os.File) error {
		_, err := f.Write(k.Bytes())
		return err
	})
	if err != nil {
		return errs.Wrap(err, errs.Refused, "NOTARY_WRITE", "path", path)
	}
	return nil
}

// SignText signs a text with the log's key: the manifest of a bundle, say. Its
// first line must say what it is.
func (k *Keys) SignText(text string) ([]byte, error) { return checkpoint.SignText(text, k.signer) }
