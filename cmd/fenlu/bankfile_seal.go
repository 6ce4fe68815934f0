package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"fenlu/bankfiles"
	"fenlu/internal/durable"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/vault"
	"fenlu/ledger/proof/checkpoint"
)

// sealing is what is done with a file after it was read back: a detached
// signature, encryption, both or neither (docs/adr/0035, 0036).
type sealing struct {
	signer     *checkpoint.Signer
	recipients []age.Recipient
}

// openSeal reads the key and the recipients before anything is written. What
// the profile asks for is not left out: BANKFILE_UNSIGNED without a key of its
// algorithm; its recipients go before those of the command line.
func openSeal(profile bankfiles.Profile, keyFile string, to []string) (sealing, error) {
	var s sealing
	wanted := ""
	if profile.Layout != nil {
		wanted, to = profile.Layout.Signature, append(slices.Clone(profile.Layout.EncryptTo), to...)
	}
	if keyFile != "" {
		signer, err := readSigner(keyFile)
		if err != nil {
			return s, err
		}
		s.signer = &signer
	}
	if wanted != "" && (s.signer == nil || string(s.signer.Algorithm()) != wanted) {
		return s, errs.New(errs.Invalid, "BANKFILE_UNSIGNED", "profile", profile.Name, "algorithm", wanted)
	}
	for _, text := range to {
		r, err := age.ParseX25519Recipient(strings.TrimSpace(text))
		if err != nil {
			return s, errs.New(errs.Invalid, "BANKFILE_RECIPIENT", "value", text)
		}
		s.recipients = append(s.recipients, r)
	}
	return s, nil
}

func readSigner(path string) (checkpoint.Signer, error) {
	if err := vault.Private(path, 0o600); err != nil {
		return checkpoint.Signer{}, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return checkpoint.Signer{}, fileError(err, path)
	}
	return checkpoint.ParseSigner(string(text))
}

// extension is what an encrypted file's name ends in.
func (s sealing) extension() string {
	if len(s.recipients) == 0 {
		return ""
	}
	return ".age"
}

// encrypt puts the encrypted file in the place of a plain one.
func (s sealing) encrypt(path string) (err error) {
	if len(s.recipients) == 0 {
		return nil
	}
	plain, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = plain.Close() }() // only read from
	return durable.Replace("encrypted", path, func(f *os.File) error {
		w, err := age.Encrypt(f, s.recipients...)
		if err != nil {
			return err
		}
		if _, err := io.Copy(w, plain); err != nil {
			return err
		}
		return w.Close()
	})
}

// sign is the detached signature: a signed note of what the file is. It is of
// the plain file, encrypted or not. nil without a key.
func (s sealing) sign(side bankfiles.Sidecar) ([]byte, error) {
	if s.signer == nil {
		return nil, nil
	}
	return note.Sign(&note.Note{Text: signedText(side)}, s.signer)
}

// signedText is what is signed of a file, line by line.
func signedText(s bankfiles.Sidecar) string {
	return fmt.Sprintf("fenlu.bankfile.v1\nname %s\nprofile %s %s\nmessage %s\nbytes %d\ncount %d\nsum %s\nsha256 %s\nsm3 %s\n",
		s.Name, s.Profile, s.Version, s.MessageID, s.Bytes, s.Count, s.Sum, s.SHA256, s.SM3)
}

// verifyBankfile says whether FILE.sig is the key's signature of FILE's bytes.
// key is a public key or a file of one.
func verifyBankfile(path, key string) error {
	refused := func(cause error) error { return errs.Wrap(cause, errs.Invalid, "BANKFILE_SIGNATURE", "file", path) }
	if text, err := os.ReadFile(key); err == nil {
		key = string(text)
	}
	public, err := checkpoint.ParseKey(key)
	if err != nil {
		return err
	}
	signed, err := os.ReadFile(path + ".sig")
	if err != nil {
		return fileError(err, path+".sig")
	}
	n, err := note.Open(signed, note.VerifierList(public))
	if err != nil {
		return refused(err)
	}
	digest, err := digestOf(path)
	if err != nil {
		return fileError(err, path)
	}
	if !strings.HasPrefix(n.Text, "fenlu.bankfile.v1\n") || !strings.Contains(n.Text, "\nsha256 "+digest+"\n") {
		return refused(nil)
	}
	return nil
}

// bankfileKeyCmd is `fenlu bankfile key`: a key that signs bank files. It is
// none of the log's.
type bankfileKeyCmd struct {
	Name      string `required:"" help:"help_bankfile_key_name"`
	Algorithm string `default:"ed25519" enum:"ed25519,sm2" help:"help_bankfile_key_algorithm"`
	Out       string `required:"" type:"path" help:"help_bankfile_key_out"`
}

// Run makes the key, once, and prints its public half.
func (c *bankfileKeyCmd) Run(a *app) error { return c.create(a.Stdout, a.Lang, a.JSON) }

func (c *bankfileKeyCmd) create(w io.Writer, lang i18n.Lang, asJSON bool) error {
	signer, err := checkpoint.NewSigner(c.Name, checkpoint.Algorithm(c.Algorithm))
	if err != nil {
		return err
	}
	err = durable.Create("bankfile-key", c.Out, func(f *os.File) error {
		_, err := fmt.Fprintln(f, signer.Secret())
		return err
	})
	if errors.Is(err, fs.ErrExist) {
		signer, err = c.made()
	} else if err != nil {
		err = fileError(err, c.Out)
	}
	if err != nil {
		return err
	}
	if asJSON {
		return jsonLine(w, map[string]any{"key": signer.String(), "fingerprint": signer.Fingerprint()})
	}
	_, err = fmt.Fprintln(w, i18n.T(lang, "bankfile.key", "key", signer.String(), "fingerprint", signer.Fingerprint()))
	return err
}

// made is the key that stands there already: the one that was asked for, when
// the command that made it died before it could say so.
func (c *bankfileKeyCmd) made() (checkpoint.Signer, error) {
	signer, err := readSigner(c.Out)
	if err != nil || signer.Name() != c.Name || string(signer.Algorithm()) != c.Algorithm {
		return checkpoint.Signer{}, errs.New(errs.Conflict, "BANKFILE_EXISTS", "file", c.Out)
	}
	return signer, nil
}
