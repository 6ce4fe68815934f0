package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/batch"
	"fenlu/disbursement/funds"
	"fenlu/internal/i18n"
	"fenlu/internal/table"
	"fenlu/ledger"
	"fenlu/money"
)

// fundList is a list about money as people, programs and spreadsheets read it.
type fundList struct {
	title string // code
	value any    // of the JSON
	heads []string
	cells func(lang i18n.Lang) [][]string
}

// Heads are the columns of Cells.
func (l fundList) Heads() []string { return l.heads }

// Cells are the rows.
func (l fundList) Cells(lang i18n.Lang) [][]string { return l.cells(lang) }

// MarshalJSON is what the list is about, without how it is printed.
func (l fundList) MarshalJSON() ([]byte, error) { return json.Marshal(l.value) }

// Text prints the list.
func (l fundList) Text(w io.Writer, lang i18n.Lang) error {
	if len(l.cells(lang)) == 0 {
		_, err := fmt.Fprintln(w, i18n.T(lang, l.title)+"\n"+l.none(lang))
		return err
	}
	return printed(w, lang, i18n.T(lang, l.title), l)
}

// none is what a list without rows says: what to do next, where its room has a
// text for that.
func (l fundList) none(lang i18n.Lang) string {
	if code := strings.TrimSuffix(l.title, ".title") + ".empty"; i18n.Has(code) {
		return i18n.T(lang, code)
	}
	return i18n.T(lang, "list.empty")
}

// printed prints what has heads and cells as a table with a title.
func printed(w io.Writer, lang i18n.Lang, title string, l interface {
	Heads() []string
	Cells(lang i18n.Lang) [][]string
},
) error {
	t := table.New(title, headed(lang, l.Heads()...)...)
	for _, row := range l.Cells(lang) {
		t.Add(row...)
	}
	return t.Write(w)
}

func dayText(t time.Time) string { return t.Format(time.DateOnly) }

// listing reads a list and also writes it into a spreadsheet where one is asked.
func (f sheetFlag) listing(a *app, name string, ask func(*services, pgx.Tx) (fundList, error)) error {
	return tell(a, func(s *services, tx pgx.Tx) (fundList, error) {
		found, err := ask(s, tx)
		if err != nil {
			return found, err
		}
		return found, f.write(a, name, found)
	})
}

// fundsCashCmd lists lots beside their cash.
type fundsCashCmd struct{ sheetFlag }

// Run lists them.
func (c fundsCashCmd) Run(a *app) error {
	return c.listing(a, "cash", func(s *services, tx pgx.Tx) (fundList, error) {
		lots, err := s.Funds.CashOfLots(a.ctx, tx)
		return fundList{"funds.cash.title", map[string]any{"lots": orNone(lots)},
			[]string{">lot", "document", ">line", "fund_issued", "fund_received", "fund_passed", ">fund_brought", ">fund_withdrawn", ">fund_arrived", ">fund_unfunded", ">fund_available"},
			func(i18n.Lang) [][]string {
				rows := make([][]string, len(lots))
				for i, l := range lots {
					passed, arrived, unfunded := "", "", ""
					if l.PassedOn != nil {
						passed = dayText(*l.PassedOn)
					}
					if l.Known {
						arrived, unfunded = l.Arrived.Grouped(), l.Unfunded.Grouped()
					}
					rows[i] = []string{strconv.Itoa(int(l.Lot)), l.Document, strconv.Itoa(l.LineNo), dayText(l.IssuedOn), dayText(l.ReceivedOn), passed,
						l.BroughtIn.Grouped(), l.Withdrawn.Grouped(), arrived, unfunded, l.Available.Grouped()}
				}
				return rows
			}}, err
	})
}

// orNone is never nil: programs read [] and not null.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// fundsListCmd lists the lots whose time is over.
type fundsListCmd struct {
	What string `arg:"" enum:"pass-on,idle,give-back" help:"help_funds_list_what"`
	Area string `required:"" help:"help_carveout_area"`
	AsOf string `name:"as-of" placeholder:"2026-12-31" help:"help_funds_as_of"`
	sheetFlag
}

// Run lists them.
func (c fundsListCmd) Run(a *app) error {
	asOf, err := a.dayOr(c.AsOf)
	if err != nil {
		return err
	}
	return c.listing(a, c.What, func(s *services, tx pgx.Tx) (fundList, error) {
		read := map[string]func() (*funds.DueList, error){
			"pass-on":   func() (*funds.DueList, error) { return s.Funds.PassOnList(a.ctx, tx, c.Area, asOf) },
			"idle":      func() (*funds.DueList, error) { return s.Funds.IdleList(a.ctx, tx, c.Area, asOf) },
			"give-back": func() (*funds.DueList, error) { return s.Funds.GiveBackList(a.ctx, tx, c.Area, asOf) },
		}[c.What]
		list, err := read()
		if err != nil {
			return fundList{}, err
		}
		return dueList("funds.list."+c.What, list), nil
	})
}

func dueList(title string, list *funds.DueList) fundList {
	return fundList{title, list,
		[]string{">lot", "document", ">line", ">fund_year", "fund_fund", "fund_since", "fund_due", ">fund_days", "fund_flag", ">amount"},
		func(lang i18n.Lang) [][]string {
			rows := make([][]string, len(list.Items))
			for i, d := range list.Items {
				rows[i] = []string{strconv.Itoa(int(d.Lot)), d.Document, strconv.Itoa(d.LineNo), strconv.Itoa(d.Year), d.Fund, dayText(d.Since),
					dayText(d.DueOn), strconv.Itoa(d.Days), i18n.Term(lang, "funds.flag", d.Flag), d.Amount.Grouped()}
			}
			return rows
		}}
}

// fundsReceiptsCmd lists what has to be remitted.
type fundsReceiptsCmd struct {
	All  bool   `help:"help_funds_receipts_all"`
	AsOf string `name:"as-of" placeholder:"2026-12-31" help:"help_funds_as_of"`
	sheetFlag
}

// Run lists them.
func (c fundsReceiptsCmd) Run(a *app) error {
	asOf, err := a.dayOr(c.AsOf)
	if err != nil {
		return err
	}
	return c.listing(a, "receipts", func(s *services, tx pgx.Tx) (fundList, error) {
		list, err := s.Funds.Receipts(a.ctx, tx, asOf, c.All)
		return fundList{"funds.receipts.title", map[string]any{"receipts": orNone(list)},
			[]string{"fund_receipt", "fund_kind", "fund_received", "fund_due", ">amount", ">fund_remitted", ">fund_open", "fund_flag"},
			func(lang i18n.Lang) [][]string {
				rows := make([][]string, len(list))
				for i, r := range list {
					flag := ""
					if r.Overdue {
						flag = i18n.Term(lang, "funds.flag", funds.FlagOverdue)
					}
					rows[i] = []string{r.Number, i18n.Term(lang, "funds.receipt_kind", string(r.Kind)), dayText(r.ReceivedOn), dayText(r.DueOn),
						r.Amount.Grouped(), r.Remitted.Grouped(), r.Open.Grouped(), flag}
				}
				return rows
			}}, err
	})
}

// fundsShortfallCmd lists the lots that cuts left short, with the batches that
// have money of them frozen.
type fundsShortfallCmd struct{ sheetFlag }

// shortLot is a lot in shortfall.
type shortLot struct {
	Lot      ledger.LotID     `json:"lot"`
	Document string           `json:"document"`
	LineNo   int              `json:"line"`
	Short    money.Fen        `json:"short"`
	Frozen   []batch.FrozenOn `json:"frozen"` // the newest batch first: to be withdrawn from
}

// Run lists them.
func (c fundsShortfallCmd) Run(a *app) error {
	return c.listing(a, "shortfall", func(s *services, tx pgx.Tx) (fundList, error) {
		short, err := shortLots(a, s, tx)
		return fundList{"funds.shortfall.title", map[string]any{"lots": short},
			[]string{">lot", "document", ">line", ">fund_short", "fund_batch", "fund_state", ">fund_lines", ">fund_frozen"},
			func(lang i18n.Lang) [][]string {
				var rows [][]string
				for _, l := range short {
					rows = append(rows, []string{strconv.Itoa(int(l.Lot)), l.Document, strconv.Itoa(l.LineNo), l.Short.Grouped(), "", "", "", ""})
					for _, f := range l.Frozen {
						rows = append(rows, []string{"", "", "", "", f.Batch, f.State.Name(lang), strconv.FormatInt(f.Lines, 10), f.Amount.Grouped()})
					}
				}
				return rows
			}}, err
	})
}

func shortLots(a *app, s *services, tx pgx.Tx) ([]shortLot, error) {
	list, err := s.Funds.Lots(a.ctx, tx)
	if err != nil {
		return nil, err
	}
	out, ids := []shortLot{}, []ledger.LotID{}
	for _, l := range list.Lots {
		if short := -l.Places[ledger.Shortfall]; short > 0 {
			out, ids = append(out, shortLot{Lot: l.Lot, Document: l.Document, LineNo: l.LineNo, Short: short, Frozen: []batch.FrozenOn{}}), append(ids, l.Lot)
		}
	}
	frozen, err := batch.FrozenOnLots(a.ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	for i := range out {
		for _, f := range frozen {
			if f.Lot == out[i].Lot {
				out[i].Frozen = append(out[i].Frozen, f)
			}
		}
	}
	return out, nil
}
