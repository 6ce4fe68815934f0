package main

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/funds"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/internal/sample"
	"fenlu/ledger"
	"fenlu/money"
	"fenlu/trace"
)

// yearEnd is what the closing JSON of a year says beside DESIGN §6.1: where the
// purchased services of the year stand.
type yearEnd struct {
	Year     int       `json:"year"`
	Carveout string    `json:"carveout"` // the state
	Floor    money.Fen `json:"floor"`
	Cap      money.Fen `json:"cap"`
	Services money.Fen `json:"services"` // paid
}

// endOf is the closing JSON, of a year with its own part.
func endOf(ctx context.Context, s *services, closing trace.Closing, year bool) ([]byte, error) {
	if !year {
		return json.Marshal(closing)
	}
	status, _, err := servicesOf(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	r := status.Result
	return json.Marshal(struct {
		trace.Closing
		Year yearEnd `json:"year"`
	}{closing, yearEnd{sample.YearOf, string(r.State), r.Floor, r.Cap, r.Paid.Fund + r.Paid.Others}})
}

// servicesOf is the statement of the year's purchased services; contracts are read
// where a says in what words.
func servicesOf(ctx context.Context, s *services, a *app) (status funds.CarveoutStatus, contracts []paidContract, err error) {
	err = s.DB.Read(ctx, func(tx pgx.Tx) (err error) {
		if status, err = s.Funds.CarveoutStatus(ctx, tx, sample.YearOf, ""); err != nil || a == nil {
			return err
		}
		contracts, err = a.paidContracts(s, tx, sample.YearOf)
		return err
	})
	return status, contracts, err
}

// printYearsServices prints the year's statement of purchased services.
func (a *app) printYearsServices(s *services) error {
	status, contracts, err := servicesOf(a.ctx, s, a)
	if err != nil {
		return err
	}
	a.Println("\n" + a.T("demo.year.carve"))
	a.print(a.Stdout, a.carveoutPages(status, contracts))
	a.Println(i18n.Term(a.Lang, "carveout.state", string(status.Result.State)) + " · " + a.carveoutReason(status))
	return nil
}

// addUp looks after a step of the demo's year whether each lot adds up, by three
// sources, and each fen has one address.
func (s *services) addUp(ctx context.Context) error {
	return s.DB.ReadWhole(ctx, func(tx pgx.Tx) error {
		for _, job := range ledger.AddUp() {
			found, err := job.Run(ctx, tx)
			if err != nil {
				return err
			}
			if len(found) > 0 {
				return errs.New(errs.Unverified, "DEMO_ADD_UP", "check", found[0].Check, "row", found[0].Row, "detail", found[0].Detail)
			}
		}
		differences, err := trace.Unaccounted(ctx, tx)
		if err == nil && len(differences) > 0 {
			d := differences[0]
			err = errs.New(errs.Unverified, "DEMO_ADD_UP", "check", "unaccounted", "row", d.Lot, "detail", d.Where+" "+d.Amount.Grouped())
		}
		return err
	})
}
