package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// fault is one committed defect and the test that must notice it.
type fault struct {
	name    string
	promise string
	file    string // from the root, with slashes
	old     string // found exactly once in file
	new     string
	pkg     string // as go test wants it: ./ledger
	test    string // as go test -run wants it
	line    int    // of its first key in the list
}

// parseFaults reads the list (its format stands at the top of faults.txt) and
// reports all that is wrong with it at once.
func parseFaults(r io.Reader) ([]fault, error) {
	var faults []fault
	var problems []error
	var block fault
	end := func() {
		if block.line > 0 {
			problems = append(problems, block.check())
			faults = append(faults, block)
		}
		block = fault{}
	}
	scanner := bufio.NewScanner(r)
	for n := 1; scanner.Scan(); n++ {
		switch line := strings.TrimSpace(scanner.Text()); {
		case line == "":
			end()
		case strings.HasPrefix(line, "#"):
		default:
			problems = append(problems, block.set(line, n))
		}
	}
	end()
	return faults, errors.Join(append(problems, scanner.Err())...)
}

// set puts one "key: value" line into the fault.
func (f *fault) set(line string, n int) error {
	key, value, ok := strings.Cut(line, ":")
	into := map[string]*string{
		"fault": &f.name, "promise": &f.promise, "file": &f.file, "old": &f.old,
		"new": &f.new, "package": &f.pkg, "test": &f.test,
	}[key]
	if !ok || into == nil {
		return fmt.Errorf("line %d: %q is not one of fault, promise, file, old, new, package, test followed by a colon", n, line)
	}
	if *into != "" {
		return fmt.Errorf("line %d: %s stands twice in this fault: part faults by a blank line", n, key)
	}
	*into = strings.TrimSpace(value)
	if f.line == 0 {
		f.line = n
	}
	return nil
}

func (f *fault) check() error {
	for key, value := range map[string]string{"fault": f.name, "promise": f.promise, "file": f.file, "old": f.old, "package": f.pkg, "test": f.test} {
		if value == "" {
			return fmt.Errorf("line %d: the fault %q has no %s", f.line, f.name, key)
		}
	}
	return nil
}

// apply puts the fault into the text of its file.
func (f *fault) apply(text string) (string, error) {
	if n := strings.Count(text, f.old); n != 1 {
		return "", fmt.Errorf("%s holds %q %d times, must be once: mend the fault in the list", f.file, f.old, n)
	}
	return strings.Replace(text, f.old, f.new, 1), nil
}
