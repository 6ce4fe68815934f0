package payment

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/bankfiles"
	"fenlu/disbursement/parties"
	"fenlu/internal/durable"
	"fenlu/internal/errs"
)

// WriteFiles writes the files of a batch into dir, each with its sidecar, which has
// a checkpoint of the log that covers the release, and marks their attempts sent. A file whose bytes would not give the digest that
// was sealed is refused (Conflict PAYMENT_FILE_CHANGED). A receipt is written nowhere. Doing it again, or
// after a crash, writes the same bytes again. Each file is an unmasking by the
// actor in ctx (AUTH_NO_ACTOR without).
func (s *Service) WriteFiles(ctx context.Context, batch int64, dir string) ([]File, error) {
	actor, ok := auth.ActorFrom(ctx)
	if !ok {
		return nil, errs.New(errs.Refused, "AUTH_NO_ACTOR", "right", auth.BatchRelease)
	}
	files, err := FilesOf(ctx, s.db.Pool(), batch)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, errs.Wrap(err, errs.Internal, "PAYMENT_FILE_WRITE", "file", dir)
	}
	note, err := s.checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.ByHand() { // a receipt: the house has its image, and no bank wants it
			continue
		}
		if err := s.writeFile(ctx, f, dir, actor.Login, note); err != nil {
			return nil, err
		}
		if err := s.markSent(ctx, f.ID); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (s *Service) writeFile(ctx context.Context, f File, dir, actor, note string) error {
	channel, err := ChannelByCode(ctx, s.db.Pool(), f.Channel)
	if err != nil {
		return err
	}
	list, err := AttemptsOfFile(ctx, s.db.Pool(), f.ID)
	if err != nil {
		return err
	}
	var payTo map[parties.AccountID]parties.PayTo
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		payTo, err = s.unmask(ctx, tx, f, list, parties.ForFile, actor)
		return err
	})
	if err != nil {
		return err
	}
	var side bankfiles.Sidecar
	err = replaceFile("sealed", filepath.Join(dir, f.Name), func(w *os.File) error {
		side, err = encode(w, f, channel, list, payTo)
		if err == nil && side.SHA256 != hex.EncodeToString(f.SHA256) {
			err = errs.New(errs.Conflict, "PAYMENT_FILE_CHANGED", "file", f.Name)
		}
		return err
	})
	if err != nil {
		return err
	}
	return replaceFile("sidecar", filepath.Join(dir, f.Name+".json"), func(w *os.File) error {
		return json.NewEncoder(w).Encode(sidecar{side, note})
	})
}

// replaceFile is durable.Replace with our error; one of ours stays as it is.
func replaceFile(role, path string, write func(*os.File) error) error {
	err := durable.Replace(role, path, write)
	if _, ours := errors.AsType[*errs.Error](err); err == nil || ours {
		return err
	}
	return errs.Wrap(err, errs.Internal, "PAYMENT_FILE_WRITE", "file", path)
}

func (s *Service) markSent(ctx context.Context, file FileID) error {
	return s.db.Run(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE attempt SET state = 'sent' WHERE file = $1 AND state = 'written'`, file)
		return err
	})
}
