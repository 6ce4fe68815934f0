package payment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fenlu/internal/check"
	"fenlu/internal/db"
	"fenlu/ledger/proof"
	"fenlu/ledger/proof/leaf"
)

// VoucherNeed says that a channel's batches are released by payment vouchers
// (支付凭证) only, or are not any more.
type VoucherNeed struct {
	ID         int64
	Channel    string
	Needed     bool
	RecordedBy string
	RecordedAt time.Time
}

// VoucherNeedLeaf is the leaf of it.
func VoucherNeedLeaf(n VoucherNeed) *leaf.Leaf {
	needed := int64(0)
	if n.Needed {
		needed = 1
	}
	return leaf.New(string(proof.KindChannel), 1).Int("id", n.ID).Text("channel", n.Channel).Int("needs_voucher", needed).
		Text("recorded_by", n.RecordedBy).Time("recorded_at", n.RecordedAt)
}

// NeedVouchersTx records it and changes the channel; nothing where it is so
// already. Errors: PAYMENT_CHANNEL (NotFound).
func NeedVouchersTx(ctx context.Context, tx pgx.Tx, n VoucherNeed) error {
	tag, err := tx.Exec(ctx, `UPDATE channel SET needs_voucher = $2 WHERE code = $1 AND needs_voucher <> $2`, n.Channel, n.Needed)
	if err != nil {
		return fmt.Errorf("channel %s: %w", n.Channel, err)
	}
	if tag.RowsAffected() == 0 {
		_, err := ChannelByCode(ctx, tx, n.Channel)
		return err
	}
	if n.ID, err = db.NextID(ctx, tx, "channel_voucher_id_seq"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO channel_voucher (id, channel, needed, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5)`,
		n.ID, n.Channel, n.Needed, n.RecordedBy, n.RecordedAt)
	if err != nil {
		return fmt.Errorf("record vouchers of channel %s: %w", n.Channel, err)
	}
	return proof.Append(ctx, tx, proof.ItemOf(VoucherNeedLeaf(n), n.ID))
}

var voucherNeedChecks = []check.Query{
	proof.Orphans("channel_leaf", proof.KindChannel, "channel_voucher"),
	{Promise: 10, Check: "channel_leaf", SQL: `
		SELECT 'channel ' || c.code, CASE WHEN c.needs_voucher THEN 'wants' ELSE 'wants no' END || ' vouchers, on record it was last said otherwise'
		FROM channel c LEFT JOIN channel_voucher v ON v.channel = c.code AND v.id = (SELECT max(n.id) FROM channel_voucher n WHERE n.channel = c.code)
		WHERE c.needs_voucher <> coalesce(v.needed, false) ORDER BY c.code`},
}

// verifyVoucherNeeds makes the leaf of every row again.
func verifyVoucherNeeds(ctx context.Context, q db.Querier) ([]check.Finding, error) {
	rows, err := q.Query(ctx, `SELECT v.id, v.channel, v.needed, v.recorded_by, v.recorded_at, l.digest
		FROM channel_voucher v LEFT JOIN logged l ON l.kind = 'channel' AND l.ref = v.id ORDER BY v.id`)
	if err != nil {
		return nil, fmt.Errorf("read vouchers of channels: %w", err)
	}
	return proof.Recheck(rows, "channel_leaf", func(row pgx.CollectableRow) (proof.Row, error) {
		var n VoucherNeed
		var logged []byte
		err := row.Scan(&n.ID, &n.Channel, &n.Needed, &n.RecordedBy, &n.RecordedAt, &logged)
		return proof.Row{Name: fmt.Sprintf("channel_voucher %d", n.ID), Leaf: VoucherNeedLeaf(n), Logged: logged}, err
	})
}
