package parties

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/errs"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// Purpose is why ID and account numbers are taken out of their encryption.
type Purpose string

// The purposes.
const (
	ForRelease Purpose = "release" // 发放: a bank file is made and sealed
	ForFile    Purpose = "file"    // 写出文件: a sealed file is written
	ForPayee   Purpose = "payee"   // 查看收款人: somebody asks whom an attempt paid
)

// Unmasking is the record of it (查看完整号码记录).
type Unmasking struct {
	ID       int64
	Purpose  Purpose
	Subject  string    // the file or attempt it was for: "bank_file:12"
	Owner    int64     // whose number, a PersonID or UnitID; 0 for several
	Account  AccountID // 0 for several
	Accounts int
	Actor    string
	At       time.Time
}

// UnmaskingLeaf is the leaf of an unmasking.
func UnmaskingLeaf(u Unmasking) *leaf.Leaf {
	return leaf.New(string(proof.KindUnmasking), 1).Int("id", u.ID).Text("purpose", string(u.Purpose)).Text("subject", u.Subject).
		Int("owner", u.Owner).Int("account", int64(u.Account)).Int("accounts", int64(u.Accounts)).Text("actor", u.Actor).Time("at", u.At)
}

// UnmaskTx is the one way to numbers in clear: where accounts are and whose.
// It records who looked, what for and at how many; why fills Purpose, Subject
// and Actor. Whoever calls has checked the actor's right, and hands the numbers
// to nobody before the transaction is committed. Errors:
// PARTIES_ACCOUNT_UNKNOWN for an id that is none.
func (s *Service) UnmaskTx(ctx context.Context, tx pgx.Tx, ids []AccountID, why Unmasking) (map[AccountID]PayTo, error) {
	payTo, err := s.payTo(ctx, tx, ids, make([]int, len(ids)))
	if err != nil {
		return nil, err
	}
	why.Accounts = len(payTo)
	if len(ids) == 1 {
		why.Account, why.Owner = ids[0], payTo[ids[0]].Owner
	}
	return payTo, s.recordUnmasking(ctx, tx, why)
}

// UnmaskPersonTx is UnmaskTx of somebody who is paid by hand: name and number,
// no account.
func (s *Service) UnmaskPersonTx(ctx context.Context, tx pgx.Tx, person PersonID, why Unmasking) (PayTo, error) {
	to, err := s.payToPerson(ctx, tx, person, 0)
	if err != nil {
		return PayTo{}, err
	}
	why.Owner = to.Owner
	return to, s.recordUnmasking(ctx, tx, why)
}

// payToPerson is a person in clear, as of a version; the current one for 0.
func (s *Service) payToPerson(ctx context.Context, tx pgx.Tx, person PersonID, version int) (PayTo, error) {
	found, err := peoplePayees(ctx, tx, []PersonID{person}, []int{version})
	if err != nil {
		return PayTo{}, err
	}
	if len(found) == 0 {
		return PayTo{}, fmt.Errorf("person %d who is paid by hand is not on record", person)
	}
	return s.inClear(found[0])
}

// payTo is accounts and whose they are, in clear; see payees.
func (s *Service) payTo(ctx context.Context, tx pgx.Tx, ids []AccountID, versions []int) (map[AccountID]PayTo, error) {
	found, err := payees(ctx, tx, ids, versions)
	if err != nil {
		return nil, err
	}
	out := make(map[AccountID]PayTo, len(found))
	for _, r := range found {
		if out[r.ID], err = s.inClear(r); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		if _, ok := out[id]; !ok {
			return nil, errs.New(errs.NotFound, "PARTIES_ACCOUNT_UNKNOWN", "id", id)
		}
	}
	return out, nil
}

// recordUnmasking appends the record and its leaf.
func (s *Service) recordUnmasking(ctx context.Context, tx pgx.Tx, u Unmasking) (err error) {
	if u.ID, err = nextUnmasking(ctx, tx); err != nil {
		return err
	}
	u.At = s.clock.Now().Truncate(time.Microsecond)
	_, err = tx.Exec(ctx, `INSERT INTO unmasking (id, purpose, subject, owner, account, accounts, actor, unmasked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, u.ID, u.Purpose, u.Subject, u.Owner, u.Account, u.Accounts, u.Actor, u.At)
	if err != nil {
		return fmt.Errorf("record unmasking: %w", err)
	}
	return proof.Append(ctx, tx, proof.ItemOf(UnmaskingLeaf(u), u.ID))
}
