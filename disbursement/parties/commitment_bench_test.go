package parties_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"testing"

	"fenlu/disbursement/parties"
	"fenlu/internal/clock"
	"fenlu/internal/ident"
	"fenlu/internal/vault"
	"fenlu/ledger/proof/leaf"
)

// commitments is a county's month: so many instructions have a payee each.
const commitments = 15_000

// BenchmarkCommit makes the commitments of a county's month, salts sealed, as
// release does; beside it what HMAC and SHA-256 of the
// same bytes cost. docs/performance.md has the ratio.
func BenchmarkCommit(b *testing.B) {
	keys, err := vault.OpenOrCreate(filepath.Join(b.TempDir(), "keys"), "", false)
	if err != nil {
		b.Fatal(err)
	}
	s := parties.New(nil, keys, clock.System{}, nil)
	list := make([]parties.PayTo, commitments)
	texts := make([][]byte, commitments)
	for i := range list {
		id, account := ident.Secret(fmt.Sprintf("99130119900307%04d", i%10_000)), ident.Secret(fmt.Sprintf("62291312345%08d", i))
		list[i] = parties.PayTo{ID: parties.AccountID(i + 1), Version: 1, IDNumber: id, Holder: "王小明", Account: account, BankCode: "402991300018"}
		texts[i] = leaf.Payee{Name: "王小明", IDNumber: id.Reveal(), Account: account.Reveal(), BankCode: "402991300018"}.Bytes()
	}
	b.Run("sealed", func(b *testing.B) {
		for b.Loop() {
			for i, to := range list {
				_ = s.Commit(int64(i+1), to)
			}
		}
	})
	b.Run("hmac", func(b *testing.B) {
		salt := make([]byte, leaf.SaltSize)
		for b.Loop() {
			for _, text := range texts {
				mac := hmac.New(sha256.New, salt)
				_, _ = mac.Write(text)
				_ = mac.Sum(nil)
			}
		}
	})
	b.Run("sha256", func(b *testing.B) {
		for b.Loop() {
			for _, text := range texts {
				_ = sha256.Sum256(text)
			}
		}
	})
}
