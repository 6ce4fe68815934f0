package main

import (
	"fmt"
	"io"
	"path/filepath"

	"fenlu/internal/notary"
	"fenlu/internal/vault"
	"fenlu/ledger/proof/checkpoint"
)

// keyCmd looks after the key that signs the log.
type keyCmd struct {
	Show   keyShowCmd   `cmd:"" help:"help_key_show"`
	New    keyNewCmd    `cmd:"" help:"help_key_new"`
	Rotate keyRotateCmd `cmd:"" help:"help_key_rotate"`
}

type (
	keyShowCmd struct{}
	keyNewCmd  struct {
		SM2 bool `name:"sm2" help:"help_key_sm2"`
	}
	keyRotateCmd struct {
		SM2 bool `name:"sm2" help:"help_key_sm2"`
	}
)

func algorithm(sm2 bool) checkpoint.Algorithm {
	if sm2 {
		return checkpoint.SM2
	}
	return checkpoint.Ed25519
}

// keyView is a public key as programs read it.
type keyView struct {
	VKey        string `json:"key"`
	Fingerprint string `json:"fingerprint"`
	Algorithm   string `json:"algorithm"`
}

func viewOf(k checkpoint.Key) keyView {
	return keyView{k.String(), k.Fingerprint(), string(k.Algorithm())}
}

// Run shows the public keys; it needs no database.
func (keyShowCmd) Run(a *app) error {
	keys, err := notary.OpenKeys(a.keyDir())
	if err != nil {
		return err
	}
	return a.showKeys(keys)
}

func (a *app) showKeys(keys *notary.Keys) error {
	all := keys.Keys()
	current, earlier := all[len(all)-1], []keyView{}
	for _, k := range all[:len(all)-1] {
		earlier = append(earlier, viewOf(k))
	}
	file := filepath.Join(a.keyDir(), notary.PublicName)
	return a.Result(map[string]any{"origin": keys.Origin(), "current": viewOf(current), "earlier": earlier, "file": file}, func(w io.Writer) {
		a.say(w, false, "key.out.origin", "origin", keys.Origin())
		a.say(w, false, "key.out.current", "algorithm", string(current.Algorithm()), "fingerprint", current.Fingerprint())
		_, _ = fmt.Fprintln(w, current.String())
		for _, k := range earlier {
			a.say(w, false, "key.out.earlier", "algorithm", k.Algorithm, "fingerprint", k.Fingerprint)
		}
		a.say(w, false, "key.out.file", "file", file)
	})
}

// Run makes the first key of a log that has not begun. Its kind cannot be
// chosen later but by a rotation.
func (c keyNewCmd) Run(a *app) error {
	if err := vault.Place(a.keyDir(), a.dataDir()); err != nil {
		return err
	}
	keys, err := notary.CreateKeys(a.keyDir(), algorithm(c.SM2))
	if err != nil {
		return err
	}
	return a.showKeys(keys)
}

// Run changes the key: the old one names the new, which is a leaf of the log.
func (c keyRotateCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		if err := s.Notary.Keys.Rotate(algorithm(c.SM2)); err != nil {
			return err
		}
		if err := s.drainLog(a.ctx); err != nil {
			return err
		}
		return a.showKeys(s.Notary.Keys)
	})
}
