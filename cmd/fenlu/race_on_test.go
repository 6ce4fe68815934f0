//go:build race

package main

// raced says that the race detector is built in: every process of a script then
// takes a second of its own before it does anything.
const raced = true
