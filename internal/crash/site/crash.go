//go:build crash

package site

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// Reach says that the process has come to a site, named by its parts, and dies
// there if it was told to.
func Reach(parts ...string) { told().reach(strings.Join(parts, ":")) }

// Lost says whether the answer to what is sent at a site shall be lost; the
// process goes on, and the site counts as hit.
func Lost(parts ...string) bool { return told().loses(strings.Join(parts, ":")) }

// orders are what the test told this process.
type orders struct {
	mu                    sync.Mutex
	dir                   string // "": nothing is noted and nobody dies
	seen, hit, kill, lose map[string]bool
	spare                 map[string]bool // nil: there is no such list
}

var told = sync.OnceValue(func() *orders {
	dir := os.Getenv("FENLU_CRASH")
	if dir == "" {
		return &orders{}
	}
	list := func(name string) map[string]bool { return names(filepath.Join(dir, name)) }
	return &orders{dir: dir, seen: map[string]bool{}, hit: list("hit"), kill: list("kill"), lose: list("lose"), spare: list("spare")}
})

// names reads a list of sites, one a line; nil where there is none.
func names(path string) map[string]bool {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		panic(err)
	}
	set := map[string]bool{}
	for name := range strings.Lines(string(text)) {
		set[strings.TrimSpace(name)] = true
	}
	return set
}

func (o *orders) reach(name string) {
	if o.dir == "" {
		return
	}
	o.mu.Lock() // stays locked where the process dies: nobody gets further
	defer o.mu.Unlock()
	if !o.seen[name] {
		o.seen[name] = true
		o.note("seen", name)
	}
	if o.kill[name] && !o.hit[name] || o.spare != nil && !o.spare[name] && !o.hit[name] {
		o.note("hit", name)
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

func (o *orders) loses(name string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.lose[name] || o.hit[name] {
		return false
	}
	delete(o.lose, name)
	o.note("hit", name)
	return true
}

// note adds a line to a file: one write, which other processes do not break.
func (o *orders) note(file, name string) {
	f, err := os.OpenFile(filepath.Join(o.dir, file), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(f, name)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		panic(err)
	}
}
