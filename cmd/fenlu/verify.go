package main

import "fenlu/trace"

// verifyCmd is `fenlu verify`: every promise re-derived from the rows.
type verifyCmd struct {
	Full bool `help:"${help_verify_full}"`
}

// shownFindings is how many findings are listed without --full.
const shownFindings = 20

// Run verifies and names what is wrong; exit 4 when anything is.
func (c verifyCmd) Run(a *app) error {
	return a.with(func(s *services) error {
		tell, done := a.progress("verify.progress")
		found, err := trace.Verify(a.ctx, s.DB, s.verifiers(), tell)
		done()
		if err != nil {
			return err
		}
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
