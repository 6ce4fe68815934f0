package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"fenlu/internal/errs"
)

const plain = "991301199003074021"

func create(t *testing.T) (*Vault, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	v, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v, dir
}

func wantCode(t *testing.T, err error, kind errs.Kind, code string) {
	t.Helper()
	if errs.CodeOf(err) != code || errs.KindOf(err) != kind {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestSeal(t *testing.T) {
	t.Parallel()
	v, dir := create(t)
	sealed, version := v.Seal(plain, "a:1")

	t.Run("is opened by the same keys read again", func(t *testing.T) {
		again, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.Open(sealed, version, "a:1"); err != nil || got != plain {
			t.Errorf("opened as %q, %v", got, err)
		}
	})
	t.Run("is another ciphertext every time", func(t *testing.T) {
		other, _ := v.Seal(plain, "a:1")
		if bytes.Equal(sealed, other) || bytes.Contains(sealed, []byte(plain)) {
			t.Error("the ciphertext shows what was sealed")
		}
	})
	t.Run("does not open elsewhere", func(t *testing.T) {
		stranger, _ := create(t)
		changed := bytes.Clone(sealed)
		changed[len(changed)-1] ^= 1
		for name, try := range map[string]func() (string, error){
			"another row":      func() (string, error) { return v.Open(sealed, version, "a:2") },
			"changed":          func() (string, error) { return v.Open(changed, version, "a:1") },
			"cut off":          func() (string, error) { return v.Open(sealed[:5], version, "a:1") },
			"other keys":       func() (string, error) { return stranger.Open(sealed, version, "a:1") },
			"empty ciphertext": func() (string, error) { return v.Open(nil, version, "a:1") },
		} {
			if got, err := try(); errs.CodeOf(err) != "VAULT_NOT_OURS" || got != "" {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
		_, err := v.Open(sealed, 9, "a:1")
		wantCode(t, err, errs.Unverified, "VAULT_KEY_VERSION")
	})
}

func TestSeal_of_an_older_version_still_opens(t *testing.T) {
	t.Parallel()
	keys := newKeys()
	old, ok := newVault(keys)
	if !ok {
		t.Fatal("new keys are not good")
	}
	sealed, version := old.Seal(plain, "a:1")
	keys.Versions = append(keys.Versions, keyVersion{2, newKeys().Versions[0].Key})
	keys.Current = 2
	v, ok := newVault(keys)
	if !ok {
		t.Fatal("keys of two versions are not good")
	}
	if got, err := v.Open(sealed, version, "a:1"); err != nil || got != plain {
		t.Errorf("opened as %q, %v", got, err)
	}
	if _, now := v.Seal(plain, "a:1"); now != 2 {
		t.Errorf("sealed with version %d", now)
	}
	if !bytes.Equal(old.Blind(plain, "id"), v.Blind(plain, "id")) {
		t.Error("a new version changed the blind index")
	}
}

func TestBlind(t *testing.T) {
	t.Parallel()
	v, _ := create(t)
	stranger, _ := create(t)
	a := v.Blind(plain, "id")
	if len(a) != 32 || !bytes.Equal(a, v.Blind(plain, "id")) {
		t.Error("the same value has two indexes")
	}
	for name, b := range map[string][]byte{
		"value": v.Blind("991301199003074022", "id"), "purpose": v.Blind(plain, "account"), "keys": stranger.Blind(plain, "id"),
		"the border between purpose and value": v.Blind("d"+plain, "i"),
	} {
		if bytes.Equal(a, b) {
			t.Errorf("another %s has the same index", name)
		}
	}
}

func TestCreate_keeps_the_file_private_and_never_overwrites_it(t *testing.T) {
	t.Parallel()
	_, dir := create(t)
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, FileName): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	before, _ := os.ReadFile(filepath.Join(dir, FileName))
	_, err := Create(dir)
	wantCode(t, err, errs.Conflict, "VAULT_EXISTS")
	after, _ := os.ReadFile(filepath.Join(dir, FileName))
	if !bytes.Equal(before, after) {
		t.Error("the key file was overwritten")
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func TestOpen_refuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code  string
		spoil func(dir string) error
	}{
		"a readable file":      {"VAULT_PERMISSIONS", func(d string) error { return os.Chmod(filepath.Join(d, FileName), 0o640) }},
		"an open directory":    {"VAULT_PERMISSIONS", func(d string) error { return os.Chmod(d, 0o755) }},
		"a missing file":       {"VAULT_KEYS_MISSING", func(d string) error { return os.Remove(filepath.Join(d, FileName)) }},
		"a missing directory":  {"VAULT_KEYS_MISSING", os.RemoveAll},
		"a damaged file":       {"VAULT_KEYS_DAMAGED", func(d string) error { return os.Truncate(filepath.Join(d, FileName), 40) }},
		"a short key":          {"VAULT_KEYS_DAMAGED", rewrite(func(k *keyFile) { k.Versions[0].Key = k.Versions[0].Key[:16] })},
		"a missing version":    {"VAULT_KEYS_DAMAGED", rewrite(func(k *keyFile) { k.Current = 2 })},
		"a doubled version":    {"VAULT_KEYS_DAMAGED", rewrite(func(k *keyFile) { k.Versions = append(k.Versions, k.Versions[0]) })},
		"an unknown format":    {"VAULT_KEYS_DAMAGED", rewrite(func(k *keyFile) { k.Format = 2 })},
		"a missing index key":  {"VAULT_KEYS_DAMAGED", rewrite(func(k *keyFile) { k.Index = nil })},
		"a directory as a key": {"VAULT_KEYS_UNREADABLE", dirForFile},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, dir := create(t)
			if err := c.spoil(dir); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir)
			wantCode(t, err, errs.Refused, c.code)
		})
	}
}

func dirForFile(dir string) error {
	path := filepath.Join(dir, FileName)
	if err := os.Remove(path); err != nil {
		return err
	}
	return os.Mkdir(path, 0o700)
}

func rewrite(change func(*keyFile)) func(string) error {
	return func(dir string) error {
		keys := newKeys()
		change(&keys)
		text, err := json.Marshal(keys)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, FileName), text, 0o600)
	}
}

func TestOpenOrCreate(t *testing.T) {
	t.Parallel()
	t.Run("makes keys once for many at the same time", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "keys")
		got := make([]*Vault, 8)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				v, err := OpenOrCreate(dir, "", false)
				if err != nil {
					t.Error(err)
				}
				got[i] = v
			})
		}
		wg.Wait()
		for _, v := range got {
			if v != nil && !bytes.Equal(v.Blind(plain, "id"), got[0].Blind(plain, "id")) {
				t.Error("two processes work with different keys")
			}
		}
	})
	t.Run("never makes new keys for old data", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "keys")
		_, err := OpenOrCreate(dir, "", true)
		wantCode(t, err, errs.Refused, "VAULT_KEYS_MISSING")
		if _, err := os.Stat(dir); err == nil {
			t.Error("it made the directory all the same")
		}
	})
	t.Run("refuses keys among the data", func(t *testing.T) {
		t.Parallel()
		data := t.TempDir()
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(data, link); err != nil {
			t.Fatal(err)
		}
		for _, dir := range []string{data, filepath.Join(data, "keys"), filepath.Join(data, "a", "..", "keys"), filepath.Join(link, "deep", "keys")} {
			_, err := OpenOrCreate(dir, data, false)
			wantCode(t, err, errs.Refused, "VAULT_INSIDE_DATA")
		}
		if _, err := OpenOrCreate(data+"-keys", data, false); err != nil {
			t.Errorf("beside the data: %v", err)
		}
	})
}

func TestVault_prints_no_key(t *testing.T) {
	t.Parallel()
	v, dir := create(t)
	file, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	var keys keyFile
	if err := json.Unmarshal(file, &keys); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("opened", "vault", v)
	text := fmt.Sprintf("%v %+v %#v %s", v, v, v, log.String())
	for _, key := range [][]byte{keys.Index, keys.Versions[0].Key} {
		for _, form := range []string{string(key), base64.StdEncoding.EncodeToString(key), hex.EncodeToString(key), fmt.Sprintf("%v", key)} {
			if strings.Contains(text, form) {
				t.Errorf("printed with a key in it: %q", text)
			}
		}
	}
}
