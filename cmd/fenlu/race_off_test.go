//go:build !race

package main

// raced says that the race detector is not built in.
const raced = false
