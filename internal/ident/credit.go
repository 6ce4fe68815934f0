package ident

import "strings"

// creditAlphabet is the 31 characters of GB 32100: I, O, S, V and Z are left
// out because they are misread.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

const creditLength = 18

// CheckCredit checks a normalised unified social credit code (统一社会信用代码)
// by GB 32100: eighteen characters of its alphabet, digits for the
// registration area. A check character that does not fit is a warning only:
// some codes in use are known to fail.
// Faults: CREDIT_CODE_EMPTY, CREDIT_CODE_FORMAT. Warning: CREDIT_CODE_CHECK.
func CheckCredit(code string) Findings {
	switch {
	case code == "":
		return fault("CREDIT_CODE_EMPTY")
	case len(code) != creditLength, strings.Trim(code, creditAlphabet) != "", !allDigits(code[2:8]):
		return fault("CREDIT_CODE_FORMAT", "length", len([]rune(code)))
	case CreditCheck(code[:17]) != code[17]:
		return Findings{}.with(Warning, "CREDIT_CODE_CHECK")
	default:
		return nil
	}
}

// CreditCheck is the check character that belongs behind the first seventeen
// characters of a credit code, or 0 where they are not that.
func CreditCheck(first17 string) byte {
	if len(first17) != creditLength-1 || strings.Trim(first17, creditAlphabet) != "" {
		return 0
	}
	return creditAlphabet[weigh(first17)]
}

// weigh is (31 − Σ value × 3^(i−1) mod 31) mod 31 over characters of the
// alphabet. 31 is prime and the weights of thirty places all differ, so one
// wrong character, or two exchanged, always change it.
func weigh(s string) int {
	sum, weight := 0, 1
	for i := range s {
		sum += strings.IndexByte(creditAlphabet, s[i]) * weight
		weight = weight * 3 % 31
	}
	return (31 - sum%31) % 31
}
