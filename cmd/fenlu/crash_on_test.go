//go:build crash

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// dies says that the fenlu of the scripts is killed at every site it comes by
// and run again until it ends.
const dies = true

// programsOfScripts are the programs that a script may run: its fenlu is the
// real one, run by another.
func programsOfScripts() map[string]func() {
	return map[string]func(){"fenlu": untilItEnds, "fenlu-once": fenluAtTime, "sql": sqlProgram}
}

// untilItEnds runs a command again for as long as it is killed, and shows what
// it said the last time.
func untilItEnds() {
	stdin, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	for {
		var stdout, stderr bytes.Buffer
		once := exec.Command("fenlu-once", os.Args[1:]...)
		once.Stdin, once.Stdout, once.Stderr = bytes.NewReader(stdin), &stdout, &stderr
		err := once.Run()
		if once.ProcessState == nil {
			panic(err)
		}
		if status, ok := once.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
			continue
		}
		_, _ = os.Stdout.Write(stdout.Bytes())
		_, _ = os.Stderr.Write(stderr.Bytes())
		os.Exit(once.ProcessState.ExitCode())
	}
}
