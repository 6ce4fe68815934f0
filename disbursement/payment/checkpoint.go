package payment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fenlu/bankfiles"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
)

// Checkpoints gives the signed checkpoint of the log that goes out with bank
// files.
type Checkpoints interface {
	// Checkpoint is one that covers all that is committed.
	Checkpoint(ctx context.Context) ([]byte, error)
}

// WithCheckpoints makes WriteFiles put a checkpoint into each file's sidecar and
// gives the service back; it belongs to the wiring. Without it there is none.
func (s *Service) WithCheckpoints(c Checkpoints) *Service {
	s.checkpoints = c
	return s
}

// sidecar is the file beside a bank file. The bank file is the same bytes
// however often it is written; its sidecar has the newest checkpoint each time.
type sidecar struct {
	bankfiles.Sidecar
	Checkpoint string `json:"checkpoint,omitempty"` // a signed note
}

// checkpoint is what goes into the sidecars, "" for nothing.
func (s *Service) checkpoint(ctx context.Context) (string, error) {
	if s.checkpoints == nil {
		return "", nil
	}
	note, err := s.checkpoints.Checkpoint(ctx)
	return string(note), err
}

// LogPlace is where the last of what was written about the payments of a batch
// stands in the log: the release of its files, and the journals and the files
// of evidence that moved its attempts.
func LogPlace(ctx context.Context, q db.Querier, batch int64) (proof.Place, error) {
	refs, err := logRefs(ctx, q, batch)
	if err != nil {
		return proof.Place{}, err
	}
	at := proof.Place{Last: -1}
	for kind, ids := range refs {
		p, err := proof.LastOf(ctx, q, kind, ids)
		if err != nil {
			return at, err
		}
		at = at.And(p)
	}
	return at, nil
}

// logRefs are the things with leaves of their own that are about a batch's
// payments.
func logRefs(ctx context.Context, q db.Querier, batch int64) (map[proof.Kind][]int64, error) {
	refs := map[proof.Kind][]int64{}
	files, err := FilesOf(ctx, q, batch)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		refs[proof.KindRelease] = append(refs[proof.KindRelease], int64(f.ID))
	}
	rows, err := q.Query(ctx, `SELECT DISTINCT coalesce(v.journal, 0), coalesce(v.evidence_file, 0)
		FROM payment p JOIN attempt a ON a.payment = p.id JOIN attempt_event v ON v.attempt = a.id WHERE p.batch = $1`, batch)
	if err != nil {
		return nil, fmt.Errorf("read what moved the attempts: %w", err)
	}
	var journal, evidence int64
	_, err = pgx.ForEachRow(rows, []any{&journal, &evidence}, func() error {
		if journal != 0 {
			refs[proof.KindJournal] = append(refs[proof.KindJournal], journal)
		}
		if evidence != 0 {
			refs[proof.KindEvidence] = append(refs[proof.KindEvidence], evidence)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what moved the attempts: %w", err)
	}
	return refs, nil
}
