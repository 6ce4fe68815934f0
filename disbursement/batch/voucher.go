package batch

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/auth"
	"fenlu/disbursement/payment"
	"fenlu/events"
	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
	"fenlu/money"
)

// NewVoucher is a payment voucher (支付凭证) about to be recorded.
type NewVoucher struct {
	Number     string              `json:"number" validate:"required,max=60,no_personal_number"` // 凭证号
	Dated      time.Time           `json:"dated" validate:"required"`
	BudgetLine ledger.BudgetLineID `json:"budget_line" validate:"min=1"`
	Amount     money.Fen           `json:"amount" validate:"fen_positive"`
}

// Voucher is a payment voucher of a batch: what the treasury is asked to pay
// from a budget line.
type Voucher struct {
	ID    int64 `json:"id"`
	Batch ID    `json:"batch"`
	NewVoucher
	RecordedBy string    `json:"recorded_by"`
	RecordedAt time.Time `json:"recorded_at"`
	Voided     *Void     `json:"voided,omitempty"`
	Replay     bool      `json:"replay"`
}

// Void is the voiding (作废) of a payment voucher: it covers nothing since, and its
// number is not used again.
type Void struct {
	Voucher  int64     `json:"-"`
	Reason   string    `json:"reason"`
	VoidedBy string    `json:"voided_by"`
	VoidedAt time.Time `json:"voided_at"`
}

// VoucherLeaf is the leaf of a payment voucher.
func VoucherLeaf(v Voucher) *leaf.Leaf {
	return leaf.New(string(proof.KindVoucher), 1).Int("id", v.ID).Int("batch", int64(v.Batch)).Text("number", v.Number).Date("dated", v.Dated).
		Int("budget_line", int64(v.BudgetLine)).Int("amount_fen", int64(v.Amount)).Text("recorded_by", v.RecordedBy).Time("recorded_at", v.RecordedAt)
}

// VoidLeaf is the leaf of the voiding of a payment voucher.
func VoidLeaf(v Void) *leaf.Leaf {
	return leaf.New(string(proof.KindVoucherVoid), 1).Int("voucher", v.Voucher).Text("reason", v.Reason).Text("voided_by", v.VoidedBy).
		Time("voided_at", v.VoidedAt)
}

// AddVoucher records a payment voucher of an approved batch. The same again
// changes nothing. Errors: AUTH_RIGHT_MISSING; VALID_PROBLEMS; BATCH_STATE
// (Refused) before approval and after release; BATCH_VOUCHER_LINE (Invalid) for
// a budget line that pays nothing of the batch; BATCH_VOUCHER_OVER (Refused)
// above what is frozen there; BATCH_VOUCHER_USED, BATCH_VOUCHER_VOIDED (Conflict).
func (s *Service) AddVoucher(ctx context.Context, code string, n NewVoucher) (Voucher, error) {
	if err := s.valid.Check(n); err != nil {
		return Voucher{}, err
	}
	n.Dated = clock.Date(n.Dated)
	var out Voucher
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		actor, err := auth.Require(ctx, auth.BatchMake)
		if err != nil {
			return err
		}
		known, err := voucherByNumber(ctx, tx, n.Number, n.BudgetLine)
		if err != nil {
			return err
		}
		if known.ID != 0 {
			out, out.Replay = known, true
			return known.same(b, n)
		}
		if b.State != Approved {
			return errs.New(errs.Refused, "BATCH_VOUCHER_STATE", "batch", b.Code, "state", b.State.Name(i18n.ZH))
		}
		if err := fitsFrozen(ctx, tx, b, n); err != nil {
			return err
		}
		out = Voucher{Batch: b.ID, NewVoucher: n, RecordedBy: actor.Login, RecordedAt: s.clock.Now().Truncate(time.Microsecond)}
		if out.ID, err = insertVoucher(ctx, tx, out); err != nil {
			return err
		}
		return s.publish(ctx, tx, b, events.VoucherRecorded, events.Facts{Name: n.Number, Actor: actor.Name, Count: 1, Amount: n.Amount})
	})
	return out, err
}

// VoidVoucher voids a payment voucher of a batch that is not released yet: it was
// wrong, or lines were withheld since, so that another takes its place. Again, it
// changes nothing. Errors: AUTH_RIGHT_MISSING; VALID_PROBLEMS; BATCH_VOUCHER_NONE
// (NotFound); BATCH_STATE (Refused) after release.
func (s *Service) VoidVoucher(ctx context.Context, code, number string, line ledger.BudgetLineID, reason string) (Voucher, error) {
	reason = strings.TrimSpace(reason)
	if err := s.valid.Check(struct {
		Reason string `name:"reason" validate:"required,max=200,no_personal_number"`
	}{reason}); err != nil {
		return Voucher{}, err
	}
	var out Voucher
	err := s.change(ctx, code, func(tx pgx.Tx, b Batch) error {
		actor, err := auth.Require(ctx, auth.BatchMake)
		if err != nil {
			return err
		}
		v, err := voucherByNumber(ctx, tx, number, line)
		if err != nil {
			return err
		}
		if v.ID == 0 || v.Batch != b.ID {
			return errs.New(errs.NotFound, "BATCH_VOUCHER_NONE", "batch", b.Code, "number", number, "budget_line", int64(line))
		}
		if out = v; v.Voided != nil {
			out.Replay = true
			return nil
		}
		if b.State != Approved {
			return errs.New(errs.Refused, "BATCH_VOUCHER_STATE", "batch", b.Code, "state", b.State.Name(i18n.ZH))
		}
		out.Voided = &Void{Voucher: v.ID, Reason: reason, VoidedBy: actor.Login, VoidedAt: s.clock.Now().Truncate(time.Microsecond)}
		if err := insertVoid(ctx, tx, *out.Voided); err != nil {
			return err
		}
		return s.publish(ctx, tx, b, events.VoucherVoided, events.Facts{Name: number, Actor: actor.Name, Count: 1, Amount: v.Amount, Reason: reason})
	})
	return out, err
}

// same refuses a number that is on record with other content, or voided.
func (v Voucher) same(b Batch, n NewVoucher) error {
	if v.Voided != nil {
		return errs.New(errs.Conflict, "BATCH_VOUCHER_VOIDED", "number", v.Number, "by", v.Voided.VoidedBy, "reason", v.Voided.Reason)
	}
	if v.Batch == b.ID && v.Dated.Equal(n.Dated) && v.Amount == n.Amount {
		return nil
	}
	return errs.New(errs.Conflict, "BATCH_VOUCHER_USED", "number", v.Number, "amount", v.Amount.Grouped(), "by", v.RecordedBy)
}

// Covered is what the vouchers of a budget line come to beside what is frozen
// there.
type Covered struct {
	BudgetLine ledger.BudgetLineID `json:"budget_line"`
	Document   string              `json:"document"` // 文号
	Frozen     money.Fen           `json:"frozen"`
	Vouchers   money.Fen           `json:"vouchers"`
}

func fitsFrozen(ctx context.Context, tx pgx.Tx, b Batch, n NewVoucher) error {
	all, err := CoveredBy(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(c Covered) bool { return c.BudgetLine == n.BudgetLine })
	if i < 0 {
		return errs.New(errs.Invalid, "BATCH_VOUCHER_LINE", "batch", b.Code, "budget_line", int64(n.BudgetLine))
	}
	sum, err := money.Add(all[i].Vouchers, n.Amount)
	if err != nil {
		return err
	}
	if sum > all[i].Frozen {
		return errs.New(errs.Refused, "BATCH_VOUCHER_OVER", "batch", b.Code, "document", all[i].Document, "frozen", all[i].Frozen.Grouped(),
			"vouchers", sum.Grouped(), "over", (sum - all[i].Frozen).Grouped())
	}
	return nil
}

// NeedVouchers says whether a channel's batches are released by payment vouchers
// only; each change is a row with its leaf. Emergencies are paid in one act from a
// reserve that the treasury has filled before: their channel takes no vouchers.
// Errors: AUTH_RIGHT_MISSING, BATCH_VOUCHER_EMERGENCY (Refused), PAYMENT_CHANNEL
// (NotFound).
func (s *Service) NeedVouchers(ctx context.Context, channel string, needed bool) error {
	actor, err := auth.Require(ctx, auth.PolicyImport)
	if err != nil {
		return err
	}
	if needed && channel == emergencyChannel {
		return errs.New(errs.Refused, "BATCH_VOUCHER_EMERGENCY", "channel", channel)
	}
	n := payment.VoucherNeed{Channel: channel, Needed: needed, RecordedBy: actor.Login, RecordedAt: s.clock.Now().Truncate(time.Microsecond)}
	return s.db.Run(ctx, func(tx pgx.Tx) error { return payment.NeedVouchersTx(ctx, tx, n) })
}

// Channels lists the channels by code.
func Channels(ctx context.Context, q db.Querier) ([]payment.Channel, error) {
	return payment.Channels(ctx, q)
}

// vouched refuses a release before its vouchers come to what it pays from each
// budget line, where the channel wants vouchers. Errors: BATCH_VOUCHERS
// (Refused) with a Field for each line that differs.
func vouched(ctx context.Context, tx pgx.Tx, b Batch) error {
	channel, err := payment.ChannelByCode(ctx, tx, b.Channel)
	if err != nil || !channel.NeedsVoucher {
		return err
	}
	all, err := CoveredBy(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	var wrong []errs.Field
	for _, c := range all {
		if c.Frozen != c.Vouchers {
			wrong = append(wrong, errs.Field{Value: c.Document, Code: "BATCH_VOUCHERS_LINE",
				Args: errs.Pairs("budget_line", int64(c.BudgetLine), "frozen", c.Frozen.Grouped(), "vouchers", c.Vouchers.Grouped())})
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	e := errs.New(errs.Refused, "BATCH_VOUCHERS", "batch", b.Code, "channel", channel.NameZH, "count", len(wrong))
	e.Fields = wrong
	return e
}
