package main

import (
	"io"
	"os"
	"time"

	"fenlu/internal/clock"
	"fenlu/internal/durable"
	"fenlu/internal/errs"
	"fenlu/ledger/proof/checkpoint"
)

// auditCmd is what leaves the house for those who check, and comes back.
type auditCmd struct {
	Checkpoint auditCheckpointCmd `cmd:"" help:"help_audit_checkpoint"`
	Cosigned   auditCosignedCmd   `cmd:"" help:"help_audit_cosigned"`
	Restart    auditRestartCmd    `cmd:"" help:"help_audit_restart"`
	Checks     auditChecksCmd     `cmd:"" help:"help_audit_checks"`
	Unmaskings auditUnmaskingsCmd `cmd:"" help:"help_audit_unmaskings"`
	Bundle     auditBundleCmd     `cmd:"" help:"help_audit_bundle"`
	Verify     auditVerifyCmd     `cmd:"" name:"verify-bundle" help:"help_audit_verify"`
}

type auditCheckpointCmd struct {
	Since string `help:"help_audit_since" placeholder:"N|FILE"`
	Out   string `type:"path" help:"help_audit_out" placeholder:"FILE"`
}

// Run writes the present checkpoint with the proof that it extends an earlier
// one: what a witness without a network is brought.
func (c auditCheckpointCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		if err := s.drainLog(a.ctx); err != nil {
			return err
		}
		now, err := s.stamp(a.ctx)
		if err != nil {
			return err
		}
		if now.Size == 0 {
			return errs.New(errs.Refused, "CHECKPOINT_EMPTY")
		}
		old, err := s.since(c.Since)
		if err != nil {
			return err
		}
		r, err := s.Notary.Request(a.ctx, logOf{s.DB.Pool()}, now, old)
		if err != nil {
			return err
		}
		return a.carry(c.Out, r.Bytes(), map[string]any{"origin": now.Origin, "size": now.Size, "root": now.Root.String(), "since": old},
			"audit.out.request", "size", now.Size, "old", old, "file", c.Out)
	})
}

// since is a size as it was typed, or of the checkpoint in a file; by default
// that of the last which a known witness cosigned.
func (s *services) since(text string) (int64, error) {
	if text == "" {
		return s.Notary.LastCosigned()
	}
	if size, err := checkpoint.ParseSize(text); err == nil {
		return size, nil
	}
	note, err := readFile(text)
	if err != nil {
		return 0, err
	}
	c, err := checkpoint.Open(note, s.Notary.Keys.Keys()...)
	return c.Size, err
}

// readFile reads a file that the user named. Errors: CHECKPOINT_FILE (Invalid).
func readFile(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "CHECKPOINT_FILE", "file", path)
	}
	return text, nil
}

// carry writes what is to be carried to a file and says so, or prints it.
func (a *app) carry(out string, content []byte, view map[string]any, code string, args ...any) error {
	if out == "" {
		view["content"] = string(content)
		return a.Result(view, func(w io.Writer) { _, _ = w.Write(content) })
	}
	err := durable.Replace("carried", out, func(f *os.File) error {
		_, err := f.Write(content)
		return err
	})
	if err != nil {
		return errs.Wrap(err, errs.Refused, "NOTARY_WRITE", "path", out)
	}
	view["file"] = out
	return a.Result(view, func(w io.Writer) { a.say(w, false, code, args...) })
}

type auditCosignedCmd struct {
	File string `arg:"" type:"path" help:"help_audit_cosigned_file"`
}

// Run stores a checkpoint that a witness cosigned and somebody brought back.
func (c auditCosignedCmd) Run(a *app) error {
	note, err := readFile(c.File)
	if err != nil {
		return err
	}
	return a.with(func(s *services) error {
		signed, seen, err := s.Notary.Cosigned(note)
		if err != nil {
			return err
		}
		views := make([]map[string]any, len(seen))
		for i, w := range seen {
			views[i] = map[string]any{"witness": w.Witness.Name(), "at": w.At.In(clock.Shanghai).Format(time.RFC3339)}
		}
		return a.Result(map[string]any{"size": signed.Size, "cosignatures": views}, func(w io.Writer) {
			for _, c := range seen {
				a.say(w, false, "audit.out.cosigned", "size", signed.Size, "witness", c.Witness.Name(),
					"time", c.At.In(clock.Shanghai).Format("2006-01-02 15:04"))
			}
		})
	})
}
