package funds

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/parties"
	"fenlu/events"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/money"
)

// RecoveryID is a recovery's number.
type RecoveryID int64

// Recovery is money that is to be got back from a person (追回): a receivable
// beside the payment, which stays as it is.
type Recovery struct {
	ID       RecoveryID       `json:"id"`
	Case     CaseID           `json:"case"` // 0: a claim for lines
	Source   RecoverySource   `json:"source"`
	Person   parties.PersonID `json:"person"`
	Amount   money.Fen        `json:"amount"`
	Reason   string           `json:"reason"`
	OpenedBy string           `json:"opened_by"`
	OpenedAt time.Time        `json:"opened_at"`
}

// RefuseCase asks to refuse the write-up of a case (补充说明不予认可): what was
// paid first is to be got back (money-rules C3).
type RefuseCase struct {
	Number string `validate:"required,max=60,no_personal_number"`
	Reason string `validate:"required,max=200,no_personal_number"`
}

// RefuseCase refuses the write-up of a case whose money has arrived and opens the
// recovery of what of it stands paid, in one transaction: what the bank returned
// nobody owes. It is for another person
// than the one who drew. The same refusal again changes nothing.
//
// Errors: VALID_PROBLEMS; NotFound RESERVE_CASE_UNKNOWN; Refused
// RESERVE_CASE_OWN, RESERVE_CASE_UNPAID; Conflict RESERVE_CASE_DOCUMENTED,
// RESERVE_CASE_REFUSED, RECOVERY_LINE_CLAIMED.
func (s *Service) RefuseCase(ctx context.Context, cmd RefuseCase) (Recovery, error) {
	who, err := auth.Require(ctx, auth.ReserveConfirm)
	if err != nil {
		return Recovery{}, err
	}
	if err := s.valid.Check(cmd); err != nil {
		return Recovery{}, err
	}
	var r Recovery
	err = run(ctx, s.db.Run, func(tx pgx.Tx) error {
		c, err := lockCase(ctx, tx, cmd.Number)
		if err != nil {
			return err
		}
		known, found, err := recoveryOf(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if found && known.OpenedBy == who.Login && known.Reason == cmd.Reason {
			r = known
			return nil
		}
		if err := refusable(ctx, tx, c, who); err != nil {
			return err
		}
		paid, err := itemsOfCase(ctx, tx, c)
		if err != nil {
			return err
		}
		r, err = s.openRecovery(ctx, tx, c, paid, cmd.Reason, who.Login)
		return err
	})
	return r, err
}

// refusable says why a write-up cannot be refused, or no longer.
func refusable(ctx context.Context, q db.Querier, c Case, who auth.Actor) error {
	switch {
	case !c.RefusedOn.IsZero():
		return errs.New(errs.Conflict, "RESERVE_CASE_REFUSED", "number", c.Number, "by", c.RefusedBy, "on", day(c.RefusedOn))
	case !c.DocumentedOn.IsZero():
		return errs.New(errs.Conflict, "RESERVE_CASE_DOCUMENTED", "number", c.Number, "by", c.DocumentedBy, "on", day(c.DocumentedOn))
	case c.ReleasedAt.IsZero():
		return errs.New(errs.Refused, "RESERVE_CASE_UNPAID", "number", c.Number)
	}
	return secondPerson(ctx, q, step{c.DrawnBy, auth.ReserveDraw, c.DrawnAt}, who, auth.ReserveConfirm,
		errs.New(errs.Refused, "RESERVE_CASE_OWN", "number", c.Number, "actor", c.DrawnBy))
}

// openRecovery opens the claim for what is paid of a case. Errors:
// RESERVE_CASE_UNPAID.
func (s *Service) openRecovery(ctx context.Context, tx pgx.Tx, c Case, paid []RecoveryItem, reason, actor string) (Recovery, error) {
	var amount money.Fen
	for _, i := range paid {
		amount += i.Amount // of one case, which is a sum of money
	}
	if amount == 0 {
		return Recovery{}, errs.New(errs.Refused, "RESERVE_CASE_UNPAID", "number", c.Number)
	}
	id, err := db.NextID(ctx, tx, "recovery_id_seq")
	if err != nil {
		return Recovery{}, err
	}
	r := Recovery{ID: RecoveryID(id), Case: c.ID, Source: FromCase, Person: c.Person, Amount: amount, Reason: reason, OpenedBy: actor, OpenedAt: s.clock.Now()}
	_, err = tx.Exec(ctx, `INSERT INTO recovery (id, reserve_case, person, amount_fen, reason, opened_by, opened_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, r.ID, r.Case, r.Person, r.Amount, r.Reason, r.OpenedBy, r.OpenedAt)
	if err != nil {
		return Recovery{}, fmt.Errorf("open recovery of case %s: %w", c.Number, err)
	}
	if _, err := tx.Exec(ctx, `UPDATE reserve_case SET refused_on = $2, refused_by = $3 WHERE id = $1`, c.ID, s.today(), actor); err != nil {
		return Recovery{}, fmt.Errorf("refuse case %s: %w", c.Number, err)
	}
	if err := s.claimCase(ctx, tx, r, c, paid); err != nil {
		return Recovery{}, err
	}
	return r, events.Publish(ctx, tx, events.Event{Topic: events.RecoveryOpened, Subject: "recovery:" + strconv.FormatInt(id, 10),
		Facts: events.Facts{Code: c.Number, Actor: actor, Count: 1, Amount: r.Amount, Reason: reason}}, r.OpenedAt)
}

// lockCase finds a case and keeps others from deciding on it meanwhile.
func lockCase(ctx context.Context, tx pgx.Tx, number string) (Case, error) {
	found, err := collect(ctx, tx, "case "+number, scanCase, `SELECT `+caseColumns+` FROM reserve_case WHERE number = $1 FOR UPDATE`, number)
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "RESERVE_CASE_UNKNOWN", "number", number)
	}
	if err != nil {
		return Case{}, err
	}
	return found[0], nil
}

const recoveryColumns = `id, coalesce(reserve_case, 0), source, person, amount_fen, reason, opened_by, opened_at`

func scanRecovery(row pgx.CollectableRow) (Recovery, error) {
	var r Recovery
	err := row.Scan(&r.ID, &r.Case, &r.Source, &r.Person, &r.Amount, &r.Reason, &r.OpenedBy, &r.OpenedAt)
	return r, err
}

func recoveryOf(ctx context.Context, q db.Querier, c CaseID) (Recovery, bool, error) {
	rows, err := q.Query(ctx, `SELECT `+recoveryColumns+` FROM recovery WHERE reserve_case = $1`, c)
	if err != nil {
		return Recovery{}, false, fmt.Errorf("find recovery: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRecovery)
	if errors.Is(err, pgx.ErrNoRows) {
		return Recovery{}, false, nil
	}
	if err != nil {
		return Recovery{}, false, fmt.Errorf("find recovery: %w", err)
	}
	return r, true, nil
}
