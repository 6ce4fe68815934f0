package ledger

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/money"
)

// Service is the ledger's door.
type Service struct {
	db    *db.DB
	clock clock.Clock
	log   *slog.Logger
}

// New makes the service; clock stamps posted_at.
func New(d *db.DB, c clock.Clock, log *slog.Logger) *Service {
	return &Service{db: d, clock: c, log: log}
}

// Posted is what a command did. Replay says that the key had done it before;
// Holdings are the new holdings of its Draw and PartMove steps, in the order
// of their legs (empty on a replay).
type Posted struct {
	Journal  JournalID
	Amount   money.Fen
	Holdings []HoldingID
	Replay   bool
}

// Post is PostTx in a transaction of its own.
func (s *Service) Post(ctx context.Context, c Command) (Posted, error) {
	var posted Posted
	err := s.db.Run(ctx, func(tx pgx.Tx) error {
		var err error
		posted, err = s.PostTx(ctx, tx, c)
		return err
	})
	return posted, err
}

// PostTx posts one journal in the caller's transaction. It is correct at READ
// COMMITTED: the lot rows it touches are locked first, in id order, and every
// other row of a lot is only ever changed under that lock.
//
// Errors: Invalid for an ill-formed command; Conflict LEDGER_KEY_REUSED for a
// key with other content, LEDGER_HOLDING_MOVED for a holding that is not where
// the command says; Insufficient LEDGER_INSUFFICIENT when the money is not
// free; Refused LEDGER_LOT_STOPPED for a draw on a lot with an open claim,
// LEDGER_PERIOD_CLOSED for a command into a closed period.
func (s *Service) PostTx(ctx context.Context, tx pgx.Tx, c Command) (Posted, error) {
	if err := c.valid(); err != nil {
		return Posted{}, err
	}
	request := c.requestDigest()
	if done, found, err := replay(ctx, tx, c.Key, request); err != nil || found {
		return done, err
	}
	p, err := s.begin(ctx, tx, c)
	if err != nil {
		return Posted{}, err
	}
	// Again under the locks: a twin may have committed while we waited.
	if done, found, err := replay(ctx, tx, c.Key, request); err != nil || found {
		return done, err
	}
	for _, step := range c.Steps {
		if err := step.apply(p); err != nil {
			return Posted{}, err
		}
	}
	return p.finish(request, 0)
}

// replay answers a key that has posted before.
func replay(ctx context.Context, q db.Querier, key string, request []byte) (Posted, bool, error) {
	j, found, err := journalByKey(ctx, q, key)
	if err != nil || !found {
		return Posted{}, false, err
	}
	if string(j.Request) != string(request) {
		return Posted{}, false, errs.New(errs.Conflict, "LEDGER_KEY_REUSED", "key", key, "journal", j.ID)
	}
	return Posted{Journal: j.ID, Amount: j.Amount, Replay: true}, true, nil
}

// posting is one journal in the making, with the lots it has locked.
type posting struct {
	ctx       context.Context //nolint:containedctx // lives for one PostTx only
	tx        pgx.Tx
	svc       *Service
	cmd       Command
	id        JournalID
	lots      map[LotID]*Lot
	accounts  map[AccountID]*Account
	places    map[LotID]map[Place]AccountID
	deltas    map[AccountID]money.Fen
	transfers []Transfer
	holdings  []HoldingID
	stands    map[int64]*parcel // that this journal made or moved
	opens     map[lotLine]time.Time
	claimed   map[LotID][]*openClaim // of the lots whose claims a step asked for
}

// begin keeps the command's period open, locks the lots it touches, in id order,
// and draws the journal's number only then, so that numbers order the journals of
// a lot. Everything that is posted comes through here.
func (s *Service) begin(ctx context.Context, tx pgx.Tx, c Command) (*posting, error) {
	var n named
	for _, step := range c.Steps {
		step.names(&n)
	}
	ids, err := lotsOf(ctx, tx, n)
	if err != nil {
		return nil, err
	}
	if err := c.open(ctx, tx); err != nil {
		return nil, err
	}
	p := &posting{ctx: ctx, tx: tx, svc: s, cmd: c,
		accounts: map[AccountID]*Account{}, places: map[LotID]map[Place]AccountID{}, deltas: map[AccountID]money.Fen{}, stands: map[int64]*parcel{},
		claimed: map[LotID][]*openClaim{}}
	if p.lots, err = lockLots(ctx, tx, ids); err != nil {
		return nil, err
	}
	for _, lot := range p.lots {
		lot.Seq++
	}
	if err := p.loadAccounts(ids); err != nil {
		return nil, err
	}
	id, err := db.NextID(ctx, tx, "journal_id_seq")
	p.id = JournalID(id)
	return p, err
}

func (p *posting) loadAccounts(lots []LotID) error {
	accounts, err := accountsOfLots(p.ctx, p.tx, lots)
	if err != nil {
		return err
	}
	for i := range accounts {
		p.know(&accounts[i])
	}
	return nil
}

func (p *posting) know(a *Account) {
	p.accounts[a.ID] = a
	if p.places[a.Lot] == nil {
		p.places[a.Lot] = map[Place]AccountID{}
	}
	p.places[a.Lot][a.Place] = a.ID
}

// at finds the account of a place, opening it on first use.
func (p *posting) at(lot LotID, place Place) (AccountID, error) {
	if id, ok := p.places[lot][place]; ok {
		return id, nil
	}
	a, err := openAccount(p.ctx, p.tx, lot, place)
	if err != nil {
		return 0, err
	}
	p.know(a)
	return a.ID, nil
}

// account finds an account that the command names.
func (p *posting) account(id AccountID) (*Account, error) {
	a, ok := p.accounts[id]
	if !ok {
		return nil, errs.New(errs.NotFound, "LEDGER_ACCOUNT_UNKNOWN", "account", id)
	}
	return a, nil
}

// sibling is the account of another kind on the same budget line.
func (p *posting) sibling(of *Account, kind AccountKind) (AccountID, error) {
	return p.at(of.Lot, Place{Kind: kind, BudgetLine: of.Place.BudgetLine})
}

// transfer records a movement and its effect on both balances.
func (p *posting) transfer(t Transfer) error {
	t.Line = int32(len(p.transfers) + 1) //nolint:gosec // a journal has fewer than 2^31 lines
	p.transfers = append(p.transfers, t)
	if err := p.change(t.Debit, t.Amount); err != nil {
		return err
	}
	return p.change(t.Credit, -t.Amount)
}

func (p *posting) change(id AccountID, by money.Fen) error {
	sum, err := money.Add(p.deltas[id], by)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "LEDGER_OVERFLOW")
	}
	p.deltas[id] = sum
	return nil
}

// finish writes balances, header, transfers and the pending leaf.
func (p *posting) finish(request []byte, reverses JournalID) (Posted, error) {
	total, err := sumOf(p.transfers)
	if err != nil {
		return Posted{}, errs.Wrap(err, errs.Invalid, "LEDGER_OVERFLOW")
	}
	if total == 0 {
		return Posted{}, errs.New(errs.Invalid, "LEDGER_NOTHING_MOVED")
	}
	j := Journal{ID: p.id, Kind: p.cmd.Kind, Key: p.cmd.Key, Request: request, BusinessDate: p.cmd.BusinessDate,
		PostedAt: p.svc.clock.Now(), Actor: p.cmd.Actor, Cause: p.cmd.Cause, Memo: p.cmd.Memo, Reverses: reverses,
		Transfers: int32(len(p.transfers)), Amount: total} //nolint:gosec // fewer than 2^31 lines
	j.Digest = p.digest(j)
	if err := p.store(j); err != nil {
		return Posted{}, err
	}
	return Posted{Journal: p.id, Amount: total, Holdings: p.holdings}, nil
}

func (p *posting) store(j Journal) error {
	if err := p.applyBalances(); err != nil {
		return err
	}
	if err := p.late(); err != nil {
		return err
	}
	if err := insertJournal(p.ctx, p.tx, j); err != nil {
		return err
	}
	if err := copyTransfers(p.ctx, p.tx, j.ID, p.transfers); err != nil {
		return err
	}
	if err := p.keepStands(); err != nil {
		return err
	}
	if err := p.keepCovers(); err != nil {
		return err
	}
	if err := saveLots(p.ctx, p.tx, j.ID, p.lots); err != nil {
		return err
	}
	return proof.Append(p.ctx, p.tx, proof.Item{Kind: proof.KindJournal, Ref: int64(j.ID), Version: DigestVersion, Digest: j.Digest})
}

func sumOf(transfers []Transfer) (money.Fen, error) {
	var total money.Fen
	for _, t := range transfers {
		sum, err := money.Add(total, t.Amount)
		if err != nil {
			return 0, err
		}
		total = sum
	}
	return total, nil
}
