package notary

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"

	"fenlu/internal/durable"
	"fenlu/internal/errs"
	"fenlu/ledger/proof/checkpoint"
)

// tail is how much of the outside file is read to find the last checkpoint.
const tail = 64 << 10

// Outside is the file of checkpoints outside the database: signed notes one
// after the other, an empty line behind each. It is only appended to. A note
// that a crash left unfinished at its end says nothing and is taken off before
// the next is written. A cosignature that comes later is the same checkpoint
// once more, with it.
//
// A restart stands among them where the log's history was given up on purpose
// and went on from an older state: of the checkpoints before it, those count
// that both histories have.
type Outside struct {
	path string
	keys []checkpoint.Key
}

// newest is the largest checkpoint at the end of the file and since the last
// restart; size 0 where it has none. Only its own signature is verified: All verifies the others.
func (o Outside) newest() (checkpoint.Signed, error) {
	end, err := o.read(tail)
	if err != nil {
		return checkpoint.Signed{}, err
	}
	var size int64
	var note []byte
	for _, n := range sinceRestart(end.notes) {
		text, errText := checkpoint.TextOf(n)
		c, errParse := checkpoint.Parse(text)
		if err := errors.Join(errText, errParse); err != nil {
			return checkpoint.Signed{}, o.damaged(err)
		}
		if c.Size >= size {
			size, note = c.Size, n
		}
	}
	if note == nil {
		return checkpoint.Signed{}, nil
	}
	out, err := checkpoint.Open(note, o.keys...)
	if err != nil {
		return out, o.damaged(err)
	}
	return out, nil
}

// sinceRestart are the notes after the last restart.
func sinceRestart(notes [][]byte) [][]byte {
	for i := len(notes) - 1; i >= 0; i-- {
		if checkpoint.IsRestart(notes[i]) {
			return notes[i+1:]
		}
	}
	return notes
}

// All are the checkpoints of the history that the log goes on with, those of
// one text as one with all their signatures, in the order in which they were
// signed. Errors (Unverified): NOTARY_OUTSIDE_DAMAGED, around what is wrong with
// the signature if that is.
func (o Outside) All() ([]checkpoint.Signed, error) {
	k, err := o.Kept()
	return k.Checkpoints, err
}

// Kept is All and the restarts. Errors: those of All.
func (o Outside) Kept() (checkpoint.Kept, error) {
	whole, err := o.read(0)
	if err != nil {
		return checkpoint.Kept{}, err
	}
	k := checkpoint.NewKept(o.keys...)
	for _, n := range whole.notes {
		if err := k.Add(n); err != nil {
			return checkpoint.Kept{}, o.damaged(err)
		}
	}
	return k, nil
}

// section is the end of the file, or all of it.
type section struct {
	notes [][]byte
	whole int64 // where in the file the last of them ends
	size  int64 // of the file: beyond whole is what was not written to its end
}

// read reads the notes in the last n bytes of the file; in all of it for 0. A
// file that is not there is empty. What follows a note that is not whole was
// written after it, so the file is damaged.
func (o Outside) read(n int64) (section, error) {
	f, err := os.Open(o.path)
	if errors.Is(err, fs.ErrNotExist) {
		return section{}, nil
	}
	if err != nil {
		return section{}, o.unusable(err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return section{}, o.unusable(err)
	}
	from := int64(0)
	if n > 0 {
		from = max(info.Size()-n, 0)
	}
	b, err := io.ReadAll(io.NewSectionReader(f, from, info.Size()-from))
	if err != nil {
		return section{}, o.unusable(err)
	}
	skipped := 0
	if from > 0 {
		skipped = max(endOfNote(b), 0)
	}
	notes, whole := checkpoint.SplitNotes(b[skipped:])
	if endOfNote(b[skipped+whole:]) >= 0 {
		return section{}, o.damaged(nil)
	}
	return section{notes, from + int64(skipped+whole), info.Size()}, nil
}

// endOfNote is where the first note that ends in b ends, its empty line
// included; -1 where none does. A note ends with a signature line.
func endOfNote(b []byte) int {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("\n\n"))
		if i < 0 {
			return -1
		}
		line := b[bytes.LastIndexByte(b[:at+i], '\n')+1 : at+i]
		at += i + 2
		if bytes.HasPrefix(line, []byte("— ")) {
			return at
		}
	}
}

// add appends a note, under the caller's lock, and is on the disk when it
// returns. Errors: NOTARY_OUTSIDE (Refused), NOTARY_OUTSIDE_DAMAGED.
func (o Outside) add(note []byte) error {
	end, err := o.read(tail)
	if err != nil {
		return err
	}
	if end.whole < end.size {
		err = os.Truncate(o.path, end.whole)
	}
	if err == nil {
		err = durable.Append("checkpoints", o.path, checkpoint.JoinNotes(note))
	}
	if err != nil {
		return o.unusable(err)
	}
	return nil
}

func (o Outside) damaged(why error) error {
	return errs.Wrap(why, errs.Unverified, "NOTARY_OUTSIDE_DAMAGED", "path", o.path)
}

func (o Outside) unusable(why error) error {
	return errs.Wrap(why, errs.Refused, "NOTARY_OUTSIDE", "path", o.path)
}
