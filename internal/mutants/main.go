package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

func main() {
	root := flag.String("root", ".", "the root of the module")
	list := flag.String("faults", "internal/mutants/faults.txt", "the list of faults, from the root")
	only := flag.String("only", "", "run the faults whose name contains this")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, *root, *list, *only)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// run kills every fault of the list and reports on each as it goes.
func run(ctx context.Context, out io.Writer, root, list, only string) error {
	began := time.Now()
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	faults, err := readFaults(filepath.Join(root, list), only)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }() // what is left behind is in the temporary directory
	killed := 0
	for r := range results(ctx, root, work, faults) {
		if r.err != nil {
			_, _ = fmt.Fprintf(out, "ALIVE   %s: %v\n", r.fault.name, r.err)
			continue
		}
		killed++
		_, _ = fmt.Fprintf(out, "killed  %-60s %s %s (%.1fs)\n", r.fault.name, r.fault.pkg, r.fault.test, r.took.Seconds())
	}
	_, _ = fmt.Fprintf(out, "killed %d of %d in %s\n", killed, len(faults), time.Since(began).Round(time.Second))
	if killed < len(faults) {
		return fmt.Errorf("%d of %d faults were not killed", len(faults)-killed, len(faults))
	}
	return nil
}

// result is what became of one fault; err says why it lives.
type result struct {
	fault fault
	err   error
	took  time.Duration
}

// results tries the faults, two packages side by side, each in a laboratory of
// its own: what is built of a package serves all its faults.
func results(ctx context.Context, root, work string, faults []fault) <-chan result {
	packages := make(chan []fault)
	go func() {
		defer close(packages)
		for _, group := range byPackage(faults) {
			packages <- group
		}
	}()
	out := make(chan result)
	var labs sync.WaitGroup
	for n := range 2 {
		labs.Go(func() {
			l := newLab(root, filepath.Join(work, strconv.Itoa(n)))
			for group := range packages {
				for _, f := range group {
					began := time.Now()
					err := l.kill(ctx, f)
					out <- result{f, err, time.Since(began)}
				}
			}
		})
	}
	go func() { labs.Wait(); close(out) }()
	return out
}

// byPackage groups faults by the package whose test shall notice them, the
// largest group first.
func byPackage(faults []fault) [][]fault {
	groups := map[string][]fault{}
	for _, f := range faults {
		groups[f.pkg] = append(groups[f.pkg], f)
	}
	return slices.SortedFunc(maps.Values(groups), func(a, b []fault) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0].pkg, b[0].pkg))
	})
}

func readFaults(path, only string) ([]fault, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	faults, err := parseFaults(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var chosen []fault
	for _, f := range faults {
		if strings.Contains(f.name, only) {
			chosen = append(chosen, f)
		}
	}
	if len(chosen) == 0 {
		return nil, errors.New("no fault to kill in " + path)
	}
	return chosen, nil
}
