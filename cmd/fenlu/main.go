// Command fenlu is the whole product in one binary: see fenlu --help, and
// README.md for the first ten minutes.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"fenlu/internal/clock"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, clock.System{}, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
