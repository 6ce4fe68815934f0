package parties_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"fenlu/disbursement/parties"
	"fenlu/internal/check"
	"fenlu/internal/errs"
	"fenlu/internal/i18n"
	"fenlu/ledger/proof/leaf"
)

func (b *bench) unmask(t *testing.T, ids ...parties.AccountID) (out map[parties.AccountID]parties.PayTo, err error) {
	t.Helper()
	err = b.db.Run(t.Context(), func(tx pgx.Tx) (err error) {
		out, err = b.UnmaskTx(t.Context(), tx, ids, parties.Unmasking{Purpose: parties.ForFile, Subject: "bank_file:1", Actor: "sun"})
		return err
	})
	return out, err
}

func TestUnmaskTx(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(t, head(1), head(2), unit(1))
	first, second := int64(b.resolve(t, id(1)).ID), int64(b.resolve(t, id(2)).ID)
	accounts, err := b.CurrentAccounts(t.Context(), b.db.Pool(), []int64{first, second})
	if err != nil {
		t.Fatal(err)
	}
	pay, err := b.unmask(t, accounts[first].ID, accounts[second].ID)
	to := pay[accounts[first].ID]
	if err != nil || to.Account.Reveal() != card(1) || to.IDNumber.Reveal() != id(1) || to.Owner != first || to.Version != 1 {
		t.Fatalf("%+v, %v", pay, err)
	}
	if text := fmt.Sprintf("%v %+v %#v", pay, pay, pay); strings.Contains(text, card(1)) || strings.Contains(text, id(1)) {
		t.Errorf("printed with the numbers: %s", text)
	}
	if _, err := b.unmask(t, accounts[first].ID, 5); errs.CodeOf(err) != "PARTIES_ACCOUNT_UNKNOWN" || b.rows(t, "unmasking") != 1 {
		t.Errorf("an account of nobody: %v, %d records", err, b.rows(t, "unmasking"))
	}
	b.verified(t)

	t.Run("leaves a record that cannot be edited unseen", func(t *testing.T) {
		owner := b.env.Owner(t)
		for name, sql := range map[string]string{
			"by another":    `UPDATE unmasking SET actor = 'lin'`,
			"of fewer":      `UPDATE unmasking SET accounts = 1`,
			"for another":   `UPDATE unmasking SET subject = 'bank_file:2'`,
			"on another":    `UPDATE unmasking SET unmasked_at = unmasked_at + interval '1 day'`,
			"taken out":     `DELETE FROM unmasking`,
			"without leaf":  `DELETE FROM log_pending WHERE kind = 'unmasking'`,
			"of one person": `UPDATE unmasking SET owner = 7`,
		} {
			tx, err := owner.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				t.Fatal(name, err)
			}
			found, err := b.Verify(t.Context(), tx)
			if err != nil {
				t.Fatal(name, err)
			}
			if !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Check == "unmasking_leaf" && f.Row == "unmasking 1" }) {
				t.Errorf("%s: not among %+v", name, found)
			}
			if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if !i18n.Has("check.unmasking_leaf") {
			t.Error("check.unmasking_leaf has no text")
		}
	})

	t.Run("two commitments to one payee differ and both hold", func(t *testing.T) {
		one, two := b.Commit(1, to), b.Commit(2, to)
		if string(one.Value) == string(two.Value) || string(one.Salt) == string(two.Salt) {
			t.Error("the same commitment or salt twice")
		}
		two.Attempt = 3 // sealed for another
		holds, err := b.Hold(t.Context(), b.db.Pool(), []parties.Commitment{one, two})
		if err != nil || !holds[0] || holds[1] {
			t.Errorf("hold %v, %v", holds, err)
		}
	})

	t.Run("a commitment opens to the number of its time", func(t *testing.T) {
		c := b.Commit(4, to)
		b.people(t, head(1).with("姓名", "柳青河"))
		var opened parties.Opened
		err := b.db.Run(t.Context(), func(tx pgx.Tx) (err error) {
			opened, err = b.OpenTx(t.Context(), tx, c, parties.Unmasking{Purpose: parties.ForPayee, Subject: "attempt:4", Actor: "shen"})
			return err
		})
		if err != nil || !leaf.CheckPayee(c.Value, opened.Salt, opened.Payee) || opened.Payee.IDNumber != id(1) {
			t.Errorf("%+v, %v", opened, err)
		}
	})
}
