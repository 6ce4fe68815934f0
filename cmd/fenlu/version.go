package main

import (
	"fmt"
	"io"
	"runtime/debug"
)

// versionCmd says which program this is.
type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(a *app) error {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	return a.Result(map[string]string{"version": version}, func(w io.Writer) { _, _ = fmt.Fprintln(w, "fenlu", version) })
}
