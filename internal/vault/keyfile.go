package vault

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fenlu/internal/durable"
	"fenlu/internal/errs"
)

// FileName is the name of the key file in the key directory.
const FileName = "fenlu-keys.json"

// keyBytes is the length of every key: AES-256 and HMAC-SHA256.
const keyBytes = 32

// keyFile is the content of the key file. Its type never leaves the package.
type keyFile struct {
	Format   int          `json:"format"`
	Current  int          `json:"current"` // the version that seals
	Versions []keyVersion `json:"versions"`
	Index    []byte       `json:"index_key"`
}

type keyVersion struct {
	Version int    `json:"version"`
	Key     []byte `json:"key"`
}

// Place refuses a key directory that is the data directory or lies in it
// (VAULT_INSIDE_DATA): whoever copies the one would have the other.
func Place(keyDir, dataDir string) error {
	key, err := realPath(keyDir)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "VAULT_DIR", "dir", keyDir)
	}
	data, err := realPath(dataDir)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "VAULT_DIR", "dir", dataDir)
	}
	rel, err := filepath.Rel(data, key)
	if err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return errs.New(errs.Refused, "VAULT_INSIDE_DATA", "dir", keyDir, "data", dataDir)
	}
	return nil
}

// realPath follows links as far as the path exists.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	followed, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return followed, err
	}
	parent, err := realPath(filepath.Dir(path))
	return filepath.Join(parent, filepath.Base(path)), err
}

// readKeys reads and checks the key file.
func readKeys(dir string) (*Vault, error) {
	path := filepath.Join(dir, FileName)
	if err := Private(dir, 0o700); err != nil {
		return nil, err
	}
	if err := Private(path, 0o600); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, errs.Wrap(err, errs.Refused, "VAULT_KEYS_UNREADABLE", "path", path)
	}
	var keys keyFile
	// the decoder's error could repeat a piece of the file, so it is dropped
	if json.Unmarshal(text, &keys) != nil {
		return nil, errs.New(errs.Refused, "VAULT_KEYS_DAMAGED", "path", path)
	}
	v, ok := newVault(keys)
	if !ok {
		return nil, errs.New(errs.Refused, "VAULT_KEYS_DAMAGED", "path", path)
	}
	return v, nil
}

// Private checks that nobody but the owner may read path. Errors (Refused):
// VAULT_PERMISSIONS, VAULT_KEYS_MISSING, VAULT_KEYS_UNREADABLE.
func Private(path string, want fs.FileMode) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errs.Wrap(err, errs.Refused, "VAULT_KEYS_MISSING", "path", path)
	case err != nil:
		return errs.Wrap(err, errs.Refused, "VAULT_KEYS_UNREADABLE", "path", path)
	case info.Mode().Perm()&0o077 != 0:
		return errs.New(errs.Refused, "VAULT_PERMISSIONS", "path", path, "mode", info.Mode().Perm().String(), "want", want.String())
	}
	return nil
}

// writeKeys makes a new key file, of two processes one. It is on the disk
// before anything is sealed with it: sealed rows without their key would be lost.
func writeKeys(dir string) error {
	text, err := json.Marshal(newKeys())
	if err != nil {
		return errs.Wrap(err, errs.Internal, "VAULT_WRITE", "dir", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return errs.Wrap(err, errs.Refused, "VAULT_WRITE", "dir", dir)
	}
	if err := Private(dir, 0o700); err != nil {
		return err
	}
	err = durable.Create("keys", filepath.Join(dir, FileName), func(f *os.File) error {
		_, err := f.Write(append(text, '\n'))
		return err
	})
	if errors.Is(err, fs.ErrExist) {
		return errs.Wrap(err, errs.Conflict, "VAULT_EXISTS", "dir", dir)
	}
	if err != nil {
		return errs.Wrap(err, errs.Refused, "VAULT_WRITE", "dir", dir)
	}
	return nil
}

func newKeys() keyFile {
	key, index := make([]byte, keyBytes), make([]byte, keyBytes)
	// crypto/rand.Read never fails: it stops the program where it would
	_, _ = rand.Read(key)
	_, _ = rand.Read(index)
	return keyFile{Format: 1, Current: 1, Versions: []keyVersion{{1, key}}, Index: index}
}
