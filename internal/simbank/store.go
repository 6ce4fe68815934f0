package simbank

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Folders and files of a bank's directory.
const (
	settingsFile = "bank.json"    // the options, fixed at the first opening
	eventsDir    = "events"       // 00000001.json …: what happened, in order
	receivedDir  = "received"     // the files as received, named by SHA-256
	ledgerFile   = "ledger.csv"   // the books, derived
	tempPrefix   = ".unfinished-" // never read; removed at opening
)

// event is one thing that happened at the bank.
type event struct {
	Kind      string `json:"kind"` // file, funding, close
	Day       Day    `json:"day"`
	Name      string `json:"name,omitempty"`   // file: as the customer called it
	SHA256    string `json:"sha256,omitempty"` // file
	Account   string `json:"account,omitempty"`
	Fen       Fen    `json:"fen,omitempty"`
	Reference string `json:"reference,omitempty"`
}

const (
	eventFile    = "file"
	eventFunding = "funding"
	eventClose   = "close"
)

// store is the directory. Every file in it appears whole or not at all.
type store struct {
	dir  string
	next int // number of the next event
	// step is called before each change of the directory, so that tests can
	// stop the bank at any of them.
	step func() error
}

func openStore(dir string, step func() error) (*store, error) {
	s := &store{dir: dir, next: 1, step: step}
	for _, d := range []string{dir, s.path(eventsDir), s.path(receivedDir)} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("simbank: %w", err)
		}
		if err := sweep(d); err != nil {
			return nil, fmt.Errorf("simbank: %w", err)
		}
	}
	return s, nil
}

// sweep removes what a killed bank left unfinished.
func sweep(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, tempPrefix+"*"))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

func (s *store) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// settle writes the options at the first opening and refuses others later: with
// other options the same files would have other fates.
func (s *store) settle(opt Options) error {
	want, err := json.Marshal(opt)
	if err != nil {
		return fmt.Errorf("simbank: %w", err)
	}
	want = append(want, '\n')
	have, err := os.ReadFile(s.path(settingsFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s.put(settingsFile, want)
	case err != nil:
		return fmt.Errorf("simbank: %w", err)
	case !bytes.Equal(have, want):
		return fmt.Errorf("simbank: %s was opened with other options: %s", s.dir, bytes.TrimSpace(have))
	}
	return nil
}

// events reads all events in order.
func (s *store) events() ([]event, error) {
	names, err := os.ReadDir(s.path(eventsDir))
	if err != nil {
		return nil, fmt.Errorf("simbank: %w", err)
	}
	var all []event
	for _, n := range names {
		if strings.HasPrefix(n.Name(), tempPrefix) {
			continue
		}
		if n.Name() != eventName(s.next) {
			return nil, fmt.Errorf("simbank: found event %s, want %s", n.Name(), eventName(s.next))
		}
		var e event
		raw, err := os.ReadFile(s.path(eventsDir, n.Name()))
		if err != nil {
			return nil, fmt.Errorf("simbank: %w", err)
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, fmt.Errorf("simbank: event %s: %w", n.Name(), err)
		}
		all = append(all, e)
		s.next++
	}
	return all, nil
}

func eventName(n int) string { return fmt.Sprintf("%08d.json", n) }

// append commits an event. Two banks on one directory cannot both commit the same number.
func (s *store) append(e event) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("simbank: %w", err)
	}
	name := filepath.Join(eventsDir, eventName(s.next))
	err = s.write(name, append(raw, '\n'), os.Link)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("simbank: %s is in use by another process: event %d exists", s.dir, s.next)
	}
	if err != nil {
		return err
	}
	s.next++
	return nil
}

// body returns a received file.
func (s *store) body(digest string) ([]byte, error) {
	raw, err := os.ReadFile(s.path(receivedDir, digest))
	if err != nil {
		return nil, fmt.Errorf("simbank: %w", err)
	}
	if hashHex(raw) != digest {
		return nil, fmt.Errorf("simbank: received file %s was altered", digest)
	}
	return raw, nil
}

// put replaces a file unless it already has these bytes.
func (s *store) put(name string, raw []byte) error {
	if have, err := os.ReadFile(s.path(name)); err == nil && bytes.Equal(have, raw) {
		return nil
	}
	return s.write(name, raw, os.Rename)
}

// write finishes a temporary file and gives it its name in one step.
func (s *store) write(name string, raw []byte, publish func(from, to string) error) error {
	final := s.path(name)
	temp, err := os.CreateTemp(filepath.Dir(final), tempPrefix+"*")
	if err != nil {
		return fmt.Errorf("simbank: %w", err)
	}
	if err := s.change(func() error { return fill(temp, raw) }); err != nil {
		return err
	}
	if err := s.change(func() error { return publish(temp.Name(), final) }); err != nil {
		return err
	}
	return s.change(func() error { return tidy(temp.Name(), filepath.Dir(final)) })
}

func (s *store) change(do func() error) error {
	if s.step != nil {
		if err := s.step(); err != nil {
			return err
		}
	}
	if err := do(); err != nil {
		return fmt.Errorf("simbank: %w", err)
	}
	return nil
}

func fill(f *os.File, raw []byte) error {
	_, err := f.Write(raw)
	return errors.Join(err, f.Sync(), f.Close())
}

// tidy removes the temporary name that link leaves and makes the directory durable.
func tidy(temp, dir string) error {
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
