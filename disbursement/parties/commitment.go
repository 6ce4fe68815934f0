package parties

import (
	"context"
	"crypto/rand"
	"strconv"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
	"fenlu/ledger/proof/leaf"
)

// Commitment binds an attempt to who it pays without saying it (收款人承诺).
type Commitment struct {
	Attempt    int64
	Account    AccountID // 0: paid by hand, to Person
	Person     PersonID  // who is paid, where there is no account
	Version    int       // of the account's owner, whose number is meant
	Value      []byte    // what the leaf has
	Salt       []byte    // sealed
	KeyVersion int
}

// Opened is a commitment with what it was made of: leaf.CheckPayee holds for it.
type Opened struct {
	Payee leaf.Payee
	Salt  []byte
}

// Commit makes the commitment of an attempt, with a salt of its own.
func (s *Service) Commit(attempt int64, to PayTo) Commitment {
	salt := make([]byte, leaf.SaltSize)
	_, _ = rand.Read(salt) // never fails: it stops the program where it would
	c := Commitment{Attempt: attempt, Account: to.ID, Person: PersonID(to.Owner), Version: to.Version, Value: to.payee().Commit(salt)}
	c.Salt, c.KeyVersion = s.vault.Seal(string(salt), saltAAD(attempt))
	return c
}

// OpenTx opens a commitment and records that as an unmasking; as UnmaskTx.
func (s *Service) OpenTx(ctx context.Context, tx pgx.Tx, c Commitment, why Unmasking) (Opened, error) {
	to, err := s.committed(ctx, tx, c)
	if err != nil {
		return Opened{}, err
	}
	salt, err := s.vault.Open(c.Salt, c.KeyVersion, saltAAD(c.Attempt))
	if err != nil {
		return Opened{}, err
	}
	why.Account, why.Owner, why.Accounts = c.Account, to.Owner, 1
	return Opened{Payee: to.payee(), Salt: []byte(salt)}, s.recordUnmasking(ctx, tx, why)
}

// committed is whom a commitment is to, in clear.
func (s *Service) committed(ctx context.Context, tx pgx.Tx, c Commitment) (PayTo, error) {
	if c.Account == 0 {
		return s.payToPerson(ctx, tx, c.Person, c.Version)
	}
	payTo, err := s.payTo(ctx, tx, []AccountID{c.Account}, []int{c.Version})
	return payTo[c.Account], err
}

// Hold says of each commitment whether it still is to who is on record: what
// verification asks. No number leaves this room.
func (s *Service) Hold(ctx context.Context, q db.Querier, list []Commitment) ([]bool, error) {
	ids, people, versions := make([]AccountID, len(list)), make([]PersonID, len(list)), make([]int, len(list))
	for i, c := range list {
		ids[i], versions[i] = c.Account, c.Version
		if c.Account == 0 {
			people[i] = c.Person
		}
	}
	found, err := payees(ctx, q, ids, versions)
	if err != nil {
		return nil, err
	}
	byHand, err := peoplePayees(ctx, q, people, versions)
	if err != nil {
		return nil, err
	}
	found = append(found, byHand...)
	holds := make([]bool, len(list))
	for _, r := range found {
		c := list[r.Want]
		to, err := s.inClear(r)
		if err != nil {
			continue // it does not open: it does not hold
		}
		salt, err := s.vault.Open(c.Salt, c.KeyVersion, saltAAD(c.Attempt))
		holds[r.Want] = err == nil && leaf.CheckPayee(c.Value, []byte(salt), to.payee())
	}
	return holds, nil
}

func (p PayTo) payee() leaf.Payee {
	return leaf.Payee{Name: p.Holder, IDNumber: p.IDNumber.Reveal(), Account: p.Account.Reveal(), BankCode: p.BankCode}
}

func saltAAD(attempt int64) string { return "attempt_payee.salt:" + strconv.FormatInt(attempt, 10) }
