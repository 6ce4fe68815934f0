package trace

import (
	"context"

	"fenlu/internal/db"
)

// Label is how a person or an account is shown (脱敏): the name, and the number
// with its middle hidden ("9913**********4021").
type Label struct {
	Name   string
	Masked string
}

// Labels knows what only the keys can open.
type Labels interface {
	// People labels persons by id, with the masked ID number; ids that are no
	// person's are left out.
	People(ctx context.Context, q db.Querier, ids []int64) (map[int64]Label, error)
	// Accounts labels payee account versions by id: the holder's name (户名) and
	// the masked account number.
	Accounts(ctx context.Context, q db.Querier, ids []int64) (map[int64]Label, error)
	// FindPerson finds persons by ID number or by name, in the order of their
	// ids; nobody is an empty answer.
	FindPerson(ctx context.Context, q db.Querier, text string) ([]int64, error)
}

// Service answers questions about where money came from and went.
type Service struct{ labels Labels }

// New makes the service.
func New(labels Labels) *Service { return &Service{labels: labels} }

// The number of rows of a list: what it is when nothing is asked for, and the
// most it may be.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// Page asks for a part of a list: at most Limit rows (0: DefaultLimit) after
// the row whose key is After (0: from the beginning).
type Page struct {
	Limit int
	After int64
}

func (p Page) limit() int {
	if p.Limit <= 0 {
		return DefaultLimit
	}
	return min(p.Limit, MaxLimit)
}

// Rest says what a cut list left out: More rows, to be had with After.
type Rest struct {
	More  int   `json:"more"`
	After int64 `json:"after,omitempty"`
}
