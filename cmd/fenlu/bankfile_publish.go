package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"fenlu/bankfiles"
	"fenlu/internal/durable"
	"fenlu/internal/errs"
)

// publish gives the files their names, each with its sidecar and signature
// before it, so that no file stands without them. A file of that name with
// other content is never overwritten: it may have gone to a bank.
func publish(work, out string, written []bankfiles.Sidecar, seal sealing) error {
	for _, s := range written {
		same, err := sameOrAbsent(filepath.Join(out, s.Name), s.SHA256)
		if err == nil && same {
			same, err = sameSidecar(filepath.Join(out, s.Name+".json"), s.SHA256)
		}
		if err != nil {
			return fileError(err, s.Name)
		}
		if !same {
			return errs.New(errs.Conflict, "BANKFILE_EXISTS", "file", s.Name)
		}
	}
	for i, s := range written {
		if err := publishOne(filepath.Join(work, strconv.Itoa(i)), filepath.Join(out, s.Name), s, seal); err != nil {
			return fileError(err, s.Name)
		}
	}
	return nil
}

func publishOne(from, target string, s bankfiles.Sidecar, seal sealing) error {
	err := durable.Replace("sidecar", target+".json", func(f *os.File) error { return json.NewEncoder(f).Encode(s) })
	if err != nil {
		return err
	}
	signature, err := seal.sign(s)
	if err != nil {
		return err
	}
	if signature != nil {
		err = durable.Replace("signature", target+".sig", func(f *os.File) error {
			_, err := f.Write(signature)
			return err
		})
	}
	if err != nil {
		return err
	}
	return durable.Move("bankfile", from, target+seal.extension())
}

func sameOrAbsent(path, digest string) (bool, error) {
	got, err := digestOf(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return got == digest, err
}

func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read from
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// sameSidecar says whether a sidecar, if there is one, is of the same bytes:
// what an encrypted file holds, its sidecar alone can tell.
func sameSidecar(path, digest string) (bool, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	var s bankfiles.Sidecar
	return json.Unmarshal(data, &s) == nil && s.SHA256 == digest, nil
}
