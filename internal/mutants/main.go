package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
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
	l := &lab{root: root, work: work, healthy: map[string]bool{}}
	killed := 0
	for _, f := range faults {
		began := time.Now()
		err := l.kill(ctx, f)
		if err != nil {
			_, _ = fmt.Fprintf(out, "ALIVE   %s: %v\n", f.name, err)
			continue
		}
		killed++
		_, _ = fmt.Fprintf(out, "killed  %-60s %s %s (%.1fs)\n", f.name, f.pkg, f.test, time.Since(began).Seconds())
	}
	_, _ = fmt.Fprintf(out, "killed %d of %d\n", killed, len(faults))
	if killed < len(faults) {
		return fmt.Errorf("%d of %d faults were not killed", len(faults)-killed, len(faults))
	}
	return nil
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
