package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/funds"
	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
	"fenlu/money"
)

// recoveryCmd is `fenlu recovery`: what people owe who were paid too much.
type recoveryCmd struct {
	Candidates recoveryCandidatesCmd `cmd:"" help:"help_recovery_candidates"`
	Open       recoveryOpenCmd       `cmd:"" help:"help_recovery_open"`
	Confirm    recoveryConfirmCmd    `cmd:"" help:"help_recovery_confirm"`
	Reject     recoveryRejectCmd     `cmd:"" help:"help_recovery_reject"`
	Receive    recoveryReceiveCmd    `cmd:"" help:"help_recovery_receive"`
	WriteOff   recoveryWriteOffCmd   `cmd:"" name:"write-off" help:"help_recovery_write_off"`
	List       recoveryListCmd       `cmd:"" help:"help_recovery_list"`
	Show       recoveryShowCmd       `cmd:"" help:"help_recovery_show"`
}

// recoveryCandidatesCmd looks back for lines that were paid too much.
type recoveryCandidatesCmd struct {
	Area  string `required:"" help:"help_audit_checks_area"`
	Since string `required:"" placeholder:"2026-01" help:"help_audit_checks_since"`
	sheetFlag
}

// Run lists them.
func (c recoveryCandidatesCmd) Run(a *app) error {
	if _, err := terms.ParseMonth(c.Since); err != nil {
		return err
	}
	return c.listing(a, "candidates", func(s *services, tx pgx.Tx) (fundList, error) {
		found, err := s.Funds.Candidates(a.ctx, tx, c.Area, c.Since)
		if err != nil {
			return fundList{}, err
		}
		names, err := s.words(a.ctx, tx, codes(found, func(f funds.Candidate) string { return f.Township }))
		return fundList{"recovery.candidates.title", map[string]any{"candidates": orNone(found)},
			[]string{"recovery_source", ">recovery_line", "name", "number", "change_township", "recovery_month", ">amount", "recovery_because"},
			func(lang i18n.Lang) [][]string {
				rows := make([][]string, len(found))
				for i, f := range found {
					rows[i] = []string{i18n.T(lang, "recovery.source."+string(f.Source)), strconv.FormatInt(f.Line, 10), f.Name, f.Masked, names.area(f.Township),
						names.program(f.Program, lang) + " " + f.Month, f.Paid.Grouped(), f.Because}
				}
				return rows
			}}, err
	})
}

// recoveryOpenCmd opens a claim for lines of one person.
type recoveryOpenCmd struct {
	Source string   `enum:"death,twice,stopped,other" default:"other" help:"help_recovery_source"`
	Line   []string `required:"" placeholder:"12=300.00" sep:"none" help:"help_recovery_line"`
	Reason string   `required:"" help:"help_batch_reason"`
}

// Run opens it.
func (c recoveryOpenCmd) Run(a *app) error {
	cmd := funds.OpenRecovery{Source: funds.RecoverySource(c.Source), Reason: c.Reason}
	for _, text := range c.Line {
		number, amount, some := strings.Cut(text, "=")
		line, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return errs.New(errs.Invalid, "RECOVERY_LINE_UNKNOWN", "line", number)
		}
		l := funds.ClaimLine{Line: line}
		if some {
			if l.Amount, err = money.Parse(amount); err != nil || l.Amount <= 0 {
				return errs.New(errs.Invalid, "CLI_AMOUNT", "value", amount)
			}
		}
		cmd.Lines = append(cmd.Lines, l)
	}
	return claiming(a, "recovery.opened", func(ctx context.Context, s *services) (funds.RecoveryView, error) {
		return s.Funds.OpenRecovery(ctx, cmd)
	})
}

// claiming runs an act on a claim and prints where the claim stands.
func claiming(a *app, code string, do func(context.Context, *services) (funds.RecoveryView, error)) error {
	return funding(a, func(ctx context.Context, s *services) (told[funds.RecoveryView], error) {
		v, err := do(ctx, s)
		return told[funds.RecoveryView]{v, a.T(code, "id", int64(v.ID), "name", v.Name, "amount", v.Amount.Grouped(), "received", v.Received.Grouped(),
			"off", v.WrittenOff.Grouped(), "open", v.Outstanding.Grouped())}, err
	})
}

// recoveryConfirmCmd confirms a claim.
type recoveryConfirmCmd struct {
	ID int64 `arg:"" help:"help_recovery_id"`
}

// Run confirms it.
func (c recoveryConfirmCmd) Run(a *app) error {
	return claiming(a, "recovery.confirmed", func(ctx context.Context, s *services) (funds.RecoveryView, error) {
		return s.Funds.ConfirmRecovery(ctx, funds.RecoveryID(c.ID))
	})
}

// recoveryRejectCmd lets a proposed claim fall.
type recoveryRejectCmd struct {
	ID     int64  `arg:"" help:"help_recovery_id"`
	Reason string `required:"" help:"help_batch_reason"`
}

// Run rejects it.
func (c recoveryRejectCmd) Run(a *app) error {
	return claiming(a, "recovery.rejected", func(ctx context.Context, s *services) (funds.RecoveryView, error) {
		return s.Funds.RejectRecovery(ctx, funds.RejectRecovery{Recovery: funds.RecoveryID(c.ID), Reason: c.Reason})
	})
}

// recoveryReceiveCmd books an instalment.
type recoveryReceiveCmd struct {
	ID       int64  `arg:"" help:"help_recovery_id"`
	Number   string `required:"" help:"help_recovery_reference"`
	On       string `required:"" placeholder:"2026-10-09" help:"help_funds_on"`
	Amount   string `required:"" help:"help_funds_amount"`
	Fine     string `default:"0" help:"help_recovery_fine"`
	Interest string `default:"0" help:"help_recovery_interest"`
	Evidence string `required:"" type:"path" placeholder:"FILE" help:"help_recovery_evidence"`
}

// Run books it.
func (c recoveryReceiveCmd) Run(a *app) error {
	cmd := funds.ReceiveRecovery{Recovery: funds.RecoveryID(c.ID), Number: c.Number}
	var err error
	if cmd.ReceivedOn, cmd.Amount, err = dayAndAmount(c.On, c.Amount); err != nil {
		return err
	}
	if cmd.Fine, err = money.Parse(c.Fine); err != nil {
		return errs.New(errs.Invalid, "CLI_AMOUNT", "value", c.Fine)
	}
	if cmd.Interest, err = money.Parse(c.Interest); err != nil {
		return errs.New(errs.Invalid, "CLI_AMOUNT", "value", c.Interest)
	}
	if cmd.Evidence, err = digestOfFile(c.Evidence); err != nil {
		return err
	}
	return claiming(a, "recovery.received", func(ctx context.Context, s *services) (funds.RecoveryView, error) {
		return s.Funds.ReceiveRecovery(ctx, cmd)
	})
}

// digestOfFile is the digest (SHA-256) of a piece of evidence.
func digestOfFile(path string) ([]byte, error) {
	text, err := readFile(path)
	sum := sha256.Sum256(text)
	return sum[:], err
}

// recoveryWriteOffCmd gives up what is outstanding.
type recoveryWriteOffCmd struct {
	ID       int64  `arg:"" help:"help_recovery_id"`
	Number   string `required:"" help:"help_carveout_number"`
	IssuedOn string `required:"" name:"issued-on" placeholder:"2026-10-09" help:"help_carveout_issued_on"`
	Amount   string `default:"0" help:"help_recovery_off_amount"`
	Evidence string `required:"" type:"path" placeholder:"FILE" help:"help_recovery_evidence"`
	Reason   string `required:"" help:"help_batch_reason"`
}

// Run writes it off.
func (c recoveryWriteOffCmd) Run(a *app) error {
	cmd := funds.WriteOffRecovery{Recovery: funds.RecoveryID(c.ID), Number: c.Number, Reason: c.Reason}
	var err error
	if cmd.IssuedOn, cmd.Amount, err = dayAndAmount(c.IssuedOn, c.Amount); err != nil {
		return err
	}
	if cmd.Evidence, err = digestOfFile(c.Evidence); err != nil {
		return err
	}
	return claiming(a, "recovery.written_off", func(ctx context.Context, s *services) (funds.RecoveryView, error) {
		return s.Funds.WriteOffRecovery(ctx, cmd)
	})
}

// recoveryListCmd lists claims by age.
type recoveryListCmd struct {
	Area string `required:"" help:"help_recovery_area"`
	Date string `placeholder:"2026-10-31" help:"help_audit_checks_date"`
	All  bool   `help:"help_recovery_all"`
	sheetFlag
}

// Run lists them.
func (c recoveryListCmd) Run(a *app) error {
	on, err := a.dayOr(c.Date)
	if err != nil {
		return err
	}
	return tell(a, func(s *services, tx pgx.Tx) (recoveryAges, error) {
		ages, err := s.Funds.Recoveries(a.ctx, tx, c.Area, on, c.All)
		if err != nil {
			return recoveryAges{}, err
		}
		names, err := s.words(a.ctx, tx, codes(ages.Claims, func(v funds.RecoveryView) string { return v.Area }))
		if err != nil {
			return recoveryAges{}, err
		}
		list := recoveryAges{ages, names}
		return list, c.write(a, "recovery", list)
	})
}

// recoveryAges are claims as a list with their ages.
type recoveryAges struct {
	funds.Ageing
	names words
}

var recoveryHeads = []string{">recovery_no", "recovery_source", "name", "number", "change_township", "recovery_state", ">amount", ">recovery_received",
	">recovery_off", ">recovery_open", ">audit_days", "recovery_age", ">recovery_idle"}

// Heads are the columns of Cells.
func (r recoveryAges) Heads() []string { return recoveryHeads }

// Cells are the claims.
func (r recoveryAges) Cells(lang i18n.Lang) [][]string {
	rows := make([][]string, len(r.Claims))
	for i, v := range r.Claims {
		rows[i] = []string{strconv.FormatInt(int64(v.ID), 10), i18n.T(lang, "recovery.source."+string(v.Source)), v.Name, v.Masked, r.names.area(v.Area),
			i18n.T(lang, "recovery.state."+string(v.State)), v.Amount.Grouped(), v.Received.Grouped(), v.WrittenOff.Grouped(), v.Outstanding.Grouped(),
			strconv.Itoa(v.Days), v.Class, strconv.Itoa(v.IdleDays)}
	}
	return rows
}

// Text prints the claims and what is outstanding by age.
func (r recoveryAges) Text(w io.Writer, lang i18n.Lang) error {
	t := table.New(i18n.T(lang, "recovery.list.title", "amount", r.Total.Grouped()), headed(lang, recoveryHeads...)...)
	for _, row := range r.Cells(lang) {
		t.Add(row...)
	}
	if err := t.Write(w); err != nil {
		return err
	}
	for _, c := range r.Classes {
		if _, err := fmt.Fprintln(w, i18n.T(lang, "recovery.list.class", "age", c.Class, "count", c.Count, "amount", c.Amount.Grouped())); err != nil {
			return err
		}
	}
	return nil
}

// recoveryShowCmd shows a claim.
type recoveryShowCmd struct {
	ID int64 `arg:"" help:"help_recovery_id"`
}

// Run shows its lines and what was done.
func (c recoveryShowCmd) Run(a *app) error {
	return tell(a, func(s *services, tx pgx.Tx) (recoveryShown, error) {
		v, err := s.Funds.RecoveryByID(a.ctx, tx, funds.RecoveryID(c.ID))
		return recoveryShown{v}, err
	})
}

type recoveryShown struct{ funds.RecoveryView }

// Text prints the claim.
func (r recoveryShown) Text(w io.Writer, lang i18n.Lang) error {
	t := table.New(i18n.T(lang, "recovery.show.title", "id", int64(r.ID), "name", r.Name, "number", r.Masked, "state", i18n.T(lang, "recovery.state."+string(r.State)),
		"amount", r.Amount.Grouped(), "received", r.Received.Grouped(), "off", r.WrittenOff.Grouped(), "open", r.Outstanding.Grouped()),
		headed(lang, ">recovery_line", "recovery_month", ">amount", ">recovery_received")...)
	for _, i := range r.Items {
		t.Add(strconv.FormatInt(i.Line, 10), i.Month, i.Amount.Grouped(), i.Settled.Grouped())
	}
	if err := t.Write(w); err != nil {
		return err
	}
	for _, act := range r.Acts {
		_, err := fmt.Fprintln(w, i18n.T(lang, "recovery.show.act", "date", dayText(act.On), "act", i18n.T(lang, "recovery.act."+string(act.Kind)),
			"amount", act.Amount.Grouped(), "number", act.Number, "actor", act.Actor))
		if err != nil {
			return err
		}
	}
	return nil
}
