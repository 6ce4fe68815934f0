package funds

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/events"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// MoveMoney asks to move money that is available to new budget lines of the same
// lots, under a document: 调剂 between budget lines, 科目更正 to other codes, 分配
// down to another office (county, bureau, township), 更正 of a wrong move.
type MoveMoney struct {
	Type     Type       `json:"type"`
	Number   string     `json:"number" validate:"required,max=80,no_personal_number"` // 文号
	Title    string     `json:"title" validate:"required,max=200,no_personal_number"`
	IssuedOn time.Time  `json:"issued_on" validate:"required"`
	Items    []MoveItem `json:"items" validate:"min=1,dive"`
}

// MoveItem is one line of it. A code or an office that is empty stays as it is.
type MoveItem struct {
	BudgetLine   ledger.BudgetLineID `json:"budget_line" validate:"min=1"`
	Amount       money.Fen           `json:"amount" validate:"fen_positive"`
	FunctionCode string              `json:"function_code"`
	EconomicCode string              `json:"economic_code"`
	Office       string              `json:"office" validate:"max=100,no_personal_number"`
}

// Move makes a document that moves money from available of benefit lines to new
// benefit lines of the same lots and year, at the same addresses, in one journal.
// Idempotent by 文号.
//
// Errors: VALID_PROBLEMS; Invalid FUNDS_MOVE_TYPE, FUNDS_MOVE_CODE,
// FUNDS_MOVE_CHANGES (a recoding changes codes and not the office, an allocation
// the office and not the codes, any other something), FUNDS_MOVE_YEARS;
// FUNDS_BUDGET_LINE_UNKNOWN; Refused FUNDS_MOVE_SOURCE (not a benefit line);
// Insufficient FUNDS_INSUFFICIENT; Refused LEDGER_LOT_STOPPED,
// LEDGER_PERIOD_CLOSED; Conflict FUNDS_NUMBER_USED.
func (s *Service) Move(ctx context.Context, cmd MoveMoney) (Moved, error) {
	who, err := auth.Require(ctx, auth.FundsImport)
	if err != nil {
		return Moved{}, err
	}
	cmd.Number = NormalNumber(cmd.Number)
	if err := s.valid.Check(cmd); err != nil {
		return Moved{}, err
	}
	switch cmd.Type {
	case Transfer, Recoding, Allocation, Correction:
	default:
		return Moved{}, errs.New(errs.Invalid, "FUNDS_MOVE_TYPE", "type", string(cmd.Type))
	}
	var moved Moved
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		var err error
		moved, err = s.move(ctx, tx, cmd, who.Login)
		return err
	})
	return moved, err
}

func (s *Service) move(ctx context.Context, tx pgx.Tx, cmd MoveMoney, actor string) (Moved, error) {
	ids, wanted := make([]ledger.BudgetLineID, len(cmd.Items)), make([]movedLine, len(cmd.Items))
	for i, item := range cmd.Items {
		ids[i] = item.BudgetLine
		wanted[i] = movedLine{from: item.BudgetLine, functionCode: item.FunctionCode, economicCode: item.EconomicCode, office: item.Office, amount: item.Amount}
	}
	sources, err := freeOf(ctx, tx, ids)
	if err != nil {
		return Moved{}, err
	}
	d := Document{Number: cmd.Number, Title: cmd.Title, Type: cmd.Type, Kind: Move, Year: sources[ids[0]].Year, IssuedOn: cmd.IssuedOn,
		ReceivedOn: cmd.IssuedOn, RecordedBy: actor, RecordedAt: s.clock.Now()}
	if moved, done, err := s.replayMove(ctx, tx, d, wanted); done || err != nil {
		return moved, err
	}
	if err := cmd.permits(sources); err != nil {
		return Moved{}, err
	}
	m, err := s.newMove(ctx, tx, d, "document."+string(cmd.Type))
	if err != nil {
		return Moved{}, err
	}
	for _, item := range cmd.Items {
		to := item.onto(sources[item.BudgetLine])
		if err := m.moveTo(ctx, sources[item.BudgetLine], to, ForBenefit, part{kind: ledger.Available, amount: item.Amount}); err != nil {
			return Moved{}, err
		}
	}
	return m.publish(ctx, events.MoneyMoved, events.Facts{Code: cmd.Number, Actor: actor, Count: len(m.lines), Name: cmd.Title})
}

// onto is the line that an item opens.
func (item MoveItem) onto(from free) Line {
	to := from.line()
	if item.FunctionCode != "" {
		to.FunctionCode = item.FunctionCode
	}
	if item.EconomicCode != "" {
		to.EconomicCode = item.EconomicCode
	}
	if item.Office != "" {
		to.Office = item.Office
	}
	return to
}

// permits refuses what is not a move of the type, or not there to be moved.
func (cmd MoveMoney) permits(sources map[ledger.BudgetLineID]free) error {
	left := map[ledger.BudgetLineID]money.Fen{}
	year := sources[cmd.Items[0].BudgetLine].Year
	for _, item := range cmd.Items {
		f := sources[item.BudgetLine]
		if _, seen := left[f.BudgetLine]; !seen {
			left[f.BudgetLine] = f.Balance
		}
		switch {
		case f.Purpose != ForBenefit:
			return errs.New(errs.Refused, "FUNDS_MOVE_SOURCE", "budget_line", f.BudgetLine)
		case f.Year != year:
			return errs.New(errs.Invalid, "FUNDS_MOVE_YEARS", "budget_line", f.BudgetLine, "year", f.Year, "other", year)
		case item.FunctionCode != "" && !functionCode.MatchString(item.FunctionCode), item.EconomicCode != "" && !economicCode.MatchString(item.EconomicCode):
			return errs.New(errs.Invalid, "FUNDS_MOVE_CODE", "function_code", item.FunctionCode, "economic_code", item.EconomicCode)
		case !cmd.Type.changes(f, item.onto(f)):
			return errs.New(errs.Invalid, "FUNDS_MOVE_CHANGES", "budget_line", f.BudgetLine, "office", f.Office, "function_code", f.FunctionCode,
				"economic_code", f.EconomicCode)
		case left[f.BudgetLine] < item.Amount:
			return insufficient(f, left[f.BudgetLine], item.Amount)
		}
		left[f.BudgetLine] -= item.Amount
	}
	return nil
}

// changes says whether a move from one line to another is of type t.
func (t Type) changes(from free, to Line) bool {
	codes, office := from.FunctionCode != to.FunctionCode || from.EconomicCode != to.EconomicCode, from.Office != to.Office
	switch t {
	case Recoding:
		return codes && !office
	case Allocation:
		return office && !codes
	default:
		return codes || office
	}
}
