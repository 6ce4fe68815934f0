package batch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"fenlu/disbursement/parties"
	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/money"
)

// CardShare is what an office paid to accounts of a kind in a month (按账户类型的发放),
// as far as banks have said so, and its share of all it paid.
type CardShare struct {
	Office   string            `json:"office"`
	Kind     terms.AccountKind `json:"kind"`
	Payments int               `json:"payments"`
	Amount   money.Fen         `json:"amount"`
	Share    string            `json:"share_percent"` // of the office's amount, two decimals
}

const percent, percentPlaces = 100, 2

// CardShares is what each office paid to each kind of account in a month, net of
// what came back (社保卡发放占比; peers-and-audits #9).
func CardShares(ctx context.Context, q db.Querier, month terms.Month) ([]CardShare, error) {
	rows, err := q.Query(ctx, `SELECT b.office, y.kind, count(*), sum(t.booked_fen - t.returned_fen)::bigint
		FROM batch b JOIN payment p ON p.batch = b.id
		JOIN attempt t ON t.payment = p.id AND t.state IN ('paid', 'part_returned')
		JOIN payee_account y ON y.id = t.account
		WHERE b.period = $1 GROUP BY b.office, y.kind ORDER BY b.office, y.kind`, string(month))
	if err != nil {
		return nil, fmt.Errorf("paid by kind of account: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (CardShare, error) {
		var c CardShare
		err := row.Scan(&c.Office, &c.Kind, &c.Payments, &c.Amount)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("paid by kind of account: %w", err)
	}
	all := map[string]money.Fen{}
	for _, c := range list {
		sum := all[c.Office]
		if err := grow(&sum, c.Amount); err != nil {
			return nil, err
		}
		all[c.Office] = sum
	}
	for i := range list {
		list[i].Share = decimal.Zero.StringFixed(percentPlaces)
		if total := all[list[i].Office]; total > 0 {
			list[i].Share = decimal.NewFromInt(int64(list[i].Amount)).Mul(decimal.NewFromInt(percent)).
				DivRound(decimal.NewFromInt(int64(total)), percentPlaces).StringFixed(percentPlaces)
		}
	}
	return list, nil
}

// TwoOffices is a person whom two offices pay in the same month (一人两县), the
// number masked.
type TwoOffices struct {
	Person       parties.PersonID `json:"-"`
	Name         string           `json:"name"`
	Masked       string           `json:"id_number"`
	Office       string           `json:"office"`
	Batch        string           `json:"batch"`
	Line         int32            `json:"line"`
	Program      string           `json:"program"`
	OtherOffice  string           `json:"other_office"`
	OtherBatch   string           `json:"other_batch"`
	OtherLine    int32            `json:"other_line"`
	OtherProgram string           `json:"other_program"`
}

// PaidByTwo finds the people whom two offices pay in a month, found by their ID
// numbers through the blind index that all offices share.
func (s *Service) PaidByTwo(ctx context.Context, q db.Querier, month terms.Month) ([]TwoOffices, error) {
	rows, err := q.Query(ctx, `SELECT k.subject, b.office, b.code, l.no, k.program, c.office, c.code, m.no, o.program
		FROM batch b
		JOIN entitlement_line l ON l.batch = b.id AND l.person IS NOT NULL
		JOIN once_key k ON k.line = l.id AND k.freed IS NULL
		JOIN once_key o ON o.subject = k.subject AND o.month = k.month AND o.freed IS NULL
		JOIN entitlement_line m ON m.id = o.line
		JOIN batch c ON c.id = m.batch AND c.office > b.office
		WHERE b.period = $1 ORDER BY k.subject, b.code, l.no, c.code, m.no`, string(month))
	if err != nil {
		return nil, fmt.Errorf("people of two offices: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (TwoOffices, error) {
		var t TwoOffices
		err := row.Scan(&t.Person, &t.Office, &t.Batch, &t.Line, &t.Program, &t.OtherOffice, &t.OtherBatch, &t.OtherLine, &t.OtherProgram)
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("people of two offices: %w", err)
	}
	ids := make([]parties.PersonID, len(list))
	for i := range list {
		ids[i] = list[i].Person
	}
	people, err := s.parties.People(ctx, q, ids)
	for i := range list {
		list[i].Name, list[i].Masked = people[list[i].Person].Name, people[list[i].Person].Masked
	}
	return list, err
}

// WithheldLine is a line that waits because somebody had doubts about it.
type WithheldLine struct {
	Batch  string    `json:"batch"`
	Line   int32     `json:"line"`
	Month  string    `json:"month"`
	Amount money.Fen `json:"amount"`
}

// WithheldOf is the withheld lines of a person (暂缓的明细): once the doubt is gone
// they are withdrawn there and paid in a new list.
func WithheldOf(ctx context.Context, q db.Querier, person int64) ([]WithheldLine, error) {
	rows, err := q.Query(ctx, `SELECT b.code, l.no, l.month, l.amount_fen FROM entitlement_line l JOIN batch b ON b.id = l.batch
		WHERE l.person = $1 AND l.status = 'withheld' ORDER BY l.id`, person)
	if err != nil {
		return nil, fmt.Errorf("withheld lines: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[WithheldLine])
}
