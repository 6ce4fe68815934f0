package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"time"

	"fenlu/internal/clock"
	"fenlu/internal/errs"
	"fenlu/internal/witness"
	"fenlu/ledger/proof/checkpoint"
)

// witnessCmd is another machine's part: it has no database.
type witnessCmd struct {
	Init  witnessInitCmd  `cmd:"" help:"help_witness_init"`
	Trust witnessTrustCmd `cmd:"" help:"help_witness_trust"`
	Add   witnessAddCmd   `cmd:"" help:"help_witness_add"`
	Serve witnessServeCmd `cmd:"" help:"help_witness_serve"`
	Show  witnessShowCmd  `cmd:"" help:"help_witness_show"`
}

// witnessDir is where a witness keeps what it knows.
type witnessDir struct {
	Dir string `required:"" type:"path" help:"help_witness_dir" placeholder:"DIR"`
}

func (d witnessDir) open(a *app) (*witness.Witness, error) { return witness.Open(d.Dir, a.clock) }

type witnessInitCmd struct {
	witnessDir
	Name string `required:"" help:"help_witness_name" placeholder:"shenji.example/w1"`
}

// Run makes a witness's key.
func (c witnessInitCmd) Run(a *app) error {
	key, err := witness.Init(c.Dir, c.Name)
	if err != nil {
		return err
	}
	return a.showWitness(key)
}

func (a *app) showWitness(key checkpoint.Key) error {
	return a.Result(viewOf(key), func(w io.Writer) {
		a.say(w, false, "witness.out.key", "name", key.Name(), "fingerprint", key.Fingerprint())
		_, _ = fmt.Fprintln(w, key.String())
	})
}

type witnessTrustCmd struct {
	witnessDir
	File    string `arg:"" type:"path" help:"help_witness_pub"`
	Restart string `type:"path" help:"help_witness_restart" placeholder:"FILE"`
}

// Run records the public key of a log, or the keys it has led to since.
func (c witnessTrustCmd) Run(a *app) error {
	text, err := readFile(c.File)
	if err != nil {
		return err
	}
	public, err := checkpoint.ParsePublic(text)
	if err != nil {
		return err
	}
	w, err := c.open(a)
	if err != nil {
		return err
	}
	log, err := w.Trust(public)
	if err != nil {
		return err
	}
	if c.Restart != "" {
		return c.restart(a, w)
	}
	current := public.Current()
	return a.Result(map[string]any{"origin": log.Origin, "current": viewOf(current)}, func(out io.Writer) {
		a.say(out, false, "witness.out.trusted", "origin", log.Origin, "fingerprint", current.Fingerprint())
	})
}

// restart lets the witness give up what it saw, as the last restart in a file
// says: a copy of the log's file of checkpoints has it.
func (c witnessTrustCmd) restart(a *app, w *witness.Witness) error {
	text, err := readFile(c.Restart)
	if err != nil {
		return err
	}
	notes, _ := checkpoint.SplitNotes(text)
	for i := len(notes) - 1; i >= 0; i-- {
		if !checkpoint.IsRestart(notes[i]) {
			continue
		}
		log, r, err := w.Restart(notes[i])
		if err != nil {
			return err
		}
		view := map[string]any{"origin": log.Origin, "abandoned_size": r.Abandoned.Size, "kept": r.Kept}
		return a.Result(view, func(out io.Writer) {
			a.say(out, false, "witness.out.restarted", "origin", log.Origin, "size", r.Abandoned.Size, "kept", r.Kept)
		})
	}
	return errs.New(errs.Invalid, "CHECKPOINT_RESTART")
}

type witnessAddCmd struct {
	witnessDir
	File string `arg:"" type:"path" help:"help_witness_request"`
	Out  string `type:"path" help:"help_audit_out" placeholder:"FILE"`
}

// Run checks a checkpoint that was carried here, and cosigns it.
func (c witnessAddCmd) Run(a *app) error {
	text, err := readFile(c.File)
	if err != nil {
		return err
	}
	r, err := checkpoint.ParseRequest(text)
	if err != nil {
		return err
	}
	w, err := c.open(a)
	if err != nil {
		return err
	}
	lines, err := w.Add(r)
	if err != nil {
		return err
	}
	return a.carry(c.Out, append(bytes.Clone(r.Note), lines...), map[string]any{"witness": w.Key().Name()},
		"witness.out.cosigned", "name", w.Key().Name(), "file", c.Out)
}

type witnessServeCmd struct {
	witnessDir
	Addr string `default:"127.0.0.1:8090" help:"help_witness_addr"`
}

// Run answers on the network until it is interrupted.
func (c witnessServeCmd) Run(a *app) error {
	w, err := c.open(a)
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(a.ctx, "tcp", c.Addr)
	if err != nil {
		return err
	}
	a.tell("witness.out.serving", "name", w.Key().Name(), "url", "http://"+l.Addr().String())
	return w.Serve(a.ctx, l)
}

type witnessShowCmd struct{ witnessDir }

// Run shows what the witness knows.
func (c witnessShowCmd) Run(a *app) error {
	w, err := c.open(a)
	if err != nil {
		return err
	}
	logs, err := w.Logs()
	if err != nil {
		return err
	}
	views := make([]map[string]any, len(logs))
	for i, l := range logs {
		views[i] = map[string]any{"origin": l.Origin, "fingerprint": l.Trust[len(l.Trust)-1].Fingerprint(), "size": l.Last.Size,
			"root": l.Last.Root.String(), "note": l.Note, "seen_at": l.SeenAt.In(clock.Shanghai).Format(time.RFC3339)}
	}
	return a.Result(map[string]any{"witness": viewOf(w.Key()), "logs": views}, func(out io.Writer) {
		a.say(out, false, "witness.out.key", "name", w.Key().Name(), "fingerprint", w.Key().Fingerprint())
		for _, l := range logs {
			a.say(out, false, "witness.out.log", "origin", l.Origin, "size", l.Last.Size, "root", l.Last.Root,
				"time", l.SeenAt.In(clock.Shanghai).Format("2006-01-02 15:04"), "fingerprint", l.Trust[len(l.Trust)-1].Fingerprint())
		}
	})
}
