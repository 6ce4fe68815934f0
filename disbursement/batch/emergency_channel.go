package batch

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/areas"
	"fenlu/disbursement/funds"
	"fenlu/disbursement/payment"
	"fenlu/internal/clock"
	"fenlu/internal/errs"
)

// channelOf is the channel that pays a case: out of the township's hand; from the
// township's own account where its reserve is cash; else the county's for reserves.
func (s *Service) channelOf(ctx context.Context, tx pgx.Tx, form funds.DrawForm, township string) (string, error) {
	switch form {
	case funds.InCash:
		return cashChannel, nil
	case funds.InGoods:
		return goodsChannel, nil
	case funds.ByTransfer, funds.Advanced:
	}
	a, cash, err := s.cashAccount(ctx, tx, township)
	if cash {
		return a.Channel, err
	}
	return emergencyChannel, err
}

// cashAccount is the account of a township, or of the one that it is part of by now.
func (s *Service) cashAccount(ctx context.Context, tx pgx.Tx, township string) (funds.TownshipAccount, bool, error) {
	today := clock.Date(s.clock.Now())
	merged, err := areas.MapOn(ctx, tx, today)
	if err != nil {
		return funds.TownshipAccount{}, false, err
	}
	return s.funds.CashAccount(ctx, tx, merged.Of(funds.Area12(township)), today)
}

// sameChannel refuses a case whose township pays by another channel than when it was
// drawn. Where the reserve is cash, draws on the account wait for each other here: what
// is on its way is no row that the ledger could refuse by.
//
// Errors: BATCH_CASE_CHANNEL (Refused).
func (s *Service) sameChannel(ctx context.Context, tx pgx.Tx, b Batch, c funds.Case) error {
	channel, err := s.channelOf(ctx, tx, c.Form, c.Township)
	if err == nil && channel != b.Channel {
		err = errs.New(errs.Refused, "BATCH_CASE_CHANNEL", "case", c.Number, "drawn", b.Channel, "now", channel)
	}
	if err != nil {
		return err
	}
	a, cash, err := s.cashAccount(ctx, tx, c.Township)
	if err != nil || !cash {
		return err
	}
	return payment.LockChannel(ctx, tx, a.Channel)
}

// NewTownshipAccount asks to put on record on which bank account a township's reserve
// stands as cash (开立乡镇备用金账户).
type NewTownshipAccount struct {
	Township string    `name:"township" validate:"area12"`
	Account  string    `name:"account" validate:"required,max=34,number"`
	Holder   string    `name:"holder" validate:"required,max=70,no_personal_number"`
	Agent    string    `name:"agent" validate:"len=12,number"` // 联行号
	Document string    `name:"document" validate:"required,max=80,no_personal_number"`
	OpenedOn time.Time `name:"opened_on" validate:"required"`
}

// OpenTownshipAccount records the account and opens the channel that pays from it, in
// the format of the county's channel for reserves. Whether a township's reserve is cash
// is said by the rule of its area, not by this. The same again changes nothing.
//
// Errors: AUTH_RIGHT_MISSING; VALID_PROBLEMS; Conflict RESERVE_ACCOUNT_TAKEN.
func (s *Service) OpenTownshipAccount(ctx context.Context, cmd NewTownshipAccount) (a funds.TownshipAccount, replay bool, err error) {
	actor, err := auth.Require(ctx, auth.ReserveAllocate)
	if err != nil {
		return a, false, err
	}
	cmd.Township = funds.Area12(cmd.Township)
	if err := s.valid.Check(cmd); err != nil {
		return a, false, err
	}
	code := emergencyChannel + cmd.Township[:9]
	err = s.db.Run(ctx, func(tx pgx.Tx) error {
		a, replay, err = s.funds.RecordTownshipAccountTx(ctx, tx, funds.TownshipAccount{Township: cmd.Township, Channel: code, Account: cmd.Account,
			Holder: cmd.Holder, Agent: cmd.Agent, Document: cmd.Document, OpenedOn: cmd.OpenedOn, RecordedBy: actor.Login})
		if err != nil || replay {
			return err
		}
		like, err := payment.ChannelByCode(ctx, tx, emergencyChannel)
		if err != nil {
			return err
		}
		like.Code, like.NameZH, like.NameEN = code, cmd.Holder, "Township reserve account "+cmd.Township
		like.DebtorName, like.DebtorAccount, like.DebtorAgent = cmd.Holder, cmd.Account, cmd.Agent
		return payment.OpenChannelTx(ctx, tx, like)
	})
	return a, replay, err
}
