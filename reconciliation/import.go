package reconciliation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"time"

	"fenlu/bankfiles/record"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// Import reads a bank's file and does what it says, in one transaction:
// evidence, states, money, breaks, events. The same bytes again change nothing
// (Replay). The actor in ctx needs the right to reconcile.
//
// Errors: AUTH_…; RECON_FILE_REFUSED around what bankfiles finds wrong (nothing
// is stored); RECON_NOT_EVIDENCE for a file that no bank sends;
// RECON_FILE_CHANGED when its bytes changed while it was read; what the
// payments return.
//
// Where one transaction cannot carry the file, it is read in steps: see
// importInSteps.
func (s *Service) Import(ctx context.Context, f File) (Imported, error) {
	actor, err := auth.Require(ctx, auth.Reconcile)
	if err != nil {
		return Imported{}, err
	}
	in, err := inspect(f)
	if err != nil {
		return Imported{}, err
	}
	var done Imported
	inSteps, err := s.importsInSteps(ctx, in)
	if err != nil {
		return Imported{}, err
	}
	if inSteps {
		done, err = s.importInSteps(ctx, in, actor)
	} else {
		err = s.runFirst(ctx, func(tx pgx.Tx) error {
			done, err = s.importTx(ctx, tx, in, actor)
			return err
		})
	}
	if err != nil {
		return Imported{}, err
	}
	s.log.InfoContext(ctx, "evidence imported", "file", done.File, "kind", done.Kind, "items", done.Items, "replay", done.Replay,
		"matched", done.Matched, "breaks", done.Breaks, "actor", actor.Login)
	return done, nil
}

// raceTries bounds how often an import starts again because another one stored
// the same statement entry at the same moment.
const raceTries = 8

// raceIndexes say that another import stored the same first: the same statement
// entry, the same step of a file, or the same file at its end.
var raceIndexes = []string{"evidence_place", "evidence_pkey", "evidence_step_pkey", "evidence_file_pkey"}

// runFirst is db.Run that also starts again when somebody else was faster: the
// next try finds read before what that one stored.
func (s *Service) runFirst(ctx context.Context, fn func(pgx.Tx) error) error {
	for try := 1; ; try++ {
		err := s.db.Run(ctx, fn)
		if name, _ := db.Violation(err); !slices.Contains(raceIndexes, name) || try == raceTries {
			return err
		}
		s.log.DebugContext(ctx, "import met another", "try", try)
	}
}

func (s *Service) importTx(ctx context.Context, tx pgx.Tx, in inspected, actor auth.Actor) (Imported, error) {
	r := s.newReading(ctx, tx, in, actor)
	n, err := db.NextID(ctx, tx, "evidence_file_id_seq")
	if err != nil {
		return Imported{}, err
	}
	var fresh bool
	if r.done.File, fresh, err = insertFile(ctx, tx, FileID(n), in, actor.Login, r.at); err != nil {
		return Imported{}, err
	}
	if !fresh {
		return s.replay(ctx, tx, r.done)
	}
	for _, step := range []func() error{r.read, r.inherit, r.settle, r.openBreaks, r.publish} {
		if err := step(); err != nil {
			return Imported{}, err
		}
	}
	l := r.evidenceFile().leaf(&r.parts)
	return r.done, proof.Append(ctx, tx, proof.ItemOf(l, int64(r.done.File)))
}

// newReading begins to read a file in a transaction.
func (s *Service) newReading(ctx context.Context, tx pgx.Tx, in inspected, actor auth.Actor) *reading {
	return &reading{
		service: s, ctx: ctx, tx: tx, in: in, actor: actor, at: s.clock.Now().Truncate(time.Microsecond), most: chunkLines,
		touched: map[int64]int{}, statement: statement{blind: s.keys.Blind},
		done: Imported{Name: in.Name, Kind: in.kind, Profile: in.profile, SHA256: hex.EncodeToString(in.sha256), Items: in.items, Warnings: in.warnings},
	}
}

// replay tells what the file brought when it was first read.
func (s *Service) replay(ctx context.Context, tx pgx.Tx, done Imported) (Imported, error) {
	done.Replay = true
	lines, err := matchCounts(ctx, tx, done.File)
	if err != nil {
		return Imported{}, err
	}
	for _, c := range lines {
		done.count(c.Match, c.Count, c.Inherited)
	}
	done.Breaks = 0
	return done, nil
}

// chunkLines is how many lines are matched and stored at a time: enough for
// bulk, little in memory.
const chunkLines = 5000

// reading is one import in the making.
type reading struct {
	service *Service
	ctx     context.Context //nolint:containedctx // one import, one transaction, one context
	tx      pgx.Tx
	in      inspected
	actor   auth.Actor
	at      time.Time
	done    Imported

	statement statement // being read
	message   string    // the original file that a status report speaks of
	refused   []record.Header
	duplicate map[string]bool // files and batches that the bank has already
	from      int             // what stands at or before this place was stored by an earlier step
	pos       int
	most      int    // lines that wait until they are stored
	open      int    // payments of a refused file that are taken at a time; 0: all
	key       string // of the step, beside the file's own; empty: there is one journal
	waiting   []reported
	wholes    []whole
	touched   map[int64]int // attempts this file says something about → last line
	gaps      []gap
	moved     []moved
	amount    money.Fen // of all lines
	parts     leaf.Tree // of the file's leaf: its lines
}

// whole is a line that speaks of a whole original file.
type whole struct {
	pos    int
	ref    string
	failed bool
}

// read matches and stores the file's lines, chunk by chunk.
func (r *reading) read() error {
	digest := sha256.New()
	if err := r.lines(digest); err != nil {
		return err
	}
	if err := r.flush(); err != nil {
		return err
	}
	return r.unchanged(digest)
}

// unchanged refuses a file whose bytes are not those that were inspected.
func (r *reading) unchanged(digest hash.Hash) error {
	if !bytes.Equal(digest.Sum(nil), r.in.sha256) {
		return errs.New(errs.Conflict, "RECON_FILE_CHANGED", "file", r.in.Name)
	}
	return nil
}

func (r *reading) lines(digest hash.Hash) error {
	for rec, err := range r.in.records(digest) {
		if err != nil {
			return named(err, r.in.Name)
		}
		switch rec.Type {
		case record.TypeHeader:
			r.header(rec.Header)
		case record.TypeItem:
			if err := r.item(rec.Item); err != nil {
				return err
			}
		case record.TypeWarning, record.TypeTrailer:
		}
	}
	return nil
}

// header notes the statement whose entries follow, or that a whole file or
// batch was refused: payments that are not listed inherit that.
func (r *reading) header(h *record.Header) {
	if h.Level == record.LevelStatement {
		r.statement = r.statement.next(h)
		return
	}
	if h.Level == record.LevelFile {
		r.message = h.OriginalID
	}
	if h.Status != "RJCT" && h.Status != "CANC" {
		return
	}
	if isDuplicate(h.Reason, h.ReasonText) {
		if r.duplicate == nil {
			r.duplicate = map[string]bool{}
		}
		r.duplicate[h.OriginalID] = true
		return
	}
	if h.Level == record.LevelBatch && r.message != "" && h.OriginalID != r.message {
		return // not of the file that it answers
	}
	r.refused = append(r.refused, *h)
}

func (r *reading) item(it *record.Item) error {
	rep := reported{Item: it, account: r.statement.account, message: r.message, duplicate: r.duplicate[it.BatchID] || r.duplicate[r.message]}
	if rep.booked() {
		rep.place = r.statement.place(rep)
	}
	r.waiting = append(r.waiting, rep)
	if len(r.waiting) < r.most {
		return nil
	}
	return r.flush()
}

// flush matches and stores what waits.
func (r *reading) flush() error {
	m, err := r.matcher()
	if err != nil {
		return err
	}
	stored := make([]line, len(r.waiting))
	for i, rep := range r.waiting {
		r.pos++
		l, b := m.match(rep, r.pos)
		if l.place != "" && l.match != Repeated {
			m.places[l.place] = true
		}
		stored[i] = l
		r.note(rep, l, b)
	}
	r.waiting = r.waiting[:0]
	return r.store(stored)
}

// store stores lines and adds them to the file's leaf.
func (r *reading) store(lines []line) error {
	var part leaf.Part
	for i := range lines {
		lines[i].salt()
		r.parts.Add(lines[i].part(&part))
	}
	return insertLines(r.ctx, r.tx, r.done.File, lines)
}

// matcher knows the attempts that the waiting lines name, and which of their
// places were read before, in this file or another.
func (r *reading) matcher() (matcher, error) {
	m := matcher{funding: r.service.options.FundingWords}
	var ids, places []string
	for _, rep := range r.waiting {
		if id := rep.id(); id != "" {
			ids = append(ids, id)
		}
		if rep.place != "" {
			places = append(places, rep.place)
		}
	}
	var err error
	if m.attempts, err = r.service.payments.FindAttempts(r.ctx, r.tx, ids); err != nil {
		return m, err
	}
	m.places, err = readBefore(r.ctx, r.tx, places)
	return m, err
}

// note keeps what the later steps need of a line.
func (r *reading) note(rep reported, l line, b gap) {
	r.done.count(l.match, 1, false)
	r.volume(l.amount)
	if b.kind != "" {
		r.gaps = append(r.gaps, b)
	}
	if rep.Kind == record.KindStatus && rep.Level != record.LevelPayment && l.match != Unmatched {
		r.wholes = append(r.wholes, whole{l.pos, rep.BatchID, l.says == SaysFailed})
	}
	if l.match == Matched && l.attempt != 0 {
		r.touched[l.attempt] = l.pos
	}
}

func (d *Imported) count(m Match, n int, inherited bool) {
	if inherited {
		d.Inherited += n
		return
	}
	switch m {
	case Matched:
		d.Matched += n
	case Unmatched:
		d.Unmatched += n
	case AmountDiffers:
		d.AmountDiffers += n
	case OtherMoney:
		d.OtherMoney += n
	case Repeated:
		d.Repeated += n
	}
}

// cause names the file to the journals that it causes.
func (r *reading) cause() string { return fmt.Sprintf("evidence:%d", r.done.File) }

func (r *reading) today() time.Time { return clock.Date(r.at) }
