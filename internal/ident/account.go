package ident

import "strings"

// AccountKind is what sort of account a number belongs to.
type AccountKind string

// The kinds of account.
const (
	Card      AccountKind = "card"      // 社保卡、银行卡
	Passbook  AccountKind = "passbook"  // 存折
	Corporate AccountKind = "corporate" // 对公账户
)

// The lengths that account numbers have in practice. 34 is what an ISO 20022
// file has room for.
const (
	cardShortest, cardLongest = 16, 19
	bookShortest, bookLongest = 6, 34
)

const accountAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// CheckAccount checks a normalised account number. Cards have sixteen to
// nineteen digits and a Luhn digit; one that fails Luhn is a warning, for the
// bank decides. Passbooks have digits and no Luhn digit; corporate accounts
// may have letters.
// Faults: ACCOUNT_EMPTY, ACCOUNT_CARD_FORMAT, ACCOUNT_FORMAT,
// ACCOUNT_KIND_UNKNOWN. Warning: ACCOUNT_LUHN.
func CheckAccount(kind AccountKind, number string) Findings {
	switch {
	case number == "":
		return fault("ACCOUNT_EMPTY")
	case kind == Card:
		return checkCard(number)
	case kind != Passbook && kind != Corporate:
		return fault("ACCOUNT_KIND_UNKNOWN", "kind", string(kind))
	case len(number) < bookShortest, len(number) > bookLongest,
		kind == Passbook && !allDigits(number),
		strings.Trim(number, accountAlphabet) != "":
		return fault("ACCOUNT_FORMAT", "length", len([]rune(number)))
	default:
		return nil
	}
}

func checkCard(number string) Findings {
	n := len(number)
	switch {
	case n < cardShortest, n > cardLongest, !allDigits(number):
		return fault("ACCOUNT_CARD_FORMAT", "length", len([]rune(number)))
	case LuhnCheck(number[:n-1]) != number[n-1]:
		return Findings{}.with(Warning, "ACCOUNT_LUHN")
	default:
		return nil
	}
}

// LuhnCheck is the digit ('0'…'9') that belongs behind the digits of a card
// number by ISO/IEC 7812-1, or 0 where they are not digits.
func LuhnCheck(digits string) byte {
	if !allDigits(digits) {
		return 0
	}
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return byte('0' + (10-sum%10)%10)
}

// CheckBankCode checks a normalised bank code (联行号): twelve digits.
// Faults: BANK_CODE_EMPTY, BANK_CODE_FORMAT.
func CheckBankCode(code string) Findings {
	switch {
	case code == "":
		return fault("BANK_CODE_EMPTY")
	case len(code) != 12 || !allDigits(code):
		return fault("BANK_CODE_FORMAT", "length", len([]rune(code)))
	default:
		return nil
	}
}
