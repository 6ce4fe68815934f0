package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// ending is how a month ended: what must be the same however often it died.
type ending struct {
	closing string            // the closing JSON, without the time it took
	bank    string            // the simulated bank's own books, sorted
	files   map[string]string // the sealed files and their sidecars: SHA-256 by name
}

// checkpointOf is the checkpoint in a sidecar.
var checkpointOf = regexp.MustCompile(`,"checkpoint":"[^"]*"`)

// ending runs the month to its end and looks at it.
func (m *month) ending(ctx context.Context) (ending, error) {
	e := ending{files: map[string]string{}}
	stdout, err := m.live(ctx, "--json", "demo", "--payments", fmt.Sprint(m.lab.payments))
	if err != nil {
		return e, err
	}
	var closing map[string]any
	if err := json.Unmarshal([]byte(stdout), &closing); err != nil {
		return e, fmt.Errorf("closing JSON: %w", err)
	}
	if v, ok := closing["verify"].(map[string]any); ok {
		delete(v, "compared") // a month that died has signed where its log stood more often
	}
	delete(closing, "elapsed_s")
	forgetLeaves(closing)
	text, err := json.Marshal(closing)
	if err != nil {
		return e, err
	}
	e.closing = string(text)
	books, err := os.ReadFile(filepath.Join(m.data(), "simbank", "ledger.csv"))
	if err != nil {
		return e, err
	}
	e.bank = strings.Join(slices.Sorted(strings.SplitSeq(string(books), "\n")), "\n")
	if err := m.digests(e.files); err != nil {
		return e, err
	}
	if err := m.leftovers(); err != nil {
		return e, err
	}
	_, err = m.live(ctx, "--json", "verify")
	return e, err
}

func (m *month) digests(into map[string]string) error {
	dir := filepath.Join(m.data(), "files")
	names, err := os.ReadDir(dir)
	for _, n := range names {
		text, err := os.ReadFile(filepath.Join(dir, n.Name()))
		if err != nil {
			return err
		}
		// where the log of this month stood, signed with its own key
		text = checkpointOf.ReplaceAll(text, nil)
		sum := sha256.Sum256(text)
		into[n.Name()] = hex.EncodeToString(sum[:])
	}
	return err
}

// leftovers finds what a killed process began to write and nobody removed.
func (m *month) leftovers() error {
	return filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "pg" {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".unfinished") || strings.HasPrefix(d.Name(), "pg.new-") || strings.HasPrefix(d.Name(), "pg.init-") {
			return fmt.Errorf("%s was left behind", path)
		}
		return err
	})
}

// differs says what of an ending is not as it should be; "" where all is.
func (e ending) differs(got ending) string {
	switch {
	case e.closing != got.closing:
		return "the closing JSON is another:\n" + e.closing + "\n" + got.closing
	case e.bank != got.bank:
		return "the bank's books are others:\n" + e.bank + "\n" + got.bank
	case !maps.Equal(e.files, got.files):
		return fmt.Sprintf("the sealed files are others:\n%v\n%v", e.files, got.files)
	}
	return ""
}

// forgetLeaves takes out how many leaves the log has: a file that was written
// again after a death was unmasked again, and each time is a leaf.
func forgetLeaves(closing map[string]any) {
	v, ok := closing["verify"].(map[string]any)
	if !ok {
		return
	}
	promises, _ := v["promises"].([]any)
	for _, one := range promises {
		if p, ok := one.(map[string]any); ok && p["promise"] == 10.0 {
			delete(p, "rows")
		}
	}
}
