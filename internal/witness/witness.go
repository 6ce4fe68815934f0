package witness

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fenlu/internal/clock"
	"fenlu/internal/durable"
	"fenlu/internal/errs"
	"fenlu/ledger/proof/checkpoint"
)

// The files of a witness's directory.
const (
	keyFile     = "witness-key"
	logsFile    = "witness-logs.json"
	lockFile    = "witness.lock"
	refusedFile = "refused.log"
)

// Witness is an open directory. Any number of processes and goroutines may use
// one: a lock lets one change it at a time.
type Witness struct {
	dir   string
	key   checkpoint.Signer
	clock clock.Clock
}

// Log is what a witness knows of a log.
type Log struct {
	Origin string                `json:"origin"`
	Keys   []string              `json:"keys"`           // vkeys; the last signs now
	Note   string                `json:"note,omitempty"` // the largest checkpoint, cosigned
	SeenAt time.Time             `json:"seen_at,omitzero"`
	Gone   []string              `json:"gone,omitempty"` // the restarts it was told of, as notes
	Last   checkpoint.Checkpoint `json:"-"`              // of Note; size 0 before the first
	Trust  []checkpoint.Key      `json:"-"`              // Keys as keys
}

// Init makes the key of a new witness in dir, which it makes too; of one of that
// name that is there already it gives the key. Errors: WITNESS_EXISTS (Conflict), WITNESS_DIR (Refused), CHECKPOINT_NAME (Invalid).
func Init(dir, name string) (checkpoint.Key, error) {
	signer, err := checkpoint.NewSigner(name, checkpoint.Cosign)
	if err != nil {
		return checkpoint.Key{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return checkpoint.Key{}, errs.Wrap(err, errs.Refused, "WITNESS_DIR", "dir", dir)
	}
	err = durable.Create("witness-key", filepath.Join(dir, keyFile), func(f *os.File) error {
		_, err := fmt.Fprintln(f, signer.Secret())
		return err
	})
	if errors.Is(err, fs.ErrExist) {
		if there, errThere := Open(dir, nil); errThere == nil && there.key.Name() == name {
			return there.Key(), nil
		}
		return checkpoint.Key{}, errs.Wrap(err, errs.Conflict, "WITNESS_EXISTS", "dir", dir)
	}
	if err != nil {
		return checkpoint.Key{}, errs.Wrap(err, errs.Refused, "WITNESS_DIR", "dir", dir)
	}
	return signer.Key, nil
}

// Open opens the directory of a witness. Errors: WITNESS_DIR (Refused) where
// there is none, CHECKPOINT_SECRET.
func Open(dir string, c clock.Clock) (*Witness, error) {
	text, err := os.ReadFile(filepath.Join(dir, keyFile))
	if err != nil {
		return nil, errs.Wrap(err, errs.Refused, "WITNESS_DIR", "dir", dir)
	}
	key, err := checkpoint.ParseSigner(string(text))
	if err != nil {
		return nil, err
	}
	return &Witness{dir, key, c}, nil
}

// Key is the witness's public key.
func (w *Witness) Key() checkpoint.Key { return w.key.Key }

// Trust makes the witness accept the checkpoints of a log. Of a log it knows
// already it accepts only keys that the one it trusts leads to; another is
// WITNESS_OTHER_KEY (Refused). Whoever calls it has compared the fingerprint.
func (w *Witness) Trust(p checkpoint.Public) (Log, error) {
	var out Log
	err := w.change(p.Current().Name(), func(l *Log) error {
		if len(l.Trust) > 0 && !leads(l.Trust[len(l.Trust)-1], p) {
			return errs.New(errs.Refused, "WITNESS_OTHER_KEY", "origin", l.Origin, "fingerprint", l.Trust[len(l.Trust)-1].Fingerprint())
		}
		l.Origin, l.Trust, l.Keys = p.Current().Name(), p.Keys(), nil
		for _, k := range l.Trust {
			l.Keys = append(l.Keys, k.String())
		}
		out = *l
		return nil
	})
	return out, err
}

// Restart makes the witness forget the largest checkpoint of a log whose history
// was given up on purpose, as a restart signed by the log says. Nothing but this
// lets it cosign what does not extend what it saw; what it forgets is kept with
// the restart as evidence. Whoever calls it has asked the log's people why.
// Errors: WITNESS_UNKNOWN (NotFound); those of checkpoint.OpenRestart;
// WITNESS_NOT_GIVEN_UP (Refused) for a restart that gives nothing up which the
// witness saw, or that it was told of before.
func (w *Witness) Restart(note []byte) (out Log, r checkpoint.Restart, err error) {
	text, err := checkpoint.TextOf(note)
	if err != nil {
		return out, r, err
	}
	said, err := checkpoint.ParseRestart(text)
	if err != nil {
		return out, r, err
	}
	origin := said.Abandoned.Origin
	err = w.change(origin, func(l *Log) error {
		if len(l.Trust) == 0 {
			return errs.New(errs.NotFound, "WITNESS_UNKNOWN", "origin", origin)
		}
		if r, err = checkpoint.OpenRestart(note, l.Trust...); err != nil {
			return err
		}
		if l.Last.Size <= r.Kept || slices.Contains(l.Gone, string(note)) {
			return errs.New(errs.Refused, "WITNESS_NOT_GIVEN_UP", "origin", origin, "size", l.Last.Size, "kept", r.Kept)
		}
		entry := fmt.Appendf(nil, "# %s RESTART\n%s\n%s\n", w.clock.Now().UTC().Format(time.RFC3339), note, l.Note)
		if err := durable.Append("witness-refused", filepath.Join(w.dir, refusedFile), entry); err != nil {
			return errs.Wrap(err, errs.Refused, "WITNESS_DIR", "dir", w.dir)
		}
		l.Note, l.Last, l.Gone = "", checkpoint.Checkpoint{}, append(l.Gone, string(note))
		out = *l
		return nil
	})
	return out, r, err
}

// leads says whether a key is among the published ones, and so leads to the
// current one.
func leads(trusted checkpoint.Key, p checkpoint.Public) bool {
	for _, k := range p.Keys() {
		if k.Equal(trusted) {
			return true
		}
	}
	return false
}

// Add checks a request and cosigns its checkpoint: the lines are the witness's.
// What it answers is on the disk before it does. The same request again, or one
// that starts where the witness is, gets a cosignature again: so a caller that
// missed the answer asks once more.
//
// Errors: CHECKPOINT_DAMAGED, WITNESS_OLD_GREATER (Invalid); WITNESS_UNKNOWN
// (NotFound); CHECKPOINT_UNSIGNED, CHECKPOINT_FORGED, CHECKPOINT_ORIGIN,
// CHECKPOINT_SMALLER, CHECKPOINT_OTHER_ROOT, CHECKPOINT_PROOF (Unverified);
// WITNESS_OLD (Conflict) where the proof starts elsewhere than at the size that
// the witness knows.
func (w *Witness) Add(r checkpoint.Request) ([]byte, error) {
	text, err := checkpoint.TextOf(r.Note)
	if err != nil {
		return nil, err
	}
	offered, err := checkpoint.Parse(text)
	if err != nil {
		return nil, err
	}
	var lines []byte
	err = w.change(offered.Origin, func(l *Log) error {
		if len(l.Trust) == 0 {
			return errs.New(errs.NotFound, "WITNESS_UNKNOWN", "origin", offered.Origin)
		}
		signed, err := checkpoint.Open(r.Note, l.Trust...)
		if err != nil {
			return err
		}
		if err := acceptable(l.Last, signed.Checkpoint, r); err != nil {
			return errors.Join(err, w.keepEvidence(err, r))
		}
		if lines, err = checkpoint.CosignNote(r.Note, w.key, w.clock.Now()); err != nil {
			return err
		}
		own := append([]byte(signed.Text()+"\n"), lines...)
		kept, err := checkpoint.Merge(signed.Note, own)
		l.Note, l.SeenAt = string(kept), w.clock.Now()
		return err
	})
	return lines, err
}

// acceptable is the rule of a witness.
func acceptable(known, offered checkpoint.Checkpoint, r checkpoint.Request) error {
	switch {
	case r.Old > offered.Size:
		return errs.New(errs.Invalid, "WITNESS_OLD_GREATER", "old", r.Old, "size", offered.Size)
	case offered.Size < known.Size, offered.Size == known.Size && offered.Root != known.Root && known.Size > 0:
		return checkpoint.Extends(known, offered, nil)
	case r.Old != known.Size:
		return errs.New(errs.Conflict, "WITNESS_OLD", "old", r.Old, "size", known.Size, "origin", offered.Origin)
	}
	return checkpoint.Extends(known, offered, r.Proof)
}

// keepEvidence keeps a signed checkpoint that contradicts what the witness saw:
// with the one it knows, it proves that the log has two histories.
func (w *Witness) keepEvidence(why error, r checkpoint.Request) error {
	if errs.KindOf(why) != errs.Unverified {
		return nil
	}
	entry := fmt.Appendf(nil, "# %s %s\n%s\n", w.clock.Now().UTC().Format(time.RFC3339), errs.CodeOf(why), r.Bytes())
	return durable.Append("witness-refused", filepath.Join(w.dir, refusedFile), entry)
}

// Logs are the logs the witness knows, by origin.
func (w *Witness) Logs() ([]Log, error) {
	s, err := w.load()
	return s.Logs, err
}

// state is the content of the file of logs.
type state struct {
	Format int   `json:"format"`
	Logs   []Log `json:"logs"`
}

// change lets fn change what is known of one log, alone, and stores it.
func (w *Witness) change(origin string, fn func(*Log) error) (err error) {
	unlock, err := durable.Lock(filepath.Join(w.dir, lockFile))
	if err != nil {
		return errs.Wrap(err, errs.Refused, "WITNESS_DIR", "dir", w.dir)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	s, err := w.load()
	if err != nil {
		return err
	}
	at := 0
	for at < len(s.Logs) && s.Logs[at].Origin != origin {
		at++
	}
	if at == len(s.Logs) {
		s.Logs = append(s.Logs, Log{})
	}
	if err := fn(&s.Logs[at]); err != nil {
		return err
	}
	return w.store(s)
}

func (w *Witness) store(s state) error {
	err := durable.Replace("witness-logs", filepath.Join(w.dir, logsFile), func(f *os.File) error {
		return json.NewEncoder(f).Encode(s)
	})
	if err != nil {
		return errs.Wrap(err, errs.Refused, "WITNESS_DIR", "dir", w.dir)
	}
	return nil
}

// load reads and checks what is known. Errors: WITNESS_DAMAGED (Refused): a
// witness that has forgotten must not start anew by itself.
func (w *Witness) load() (state, error) {
	path := filepath.Join(w.dir, logsFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return state{Format: 1}, nil
	}
	if err != nil {
		return state{}, errs.Wrap(err, errs.Refused, "WITNESS_DIR", "dir", w.dir)
	}
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		return state{}, errs.Wrap(err, errs.Refused, "WITNESS_DAMAGED", "path", path)
	}
	for i := range s.Logs {
		if err := w.fill(&s.Logs[i]); err != nil {
			return state{}, errs.Wrap(err, errs.Refused, "WITNESS_DAMAGED", "path", path)
		}
	}
	return s, nil
}

// fill reads the texts of a log back; the checkpoint must bear the witness's own
// cosignature, so that nobody but the witness can have put it there.
func (w *Witness) fill(l *Log) error {
	for _, text := range l.Keys {
		k, err := checkpoint.ParseKey(text)
		if err != nil {
			return err
		}
		l.Trust = append(l.Trust, k)
	}
	if l.Note == "" {
		return nil
	}
	signed, err := checkpoint.Open([]byte(l.Note), l.Trust...)
	if err != nil {
		return err
	}
	l.Last = signed.Checkpoint
	seen, err := checkpoint.Cosignatures([]byte(l.Note), w.key.Key)
	if err == nil && len(seen) == 0 {
		err = errs.New(errs.Unverified, "CHECKPOINT_UNSIGNED")
	}
	return err
}
