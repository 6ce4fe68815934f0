//go:build !crash

package main

// dies says that the fenlu of the scripts is killed at every site it comes by
// and run again until it ends.
const dies = false

// programsOfScripts are the programs that a script may run.
func programsOfScripts() map[string]func() {
	return map[string]func(){"fenlu": fenluAtTime, "sql": sqlProgram}
}
