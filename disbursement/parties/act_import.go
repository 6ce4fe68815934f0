package parties

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/imports"
	"fenlu/internal/errs"
)

// importSheet runs an import's transaction: the file is recorded, or it is a
// replay; then do decides and writes.
func importSheet[T any](ctx context.Context, s *Service, table *imports.Sheet[T], actor string,
	do func(context.Context, pgx.Tx, *imports.Sheet[T], *imports.Issues, stamp, *Report) error) (Report, error) {
	var report Report
	err := s.runImport(ctx, func(tx pgx.Tx) error {
		at := s.clock.Now()
		id, replay, err := imports.Record(ctx, tx, table.File, actor, at)
		if err != nil {
			return err
		}
		is := table.Issues.Copy()
		report = newReport(id, replay, table.File, is)
		if replay {
			return nil
		}
		if err := s.checkKeys(ctx, tx); err != nil {
			return err
		}
		if err := do(ctx, tx, table, is, stamp{s.today(), at, actor, id}, &report); err != nil {
			return err
		}
		report.Notes = is.Notes()
		return is.Err()
	})
	if err != nil {
		return Report{}, err
	}
	s.log.InfoContext(ctx, "parties imported", "kind", table.File.Kind, "file", report.File, "rows", report.Rows, "replay", report.Replay, "actor", actor)
	return report, nil
}

// recordImport records the act of an imported file.
func (s *Service) recordImport(ctx context.Context, tx pgx.Tx, a Act, f imports.File, by stamp, parts items) error {
	a.Effective, a.Document, a.ImportFile, a.Actor = by.day, "import:"+strconv.FormatInt(by.importFile, 10), by.importFile, by.actor
	_, err := s.record(ctx, tx, a, a.key(f.SHA256), parts)
	return err
}

// mayChange is who acts and may change people (人员录入).
func mayChange(ctx context.Context) (auth.Actor, error) { return auth.Require(ctx, auth.PeopleImport) }

// mayConfirm is who acts and may confirm, as another person, what somebody
// proposed (清单审批). Errors: PARTIES_PROPOSER (Refused).
func mayConfirm(ctx context.Context, proposed Act) (auth.Actor, error) {
	actor, err := auth.Require(ctx, auth.ListApprove)
	if err == nil && actor.Login == proposed.Actor {
		err = errs.New(errs.Refused, "PARTIES_PROPOSER", "name", actor.Name, "login", actor.Login)
	}
	return actor, err
}
