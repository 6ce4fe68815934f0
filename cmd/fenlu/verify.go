package main

import (
	"fenlu/ledger/proof/checkpoint"
	"fenlu/trace"
)

// verifyCmd is `fenlu verify`: every promise re-derived from the rows.
type verifyCmd struct {
	Full       bool   `help:"help_verify_full"`
	Checkpoint string `type:"path" help:"help_verify_checkpoint" placeholder:"FILE"`
}

// shownFindings is how many findings are listed without --full.
const shownFindings = 20

// Run verifies and names what is wrong; exit 4 when anything is.
func (c verifyCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		k := s.keptOutside()
		if c.Checkpoint != "" && k.err == nil {
			if err := s.keptBy(c.Checkpoint, k); err != nil {
				return err
			}
		}
		tell, done := a.progress("verify.progress")
		found, err := trace.Verify(a.ctx, s.DB, s.verifiers(k), tell)
		done()
		if err != nil {
			return err
		}
		found.Compared = k.compared()
		if !c.Full {
			found = found.Short(shownFindings)
		}
		a.lines = a.JSON // the object says what is wrong; the error goes to standard error
		if err := a.show(found); err != nil {
			return err
		}
		return found.Failed()
	})
}

// keptBy adds the checkpoint, or the checkpoints, of a file that somebody kept;
// one that is outside already counts once. What a restart gave up is compared
// unless the file itself has the restart after it.
// Errors: those of checkpoint.Open; CHECKPOINT_FILE (Invalid).
func (s *services) keptBy(path string, k *kept) error {
	text, err := readFile(path)
	if err != nil {
		return err
	}
	notes, whole := checkpoint.SplitNotes(text)
	if whole < len(text) {
		notes = append(notes, text[whole:])
	}
	theirs := checkpoint.NewKept(s.Notary.Keys.Keys()...)
	for _, n := range notes {
		if err := theirs.Add(n); err != nil {
			return err
		}
	}
	for _, c := range theirs.Checkpoints {
		if err := k.Add(c.Note); err != nil {
			return err
		}
	}
	return nil
}
