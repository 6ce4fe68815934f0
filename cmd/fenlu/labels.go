package main

import (
	"context"

	"fenlu/disbursement/parties"
	"fenlu/internal/db"
	"fenlu/internal/ident"
	"fenlu/trace"
)

// labels lets trace show what only the keys can open, masked.
type labels struct{ parties *parties.Service }

// People labels persons by id.
func (l labels) People(ctx context.Context, q db.Querier, ids []int64) (map[int64]trace.Label, error) {
	people := make([]parties.PersonID, len(ids))
	for i, id := range ids {
		people[i] = parties.PersonID(id)
	}
	found, err := l.parties.People(ctx, q, people)
	out := make(map[int64]trace.Label, len(found))
	for id, p := range found {
		out[int64(id)] = trace.Label{Name: p.Name, Masked: p.Masked}
	}
	return out, err
}

// Accounts labels payee account versions by id.
func (l labels) Accounts(ctx context.Context, q db.Querier, ids []int64) (map[int64]trace.Label, error) {
	accounts := make([]parties.AccountID, len(ids))
	for i, id := range ids {
		accounts[i] = parties.AccountID(id)
	}
	found, err := l.parties.Accounts(ctx, q, accounts)
	out := make(map[int64]trace.Label, len(found))
	for id, a := range found {
		out[int64(id)] = trace.Label{Name: a.Holder, Masked: a.Masked}
	}
	return out, err
}

// FindPerson finds persons by ID number, or else by name.
func (l labels) FindPerson(ctx context.Context, q db.Querier, text string) ([]int64, error) {
	byNumber, err := l.parties.ResolvePeople(ctx, q, []string{ident.Normalize(text)})
	if err != nil {
		return nil, err
	}
	for _, p := range byNumber {
		return []int64{int64(p.ID)}, nil
	}
	byName, err := l.parties.Find(ctx, q, parties.Search{Name: text})
	ids := make([]int64, len(byName))
	for i, p := range byName {
		ids[i] = int64(p.ID)
	}
	return ids, err
}
