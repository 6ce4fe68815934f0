package proof

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"fenlu/internal/clock"
	"fenlu/internal/db"
	"fenlu/internal/errs"
	"fenlu/ledger/proof/leaf"
)

// Kind says what a leaf is about.
type Kind string

// The kinds of leaves.
const (
	KindInstallation    Kind = "installation" // the mark of a demo database
	KindJournal         Kind = "journal"
	KindApproval        Kind = "approval"
	KindEvidence        Kind = "evidence"
	KindPolicy          Kind = "policy"
	KindPolicyLimit     Kind = "policy_limit" // what standards must keep to
	KindRule            Kind = "rule"         // a figure of a rule
	KindRelease         Kind = "release"
	KindImport          Kind = "import"
	KindDocument        Kind = "document"
	KindPeriod          Kind = "period"           // a period closed or opened again
	KindRight           Kind = "right"            // a user was added or stopped, a right given or taken
	KindDelegation      Kind = "delegation"       // a right was put into somebody else's hands
	KindChain           Kind = "chain"            // an approval chain
	KindExclusion       Kind = "exclusion"        // a row of the exclusivity matrix
	KindPublication     Kind = "publication"      // a list that was published
	KindRecovery        Kind = "recovery"         // what was done about a claim against somebody paid too much
	KindEntitlement     Kind = "entitlement"      // what was decided about an entitlement
	KindOutsideFact     Kind = "outside_fact"     // what another office knows about somebody
	KindHouseholdFact   Kind = "household_fact"   // what amounts are computed from
	KindValued          Kind = "valued_aid"       // aid in kind or service by its value
	KindVoucher         Kind = "voucher"          // a payment voucher of a batch
	KindVoucherVoid     Kind = "voucher_void"     // a payment voucher that was voided
	KindChannel         Kind = "channel"          // whether a channel is paid by vouchers
	KindAdvance         Kind = "advance"          // a decision that one level may advance money for another
	KindAdvanced        Kind = "advanced"         // the legs that a journal paid under such decisions
	KindCorrection      Kind = "correction"       // a correction of payments: other money pays what was advanced
	KindCarveoutBase    Kind = "carveout_base"    // a decision on the base of the purchased-service floor
	KindContract        Kind = "contract"         // a contract for services
	KindAcceptance      Kind = "acceptance"       // what was accepted of a contract
	KindServiceVoid     Kind = "service_void"     // a contract or an acceptance that was voided
	KindVoucherRule     Kind = "voucher_rule"     // a row of the mapping table of vouchers
	KindVoucherSetting  Kind = "voucher_setting"  // how an area keeps its books
	KindArea            Kind = "area"             // a change of an area
	KindOffice          Kind = "office"           // an office of an area
	KindArrival         Kind = "cash_arrival"     // cash of a lot that arrived
	KindReceipt         Kind = "fund_receipt"     // money that no document brought, to be remitted
	KindRemittance      Kind = "remittance"       // what of it was remitted to the treasury
	KindPassedOn        Kind = "passed_on"        // when a document was passed on
	KindUnmasking       Kind = "unmasking"        // ID and account numbers were looked at
	KindTownshipAccount Kind = "township_account" // the bank account on which a township's reserve stands
	KindTransfer        Kind = "reserve_transfer" // cash that a document sent to a township's account, or back
	KindTownshipEntry   Kind = "township_entry"   // what an entry of a township's statement is
	KindTownshipAdvance Kind = "township_advance" // what a township paid out of its own pocket first
)

// Item is what is appended: Ref is the number of the thing in its own table,
// Digest the record hash of its canonical bytes of the given Version.
type Item struct {
	Kind    Kind
	Ref     int64
	Version int
	Digest  []byte
}

// ItemOf is what is appended for a leaf about row ref of its kind.
func ItemOf(l *leaf.Leaf, ref int64) Item {
	h := l.Hash()
	return Item{Kind: Kind(l.Kind), Ref: ref, Version: l.Version, Digest: h[:]}
}

// Append writes the pending row of an item in the caller's transaction. How long
// a row waits is told by the clock of the database.
func Append(ctx context.Context, tx pgx.Tx, it Item) error {
	if err := it.check(); err != nil {
		return err
	}
	id, err := db.NextID(ctx, tx, "log_pending_id_seq")
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO log_pending (id, kind, ref, version, digest) VALUES ($1, $2, $3, $4, $5)`,
		id, it.Kind, it.Ref, it.Version, it.Digest)
	if err != nil {
		return fmt.Errorf("append to log: %w", err)
	}
	return nil
}

func (it Item) check() error {
	if len(it.Digest) != tlog.HashSize {
		return fmt.Errorf("append to log: digest of %s %d has %d bytes", it.Kind, it.Ref, len(it.Digest))
	}
	return nil
}

// AppendAll is Append of many items, such as the rows of a file, in their order.
func AppendAll(ctx context.Context, tx pgx.Tx, items []Item) error {
	for _, it := range items {
		if err := it.check(); err != nil {
			return err
		}
	}
	ids, err := db.NextNumbers(ctx, tx, "log_pending_id_seq", len(items))
	if err != nil {
		return err
	}
	_, err = db.CopyIn(ctx, tx, "log_pending", []string{"id", "kind", "ref", "version", "digest"}, len(items), func(i int) ([]any, error) {
		it := items[i]
		return []any{ids[i], string(it.Kind), it.Ref, it.Version, it.Digest}, nil
	})
	if err != nil {
		return fmt.Errorf("append to log: %w", err)
	}
	return nil
}

// Head is the number of leaves, and how many rows wait to be sequenced.
func Head(ctx context.Context, q db.Querier) (leaves, waiting int64, err error) {
	err = q.QueryRow(ctx, `SELECT next_index, (SELECT count(*) FROM log_pending) FROM log_head WHERE id = 1`).Scan(&leaves, &waiting)
	if err != nil {
		return 0, 0, fmt.Errorf("read log head: %w", err)
	}
	return leaves, waiting, nil
}

// IndexAt is the index of the last leaf sequenced at or before t, and when;
// errs.NotFound LOG_EMPTY_THEN if there was none.
func IndexAt(ctx context.Context, q db.Querier, t time.Time) (index int64, at time.Time, err error) {
	err = q.QueryRow(ctx, `SELECT leaf_index, sequenced_at FROM log_leaf WHERE sequenced_at <= $1
		ORDER BY sequenced_at DESC, leaf_index DESC LIMIT 1`, t).Scan(&index, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, at, errs.New(errs.NotFound, "LOG_EMPTY_THEN", "time", t.In(clock.Shanghai).Format(time.DateTime))
	}
	return index, at, err
}

// LeafOf is the index of the leaf of one thing; found is false while it waits.
func LeafOf(ctx context.Context, q db.Querier, kind Kind, ref int64) (index int64, found bool, err error) {
	err = q.QueryRow(ctx, `SELECT leaf_index FROM log_leaf WHERE kind = $1 AND ref = $2`, kind, ref).Scan(&index)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	return index, err == nil, err
}
