package main

import "github.com/schollz/progressbar/v3"

// progress shows on a terminal how much of a known number of parts is done.
// tell may be called by several goroutines; done takes the bar away.
func (a *app) progress(code string) (tell func(done, all int), done func()) {
	if !a.Interactive() {
		return nil, func() {}
	}
	bar := progressbar.NewOptions(1, progressbar.OptionSetWriter(a.Stderr), progressbar.OptionSetDescription(a.T(code)),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(true), progressbar.OptionShowCount())
	return func(done, all int) {
		bar.ChangeMax(all)
		_ = bar.Set(done)
	}, func() { _ = bar.Finish() }
}
