package leaf_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"fenlu/ledger/proof/leaf"
)

var (
	salt  = bytes.Repeat([]byte{7}, leaf.SaltSize)
	payee = leaf.Payee{Name: "王小明", IDNumber: "991301199003074021", Account: "6229131234567897302", BankCode: "402991300018"}
)

func TestPayee(t *testing.T) {
	t.Parallel()
	c := payee.Commit(salt)
	golden(t, "payee.part", payee.Bytes())
	golden(t, "payee.commitment", []byte(hex.EncodeToString(c)+"\n"))
	if !leaf.CheckPayee(c, salt, payee) {
		t.Error("what was committed to does not check")
	}
	for name, p := range map[string]leaf.Payee{
		"name":    {Name: "王小名", IDNumber: payee.IDNumber, Account: payee.Account, BankCode: payee.BankCode},
		"id":      {Name: payee.Name, IDNumber: "991301199003074022", Account: payee.Account, BankCode: payee.BankCode},
		"account": {Name: payee.Name, IDNumber: payee.IDNumber, Account: "6229131234567897303", BankCode: payee.BankCode},
		"bank":    {Name: payee.Name, IDNumber: payee.IDNumber, Account: payee.Account, BankCode: "402991300026"},
		"border":  {Name: payee.Name + "\t" + payee.IDNumber, Account: payee.Account, BankCode: payee.BankCode},
	} {
		if leaf.CheckPayee(c, salt, p) {
			t.Errorf("another %s checks", name)
		}
	}
	if leaf.CheckPayee(c, bytes.Repeat([]byte{8}, leaf.SaltSize), payee) || leaf.CheckPayee(payee.Commit(nil), nil, payee) ||
		leaf.CheckPayee(payee.Commit(salt[:8]), salt[:8], payee) {
		t.Error("another or a short salt checks")
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	c := leaf.CommitText(salt, "户名不符 王小明")
	golden(t, "text.commitment", []byte(hex.EncodeToString(c)+"\n"))
	if !leaf.CheckText(c, salt, "户名不符 王小明") || leaf.CheckText(c, salt, "户名不符") || leaf.CheckText(c, salt[1:], "户名不符 王小明") {
		t.Error("a commitment to a text checks wrongly")
	}
	if leaf.CommitText(salt, "") != nil {
		t.Error("an absent text has a commitment")
	}
}
