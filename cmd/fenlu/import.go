package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"fenlu/auth"
	"fenlu/internal/errs"
	"fenlu/internal/sheet"
)

// importCmd reads a file of one kind, whole or not at all.
type importCmd struct {
	Kind     string `arg:"" enum:"documents,population,policies,people,deaths" help:"${help_import_kind}"`
	File     string `arg:"" optional:"" type:"path" help:"${help_import_file}"`
	Template string `type:"path" help:"${help_import_template}" placeholder:"FILE"`
}

// imported is what every import reports.
type imported struct {
	Kind   string `json:"kind"`
	File   string `json:"file"`
	Rows   int    `json:"rows"`
	Replay bool   `json:"replay"`
}

var importRights = map[string]auth.Right{
	"documents": auth.FundsImport, "population": auth.PeopleImport, "policies": auth.PolicyImport,
	"people": auth.PeopleImport, "deaths": auth.PeopleImport,
}

// Run imports the file, or writes an empty one to fill in.
func (c importCmd) Run(a *app) error {
	if c.Template != "" {
		return c.template(a)
	}
	if c.File == "" {
		return errs.New(errs.Invalid, "CLI_FILE_MISSING")
	}
	return a.acting(func(ctx context.Context, s *services, _ auth.Actor) error {
		actor, err := auth.Require(ctx, importRights[c.Kind])
		if err != nil {
			return err
		}
		done, err := s.importFile(ctx, c.Kind, c.File, actor.Login)
		if err != nil {
			return err
		}
		return a.Result(done, func(w io.Writer) {
			code := "import.done"
			if done.Replay {
				code = "import.replay"
			}
			_, _ = fmt.Fprintln(w, a.T(code, "kind", a.T("import.kind."+c.Kind), "file", done.File, "rows", done.Rows))
		})
	})
}

// importFile sends a file to the room that reads its kind.
func (s *services) importFile(ctx context.Context, kind, file, actor string) (imported, error) {
	switch kind {
	case "documents":
		r, err := s.Funds.ImportDocuments(ctx, file, actor)
		return imported{kind, r.File, r.Rows, r.Replay}, err
	case "policies":
		r, err := s.Benefits.ImportPolicies(ctx, file, actor)
		return imported{kind, r.File, r.Rows, r.Replay}, err
	case "population":
		r, err := s.Parties.ImportPopulation(ctx, file, actor)
		return imported{kind, r.File, r.Rows, r.Replay}, err
	case "people":
		r, err := s.Parties.ImportPeople(ctx, file, actor)
		return imported{kind, r.File, r.Rows, r.Replay}, err
	default:
		r, err := s.Parties.ImportDeaths(ctx, file, actor)
		return imported{kind, r.File, r.Rows, r.Replay}, err
	}
}

func (c importCmd) template(a *app) error {
	for _, l := range sheet.Layouts() {
		if strings.EqualFold(l.Name, c.Kind) {
			if err := sheet.WriteTemplate(c.Template, l, a.Lang); err != nil {
				return err
			}
			return a.Result(map[string]string{"file": c.Template}, func(w io.Writer) { _, _ = fmt.Fprintln(w, a.T("import.template", "file", c.Template)) })
		}
	}
	return errs.New(errs.Invalid, "CLI_FILE_MISSING")
}
