package funds

import (
	"context"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/terms"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// LotView is a lot with the line that brought it and where its money stands
// (资金来源). Document is empty for a lot of kind receipt. Places holds the
// balance of each kind of place over all budget lines of the lot; places where
// nothing stands are left out.
type LotView struct {
	Lot       ledger.LotID                     `json:"lot"`
	Kind      ledger.LotKind                   `json:"kind"`
	Document  string                           `json:"document"`
	Title     string                           `json:"title"`
	LineNo    int                              `json:"line"`
	Year      int                              `json:"year"`
	Level     terms.Level                      `json:"level"`
	Fund      string                           `json:"fund"`
	BroughtIn money.Fen                        `json:"brought_in"`
	Withdrawn money.Fen                        `json:"withdrawn"` // by documents
	Stopped   bool                             `json:"stopped"`   // a shortfall is open: nothing is drawn
	Places    map[ledger.AccountKind]money.Fen `json:"places"`
}

// ReserveView is a township's reserve in one lot.
type ReserveView struct {
	Township   string              `json:"township"`
	Name       string              `json:"name"`
	Lot        ledger.LotID        `json:"lot"`
	BudgetLine ledger.BudgetLineID `json:"budget_line"`
	Balance    money.Fen           `json:"balance"`
}

// LotList is every lot, in order, and every township's reserve.
type LotList struct {
	Lots     []LotView     `json:"lots"`
	Reserves []ReserveView `json:"reserves"`
}

// Lots reads every lot with its document and the balance of each place. Errors:
// none of its own.
func (s *Service) Lots(ctx context.Context, q db.Querier) (LotList, error) {
	lots, err := lotViews(ctx, q)
	if err != nil {
		return LotList{}, err
	}
	accounts, err := ledger.Accounts(ctx, q)
	if err != nil {
		return LotList{}, err
	}
	list := LotList{Lots: lots, Reserves: []ReserveView{}}
	at := map[ledger.LotID]int{}
	for i, l := range lots {
		at[l.Lot] = i
	}
	var codes []string
	for _, a := range accounts {
		if err := lots[at[a.Lot]].put(a); err != nil {
			return LotList{}, err
		}
		if a.Place.Kind == ledger.Reserve {
			list.Reserves = append(list.Reserves, ReserveView{Township: a.Place.Township, Lot: a.Lot, BudgetLine: a.Place.BudgetLine, Balance: a.Balance})
			codes = append(codes, a.Place.Township)
		}
	}
	names, err := s.parties.Areas(ctx, q, codes)
	for i, r := range list.Reserves {
		list.Reserves[i].Name = names[r.Township].Name
	}
	return list, err
}

func (l *LotView) put(a ledger.Account) error {
	if a.Balance == 0 || a.Place.Kind == ledger.Appropriated {
		return nil
	}
	sum, err := money.Add(l.Places[a.Place.Kind], a.Balance)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "MONEY_OVERFLOW")
	}
	l.Places[a.Place.Kind] = sum
	return nil
}

func lotViews(ctx context.Context, q db.Querier) ([]LotView, error) {
	return collect(ctx, q, "lots", func(row pgx.CollectableRow) (LotView, error) {
		l := LotView{Places: map[ledger.AccountKind]money.Fen{}}
		err := row.Scan(&l.Lot, &l.Kind, &l.Document, &l.Title, &l.LineNo, &l.Year, &l.Level, &l.Fund, &l.BroughtIn, &l.Withdrawn, &l.Stopped)
		return l, err
	}, `SELECT l.id, l.kind, coalesce(d.number, ''), coalesce(d.title, ''), coalesce(dl.line_no, 0), coalesce(d.year, 0), coalesce(dl.level, ''),
			coalesce(dl.fund, ''), coalesce(dl.amount_fen, l.size_fen),
			coalesce((SELECT sum(c.amount_fen)::bigint FROM document_line c WHERE c.lot = l.id AND c.kind = 'cut'), 0), l.stopped
		FROM lot l
		LEFT JOIN document_line dl ON dl.lot = l.id AND dl.kind = 'bring'
		LEFT JOIN document d ON d.id = dl.document
		ORDER BY l.id`)
}
