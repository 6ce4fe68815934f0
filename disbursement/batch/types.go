package batch

import (
	"encoding/hex"
	"time"

	"fenlu/disbursement/terms"
	"fenlu/internal/errs"
	"fenlu/ledger"
	"fenlu/money"
)

// ID names a batch (批次).
type ID int64

// LineID names an entitlement line (应发明细).
type LineID int64

// ListID names a small list (小名单).
type ListID int64

// Kind says where a batch's lines come from and which money pays them.
type Kind string

// The kinds.
const (
	Roster    Kind = "roster"    // 花名册批次: the program's pool pays
	Emergency Kind = "emergency" // 急难备用金: one case, a township's reserve pays
	BackPay   Kind = "backpay"   // 补发批次: what a raised standard adds to paid months; lives as a roster
)

// Batch is one program, office and period of lines. Lines and Amount are the
// list's as it was made; what small lists took out is not subtracted.
type Batch struct {
	ID         ID               `json:"id"`
	Code       string           `json:"code"`
	No         int64            `json:"no"` // counts the office's batches without a gap
	Kind       Kind             `json:"kind"`
	Program    string           `json:"program"`
	Office     string           `json:"office"` // office code in the banks' ids, A-Z0-9
	Period     terms.Month      `json:"period"`
	Channel    string           `json:"channel"`
	State      State            `json:"state"`
	ImportFile int64            `json:"-"`
	Source     ledger.AccountID `json:"-"` // the reserve of an emergency, or 0
	Lines      int              `json:"lines"`
	Amount     money.Fen        `json:"amount"`
	Digest     Digest           `json:"digest"` // of the list as it was submitted; empty before
	Maker      string           `json:"maker"`
	CreatedAt  time.Time        `json:"created_at"`
}

// LineStatus is what a person decided about a line; frozen, sent and paid
// follow from its legs.
type LineStatus string

// The statuses.
const (
	Listed    LineStatus = "listed"    // 在册
	Withheld  LineStatus = "withheld"  // 暂缓: its money is given back, its once-key stays
	Withdrawn LineStatus = "withdrawn" // 撤出: neither money nor once-key
)

// Line is an entitlement line (应发明细). Exactly one of Person and Unit is the
// beneficiary; Payee is a person or a unit; Account is the version of the
// payee's account the money goes to, 0 while there is none.
type Line struct {
	ID        LineID
	No        int32
	Component string
	Class     string
	Person    int64
	Household int64
	Unit      int64
	Payee     int64
	Role      terms.PayeeRole
	Account   int64
	Township  string
	Residence string
	Month     terms.Month
	Occasion  string
	Policy    int32
	Amount    money.Fen
	Status    LineStatus
}

// Subject is who the line covers: the number the once-key is kept under.
func (l Line) Subject() int64 {
	if l.Person != 0 {
		return l.Person
	}
	return l.Unit
}

// Digest is SHA-256 of the canonical bytes of a list (清单摘要).
type Digest []byte

// String is the digest in hex, as it is printed on the approval sheet.
func (d Digest) String() string { return hex.EncodeToString(d) }

// MarshalText writes the digest in hex.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Digest) UnmarshalText(text []byte) error {
	parsed, err := ParseDigest(string(text))
	*d = parsed
	return err
}

// ParseDigest reads a digest as it was shown. Errors: BATCH_DIGEST (Invalid).
func ParseDigest(s string) (Digest, error) {
	d, err := hex.DecodeString(s)
	if err != nil || (len(d) != 32 && len(d) != 0) {
		return nil, errs.New(errs.Invalid, "BATCH_DIGEST", "value", s)
	}
	return d, nil
}
