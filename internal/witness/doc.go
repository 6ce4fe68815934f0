// Package witness is the other side of a checkpoint: a machine that remembers,
// for each log it was told to trust, the largest checkpoint it has seen, and
// cosigns only what extends it. A log that was cut, rolled back or forked gets
// no cosignature, and what it offered is kept as evidence.
//
// It has no database: its directory holds its key, what it knows of each log,
// and what it refused. Every change is on the disk before it answers.
//
//	w, err := witness.Open(dir, clock)
//	lines, err := w.Add(request) // cosignature lines for the checkpoint
//	http.Handle("/", w.Handler())
//
// The protocol is C2SP tlog-witness; a request may as well come on a stick.
package witness
