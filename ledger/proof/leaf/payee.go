package leaf

import (
	"crypto/hmac"
	"crypto/sha256"
)

// SaltSize is the length of a salt in bytes.
const SaltSize = 32

// Payee is who an attempt paid, as the bank's file says it. An ID number is a
// person's, or a unit's credit code.
type Payee struct{ Name, IDNumber, Account, BankCode string }

// Bytes are the canonical bytes of a payee: a part of five fields, the first
// of which says what it is.
func (p Payee) Bytes() []byte {
	var part Part
	return part.Start().Text("fenlu payee v1").Text(p.Name).Text(p.IDNumber).Text(p.Account).Text(p.BankCode).Bytes()
}

// Commit binds to a payee without saying who it is: HMAC-SHA256 of the payee's
// bytes under a secret random salt of SaltSize bytes.
func (p Payee) Commit(salt []byte) []byte { return commit(salt, p.Bytes()) }

// CheckPayee says whether a commitment was made of this payee with this salt.
func CheckPayee(commitment, salt []byte, p Payee) bool {
	return len(salt) == SaltSize && hmac.Equal(commitment, p.Commit(salt))
}

// CommitText binds to a text that may name somebody. There is none of "".
func CommitText(salt []byte, text string) []byte {
	if text == "" {
		return nil
	}
	var part Part
	return commit(salt, part.Start().Text("fenlu text v1").Text(text).Bytes())
}

// CheckText says whether a commitment was made of this text with this salt.
func CheckText(commitment, salt []byte, text string) bool {
	return len(salt) == SaltSize && hmac.Equal(commitment, CommitText(salt, text))
}

func commit(salt, text []byte) []byte {
	mac := hmac.New(sha256.New, salt)
	_, _ = mac.Write(text) // a hash never fails
	return mac.Sum(nil)
}
