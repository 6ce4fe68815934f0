package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"fenlu/auth"
	"fenlu/disbursement/entitlements"
	"fenlu/disbursement/imports"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/sheet"
	"fenlu/money"
)

// importCmd reads a file of one kind, whole or not at all.
type importCmd struct {
	Kind     string `arg:"" enum:"documents,population,areas,offices,programs,policies,limits,rules,chains,people,relations,accounts,deaths,contracts,exclusions,entitlements,facts,household-facts,valued,held-accounts,residents,visits,direct-files,roster" help:"help_import_kind"`
	File     string `arg:"" optional:"" type:"path" help:"help_import_file"`
	Template string `type:"path" help:"help_import_template" placeholder:"FILE"`
	Code     string `help:"help_import_code"`
	Program  string `help:"help_import_program"`
	Period   string `help:"help_import_period" placeholder:"2026-10"`
	Channel  string `default:"DF" help:"help_import_channel"`
	Office   string `default:"QHMZ" help:"help_batch_office"`
	errorsFlag
}

// errorsFlag is where the rows go that keep a file from being imported.
type errorsFlag struct {
	Errors string `type:"path" placeholder:"FILE" help:"help_import_errors"`
}

// copied writes a copy of the rows that an import refused with their reasons, and
// hands the refusal on.
func (f errorsFlag) copied(a *app, in string, l sheet.Layout, refused error) error {
	e, ok := errors.AsType[*errs.Error](refused)
	if !ok || f.Errors == "" {
		return refused
	}
	count, err := sheet.WriteErrors(f.Errors, in, l, sheet.Options{}, e.Fields, a.Lang)
	if err != nil {
		_, _ = fmt.Fprintln(a.Stderr, i18n.Error(a.Lang, err))
		return refused
	}
	if a.JSON {
		return refused
	}
	text := "import.errors_none"
	if count > 0 {
		text = "import.errors_written"
	}
	_, _ = fmt.Fprintln(a.Stderr, a.T(text, "file", f.Errors, "rows", count))
	return refused
}

// layoutOf is the layout of a kind of file.
func layoutOf(kind string) (sheet.Layout, bool) {
	i := slices.IndexFunc(sheet.Layouts(), func(l sheet.Layout) bool { return strings.EqualFold(l.Name, kind) })
	if i < 0 {
		return sheet.Layout{}, false
	}
	return sheet.Layouts()[i], true
}

// imported is what every import reports.
type imported struct {
	Kind   string `json:"kind"`
	File   string `json:"file"`
	Rows   int    `json:"rows"`
	Replay bool   `json:"replay"`
	// Short is what cuts in the documents took above what was free.
	Short money.Fen `json:"short"`
	// Notes is what is worth knowing and refused nothing, the first of each kind.
	Notes []errs.Field `json:"notes,omitempty"`
}

var importRights = map[string]auth.Right{
	"documents": auth.FundsImport, "population": auth.PeopleImport, "policies": auth.PolicyImport, "rules": auth.PolicyImport,
	"limits": auth.PolicyImport, "programs": auth.PolicyImport, "chains": auth.PolicyImport,
	"people": auth.PeopleImport, "relations": auth.PeopleImport, "accounts": auth.PeopleImport, "deaths": auth.PeopleImport,
	"areas": auth.PolicyImport, "offices": auth.PolicyImport, "contracts": auth.BatchMake, "exclusions": auth.PolicyImport, "entitlements": auth.PeopleImport, "facts": auth.PeopleImport,
	"household-facts": auth.PeopleImport, "valued": auth.PeopleImport,
	"held-accounts": auth.FundsImport, "residents": auth.PeopleImport, "visits": auth.PeopleImport, "direct-files": auth.FundsImport,
}

// Run imports the file, or writes an empty one to fill in.
func (c importCmd) Run(a *app) error {
	if c.Template != "" {
		return c.template(a)
	}
	if c.File == "" {
		return errs.New(errs.Invalid, "CLI_FILE_MISSING")
	}
	if c.Kind == "roster" {
		return c.roster(a)
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		actor, err := auth.Require(ctx, importRights[c.Kind])
		if err != nil {
			return err
		}
		done, err := s.importFile(ctx, c.Kind, c.File, actor.Login)
		if err != nil {
			l, _ := layoutOf(c.Kind)
			return c.copied(a, c.File, l, err)
		}
		return a.Result(done, func(w io.Writer) {
			code := "import.done"
			if done.Replay {
				code = "import.replay"
			}
			_, _ = fmt.Fprintln(w, a.T(code, "kind", a.T("import.kind."+c.Kind), "file", done.File, "rows", done.Rows))
			for _, n := range done.Notes {
				_, _ = fmt.Fprintln(w, i18n.Field(a.Lang, n))
			}
			if done.Short > 0 {
				_, _ = fmt.Fprintln(w, a.T("import.short", "amount", done.Short.Grouped()))
			}
		})
	})
}

// roster makes a batch of a roster: import roster is batch new by another name.
func (c importCmd) roster(a *app) error {
	if c.Program == "" || c.Period == "" {
		return errs.New(errs.Invalid, "CLI_ROSTER_FLAGS")
	}
	return batchNewCmd{File: c.File, Code: c.Code, Office: c.Office, Program: c.Program, Period: c.Period, Channel: c.Channel,
		errorsFlag: c.errorsFlag}.Run(a)
}

// importFile sends a file to the room that reads its kind.
func (s *services) importFile(ctx context.Context, kind, file, actor string) (imported, error) {
	switch kind {
	case "documents":
		r, err := s.Funds.ImportDocuments(ctx, file)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay, Short: r.Short}, err
	case "policies":
		r, err := s.Benefits.ImportPolicies(ctx, file, actor)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay, Notes: r.Notes.Shown}, err
	case "programs":
		r, err := s.Benefits.ImportPrograms(ctx, file, actor)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay}, err
	case "limits":
		r, err := s.Benefits.ImportLimits(ctx, file, actor)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay}, err
	case "rules":
		r, err := s.Rules.Import(ctx, file, actor)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay}, err
	case "exclusions", "entitlements", "facts", "household-facts", "valued":
		r, err := s.importEntitlements(ctx, kind, file, actor)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay}, err
	case "held-accounts", "residents", "visits", "direct-files":
		r, err := s.importAuditList(ctx, kind, file, actor)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay, Notes: r.Notes.Shown}, err
	case "contracts":
		r, err := s.Funds.ImportContracts(ctx, file)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay, Notes: r.Notes.Shown}, err
	case "chains":
		r, err := s.Batch.ImportChains(ctx, file)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay}, err
	case "areas":
		r, err := s.Areas.Import(ctx, file)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay, Notes: r.Notes.Shown}, err
	case "offices":
		r, err := s.Areas.ImportOffices(ctx, file)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay, Notes: r.Notes.Shown}, err
	case "population":
		r, err := s.Parties.ImportPopulation(ctx, file, actor)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay}, err
	case "people":
		r, err := s.Parties.ImportPeople(ctx, file, actor)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay}, err
	case "relations":
		r, err := s.Parties.ImportRelations(ctx, file, actor)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay}, err
	case "accounts":
		r, err := s.Parties.ReplaceAccounts(ctx, file, actor)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay}, err
	default:
		r, err := s.Parties.ImportDeaths(ctx, file, actor)
		return imported{Kind: kind, File: r.File, Rows: r.Rows, Replay: r.Replay}, err
	}
}

// importEntitlements sends what decides about people's entitlements to its room.
func (s *services) importEntitlements(ctx context.Context, kind, file, actor string) (entitlements.Report, error) {
	switch kind {
	case "exclusions":
		return s.Entitlements.ImportExclusions(ctx, file, actor)
	case "facts":
		return s.Entitlements.ImportFacts(ctx, file, actor)
	case "household-facts":
		return s.Entitlements.ImportMeans(ctx, file, actor)
	case "valued":
		return s.Entitlements.ImportValued(ctx, file, actor)
	default:
		return s.Entitlements.Import(ctx, file, actor)
	}
}

// importAuditList sends a list that the checks compare with to their room.
func (s *services) importAuditList(ctx context.Context, kind, file, actor string) (imports.Report, error) {
	switch kind {
	case "held-accounts":
		return s.Audit.ImportHeldAccounts(ctx, file, actor)
	case "residents":
		return s.Audit.ImportResidents(ctx, file, actor)
	case "visits":
		return s.Audit.ImportVisits(ctx, file, actor)
	default:
		return s.Audit.ImportDirectFiles(ctx, file, actor)
	}
}

func (c importCmd) template(a *app) error {
	l, ok := layoutOf(c.Kind)
	if !ok {
		return errs.New(errs.Invalid, "CLI_FILE_MISSING")
	}
	if err := sheet.WriteTemplate(c.Template, l, a.Lang); err != nil {
		return err
	}
	return a.Result(map[string]string{"file": c.Template}, func(w io.Writer) { _, _ = fmt.Fprintln(w, a.T("import.template", "file", c.Template)) })
}
