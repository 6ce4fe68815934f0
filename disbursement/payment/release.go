package payment

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"fenlu/bankfiles/order"

	"github.com/jackc/pgx/v5"

	"fenlu/bankfiles"
	"fenlu/disbursement/parties"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/evidence"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// instruction is an attempt in the making with the legs it carries.
type instruction struct {
	Attempt
	no   int // of the payment in its batch
	legs []ledger.HoldingID
}

// ReleaseTx makes one attempt for each payment that has money standing (frozen,
// or returned for a re-issue), seals them in files and books the money in
// transit: one journal for each file. Ids, digest, count and sum are stored
// here; WriteFiles writes the bytes afterwards, the same ones each time.
//
// Refused: PAYMENT_LIVE when a payment has a live attempt, PAYMENT_ACCOUNT
// without a payee account, and what bankfiles refuses of a row, all rows at
// once; nothing is released then.
func (s *Service) ReleaseTx(ctx context.Context, tx pgx.Tx, r Release) ([]File, error) {
	channel, err := ChannelByCode(ctx, tx, r.Channel)
	if err != nil {
		return nil, err
	}
	list, err := s.instructions(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errs.New(errs.Refused, "PAYMENT_NOTHING_TO_RELEASE", "batch", r.BatchCode)
	}
	ordinal, err := lastOrdinal(ctx, tx, r.Batch)
	if err != nil {
		return nil, err
	}
	var files []File
	for part := range slices.Chunk(list, channel.MaxRows) {
		ordinal++
		f, err := s.releaseFile(ctx, tx, r, channel, ordinal, part)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// standing is where the legs of a release are.
func (r Release) standing() ledger.AccountKind {
	if r.Reissue {
		return ledger.Returned
	}
	return ledger.Frozen
}

// instructions finds, for each payment, the legs that stand and the number of
// its next attempt.
func (s *Service) instructions(ctx context.Context, tx pgx.Tx, r Release) ([]instruction, error) {
	ids := make([]int64, len(r.Payments))
	for i, p := range r.Payments {
		ids[i] = int64(p.Payment)
	}
	payments, err := paymentsByID(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	legs, err := legsStanding(ctx, tx, ids, r.standing())
	if err != nil {
		return nil, err
	}
	before, err := attemptsOf(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	if err := refuseUnwritten(ctx, tx, ids); err != nil {
		return nil, err
	}
	list := make([]instruction, 0, len(ids))
	for _, p := range r.Payments {
		in, err := newInstruction(r, p, payments[p.Payment], legs[p.Payment], before[p.Payment])
		if err != nil {
			return nil, err
		}
		if in.Amount > 0 {
			list = append(list, in)
		}
	}
	return list, nil
}

// refuseUnwritten refuses payments whose earlier file has not left the house: it
// would go to the bank together with the new one.
func refuseUnwritten(ctx context.Context, tx pgx.Tx, payments []int64) error {
	var file string
	err := tx.QueryRow(ctx, `SELECT f.name FROM (SELECT DISTINCT t.file FROM attempt t WHERE t.payment = ANY($1)) x JOIN bank_file f ON f.id = x.file
		WHERE EXISTS (SELECT 1 FROM attempt u WHERE u.file = x.file AND u.state = 'written') LIMIT 1`, payments).Scan(&file)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for unwritten files: %w", err)
	}
	return errs.New(errs.Refused, "PAYMENT_FILE_UNWRITTEN", "file", file)
}

func newInstruction(r Release, to ToPay, p Payment, legs []ledger.Holding, before []Attempt) (instruction, error) {
	in := instruction{no: p.No}
	in.Payment, in.Account, in.N, in.State = int64(to.Payment), to.Account, len(before)+1, evidence.Written
	for _, a := range before {
		if Live(a.State) {
			return in, errs.New(errs.Conflict, "PAYMENT_LIVE", "payment", int64(to.Payment), "id", a.EndToEndID)
		}
	}
	for _, h := range legs {
		in.legs = append(in.legs, h.ID)
		sum, err := money.Add(in.Amount, h.Amount)
		if err != nil {
			return in, errs.Wrap(err, errs.Invalid, "LEDGER_OVERFLOW")
		}
		in.Amount = sum
	}
	in.EndToEndID = EndToEndID(r.Office, r.BatchNo, p.No, in.N)
	return in, nil
}

// releaseFile seals one file and books its money in transit.
func (s *Service) releaseFile(ctx context.Context, tx pgx.Tx, r Release, c Channel, ordinal int, list []instruction) (File, error) {
	id, err := db.NextID(ctx, tx, "bank_file_id_seq")
	if err != nil {
		return File{}, err
	}
	f, err := s.newFile(r, c, FileID(id), ordinal)
	if err != nil {
		return File{}, err
	}
	attempts := make([]Attempt, len(list))
	for i := range list {
		list[i].Line = i + 1
		attempts[i] = list[i].Attempt
	}
	payTo, err := s.unmask(ctx, tx, f, attempts, parties.ForRelease, r.Actor)
	if err != nil {
		return File{}, err
	}
	side, err := encode(io.Discard, f, c, attempts, payTo)
	if err != nil {
		return File{}, err
	}
	if f.SHA256, err = hex.DecodeString(side.SHA256); err != nil {
		return File{}, fmt.Errorf("digest of %s: %w", f.Name, err)
	}
	f.Count, f.Sum = int(side.Count), side.Sum
	if err := insertFile(ctx, tx, f); err != nil {
		return File{}, err
	}
	ids, err := insertAttempts(ctx, tx, f.ID, attempts)
	if err != nil {
		return File{}, err
	}
	if err := keepLegs(ctx, tx, list, ids); err != nil {
		return File{}, err
	}
	if _, err := s.bookRelease(ctx, tx, r, f, list, releaseKey(f)); err != nil {
		return File{}, err
	}
	parts, err := s.commit(ctx, tx, attempts, ids, payTo)
	if err != nil {
		return File{}, err
	}
	return f, proof.Append(ctx, tx, proof.ItemOf(ReleaseLeaf(f, parts), int64(f.ID)))
}

// newFile is a file as its release makes it, without what its rows say.
func (s *Service) newFile(r Release, c Channel, id FileID, ordinal int) (File, error) {
	ref := FileRef(r.Office, r.BatchNo, ordinal)
	profile, err := bankfiles.Lookup(c.Profile)
	return File{ID: id, Batch: r.Batch, List: r.List, Ordinal: ordinal, Name: ref + profile.Extension, Ref: ref, Profile: c.Profile, Channel: c.Code,
		Remark: r.Remark, ExecuteOn: r.ExecuteOn, CreatedAt: s.clock.Now().Truncate(time.Microsecond), ReleasedBy: r.Actor}, err
}

// releaseKey is the idempotency key of the journal that books a file's release.
func releaseKey(f File) string { return "release/" + f.Ref }

// commit stores, for each attempt of a file, the commitment to who it pays, and
// gives the parts of the file's leaf.
func (s *Service) commit(ctx context.Context, tx pgx.Tx, attempts []Attempt, ids []int64, payTo map[parties.AccountID]parties.PayTo) (*leaf.Tree, error) {
	list := make([]parties.Commitment, len(attempts))
	var parts leaf.Tree
	var part leaf.Part
	for i, a := range attempts {
		list[i] = s.parties.Commit(ids[i], payTo[a.Account])
		parts.Add(a.part(&part, list[i].Value))
	}
	return &parts, insertPayees(ctx, tx, list)
}

// unmask is where the attempts of a file pay to, in clear, which is recorded.
func (s *Service) unmask(ctx context.Context, tx pgx.Tx, f File, attempts []Attempt, purpose parties.Purpose, actor string) (map[parties.AccountID]parties.PayTo, error) {
	accounts := make([]parties.AccountID, len(attempts))
	for i, a := range attempts {
		accounts[i] = a.Account
	}
	return s.parties.UnmaskTx(ctx, tx, accounts, parties.Unmasking{Purpose: purpose, Subject: fmt.Sprintf("bank_file:%d", f.ID), Actor: actor})
}

// keepLegs remembers which legs a later attempt carries; the first carries all
// that are nobody else's.
func keepLegs(ctx context.Context, tx pgx.Tx, list []instruction, ids []int64) error {
	var attempts, legs []int64
	for i, in := range list {
		if in.N == 1 {
			continue
		}
		for _, leg := range in.legs {
			attempts, legs = append(attempts, ids[i]), append(legs, int64(leg))
		}
	}
	return assignLegs(ctx, tx, attempts, legs)
}

// bookRelease moves the money of a file, or of a step of it, into transit and
// checks that exactly what the file says was moved.
func (s *Service) bookRelease(ctx context.Context, tx pgx.Tx, r Release, f File, list []instruction, key string) (ledger.JournalID, error) {
	var legs []ledger.HoldingID
	for _, in := range list {
		legs = append(legs, in.legs...)
	}
	posted, err := s.ledger.PostTx(ctx, tx, ledger.Command{
		Key: key, Kind: "release", Actor: r.Actor, Cause: r.cause(), Memo: f.Name,
		BusinessDate: r.ExecuteOn,
		Steps:        []ledger.Step{ledger.Move{Holdings: legs, From: r.standing(), To: ledger.InTransit, PerLeg: r.Reissue}},
	})
	if err != nil {
		return 0, err
	}
	if posted.Amount != f.Sum {
		return 0, errs.New(errs.Conflict, "PAYMENT_FILE_SUM", "file", f.Name, "sum", f.Sum.Grouped(), "booked", posted.Amount.Grouped())
	}
	return posted.Journal, nil
}

// encode writes a file from its stored rows: the same rows, the same bytes.
func encode(w io.Writer, f File, c Channel, list []Attempt, payTo map[parties.AccountID]parties.PayTo) (bankfiles.Sidecar, error) {
	var sum money.Fen
	rows := make([]order.Instruction, len(list))
	for i, a := range list {
		sum += a.Amount
		to, ok := payTo[a.Account]
		if !ok {
			return bankfiles.Sidecar{}, errs.New(errs.Refused, "PAYMENT_ACCOUNT", "payment", a.Payment)
		}
		rows[i] = order.Instruction{Row: i + 1, EndToEndID: a.EndToEndID, Name: to.Holder, Account: to.Account.Reveal(),
			BankCode: to.BankCode, Amount: a.Amount, Remark: f.Remark}
	}
	head := order.Batch{MessageID: f.Ref, DebtorName: c.DebtorName, DebtorAccount: c.DebtorAccount, DebtorAgent: c.DebtorAgent,
		ExecutionDate: f.ExecuteOn.Format("2006-01-02"), Created: f.CreatedAt.In(clock.Shanghai), Expect: &order.Totals{Count: int64(len(list)), Sum: sum}}
	side, err := bankfiles.WriteSealed(w, c.Profile, head, order.FromSlice(rows))
	side.Name = f.Name
	return side, err
}
