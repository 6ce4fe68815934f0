package funds

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/areas"
	"fenlu/disbursement/parties"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/ident"
	"fenlu/money"
)

// CaseID is a reserve case's number inside.
type CaseID int64

// Case is an emergency that is paid from a reserve before its papers are
// complete (先行救助, 事后补充说明).
type Case struct {
	ID           CaseID
	Number       string           `validate:"required,max=60,no_personal_number"` // 案号
	Township     string           `validate:"area12"`
	Person       parties.PersonID `validate:"min=1"`
	Reason       string           `validate:"required,max=200,no_personal_number"` // no personal data
	Amount       money.Fen        `validate:"fen_positive"`
	ReportedAt   time.Time        `validate:"required"`
	DrawnBy      string           `validate:"required,max=60"` // login
	DrawnAt      time.Time        // zero: now
	DocumentDue  time.Time        // day by which the write-up is due
	DocumentedOn time.Time        // zero: not written up yet
	DocumentedBy string
	PayDue       time.Time // by which the money is to be on its way; zero: the case is older than the rule
	ConfirmDue   time.Time // until when the second person may confirm; zero: as above
	ReleasedAt   time.Time // when the money left in a file; zero: not yet
	RefusedOn    time.Time // the write-up was refused; zero: it was not
	RefusedBy    string
	Batch        int64 // the small batch that pays it; 0: not yet known
	Handover           // how it is paid
}

// RecordCase records a case in the caller's transaction, which also draws the
// money, and says on which accounts the township's reserve stands. The case is
// of the year in which it is drawn. The same case again changes nothing.
//
// Errors: VALID_PROBLEMS; Invalid RESERVE_CASE_DATES (reported after it was
// drawn); RESERVE_NONE (the township has no reserve); RESERVE_NO_RULE and
// RULE_NONE (no hours or days are on record); Refused RESERVE_CASE_LIMIT; Insufficient RESERVE_BALANCE (early word: what counts is
// the ledger's refusal when the money is drawn); Conflict RESERVE_CASE_TAKEN,
// RESERVE_RECEIPT_USED with the case that has it; Invalid RESERVE_HANDOVER with what a
// handover lacks.
func (s *Service) RecordCase(ctx context.Context, tx pgx.Tx, c Case) (Case, Reserve, error) {
	c.Township = Area12(c.Township)
	if c.DrawnAt.IsZero() {
		c.DrawnAt = s.clock.Now()
	}
	c.DrawnAt, c.PaidAt = c.DrawnAt.Truncate(time.Microsecond), c.PaidAt.Truncate(time.Microsecond)
	c.Form = cmp.Or(c.Form, ByTransfer)
	if err := s.valid.Check(c); err != nil {
		return Case{}, Reserve{}, err
	}
	if err := c.complete(c.Number); err != nil {
		return Case{}, Reserve{}, err
	}
	drawn := clock.Date(c.DrawnAt)
	if c.ReportedAt.After(c.DrawnAt) || c.Form == Advanced && (c.PaidAt.Before(c.ReportedAt) || c.PaidAt.After(c.DrawnAt)) {
		return Case{}, Reserve{}, errs.New(errs.Invalid, "RESERVE_CASE_DATES", "number", c.Number)
	}
	merged, err := areas.MapOn(ctx, tx, drawn)
	if err != nil {
		return Case{}, Reserve{}, err
	}
	c.Township = merged.Of(c.Township)
	reserve, err := s.Reserve(ctx, tx, c.Township, drawn.Year())
	if err != nil {
		return Case{}, Reserve{}, err
	}
	known, found, err := caseByNumber(ctx, tx, c.Number)
	if err != nil || found {
		before := known
		before.Township = merged.Of(known.Township)
		return known, reserve, sameCase(before, c, err)
	}
	if err := c.otherReceipt(ctx, tx); err != nil {
		return Case{}, Reserve{}, err
	}
	if err := s.permitsCase(ctx, tx, c, drawn.Year(), reserve); err != nil {
		return Case{}, Reserve{}, err
	}
	if err := c.setClocks(ctx, tx, drawn); err != nil {
		return Case{}, Reserve{}, err
	}
	id, err := db.NextID(ctx, tx, "reserve_case_id_seq")
	if err != nil {
		return Case{}, Reserve{}, err
	}
	c.ID = CaseID(id)
	err = insertCase(ctx, tx, c)
	if name, _ := db.Violation(err); name == "reserve_case_receipt" {
		err = errs.Wrap(err, errs.Conflict, "RESERVE_RECEIPT_TAKEN", "number", c.Number, "receipt", c.ReceiptName) // by somebody at the same moment
	}
	if err == nil {
		err = c.advance(ctx, tx)
	}
	return c, reserve, err
}

// otherReceipt refuses a receipt that another case has, by its number.
func (c Case) otherReceipt(ctx context.Context, q db.Querier) error {
	if c.Form == ByTransfer {
		return nil
	}
	found, err := collect(ctx, q, "case of a receipt", scanCase, `SELECT `+caseColumns+` FROM reserve_case
		WHERE receipt_sha256 = $1 AND form <> 'transfer' AND NOT given_up`, c.ReceiptSHA256)
	if err != nil || len(found) == 0 {
		return err
	}
	first := found[0]
	return errs.New(errs.Conflict, "RESERVE_RECEIPT_USED", "number", c.Number, "receipt", c.ReceiptName, "first", first.Number, "amount", first.Amount.Grouped(),
		"by", first.DrawnBy, "on", day(clock.Date(first.DrawnAt)))
}

// sameCase refuses a number that is on record with other content.
func sameCase(known, c Case, err error) error {
	if err != nil {
		return err
	}
	if known.Township != c.Township || known.Person != c.Person || known.Amount != c.Amount || known.Reason != c.Reason || !known.same(c.Handover) ||
		(c.Batch != 0 && known.Batch != 0 && known.Batch != c.Batch) {
		return errs.New(errs.Conflict, "RESERVE_CASE_TAKEN", "number", c.Number, "amount", known.Amount.Grouped(), "by", known.DrawnBy,
			"on", day(clock.Date(known.DrawnAt)))
	}
	return nil
}

func (s *Service) permitsCase(ctx context.Context, tx pgx.Tx, c Case, year int, reserve Reserve) error {
	area, _ := ident.CheckArea(c.Township)
	rule, err := reserveRule(ctx, tx, string(area.Of(ident.County)), year)
	if err != nil {
		return err
	}
	if c.Amount > rule.CaseLimit {
		return errs.New(errs.Refused, "RESERVE_CASE_LIMIT", "number", c.Number, "amount", c.Amount.Grouped(), "limit", rule.CaseLimit.Grouped(),
			"over", (c.Amount - rule.CaseLimit).Grouped(), "document", rule.Document)
	}
	if c.Amount > reserve.Free() && c.Form != Advanced { // who was helped has the money: the township waits
		return errs.New(errs.Insufficient, "RESERVE_BALANCE", "township", c.Township, "free", reserve.Free().Grouped(),
			"asked", c.Amount.Grouped(), "missing", (c.Amount - reserve.Free()).Grouped())
	}
	return nil
}

// LinkCase says which small batch pays a case, in the caller's transaction. A
// case is linked once. Errors: RESERVE_CASE_UNKNOWN (NotFound); Conflict
// RESERVE_CASE_LINKED.
func (s *Service) LinkCase(ctx context.Context, tx pgx.Tx, number string, batch int64) error {
	tag, err := tx.Exec(ctx, `UPDATE reserve_case SET batch = $2 WHERE number = $1 AND (batch IS NULL OR batch = $2)`, number, batch)
	if err != nil {
		return fmt.Errorf("link case %s: %w", number, err)
	}
	if tag.RowsAffected() == 1 {
		return nil
	}
	known, err := s.CaseByNumber(ctx, tx, number)
	if err != nil {
		return err
	}
	return errs.New(errs.Conflict, "RESERVE_CASE_LINKED", "number", number, "batch", known.Batch)
}

// GiveUpCase says that the small batch of a case was cancelled before it was paid: its
// receipt may be that of the case recorded in its place; its number stays used.
func (s *Service) GiveUpCase(ctx context.Context, tx pgx.Tx, number string) error {
	if _, err := tx.Exec(ctx, `UPDATE reserve_case SET given_up = true WHERE number = $1`, number); err != nil {
		return fmt.Errorf("give up case %s: %w", number, err)
	}
	return nil
}

// DocumentCase records that a case is written up (补充说明). Doing it again by
// the same person changes nothing. Errors: RESERVE_CASE_UNKNOWN (NotFound);
// Conflict RESERVE_CASE_DOCUMENTED, RESERVE_CASE_REFUSED.
func (s *Service) DocumentCase(ctx context.Context, number string) (Case, error) {
	who, err := auth.Require(ctx, auth.ReserveDraw)
	if err != nil {
		return Case{}, err
	}
	var c Case
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE reserve_case SET documented_on = $2, documented_by = $3
			WHERE number = $1 AND documented_on IS NULL AND refused_on IS NULL`, number, s.today(), who.Login)
		if err != nil {
			return fmt.Errorf("document case %s: %w", number, err)
		}
		if c, err = s.CaseByNumber(ctx, tx, number); err != nil {
			return err
		}
		if !c.RefusedOn.IsZero() {
			return errs.New(errs.Conflict, "RESERVE_CASE_REFUSED", "number", number, "by", c.RefusedBy, "on", day(c.RefusedOn))
		}
		if tag.RowsAffected() == 0 && c.DocumentedBy != who.Login {
			return errs.New(errs.Conflict, "RESERVE_CASE_DOCUMENTED", "number", number, "by", c.DocumentedBy, "on", day(c.DocumentedOn))
		}
		return nil
	})
	return c, err
}

// CaseByNumber finds a case. Errors: RESERVE_CASE_UNKNOWN (NotFound).
func (s *Service) CaseByNumber(ctx context.Context, q db.Querier, number string) (Case, error) {
	c, found, err := caseByNumber(ctx, q, number)
	if err == nil && !found {
		err = errs.New(errs.NotFound, "RESERVE_CASE_UNKNOWN", "number", number)
	}
	return c, err
}

// OverdueCases lists the cases whose write-up is overdue, the longest first. A
// case that was given up before it was paid needs none.
func (s *Service) OverdueCases(ctx context.Context, q db.Querier) ([]Case, error) {
	return collect(ctx, q, "overdue cases", scanCase, `SELECT `+caseColumns+` FROM reserve_case
		WHERE documented_on IS NULL AND refused_on IS NULL AND document_due < $1 AND`+notCancelled+` ORDER BY document_due, id`, s.today())
}
