package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"fenlu/internal/errs"
)

// Vault is the opened keys. It is safe for use by many goroutines and prints
// nothing but the version in use.
type Vault struct {
	keys    map[int]cipher.AEAD
	current int
	index   []byte
}

// Open opens the keys in dir. Errors (Refused): VAULT_KEYS_MISSING,
// VAULT_PERMISSIONS, VAULT_KEYS_UNREADABLE, VAULT_KEYS_DAMAGED.
func Open(dir string) (*Vault, error) { return readKeys(dir) }

// Create makes new random keys in dir, which it makes too (0700), and opens
// them. Errors: VAULT_EXISTS (Conflict) where there are keys already,
// VAULT_WRITE, VAULT_PERMISSIONS.
func Create(dir string) (*Vault, error) {
	if err := writeKeys(dir); err != nil {
		return nil, err
	}
	return readKeys(dir)
}

// OpenOrCreate opens the keys in dir, or makes them where there are none yet.
// A key directory inside dataDir is refused (VAULT_INSIDE_DATA; dataDir "" has
// no inside). Where the database already holds data (hasData), missing keys
// are VAULT_KEYS_MISSING: new ones could never open what is there.
func OpenOrCreate(dir, dataDir string, hasData bool) (*Vault, error) {
	if dataDir != "" {
		if err := Place(dir, dataDir); err != nil {
			return nil, err
		}
	}
	_, err := os.Stat(filepath.Join(dir, FileName))
	if !errors.Is(err, fs.ErrNotExist) || hasData {
		return readKeys(dir)
	}
	v, err := Create(dir)
	if errs.CodeOf(err) == "VAULT_EXISTS" { // somebody was faster
		return readKeys(dir)
	}
	return v, err
}

func newVault(file keyFile) (*Vault, bool) {
	v := &Vault{keys: map[int]cipher.AEAD{}, current: file.Current, index: file.Index}
	for _, k := range file.Versions {
		aead, err := sealer(k.Key)
		if err != nil || k.Version < 1 || v.keys[k.Version] != nil {
			return nil, false
		}
		v.keys[k.Version] = aead
	}
	return v, file.Format == 1 && v.keys[v.current] != nil && len(v.index) == keyBytes
}

func sealer(key []byte) (cipher.AEAD, error) {
	if len(key) != keyBytes {
		return nil, errors.New("key length")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal encrypts a value with the current key. aad names the column and the
// owner ("payee_account.account:77"); the ciphertext opens under no other.
func (v *Vault) Seal(plain, aad string) (ciphertext []byte, keyVersion int) {
	return v.keys[v.current].Seal(nil, nil, []byte(plain), []byte(aad)), v.current
}

// Open decrypts what Seal made with the key of that version for that aad.
// Errors (Unverified): VAULT_KEY_VERSION for a version the key file lacks,
// VAULT_NOT_OURS where the ciphertext was changed, moved, or sealed with other
// keys.
func (v *Vault) Open(ciphertext []byte, keyVersion int, aad string) (string, error) {
	key := v.keys[keyVersion]
	if key == nil {
		return "", errs.New(errs.Unverified, "VAULT_KEY_VERSION", "version", keyVersion, "field", aad)
	}
	plain, err := key.Open(nil, nil, ciphertext, []byte(aad))
	if err != nil {
		return "", errs.New(errs.Unverified, "VAULT_NOT_OURS", "field", aad)
	}
	return string(plain), nil
}

// Blind is the blind index (盲索引) of a value that is already in its one form:
// HMAC-SHA256, 32 bytes, different for each purpose.
func (v *Vault) Blind(normalised, purpose string) []byte {
	mac := hmac.New(sha256.New, v.index)
	mac.Write([]byte(purpose))
	mac.Write([]byte{0})
	mac.Write([]byte(normalised))
	return mac.Sum(nil)
}

// String tells the version in use and no key.
func (v *Vault) String() string { return "vault(key version " + strconv.Itoa(v.current) + ")" }

// GoString is String, so that %#v shows no key either.
func (v *Vault) GoString() string { return v.String() }

// LogValue is String.
func (v *Vault) LogValue() slog.Value { return slog.StringValue(v.String()) }
