package funds

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"time"

	"fenlu/disbursement/parties"
	"fenlu/internal/errs"
)

// DrawForm is how a case is paid out of a reserve (支用形式).
type DrawForm string

// The forms.
const (
	ByTransfer DrawForm = "transfer" // 转账: the townships' account pays the payee's
	InCash     DrawForm = "cash"     // 现金: out of the township's hand, against a receipt
	InGoods    DrawForm = "goods"    // 实物: what was bought and handed over, valued
	Advanced   DrawForm = "advanced" // 垫付: the township paid in cash before, and is paid back
)

// Handover is how a case is paid, and what shows that it was (领款单、收据). A
// transfer has nothing of it but its form: its evidence is the bank's.
type Handover struct {
	Form          DrawForm `json:"form" validate:"oneof=transfer cash goods advanced"`
	ReceiptSHA256 []byte   `json:"-"`                                             // of the image
	ReceiptName   string   `json:"receipt" validate:"max=120,no_personal_number"` // its file
	Witness       string   `json:"witness" validate:"max=40,no_personal_number"`  // 见证人: who saw it
	Goods         string   `json:"goods" validate:"max=120,no_personal_number"`   // 物品: what, in kind
	Supplier      string   `json:"supplier" validate:"max=80,no_personal_number"` // 供货单位, in kind

	Unit   parties.UnitID `json:"-"`                // 垫付单位: which is paid back
	PaidAt time.Time      `json:"paid_at,omitzero"` // when it handed the money over
}

// ByHand says whether it is handed over out of the reserve, through no bank.
func (h Handover) ByHand() bool { return h.Form == InCash || h.Form == InGoods }

// Text is what its evidence says besides the image.
func (h Handover) Text() string {
	parts := []string{"见证人：" + h.Witness}
	if h.Form == InGoods {
		parts = append(parts, "物品："+h.Goods, "供货单位："+h.Supplier)
	}
	return strings.Join(parts, "；")
}

func (h Handover) same(o Handover) bool {
	return h.Form == o.Form && bytes.Equal(h.ReceiptSHA256, o.ReceiptSHA256) && h.Witness == o.Witness && h.Goods == o.Goods && h.Supplier == o.Supplier &&
		h.Unit == o.Unit && h.PaidAt.Equal(o.PaidAt)
}

// complete refuses a handover that lacks what shows it, and a transfer that has
// it: all of it at once. Errors: RESERVE_HANDOVER (Invalid).
func (h Handover) complete(number string) error {
	receipt, goods, advanced := h.Form != ByTransfer, h.Form == InGoods, h.Form == Advanced
	e := errs.New(errs.Invalid, "RESERVE_HANDOVER", "number", number)
	for _, f := range []struct {
		field, value  string
		given, wanted bool
	}{
		{"receipt", h.ReceiptName, len(h.ReceiptSHA256) == sha256.Size && h.ReceiptName != "", receipt},
		{"witness", h.Witness, strings.TrimSpace(h.Witness) != "", receipt},
		{"goods", h.Goods, strings.TrimSpace(h.Goods) != "", goods}, {"supplier", h.Supplier, strings.TrimSpace(h.Supplier) != "", goods},
		{"unit", "", h.Unit != 0, advanced}, {"paid_at", "", !h.PaidAt.IsZero(), advanced},
	} {
		switch {
		case f.wanted && !f.given:
			e.Fields = append(e.Fields, errs.Field{Column: f.field, Value: f.value, Code: "RESERVE_HANDOVER_MISSING"})
		case f.given && !f.wanted:
			e.Fields = append(e.Fields, errs.Field{Column: f.field, Value: f.value, Code: "RESERVE_HANDOVER_EXTRA"})
		}
	}
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}
